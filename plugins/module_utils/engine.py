# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A container engine on this host, asked through its socket; nothing is ever written.

The client of community.docker is private to that collection, and its modules need the library requests on the host
before anything can be looked at. The paths and fields are those of the Docker Engine API 1.41; Podman answers them too.
"""

from __future__ import annotations

import http.client
import json
import socket
import struct
import urllib.parse
from typing import Any, Dict

from .errors import PrefectError

Data = Dict[str, Any]

OLDEST_API = (1, 41)
# Stream, three empty bytes, length of what follows.
FRAME = struct.Struct(">BxxxL")


class EngineError(PrefectError):
    """The engine refused a request, or does not speak this language."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class MissingEngineError(EngineError):
    """Nobody answers at the socket."""


class ForbiddenEngineError(EngineError):
    """This user may not use the socket."""


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def socket_path(address: str) -> str:
    """Return the path in unix:///path or /path."""
    return address[len("unix://") :] if address.startswith("unix://") else address


class Engine:
    """Reads from one engine, and asks containers how they are."""

    def __init__(self, address: str, timeout: float = 30) -> None:
        self.path = socket_path(address)
        self._timeout = timeout

    def version(self) -> Data:
        return dict(self._json("/version"))

    def info(self) -> Data:
        return dict(self._json("/info"))

    def containers(self) -> list[Data]:
        """Return all containers, running or not."""
        return list(self._json("/containers/json", all="1"))

    def container(self, name: str) -> Data | None:
        return self._optional(f"/containers/{_quoted(name)}/json")

    def image(self, reference: str) -> Data | None:
        return self._optional(f"/images/{_quoted(reference)}/json")

    def images(self, label: str) -> list[Data]:
        """Return the images that carry a label."""
        return list(self._json("/images/json", filters=json.dumps({"label": [label]})))

    def networks(self) -> list[Data]:
        return list(self._json("/networks"))

    def volumes(self) -> list[Data]:
        return list(self._json("/volumes").get("Volumes") or [])

    def log(self, name: str, lines: int, terminal: bool = False) -> list[str]:
        """Return the last lines of a container's output; a terminal's comes without frames."""
        content = self._get(f"/containers/{_quoted(name)}/logs", stdout="1", stderr="1", tail=str(lines))
        return (content if terminal else unframed(content)).decode(errors="replace").splitlines()

    def passes(self, name: str, command: list[str]) -> bool:
        """Run a command in a container and tell whether it ended well."""
        request = {"Cmd": command, "AttachStdout": True, "AttachStderr": True}
        identity = json.loads(self._send(f"/containers/{_quoted(name)}/exec", request))["Id"]
        # The answer ends when the command does.
        self._send(f"/exec/{identity}/start", {"Detach": False, "Tty": False})
        return bool(self._json(f"/exec/{identity}/json")["ExitCode"] == 0)

    def _optional(self, path: str) -> Data | None:
        try:
            return dict(self._json(path))
        except EngineError as error:
            if error.status == 404:
                return None
            raise

    def _json(self, path: str, **query: str) -> Any:
        content = self._get(path, **query)
        try:
            return json.loads(content)
        except ValueError:
            raise EngineError(f"{self.path} does not answer as a container engine does") from None

    def _get(self, path: str, **query: str) -> bytes:
        return self._ask("GET", path + ("?" + urllib.parse.urlencode(query) if query else ""))

    def _send(self, path: str, body: Data) -> bytes:
        return self._ask("POST", path, json.dumps(body), {"Content-Type": "application/json"})

    def _ask(self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None) -> bytes:
        connection = _Connection(self.path, self._timeout)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            content = response.read()
        except PermissionError:
            raise ForbiddenEngineError(f"{self.path} may not be used") from None
        except (FileNotFoundError, NotADirectoryError):
            raise MissingEngineError(f"{self.path} is not there") from None
        except ConnectionRefusedError:
            raise MissingEngineError(f"nobody answers at {self.path}") from None
        except socket.timeout:
            raise EngineError(f"no answer from {self.path} within {self._timeout:g} seconds") from None
        except (OSError, http.client.HTTPException) as error:
            raise EngineError(f"{self.path} does not answer as a container engine does: {error}") from None
        finally:
            connection.close()
        if response.status not in (200, 201):
            raise EngineError(_refusal(content, response.status), response.status)
        return content


def unframed(content: bytes) -> bytes:
    """Return what both streams of a container's output hold."""
    parts = []
    at = 0
    while at + FRAME.size <= len(content):
        length = FRAME.unpack_from(content, at)[1]
        at += FRAME.size
        parts.append(content[at : at + length])
        at += length
    return b"".join(parts)


def api_version(version: Data) -> tuple[int, int]:
    """Return the newest API that an engine speaks."""
    major, _dot, minor = str(version.get("ApiVersion", "0")).partition(".")
    return (int(major), int(minor)) if major.isdigit() and minor.isdigit() else (0, 0)


def engine_name(version: Data) -> str:
    """Return docker or podman."""
    components = [str(part.get("Name", "")) for part in version.get("Components") or []]
    return "podman" if any("podman" in name.lower() for name in components) else "docker"


def _quoted(name: str) -> str:
    return urllib.parse.quote(name, safe="/:@")


def _refusal(content: bytes, status: int) -> str:
    try:
        return str(json.loads(content)["message"])
    except (ValueError, KeyError, TypeError):
        return f"the engine answered with status {status}"
