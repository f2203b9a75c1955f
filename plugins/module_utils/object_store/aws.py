# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls S3 and IAM, and turns whatever goes wrong into one message that says how to mend it."""

from __future__ import annotations

import os
import re
import ssl
import time
from datetime import datetime, timezone
from typing import Any, Mapping

from ..errors import PrefectError, UnauthorizedError, UnreachableError, WriteInCheckModeError, WrongAddressError
from .aws_connection import urls
from .client import RefusedError, UnknownUserError, UnsupportedError, WrongSecretError

try:
    import boto3
    from botocore import exceptions
    from botocore.config import Config
    from botocore.parsers import ResponseParserError

    HAS_BOTO3 = True
except ImportError:
    HAS_BOTO3 = False

# What a call needs to be allowed, by the name of the client's method; whether it writes.
_CALLS = {
    "get_caller_identity": ("sts:GetCallerIdentity", False),
    "list_users": ("iam:ListUsers", False),
    "get_user": ("iam:GetUser", False),
    "list_groups_for_user": ("iam:ListGroupsForUser", False),
    "list_access_keys": ("iam:ListAccessKeys", False),
    "create_access_key": ("iam:CreateAccessKey", True),
    "update_access_key": ("iam:UpdateAccessKey", True),
    "delete_access_key": ("iam:DeleteAccessKey", True),
    "list_buckets": ("s3:ListAllMyBuckets", False),
    "head_bucket": ("s3:ListBucket", False),
    "get_bucket_location": ("s3:GetBucketLocation", False),
    "get_bucket_versioning": ("s3:GetBucketVersioning", False),
    "list_objects_v2": ("s3:ListBucket", False),
    "get_object": ("s3:GetObject", False),
    "head_object": ("s3:GetObject", False),
    "put_object": ("s3:PutObject", True),
    "delete_object": ("s3:DeleteObject", True),
    "create_multipart_upload": ("s3:PutObject", True),
    "list_parts": ("s3:ListMultipartUploadParts", False),
    "abort_multipart_upload": ("s3:AbortMultipartUpload", True),
}
# Asked again, it could make a second one.
_ONCE = ("create_access_key",)
_UNKNOWN_KEY = ("InvalidAccessKeyId", "InvalidClientTokenId", "UnrecognizedClientException")
_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired")
_DENIED = ("AccessDenied", "AccessDeniedException", "AllAccessDisabled", "Forbidden", "UnauthorizedAccess")
_UNSUPPORTED = ("NotImplemented", "MethodNotAllowed", "InvalidAction", "UnknownOperationException", "405", "501")
# What a server that takes an IAM call for one of S3 says.
_NOT_IAM = (
    *_UNSUPPORTED,
    "AuthorizationParametersError",
    "NoSuchBucket",
    "NoSuchKey",
    "InvalidBucketName",
    "404",
    "NotFound",
)
_ELSEWHERE = (
    "301",
    "307",
    "PermanentRedirect",
    "TemporaryRedirect",
    "AuthorizationHeaderMalformed",
    "IllegalLocationConstraintException",
    "InvalidLocationConstraint",
    "InvalidRegionName",
)
_THROTTLED = ("Throttling", "ThrottlingException", "RequestLimitExceeded", "SlowDown", "TooManyRequestsException")
_PLAIN = {"403": "AccessDenied", "404": "NotFound"}
_ATTEMPTS = 4
_LONGEST = 200
_STORES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")
_NAMES = {"s3": "S3", "iam": "IAM", "sts": "STS"}


class ThrottledError(RefusedError):
    """The server wants fewer requests."""


