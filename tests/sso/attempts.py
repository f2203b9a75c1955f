#!/usr/bin/env python3
"""Try to pass the single sign-on of a deployed stack, say what happened, fail if anything got through.

Needs nothing but Python, so that it runs on any host. Options, or the environment:

    --url         FLOWOPS_SSO_URL          public address of Prefect, https://tasks.example.com[/base]
    --login       FLOWOPS_SSO_LOGIN        public address of the login
    --user        FLOWOPS_SSO_USER         who may log in, NAME:PASSWORD
    --denied      FLOWOPS_SSO_DENIED       who may log in but not open Prefect, NAME:PASSWORD (optional)
    --key         FLOWOPS_SSO_KEY          Prefect's auth string, USER:PASSWORD
    --address     FLOWOPS_SSO_ADDRESS      where the proxy is reached; default: where its name leads
    --ca          FLOWOPS_SSO_CA           certificate to trust, a file; default: what the machine trusts
    --open-name   FLOWOPS_SSO_OPEN_NAME    a public name of the same proxy that asks for no login (optional)
    --hosts       FLOWOPS_SSO_HOSTS        hosts whose other ports are tried, with commas between (optional)
    --ports       FLOWOPS_SSO_PORTS        those ports; default: all that a part of the stack listens on
    --http-port   FLOWOPS_SSO_HTTP_PORT    default: 80
    --server      FLOWOPS_SSO_SERVER       the server behind the proxy, http://HOST:PORT, where it is reached (optional)
    --idle        FLOWOPS_SSO_IDLE         seconds after which an idle session ends; it is waited for (optional)
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import os
import re
import socket
import ssl
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

PORTS = "2019,2020,2375,4200,5432,8080,8786,8787,9000,9001,9091,19091"
OPTIONS = {
    "url": None, "login": None, "user": None, "denied": "", "key": None, "address": "", "ca": "", "open-name": "",
    "hosts": "", "ports": PORTS, "http-port": "80", "idle": "", "server": "",
}  # fmt: skip
TIMEOUT = 10
CONNECT_TIMEOUT = 3
PAGE = {"Accept": "text/html,application/xhtml+xml"}
JSON = {"Accept": "application/json", "Content-Type": "application/json"}
# What a request that got no further than the proxy or the login is answered.
REFUSALS = (400, 401, 403, 405, 421)
# What Prefect's own server answers to what it takes for no websocket.
NO_WEBSOCKET = (404, 426)
OK, SWITCHED = 200, 101
REDIRECTS = (301, 302, 303, 307, 308)


@dataclass
class Answer:
    """What came back; status 0 when the connection was closed without an answer."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    cookies: list[str] = field(default_factory=list)
    body: bytes = b""


class Stack:
    """The deployed stack, as somebody outside of it sees it."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        parts = urlsplit(options.url)
        self.name, self.base = str(parts.hostname), parts.path.rstrip("/")
        self.port = parts.port or 443
        self.login = urlsplit(options.login)
        self.context = ssl.create_default_context(cafile=options.ca or None)
        # An answer is read as it was sent: by one connection each, in the version that everybody can spell.
        self.context.set_alpn_protocols(["http/1.1"])
        self.key = "Basic " + base64.b64encode(options.key.encode()).decode()

    def connect(self, sni: str | None = None, port: int | None = None, tls: bool = True) -> socket.socket:
        address = self.options.address or sni or self.name
        raw = socket.create_connection((address, port or self.port), TIMEOUT)
        return self.context.wrap_socket(raw, server_hostname=sni or self.name) if tls else raw

    def send(
        self,
        path: str,
        headers: dict[str, str] | None = None,
        *,
        method: str = "GET",
        body: str = "",
        host: str | None = None,
        sni: str | None = None,
        everything: bool = False,
        **connection: object,
    ) -> Answer:
        """Send a request whose path is not touched, and return the answer."""
        sent = {"Host": host or sni or self.name, "Connection": "close", **(headers or {})}
        if body:
            sent.setdefault("Content-Length", str(len(body.encode())))
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items()), "", body]
        try:
            with contextlib.closing(self.connect(sni, **connection)) as sock:  # type: ignore[arg-type]
                sock.sendall("\r\n".join(lines).encode())
                sock.settimeout(CONNECT_TIMEOUT if everything else TIMEOUT)
                return read_answer(sock, everything)
        except ssl.SSLError as error:
            # A name that the proxy does not serve.
            return Answer(0, body=str(error).encode())

    def log_in(self, user: str) -> str:
        """Return the session's cookie."""
        name, _colon, password = user.partition(":")
        body = {"username": name, "password": password, "keepMeLoggedIn": False, "targetURL": self.options.url + "/"}
        path = f"{self.login.path.rstrip('/')}/api/firstfactor"
        answer = self.send(path, JSON, method="POST", body=json.dumps(body), sni=str(self.login.hostname))
        return "; ".join(cookie.split(";")[0] for cookie in answer.cookies)

    def log_out(self, cookie: str) -> None:
        path = f"{self.login.path.rstrip('/')}/api/logout"
        self.send(path, {**JSON, "Cookie": cookie}, method="POST", body="{}", sni=str(self.login.hostname))


