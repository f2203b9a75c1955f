"""Buckets of S3 in the document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.context import Context
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.resolve import Resolved

Resolve = Callable[..., Resolved]
Inventory = Callable[..., Context]
Problems = Callable[..., list[str]]


def s3(*buckets: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"storage": {"s3": {"enabled": True, "buckets": list(buckets), **more}}}


FLOWS = {"name": "example-flows", "user": "etl", "block": "flows"}


def test_the_first_host_of_the_servers_provides_the_buckets(resolve: Resolve, inventory: Inventory) -> None:
    context = {
        host: inventory(host, {"server": "10.0.0.1", "worker": "10.0.0.2"}, servers=["server"], workers=["worker"])
        for host in ("server", "worker")
    }
    document = {**s3(FLOWS), "server": {"host": "0.0.0.0", "auth_string": "a:b"}}
    installs = {host: resolve(document, context=context[host]).roles["prefect_s3"]["install"] for host in context}
    assert installs == {"server": True, "worker": False}


@pytest.mark.parametrize(
    ("kind", "package"), [("s3-bucket", "prefect-aws"), ("remote-file-system", "s3fs"), (None, "prefect-aws")]
)
def test_a_block_brings_the_package_that_loads_it(resolve: Resolve, kind: str | None, package: str) -> None:
    roles = resolve(s3({**FLOWS, **({"block_type": kind} if kind else {})})).roles
    assert roles["prefect_runtime"]["packages"] == ["prefect==3.8.8", package]


def test_nothing_is_provided_unless_asked(resolve: Resolve) -> None:
    assert resolve({"storage": {"s3": {"enabled": False, "buckets": [FLOWS]}}}).roles["prefect_s3"]["install"] is False


WHERE = "prefect.storage.s3"
BAD = {
    "a bucket in capitals": (s3({"name": "Flows"}), f"{WHERE}.buckets[0].name: a bucket's name has no upper case "),
    "a bucket without a name": (s3({"user": "a"}), f"{WHERE}.buckets[0].name: missing; expected str"),
    "a bucket twice": (s3({"name": "abc"}, {"name": "abc"}), f"{WHERE}.buckets[1].name: 'abc' (str) is another "),
    "an endpoint without a scheme": (s3(endpoint="s3.example.org"), f"{WHERE}.endpoint: the scheme is missing"),
    "an endpoint with a path": (s3(endpoint="https://s3.example.org/x"), f"{WHERE}.endpoint: expected an address "),
    "half of a pair": (s3(access_key="AKIA"), f"{WHERE}.secret_key: missing; access_key is set"),
    "a token alone": (s3(session_token="t"), f"{WHERE}.session_token: belongs to temporary keys"),
    "a group without a user": (s3({"name": "abc", "group": "g"}), f"{WHERE}.buckets[0].user: missing; the group "),
    "a name that IAM refuses": (s3({"name": "abc", "user": "a b"}), f"{WHERE}.buckets[0].user: expected 1 to 64 "),
    "no keys and no IAM": (s3({"name": "abc", "user": "a"}, iam=False), f"{WHERE}.buckets[0].user: has no keys; "),
    "an alias as key": (
        s3({"name": "abc", "encryption": "aws:kms", "kms_key": "alias/x"}),
        f"{WHERE}.buckets[0].kms_key: expected the ARN of a key, found 'alias/x' (str)",
    ),
    "a key without encryption": (
        s3({"name": "abc", "kms_key": "arn:aws:kms:eu-central-1:1:key/x"}),
        f"{WHERE}.buckets[0].encryption: expected aws:kms, since kms_key is set",
    ),
    "results without a block": (s3({"name": "abc", "results": True}), f"{WHERE}.buckets[0].results: results are kept"),
    "results at two places": (
        s3({**FLOWS, "results": True}, {"name": "abc", "block": "b", "results": True}),
        f"{WHERE}.buckets[1].results: the results are kept in bucket example-flows already; one bucket at most",
    ),
    "objects that expire at once": (s3({"name": "abc", "expire_days": 0}), f"{WHERE}.buckets[0].expire_days: "),
    "a policy that is too long": (
        s3({"name": "abc", "policy": {"Statement": ["x" * 21000]}}),
        f"{WHERE}.buckets[0].policy: has 21019 bytes as JSON; S3 takes 20480",
    ),
    "a region that is none": (s3(region="Frankfurt"), f"{WHERE}.region: expected a region such as eu-central-1"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named(problems: Problems, name: str) -> None:
    document, message = BAD[name]
    found = problems(document)
    assert [problem for problem in found if problem.startswith(message)], found
    assert len(found) == 1