class AwsClient:
    """S3 and IAM, asked with one pair of keys."""

    def __init__(self, params: Mapping[str, Any], check_mode: bool) -> None:
        self.check_mode = check_mode
        self.region: str = params["region"]
        self.urls = urls(dict(params))
        self._params = params
        self._clients: dict[tuple[str, bool], Any] = {}
        ca_path = params["ca_path"]
        if ca_path and not os.access(ca_path, os.R_OK):
            raise UnreachableError(f"ca_path: {ca_path} cannot be read on this host")
        try:
            self._session = boto3.session.Session(
                aws_access_key_id=params["access_key"] or None,
                aws_secret_access_key=params["secret_key"] or None,
                aws_session_token=params["session_token"] or None,
                region_name=self.region,
            )
            found = self._session.get_credentials()
            self.access_key = str(found.get_frozen_credentials().access_key) if found else ""
        except (exceptions.BotoCoreError, exceptions.ClientError) as error:
            raise self._no_keys(error) from None
        if not self.access_key:
            raise self._no_keys(None)

    def url(self, service: str = "s3") -> str:
        """Return who is asked, as errors name it."""
        return self.urls[service] or f"AWS {_NAMES[service]}"

    def option(self, service: str = "s3") -> str:
        """Return the option that says where an API is."""
        return "iam_endpoint" if service != "s3" and self._params["iam_endpoint"] else "endpoint"

    # Calls

    def s3(self, method: str, **arguments: Any) -> Any:
        return self._call("s3", method, arguments)

    def iam(self, method: str, **arguments: Any) -> Any:
        return self._call("iam", method, arguments)

    def sts(self, method: str, **arguments: Any) -> Any:
        return self._call("sts", method, arguments)

    def _call(self, service: str, method: str, arguments: dict[str, Any]) -> Any:
        if _CALLS[method][1] and self.check_mode:
            raise WriteInCheckModeError(f"check mode was about to call {method}; nothing was sent. Please report this.")
        once = service == "sts" or method in _ONCE
        for attempt in range(_ATTEMPTS):
            try:
                return self._send(service, method, arguments, once)
            except ThrottledError:
                if not once or attempt == _ATTEMPTS - 1:
                    raise
                time.sleep(2**attempt)
        raise AssertionError

    def _send(self, service: str, method: str, arguments: dict[str, Any], once: bool) -> Any:
        try:
            return getattr(self._client(service, once), method)(**arguments)
        except exceptions.ClientError as error:
            raise self._answered(error, service, method, arguments) from None
        except (exceptions.NoCredentialsError, exceptions.PartialCredentialsError) as error:
            raise self._no_keys(error) from None
        except (exceptions.CredentialRetrievalError, exceptions.ProfileNotFound) as error:
            raise self._no_keys(error) from None
        except (exceptions.HTTPClientError, exceptions.ConnectionError) as error:
            raise self._unreachable(error, service) from None
        except exceptions.ParamValidationError as error:
            raise PrefectError(f"{method}: {_short(error)}") from None
        except (ResponseParserError, KeyError, AttributeError, TypeError):
            # The last three are what botocore stumbles over in well-formed pages.
            raise self._foreign(service, "its answer cannot be read") from None
        except (exceptions.BotoCoreError, ValueError) as error:
            raise PrefectError(f"{self.option(service)}: {_short(error)}") from None

    def _client(self, service: str, once: bool) -> Any:
        if (service, once) not in self._clients:
            client = self._session.client(
                service,
                endpoint_url=self.urls[service],
                verify=self._trusted(),
                config=_config(self._params["timeout"], bool(self.urls["s3"]), 1 if once else _ATTEMPTS),
            )
            if service == "s3":
                client.meta.events.register("before-call.s3", _stay)
            self._clients[service, once] = client
        return self._clients[service, once]

    def _trusted(self) -> Any:
        """Return what certificates are checked against: botocore would bring a list of its own."""
        if not self._params["validate_certs"]:
            return False
        named = self._params["ca_path"] or os.environ.get("AWS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE")
        known = (ssl.get_default_verify_paths().cafile, *_STORES)
        return named or next((path for path in known if path and os.path.isfile(path)), None)

    # Errors

    def _answered(self, error: Any, service: str, method: str, arguments: dict[str, Any]) -> PrefectError:
        # An error in the form of S3 is not unpacked where IAM was asked.
        found, meta = error.response.get("Error") or error.response, error.response.get("ResponseMetadata") or {}
        code, message = str(found.get("Code") or ""), _short(found.get("Message") or "")
        status = int(meta.get("HTTPStatusCode") or 0)
        headers = meta.get("HTTPHeaders") or {}
        needs = _CALLS[method][0]
        if "AssumeRole" in str(error.operation_name):
            return self._no_keys(message or code)
        if not method.startswith("head_") and _is_page(code, headers):
            return self._foreign(service, f"it answered with {_kind_of(status, headers)}")
        code = _PLAIN.get(code, code) if service == "s3" else code
        wrong = self._wrong_keys(code, message, service) or self._elsewhere(code, message, found, headers, arguments)
        if wrong:
            return wrong
        skew = _skew(code, message, found, headers)
        if skew:
            return UnauthorizedError(
                f"the clocks of this host and of {self.url(service)} differ: {skew}; set them right"
            )
        text = f"{self.url(service)} answered {code or status} to {needs}: {message or 'nothing else'}"
        if code in _DENIED:
            return RefusedError(self._denied(message, needs, service, arguments), "AccessDenied")
        if service == "iam" and code in _NOT_IAM:
            return self._without_iam(f"it answered {code}")
        if code in _UNSUPPORTED:
            return UnsupportedError(text, code)
        if code in _THROTTLED or status == 429:
            return ThrottledError(f"{text}; it wants fewer requests, run again later", code)
        return RefusedError(_known(code, arguments) or text, code)

    def _denied(self, message: str, needs: str, service: str, arguments: dict[str, Any]) -> str:
        told = re.search(r"User: (\S+) is not authorized", message)
        # Behind an encrypted bucket it may be a right of another service.
        needed = re.search(r"to perform: ([a-z0-9-]+:\w+)", message)
        needs = needed.group(1) if needed else needs
        where = re.search(r"on resource: (arn:\S+)", message)
        who = f"'{self.access_key}'" + (f" ({told.group(1)})" if told else "")
        arn = where.group(1).rstrip(".,") if where else resource_of(arguments)
        why = (
            "; an explicit deny forbids it" if "explicit deny" in message else "; a policy of this user has to allow it"
        )
        return f"access_key: {who} is not allowed {needs} on {arn} at {self.url(service)}{why}"

    def _wrong_keys(self, code: str, message: str, service: str) -> PrefectError | None:
        url, key = self.url(service), self.access_key
        if code in _UNKNOWN_KEY:
            return UnknownUserError(f"access_key: {url} has no key '{key}', or it is disabled")
        if code == "SignatureDoesNotMatch" and "scoped to" in message:
            return WrongAddressError(f"region: {url} refuses '{self.region}': {message}")
        if code == "SignatureDoesNotMatch" and not _tells_time(message):
            return WrongSecretError(f"secret_key: is not the one that {url} has for '{key}'")
        if code in _EXPIRED:
            return UnauthorizedError(
                f"session_token: has expired for '{key}'; log in again and give the new keys and token"
            )
        if code in ("InvalidToken", "MissingAuthenticationToken", "MissingAuthenticationTokenException"):
            mend = "give the one that came with the keys, and none with lasting keys"
            return UnauthorizedError(f"session_token: {url} does not take it for '{key}'; {mend}")
        return None

    def _elsewhere(
        self, code: str, message: str, found: Mapping[str, Any], headers: Mapping[str, str], arguments: dict[str, Any]
    ) -> PrefectError | None:
        region = found.get("Region") or headers.get("x-amz-bucket-region")
        moved = code == "400" and region and region != self.region
        if code not in _ELSEWHERE and not moved:
            return None
        what = f"bucket '{arguments['Bucket']}'" if "Bucket" in arguments else self.url()
        if not region:
            match = re.search(r"expecting '([^']+)'|The (\S+) location constraint", message)
            region = next((name for name in match.groups() if name), None) if match else None
        if region:
            return WrongAddressError(f"region: {what} is in '{region}', found '{self.region}'; set region to it")
        if code in ("301", "307"):
            # A redirect without a region leads to somebody else, such as the login page of a proxy.
            return self._foreign("s3", f"it answered with status {code}")
        return WrongAddressError(f"region: {what} refuses '{self.region}': {message}")

    def _foreign(self, service: str, reason: str) -> PrefectError:
        if service == "iam":
            return self._without_iam(reason)
        return WrongAddressError(f"{self.option(service)}: {self.url(service)} is no object store: {reason}")

    def _without_iam(self, reason: str) -> UnsupportedError:
        mend = "name the address of its IAM API in iam_endpoint, or make its users by its own means"
        return UnsupportedError(
            f"{self.option('iam')}: {self.url('iam')} has no IAM API: {reason}; {mend}", "NotImplemented"
        )

    def _unreachable(self, error: Any, service: str) -> PrefectError:
        url, option = self.url(service), self.option(service)
        text = _short(error.kwargs.get("error") or error)
        if "CERTIFICATE_VERIFY_FAILED" in text:
            mend = "name the certificates to trust in ca_path"
            return UnreachableError(f"{option}: the certificate of {url} is not trusted; {mend} ({_reason(text)})")
        if "WRONG_VERSION_NUMBER" in text or "RECORD_LAYER" in text:
            host = url.split("://", 1)[-1]
            return UnreachableError(f"{option}: {host} does not speak TLS; use http://{host}")
        if isinstance(error, exceptions.ProxyConnectionError):
            return UnreachableError(f"{option}: the proxy to {url} does not answer; see HTTPS_PROXY and NO_PROXY")
        if isinstance(error, (exceptions.ConnectTimeoutError, exceptions.ReadTimeoutError)):
            return UnreachableError(f"{option}: nobody answers at {url} within {self._params['timeout']} s")
        return UnreachableError(f"{option}: nobody answers at {url}: {_reason(text)}")

    def _no_keys(self, error: object) -> UnauthorizedError:
        if isinstance(error, exceptions.ProfileNotFound):
            return UnauthorizedError(f"access_key: {_short(error)}; see AWS_PROFILE in the environment of this host")
        text = "this host has none: no environment, no file, no role" if error is None else _short(error)
        return UnauthorizedError(
            f"access_key: no keys were given, and the host's own fail: {text}; give access_key and secret_key"
        )


