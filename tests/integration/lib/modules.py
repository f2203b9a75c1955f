"""Run modules as Ansible does, but in this process."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
from collections.abc import Iterator
from typing import Any

from ansible.module_utils import _internal
from ansible.module_utils.common import warnings
from ansible.module_utils.common.parameters import PASS_VARS
from ansible.module_utils.testing import patch_module_args

MODULES = "ansible_collections.flowops.prefect.plugins.modules"


@contextlib.contextmanager
def as_on_a_managed_host() -> Iterator[None]:
    """Take away the mark of a controller, which tests of the controller's plugins leave: its modules show warnings."""
    before = getattr(_internal, "is_controller", None)
    if before:
        _internal.is_controller = False
    try:
        yield
    finally:
        if before:
            _internal.is_controller = before


def run_module(name: str, options: dict[str, Any], check: bool = False) -> dict[str, Any]:
    """Return what the module prints."""
    module = importlib.import_module(f"{MODULES}.{name}")
    switches = {"_ansible_check_mode": check, "_ansible_diff": True}
    if "inject_invocation" in PASS_VARS:
        # ansible-core 2.19 always returns the options.
        switches["_ansible_inject_invocation"] = True
    output = io.StringIO()
    arguments = json.loads(json.dumps({**options, **switches}))
    with contextlib.ExitStack() as around:
        around.enter_context(as_on_a_managed_host())
        around.enter_context(patch_module_args(arguments))
        around.enter_context(contextlib.redirect_stdout(output))
        around.enter_context(contextlib.suppress(SystemExit))
        # In a process of its own a module finds none.
        warnings._global_warnings.clear()
        module.main()
    result: dict[str, Any] = json.loads(output.getvalue())
    assert "deprecations" not in result, result["deprecations"]
    if "warnings" in result:
        result["warnings"] = [_text(warning) for warning in result["warnings"]]
    return result


def _text(warning: Any) -> str:
    """Return a warning as text, whatever the version of Ansible makes of it."""
    return str(warning if isinstance(warning, str) else warning["event"]["msg"])
