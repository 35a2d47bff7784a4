"""Whatever stands on pymemcache does under a fault what it does in production.

SPECIFICATION 37
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any, List

from django.core.cache.backends.memcached import PyMemcacheCache
from pymemcache.client.base import Client, PooledClient
from pymemcache.client.hash import HashClient
from pymemcache.client.retrying import RetryingClient
from pymemcache.exceptions import MemcacheError

from tests.rounds.sweeping import SweepTestCase
from tests.support.cases import SERVER
from tripwire import SweepError, TripwireTestCase

NODES = [("a.internal", 11211), ("b.internal", 11211), ("c.internal", 11211)]
REAL_TIME = time.monotonic


class HashTest(SweepTestCase):
    """`HashClient` over three nodes, one client for all rounds."""

    cluster: Any

    def setUp(self) -> None:
        """Build it; it lasts longer than a round."""
        super().setUp()
        self.cluster = HashClient(
            NODES, retry_attempts=0, dead_timeout=30, ignore_exc=True, default_noreply=False
        )

    def test_failover_is_tried_out(self) -> None:
        """A node that is down is left out, its items are missed, and it comes back by the clock."""
        seen: List[Any] = []

        def scenario() -> None:
            self.memcache.store({"news": b"today"})
            seen.clear()
            seen.append(self.cluster.get("news"))
            seen.append(self.cluster.get("news"))
            time.sleep(31)
            seen.append(self.cluster.get("news"))

        self.memcache.sweep(scenario, only="1 down")
        self.assertEqual(seen, [None, None, b"today"])
        self.memcache.sweep(scenario)

    def test_no_round_is_left_in_the_client(self) -> None:
        """Each begins with all nodes."""

        def scenario() -> None:
            self.memcache.store()
            self.assertEqual(len(self.cluster.clients), 3)
            for number in range(6):
                self.cluster.set(f"k{number}", b"v")

        self.memcache.sweep(scenario, faults=["down"], persistent=True)
        self.assertEqual(len(self.cluster.clients), 3)

    def test_batch_goes_to_several_nodes(self) -> None:
        """Each part of it is a command, and fails by itself."""
        keys = [f"k{number}" for number in range(12)]

        def scenario() -> None:
            self.memcache.store(dict.fromkeys(keys, b"v"))
            found = self.cluster.get_many(keys)
            self.assertEqual(len(found), len(keys))

        failures = self.failures(scenario, faults=["down"])
        self.assertEqual(failures, ["1 down", "2 down", "3 down"])

    def test_what_is_written_to_another_node_is_found(self) -> None:
        """With `stale=False`: the old value comes back with its node."""

        def scenario() -> None:
            self.memcache.store({"k": b"old"})
            self.cluster.get("k")
            self.cluster.set("k", b"new")

        self.assertIn("2 down", self.failures(scenario, stale=False))


class RetryTest(SweepTestCase):
    """`RetryingClient`."""

    def test_retries_take_no_real_time(self) -> None:
        """One that is repeated on a timeout counts twice."""
        retrying = RetryingClient(
            Client(SERVER, default_noreply=False), attempts=3, retry_delay=20, retry_for=[OSError]
        )

        def scenario() -> None:
            store = self.memcache.store({"n": 0})
            began = time.time()
            with suppress(MemcacheError):
                retrying.incr("n", 1)
            self.assertEqual(store.get("n", b"1"), b"1")
            self.assertIn(time.time() - began, (0, 20, 40))

        began = REAL_TIME()
        failures = self.failures(scenario)
        self.assertLess(REAL_TIME() - began, 10)
        self.assertEqual(failures, ["1 answer lost", "1 server error"])
        self.memcache.sweep(scenario, faults=["answer lost"], persistent=True, raises=OSError)


class PoolTest(SweepTestCase):
    """`PooledClient`."""

    def test_no_connection_is_leaked(self) -> None:
        """A pool of one serves the next call, whatever befell the last one."""
        pool = PooledClient(SERVER, max_pool_size=1, default_noreply=False)

        def scenario() -> None:
            self.memcache.store()
            for _ in range(3):
                with suppress(OSError, MemcacheError):
                    pool.set("k", b"v")
                self.assertEqual(len(pool.client_pool.used), 0)

        self.memcache.sweep(scenario)
        self.memcache.sweep(scenario, persistent=True)


class IgnoringTest(SweepTestCase):
    """`ignore_exc=True`."""

    def test_fault_is_a_miss(self) -> None:
        """That is all that a caller sees of it; a write raises."""
        client = Client(SERVER, ignore_exc=True, default_noreply=False)

        def scenario() -> Any:
            self.memcache.store({"k": b"v"})
            return client.get("k", default=b"v")

        self.memcache.sweep(scenario)

        def write() -> None:
            self.memcache.store()
            client.set("k", b"v")

        self.assertIn("1 down", self.failures(write))


class DjangoTest(TripwireTestCase):
    """Django's cache, as it is configured by default: a hash client with a pool."""

    def test_cached_page(self) -> None:
        """A view that goes on without the cache goes on; one that does not is found."""
        cache = PyMemcacheCache("cache.internal:11211", {})

        def page() -> str:
            found: Any = cache.get("page")
            if found is None:
                found = "a page"
                cache.set("page", found, 60)
            return str(found)

        def careful_page() -> str:
            try:
                return page()
            except (OSError, MemcacheError):
                return "a page"

        def scenario(view: Any) -> Any:
            self.memcache.store()
            return view(), view()

        self.memcache.sweep(lambda: scenario(careful_page))
        self.memcache.sweep(lambda: scenario(careful_page), persistent=True)
        with self.assertRaises(SweepError) as caught:
            self.memcache.sweep(lambda: scenario(page))
        self.assertIn("in page", str(caught.exception))
