"""The flow that proves an installation: it runs through server, pool, queue and worker."""

from __future__ import annotations

import os

from prefect import flow, get_run_logger


@flow
def canary(fingerprint: str = "", expected_environment: list[str] | None = None) -> None:
    """Log the names of the variables that a run sees; fail when an expected one did not arrive."""
    logger = get_run_logger()
    logger.info("proves %s", fingerprint)
    logger.info("sees the variables %s", ", ".join(sorted(os.environ)))
    missing = sorted(set(expected_environment or []) - set(os.environ))
    if missing:
        raise RuntimeError(f"these variables did not reach the flow run: {', '.join(missing)}")
