"""Prices and page views of a shop, in Django's cache."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import cast

from django.core.cache import cache

FIVE_MINUTES = 300


def price(sku: str, look_up: Callable[[], int]) -> int:
    """Return the price in cents, looking it up where it is not cached."""
    return cast(int, cache.get_or_set(f"price:{sku}", look_up, FIVE_MINUTES))


def warm_up(prices: Mapping[str, int]) -> list[str]:
    """Cache many prices in one go, and return the keys that memcached did not take."""
    values = {f"price:{sku}": cents for sku, cents in prices.items()}
    refused: list[str] = cache.set_many(values, FIVE_MINUTES)
    return refused


def forget(skus: Iterable[str]) -> None:
    """Drop the prices that have changed."""
    cache.delete_many([f"price:{sku}" for sku in skus])


def count_view(sku: str) -> int:
    """Count one view of the page, and return how many there have been."""
    try:
        views: int = cache.incr(f"views:{sku}")
    except ValueError:  # Django's word for: no such key
        cache.set(f"views:{sku}", 1, timeout=None)
        return 1
    return views


def start_over() -> None:
    """Empty the whole cache."""
    cache.clear()
