"""What the tests of rounds share: a dictionary for each, and a look at how long they take."""

from __future__ import annotations

import time
import unittest
from typing import Any

from tests.rounds.stand_in import StandIn
from tripwire.errors import InterleavingError


class StoreTest(unittest.TestCase):
    """Each test has a dictionary, and no test takes real time."""

    def setUp(self) -> None:
        """Note the time."""
        self.store = StandIn()
        began = time.monotonic()
        self.addCleanup(lambda: self.assertLess(time.monotonic() - began, 20))

    def found(self, scenario: Any, **options: Any) -> InterleavingError:
        """The order that a scenario fails in."""
        with self.assertRaises(InterleavingError) as caught:
            self.store.interleave(scenario, **options)
        return caught.exception
