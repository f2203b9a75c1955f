"""Certificates: of the server, of its authority, and of the client."""

from __future__ import annotations

import http.server
import ipaddress
import ssl
import sys
import threading
from pathlib import Path
from typing import NamedTuple

import pytest
from ansible_collections.flowops.prefect.plugins.module_utils.causes import cause
from ansible_collections.flowops.prefect.plugins.module_utils.client import Client
from ansible_collections.flowops.prefect.plugins.module_utils.errors import InvalidError, UnreachableError
from ansible_collections.flowops.prefect.plugins.module_utils.transport import Transport
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

sys.path.insert(0, str(Path(__file__).parents[2] / "integration/lib"))

from certificates import Pair, made


class Files(NamedTuple):
    ca: str
    other_ca: str
    client: tuple[str, str]
    stranger: tuple[str, str]
    servers: dict[str, tuple[str, str]]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    authority, other = made("authority"), made("other authority")
    loopback = (x509.IPAddress(ipaddress.ip_address("127.0.0.1")),)
    servers = {
        "good": made("good", authority, names=loopback),
        "expired": made("expired", authority, days=-1, names=loopback),
        "other host": made("other host", authority, names=(x509.DNSName("prefect.example"),)),
    }
    return Files(
        authority.write(folder / "ca")[0],
        other.write(folder / "other")[0],
        made("client", authority).write(folder / "client"),
        made("stranger", other).write(folder / "stranger"),
        {name: pair.write(folder / name.replace(" ", "-")) for name, pair in servers.items()},
    )


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        content = b'"0.8.4"'
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args):
        """Say nothing."""


class QuietServer(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_args):
        """Say nothing of a client that goes away."""


@pytest.fixture
def serve(files):
    servers = []

    def start(name="good", wants_client=False, version=None):
        server = QuietServer(("127.0.0.1", 0), Handler)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=files.ca if wants_client else None)
        context.load_cert_chain(*files.servers[name])
        if wants_client:
            context.verify_mode = ssl.CERT_REQUIRED
        if version:
            context.maximum_version = version
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return f"https://127.0.0.1:{server.server_port}/api"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def _version(url, **options):
    return Client(Transport(url, timeout=5, **options)).get("/version")


def test_private_authority(serve, files):
    assert _version(serve(), ca_path=files.ca) == "0.8.4"


@pytest.mark.parametrize(
    ("name", "mend"),
    [
        ("good", "set ca_path to the file of the authority"),
        ("expired", "renew it, and compare the clocks"),
        ("other host", "set api_url to a name that it is made out to"),
    ],
)
def test_untrusted(serve, files, name, mend):
    url = serve(name)
    with pytest.raises(UnreachableError, match="its certificate is not trusted") as caught:
        _version(url, ca_path=files.other_ca if name == "good" else files.ca)
    assert str(caught.value).endswith(mend)
    assert _version(url, validate_certs=False) == "0.8.4"


def test_certificate_that_a_new_python_does_not_take():
    error = ssl.SSLCertVerificationError(1, "x")
    error.verify_code, error.verify_message = 85, "Missing Authority Key Identifier"
    assert cause(error, 30) == (
        "its certificate is not trusted (Missing Authority Key Identifier); "
        "have it issued anew, or its authority: Python 3.13 and newer ask for more than older ones"
    )


VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


@pytest.mark.parametrize("version", VERSIONS)
def test_client_certificate(serve, files, version, tmp_path):
    url = serve(wants_client=True, version=version)
    cert, key = files.client
    assert _version(url, ca_path=files.ca, client_cert=cert, client_key=key) == "0.8.4"
    both = tmp_path / "both.pem"
    both.write_text("".join(Path(path).read_text() for path in files.client))
    assert _version(url, ca_path=files.ca, client_cert=str(both)) == "0.8.4"


@pytest.mark.parametrize("version", VERSIONS)
def test_client_certificate_that_is_missing(serve, files, version):
    with pytest.raises(UnreachableError, match=r"client certificate.*client_cert"):
        _version(serve(wants_client=True, version=version), ca_path=files.ca)


@pytest.mark.parametrize("version", VERSIONS)
def test_client_certificate_of_a_stranger(serve, files, version):
    cert, key = files.stranger
    with pytest.raises(UnreachableError, match="client_cert"):
        _version(serve(wants_client=True, version=version), ca_path=files.ca, client_cert=cert, client_key=key)


def test_tls_port_asked_in_plain(serve):
    with pytest.raises(UnreachableError, match="is api_url to start with https://"):
        _version(serve().replace("https:", "http:"))


def test_bad_files(files, tmp_path):
    cert, key = files.client
    nothing = tmp_path / "nothing.pem"
    nothing.write_text("nothing")
    locked_cert, locked_key = Pair(made("x").certificate, ec.generate_private_key(ec.SECP256R1())).write(
        tmp_path / "locked", b"canary"
    )
    for options, text in (
        ({"ca_path": "/no/ca"}, "ca_path: No such file or directory: /no/ca"),
        ({"ca_path": str(nothing)}, f"ca_path: {nothing} holds no certificate in PEM form"),
        ({"client_cert": "/no/cert"}, "client_cert: No such file or directory: /no/cert"),
        ({"client_cert": cert, "client_key": "/no/key"}, "client_key: No such file or directory: /no/key"),
        ({"client_cert": cert}, "client_key was not given"),
        ({"client_cert": str(nothing), "client_key": key}, "client_cert: expected a certificate and its key"),
        (
            {"client_cert": cert, "client_key": files.stranger[1]},
            f"client_key: is not the key of the certificate in {cert}",
        ),
        ({"client_cert": locked_cert, "client_key": locked_key}, "client_key: is protected by a password"),
        ({"client_key": key}, "client_key: was given without client_cert"),
    ):
        with pytest.raises(InvalidError) as caught:
            Transport("https://127.0.0.1:9/api", **options)
        assert text in str(caught.value)
