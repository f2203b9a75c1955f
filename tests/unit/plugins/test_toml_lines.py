"""The small reader of TOML, beside Python's own."""

from __future__ import annotations

import pytest
from ansible_collections.flowops.prefect.plugins.module_utils import toml_lines
from hypothesis import given
from hypothesis import strategies as st

tomllib = pytest.importorskip("tomllib")

# As Prefect writes it, and as people edit it.
WRITTEN = r"""
active = "my prod.1"

[profiles."my prod.1"]
PREFECT_API_URL = "https://prefect.example/api"  # ours
PREFECT_CLIENT_CUSTOM_HEADERS = "{\"X-A\": \"b\\\"c\"}"
PREFECT_API_TLS_INSECURE_SKIP_VERIFY = true
PREFECT_API_REQUEST_TIMEOUT = 12.5
PREFECT_CLIENT_MAX_RETRIES=3
	PREFECT_API_KEY = 'C:\new # no comment'
"quoted" = "\u00fc\t\U0001F600€#"
a.b.'c d' = -1

[ profiles . empty ]
"""

WRONG = [
    'a = "',
    "a = 'x",
    'a = "\\a"',
    'a = "\\x01"',
    'a = "x" y',
    "a",
    "= 1",
    "a = b",
    "[a",
    "a = 1\na = 2",
    "a = 1\n[a.b]",
]
BEYOND = [
    'a = """x"""',
    "a = '''x'''",
    "a = [1, 2]",
    "a = {b = 1}",
    "a = 2020-01-01",
    "[[a]]",
    "a = 0x1",
    'a = """',
    "a = 1e3",
]

_TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_what_prefect_writes(newline):
    text = WRITTEN.replace("\n", newline)
    assert toml_lines.loads(text) == tomllib.loads(text)


@given(
    st.dictionaries(
        _TEXTS, st.dictionaries(_TEXTS, st.one_of(_TEXTS, st.booleans(), st.integers(-(10**9), 10**9))), max_size=4
    )
)
def test_any_texts(profiles):
    lines = []
    for name, settings in profiles.items():
        lines.append(f"[profiles.{_quoted(name)}]")
        for key, value in settings.items():
            shown = _quoted(value) if isinstance(value, str) else str(value).lower()
            lines.append(f"{_quoted(key)} = {shown}")
    text = "\n".join(lines)
    assert toml_lines.loads(text) == tomllib.loads(text) == ({"profiles": profiles} if profiles else {})


@given(st.text("ab.= \"'[]#\\\n1t", max_size=30))
def test_never_another_meaning(text):
    """What both take means the same to both."""
    try:
        assert toml_lines.loads(text) == tomllib.loads(text)
    except ValueError:
        return


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong(text):
    with pytest.raises(tomllib.TOMLDecodeError):
        tomllib.loads(text)
    with pytest.raises(ValueError, match="at line "):
        toml_lines.loads(text)


@pytest.mark.parametrize("text", BEYOND)
def test_what_needs_a_newer_python(text):
    with pytest.raises(ValueError, match="at line 1"):
        toml_lines.loads(text)


def test_an_error_repeats_nothing():
    with pytest.raises(ValueError, match="at line 2") as caught:
        toml_lines.loads('a = 1\nPREFECT_API_KEY = "canary')
    assert "canary" not in str(caught.value)