def read_answer(sock: socket.socket, everything: bool = False) -> Answer:
    """Return one answer; with `everything` its body is all that comes behind it, other answers too."""
    data = b""
    with contextlib.suppress(ConnectionError, TimeoutError, ssl.SSLError):
        while (everything or not is_whole(data)) and (chunk := sock.recv(65536)):
            data += chunk
    head, _blank, body = data.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    words = first.split()
    pairs = [line.partition(":")[::2] for line in rest]
    headers = {name.lower(): value.strip() for name, value in pairs}
    cookies = [value.strip() for name, value in pairs if name.lower() == "set-cookie"]
    return Answer(int(words[1]) if len(words) > 1 else 0, headers, cookies, body)


def is_whole(data: bytes) -> bool:
    """Tell whether an answer has ended, as far as it says itself where it ends."""
    head, blank, body = data.partition(b"\r\n\r\n")
    if not blank:
        return False
    if head.startswith(b"HTTP/1.1 101"):
        return True
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    return len(body) >= int(length[1]) if length else body.endswith(b"\r\n0\r\n\r\n")


class WebSocket:
    """As much of RFC 6455 as an attempt needs."""

    def __init__(self, stack: Stack, path: str, headers: dict[str, str], protocol: str | None = "prefect") -> None:
        self.sock = stack.connect()
        sent = {
            "Host": stack.name, "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(), **headers,
        }  # fmt: skip
        if protocol:
            sent["Sec-WebSocket-Protocol"] = protocol
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items()), "", ""]
        self.sock.sendall("\r\n".join(lines).encode())
        self.answer = read_answer(self.sock)
        self.data = self.answer.body

    def close(self) -> None:
        self.sock.close()

    def say(self, message: object) -> None:
        payload = json.dumps(message).encode()
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[number % 4] for number, byte in enumerate(payload))
        size = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2, "big")
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            self.sock.sendall(b"\x81" + size + mask + masked)

    def hear(self) -> str:
        """Return the next message, or `closed CODE`."""
        try:
            first, second = self._take(2)
            length = second & 0x7F
            if length == 126:
                length = int.from_bytes(self._take(2), "big")
            payload = self._take(length)
        except (ConnectionError, ssl.SSLError):
            return "closed"
        except TimeoutError:
            return "nothing"
        if first & 0x0F == 0x8:
            return f"closed {int.from_bytes(payload[:2], 'big')}"
        return payload.decode(errors="replace")

    def _take(self, count: int) -> bytes:
        while len(self.data) < count:
            chunk = self.sock.recv(65536)
            if not chunk:
                raise ConnectionError
            self.data += chunk
        taken, self.data = self.data[:count], self.data[count:]
        return taken


# An attempt says what happened, and whether that is what it should be.
Outcome = tuple[bool, str]
Attempt = Callable[[Stack], Outcome]
ATTEMPTS: list[tuple[str, str, Attempt]] = []


def attempt(group: str, what: str) -> Callable[[Attempt], Attempt]:
    def note(function: Attempt) -> Attempt:
        ATTEMPTS.append((group, what, function))
        return function

    return note


