# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images and networks of a container host: what is missing, what is built, and why it could not be had."""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.flowops.prefect.plugins.module_utils import output

Docker = Mapping[str, Any]
Host = Mapping[str, Any]

OWN = "prefect.image"
QUOTED = re.compile(r'\("(.*)"\)\s*$', re.DOTALL)
PREFIX = re.compile(r"^(Error pulling (image )?\S+ - |code: \S+,? message: )+")
# What a registry or an engine says, and what to do about it; the first one that fits.
MENDS = (
    (("no space left on device",), "make room for the engine's images"),
    (("no matching manifest", "does not match the specified platform"), "it is not made for {architecture} machines"),
    (
        ("pull access denied", "unauthorized", "authentication required", "access forbidden", "403 forbidden"),
        "it does not exist, or its registry wants a login: set prefect.docker.registries",
    ),
    (("manifest unknown", "not found", "name unknown", "no such image"), "check its name and tag"),
    (
        ("no such host", "connection refused", "timeout", "unreachable", "eof", "server gave http"),
        "this host cannot reach the registry",
    ),
)  # fmt: skip
INSTALL = (
    "RUN if command -v uv >/dev/null; "
    'then uv pip install --no-cache --python "$(command -v python3)" {arguments}; '
    "else python3 -m pip install --no-cache-dir --disable-pip-version-check {arguments}; fi"
)


def is_derived(docker: Docker) -> bool:
    """Tell whether Prefect runs from an image of this installation's own making."""
    build = docker.get("build") or {}
    return bool(docker.get("packages") or build.get("python_packages_file") or build.get("dockerfile_extra"))


def derived_image(docker: Docker, *contents: str) -> str:
    """Return the image that Prefect runs from; what it is made of is in its tag, the contents of files included."""
    if not is_derived(docker):
        return str(docker["image"])
    build = docker["build"]
    made_of = [
        docker["image"],
        docker.get("packages"),
        build.get("dockerfile_extra"),
        *(text or "" for text in contents),
    ]
    digest = hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:12]
    return f"{build['repository']}:{docker['version']}-{digest}"


def build_context(docker: Docker, constraints: str = "", requirements: str = "") -> list[dict[str, str]]:
    """Return the files that the derived image is built from."""
    packages = "\n".join([*(docker.get("packages") or []), requirements or ""]).strip()
    lines = [f"FROM {docker['image']}"]
    files = []
    if packages:
        arguments = ["--requirement /tmp/build/requirements.txt"]
        files.append({"name": "requirements.txt", "content": f"{packages}\n"})
        if constraints:
            # Nothing that is added may bring another Prefect.
            files.append(
                {"name": "constraints.txt", "content": f"{constraints.strip()}\nprefect=={docker['version']}\n"}
            )
            arguments.append("--constraint /tmp/build/constraints.txt")
        names = " ".join(item["name"] for item in files)
        lines += [f"COPY {names} /tmp/build/", INSTALL.format(arguments=" ".join(arguments))]
    extra = (docker["build"].get("dockerfile_extra") or "").strip()
    lines += [extra] if extra else []
    return [{"name": "Dockerfile", "content": "\n".join(lines) + "\n"}, *files]


def images_to_pull(docker: Docker, host: Host) -> list[dict[str, str]]:
    """Return the images that a registry has to be asked for, each with its setting."""
    wanted = [dict(item) for item in docker["images"]]
    if not is_derived(docker):
        wanted.append({"setting": OWN, "image": docker["image"]})
    elif docker["build"].get("push") and not docker["build"].get("builder"):
        wanted.append({"setting": "prefect.build.repository", "image": str(host["image"])})
    # The same image may be that of the flows and of Dask.
    settings: dict[str, list[str]] = {}
    for item in wanted:
        if item["image"] != host["image"] or not _is_built_here(docker):
            settings.setdefault(item["image"], []).append(item["setting"])
    always = docker["pull"] == "always"
    return [
        {"setting": ", ".join(names), "image": image}
        for image, names in settings.items()
        if always or not host["images"].get(image)
    ]


def _is_built_here(docker: Docker) -> bool:
    return is_derived(docker) and bool(docker["build"].get("builder"))


def has_to_build(docker: Docker, host: Host) -> bool:
    """Tell whether the derived image has to be built on this host."""
    return _is_built_here(docker) and not host["images"].get(host["image"])


def missing_networks(docker: Docker, host: Host) -> list[dict[str, Any]]:
    """Return the networks that have to be made, or made anew."""
    return [dict(zone) for zone in docker["zones"] if _differs(zone, host["networks"].get(zone["name"]))]


def _differs(zone: Mapping[str, Any], network: Mapping[str, Any] | None) -> bool:
    if network is None or bool(zone.get("internal")) != network["internal"]:
        return True
    return bool(zone.get("subnet")) and zone["subnet"] not in network["subnets"]


def is_stale(host: Host, docker: Docker) -> bool:
    """Tell whether the host was looked at before it had everything that it needs."""
    return bool(
        docker["pull"] == "always"
        or not host["user_exists"]
        or host["needs_engine"]
        or host["needs_requests"]
        or None in host["images"].values()
        or missing_networks(docker, host)
    )


def registry_reason(message: str, architecture: str = "such") -> str:
    """Return a registry's words without the client's, and what to do."""
    text = str(message)
    quoted = QUOTED.search(text)
    text = PREFIX.sub("", quoted.group(1) if quoted else text).strip().rstrip(".")
    for signs, mend in MENDS:
        if any(sign in text.lower() for sign in signs):
            return f"{text}; {mend.format(architecture=architecture)}"
    return text


def pull_failures(results: Iterable[Mapping[str, Any]], host: Host) -> list[str]:
    """Return a sentence for each image that could not be pulled, from the registered results of a loop."""
    architecture = str((host.get("engine") or {}).get("architecture") or "such")
    return [
        f"{result['item']['setting']}: the image {result['item']['image']} is not to be had: "
        f"{registry_reason(result.get('msg', ''), architecture)}"
        for result in results
        if result.get("failed") or "Error pulling" in str(result.get("msg", ""))
    ]


def build_reason(result: Mapping[str, Any]) -> str:
    """Return why an image could not be built, in the words of what ran last."""
    message, _comma, logs = str(result.get("msg", "")).partition(", logs: ")
    try:
        lines = [str(line) for line in ast.literal_eval(logs)]
    except (ValueError, SyntaxError):
        return registry_reason(message)
    said = [line.strip() for text in lines for line in text.splitlines() if line.strip()]
    said = [line for line in said if not line.startswith(("Step ", "---> ", "Removing intermediate"))]
    errors = [line for line in said if line.lower().startswith(("error", "e:"))]
    why = " / ".join(errors[-3:]) if errors else output.reason(said, 4)
    return why or registry_reason(message)
