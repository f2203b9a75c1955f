# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Linux host offers to a native installation, read from /proc and the file system.

The formats of /proc/net/tcp and /proc/PID are those of proc(5).
"""

from __future__ import annotations

import glob
import os
import pwd
import re
import shutil
import socket
import stat
import subprocess
import sys
from typing import Any, Iterator

MARK = "FLOWOPS_SERVICE"
LISTEN = "0A"
PYTHONS = [f"python3.{minor}" for minor in (14, 13, 12, 11, 10)] + ["python3"]
SYSTEM_FOLDERS = ("/usr/bin", "/usr/local/bin")
PLAIN = "letters, digits and _ . - + @ / only"
PLAIN_PATH = re.compile(r"[\w.+@/-]+", re.ASCII)
# Role prefect_firewall writes it.
FIREWALL_TABLE = "/etc/nftables.d/flowops_prefect.nft"
# Role prefect_cli writes it where root installs.
COMMAND_LINE = "/usr/local/bin/prefect-cli"


def service_manager(is_root: bool) -> str:
    """Return C(systemd) where it is PID 1 and we may use it, C(supervisor) elsewhere."""
    return "systemd" if is_root and os.path.isdir("/run/systemd/system") else "supervisor"


def home() -> str:
    return pwd.getpwuid(os.geteuid()).pw_dir


def default_root(is_root: bool) -> str:
    """Return the folder of an installation for which none was named."""
    if is_root:
        return "/opt/prefect"
    data = os.environ.get("XDG_DATA_HOME") or os.path.join(home(), ".local", "share")
    return os.path.join(data, "prefect")


def root_problems(root: str) -> list[str]:
    """Return what is wrong with the path of an installation."""
    problems = []
    if not os.path.isabs(root):
        problems.append(f"prefect.root: {root} is not an absolute path")
    if not PLAIN_PATH.fullmatch(root):
        problems.append(f"prefect.root: {root} has characters that service managers do not take; use {PLAIN}")
    return problems


def existing_parent(path: str) -> str:
    """Return the nearest ancestor of a path that exists."""
    while not os.path.exists(path):
        path = os.path.dirname(path)
    return path


def link_target(path: str) -> str | None:
    return os.readlink(path) if os.path.islink(path) else None


def user_entry(name: str) -> pwd.struct_passwd | None:
    """Return what the system knows of a user, None where there is no such user."""
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def user_home(name: str) -> str | None:
    """Return the home of a user, None where there is no such user."""
    entry = user_entry(name)
    return entry.pw_dir if entry else None


def free_megabytes(path: str) -> int:
    return shutil.disk_usage(existing_parent(path)).free // 2**20


def usable_by_others(path: str) -> bool:
    """Return whether any user may run a file: every folder on its real path must let them through."""
    path = os.path.realpath(path)
    if not os.stat(path).st_mode & stat.S_IXOTH:
        return False
    while path != "/":
        path = os.path.dirname(path)
        if not os.stat(path).st_mode & stat.S_IXOTH:
            return False
    return True


def is_open_file(path: str, everybody: bool) -> bool:
    """Return whether a file is there, and readable by everybody if it has to be."""
    return os.path.exists(path) and (not everybody or bool(os.stat(path).st_mode & stat.S_IROTH))


def python_version(path: str) -> tuple[int, int] | None:
    """Return the major and minor version of an interpreter, or None where it does not run."""
    try:
        done = subprocess.run(
            [path, "-c", "import sys; print(*sys.version_info[:2])"], capture_output=True, timeout=10, check=True
        )
        major, minor = done.stdout.split()
        return int(major), int(minor)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


def base_interpreter() -> str:
    """Return the interpreter this module runs on, out of any virtual environment."""
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))


def find_python(oldest: tuple[int, int], shared: bool) -> str | None:
    """Return an interpreter for Prefect: the one we run on if it fits, else the system's newest.

    With I(shared) another user must be able to run it too.
    """
    candidates = [base_interpreter()]
    candidates += [os.path.join(folder, name) for name in PYTHONS for folder in SYSTEM_FOLDERS]
    for path in candidates:
        fits = os.access(path, os.X_OK) and (not shared or usable_by_others(path))
        if fits and (python_version(path) or (0, 0)) >= oldest:
            return path
    return None


def find_uv(wanted: str | None, root: str) -> str:
    """Return uv: the wanted one, the PATH's, or else where the installation's own is, or has to be put."""
    for path in (wanted, shutil.which("uv")):
        if path and os.access(path, os.X_OK):
            return path
    return os.path.join(root, "uv", "bin", "uv")


def _environment(pid: str) -> dict[str, str]:
    path = f"/proc/{pid}/environ"
    try:
        with open(path, "rb") as source:
            content = source.read()
    except PermissionError:
        content = _read_as_owner(path)
    except OSError:
        return {}
    pairs = content.decode(errors="replace").split("\0")
    return dict(pair.split("=", 1) for pair in pairs if "=" in pair)


def _read_as_owner(path: str) -> bytes:
    """Read a file of /proc as its owner: in a container root may change its user, but not look at others' processes."""
    if os.geteuid() != 0:
        return b""

    def become_owner() -> None:
        owner = os.stat(path)
        os.setgroups([])
        os.setgid(owner.st_gid)
        os.setuid(owner.st_uid)

    try:
        return subprocess.run(["cat", path], preexec_fn=become_owner, capture_output=True, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return b""


def _parent(pid: str) -> str:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as source:
            return source.read().rpartition(")")[2].split()[1]
    except (OSError, IndexError):
        return "0"


def _in_container(pid: str) -> bool:
    """Return whether a process lives in a PID namespace below ours: its root is not our root."""
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as source:
            numbers = [line.split()[1:] for line in source if line.startswith("NSpid:")]
    except OSError:
        return False
    return any(len(row) > 1 for row in numbers)


def running_services(root: str) -> dict[str, dict[str, Any]]:
    """Return the running services of an installation by name, each with pid and digest.

    Every service carries its mark in its environment; its children inherit the mark and are left out.
    """
    prefix = f"{root}:"
    marked = {}
    for path in glob.glob("/proc/[0-9]*"):
        pid = os.path.basename(path)
        environment = _environment(pid)
        if environment.get(MARK, "").startswith(prefix) and not _in_container(pid):
            marked[pid] = environment
    services: dict[str, dict[str, Any]] = {}
    for pid, environment in marked.items():
        if marked.get(_parent(pid), {}).get(MARK) == environment[MARK]:
            continue
        parts = [environment.get(key) for key in ("FLOWOPS_SERVICE_DIGEST", "FLOWOPS_SECRETS_DIGEST")]
        name = environment[MARK][len(prefix) :]
        ports = [int(port) for port in environment.get("FLOWOPS_SERVICE_PORTS", "").split()]
        services[name] = {"pid": int(pid), "digest": "-".join(part for part in parts if part), "ports": ports}
    return services


def _listening() -> Iterator[tuple[str, int]]:
    """Yield inode and port of every listening TCP socket."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(table, encoding="ascii") as source:
                rows = source.read().splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            fields = row.split()
            if fields[3] == LISTEN:
                yield fields[9], int(fields[1].rpartition(":")[2], 16)


def _socket_owner(inode: str) -> str | None:
    wanted = f"socket:[{inode}]"
    for link in glob.glob("/proc/[0-9]*/fd/*"):
        try:
            if os.readlink(link) == wanted:
                return link.split("/")[2]
        except OSError:
            continue
    return None


def port_is_free(host: str, port: int) -> bool:
    """Return whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def port_problems(
    ports: list[dict[str, Any]], running: dict[str, dict[str, Any]], holders: dict[int, str] | None = None
) -> list[str]:
    """Return a sentence for each port that somebody else holds; our own running services may hold theirs.

    Who is known to hold a port already needs no search.
    """
    ours = {port for service in running.values() for port in service["ports"]}
    problems = []
    for item in ports:
        if item["port"] in ours or port_is_free(item["host"], item["port"]):
            continue
        holder = (holders or {}).get(item["port"]) or _port_holder(item["port"])
        problems.append(
            f"{item['setting']}: {item['host']}:{item['port']} is in use by {holder}; "
            "stop it, or choose a free port for this setting"
        )
    return problems


def _port_holder(port: int) -> str:
    owners = {_socket_owner(inode) for inode, other in _listening() if other == port}
    pids = sorted(owner for owner in owners if owner)
    return f"process {', '.join(_command_line(pid) for pid in pids)}" if pids else "another user's process"


def _command_line(pid: str) -> str:
    """Return pid and program; arguments are left out, they may hold somebody's secret."""
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as source:
            return f"{pid} ({source.read().strip()})"
    except OSError:
        return pid


def installed_services(root: str) -> list[str]:
    """Return the names of the services that were set up for a root, running or not.

    Their units and programs carry the same mark as their processes.
    """
    names = []
    for path in glob.glob("/etc/systemd/system/*.service") + glob.glob(os.path.join(root, "etc", "*.conf")):
        name = os.path.splitext(os.path.basename(path))[0]
        try:
            with open(path, encoding="utf-8", errors="replace") as source:
                text = source.read()
        except OSError:
            continue
        if MARK in text and f"{root}:{name}" in text:
            names.append(name)
    return sorted(names)


def services_with_secrets(root: str) -> list[str]:
    """Return the names of the services that have a file of secrets."""
    ending = ".secret.env"
    return sorted(os.path.basename(path)[: -len(ending)] for path in glob.glob(os.path.join(root, "etc", f"*{ending}")))


def projects(root: str) -> list[str]:
    """Return the names of the projects whose code is there."""
    return sorted(os.path.basename(path.rstrip("/")) for path in glob.glob(os.path.join(root, "projects", "*", "")))


def supervisor_socket(root: str) -> str:
    return os.path.join(root, "etc", "supervisor.sock")


def supervisor_answers(root: str) -> bool:
    """Return whether the installation's own supervisor runs."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(supervisor_socket(root))
        except OSError:
            return False
    return True


def has_command_line(root, is_root):
    # type: (str, bool) -> bool
    """Tell whether this installation has a command line; that of another one is none of its business."""
    path = COMMAND_LINE if is_root else os.path.join(root, "bin", "prefect-cli")
    try:
        with open(path, encoding="utf-8", errors="replace") as source:
            return f"{root}/" in source.read()
    except OSError:
        return False
