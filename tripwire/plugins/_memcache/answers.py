"""Who answers a call, what becomes of the answer, and which calls sent nothing."""

from __future__ import annotations

import sys
from typing import Any, Callable, Dict, List, Optional, Sequence

from tripwire._callsite import registered
from tripwire._mocks import Mock, Queues
from tripwire._timeline import Interaction
from tripwire._verifier import StrictVerifier
from tripwire.errors import (
    ImpossibleReplyError,
    ImpossibleReplyMetError,
    UnmockedInteractionError,
    ViolationError,
)
from tripwire.plugins._memcache import nothing, texts
from tripwire.plugins._memcache.clock import Clock
from tripwire.plugins._memcache.commands import Command
from tripwire.plugins._memcache.interactions import interaction_of
from tripwire.plugins._memcache.nodes import Nodes
from tripwire.plugins._memcache.outages import Outages
from tripwire.plugins._memcache.replies import MISS, refused_always, refused_now
from tripwire.plugins._memcache.serving import MEANWHILE, StepHook
from tripwire.plugins._memcache.snapshot import Recording
from tripwire.plugins._memcache.store import Store
from tripwire.plugins._memcache.verdicts import is_hashable
from tripwire.plugins._memcache.wire import Answer, Call
from tripwire.report.values import short

Answerer = Callable[[Call], Optional[Answer]]
"""Answers a call, or leaves it to the next one by giving None."""

_NOTES = 3
"""How many calls of a command that sent nothing are kept for the report of an unused mock."""


