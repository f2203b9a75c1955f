"""The HTTP client: what it sends, and what it makes of every kind of answer."""

from __future__ import annotations

import base64
import email.utils
import gzip
import http.client
import json
import socket
import ssl
import threading
import time
import zlib

import pytest
from ansible_collections.flowops.prefect.plugins.module_utils import errors, patience
from ansible_collections.flowops.prefect.plugins.module_utils.answers import Answer
from ansible_collections.flowops.prefect.plugins.module_utils.causes import cause
from ansible_collections.flowops.prefect.plugins.module_utils.client import Client, encoded
from ansible_collections.flowops.prefect.plugins.module_utils.reader import Reader
from ansible_collections.flowops.prefect.plugins.module_utils.transport import Transport

HTML = b"<!DOCTYPE html><html>Please log in</html>"
HTML_TYPE = {"Content-Type": "text/html"}


def test_names_are_encoded():
    assert encoded("work_pools", "a b/ü?#%") == "/work_pools/a%20b%2F%C3%BC%3F%23%25"


def test_one_connection_is_kept(api):
    client = api.client()
    api.on("GET", "/version", "0.8.4")
    for _ in range(5):
        assert client.get("/version") == "0.8.4"
    assert len({request.connection for request in api.requests}) == 1


def test_closed_connection_is_opened_again(api, monkeypatch):
    client = api.client()
    api.on("GET", "/version", "0.8.4")
    client.get("/version")
    now = time.monotonic()
    monkeypatch.setattr("time.monotonic", lambda: now + 10)
    client.get("/version")
    assert len({request.connection for request in api.requests}) == 2


@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_server_that_hangs_up(method, monkeypatch):
    """A request that only reads is sent again on a new connection, a write is not."""
    monkeypatch.setattr(Transport, "_is_stale", lambda _self: False)
    listener = socket.create_server(("127.0.0.1", 0))
    transport = Transport(f"http://127.0.0.1:{listener.getsockname()[1]}/api", timeout=5)
    transport._connect()
    first, _ = listener.accept()
    first.close()
    if method == "PATCH":
        with pytest.raises(errors.UnreachableError, match="the connection was closed without an answer"):
            transport.send(method, "/x", b"{}", {})
    else:

        def serve():
            second, _ = listener.accept()
            second.recv(1000)
            second.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            second.close()

        thread = threading.Thread(target=serve)
        thread.start()
        assert transport.send(method, "/x", None, {}).status == 200
        thread.join()
    listener.close()


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        ({"auth_string": "u:p@ss:w/o%rd #"}, "Basic " + base64.b64encode(b"u:p@ss:w/o%rd #").decode()),
        ({"api_key": "pnu_1"}, "Bearer pnu_1"),
        ({"auth_string": "u:p", "api_key": "pnu_1"}, "Basic dTpw"),
        ({}, None),
    ],
)
def test_credentials(api, options, sent):
    api.on("GET", "/version", "1")
    api.client(**options, headers={"X-Access": 3}).get("/version")
    assert api.requests[0].headers.get("authorization") == sent
    assert api.requests[0].headers["x-access"] == "3"


def test_prefect_cloud(api):
    """The key goes along, every path is one of the workspace, and what is not there is just that."""
    base = "/accounts/a-1/workspaces/w-1"
    api.on("GET", f"{base}/variables/name/x", {"detail": "Not Found"}, status=404)
    api.on("POST", f"{base}/variables/", {"id": "1"})
    client = Client(Transport(api.url + base), api_key="pnu_1")
    assert client.find("/variables/name/x") is None
    assert client.post("/variables/", {"name": "x"}) == {"id": "1"}
    assert {request.headers["authorization"] for request in api.requests} == {"Bearer pnu_1"}
    api.on("GET", f"{base}/work_pools/x", {"detail": "Unauthorized"}, status=401)
    for options, text in (
        ({"api_key": "pnu_1"}, "set auth_string (server of one's own) or api_key (Prefect Cloud)"),
        ({"auth_string": "u:p"}, "set api_key instead of auth_string, which is for a server of one's own"),
    ):
        with pytest.raises(errors.UnauthorizedError) as caught:
            Client(Transport(api.url + base), **options).get("/work_pools/x")
        assert str(caught.value).endswith(text)