def _config(timeout: int, own: bool, attempts: int) -> Any:
    options: dict[str, Any] = {
        "connect_timeout": timeout,
        "read_timeout": timeout,
        "retries": {"mode": "standard", "total_max_attempts": attempts},
        "s3": {"addressing_style": "path" if own else "auto", "us_east_1_regional_endpoint": "regional"},
        "user_agent_extra": "flowops.prefect",
        # The ids of keys have other lengths elsewhere.
        "parameter_validation": False,
    }
    # Not every server knows the checksums that AWS got later; a botocore before 1.36 does not, either.
    newer = {"request_checksum_calculation": "when_required", "response_checksum_validation": "when_required"}
    for more in ({**newer, "ignore_configured_endpoint_urls": True}, {"ignore_configured_endpoint_urls": True}, {}):
        try:
            return Config(**options, **more)
        except TypeError:
            continue
    raise AssertionError


def _stay(context: dict[str, Any], **_rest: Any) -> None:
    """Have the region told instead of following the bucket to it."""
    context.setdefault("s3_redirect", {})["redirected"] = True
    context["s3_redirected"] = True


def resource_of(arguments: Mapping[str, Any]) -> str:
    """Return the ARN of what a call is about."""
    if "UserName" in arguments:
        return f"arn:aws:iam::*:user/{arguments['UserName']}"
    if "Bucket" in arguments:
        return "arn:aws:s3:::" + "/".join(str(arguments[name]) for name in ("Bucket", "Key") if name in arguments)
    return "*"


