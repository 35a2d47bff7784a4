"""One call in progress: what it asks for, the socket that its client meets, and what comes back.

The real method runs on the caller's own client, so the request is pymemcache's own, byte for byte,
and pymemcache itself reads the answer.
"""

from __future__ import annotations

from contextvars import ContextVar
from threading import current_thread, get_ident
from types import FrameType
from typing import Any, Callable, Dict, Iterable, Optional, Protocol, Sequence, Tuple, Type, Union

from tripwire._timeline import Interaction, Location
from tripwire.errors import ViolationError
from tripwire.plugins._memcache.commands import Command, callsites, client_of
from tripwire.plugins._memcache.snapshot import (
    COPIES,
    Keys,
    Recording,
    as_dict,
    recording,
    snapshot,
)

END_OF_LINE = b"\r\n"

AS_READ: Any = object()
"""For `Answer.gives`: the caller gets what the client's method makes of the bytes."""


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
        gives: what the caller gets, whatever the method makes of the bytes; usually `AS_READ`.
        asserted: whether the interaction counts as asserted, because of who answered it.
        by_store: whether a store answered it.
        more: what the server answers to a further request of the same call.
    """

    __slots__ = ("asserted", "by_store", "data", "gives", "lost", "more", "refused")

    def __init__(
        self,
        data: bytes = b"",
        *,
        refused: Optional[BaseException] = None,
        lost: Union[BaseException, Type[BaseException], None] = None,
        gives: Any = AS_READ,
        asserted: bool = False,
        by_store: bool = False,
        more: Callable[[bytes], bytes] = lambda request: b"",
    ) -> None:
        self.data = data
        self.refused = refused
        self.lost = lost
        self.gives = gives
        self.asserted = asserted
        self.by_store = by_store
        self.more = more


class Answering(Protocol):
    """What a call asks of the test that it belongs to. It keeps the one that it began with."""

    @property
    def gates(self) -> Iterable[Callable[[Call], None]]:
        """What each call passes before anything answers it."""
        ...

    def answer(self, call: Call) -> Answer:
        """Find who answers; a `ViolationError` where nobody does."""
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


class Call:
    """One command that a client was asked for.

    Attributes: `command`, `client`, `args` (the client first), `kwargs`; and since its request was
    sent `request` (empty until then), `fields`, `server`, `location` and `thread`. `wrapped`:
    others have wrapped the method, and what they call may be a stand-in of ours again.
    """

    __slots__ = (
        "_answers",
        "_caller",
        "args",
        "client",
        "command",
        "fields",
        "interaction",
        "kwargs",
        "location",
        "request",
        "server",
        "thread",
        "wrapped",
    )

    fields: Dict[str, Any]
    server: Any
    location: Location
    thread: str

    def __init__(
        self,
        answers: Answering,
        command: Command,
        args: Tuple[Any, ...],
        kwargs: Dict[str, Any],
        caller: Optional[FrameType],
        wrapped: bool = False,
    ) -> None:
        self.command = command
        self.client = args[0]
        self.wrapped = wrapped
        self.args = args
        self.kwargs = kwargs
        self.request = b""
        self.interaction: Optional[Interaction] = None
        self._answers = answers
        self._caller = caller

    def run(self, method: Callable[..., Any]) -> Any:
        """Call the client's own method; return what the caller gets.

        Whoever calls this takes what is in progress in this thread back to what it was.
        """
        if self.command.takes_keys:
            self._remember_keys()
        socket = in_progress[get_ident()] = Socket(self, self._answers)
        try:
            outcome = method(*self.args, **self.kwargs)
        except Unwound:
            outcome = None
        except Carried as carried:
            raise carried.violation from carried.violation.__cause__
        except BaseException as error:
            self._note_unsent(error)
            raise
        self._note_unsent(None)
        gives = socket.answer.gives
        return outcome if gives is AS_READ else snapshot(gives)

    def describe(self, request: bytes) -> None:
        """Note what is asked, by whom and of whom, when the request is sent."""
        self.request = request
        self.fields = self._recorded_fields()
        self.server = getattr(self.client, "server", None)
        self.location = callsites().locate(self._caller)
        self.thread = current_thread().name

    def arguments(self) -> Dict[str, Any]:
        """The very arguments of the call, by the names of their fields."""
        return self.command.bind(self.args[1:], self.kwargs)

    # --- what a reply may depend on ---------------------------------------------------------------

    @property
    def noreply(self) -> bool:
        """Whether the request tells the server not to answer."""
        return says_noreply(self.request.partition(END_OF_LINE)[0].split(b" "))

    @property
    def answer_end(self) -> bytes:
        """Up to where `raw_command` reads: its end tokens, and without any the end of the line."""
        tokens = self.fields.get("end_tokens")
        if isinstance(tokens, str):
            tokens = tokens.encode("utf8")
        # Of anything but bytes, in any of their forms, pymemcache makes an exception.
        return bytes(tokens) if tokens and _is_bytes(tokens) else END_OF_LINE

    @property
    def asked(self) -> Iterable[Any]:
        """The keys as the caller spelled them; of two spellings of one, the last, as it does."""
        return dict(zip(self.request.split()[1:], self.fields["keys"])).values()

    @property
    def raw_values(self) -> bool:
        """Whether the client gives values as memcached has them: it has no deserializer at all."""
        from pymemcache.serde import LegacyWrappingSerde

        # A serde may lack it, which pymemcache minds at the first hit.
        deserialize = getattr(self.client.serde, "deserialize", None)
        kind = type(self.client)
        client = client_of(kind)
        own = LegacyWrappingSerde._default_deserialize
        return (
            getattr(deserialize, "__func__", None) is own
            and kind._extract_value is client._extract_value
            and kind._fetch_cmd is client._fetch_cmd
        )

    # ----------------------------------------------------------------------------------------------

    def _note_unsent(self, error: Optional[BaseException]) -> None:
        if not self.request:
            self._answers.note_unsent(self.command, error)

    def _remember_keys(self) -> None:
        # An iterator of keys remembers what it gives, since pymemcache reads it before we can.
        place = self.command.fields.index("keys") + 1
        if "keys" in self.kwargs:
            self.kwargs["keys"] = recording(self.kwargs["keys"])
        elif place < len(self.args):
            before, keys, after = self.args[:place], self.args[place], self.args[place + 1 :]
            self.args = (*before, recording(keys), *after)

    def _recorded_fields(self) -> Dict[str, Any]:
        fields = self.arguments()
        if self.command.takes_keys:
            keys = fields["keys"]
            fields["keys"] = Keys(keys.given if isinstance(keys, Recording) else keys)
        if "values" in fields:
            fields["values"] = as_dict(fields["values"])
        for name, value in fields.items():
            if type(value) in COPIES:
                fields[name] = snapshot(value)
        return fields


class Socket:
    """What the client of a call in progress has for a socket.

    Attributes: `client`, `answers` (what answers the call), `answer` (what it got).
    """

    __slots__ = ("_answer_bytes", "_call", "_read", "answer", "answers", "client")

    def __init__(self, call: Call, answers: Answering) -> None:
        self.client = call.client
        self.answers = answers
        self.answer = _NOTHING
        self._call = call
        self._answer_bytes = b""
        self._read = 0

    def sendall(self, request: bytes) -> None:
        """Take a request: here the call meets what answers it, and is recorded."""
        # `set_many({})` sends no bytes, which is not sending.
        if not request:
            return
        call = self._call
        if call.interaction is not None and self.answer.refused is None:
            self._go_on(call.interaction, request)
            return
        call.describe(request)
        self._pass_gates(call)
        answer = self.answers.answer(call)
        # Only now: whoever swallows a violation is not given what was refused.
        self.answer = answer
        call.interaction = self.answers.record(call, answer)
        self._deliver(answer)

    def recv(self, size: int) -> bytes:
        """Give the next bytes of the answer, `size` at most; none once the server has closed."""
        piece = self._answer_bytes[self._read : self._read + size]
        self._read += len(piece)
        if not piece and self.answer.lost is not None:
            self.answers.before_fault()
            raise self.answer.lost
        return piece

    def close(self) -> None:
        """As a socket's: pymemcache closes it after an error, and what was not read is gone."""
        self._answer_bytes, self._read = b"", 0

    def meets_again(self, client: Any, command: Command) -> bool:
        """Whether a call that begins now is this one, on its way through the wrappers of others."""
        call = self._call
        again = call.wrapped and client is self.client and command is call.command
        if again:
            call.wrapped = False
        return again

    def _go_on(self, interaction: Interaction, request: bytes) -> None:
        """A second request of one call belongs to the interaction of the first."""
        interaction.request += request
        self._answer_bytes += self.answer.more(request)

    def _pass_gates(self, call: Call) -> None:
        for gate in self.answers.gates:
            gate(call)

    def _deliver(self, answer: Answer) -> None:
        if answer.refused is not None:
            self.answers.before_fault()
            raise answer.refused
        self._answer_bytes, self._read = answer.data, 0


