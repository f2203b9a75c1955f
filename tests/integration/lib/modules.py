"""Run modules as Ansible does, but in this process."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
from typing import Any

from ansible.module_utils.common.parameters import PASS_VARS
from ansible.module_utils.testing import patch_module_args

MODULES = "ansible_collections.flowops.prefect.plugins.modules"


def run_module(name: str, options: dict[str, Any], check: bool = False) -> dict[str, Any]:
    """Return what the module prints."""
    module = importlib.import_module(f"{MODULES}.{name}")
    switches = {"_ansible_check_mode": check, "_ansible_diff": True}
    if "inject_invocation" in PASS_VARS:
        # ansible-core 2.19 always returns the options.
        switches["_ansible_inject_invocation"] = True
    output = io.StringIO()
    arguments = json.loads(json.dumps({**options, **switches}))
    with patch_module_args(arguments), contextlib.redirect_stdout(output), contextlib.suppress(SystemExit):
        module.main()
    result: dict[str, Any] = json.loads(output.getvalue())
    return result
