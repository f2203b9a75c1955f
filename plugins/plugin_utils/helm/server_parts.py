# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What takes several values of chart prefect-server to say: environment, credentials, image, scale, Redis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..settings.image import resolved_version
from ..settings.problems import Problems
from ..settings.variables import check_server
from ..settings.workloads import requested
from .addresses import split
from .draft import Draft
from .environment import Places, is_true, put_environment
from .server_chart import DOCKET, MIGRATION, REDIS, SEPARATE, SERVER, SERVICES
from .values import Values

_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_UI = ("server.ui", is_true)
_ANALYTICS = ("server.analytics", is_true)
_LEVEL = ("server.log_level", str.upper)
_PLACES = Places(
    check=check_server,
    plain="server.env",
    secret="server.secret_env",
    container=f"{SERVER}.container.env",
    options={
        "PREFECT_UI_ENABLED": _UI,
        "PREFECT_SERVER_UI_ENABLED": _UI,
        "PREFECT_SERVER_ANALYTICS_ENABLED": _ANALYTICS,
        "PREFECT_SERVER_LOGGING_LEVEL": _LEVEL,
        "PREFECT_LOGGING_SERVER_LEVEL": _LEVEL,
    },
    references={"PREFECT_SERVER_API_AUTH_STRING": "kubernetes.existing_secrets.auth_string"},
)
_SCALE = {"minReplicas": "min_replicas", "maxReplicas": "max_replicas", "targetCPU": "cpu", "targetMemory": "memory"}


def put_environments(values: Values, draft: Draft) -> None:
    """Write the environment of server and services."""
    for path in ("global.prefect.env", "server.env"):
        put_environment(values[path], path, _PLACES, draft)
    if values["server.debug"]:
        draft.put("server.env", {"PREFECT_DEBUG_MODE": "true"}, "server.debug")
    level = values.text("server.loggingLevel").upper()
    if level not in _LEVELS:
        values.leave("server.loggingLevel", f"expected one of {', '.join(_LEVELS)}")
    elif values.differs("server.loggingLevel"):
        draft.put("server.log_level", level, "server.loggingLevel")
    own = {"PREFECT_DEBUG_MODE": "debug", "PREFECT_SERVER_LOGGING_LEVEL": "loggingLevel"}
    for name, part in own.items() if values[SEPARATE] else ():
        path = f"backgroundServices.{part}"
        if values.differs(path):
            text = values.text(path).lower() if part == "debug" else values.text(path)
            draft.put(f"{SERVICES}.container.env", [{"name": name, "value": text}], path)


def put_credentials(values: Values, draft: Draft, of: str = "server.basicAuth") -> None:
    """Write user and password of the API, or in which Secret they are."""
    text, existing = f"{of}.authString", f"{of}.existingSecret"
    given = values.text(text)
    known = draft.document.get("server", {}).get("auth_string")
    if not values[f"{of}.enabled"]:
        for path in (text, existing):
            values.leave(path, f"has no effect in the release, since {of}.enabled is off")
    elif values[existing]:
        where = {"name": values[existing], "key": "auth-string"}
        draft.put("kubernetes.existing_secrets.auth_string", where, existing)
        values.leave(text, f"has no effect in the release, since {existing} is set")
    elif known is not None:
        if given not in [variable.value for variable in draft.variables if variable.name == known]:
            draft.none(text, "differs from what the document has already, which counts")
    else:
        if not values.differs(text):
            draft.none(text, "is the chart's example; choose another password")
        draft.put("server.auth_string", draft.secret("auth string", text, given), text)


def put_image(values: Values, draft: Draft, supported: Sequence[str], others: bool) -> None:
    """Write the version of Prefect, and an image of one's own."""
    repository, tag = "global.prefect.image.repository", "global.prefect.image.prefectTag"
    version, image = version_of(values, repository, tag, supported, draft)
    if version:
        draft.put("version", version, tag)
    if image and not others:
        draft.put("image", image, repository)
    elif image:
        # The workers have an image of their own.
        for options in (SERVER, SERVICES, MIGRATION):
            draft.put(f"{options}.container.image", image, repository)


def version_of(
    values: Values, repository: str, tag: str, supported: Sequence[str], draft: Draft
) -> tuple[str | None, str | None]:
    """Return the version that an image's tag names, and the image if it is not Prefect's own."""
    if not values.differs(repository) and not values.differs(tag):
        return None, None
    own = not values.differs(repository)
    image = f"{values.text(repository)}:{values.text(tag)}"
    version = resolved_version(image, None, supported, Problems())
    if version is not None:
        return version, None if own else image
    reason = f"no version of Prefect that is supported ({', '.join(supported)}); the newest of them is deployed"
    if not own:
        reason = "its tag names no supported version of Prefect; set image, and version to what is in it"
    draft.none(tag if own else repository, reason, image)
    return None, None


