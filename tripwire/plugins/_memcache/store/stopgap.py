"""A store that answers what nobody else does, and says which mock was missing."""

from __future__ import annotations

from typing import Any, Callable, Iterator, Optional, Protocol

from tripwire._plugin import MissingMock
from tripwire.errors import UnmockedInteractionError
from tripwire.plugins._memcache.asserting import paste
from tripwire.plugins._memcache.replying.reply import WITHOUT_MISS
from tripwire.plugins._memcache.server.protocol import UnknownCommand, split
from tripwire.plugins._memcache.store import serving
from tripwire.plugins._memcache.store.clock import Clock
from tripwire.plugins._memcache.store.outages import Outages
from tripwire.plugins._memcache.store.servers import Servers
from tripwire.plugins._memcache.wire import Answer, Call
from tripwire.report.expressions import expression

LIMIT = 100
"""How many calls of a test it answers."""

_TOO_MANY = (
    f"{LIMIT} calls of this test had no mock before it, and were answered all the same;\n"
    "no more are. Is it in a loop that waits for another answer?"
)

_NOTHING_THERE = (b"END\r\n", b"NOT_FOUND\r\n")
_CHANGING = (b"stats", b"version")
"""What is answered differently each time, or by each server."""


class Test(serving.Test, Protocol):
    """What is asked of the test whose calls it answers."""

    @property
    def outages(self) -> Outages:
        """The times in which servers cannot be reached."""
        ...

    def unmocked_error(self, call: Call) -> UnmockedInteractionError:
        """What a call raises that nothing answers."""
        ...


class Stopgap:
    """Answers calls out of a store of its own, which is empty to begin with.

    Args:
        test: whose calls it answers.
        note: is given the mock that a call needs.
    """

    def __init__(self, test: Test, note: Callable[[MissingMock], None]) -> None:
        self._test = test
        self._note = note
        self._serving = serving.Serving(test, Servers(Clock(), 2**20))
        # `next` is atomic, so that threads are counted together.
        self._tickets: Iterator[int] = iter(range(LIMIT))

    def spare(self, call: Call) -> None:
        """Answer nothing; note a call that no mock has answered, if it is about to meet an outage.

        A mock comes before an outage: one that a later call lacks would answer this one as well.
        """
        if self._test.outages.concerns(call):
            name = call.command.name
            reason = (
                f"the mock of its {name} would answer the same {name} in an outage before it; "
                "register it by hand, after the outage"
            )
            self._note(MissingMock(self._test.unmocked_error(call), _mock_of(call), spared=reason))

    def answer(self, call: Call) -> Optional[Answer]:
        """Answer a call; None where a store cannot answer it.

        Raises `UnmockedInteractionError` where there have been too many.
        """
        if call.request.startswith(_CHANGING) or not _is_known(call.request):
            return None
        if next(self._tickets, None) is None:
            raise self._test.unmocked(call, _TOO_MANY)
        served = self._serving.answer(call)
        name = call.command.name
        mock = MissingMock(
            self._test.unmocked_error(call),
            _mock_of(call),
            f"memcached answered its {name} with an error",
        )
        self._note(mock)
        return _Noting(served, mock)


class _Noting(Answer):
    """What a store answers, and the mock that gives the same."""

    __slots__ = ("_mock", "_served")

    def __init__(self, served: Answer, mock: MissingMock) -> None:
        super().__init__(served.data, lost=served.lost)
        self._served = served
        self._mock = mock

    def more(self, call: Call, request: bytes) -> bytes:
        """As what it serves."""
        return self._served.more(call, request)

    def outcome(self, call: Call, read: Any) -> Any:
        """What the client has read, which is what the mock has to return."""
        text = self._text(call, read)
        if text is None:
            what = f"what its {call.command.name} returned"
            self._mock.unsaid = (
                f"{what} cannot be written as an expression; register its mock by hand"
            )
        else:
            self._mock.line = paste.mock_line(call.command, call.fields, text).text
            self._mock.unsaid = ""
        return read

    def _text(self, call: Call, read: Any) -> Optional[str]:
        if self.data in _NOTHING_THERE and call.command.name not in WITHOUT_MISS:
            return paste.MISS_TEXT
        found = expression(read)
        return None if found is None else found.text


def _mock_of(call: Call) -> str:
    """The mock that a call needs, without its reply: the same for all that it would answer."""
    return paste.mock_line(call.command, call.fields, "...").text


def _is_known(request: bytes) -> bool:
    try:
        split(request)
    except UnknownCommand:
        return False
    return True
