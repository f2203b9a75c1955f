# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection to the API for each thread, kept open from request to request.

urllib closes its connection after every request, which costs a TLS handshake for each of a thousand objects.
"""

from __future__ import annotations

import base64
import http.client
import select
import socket
import ssl
import threading
import time
import urllib.parse
import urllib.request
from typing import Any, Mapping

from ansible.module_utils.urls import make_context

from .answers import Answer
from .errors import UnreachableError, invalid

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

    def __init__(self, url: str, validate_certs: bool = True, ca_path: str | None = None, timeout: float = 30) -> None:
        self.url = url.rstrip("/")
        try:
            parts = urllib.parse.urlsplit(self.url)
            self._port = parts.port
        except ValueError as error:
            raise invalid("api_url", f"is not an address: {error}") from None
        if parts.username is not None:
            raise invalid("api_url", "holds user and password; use auth_string for them")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise invalid("api_url", f"expected http://HOST:PORT/api or https://HOST/api, found '{self.url}'")
        self._secure = parts.scheme == "https"
        self._host = parts.hostname
        self._path = parts.path
        self._authority = parts.netloc
        self._validate_certs = validate_certs
        self._ca_path = ca_path
        self._timeout = timeout
        self._proxy = self._find_proxy()
        self._line = _Line()

    def send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        """Send one request. Only a request that only reads is sent again when the server hangs up on it."""
        connection = None if self._is_stale() else self._line.connection
        reused = connection is not None
        try:
            return self._exchange(connection or self._connect(), method, path, body, headers)
        except (http.client.RemoteDisconnected, ConnectionError) as error:
            self.close()
            if not (reused and only_reads(method, path)):
                raise self._unreachable(error) from None
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise self._unreachable(error) from None
        return self.send(method, path, body, headers)

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
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, content)

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
                context = make_context(cafile=self._ca_path, validate_certs=self._validate_certs)
                connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                    host, port, context=context, **kwargs
                )
                if self._proxy:
                    connection.set_tunnel(self._host, self._port or 443, headers=self._proxy_headers())
            else:
                connection = http.client.HTTPConnection(host, port, **kwargs)
            connection.connect()
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except (OSError, http.client.HTTPException) as error:
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

    def _unreachable(self, error: Exception) -> UnreachableError:
        return UnreachableError(f"cannot reach Prefect's API at {self.url}: {_cause(error, self._timeout)}")


def _cause(error: Exception, timeout: float) -> str:
    """Return what happened and what to look at."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message}); set ca_path to the file of the authority"
    if isinstance(error, ssl.SSLError):
        return f"no TLS connection ({getattr(error, 'reason', None) or error}); is api_url to start with http://?"
    if isinstance(error, socket.gaierror):
        return "its host name is not known here; check api_url"
    if isinstance(error, socket.timeout):
        return f"no answer within {timeout:g} seconds; see option timeout and the server's log"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused; is the server running, and is api_url right?"
    if isinstance(error, (http.client.RemoteDisconnected, ConnectionError)):
        return "the connection was closed without an answer; is api_url to start with https://?"
    if isinstance(error, FileNotFoundError):
        return f"ca_path: {error.strerror}: {error.filename}"
    return str(error) or type(error).__name__
