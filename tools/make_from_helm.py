#!/usr/bin/env python3
"""Write the tables of docs/from-helm.md, from its first table on, as playbook adopt_helm translates by them.

Usage: make_from_helm.py
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ansible_collections.flowops.prefect.plugins.plugin_utils.helm import server_chart, worker_chart
from ansible_collections.flowops.prefect.plugins.plugin_utils.helm.rows import Row

PAGE = Path(__file__).resolve().parent.parent / "docs" / "from-helm.md"

MARK = "## Features of the charts\n"
FEATURES_HEAD = """
Keys are those of the document `prefect`. Tests are named by their functions.

| # | feature | here | test |
|---|---|---|---|
"""
# Number, feature, keys, tests.
FEATURES: list[tuple[str, str, str, list[str]]] = [
    (
        "S1",
        "image, pull policy and secrets",
        "`version`, `image`, `kubernetes.image_pull_policy`, `kubernetes.image_pull_secrets`",
        [
            "test_image_and_pull_settings",
            "test_an_image_of_another_version_is_named_and_not_written",
            "test_image_pull_policy_and_secrets_are_the_settings",
        ],
    ),
    ("S2", "environment everywhere", "`server.env`, `server.secret_env`", ["test_environment_by_its_kind"]),
    (
        "S3",
        "basic auth, literal or in a Secret",
        "`server.auth_string`, `kubernetes.existing_secrets.auth_string`",
        ["test_credentials"],
    ),
    ("S4", "base path of the API", "`public_url`", ["test_a_path_before_the_server"]),
    (
        "S5",
        "the API's address for the UI",
        "`public_url`",
        ["test_an_ingress_with_tls", "test_a_public_address_with_a_path_is_the_path_inside_too"],
    ),
    (
        "S6",
        "replicas, autoscaling",
        "`server.replicas`, `kubernetes.server.autoscaling`",
        [
            "test_scale_with_the_redis_that_it_needs",
            "test_what_a_cluster_refuses",
            "test_the_autoscaler_decides_the_number_of_pods",
        ],
    ),
    (
        "S7",
        "probes",
        "always on; `kubernetes.server.container.livenessProbe` and its like",
        [
            "test_probes_resources_and_security_say_only_what_differs",
            "test_a_pod_listens_for_others_and_says_when_its_database_is_away",
            "test_probes_are_those_of_the_health_check",
        ],
    ),
    (
        "S8",
        "log level, debug mode",
        "`server.log_level`, `server.env`",
        ["test_nothing_is_lost_between_the_document_and_the_roles"],
    ),
    (
        "S9",
        "resources",
        "`kubernetes.server.resources`",
        ["test_probes_resources_and_security_say_only_what_differs", "test_resources_are_the_users_over_the_services"],
    ),
    (
        "S10",
        "hardening",
        "always; `kubernetes.server.pod.securityContext`, `kubernetes.server.container.securityContext`",
        ["test_probes_resources_and_security_say_only_what_differs", "test_a_pod_is_confined"],
    ),
    (
        "S11",
        "volumes, sidecars, init containers, placing, ...",
        "`kubernetes.server.pod`, `kubernetes.server.container`, `kubernetes.server.manifests`",
        [
            "test_what_is_beside_the_server",
            "test_the_pods_options_are_merged_over_the_pod",
            "test_null_takes_something_away_again",
        ],
    ),
    (
        "S12",
        "background services apart",
        "`server.background_services`, `kubernetes.background_services`",
        [
            "test_services_apart_with_redis",
            "test_what_a_cluster_refuses",
            "test_background_services_prove_themselves_by_staying",
        ],
    ),
    (
        "S13",
        "Redis",
        "`redis`, `kubernetes.existing_secrets.redis_password`",
        [
            "test_services_apart_with_redis",
            "test_redis_by_a_secret_and_docket_by_a_secret",
            "test_several_servers_share_all_they_know_through_redis",
        ],
    ),
    ("S14", "Docket", "`redis.docket_db`, on the same Redis", ["test_services_apart_with_redis"]),
    (
        "S15",
        "migration by a Job",
        "always; `kubernetes.migration`",
        ["test_migrations_are_a_job", "test_the_job_sees_the_database_as_the_server_does"],
    ),
    (
        "S16",
        "another one's database",
        "`postgres`, `kubernetes.existing_secrets.postgres_password`",
        [
            "test_a_database_by_its_address",
            "test_a_database_by_its_parts_and_secrets",
            "test_secrets_of_somebody_else_are_only_named",
        ],
    ),
    (
        "S17",
        "PostgreSQL and Redis of its own",
        "`postgres.enabled`, `redis.enabled`, with volumes and no images of Bitnami",
        ["test_the_releases_own_database", "test_postgresql_keeps_its_data_and_looks_at_it_first"],
    ),
    (
        "S18",
        "SQLite in a volume",
        "`kubernetes.server.storage`",
        ["test_sqlite_in_a_volume", "test_one_server_prepares_the_file_that_is_its_database"],
    ),
    (
        "S19",
        "Ingress, Gateway",
        "`kubernetes.ingress`, `kubernetes.gateway`",
        [
            "test_an_ingress_with_tls",
            "test_a_gateway_of_its_own_and_one_that_is_there",
            "test_an_ingress_leads_from_the_public_address",
            "test_a_route_joins_gateways_that_are_there",
        ],
    ),
    (
        "S20",
        "kinds of Service, ports",
        "`kubernetes.server.manifests.Service`",
        ["test_services_of_another_type", "test_words_are_merged_over_an_object_or_leave_it_out"],
    ),
    (
        "S21",
        "TLS of the database",
        "`postgres.tls`, its `ca_file` from the controller",
        [
            "test_certificates_of_the_database_are_read_on_the_controller",
            "test_the_certificate_of_the_database_is_a_file_in_every_pod",
        ],
    ),
    ("S22", "guard rails", "every problem at once, before anything is touched", ["test_what_a_cluster_refuses"]),
    (
        "W1",
        "three kinds of API",
        "`cloud`, `api_url`, or the document's own server",
        ["test_a_worker_for_prefect_cloud", "test_a_worker_for_another_cloud", "test_a_worker_of_a_server_elsewhere"],
    ),
    (
        "W2",
        "API key in a Secret",
        "`kubernetes.existing_secrets.api_key`, `token`",
        ["test_a_worker_for_prefect_cloud", "test_an_api_key_of_prefect_cloud_is_handed_on_by_reference"],
    ),
    (
        "W3",
        "server of one's own, basic auth",
        "`api_url`, `server.auth_string`",
        ["test_a_worker_of_a_server_elsewhere"],
    ),
    (
        "W4",
        "pool, queues, type, name, limit",
        "`workers[].work_pool`, `work_queues`, `type`, `name`, `limit`",
        ["test_a_worker_for_prefect_cloud"],
    ),
    (
        "W5",
        "polling",
        "`workers[].query_seconds`, `workers[].kubernetes.container.env`",
        ["test_a_worker_for_prefect_cloud"],
    ),
    (
        "W6",
        "base job template",
        "`resources.work_pools[].base_job_template`",
        ["test_a_worker_for_prefect_cloud", "test_a_worker_is_started_anew_for_another_template_of_its_pool"],
    ),
    (
        "W7",
        "namespace of the jobs, cluster UID",
        "`workers[].job_namespace`, `kubernetes.cluster_uid`",
        ["test_a_worker_for_prefect_cloud", "test_nothing_is_lost_between_the_document_and_the_roles"],
    ),
    (
        "W8",
        "RBAC",
        "always, least privilege; `workers[].kubernetes.manifests`",
        [
            "test_a_workers_pod_and_role",
            "test_a_worker_has_rights_to_jobs_in_their_namespace_and_no_other",
            "test_rights_are_given_where_they_are_needed_and_nowhere_else",
        ],
    ),
    (
        "W9",
        "replicas, autoscaling, disruption budget",
        "`workers[].replicas`, `workers[].kubernetes.autoscaling`, `disruption_budget`",
        [
            "test_a_workers_pod_and_role",
            "test_workers_of_one_are_replicas_and_not_several",
            "test_a_disruption_budget_is_kept",
        ],
    ),
    (
        "W10",
        "probe, resources, hardening",
        "always; `workers[].kubernetes`",
        ["test_a_workers_pod_and_role", "test_the_cluster_asks_a_worker_how_it_does"],
    ),
    (
        "W11",
        "environment, volumes, sidecars, DNS",
        "`workers[].kubernetes.pod`, `workers[].kubernetes.container`, `workers[].secret_env`",
        ["test_a_workers_pod_and_role", "test_the_pods_options_are_merged_over_the_pod"],
    ),
    (
        "W12",
        "several workers",
        "`workers`",
        ["test_server_and_several_workers_in_one_document", "test_several_workers_share_a_namespace"],
    ),
]
CHARTS = {"prefect-server": server_chart.ROWS, "prefect-worker": worker_chart.ROWS}


def page() -> str:
    """Return the page."""
    features = [f"| {number} | {what} | {keys} | {_tests(tests)} |" for number, what, keys, tests in FEATURES]
    tables = [line for chart, rows in CHARTS.items() for line in _chart(chart, rows)]
    head, mark, _made = PAGE.read_text().partition(MARK)
    return head + mark + FEATURES_HEAD + "\n".join([*features, *tables]) + "\n"


def _tests(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _chart(chart: str, rows: Iterable[Row]) -> Iterable[str]:
    yield from ("", f"## Values of {chart}", "", "| value | here |", "|---|---|")
    for row in rows:
        # Values below one of these are translated with it.
        below = ".*" if isinstance(row.default, dict) and row.default else ""
        yield f"| `{row.path}{below}` | {_here(row)} |"


def _here(row: Row) -> str:
    if row.to:
        return f"`{row.to}`{f', {row.note}' if row.note else ''}"
    always = " and ".join(f"`{str(value).lower()}`" for value in row.always)
    return f"none: {row.note}{f'; {always} is what happens anyway' if always else ''}"


if __name__ == "__main__":
    PAGE.write_text(page())
