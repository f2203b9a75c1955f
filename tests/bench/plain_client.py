#!/usr/bin/env python3
"""Create the objects of a document with as little as there can be: asyncio, sockets, and the bodies of the requests.

Reads the document from a file, asks for the same lists as module resources does, and creates everything without looking
at what is there. Arguments: URL of the API, file, number of connections. It compares nothing and handles no error.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Json = dict[str, Any]
PAGE = 200


class Connections:
    """Kept connections, each with one request at a time."""

    def __init__(self, url: str, count: int) -> None:
        parts = urlsplit(url)
        self._host, self._port, self._base = str(parts.hostname), int(parts.port or 80), parts.path
        self._idle: asyncio.Queue[Any] = asyncio.Queue()
        for _ in range(count):
            self._idle.put_nowait(None)

    async def send(self, method: str, path: str, body: Any = None) -> Any:
        connection = await self._idle.get()
        reader, writer = connection or await asyncio.open_connection(self._host, self._port)
        content = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {self._base}{path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        writer.write(head.encode() + content)
        status = int((await reader.readline()).split()[1])
        length = 0
        while (line := await reader.readline()) != b"\r\n":
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        answer = await reader.readexactly(length)
        self._idle.put_nowait((reader, writer))
        if status >= 400:
            sys.exit(f"{method} {path}: {status} {answer[:300]!r}")
        return json.loads(answer) if answer else None


async def all_of(calls: Iterable[Awaitable[Any]]) -> list[Any]:
    return list(await asyncio.gather(*calls))


async def create(api: Connections, document: Json) -> None:
    post: Callable[[str, Any], Awaitable[Any]] = lambda path, body: api.send("POST", path, body)  # noqa: E731
    names = {section: [str(item["name"]) for item in items] for section, items in document.items()}
    for section, path in (("blocks", "block_documents"), ("work_pools", "work_pools"), ("variables", "variables")):
        for start in range(0, len(names[section]), PAGE):
            await post(f"/{path}/filter", {path: {"name": {"any_": names[section][start : start + PAGE]}}})
    block_type = await api.send("GET", "/block_types/slug/secret")
    schemas = await post("/block_schemas/filter", {"block_schemas": {"block_type_id": {"any_": [block_type["id"]]}}})
    block = {"block_type_id": block_type["id"], "block_schema_id": schemas[0]["id"]}
    first, *others = document["blocks"]
    # The server makes its key with the first block.
    for some in ([first], others):
        await all_of(post("/block_documents/", {"name": item["name"], "data": item["data"], **block}) for item in some)
    await all_of(post("/work_pools/", item) for item in document["work_pools"])
    await all_of(
        post(f"/work_pools/{item['work_pool_name']}/queues", {"name": item["name"]}) for item in document["work_queues"]
    )
    await all_of(post("/variables/", item) for item in document["variables"])
    await all_of(post("/v2/concurrency_limits/", item) for item in document["global_concurrency_limits"])

    async def deploy(item: Json) -> None:
        flow = await post("/flows/", {"name": item["flow_name"]})
        body = {name: value for name, value in item.items() if name != "flow_name"}
        rows = [{"schedule": row} for row in item["schedules"]]
        await post("/deployments/", {**body, "flow_id": flow["id"], "schedules": rows})

    await all_of(deploy(item) for item in document["deployments"])


def main() -> None:
    url, file, connections = sys.argv[1:]
    asyncio.run(create(Connections(url, int(connections)), json.loads(Path(file).read_text())))


if __name__ == "__main__":
    main()
