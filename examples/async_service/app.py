"""A greeting service on asyncio, with pymemcache's blocking client kept off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from pymemcache.client.base import PooledClient


async def name_of(client: PooledClient, user: int) -> str:
    """Return the cached name of a user, or "stranger"."""
    cached: bytes | None = await asyncio.to_thread(client.get, f"name:{user}")
    return "stranger" if cached is None else cached.decode()


async def greet(client: PooledClient, users: Iterable[int]) -> str:
    """Greet everybody at once; the names are looked up side by side."""
    names = await asyncio.gather(*(name_of(client, user) for user in users))
    return f"Hello {', '.join(names)}!"
