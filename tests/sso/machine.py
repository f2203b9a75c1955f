"""Use a deployed Prefect as a machine does: the real SDK with the auth string, through the proxy.

Runs with Prefect's own Python; Prefect's environment variables say where and with which key (PREFECT_API_URL,
PREFECT_API_AUTH_STRING, SSL_CERT_FILE). Ends with the identifier of the run it made.
"""

from __future__ import annotations

import asyncio
import uuid

from prefect import flow, get_client
from prefect.events import emit_event
from prefect.events.clients import get_events_client, get_events_subscriber
from prefect.events.filters import EventFilter, EventNameFilter
from prefect.logging.clients import get_logs_subscriber
from prefect.runtime import flow_run

TIMEOUT = 30


@flow(name="machine", log_prints=True)
def machine() -> str:
    print("hello through the proxy")
    return str(flow_run.id)


async def websockets() -> None:
    name = f"flowops.machine.{uuid.uuid4()}"
    async with get_client() as client:
        print(f"REST: version {await client.api_version()}")
    async with get_logs_subscriber():
        print("logs/out: open")
    async with get_events_subscriber(filter=EventFilter(event=EventNameFilter(name=[name]))) as subscriber:
        print("events/out: open")
        async with get_events_client():
            print("events/in: open")
        emit_event(name, resource={"prefect.resource.id": name})
        async for event in subscriber:
            print(f"events: {event.event} went in and came out")
            return


asyncio.run(asyncio.wait_for(websockets(), TIMEOUT))
print(f"run: {machine()}")
