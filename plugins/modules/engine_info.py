#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: engine_info
short_description: See whether a host can run Prefect in containers, and what of it is there
version_added: 1.1.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Reads what the Docker platform needs to know of a Linux host and its container engine in one call.
  - Changes nothing.
  - Fails with every reason at once when containers cannot be run there - no engine, no access to its socket,
    a network that is missing, subnets that collide, a port that somebody else holds.
  - Needs no library on the host.
options:
  root:
    description:
      - Absolute path of the folder that holds the configuration and the data.
      - Default is C(/opt/prefect) for root, for others C(prefect) below E(XDG_DATA_HOME) or C(~/.local/share).
    type: path
  user:
    description: Name of the host's user that the services run as when root installs them.
    type: str
    default: prefect
  socket:
    description: Socket of the engine, C(unix:///path) or a path.
    type: str
    default: unix:///var/run/docker.sock
  install:
    description: Whether an engine that is missing will be installed, so that it is no problem.
    type: bool
    default: false
  image:
    description: Image of Prefect that the services of this installation run from.
    type: str
  images:
    description: Other images that are needed.
    type: list
    elements: dict
    default: []
    suboptions:
      setting:
        description: Key path of the setting.
        type: str
        required: true
      image:
        description: The image.
        type: str
        required: true
  zones:
    description: Networks that the installation makes.
    type: list
    elements: dict
    default: []
    suboptions:
      setting:
        description: Key path of the setting.
        type: str
        required: true
      name:
        description: Name of the network.
        type: str
        required: true
      subnet:
        description: Addresses of the network.
        type: str
      internal:
        description: Whether the network has no way out.
        type: bool
        default: false
  joined:
    description: Networks that have to be there.
    type: list
    elements: dict
    default: []
    suboptions:
      setting:
        description: Key path of the setting.
        type: str
        required: true
      name:
        description: Name of the network.
        type: str
        required: true
  ports:
    description: Ports that are to be published on this host.
    type: list
    elements: dict
    default: []
    suboptions:
      setting:
        description: Key path of the setting, named when the port is taken.
        type: str
        required: true
      host:
        description: Address to listen on.
        type: str
        required: true
      port:
        description: TCP port.
        type: int
        required: true
  names:
    description: Public names that this host has to resolve.
    type: list
    elements: dict
    default: []
    suboptions:
      setting:
        description: Key path of the setting.
        type: str
        required: true
      name:
        description: The name.
        type: str
        required: true
  volumes:
    description: Volumes that services claim. No two may claim the same one.
    type: list
    elements: dict
    default: []
    suboptions:
      setting:
        description: Key path of the setting.
        type: str
        required: true
      name:
        description: Name of the volume.
        type: str
        required: true
  free_megabytes:
    description: Space in MiB that the engine has to have when an image is not there yet.
    type: int
    default: 1500
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.info
"""

EXAMPLES = r"""
- name: See what this host's engine offers
  flowops.prefect.engine_info:
    image: prefecthq/prefect:3.8.8-python3.12
    joined:
      - setting: prefect.proxy.networks[0]
        name: caddy-network
  register: host
"""

RETURN = r"""
host:
  description: What was found.
  returned: success
  type: dict
  contains:
    platform:
      description: V(docker).
      type: str
    root:
      description: The folder that holds the configuration and the data.
      type: str
      sample: /opt/prefect
    is_root:
      description: Whether the tasks run as root.
      type: bool
    user:
      description: Name of the host's user that the services run as.
      type: str
    uid:
      description: Number of that user, V(null) as long as it does not exist.
      type: int
    gid:
      description: Number of its group, V(null) as long as it does not exist.
      type: int
    user_exists:
      description: Whether that user exists.
      type: bool
    user_is_ours:
      description: Whether that user was made for this installation, which its home below the root tells.
      type: bool
    has_firewall:
      description: Whether a former deployment closed ports on this host.
      type: bool
    has_cli:
      description: Whether this installation has a command line here.
      type: bool
    projects:
      description: Names of the projects whose code is here.
      type: list
      elements: str
    home:
      description: Home of that user.
      type: str
    socket:
      description: Socket of the engine.
      type: str
    socket_gid:
      description: Number of the group that may use the socket.
      type: int
    engine:
      description:
        - The engine's C(version), C(api_version), C(name) and C(architecture), and whether it is C(rootless).
        - Empty without an engine.
      type: dict
    needs_engine:
      description: Whether an engine has to be installed or started.
      type: bool
    needs_requests:
      description: Whether the library that the modules of community.docker need is missing.
      type: bool
    image:
      description: Image that the services of this installation run from.
      type: str
    environment:
      description: The same image.
      type: str
    images:
      description: Id of each image that is needed, V(null) where it is not there.
      type: dict
    disposable:
      description: Ids of the images in use that can be had again, from a registry or by building.
      type: list
      elements: str
    built:
      description: Images built for this installation, each with C(id) and C(tags).
      type: list
      elements: dict
    spare:
      description: Images built for this installation that nothing uses any more.
      type: list
      elements: str
    networks:
      description: Networks by name, each with C(id), C(subnets), C(internal) and C(is_ours).
      type: dict
    volumes:
      description: Volumes by name, each with C(is_ours).
      type: dict
    others:
      description: Names of the containers that are not of this installation.
      type: list
      elements: str
    installed:
      description: Names of the containers of this installation, running or not.
      type: list
      elements: str
    containers:
      description: Each of them with C(image_id) and C(volumes).
      type: dict
    with_secrets:
      description: Names of the services that have a file of secrets.
      type: list
      elements: str
    running:
      description:
        - Running containers by name, each with C(digest), C(pid), C(healthy), C(image_id) and C(ports).
      type: dict
"""

import importlib.util
import os
import pwd
import sys
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.flowops.prefect.plugins.module_utils import engine_host, host
from ansible_collections.flowops.prefect.plugins.module_utils.engine import (
    Engine,
    EngineError,
    ForbiddenEngineError,
    MissingEngineError,
    engine_name,
    socket_path,
)

NAMED = {"setting": {"type": "str", "required": True}, "name": {"type": "str", "required": True}}
NOTHING = {
    "engine": {}, "images": {}, "disposable": [], "built": [], "spare": [], "networks": {}, "volumes": {},
    "others": [], "installed": [], "containers": {}, "running": {},
}  # type: dict[str, Any]  # fmt: skip


def listed(options: dict[str, Any]) -> dict[str, Any]:
    return {"type": "list", "elements": "dict", "default": [], "options": options}


def of_the_engine(engine, root, wanted):
    # type: (Engine, str, dict[str, Any]) -> dict[str, Any]
    """Return what the engine holds."""
    version, info = engine.version(), engine.info()
    every = engine.containers()
    ours = {
        engine_host.name_of(item): engine.container(item["Id"]) for item in every if engine_host.is_ours(item, root)
    }
    containers = {name: engine_host.described(item) for name, item in sorted(ours.items()) if item}
    references = [item["image"] for item in wanted["images"]]
    references += [wanted["image"]] if wanted["image"] else []
    found = {reference: engine.image(reference) for reference in references}
    images = {reference: item["Id"] if item else None for reference, item in found.items()}
    ids = {item["image_id"] for item in containers.values()} | {image for image in images.values() if image}
    in_use = {item["ImageID"] for item in every} | set(images.values())
    built = [
        {"id": item["Id"], "tags": [tag for tag in item.get("RepoTags") or [] if tag != engine_host.TAGLESS]}
        for item in engine.images(f"{engine_host.ROOT}={root}")
    ]
    return {
        "engine": {
            "version": str(version.get("Version")),
            "api_version": str(version.get("ApiVersion")),
            "name": engine_name(version),
            "architecture": str(version.get("Arch")),
            "rootless": any("rootless" in option for option in info.get("SecurityOptions") or []),
        },
        "images": images,
        "disposable": sorted(image for image in ids if engine_host.is_disposable(engine.image(image), root)),
        "built": built,
        "spare": [(item["tags"] or [item["id"]])[0] for item in built if item["id"] not in in_use],
        "networks": engine_host.networks(engine, root),
        "volumes": {item["Name"]: {"is_ours": engine_host.is_ours(item, root)} for item in engine.volumes()},
        "others": sorted(engine_host.name_of(item) for item in every if not engine_host.is_ours(item, root)),
        "installed": sorted(containers),
        "containers": containers,
        "running": {name: item for name, item in containers.items() if item["is_running"]},
        "__problems": engine_host.age_problems(version)
        + (space(info, root, wanted) if None in images.values() else []),
        "__holders": {
            port: f"container {engine_host.name_of(item)}" for item in every for port in engine_host.public_ports(item)
        },
    }


def space(info, root, wanted):
    # type: (dict[str, Any], str, dict[str, Any]) -> list[str]
    return engine_host.space_problems(str(info.get("DockerRootDir") or root), root, int(str(wanted["free_megabytes"])))


def requests_problems(is_root):
    # type: (bool) -> list[str]
    """Return what to do where the library cannot be installed for the Python that runs the modules."""
    if is_root and os.path.realpath(sys.executable).startswith("/usr/bin/"):
        return []
    return [
        "the modules of community.docker need the library requests in {}; install it there{}".format(
            sys.executable, "" if is_root else ", or use become"
        )
    ]


def main():
    # type: () -> None
    setting = {"type": "str", "required": True}
    module = AnsibleModule(
        argument_spec={
            "root": {"type": "path"},
            "user": {"type": "str", "default": "prefect"},
            "socket": {"type": "str", "default": "unix:///var/run/docker.sock"},
            "install": {"type": "bool", "default": False},
            "image": {"type": "str"},
            "images": listed({"setting": setting, "image": setting}),
            "zones": listed({**NAMED, "subnet": {"type": "str"}, "internal": {"type": "bool", "default": False}}),
            "joined": listed(NAMED),
            "ports": listed({"setting": setting, "host": setting, "port": {"type": "int", "required": True}}),
            "names": listed(NAMED),
            "volumes": listed(NAMED),
            "free_megabytes": {"type": "int", "default": 1500},
        },
        supports_check_mode=True,
    )
    wanted = module.params
    is_root = os.geteuid() == 0
    root = wanted["root"] or host.default_root(is_root)
    me = pwd.getpwuid(os.geteuid())
    user = wanted["user"] if is_root else me.pw_name
    entry = host.user_entry(user)
    path = socket_path(wanted["socket"])
    problems = host.root_problems(root)
    holds = dict(NOTHING)
    needs_engine = False
    try:
        holds.update(of_the_engine(Engine(wanted["socket"]), root, wanted))
    except ForbiddenEngineError:
        problems.append(engine_host.forbidden_engine(path, me.pw_name))
    except MissingEngineError:
        needs_engine = True
        if not wanted["install"]:
            problems.append(engine_host.missing_engine(path))
        elif not is_root:
            problems.append(f"prefect.docker.install: {me.pw_name} cannot install an engine; use become")
    except EngineError as error:
        problems.append(f"prefect.docker.socket: {error}")
    problems += holds.pop("__problems", [])
    holders = holds.pop("__holders", {})
    networks = holds["networks"]
    if holds["engine"]:
        problems += engine_host.joined_problems(wanted["joined"], networks)
        problems += engine_host.zone_problems(wanted["zones"], networks)
    problems += host.port_problems(wanted["ports"], holds["running"], holders)
    problems += engine_host.name_problems(wanted["names"])
    problems += engine_host.volume_problems(wanted["volumes"])
    needs_requests = importlib.util.find_spec("requests") is None
    if needs_requests:
        problems += requests_problems(is_root)
    if not (is_root or os.access(host.existing_parent(root), os.W_OK)):
        problems.append(f"prefect.root: {user} may not write to {root}; choose another root or use become")
    if problems:
        module.fail_json(msg="\n".join(problems), problems=problems)
    home = os.path.join(root, "data") if is_root else host.home()
    found = {
        "platform": "docker",
        "root": root,
        "is_root": is_root,
        "user": user,
        "uid": entry.pw_uid if entry else None,
        "gid": entry.pw_gid if entry else None,
        "user_exists": entry is not None,
        "has_firewall": os.path.exists(host.FIREWALL_TABLE),
        "has_cli": host.has_command_line(root, is_root),
        "projects": host.projects(root),
        "user_is_ours": is_root and entry is not None and entry.pw_dir == home,
        "home": home,
        "socket": f"unix://{path}",
        "socket_gid": os.stat(path).st_gid if os.path.exists(path) else None,
        "needs_engine": needs_engine,
        "needs_requests": needs_requests,
        "image": wanted["image"],
        "environment": wanted["image"] or "",
        "with_secrets": host.services_with_secrets(root),
    }
    module.exit_json(changed=False, host={**found, **holds})


if __name__ == "__main__":
    main()
