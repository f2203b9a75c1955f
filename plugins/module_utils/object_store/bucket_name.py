# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What S3 lets buckets be called; apart, so that whoever only asks this loads no client."""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")


def broken_rule(name: str) -> str:
    """Return the rule of S3 that a bucket's name breaks, or nothing."""
    rules = (
        (3 <= len(name) <= 63, f"a bucket's name has 3 to 63 characters, this one {len(name)}"),
        (not re.search(r"[A-Z]", name), "a bucket's name has no upper case letters"),
        (not re.search(r"[^a-z0-9.-]", name), "a bucket's name has lower case letters, digits, dots and dashes only"),
        (re.fullmatch(r"[a-z0-9].*[a-z0-9]", name), "a bucket's name begins and ends with a letter or digit"),
        (not re.search(r"\.\.|\.-|-\.", name), "a bucket's name has no dot beside a dot or dash"),
        (not _ADDRESS.fullmatch(name), "a bucket's name is not an IP address"),
        (
            not name.startswith(("xn--", "sthree-", "amzn-s3-demo-")),
            "names that begin with xn--, sthree- or amzn-s3-demo- are reserved",
        ),
        (not name.endswith(("-s3alias", "--ol-s3")), "names that end with -s3alias or --ol-s3 are reserved"),
        (name != "minio", "minio is a name that MinIO keeps for itself"),
    )
    return next((rule for kept, rule in rules if not kept), "")
