"""The catalogue of mistakes: locks, and what is to be done once."""

from __future__ import annotations

import time
from typing import Any, ClassVar, Dict, List, Sequence

import tripwire
from tests.orders.catalogue import Entry, Table, Worker, client


class Inside:
    """Notes whether two were inside at once."""

    def __init__(self) -> None:
        self.now = 0
        self.most = 0

    def work(self) -> None:
        """Take a while."""
        self.now += 1
        self.most = max(self.most, self.now)
        tripwire.step("works")
        self.now -= 1


class LockByGetAndSet(Entry):
    """A lock that is looked at, and taken."""

    preemptions = 2

    def __init__(self) -> None:
        self.inside = Inside()

    def broken(self) -> List[Worker]:
        """GET, SET."""

        def work() -> None:
            cache = client()
            if cache.get("lock") is None:
                cache.set("lock", b"taken", expire=30)
                self.inside.work()
                cache.delete("lock")

        return [work, work]

    def mended(self) -> List[Worker]:
        """ADD."""

        def work() -> None:
            cache = client()
            if cache.add("lock", b"taken", expire=30):
                self.inside.work()
                cache.delete("lock")

        return [work, work]

    def is_right(self, store: tripwire.Store, results: Sequence[Any]) -> bool:
        """One at a time."""
        return self.inside.most <= 1


class ReleaseOfAnothersLock(Entry):
    """A lock is given back after its lease has run out, and is another's by then."""

    preemptions = 0

    def broken(self) -> List[Worker]:
        """DELETE."""

        def slow() -> None:
            cache = client()
            while not cache.add("lock", b"slow", expire=10):
                time.sleep(1)
            time.sleep(15)
            cache.delete("lock")

        return [slow, self._patient]

    def mended(self) -> List[Worker]:
        """GETS, and CAS with a life that is over at once."""

        def slow() -> None:
            cache = client()
            while not cache.add("lock", b"slow", expire=10):
                time.sleep(1)
            time.sleep(15)
            owner, token = cache.gets("lock")
            if owner == b"slow":  # pragma: no cover - its lease has run out by then
                cache.cas("lock", b"", token, expire=-1)

        return [slow, self._patient]

    @staticmethod
    def _patient() -> bool:
        cache = client()
        while not cache.add("lock", b"patient", expire=100):
            time.sleep(1)
        time.sleep(30)
        return bool(cache.get("lock") == b"patient")

    def is_right(self, store: tripwire.Store, results: Sequence[Any]) -> bool:
        """The second one has it for as long as it was promised."""
        return bool(results[1])


class WorkBeyondTheLease(Entry):
    """The work takes longer than the lease, and is written all the same."""

    items: ClassVar[Dict[str, Any]] = {"total": 0}
    preemptions = 0

    def broken(self) -> List[Worker]:
        """GET, SET, under a lock."""

        def add(seconds: float) -> None:
            cache = client()
            while not cache.add("lock", b"taken", expire=10):
                time.sleep(1)
            total = int(cache.get("total"))
            time.sleep(seconds)
            cache.set("total", total + 1)

        return [lambda: add(15), lambda: add(12)]

    def mended(self) -> List[Worker]:
        """GETS, CAS, under a lock."""

        def add(seconds: float) -> None:
            cache = client()
            written = False
            while not written:
                while not cache.add("lock", b"taken", expire=10):
                    time.sleep(1)
                total, token = cache.gets("total")
                time.sleep(seconds)
                written = cache.cas("total", int(total) + 1, token)

        return [lambda: add(15), lambda: add(12)]

    def is_right(self, store: tripwire.Store, results: Sequence[Any]) -> bool:
        """Both are added."""
        return bool(store["total"] == b"2")


class Stampede(Entry):
    """All compute what is missing."""

    def __init__(self) -> None:
        self.table = Table(b"report")

    def broken(self) -> List[Worker]:
        """GET, SET."""

        def report() -> Any:
            cache = client()
            found = cache.get("report")
            if found is None:
                found = self.table.read()
                cache.set("report", found)
            return found

        return [report, report]

    def mended(self) -> List[Worker]:
        """One computes, the other one waits."""

        def report() -> Any:
            cache = client()
            while True:
                found = cache.get("report")
                if found is not None:
                    return found
                if cache.add("report:lock", b"taken", expire=60):
                    found = cache.get("report")
                    if found is None:
                        found = self.table.read()
                        cache.set("report", found)
                    cache.delete("report:lock")
                    return found
                time.sleep(0.1)

        return [report, report]

    def is_right(self, store: tripwire.Store, results: Sequence[Any]) -> bool:
        """Computed once, and known to both."""
        return self.table.reads == 1 and [*results] == [b"report"] * 2


class NoSecondLook(Entry):
    """Under the lock nobody looks whether it is there by now."""

    def __init__(self) -> None:
        self.table = Table(b"report")

    def broken(self) -> List[Worker]:
        """GET, ADD, SET."""
        return [lambda: self._report(looks_again=False)] * 2

    def mended(self) -> List[Worker]:
        """GET, ADD, GET, SET."""
        return [lambda: self._report(looks_again=True)] * 2

    def _report(self, looks_again: bool) -> Any:
        cache = client()
        while True:
            found = cache.get("report")
            if found is not None:
                return found
            if cache.add("lock", b"taken", expire=60):
                found = cache.get("report") if looks_again else None
                if found is None:
                    found = self.table.read()
                    cache.set("report", found)
                cache.delete("lock")
                return found
            time.sleep(0.1)

    def is_right(self, store: tripwire.Store, results: Sequence[Any]) -> bool:
        """Computed once, and known to both."""
        return self.table.reads == 1 and [*results] == [b"report"] * 2


class DoubleCheckedStart(Entry):
    """Something that is set up once is set up twice."""

    def __init__(self) -> None:
        self.started = 0

    def broken(self) -> List[Worker]:
        """GET, SET."""

        def start() -> None:
            cache = client()
            if cache.get("ready") is None:
                self.started += 1
                cache.set("ready", b"yes")

        return [start, start]

    def mended(self) -> List[Worker]:
        """ADD."""

        def start() -> None:
            if client().add("ready", b"yes"):
                self.started += 1

        return [start, start]

    def is_right(self, store: tripwire.Store, results: Sequence[Any]) -> bool:
        """Once."""
        return self.started == 1


class TwoLocksCrosswise(Entry):
    """Two locks, taken in either order: each waits for the other one."""

    def broken(self) -> List[Worker]:
        """Each in its own order."""
        return [lambda: self._both("a", "b"), lambda: self._both("b", "a")]

    def mended(self) -> List[Worker]:
        """Both in the same order."""
        return [lambda: self._both("a", "b"), lambda: self._both("a", "b")]

    @staticmethod
    def _both(first: str, second: str) -> bool:
        cache = client()
        for lock in (first, second):
            for _ in range(5):
                if cache.add(lock, b"taken"):
                    break
                time.sleep(1)
            else:
                return False
        cache.delete_many([first, second])
        return True

    def is_right(self, store: tripwire.Store, results: Sequence[Any]) -> bool:
        """Both got what they wanted."""
        return all(results)


LOCKS = (
    LockByGetAndSet,
    ReleaseOfAnothersLock,
    WorkBeyondTheLease,
    Stampede,
    NoSecondLook,
    DoubleCheckedStart,
    TwoLocksCrosswise,
)
