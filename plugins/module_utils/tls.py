# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The context of a TLS connection: whom to trust, and who one is."""

from __future__ import annotations

import ssl

from ansible.module_utils.urls import make_context

from .errors import invalid


def tls_context(validate_certs: bool, ca_path: str | None, cert: str | None, key: str | None) -> ssl.SSLContext:
    """Return the context; raises InvalidError about the files that it is made of."""
    _check_readable("ca_path", ca_path)
    try:
        context: ssl.SSLContext = make_context(cafile=ca_path, validate_certs=validate_certs)
    except ssl.SSLError:
        raise invalid("ca_path", f"{ca_path} holds no certificate in PEM form") from None
    if cert:
        _check_readable("client_cert", cert)
        _check_readable("client_key", key)
        try:
            context.load_cert_chain(cert, key, password=_no_password)
        except ssl.SSLError as error:
            if getattr(error, "reason", None) == "KEY_VALUES_MISMATCH":
                raise invalid("client_key", f"is not the key of the certificate in {cert}") from None
            where = f"{cert} and {key}" if key else f"{cert}, and client_key was not given"
            raise invalid("client_cert", f"expected a certificate and its key in PEM form, found {where}") from None
    return context


def _no_password() -> str:
    # OpenSSL would ask at the terminal.
    raise invalid("client_key", "is protected by a password; expected a key without one")


def _check_readable(option: str, path: str | None) -> None:
    if not path:
        return
    try:
        with open(path, "rb"):
            pass
    except OSError as error:
        raise invalid(option, f"{error.strerror}: {path}") from None
