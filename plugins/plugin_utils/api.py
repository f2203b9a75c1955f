# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How plugins of the controller reach the API: with the options of the modules, and to read only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ansible.errors import AnsibleError
from ansible_collections.flowops.prefect.plugins.module_utils.client import Client
from ansible_collections.flowops.prefect.plugins.module_utils.connection import CONNECTION, connect
from ansible_collections.flowops.prefect.plugins.module_utils.errors import InvalidError, PrefectError
from ansible_collections.flowops.prefect.plugins.module_utils.option_keys import unknown_keys

_PREFIX = "ansible_prefect_"


@contextmanager
def telling() -> Iterator[None]:
    """Turn what goes wrong into Ansible's own error: one message, and no traceback."""
    try:
        yield
    except PrefectError as error:
        raise AnsibleError(str(error)) from None


def check_names(plugin: Any, options: Mapping[str, Any]) -> None:
    """Fail on options that the plugin does not have: Ansible would pass over them, and ask another server."""
    problems = unknown_keys({name: {} for name in plugin.option_definitions}, options)
    if problems:
        raise InvalidError(*problems)


def reader(lookup: Any, variables: Mapping[str, Any] | None, options: Mapping[str, Any]) -> Client:
    """Set the options of a lookup, and return a client that refuses to write."""
    own = {name: value for name, value in (variables or {}).items() if name.startswith(_PREFIX)}
    # Ansible hands over variables as they are written.
    if lookup._templar is not None:
        own = {name: lookup._templar.template(value) for name, value in own.items()}
    check_names(lookup, options)
    lookup.set_options(var_options=own, direct=options)
    return connect({name: lookup.get_option(name) for name in CONNECTION}, check_mode=True)
