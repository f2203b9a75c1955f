"""MinIO in a container: its specification, and the users, policies and blocks of its buckets."""

from __future__ import annotations

import http.server
import subprocess
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.flowops.prefect.plugins.module_utils.object_store.policy import check_policy
from ansible_collections.flowops.prefect.plugins.plugin_utils.components import minio

BUCKET: dict[str, Any] = {
    "name": "flows", "versioning": False, "user": "worker", "prefix": None, "access": "readwrite", "block": "flows",
    "source": None, "block_type": "remote-file-system", "results": False,
}  # fmt: skip
MINIO: dict[str, Any] = {
    "image": "minio/minio:x", "preset": "minio", "command": None, "root_user": "root", "root_password": None,
    "public_url": "https://storage.example.org", "console_url": None, "region": "us-east-1", "volume": "prefect-minio",
    "networks": ["theirs"], "zones": ["prefect-app"],
    "published": [{"host": "127.0.0.1", "port": 9100, "container_port": 9000}],
    "url": "http://127.0.0.1:9100", "endpoint": "http://prefect-minio:9000",
    "buckets": [BUCKET], "users": [], "policies": [],
}  # fmt: skip
SECRET = "p@:/%# $\"'é\\`"


def settings(**changes: Any) -> dict[str, Any]:
    return {**MINIO, **changes}


def bucket(**changes: Any) -> dict[str, Any]:
    return settings(buckets=[{**BUCKET, **changes}])


def test_the_password_is_nowhere_but_in_a_secret_file() -> None:
    spec = minio.minio_service(MINIO, SECRET)
    assert spec["files"] == [{"path": spec["env"]["MINIO_ROOT_PASSWORD_FILE"], "content": SECRET, "secret": True}]
    assert SECRET not in str({**spec, "files": None})


def test_it_says_its_public_addresses_only_when_it_has_some() -> None:
    env = minio.minio_service(MINIO, SECRET)["env"]
    assert env["MINIO_SERVER_URL"] == "https://storage.example.org"
    assert "MINIO_BROWSER_REDIRECT_URL" not in env


def test_it_may_do_nothing_that_it_does_not_need() -> None:
    spec = minio.minio_service(MINIO, SECRET)
    assert (spec["capabilities"], spec["read_only"]) == ([], True)
    assert spec["networks"] == ["prefect-app", "theirs"]


@pytest.mark.parametrize("preset", minio.PRESETS)
def test_every_preset_is_whole(preset: str) -> None:
    spec = minio.minio_service(settings(preset=preset), SECRET)
    assert spec["volumes"] == [{"name": "prefect-minio", "path": minio.PRESETS[preset]["data"]}]
    assert spec["ports"] == MINIO["published"]


def test_arguments_of_ones_own() -> None:
    command = ["serve", "/data"]
    assert minio.minio_service(settings(command=command), SECRET)["command"] == command


@pytest.mark.parametrize("access", ["readwrite", "readonly", "writeonly"])
@pytest.mark.parametrize("prefix", [None, "/team/data/"])
def test_a_buckets_policy_names_this_bucket_alone(access: str, prefix: str | None) -> None:
    (item,) = minio.minio_policies(bucket(access=access, prefix=prefix))
    assert item["name"] == "prefect-bucket-flows"
    assert check_policy(item["policy"]) == []
    actions: dict[str, list[str]] = {}
    for statement in item["policy"]["Statement"]:
        for resource in statement["Resource"]:
            actions.setdefault(resource, []).extend(statement["Action"])
    objects = "arn:aws:s3:::flows/team/data/*" if prefix else "arn:aws:s3:::flows/*"
    assert set(actions) == {"arn:aws:s3:::flows", objects}
    assert "s3:GetBucketLocation" in actions["arn:aws:s3:::flows"]
    assert ("s3:PutObject" in actions[objects]) == (access != "readonly")
    assert ("s3:GetObject" in actions[objects]) == (access != "writeonly")
    assert ("s3:ListBucket" in actions["arn:aws:s3:::flows"]) == (access != "writeonly")


def test_a_prefix_limits_what_is_listed_too() -> None:
    (item,) = minio.minio_policies(bucket(prefix="team"))
    (listing,) = [row for row in item["policy"]["Statement"] if "s3:ListBucket" in row["Action"]]
    assert listing["Condition"] == {"StringLike": {"s3:prefix": ["team", "team/*"]}}