@pytest.mark.parametrize("options", [{"auth_string": "no-colon"}, {"auth_string": "ü:p"}, {"api_key": "a\nb"}])
def test_bad_credentials_are_not_repeated(api, options):
    with pytest.raises(errors.InvalidError) as caught:
        api.client(**options)
    assert next(iter(options.values())) not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("127.0.0.1:4200/api", r"expected http://HOST:PORT/api or https://HOST/api, found '127.0.0.1:4200/api'"),
        ("ftp://host/api", "expected http://"),
        ("http://", "expected http://"),
        ("http://host:port/api", "is not an address"),
        ("http://user:geheim@host/api", "holds user and password; use auth_string"),
        ("http://host/api?token=geheim", "ends in a query or fragment"),
        ("http://host/a b", "expected http://"),
        ("http://host/api\n", "expected http://"),
        (
            "https://app.prefect.cloud/account/a/workspace/w",
            "expected https://api.prefect.cloud/api/accounts/ID/workspaces",
        ),
        ("https://api.prefect.cloud/api", "expected https://api.prefect.cloud/api/accounts/ID/workspaces/ID"),
        ("https://api.prefect.cloud/api/accounts/a/workspace/w", "expected https://api.prefect.cloud/api/accounts"),
    ],
)
def test_bad_address(url, message):
    with pytest.raises(errors.InvalidError, match=message) as caught:
        Transport(url)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    ("headers", "path"),
    [
        ({"X-A": "geheim\r\nX-B: 1"}, "headers.X-A"),
        ({"X-A": "geheim\u20ac"}, "headers.X-A"),
        ({"X A": "geheim"}, "headers"),
        ({"Content-Length": "1"}, "headers.Content-Length"),
        ({"prefect-csrf-token": "geheim"}, "headers.prefect-csrf-token"),
    ],
)
def test_bad_headers(api, headers, path):
    with pytest.raises(errors.InvalidError) as caught:
        api.client(headers=headers)
    assert [problem.path for problem in caught.value.problems] == [path]
    assert "geheim" not in str(caught.value)


def test_headers_are_one_however_they_are_spelt(api):
    api.on("GET", "/version", "1")
    api.client(headers={"user-agent": "mine", "X-A": "ü"}).get("/version")
    assert api.requests[0].headers["user-agent"] == "mine"


# Errors


def _fails(api, error, path="/x", method="get", **options):
    with pytest.raises(error) as caught:
        getattr(api.client(**options), method)(path, *([{"value": "canary"}] if method in ("post", "patch") else []))
    text = str(caught.value)
    assert "canary" not in text
    return text


def test_connection_refused():
    with pytest.raises(errors.UnreachableError) as caught:
        Client(Transport("http://127.0.0.1:9/api")).get("/version")
    assert str(caught.value) == (
        "cannot reach Prefect's API at http://127.0.0.1:9/api: connection refused; "
        "is the server running, and is api_url right?"
    )


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (socket.gaierror(-2, "x"), "its host name is not known here"),
        (TimeoutError("timed out"), "no answer within 30 seconds"),
        (ssl.SSLError(1, "[SSL] wrong version"), "is api_url to start with http://?"),
        (http.client.BadStatusLine("x"), "is not HTTP; is api_url to start with https://?"),
        (http.client.LineTooLong("header"), "is not HTTP as it should be"),
        (ssl.SSLEOFError(8, "EOF"), "closed from the other side; does it ask for a client certificate"),
        (OSError("something else"), "something else"),
    ],
)
def test_causes(error, text):
    assert text in cause(error, 30)


