"""A lock that several machines share, for work that one of them should do at a time.

`add` succeeds for one of all who try. Whoever holds the lock gives it back with `cas`, which fails
if somebody else got hold of it meanwhile, because the lease ran out.
"""

from __future__ import annotations

from pymemcache.client.base import Client

# A negative time to live has passed already: memcached drops the item at once.
AT_ONCE = -1


def acquire(client: Client, name: str, owner: bytes, *, lease: int) -> bool:
    """Try to take the lock for so many seconds, and say whether that worked."""
    # With noreply pymemcache would say True to everybody who tries.
    taken: bool = client.add(f"lock:{name}", owner, expire=lease, noreply=False)
    return taken


def release(client: Client, name: str, owner: bytes) -> bool:
    """Give the lock back, and say whether it was still ours to give."""
    holder: bytes | None
    holder, token = client.gets(f"lock:{name}")
    if holder != owner:
        return False
    released: bool | None = client.cas(f"lock:{name}", owner, token, expire=AT_ONCE)
    return bool(released)
