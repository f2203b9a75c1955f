# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask the API server of a Kubernetes cluster: plain paths in, plain objects out, over one connection."""

from __future__ import annotations

import json
import urllib.parse
from typing import Any, Dict, Iterator, Mapping

from .cluster_access import CONTEXT, KUBECONFIG, Access
from .cluster_errors import RefusedError, UnreachableError

try:
    import urllib3
    from kubernetes.client.rest import RESTClientObject
except ImportError:
    # Said by cluster_access.
    pass

CONNECT_SECONDS = 10
READ_SECONDS = 30
# Nothing was done: the server was asked too often, or is not ready yet.
NOT_DONE = (429, 503)
ATTEMPTS = 4
APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
# What every API server answers.
VERSION = "/version"

Item = Dict[str, Any]


class Cluster:
    """The API server of one cluster, asked as one user."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self.address = str(access.configuration.host).rstrip("/")
        self._pool = RESTClientObject(access.configuration).pool_manager

    def get(self, path: str, **query: Any) -> Item:
        """Return what is at a path."""
        return self._asked("GET", path, query)

    def find(self, path: str, **query: Any) -> Item | None:
        """Return what is at a path, None where there is nothing."""
        try:
            return self.get(path, **query)
        except RefusedError as error:
            if error.is_missing:
                return None
            raise

    def list(self, path: str, **query: Any) -> list[Item]:
        """Return the objects at a path; none where there is no such resource."""
        return list((self.find(path, **query) or {}).get("items") or [])

    def text(self, path: str, **query: Any) -> str:
        """Return what is at a path as text."""
        return str(self._sent("GET", path, query).data, "utf-8", "replace")

    def post(self, path: str, body: Mapping[str, Any], **query: Any) -> Item:
        return self._asked("POST", path, query, body)

    def patch(self, path: str, body: Mapping[str, Any], content_type: str, **query: Any) -> Item:
        return self._asked("PATCH", path, query, body, content_type)

    def watch(self, path: str, seconds: float, **query: Any) -> Iterator[Item]:
        """Yield the events at a path for some seconds."""
        query = {**query, "watch": "true", "timeoutSeconds": max(1, int(seconds))}
        answer = self._sent("GET", path, query, stream=True, seconds=seconds + CONNECT_SECONDS)
        rest = b""
        try:
            for part in answer.stream(amt=None, decode_content=True):
                *lines, rest = (rest + part).split(b"\n")
                for line in lines:
                    yield json.loads(line)
        except urllib3.exceptions.HTTPError:
            # Whoever watches looks again.
            return
        finally:
            answer.close()

    def _asked(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any],
        body: Mapping[str, Any] | None = None,
        content_type: str = "application/json",
    ) -> Item:
        answer = self._sent(method, path, query, body, content_type)
        try:
            return dict(json.loads(answer.data))
        except (ValueError, TypeError) as error:
            raise self._no_api_server() from error

    def _sent(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any],
        body: Mapping[str, Any] | None = None,
        content_type: str = "",
        stream: bool = False,
        seconds: float = READ_SECONDS,
    ) -> Any:
        asked = {key: value for key, value in query.items() if value is not None}
        address = f"{self.address}{path}" + (f"?{urllib.parse.urlencode(asked)}" if asked else "")
        headers = {"Accept": "application/json", "User-Agent": "flowops.prefect"}
        if body is not None:
            headers["Content-Type"] = content_type
        for setting in self.access.configuration.auth_settings().values():
            headers[setting["key"]] = setting["value"]
        try:
            answer = self._pool.request(
                method,
                address,
                headers=headers,
                body=None if body is None else json.dumps(body),
                timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=seconds),
                retries=urllib3.Retry(
                    total=None, connect=1, read=int(method == "GET"), other=0, redirect=0,
                    status=ATTEMPTS, status_forcelist=NOT_DONE, allowed_methods=None,
                    backoff_factor=0.2, raise_on_status=False, raise_on_redirect=False,
                ),
                preload_content=not stream,
            )  # fmt: skip
        except urllib3.exceptions.HTTPError as error:
            raise self._unreachable(error) from error
        if answer.status < 300:
            return answer
        raise self._refused(path, answer.status, answer.data)

    def _refused(self, path: str, status: int, content: bytes) -> Exception:
        try:
            body = dict(json.loads(content))
        except (ValueError, TypeError):
            body = {}
        if status == 401:
            return UnreachableError(
                f"{KUBECONFIG}: {self.address} refuses the credentials of {self.access.source}: they are invalid or "
                "have expired; log in to the cluster again"
            )
        if body.get("kind") != "Status":
            # What a definition brings is not there at once, and then refused without a word.
            return RefusedError(status, {}) if status == 404 and path != VERSION else self._no_api_server(status)
        if status == 403 and '"system:anonymous"' in str(body.get("message")):
            return UnreachableError(
                f"{KUBECONFIG}: {self.access.source} gave {self.address} no credentials; log in to the cluster"
            )
        return RefusedError(status, body)

    def _no_api_server(self, status: int = 200) -> UnreachableError:
        return UnreachableError(
            f"{self._where()}: what answers at {self.address} is no Kubernetes API server (status {status}, no JSON); "
            "correct the address in the kubeconfig"
        )

    def _where(self) -> str:
        return CONTEXT if self.access.context else KUBECONFIG

    def _unreachable(self, error: Exception) -> UnreachableError:
        reason = getattr(error, "reason", None) or error
        of = f" of context {self.access.context}" if self.access.context else ""
        if isinstance(reason, urllib3.exceptions.SSLError):
            return UnreachableError(
                f"{KUBECONFIG}: the certificate of the cluster{of} at {self.address} is not trusted: "
                f"{_said(reason)}; correct certificate-authority in the kubeconfig"
            )
        return UnreachableError(
            f"{self._where()}: the cluster{of} at {self.address} does not answer: {_said(reason)}; "
            "see that it runs and can be reached from here, or choose another context"
        )


def _said(error: Any) -> str:
    """Return what an exception of the transport says, without Python's own words."""
    if isinstance(error, urllib3.exceptions.NameResolutionError):
        return "its name does not resolve"
    if isinstance(error, urllib3.exceptions.TimeoutError) and not isinstance(
        error, urllib3.exceptions.NewConnectionError
    ):
        return f"no answer within {CONNECT_SECONDS} s"
    inner = error.__cause__ or error.__context__ or (error.args[0] if error.args else error)
    said = getattr(inner, "verify_message", "") or getattr(inner, "strerror", "") or str(inner)
    return " ".join(str(said).split())


def plural(kind: str) -> str:
    """Return the resource of a kind, for every kind of these manifests."""
    name = kind.lower()
    if name.endswith("s"):
        return f"{name}es"
    return f"{name[:-1]}ies" if name.endswith("y") and name[-2] not in "aeiou" else f"{name}s"


def collection(api_version: str, kind: str, namespace: str | None) -> str:
    """Return the path of all objects of a kind."""
    root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
    return f"{root}/namespaces/{namespace}/{plural(kind)}" if namespace else f"{root}/{plural(kind)}"


def readable(cluster: Cluster, api_version: str, kind: str) -> dict[str, Item] | None:
    """Return the objects of a kind of the whole cluster by name, None where they may not be read."""
    try:
        found = cluster.find(collection(api_version, kind, None))
    except RefusedError:
        return None
    return {item["metadata"]["name"]: item for item in (found or {}).get("items") or []}


def path_of(item: Mapping[str, Any]) -> str:
    """Return the path of an object."""
    metadata = item["metadata"]
    name = urllib.parse.quote(metadata["name"], safe="")
    return f"{collection(item['apiVersion'], item['kind'], metadata.get('namespace'))}/{name}"