def refused(stack: Stack, answer: Answer, *also: int) -> Outcome:
    """Tell whether an answer is a refusal, or leads to the login and carries nothing else."""
    told = f"{answer.status}" if answer.status else "closed"
    location = answer.headers.get("location", "")
    if answer.status in REDIRECTS:
        # The root leads to the path that Prefect is below.
        return urlsplit(
            location
        ).hostname == stack.login.hostname or location == stack.base, f"{told} to {location[:60]}"
    return answer.status in (0, *REFUSALS, *also), told


def all_refused(outcomes: Iterator[Outcome]) -> Outcome:
    """Tell of the one that got through, or of all."""
    told = []
    for is_refused, text in outcomes:
        told.append(re.sub(r" to .*", "", text))
        if not is_refused:
            return False, text
    return True, f"{len(told)} times: {', '.join(sorted(set(told)))}"


@attempt("anonymous", "open the dashboard")
def _page(stack: Stack) -> Outcome:
    return refused(stack, stack.send(f"{stack.base}/", PAGE))


@attempt("anonymous", "read and write by the API")
def _api(stack: Stack) -> Outcome:
    requests = [("POST", "/flows/filter"), ("GET", "/admin/version"), ("GET", "/health"),
                ("POST", "/admin/database/clear"), ("DELETE", "/variables/name/x")]  # fmt: skip
    return all_refused(
        refused(stack, stack.send(f"{stack.base}/api{path}", JSON, method=method, body="{}"))
        for method, path in requests
    )


@attempt("anonymous", "read the UI's settings and its files")
def _files(stack: Stack) -> Outcome:
    paths = ("/ui-settings", "/assets/index.js", "/v2", "/docs", "/openapi.json", "/api/docs", "/api/openapi.json")
    return all_refused(refused(stack, stack.send(stack.base + path, PAGE)) for path in paths)


@attempt("wrong key", "send other auth strings, in other ways")
def _keys(stack: Stack) -> Outcome:
    right = stack.key.split()[1]
    user = stack.options.key.split(":")[0]
    keys = [
        "Basic " + base64.b64encode(b"wrong:key").decode(),
        "Basic " + base64.b64encode(f"{user}:".encode()).decode(),
        "Basic ",
        f"Bearer {right}",
        f"basic {right}",
        f"Basic {right[:-2]}",
        f"Basic {right} x",
        f"Basic {right.swapcase()}",
        "Basic *",
        "{http.request.header.Authorization}",
    ]
    path = f"{stack.base}/api/flows/filter"
    return all_refused(
        refused(stack, stack.send(path, {**JSON, "Authorization": key}, method="POST", body="{}")) for key in keys
    )


@attempt("wrong key", "open the UI with the machines' auth string")
def _key_elsewhere(stack: Stack) -> Outcome:
    paths = ("/", "/ui-settings", "/v2/dashboard", "/apix/flows", "/api-docs")
    return all_refused(
        refused(stack, stack.send(stack.base + path, {**PAGE, "Authorization": stack.key})) for path in paths
    )


@attempt("spoofing", "claim to be somebody by a header")
def _identity(stack: Stack) -> Outcome:
    name = stack.options.user.split(":")[0]
    headers = ("Remote-User", "Remote-Groups", "Remote_User", "X-Remote-User", "X-Forwarded-User",
               "X-Auth-Request-User", "X-Authelia-Session", "Proxy-Authorization")  # fmt: skip
    return all_refused(
        refused(stack, stack.send(f"{stack.base}/api/admin/version", {**PAGE, header: name})) for header in headers
    )


@attempt("spoofing", "claim another address, method or client")
def _address(stack: Stack) -> Outcome:
    other = stack.options.open_name or str(stack.login.hostname)
    claims = [
        {"X-Original-URL": f"https://{other}/"},
        {"X-Rewrite-URL": "/"},
        {"X-Forwarded-Uri": "/api/health", "X-Forwarded-Host": other},
        {"X-Forwarded-Host": other, "X-Forwarded-Proto": "https"},
        {"X-Forwarded-Method": "OPTIONS"},
        {"X-Http-Method-Override": "OPTIONS"},
        {"X-Forwarded-For": "127.0.0.1", "X-Real-Ip": "127.0.0.1", "Forwarded": "for=127.0.0.1;host=" + other},
        {"X-Forwarded-Prefix": "/api"},
        {"Connection": "close, X-Forwarded-Host, X-Forwarded-Uri, Cookie"},
    ]
    return all_refused(refused(stack, stack.send(f"{stack.base}/api/admin/version", {**PAGE, **c})) for c in claims)


