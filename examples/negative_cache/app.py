"""Looking a user up, and remembering for a while that there is none.

A user who does not exist is asked for again and again; without a negative entry each time goes to
the database. The entry has to run out soon, because the user may sign up.
"""

from __future__ import annotations

from collections.abc import Callable

from pymemcache.client.base import Client

HOUR, MINUTE = 3600, 60

# No name is empty, so that this stands for nobody.
NOBODY = b""


def find_user(client: Client, number: int, load: Callable[[int], bytes | None]) -> bytes | None:
    """Return a user's name, or None where there is no such user, asking `load` if need be."""
    key = f"user:{number}"
    cached: bytes | None = client.get(key)
    if cached is not None:
        return None if cached == NOBODY else cached
    name = load(number)
    if name is None:
        client.set(key, NOBODY, expire=MINUTE)
    else:
        client.set(key, name, expire=HOUR)
    return name
