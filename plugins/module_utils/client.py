# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP client of Prefect's API."""

from __future__ import annotations

import json
import re
import threading
import time
import uuid
from typing import Any, Iterator, Mapping, Sequence
from urllib.parse import quote, urlencode

from .answers import Answer
from .credentials import authorization, checked_headers, merged
from .errors import RefusedError, UnreachableError, WriteInCheckModeError, WrongAddressError
from .patience import pause, worth_another_try
from .reader import Reader
from .transport import Transport, only_reads

PAGE = 200  # the API's own upper limit
_NOT_UNDERSTOOD = (405, 422)
_OLD = re.compile(r'"([012]\.\d[\w.+]*)"')
_ALWAYS = {"Accept": "application/json", "User-Agent": "flowops.prefect"}


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
        withheld: Sequence[str] = (),
    ) -> None:
        self.check_mode = check_mode
        self._transport = transport
        self._url = transport.url
        self._retries = retries
        # Replaced as a whole, never changed.
        self._csrf: Mapping[str, str] = {}
        self._renewing = threading.Lock()
        self._headers = merged(_ALWAYS, checked_headers(headers), authorization(auth_string, api_key))
        authorized = any(name.lower() == "authorization" for name in self._headers)
        sent = "auth_string" if auth_string else "api_key" if api_key else "headers" if authorized else ""
        self._reader = Reader(transport.url, transport.shown_url, sent, withheld)
        self.is_cloud = self._reader.is_cloud

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
            if not isinstance(page, list):
                raise WrongAddressError(f"POST {self._url}{path}/filter: the answer is no list; check api_url")
            for row in page:
                yield self._object(path, row)
            if len(page) < PAGE:
                return
            offset += PAGE

    def first(self, path: str, body: Mapping[str, Any], limit: int) -> Any:
        """Return one page."""
        return self._request("POST", f"{path}/filter", {**body, "limit": limit})

    def post(self, path: str, body: Any) -> Any:
        return self._request("POST", path, body)

    def create(self, path: str, body: Any) -> Any:
        """Return the object that the API has made."""
        made = self._object(path, self.post(path, body))
        if "id" not in made:
            raise WrongAddressError(f"POST {self._url}{path}: the answer has no id; check api_url")
        return made

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
        try:
            return self._reader.content(method, path, answer)
        except (RefusedError, WrongAddressError) as error:
            unknown_path = answer.status == 404 and isinstance(error, WrongAddressError)
            if unknown_path or answer.status in _NOT_UNDERSTOOD:
                error.args = (f"{error}{self._age()}",)
            raise

    def _object(self, path: str, answer: Any) -> Any:
        """Return an answer that is an object; others than Prefect may answer anything."""
        if not isinstance(answer, dict):
            raise WrongAddressError(f"{self._url}{path}: the answer is no object; check api_url")
        return answer

    def _age(self) -> str:
        """Return that the server is too old, empty if it is not; asked for only when it did not understand."""
        try:
            answer = self._send("GET", "/admin/version", None, self._csrf)
        except UnreachableError:
            return ""
        version = _OLD.fullmatch(answer.body.decode(errors="replace"))
        return f"; the server runs Prefect {version.group(1)}, this collection is for Prefect 3" if version else ""

    def _patient(self, method: str, path: str, body: Any, csrf: Mapping[str, str]) -> Answer:
        """Send a request again while the server is busy."""
        answer = self._send(method, path, body, csrf)
        for attempt in range(self._retries):
            if not worth_another_try(method, path, answer):
                break
            time.sleep(pause(answer, attempt))
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
                token = self._reader.content("GET", path, self._patient("GET", path, None, {}))
                self._csrf = {"Prefect-Csrf-Token": str(token["token"]), "Prefect-Csrf-Client": client}
            return self._csrf