@attempt("spoofing", "log in by name and password in a header")
def _password_in_header(stack: Stack) -> Outcome:
    basic = "Basic " + base64.b64encode(stack.options.user.encode()).decode()
    names = ("Authorization", "Proxy-Authorization")
    return all_refused(
        refused(stack, stack.send(f"{stack.base}{path}", {**PAGE, name: basic}))
        for name in names
        for path in ("/", "/api/admin/version")
    )


TRICKS = [
    "//api/admin/version", "/api//admin/version", "/API/admin/version", "/api/./admin/version",
    "/x/../api/admin/version", "/api/../api/admin/version", "/api/..;/api/admin/version", "/api;x/admin/version",
    "/api/admin/version;x", "/api%2fadmin%2fversion", "/api/%2e%2e/api/admin/version", "/%2e%2e/api/admin/version",
    "/api/admin/version%00", "/api/admin/version.", "/api./admin/version", "/%61pi/admin/version",
    "/api%5cadmin%5cversion", "\\api\\admin\\version", "/api/admin/version#x", "/api/events/in/../../admin/version",
    "/api/events/in%2f..%2f..%2fadmin%2fversion", "/ui-settings/../api/admin/version",
    "/api/admin/version?x=/api/events/in", "/./", "/%2f", "//", "/..%2f",
]  # fmt: skip


@attempt("paths", "spell the API in other ways")
def _paths(stack: Stack) -> Outcome:
    return all_refused(refused(stack, stack.send(stack.base + path, PAGE)) for path in TRICKS)


@attempt("paths", "ask for a whole address")
def _absolute(stack: Stack) -> Outcome:
    other = stack.options.open_name or str(stack.login.hostname)
    targets = [f"https://{stack.name}{stack.base}/api/admin/version", f"http://127.0.0.1:4200{stack.base}/api/admin/version",
               f"https://{stack.name}:443{stack.base}/", f"http://{other}@{stack.name}/api/admin/version"]  # fmt: skip
    return all_refused(refused(stack, stack.send(target, PAGE)) for target in targets)


@attempt("methods", "use methods that reach further")
def _methods(stack: Stack) -> Outcome:
    methods = ("TRACE", "OPTIONS", "HEAD", "PUT", "PATCH", "PROPFIND", "PURGE", "get", "FOO")
    answers = [stack.send(f"{stack.base}/api/admin/version", PAGE, method=method) for method in methods]
    tunnels = [
        stack.send(target, method="CONNECT")
        for target in (f"{stack.name}:443", "127.0.0.1:4200", "prefect-server:4200")
    ]
    return all_refused(refused(stack, answer) for answer in [*answers, *tunnels])


@attempt("methods", "hide a second request in a first one")
def _smuggle(stack: Stack) -> Outcome:
    hidden = f"GET {stack.base}/api/admin/version HTTP/1.1\r\nHost: {stack.name}\r\n\r\n"
    tricks = [
        ({"Transfer-Encoding": "chunked", "Content-Length": "4"}, f"0\r\n\r\n{hidden}"),
        ({"Transfer-Encoding": "xchunked"}, hidden),
        (
            {
                "Content-Length": "0",
                "Connection": "Upgrade, HTTP2-Settings",
                "Upgrade": "h2c",
                "HTTP2-Settings": "AAMAAABk",
            },
            hidden,
        ),
        ({"Content-Length": "+1"}, hidden),
    ]

    def outcomes() -> Iterator[Outcome]:
        for headers, body in tricks:
            answer = stack.send(f"{stack.base}/api/flows/filter", {**JSON, **headers}, method="POST", body=body,
                                everything=True)  # fmt: skip
            seen = re.search(rb'"\d+\.\d+\.\d+', answer.body)
            yield (False, "the hidden one was answered") if seen else refused(stack, answer, 501)

    return all_refused(outcomes())


SOCKETS = ("/api/events/in", "/api/events/out", "/api/logs/out", "/api/task_runs/subscriptions/scheduled",
           "/api/work_pools/default/workers/connect")  # fmt: skip


