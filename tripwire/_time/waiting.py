"""Who keeps the time of a thread that runs a scenario: what is now, and what it is to wait."""

from __future__ import annotations

import threading
import time
from _thread import allocate_lock
from contextlib import contextmanager
from itertools import count
from math import ceil
from typing import Any, Callable, Dict, Hashable, Iterator, NamedTuple, Optional, Protocol

PATIENCE = 1.0
"""How many seconds of real time a thread may wait for something that is not ours."""

LOOK = 0.0005
"""How many seconds pass between two looks whether what is waited for has come."""

STEPS = 10_000
"""How many commands, or sleeps, a round without workers may have: more are an endless loop.

Such a loop takes no real time in its sleeps, so that nobody would see it wait.
"""


class _Real(NamedTuple):
    # In a tuple, where the patch that looks for these functions in modules does not find them.
    time: Callable[[], float]
    monotonic: Callable[[], float]
    perf_counter: Callable[[], float]
    sleep: Callable[[float], None]
    lock: Callable[[], Any]


REAL = _Real(time.time, time.monotonic, time.perf_counter, time.sleep, allocate_lock)
"""The functions that this package itself waits with."""


class Clock(Protocol):
    """What a plugin's rounds go by."""

    def now(self) -> float:
        """Seconds since 1970, as `time.time`."""
        ...

    def advance(self, seconds: float) -> None:
        """Move it forward."""
        ...


class Unwound(BaseException):
    """Ends a thread of ours, or a scenario, that cannot go on; no `except Exception` stops it."""


def refuse_endless(count: int, what: str) -> None:
    """Raise `Unwound` where a round without workers has had too many commands or sleeps."""
    if count > STEPS:
        raise Unwound(f"goes on and on: it has had {STEPS:,} {what}")


class Time:
    """A plugin's clock as the clocks of Python."""

    def __init__(self, clock: Clock) -> None:
        self.now = clock.now
        self.advance = clock.advance
        self._monotonic_apart = REAL.monotonic() - clock.now()
        self._counter_apart = REAL.perf_counter() - clock.now()

    def monotonic(self) -> float:
        """As `time.monotonic`: it goes on from the real one."""
        return self.now() + self._monotonic_apart

    def perf_counter(self) -> float:
        """As `time.perf_counter`: it goes on from the real one, too."""
        return self.now() + self._counter_apart


class Keeper(Protocol):
    """Keeps the time of one thread."""

    @property
    def time(self) -> Time:
        """What the thread's clocks show."""
        ...

    def sleep(self, seconds: float) -> None:
        """As `time.sleep`, of a valid number."""
        ...

    def wait(self, free: Callable[[], bool], seconds: Optional[float]) -> bool:
        """Wait until `free()` is true, at most so many seconds; return whether it is."""
        ...

    def marks(self, what: str) -> None:
        """The thread comes to a step of its own: `tripwire.step`."""
        ...

    def lock_name(self) -> Hashable:
        """A name for a lock that is made now: the same in every round."""
        ...

    def takes(self, lock: Any, waits: bool) -> None:
        """A lock is about to be taken; `waits` if that may take for ever."""
        ...

    def took(self, lock: Any) -> None:
        """A lock was taken."""
        ...

    def let_go(self, lock: Any) -> None:
        """A lock that was taken was released, by whomever."""
        ...


keepers: Dict[int, Keeper] = {}
"""Who keeps the time of a thread, by its ident; all other threads have the real time."""


@contextmanager
def keeping(keeper: Optional[Keeper]) -> Iterator[None]:
    """Have somebody keep the time of this thread; None for the real time."""
    me = threading.get_ident()
    before = keepers.pop(me, None)
    if keeper is not None:
        keepers[me] = keeper
    try:
        yield
    finally:
        keepers.pop(me, None)
        if before is not None:
            keepers[me] = before


class Strangers:
    """The threads that are not ours: what they may yet do, nobody can know."""

    def __init__(self) -> None:
        # The threads themselves: the ident of one that has ended is soon another one's.
        self._known = set(threading.enumerate())
        self._main = threading.get_ident()

    def knows_this(self) -> bool:
        """Whether the thread that asks was there before."""
        return threading.current_thread() in self._known

    def new(self) -> bool:
        """Whether there are some that the scenario has started."""
        return any(thread not in self._known for thread in self._alien())

    def there(self) -> bool:
        """Whether there are any."""
        return any(True for _ in self._alien())

    def _alien(self) -> Iterator[threading.Thread]:
        # One that is just being started has no ident yet, and is counted.
        for thread in threading.enumerate():
            if thread.ident != self._main and not getattr(thread, "of_tripwire", False):
                yield thread


def poll(free: Callable[[], bool], seconds: Optional[float]) -> bool:
    """Wait in real time until `free()` is true, at most so many seconds; return whether it is.

    None is for ever. Counted in looks, not by a clock: a machine that is busy with other things, or
    was asleep, has given no thread the time to make it true.
    """
    looks = count() if seconds is None else range(ceil(seconds / LOOK))
    for _ in looks:
        if free():
            return True
        REAL.sleep(LOOK)
    return free()


class Alone:
    """Keeps the time of a thread beside which no other runs: sleeping moves the clock, no more."""

    def __init__(self, time: Time, strangers: Strangers) -> None:
        self.time = time
        self._strangers = strangers
        self._locks = self._sleeps = 0

    def sleep(self, seconds: float) -> None:
        """Move the clock."""
        self._count()
        self.time.advance(seconds)

    def wait(self, free: Callable[[], bool], seconds: Optional[float]) -> bool:
        """Move the clock, unless a thread that the scenario has started may come first."""
        if seconds is None:
            patience = PATIENCE * 2 if self._strangers.there() else 0
            if not poll(free, patience):
                raise Unwound("waits for what nobody can do any more")
            return True
        self._count()
        if self._strangers.new() and poll(free, min(seconds, PATIENCE)):
            return True
        self.time.advance(max(seconds, 0))
        return free()

    def _count(self) -> None:
        self._sleeps += 1
        refuse_endless(self._sleeps, "sleeps")

    def marks(self, what: str) -> None:
        """Nobody is there to come in between."""

    def lock_name(self) -> Hashable:
        """Counted, apart from those of workers."""
        self._locks += 1
        return ("lock", self._locks)

    def takes(self, lock: Any, waits: bool) -> None:
        """Nobody is there to be faster."""

    def took(self, lock: Any) -> None:
        """Nobody asks."""

    def let_go(self, lock: Any) -> None:
        """Nobody asks."""


@contextmanager
def alone(clock: Clock, strangers: Strangers) -> Iterator[Time]:
    """Have this thread go by a clock, for a round without workers, or around them.

    Within `with virtual:`. `Unwound` leaves it where the thread waits for what cannot come.
    """
    time = Time(clock)
    with keeping(Alone(time, strangers)):
        yield time
