"""One worker in one round: its steps, its sleeps, what it waits for."""

from __future__ import annotations

import contextvars
from typing import Any, Callable, FrozenSet, Hashable, List, Optional, Protocol, Set, Tuple

from tripwire._orders.crew import Crew, Hand
from tripwire._orders.steps import ANSWER, BEGINNING, Step
from tripwire._time.locks import Lock
from tripwire._time.waiting import PATIENCE, Time, Unwound, poll
from tripwire.report.labels import NONE, Said

REPEATS = 10
"""After how many repetitions a worker gives way."""

STEPS = 1_000
"""How many steps a worker may take in a round, sleeps included; a batch of keys is one."""

_ANSWERED = Step("(gets the answer)", kind=ANSWER)
_YIELDED = "sleep(0)"
_NOWHERE = contextvars.Context()

_MOMENT = 0.05
"""How many seconds of real time a wait with a timeout takes at most, where all run at once."""


def _nothing() -> None:
    """What a worker does whose round is over."""


def _context() -> contextvars.Context:
    """A copy of this context, without what is this thread's own.

    Until version 3.13 asgiref kept that in the context, and so Django its connections to caches:
    the threads of a server, which begin with an empty context, have one each.
    """
    context = contextvars.copy_context()
    for variable, value in context.items():
        if variable.name == "asgiref.local" and isinstance(value, dict):
            context.run(variable.set, {})
    return context


class Turns(Protocol):
    """What a worker asks of those who share its round: `shift.Shift`."""

    crew: Crew
    time: Time
    long: FrozenSet[Hashable]
    crossed: Set[Lock]
    errors: List[BaseException]
    loose: bool
    reason: str

    def park(self, worker: Worker) -> None:
        """Let others go on until it is the worker's turn; `Unwound` where that never comes."""
        ...

    def finish(self, worker: Worker) -> None:
        """The worker has come to its end."""
        ...

    def rests(self, worker: Worker, text: str) -> None:
        """The worker is about to wait: what a report says of it, if anything."""
        ...

    def tells(self, worker: Worker, text: str) -> None:
        """What a report says of the worker here, beside its steps."""
        ...

    def sleeps(self, worker: Worker, seconds: float) -> float:
        """Give how long the worker is to sleep, in seconds; `seconds` is what it asked for."""
        ...

    def livelock(self, worker: Worker) -> None:
        """The worker has taken too many steps: end the round."""
        ...

    def held_up(self, worker: Worker) -> None:
        """The worker waits for something that is not ours: do not judge the round."""
        ...


