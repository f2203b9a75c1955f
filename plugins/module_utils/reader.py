# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an answer means: the data that was asked for, or one message with the mend."""

from __future__ import annotations

from typing import Any, Sequence
from urllib.parse import urljoin, urlsplit

from .answers import Answer
from .causes import maybe_done
from .errors import PrefectError, RefusedError, UnauthorizedError, WrongAddressError
from .patience import NO_ANSWER
from .transport import only_reads

# Others say what is forbidden to everybody.
_NO_RIGHT = ("", "Forbidden", "Not authorized")
_HEADERS = "pass the proxy's token in option headers"


class Reader:
    """Reads the answers of one address."""

    def __init__(self, url: str, shown_url: str, sent: str, withheld: Sequence[str]) -> None:
        self._url = url
        self._shown_url = shown_url
        self.is_cloud = "/workspaces/" in url
        # The option whose credentials are sent, empty for none.
        self._sent = sent
        self._withheld = withheld

    def content(self, method: str, path: str, answer: Answer) -> Any:
        """Return what the answer holds, or raise what it means."""
        what = f"{method} {self._url}{path.split('?')[0]}"
        if answer.status >= 300:
            raise self._error(what, method, path, answer)
        if answer.is_html:
            raise WrongAddressError(
                f"{what}: answered with a web page instead of data. It is the login page of a proxy, or the UI: "
                f"{self._address_hint()}; if a proxy asks for a login, {_HEADERS}"
            )
        try:
            return answer.parsed()
        except ValueError:
            raise WrongAddressError(f"{what}: the answer is not JSON; {self._address_hint()}") from None

    def _error(self, what: str, method: str, path: str, answer: Answer) -> PrefectError:
        status, reason = answer.status, answer.reason()
        if status < 400:
            return WrongAddressError(f"{self._shown_url} redirects {method} to {self._redirected(path, answer)}")
        if status == 401:
            return UnauthorizedError(self._unauthorized(answer))
        # Prefect's server names the object that it does not have, an unknown path is just "Not Found".
        if status == 404 and (answer.is_html or (reason == "Not Found" and not self.is_cloud)):
            return WrongAddressError(f"{what}: there is no Prefect API at {self._shown_url}; {self._address_hint()}")
        if status >= 500:
            text = f"{what}: {_failed(status, reason)}"
            unknown = status in NO_ANSWER and not only_reads(method, path)
            return RefusedError(maybe_done(text) if unknown else text, status)
        if answer.is_html:
            return WrongAddressError(f"{what}: {_refused_by_proxy(status)}")
        said = reason or "no reason given"
        return RefusedError(f"{what}: refused with status {status}: {said}{self._mend(status, reason)}", status)

    def _mend(self, status: int, reason: str) -> str:
        if status == 403 and self.is_cloud:
            # Prefect Cloud knows the key, but not there.
            return (
                "; the API key has no right to this in this workspace: "
                "give a key of that workspace, or name the key's own"
            )
        return _mend(status, reason)

    def _redirected(self, path: str, answer: Answer) -> str:
        asked = self._url + path.split("?")[0]
        # What a login page is given along may be a secret.
        target = urlsplit(urljoin(asked, answer.headers.get("location", "")))
        place = f"{target.scheme}://{target.netloc.rpartition('@')[2]}{target.path}"
        slash, end = place.rstrip("/"), path.split("?")[0].rstrip("/")
        base = slash[: len(slash) - len(end)].rstrip("/") if slash.endswith(end) else ""
        if base and base.split("://")[-1] != self._url.split("://")[-1]:
            return f"{place}. Set api_url to {base}"
        if base and base.startswith("https:") and self._url.startswith("http:"):
            return f"{place}. Set api_url to {base}"
        if base:
            return (
                f"{place}. A proxy before it changes the scheme or the final slash: let it pass the path as it is and "
                "X-Forwarded-Proto, and set FORWARDED_ALLOW_IPS in the server's environment"
            )
        return f"{place}. If that is the login page of a proxy, {_HEADERS}; otherwise {self._address_hint()}"

    def _unauthorized(self, answer: Answer) -> str:
        asked = answer.headers.get("www-authenticate", "").split(" ")[0]
        if not self.is_cloud and (asked or answer.is_html):
            kind = f" ({asked[:20]})" if asked.isalnum() else ""
            return f"{self._shown_url} answers 401: a proxy before Prefect wants a login{kind}; {_HEADERS}"
        wrong = "the credentials are wrong" if self._sent else "it wants credentials, and none were given"
        said = f"{self._shown_url} answers 401: {wrong}; set {self._wanted()}"
        if self._withheld and not self._sent:
            said += f". Not sent, because meant for another address: {', '.join(self._withheld)}"
        return said

    def _wanted(self) -> str:
        if self._sent == "api_key" and not self.is_cloud:
            return "auth_string instead of api_key, which is for Prefect Cloud"
        if self._sent == "auth_string" and self.is_cloud:
            return "api_key instead of auth_string, which is for a server of one's own"
        return "auth_string (server of one's own) or api_key (Prefect Cloud)"

    def _address_hint(self) -> str:
        if self._url.endswith("/api") or self.is_cloud:
            return "check api_url"
        return f"check api_url, it usually ends in /api: {self._url}/api"


def _failed(status: int, reason: str) -> str:
    if status in NO_ANSWER:
        return f"a proxy before the server got no answer from it (status {status}); is it running?"
    said = reason if reason and reason != "Internal Server Error" else "no reason given"
    if status == 503:
        return f"the server is not available (status 503, {said}); is its database up? Module server_info tells more"
    return f"the server failed with status {status} ({said}); see the server's log"


def _refused_by_proxy(status: int) -> str:
    mend = {
        400: "is api_url to start with https://?",
        403: f"{_HEADERS}, or let it pass this host",
        413: "let it pass larger requests",
    }.get(status, "see its log")
    return f"a proxy before the API refuses it with status {status} and a web page; {mend}"


def _mend(status: int, reason: str) -> str:
    if status == 403 and reason in _NO_RIGHT:
        return "; the credentials may not do that, give those of somebody who may"
    return {
        405: "; this Prefect has no such request, or a proxy before it rewrites or redirects it",
        407: f"; {_HEADERS}",
        413: "; a proxy before the API takes no request of this size",
        429: "; the server is asked too often, try again later",
    }.get(status, "")
