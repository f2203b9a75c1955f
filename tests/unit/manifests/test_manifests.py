"""What a specification becomes in a cluster."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.flowops.prefect.plugins.module_utils import cluster_marks as marks
from ansible_collections.flowops.prefect.plugins.plugin_utils.kubernetes.expansion import literal
from ansible_collections.flowops.prefect.plugins.plugin_utils.kubernetes.manifests import (
    foundation_manifests,
    job_manifests,
    service_manifests,
)
from hypothesis import given
from hypothesis import strategies as st

from .samples import (
    BARE,
    HOST,
    MIGRATION,
    POSTGRES,
    SECRET_VALUES,
    SERVER,
    SETTINGS,
    WORKER,
    Map,
    container,
    decoded,
    kinds,
    only,
    pod,
)

PLAIN: Map = {"version": "3.8.8", "image": "prefect:1"}


def made(spec: Map, host: Map = HOST, settings: Map = SETTINGS, **more: Any) -> list[Map]:
    return service_manifests({**spec, **more}, host, settings)


def with_options(options: Map) -> Map:
    return {**PLAIN, "defaults": options}


def env_of(manifests: list[Map]) -> Map:
    return {item["name"]: item.get("value", item.get("valueFrom")) for item in container(manifests)["env"]}


def mark_of(manifests: list[Map]) -> Any:
    return pod(manifests)["metadata"].get("annotations", {}).get(marks.CONFIGURATION)


def test_a_changed_value_in_a_secret_of_others_replaces_the_pods_that_read_it() -> None:
    spec = {**BARE, "secret_refs": {"A": {"name": "door", "key": "both"}}}

    def mark(**values: str) -> Any:
        return mark_of(made(spec, host={**HOST, "values_of_others": {"door/other": "x", **values}}))

    marked = [mark(**{"door/both": digest}) for digest in ("1", "1", "2")]
    assert marked[0] == marked[1] != marked[2]
    assert mark() == mark_of(made(spec)) == mark_of(made(BARE))


def test_every_object_is_known_by_its_labels() -> None:
    for item in [*made(SERVER), *made(POSTGRES), *job_manifests(MIGRATION, HOST, SETTINGS)]:
        labels = item["metadata"]["labels"]
        name = labels[marks.SERVICE]
        assert labels == {
            "app.kubernetes.io/name": name,
            "app.kubernetes.io/part-of": "prefect",
            "app.kubernetes.io/managed-by": "flowops.prefect",
            "app.kubernetes.io/version": "3.8.8",
            "flowops.prefect/service": name,
            "team": "data",
        }
        assert item["metadata"]["annotations"]["example.org/owner"] == "data"
        assert item["metadata"]["namespace"] == "flows"
        assert item["metadata"]["name"].startswith(name)


def test_users_labels_never_hide_ours() -> None:
    settings = {**PLAIN, "labels": {marks.SERVICE: "mine"}, "defaults": {"pod_labels": {marks.NAME: "mine"}}}
    manifests = made(BARE, settings=settings)
    assert all(item["metadata"]["labels"][marks.SERVICE] == "prefect-bare" for item in manifests)
    assert pod(manifests)["metadata"]["labels"][marks.NAME] == "prefect-bare"


def test_a_pod_is_found_by_what_never_changes() -> None:
    deployment = only(made(BARE, settings=PLAIN), "Deployment")
    newer = only(made(BARE, settings={**PLAIN, "version": "3.9.0", "labels": {"a": "b"}}), "Deployment")
    assert deployment["spec"]["selector"] == newer["spec"]["selector"]
    assert deployment["spec"]["selector"]["matchLabels"].items() <= pod([newer])["metadata"]["labels"].items()
    # A database is not replaced for a version that is not its own.
    assert marks.VERSION not in pod([newer])["metadata"]["labels"]
    claims = [only(made(POSTGRES, settings={**SETTINGS, "version": v}), "StatefulSet") for v in ("1", "2")]
    assert claims[0]["spec"] == claims[1]["spec"]


def test_a_pod_is_confined() -> None:
    for spec, user in ((SERVER, 1001), (POSTGRES, 999)):
        template = pod(made(spec))["spec"]
        assert template["securityContext"] == {
            "runAsNonRoot": True,
            "runAsUser": user,
            "runAsGroup": user,
            "fsGroup": user,
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": {"type": "RuntimeDefault"},
        }
        assert template["containers"][0]["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert template["automountServiceAccountToken"] is False
        assert template["enableServiceLinks"] is False


def test_a_pod_runs_as_whom_the_specification_says() -> None:
    manifests = made(BARE, run_as="70:71", groups=["5"], read_only=False, capabilities=["NET_BIND_SERVICE", "CHOWN"])
    context = pod(manifests)["spec"]["securityContext"]
    assert [context[key] for key in ("runAsUser", "runAsGroup", "fsGroup")] == [70, 71, 71]
    assert context["supplementalGroups"] == [5]
    assert container(manifests)["securityContext"]["readOnlyRootFilesystem"] is False
    assert container(manifests)["securityContext"]["capabilities"] == {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}


def test_image_pull_policy_and_secrets_are_the_settings() -> None:
    assert container(made(SERVER))["image"] == SETTINGS["image"]
    assert container(made(POSTGRES))["image"] == "postgres:17"
    settings = {**SETTINGS, "image_pull_policy": "Always"}
    assert container(made(SERVER, settings=settings))["imagePullPolicy"] == "Always"
    assert pod(made(SERVER))["spec"]["imagePullSecrets"] == [{"name": "registry"}]
    assert "imagePullSecrets" not in pod(made(SERVER, settings=PLAIN))["spec"]


def test_command_and_entrypoint_are_what_they_are_of_an_image() -> None:
    one = container(made(BARE, entrypoint=["/bin/sh"], command=["-c", "echo $(date) $HOME $$"]))
    assert (one["command"], one["args"]) == (["/bin/sh"], ["-c", "echo $$(date) $$HOME $$$$"])
    assert "command" not in container(made(BARE))


@given(st.text(alphabet="$()Ab", max_size=8))
def test_no_text_is_a_reference(text: str) -> None:
    def expanded(value: str) -> str:
        result, position = "", 0
        while position < len(value):
            pair = value[position : position + 2]
            assert pair != "$(" or ")" not in value[position:]
            result += "$" if pair == "$$" else value[position]
            position += 2 if pair == "$$" else 1
        return result

    assert expanded(literal(text)) == text


def test_each_secret_is_bound_to_its_own_name() -> None:
    manifests = made(SERVER)
    env = env_of(manifests)
    own = ("PREFECT_SERVER_API_AUTH_STRING", "PREFECT_X")
    for name in own:
        assert env[name] == {"secretKeyRef": {"name": "prefect-server", "key": name}}
    assert env["PREFECT_SERVER_DATABASE_PASSWORD"] == {"secretKeyRef": {"name": "pg-app", "key": "password"}}
    values = decoded(only(manifests, "Secret"))
    assert {name: values[name] for name in own} == {own[0]: "admin:s3cr3t", own[1]: "s3cr3t-word"}
    assert values[marks.SALT] == "salt"


def test_secrets_are_in_secrets_only() -> None:
    for manifests in (made(SERVER), made(POSTGRES), made(WORKER), job_manifests(MIGRATION, HOST, SETTINGS)):
        rest = json.dumps([item for item in manifests if item["kind"] != "Secret"])
        assert not [value for value in SECRET_VALUES if value in rest]


def test_no_secret_means_no_object() -> None:
    assert not {"Secret", "ConfigMap"} & set(kinds(made(BARE)))
    assert mark_of(made(BARE)) is None


def test_an_existing_secret_wins_over_a_value() -> None:
    manifests = made(SERVER, secret_refs={"PREFECT_X": {"name": "mine", "key": "k"}})
    assert env_of(manifests)["PREFECT_X"] == {"secretKeyRef": {"name": "mine", "key": "k"}}


def test_pods_roll_when_a_secret_or_a_file_changes() -> None:
    before = mark_of(made(POSTGRES))
    plain, secret = POSTGRES["files"][1], POSTGRES["files"][0]
    assert mark_of(made(POSTGRES)) == before
    assert mark_of(made(POSTGRES, files=[{**secret, "content": "new"}, plain])) != before
    assert mark_of(made(POSTGRES, files=[secret, {**plain, "content": "new"}])) != before
    assert mark_of(made(POSTGRES, secret_env={"A": "b"})) != before


def test_a_digest_of_secrets_cannot_be_made_without_the_salt() -> None:
    marks_of = [mark_of(made(SERVER, {**HOST, "secret_salts": {"prefect-server": salt}})) for salt in ("a", "b")]
    assert marks_of[0] != marks_of[1]
    # A new one is the same in every task of a play.
    new = {**HOST, "secret_salts": {}}
    assert mark_of(made(SERVER, new)) == mark_of(made(SERVER, new))
    fresh = {**new, "salt": "random"}
    assert decoded(only(made(SERVER, fresh), "Secret"))[marks.SALT] == "random"


def test_a_user_without_a_name_has_a_home() -> None:
    env = env_of(made(SERVER))
    assert (env["HOME"], env["USER"], env["LANG"]) == ("/opt/prefect/data/server", "prefect", "C.UTF-8")
    assert container(made(SERVER))["workingDir"] == "/opt/prefect/data/server"
    assert "HOME" not in env_of(made(POSTGRES))


def test_folders_are_written_to_and_files_are_read() -> None:
    manifests = made(POSTGRES)
    mounted = {item["mountPath"]: item for item in container(manifests)["volumeMounts"]}
    # What lies in a volume needs none of its own.
    assert sorted(mounted) == [
        "/etc/postgresql/extra.conf", "/run/secrets/postgres_password", "/tmp", "/var/lib/postgresql/data",
        "/var/run/postgresql",
    ]  # fmt: skip
    volumes = {item["name"]: item for item in pod(manifests)["spec"]["volumes"]}
    secret = volumes["secrets"]["secret"]
    assert [item["key"] for item in secret["items"]] == ["run_secrets_postgres_password"]
    assert (secret["secretName"], secret["defaultMode"]) == ("prefect-postgres", 0o440)
    assert only(manifests, "ConfigMap")["data"] == {"etc_postgresql_extra.conf": "log_statement=none"}
    assert mounted["/run/secrets/postgres_password"]["subPath"] == "run_secrets_postgres_password"
    assert volumes["var-run-postgresql"] == {"name": "var-run-postgresql", "emptyDir": {}}


def test_a_long_folder_has_a_volume_of_a_short_name() -> None:
    manifests = made(BARE, directories=[f"/{'d' * 70}/a", f"/{'d' * 70}/b"])
    names = [item["name"] for item in pod(manifests)["spec"]["volumes"]]
    assert len(set(names)) == 3
    assert all(len(name) <= 63 for name in names)


def test_what_keeps_data_is_a_stateful_set() -> None:
    manifests = made(POSTGRES, replicas=1)
    spec = only(manifests, "StatefulSet")["spec"]
    claim = spec["volumeClaimTemplates"][0]
    assert claim["metadata"]["name"] == "data"
    assert claim["spec"] == {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "20Gi"}},
        "storageClassName": "fast",
    }
    headless = only(manifests, "Service", spec["serviceName"])
    assert headless["spec"]["clusterIP"] == "None"
    assert only(manifests, "Service", "prefect-postgres")["spec"]["type"] == "ClusterIP"
    plain = only(made(POSTGRES, settings=PLAIN), "StatefulSet")["spec"]["volumeClaimTemplates"][0]["spec"]
    assert plain["resources"]["requests"]["storage"] == "8Gi"
    assert "storageClassName" not in plain


def test_an_update_is_rolling_or_not() -> None:
    assert only(made(BARE), "Deployment")["spec"]["strategy"] == {"type": "RollingUpdate"}
    assert only(made(WORKER), "Deployment")["spec"]["strategy"] == {"type": "Recreate"}


def test_probes_are_those_of_the_health_check() -> None:
    one = container(made(SERVER))
    assert one["startupProbe"]["httpGet"] == {"path": "/prefect/api/ready", "port": 4200, "scheme": "HTTP"}
    # 61 seconds.
    assert (one["startupProbe"]["periodSeconds"], one["startupProbe"]["failureThreshold"]) == (2, 31)
    assert one["readinessProbe"]["httpGet"]["path"] == "/prefect/api/ready"
    assert one["livenessProbe"]["httpGet"]["path"] == "/prefect/api/health"
    single = container(made(BARE, health={"url": "https://127.0.0.1/h?x=1", "timeout": 10}))
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert single[probe]["httpGet"] == {"path": "/h?x=1", "port": 443, "scheme": "HTTPS"}
    command = container(made(POSTGRES))["livenessProbe"]["exec"]["command"]
    assert command == ["pg_isready", "--port", "5432"]
    assert not {"startupProbe", "livenessProbe"} & set(container(made(BARE)))


def test_resources_are_the_users_over_the_services() -> None:
    assert container(made(SERVER))["resources"] == {"requests": {"cpu": "100m", "memory": "256Mi"}}
    assert container(made(POSTGRES))["resources"] == {
        "requests": {"cpu": "100m", "memory": "256Mi"},
        "limits": {"cpu": "0.5", "memory": "1073741824"},
    }
    settings = with_options({"resources": {"requests": {"cpu": None}, "limits": {"memory": "2Gi", "cpu": 2}}})
    limits = container(made(POSTGRES, settings=settings))["resources"]
    assert limits == {"limits": {"cpu": "2", "memory": "2Gi"}}
    for number, text in (
        (2.0, "2"),
        (100.0, "100"),
        (12345678.5, "12345678.5"),
        (0.00001, "0.00001"),
        (1e9, "1" + "0" * 9),
    ):
        settings = with_options({"resources": {"limits": {"memory": number}}})
        assert container(made(BARE, settings=settings))["resources"]["limits"]["memory"] == text
    assert "resources" not in container(made(BARE, settings=PLAIN))


def test_the_autoscaler_decides_the_number_of_pods() -> None:
    manifests = made(SERVER)
    assert "replicas" not in only(manifests, "Deployment")["spec"]
    scaler = only(manifests, "HorizontalPodAutoscaler")["spec"]
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (2, 5)
    assert [metric["resource"]["name"] for metric in scaler["metrics"]] == ["cpu"]
    assert scaler["metrics"][0]["resource"]["target"] == {"type": "Utilization", "averageUtilization": 70}
    # Its fewest pods are the declared ones, and it looks at the CPU, unless something else is said.
    scaler = only(
        made(BARE, settings=with_options({"autoscaling": {"max_replicas": 4}}), replicas=3), "HorizontalPodAutoscaler"
    )
    assert (scaler["spec"]["minReplicas"], scaler["spec"]["metrics"][0]["resource"]["name"]) == (3, "cpu")
    assert only(made(BARE, replicas=0), "Deployment")["spec"]["replicas"] == 0


def test_what_keeps_data_is_never_scaled() -> None:
    manifests = made(POSTGRES, settings=with_options({"autoscaling": {"max_replicas": 4}}))
    assert "HorizontalPodAutoscaler" not in kinds(manifests)
    assert only(manifests, "StatefulSet")["spec"]["replicas"] == 1


def test_a_disruption_budget_is_kept() -> None:
    budget = only(made(SERVER), "PodDisruptionBudget")["spec"]
    assert budget["minAvailable"] == 1
    assert budget["selector"] == only(made(SERVER), "Deployment")["spec"]["selector"]
    for given_, kept in (("2", 2), ("50%", "50%")):
        settings = with_options({"disruption_budget": {"max_unavailable": given_}})
        assert only(made(BARE, settings=settings), "PodDisruptionBudget")["spec"]["maxUnavailable"] == kept
    assert "PodDisruptionBudget" not in kinds(made(BARE, settings=PLAIN))


@pytest.mark.parametrize(
    ("apis", "budget", "scaler"),
    [
        (["policy/v1", "policy/v1beta1", "autoscaling/v2beta2", "autoscaling/v2"], "policy/v1", "autoscaling/v2"),
        (["policy/v1beta1", "autoscaling/v1", "autoscaling/v2beta2"], "policy/v1beta1", "autoscaling/v2beta2"),
        ([], "policy/v1", "autoscaling/v2"),
    ],
)
def test_the_newest_api_that_the_cluster_has_is_used(apis: list[str], budget: str, scaler: str) -> None:
    manifests = made(SERVER, {**HOST, "apis": apis})
    assert only(manifests, "PodDisruptionBudget")["apiVersion"] == budget
    assert only(manifests, "HorizontalPodAutoscaler")["apiVersion"] == scaler


def test_the_pods_options_are_merged_over_the_pod() -> None:
    manifests = made(SERVER)
    template = pod(manifests)
    spec = template["spec"]
    assert [item["name"] for item in spec["containers"]] == ["prefect-server", "sidecar"]
    assert [item["name"] for item in spec["initContainers"]] == ["wait"]
    assert {"tmp", "ca"} <= {item["name"] for item in spec["volumes"]}
    assert spec["priorityClassName"] == "high"
    assert spec["tolerations"] == SETTINGS["server"]["pod"]["tolerations"]
    assert spec["nodeSelector"] == {"disk": "fast"}
    assert {"affinity", "topologySpreadConstraints"} <= set(spec)
    one = spec["containers"][0]
    assert env_of(manifests)["EXTRA"] == "1"
    assert one["envFrom"] == [{"configMapRef": {"name": "more"}}]
    assert {"name": "ca", "mountPath": "/etc/ca", "readOnly": True} in one["volumeMounts"]
    assert one["lifecycle"] == {"preStop": {"exec": {"command": ["sleep", "5"]}}}
    assert template["metadata"]["labels"]["tier"] == "api"
    assert template["metadata"]["annotations"]["example.org/scrape"] == "true"


def test_null_takes_something_away_again() -> None:
    words = {"pod": {"securityContext": {"runAsUser": None, "fsGroup": None}}, "container": {"livenessProbe": None}}
    manifests = made(SERVER, settings=with_options(words))
    assert not {"runAsUser", "fsGroup"} & set(pod(manifests)["spec"]["securityContext"])
    assert "livenessProbe" not in container(manifests)
    assert "readinessProbe" in container(manifests)


def test_null_takes_a_label_and_an_annotation_away_again() -> None:
    common = {"labels": {"team": "data", "gone": None}, "annotations": {"a": "b", "gone": None}}
    for manifests in (made(BARE, settings={**PLAIN, **common}), made(POSTGRES, settings={**PLAIN, **common})):
        assert "gone" not in json.dumps(manifests)
    words = {"pod_labels": {"team": None}, "pod_annotations": {"a": None}}
    metadata = pod(made(BARE, settings={**with_options(words), **common}))["metadata"]
    assert "team" not in metadata["labels"]
    assert "annotations" not in metadata
    ingress = {**SETTINGS["ingress"], "annotations": {"example.org/owner": None}}
    second = only(made(SERVER, settings={**SETTINGS, "ingress": ingress}), "Ingress", "prefect-server-api")
    assert "annotations" not in second["metadata"]


def test_words_are_merged_over_an_object_or_leave_it_out() -> None:
    words = {
        "Service": {
            "metadata": {"annotations": {"a": "b"}},
            "spec": {"type": "NodePort", "ipFamilyPolicy": "PreferDualStack"},
        },
        "ServiceAccount": None,
        "StatefulSet": {"spec": {"revisionHistoryLimit": 1}},
    }
    manifests = made(POSTGRES, settings=with_options({"manifests": words}))
    service = only(manifests, "Service", "prefect-postgres")
    assert service["metadata"]["annotations"] == {"a": "b"}
    assert (service["spec"]["type"], service["spec"]["ipFamilyPolicy"]) == ("NodePort", "PreferDualStack")
    assert service["spec"]["ports"]
    # The one that a StatefulSet is bound to stays as it is.
    assert "type" not in only(manifests, "Service", "prefect-postgres-headless")["spec"]
    assert "ServiceAccount" not in kinds(manifests)
    assert only(manifests, "StatefulSet")["spec"]["revisionHistoryLimit"] == 1


def test_rights_are_given_where_they_are_needed_and_nowhere_else() -> None:
    manifests = made(WORKER)
    assert not {"ClusterRole", "ClusterRoleBinding"} & set(kinds(manifests))
    roles = {item["metadata"]["namespace"]: item for item in manifests if item["kind"] == "Role"}
    assert roles["jobs"]["rules"] == WORKER["rules"][0]["rules"]
    assert roles["flows"]["rules"] == WORKER["rules"][1]["rules"]
    for binding in (item for item in manifests if item["kind"] == "RoleBinding"):
        assert binding["roleRef"]["name"] == roles[binding["metadata"]["namespace"]]["metadata"]["name"]
        name = "prefect-worker-team-a-1"
        assert binding["subjects"] == [{"kind": "ServiceAccount", "name": name, "namespace": "flows"}]
    assert pod(manifests)["spec"]["automountServiceAccountToken"] is True
    assert only(manifests, "ServiceAccount")["automountServiceAccountToken"] is False


def test_a_service_account_is_made_named_or_somebody_elses() -> None:
    annotations = only(made(SERVER), "ServiceAccount")["metadata"]["annotations"]
    assert annotations["eks.amazonaws.com/role-arn"] == "arn"
    for account, is_made, name in (
        ({"name": "shared"}, True, "shared"),
        ({"create": False, "name": "shared"}, False, "shared"),
        ({"create": False}, False, "default"),
    ):
        manifests = made(WORKER, settings=PLAIN, options={"service_account": account})
        assert ("ServiceAccount" in kinds(manifests)) is is_made
        assert pod(manifests)["spec"]["serviceAccountName"] == name
        bindings = [item for item in manifests if item["kind"] == "RoleBinding"]
        assert {item["subjects"][0]["name"] for item in bindings} == {name}


def test_several_workers_share_a_namespace() -> None:
    first, second = made(WORKER), made(WORKER, name="prefect-worker-other")
    names = [
        {(item["kind"], item["metadata"].get("namespace"), item["metadata"]["name"]) for item in one}
        for one in (first, second)
    ]
    assert not names[0] & names[1]


def test_several_addresses_of_a_host_are_one_port() -> None:
    ports = [
        {"host": "127.0.0.1", "port": 80, "container_port": 8080},
        {"host": "::1", "port": 80, "container_port": 8080},
    ]
    manifests = made(BARE, ports=[*ports, {"host": "::", "port": 9000}])
    assert only(manifests, "Service")["spec"]["ports"] == [
        {"name": "tcp-80", "port": 80, "targetPort": "tcp-80", "protocol": "TCP"},
        {"name": "tcp-9000", "port": 9000, "targetPort": "tcp-9000", "protocol": "TCP"},
    ]
    assert [item["containerPort"] for item in container(manifests)["ports"]] == [8080, 9000]
    assert "Service" not in kinds(made(BARE))


def test_a_job_runs_once() -> None:
    manifests = job_manifests(MIGRATION, HOST, {**SETTINGS, "timeout": 900})
    job = only(manifests, "Job")["spec"]
    assert (job["activeDeadlineSeconds"], job["backoffLimit"]) == (900, 2)
    assert job["template"]["spec"]["restartPolicy"] == "Never"
    assert not {"Service", "Deployment"} & set(kinds(manifests))
    words = {**PLAIN, "migration": {"manifests": {"Job": {"spec": {"backoffLimit": 5}}}}}
    assert only(job_manifests(MIGRATION, HOST, words), "Job")["spec"]["backoffLimit"] == 5


def test_pods_of_flow_runs_have_what_they_need_in_their_namespace() -> None:
    there = [{"name": "flows-worker", "namespace": "jobs"}]
    manifests = made(WORKER, copies=there, accounts=there)
    own, copied = only(manifests, "Secret", "prefect-worker-team-a-1"), only(manifests, "Secret", "flows-worker")
    assert (copied["data"], copied["metadata"]["namespace"]) == (own["data"], "jobs")
    account = only(manifests, "ServiceAccount", "flows-worker")
    assert (account["metadata"]["namespace"], account["automountServiceAccountToken"]) == ("jobs", False)
    options = {"manifests": {"ServiceAccount": {"metadata": {"annotations": {"role": "etl"}}}}}
    accounts = [item for item in made(WORKER, accounts=there, options=options) if item["kind"] == "ServiceAccount"]
    assert [item["metadata"]["annotations"]["role"] for item in accounts] == ["etl", "etl"]


def test_something_may_have_to_end_well_before_a_service_starts() -> None:
    before = [{"name": "guard", "entrypoint": ["/bin/sh"], "command": ["-c", "x=$(date)"]}]
    [first] = pod(made(POSTGRES, before=before))["spec"]["initContainers"]
    main = container(made(POSTGRES))
    assert (first["name"], first["command"], first["args"]) == ("guard", ["/bin/sh"], ["-c", "x=$$(date)"])
    same = ("image", "env", "volumeMounts", "securityContext", "resources")
    assert {key: first[key] for key in same} == {key: main[key] for key in same}
    assert not {"livenessProbe", "startupProbe", "ports"} & set(first)
    words = {
        "image": "mine:1",
        "env": [{"name": "PGPORT", "value": "1"}],
        "envFrom": [{"configMapRef": {"name": "more"}}],
        "volumeMounts": [{"name": "ca", "mountPath": "/ca"}],
        "securityContext": {"runAsUser": 5},
        "command": ["own"],
        "lifecycle": {"preStop": {"exec": {"command": ["sleep", "5"]}}},
    }
    settings = with_options({"container": words})
    [first] = pod(made(POSTGRES, settings=settings, before=before))["spec"]["initContainers"]
    main = container(made(POSTGRES, settings=settings))
    same = (*same, "envFrom", "imagePullPolicy")
    assert {key: first[key] for key in same if key in first} == {key: main[key] for key in same if key in main}
    assert (first["image"], first["command"], "lifecycle" in first) == ("mine:1", ["/bin/sh"], False)


def test_what_nobody_can_ask_proves_itself_by_staying() -> None:
    assert only(made(BARE), "Deployment")["spec"]["minReadySeconds"] == 10
    assert "minReadySeconds" not in only(made(WORKER), "Deployment")["spec"]


def test_a_foundation_is_a_namespace_unless_it_is_there() -> None:
    manifests = foundation_manifests({**SETTINGS, "network_policies": False}, HOST)
    assert [(item["kind"], item["metadata"]["name"]) for item in manifests] == [("Namespace", "flows")]
    assert "namespace" not in manifests[0]["metadata"]
    assert foundation_manifests({**PLAIN, "create_namespace": False}, HOST) == []


def test_objects_come_in_the_order_in_which_they_need_each_other() -> None:
    assert kinds(made(SERVER)) == [
        "NetworkPolicy", "ServiceAccount", "Secret", "Service", "PodDisruptionBudget", "Deployment",
        "HorizontalPodAutoscaler", "Ingress", "Ingress",
    ]  # fmt: skip


@given(st.permutations(sorted(SERVER)), st.permutations(sorted(SETTINGS)))
def test_the_order_of_keys_does_not_matter(spec: list[str], settings: list[str]) -> None:
    shuffled = made({key: SERVER[key] for key in spec}, settings={key: SETTINGS[key] for key in settings})
    assert json.dumps(shuffled) == json.dumps(made(SERVER))
