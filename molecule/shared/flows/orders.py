"""Two flows that share a module of their folder."""

from __future__ import annotations

from prefect import flow
from shop.prices import PRICE


@flow
def order(pieces: int, expected: int) -> None:
    """Take an order, whose total has to be what is expected."""
    if pieces * PRICE != expected:
        raise ValueError(f"expected {expected}, found {pieces * PRICE}")


@flow(name="price list")
def price_list(expected: int) -> None:
    """Tell the price, which has to be what is expected."""
    if expected != PRICE:
        raise ValueError(f"expected {expected}, found {PRICE}")
