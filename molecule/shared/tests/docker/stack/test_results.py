"""What flows return is kept in a bucket of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from testinfra.host import Host

LIST = """
from minio import Minio
store = Minio(endpoint="127.0.0.1:9000", access_key="prefect-admin", secret_key="root-canarysecret", secure=False)
print(len(list(store.list_objects(bucket_name="results", recursive=True))))
"""


def test_the_server_keeps_results_in_the_bucket(ask: Callable[..., Any]) -> None:
    block = ask("/admin/storage")["default_result_storage_block_id"]
    document = ask(f"/block_documents/{block}")
    assert (document["block_type"]["slug"], document["name"]) == ("remote-file-system", "results")


def test_the_flow_left_its_result_there(host: Host) -> None:
    assert int(host.check_output("/opt/prefect/tools/bin/python -c %s", LIST)) > 0
