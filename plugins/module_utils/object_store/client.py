# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls MinIO, and turns whatever goes wrong into one message that says how to mend it."""

from __future__ import annotations

import json
import os
import re
from typing import Any, Mapping

from ..errors import PrefectError, UnauthorizedError, UnreachableError, WriteInCheckModeError, WrongAddressError
from .connection import Address, parse

try:
    import urllib3
    from minio import Minio, MinioAdmin
    from minio.credentials import StaticProvider
    from minio.crypto import decrypt, encrypt
    from minio.error import InvalidResponseError, MinioAdminException, MinioException, S3Error, ServerError
    from minio.minioadmin import _COMMAND

    HAS_MINIO = True
except ImportError:
    HAS_MINIO = False

# What a call needs to be allowed, by the name of the client's method; whether it writes.
_CALLS = {
    "user_list": ("admin:ListUsers", False),
    "user_info": ("admin:GetUser", False),
    "user_add": ("admin:CreateUser", True),
    "user_enable": ("admin:EnableUser", True),
    "user_disable": ("admin:DisableUser", True),
    "user_remove": ("admin:DeleteUser", True),
    "group_list": ("admin:ListGroups", False),
    "group_info": ("admin:GetGroup", False),
    "group_add": ("admin:AddUserToGroup", True),
    "group_remove": ("admin:RemoveUserFromGroup", True),
    "group_enable": ("admin:EnableGroup", True),
    "group_disable": ("admin:DisableGroup", True),
    "get_service_account": ("admin:ListServiceAccounts", False),
    "account_add": ("admin:CreateServiceAccount", True),
    "account_update": ("admin:UpdateServiceAccount", True),
    "delete_service_account": ("admin:RemoveServiceAccount", True),
    "policy_list": ("admin:ListUserPolicies", False),
    "policy_add": ("admin:CreatePolicy", True),
    "policy_remove": ("admin:DeletePolicy", True),
    "policy_set": ("admin:AttachUserOrGroupPolicy", True),
    "attach_policy": ("admin:AttachUserOrGroupPolicy", True),
    "detach_policy": ("admin:AttachUserOrGroupPolicy", True),
    "get_policy_entities": ("admin:ListUserPolicies", False),
    "bucket_quota_get": ("admin:GetBucketQuota", False),
    "bucket_quota_set": ("admin:SetBucketQuota", True),
    "list_buckets": ("s3:ListAllMyBuckets", False),
    "bucket_exists": ("s3:ListBucket", False),
    "list_objects": ("s3:ListBucket", False),
    "make_bucket": ("s3:CreateBucket", True),
    "remove_bucket": ("s3:DeleteBucket", True),
    "remove_object": ("s3:DeleteObject", True),
    "remove_objects": ("s3:DeleteObject", True),
    "get_bucket_versioning": ("s3:GetBucketVersioning", False),
    "set_bucket_versioning": ("s3:PutBucketVersioning", True),
    "get_bucket_tags": ("s3:GetBucketTagging", False),
    "set_bucket_tags": ("s3:PutBucketTagging", True),
    "delete_bucket_tags": ("s3:PutBucketTagging", True),
    "get_object_lock_config": ("s3:GetBucketObjectLockConfiguration", False),
}
_UNSUPPORTED = ("NotImplemented", "MethodNotAllowed", "XMinioAdminVersionMismatch")
# How the package says that it cannot decrypt an answer of the admin API.
_UNREADABLE = ("MAC check failed", "Unknown AEAD ID")
_LONGEST = 200
_OTHERS = "for other object stores there is prefect.storage.s3 (role prefect_s3)"


