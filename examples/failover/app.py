"""Reading through a cluster of memcached nodes that may lose one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pymemcache.client.hash import HashClient

Node = tuple[str, int]


def connect(nodes: Sequence[Node], *, seconds_between_tries: int = 1) -> HashClient:
    """Return a client that gives a failing node one more try, then leaves it out for a minute.

    Meanwhile a fault of a node looks like a miss.
    """
    return HashClient(
        nodes,
        retry_attempts=1,
        retry_timeout=seconds_between_tries,
        dead_timeout=60,
        ignore_exc=True,
    )


def read_through(cluster: HashClient, key: str, load: Callable[[], bytes]) -> bytes:
    """Return what the cluster has, and whatever `load` gives where it has nothing."""
    cached: bytes | None = cluster.get(key)
    return load() if cached is None else cached
