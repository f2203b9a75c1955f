# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The document as a file of variables, with what has no counterpart at its top."""

from __future__ import annotations

from ..export_file import yaml_text
from .document import Adopted
from .draft import Variable


def file_text(adopted: Adopted) -> str:
    """Return the file."""
    sources = ", ".join(release.source for release in adopted.releases)
    lines = [f"The document of {sources}, as playbook flowops.prefect.adopt_helm wrote it."]
    if adopted.variables:
        lines += ["Variables that it needs, best from a vault:", *(f"  {told(row)}" for row in adopted.variables)]
    if adopted.findings:
        lines += ["Values that are not in it:", *(f"  {finding}" for finding in adopted.findings)]
    # A value may hold anything, the end of a line too.
    head = "".join(f"# {' '.join(line.split()) if not line.startswith('  ') else _indented(line)}\n" for line in lines)
    return f"---\n{head}{yaml_text({'prefect': adopted.document})}"


def _indented(line: str) -> str:
    return f"  {' '.join(line.split())}"


def told(variable: Variable) -> str:
    """Return where the value of a variable is."""
    missing = "" if variable.value is not None else " (its value is not known here)"
    return f"{variable.name}: {variable.source}{missing}"


def secrets_text(adopted: Adopted) -> str:
    """Return the variables whose values are known, to be encrypted."""
    return "---\n" + yaml_text({row.name: row.value for row in adopted.variables if row.value is not None})
