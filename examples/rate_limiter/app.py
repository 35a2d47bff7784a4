"""So many requests per client in so many seconds, counted where every web server can see it."""

from __future__ import annotations

from pymemcache.client.base import Client


def allow(client: Client, who: str, *, limit: int, seconds: int) -> bool:
    """Count one request and say whether it is within the limit.

    The window begins with a client's first request: `add` starts the count only where there is
    none, and memcached forgets it when the window ends.
    """
    key = f"rate:{who}"
    if client.add(key, b"1", expire=seconds, noreply=False):
        return limit >= 1
    count: int | None = client.incr(key, 1)
    if count is None:  # the window ended between the two commands
        return allow(client, who, limit=limit, seconds=seconds)
    return count <= limit