def test_a_closed_connection_hints_at_what_it_spoke():
    for error in (http.client.RemoteDisconnected("x"), ConnectionResetError(), BrokenPipeError()):
        assert cause(error, 30).endswith("without an answer; is api_url to start with https://?")
        assert cause(error, 30, secure=True).endswith(
            "without an answer; does it take the client certificate (client_cert)?"
        )
    assert cause(http.client.BadStatusLine("x"), 30, secure=True) == "the answer is not HTTP as it should be"
    assert cause(ConnectionRefusedError(), 30, secure=True).startswith("connection refused")


def test_silent_server():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = Client(Transport(f"http://127.0.0.1:{listener.getsockname()[1]}/api", timeout=0.1))
        with pytest.raises(errors.UnreachableError, match=r"no answer within 0\.1 seconds"):
            client.get("/version")


def test_plain_server_asked_for_tls(api):
    with pytest.raises(errors.UnreachableError, match="no TLS connection"):
        Client(Transport(api.url.replace("http:", "https:"))).get("/version")


def test_401(api):
    api.on("GET", "/x", {"exception_message": "Unauthorized"}, status=401)
    assert "it wants credentials, and none were given; set auth_string" in _fails(api, errors.UnauthorizedError)
    assert "the credentials are wrong; set auth_string" in _fails(api, errors.UnauthorizedError, auth_string="a:canary")


@pytest.mark.parametrize(
    ("target", "mend"),
    [
        ("https://other/api/x/?token=canary", "to https://other/api/x/. Set api_url to https://other/api"),
        ("https://u:canary@other/api/x", "to https://other/api/x. Set api_url to https://other/api"),
        ("https://127.0.0.1:{port}/api/x", "Set api_url to https://127.0.0.1:{port}/api"),
        ("/base/api/x", "Set api_url to http://127.0.0.1:{port}/base/api"),
        ("/api/x/", "changes the scheme or the final slash: let it pass the path as it is and X-Forwarded-Proto"),
        ("https://login.example/?rd=canary", "If that is the login page of a proxy, pass the proxy's token"),
        ("", "A proxy before it changes the scheme or the final slash"),
    ],
)
@pytest.mark.parametrize("method", ["post", "get"])
def test_redirects_are_not_followed(api, method, target, mend):
    port = api.url.split(":")[2].split("/")[0]
    api.on(method.upper(), "/x", None, status=307, headers={"Location": target.format(port=port)})
    assert mend.format(port=port) in _fails(api, errors.WrongAddressError, method=method)
    assert len(api.requests) == 1


def test_login_page(api):
    api.on("GET", "/x", HTML, headers=HTML_TYPE)
    assert "It is the login page of a proxy, or the UI" in _fails(api, errors.WrongAddressError)


def test_page_without_its_type(api):
    api.on("GET", "/x", HTML)
    assert "answered with a web page" in _fails(api, errors.WrongAddressError)


def test_no_json(api):
    api.on("GET", "/x", b"pong")
    assert "the answer is not JSON; check api_url" in _fails(api, errors.WrongAddressError)


@pytest.mark.parametrize("body", [HTML, {"detail": "Not Found"}])
def test_unknown_path_is_no_missing_object(api, body):
    api.on("GET", "/x", body, status=404, headers=HTML_TYPE if body is HTML else {})
    with pytest.raises(errors.WrongAddressError, match="there is no Prefect API at"):
        api.client().find("/x")


def test_hint_at_the_suffix(api):
    api.on("GET", "/x", {"detail": "Not Found"}, status=404)
    bare = Client(Transport(api.url.removesuffix("/api")))
    with pytest.raises(errors.WrongAddressError, match=f"it usually ends in /api: {api.url}"):
        bare.get("/x")


def test_404_is_fine_only_where_asked_for(api):
    assert api.client().find("/x") is None
    assert "refused with status 404: It was not found." in _fails(api, errors.RefusedError)
    api.on("DELETE", "/x", {"detail": "gone"}, status=404)
    assert "status 404" in _fails(api, errors.RefusedError, method="delete")


