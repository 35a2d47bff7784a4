"""One call of a real client over a socket of ours, answered by one reply.

A harness for the rooms that turn replies into answers and judge what comes out: what the plugin
does around them is not in it. It is the one place in the tests that knows these rooms.
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from pymemcache.client.base import Client

from tripwire._matching import alike, equal, keys_equal
from tripwire.plugins._memcache.commands import installed
from tripwire.plugins._memcache.replying.encoding import answer_to
from tripwire.plugins._memcache.replying.judging import judge
from tripwire.plugins._memcache.replying.reply import (
    MISS,
    RULES,
    Raw,
    Refusal,
    misplaced,
    refused_always,
)
from tripwire.plugins._memcache.snapshot import Recording, recording, snapshot

__all__ = [
    "MISS",
    "RULES",
    "Empty",
    "Exchange",
    "Raw",
    "Refusal",
    "alike",
    "equal",
    "give",
    "keys_equal",
    "misplaced",
    "read",
    "refused_always",
]

SERVER = ("localhost", 11211)


class Empty:
    """A memcached that holds nothing: the little of it that these tests need."""

    ANSWERS = {  # noqa: RUF012  # a table, and nobody writes to it
        b"get": b"END\r\n",
        b"gets": b"END\r\n",
        b"set": b"STORED\r\n",
        b"cas": b"NOT_FOUND\r\n",
        b"delete": b"NOT_FOUND\r\n",
        b"incr": b"NOT_FOUND\r\n",
    }

    def answer(self, request: bytes) -> bytes:
        """By the first word; nothing to who wants no answer."""
        rejected = self.rejected(request)
        if rejected is not None:
            return rejected
        words = _words(request)
        return b"" if words[2:] and words[-1] == b"noreply" else self.ANSWERS[words[0]]

    def rejected(self, request: bytes) -> Optional[bytes]:
        """No key, and an amount that is negative."""
        words = _words(request)
        if words[0] in (b"get", b"gets", b"delete") and not words[1:]:
            return b"ERROR\r\n"
        if words[0] in (b"incr", b"decr") and not words[2].isdigit():
            return b"CLIENT_ERROR invalid numeric delta argument\r\n"
        return None


def _words(request: bytes) -> List[bytes]:
    # Spaces are one space to memcached, however many they are.
    return request[: request.find(b"\r\n")].split()


class Socket:
    """Takes the request of an exchange, and gives its answer in pieces, as a socket does."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.left = b""

    def sendall(self, request: bytes) -> None:
        """Take the request."""
        self.left = self.exchange.sent(request) or b""

    def recv(self, size: int) -> bytes:
        """Give a piece of the answer, and none when it is over."""
        piece, self.left = self.left[:size], self.left[size:]
        return piece

    def close(self) -> None:
        """Note that the client does not want it any more."""
        self.exchange.closed = True


class Exchange:
    """A call of a client's method, and the reply that answers it.

    Attributes: what the rooms ask of a call, `answer` (bytes, or None where the reply is given as
    it is) and `answers` (how often the client has read it).
    """

    def __init__(self, reply: Any, method: str, *args: Any, client: Any = None, **kwargs: Any):
        self.reply = reply
        self.client: Any = client or Client(SERVER)
        self.command = installed().named(method)
        self.request = b""
        self.closed = False
        self.answer: Optional[bytes] = None
        self.answers = 0
        self.args: List[Any] = [*args]
        self.kwargs = kwargs
        if self.command.takes_keys:
            self.args[0] = recording(self.args[0])

    @property
    def fields(self) -> Dict[str, Any]:
        """The arguments by name, with the keys as they were given."""
        fields = self.command.bind(tuple(self.args), self.kwargs)
        if self.command.takes_keys:
            keys = fields["keys"]
            fields["keys"] = keys.given if isinstance(keys, Recording) else list(keys)
        return fields

    def sent(self, request: bytes) -> Optional[bytes]:
        """The answer to the request; found once, and read as often as the client wants."""
        if not self.answers:
            self.request = request
            self.answer = answer_to(self, self.reply, Empty())
        self.answers += 1
        return self.answer

    def result(self) -> Any:
        """What the caller gets. `Refusal` where the reply is impossible."""
        outcome = self.outcome()
        if self.answer is None:
            return snapshot(self.reply)
        return judge(self, self.reply, outcome, self.outcome)

    def outcome(self) -> Any:
        """What the client makes of the answer."""
        self.client.sock = Socket(self)
        try:
            return getattr(self.client, self.command.method)(*self.args, **self.kwargs)
        except Exception:
            # Where nobody knows what it would have read, the client has read nothing.
            if self.answers and self.answer is None:
                return None
            raise
        finally:
            self.client.sock = None


def give(reply: Any, method: str, *args: Any, **options: Any) -> Any:
    """What the caller of a method gets. Options are the client's, but for `kind` and `noreply`."""
    noreply = {"noreply": options.pop("noreply")} if "noreply" in options else {}
    options.setdefault("default_noreply", False)
    client = options.pop("kind", Client)(SERVER, **options)
    return Exchange(reply, method, *args, client=client, **noreply).result()


def read(answer: bytes, method: str, *args: Any, **options: Any) -> Any:
    """What the caller of a method gets where the server answers that."""
    exchange = Exchange(None, method, *args, client=Client(SERVER, **options))
    exchange.answer, exchange.answers = answer, 1
    return exchange.outcome()
