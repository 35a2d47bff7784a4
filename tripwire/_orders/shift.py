"""The workers of one round, and whose turn it is.

There is one turn, and it is handed over directly: the worker that comes to a step, or has to wait,
picks its successor and wakes it, then sleeps until somebody wakes it. So a round costs as many
switches between threads as its order has, and there is no thread in the middle.
"""

from __future__ import annotations

import sys
from typing import (
    Any,
    Callable,
    Dict,
    FrozenSet,
    Hashable,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Protocol,
    Sequence,
    Set,
)
from unittest import SkipTest

from tripwire._orders.crew import Crew, release
from tripwire._orders.steps import Step
from tripwire._orders.workers import Worker
from tripwire._time.locks import Lock
from tripwire._time.waiting import PATIENCE, REAL, Time, Unwound, keepers, poll
from tripwire._timeline import Location

DEADLOCK, LIVELOCK, INTERRUPTED, HELD_UP = "deadlock", "livelock", "interrupted", "held up"

WAKES = "(wakes, "
"""How the note begins that a worker has slept long enough."""

FAREWELL = 2.0
"""How many seconds workers have to come to their ends when they are told to."""

LOOKS = 20
"""How many times in a row, within `PATIENCE`, it is the same turn before a worker is held up."""

Locate = Callable[[Any], Location]
"""Finds the line of the application in a frame and its callers."""


class Chooser(Protocol):
    """Says who goes next: an order of the search, or a schedule."""

    def choose(self, ready: Mapping[int, Step]) -> int:
        """The worker that goes next, of those that can, given in the order of their numbers."""
        ...

    def rest(self, worker: int) -> None:
        """A worker waits: who goes on now does not interrupt it."""
        ...

    def sleeps(self, worker: int, seconds: float) -> float:
        """Give how long a worker is to sleep, in seconds; `seconds` is what it asked for."""
        ...


class Note(NamedTuple):
    """What a worker did that is no step: after how many steps in all, which worker, what."""

    place: int
    worker: int
    text: str


