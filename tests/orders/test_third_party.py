"""Libraries over pymemcache in every order, as they are: SPECIFICATION 42."""

from __future__ import annotations

import random
import time
from typing import Any, Callable

from django.core.cache.backends.memcached import PyMemcacheCache
from dogpile.cache import make_region
from dogpile.cache.backends.memcached import PyMemcacheBackend
from limits import parse
from limits.storage import MemcachedStorage
from limits.strategies import FixedWindowRateLimiter, SlidingWindowCounterRateLimiter

import tripwire
from tests.support.platform import needs_threads
from tripwire import InterleavingError, SharedClientError, TripwireTestCase

URL = "localhost:11211"
BACKEND: Any = PyMemcacheBackend


@needs_threads
class LimitsTest(TripwireTestCase):
    """The windows of `limits`: no more than were allowed, and no fewer."""

    def scenario(self, strategy: Any, limit: str, workers: int) -> Callable[[Any], None]:
        """Workers who each want to be let through once."""

        def scenario(together: Any) -> None:
            self.memcache.store()
            limiter = strategy(MemcachedStorage(f"memcached://{URL}"))
            item = parse(limit)
            let = together(*[lambda: limiter.hit(item, "user")] * workers)
            self.assertEqual(sum(let), item.amount)

        return scenario

    def test_fixed_window(self) -> None:
        """Nothing is found."""
        for limit in ("1/minute", "2/minute"):
            self.memcache.interleave(self.scenario(FixedWindowRateLimiter, limit, 2))
            self.memcache.interleave(self.scenario(FixedWindowRateLimiter, limit, 3), preemptions=2)

    def test_sliding_window(self) -> None:
        """Nothing is found."""
        for limit in ("1/minute", "2/minute"):
            self.memcache.interleave(self.scenario(SlidingWindowCounterRateLimiter, limit, 2))
            self.memcache.interleave(
                self.scenario(SlidingWindowCounterRateLimiter, limit, 3), preemptions=1
            )


@needs_threads
class DjangoTest(TripwireTestCase):
    """Django's `get_or_set`: all get the same."""

    def workers(self, together: Any, shares: bool, number: int) -> None:
        """Each has another value to put there, and a cache of its own, as Django's threads do."""
        self.memcache.store()
        caches = [PyMemcacheCache(URL, {}) for _ in range(number)]

        def work(mine: int) -> Any:
            return caches[0 if shares else mine].get_or_set("k", mine)

        self.assertEqual(
            len({*together(*[lambda mine=mine: work(mine) for mine in range(number)])}), 1
        )

    def test_get_or_set(self) -> None:
        """Nothing is found."""
        for number in (2, 3):
            self.memcache.interleave(
                lambda together, number=number: self.workers(together, False, number)
            )

    def test_one_cache_for_several_threads(self) -> None:
        """Its client is not made for that, which Django's own cache of each thread heeds."""
        with self.assertRaises(InterleavingError) as found:
            self.memcache.interleave(lambda together: self.workers(together, True, 2))
        self.assertIsInstance(found.exception.__cause__, SharedClientError)


@needs_threads
class DogpileTest(TripwireTestCase):
    """The lock of dogpile.cache."""

    def lock(self, seconds: float, lease: int, number: int) -> Callable[[Any], None]:
        """Workers who need a lock for so many seconds each."""

        def scenario(together: Any) -> None:
            # It draws how long it waits.
            random.seed(1)
            self.memcache.store()
            backend: Any = BACKEND({"url": URL, "distributed_lock": True, "lock_timeout": lease})
            inside = []

            def work() -> int:
                mutex = backend.get_mutex("k")
                mutex.acquire()
                inside.append(mutex)
                most = len(inside)
                tripwire.step("works")
                time.sleep(seconds)
                inside.remove(mutex)
                mutex.release()
                return most

            self.assertEqual({*together(*[work] * number)}, {1})

        return scenario

    def test_lock(self) -> None:
        """Nothing is found where the work takes no longer than the lease."""
        self.memcache.interleave(self.lock(1, 30, 2))
        self.memcache.interleave(self.lock(1, 30, 3), preemptions=1)

    def test_lock_whose_lease_runs_out(self) -> None:
        """Who comes late deletes the lock of the next one."""
        with self.assertRaises(InterleavingError) as found:
            self.memcache.interleave(self.lock(8, 5, 3))
        self.assertIn("DELETE '_lockk'", str(found.exception))

    def test_get_or_create(self) -> None:
        """Created once."""
        for number, preemptions in ((2, None), (3, 1)):
            self.memcache.interleave(
                lambda together, number=number: self.create(together, number),
                preemptions=preemptions,
            )

    def create(self, together: Any, number: int) -> None:
        """Workers who want the same."""
        random.seed(1)
        self.memcache.store()
        region = make_region().configure(
            "dogpile.cache.pymemcache",
            arguments={"url": URL, "distributed_lock": True, "lock_timeout": 30},
        )
        created = []

        def create() -> str:
            created.append(1)
            return "value"

        results = together(*[lambda: region.get_or_create("k", create)] * number)
        self.assertEqual((results, created), (["value"] * number, [1]))
