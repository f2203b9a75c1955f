from __future__ import annotations

import pytest
from ansible_collections.flowops.prefect.plugins.module_utils.quantities import quantity


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        (4, 4), ("4", 4), (0.5, 0.5), ("500m", 0.5), ("0.1", 0.1), (".5", 0.5), ("2Gi", 2**31), ("512M", 512_000_000),
        ("1k", 1000), ("1e3", 1000), ("1E", 10**18), ("2E", 2 * 10**18), ("2Ei", 2**61), ("1.5Ki", 1536), (" 1 ", 1),
        ("1G", 10**9), ("1Gi", 2**30), ("1.5", 1.5),
        ("0", None), (0, None), (-1, None), ("-1", None), ("4 cores", None), ("2gb", None), ("1gi", None),
        ("1 Gi", None), ("1K", None), ("Gi", None), ("", None), (True, None), (None, None),
        ([], None), (float("inf"), None), (float("nan"), None), ("1e999", None),
    ],
)  # fmt: skip
def test_quantities(text: object, amount: float | None) -> None:
    result = quantity(text)
    assert (result if result is None else float(result)) == amount
