# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection to the API for each thread, kept open from request to request.

urllib closes its connection after every request, which costs a TLS handshake for each of a thousand objects.
"""

from __future__ import annotations

import base64
import http.client
import re
import select
import socket
import ssl
import threading
import time
import urllib.parse
import urllib.request
from typing import Any, Mapping

from .answers import Answer, received
from .causes import cause, maybe_done
from .errors import UnreachableError, invalid
from .tls import tls_context

_BROKEN = (http.client.RemoteDisconnected, http.client.IncompleteRead, ConnectionError, ssl.SSLEOFError)
_PLAIN = re.compile(r"[^\s\x00-\x1f\x7f]+")
_CLOUD = re.compile(r"^/api/accounts/[^/]+/workspaces/[^/]+/?$")
# Prefect's server closes a connection that was idle for five seconds.
_IDLE_SECONDS = 3.0


def only_reads(method: str, path: str) -> bool:
    """Return whether a request changes nothing; lists and checks are asked for by POST."""
    return method == "GET" or (method == "POST" and path.endswith(("/filter", "/templates/validate")))


class _Line(threading.local):
    """The open connection of the thread that asks."""

    connection: http.client.HTTPConnection | None = None
    used = 0.0


class Transport:
    """Sends requests to one address, from any number of threads."""

    def __init__(
        self,
        url: str,
        validate_certs: bool = True,
        ca_path: str | None = None,
        timeout: float = 30,
        client_cert: str | None = None,
        client_key: str | None = None,
        source: str = "",
    ) -> None:
        parts, self._port = _checked(url)
        self.url = url.rstrip("/")
        # An address that nobody wrote into the task says where it comes from.
        self.shown_url = f"{self.url} (from {source})" if source else self.url
        if client_key and not client_cert:
            raise invalid("client_key", "was given without client_cert")
        self._secure = parts.scheme == "https"
        self._host = str(parts.hostname)
        self._path = parts.path.rstrip("/")
        self._authority = parts.netloc
        self._context = tls_context(validate_certs, ca_path, client_cert, client_key) if self._secure else None
        self._timeout = timeout
        self._proxy = self._find_proxy()
        self._line = _Line()

    def send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        """Send one request. Only a request that only reads is sent again when the connection breaks."""
        connection = None if self._is_stale() else self._line.connection
        try:
            return self._exchange(connection or self._connect(), method, path, body, headers)
        except _BROKEN as error:
            self.close()
            if not only_reads(method, path):
                raise self._unreachable(error, write=True) from None
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise self._unreachable(error, write=not only_reads(method, path)) from None
        try:
            return self._exchange(self._connect(), method, path, body, headers)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise self._unreachable(error) from None

    def close(self) -> None:
        """Close the connection of this thread; that of another one ends with it."""
        if self._line.connection is not None:
            self._line.connection.close()
            self._line.connection = None

    def _exchange(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str],
    ) -> Answer:
        target = self._path + path
        sent: dict[str, str] = dict(headers)
        if self._proxy and not self._secure:
            target = f"http://{self._authority}{target}"
            sent.update(self._proxy_headers())
        connection.request(method, target, body=body, headers=sent)
        response = connection.getresponse()
        content = response.read()
        self._line.used = time.monotonic()
        if response.will_close:
            self.close()
        return received(response.status, {name.lower(): value for name, value in response.getheaders()}, content)

    def _is_stale(self) -> bool:
        """Return whether the server has hung up, or is about to."""
        sock = getattr(self._line.connection, "sock", None)
        if sock is None or time.monotonic() - self._line.used > _IDLE_SECONDS:
            self.close()
            return True
        if select.select([sock], [], [], 0)[0]:
            self.close()
            return True
        return False

    def _connect(self) -> http.client.HTTPConnection:
        self.close()
        host, port = self._host, self._port
        if self._proxy:
            host, port = str(self._proxy.hostname), self._proxy.port or 3128
        kwargs: dict[str, Any] = {"timeout": self._timeout}
        try:
            if self._secure:
                connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                    host, port, context=self._context, **kwargs
                )
                if self._proxy:
                    connection.set_tunnel(self._host, self._port or 443, headers=self._proxy_headers())
            else:
                connection = http.client.HTTPConnection(host, port, **kwargs)
            connection.connect()
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except (OSError, UnicodeError, http.client.HTTPException) as error:
            connection.close()
            raise self._unreachable(error) from None
        self._line.connection = connection
        return connection

    def _find_proxy(self) -> urllib.parse.SplitResult | None:
        if self._host == "localhost" or self._host.startswith("127.") or self._host == "::1":
            return None
        address = urllib.request.getproxies().get("https" if self._secure else "http")
        if not address or urllib.request.proxy_bypass(self._host):
            return None
        return urllib.parse.urlsplit(address if "://" in address else f"http://{address}")

    def _proxy_headers(self) -> dict[str, str]:
        if not self._proxy or self._proxy.username is None:
            return {}
        user, password = (urllib.parse.unquote(part or "") for part in (self._proxy.username, self._proxy.password))
        return {"Proxy-Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}

    def _unreachable(self, error: Exception, write: bool = False) -> UnreachableError:
        text = f"cannot reach Prefect's API at {self.shown_url}: {cause(error, self._timeout, self._secure)}"
        return UnreachableError(maybe_done(text) if write else text)


def _checked(url: str) -> tuple[urllib.parse.SplitResult, int | None]:
    """Return the parts of an address and its port; raises InvalidError."""
    try:
        parts = urllib.parse.urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise invalid("api_url", f"is not an address: {error}") from None
    if parts.username is not None:
        raise invalid("api_url", "holds user and password; use auth_string for them")
    if parts.scheme not in ("http", "https") or not parts.hostname or not _PLAIN.fullmatch(url):
        raise invalid("api_url", f"expected http://HOST:PORT/api or https://HOST/api, found {url!r}")
    if "?" in url or "#" in url:
        # Behind these there may be a token.
        raise invalid("api_url", "ends in a query or fragment; give the address without it")
    if parts.hostname == "app.prefect.cloud" or (
        parts.hostname == "api.prefect.cloud" and not _CLOUD.search(parts.path)
    ):
        raise invalid("api_url", f"expected https://api.prefect.cloud/api/accounts/ID/workspaces/ID, found {url!r}")
    return parts, port
