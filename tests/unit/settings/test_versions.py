"""Image, version, and the way out of the ones that are not supported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.context import Context
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.resolve import Resolved

WAY_OUT = (
    "; nearest supported tag: prefecthq/prefect:3.8.8-python3.12; to use it without an edit: "
    """-e '{"prefect__image": {"image": "prefecthq/prefect:3.8.8-python3.12"}}'"""
)
PREFECT_1 = "Prefect 1 and older agents cannot talk to a Prefect 3 API, and their flows need rewriting"
PREFECT_2 = "Prefect 2 agents and servers are not what this collection deploys, its workers speak to a Prefect 3 API"


@pytest.mark.parametrize(
    ("document", "version"),
    [
        ({}, "3.8.8"),
        ({"version": "3.7.8"}, "3.7.8"),
        ({"image": "prefecthq/prefect:3.7.8-python3.12"}, "3.7.8"),
        ({"image": "prefecthq/prefect:3.7.8"}, "3.7.8"),
        ({"image": "prefecthq/prefect:3.7-python3.11"}, "3.7.8"),
        ({"image": "prefecthq/prefect:3-latest"}, "3.8.8"),
        ({"image": "prefecthq/prefect:3-python3.12-kubernetes"}, "3.8.8"),
        ({"image": "prefecthq/prefect:latest"}, "3.8.8"),
        ({"image": "prefecthq/prefect"}, "3.8.8"),
        ({"image": f"prefecthq/prefect@sha256:{'a' * 64}"}, "3.8.8"),
        ({"image": f"registry.example.org:5000/team/prefect:3.7.8@sha256:{'a' * 64}"}, "3.7.8"),
        ({"image": "prefecthq/prefect:3.7-python3.11", "version": "3.7.8"}, "3.7.8"),
        ({"image": "registry.example.org/team/flows:1.4.2", "version": "3.7.8"}, "3.7.8"),
        ({"image": "registry.example.org/team/flows:main", "version": "3.7.8"}, "3.7.8"),
    ],
)
def test_the_version_comes_from_tag_or_key_or_is_the_newest(
    resolve: Callable[..., Resolved], document: dict[str, Any], version: str
) -> None:
    assert resolve(document).roles["prefect_runtime"]["version"] == version


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (
            {"image": "prefecthq/prefect:0.14.22-python3.8"},
            f"prefect.image: 'prefecthq/prefect:0.14.22-python3.8' is Prefect 0.14.22: {PREFECT_1}{WAY_OUT}",
        ),
        (
            {"image": "prefecthq/prefect:1.4.1"},
            f"prefect.image: 'prefecthq/prefect:1.4.1' is Prefect 1.4.1: {PREFECT_1}{WAY_OUT}",
        ),
        (
            {"image": "prefecthq/prefect:2-latest"},
            f"prefect.image: 'prefecthq/prefect:2-latest' is Prefect 2: {PREFECT_2}{WAY_OUT}",
        ),
        (
            {"image": "prefecthq/prefect:3.9.1-python3.12"},
            "prefect.image: 'prefecthq/prefect:3.9.1-python3.12' is Prefect 3.9.1: not supported; "
            f"supported: 3.7.8, 3.8.8{WAY_OUT}; to support 3.9.1: make constraints VERSION=3.9.1",
        ),
        (
            {"version": "3.7.1"},
            "prefect.version: 3.7.1 is asked for: not supported; supported: 3.7.8, 3.8.8; "
            "nearest supported version: 3.7.8; to use it without an edit: "
            """-e '{"prefect__version": {"version": "3.7.8"}}'; to support 3.7.1: make constraints VERSION=3.7.1""",
        ),
        (
            {"version": "2.20.1"},
            f"prefect.version: 2.20.1 is asked for: {PREFECT_2}; "
            "nearest supported version: 3.8.8; to use it without an edit: "
            """-e '{"prefect__version": {"version": "3.8.8"}}'""",
        ),
        ({"version": "newest"}, "prefect.version: expected a version of Prefect (3.7.8, 3.8.8), found 'newest' (str)"),
        (
            {"image": "prefecthq/prefect:3.7.8", "version": "3.8.8"},
            "prefect.version: 3.8.8 contradicts 3.7.8, the version in the tag of prefect.image",
        ),
        (
            {"image": "registry.example.org/team/flows:main"},
            "prefect.image: the tag 'main' names no version of Prefect; set prefect.version",
        ),
        ({"image": "not an image"}, "prefect.image: expected repository[:tag][@digest], found 'not an image' (str)"),
        ({"image": ""}, "prefect.image: expected repository[:tag][@digest], found '' (str)"),
    ],
)
def test_other_versions_are_refused_with_a_way_out(
    problems: Callable[..., list[str]], document: dict[str, Any], message: str
) -> None:
    assert problems(document) == [message]


def test_the_way_out_works(resolve: Callable[..., Resolved]) -> None:
    fragments = {"prefect__image": {"image": "prefecthq/prefect:3.8.8-python3.12"}}
    roles = resolve({"image": "prefecthq/prefect:0.14.22-python3.8"}, fragments=fragments).roles
    assert roles["prefect_runtime"]["version"] == "3.8.8"


def test_newest_is_by_number(resolve: Callable[..., Resolved], inventory: Callable[..., Context]) -> None:
    context = inventory(versions=("3.10.0", "3.9.9", "3.8.8"))
    assert resolve(context=context).roles["prefect_runtime"]["version"] == "3.10.0"
