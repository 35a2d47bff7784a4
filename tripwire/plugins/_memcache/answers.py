"""Who answers a call, what becomes of the answer, and which calls sent nothing."""

from __future__ import annotations

import sys
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence

from tripwire._callsite import registered
from tripwire._mocks import Mock, Queues
from tripwire._timeline import Interaction
from tripwire._verifier import StrictVerifier
from tripwire.errors import UnmockedInteractionError, ViolationError
from tripwire.plugins._memcache import texts
from tripwire.plugins._memcache.asserting import mocked
from tripwire.plugins._memcache.commands import Command
from tripwire.plugins._memcache.mocking import Mocking
from tripwire.plugins._memcache.patching.nodes import Nodes
from tripwire.plugins._memcache.store.clock import Clock
from tripwire.plugins._memcache.store.outages import Outages
from tripwire.plugins._memcache.store.serving import MEANWHILE, DoneHook, StepHook
from tripwire.plugins._memcache.store.store import Store
from tripwire.plugins._memcache.wire import Answer, Call, MemcacheInteraction
from tripwire.report.values import short

Answerer = Callable[[Call], Optional[Answer]]
"""Answers a call, or leaves it to the next one by giving None."""

_NOTES = 3
"""How many calls of a command that sent nothing are kept for the report of an unused mock."""


