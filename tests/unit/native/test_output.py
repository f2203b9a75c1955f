"""Program output, made fit for people."""

from __future__ import annotations

import pytest
from ansible_collections.flowops.prefect.plugins.module_utils import output

TRACEBACK = """starting
Traceback (most recent call last):
  File "a.py", line 1, in <module>
    f()
ValueError: first

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "b.py", line 2, in <module>
    g()
pkg.errors.WrongPasswordError: no entry for user "x"
An exception occurred.
""".splitlines()


def test_frames_go_and_exceptions_stay() -> None:
    kept = output.without_tracebacks(TRACEBACK)
    assert "ValueError: first" in kept
    assert not [line for line in kept if "Traceback" in line or "File" in line or line.startswith(" ")]


def test_last_exception_is_the_reason() -> None:
    assert output.reason(TRACEBACK, 1) == 'pkg.errors.WrongPasswordError: no entry for user "x"'


@pytest.mark.parametrize(("lines", "why"), [(["a", "", "b"], "a / b"), ([], "")])
def test_without_an_exception_the_last_lines_are(lines: list[str], why: str) -> None:
    assert output.reason(lines) == why
