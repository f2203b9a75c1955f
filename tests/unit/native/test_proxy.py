"""The Caddyfile: what is where, and nothing but what was asked for. tests/sso proves it on a running one."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from ansible_collections.flowops.prefect.plugins.plugin_utils.components import proxy

HOST = {"root": "/opt/prefect", "platform": "docker"}
KEY = proxy.basic_auth_header("machine:k3y")
AUTH = {"url": "http://prefect-authelia:9091/api/authz/forward-auth", "copy_headers": ["Remote-User", "Remote-Groups"]}
PREFECT = {
    "setting": "prefect.public_url", "url": "https://tasks.example.org", "host": "tasks.example.org", "path": "",
    "upstream": "prefect-server:4200", "kind": "prefect", "sso": True, "auth_header": KEY,
}  # fmt: skip
PLAIN = {
    "setting": "prefect.proxy.sites.0.url", "url": "https://dask.example.org", "host": "dask.example.org", "path": "",
    "upstream": "http://dask:8787", "kind": "plain", "sso": False, "auth_header": None,
}  # fmt: skip
SETTINGS: dict[str, Any] = {
    "image": "caddy:2.10.2", "host": "0.0.0.0", "http_port": 8080, "https_port": 8443, "hsts": True, "headers": {},
    "tls": {"mode": "automatic", "email": None, "acme_ca": None, "cert_file": None, "key_file": None},
    "networks": ["caddy-network"], "zones": ["prefect-edge"], "snippet": None, "auth": AUTH,
    "sites_all": [PREFECT, PLAIN],
}  # fmt: skip


def tls(**changes: Any) -> dict[str, Any]:
    return {"tls": {**SETTINGS["tls"], **changes}}


def written(**changes: Any) -> str:
    return proxy.caddyfile({**SETTINGS, **changes})


def site(name: str, **changes: Any) -> str:
    """Return the https block of one name."""
    found = re.search(rf"^https?://{re.escape(name)} {{\n\t(?!redir).*?^}}", written(**changes), re.M | re.S)
    assert found
    return found[0]


def prefect(**changes: Any) -> str:
    return site("tasks.example.org", sites_all=[{**PREFECT, **changes}])


def before(text: str, first: str, second: str) -> bool:
    return 0 <= text.index(first) < text.index(second)


def test_it_answers_to_nobody_but_browsers() -> None:
    text = written()
    assert "\tadmin off\n" in text
    assert "\tstrict_sni_host on\n" in text
    assert text.endswith("http:// {\n\trespond 421\n}\n")


def test_http_leads_to_the_public_address() -> None:
    url = "https://tasks.example.org:8443"
    assert "http://tasks.example.org {\n\tredir https://tasks.example.org:8443{uri} 308\n}" in written(
        sites_all=[{**PREFECT, "url": url}]
    )


def test_a_site_without_tls_stays_without() -> None:
    text = written(sites_all=[{**PLAIN, "url": "http://dask.example.org"}], **tls(mode="internal"))
    assert text.count("http://dask.example.org") == 1
    assert "tls internal" not in text
    assert "Strict-Transport-Security" not in text


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"mode": "internal"}, "tls internal"),
        ({"mode": "files"}, "tls /etc/caddy/tls/certificate.pem /etc/caddy/tls/key.pem"),
        ({"email": "a@example.org"}, "tls a@example.org"),
        ({"email": "a@example.org", "acme_ca": "https://ca/d"}, "tls a@example.org {\n\t\tca https://ca/d\n\t}"),
        ({"acme_ca": "https://ca/d"}, "tls {\n\t\tca https://ca/d\n\t}"),
    ],
)
def test_certificates(changes: dict[str, Any], line: str) -> None:
    assert f"\t{line}\n" in site("dask.example.org", **tls(**changes))


def test_certificates_are_had_by_default() -> None:
    assert "\ttls" not in written()


@pytest.mark.parametrize("name", ["tasks.example.org", "dask.example.org"])
def test_identities_that_clients_send_are_dropped_first(name: str) -> None:
    text = site(name)
    for header in ("Remote-*", "X-Original-*", "Remote-User"):
        assert before(text, f"request_header -{header}\n", "reverse_proxy")
    assert before(text, "request_header -Remote-Groups", "reverse_proxy")


def test_a_renamed_header_is_dropped_too() -> None:
    text = site("dask.example.org", auth={**AUTH, "copy_headers": ["X-Auth-User>X-User"]})
    assert "request_header -X-User\n" in text


def test_machines_pass_by_the_exact_header_below_the_api_only() -> None:
    text = prefect()
    assert f'@machine {{\n\t\t\tpath /api /api/*\n\t\t\theader Authorization "{KEY}"\n' in text
    assert before(text, "handle @machine", "forward_auth")


def test_other_keys_are_told_so() -> None:
    assert before(prefect(), "handle @stranger {\n\t\t\trespond 401", "forward_auth")


def test_people_are_given_the_key_after_their_login() -> None:
    text = prefect()
    assert before(text, "forward_auth", f'header_up Authorization "{KEY}"')
    assert text.count("header_up Authorization") == 1


@pytest.mark.parametrize(
    ("path", "passes"),
    [
        ("/api/events/in", True),
        ("/api/events/out", True),
        ("/api/logs/out", True),
        ("/api/task_runs/subscriptions/scheduled", True),
        ("/api/work_pools/my%20pool/workers/connect", True),
        ("/api/events/in?x=1", False),
        ("/api/events/in/", False),
        ("/API/events/in", False),
        ("//api/events/in", False),
        ("/x/../api/events/in", False),
        ("/api/events/%69n", False),
        ("/api/events/in;x", False),
        ("/api/work_pools/a/b/workers/connect", False),
        ("/api/work_pools//workers/connect", False),
        ("/api/flows/filter", False),
    ],
)
def test_websockets_pass_on_their_own_paths_as_they_were_sent(path: str, passes: bool) -> None:
    found = re.search(r"vars_regexp socket \{http.request.uri\} (\S+)\n", prefect())
    assert found
    assert (re.search(found[1], path) is not None) is passes
    with_base = re.search(r"vars_regexp socket \{http.request.uri\} (\S+)\n", prefect(path="/a.b"))
    assert with_base
    assert re.search(with_base[1], f"/a.b{path}") is not None if passes else True
    assert re.search(with_base[1], f"/axb{path}") is None


def test_without_an_auth_string_everybody_logs_in() -> None:
    text = prefect(auth_header=None)
    assert "@machine" not in text
    assert "@websocket" not in text
    assert "ui-settings" not in text
    assert before(text, "forward_auth", "reverse_proxy")


def test_without_single_sign_on_it_is_a_plain_proxy() -> None:
    text = site("tasks.example.org", sites_all=[{**PREFECT, "sso": False}], auth=None)
    assert "forward_auth" not in text
    assert "Authorization" not in text
    assert "reverse_proxy prefect-server:4200\n" in text


def test_a_login_that_nobody_serves_is_an_error() -> None:
    with pytest.raises(ValueError, match="single sign-on"):
        written(auth=None)


def test_the_ui_starts_without_a_password() -> None:
    text = prefect(url="https://tasks.example.org/prefect", path="/prefect", ui_settings={"csrf_enabled": True})
    assert "@settings path /prefect/ui-settings\n" in text
    found = re.search(r"respond \"(\\\{.*api_url.*)\"\n", text)
    assert found
    assert json.loads(found[1].replace('\\"', '"').replace("\\{", "{")) == {
        "api_url": "https://tasks.example.org/prefect/api",
        "csrf_enabled": True,
        "auth": None,
        "flags": [],
        "default_ui": "v2",
        "available_uis": ["v1", "v2"],
        "v1_base_url": "/prefect",
        "v2_base_url": "/prefect/v2",
    }


def test_what_browsers_ask_for_without_a_session_is_answered_by_the_proxy() -> None:
    text = prefect()
    assert before(text, "handle @manifest {", "forward_auth")
    answer = text[text.index("handle @manifest {") : text.index("forward_auth")]
    assert "respond" in answer
    assert "reverse_proxy" not in answer


def test_icons_are_found_behind_the_login() -> None:
    text = prefect(url="https://tasks.example.org/prefect", path="/prefect")
    assert before(text, "forward_auth", "rewrite @icon /prefect/ico{path}\n")


def test_pages_of_others_change_nothing() -> None:
    text = prefect(url="https://Tasks.example.org:8443")
    assert before(text, "not header Origin https://tasks.example.org:8443\n", "forward_auth")
    # Within `handle` Caddy would sort them.
    assert re.search(r"handle \{\n\t*route \{\n\t*request_header -Authorization\n\t*@foreign", text)


def test_a_base_path_is_where_the_root_leads() -> None:
    text = prefect(url="https://tasks.example.org/prefect", path="/prefect")
    assert "@root path /\n\t\tredir @root /prefect 302\n" in text
    assert "path /prefect/api /prefect/api/*\n" in text


def test_own_headers_come_before_ours() -> None:
    text = site("dask.example.org", headers={"X-Frame-Options": "DENY", "Referrer-Policy": None, "X-A": 'a "b" {c} d'})
    assert "\t\tX-Frame-Options DENY\n" in text
    assert "\t\t-Referrer-Policy\n" in text
    assert '\t\tX-A "a \\"b\\" \\{c} d"\n' in text
    assert "\t\t-Server\n" in text


@pytest.mark.parametrize("headers", [{"X-A": "a\nb"}, {"X-A": "{$HOME}"}, {"X-A": "a\\"}, {"-X-A": "b"}, {"X A": "b"}])
def test_a_value_cannot_become_more_than_a_value(headers: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"prefect\.proxy"):
        written(headers=headers)


def test_any_forward_auth_will_do() -> None:
    auth = {
        "url": "https://sso.example.org/auth?x=1",
        "copy_headers": ["A>Remote-User"],
        "login_url": "https://sso.example.org/in",
    }
    text = site("dask.example.org", auth=auth, sites_all=[{**PLAIN, "sso": True}])
    assert "forward_auth https://sso.example.org {\n\t\t\turi /auth?x=1\n\t\t\tcopy_headers A>Remote-User\n" in text
    assert "header_up Host {upstream_hostport}" in text
    assert "redir https://sso.example.org/in?rd={scheme}://{hostport}{uri} 302" in text


def test_a_snippet_is_sites_only() -> None:
    text = proxy.caddy_snippet({**SETTINGS, **tls(mode="files", cert_file="/c.pem", key_file="/k.pem")})
    assert re.findall(r"^\S.*{$", text, re.M) == ["https://tasks.example.org {", "https://dask.example.org {"]
    assert "\ttls /c.pem /k.pem\n" in text


def test_the_service_holds_its_secrets_in_files() -> None:
    service = proxy.proxy_service({**SETTINGS, **tls(mode="files")}, HOST, {"certificate": "C", "key": "K"})
    assert [(file["path"], file["secret"]) for file in service["files"]] == [
        ("/etc/caddy/Caddyfile", True),
        ("/etc/caddy/tls/certificate.pem", True),
        ("/etc/caddy/tls/key.pem", True),
    ]
    assert KEY.split()[1] not in json.dumps({**service, "files": []})
    assert [(port["port"], port["container_port"]) for port in service["ports"]] == [(8080, 80), (8443, 443)]
    assert service["networks"] == ["prefect-edge", "caddy-network"]


def test_the_check_reads_the_same_files_and_touches_nothing() -> None:
    service = proxy.proxy_service(SETTINGS, HOST)
    job = proxy.proxy_check_job(SETTINGS, HOST)
    assert job["files"] == service["files"]
    assert job["directories"] == job["ports"] == job["networks"] == []
    assert job["command"][:2] == ["caddy", "validate"]


@pytest.mark.parametrize("address", ["192.0.2.1", "[2001:db8::1]"])
def test_an_address_is_a_name_without_a_name(address: str) -> None:
    text = written(sites_all=[{**PLAIN, "url": f"https://{address}", "host": address}])
    assert f"default_sni {address}\n" in text
    assert "strict_sni_host" not in text
