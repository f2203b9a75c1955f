# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP client of Prefect's API."""

from __future__ import annotations

import base64
import json
import random
import threading
import time
import uuid
from typing import Any, Iterator, Mapping
from urllib.parse import quote, urlencode

from .answers import Answer
from .errors import RefusedError, UnauthorizedError, WriteInCheckModeError, WrongAddressError, invalid
from .transport import Transport, only_reads

PAGE = 200  # the API's own upper limit
_TRY_AGAIN = (429, 502, 503)
_LONGEST_PAUSE = 30.0


def encoded(*names: str) -> str:
    """Return a path of names that may hold anything."""
    return "/" + "/".join(quote(name, safe="") for name in names)


class Client:
    """Sends requests to the API from any number of threads, and never writes in check mode."""

    def __init__(
        self,
        transport: Transport,
        auth_string: str | None = None,
        api_key: str | None = None,
        headers: Mapping[str, str] | None = None,
        check_mode: bool = False,
        retries: int = 4,
    ) -> None:
        self.check_mode = check_mode
        self._transport = transport
        self._url = transport.url
        self.is_cloud = "/workspaces/" in transport.url
        self._retries = retries
        # Replaced as a whole, never changed.
        self._csrf: Mapping[str, str] = {}
        self._renewing = threading.Lock()
        self._headers = {"Accept": "application/json", "User-Agent": "flowops.prefect"}
        self._headers.update({str(name): str(value) for name, value in (headers or {}).items()})
        self._headers.update(_authorization(auth_string, api_key))
        self._has_credentials = any(name.lower() == "authorization" for name in self._headers)

    # Verbs

    def get(self, path: str, **query: Any) -> Any:
        return self._request("GET", path + ("?" + urlencode(query) if query else ""))

    def find(self, path: str, **query: Any) -> Any:
        """Return None where the API has no such object: the only place where 404 is fine."""
        try:
            return self.get(path, **query)
        except RefusedError as error:
            if error.status == 404:
                return None
            raise

    def filter(self, path: str, body: Mapping[str, Any] | None = None) -> Iterator[Any]:
        """Yield all objects, page by page."""
        offset = 0
        while True:
            page = self._request("POST", f"{path}/filter", {**(body or {}), "limit": PAGE, "offset": offset})
            yield from page
            if len(page) < PAGE:
                return
            offset += PAGE

    def first(self, path: str, body: Mapping[str, Any], limit: int) -> Any:
        """Return one page."""
        return self._request("POST", f"{path}/filter", {**body, "limit": limit})

    def post(self, path: str, body: Any) -> Any:
        return self._request("POST", path, body)

    def put(self, path: str, body: Any) -> None:
        self._request("PUT", path, body)

    def patch(self, path: str, body: Any) -> None:
        self._request("PATCH", path, body)

    def delete(self, path: str) -> None:
        self._request("DELETE", path)

    def status(self, path: str) -> int:
        """Return the status of a path that answers without credentials."""
        return self._send("GET", path, None, {}).status

    def close(self) -> None:
        self._transport.close()

    # One request

    def _request(self, method: str, path: str, body: Any = None) -> Any:
        if self.check_mode and not only_reads(method, path):
            raise WriteInCheckModeError(
                f"check mode was about to send {method} {path}; nothing was sent. Please report this."
            )
        csrf = self._csrf
        answer = self._patient(method, path, body, csrf)
        if answer.status == 403 and "CSRF" in answer.reason():
            answer = self._patient(method, path, body, self._renewed(csrf))
        return self._content(method, path, answer)

    def _patient(self, method: str, path: str, body: Any, csrf: Mapping[str, str]) -> Answer:
        """Send a request again while the server is busy."""
        answer = self._send(method, path, body, csrf)
        for attempt in range(self._retries):
            if answer.status not in _TRY_AGAIN:
                break
            time.sleep(_pause(answer, attempt))
            answer = self._send(method, path, body, csrf)
        return answer

    def _send(self, method: str, path: str, body: Any, csrf: Mapping[str, str]) -> Answer:
        headers = {**self._headers, **csrf}
        content = None
        if body is not None:
            content = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        return self._transport.send(method, path, content, headers)

    def _renewed(self, refused: Mapping[str, str]) -> Mapping[str, str]:
        """Return another CSRF token than the refused one, which another thread may have fetched by now."""
        with self._renewing:
            if self._csrf is refused:
                client = str(uuid.uuid4())
                path = "/csrf-token?" + urlencode({"client": client})
                token = self._content("GET", path, self._patient("GET", path, None, {}))
                self._csrf = {"Prefect-Csrf-Token": str(token["token"]), "Prefect-Csrf-Client": client}
            return self._csrf

    def _content(self, method: str, path: str, answer: Answer) -> Any:
        """Return what the answer holds, or raise what it means."""
        status, reason = answer.status, answer.reason()
        what = f"{method} {self._url}{path.split('?')[0]}"
        if 300 <= status < 400:
            raise WrongAddressError(self._redirected(method, answer))
        if status == 401:
            raise UnauthorizedError(self._unauthorized())
        # Prefect's server names the object that it does not have, an unknown path is just "Not Found".
        if status == 404 and (answer.is_html or (reason == "Not Found" and not self.is_cloud)):
            raise WrongAddressError(f"{what}: there is no Prefect API at {self._url}; {self._address_hint()}")
        if status >= 500:
            said = reason if reason and reason != "Internal Server Error" else "no reason given"
            raise RefusedError(f"{what}: the server failed with status {status} ({said}); see the server's log", status)
        if status >= 400:
            raise RefusedError(f"{what}: refused with status {status}: {reason or 'no reason given'}", status)
        if answer.is_html:
            raise WrongAddressError(
                f"{what}: answered with a web page instead of data. It is the login page of a proxy, or the UI: "
                f"{self._address_hint()}; if a proxy asks for a login, pass its token in option headers"
            )
        try:
            return answer.parsed()
        except ValueError:
            raise WrongAddressError(f"{what}: the answer is not JSON; {self._address_hint()}") from None

    def _redirected(self, method: str, answer: Answer) -> str:
        target = answer.headers.get("location", "elsewhere").split("?")[0]
        return (
            f"{self._url} redirects {method} to {target}. Set api_url to the final address; behind a proxy let it pass "
            "X-Forwarded-Proto, and FORWARDED_ALLOW_IPS in the server's environment; if that is a login page, pass the "
            "proxy's token in option headers"
        )

    def _unauthorized(self) -> str:
        wrong = "the credentials are wrong" if self._has_credentials else "it wants credentials, and none were given"
        return f"{self._url} answers 401: {wrong}; set auth_string (server of one's own) or api_key (Prefect Cloud)"

    def _address_hint(self) -> str:
        if self._url.endswith("/api") or self.is_cloud:
            return "check api_url"
        return f"check api_url, it usually ends in /api: {self._url}/api"


def _authorization(auth_string: str | None, api_key: str | None) -> dict[str, str]:
    if auth_string:
        if ":" not in auth_string:
            raise invalid("auth_string", "expected user:password, found no colon")
        # Prefect's server answers 500 to every request otherwise.
        if not auth_string.isascii():
            raise invalid("auth_string", "expected ASCII characters only")
        return {"Authorization": "Basic " + base64.b64encode(auth_string.encode()).decode()}
    if api_key:
        if not api_key.isascii() or "\n" in api_key:
            raise invalid("api_key", "expected ASCII characters in one line only")
        return {"Authorization": f"Bearer {api_key}"}
    return {}


def _pause(answer: Answer, attempt: int) -> float:
    """Return how long to wait: what the server asks for, within bounds, or longer and longer."""
    try:
        wanted = float(answer.headers["retry-after"])
    except (KeyError, ValueError):
        wanted = 0.5 * 2**attempt * random.uniform(1, 1.5)
    return min(max(wanted, 0.0), _LONGEST_PAUSE)
