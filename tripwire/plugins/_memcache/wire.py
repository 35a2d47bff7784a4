"""One call in progress: what it asks for, the socket that its client meets, and what comes back.

The real method runs on the caller's own client, so the request is pymemcache's own, byte for byte,
and pymemcache itself reads the answer.
"""

from __future__ import annotations

from contextvars import ContextVar
from threading import current_thread, get_ident, local
from types import FrameType
from typing import Any, Callable, Dict, Iterable, Optional, Protocol, Tuple, Type, Union

from tripwire._mocks import Mock
from tripwire._timeline import Interaction, Location, Paste
from tripwire.errors import ViolationError
from tripwire.plugins._memcache.asserting import paste
from tripwire.plugins._memcache.commands import NAME, Command, callsites, installed
from tripwire.plugins._memcache.comparing import Compared
from tripwire.plugins._memcache.snapshot import (
    COPIES,
    Keys,
    Recording,
    as_dict,
    recording,
    snapshot,
)


class Unwound(BaseException):
    """Leaves a method that waits for an answer of which nobody knows the bytes."""


class Carried(BaseException):
    """Carries a violation past the client's own handlers; the caller of the client gets it."""

    def __init__(self, violation: ViolationError) -> None:
        super().__init__(violation)
        self.violation = violation


class Answer:
    """What comes back on the wire: bytes, or a fault.

    Attributes:
        data: the bytes that the server answers.
        refused: an exception that is raised where the request is sent; nothing arrives.
        lost: an exception, or a class of one, that is raised where more is read than `data`. None:
            the server has closed the connection there.
        asserted: whether the interaction counts as asserted, because of who answered it.
        by_store: whether a store answered it.
    """

    refused: Optional[BaseException] = None
    lost: Union[BaseException, Type[BaseException], None] = None
    asserted = False
    by_store = False

    def __init__(
        self,
        data: bytes = b"",
        *,
        refused: Optional[BaseException] = None,
        lost: Union[BaseException, Type[BaseException], None] = None,
        asserted: bool = False,
        by_store: bool = False,
    ) -> None:
        self.data = data
        self.refused = refused
        self.lost = lost
        self.asserted = asserted
        self.by_store = by_store

    def more(self, call: Call, request: bytes) -> bytes:
        """What the server answers to a further request of the same call."""
        return b""

    def outcome(self, call: Call, read: Any) -> Any:
        """What the caller gets where its client has read `read`. May raise a `ViolationError`."""
        return read


class Answering(Protocol):
    """What a call asks of the test that it belongs to. It keeps the one that it began with."""

    @property
    def gates(self) -> Iterable[Callable[[Call], None]]:
        """What each call passes before anything answers it."""
        ...

    def answer(self, call: Call) -> Answer:
        """Find who answers. Raises a `ViolationError` where nobody does."""
        ...

    def record(self, call: Call, answer: Answer) -> Interaction:
        """Put an answered call on the timeline."""
        ...

    def note_unsent(self, command: Command, error: Optional[BaseException]) -> None:
        """Note that a call ended before the wire."""
        ...

    def before_fault(self) -> None:
        """Note what a fault that is about to be raised may do to its callers."""
        ...

    def violated(self, error: ViolationError) -> None:
        """Remember a violation that is about to be raised."""
        ...


