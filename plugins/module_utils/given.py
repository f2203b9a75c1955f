# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which options were given at all: C(null) resets a field, leaving it out does not."""

from __future__ import annotations

from typing import Any, Mapping


def given(spec: Mapping[str, Mapping[str, Any]], raw: Any, checked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the checked values of the options that are in the raw input, or that have a default."""
    result = {}
    for name, option in spec.items():
        written = [key for key in (name, *option.get("aliases", ())) if key in raw]
        if written:
            result[name] = _nested(option, raw[written[0]], checked.get(name))
        elif checked.get(name) is not None:
            result[name] = checked[name]
    return result


def _nested(option: Mapping[str, Any], raw: Any, checked: Any) -> Any:
    spec = option.get("options")
    if not spec:
        return checked
    if isinstance(raw, dict) and isinstance(checked, dict):
        return given(spec, raw, checked)
    if isinstance(checked, list):
        as_written = isinstance(raw, list) and all(isinstance(row, dict) for row in raw) and len(raw) == len(checked)
        # A list that was written as text tells only which values are there.
        rows = raw if as_written else [_without_null(row) for row in checked]
        return [given(spec, row, value) for row, value in zip(rows, checked)]
    return checked


def _without_null(value: Mapping[str, Any]) -> dict[str, Any]:
    return {key: part for key, part in value.items() if part is not None}