def _is_bytes(value: Any) -> bool:
    return isinstance(value, (bytes, bytearray, memoryview))


def says_noreply(words: Sequence[bytes]) -> bool:
    """Whether a command tells the server not to answer. A key may be called `noreply`, too."""
    return len(words) > 2 and words[-1] == b"noreply"


_NOTHING = Answer()


class Around:
    """A call of a client that will call a `Client`, or has called one and will call another.

    It has no socket. What it calls belongs to the sandbox that it began in.

    Attributes: `client` (None), `answers` (what answers what it calls).
    """

    __slots__ = ("answers",)

    client = None

    def __init__(self, answers: Answering) -> None:
        self.answers = answers

    def meets_again(self, client: Any, command: Command) -> bool:
        """As a socket's: this is no call of a command."""
        return False


in_progress: Dict[int, Union[Socket, Around, None]] = {}
"""What is in progress in each thread: the socket of the innermost call, or a call around that.

None while a call only begins: it is here before it looks which sandbox is meant, so that whoever
closes that sandbox sees either the call here, or the call sees the sandbox closed.

Not a context variable: the garbage collector may run in the middle of setting one, and a finalizer
that calls the cache then sets it again, which crashes CPython 3.9 and 3.11. A context that is
copied during a call would keep its socket, too.
"""

off_the_record: ContextVar[Optional[Answering]] = ContextVar("tripwire_off_record", default=None)
"""What answers the calls of this context where they are to leave no trace in the test."""
