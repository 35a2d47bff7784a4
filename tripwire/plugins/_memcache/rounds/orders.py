"""Every order: rounds in which the calls of workers are steps."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Dict, FrozenSet, Hashable, Iterator, List, Optional, Set

from tripwire import _interleave
from tripwire._callsite import CallSites
from tripwire._orders.scheduler import Scheduler
from tripwire._orders.steps import Step
from tripwire._time.waiting import REAL, Unwound
from tripwire.errors import ScenarioError, SharedClientError
from tripwire.plugins._memcache import texts
from tripwire.plugins._memcache.answers import Answers
from tripwire.plugins._memcache.commands import callsites
from tripwire.plugins._memcache.replying.call import is_noreply
from tripwire.plugins._memcache.rounds.one_round import Plugin, RoundClock, all_rounds, one_round
from tripwire.plugins._memcache.rounds.stepping import (
    outcome_of_call,
    outcome_of_line,
    step_of,
    step_of_all,
)
from tripwire.plugins._memcache.server.protocol import Command
from tripwire.plugins._memcache.wire import Answer, Call, Carried
from tripwire.report.labels import NONE, Said


def interleave(
    plugin: Plugin,
    scenario: Any,
    only: Optional[str],
    preemptions: Optional[int],
    limit: int,
) -> None:
    """Run a scenario once for each order of its workers that can make a difference."""
    with all_rounds(plugin):
        _interleave.interleave(
            scenario, _Rounds(plugin, scenario), only=only, preemptions=preemptions, limit=limit
        )


class _Rounds:
    """The rounds of one call, as the search asks for them."""

    def __init__(self, plugin: Plugin, scenario: Any) -> None:
        self._plugin = plugin
        self._scenario = scenario
        # All rounds begin at the same time, so that they compute the same from it.
        self._began = float(int(REAL.time()))

    @property
    def callsites(self) -> CallSites:
        """What finds the lines of the application."""
        return callsites()

    def call(self, scenario: str, only: str) -> str:
        """The line that runs one order alone."""
        name = scenario if scenario.isidentifier() else "scenario"
        return f'self.memcache.interleave({name}, only="{only}")'

    @contextmanager
    def round(self, scheduler: Scheduler) -> Iterator[RoundClock]:
        """One round: the calls of workers wait for their turns, and time is the store's."""

        def raised() -> List[BaseException]:
            # The first one came out of `together`, so the scenario could handle it.
            return scheduler.shift.errors[1:] if scheduler.shift is not None else []

        has_outer_store = self._plugin.answers.store is not None
        with one_round(self._plugin, lambda: [self._scenario], raised) as answers:
            turns = _Turns(scheduler, answers)
            answers.answerers.insert(0, turns.arrives)
            answers.steps = [*answers.steps, turns.gate]
            answers.done = [turns.done]

            def starting() -> None:
                _check_store(scheduler, answers, has_outer_store)

            def returned() -> None:
                answers.state.asserts_inside = True

            scheduler.starting, scheduler.returned = starting, returned
            yield RoundClock(answers, self._began)


def _check_store(scheduler: Scheduler, answers: Answers, has_outer: bool) -> None:
    store = answers.store
    if store is None:
        outer = " The one that was made outside of it is not met here." if has_outer else ""
        scheduler.refuse(
            ScenarioError(
                "the scenario has no store: call self.memcache.store() in it, before together(), "
                f"since each round has a memcached of its own.{outer}"
            )
        )
    if not store.clock.stands:
        scheduler.refuse(
            ScenarioError(
                "the scenario's store follows a clock of its own, and all clocks of a round are "
                "those of its store: leave clock= out"
            )
        )


RAN_OUT = "(ran out)"
"""What is said of a miss, and of an ADD that succeeds, because the time of an item had run out."""

_PUTS = (b"set", b"add")
"""The verbs that put an item where there is none."""


class _Passing:
    """One call of a worker, on its way: its steps so far.

    Attributes: `last` (its last step so far), `is_silent` (whether that one gets no answer),
    `lines` (how many steps a store was asked for), `told` (what the store said to the last one).
    """

    __slots__ = ("is_silent", "last", "lines", "told")

    def __init__(self) -> None:
        self.last: Optional[Step] = None
        self.is_silent = False
        self.lines = 0
        self.told: Said = NONE


