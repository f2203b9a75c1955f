"""What the controller has."""

from __future__ import annotations

from ansible_collections.flowops.prefect.plugins.test import collections


def test_collection_is_found_by_its_name() -> None:
    installed = collections.TestModule().tests()["installed_collection"]
    assert installed("flowops.prefect")
    assert not installed("flowops.nothing")
    assert not installed("nobody.nothing")
