"""The way in from another host: people log in, machines have their key, nobody else passes."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from testinfra.host import Host

PROJECT = Path(os.environ["MOLECULE_PROJECT_DIRECTORY"])
NETWORK = "flowops-docker"
NAME, LOGIN, STORAGE = "tasks.example.org", "whoareyou.example.org", "storage.example.org"
USER, DENIED, IDLE_SECONDS = "charizard:charizard canarysecret", "eve:eve canarysecret", "25"


@pytest.fixture(scope="module")
def address(host: Host) -> str:
    """Address of the host on the scenario's network."""
    return host.check_output("hostname --ip-address").split()[0]


@pytest.fixture(scope="module")
def authority(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificate of the proxy's own authority."""
    path = tmp_path_factory.mktemp("authority") / "root.crt"
    path.write_text(host.file("/opt/prefect/prefect-proxy.root.crt").content_string)
    path.chmod(0o644)
    return path


def settings(address: str, authority: str) -> dict[str, str]:
    return {
        "FLOWOPS_SSO_URL": f"https://{NAME}",
        "FLOWOPS_SSO_LOGIN": f"https://{LOGIN}",
        "FLOWOPS_SSO_USER": USER,
        "FLOWOPS_SSO_KEY": os.environ["BED_AUTH"],
        "FLOWOPS_SSO_ADDRESS": address,
        "FLOWOPS_SSO_CA": authority,
        "FLOWOPS_SSO_OPEN_NAME": STORAGE,
        "FLOWOPS_SSO_HOSTS": address,
    }


def elsewhere(image: str, command: list[str], env: dict[str, str], authority: Path, *more: str) -> str:
    """Run a command on another host of the network, and return what it says."""
    variables = [word for name, value in env.items() for word in ("--env", f"{name}={value}")]
    mounts = ["--volume", f"{PROJECT}/tests/sso:/sso:ro", "--volume", f"{authority}:/root.crt:ro"]
    done = subprocess.run(
        ["docker", "run", "--rm", "--network", NETWORK, *mounts, *variables, *more, image, *command],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def test_a_browser_is_content(address: str, authority: Path) -> None:
    # Before the attempts, whose wrong passwords keep a user out for a while.
    done = subprocess.run(
        [PROJECT / "tests" / "browser" / "run"],
        env={**os.environ, **settings(address, str(authority))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def test_machines_pass_with_their_key(address: str, authority: Path) -> None:
    env = {
        "PREFECT_API_URL": f"https://{NAME}/api",
        "PREFECT_API_AUTH_STRING": os.environ["BED_AUTH"],
        "SSL_CERT_FILE": "/root.crt",
        "PREFECT_API_SSL_CERT_FILE": "/root.crt",
    }
    image = "prefecthq/prefect:3.8.8-python3.12"
    said = elsewhere(image, ["python", "/sso/machine.py"], env, authority, "--add-host", f"{NAME}:{address}")
    assert "run: " in said


def test_nobody_else_passes(address: str, authority: Path) -> None:
    more = {"FLOWOPS_SSO_DENIED": DENIED, "FLOWOPS_SSO_IDLE": IDLE_SECONDS}
    env = settings(address, "/root.crt") | more
    said = elsewhere("flowops-test/debian:bookworm", ["python3", "/sso/attempts.py"], env, authority)
    assert said.count("refused") >= 12
    assert "idle is not given" not in said
