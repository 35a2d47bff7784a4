"""Sweeps with tasks and threads in them, several sweeps at once, and what is left of them.

SPECIFICATION 36
"""

from __future__ import annotations

import asyncio
import gc
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, List

from pymemcache.client.base import Client
from pymemcache.exceptions import MemcacheError

from tests.rounds.clean_case import ORIGINALS, now_bound
from tests.rounds.sweeping import SweepTestCase
from tests.support.cases import SERVER, by_hand
from tests.support.platform import needs_event_loop, needs_threads


class InsideTest(SweepTestCase):
    """What a scenario may be made of."""

    @needs_threads
    @needs_event_loop
    def test_tasks(self) -> None:
        """A plain function runs them; the client is called in a thread of the loop's."""

        async def main() -> Any:
            self.memcache.store({"k": b"v"})
            loop = asyncio.get_running_loop()
            try:
                return await loop.run_in_executor(None, self.client.get, "k")
            except OSError:
                return b"v"

        def scenario() -> Any:
            # No loop is left, nor a policy, for the tests that come after.
            loop = asyncio.new_event_loop()
            try:
                return loop.run_until_complete(main())
            finally:
                loop.run_until_complete(loop.shutdown_default_executor())
                loop.close()

        self.memcache.sweep(scenario, faults=["down", "request lost"])

    @needs_threads
    def test_executors(self) -> None:
        """With a thread whose calls have an order."""

        def scenario() -> None:
            self.memcache.store({"n": 1})
            with ThreadPoolExecutor(1) as executor:
                futures = [executor.submit(self.client.incr, "n", 1) for _ in range(3)]
            for future in futures:
                with suppress(OSError, MemcacheError):
                    future.result()

        self.memcache.sweep(scenario)

    def test_meanwhile(self) -> None:
        """What runs off the record is no command of the scenario's."""

        def scenario() -> None:
            store = self.memcache.store({"k": b"1"})
            self.memcache.meanwhile("CAS", lambda: Client(SERVER).set("k", b"9"))
            with suppress(OSError, MemcacheError, TypeError):
                _, token = self.client.gets("k")
                self.client.cas("k", b"2", token)
            self.assertIn(store.get("k"), (b"1", b"9", None))

        self.memcache.sweep(scenario)
        self.assertIn("numbers 1 to 2", self.refused(ValueError, scenario, only="3 down"))


class AtOnceTest(SweepTestCase):
    """Several sweeps in one process."""

    @needs_threads
    def test_each_is_its_own(self) -> None:
        """Threads, each with a verifier by hand; the patches are off when the last one ends."""
        done: List[int] = []

        def sweeps() -> None:
            _, memcache = by_hand()
            client: Any = Client(SERVER, default_noreply=False)

            def scenario() -> None:
                store = memcache.store({"n": 1})
                with suppress(OSError, MemcacheError):
                    client.incr("n", 1)
                time.sleep(100)
                assert store.get("n", b"1") in (b"1", b"2")

            for _ in range(10):
                memcache.sweep(scenario)
            done.append(1)

        threads = [threading.Thread(target=sweeps) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(done), 4)
        self.assertEqual(now_bound(), ORIGINALS)

    def test_nothing_of_a_round_is_kept(self) -> None:
        """No store, once the sweep is over; nor a thread or a patch."""
        stores: List[Any] = []

        def scenario() -> None:
            stores.append(weakref.ref(self.memcache.store({"n": 1})))
            with suppress(OSError, MemcacheError):
                self.client.incr("n", 1)

        threads = set(threading.enumerate())
        self.memcache.sweep(scenario)
        gc.collect()
        self.assertEqual([store() for store in stores], [None] * 8)
        self.assertEqual(set(threading.enumerate()) - threads, set())
        self.assertEqual(now_bound(), ORIGINALS)