def websocket_refused(
    stack: Stack, path: str, headers: dict[str, str], messages: list[object], protocol: str | None = "prefect"
) -> Outcome:
    with contextlib.closing(WebSocket(stack, stack.base + path, headers, protocol)) as ws:
        if ws.answer.status != SWITCHED:
            return refused(stack, ws.answer, *NO_WEBSOCKET)
        for message in messages:
            ws.say(message)
        heard = ws.hear()
        return heard.startswith("closed"), heard


@attempt("websockets", "listen without a word")
def _silent(stack: Stack) -> Outcome:
    # The server waits for the first message; it must not speak before.
    def outcomes() -> Iterator[Outcome]:
        for path in SOCKETS:
            with contextlib.closing(WebSocket(stack, stack.base + path, {})) as ws:
                if ws.answer.status != SWITCHED:
                    yield refused(stack, ws.answer, *NO_WEBSOCKET)
                    continue
                ws.sock.settimeout(2)
                heard = ws.hear()
                yield heard == "nothing" or heard.startswith("closed"), f"heard {heard}"

    return all_refused(outcomes())


@attempt("websockets", "start with something else than the auth string")
def _unauthenticated(stack: Stack) -> Outcome:
    starts: list[list[object]] = [
        [{"type": "filter", "filter": {}}],
        [{"type": "auth"}],
        [{"type": "auth", "token": None}],
        [{"type": "auth", "token": ""}],
        [{"type": "auth", "token": "wrong"}, {"type": "filter", "filter": {}}],
        [{"type": "auth", "token": stack.options.user}],
    ]
    return all_refused(websocket_refused(stack, path, {}, start) for path in SOCKETS for start in starts)


@attempt("websockets", "speak another protocol, or none")
def _protocols(stack: Stack) -> Outcome:
    message = {"type": "auth", "token": stack.options.key}
    return all_refused(
        websocket_refused(stack, path, {}, [message], protocol) for path in SOCKETS for protocol in (None, "mqtt")
    )


@attempt("websockets", "come with a wrong key in the header")
def _wrong_key_socket(stack: Stack) -> Outcome:
    header = {"Authorization": "Basic " + base64.b64encode(b"wrong:key").decode()}
    return all_refused(websocket_refused(stack, path, header, [{"type": "auth", "token": "x"}]) for path in SOCKETS)


@attempt("websockets", "ask for an upgrade on other paths")
def _other_sockets(stack: Stack) -> Outcome:
    paths = ("/", "/api/flows/filter", "/api/admin/version", "/api/events/in/", "/api/events/in?x", "/API/events/in",
             "//api/events/in", "/x/../api/events/in", "/api/events/%69n", "/api/events/in/../../admin/version",
             "/api/work_pools/a/b/workers/connect", "/api/work_pools/a%2Fb/../workers/connect")  # fmt: skip
    return all_refused(websocket_refused(stack, path, {}, [{"type": "auth", "token": "x"}]) for path in paths)


@attempt("websockets", "ask for an upgrade and send a plain request")
def _fake_upgrade(stack: Stack) -> Outcome:
    upgrade = {**JSON, "Connection": "Upgrade", "Upgrade": "websocket"}
    answers = [
        stack.send(f"{stack.base}{path}", {**upgrade, **more}, method=method)
        for path in ("/api/events/in", "/api/work_pools/default/workers/connect")
        for method in ("GET", "POST")
        for more in ({}, {"Upgrade": "websocket, h2c"}, {"Upgrade": "notasocket"}, {"Connection": "close"})
    ]
    return all_refused(refused(stack, answer, *NO_WEBSOCKET) for answer in answers)


@attempt("ports", "connect to what is behind the proxy")
def _ports(stack: Stack) -> Outcome:
    hosts = [host for host in stack.options.hosts.split(",") if host]
    opened = []
    for host in hosts:
        for port in stack.options.ports.split(","):
            with contextlib.suppress(OSError), socket.create_connection((host, int(port)), CONNECT_TIMEOUT):
                opened.append(f"{host}:{port}")
    tried = len(hosts) * len(stack.options.ports.split(","))
    return not opened, f"open: {', '.join(opened)}" if opened else f"none of {tried} answers"


