# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The least that lets clients work in a bucket, or in a folder of it."""

from __future__ import annotations

from typing import Any, Dict, Sequence

Statement = Dict[str, Any]

ACCESS = ("readwrite", "readonly", "writeonly")
# Whoever may only write does not see what is there.
LISTERS = ("readwrite", "readonly")
_WRITE = ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject"]
ON_OBJECTS = {
    "readwrite": [*_WRITE, "s3:DeleteObject", "s3:GetObject"],
    "readonly": ["s3:GetObject"],
    "writeonly": _WRITE,
}


def plain_prefix(prefix: str | None) -> str:
    """Return a prefix without slashes at its ends, nothing for the whole bucket."""
    return str(prefix or "").strip("/")


def bucket_policy(bucket: str, prefix: str | None, access: str) -> dict[str, Any]:
    """Return the policy of a user who works in a bucket, or in a folder of it."""
    arn, folder = f"arn:aws:s3:::{bucket}", plain_prefix(prefix)
    # Clients ask where a bucket is before anything else.
    statements = [_allow(["s3:GetBucketLocation"], arn)]
    if access in LISTERS:
        limit = {"Condition": {"StringLike": {"s3:prefix": [folder, f"{folder}/*"]}}} if folder else {}
        statements.append({**_allow(["s3:ListBucket"], arn), **limit})
    statements.append(_allow(ON_OBJECTS[access], f"{arn}/{folder}/*" if folder else f"{arn}/*"))
    return {"Version": "2012-10-17", "Statement": statements}


def _allow(actions: Sequence[str], resource: str) -> Statement:
    return {"Effect": "Allow", "Action": list(actions), "Resource": [resource]}
