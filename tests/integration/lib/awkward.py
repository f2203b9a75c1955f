"""A server with every kind of object and with values that are easily broken on the way through files."""

from __future__ import annotations

from typing import Any, Protocol

PROCESS = {
    "job_configuration": {"command": "{{ command }}", "env": "{{ env }}"},
    "variables": {"properties": {"command": {"default": "{% x"}, "env": {"type": "object"}}},
}
TEXTS = [
    "",
    "5",
    "1e3",
    "0x1F",
    "012",
    "12:30:45",
    "2024-01-01",
    "yes",
    "null",
    "~",
    "=",
    "<<",
    "- a",
    "a: b",
    "# c",
    "!vault x",
    "%TAG",
    "&a *b",
    " around ",
    "\ttab\t",
    "'single' \"double\" \\ back",
    "ünïcödé 漢字 \U0001f600",
    "one\ntwo\n",
    "\n\nleading\n  indented\n\n\n",
    "trailing \n spaces \n",
    "dos\r\nlines\r\n",
    "nel\x85 ls\u2028 ps\u2029 bom\ufeff bell\x07 del\x7f",
    "{{ jinja }} {% raw %} {# comment #}",
    "{{ multi }}\n{% line %}\n",
    "${SHELL} $(date) `x`",
    "{'a': 1}",
    "[1, 2]",
    "x" * 4900,
]
VALUES = [
    None,
    0,
    -1,
    10**15,
    1.5,
    1e16,
    1e-7,
    True,
    False,
    [],
    {},
    [None, [], {}, ""],
    {"": 1, "yes": 2, "1": 3, "{{ key }}": "{{ value }}", "a b: c": {"#": "\n"}, "k\nk": [{"x": {"y": ["z"]}}], "~": 4},
]


class Server(Protocol):
    def request(self, method: str, path: str, body: Any = None) -> Any: ...


def make(server: Server) -> None:
    """Make all of it, past the modules."""
    blocks = _blocks(server)
    _variables(server)
    _limits(server)
    _pools(server, blocks)
    deployments = _deployments(server, blocks)
    _automations(server, deployments, blocks)


def _types(server: Server) -> dict[str, str]:
    return {str(row["slug"]): str(row["id"]) for row in server.request("POST", "/block_types/filter", {})}


def _blocks(server: Server) -> dict[str, str]:
    own = {
        "name": "Own",
        "slug": "own",
        "description": "{{ Jinja }}: 'x'\n\nmore",
        "code_example": "```python\npass\n```",
    }
    own_id = server.request("POST", "/block_types/", own)["id"]
    fields = {
        "title": "Own",
        "type": "object",
        "properties": {
            "pin": {"title": "Pin", "type": "string", "format": "password"},
            "note": {"title": "Note", "type": "string", "default": "{{ none }}"},
            "more": {"title": "More", "type": "object"},
        },
        "required": ["pin"],
        "secret_fields": ["pin"],
        "block_type_slug": "own",
    }
    for title, version in (("First", "1.0"), ("Second", "2.0"), ("Third", "2.0")):
        schema = {"block_type_id": own_id, "fields": {**fields, "title": title}, "version": version}
        server.request("POST", "/block_schemas/", schema)
    types = _types(server)
    newest: dict[str, Any] = {}
    for row in sorted(server.request("POST", "/block_schemas/filter", {}), key=lambda row: str(row["version"])):
        if row["version"] != "non-versioned":
            newest[str(row["block_type_id"])] = row["id"]
    ids: dict[str, str] = {}

    def block(slug: str, name: str, data: Any) -> None:
        body = {"name": name, "data": data, "block_type_id": types[slug], "block_schema_id": newest[types[slug]]}
        ids[f"{slug}/{name}"] = str(server.request("POST", "/block_documents/", body)["id"])

    block("secret", "a-b", {"value": "canary-one {{ x }} 'y' \"z\"\nü"})
    block("secret", "a--b", {"value": "canary-two"})
    block("secret", "dollar", {"value": "$canary"})
    block("secret", "number", {"value": 12345678})
    block("secret", "list", {"value": ["canary-list", {"a": None}]})
    block("own", "own", {"pin": "canary-pin", "note": "{{ none }}", "more": {"{{ k }}": [1, None, "{{ v }}"]}})
    block("aws-credentials", "aws", {"aws_access_key_id": "canary-key", "aws_secret_access_key": "canary-aws"})
    block("minio-credentials", "minio", {"minio_root_user": "root", "minio_root_password": "canary-minio"})
    reference = {"$ref": {"block_document_id": ids["minio-credentials/minio"]}}
    block("s3-bucket", "by-name", {"bucket_name": "b", "bucket_folder": "", "credentials": reference})
    inline = {"minio_root_user": "root", "minio_root_password": "canary-inline"}
    block("s3-bucket", "inline", {"bucket_name": "b", "credentials": inline})
    settings = {"key": "canary-fs", "secret": "canary-fs2", "client_kwargs": {"endpoint_url": "http://m:9000"}}
    block("remote-file-system", "fs", {"basepath": "s3://b/x", "settings": settings})
    block("local-file-system", "results", {"basepath": "/results"})
    block("slack-webhook", "slack", {"url": "https://hooks.slack.test/canary-hook"})
    block("s3-bucket", "unknown-field", {"bucket_name": "b", "no_such_field": 1})
    server.request("PUT", "/admin/storage", {"default_result_storage_block_id": ids["local-file-system/results"]})
    return ids


