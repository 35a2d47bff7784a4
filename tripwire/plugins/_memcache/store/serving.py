"""Calls answered by the servers of a store: step by step, on the record or off it."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from functools import cache
from typing import (
    Any,
    Callable,
    Dict,
    Iterable,
    Iterator,
    List,
    NoReturn,
    Optional,
    Protocol,
    Type,
    Union,
)

from tripwire import _patches
from tripwire._mocks import Mock, Queues
from tripwire._plain import refuse_unrun
from tripwire._sweeps.faulty import Left, Place
from tripwire._timeline import Interaction
from tripwire.errors import MeanwhileError, OutOfStepError, ViolationError
from tripwire.plugins._memcache import texts
from tripwire.plugins._memcache.commands import Command
from tripwire.plugins._memcache.patching.interception import interception
from tripwire.plugins._memcache.replying.call import is_noreply
from tripwire.plugins._memcache.server.protocol import Command as Step
from tripwire.plugins._memcache.server.protocol import UnknownCommand, split
from tripwire.plugins._memcache.store.holding import Item, key_of
from tripwire.plugins._memcache.store.servers import Event, Servers
from tripwire.plugins._memcache.wire import (
    Answer,
    Call,
    Carried,
    MemcacheInteraction,
    OffTheRecord,
    off_the_record,
)
from tripwire.report.parts import count, server_text

StepHook = Callable[[Call, Step], Union[Answer, bytes, None]]
DoneHook = Callable[[Call, Step, bytes], None]

MEANWHILE = "MEANWHILE "
"""What stands before a command's name in the name of the queue of what is to run before it."""


class Test(Protocol):
    """What is asked of the test, or of the round, whose store it is."""

    @property
    def queues(self) -> Queues:
        """Its mocks."""
        ...

    @property
    def steps(self) -> List[StepHook]:
        """What is called before each step."""
        ...

    @property
    def done(self) -> List[DoneHook]:
        """What is called after each step."""
        ...

    def unmocked(self, call: Call, why: str) -> ViolationError:
        """The violation of a call that nothing answers."""
        ...

    def violated(self, error: ViolationError) -> None:
        """Remember a violation that is about to be raised."""
        ...


