"""A loop that a fault makes endless is found, although its sleeps take no time.

SPECIFICATION 38
"""

from __future__ import annotations

import threading
import time
from typing import List

from tests.rounds.sweeping import SweepTestCase
from tests.support.platform import needs_threads


class EndlessTest(SweepTestCase):
    """Code that tries again until it goes well, where it never does."""

    def test_lock_that_a_lost_answer_leaves_behind(self) -> None:
        """It was taken, nobody knows, and it has no expiry."""

        def scenario() -> None:
            self.memcache.store()
            while True:
                try:
                    if self.client.add("lock", b"1"):
                        break
                except OSError:
                    pass
                time.sleep(0.1)

        error = self.error(scenario, only="1 answer lost")
        self.assertIn(
            "the scenario goes on and on: it has had 10,000 commands\n"
            "        at tests/rounds/test_endless_rounds.py:26 in scenario\n",
            str(error),
        )

    def test_fault_that_lasts(self) -> None:
        """The loop need not sleep."""

        def scenario() -> None:
            self.memcache.store()
            while True:
                try:
                    self.client.get("k")
                    return
                except OSError:
                    pass

        self.assertEqual(
            self.failures(scenario, faults=["down", "evicted"], persistent=True), ["1 down"]
        )

    @needs_threads
    def test_what_a_failed_thread_never_sets(self) -> None:
        """The loop need not send a command."""

        def scenario() -> None:
            done: List[bool] = []

            def work() -> None:
                try:
                    self.client.get("k")
                    done.append(True)
                except OSError:
                    pass

            self.memcache.store()
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
            while not done:
                time.sleep(1)

        error = self.error(scenario, only="1 down")
        self.assertIn("the scenario goes on and on: it has had 10,000 sleeps\n", str(error))
