# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What kept a request from being answered, and what to do about it."""

from __future__ import annotations

import http.client
import socket
import ssl
from typing import Any, Tuple

# Of OpenSSL: what is wrong with a certificate that is otherwise in order.
_EXPIRED, _NOT_YET, _OTHER_HOST, _OTHER_ADDRESS = 10, 9, 62, 64
_NOT_STRICT = range(80, 94)


_Rows = Tuple[Tuple[Any, str], ...]

# The first that fits; what is more special comes first.
_FIRST: _Rows = (
    (
        ssl.SSLEOFError,
        "the TLS connection was closed from the other side; does it ask for a client certificate (client_cert)?",
    ),
    ((socket.gaierror, UnicodeError), "its host name is not known here; check api_url"),
    (ConnectionRefusedError, "connection refused; is the server running, and is api_url right?"),
    (http.client.IncompleteRead, "the connection was closed in the middle of the answer; see the log of the server"),
)
_HUNG_UP = (http.client.RemoteDisconnected, ConnectionError)
_WITHOUT_TLS: _Rows = (
    (_HUNG_UP, "the connection was closed without an answer; is api_url to start with https://?"),
    (http.client.BadStatusLine, "the answer is not HTTP; is api_url to start with https://?"),
)
# With TLS 1.3 a certificate is refused after the handshake, and its alert may be lost with the connection.
_WITH_TLS: _Rows = (
    (_HUNG_UP, "the connection was closed without an answer; does it take the client certificate (client_cert)?"),
)
_LAST: _Rows = ((http.client.HTTPException, "the answer is not HTTP as it should be"),)


def cause(error: Exception, timeout: float, secure: bool = False) -> str:
    """Return what happened and what to look at; `secure` tells that TLS is spoken."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _untrusted(error)
    if isinstance(error, socket.timeout):
        return f"no answer within {timeout:g} seconds; see option timeout and the server's log"
    rows = (*_FIRST, *(_WITH_TLS if secure else _WITHOUT_TLS), *_LAST)
    plain = next((text for kinds, text in rows if isinstance(error, kinds)), None)
    if plain is not None:
        return plain
    if isinstance(error, ssl.SSLError):
        return _no_tls(error)
    return str(error) or type(error).__name__


def maybe_done(text: str) -> str:
    """Return a message for a write that was sent, and of which nobody can tell whether it was done."""
    end = "" if text.endswith("?") else "."
    return f"{text}{end} It may have been done all the same, so it was not sent again: run the task again"


def _untrusted(error: ssl.SSLCertVerificationError) -> str:
    message = f"its certificate is not trusted ({error.verify_message})"
    if error.verify_code in (_EXPIRED, _NOT_YET):
        return f"{message}; renew it, and compare the clocks"
    if error.verify_code in (_OTHER_HOST, _OTHER_ADDRESS):
        return f"{message}; set api_url to a name that it is made out to"
    if error.verify_code in _NOT_STRICT:
        return f"{message}; have it issued anew, or its authority: Python 3.13 and newer ask for more than older ones"
    return f"{message}; set ca_path to the file of the authority"


def _no_tls(error: ssl.SSLError) -> str:
    reason = str(getattr(error, "reason", None) or error)
    if "CERTIFICATE_REQUIRED" in reason:
        return "it asks for a client certificate; set client_cert and client_key"
    if "ALERT_UNKNOWN_CA" in reason or "ALERT_BAD_CERTIFICATE" in reason or "ALERT_CERTIFICATE" in reason:
        return f"it does not take the client certificate ({reason}); check client_cert"
    if "ALERT_HANDSHAKE_FAILURE" in reason:
        return f"no TLS connection ({reason}); does it ask for a client certificate (client_cert)?"
    return f"no TLS connection ({reason}); is api_url to start with http://?"
