"""Makes numbers whose only place is the bucket of results, and reads them there."""

from __future__ import annotations

import time

from prefect import flow, get_client
from prefect.client.schemas.filters import FlowFilter, FlowFilterName, FlowRunFilter
from prefect.client.schemas.sorting import FlowRunSort
from prefect.filesystems import RemoteFileSystem


@flow(persist_result=True)
def produce(count: int) -> list[int]:
    """Return numbers; the server says where they are kept."""
    return list(range(count))


@flow
async def consume(expected: int) -> int:
    """Read what the last run of produce has returned."""
    async with get_client() as client:
        runs = await client.read_flow_runs(
            flow_filter=FlowFilter(name=FlowFilterName(any_=["produce"])),
            flow_run_filter=FlowRunFilter.model_validate({"state": {"type": {"any_": ["COMPLETED"]}}}),
            sort=FlowRunSort.END_TIME_DESC,
            limit=1,
        )
    numbers = await runs[0].state.aresult()
    if len(numbers) != expected:
        raise ValueError(f"expected {expected} numbers, found {numbers}")
    return len(numbers)


@flow
def linger(seconds: int) -> None:
    """Load the keys, take a while, and use them then."""
    store = RemoteFileSystem.load("results")
    time.sleep(seconds)
    store.write_path("lingered.txt", b"done")