class Call(Compared):
    """One command that a client was asked for, and the socket that its client has meanwhile.

    Attributes: `answers` (what answers it), `command`, `client`, `args` (the client first),
    `kwargs`; and since its request was sent `request` (empty until then), `fields`, `given` (the
    same, not copied), `server`, `location` and `thread`. `mock`: the one that was taken for it.
    `closed`: the client has closed its socket, after an error. `wrapped`: others have wrapped the
    method, and what they call may be a stand-in of ours again. `ended` is called at the end of the
    call with what the caller gets, and what is raised instead, if it is.
    """

    request = b""
    usual_noreply: Any = False
    closed = False
    fields: Dict[str, Any]
    given: Dict[str, Any]
    location: Location
    thread: str
    mock: Optional[Mock] = None
    interaction: Optional[Interaction] = None
    ended: Optional[Callable[[Any, Optional[BaseException]], None]] = None
    _answer = Answer()
    _bytes = b""
    _read = 0
    _method: Callable[..., Any]

    def __init__(
        self,
        answers: Answering,
        command: Command,
        args: Tuple[Any, ...],
        kwargs: Dict[str, Any],
        caller: Optional[FrameType],
        wrapped: bool = False,
    ) -> None:
        self.answers = answers
        self.command = command
        self.client = args[0]
        self.args = args
        self.kwargs = kwargs
        self.wrapped = wrapped
        self._caller = caller

    def run(self, method: Callable[..., Any]) -> Any:
        """Call the client's own method; return what the caller gets.

        The caller puts back what was in progress in this thread before.
        """
        if self.command.takes_keys:
            self._remember_keys()
        self._method = method
        read = violation = None
        in_progress[get_ident()] = self
        try:
            read = method(*self.args, **self.kwargs)
        except Unwound:
            pass
        except Carried as carried:
            violation = carried.violation
        except BaseException as error:
            self._end(None, error)
            raise
        if violation is not None:
            self._end(None, violation)
            # Not in the handler above: its context would be `carried`, which refers back to it.
            raise violation
        try:
            outcome = self._answer.outcome(self, read)
        except BaseException as error:
            self._end(None, error)
            raise
        if self.ended is not None or not self.request:
            self._end(outcome, None)
        return outcome

    def read_again(self) -> Any:
        """What the client makes of the same bytes when it reads them a second time."""
        thread = get_ident()
        in_progress[thread] = _Rereading(self)
        try:
            return self._method(*self.args, **self.kwargs)
        finally:
            in_progress[thread] = self

    def meets_again(self, client: Any, command: Command) -> bool:
        """Whether a call that begins now is this one, on its way through the wrappers of others."""
        again = self.wrapped and client is self.client and command is self.command
        if again:
            self.wrapped = False
        return again

    # --- as a socket ------------------------------------------------------------------------------

    def sendall(self, request: bytes) -> None:
        """Take a request: here the call is described, meets what answers it, and is recorded."""
        # `set_many({})` sends no bytes, which is not sending.
        if not request:
            return
        if self.interaction is not None and self._answer.refused is None:
            self._go_on(self.interaction, request)
            return
        self.request = request
        self._describe()
        answers = self.answers
        for gate in answers.gates:
            gate(self)
        answer = self._answer = answers.answer(self)
        self.interaction = answers.record(self, answer)
        if answer.refused is not None:
            answers.before_fault()
            raise answer.refused
        self._bytes, self._read = answer.data, 0

    def recv(self, size: int) -> bytes:
        """Give the next bytes of the answer, `size` at most; none once the server has closed."""
        begin = self._read
        piece = self._bytes[begin : begin + size]
        self._read = begin + len(piece)
        if not piece and self._answer.lost is not None:
            self.answers.before_fault()
            raise self._answer.lost
        return piece

    def close(self) -> None:
        """As a socket's: pymemcache closes it after an error, and what was not read is gone."""
        self.closed = True
        self._bytes, self._read = b"", 0

    def _go_on(self, interaction: Interaction, request: bytes) -> None:
        """A second request of one call belongs to the interaction of the first."""
        interaction.request += request
        self._bytes += self._answer.more(self, request)

    # --- what is recorded -------------------------------------------------------------------------

    def _end(self, given: Any, error: Optional[BaseException]) -> None:
        if self.ended is not None:
            self.ended(given, error)
        elif not self.request:
            self.answers.note_unsent(self.command, error)

    def _remember_keys(self) -> None:
        # An iterator of keys remembers what it gives, since pymemcache reads it before we can.
        place = self.command.fields.index("keys") + 1
        if "keys" in self.kwargs:
            self.kwargs["keys"] = recording(self.kwargs["keys"])
        elif place < len(self.args):
            before, keys, after = self.args[:place], self.args[place], self.args[place + 1 :]
            self.args = (*before, recording(keys), *after)

    def _describe(self) -> None:
        """Note what is asked, as it is now: who is asked, by whom, and with which arguments."""
        client, command = self.client, self.command
        self.server = getattr(client, "server", None)
        self.prefix = getattr(client, "key_prefix", b"")
        if command.may_be_noreply:
            noreply = command.defaults["noreply"]
            usual = getattr(client, "default_noreply", False)
            self.usual_noreply = usual if noreply is None else noreply
        self.location = callsites().locate(self._caller)
        self.thread = _here.thread.name
        fields = self.given = command.bind(self.args[1:], self.kwargs)
        if command.takes_keys:
            keys = fields["keys"]
            fields["keys"] = Keys(keys.given if isinstance(keys, Recording) else keys)
        if command.takes_values:
            fields["values"] = as_dict(fields["values"])
        for value in fields.values():
            if type(value) in COPIES:
                fields = {name: snapshot(value) for name, value in fields.items()}
                break
        self.fields = fields