@attempt("sessions", "make up a cookie")
def _forged(stack: Stack) -> Outcome:
    cookies = ("x", "s%3Aabcdefghijklmnopqrstuvwxyz012345.c2lnbmF0dXJlc2lnbmF0dXJlc2lnbmF0dXJlc2lnbg", "", "null",
               "../db", '{"username":"admin"}')  # fmt: skip
    return all_refused(
        refused(stack, stack.send(f"{stack.base}/", {**PAGE, "Cookie": f"authelia_session={cookie}"}))
        for cookie in cookies
    )


@attempt("sessions", "change a cookie that is right")
def _tampered(stack: Stack) -> Outcome:
    cookie = stack.log_in(stack.options.user)
    name, _equals, value = cookie.partition("=")
    middle = len(value) // 2
    changed = [value[:-3], value[:middle] + ("a" if value[middle] != "a" else "b") + value[middle + 1 :], value[::-1]]
    return all_refused(
        refused(stack, stack.send(f"{stack.base}/", {**PAGE, "Cookie": f"{name}={text}"})) for text in changed
    )


@attempt("sessions", "use the cookie of a session that was ended")
def _logged_out(stack: Stack) -> Outcome:
    cookie = stack.log_in(stack.options.user)
    stack.log_out(cookie)
    return refused(stack, stack.send(f"{stack.base}/", {**PAGE, "Cookie": cookie}))


@attempt("sessions", "use the cookie of a session that has expired")
def _expired(stack: Stack) -> Outcome:
    if not stack.options.idle:
        return True, "not tried: --idle is not given"
    cookie = stack.log_in(stack.options.user)
    before = stack.send(f"{stack.base}/", {**PAGE, "Cookie": cookie})
    time.sleep(float(stack.options.idle) + 1)
    after = refused(stack, stack.send(f"{stack.base}/", {**PAGE, "Cookie": cookie}))
    return before.status in (OK, 307) and after[0], f"{before.status}, {stack.options.idle} s later {after[1]}"


@attempt("sessions", "guess a password, or log in without")
def _guess(stack: Stack) -> Outcome:
    name = stack.options.user.split(":")[0]
    # Fewer than would keep the user out.
    users = (f"{name}:wrong", "nobody:wrong", f"{name}:", ":")

    def outcomes() -> Iterator[Outcome]:
        for user in users:
            yield refused(stack, stack.send(f"{stack.base}/", {**PAGE, "Cookie": stack.log_in(user)}))

    return all_refused(outcomes())


@attempt("sessions", "open Prefect as somebody who may not")
def _denied(stack: Stack) -> Outcome:
    if not stack.options.denied:
        return True, "not tried: --denied is not given"
    cookie = stack.log_in(stack.options.denied)
    return refused(stack, stack.send(f"{stack.base}/api/admin/version", {**PAGE, "Cookie": cookie}))


@attempt("sessions", "make somebody's browser send a request from another page")
def _foreign(stack: Stack) -> Outcome:
    cookie = stack.log_in(stack.options.user)
    origins = (f"https://{stack.options.open_name or 'storage.' + stack.name}", "https://evil.example", "null",
               f"http://{stack.name}", f"https://{stack.name}.evil.example")  # fmt: skip
    headers = {**JSON, "Cookie": cookie, "Content-Type": "text/plain"}
    path = f"{stack.base}/api/flows/filter"
    return all_refused(
        refused(stack, stack.send(path, {**headers, "Origin": origin}, method="POST", body="{}")) for origin in origins
    )


@attempt("names", "come without https")
def _http(stack: Stack) -> Outcome:
    for path, headers in (("/", PAGE), ("/api/admin/version", {**PAGE, "Authorization": stack.key})):
        answer = stack.send(stack.base + path, headers, port=int(stack.options.http_port), tls=False)
        location = answer.headers.get("location", "")
        if answer.status not in REDIRECTS or not location.startswith(f"https://{stack.name}"):
            return False, f"{answer.status} {location}"
    return True, f"{answer.status} to {location}"


