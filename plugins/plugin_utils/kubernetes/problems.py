# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with workload options that no schema of ours can tell: where, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.flowops.prefect.plugins.module_utils.cluster_kinds import MADE
from ansible_collections.flowops.prefect.plugins.module_utils.quantities import quantity

from ..settings.problems import Path, found, meant
from . import fields
from .names import LONGEST, is_label_value, object_name
from .options import workload_options

Found = tuple[Path, str]

ACCESS_MODES = ("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod")
# The ones that services are made of; the others stand below them.
KINDS = sorted(set(MADE) - {"Namespace"})
LONGEST_PREFIX = 253

_COUNT = re.compile(r"[0-9]+|[1-9]?[0-9]%|100%")
_KEY_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?")
_PREFIX = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")


def workload_problems(
    options: Mapping[str, Any], path: Path, *, stateful: bool = False, below: Mapping[str, Any] | None = None
) -> list[Found]:
    """Return what is wrong with the workload options at a path, each with its own path.

    A stateful workload keeps data of its own, which no second pod can share. `below` are the options that these are
    laid over.
    """
    whole = workload_options({"defaults": below}, None, options)
    problems = [
        *_keys(options, path),
        *_resources(_map(options, "resources"), _map(whole, "resources"), (*path, "resources")),
        *_autoscaling(_map(options, "autoscaling"), _map(whole, "autoscaling"), (*path, "autoscaling"), stateful),
        *_budget(_map(options, "disruption_budget"), (*path, "disruption_budget")),
        *_storage(_map(options, "storage"), (*path, "storage")),
        *_account(_map(options, "service_account"), (*path, "service_account")),
        *label_problems(_map(options, "pod_labels"), (*path, "pod_labels")),
        *annotation_problems(_map(options, "pod_annotations"), (*path, "pod_annotations")),
        *_fields(options.get("pod"), fields.POD, "PodSpec", (*path, "pod")),
        *_fields(options.get("container"), fields.CONTAINER, "Container", (*path, "container")),
        *_container_name(_map(options, "container"), (*path, "container")),
        *_manifests(_map(options, "manifests"), (*path, "manifests")),
    ]
    # One word may touch several things that are not to be touched.
    return list(dict.fromkeys(problems))


def label_problems(labels: Mapping[str, Any], path: Path) -> Iterator[Found]:
    """Yield what is wrong with labels that somebody adds."""
    yield from _keys(labels, path)
    for key, value in labels.items():
        here = (*path, str(key))
        if key in fields.OUR_LABELS:
            yield here, "is set by this collection, which finds its objects by it"
        elif not _is_key(str(key)):
            yield here, _no_key()
        elif value is not None and (not isinstance(value, str) or not is_label_value(value)):
            yield (
                here,
                f"expected at most {LONGEST} letters, digits, '-', '_' and '.', a letter or digit at both ends; "
                f"found {found(value)}",
            )


def annotation_problems(annotations: Mapping[str, Any], path: Path) -> Iterator[Found]:
    """Yield what is wrong with annotations that somebody adds."""
    yield from _keys(annotations, path)
    for key, value in annotations.items():
        here = (*path, str(key))
        if not _is_key(str(key)):
            yield here, _no_key()
        elif value is not None and not isinstance(value, str):
            yield here, f"expected str, found {found(value)}; put it into quotes"


