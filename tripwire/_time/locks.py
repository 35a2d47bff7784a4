"""Locks that are made while a scenario runs: who waits for one gives way to the other workers."""

from __future__ import annotations

import threading
from typing import Any, Hashable, Optional, Set

from tripwire._time.waiting import REAL, Keeper, keepers


class Lock:
    """As `threading.Lock`, in any thread; one of ours that has to wait lets the others go on.

    `name` is the same in every round. `users` are the workers that took it. It goes on working
    when the round is over.
    """

    def __init__(self, name: Hashable) -> None:
        self.name = name
        self.users: Set[int] = set()
        self._real = REAL.lock()
        self._holder: Optional[Keeper] = None

    def __repr__(self) -> str:
        return f"<{'locked' if self.locked() else 'unlocked'} tripwire lock {self.name}>"

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """As `threading.Lock.acquire`."""
        keeper = keepers.get(threading.get_ident())
        if keeper is None or (timeout != -1 and (timeout < 0 or not blocking)):
            # What is invalid, the real lock refuses as Python does.
            return bool(self._real.acquire(blocking, timeout))
        keeper.takes(self, blocking and timeout == -1)
        if not (self._real.acquire(False) or (blocking and self._wait(keeper, timeout))):
            return False
        self._holder = keeper
        keeper.took(self)
        return True

    def release(self) -> None:
        """As `threading.Lock.release`."""
        holder, self._holder = self._holder, None
        self._real.release()
        if holder is not None:
            holder.let_go(self)

    def locked(self) -> bool:
        """As `threading.Lock.locked`."""
        return bool(self._real.locked())

    def free(self) -> bool:
        """Whether nobody has it."""
        return not self._real.locked()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *exception: object) -> None:
        self.release()

    def _at_fork_reinit(self) -> None:
        self._real = REAL.lock()

    def _wait(self, keeper: Keeper, timeout: float) -> bool:
        end = None if timeout == -1 else keeper.time.now() + timeout
        while keeper.wait(self.free, None if end is None else end - keeper.time.now()):
            if self._real.acquire(False):  # pragma: no branch - unless a stranger was faster
                return True
        return False


class RLock:
    """As `threading.RLock`, around a lock of ours.

    With the methods that `threading.Condition` asks for.
    """

    def __init__(self, name: Hashable) -> None:
        self._block = Lock(name)
        self._owner: Optional[int] = None
        self._count = 0

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """As `threading.RLock.acquire`."""
        me = threading.get_ident()
        if self._owner != me:
            if not self._block.acquire(blocking, timeout):
                return False
            self._owner = me
        self._count += 1
        return True

    def release(self) -> None:
        """As `threading.RLock.release`."""
        if not self._is_owned():
            raise RuntimeError("cannot release un-acquired lock")
        self._count -= 1
        if not self._count:
            self._owner = None
            self._block.release()

    def locked(self) -> bool:
        """As `threading.RLock.locked`, which Python has since 3.14."""
        return self._block.locked()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *exception: object) -> None:
        self.release()

    def _is_owned(self) -> bool:
        return self._owner == threading.get_ident()

    def _release_save(self) -> int:
        count, self._count, self._owner = self._count, 0, None
        self._block.release()
        return count

    def _acquire_restore(self, count: int) -> None:
        self._block.acquire()
        self._count, self._owner = count, threading.get_ident()

    def _at_fork_reinit(self) -> None:
        self.__init__(self._block.name)  # type: ignore[misc] # what a fork leaves is a new lock


# Classes, because `threading.Lock` is one since Python 3.13: annotations such as
# `threading.Lock | None` are evaluated.
class make_lock:
    """Stands for `threading.Lock`."""

    def __new__(cls) -> Any:
        """A lock of ours in a thread of ours, a real one in any other."""
        keeper = keepers.get(threading.get_ident())
        return REAL.lock() if keeper is None else Lock(keeper.lock_name())


def rlock_maker(original: Any) -> Any:
    """What stands for `threading.RLock`, which is `original`."""

    def make(*arguments: Any, **named: Any) -> Any:
        keeper = keepers.get(threading.get_ident())
        if keeper is None or arguments or named:
            return original(*arguments, **named)
        return RLock(keeper.lock_name())

    return make
