"""Calls answered by mocks: the reply as bytes on the wire, and what the client made of them."""

from __future__ import annotations

from typing import Any, Optional, Protocol

from tripwire._matching import SCALARS
from tripwire._mocks import Mock, Queues
from tripwire._state import State
from tripwire.errors import (
    ImpossibleReplyError,
    ImpossibleReplyMetError,
    OutOfStepError,
    ViolationError,
)
from tripwire.plugins._memcache import texts
from tripwire.plugins._memcache.commands import Command
from tripwire.plugins._memcache.replying.encoding import answer_to
from tripwire.plugins._memcache.replying.judging import as_it_is, judge
from tripwire.plugins._memcache.replying.reply import (
    MISS,
    OutOfStep,
    Refusal,
    is_held,
    misplaced,
    refused_always,
)
from tripwire.plugins._memcache.server import Server, UnknownCommand, rejected
from tripwire.plugins._memcache.wire import Answer, Call, Carried, Unwound


class Test(Protocol):
    """What is asked of the test, or of the round, whose mocks they are."""

    @property
    def queues(self) -> Queues:
        """Its mocks."""
        ...

    @property
    def state(self) -> State:
        """What its calls are recorded in."""
        ...

    def violated(self, error: ViolationError) -> None:
        """Remember a violation that is about to be raised."""
        ...


class Mocking:
    """Answers calls by the mocks of a test.

    `judges`: whether replies travel the wire, and those that the real client could not return are
    refused; else a reply is given as it is.
    """

    def __init__(self, test: Test, judges: bool) -> None:
        self.judges = judges
        self._test = test

    def check(self, command: Command, reply: Any) -> None:
        """Refuse a reply that no call of the command could get.

        Raises `ImpossibleReplyError`, and `ValueError` for a `MISS` or `Raw` where it stands for
        nothing.
        """
        wrong = misplaced(command.name, reply)
        if wrong is not None:
            raise ValueError(wrong)
        possible = refused_always(command.name, reply) if self.judges else None
        if possible is not None:
            raise ImpossibleReplyError(
                texts.impossible(command.name, reply, possible),
                command=command.name,
                reply=reply,
                possible=possible,
            )

    def answer(self, call: Call) -> Optional[Answer]:
        """What the oldest mock that answers a call says to it; None where there is no such mock.

        Raises `Carried`, with a violation, where the real client could not return that.
        """
        mock = call.mock = self._test.queues.take(call.command.names, call)
        if mock is None:
            return None
        mock.answered = call.location
        if mock.raises is not None:
            return Answer(refused=mock.raises.with_traceback(None), asserted=mock.expected)
        data = None
        # What the server holds is for the client to read, also where any reply is given.
        if self.judges or is_held(call.command.name, mock.returns):
            try:
                data = answer_to(call, mock.returns, EMPTY)
            except Refusal as refusal:
                if self.judges or mock.returns is MISS:
                    raise Carried(self.refused(mock, refusal, call)) from None
            except UnknownCommand:  # A subclass sends something that is not known here.
                pass
        return _AsItIs(mock, call) if data is None else _Reply(self, mock, data)

    def refused(self, mock: Mock, refusal: Refusal, call: Call) -> ViolationError:
        """The violation of a call that could not return the reply of its mock.

        It is as if the call had not taken the mock, so that a retry meets the same one. It is not
        reported as unused besides.
        """
        mock.reported = True
        self._test.queues.give_back(mock)
        if call.interaction is not None:
            self._test.state.timeline.withdraw(call.interaction)
        error: ViolationError
        facts = {
            "command": call.command.name,
            "fields": call.fields,
            "server": call.server,
            "location": call.location,
        }
        if isinstance(refusal, OutOfStep):
            error = OutOfStepError(texts.out_of_step(call, refusal.answer), **facts)
        else:
            text = texts.impossible_now(mock, refusal.possible, refusal.advice, call)
            error = ImpossibleReplyMetError(
                text, reply=mock.returns, possible=refusal.possible, **facts
            )
        self._test.violated(error)
        return error


class _Reply(Answer):
    """The bytes of which the client makes the reply of a mock."""

    def __init__(self, mocking: Mocking, mock: Mock, data: bytes) -> None:
        # Without the constructor of the base, for speed: each call makes one of these.
        self.data = data
        self.asserted = mock.expected
        self._mock = mock
        self._mocking = mocking

    def more(self, call: Call, request: bytes) -> bytes:
        """The same to the same request; to another what an empty server says."""
        if request == call.request:
            return self.data
        try:
            return EMPTY.answer(request)
        except UnknownCommand:
            return b""

    def outcome(self, call: Call, read: Any) -> Any:
        """What was read. A violation where the reply of the mock could not be that."""
        reply = self._mock.returns
        kind = type(reply)
        # Nearly always it is, and a scalar, which needs no further look.
        if kind is type(read) and kind in SCALARS and reply == read:
            return read
        try:
            return judge(call, reply, read, call.read_again)
        except Refusal as met:
            refusal = met
        raise self._mocking.refused(self._mock, refusal, call)


class _AsItIs(Answer):
    """A reply of which nobody knows the bytes.

    The client reads what an empty server answers, where that is no error, so that its method ends
    as usual; where it waits for more, the method is left.
    """

    def __init__(self, mock: Mock, call: Call) -> None:
        super().__init__(_harmless(call), lost=Unwound(), asserted=mock.expected)
        self._reply = mock.returns

    def outcome(self, call: Call, read: Any) -> Any:
        """The reply, or a copy of it."""
        return as_it_is(call, self._reply)


def _harmless(call: Call) -> bytes:
    """What an empty server answers; no bytes where that is an error, or not known."""
    # How the answer to a raw command ends is for its caller to say; an empty server's may differ.
    if call.command.method == "raw_command" or rejected(call.request):
        return b""
    try:
        return EMPTY.answer(call.request)
    except UnknownCommand:
        return b""


class _Empty:
    """A memcached that holds nothing, and has room for anything."""

    def answer(self, request: bytes) -> bytes:
        """What it answers to its first request. `UnknownCommand` where it knows no such thing."""
        return Server(_no_time, max_item_size=2**63).answer(request)

    def rejected(self, request: bytes) -> Optional[bytes]:
        """The error line with which memcached rejects a request whatever it holds, or None."""
        return rejected(request)


def _no_time() -> float:
    return 0.0


EMPTY = _Empty()
