"""Modules of MinIO against MinIO's own code, and of S3 against servers with the IAM API of AWS."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aws
import gateway
import pytest
import seaweed
from modules import run_module

Result = dict[str, Any]


class Store:
    """Calls modules; in check mode every write is refused, and fails the test."""

    def __init__(self, server: gateway.Gateway, watch: gateway.Watch) -> None:
        self.server = server
        self.watch = watch

    def call(self, module: str, check: bool = False, **options: Any) -> Result:
        keys = {"endpoint": self.watch.url, "access_key": gateway.ACCESS_KEY, "secret_key": gateway.SECRET_KEY}
        self.watch.writes.clear()
        self.watch.read_only = check
        try:
            result = run_module(module, {**keys, **options}, check)
        finally:
            self.watch.read_only = False
        if check:
            assert self.watch.writes == []
        assert "canary" not in json.dumps(result)
        return result

    def fails(self, module: str, **options: Any) -> str:
        """Fail without having written, in either mode, and with the same message."""
        result = self.call(module, **options)
        assert result.get("failed"), result
        assert self.watch.writes == []
        assert self.call(module, check=True, **options)["msg"] == result["msg"]
        return str(result["msg"])

    def settles(self, module: str, changed: bool = True, **options: Any) -> Result:
        """Foretell, do, and find nothing left to do."""
        foretold = self.call(module, check=True, **options)
        assert not foretold.get("failed"), foretold["msg"]
        done = self.call(module, **options)
        assert not done.get("failed"), done["msg"]
        assert foretold["changed"] == done["changed"] == changed, done["diff"]
        assert {**foretold, "invocation": None} == {**done, "invocation": None}
        again = self.call(module, **options)
        assert again["changed"] is False, again["diff"]
        assert again["diff"]["before"] == again["diff"]["after"]
        assert self.watch.writes == []
        return done


@pytest.fixture(scope="session")
def store(folder: Path) -> Iterator[Store]:
    with gateway.gateway(folder / "minio") as server:
        watch = gateway.Watch(server.port)
        yield Store(server, watch)
        watch.close()


class S3Store:
    """Calls modules of S3; in check mode every write is refused, and fails the test."""

    def __init__(self, server: aws.Aws, watch: aws.Watch, simulated: bool) -> None:
        self.server = server
        self.watch = watch
        # The simulation lets those in whose key is off.
        self.enforces_status = not simulated
        self.lets_users_see_themselves = not simulated

    @property
    def connection(self) -> dict[str, Any]:
        keys = {"access_key": self.server.access_key, "secret_key": self.server.secret_key}
        return {"endpoint": self.watch.url, **keys, "timeout": 10}

    def call(self, module: str, check: bool = False, **options: Any) -> Result:
        self.watch.writes.clear()
        self.watch.read_only = check
        try:
            result = run_module(module, {**self.connection, **options}, check)
        finally:
            self.watch.read_only = False
        if check:
            assert self.watch.writes == []
        assert self.server.secret_key not in json.dumps(result)
        return result

    def user(self, name: str) -> None:
        """Make a user who may nothing."""
        self.server.client("iam").create_user(UserName=name)

    def allow(self, name: str, policy: Result) -> None:
        """Replace what a user may do."""
        iam = self.server.client("iam")
        made = iam.create_policy(PolicyName=f"policy-{uuid.uuid4().hex}", PolicyDocument=json.dumps(policy))["Policy"]
        before = iam.list_attached_user_policies(UserName=name)["AttachedPolicies"]
        iam.attach_user_policy(UserName=name, PolicyArn=made["Arn"])
        for row in before:
            iam.detach_user_policy(UserName=name, PolicyArn=row["PolicyArn"])

    def keys(self, name: str) -> dict[str, str]:
        rows = self.server.client("iam").list_access_keys(UserName=name)["AccessKeyMetadata"]
        return {row["AccessKeyId"]: row["Status"] for row in rows}


@pytest.fixture(scope="session")
def moto(folder: Path) -> Iterator[S3Store]:
    """Yield a simulation of AWS."""
    with aws.moto(folder / "moto") as server:
        yield from _watched(server, True)


@pytest.fixture(scope="session")
def seaweedfs(folder: Path) -> Iterator[S3Store]:
    """Yield a real server with the IAM API of AWS."""
    with seaweed.seaweed(folder / "s3") as server:
        yield from _watched(aws.Aws(server.url, seaweed.ACCESS_KEY, seaweed.SECRET_KEY), False)


@pytest.fixture(scope="session", params=["moto", "seaweedfs"])
def s3(request: pytest.FixtureRequest) -> S3Store:
    found: S3Store = request.getfixturevalue(request.param)
    return found


def _watched(server: aws.Aws, simulated: bool) -> Iterator[S3Store]:
    watch = aws.Watch(server.url)
    yield S3Store(server, watch, simulated)
    watch.close()