class MemcacheInteraction(Compared, Interaction):
    """An interaction with memcached. `by_store`: whether a store answered it."""

    __slots__ = ("by_store", "prefix", "usual_noreply")

    kind = NAME

    def __init__(self, call: Call, answer: Answer) -> None:
        # Without the constructor of the base, for speed: each call makes one of these.
        self.command = call.command.name
        self.fields = call.fields
        self.server = call.server
        self.request = call.request
        self.location = call.location
        self.thread = call.thread
        self.asserted = answer.asserted
        self.expectation = None
        self.by_store = answer.by_store
        self.prefix = call.prefix
        self.usual_noreply = call.usual_noreply

    def paste(self, with_server: bool = False) -> Paste:
        """The line of a test that asserts it, strictly."""
        more = {"server": self.server} if with_server else {}
        if self.prefix:
            more["key_prefix"] = self.prefix
        return paste.assertion(installed().named(self.command), self.fields, more)


class _Rereading:
    """The socket of a client that reads an answer once more: nobody is told of the request."""

    def __init__(self, call: Call) -> None:
        self.client = call.client
        self.answers = call.answers
        self._command = call.command
        self._data = call._answer.data
        self._read = 0

    def sendall(self, request: bytes) -> None:
        """Take a request, and say the same to it."""
        self._read = 0

    def recv(self, size: int) -> bytes:
        """Give the next bytes."""
        piece = self._data[self._read : self._read + size]
        self._read += len(piece)
        return piece

    def close(self) -> None:
        """As a socket's."""

    def meets_again(self, client: Any, command: Command) -> bool:
        """As a call that others have wrapped."""
        return client is self.client and command is self._command


class _Here(local):
    """The current thread, looked up once in each because `current_thread()` is slow."""

    def __init__(self) -> None:
        self.thread = current_thread()


_here = _Here()


class Around:
    """A call of a client that will call a `Client`, or has called one and will call another.

    It has no socket. What it calls belongs to the sandbox in which it began.

    Attributes: `client` (None), `answers` (what answers what it calls).
    """

    __slots__ = ("answers",)

    client = None

    def __init__(self, answers: Answering) -> None:
        self.answers = answers

    def meets_again(self, client: Any, command: Command) -> bool:
        """As a call's: this is none of a command."""
        return False


in_progress: Dict[int, Union[Call, _Rereading, Around, None]] = {}
"""What is in progress in each thread: the innermost call, which is its client's socket, if any.

None while a call only begins: it is here before it looks which sandbox is meant, so that whoever
closes that sandbox sees either the call here, or the call sees the sandbox closed.

Not a context variable: the garbage collector may run in the middle of setting one, and a finalizer
that calls the cache then sets it again, which crashes CPython 3.9 and 3.11. A context that is
copied during a call would keep its socket, too.
"""


class OffTheRecord(Answering, Protocol):
    """What answers calls that are to leave no trace in the test, while a block of it lasts."""

    def lasting(self) -> Optional[OffTheRecord]:
        """Itself; once its block is over, what is around that: a task may outlive it."""
        ...


off_the_record: ContextVar[Optional[OffTheRecord]] = ContextVar("tripwire_off_record", default=None)
"""What answers the calls of this context where they are to leave no trace in the test."""