def _variables(server: Server) -> None:
    for at, value in enumerate([*TEXTS, *VALUES]):
        server.request(
            "POST", "/variables/", {"name": f"v{at:02}", "value": value, "tags": ["b", "a: {{ t }}"][: at % 3]}
        )
    secrets = {"my_api_token": "canary-token", "nested": {"password": "canary-nested", "user": "u"}}
    secrets["url"] = "postgresql://me:canary-url@db/x?{{ y }}"
    for name, value in secrets.items():
        server.request("POST", "/variables/", {"name": name, "value": value})


def _limits(server: Server) -> None:
    server.request("POST", "/v2/concurrency_limits/", {"name": "shared ü", "limit": 3, "slot_decay_per_second": 0.25})
    server.request("POST", "/v2/concurrency_limits/", {"name": "off", "limit": 0, "active": False})
    server.request("POST", "/concurrency_limits/", {"tag": "db: {{ x }}", "concurrency_limit": 2})


def _pools(server: Server, blocks: dict[str, str]) -> None:
    def pool(name: str, kind: str, **more: Any) -> None:
        server.request("POST", "/work_pools/", {"name": name, "type": kind, **more})

    pool("own template", "process", base_job_template=PROCESS, description="a\n'b' ü {{ c }}", concurrency_limit=0)
    offered = server.request("GET", "/collections/views/aggregate-worker-metadata")
    template = offered["prefect-kubernetes"]["kubernetes"]["default_base_job_configuration"]
    pool("k8s", "kubernetes", base_job_template=template, is_paused=True)
    storage = {
        "bundle_upload_step": {"prefect_aws.x.upload": {"bucket": "b", "key": "{{ k }}"}},
        "default_result_storage_block_id": blocks["local-file-system/results"],
    }
    pool("stored", "process", base_job_template=PROCESS, storage_configuration=storage)
    # Of Prefect 2; nothing makes it whole.
    pool("old agents", "prefect-agent")
    for name, priority in (("first", 1), ("last", 9), ("ü {{ q }}", None)):
        queue = {"name": name, "description": "d: 'e'", "concurrency_limit": 0 if priority else None}
        server.request("POST", "/work_pools/stored/queues", {**queue, **({"priority": priority} if priority else {})})
    server.request("PATCH", "/work_pools/k8s/queues/default", {"description": "", "is_paused": True})


def _deployments(server: Server, blocks: dict[str, str]) -> dict[str, str]:
    flows = {
        name: server.request("POST", "/flows/", {"name": name, "tags": tags})["id"]
        for name, tags in (("flow ü", []), ("tagged", ["z", "a"]), ("alone", []))
    }
    limit = next(
        row for row in server.request("POST", "/v2/concurrency_limits/filter", {}) if row["name"] == "shared ü"
    )
    ids: dict[str, str] = {}

    def deployment(flow: str, name: str, **more: Any) -> None:
        body = {"name": name, "flow_id": flows[flow], **more}
        ids[f"{flow}/{name}"] = str(server.request("POST", "/deployments/", body)["id"])

    schema = {
        "type": "object",
        "properties": {"password": {"type": "string", "title": "password", "position": 0, "default": "canary-default"}},
    }
    pull = [
        {
            "prefect.deployments.steps.git_clone": {
                "repository": "https://me:canary-git@git.test/x",
                "branch": "{{ b }}",
            }
        },
        {
            "prefect_aws.x.pull": {
                "credentials": "{{ prefect.blocks.aws-credentials.aws }}",
                "access_token": "canary-step",
            }
        },
    ]
    deployment(
        "flow ü",
        "full: {{ d }}",
        entrypoint="flows.py:f",
        path="/opt/{{ p }}",
        pull_steps=pull,
        parameters={"password": "canary-parameter", "n": None, "t": "5", "deep": {"x": [1, "{{ y }}"]}},
        parameter_openapi_schema=schema,
        work_pool_name="stored",
        work_queue_name="first",
        job_variables={"command": "{{ x }}", "env": {"MY_TOKEN": "canary-env", "EMPTY": "", "N": "1"}},
        concurrency_limit=3,
        concurrency_options={"collision_strategy": "CANCEL_NEW"},
        labels={"team": "ü", "n": 1, "b": True},
        tags=["z", "a"],
        description="# Title\n\n- `{{ x }}`\n",
        version="1.10",
        enforce_parameter_schema=False,
        paused=True,
        schedules=[
            {"schedule": {"cron": "1 2 * * *"}},
            {"schedule": {"cron": "1 2 * * *"}, "active": False, "parameters": {"n": 2}},
            {"schedule": {"cron": "0 0 1 * 1", "timezone": "Europe/Vienna", "day_or": False}, "slug": "vienna"},
            {"schedule": {"interval": 3600}},
            {"schedule": {"interval": 900.5, "anchor_date": "2024-02-29T12:00:00Z", "timezone": "Asia/Tokyo"}},
            {"schedule": {"rrule": "FREQ=DAILY;COUNT=3"}},
            {
                "schedule": {"rrule": "DTSTART:20240101T000000\nRRULE:FREQ=WEEKLY", "timezone": "Europe/Vienna"},
                "slug": "week",
            },
        ],
    )
    deployment("flow ü", "plain", work_pool_name="k8s")
    deployment("flow ü", "shared", global_concurrency_limit_id=limit["id"])
    deployment("tagged", "same", parameters={"id": blocks["secret/a-b"]})
    deployment("tagged", "legacy", storage_document_id=blocks["remote-file-system/fs"])
    deployment("tagged", "of old agents", work_pool_name="old agents")
    deployment("tagged", "gone")
    return ids


