"""Every way in, and every way to fail: what the user sees is what docs/connection.md says."""

from __future__ import annotations

import base64
import email.utils
import gzip
import ipaddress
import json
import re
import ssl
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType
from typing import Any, NamedTuple

import bed
import certificates
import pytest
from ansible_collections.flowops.prefect.plugins.module_utils.connection import connect
from cryptography import x509
from front import Front

from playbooks import run_ansible

DOCUMENT = bed.ROOT / "docs/connection.md"
BASIC = "Basic " + base64.b64encode(bed.AUTH.encode()).decode()
NAME = "test_connection"


@pytest.fixture(scope="module")
def files(folder):
    """Paths of certificates."""
    place = folder / "certificates"
    place.mkdir()
    authority = certificates.made("authority")
    loopback = (x509.IPAddress(ipaddress.ip_address("127.0.0.1")),)
    pairs = {
        "authority": authority,
        "stranger": certificates.made("stranger"),
        "server": certificates.made("server", authority, names=loopback),
        "expired": certificates.made("expired", authority, days=-1, names=loopback),
        "elsewhere": certificates.made("elsewhere", authority, names=(x509.DNSName("prefect.example.org"),)),
        "client": certificates.made("client", authority),
    }
    return {name: pair.write(place / name) for name, pair in pairs.items()}


@pytest.fixture
def front(prefect, files):
    """Make a proxy in front of the server; of TLS if it is to have a certificate."""
    fronts = []

    def make(behave=None, base="", certificate="", wants_client=False):
        tls = None
        if certificate:
            tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=files["authority"][0])
            tls.load_cert_chain(*files[certificate])
            if wants_client:
                tls.verify_mode = ssl.CERT_REQUIRED
                # In 1.3 the client is refused after it has sent its request, which it may notice in several ways.
                tls.maximum_version = ssl.TLSVersion.TLSv1_2
        fronts.append(Front(prefect.port, behave, base, tls))
        return fronts[-1]

    yield make
    for one in fronts:
        one.close()


@pytest.fixture(autouse=True)
def _alone(monkeypatch, folder):
    monkeypatch.setenv("PREFECT_HOME", str(folder / "no-profiles"))


@pytest.fixture(autouse=True)
def _gone(api):
    yield
    api.call("variable", name=NAME, state="absent")


# Behaviours


