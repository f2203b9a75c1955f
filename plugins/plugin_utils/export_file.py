# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects and secrets as files of variables that Ansible reads back as they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

VARIABLE = "prefect__exported"

_TEMPLATE_MARKS = ("{{", "{%", "{#")
# What YAML takes for the end of a line.
_END = re.compile(r"[\r\n\x85\u2028\u2029]")
# Lines that a person can read, and that YAML gives back as they are.
_LINES = re.compile(r"[^\s\x85\u2028\u2029](?:[^\r\x85\u2028\u2029]*[^\s\x85\u2028\u2029])?\n?")
_HEAD = """\
---
# Objects of Prefect, as module flowops.prefect.resources_export found them.
"""


class Reference(str):
    """The name of a variable that stands for a value."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, _data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, False)

    def text(self, value: str) -> yaml.Node:
        """Return a text, marked if Ansible would take it for a template."""
        style = ("|" if _LINES.fullmatch(value) else '"') if _END.search(value) else None
        if any(mark in value for mark in _TEMPLATE_MARKS):
            return self.represent_scalar("!unsafe", value, style or '"')
        return self.represent_scalar("tag:yaml.org,2002:str", value, style)

    def reference(self, name: Reference) -> yaml.Node:
        return self.represent_scalar("tag:yaml.org,2002:str", f"{{{{ {name!s} }}}}", '"')

    def key(self, name: str) -> yaml.Node:
        return self.represent_scalar("tag:yaml.org,2002:str", name, '"' if _END.search(name) else None)

    def mapping(self, value: Mapping[str, Any]) -> yaml.Node:
        """Return a mapping; Ansible reads no template in its keys."""
        pairs = [(self.key(str(key)), self.represent_data(part)) for key, part in value.items()]
        return yaml.MappingNode("tag:yaml.org,2002:map", pairs, flow_style=not pairs)


_Dumper.add_representer(str, _Dumper.text)
_Dumper.add_representer(Reference, _Dumper.reference)
_Dumper.add_representer(dict, _Dumper.mapping)


def document_text(resources: Mapping[str, Any], secrets: Iterable[Mapping[str, Any]]) -> str:
    """Return the objects with references in the places of the secrets."""
    rows = list(secrets)
    for secret in rows:
        inside: Any = resources
        *way, last = secret["place"]
        for part in way:
            inside = inside[part]
        inside[last] = Reference(secret["variable"])
    # A name may hold anything, the end of a line too.
    told = [" ".join(f"{row['variable']}: {row['kind']} {row['name']}, {row['option']}".split()) for row in rows]
    head = "".join(f"#   {line}\n" for line in ["Variables that it needs, best from a vault:", *told] if told)
    return _HEAD + head.replace("#   V", "# V", 1) + yaml_text({VARIABLE: {"resources": dict(resources)}})


def vault_text(secrets: Iterable[Mapping[str, Any]]) -> str:
    """Return the variables with the secrets, to be encrypted."""
    return "---\n" + yaml_text({secret["variable"]: secret["value"] for secret in secrets})


def yaml_text(value: Any) -> str:
    """Return a value as YAML that Ansible reads back as it is."""
    text: str = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=2**31)
    return text