class Serving:
    """Answers calls out of the servers of a store.

    Attributes: `unnamed` (the items that the test has put somewhere, and that no command has named
    so far), `interrupts` (whether anything is to run in between).
    """

    def __init__(self, test: Test, servers: Servers) -> None:
        self.unnamed: Dict[bytes, Mock] = {}
        self.interrupts = False
        self._test = test
        self._servers = servers

    # --- on the record ----------------------------------------------------------------------------

    def answer(self, call: Call) -> Answer:
        """Do what a call asks for.

        Raises:
            UnmockedInteractionError: the servers do not know the command.
            OutOfStepError: the client does not wait for what they answer.
            Carried: what was to run meanwhile raised an exception.
        """
        request = call.request
        # What is asked most, where nothing has to be noted and nothing is to run in between.
        if request[:4] == b"get " and not (self._test.steps or self.unnamed or self.interrupts):
            hit = self._servers.hit(call.server, request)
            if hit is not None:
                return _Served(self, True, hit, silence())
        steps = self._split(call, request)
        if self.interrupts:
            self._interrupt(call)
        answer = self._answer(call, steps, True)
        if answer.data and is_noreply(request):
            error = OutOfStepError(
                texts.out_of_step(call, answer.data),
                command=call.command.name,
                fields=call.fields,
                server=call.server,
                location=call.location,
            )
            self._test.violated(error)
            raise error
        return answer

    def named(self, key: bytes) -> None:
        """Note that a key was named, so that its item is used."""
        mock = self.unnamed.pop(key, None)
        if mock is not None:
            self._test.queues.use(mock)

    def _name(self, step: Step) -> None:
        for key in step.keys if step.verb != b"flush_all" else list(self.unnamed):
            self.named(key)

    def _interrupt(self, call: Call) -> None:
        """Run, off the record, what is to run before this call."""
        names = [MEANWHILE + name for name in call.command.names]
        mock = self._test.queues.take(names, call)
        if mock is None:
            return
        mock.answered = call.location
        try:
            with self.off_the_record():
                refuse_unrun("function", mock.returns(), TypeError)
        except ViolationError as error:
            # Named, as it is not swallowed here: one finding, and not two.
            self._carry(mock, error, call)
        except Exception as error:
            self._carry(mock, error, call)

    def _carry(self, mock: Mock, error: Exception, call: Call) -> NoReturn:
        """Have what was raised meanwhile reach the caller of the client, as a violation."""
        violation = MeanwhileError(
            texts.meanwhile_raised(mock, error, call),
            command=call.command.name,
            fields=call.fields,
            server=call.server,
            location=call.location,
        )
        violation.__cause__ = error
        self._test.violated(violation)
        raise Carried(violation) from error

    # --- either way -------------------------------------------------------------------------------

    def _split(self, call: Call, request: bytes) -> List[Step]:
        try:
            return split(request)
        except UnknownCommand as unknown:
            raise self._test.unmocked(call, texts.unknown_to_store(unknown.verb)) from None

    def _answer(self, call: Call, steps: List[Step], on_record: bool) -> Answer:
        hooks: Iterable[StepHook] = self._test.steps if on_record else ()
        if on_record and self.unnamed:
            for step in steps:
                self._name(step)
        answers: List[bytes] = []
        for step in steps:
            instead = _first(hook(call, step) for hook in hooks) if hooks else None
            if isinstance(instead, Answer):
                instead.data = b"".join([*answers, instead.data])
                instead.by_store = True
                return instead
            answers.append(self._servers.apply(call, step) if instead is None else instead)
            for tell in self._test.done if on_record else ():
                tell(call, step, answers[-1])
        # A server that does not close the connection keeps silent after its answer.
        lost = None if steps[-1].closes else silence()
        return _Served(self, on_record, b"".join(answers), lost)

    def more(self, call: Call, request: bytes, on_record: bool) -> bytes:
        """Do what a further request of a call asks for."""
        return self._answer(call, self._split(call, request), on_record).data

    # --- for rounds -------------------------------------------------------------------------------

    def ran_out(self, address: Any, key: bytes) -> bool:
        """Whether an item of that key has run out, and nobody has asked for it since."""
        return self._servers.ran_out(address, key)

    def holds(self, address: Any, key: bytes) -> bool:
        """Whether a server holds a key, or will as the first one that is asked for it."""
        found = self._servers.find(key)
        return address in found or None in found

    def asked(self, address: Any, keys: Iterable[bytes]) -> None:
        """Note that a server was asked for keys, though the request may not arrive."""
        self._servers.asked(address, keys)

    def evict(self, call: Call, key: bytes) -> None:
        """Have a key gone from the server of a call, as if it had been evicted before that."""
        held = self._servers.at(call.server)
        self._servers.remove(key, held, Event("eviction", call.location))

    def left(self) -> Dict[Place, Left]:
        """What the servers hold, by key and server as a report has them: bytes, or an item."""
        now = int(self._servers.clock())
        return {
            Place(repr(key_of(key)), server_text(address) if address else ""): Left(
                Item(item.value, flags=item.flags) if item.flags else item.value,
                f"for {count(item.expires - now, 'second')}" if item.expires else "for ever",
            )
            for address, items in self._servers.holding().items()
            for key, (item, _) in items.items()
        }

    # --- off the record ---------------------------------------------------------------------------

    @contextmanager
    def off_the_record(self) -> Iterator[None]:
        """Have the calls of this context answered meanwhile, with no trace in the test."""
        outer = off_the_record.get()
        inner = _OffTheRecord(self, self._test, outer)
        try:
            _patches.hold(interception(), inner)
            off_the_record.set(inner)
            yield
        finally:
            # By value: an async fixture leaves in another context than it entered.
            off_the_record.set(outer)
            inner.is_over = True
            _patches.release(inner)


class _Served(Answer):
    """The answer of a server of a store."""

    by_store = True

    def __init__(
        self, serving: Serving, on_record: bool, data: bytes, lost: Optional[Type[BaseException]]
    ) -> None:
        # Without the constructor of the base, for speed: each call makes one of these.
        self.data = data
        self.lost = lost
        self._serving = serving
        self._on_record = on_record

    def more(self, call: Call, request: bytes) -> bytes:
        return self._serving.more(call, request, self._on_record)


class _OffTheRecord:
    """Answers calls that are no interactions, whatever mocks and outages there are.

    Attributes: `is_over` (whether its block is).
    """

    gates: Iterable[Callable[[Call], None]] = ()
    is_over = False

    def __init__(self, serving: Serving, test: Test, outer: Optional[OffTheRecord]) -> None:
        self._serving = serving
        self._test = test
        self._outer = outer

    def lasting(self) -> Optional[OffTheRecord]:
        if not self.is_over:
            return self
        return None if self._outer is None else self._outer.lasting()

    def answer(self, call: Call) -> Answer:
        return self._serving._answer(call, self._serving._split(call, call.request), False)

    def record(self, call: Call, answer: Answer) -> Interaction:
        return MemcacheInteraction(call, answer)

    def note_unsent(self, command: Command, error: Optional[BaseException]) -> None:
        """Nobody asks."""

    def before_fault(self) -> None:
        """There is none."""

    def violated(self, error: ViolationError) -> None:
        self._test.violated(error)


def _first(answers: Iterable[Union[Answer, bytes, None]]) -> Union[Answer, bytes, None]:
    return next((answer for answer in answers if answer is not None), None)


@cache
def silence() -> Type[BaseException]:
    """What a client meets that waits for what never comes."""
    # pymemcache has loaded it; `import tripwire` does not.
    error: Type[BaseException] = sys.modules["socket"].timeout
    return error