def put_scale(values: Values, draft: Draft) -> None:
    """Write how many servers there are."""
    of, count = "server.autoscaling", "server.replicaCount"
    most, sqlite = 1, draft.server_kind == "StatefulSet"
    if sqlite:
        for path in (f"{of}.enabled", count):
            values.leave(path, "SQLite is one file of one server")
    elif values[f"{of}.enabled"]:
        most = put_autoscaling(values, draft, "server", SERVER, _SCALE).get("max_replicas", 1)
        values.leave(count, f"has no effect in the release, since {of}.enabled is on")
    elif values.differs(count):
        most = int(values[count])
        draft.put("server.replicas", most, count)
    for there in _SCALE if sqlite or not values[f"{of}.enabled"] else ():
        values.leave(f"{of}.{there}", f"has no effect in the release, since {of}.enabled is off")
    _put_strategy(values, draft, sqlite)
    _put_redis(values, draft, most, sqlite)


def put_autoscaling(values: Values, draft: Draft, chart: str, to: str, names: Mapping[str, str]) -> dict[str, int]:
    """Write and return the autoscaling of a release, as far as there are requests that it can aim at."""
    of, asked = f"{chart}.autoscaling", requested({"resources": values[f"{chart}.resources"]})
    given = {here: values[f"{of}.{there}"] for there, here in names.items()}
    scale = {here: int(value) for here, value in given.items() if value is not None}
    reason = f"aims at a percentage of what is requested, which is nothing; set {to}.resources.requests and autoscaling"
    for there, here in names.items():
        if here in ("cpu", "memory") and here in scale and here not in asked:
            draft.none(f"{of}.{there}", reason, scale.pop(here))
    if not {"cpu", "memory"} & {*scale} and "cpu" not in asked:
        draft.none(f"{of}.enabled", reason, True)
        return {}
    draft.put(f"{to}.autoscaling", scale, of)
    return scale


def _put_strategy(values: Values, draft: Draft, sqlite: bool) -> None:
    path = "server.updateStrategy"
    if sqlite:
        values.leave(path, "a server with a volume is never beside its successor")
    elif values.differs(path):
        strategy = values[path]
        over = {} if strategy.get("type") == "RollingUpdate" else {"rollingUpdate": None}
        draft.put(f"{SERVER}.manifests.Deployment.spec.strategy", {**over, **strategy}, path)


def _put_redis(values: Values, draft: Draft, most: int, sqlite: bool) -> None:
    if sqlite:
        values.leave(SEPARATE, "SQLite is one file of one server")
    elif values[SEPARATE]:
        draft.put("server.background_services.separate", True, SEPARATE)
        draft.put("redis.enabled", True, SEPARATE)
        own = values["redis.enabled"] and not values[f"{REDIS}.host"]
        _put_own_redis(values) if own else _put_other_redis(values, draft)
        _put_docket(values, draft, bool(own))
    elif most > 1:
        draft.put("redis.enabled", True, "server.replicaCount")
        draft.none("server.replicaCount", "several servers need Redis here, which is added: redis.enabled", most)


def _put_own_redis(values: Values) -> None:
    for part in ("password", "existingSecret", "existingSecretPasswordKey"):
        values.leave(f"{REDIS}.{part}", "the password of a Redis of its own is generated")


def _put_other_redis(values: Values, draft: Draft) -> None:
    host, existing, password = f"{REDIS}.host", f"{REDIS}.existingSecret", f"{REDIS}.password"
    if values[host]:
        draft.put("redis.host", values[host], host)
    values.leave("redis.enabled", f"has no effect in the release, since {host} is set")
    if values[existing]:
        where = {"name": values[existing], "key": values[f"{existing}PasswordKey"]}
        draft.put("kubernetes.existing_secrets.redis_password", where, existing)
        values.leave(password, f"has no effect in the release, since {existing} is set")
        return
    values.leave(f"{existing}PasswordKey", f"has no effect in the release, since {existing} is not set")
    if values[password]:
        draft.put("redis.password", draft.secret("redis password", password, values.text(password)), password)


def _put_docket(values: Values, draft: Draft, own: bool) -> None:
    path = f"{DOCKET}.url"
    if not values[path]:
        return
    url = split(values.text(path))
    number = url.path.strip("/") or "0"
    if not number.isdecimal() or (not own and url.hostname != values.text(f"{REDIS}.host")):
        draft.none(path, "Docket uses the Redis of section redis, in database redis.docket_db", values[path])
    elif int(number) == int(values[f"{REDIS}.db"] or 0):
        draft.none(path, "Docket has a database of its own here, redis.docket_db, which is 1 by default", values[path])
    else:
        draft.put("redis.docket_db", int(number), path)