ECHO = {
    "exception_message": "Invalid request received.",
    "exception_detail": [
        {"loc": ["body", "name"], "msg": "Value error, wrong name", "input": {"value": "canary"}},
        {"loc": ["body", "type"], "msg": "Field required", "input": "canary"},
        {"loc": ["body", "type"], "msg": "Field required"},
    ],
    "request_body": {"value": "canary"},
}


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (ECHO, "refused with status 422: name: wrong name; type: Field required"),
        ({"detail": ECHO["exception_detail"]}, "name: wrong name"),
        ({"detail": {"value": "canary"}}, "no reason given"),
        (["canary"], "no reason given"),
        (b"canary", "no reason given"),
        ({"detail": "too   long " * 100}, "too long too long"),
    ],
)
def test_a_refusal_repeats_nothing_of_the_request(api, body, text):
    api.on("POST", "/x", body, status=422)
    said = _fails(api, errors.RefusedError, method="post")
    assert text in said
    assert len(said) < 700


_BRANCHES = {
    "interval": "function-after[validate_timezone(), IntervalSchedule]",
    "cron": "function-after[validate_timezone(), CronSchedule]",
    "rrule": "RRuleSchedule",
}


def _schedule_refused(given, *wrong, where=("body", "schedules", 1, "schedule")):
    """As pydantic tells that a schedule is none of its three kinds."""
    details = []
    for kind, branch in _BRANCHES.items():
        if kind == given:
            details += [{"loc": [*where, branch, *key], "msg": f"Value error, {text}"} for key, text in wrong]
        else:
            details.append({"loc": [*where, branch, kind], "msg": "Field required", "type": "missing"})
            details.append({"loc": [*where, branch, given], "msg": "Extra inputs are not permitted"})
    return {"exception_message": "Invalid request received.", "exception_detail": details}


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (_schedule_refused("cron", (["cron"], "Invalid cron string")), "schedules[1].cron: Invalid cron string"),
        (_schedule_refused("cron", ([], 'Invalid timezone: "X"')), 'schedules[1]: Invalid timezone: "X"'),
        (_schedule_refused("rrule", (["rrule"], "invalid"), where=("body", 0, "schedule")), "[0].rrule: invalid"),
        (_schedule_refused("interval", (["interval"], "no"), where=("body", "schedule")), "interval: no"),
        (
            {"detail": [{"loc": ["body", "timezone"], "msg": f"String should match pattern '{'Africa/X|' * 99}'"}]},
            "timezone: is none of the texts that the server takes",
        ),
        ({"detail": [{"loc": ["body", "a", "function-wrap[f()]", "b"], "msg": "no"}]}, "a.b: no"),
        ({"detail": [{"loc": None, "msg": "no"}]}, "no"),
    ],
)
def test_a_refused_schedule_tells_of_its_own_kind_only(api, body, text):
    api.on("POST", "/x", body, status=422)
    assert _fails(api, errors.RefusedError, method="post").endswith(f"refused with status 422: {text}")


def test_server_error(api):
    api.on("POST", "/x", {"exception_message": "Internal Server Error"}, status=500)
    text = _fails(api, errors.RefusedError, method="post")
    assert text.endswith("the server failed with status 500 (no reason given); see the server's log")


# Patience


@pytest.mark.parametrize("status", [429, 502, 503])
def test_busy_server_is_asked_again(api, pauses, status):
    api.on("GET", "/x", HTML, {"detail": "busy"}, status=status)
    api.on("GET", "/x", {"ok": True})
    assert api.client().get("/x") == {"ok": True}
    assert len(pauses) == 2
    assert 0.5 <= pauses[0] <= 0.75 < 1 <= pauses[1] <= 1.5


def test_patience_ends(api, pauses):
    api.on("GET", "/x", {"detail": "busy"}, status=503)
    _fails(api, errors.RefusedError)
    assert len(pauses) == 4
    assert len(api.requests) == 5


