"""The threads that workers run in: started once, used in every round, ended with the call."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Callable, List, Optional

from tripwire._time.waiting import LOOK, REAL, Strangers, keeping

FAREWELL = 2.0
"""How many seconds a thread has to end when it is told to."""

ATTEMPTS = 10
"""How many times a thread that died at its start is replaced.

Coverage sets a trace function in each thread as it starts. Since Python 3.10 a thread dies that
starts while this is being done in another one.
"""


class Hand:
    """One thread. It sleeps on its `lock`; whoever releases that wakes it."""

    def __init__(self, number: int) -> None:
        self.lock = REAL.lock()
        self.lock.acquire()
        self._there = REAL.lock()
        self._there.acquire()
        self.work: Optional[Callable[[], None]] = None
        self.thread = threading.Thread(
            target=self._loop, name=f"tripwire worker {number + 1}", daemon=True
        )
        # Read by those who look for threads that are not ours.
        self.thread.of_tripwire = True  # type: ignore[attr-defined] # a mark of our own
        self.thread.start()

    @property
    def ident(self) -> int:
        """The thread's."""
        return self.thread.ident or 0

    def came(self) -> bool:
        """Wait until the thread runs. False where it has died before that."""
        while not self._there.acquire(timeout=LOOK):
            if not self.thread.is_alive():
                return False
        return True

    def wake(self) -> None:
        """Have it go on; nothing where it was woken already."""
        release(self.lock)

    def _loop(self) -> None:
        self._there.release()
        while True:
            self.lock.acquire()
            work, self.work = self.work, None
            if work is None:
                return
            work()


def _hire(number: int) -> Hand:
    hand = Hand(number)
    for _ in range(ATTEMPTS):
        if hand.came():
            break
        hand = Hand(number)
    return hand


def release(lock: threading.Lock) -> None:
    """Release a lock; nothing where another thread was faster."""
    with suppress(RuntimeError):
        lock.release()


class Crew:
    """The threads of one call, and which others there are."""

    def __init__(self) -> None:
        self.strangers = Strangers()
        self._hands: List[Hand] = []

    def hands(self, number: int) -> List[Hand]:
        """That many threads; those that are missing are started."""
        # `Thread.start` waits for an Event: in real time.
        with keeping(None):
            while len(self._hands) < number:
                self._hands.append(_hire(len(self._hands)))
        return self._hands[:number]

    def dismiss(self) -> None:
        """End the threads. One that is held up by something else ends when that lets it go."""
        hands, self._hands = self._hands, []
        for hand in hands:
            hand.wake()
        for hand in hands:
            hand.thread.join(FAREWELL)
