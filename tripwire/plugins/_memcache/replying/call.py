"""What is asked of a call whose request was sent, and of a memcached that holds nothing."""

from __future__ import annotations

from typing import Any, Mapping, Optional, Protocol

END_OF_LINE = b"\r\n"


class Named(Protocol):
    """A command, as far as it matters here."""

    @property
    def method(self) -> str:
        """The name of the client's method."""
        ...


class Call(Protocol):
    """A call that waits for its answer, or has got it."""

    @property
    def client(self) -> Any:
        """The pymemcache client."""
        ...

    @property
    def command(self) -> Named:
        """The command that was called."""
        ...

    @property
    def fields(self) -> Mapping[str, Any]:
        """The arguments by the names of the method's parameters; `keys` as a list."""
        ...

    @property
    def given(self) -> Mapping[str, Any]:
        """The same, each the very object that the caller gave."""
        ...

    @property
    def request(self) -> bytes:
        """What was sent."""
        ...

    @property
    def closed(self) -> bool:
        """Whether the client has closed its socket: it met an error while reading the answer."""
        ...


class Memcached(Protocol):
    """A memcached that holds nothing."""

    def answer(self, request: bytes) -> bytes:
        """What it answers to this request, the first one that it gets."""
        ...

    def rejected(self, request: bytes) -> Optional[bytes]:
        """The error line with which memcached rejects a request whatever it holds, or None."""
        ...


def is_noreply(request: bytes) -> bool:
    """Whether a request tells the server not to answer."""
    if request.startswith(_READS):
        return False
    words = request[: request.find(END_OF_LINE)].split(b" ")
    # A key may have that name.
    return words[-1] == b"noreply" and len(words) > 2


_READS = (b"get ", b"gets ", b"gat ", b"gats ")
"""What always has an answer, though one of several keys may be called `noreply`."""
