# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The blocks by which flows find a bucket, whoever it is from, and what its users are to prove."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...module_utils.object_store.bucket_policy import plain_prefix

Item = dict[str, Any]


@dataclass(frozen=True)
class Access:
    """How a bucket is reached; without keys it is the identity of the host that counts."""

    credentials: str
    endpoint: str | None = None
    region: str | None = None
    access_key: str | None = None
    secret_key: str | None = None
    # A file with an authority, or False for none.
    verify: str | bool | None = None


def bucket_blocks(bucket: Mapping[str, Any], access: Access) -> list[Item]:
    """Return the block of a bucket, behind the one with its credentials, as items of module block."""
    if bucket["block_type"] == "remote-file-system":
        return [_remote_file_system(bucket, access)]
    return [_credentials(bucket, access), _s3_bucket(bucket, access)]


def bucket_probes(buckets: Sequence[Mapping[str, Any]], users: Container[str]) -> list[Item]:
    """Return what each of these users is to prove of its buckets with module s3_probe, without the keys."""
    return [
        {
            "bucket": bucket["name"],
            "prefix": bucket["prefix"],
            "access": bucket["access"],
            "others": [other["name"] for other in buckets if other["user"] not in (None, bucket["user"])],
            "user": bucket["user"],
        }
        for bucket in buckets
        if bucket["user"] in users
    ]


def default_results(*storages: Mapping[str, Any]) -> list[Item]:
    """Return where results are kept, as items of module default_result_storage; there is one at most."""
    return [
        {"block_type_slug": bucket["block_type"], "name": bucket["block"]}
        for storage in storages
        for bucket in (storage["buckets"] if storage["enabled"] else ())
        if bucket["results"] and bucket["block"]
    ]


def _remote_file_system(bucket: Mapping[str, Any], access: Access) -> Item:
    client = {"endpoint_url": access.endpoint, "region_name": access.region, "verify": access.verify}
    settings = {"key": access.access_key, "secret": access.secret_key, "client_kwargs": _given(client)}
    path = "/".join(filter(None, [f"s3://{bucket['name']}", plain_prefix(bucket["prefix"])]))
    return _block("remote-file-system", bucket, {"basepath": path, "settings": _given(settings)})


def _credentials(bucket: Mapping[str, Any], access: Access) -> Item:
    names = {
        "aws-credentials": ("aws_access_key_id", "aws_secret_access_key"),
        "minio-credentials": ("minio_root_user", "minio_root_password"),
    }[access.credentials]
    authority = access.verify if isinstance(access.verify, str) else None
    client = {
        "endpoint_url": access.endpoint,
        "verify": False if access.verify is False else None,
        "verify_cert_path": authority,
    }
    keys = dict(zip(names, (access.access_key, access.secret_key), strict=True))
    return _block(
        access.credentials,
        bucket,
        _given({**keys, "region_name": access.region, "aws_client_parameters": _given(client)}),
    )


def _s3_bucket(bucket: Mapping[str, Any], access: Access) -> Item:
    reference = {"$ref": {"block_type_slug": access.credentials, "name": bucket["block"]}}
    folder = plain_prefix(bucket["prefix"])
    inside = {"bucket_folder": folder} if folder else {}
    return _block("s3-bucket", bucket, {"bucket_name": bucket["name"], **inside, "credentials": reference})


def _block(kind: str, bucket: Mapping[str, Any], data: Item) -> Item:
    return {"block_type_slug": kind, "name": bucket["block"], "data": data}


def _given(values: Mapping[str, Any]) -> Item:
    return {name: value for name, value in values.items() if value is not None and value != {}}