@pytest.mark.parametrize(("header", "waited"), [("7", 7), ("99999", 30), ("-1", 0)])
def test_retry_after_is_bounded(api, pauses, header, waited):
    api.on("GET", "/x", {}, status=429, headers={"Retry-After": header})
    api.on("GET", "/x", {})
    api.client().get("/x")
    assert pauses == [waited]


@pytest.mark.parametrize(
    ("offset", "waited"), [(12, range(10, 13)), (9999, range(30, 31)), (-60, range(1))], ids=["soon", "late", "past"]
)
def test_retry_after_as_a_date(api, pauses, offset, waited):
    headers = {"Retry-After": email.utils.formatdate(time.time() + offset, usegmt=True)}
    api.on("GET", "/x", {}, status=429, headers=headers)
    api.on("GET", "/x", {})
    api.client().get("/x")
    assert round(pauses[0]) in waited


def test_retry_after_is_a_date_of_the_servers_own_clock():
    headers = {"date": "Wed, 21 Oct 2015 07:28:00 GMT", "retry-after": "Wed, 21 Oct 2015 07:28:05 -0000"}
    assert patience.pause(Answer(429, headers, b""), 0) == 5


@pytest.mark.parametrize("text", ["soon", "Wed, 99 Oct 2026 07:28:00 GMT", "", "nan"])
def test_retry_after_that_says_nothing(text):
    assert 0.5 <= patience.pause(Answer(429, {"retry-after": text}, b""), 0) <= 0.75


@pytest.mark.parametrize("status", [429, 503])
def test_a_write_that_was_not_done_is_sent_again(api, pauses, status):
    api.on("POST", "/x", {}, status=status)
    api.on("POST", "/x", {"id": "new"})
    assert api.client().post("/x", {}) == {"id": "new"}
    assert len(pauses) == 1


@pytest.mark.parametrize("status", [502, 504])
@pytest.mark.parametrize("method", ["post", "patch", "delete"])
def test_a_write_that_may_have_been_done_is_not_sent_again(api, pauses, method, status):
    api.on(method.upper(), "/x", HTML, status=status, headers=HTML_TYPE)
    text = _fails(api, errors.RefusedError, method=method)
    assert text.endswith(
        f"a proxy before the server got no answer from it (status {status}); is it running? "
        "It may have been done all the same, so it was not sent again: run the task again"
    )
    assert len(api.requests) == 1
    assert pauses == []


def test_a_list_is_a_read_though_it_is_a_post(api, pauses):
    api.on("POST", "/things/filter", HTML, status=504)
    api.on("POST", "/things/filter", [{"id": "a"}])
    assert list(api.client().filter("/things")) == [{"id": "a"}]
    assert len(pauses) == 1


# What proxies do


@pytest.mark.parametrize(
    ("status", "headers", "text"),
    [
        (400, {}, "refuses it with status 400 and a web page; is api_url to start with https://?"),
        (403, {}, "refuses it with status 403 and a web page; pass the proxy's token in option headers"),
        (413, {}, "let it pass larger requests"),
        (418, {}, "see its log"),
    ],
)
def test_page_of_a_proxy_that_refuses(api, status, headers, text):
    api.on("POST", "/x", HTML, status=status, headers={**HTML_TYPE, **headers})
    assert text in _fails(api, errors.WrongAddressError, method="post")


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        (
            {"WWW-Authenticate": 'Basic realm="canary"'},
            "a proxy before Prefect wants a login (Basic); pass the proxy's",
        ),
        (HTML_TYPE, "a proxy before Prefect wants a login; pass the proxy's token in option headers"),
    ],
)
def test_401_of_a_proxy(api, headers, text):
    api.on("GET", "/x", HTML, status=401, headers=headers)
    assert text in _fails(api, errors.UnauthorizedError)


