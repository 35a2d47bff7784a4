"""All clocks of a round are its store's: SPECIFICATION 43."""

from __future__ import annotations

import threading
import time
from typing import Any

from tests.orders.cases import OrdersTestCase, client, count_visit, count_well


class TimeTest(OrdersTestCase):
    """Sleeping, polling, waiting for a lock: none of it takes real time."""

    def test_sleeping_takes_no_time_and_items_expire(self) -> None:
        """The clock moves to the next waiting time when all wait."""
        began = time.monotonic()

        def scenario(together: Any) -> None:
            store = self.memcache.store()
            start = store.clock()
            self.assertEqual(time.time(), start)
            time.sleep(0.5)
            client().set("k", b"v", expire=100)

            def patient() -> Any:
                time.sleep(1000)
                return client().get("k")

            self.assertEqual(together(patient, lambda: time.sleep(50)), [None, None])
            self.assertEqual(time.time(), start + 1000.5)
            self.assertEqual(store.clock(), start + 1000.5)

        self.memcache.interleave(scenario)
        self.assertLess(time.monotonic() - began, 10)

    def test_sleeping_before_there_is_a_store(self) -> None:
        """The store is made then, not at the beginning."""

        def scenario(together: Any) -> None:
            start = time.time()
            time.sleep(60)
            self.assertEqual(self.memcache.store().clock(), start + 60)
            together(count_well)

        self.memcache.interleave(scenario)

    def test_polling_ends(self) -> None:
        """As soon as what is waited for is there."""

        def wait() -> None:
            while client().get("done") is None:
                time.sleep(0.01)

        def scenario(together: Any) -> None:
            self.memcache.store()
            together(wait, lambda: client().set("done", b"1"))

        self.memcache.interleave(scenario)

    def test_locks_of_a_round_are_steps_of_nobody(self) -> None:
        """Who waits for one gives way."""

        def scenario(together: Any) -> None:
            store = self.memcache.store({"visits": 0})
            lock = threading.Lock()

            def work() -> None:
                with lock:
                    count_visit()

            together(work, work)
            self.assertEqual(store["visits"], b"2")

        self.memcache.interleave(scenario)
