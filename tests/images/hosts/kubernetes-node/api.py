"""The API server of this node, as the stand-ins ask it."""

import json
import ssl
import urllib.error
import urllib.request
from typing import Any

PKI = "/etc/kubernetes/pki"
CONTEXT = ssl.create_default_context(cafile=f"{PKI}/ca.crt")
CONTEXT.load_cert_chain(f"{PKI}/admin.crt", f"{PKI}/admin.key")


def call(path: str, method: str = "GET", body: object = None) -> Any:
    """Return the answer, None where there is no such object."""
    kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        f"https://127.0.0.1:6443{path}", data=data, method=method, headers={"Content-Type": kind}
    )
    try:
        with urllib.request.urlopen(request, timeout=10, context=CONTEXT) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return None
        raise
