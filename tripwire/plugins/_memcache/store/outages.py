"""Times in which servers cannot be reached."""

from __future__ import annotations

import builtins
import errno
from contextlib import contextmanager
from typing import Any, Iterator, List, NamedTuple, Optional, Type, Union

from tripwire._timeline import Location
from tripwire.plugins._memcache.wire import Answer, Call
from tripwire.report.parts import server_text, where

Error = Union[BaseException, Type[BaseException]]

_NUMBERS = {
    BrokenPipeError: errno.EPIPE,
    ConnectionAbortedError: errno.ECONNABORTED,
    ConnectionRefusedError: errno.ECONNREFUSED,
    ConnectionResetError: errno.ECONNRESET,
}
"""The `errno` of the exceptions of a socket. A timeout has none: Python itself raises that."""


class _Outage(NamedTuple):
    """One outage: of which server (None: of all), what its callers meet, and where it began."""

    server: Any
    error: Error
    location: Location

    def concerns(self, call: Call) -> bool:
        """Whether the call's server is out."""
        return self.server is None or self.server == call.server

    def met_by(self, call: Call) -> BaseException:
        """What a call meets: the exception itself, or a new one of its class, which says so."""
        error = self.error
        if not isinstance(error, type):
            return error.with_traceback(None)
        text = (
            f"outage() at {where(self.location)}: {call.command.name} to {server_text(call.server)}"
        )
        if error in _NUMBERS:
            return error(_NUMBERS[error], text)
        return error(text) if _takes_a_text(error) else error()


def _takes_a_text(error: Type[BaseException]) -> bool:
    """Whether an exception of a class is built from its text, as Python's own are."""
    own = [kind for kind in error.__mro__ if vars(builtins).get(kind.__name__) is not kind]
    return not any({"__init__", "__new__"} & vars(kind).keys() for kind in own)


class Outages:
    """The outages that a test is in; of several, the one that began last counts."""

    def __init__(self) -> None:
        self._now: List[_Outage] = []

    @contextmanager
    def during(self, error: Error, server: Any, location: Location) -> Iterator[None]:
        """Have an outage meanwhile."""
        outage = _Outage(server, error, location)
        self._now.append(outage)
        try:
            yield
        finally:
            # By identity: two outages may be alike.
            self._now = [each for each in self._now if each is not outage]

    def answer(self, call: Call) -> Optional[Answer]:
        """The fault that a call meets, if its server is out. Such a call asserts itself."""
        for outage in reversed(self._now):
            if outage.concerns(call):
                return Answer(refused=outage.met_by(call), asserted=True)
        return None

    def concerns(self, call: Call) -> bool:
        """Whether a call meets a fault, if nobody answers before that."""
        return any(outage.concerns(call) for outage in self._now)
