# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Base job templates, as filters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleError
from ansible_collections.flowops.prefect.plugins.module_utils.errors import InvalidError
from ansible_collections.flowops.prefect.plugins.module_utils.templates import check_template, with_defaults
from ansible_collections.flowops.prefect.plugins.plugin_utils.api import telling


def with_job_variables(template: Any, job_variables: Any) -> Any:
    """Return the template with other defaults of its variables."""
    for name, value in (("a base job template", template), ("job variables", job_variables)):
        if not isinstance(value, dict):
            raise AnsibleError(f"with_job_variables: expected {name}, a dictionary, found {type(value).__name__}")
    with telling():
        problems = check_template(template)
        if problems:
            raise InvalidError(*problems)
        return with_defaults(template, job_variables)


class FilterModule:
    """Change templates before a pool gets them."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"with_job_variables": with_job_variables}
