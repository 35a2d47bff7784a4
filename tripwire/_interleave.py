"""Every order: a scenario whose workers run side by side, once for each order that matters."""

from __future__ import annotations

import unittest
from typing import (
    Any,
    Callable,
    ContextManager,
    FrozenSet,
    Hashable,
    Iterable,
    List,
    NamedTuple,
    NoReturn,
    Optional,
    Protocol,
    Union,
)

from tripwire._callsite import CallSites
from tripwire._orders.crew import Crew
from tripwire._orders.failed_order import Failure, described, steps_of
from tripwire._orders.scheduler import Scheduler
from tripwire._orders.schedules import Scheduled, letter, schedule, shortest
from tripwire._orders.search import PHASES, Order, Search, again, up_to
from tripwire._orders.shift import Shift
from tripwire._orders.steps import Move
from tripwire._plain import check_plain, refuse_unrun
from tripwire._rounds import check_number, refuse_nested
from tripwire._time.virtual import virtual
from tripwire._time.waiting import Clock, Unwound, alone
from tripwire.errors import (
    IncompleteError,
    InterleavingError,
    NotDeterministicError,
    ScenarioError,
    VerificationError,
)
from tripwire.report.differing import both, differing
from tripwire.report.parts import count, where

UNJUDGED = 3
"""After how many rounds that waited for something that is not ours the search is given up."""


class Rounds(Protocol):
    """What a plugin gives: rounds, and how to speak of them."""

    def round(self, scheduler: Scheduler) -> ContextManager[Clock]:
        """One round, with everything in it as new, and the clock that it goes by.

        Leaving it raises what is wrong with the round beyond what the scenario raised.
        """
        ...

    @property
    def callsites(self) -> CallSites:
        """Finds the lines of the application."""
        ...

    def call(self, scenario: str, only: str) -> str:
        """The line that runs one order alone."""
        ...


class Outcome(NamedTuple):
    """What came of one round: what it failed with, if it did."""

    shift: Shift
    error: Optional[BaseException]


AnyOrder = Union[Order, Scheduled]
Scenario = Callable[[Callable[..., List[Any]]], Any]


def interleave(
    scenario: Scenario,
    rounds: Rounds,
    *,
    only: Optional[str] = None,
    preemptions: Optional[int] = None,
    limit: int = 10_000,
) -> None:
    """Run a scenario once for each order of its workers' steps that can make a difference.

    Args:
        scenario: called with `together`; it arranges, calls `together(*workers)` once, asserts.
        rounds: what a round consists of.
        only: run this order alone: `"aAbBBA"`.
        preemptions: try the orders with at most so many interruptions of workers, no others.
        limit: how many rounds may be run.

    Raises:
        InterleavingError: an order fails; a DeadlockError or LivelockError where it has no end.
        IncompleteError: the limit was reached, or workers waited for something that is not ours.
        NotDeterministicError: the same order did not lead to the same steps.
        ScenarioError: `together` was not called, or called twice, or by a worker; or `interleave`
            itself was called in a round.
        TypeError, ValueError: an argument is not as above, or `only` does not come to pass.
    """
    _check(scenario, only, preemptions, limit)
    refuse_nested()
    call = _Call(scenario, rounds, limit)
    try:
        with virtual:
            if only is not None:
                call.one(only)
            else:
                call.all(Search(PHASES if preemptions is None else up_to(preemptions)))
    finally:
        call.crew.dismiss()


def _check(scenario: Any, only: Any, preemptions: Any, limit: Any) -> None:
    check_plain("a scenario is", scenario, "a function that takes `together`")
    if only is not None and not (isinstance(only, str) and only.isascii() and only.isalpha()):
        raise ValueError(f"only= is an order in letters, as a report gives it, not {only!r}")
    if preemptions is not None:
        check_number("preemptions", preemptions, 0)
    check_number("limit", limit, 1)