class Worker:
    """One worker in one round. It keeps the time of its thread."""

    def __init__(self, shift: Turns, number: int, hand: Hand, function: Callable[[], Any]) -> None:
        self.number = number
        self.hand = hand
        self.step: Optional[Step] = BEGINNING
        self.begun = self.finished = self.resting = self.spinning = self.due = False
        self.deadline: Optional[float] = None
        self.asleep = 0.0
        self.result: Any = None
        self.shift = shift
        self._function = function
        self._context = _context()
        self._free: Optional[Callable[[], bool]] = None
        self._seen: Set[Tuple[Hashable, Said]] = set()
        self._repeats = self._steps = self._locks = 0
        self._held: Set[Lock] = set()

    def work(self) -> None:
        """What the thread does in this round."""
        self.step = None
        try:
            self.result = self._context.run(self._function)
        except Unwound:
            pass
        except BaseException as error:
            self.shift.errors.append(error)
            self.shift.tells(self, f"raises {type(error).__name__}")
        self.shift.finish(self)

    def forget(self) -> None:
        """The round is over: keep nothing of it alive."""
        self.result = None
        self._function = _nothing
        self._context = _NOWHERE

    def can_go(self) -> bool:
        """Whether there is nothing that it waits for."""
        if self._free is not None and self._free():
            return True
        return self.due or (self._free is None and self.deadline is None)

    def others_moved(self) -> None:
        """Somebody else took a step, or time has passed: what was a repetition may be none now."""
        self.resting = self.spinning = False
        self._repeats = 0
        self._seen.clear()

    # --- steps ------------------------------------------------------------------------------------

    def gate(
        self, step: Step, free: Optional[Callable[[], bool]] = None, *, goes_on: bool = False
    ) -> None:
        """Wait until it is the turn of this step, which may go on with the one before."""
        self._count(0 if goes_on else 1)
        for lock in self._held:
            if lock.name in self.shift.long:
                step.touches |= {lock.name}
        self.step, self._free = step, free
        self._park()

    def marks(self, what: str) -> None:
        """Wait until it is the turn of a step of the test's own."""
        self.gate(Step(what, identity=("step", what), marker=True))

    def answered(self, step: Step, outcome: Said, answer: Said) -> None:
        """Wait until it is the turn of an answer."""
        step.outcome = outcome
        self._repeat(step.identity, answer)
        self.step = _ANSWERED
        self._park()

    def _count(self, steps: int = 1) -> None:
        self._steps += steps
        if self._steps > STEPS:
            self.shift.livelock(self)

    def _repeat(self, event: Hashable, answer: Said) -> None:
        if (event, answer) in self._seen:
            self._repeats += 1
            self.spinning = self._repeats >= REPEATS
        else:
            self._seen.add((event, answer))
            self._repeats = 0

    def _park(self) -> None:
        if self._held:
            self.shift.crossed |= self._held
        try:
            self.shift.park(self)
        finally:
            self.step = self._free = self.deadline = None
            self.due = False

    # --- time and locks ---------------------------------------------------------------------------

    @property
    def time(self) -> Time:
        """The round's."""
        return self.shift.time

    def sleep(self, seconds: float) -> None:
        """Wait until so many seconds have passed on the clock; 0 gives way to the others."""
        self._count()
        if seconds:
            seconds = self.shift.sleeps(self, seconds)
            self._sets_alarm(seconds)
            self.shift.rests(self, f"(sleeps {seconds:g} s)")
            if self.shift.loose:
                self.time.advance(seconds)
        else:
            self.resting = True
            self._repeat(_YIELDED, NONE)
            self.shift.rests(self, "")
        self._park()

    def _sets_alarm(self, seconds: float) -> None:
        self.deadline, self.asleep = self.time.now() + seconds, seconds

    def wait(self, free: Callable[[], bool], seconds: Optional[float]) -> bool:
        """Wait until `free()` is true, or so many seconds have passed; return whether it is."""
        if seconds is not None and seconds <= 0:
            return False
        self._count()
        if self.shift.loose:
            return self._wait_loose(free, seconds)
        if self.shift.crew.strangers.new():
            # Most likely it is one of these that is waited for.
            if poll(free, PATIENCE):
                return True
            self.shift.held_up(self)
        self._free = free
        if seconds is not None:
            self._sets_alarm(self.shift.sleeps(self, seconds))
        self.shift.rests(self, "(waits)")
        self._park()
        return free()

    def _wait_loose(self, free: Callable[[], bool], seconds: Optional[float]) -> bool:
        # All run at once, and only real time passes by itself.
        shift = self.shift
        poll(lambda: free() or bool(shift.reason), None if seconds is None else _MOMENT)
        self._park()
        if seconds is not None and not free():
            self.time.advance(seconds)
        return free()

    def lock_name(self) -> Hashable:
        """A name that counts by worker, so that it is the same in every order."""
        self._locks += 1
        return ("lock", self.number, self._locks)

    def takes(self, lock: Lock, waits: bool) -> None:
        """Taking a lock is a step of its own, if it is one that is held while others go on."""
        if lock.name in self.shift.long and not self.shift.reason:
            step = Step(
                "(takes a lock)",
                identity=lock.name,
                touches=frozenset({lock.name}),
                numbered=False,
            )
            self.gate(step, lock.free if waits else None)

    def took(self, lock: Lock) -> None:
        """Held from now on."""
        lock.users.add(self.number)
        self._held.add(lock)

    def let_go(self, lock: Lock) -> None:
        """Not held any more."""
        self._held.discard(lock)
