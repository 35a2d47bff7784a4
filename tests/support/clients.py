"""Every kind of client that stands on pymemcache's, and its public methods."""

from __future__ import annotations

import inspect
from typing import Any, Callable, Dict, NamedTuple, Tuple

from pymemcache.client.base import Client, PooledClient
from pymemcache.client.hash import HashClient
from pymemcache.client.retrying import RetryingClient
from pymemcache.fallback import FallbackClient


class Direct(Client):  # type: ignore[misc]  # pymemcache ships no types
    """Commands of one's own, over the private methods of pymemcache."""

    def get(self, key: Any, default: Any = None) -> Any:
        """Fetch."""
        return self._fetch_cmd(b"get", [key], False).get(key, default)

    def set(
        self, key: Any, value: Any, expire: int = 0, noreply: Any = True, flags: Any = None
    ) -> Any:
        """Store."""
        return self._store_cmd(b"set", {key: value}, expire, noreply, flags)[key]

    def delete(self, key: Any, noreply: Any = None) -> Any:
        """Anything else."""
        return self._misc_cmd([b"delete k noreply\r\n"], b"delete", True)


class Kind(NamedTuple):
    """A kind of client: its class with the public methods, and how it is made."""

    methods_of: Any
    make: Callable[..., Any]


KINDS: Dict[str, Kind] = {
    "Client": Kind(Client, Client),
    "Direct": Kind(Direct, Direct),
    "PooledClient": Kind(PooledClient, PooledClient),
    "HashClient": Kind(HashClient, lambda server, **to: HashClient([server], **to)),
    "HashClient, pooled": Kind(
        HashClient, lambda server, **to: HashClient([server], use_pooling=True, **to)
    ),
    "RetryingClient": Kind(Client, lambda server, **to: RetryingClient(Client(server, **to))),
    "FallbackClient": Kind(
        FallbackClient,
        lambda server, **to: FallbackClient([Client(server, **to), Client(server, **to)]),
    ),
}

ARGUMENTS: Dict[str, Tuple[Any, ...]] = {
    **dict.fromkeys(("get", "gets", "delete", "touch", "__getitem__", "__delitem__"), ("k",)),
    **dict.fromkeys(("set", "add", "replace", "append", "prepend", "__setitem__"), ("k", 1)),
    **dict.fromkeys(("incr", "decr"), ("k", 1)),
    **dict.fromkeys(("get_many", "get_multi", "gets_many", "gets_multi"), (["k"],)),
    **dict.fromkeys(("delete_many", "delete_multi"), (["k"],)),
    **dict.fromkeys(("set_many", "set_multi"), ({"k": 1},)),
    "cas": ("k", 1, 1),
    "cache_memlimit": (64,),
    "raw_command": ("version",),
}
CLOSING = {"close", "disconnect_all"}
LOCAL = {"check_key", "add_server", "remove_server"}
"""Methods that have no business with a server, under whatever name they are called."""


def methods(kind: Kind) -> Dict[str, Tuple[Any, ...]]:
    """All public methods of a kind of client, with what to call them with."""
    return {
        name: ARGUMENTS.get(name, ())
        for name in dir(kind.methods_of)
        if inspect.isroutine(getattr(kind.methods_of, name))
        and (name in ARGUMENTS or not name.startswith("_"))
        and name not in LOCAL
    }