@attempt("names", "ask one name's connection for another, or for none")
def _hosts(stack: Stack) -> Outcome:
    names = [str(stack.login.hostname), stack.options.open_name]
    pairs = [(stack.name, other) for other in names if other] + [(other, stack.name) for other in names if other]
    pairs += [
        (stack.name, host) for host in ("127.0.0.1", "prefect-server:4200", "localhost:4200", f"{stack.name}.", "")
    ]
    pairs += [(host, stack.name) for host in ("nowhere.example", "localhost")]

    def outcomes() -> Iterator[Outcome]:
        for sni, host in pairs:
            answer = stack.send(f"{stack.base}/api/admin/version", PAGE, sni=sni, host=host or " ")
            yield refused(stack, answer)

    return all_refused(outcomes())


@attempt("passes", "a person who logged in opens the dashboard")
def _person(stack: Stack) -> Outcome:
    cookie = stack.log_in(stack.options.user)
    page = stack.send(f"{stack.base}/v2/dashboard", {**PAGE, "Cookie": cookie})
    return page.status == OK and b"<html" in page.body, str(page.status)


@attempt("passes", "and uses the API, without knowing the auth string")
def _person_api(stack: Stack) -> Outcome:
    cookie = stack.log_in(stack.options.user)
    mine = {**JSON, "Cookie": cookie, "Origin": f"https://{urlsplit(stack.options.url).netloc}"}
    answer = stack.send(f"{stack.base}/api/flows/count", mine, method="POST", body="{}")
    told = stack.send(f"{stack.base}/ui-settings", {**JSON, "Cookie": cookie})
    settings = json.loads(told.body)
    right = settings["auth"] is None and settings["api_url"] == f"{stack.options.url}/api"
    leaks = stack.key.split()[1].encode() in told.body + answer.body
    return answer.status == OK and right and not leaks, f"{answer.status}, auth {settings['auth']}"


@attempt("passes", "the UI is told what the server would tell it, but for the password")
def _settings(stack: Stack) -> Outcome:
    if not stack.options.server:
        return True, "not tried: --server is not given"
    with urllib.request.urlopen(f"{stack.options.server}{stack.base}/ui-settings", timeout=TIMEOUT) as answer:
        real = json.load(answer)
    cookie = stack.log_in(stack.options.user)
    told = json.loads(stack.send(f"{stack.base}/ui-settings", {**JSON, "Cookie": cookie}).body)
    other = sorted(name for name in {*real, *told} if real.get(name, "-") != told.get(name, "-"))
    return other == ["auth"], f"different: {', '.join(other)}"


@attempt("passes", "a machine with the auth string uses the API")
def _machine(stack: Stack) -> Outcome:
    answer = stack.send(f"{stack.base}/api/flows/count", {**JSON, "Authorization": stack.key}, method="POST", body="{}")
    return answer.status == OK, str(answer.status)


@attempt("passes", "a machine listens to events and logs, with the auth string as first message")
def _machine_socket(stack: Stack) -> Outcome:
    told = []
    for path in SOCKETS[:3]:
        for headers in ({}, {"Authorization": stack.key}):
            with contextlib.closing(WebSocket(stack, stack.base + path, headers)) as ws:
                ws.say({"type": "auth", "token": stack.options.key})
                told.append(ws.hear() if ws.answer.status == SWITCHED else str(ws.answer.status))
    return all("auth_success" in text for text in told), ", ".join(sorted(set(told)))


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    for name, default in OPTIONS.items():
        value = os.environ.get(f"FLOWOPS_SSO_{name.upper().replace('-', '_')}", default)
        parser.add_argument(f"--{name}", default=value, required=value is None)
    options = parser.parse_args()
    options.url = options.url.rstrip("/")
    return options


def main() -> int:
    stack = Stack(parsed())
    wrong = 0
    for group, what, function in ATTEMPTS:
        try:
            is_right, told = function(stack)
        except (OSError, ValueError, LookupError) as error:
            is_right, told = False, f"{type(error).__name__}: {error}"
        wrong += not is_right
        verdict = ("passes" if group == "passes" else "refused") if is_right else "WRONG"
        print(f"{verdict:<8} {group:<11} {what:<78} {told}", flush=True)
    print(f"{len(ATTEMPTS) - wrong} of {len(ATTEMPTS)} as they should be")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
