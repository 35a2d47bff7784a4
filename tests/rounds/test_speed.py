"""What a round costs, and what a call does: measured, with room for a slow machine."""

from __future__ import annotations

import statistics
import time
import unittest
from typing import Any, List

from tests.rounds.stand_in import StandIn
from tests.support.platform import needs_threads

ROUND = 0.000_5
"""Seconds for a round of two workers with two steps each: a fifth of it is what it mostly takes."""


class TimedStandIn(StandIn):
    """Notes when each round begins."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: List[float] = []

    def round(self, scheduler: Any) -> Any:
        """Note the time."""
        self.begun.append(time.perf_counter())
        return super().round(scheduler)

    def median(self) -> float:
        """Seconds a round."""
        return statistics.median(
            later - earlier for earlier, later in zip(self.begun, self.begun[1:])
        )


@needs_threads
class SpeedTest(unittest.TestCase):
    """The core alone, without a plugin's wire."""

    def test_a_round_of_two_workers(self) -> None:
        """The best of five calls."""
        medians = []
        for _ in range(5):
            store = TimedStandIn()

            def worker(store: StandIn = store) -> None:
                store.incr("x")
                store.incr("x")

            store.interleave(lambda together, worker=worker: together(worker, worker))
            medians.append(store.median())
        self.assertLess(min(medians), ROUND)
