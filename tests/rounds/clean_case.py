"""No test of rounds leaves a thread or a patch."""

from __future__ import annotations

import threading
import time
import unittest
from typing import Any, Dict

from tests.rounds.stand_in import StandIn

ORIGINALS = {
    "sleep": time.sleep,
    "time": time.time,
    "monotonic": time.monotonic,
    "perf_counter": time.perf_counter,
    "Lock": threading.Lock,
    "RLock": threading.RLock,
}


def now_bound() -> Dict[str, Any]:
    """What the names are bound to."""
    names = {name: getattr(time, name) for name in ("sleep", "time", "monotonic", "perf_counter")}
    return {**names, "Lock": threading.Lock, "RLock": threading.RLock}


class CleanTest(unittest.TestCase):
    """No test leaves a thread or a patch."""

    def setUp(self) -> None:
        """Note the threads, and look again at the end."""
        self.store = StandIn()
        before = set(threading.enumerate())
        self.addCleanup(lambda: self.assertEqual(now_bound(), ORIGINALS))
        self.addCleanup(lambda: self.assertEqual(set(threading.enumerate()) - before, set()))

    def count_visit(self) -> None:
        """Lose an update if somebody comes in between."""
        self.store.set("visits", (self.store.get("visits") or 0) + 1)