class RefusedError(PrefectError):
    """The server answered with an error of its own."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class UnsupportedError(RefusedError):
    """The server has no such call."""


class UnknownUserError(UnauthorizedError):
    """There is no such access key, or it is disabled."""


class WrongSecretError(UnauthorizedError):
    """The secret key is not the one of the user."""


class AccountCalls:
    """Calls for service accounts of which the package offers less than the server: whose it is, all that changes."""

    def __init__(self, admin: Any, secret_key: str) -> None:
        self._admin = admin
        self._secret_key = secret_key

    def account_add(self, **body: Any) -> str:
        content = encrypt(json.dumps(body).encode(), self._secret_key)
        command = _COMMAND.SERVICE_ACCOUNT_ADD
        response = self._admin._url_open(method="PUT", command=command, body=content, preload_content=False)
        return str(decrypt(response, self._secret_key).decode())

    def account_update(self, access_key: str, **body: Any) -> str:
        content = encrypt(json.dumps(body).encode(), self._secret_key)
        command, query = _COMMAND.SERVICE_ACCOUNT_UPDATE, {"accessKey": access_key}
        response = self._admin._url_open(method="POST", command=command, query_params=query, body=content)
        return str(response.data.decode())


class MinioClient:
    """One server, asked as one user."""

    def __init__(self, params: Mapping[str, Any], check_mode: bool) -> None:
        address = parse(params["endpoint"])
        if not isinstance(address, Address):
            raise ValueError(address)
        self.address = address
        self.check_mode = check_mode
        self.access_key: str = params["access_key"]
        self.region: str = params["region"]
        self._ca_path: str | None = params["ca_path"]
        if self._ca_path and not os.access(self._ca_path, os.R_OK):
            raise UnreachableError(f"ca_path: {self._ca_path} cannot be read on this host")
        self._pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=params["timeout"], read=params["timeout"]),
            cert_reqs="CERT_REQUIRED" if params["validate_certs"] else "CERT_NONE",
            ca_certs=self._ca_path or os.environ.get("SSL_CERT_FILE"),
            # A redirect leads to somebody else, such as the login page of a proxy.
            retries=urllib3.Retry(
                total=4,
                connect=2,
                redirect=0,
                backoff_factor=0.2,
                status_forcelist=[429, 502, 503, 504],
                raise_on_redirect=False,
                raise_on_status=False,
            ),
        )
        self._s3 = self._minio(params["access_key"], params["secret_key"])
        self._admin = MinioAdmin(
            endpoint=address.host,
            credentials=StaticProvider(params["access_key"], params["secret_key"]),
            region=self.region,
            secure=address.secure,
            http_client=self._pool,
        )
        self._accounts = AccountCalls(self._admin, params["secret_key"])
        # Whether the server has answered an admin call as only MinIO does.
        self._proven = False

    def _minio(self, access_key: str, secret_key: str) -> Any:
        return Minio(
            endpoint=self.address.host,
            access_key=access_key,
            secret_key=secret_key,
            secure=self.address.secure,
            region=self.region,
            http_client=self._pool,
        )

    # Calls

    def s3(self, method: str, **arguments: Any) -> Any:
        """Call the S3 API; a generator is read to its end."""
        return self._call(self._s3, method, arguments)

    def first(self, method: str, **arguments: Any) -> Any:
        """Return the first of what a call of the S3 API lists, or None."""
        return self._call(self._s3, method, arguments, lambda answer: next(iter(answer), None))

    def admin(self, method: str, **arguments: Any) -> Any:
        """Call the admin API and return what its JSON says, None for an empty answer."""
        self.prove()
        return self._asked(self._accounts if hasattr(self._accounts, method) else self._admin, method, arguments)

    def prove(self) -> None:
        """Raise WrongAddressError unless this is MinIO: another server may take a call for an object, and store it."""
        if self._proven:
            return
        try:
            self.policies()
        except RefusedError:
            # In words of MinIO's admin API.
            self._proven = True

    def _asked(self, target: Any, method: str, arguments: dict[str, Any]) -> Any:
        answer = self._call(target, method, arguments)
        try:
            return json.loads(answer) if answer.strip() else None
        except ValueError:
            raise self._not_minio("its answer is no JSON") from None

    def policies(self) -> dict[str, Any]:
        """Return the policies of the server: only a MinIO can list them."""
        found = self._asked(self._admin, "policy_list", {})
        if not isinstance(found, dict) or not all(isinstance(policy, dict) for policy in found.values()):
            raise self._not_minio("its answer is no list of policies")
        self._proven = True
        return found

    def knows(self, access_key: str, secret_key: str) -> bool:
        """Tell whether a user has this secret key, by a call that is signed with it."""
        try:
            self._call(self._minio(access_key, secret_key), "list_buckets", {})
        except RefusedError as error:
            # The signature is checked first.
            if error.code != "AccessDenied":
                raise
        except (UnknownUserError, WrongSecretError):
            return False
        return True

    def _call(self, target: Any, method: str, arguments: dict[str, Any], read: Any = None) -> Any:
        needs, writes = _CALLS[method]
        if writes and self.check_mode:
            raise WriteInCheckModeError(f"check mode was about to call {method}; nothing was sent. Please report this.")
        call = getattr(target, method, None)
        if call is None:
            raise PrefectError(f"the Python package minio on this host is too old: it has no {method}")
        try:
            answer = call(**arguments)
            if read:
                return read(answer)
            return list(answer) if hasattr(answer, "__next__") else answer
        except (S3Error, MinioAdminException) as error:
            raise self._answered(error, needs) from None
        except urllib3.exceptions.HTTPError as error:
            raise self._unreachable(error) from None
        except (MinioException, ValueError, SyntaxError, OSError) as error:
            raise self._misunderstood(error, method) from None

    # Errors

    def _answered(self, error: Any, needs: str) -> PrefectError:
        if isinstance(error, S3Error):
            return self._refused(str(error.code), str(error.message), needs)
        return self._admin_refused(error, needs)

    def _misunderstood(self, error: Exception, method: str) -> PrefectError:
        # SyntaxError is what xml.etree raises for a page that is no XML.
        foreign = isinstance(error, (InvalidResponseError, ServerError, SyntaxError, UnicodeDecodeError))
        if foreign or str(error).startswith("XML element"):
            return self._not_s3(error)
        if isinstance(error, OSError) or str(error).startswith(_UNREADABLE):
            return self._not_minio(f"its answer to {method} cannot be decrypted")
        # An argument that the package refuses.
        return PrefectError(f"{method}: {_short(error)}")

    def _refused(self, code: str, message: str, needs: str) -> PrefectError:
        user = self.access_key
        if code == "InvalidAccessKeyId":
            return UnknownUserError(f"access_key: {self.address.url} has no user '{user}', or it is disabled")
        if code == "SignatureDoesNotMatch":
            return WrongSecretError(f"secret_key: is not the one that {self.address.url} has for '{user}'")
        if code == "RequestTimeTooSkewed":
            return UnauthorizedError(
                f"the clocks of this host and of {self.address.url} differ by more than 15 minutes; set them right"
            )
        if code == "AuthorizationHeaderMalformed":
            return WrongAddressError(f"region: {self.address.url} refuses '{self.region}': {_short(message)}")
        text = f"{self.address.url} answered {code}: {_short(message)}"
        if code == "AccessDenied":
            text = f"access_key: '{user}' is not allowed {needs} at {self.address.url}"
        return UnsupportedError(text, code) if code in _UNSUPPORTED else RefusedError(text, code)

    def _admin_refused(self, error: Any, needs: str) -> PrefectError:
        # The package hides both, and puts them into its message only.
        status, body = str(getattr(error, "_code", "")), str(getattr(error, "_body", ""))
        try:
            answer = json.loads(body)
            code, message = str(answer["Code"]), str(answer["Message"])
        except (ValueError, KeyError, TypeError):
            return self._not_minio(f"it answered an admin call with status {status} and {_kind_of(body)}")
        return self._refused(code, message, needs)

    def _not_minio(self, reason: str) -> WrongAddressError:
        text = f"endpoint: {self.address.url} is not MinIO, or hides its admin API: {reason}"
        name = self._calls_itself()
        return WrongAddressError(f"{text}; it calls itself {name}; {_OTHERS}" if name else f"{text}; {_OTHERS}")

    def _calls_itself(self) -> str:
        """Return the server's name for itself, if it tells one."""
        try:
            response = self._pool.request("GET", self.address.url, retries=False)
        except urllib3.exceptions.HTTPError:
            return ""
        found = re.match(r"[A-Za-z][\w.-]*", response.headers.get("Server", ""))
        return found.group()[:_LONGEST] if found else ""

    def _not_s3(self, error: Any) -> WrongAddressError:
        status = getattr(error, "_code", None) or getattr(error, "status_code", None)
        told = f"status {status} and {_kind_of(getattr(error, '_body', None) or '')}" if status else "a page of its own"
        return WrongAddressError(f"endpoint: {self.address.url} is no object store: it answered with {told}")

    def _unreachable(self, error: Any) -> PrefectError:
        reason = getattr(error, "reason", None) or error
        text = _short(reason).split(": ", 1)[-1]
        if "CERTIFICATE_VERIFY_FAILED" in str(reason):
            mend = "name the certificates to trust in ca_path"
            return UnreachableError(f"endpoint: the certificate of {self.address.url} is not trusted; {mend} ({text})")
        if "WRONG_VERSION_NUMBER" in str(reason) or "RECORD_LAYER" in str(reason):
            return UnreachableError(f"endpoint: {self.address.host} does not speak TLS; use http://{self.address.host}")
        return UnreachableError(f"endpoint: nobody answers at {self.address.url}: {text}")


def _kind_of(body: str) -> str:
    text = body.lstrip().lower()
    if text.startswith(("<!doctype html", "<html")):
        return "a web page"
    if "<code>" in text:
        return f"the S3 error {body[text.index('<code>') + 6 : text.index('</code>')]}"
    return "something else" if text else "an empty page"


def _short(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."
