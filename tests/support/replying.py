"""One mock with a reply, and one call that takes it."""

from __future__ import annotations

from typing import Any, Dict, Tuple

from pymemcache.client.base import Client

from tests.support.cases import SERVER, by_hand

CALLS: Dict[str, Tuple[Any, ...]] = {
    **dict.fromkeys(("get", "gets", "delete", "touch"), ("k",)),
    **dict.fromkeys(("set", "add", "replace", "append", "prepend"), ("k", b"v")),
    **dict.fromkeys(("incr", "decr"), ("k", 1)),
    **dict.fromkeys(("get_many", "get_multi", "gets_many", "delete_many"), (["k"],)),
    "delete_multi": (["k"],),
    **dict.fromkeys(("set_many", "set_multi"), ({"k": b"v"},)),
    **dict.fromkeys(("stats", "version", "flush_all", "quit", "shutdown"), ()),
    "cas": ("k", b"v", 1),
    "cache_memlimit": (64,),
    "raw_command": ("version",),
}
"""What each command is called with, where nothing else is asked for."""


class Replies:
    """A mock of one command with one reply, in a verifier and a plugin of its own."""

    def __init__(
        self, command: str, reply: Any, times: Any = 1, fields: Any = None, **options: str
    ) -> None:
        self.verifier, self.memcache = by_hand(**options)
        self.command = command
        self.memcache.mock_command(command, returns=reply, times=times, **(fields or {}))

    def give(self, *args: Any, kind: Any = Client, noreply: Any = None, **options: Any) -> Any:
        """Call the command in a sandbox; return what its caller gets."""
        client = kind(SERVER, **options)
        given = {} if noreply is None else {"noreply": noreply}
        with self.verifier.sandbox():
            return getattr(client, self.command)(*(args or CALLS[self.command]), **given)
