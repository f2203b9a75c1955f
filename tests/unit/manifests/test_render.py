"""Manifests as files: the same every time, in order, and without a secret in them."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from ansible_collections.flowops.prefect.plugins.plugin_utils.kubernetes.render import (
    foundation_files,
    rendered_host,
    secrets_file,
    service_files,
    stale_files,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from kubernetes_validate.utils import all_versions

from .samples import BARE, HOST, MIGRATION, POSTGRES, SECRET_VALUES, SERVER, SETTINGS, WORKER, Map

SERVICES = [SERVER, POSTGRES, WORKER, BARE]
SCHEMALESS = ("Gateway", "HTTPRoute")


def all_files(services: list[Map], job: Map, settings: Map) -> dict[str, str]:
    """Return every file of an installation by its name, as the role writes them."""
    files = foundation_files(settings) | service_files(job, settings, "completed")
    for spec in services:
        files |= service_files(spec, settings)
    return dict(sorted({**files, "SECRETS.md": secrets_file(files.values())}.items()))


def rendered(settings: Map = SETTINGS) -> dict[str, str]:
    return all_files(SERVICES, MIGRATION, settings)


def objects(text: str) -> list[Map]:
    return list(yaml.safe_load_all(text))


def test_files_come_in_the_order_in_which_they_are_applied() -> None:
    assert list(rendered()) == [
        "00-prefect-foundation.yaml",
        "10-prefect-postgres.yaml",
        "30-prefect-migration.yaml",
        "40-prefect-server.yaml",
        "60-prefect-worker-team-a-1.yaml",
        "70-prefect-bare.yaml",
        "SECRETS.md",
    ]


# Each writes a whole installation.
@settings(max_examples=5)
@given(st.permutations(SERVICES), st.permutations(sorted(SERVER)))
def test_the_same_document_makes_the_same_bytes(services: list[Map], keys: list[str]) -> None:
    shuffled = [{key: SERVER[key] for key in keys} if spec is SERVER else spec for spec in services]
    assert all_files(shuffled, MIGRATION, SETTINGS) == rendered()


@settings(max_examples=10)
@given(st.text(min_size=6, alphabet=st.characters(min_codepoint=33, max_codepoint=0x24F)).filter(str.strip))
def test_no_file_holds_a_secret(secret: str) -> None:
    secret = f"{secret}~s3cr3t"
    spec = {**POSTGRES, "secret_env": {"A": secret}, "files": [{**POSTGRES["files"][0], "content": secret}]}
    job = {**MIGRATION, "secret_env": {"A": secret}}
    files = all_files([spec, {**SERVER, "secret_env": {"B": secret}}], job, SETTINGS)
    encoded = base64.b64encode(secret.encode()).decode()
    everything = json.dumps(
        [[objects(text) for name, text in files.items() if name != "SECRETS.md"], files["SECRETS.md"]]
    )
    assert secret not in everything
    assert json.dumps(secret)[1:-1] not in everything
    assert encoded not in everything


def test_no_file_tells_that_a_secret_changed() -> None:
    # Not even by a digest, which a weak password could be guessed from.
    changed = {**SERVER, "secret_env": dict.fromkeys(SERVER["secret_env"], "another")}
    assert service_files(changed, SETTINGS) == service_files(SERVER, SETTINGS)


def test_a_document_of_yaml_is_an_object_with_sorted_keys() -> None:
    for name, text in rendered().items():
        if name.endswith(".yaml"):
            assert text.startswith("---\n")
            assert text.count("---\n") == len(objects(text))
            assert "Secret" not in [item["kind"] for item in objects(text)]
            for item in objects(text):
                assert json.dumps(item) == json.dumps(item, sort_keys=True)


@pytest.mark.parametrize("version", [all_versions()[0], all_versions()[-1]])
def test_every_file_fits_the_schemas(version: str) -> None:
    for name, text in rendered().items():
        for item in objects(text) if name.endswith(".yaml") else ():
            if item["kind"] not in SCHEMALESS:
                kubernetes_validate.validate(item, version, strict=True)


def test_a_changed_job_has_another_name() -> None:
    def name(spec: Map, settings: Map = SETTINGS) -> Any:
        [text] = service_files(spec, settings, "completed").values()
        return next(item["metadata"]["name"] for item in objects(text) if item["kind"] == "Job")

    assert name(MIGRATION) == name(MIGRATION)
    assert name(MIGRATION) != name(MIGRATION, {**SETTINGS, "image": "prefect:2"})
    assert len(name({**MIGRATION, "name": "m" * 52})) == 52


def test_the_secrets_are_listed_with_their_keys_and_users() -> None:
    page = rendered()["SECRETS.md"]
    rows = {line.split(" | ")[0].strip("| "): line for line in page.splitlines() if line.startswith("| ")}
    server = "| prefect-server | prefect | PREFECT_SERVER_API_AUTH_STRING, PREFECT_X | Deployment prefect-server |"
    assert rows["prefect-server"] == server
    assert rows["pg-app"] == "| pg-app | prefect | password | Deployment prefect-server |"
    assert "tls.crt, tls.key | Ingress prefect-server, Ingress prefect-server-api" in rows["prefect-tls"]
    assert "run_secrets_postgres_password | StatefulSet prefect-postgres" in rows["prefect-postgres"]
    assert ".dockerconfigjson" in rows["registry"]
    assert "flowops.prefect.salt" not in page


def test_the_users_own_references_are_listed_too() -> None:
    words = {
        "pod": {
            "containers": [{"name": "s", "image": "i", "envFrom": [{"secretRef": {"name": "whole"}}]}],
            "volumes": [
                {"name": "a", "secret": {"secretName": "mounted"}},
                {
                    "name": "b",
                    "projected": {"sources": [{"secret": {"name": "part", "items": [{"key": "k", "path": "p"}]}}]},
                },
            ],
        }
    }
    gateway = {"enabled": True, "class_name": "envoy", "tls_secret_name": "certificate"}
    settings = {**SETTINGS, "server": words, "ingress": {}, "gateway": gateway}
    page = secrets_file(service_files(SERVER, settings).values())
    for row in ("| whole | prefect | (all)", "| mounted | prefect | (all)", "| part | prefect | k", "| certificate |"):
        assert row in page


def test_secrets_of_flow_runs_elsewhere_are_listed_too() -> None:
    spec = {**WORKER, "copies": [{"name": "prefect-worker-runs", "namespace": "jobs"}]}
    files = service_files(spec, SETTINGS)
    page = secrets_file(files.values())
    assert "| prefect-worker-runs | jobs | PREFECT_API_AUTH_STRING | flow runs |" in page
    assert "prefect-worker-team-a-1 | prefect | PREFECT_API_AUTH_STRING | Deployment" in page
    assert not [value for value in SECRET_VALUES if value in str(files)]


def test_an_installation_without_secrets_says_so() -> None:
    page = secrets_file(service_files(BARE, {"version": "3.8.8", "image": "i"}).values())
    assert page == "# Secrets\n\nThe manifests in this folder refer to no Secret.\n"


def test_files_of_services_that_are_declared_no_longer_are_found() -> None:
    files = rendered()
    names = [spec["name"] for spec in SERVICES]
    assert stale_files(files, names) == ["30-prefect-migration.yaml"]
    assert stale_files(files, [*names, MIGRATION["name"]]) == []
    assert stale_files(files, []) == [*files][1:-1]


# What people keep beside: in Kubernetes' words, in kustomize's, of their own, not YAML at all.
FOREIGN = [
    "kind: Deployment\nmetadata: {name: a, labels: {app.kubernetes.io/managed-by: Helm}}\n",
    "resources:\n- 40-prefect-server.yaml\nimagePullSecrets: []\n",
    "- a\n---\nmetadata: [1]\n---\nmetadata: {labels: x}\n",
    "{{ template }}: {a\n",
    "a: 2024-99-99\n",
    "",
]


@pytest.mark.parametrize("text", FOREIGN)
def test_files_of_others_stay_and_are_not_read(text: str) -> None:
    [ours] = service_files(SERVER, SETTINGS).values()
    assert stale_files({"80-mine.yaml": text}, []) == []
    assert stale_files({"80-mine.yaml": f"{ours}---\nkind: ConfigMap\n"}, []) == []
    assert secrets_file([text, ours]) == secrets_file([ours])


# Other readers than Python's take them for numbers or truth values.
ODD = ["1e3", "1e-3", "1E5", ".5e3", "-.5e3", "0o17", "123_4e5", "12345678901234e5", "-_1", "y", "Y", "n", "N"]


def test_every_reader_takes_texts_for_texts() -> None:
    env = {
        f"V{index}": text
        for index, text in enumerate([*ODD, "null", "on", "~", "2024-01-01", "0x1F", "", "1\n2", "a\x85b\u2028c"])
    }
    [text] = service_files({**BARE, "env": env, "name": "y"}, SETTINGS).values()
    scalars = [item for item in yaml.parse(text) if isinstance(item, yaml.ScalarEvent)]
    for value in env.values():
        assert {item.style for item in scalars if item.value == value} <= {"'", '"'}
    assert "name: 'y'\n" in text
    assert r'value: "a\Nb\Lc"' in text
    assert "containerPort: 4200\n" in next(iter(service_files(SERVER, SETTINGS).values()))
    [workload] = [item for item in objects(text) if item["kind"] == "Deployment"]
    shown = {item["name"]: item["value"] for item in workload["spec"]["template"]["spec"]["containers"][0]["env"]}
    assert env.items() <= shown.items()


def test_nobody_is_asked_for_the_cluster() -> None:
    host = rendered_host({"namespace": None, "image": "i"})
    assert (host["namespace"], host["namespace_state"], host["objects"]) == ("prefect", "missing", [])
    assert {"autoscaling/v2", "policy/v1", "gateway.networking.k8s.io/v1"} <= set(host["apis"])


def play_service(folder: Path, *arguments: str) -> str:
    """Render the server as the role does, and return the recap."""
    variables = {
        "prefect_kubernetes": {**SETTINGS, "render_dir": str(folder / "out")},
        "prefect_service": {**SERVER, "resources": {}},
        "prefect_service_host": HOST,
    }
    return play(folder, "prefect_service", "kubernetes/render", variables, *arguments)


def play(folder: Path, role: str, tasks: str, variables: Map, *arguments: str) -> str:
    """Run tasks of a role, and return the recap."""
    task = {"ansible.builtin.include_role": {"name": f"flowops.prefect.{role}", "tasks_from": tasks}}
    book = [{"hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": [task]}]
    (folder / "play.yml").write_text(json.dumps(book))
    (folder / "ansible.cfg").touch()
    environment = {
        **os.environ,
        "ANSIBLE_HOME": str(folder / "home"),
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "LC_ALL": "C.UTF-8",
    }
    command = [str(Path(sys.executable).with_name("ansible-playbook")), str(folder / "play.yml"), "--diff", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "s3cr3t" not in done.stdout + done.stderr
    return done.stdout.splitlines()[-2]


def test_the_role_writes_the_files_once(tmp_path: Path) -> None:
    assert "failed=0" in play_service(tmp_path, "--check")
    assert not (tmp_path / "out").exists()
    # The folder and two files, and nothing by the second time.
    assert "changed=3" in play_service(tmp_path)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["40-prefect-server.yaml", "SECRETS.md"]
    [expected] = service_files(SERVER, SETTINGS).values()
    assert (tmp_path / "out" / "40-prefect-server.yaml").read_text() == expected
    assert "| prefect-server |" in (tmp_path / "out" / "SECRETS.md").read_text()


def test_the_role_removes_what_it_wrote_and_nothing_else(tmp_path: Path) -> None:
    out = tmp_path / "out"
    document = {"platform": "kubernetes", "server": {"auth_string": "admin:s3cr3t"}}
    variables = {"prefect": document, "prefect_render_dir": str(out)}
    inventory = tmp_path / "hosts"
    host = "localhost ansible_connection=local ansible_python_interpreter='{{ ansible_playbook_python }}'"
    inventory.write_text(f"[prefect_servers]\n{host}\n")
    # A folder that is not there yet is empty.
    assert "failed=0" in play(tmp_path, "prefect_kubernetes", "render", variables, "-i", str(inventory), "--check")
    out.mkdir()
    for name, text in {**rendered(), "80-mine.yaml": FOREIGN[0], "81-values.yaml": FOREIGN[3]}.items():
        (out / name).write_text(text)
    play(tmp_path, "prefect_kubernetes", "render", variables, "-i", str(inventory))
    assert sorted(path.name for path in out.iterdir()) == [
        "00-prefect-foundation.yaml", "40-prefect-server.yaml", "80-mine.yaml", "81-values.yaml", "SECRETS.md",
    ]  # fmt: skip
