# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The version of Prefect: from an image's tag, from prefect.version, or the newest that is supported."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from .containers import official_image
from .problems import Path, Problems

_REFERENCE = re.compile(
    r"(?P<repository>[A-Za-z0-9][A-Za-z0-9._-]*(?::[0-9]+(?=/))?(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?"
    r"(?:@(?P<digest>[a-z0-9]+:[0-9a-fA-F]{32,}))?"
)
_TAG = re.compile(r"v?(?P<version>[0-9]+(?:\.[0-9]+){0,3}(?:(?:a|b|rc|\.dev|\.post)[0-9]+)?)(?:-.*)?")
_REASONS = {
    0: "Prefect 1 and older agents cannot talk to a Prefect 3 API, and their flows need rewriting",
    1: "Prefect 1 and older agents cannot talk to a Prefect 3 API, and their flows need rewriting",
    2: "Prefect 2 agents and servers are not what this collection deploys, its workers speak to a Prefect 3 API",
}


@dataclass(frozen=True)
class Image:
    """A reference to an image, taken apart."""

    repository: str
    tag: str | None
    digest: str | None

    @property
    def is_prefects_own(self) -> bool:
        """Tell whether the tag counts Prefect's versions; that of another image may count its own."""
        return self.repository.rpartition("/")[2] == "prefect"

    @property
    def tag_version(self) -> str | None:
        """Return the version in the tag, whole or in part: 3.8.8, 3.8 or 3."""
        match = _TAG.fullmatch(self.tag or "")
        return match["version"] if match else None


def parsed(text: str) -> Image | None:
    """Take `repository[:tag][@digest]` apart; nothing when it is none."""
    match = _REFERENCE.fullmatch(text)
    return Image(match["repository"], match["tag"], match["digest"]) if match else None


def version_key(version: str) -> tuple[int, ...]:
    """Return what versions are ordered by; a pre-release sorts with its release."""
    return tuple(int(number) for number in re.findall(r"[0-9]+", version)[:3])


def newest(versions: Sequence[str]) -> str:
    """Return the newest of some versions."""
    return max(versions, key=version_key)


def _nearest(version: str, supported: Sequence[str]) -> str:
    wanted = (*version_key(version), 0, 0, 0)[:3]

    def distance(candidate: str) -> tuple[int, ...]:
        return tuple(abs(one - other) for one, other in zip((*version_key(candidate), 0, 0)[:3], wanted, strict=True))

    return min(sorted(supported, key=version_key, reverse=True), key=distance)


def resolved_version(
    image: str | None, version: str | None, supported: Sequence[str], problems: Problems, flavour: str = ""
) -> str | None:
    """Return the version to install; nothing when a problem was noted.

    `flavour` is what the tags of images end with that may be proposed.
    """
    at_image: Path = ("prefect", "image")
    reference = parsed(image) if image is not None else None
    if image is not None and reference is None:
        problems.add(at_image, f"expected repository[:tag][@digest], found {image!r} (str)")
        return None
    if version is not None:
        return _explicit(version, reference, supported, problems)
    if reference is None or reference.tag is None or reference.tag == "latest":
        return newest(supported)
    tagged = reference.tag_version
    if tagged is None:
        problems.add(at_image, f"the tag {reference.tag!r} names no version of Prefect; set prefect.version")
        return None
    return _supported(tagged, at_image, supported, problems, f"{image!r} is Prefect {tagged}: ", flavour=flavour)


def _explicit(version: str, image: Image | None, supported: Sequence[str], problems: Problems) -> str | None:
    chosen = _supported(version, ("prefect", "version"), supported, problems, f"{version} is asked for: ", whole=True)
    tagged = image.tag_version if image and image.is_prefects_own else None
    if chosen and tagged and not _covers(tagged, chosen):
        problems.add(("prefect", "version"), f"{version} contradicts {tagged}, the version in the tag of prefect.image")
        return None
    return chosen


def _covers(partial: str, version: str) -> bool:
    """Tell whether a version in part, 3 or 3.8, or in whole is that version."""
    return version == partial or (partial.count(".") < 2 and version.startswith(f"{partial}."))


def _supported(
    version: str,
    path: Path,
    supported: Sequence[str],
    problems: Problems,
    what: str,
    whole: bool = False,
    flavour: str = "",
) -> str | None:
    fitting = [name for name in supported if name == version or (not whole and _covers(version, name))]
    if fitting:
        return newest(fitting)
    numbers = version_key(version)
    if not numbers or not _TAG.fullmatch(version):
        problems.add(path, f"expected a version of Prefect ({', '.join(supported)}), found {version!r} (str)")
        return None
    if numbers[0] in _REASONS:
        reason, near = _REASONS[numbers[0]], newest(supported)
    else:
        near = _nearest(version, supported)
        reason = f"not supported; supported: {', '.join(supported)}"
    problems.add(path, what + reason + _way_out(path, near, flavour, version, numbers[0]))
    return None


def _way_out(path: Path, near: str, flavour: str, version: str, major: int) -> str:
    tag = official_image(near, flavour)
    fragment = {"prefect__image": {"image": tag}} if path[-1] == "image" else {"prefect__version": {"version": near}}
    text = f"; nearest supported {'tag: ' + tag if path[-1] == 'image' else 'version: ' + near}"
    text += f"; to use it without an edit: -e '{json.dumps(fragment)}'"
    return text + f"; to support {version}: make constraints VERSION={version}" if major >= 3 else text