class _Turns:
    """Has the calls of workers wait for their turns, step by step."""

    def __init__(self, scheduler: Scheduler, answers: Answers) -> None:
        self._scheduler = scheduler
        self._answers = answers
        self._passing: Dict[Call, _Passing] = {}
        # The items that had run out when somebody asked, and that nobody has put there since.
        self._ran_out: Set[Hashable] = set()

    def arrives(self, call: Call) -> Optional[Answer]:
        """Have a call that a mock or an outage will answer wait for its turn; answer nothing.

        One that the store will answer waits in `gate`, before each of its steps.
        """
        scheduler = self._scheduler
        stranger = scheduler.stranger()
        if stranger is not None:
            scheduler.refuse(ScenarioError(texts.stranger(call, *stranger)))
        if scheduler.worker() is None:
            return None
        if call not in self._passing:
            self._begins(call)
        out = self._answers.outages.concerns(call)
        if out or self._has_mock(call):
            step = step_of_all(call, self._mocks(call), out)
            scheduler.gate(step)
            passing = self._passing[call]
            passing.last, passing.is_silent = step, is_noreply(call.request)
        return None

    def _begins(self, call: Call) -> None:
        self._passing[call] = _Passing()
        call.ended = lambda given, error: self._ended(call, given, error)
        other = self._scheduler.enter(call.client)
        if other is not None:
            error = SharedClientError(
                texts.shared_client(call, self._scheduler.worker(), other),
                command=call.command.name,
                fields=call.fields,
                server=call.server,
                location=call.location,
            )
            self._answers.violated(error)
            raise Carried(error)

    def gate(self, call: Call, line: Command) -> None:
        """Have a step that a store is about to do wait for its turn."""
        passing = self._passing.get(call)
        if passing is None:
            return
        if passing.last is not None:
            # An earlier line, or a step for a mock that another worker has used up meanwhile.
            passing.last.outcome = passing.told
        step = step_of(call, line, self._mocks(call))
        self._scheduler.gate(step, goes_on=passing.lines > 0)
        passing.last, passing.is_silent = step, line.noreply
        passing.lines += 1
        self._mark(call, line, step)

    def _mark(self, call: Call, line: Command, step: Step) -> None:
        """Note where a step misses an item, or adds one, because there was one that ran out."""
        store = self._answers.store
        if store is None or line.rejection is not None:
            return
        for key in line.keys:
            place = call.server, key
            if store.serving.ran_out(call.server, key):
                self._ran_out.add(place)
            if place in self._ran_out and line.verb != b"set":
                step.mark = RAN_OUT
            if line.verb in _PUTS:
                self._ran_out.discard(place)

    def done(self, call: Call, line: Command, answer: bytes) -> None:
        """Note what the store answers to a step."""
        passing = self._passing.get(call)
        if passing is not None:
            passing.told = outcome_of_line(call, line, answer)

    def _ended(self, call: Call, given: Any, error: Optional[BaseException]) -> None:
        passing = self._passing.pop(call)
        step = passing.last
        try:
            if step is None or isinstance(error, Unwound):
                return
            told = passing.told
            outcome = told if passing.lines > 1 else outcome_of_call(given, error, told)
            if passing.is_silent:
                step.outcome = outcome
            else:
                # What a client makes of the same answer may look different each time.
                self._scheduler.answered(step, outcome, None if told == NONE else told)
        finally:
            self._scheduler.leave(call.client)

    # --- mocks ------------------------------------------------------------------------------------

    def _mocks(self, call: Call) -> FrozenSet[Hashable]:
        """The names of the mocks that there are, or were, for such a command."""
        names = call.command.names
        mocks = self._answers.queues.all
        return frozenset(("mock", mock.command) for mock in mocks if mock.command in names)

    def _has_mock(self, call: Call) -> bool:
        names = call.command.names
        return any(
            mock.command in names and mock.answers(call) for mock in self._answers.queues.all
        )