class Shift:
    """The workers of one round.

    `long` names the locks that are known to be held while others go on. When the round is over,
    `errors` holds what workers raised, the first one first; `notes` what they did beside steps;
    `crossed` the locks that were held at a step; `reason` why the workers were ended (`DEADLOCK`,
    `LIVELOCK`, `INTERRUPTED`, `HELD_UP`), and `places` where each was that had not come to its
    end; `unjudged` where a worker waited for something that is not ours.
    """

    def __init__(
        self, order: Chooser, crew: Crew, time: Time, locate: Locate, long: FrozenSet[Hashable]
    ) -> None:
        self.order = order
        self.crew = crew
        self.time = time
        self.long = long
        self.workers: List[Worker] = []
        self.crossed: Set[Lock] = set()
        self.errors: List[BaseException] = []
        self.notes: List[Note] = []
        self.steps = 0
        self.reason = ""
        self.places: Dict[int, Location] = {}
        self.unjudged: Optional[Location] = None
        self.loose = False
        self._locate = locate
        self._turns = 0
        self._turn: Optional[Worker] = None
        self._done = REAL.lock()
        self._done.acquire()

    def run(self, functions: Sequence[Callable[[], Any]]) -> List[Any]:
        """Run workers side by side, to their ends; their results."""
        hands = self.crew.hands(len(functions))
        try:
            for number, (hand, function) in enumerate(zip(hands, functions)):
                worker = Worker(self, number, hand, function)
                hand.work = worker.work
                keepers[hand.ident] = worker
                self.workers.append(worker)
            self._wake(self.choose_next())
            self.watch()
        except BaseException:
            self._end(INTERRUPTED)
            raise
        finally:
            for worker in self.workers:
                keepers.pop(worker.hand.ident, None)
        results = [worker.result for worker in self.workers]
        for worker in self.workers:
            worker.forget()
        if self.reason:
            raise Unwound(self.reason)
        if self.errors:
            # Of one that skips and one that fails, the failure counts.
            self.errors.sort(key=lambda error: isinstance(error, SkipTest))
            raise self.errors[0]
        return results

    # --- what workers ask -------------------------------------------------------------------------

    def park(self, worker: Worker) -> None:
        """Let others go on until it is the worker's turn; `Unwound` where that never comes."""
        if not (self.reason or self.loose):
            successor = self.choose_next()
            if successor is not worker:
                self._wake(successor)
                worker.hand.lock.acquire()
        if self.reason:
            raise Unwound(self.reason)

    def finish(self, worker: Worker) -> None:
        """The worker has come to its end."""
        worker.finished = True
        if not self.loose:
            self._wake(self.choose_next())
        elif all(each.finished for each in self.workers):
            release(self._done)

    def rests(self, worker: Worker, text: str) -> None:
        """The worker is about to wait: what a report says of it, if anything."""
        self.order.rest(worker.number)
        if text:
            self.tells(worker, text)

    def tells(self, worker: Worker, text: str) -> None:
        """What a report says of the worker here, beside its steps."""
        self.notes.append(Note(self.steps, worker.number, text))

    def sleeps(self, worker: Worker, seconds: float) -> float:
        """Give how long the worker is to sleep, in seconds; `seconds` is what it asked for."""
        return self.order.sleeps(worker.number, seconds)

    def livelock(self, worker: Worker) -> None:
        """The worker has taken too many steps: end the round."""
        self._stop(LIVELOCK, [worker])

    def held_up(self, worker: Worker) -> None:
        """The worker waits for something that is not ours: do not judge the round."""
        if self.unjudged is None:
            self.unjudged = self._places([worker])[worker.number]

    # --- whose turn it is -------------------------------------------------------------------------

    def _wake(self, worker: Optional[Worker]) -> None:
        # None: all have come to their ends, and the scenario goes on.
        self._turn = worker
        if worker is None:
            release(self._done)
        else:
            worker.begun = True
            worker.hand.wake()

    def choose_next(self) -> Optional[Worker]:
        """Begin the next turn: whose it is, None where all have come to their ends."""
        self._turns += 1
        while not self.reason:
            living = [worker for worker in self.workers if not worker.finished]
            if not living:
                return None
            ready = [worker for worker in living if worker.can_go()]
            successor = self._successor(ready)
            if successor is not None:
                return successor
            if self._pass_time():
                continue
            if ready:
                return self._insists(ready)
            if not self._others_help(living):
                self._stop(DEADLOCK, living)
        return self._next_to_end()

    def _successor(self, ready: Sequence[Worker]) -> Optional[Worker]:
        steps: Dict[int, Step] = {}
        resting = None
        for worker in ready:
            if worker.step is not None:
                if not worker.spinning:
                    steps[worker.number] = worker.step
            elif not worker.resting:
                # One that has waited goes on up to its next step, before anybody chooses.
                return worker
            elif not worker.spinning:
                resting = resting or worker
        if steps:
            return self._chosen(steps)
        if resting is not None:
            resting.resting = False
        return resting

    def _insists(self, ready: Sequence[Worker]) -> Worker:
        # They do nothing but repeat themselves, and nothing else can happen.
        steps = {worker.number: worker.step for worker in ready if worker.step is not None}
        if steps:
            return self._chosen(steps)
        ready[0].resting = False
        return ready[0]

    def _chosen(self, steps: Mapping[int, Step]) -> Worker:
        number = self.order.choose(steps)
        self.steps += 1
        for worker in self.workers:
            if worker.number != number:
                worker.others_moved()
        return self.workers[number]

    def _pass_time(self) -> bool:
        """Move the clock to the next waiting time; whether there is one."""
        waiting = [
            (worker.deadline, worker)
            for worker in self.workers
            if worker.deadline is not None and not worker.due and not worker.finished
        ]
        if not waiting:
            return False
        earliest = min(deadline for deadline, _ in waiting)
        self.time.advance(max(0, earliest - self.time.now()))
        for deadline, worker in waiting:
            worker.due = deadline == earliest
            if worker.due:
                self.tells(worker, f"{WAKES}{worker.asleep:g} s)")
        for worker in self.workers:
            worker.others_moved()
        return True

    def _others_help(self, living: Sequence[Worker]) -> bool:
        """Whether threads that are not ours have somebody go on."""
        return self.crew.strangers.there() and poll(
            lambda: any(worker.can_go() for worker in living), PATIENCE
        )

    # --- rounds that do not come to their end -----------------------------------------------------

    def _stop(self, reason: str, of: Sequence[Worker]) -> None:
        self.places = self._places(of)
        self.reason = reason

    def _places(self, of: Sequence[Worker]) -> Dict[int, Location]:
        frames = sys._current_frames()
        return {each.number: self._locate(frames.get(each.hand.ident)) for each in of}

    def _next_to_end(self) -> Optional[Worker]:
        for worker in self.workers:
            if not worker.begun:
                worker.finished = True
                worker.hand.work = None
            if not worker.finished:
                return worker
        return None

    def watch(self) -> None:
        """Wait until all have come to their ends, or one is held up and keeps its turn."""
        # Many short looks: on a busy machine they come late, and leave the worker time to go on.
        seen, strikes = -1, 0
        while not self._done.acquire(timeout=PATIENCE / LOOKS):
            strikes = strikes + 1 if self._turns == seen else 0
            seen = self._turns
            if strikes == LOOKS:
                self._let_loose()
            elif strikes > LOOKS * FAREWELL / PATIENCE:
                self._end(HELD_UP)
                return

    def _let_loose(self) -> None:
        """Have all go on at once, so that what one waits for may come; the round says nothing."""
        self.loose = True
        for worker in self.workers:
            if worker is self._turn:
                self.held_up(worker)
            elif not worker.finished:
                worker.begun = True
                worker.hand.wake()

    def _end(self, reason: str) -> None:
        """Have all workers end at their next steps."""
        self.reason = self.reason or reason
        if self._turn is None:
            self._wake(self._next_to_end())
        self._done.acquire(timeout=FAREWELL)
