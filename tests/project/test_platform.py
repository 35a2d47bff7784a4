"""What a platform lacks is found by trying, and skips the tests that need it."""

from __future__ import annotations

import os
import unittest
from functools import partial
from unittest import mock

from tests.support import platform
from tests.support.cases import run


def lacking() -> None:
    """Fail as a thread does where none can be started."""
    raise RuntimeError("can't start new thread")


class PlatformTest(unittest.TestCase):
    """An attempt that ends well, and one that does not."""

    def test_attempt_says_whether_the_platform_can(self) -> None:
        """What the system refuses is an `OSError` or a `RuntimeError`."""
        self.assertTrue(platform.can(os.getcwd))
        self.assertFalse(platform.can(lacking))
        self.assertFalse(platform.can(partial(os.rmdir, __file__)))

    def test_attempt_that_is_wrong_itself_is_an_error(self) -> None:
        """It says nothing of the platform."""
        self.assertRaises(ValueError, platform.can, partial(int, "one"))

    def test_test_that_needs_what_is_lacking_is_skipped(self) -> None:
        """With what is lacking as the reason; any other test runs."""

        class Inner(unittest.TestCase):
            def test_needs_something(self) -> None:
                platform.need(lacking, "this platform starts no threads")

            def test_needs_nothing(self) -> None:
                platform.need(os.getcwd, "this platform has no working directory")

            def test_runs_a_program(self) -> None:
                platform.need_for("task = main()\nasyncio.run(task)")

        with mock.patch.dict(platform.CALLS, {"asyncio.run(": (False, "no event loop")}):
            result = run(Inner)
        reasons = [why for _, why in result.skipped]
        self.assertEqual(reasons, ["this platform starts no threads", "no event loop"])
        self.assertTrue(result.wasSuccessful())
        self.assertEqual(result.testsRun, 3)
