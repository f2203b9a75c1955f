# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a module: options in, one result out, and every error of ours as a message."""

from __future__ import annotations

import copy
from typing import Any, Callable, Iterable, NoReturn

from ansible.module_utils.basic import AnsibleModule

from .client import Client
from .connection import CONNECTION, connected
from .difference import Json
from .errors import InvalidError, PrefectError
from .given import given
from .option_keys import unknown_keys, with_texts
from .resource import STATE, Options, Resource
from .secrets import SECRET, censorable, hidden, secret_strings
from .session import Session, told
from .sources import resolve

Shown = Callable[[Json], Json]


class PrefectModule(AnsibleModule):  # type: ignore[misc]
    """An Ansible module that knows which options were given, and that shows its options without secrets."""

    params: Json
    connection: Options = CONNECTION

    def __init__(self, options: Options, show: Shown, **kwargs: Any) -> None:
        self._show = show
        self._own = options
        self._valid = False
        super().__init__(argument_spec={**options, **self.connection}, supports_check_mode=True, **kwargs)
        self._valid = True
        # Ansible takes every value in a secret option for a secret, the name of a bucket too.
        secrets = [self.params[name] for name, option in self.connection.items() if option.get("no_log")]
        values = [value for secret in secrets for value in (secret.values() if isinstance(secret, dict) else [secret])]
        self.no_log_values = set(censorable(str(value) for value in values if value))

    @property
    def given(self) -> dict[str, Any]:
        """The options of the module that were written, null included."""
        return given(self._own, self._raw, self.params)

    def censor(self, secrets: Iterable[str]) -> None:
        """Keep secrets out of all output, whoever repeats them."""
        self.no_log_values.update(secrets)

    def connect(self, retries: int = 4) -> Client:
        """Return a client of the API; nothing is sent yet."""
        settings = resolve(self.params)
        self.censor(censorable(settings.secrets()))
        client = connected(settings, self.check_mode, retries)
        # The result tells which server it was.
        self.params["api_url"] = settings.values["api_url"]
        return client

    def exit_json(self, **result: Any) -> NoReturn:
        super().exit_json(**result, invocation=self._invocation())
        raise AssertionError

    def fail_json(self, msg: str, **result: Any) -> NoReturn:
        # Options that Ansible refuses: it names the first that is wrong, and not where it is.
        unknown = [] if self._valid else unknown_keys({**self._own, **self.connection}, self._raw)
        if unknown:
            error = InvalidError(*unknown)
            msg, result = str(error), {**result, **error.result}
            # These problems repeat no values, and censoring short ones would leave nothing to read.
            self.no_log_values = set(censorable(self.no_log_values))
        super().fail_json(msg, **result, invocation=self._invocation())
        raise AssertionError

    def _load_params(self) -> None:
        super()._load_params()
        self._raw = copy.deepcopy(self.params)
        self.params = with_texts(self._own, self.params)

    def _log_invocation(self) -> None:
        params, self.params = self.params, self._shown_params()
        try:
            super()._log_invocation()
        finally:
            self.params = params

    def _invocation(self) -> Json:
        return {"module_args": self._shown_params()}

    def _shown_params(self) -> Json:
        known = {name for option, rules in self._own.items() for name in (option, *rules.get("aliases", ()))}
        own = {name: value for name, value in self.params.items() if name in known}
        # A misspelt option may hold anything.
        unknown = {name: hidden(value) for name, value in self.params.items() if name not in {*known, *self.connection}}
        connection = {
            name: (SECRET if value and option.get("no_log") else value)
            for name, option in self.connection.items()
            for value in [self.params.get(name)]
        }
        try:
            return {**self._show(own), **unknown, **connection}
        except (AttributeError, TypeError, ValueError):
            # Options that have not even the right type.
            return {**{name: hidden(value) for name, value in own.items()}, **unknown, **connection}


def guarded(module: AnsibleModule, work: Callable[[], Json]) -> NoReturn:
    """Exit with the result of the work, or with what kept it from being done."""
    try:
        result = work()
    except PrefectError as error:
        module.fail_json(str(error), **error.result)
        raise AssertionError from None
    # Ansible takes none as a part of the result any more.
    for text in result.pop("warnings", ()):
        module.warn(text)
    module.exit_json(**result)
    raise AssertionError


def run(kind: type[Resource]) -> None:
    """Be the module of one kind."""
    module = PrefectModule({**kind.options, **STATE}, kind.invocation)

    def work() -> Json:
        session = Session(module.connect())
        resource = kind(session, module.given)
        module.censor(secret_strings(resource.given, resource.is_secret))
        problems = resource.problems()
        if problems:
            raise InvalidError(*problems)
        resource.plan()
        module.censor(resource.secrets())
        resource.apply()
        result: Json = {"changed": resource.changed, "diff": resource.difference.shown(), **told(session)}
        state = resource.object()
        return result if state is None else {**result, kind.kind: state}

    guarded(module, work)
