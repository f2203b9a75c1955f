# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cluster refuses, said to people: what was found, and how to proceed."""

from __future__ import annotations

import re
from typing import Any, Mapping

_RBAC = re.compile(
    r'User "(?P<user>[^"]*)" cannot (?P<verb>\w+) resource "(?P<resource>[^"]*)" in API group "(?P<group>[^"]*)"'
    r'(?: in the namespace "(?P<namespace>[^"]*)")?'
)
_ESCALATION = re.compile(r"is attempting to grant RBAC permissions not currently held:\s*(?P<rules>.*)", re.DOTALL)
_QUOTA = re.compile(r"exceeded quota: (?P<name>[^,]+), requested: (?P<rest>.*)", re.DOTALL)
_UNSIZED = re.compile(r"failed quota: (?P<name>[^:]+): must specify (?P<what>.*)", re.DOTALL)
_WEBHOOK = re.compile(r'admission webhook "(?P<name>[^"]*)" denied the request:?\s*(?P<why>.*)', re.DOTALL)
_DEAD_WEBHOOK = re.compile(r'failed calling webhook "(?P<name>[^"]*)":?\s*(?P<why>.*)', re.DOTALL)
_POD_SECURITY = re.compile(r'violates PodSecurity "(?P<level>[^"]*)":?\s*(?P<why>.*)', re.DOTALL)
_VALUE = re.compile(r"Invalid value: (?P<value>.*?): (?=[^:]*$)", re.DOTALL)
_TERMINATING = "because it is being terminated"
# What a StatefulSet may change; everything else is refused in one sentence.
_STATEFUL = "updates to statefulset spec for fields other than"
_LONGEST = 300


class ClusterError(Exception):
    """Something about a cluster that people have to know."""


class UnreachableError(ClusterError):
    """The cluster does not answer, or answers nobody that is not known."""


class RefusedError(ClusterError):
    """The API server refused a request."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        self.status = status
        self.body = body
        super().__init__(one_line(str(body.get("message") or f"status {status}")))

    @property
    def is_missing(self) -> bool:
        return self.status == 404


def one_line(text: str) -> str:
    """Return a text in one line, as far as anybody reads it."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 4]} ..."


def title(item: Mapping[str, Any]) -> str:
    """Return how people call an object."""
    return "{}/{}".format(item.get("kind"), (item.get("metadata") or {}).get("name"))


def right(verb: str, resource: str, group: str, namespace: str | None) -> str:
    """Return a right in words."""
    of = f"{resource} ({group})" if group else resource
    return f"{verb} {of} " + (f"in namespace {namespace}" if namespace else "in the whole cluster")


def explained(error: RefusedError, item: Mapping[str, Any]) -> str:
    """Return why an object was refused, and how to proceed."""
    name, message = title(item), str(error.body.get("message") or "")
    namespace = str((item.get("metadata") or {}).get("namespace") or "")
    for explain in (_rights, _quota, _admission):
        said = explain(message, namespace)
        if said:
            return f"{name}: {said}"
    if _TERMINATING in message:
        return f"{name}: namespace {namespace} is being removed; wait until it is gone"
    if error.status == 404:
        return f"{name}: {_not_there(message, item, namespace)}"
    if error.status in (400, 422):
        return f"{name}: {_invalid(error, item, namespace)}"
    return f"{name}: {error}"


def _rights(message: str, _namespace: str) -> str:
    granted = _ESCALATION.search(message)
    if granted:
        return (
            "whoever runs Ansible may give away only rights that it has itself; missing: "
            f"{one_line(granted['rules'])}; give it these, or the verb escalate for roles"
        )
    found = _RBAC.search(message)
    if not found:
        return ""
    wanted = right(found["verb"], found["resource"], found["group"], found["namespace"])
    return f"{found['user']} may not {wanted}; let an administrator grant it"


def _quota(message: str, namespace: str) -> str:
    found = _QUOTA.search(message)
    if found:
        return f"quota {found['name']} of namespace {namespace} is exceeded: requested {one_line(found['rest'])}"
    found = _UNSIZED.search(message)
    if found:
        return (
            f"quota {found['name']} of namespace {namespace} wants every pod to say {one_line(found['what'])}; "
            "set it in prefect.kubernetes.defaults.resources"
        )
    return ""


def _admission(message: str, namespace: str) -> str:
    found = _WEBHOOK.search(message)
    if found:
        return f"the admission webhook {found['name']} refuses it: {one_line(found['why'])}"
    found = _DEAD_WEBHOOK.search(message)
    if found:
        return f"the admission webhook {found['name']} does not answer: {one_line(found['why'])}"
    found = _POD_SECURITY.search(message)
    if found:
        return f"pods of namespace {namespace} have to follow {found['level']}: {one_line(found['why'])}"
    return ""


def _not_there(message: str, item: Mapping[str, Any], namespace: str) -> str:
    if message.startswith("namespaces "):
        return f"there is no namespace {namespace}"
    return f"the cluster has no {item.get('kind')} of {item.get('apiVersion')}; install what brings it"


def causes(error: RefusedError) -> list[dict[str, Any]]:
    """Return what is wrong with an object, field by field."""
    details = error.body.get("details") or {}
    return [cause for cause in details.get("causes") or [] if isinstance(cause, dict)]


def is_immutable(error: RefusedError) -> bool:
    """Tell whether an object was refused because it cannot change in that way."""
    texts = [str(error.body.get("message") or ""), *(str(cause.get("message")) for cause in causes(error))]
    return any("immutable" in text or _STATEFUL in text or "cannot change roleRef" in text for text in texts)


def _invalid(error: RefusedError, item: Mapping[str, Any], namespace: str) -> str:
    found = causes(error)
    if is_immutable(error):
        # Apply asks some checks twice.
        fields = sorted({str(cause.get("field")) for cause in found if cause.get("field")}) or ["spec"]
        return f"{', '.join(fields)} cannot be changed; {_proceed(item, namespace)}"
    secret = item.get("kind") == "Secret"
    listed = [f"{cause.get('field')}: {_why(str(cause.get('message') or ''), secret)}" for cause in found]
    return "; ".join(dict.fromkeys(listed)) or (f"status {error.status}" if secret else str(error))


def _why(message: str, secret: bool) -> str:
    """Return what is wrong with a field, without a long or a secret value."""
    found = _VALUE.search(message)
    if found and (secret or len(found["value"]) > 80):
        message = message.replace(f"{found['value']}: ", "", 1).replace("Invalid value: ", "invalid: ", 1)
    return one_line(message)


def _proceed(item: Mapping[str, Any], namespace: str) -> str:
    kind, name = str(item.get("kind")), (item.get("metadata") or {}).get("name")
    command = f"kubectl delete {kind.lower()} {name} -n {namespace}"
    if kind == "StatefulSet":
        return f"to keep its pods and volumes and make it anew run {command} --cascade=orphan, then deploy again"
    if kind == "PersistentVolumeClaim":
        return "give the old value back, or save the data and remove the claim"
    restarts = " (its pods stop until then)" if kind == "Deployment" else ""
    return f"to make it anew run {command}{restarts}, then deploy again"