@pytest.mark.parametrize(("status", "text"), [(405, "rewrites or redirects it"), (429, "too often, try again later")])
def test_mends(api, status, text):
    api.on("POST", "/x", {"detail": "No"}, status=status)
    said = _fails(api, errors.RefusedError, method="post")
    assert f"refused with status {status}: No; " in said
    assert text in said


def test_database_away(api):
    api.on("GET", "/x", {"exception_message": "Service Unavailable"}, status=503)
    assert "not available (status 503, Service Unavailable); is its database up?" in _fails(api, errors.RefusedError)


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [("gzip", gzip.compress), ("GZIP", gzip.compress), ("deflate", zlib.compress), ("gzip", bytes)],
    ids=["gzip", "upper", "deflate", "only said"],
)
def test_compression_that_nobody_asked_for(api, encoding, pack):
    api.on("GET", "/x", pack(json.dumps({"ok": "ü"}).encode()), headers={"Content-Encoding": encoding})
    assert api.client().get("/x") == {"ok": "ü"}
    assert api.requests[0].headers["accept-encoding"] == "identity"


def test_a_list_that_is_none(api):
    api.on("POST", "/things/filter", {"canary": 1})
    with pytest.raises(errors.WrongAddressError, match="the answer is no list"):
        list(api.client().filter("/things"))


def _raw_server(*answers):
    """Answer each connection with raw bytes, and close it."""
    listener = socket.create_server(("127.0.0.1", 0))
    seen = []

    def serve():
        for answer in answers:
            peer, _ = listener.accept()
            with peer.makefile("rb") as sent:
                lines = list(iter(sent.readline, b"\r\n"))
                length = next((int(line.split(b":")[1]) for line in lines if line.startswith(b"Content-Length")), 0)
                seen.append(sent.read(length))
            peer.sendall(answer)
            peer.close()
        listener.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}/api", seen, thread


TORN = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def test_read_that_breaks_off_is_sent_again():
    url, seen, thread = _raw_server(TORN, WHOLE)
    assert Client(Transport(url, timeout=5)).get("/x") == {}
    thread.join(5)
    assert len(seen) == 2


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (TORN, "the connection was closed in the middle of the answer"),
        (b"", "the connection was closed without an answer"),
        (b"\x15\x03\x03\x00\x02\x02F\r\n", "the answer is not HTTP; is api_url to start with https://?"),
    ],
)
def test_write_that_breaks_off_is_not_sent_again(answer, text):
    url, seen, thread = _raw_server(answer)
    with pytest.raises(errors.UnreachableError, match=text) as caught:
        Client(Transport(url, timeout=5)).post("/x", {"value": "canary"})
    assert "It may have been done all the same" in str(caught.value)
    assert "canary" not in str(caught.value)
    thread.join(5)
    assert len(seen) == 1


@pytest.mark.parametrize("host", ["no-such-host.invalid", "x" * 64 + ".example"])
def test_unknown_host(host):
    with pytest.raises(errors.UnreachableError, match="its host name is not known here"):
        Client(Transport(f"http://{host}/api")).get("/x")


# CSRF


def test_csrf_token_is_fetched_on_demand(api):
    def write(request):
        return {
            "token": request.headers.get("prefect-csrf-token"),
            "client": request.headers.get("prefect-csrf-client"),
        }

    api.on("POST", "/x", {"detail": "Missing CSRF token."}, status=403)
    api.on("POST", "/x", write)
    api.on("GET", "/csrf-token", {"token": "t"})
    client = api.client()
    sent = client.post("/x", {})
    assert sent["token"] == "t"
    assert [request.query for request in api.requests if request.path == "/csrf-token"] == [f"client={sent['client']}"]
    # The token serves for the next one, too.
    assert client.post("/x", {}) == sent


def test_csrf_token_that_does_not_help(api):
    api.on("POST", "/x", {"detail": "Invalid CSRF token."}, status=403)
    api.on("GET", "/csrf-token", {"token": "t"})
    assert "status 403: Invalid CSRF token." in _fails(api, errors.RefusedError, method="post")
    assert len(api.requests) == 3