def test_nobody_gets_a_policy_for_a_bucket_without_user() -> None:
    assert minio.minio_policies(bucket(user=None)) == []
    assert minio.minio_users(bucket(user=None)) == []


def test_users_of_buckets_and_declared_ones() -> None:
    users = [
        {"name": "worker", "secret_key": SECRET, "policies": ["mine"]},
        {"name": "a/b", "secret_key": None, "policies": []},
    ]
    found = minio.minio_users(settings(users=users))
    assert found == [
        {
            "name": "worker",
            "policies": ["mine", "prefect-bucket-flows"],
            "file": "minio-user-worker.secret_key",
            "generated": False,
        },
        {"name": "a/b", "policies": [], "file": "minio-user-a%2Fb.secret_key", "generated": True},
    ]
    assert SECRET not in str(found)
    assert users[0]["policies"] == ["mine"]


def test_given_secret_keys_count_more_than_generated_ones() -> None:
    users = [
        {"name": "worker", "secret_key": SECRET, "policies": []},
        {"name": "other", "secret_key": None, "policies": []},
    ]
    generated = {"minio.password": "root", "minio-user-other.secret_key": "generated"}
    assert minio.minio_secret_keys(settings(users=users), generated) == {"worker": SECRET, "other": "generated"}


def test_a_block_holds_what_flows_need() -> None:
    assert minio.minio_blocks(bucket(prefix="team/"), {"worker": SECRET}) == [
        {
            "name": "flows",
            "block_type_slug": "remote-file-system",
            "data": {
                "basepath": "s3://flows/team",
                "settings": {
                    "key": "worker",
                    "secret": SECRET,
                    "client_kwargs": {"endpoint_url": "http://prefect-minio:9000"},
                },
            },
        }
    ]


def test_a_block_names_a_region_that_is_not_the_usual_one() -> None:
    (block,) = minio.minio_blocks(settings(region="eu-west-1"), {"worker": SECRET})
    assert block["data"]["settings"]["client_kwargs"]["region_name"] == "eu-west-1"


@pytest.mark.parametrize("change", [{"block": None}, {"user": None}, {"user": "somebody"}])
def test_no_block_without_name_or_keys(change: dict[str, Any]) -> None:
    assert minio.minio_blocks(bucket(**change), {"worker": SECRET}) == []


class Live(http.server.BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/minio/health/live" else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Live)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("path", ["/usr/bin:/bin", ""])
def test_the_health_check_needs_curl_or_bash(
    port: int, path: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """Where only a shell is in the path, bash asks by itself."""
    if not path:
        (tmp_path / "bash").symlink_to("/bin/bash")
        path = str(tmp_path)
    command = minio.minio_service(MINIO, SECRET)["health"]["command"]
    command = [word.replace("9000", str(port)) for word in command]

    def healthy() -> bool:
        return subprocess.run(command, env={"PATH": path}, capture_output=True, check=False).returncode == 0

    assert healthy()
    monkeypatch.setattr(Live, "status", 503)
    assert not healthy()


def test_users_prove_their_buckets_unless_they_have_more_policies() -> None:
    rows = [
        {**BUCKET, "prefix": "in"},
        {**BUCKET, "name": "raw", "user": "other"},
        {**BUCKET, "name": "open", "user": None},
    ]
    users = [{"name": "other", "secret_key": None, "policies": ["readonly"]}]
    probes = minio.minio_probes(settings(buckets=rows, users=users), {"worker": SECRET, "other": SECRET})
    assert probes == [
        {
            "bucket": "flows", "prefix": "in", "access": "readwrite", "others": ["raw"],
            "user": "worker",
        }
    ]  # fmt: skip


def test_a_bucket_may_have_the_block_of_prefect_aws() -> None:
    rows = [{**BUCKET, "block_type": "s3-bucket"}]
    credentials, bucket = minio.minio_blocks(settings(buckets=rows), {"worker": SECRET})
    assert credentials["data"] == {
        "minio_root_user": "worker",
        "minio_root_password": SECRET,
        "aws_client_parameters": {"endpoint_url": "http://prefect-minio:9000"},
    }
    assert bucket["data"]["credentials"] == {"$ref": {"block_type_slug": "minio-credentials", "name": "flows"}}