def _map(options: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return an option that is a map; the schema tells of one that is none."""
    value = options.get(key)
    return value if isinstance(value, Mapping) else {}


def _keys(value: Any, path: Path) -> Iterator[Found]:
    """Yield the keys below a value that are no texts, such as 1 and on without quotes."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _keys(item, (*path, index))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            here = (*path, str(key))
            if not isinstance(key, str):
                yield here, f"expected str as a key, found {found(key)}; put it into quotes"
            yield from _keys(item, here)


def _is_key(key: str) -> bool:
    prefix, slash, name = key.rpartition("/")
    if slash and (len(prefix) > LONGEST_PREFIX or not _PREFIX.fullmatch(prefix)):
        return False
    return len(name) <= LONGEST and _KEY_NAME.fullmatch(name) is not None


def _no_key() -> str:
    return f"expected a name of at most {LONGEST} letters, digits, '-', '_' and '.', such as example.org/team"


def _resources(resources: Mapping[str, Any], whole: Mapping[str, Any], path: Path) -> Iterator[Found]:
    for kind in ("requests", "limits"):
        for name, value in _map(resources, kind).items():
            if value is not None and quantity(value) is None:
                yield (*path, kind, str(name)), _no_quantity(value)
    requests, limits = _map(whole, "requests"), _map(whole, "limits")
    for name in dict.fromkeys([*_map(resources, "requests"), *_map(resources, "limits")]):
        least, most = quantity(requests.get(name)), quantity(limits.get(name))
        if least is not None and most is not None and least > most:
            yield path, f"requests.{name} ({requests[name]}) is more than limits.{name} ({limits[name]})"


def _no_quantity(value: object) -> str:
    return f"expected a quantity of Kubernetes above zero, such as 500m, 2 or 1Gi; found {found(value)}"


def _autoscaling(scaling: Mapping[str, Any], whole: Mapping[str, Any], path: Path, stateful: bool) -> Iterator[Found]:
    wanted = {key: value for key, value in scaling.items() if value is not None}
    if not wanted:
        return
    if stateful:
        yield path, "keeps data of its own, of which there is one pod only"
        return
    for key, value in wanted.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            yield (*path, key), f"expected 1 or more, found {found(value)}"
    least, most = whole.get("min_replicas"), whole.get("max_replicas")
    if most is None:
        yield (*path, "max_replicas"), "missing; expected int, there is no autoscaling without it"
    elif isinstance(least, int) and isinstance(most, int) and 0 < most < least:
        yield path, f"min_replicas ({least}) is more than max_replicas ({most})"


def _budget(budget: Mapping[str, Any], path: Path) -> Iterator[Found]:
    given = {key: value for key, value in budget.items() if value is not None}
    if len(given) > 1:
        yield path, "min_available and max_unavailable exclude each other; give one of them"
    for key, value in given.items():
        if isinstance(value, bool) or not _COUNT.fullmatch(str(value)):
            yield (*path, key), f"expected a number of pods or a percentage such as 50%, found {found(value)}"


def _storage(storage: Mapping[str, Any], path: Path) -> Iterator[Found]:
    size = storage.get("size")
    if size is not None and quantity(size) is None:
        yield (*path, "size"), _no_quantity(size)
    for index, mode in enumerate(storage.get("access_modes") or ()):
        if mode not in ACCESS_MODES:
            yield (
                (*path, "access_modes", index),
                f"unknown {found(mode)}; allowed: {', '.join(ACCESS_MODES)}{meant(mode, ACCESS_MODES)}",
            )


def _account(account: Mapping[str, Any], path: Path) -> Iterator[Found]:
    name = account.get("name")
    if name is not None and ".".join(map(object_name, str(name).split("."))) != name:
        yield (*path, "name"), f"expected lowercase letters, digits, '-' and '.', found {found(name)}"
    yield from annotation_problems(_map(account, "annotations"), (*path, "annotations"))


def _fields(value: Any, known: tuple[str, ...], what: str, path: Path) -> Iterator[Found]:
    """Yield what is no field of a pod or a container, and what cannot be merged."""
    if not isinstance(value, Mapping):
        return
    for key, item in value.items():
        here = (*path, str(key))
        if key not in known:
            yield here, f"unknown field of a {what}{meant(key, known) or '; Kubernetes documents them all'}"
        elif key in fields.NAMED and item is not None:
            yield from _named(item, here)
        elif key in fields.WORDS and item is not None:
            yield from _words(item, here)
        if key in ("containers", "initContainers") and isinstance(item, list):
            for index, container in enumerate(item):
                yield from _fields(container, fields.CONTAINER, "Container", (*here, index))


def _named(items: Any, path: Path) -> Iterator[Found]:
    """Yield what has no name to be merged by, or shares one."""
    if not isinstance(items, list):
        yield path, f"expected list, found {found(items)}"
        return
    seen = set()
    for index, item in enumerate(items):
        name = item.get("name") if isinstance(item, Mapping) else None
        if not isinstance(name, str):
            yield (*path, index), f"expected a map with name, found {found(item)}; items are merged by name"
            continue
        if name in seen:
            yield (*path, index, "name"), f"{found(name)} is there twice; items are merged by name"
        seen.add(name)
        value = item.get("value") if path[-1] == "env" else None
        if value is not None and not isinstance(value, str):
            yield (*path, index, "value"), f"expected str, found {found(value, secret=True)}; put it into quotes"


def _words(items: Any, path: Path) -> Iterator[Found]:
    """Yield what is no word of a command."""
    if not isinstance(items, list):
        yield path, f"expected list, found {found(items, secret=True)}"
        return
    for index, item in enumerate(items):
        if not isinstance(item, str):
            yield (*path, index), f"expected str, found {found(item)}; put it into quotes"


def _container_name(container: Mapping[str, Any], path: Path) -> Iterator[Found]:
    if "name" in container:
        yield (*path, "name"), "is set by this collection; more containers go into pod.containers"


def _manifests(manifests: Mapping[str, Any], path: Path) -> Iterator[Found]:
    for kind, words in manifests.items():
        here = (*path, str(kind))
        if kind not in KINDS:
            yield here, f"unknown kind of object; allowed: {', '.join(KINDS)}{meant(kind, KINDS)}"
        elif words is None and kind in fields.WORKLOADS:
            yield here, "is the service itself, which cannot be left out"
        elif words is not None and not isinstance(words, Mapping):
            yield here, f"expected a map, or null to leave the object out; found {found(words)}"
        elif words is not None:
            yield from _protected(words, str(kind), here)


def _protected(words: Mapping[str, Any], kind: str, path: Path) -> Iterator[Found]:
    for names in fields.protected(kind):
        if (at := _touched(words, names)) is not None:
            yield (*path, *at), "is set by this collection, and other objects rely on it"
    for names, options in fields.elsewhere(kind).items():
        if (at := _touched(words, names)) is not None:
            yield (*path, *at), f"is said by {options}"


def _touched(words: Any, names: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return where the words change what is at a path, at it or above; nothing where they leave it alone."""
    for depth, name in enumerate(names, 1):
        if not isinstance(words, Mapping) or name not in words:
            return None
        words = words[name]
        if not isinstance(words, Mapping):
            return names[:depth]
    return names
