"""The threads that workers run in: started once, used in every round, ended with the call."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Callable, List, Optional

from tripwire._time.waiting import REAL, Strangers, keeping

FAREWELL = 2.0
"""How many seconds a thread has to end when it is told to."""


class Hand:
    """One thread. It sleeps on its `lock`; who releases that has it go on."""

    def __init__(self, number: int) -> None:
        self.lock = REAL.lock()
        self.lock.acquire()
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

    def wake(self) -> None:
        """Have it go on; nothing where it was woken already."""
        release(self.lock)

    def _loop(self) -> None:
        while True:
            self.lock.acquire()
            work, self.work = self.work, None
            if work is None:
                return
            work()


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
        """So many of them, started where they are not there yet."""
        # `Thread.start` waits for an Event: in real time.
        with keeping(None):
            while len(self._hands) < number:
                self._hands.append(Hand(len(self._hands)))
        return self._hands[:number]

    def dismiss(self) -> None:
        """End them. One that is held up by something else ends when that lets it go."""
        hands, self._hands = self._hands, []
        for hand in hands:
            hand.wake()
        for hand in hands:
            hand.thread.join(FAREWELL)
