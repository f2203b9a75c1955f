# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What takes several values of chart prefect-worker to say: its name, API, environment, scale, jobs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..settings.variables import check_worker
from .addresses import split
from .draft import Draft
from .environment import Places, put_environment
from .releases import HelmError
from .server_parts import put_autoscaling, put_credentials, version_of
from .values import Values
from .worker_chart import ENV, OLD_TARGETS, OPTIONS, WORKER

_TYPES = ("kubernetes", "process")
_CHARTS_NAME = "prefect-worker"
_NOT_IN_NAME = re.compile(r"[^a-z0-9]+")
_LONGEST_NAME = 40
_CLOUD, _MANAGED, _OWN = "cloud", "customerManagedCloud", "selfHostedServer"
_SECTIONS = {
    _CLOUD: "worker.cloudApiConfig",
    _MANAGED: "worker.customerManagedCloudApiConfig",
    _OWN: "worker.selfHostedServerApiConfig",
}
_PLACES = Places(check_worker, ENV, f"{WORKER}.secret_env", ENV, {}, {})
_SCALE = {
    "minReplicas": "min_replicas",
    "maxReplicas": "max_replicas",
    "targetCPUUtilizationPercentage": "cpu",
    "targetMemoryUtilizationPercentage": "memory",
}


def runs_here(values: Values, draft: Draft) -> bool:
    """Tell whether a worker of this type runs on a cluster; note one that does not."""
    kind = values.text("worker.config.type")
    if kind in _TYPES:
        return True
    reason = f"workers of the types {', '.join(_TYPES)} run on a cluster; this release is left out"
    draft.none("worker.config.type", reason, kind)
    return False


def put_name(values: Values, draft: Draft, taken: Sequence[str]) -> None:
    """Write name, pool and type of the worker; its objects are called by its name, too."""
    pool, given = _needed(values, "worker.config.workPool"), values.text("worker.config.name")
    full = values.text("fullnameOverride") if values.differs("fullnameOverride") else ""
    name = given or full.removeprefix(f"{_CHARTS_NAME}-") or values.release.name or pool
    fitting = _NOT_IN_NAME.sub("-", name.lower()).strip("-")[:_LONGEST_NAME].strip("-") or "worker"
    while fitting in taken:
        fitting = f"{fitting}-2"
    if given and given != fitting:
        draft.none("worker.config.name", f"objects are called by it; the worker is now {fitting}", given)
    draft.worker |= {"name": fitting, "work_pool": pool}
    if values.differs("worker.config.type"):
        draft.put(f"{WORKER}.type", values["worker.config.type"], "worker.config.type")


def _needed(values: Values, path: str) -> str:
    text = values.text(path)
    if not text:
        raise HelmError(f"{values.release.source}: {path}: missing; no release can be without it")
    return text


def put_environments(values: Values, draft: Draft) -> None:
    """Write the environment of the worker."""
    put_environment(values["worker.extraEnvVars"], "worker.extraEnvVars", _PLACES, draft)
    named = {
        "worker.config.prefetchSeconds": "PREFECT_WORKER_PREFETCH_SECONDS",
        "worker.config.http2": "PREFECT_API_ENABLE_HTTP2",
        "worker.image.debug": "PREFECT_DEBUG_MODE",
    }
    if values["worker.apiConfig"] == _MANAGED:
        of = _SECTIONS[_MANAGED]
        named |= {f"{of}.cloudApiUrl": "PREFECT_CLOUD_API_URL", f"{of}.cloudUiUrl": "PREFECT_CLOUD_UI_URL"}
    for path, name in named.items():
        if values.differs(path):
            text = values.text(path)
            draft.put(ENV, [{"name": name, "value": text.lower() if isinstance(values[path], bool) else text}], path)


def put_image(values: Values, draft: Draft, supported: Sequence[str]) -> None:
    """Write an image of the worker's own, and the version where nobody else says it."""
    repository, tag = "worker.image.repository", "worker.image.prefectTag"
    version, image = version_of(values, repository, tag, supported, draft)
    if version and draft.document.setdefault("version", version) != version:
        draft.none(tag, f"a document has one version, which is {draft.document['version']}", values[tag])
    elif image:
        draft.put(f"{OPTIONS}.container.image", image, repository)


def put_api(values: Values, draft: Draft, server: Values | None) -> bool:
    """Write which API the worker speaks to; return whether that can be in this document."""
    given = values.text("worker.apiConfig")
    target = OLD_TARGETS.get(given, given)
    if target not in _SECTIONS:
        wrong = f"expected one of {', '.join(_SECTIONS)}, found {given!r}"
        raise HelmError(f"{values.release.source}: worker.apiConfig: {wrong}")
    for path in values.rows:
        if any(path.startswith(f"{section}.") for other, section in _SECTIONS.items() if other != target):
            values.leave(path, f"has no effect in the release, since worker.apiConfig is {given}")
    if target == _OWN:
        _put_own_api(values, draft, server)
        return True
    if server is not None:
        draft.none("worker.apiConfig", "a document has one API; this release is left out, read it by itself", given)
        return False
    of = _SECTIONS[target]
    account, workspace = _needed(values, f"{of}.accountId"), _needed(values, f"{of}.workspaceId")
    if target == _CLOUD and not values.differs(f"{of}.cloudUrl"):
        _put_once("cloud", {"account_id": account, "workspace_id": workspace}, f"{of}.accountId", draft)
    else:
        path = f"{of}.cloudUrl" if target == _CLOUD else f"{of}.apiUrl"
        url = f"{_needed(values, path).rstrip('/')}/accounts/{account}/workspaces/{workspace}"
        _put_once("api_url", url, path, draft)
    where = {part: values.text(f"{of}.apiKeySecret.{part}") for part in ("name", "key")}
    path = f"{of}.apiKeySecret.name"
    draft.put("kubernetes.existing_secrets.api_key", where, path)
    if "token" not in draft.document:
        draft.put("token", draft.secret("api key", path), path)
        of_secret = f"{where['key']} of Secret {where['name']}"
        draft.note(path, f"the deployment speaks to the API, too; put {of_secret} into {draft.document['token']}", "")
    return True