class _Call:
    """One call of `interleave`."""

    def __init__(self, scenario: Scenario, rounds: Rounds, limit: int) -> None:
        self.crew = Crew()
        self._scenario = scenario
        self._rounds = rounds
        self._limit = limit
        self._count = 0
        self._unjudged = 0
        self._workers: Optional[int] = None
        # The names of locks that one worker holds while another goes on.
        self._long: FrozenSet[Hashable] = frozenset()
        # Whether each round gets new threads.
        self._fresh = False
        # Whether the first order was run a second time.
        self._repeated = False

    # --- which rounds -----------------------------------------------------------------------------

    def one(self, only: str) -> None:
        """One order, in letters."""
        while True:
            order = Scheduled(only)
            outcome = self._round(order)
            told = outcome.error is not None and order.stuck is None
            if told or not (order.judged and order.news):
                break
            # A lock turned out to be held while others go on. To take it is a step now: once more.
        if not order.judged:
            self._held_up(outcome)
        if order.stuck is not None:
            raise ValueError(
                f"only={only!r} does not come to pass: the order was {schedule(order.moves)!r}"
            ) from outcome.error
        if outcome.error is not None:
            raise self._told(order, outcome.shift, outcome.error, -1)

    def all(self, search: Search) -> None:
        """All orders of a search."""
        for order in search.orders():
            self._within_limit(search)
            before = self._count
            outcome = self._round(order)
            self._refuse_differing(order)
            if not order.judged:
                self._give_up(outcome)
            elif outcome.error is not None and not order.superfluous:
                raise self._failed(order, outcome.shift, outcome.error, before)
            elif not (self._repeated or order.news):
                self._repeated = True
                order.judged = self._twice(order)
            for _, step in order.moves:
                step.forget()

    def _within_limit(self, search: Search) -> None:
        if self._count < self._limit:
            return
        finished = search.finished if search.finished >= 0 else None
        tried = f"limit={self._limit} was reached, and there are more orders."
        if finished is None:
            advice = "Raise the limit, or have fewer workers or commands."
        else:
            interruptions = count(finished, "interruption")
            advice = (
                f"All with at most {interruptions} of a worker were tried, and none fails: "
                f"preemptions={finished} leaves it at these. Or raise the limit, or have fewer "
                "workers or commands."
            )
        raise IncompleteError(f"{tried} {advice}", orders=self._count, preemptions=finished)

    def _twice(self, first: Order) -> bool:
        """Run the first order again, and refuse one that differs; whether that was judged."""
        second = again(first)
        self._round(second)
        if second.diverged is None and len(second.moves) == len(first.moves):
            return second.judged
        # The threads may keep something from the first time, in a `threading.local`: new ones.
        self._fresh = True
        third = again(first)
        self._round(third)
        self._refuse_differing(third)
        if len(third.moves) != len(first.moves):
            self._raise_differing(third, None, third.moves[len(first.moves)], len(first.moves))
        return third.judged

    # --- what becomes of them ---------------------------------------------------------------------

    def _failed(
        self, order: Order, shift: Shift, error: BaseException, before: int
    ) -> InterleavingError:
        """The error for an order that failed; of its shortest equivalent, if that fails too."""
        if order.reduced:
            shorter = Order(shortest(order.moves))
            second = self._round(shorter)
            if second.error is not None and shorter.judged and shorter.diverged is None:
                return self._told(shorter, second.shift, second.error, before)
        return self._told(order, shift, error, before)

    def _told(
        self, order: AnyOrder, shift: Shift, error: BaseException, before: int
    ) -> InterleavingError:
        name = getattr(self._scenario, "__name__", "scenario")
        call = self._rounds.call(name, schedule(order.moves))
        # What is found at the end of a round was raised by no line of the application.
        found = isinstance(error, VerificationError)
        place = None if found else self._rounds.callsites.raised(error)
        told = described(Failure(order.moves, shift, error, place, before, call))
        told.__cause__ = None if isinstance(error, Unwound) else error
        return told

    def _refuse_differing(self, order: Order) -> None:
        diverged = order.diverged
        if diverged is not None and order.judged:
            self._raise_differing(order, diverged.expected, diverged.met, diverged.place)

    def _raise_differing(
        self, order: Order, expected: Optional[Move], met: Optional[Move], place: int
    ) -> NoReturn:
        same = order.moves[:place]
        told = both(expected and expected[1].label, met and met[1].label)
        at_first, now = (
            move and f"{letter(move[0])}: {text}" for move, text in zip((expected, met), told)
        )
        what = "the same order did not lead to the same steps"
        raise NotDeterministicError(
            differing(what, [*steps_of(same)], "The next step", at_first, now),
            schedule=schedule(same),
            expected=at_first,
            met=now,
        )

    def _give_up(self, outcome: Outcome) -> None:
        self._unjudged += 1
        if self._unjudged == UNJUDGED or outcome.shift.reason:
            self._held_up(outcome)

    def _held_up(self, outcome: Outcome) -> NoReturn:
        location = outcome.shift.unjudged
        at = where(location) if location is not None else "a place that is not known"
        raise IncompleteError(
            f"A worker was held up for a second of real time at {at}: by a lock that was made "
            "before the round, a socket, a thread that is not its own, or a long computation. What "
            "waits there cannot be tried in every order: make it inside the scenario, or put a "
            "fake in its place.",
            orders=self._count,
            location=location,
        )

    # --- one round --------------------------------------------------------------------------------

    def _round(self, order: AnyOrder) -> Outcome:
        self._count += 1
        if self._fresh:
            self.crew.dismiss()
        scheduler = Scheduler(order, self.crew, self._rounds.callsites.locate, self._long)
        error = self._run(scheduler)
        order.end()
        shift = self._shift(scheduler, error)
        if shift.reason and not isinstance(error, Unwound):
            # The scenario, or the plugin's round, has caught the one that was raised.
            error = Unwound(shift.reason)
        order.judged = shift.unjudged is None
        if not order.judged:
            self.crew.dismiss()
        shift.errors.clear()
        long = {lock.name for lock in shift.crossed if len(lock.users) > 1} - self._long
        order.news = bool(long)
        self._long |= long
        return Outcome(shift, error)

    def _shift(self, scheduler: Scheduler, error: Optional[BaseException]) -> Shift:
        """The workers of a round. Raises what is wrong with the scenario itself."""
        if scheduler.misuse is not None:
            raise scheduler.misuse
        shift = scheduler.shift
        if shift is None:
            if error is not None:
                raise error
            raise ScenarioError("the scenario did not call together()")
        if self._workers not in (None, len(shift.workers)):
            raise NotDeterministicError(
                f"together() was called with {len(shift.workers)} workers in this round, and with "
                f"{self._workers} in the first"
            )
        self._workers = len(shift.workers)
        return shift

    def _run(self, scheduler: Scheduler) -> Optional[BaseException]:
        strangers = self.crew.strangers
        try:
            with self._rounds.round(scheduler) as clock, alone(clock, strangers) as time:
                scheduler.time = time
                value = self._scenario(scheduler.together)
                refuse_unrun("scenario", value, ScenarioError)
        except (unittest.SkipTest, ScenarioError):
            raise
        except BaseException as error:
            shift = scheduler.shift
            raised = shift.errors if shift is not None else ()
            # Ctrl-C ends the call; a KeyboardInterrupt that a worker raised is its outcome.
            if isinstance(error, KeyboardInterrupt) and not _among(error, raised):
                raise
            return error
        return None


def _among(error: BaseException, errors: Iterable[BaseException]) -> bool:
    return any(each is error for each in errors)
