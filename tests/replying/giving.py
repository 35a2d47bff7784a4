"""One call of a real client in a sandbox, answered by one mock; and one outside of any."""

from __future__ import annotations

from typing import Any

from pymemcache.client.base import Client

from tests.support.cases import SERVER, by_hand


def give(reply: Any, method: str, *args: Any, **options: Any) -> Any:
    """What the caller of a method gets, where a mock has that reply.

    Options are the client's, but for `kind` and `noreply`.
    """
    verifier, memcache = by_hand()
    memcache.mock_command(method, returns=reply)
    noreply = {"noreply": options.pop("noreply")} if "noreply" in options else {}
    options.setdefault("default_noreply", False)
    client = options.pop("kind", Client)(SERVER, **options)
    with verifier.sandbox():
        return getattr(client, method)(*args, **noreply)


def read(answer: bytes, method: str, *args: Any, **options: Any) -> Any:
    """What the caller of a method gets, where a server answers that."""
    client: Any = Client(SERVER, **options)
    client.sock = Answering(answer)
    return getattr(client, method)(*args)


def requested(method: str, *args: Any, **options: Any) -> bytes:
    """What a client sends for a call that is answered with nothing but an end."""
    client: Any = Client(SERVER, **options)
    client.sock = sock = Answering(b"END\r\n")
    getattr(client, method)(*args)
    return sock.request


class Answering:
    """A socket that has the same answer to any request, and gives it in pieces."""

    def __init__(self, answer: bytes) -> None:
        self.answer = self.left = answer
        self.request = b""

    def sendall(self, request: bytes) -> None:
        """Take a request."""
        self.request = request
        self.left = self.answer

    def recv(self, size: int) -> bytes:
        """Give a piece of the answer, and none when it is over."""
        piece, self.left = self.left[:size], self.left[size:]
        return piece

    def close(self) -> None:
        """As a socket's."""


READS_BLANKS = read(b"STAT name \r\nEND\r\n", "stats", ignore_exc=True) != {}
"""Whether pymemcache reads a statistic without a value: it does since 3.5.2."""

PREFIXES_WORDS = requested("stats", "settings", key_prefix=b"p:") == b"stats p:settings\r\n"
"""Whether it takes the words of STATS and CACHE_MEMLIMIT for keys: it did before 4.0."""
