"""Flows that the tests' worker runs."""

import os
import time

from prefect import flow, get_run_logger


@flow
def hello(name: str = "world", seconds: float = 0) -> str:
    get_run_logger().info("Hello %s from %s", name, os.environ.get("GREETER", "nobody"))
    time.sleep(seconds)
    return name


@flow
def broken(password: str = "") -> None:
    get_run_logger().error("this is the last word, %d characters", len(password))
    raise ValueError("broken on purpose")
