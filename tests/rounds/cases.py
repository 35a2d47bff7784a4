"""What tests of orders begin with."""

from __future__ import annotations

import threading
import time
import unittest
from typing import Any, Dict

from tests.rounds.stand_in import StandIn
from tripwire.errors import (
    InterleavingError,
)

ORIGINALS = {
    "sleep": time.sleep,
    "time": time.time,
    "monotonic": time.monotonic,
    "Lock": threading.Lock,
    "RLock": threading.RLock,
}


def now_bound() -> Dict[str, Any]:
    """What the names are bound to."""
    names = {name: getattr(time, name) for name in ("sleep", "time", "monotonic")}
    return {**names, "Lock": threading.Lock, "RLock": threading.RLock}


def slow_visits(store: StandIn) -> None:
    """Two visits that take a while."""

    def worker() -> None:
        store.incr("x")
        time.sleep(50)

    def scenario(together: Any) -> None:
        store.set("x", 0)
        together(worker, worker)
        case = unittest.TestCase()
        case.assertEqual((time.time(), store.get("x")), (store.start + 50, 2))

    store.interleave(scenario)


class StoreTestCase(unittest.TestCase):
    """Each test has a dictionary, and no test takes real time."""

    def setUp(self) -> None:
        """Note the time."""
        self.store = StandIn()
        began = time.monotonic()
        self.addCleanup(lambda: self.assertLess(time.monotonic() - began, 5))

    def found(self, scenario: Any, **options: Any) -> InterleavingError:
        """The order that a scenario fails in."""
        with self.assertRaises(InterleavingError) as caught:
            self.store.interleave(scenario, **options)
        return caught.exception


class CleanTestCase(unittest.TestCase):
    """No test leaves a thread or a patch."""

    def setUp(self) -> None:
        """Count the threads, and look again at the end."""
        self.store = StandIn()
        before = threading.active_count()
        self.addCleanup(lambda: self.assertEqual(now_bound(), ORIGINALS))
        self.addCleanup(lambda: self.assertEqual(threading.active_count(), before))

    def count_visit(self) -> None:
        """Lose an update if somebody comes in between."""
        self.store.set("visits", (self.store.get("visits") or 0) + 1)