def test_other_403(api):
    api.on("POST", "/x", {"detail": "reserved"}, status=403)
    assert "refused with status 403: reserved" in _fails(api, errors.RefusedError, method="post")


# Pages and check mode


@pytest.mark.parametrize("count", [0, 1, 199, 200, 201, 400, 450])
def test_all_pages(api, count):
    rows = [{"id": at} for at in range(count)]
    api.on("POST", "/things/filter", lambda request: rows[request.body["offset"] :][: request.body["limit"]])
    assert list(api.client().filter("/things", {"sort": "x"})) == rows
    assert {request.body["limit"] for request in api.requests} == {200}
    assert len(api.requests) == count // 200 + 1


@pytest.mark.parametrize("method", ["post", "patch", "delete"])
def test_check_mode_never_writes(api, method):
    text = _fails(api, errors.WriteInCheckModeError, method=method, check_mode=True)
    assert "nothing was sent" in text
    assert api.requests == []


def test_check_mode_reads(api):
    client = api.client(check_mode=True)
    client.find("/x")
    assert list(client.filter("/things")) == []


def test_proxy_of_the_environment(api, monkeypatch):
    monkeypatch.setenv("http_proxy", api.url.removesuffix("/api").replace("//", "//u:p%40@"))
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    api.on("GET", "http://prefect.example:4200/api/version", "1")
    assert Client(Transport("http://prefect.example:4200/api")).get("/version") == "1"
    assert api.requests[0].headers["proxy-authorization"] == "Basic " + base64.b64encode(b"u:p@").decode()
    assert api.requests[0].headers["host"] == "prefect.example:4200"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (422, {"exception_detail": [{"loc": ["body", "job_variables"], "msg": "Extra inputs are not permitted"}]}),
        (405, {"detail": "Method Not Allowed"}),
        (404, {"detail": "Not Found"}),
    ],
)
@pytest.mark.parametrize(("version", "told"), [("2.20.25", True), ("3.1.0", False)])
def test_server_of_another_age(api, status, body, version, told):
    api.on("POST", "/deployments/", body, status=status)
    api.on("GET", "/admin/version", version)
    with pytest.raises(errors.PrefectError) as caught:
        api.client().post("/deployments/", {})
    hint = f"; the server runs Prefect {version}, this collection is for Prefect 3"
    assert str(caught.value).endswith(hint) is told


def test_version_is_not_asked_for_where_the_server_understood(api):
    assert api.client().find("/variables/name/x") is None
    api.on("POST", "/variables/", {"detail": "exists"}, status=409)
    with pytest.raises(errors.RefusedError):
        api.client().post("/variables/", {})
    assert [request.path for request in api.requests] == ["/variables/name/x", "/variables/"]


@pytest.mark.parametrize(
    ("body", "told"), [({"detail": "Forbidden"}, True), ({}, True), ({"detail": "reserved"}, False)]
)
def test_credentials_without_the_right(api, body, told):
    api.on("GET", "/variables/name/x", {"id": "v", "name": "x", "value": 1, "tags": []})
    api.on("PATCH", "/variables/name/x", body, status=403)
    message = api.run("variable", name="x", value=2)["msg"]
    assert message.endswith("; the credentials may not do that, give those of somebody who may") is told


def test_a_key_of_another_workspace_of_prefect_cloud():
    url = "https://api.prefect.cloud/api/accounts/a/workspaces/w"
    answer = Answer(403, {"content-type": "application/json"}, b'{"detail": "Forbidden"}')
    with pytest.raises(errors.RefusedError) as caught:
        Reader(url, url, "api_key", []).content("POST", "/work_pools/filter", answer)
    assert str(caught.value) == (
        f"POST {url}/work_pools/filter: refused with status 403: Forbidden; the API key has no right to this in this "
        "workspace: give a key of that workspace, or name the key's own"
    )
