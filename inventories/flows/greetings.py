"""Greets people, and says goodbye to them, on a Dask cluster."""

from __future__ import annotations

import os
import socket

from prefect import flow, get_run_logger, task
from prefect_dask import DaskTaskRunner

NAMES = ["Ada", "Grace", "Mary"]


@task(retries=2, retry_delay_seconds=1)
def say_hello(name: str) -> str:
    """Greet somebody."""
    get_run_logger().info("Hello %s, from %s", name, socket.gethostname())
    return f"Hello {name}"


@task(retries=2, retry_delay_seconds=1)
def say_goodbye(greeting: str) -> str:
    """Take leave of somebody who was greeted."""
    get_run_logger().info("Goodbye after '%s', from %s", greeting, socket.gethostname())
    return greeting.replace("Hello", "Goodbye")


# A worker of Dask may end with its work, and another one does it again.
@flow(task_runner=DaskTaskRunner(address=os.environ["DASK_SCHEDULER_ADDRESS"]), persist_result=True)
def greetings(names: list[str] | None = None) -> list[str]:
    """Say hello and goodbye to everybody, each on whichever worker is free."""
    hellos = [say_hello.submit(name) for name in names or NAMES]
    goodbyes = [say_goodbye.submit(hello) for hello in hellos]
    return [goodbye.result() for goodbye in goodbyes]


if __name__ == "__main__":
    print(greetings())