def _automations(server: Server, deployments: dict[str, str], blocks: dict[str, str]) -> None:
    event = {"type": "event", "posture": "Reactive", "threshold": 1, "within": 0}
    triggers = {
        "reactive": {
            **event,
            "match": {"prefect.resource.id": "prefect.flow-run.*"},
            "match_related": {"prefect.resource.role": "flow", "prefect.resource.name": ["b", "a {{ x }}"]},
            "expect": ["prefect.flow-run.Failed", "prefect.flow-run.Crashed"],
            "for_each": ["prefect.resource.id"],
            "threshold": 3,
            "within": 60,
        },
        "proactive": {**event, "posture": "Proactive", "after": ["a"], "expect": ["b"], "within": 30.0},
    }
    triggers["compound"] = {"type": "compound", "require": 1, "within": 60, "triggers": list(triggers.values())}
    triggers["sequence"] = {
        "type": "sequence",
        "within": None,
        "triggers": [triggers["compound"], triggers["reactive"]],
    }
    deployment = {"source": "selected", "deployment_id": deployments["flow ü/plain"]}
    stored = server.request("GET", "/work_pools/stored")["id"]
    queue = server.request("GET", "/work_pools/stored/queues/last")["id"]
    actions = [
        {"type": "do-nothing"},
        {
            "type": "run-deployment",
            **deployment,
            "parameters": {"password": "canary-run"},
            "job_variables": {"image": "{{ x }}"},
        },
        {"type": "pause-deployment", **deployment},
        {"type": "resume-deployment", "source": "inferred"},
        {"type": "pause-work-pool", "source": "selected", "work_pool_id": stored},
        {"type": "resume-work-queue", "source": "selected", "work_queue_id": queue},
        {"type": "change-flow-run-state", "state": "FAILED", "name": "ü", "message": "{{ event.id }}"},
        {
            "type": "send-notification",
            "block_document_id": blocks["slack-webhook/slack"],
            "subject": "s",
            "body": "{{ event }}\n",
        },
        {"type": "cancel-flow-run"},
    ]

    def automation(name: str, trigger: Any, actions: Any, **more: Any) -> str:
        # One that is enabled could act while the test runs.
        body = {"enabled": False, "name": name, "trigger": trigger, "actions": actions, **more}
        return str(server.request("POST", "/automations/", body)["id"])

    for name, trigger in triggers.items():
        automation(f"{name}: ü {{{{ x }}}}", trigger, actions, description="d\n", tags=["z", "a"])
    first = automation("first", triggers["reactive"], actions[:1], enabled=True)
    pause = [{"type": "pause-automation", "source": "selected", "automation_id": first}]
    automation("second", triggers["reactive"], pause, actions_on_resolve=actions[:1], actions_on_trigger=actions[2:3])
    for _ in range(2):
        automation("twice", triggers["reactive"], actions[:1])
    gone = deployments["tagged/gone"]
    automation("of what is gone", triggers["reactive"], [{**actions[2], "deployment_id": gone}])
    server.request("DELETE", f"/deployments/{gone}")
    refused = {"type": "run-deployment", **deployment, "job_variables": {"imgae": "x"}}
    automation("of an unknown variable", triggers["reactive"], [refused])
    by_id = {
        **event,
        "expect": ["x"],
        "match": {"prefect.resource.id": f"prefect.deployment.{deployments['flow ü/plain']}"},
    }
    automation("by id", by_id, actions[:1])
