#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: generated_secrets
short_description: Generate secrets once, keep them on the host and read them
version_added: 1.1.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Every secret is a file that only its owner can read. One that is there is never changed.
  - The secrets are returned, so a task that uses this module needs C(no_log=true).
options:
  folder:
    description: Absolute path of the folder that keeps the files. It is created for its owner alone.
    type: path
    required: true
  names:
    description: Names of the files.
    type: list
    elements: str
    required: true
  length:
    description: Number of letters and digits of a secret that is generated.
    type: int
    default: 40
extends_documentation_fragment:
  - flowops.prefect.attributes
attributes:
  check_mode:
    support: full
    details: What would be generated is returned, but not kept.
  diff_mode:
    support: full
    details: Shows the names, never the secrets.
  idempotent:
    support: full
"""

EXAMPLES = r"""
- name: Provide the password of the database
  flowops.prefect.generated_secrets:
    folder: /opt/prefect/etc
    names: [postgres.password]
  register: generated
  no_log: true
"""

RETURN = r"""
secrets:
  description: The secrets by the names of their files.
  returned: success
  type: dict
"""

import os
import secrets
import string

from ansible.module_utils.basic import AnsibleModule

ALPHABET = string.ascii_letters + string.digits


def existing(folder, names):
    # type: (str, list[str]) -> dict[str, str]
    """Return the secrets that are there; a file without content is none."""
    found = {}
    for name in names:
        try:
            with open(os.path.join(folder, name), encoding="utf-8") as source:
                found[name] = source.read().strip()
        except FileNotFoundError:
            continue
    return {name: secret for name, secret in found.items() if secret}


def keep(folder, made):
    # type: (str, dict[str, str]) -> None
    os.makedirs(folder, mode=0o700, exist_ok=True)
    for name, secret in made.items():
        path = os.path.join(folder, name)
        # Whole or not at all: a half-written secret would be kept for good.
        unfinished = path + ".new"
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as target:
            target.write(secret)
        os.replace(unfinished, path)


def main():
    # type: () -> None
    module = AnsibleModule(
        argument_spec={
            "folder": {"type": "path", "required": True},
            "names": {"type": "list", "elements": "str", "required": True, "no_log": False},
            "length": {"type": "int", "default": 40},
        },
        supports_check_mode=True,
    )
    folder, names = module.params["folder"], module.params["names"]
    strange = [name for name in names if not name or name != os.path.basename(name)]
    if strange:
        module.fail_json(msg="names: expected names of files without a folder, found {}".format(", ".join(strange)))
    try:
        found = existing(folder, names)
        made = {
            name: "".join(secrets.choice(ALPHABET) for position in range(module.params["length"]))
            for name in names
            if name not in found
        }
        if made and not module.check_mode:
            keep(folder, made)
    except OSError as error:
        module.fail_json(msg=f"{error.filename or folder}: {error.strerror}")
    module.exit_json(
        changed=bool(made),
        secrets={**found, **made},
        diff={"before": {"secrets": sorted(found)}, "after": {"secrets": sorted([*found, *made])}},
    )


if __name__ == "__main__":
    main()