class Answers:
    """What one test has to say to the calls that reach the wire.

    Attributes:
        verifier: whose calls it answers.
        state: what the calls are recorded in; a round has an object like this of its own.
        nodes: what faults have done to clients that outlive the test.
        queues: the mocks.
        answerers: who is asked for an answer, in this order; the first one that has one gives it.
        steps: functions that are called, with the call and the step, before each step of a request
            that the store answers: a line of a batch, a key of a line that reads several. No lock
            is held meanwhile, so one may wait. An `Answer` that one returns ends the request there,
            after what was answered to its earlier steps. A round has the same list.
        outages: the times in which servers cannot be reached.
        store: what answers where no mock and no outage does; None where there is none.
        stopgap: what answers where nobody does, instead of a violation; usually None.
    """

    def __init__(
        self, verifier: StrictVerifier, nodes: Nodes, *, judges: bool, steps: List[StepHook]
    ) -> None:
        self.verifier = verifier
        self.nodes = nodes
        self.state = verifier.state
        self.queues = Queues("key")
        self.outages = Outages()
        self.answerers: List[Answerer] = [self._mocked, self.outages.answer]
        self.steps = steps
        self.store: Optional[Store] = None
        self.stopgap: Optional[Answerer] = None
        self._judges = judges
        self._unsent: Dict[str, List[str]] = {}

    def anew(self) -> Answers:
        """The same with nothing registered and nothing noted, for a round."""
        return Answers(self.verifier, self.nodes, judges=self._judges, steps=self.steps)

    # --- what the wire asks -----------------------------------------------------------------------

    @property
    def gates(self) -> Sequence[Callable[[Any], None]]:
        """What each call passes before anything answers it: the verifier's gates."""
        return self.verifier.gates

    def answer(self, call: Call) -> Answer:
        """The first answer that anyone has for a call.

        Raises:
            UnmockedInteractionError: nobody has one; that is a violation.
            ImpossibleReplyMetError: the reply of its mock is impossible for this very call.
        """
        for answerer in self.answerers:
            answer = answerer(call)
            if answer is not None:
                return answer
        answer = None if self.stopgap is None else self.stopgap(call)
        if answer is None:
            raise self.unmocked(call)
        return answer

    def record(self, call: Call, answer: Answer) -> Interaction:
        """Put an answered call on the timeline."""
        interaction = interaction_of(call, answer)
        self.state.timeline.record(interaction)
        return interaction

    def note_unsent(self, command: Command, error: Optional[BaseException]) -> None:
        """Note that a call ended before the wire, for the report of a mock that stays unused."""
        # `setdefault` is atomic: two threads may note the first calls of a command.
        notes = self._unsent.setdefault(command.name, [])
        if len(notes) < _NOTES and not isinstance(error, ViolationError):
            notes.append(texts.not_sent(command.name, error))

    def before_fault(self) -> None:
        """Note what a fault that is about to be raised may do to its callers."""
        self.nodes.note(sys._getframe())

    def violated(self, error: ViolationError) -> None:
        """Have the verifier remember a violation that is about to be raised."""
        self.verifier.violated_in(self.state, error)

    # --- what the plugin asks ---------------------------------------------------------------------

    def not_sent(self, command: str) -> Sequence[str]:
        """Notes on the calls of a command that ended before the wire: a sentence each."""
        return self._unsent.get(command, ())

    def open_store(self, clock: Clock, max_item_size: int, required: bool) -> Store:
        """Have a store answer from now on. `ValueError` where there is one."""
        if self.store is not None:
            raise ValueError(
                "there is a store already, and one test, or round, can have only one: put into it "
                "with store.put(key, value)"
            )
        self.store = Store(self, clock, max_item_size, required)
        self.answerers.append(self.store.serving.answer)
        return self.store

    def before(self, command: Command, function: Callable[[], Any], fields: Dict[str, Any]) -> None:
        """Have a function run before the next such command that the store answers.

        `ValueError` where there is no store.
        """
        if self.store is None:
            raise ValueError("meanwhile() needs a store: call store() first")
        spelled = f"meanwhile({', '.join([repr(command.name), short(function), *_given(fields)])})"
        name, place = MEANWHILE + command.name, registered()
        self.queues.add(Mock(name, fields, function, None, True, 1, False, place, spelled))
        self.store.serving.interrupts = True

    def check_reply(self, command: Command, reply: Any) -> None:
        """Refuse a reply that no call of the command could get.

        Raises `ImpossibleReplyError`, and `ValueError` for `MISS` where the command knows none.
        """
        possible = refused_always(command.name, reply)
        if possible is None:
            return
        if reply is MISS:
            raise ValueError(
                f"{command.name} has no MISS: a server always has an answer to it; "
                "give the reply itself"
            )
        if self._judges:
            raise ImpossibleReplyError(
                texts.impossible(command.name, reply, possible),
                command=command.name,
                reply=reply,
                possible=possible,
            )

    # --- the mocks --------------------------------------------------------------------------------

    def _mocked(self, call: Call) -> Optional[Answer]:
        mock = self.queues.take(call.command.names, call.fields, call.server)
        if mock is None:
            return None
        mock.answered = call.location
        if mock.raises is not None:
            return Answer(refused=mock.raises.with_traceback(None), asserted=mock.expected)
        if mock.returns is MISS:
            return nothing.answer(call, asserted=mock.expected)
        failing = _failing_hit(call, mock.returns)
        if failing is not None:
            return Answer(failing, asserted=mock.expected)
        self._judge(mock, call)
        return nothing.answer(call, asserted=mock.expected, gives=mock.returns)

    def _judge(self, mock: Mock, call: Call) -> None:
        """Refuse a reply that this call could not have got from the real client: a violation."""
        command = call.command
        possible = refused_now(command.name, mock.returns, call) if self._judges else None
        if possible is not None:
            error = ImpossibleReplyMetError(
                texts.impossible_now(mock, possible, call),
                command=command.name,
                reply=mock.returns,
                possible=possible,
                fields=call.fields,
                server=call.server,
                location=call.location,
            )
            self.violated(error)
            raise error

    def unmocked(self, call: Call, why: str = "") -> UnmockedInteractionError:
        """The violation of a call that nothing answers, which is remembered with it.

        `why` says why a store does not.
        """
        error = self.unmocked_error(call, why)
        self.violated(error)
        return error

    def unmocked_error(self, call: Call, why: str = "") -> UnmockedInteractionError:
        """As `unmocked`, and nobody remembers it."""
        return UnmockedInteractionError(
            texts.unmocked(call, self.queues.all, why),
            command=call.command.name,
            fields=call.fields,
            server=call.server,
            location=call.location,
        )


def _failing_hit(call: Call, reply: Any) -> Optional[bytes]:
    """The bytes of a hit where pymemcache fails on one, whatever its value is.

    It reads the keys a second time to map the answer back to them, which gives a `KeyError` for an
    iterator, and puts them into a dict, which fails for one that is not hashable.
    """
    if not (call.command.takes_keys and type(reply) is dict and reply):
        return None
    given = call.arguments()["keys"]
    once = isinstance(given, Recording) and given.gave_less_again
    keys = call.fields["keys"]
    verb, *sent = call.request.split()
    # The keys come last: `gats` has an expiry before them.
    for key, name in zip(keys, sent[-len(keys) :]):
        if once or (not is_hashable(key) and key in list(reply)):
            cas = b" 0" if verb in (b"gets", b"gats") else b""
            return b"VALUE " + name + b" 0 0" + cas + b"\r\n\r\nEND\r\n"
    return None


def _given(fields: Dict[str, Any]) -> List[str]:
    return [f"{name}={short(value)}" for name, value in fields.items()]
