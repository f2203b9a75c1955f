# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Types and schemas of blocks that a server registers by itself: it does not mark them."""

from __future__ import annotations

# Of Prefect itself; their schemas carry its version.
_OWN = """
custom-webhook discord-webhook local-file-system mattermost-webhook ms-teams-webhook opsgenie-webhook
pager-duty-webhook remote-file-system secret sendgrid-email slack-webhook smb twilio-sms webhook
"""
# Of its collections, in the versions that it has a copy of.
_COPIES = {
    "0.2.2": """
        bitbucket-credentials bitbucket-repository github-credentials github-repository gitlab-credentials
        gitlab-repository shell-operation slack-credentials
    """,
    "0.2.3": "databricks-credentials",
    "0.27.3": "snowflake-connector snowflake-credentials",
    "0.3.2": "email-server-credentials",
    "0.3.7": """
        azure-blob-storage-container azure-blob-storage-credentials azure-container-instance-credentials
        azure-cosmos-db-credentials azureml-credentials kubernetes-credentials
    """,
    "0.4.0": "database-credentials kubernetes-cluster-config sqlalchemy-connector",
    "0.4.1": """
        dbt-cli-bigquery-target-configs dbt-cli-global-configs dbt-cli-postgres-target-configs dbt-cli-profile
        dbt-cli-snowflake-target-configs dbt-cli-target-configs dbt-cloud-credentials dbt-core-operation
    """,
    "0.4.5": "docker-host docker-registry-credentials",
    "0.4.14": "aws-credentials aws-secret lambda-function minio-credentials s3-bucket",
    "0.5.8": "bigquery-warehouse gcp-credentials gcpsecret gcs-bucket",
}
_VERSIONS = {slug: version for version, slugs in _COPIES.items() for slug in slugs.split()}
_SLUGS = {*_OWN.split(), *_VERSIONS}
# Of a schema inside another one.
_UNVERSIONED = "non-versioned"


def is_bundled_type(slug: str) -> bool:
    return slug in _SLUGS


def is_bundled_schema(slug: str, version: str) -> bool:
    """Return whether a schema is the server's own; a newer one was registered by a collection that somebody has."""
    return slug in _SLUGS and version in (_VERSIONS.get(slug, version), _UNVERSIONED)