def _put_once(key: str, value: object, path: str, draft: Draft) -> None:
    known = {name: draft.document[name] for name in ("cloud", "api_url") if name in draft.document}
    if not known:
        draft.put(key, value, path)
    elif known != {key: value}:
        draft.none(path, "a document has one API, that of another release; write another document", value)


def _put_own_api(values: Values, draft: Draft, server: Values | None) -> None:
    of = _SECTIONS[_OWN]
    path = f"{of}.apiUrl"
    url = _needed(values, path)
    put_credentials(values, draft, f"{of}.basicAuth")
    if server is None:
        _put_once("api_url", url.rstrip("/"), path, draft)
        return
    host = split(url).hostname or ""
    service, public = server.text("fullnameOverride"), split(str(draft.document.get("public_url", ""))).hostname
    if host.partition(".")[0] != service and host != public:
        draft.none(path, "the workers of a document speak to its own server", url)


def put_scale(values: Values, draft: Draft) -> None:
    """Write how many of the worker there are."""
    of, count = "worker.autoscaling", "worker.replicaCount"
    if values[f"{of}.enabled"]:
        put_autoscaling(values, draft, "worker", OPTIONS, _SCALE)
        values.leave(count, f"has no effect in the release, since {of}.enabled is on")
        return
    for there in _SCALE:
        values.leave(f"{of}.{there}", f"has no effect in the release, since {of}.enabled is off")
    if values.differs(count):
        draft.put(f"{WORKER}.replicas", int(values[count]), count)


def note_pool(draft: Draft, others: Sequence[Mapping[str, Any]]) -> None:
    """Note a pool whose jobs two releases say different things of: a document has one template for them."""
    pool, pools = draft.worker["work_pool"], draft.document.get("resources", {}).get("work_pools", ())
    # Flow runs of a process worker have no template, and one of the release's own says nothing of these.
    if draft.worker.get("type") == "process" or any(item["name"] == pool for item in pools):
        return
    here = _said_of_jobs(draft.worker, draft)
    for other in others:
        there = _said_of_jobs(other, draft)
        differing = [key for key in here if here[key] != there[key]]
        if other["work_pool"] == pool and differing:
            reason = f"is the pool of {other['name']} too; let both say the same of {' and '.join(differing)}"
            draft.none("worker.config.workPool", f"{reason}, or give each its own pool", pool)
            return


def _said_of_jobs(worker: Mapping[str, Any], draft: Draft) -> dict[str, Any]:
    values = {variable.name: variable.value for variable in draft.variables}
    secrets = {name: values.get(str(value), value) for name, value in worker.get("secret_env", {}).items()}
    return {"job_namespace": worker.get("job_namespace"), "secret_env": secrets}


def put_jobs(values: Values, draft: Draft) -> None:
    """Write how often work is asked for, where jobs run, and the template that they are made of."""
    path = "worker.config.queryInterval"
    if values.differs(path):
        seconds = max(1, round(float(values[path])))
        draft.put(f"{WORKER}.query_seconds", seconds, path)
        if seconds != float(values[path]):
            draft.none(path, "whole seconds, 1 or more", values[path])
    _put_job_namespace(values, draft)
    for kind, switch in {"Role": "role.create", "RoleBinding": "rolebinding.create"}.items():
        if not values[switch]:
            draft.put(f"{OPTIONS}.manifests.{kind}", None, switch)
    _put_template(values, draft)


def _put_job_namespace(values: Values, draft: Draft) -> None:
    path, role = "worker.config.jobNamespace", values.text("role.namespace")
    watched = [name.strip() for name in values.text(path).split(",") if name.strip()]
    if len(watched) > 1:
        draft.none(path, "a worker has one namespace for its jobs; write a worker for each", values[path])
    elif watched:
        draft.put(f"{WORKER}.job_namespace", watched[0], path)
    elif role:
        draft.put(f"{WORKER}.job_namespace", role, "role.namespace")
    if watched and role and [role] != watched:
        values.leave("role.namespace", "the Role is in the namespace of the jobs")


def _put_template(values: Values, draft: Draft) -> None:
    path = "worker.config.baseJobTemplate.configuration"
    text = values[path]
    if not text:
        return
    try:
        template = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        template = None
    if not isinstance(template, Mapping):
        draft.none(path, "is no JSON object; write resources.work_pools[].base_job_template", text)
        return
    pool = {"name": draft.worker["work_pool"], "type": values.text("worker.config.type")}
    # What looks like a template is one of Prefect's.
    draft.put_as_is("resources.work_pools", [{**pool, "base_job_template": dict(template)}], path)
