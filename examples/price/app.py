"""Prices in a table, with copies in memcached.

A copy must not outlive the price that it is of. So it is taken away first: where that fails, the
price has not changed either, and whoever wanted to change it is told. The second time is for those
who have put the old price back meanwhile; if that fails, their copy lives for a minute.
"""

from __future__ import annotations

from contextlib import suppress

from pymemcache.client.base import Client
from pymemcache.exceptions import MemcacheError

# An answer that is lost is an OSError, one that is cut or says so a MemcacheError.
ERRORS: tuple[type[Exception], ...] = (OSError, MemcacheError)


def price_of(client: Client, table: dict[int, int], item: int) -> int:
    """Return what an item costs; without memcached it takes a little longer."""
    found: bytes | None = None
    with suppress(*ERRORS):
        found = client.get(f"price:{item}")
    if found is not None:
        return int(found)
    with suppress(*ERRORS):
        client.set(f"price:{item}", b"%d" % table[item], expire=60)
    return table[item]


def change_price(client: Client, table: dict[int, int], item: int, price: int) -> None:
    """Change what an item costs. Where the copy cannot be taken away, nothing is changed."""
    client.delete(f"price:{item}", noreply=False)
    table[item] = price
    with suppress(*ERRORS):
        client.delete(f"price:{item}", noreply=False)


def change_price_and_hope(client: Client, table: dict[int, int], item: int, price: int) -> None:
    """As it is mostly written: an invalidation that fails is taken for one that was not needed."""
    table[item] = price
    with suppress(*ERRORS):
        client.delete(f"price:{item}", noreply=False)