def first(what: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Do it to the first request only."""
    return lambda exchange: exchange.before == 0 and what(exchange)


def to_writes(what: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda exchange: exchange.writes and what(exchange)


def compressed(exchange):
    exchange.change = lambda headers, body: ({**headers, "Content-Encoding": "gzip"}, gzip.compress(body))
    return False


def bearer(exchange):
    """Let nobody pass without a token, and give the API its own key."""
    if exchange.headers.get("Authorization") != "Bearer proxy-token":
        return exchange.page(401, WWW_Authenticate='Bearer realm="company"')
    exchange.headers["Authorization"] = BASIC
    return False


def access(exchange):
    if exchange.headers.get("X-Access") != "access-token":
        return exchange.answer(302, Location="https://login.example.org/?rd=prefect")
    return False


def soon(exchange):
    date = email.utils.formatdate(time.time() + 1, usegmt=True)
    return exchange.answer(429, Retry_After=date)


def without_slash(exchange):
    exchange.path = exchange.path.rstrip("/")
    return False


def as_get(exchange):
    exchange.method = "GET" if exchange.writes else exchange.method
    return False


CA = {"ca_path": "authority"}


class Way(NamedTuple):
    situation: str
    behave: Callable[[Any], bool] | None = None
    options: Mapping[str, Any] = MappingProxyType({})
    front: Mapping[str, Any] = MappingProxyType({})
    environment: Mapping[str, str] = MappingProxyType({})
    # How often the write reaches the proxy.
    writes: int = 1


WAYS = [
    Way("auth string"),
    Way("proxy with a path of its own", front={"base": "/orch"}),
    Way("slash at the end of the address", front={"base": "/orch"}, options={"api_url": "{url}/"}),
    Way("private authority", front={"certificate": "server"}, options=CA),
    Way("certificate that is not checked", front={"certificate": "expired"}, options={"validate_certs": False}),
    Way(
        "client certificate",
        front={"certificate": "server", "wants_client": True},
        options={**CA, "client_cert": "client", "client_key": "client"},
    ),
    Way("bearer token of a proxy", bearer, {"auth_string": None, "headers": {"Authorization": "Bearer proxy-token"}}),
    Way("header for a proxy", access, {"headers": {"X-Access": "access-token"}}),
    Way("answers compressed by a proxy", compressed),
    Way("429 with seconds", first(lambda exchange: exchange.answer(429, Retry_After="1"))),
    Way("429 with a date", first(soon)),
    Way("429 at a write", lambda e: e.writes and e.before < 2 and e.answer(429, Retry_After="0"), writes=2),
    Way("503 for a moment", first(lambda exchange: exchange.page(503))),
    Way("502 at a read", first(lambda exchange: exchange.page(502))),
    Way("read that breaks off", first(lambda exchange: exchange.tear())),
]


def _options(way, proxy, files):
    """Return the options of a module, with paths in place of names of certificates."""
    at = {"ca_path": 0, "client_cert": 0, "client_key": 1}
    options = {"api_url": proxy.url, "auth_string": bed.AUTH, **way.options}
    options = {name: files[value][at[name]] if name in at else value for name, value in options.items()}
    address = options["api_url"]
    return {**options, "api_url": address and address.format(url=proxy.url, port=proxy.port)}


@pytest.mark.parametrize("way", WAYS, ids=[way.situation for way in WAYS])
def test_ways_in(api, front, files, way):
    proxy = front(way.behave, **way.front)
    options = _options(way, proxy, files)
    done = api.call("variable", name=NAME, value=1, **options)
    assert done.get("changed") is True, done
    assert len([seen for seen in proxy.seen if seen.method == "POST" and "filter" not in seen.path]) == way.writes
    assert api.call("variable", name=NAME, value=1, **options)["changed"] is False


NOTHING = "http://127.0.0.1:9/api"
PAGE = {"headers": {}}

FAILURES = [
    Way("Nobody listens there", options={"api_url": NOTHING}),
    Way("The name of the host is wrong", options={"api_url": "http://no-such-host.invalid/api"}),
    Way("The final /api is missing", options={"api_url": "http://127.0.0.1:{port}"}),
    Way("No credentials", options={"auth_string": None}),
    Way("Wrong credentials", options={"auth_string": "a:canary"}),
    Way("An API key for a server of one's own", options={"auth_string": None, "api_key": "canary"}),
    Way("A proxy asks for a login", lambda exchange: exchange.page(401, WWW_Authenticate='Basic realm="canary"')),
    Way("A proxy redirects to its login page", access),
    Way("A proxy shows its login page at once", lambda exchange: exchange.page(200)),
    Way("A proxy refuses", lambda exchange: exchange.page(403)),
    Way("A proxy takes no large requests", to_writes(lambda exchange: exchange.page(413))),
    Way(
        "http where it is to be https",
        lambda e: e.answer(308, Location=f"https://{e.headers['Host']}{e.path}"),
    ),
    Way("A proxy takes away the final slash", without_slash),
    Way("A proxy of TLS does not tell the scheme", without_slash, CA, {"certificate": "server"}),
    Way("A proxy makes a GET of a POST", as_get),
    Way("Too many requests, for long", lambda exchange: exchange.answer(429, Retry_After="0")),
    Way("The database is away, for long", lambda e: e.answer(503, b'{"detail": "Database"}', Retry_After="0")),
    Way("A proxy gets no answer to a read", lambda exchange: exchange.page(502, Retry_After="0")),
    Way("A proxy gets no answer to a write", to_writes(lambda exchange: exchange.page(502))),
    Way("The answer to a write breaks off", to_writes(lambda exchange: exchange.tear())),
    Way("The server does not answer in time", lambda _exchange: bool(time.sleep(2)), {"timeout": 1}),
    Way("https to a port without TLS", options={"api_url": "https://127.0.0.1:{port}/api"}),
    Way("http to a port with TLS", front={"certificate": "server"}, options={"api_url": "http://127.0.0.1:{port}/api"}),
    Way("An authority that is not known", front={"certificate": "server"}),
    Way("A certificate that has expired", front={"certificate": "expired"}, options=CA),
    Way("A certificate for another host", front={"certificate": "elsewhere"}, options=CA),
    Way("A client certificate is asked for", front={"certificate": "server", "wants_client": True}, options=CA),
    Way("Another server than the API", lambda exchange: exchange.page(404)),
    Way(
        "A credential that was meant for another server",
        options={"auth_string": None},
        environment={"PREFECT_API_URL": NOTHING, "PREFECT_API_AUTH_STRING": "a:canary"},
    ),
    Way("A wrong address in the environment", options={"api_url": None}, environment={"PREFECT_API_URL": NOTHING}),
    Way("A profile that does not exist", options={"api_url": None, "profile": "lokal"}),
]


def _shown(text, port):
    """Return a message without what differs from run to run, and from one OpenSSL to another."""
    text = re.sub(r"/\S*/profiles.toml", "~/.prefect/profiles.toml", text.replace(NAME, "NAME"))
    text = re.sub(r"(trusted|TLS connection) \(.*?\.?\);", r"\1 (...);", text)
    return re.sub(rf"127\.0\.0\.1:(9|{port})\b", "HOST", text).replace("\n", " ")


@pytest.mark.parametrize("way", FAILURES, ids=[way.situation for way in FAILURES])
def test_ways_to_fail(api, front, files, monkeypatch, way):
    for name, value in way.environment.items():
        monkeypatch.setenv(name, value)
    proxy = front(way.behave, **way.front)
    options = _options(way, proxy, files)
    failed = api.call("variable", name=NAME, value=1, **options)
    assert failed.get("failed"), failed
    assert "canary" not in json.dumps(failed)
    row = f"| {way.situation} | {_shown(failed['msg'], proxy.port)} |"
    print(row)
    assert row in DOCUMENT.read_text().splitlines()


def test_a_write_whose_answer_is_lost(api, front):
    """The task fails, the write was done, and the next run finds nothing to do."""

    def lose(exchange):
        exchange.lose = exchange.writes
        return False

    proxy = front(lose)
    options = {"name": NAME, "value": 1, "api_url": proxy.url}
    assert "It may have been done all the same" in api.call("variable", **options)["msg"]
    assert len([seen for seen in proxy.seen if seen.method == "POST"]) == 1
    assert api.call("variable", **options)["changed"] is False


@pytest.mark.usefixtures("prefect")
def test_csrf_protection_and_no_credentials(folder, postgres):
    """One client in eight threads, at a server that protects its writes and asks for no key."""
    (folder / "open").mkdir()
    server = bed.Prefect(folder / "open", postgres)
    del server.environment["PREFECT_SERVER_API_AUTH_STRING"]
    names = [f"{NAME}_{at}" for at in range(40)]
    with server.running(PREFECT_SERVER_CSRF_PROTECTION_ENABLED="true"):
        client = connect({"api_url": server.api}, check_mode=False)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda name: client.post("/variables/", {"name": name, "value": 1}), names))
            found = {row["name"] for row in client.filter("/variables")}
            list(pool.map(lambda name: client.delete(f"/variables/name/{name}"), names))
        assert set(names) <= found
        assert not set(names) & {row["name"] for row in client.filter("/variables")}


def test_no_secret_of_a_profile_in_any_output(api, front, folder):
    """The module runs with a profile, fails with it, and withholds what was meant for another server."""
    place = folder / "secret-profile"
    place.mkdir()
    proxy = front(bearer)
    headers = {"X-A": "kanarie-vogel-header", "Authorization": "Bearer proxy-token"}
    settings = {
        "PREFECT_API_URL": proxy.url,
        "PREFECT_API_KEY": "kanarie-vogel-key",
        "PREFECT_CLIENT_CUSTOM_HEADERS": json.dumps(headers),
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    (place / "profiles.toml").write_text("\n".join(["[profiles.work]", *lines]))
    tasks = [
        {"flowops.prefect.variable": {"name": NAME, "value": 1, "profile": "work"}},
        {"flowops.prefect.variable": {"name": NAME, "value": 1}},
        {"flowops.prefect.variable": {"name": NAME, "api_url": api.recorder.url}, "ignore_errors": True},
        {"flowops.prefect.variable": {"name": NAME, "profile": "wrok"}, "ignore_errors": True},
        {"flowops.prefect.server_info": {}},
    ]
    play = [{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]
    (place / "play.yml").write_text(json.dumps(play))
    environment = {"PREFECT_PROFILE": "work", "PREFECT_API_AUTH_STRING": ""}
    done = run_ansible(place, "ansible-playbook", "play.yml", "-vvv", "--diff", **environment)
    output = done.stdout + done.stderr
    assert re.search(r"ok=5 +changed=1 .*failed=0 .*ignored=2", output), output[-3000:]
    assert "answers 401: it wants credentials, and none were given" in output
    assert "did you mean 'work'?" in output
    assert [seen.headers["X-A"] for seen in proxy.seen] == ["kanarie-vogel-header"] * len(proxy.seen)
    for secret in ("kanarie", "proxy-token"):
        assert [line for line in output.splitlines() if secret in line] == []