class Answers:
    """What one test has to say to the calls that reach the wire.

    Attributes:
        verifier: whose calls it answers.
        gates: what each call passes before anything answers it: the verifier's gates.
        state: what the calls are recorded in; a round has an object like this of its own.
        nodes: what faults have done to clients that outlive the test.
        queues: the mocks.
        mocking: what answers by them.
        answerers: who is asked for an answer, in this order; the first one that has one gives it.
        steps: functions that are called, with the call and the step, before each step of a request
            that the store answers: a line of a batch, a key of a line that reads several. No lock
            is held meanwhile, so one may wait. An `Answer` that one returns ends the request there,
            after what was answered to its earlier steps; bytes are the answer to this step, which
            is then not done. A round has the same list.
        done: functions that are called, with the call, the step, and what the server answers to it,
            after each step.
        outages: the times in which servers cannot be reached.
        store: what answers where no mock and no outage does; None where there is none.
        stopgap: what answers where nobody does, instead of a violation; usually None.
        around: in a round, those of the test around it, which answer nothing there.
    """

    def __init__(
        self, verifier: StrictVerifier, nodes: Nodes, *, judges: bool, steps: List[StepHook]
    ) -> None:
        self.verifier = verifier
        self.nodes = nodes
        self.gates = verifier.gates
        self.state = verifier.state
        self.queues = Queues("key")
        self.mocking = Mocking(self, judges)
        self.outages = Outages()
        self.answerers: List[Answerer] = [self.mocking.answer, self.outages.answer]
        self.steps = steps
        self.done: List[DoneHook] = []
        self.store: Optional[Store] = None
        self.stopgap: Optional[Answerer] = None
        self.around: Optional[Answers] = None
        self._unsent: Dict[str, List[str]] = {}

    def anew(self) -> Answers:
        """The same with nothing registered and nothing noted, for a round."""
        new = Answers(self.verifier, self.nodes, judges=self.mocking.judges, steps=self.steps)
        new.around = self
        return new

    # --- what the wire asks -----------------------------------------------------------------------

    def answer(self, call: Call, after: Optional[Answerer] = None) -> Answer:
        """The first answer that anyone has for a call; of those that come after one, if given.

        Raises:
            UnmockedInteractionError: nobody has one; that is a violation.
            Carried: the reply of its mock is impossible for this very call.
        """
        asked = self.answerers
        for answerer in asked if after is None else asked[asked.index(after) + 1 :]:
            answer = answerer(call)
            if answer is not None:
                return answer
        answer = None if self.stopgap is None else self.stopgap(call)
        if answer is None:
            raise self.unmocked(call)
        return answer

    def record(self, call: Call, answer: Answer) -> Interaction:
        """Put an answered call on the timeline."""
        interaction = MemcacheInteraction(call, answer)
        if call.mock is not None and call.mock.ordered and self.verifier.order.counts:
            interaction.expectation = call.mock
        self.state.timeline.record(interaction)
        return interaction

    def note_unsent(self, command: Command, error: Optional[BaseException]) -> None:
        """Note that a call ended before the wire, for the report of a mock that stays unused."""
        # `setdefault` is atomic: two threads may note the first calls of a command.
        notes = self._unsent.setdefault(command.name, [])
        if len(notes) < _NOTES and not isinstance(error, ViolationError):
            notes.append(texts.not_sent(command.name, error))
            if error is None:
                notes += mocked.notes(command.method)

    def note_mocks(self, commands: Iterable[Command]) -> None:
        """Note the commands in whose place there is a mock of `unittest.mock` just now."""
        # Without mocks of ours none stays unused, so there is nothing to explain.
        if not self.queues.all:
            return
        for command in commands:
            notes = mocked.notes(command.method)
            if notes and command.name not in self._unsent:
                self._unsent[command.name] = notes

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

    def unused(self, mock: Mock, timeline: Sequence[Interaction]) -> Sequence[str]:
        """What may explain that an item, or a `meanwhile`, was not used: a sentence each."""
        if mock.command.startswith(MEANWHILE):
            such = "such " if mock.fields else ""
            name = mock.command[len(MEANWHILE) :]
            return [f"no {such}{name} was answered by the store after it was registered"]
        return [] if self.store is None else self.store.unused(mock, timeline)

    def open_store(self, clock: Clock, max_item_size: int, required: bool) -> Store:
        """Have a store answer from now on. `ValueError` where there is one already."""
        if self.store is not None:
            raise ValueError(
                "there is a store already, and one test, or round, can have only one: put into it "
                "with store.put(key, value)"
            )
        self.store = Store(self, clock, max_item_size, required)
        self.answerers.append(self.store.serving.answer)
        return self.store

    def meanwhile(
        self, command: Command, function: Callable[[], Any], fields: Dict[str, Any]
    ) -> None:
        """Have a function run before the next such command that the store answers.

        `ValueError` where there is no store.
        """
        if self.store is None:
            raise ValueError("meanwhile() needs a store: call store() first")
        given = ", ".join([repr(command.name), _named(function), *_given(fields)])
        self.queues.add(
            Mock(
                MEANWHILE + command.name,
                fields,
                returns=function,
                raises=None,
                required=True,
                times=1,
                expected=False,
                location=registered(),
                spelled=f"meanwhile({given})",
                always_required=True,
            )
        )
        self.store.serving.interrupts = True

    def unmocked(self, call: Call, why: str = "") -> UnmockedInteractionError:
        """The violation of a call that nothing answers, remembered already.

        `why` says why a store does not answer it.
        """
        error = self.unmocked_error(call, why)
        self.violated(error)
        return error

    def unmocked_error(self, call: Call, why: str = "") -> UnmockedInteractionError:
        """As `unmocked`, but it is not remembered."""
        return UnmockedInteractionError(
            texts.unmocked(call, self.queues.all, why or self._left_outside()),
            command=call.command.name,
            fields=call.fields,
            server=call.server,
            location=call.location,
        )

    def _left_outside(self) -> str:
        around = self.around
        if around is None or (around.store is None and not around.queues.all):
            return ""
        return texts.LEFT_OUTSIDE


def _named(function: Callable[[], Any]) -> str:
    """A function by its name, which is the same in every run."""
    name = getattr(function, "__name__", None)
    return name if isinstance(name, str) else short(function)


def _given(fields: Dict[str, Any]) -> List[str]:
    return [f"{name}={short(value)}" for name, value in fields.items()]
