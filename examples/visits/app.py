"""A page counts its visits in memcached, with a client that all threads of the server share."""

from __future__ import annotations

from pymemcache.client.base import PooledClient

CACHE = PooledClient(("localhost", 11211))


def count_visit_at_first(page: str) -> None:
    """Count one visit of a page. What comes in between the two commands is lost."""
    visits = int(CACHE.get(f"visits:{page}", b"0"))
    CACHE.set(f"visits:{page}", str(visits + 1))


def count_visit(page: str) -> None:
    """The same by one command, which reads and writes at once."""
    key = f"visits:{page}"
    if CACHE.incr(key, 1) is None and not CACHE.add(key, b"1", noreply=False):
        # Somebody else has begun to count in between.
        CACHE.incr(key, 1)