def _known(code: str, arguments: Mapping[str, Any]) -> str:
    """Return the sentence about an error that the call's own arguments explain."""
    bucket, user = arguments.get("Bucket"), arguments.get("UserName")
    if code == "BucketAlreadyExists":
        return f"bucket: '{bucket}' belongs to somebody else; names are shared by all customers, choose another"
    if code == "NoSuchBucket":
        return f"bucket: there is no bucket '{bucket}'"
    if code == "NoSuchEntity":
        return f"user: there is no user '{user}'; create it first"
    if code == "LimitExceeded":
        return f"user: '{user}' has as many access keys as it may (AWS allows two); delete one first"
    return ""


def _skew(code: str, message: str, found: Mapping[str, Any], headers: Mapping[str, str]) -> str:
    """Return both clocks if they are what is wrong."""
    if code not in ("RequestTimeTooSkewed", "RequestExpired") and not _tells_time(message):
        return ""
    server = found.get("ServerTime") or headers.get("date") or "unknown"
    return f"here it is {datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%SZ}, there {server}"


def _tells_time(message: str) -> bool:
    return "Signature expired" in message or "not yet current" in message


def _is_page(code: str, headers: Mapping[str, str]) -> bool:
    nameless = code in ("", "Unknown") or code.isdigit()
    return nameless and (
        "html" in headers.get("content-type", "") or ("location" in headers and not _region_in(headers))
    )


def _region_in(headers: Mapping[str, str]) -> bool:
    return "x-amz-bucket-region" in headers


def _kind_of(status: int, headers: Mapping[str, str]) -> str:
    kind = "a web page" if "html" in headers.get("content-type", "") else "a redirect"
    # botocore makes 500 of a success that it does not understand.
    return kind if status == 500 else f"status {status} and {kind}"


def _reason(text: str) -> str:
    """Return the end of a chain of errors."""
    return text.rsplit(": ", 1)[-1].rstrip("\")'>")


def _short(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."
