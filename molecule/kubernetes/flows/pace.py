"""A flow that takes its time, and finishes whatever happens around it."""

import os
import time

from prefect import flow, task


@task(retries=10, retry_delay_seconds=1)
def step(number: int) -> int:
    time.sleep(1)
    return number


@flow(log_prints=True)
def pace(steps: int = 3) -> int:
    print("door", len(os.environ.get("DOOR", "")), "greeting", os.environ.get("GREETING"))
    return sum(step(number) for number in range(steps))
