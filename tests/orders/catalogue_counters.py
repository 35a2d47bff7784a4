"""The catalogue of mistakes: what is counted, collected, or handed out."""

from __future__ import annotations

from typing import Any, ClassVar, Dict, List, Sequence

import tripwire
from tests.orders.catalogue import Entry, Worker, client


class LostUpdate(Entry):
    """A counter that is read, and written back."""

    items: ClassVar[Dict[str, Any]] = {"visits": 0}

    def broken(self) -> List[Worker]:
        """GET, SET."""

        def count() -> None:
            cache = client()
            cache.set("visits", int(cache.get("visits")) + 1)

        return [count, count]

    def mended(self) -> List[Worker]:
        """INCR."""
        return [lambda: client().incr("visits", 1)] * 2

    def is_right(self, store: tripwire.Store, results: Sequence[Any]) -> bool:
        """Both are counted."""
        return bool(store["visits"] == b"2")


class IgnoredCas(Entry):
    """A CAS whose answer nobody looks at."""

    items: ClassVar[Dict[str, Any]] = {"members": "-"}

    def broken(self) -> List[Worker]:
        """GETS, CAS."""

        def join() -> None:
            cache = client()
            members, token = cache.gets("members")
            cache.cas("members", members + b"x", token)

        return [join, join]

    def mended(self) -> List[Worker]:
        """Until it succeeds."""

        def join() -> None:
            cache = client()
            members, token = cache.gets("members")
            while not cache.cas("members", members + b"x", token):
                members, token = cache.gets("members")

        return [join, join]

    def is_right(self, store: tripwire.Store, results: Sequence[Any]) -> bool:
        """Both are members."""
        return bool(store["members"] == b"-xx")


class CounterBegunBySet(Entry):
    """A counter that is begun by SET, where INCR found none."""

    def broken(self) -> List[Worker]:
        """INCR, SET."""

        def count() -> None:
            cache = client()
            if cache.incr("visits", 1) is None:
                cache.set("visits", 1)

        return [count, count]

    def mended(self) -> List[Worker]:
        """ADD of nothing, INCR."""

        def count() -> None:
            cache = client()
            cache.add("visits", 0)
            cache.incr("visits", 1)

        return [count, count]

    def is_right(self, store: tripwire.Store, results: Sequence[Any]) -> bool:
        """Both are counted."""
        return bool(store["visits"] == b"2")


class AddThatLost(Entry):
    """A counter that is begun by ADD, whose answer nobody looks at."""

    def broken(self) -> List[Worker]:
        """INCR, ADD."""

        def count() -> None:
            cache = client()
            if cache.incr("visits", 1) is None:
                cache.add("visits", 1)

        return [count, count]

    def mended(self) -> List[Worker]:
        """INCR again, where somebody else has begun it."""

        def count() -> None:
            cache = client()
            if cache.incr("visits", 1) is None and not cache.add("visits", 1):
                cache.incr("visits", 1)

        return [count, count]

    def is_right(self, store: tripwire.Store, results: Sequence[Any]) -> bool:
        """Both are counted."""
        return bool(store["visits"] == b"2")


class LostAppend(Entry):
    """A log that is begun by SET, where APPEND found none."""

    def broken(self) -> List[Worker]:
        """APPEND, SET."""

        def log() -> None:
            cache = client()
            if not cache.append("log", b"x"):
                cache.set("log", b"x")

        return [log, log]

    def mended(self) -> List[Worker]:
        """APPEND, ADD, and APPEND again."""

        def log() -> None:
            cache = client()
            if not (cache.append("log", b"x") or cache.add("log", b"x")):
                cache.append("log", b"x")

        return [log, log]

    def is_right(self, store: tripwire.Store, results: Sequence[Any]) -> bool:
        """Both are in the log."""
        return bool(store["log"] == b"xx")


class OversoldStock(Entry):
    """The last piece is sold twice: DECR stops at 0, and says so to both."""

    items: ClassVar[Dict[str, Any]] = {"stock": 1}

    def broken(self) -> List[Worker]:
        """GET, DECR."""

        def buy() -> bool:
            cache = client()
            if int(cache.get("stock")) == 0:
                return False
            cache.decr("stock", 1)
            return True

        return [buy, buy]

    def mended(self) -> List[Worker]:
        """GETS, CAS."""

        def buy() -> bool:
            cache = client()
            while True:
                stock, token = cache.gets("stock")
                if int(stock) == 0:
                    return False
                if cache.cas("stock", int(stock) - 1, token):
                    return True

        return [buy, buy]

    def is_right(self, store: tripwire.Store, results: Sequence[Any]) -> bool:
        """One of both has it."""
        return sorted(results) == [False, True]


class TakenName(Entry):
    """Two users get one name."""

    def broken(self) -> List[Worker]:
        """GET, SET."""

        def claim(user: bytes) -> bool:
            cache = client()
            if cache.get("name:ada") is not None:
                return False
            cache.set("name:ada", user)
            return True

        return [lambda: claim(b"1"), lambda: claim(b"2")]

    def mended(self) -> List[Worker]:
        """ADD."""
        return [
            lambda: client().add("name:ada", b"1"),
            lambda: client().add("name:ada", b"2"),
        ]

    def is_right(self, store: tripwire.Store, results: Sequence[Any]) -> bool:
        """One of both has it."""
        return sorted(results) == [False, True]


class QueueOfTwoCounters(Entry):
    """A queue whose head is read, and written back: one job is done twice."""

    items: ClassVar[Dict[str, Any]] = {"head": 0, "tail": 2, "job:1": "a", "job:2": "b"}

    def broken(self) -> List[Worker]:
        """GET, GET, SET."""

        def work() -> Any:
            cache = client()
            head = int(cache.get("head"))
            job = cache.get(f"job:{head + 1}")
            cache.set("head", head + 1)
            return job

        return [work, work]

    def mended(self) -> List[Worker]:
        """INCR says whose turn it is."""

        def work() -> Any:
            cache = client()
            return cache.get(f"job:{cache.incr('head', 1)}")

        return [work, work]

    def is_right(self, store: tripwire.Store, results: Sequence[Any]) -> bool:
        """Each job is done once."""
        return sorted(results) == [b"a", b"b"]


class NumberBeforeJob(Entry):
    """A queue whose tail moves before the job is there: the consumer finds nothing, and goes on."""

    items: ClassVar[Dict[str, Any]] = {"head": 0, "tail": 0}

    def broken(self) -> List[Worker]:
        """INCR, SET."""

        def produce() -> None:
            cache = client()
            tail = cache.incr("tail", 1)
            cache.set(f"job:{tail}", b"a")

        return [produce, self._consume]

    def mended(self) -> List[Worker]:
        """SET, INCR: there is one producer."""

        def produce() -> None:
            cache = client()
            tail = int(cache.get("tail")) + 1
            cache.set(f"job:{tail}", b"a")
            cache.incr("tail", 1)

        return [produce, self._consume]

    @staticmethod
    def _consume() -> Any:
        cache = client()
        head = int(cache.get("head"))
        if int(cache.get("tail")) == head:
            return "empty"
        return cache.get(f"job:{cache.incr('head', 1)}")

    def is_right(self, store: tripwire.Store, results: Sequence[Any]) -> bool:
        """The job is found, or the queue is empty."""
        return results[1] in ("empty", b"a")


COUNTERS = (
    LostUpdate,
    IgnoredCas,
    CounterBegunBySet,
    AddThatLost,
    LostAppend,
    OversoldStock,
    TakenName,
    QueueOfTwoCounters,
    NumberBeforeJob,
)
