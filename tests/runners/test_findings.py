"""The three findings come out of every way in which unittest runs a test, as failures.

SPECIFICATION G5, 27.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any, Dict, Type

from pymemcache.client.base import Client

import tripwire
from tests.support.cases import SERVER
from tests.support.platform import needs_processes
from tripwire import TripwireTestCase

WRONG_TESTS = '''
"""A test file that forgets something in each of its tests, but the last one."""

from pymemcache.client.base import Client

import tripwire


class WrongTest(tripwire.TripwireTestCase):
    def test_unasserted(self):
        self.memcache.mock_command("GET", returns=b"v")
        with self.sandbox():
            Client("localhost").get("k")

    def test_unmocked(self):
        with self.sandbox():
            Client("localhost").get("k")

    def test_unused(self):
        self.memcache.mock_command("GET", returns=b"v")

    def test_unused_and_unasserted(self):
        self.test_unasserted()
        self.test_unused()

    def test_right(self):
        self.test_unasserted()
        self.memcache.assert_get("GET", "k")
'''

FINDINGS = {
    "test_unasserted": "UnassertedInteractionsError",
    "test_unmocked": "UnmockedInteractionError",
    "test_unused": "UnusedMocksError",
    "test_unused_and_unasserted": "UnassertedAndUnusedError",
}


def wrong_test() -> Type[TripwireTestCase]:
    """Make the class of the wrong tests."""
    namespace: Dict[str, Any] = {"__name__": "wrong"}
    exec(WRONG_TESTS, namespace)
    found: Type[TripwireTestCase] = namespace["WrongTest"]
    return found


class ByHandTest(unittest.TestCase):
    """`setUp`, a body by hand, `tearDown`: what the guide says is raised right there."""

    def setUp(self) -> None:
        """Begin a test by hand, and see that it ends; what was reported is not reported again."""
        self.case = TripwireTestCase("run")
        self.case.setUp()
        self.addCleanup(self.case.tearDown)
        self.client = Client(SERVER)

    def test_right_test_says_nothing(self) -> None:
        """And there is no verifier any more afterwards."""
        self.case.memcache.mock_command("GET", returns=b"v")
        with self.case.sandbox():
            self.assertEqual(self.client.get("k"), b"v")
        self.case.memcache.assert_get("GET", "k")
        self.case.tearDown()
        self.assertRaises(tripwire.NoActiveVerifierError, tripwire.current_verifier)

    def test_unmocked_call_raises_at_the_call(self) -> None:
        """It is settled, as who runs the body by hand has seen it."""
        with self.case.sandbox():
            self.assertRaises(tripwire.UnmockedInteractionError, self.client.get, "k")
        self.case.tearDown()

    def test_unasserted_interaction_raises_in_teardown(self) -> None:
        """The second guarantee."""
        self.case.memcache.mock_command("GET", returns=b"v")
        with self.case.sandbox():
            self.client.get("k")
        self.assertRaises(tripwire.UnassertedInteractionsError, self.case.tearDown)

    def test_unused_mock_raises_in_teardown(self) -> None:
        """The third guarantee."""
        self.case.memcache.mock_command("GET", returns=b"v")
        self.assertRaises(tripwire.UnusedMocksError, self.case.tearDown)

    def test_optional_mock_does_not_raise_in_teardown(self) -> None:
        """As the guide says of `required=False`."""
        self.case.memcache.mock_command("DELETE", returns=True, required=False)
        self.case.tearDown()

    def test_class_is_restored_after_teardown_that_raised(self) -> None:
        """The guard is off, however the test ended; a new one can begin."""
        self.case.memcache.mock_command("GET", returns=b"v")
        self.assertIn("sock", vars(Client))
        self.assertRaises(tripwire.UnusedMocksError, self.case.tearDown)
        self.assertNotIn("sock", vars(Client))
        self.case.setUp()
        self.case.tearDown()
        self.assertNotIn("sock", vars(Client))


class RunnersTest(unittest.TestCase):
    """A finding is a failure in unittest's sense, under every runner of it."""

    def test_result_has_failures_and_no_errors(self) -> None:
        """`TestResult` holds one failure for each wrong test."""
        result = unittest.TestResult()
        unittest.defaultTestLoader.loadTestsFromTestCase(wrong_test()).run(result)
        self.assertEqual(result.errors, [])
        met = {
            test.id().rsplit(".", 1)[1]: re.findall(r"^tripwire\.errors\.(\w+): ", text, re.M)
            for test, text in result.failures
        }
        self.assertEqual(met, {test: [error] for test, error in FINDINGS.items()})

    def test_text_runner_prints_failures(self) -> None:
        """`TextTestRunner` counts them as such, and shows each report."""
        stream = io.StringIO()
        suite = unittest.defaultTestLoader.loadTestsFromTestCase(wrong_test())
        unittest.TextTestRunner(stream).run(suite)
        self.assert_four_failures(stream.getvalue())

    @needs_processes
    def test_discovery_in_a_process_prints_failures(self) -> None:
        """`python -m unittest discover` finds the file, and exits with 1."""
        with tempfile.TemporaryDirectory() as scratch:
            Path(scratch, "test_wrong.py").write_text(WRONG_TESTS, encoding="utf-8")
            run = subprocess.run(
                [sys.executable, "-X", "dev", "-W", "error", "-m", "unittest", "discover"],
                cwd=scratch,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
                check=False,
                stderr=subprocess.PIPE,
                text=True,
            )
        self.assertEqual(run.returncode, 1)
        self.assert_four_failures(run.stderr)

    def assert_four_failures(self, printed: str) -> None:
        """Assert what a runner printed of the wrong tests."""
        self.assertIn("Ran 5 tests", printed)
        self.assertTrue(printed.endswith("FAILED (failures=4)\n"), printed)
        errors = re.findall(r"^tripwire\.errors\.(\w+): ", printed, re.M)
        self.assertEqual(sorted(errors), sorted(FINDINGS.values()))

    def test_failing_test_shows_the_line_that_called(self) -> None:
        """Of an unmocked call, the traceback ends in the test, not in tripwire or pymemcache."""
        result = unittest.TestResult()
        wrong_test()("test_unmocked").run(result)
        files = re.findall(r'File "(.*)", line', result.failures[0][1])
        self.assertEqual(files, ["<string>"])

    def test_debug_raises_what_was_found(self) -> None:
        """`debug()` runs a test without collecting; a finding comes straight out."""
        for test, error in FINDINGS.items():
            with self.subTest(test), self.assertRaises(tripwire.TripwireError) as caught:
                wrong_test()(test).debug()
            self.assertEqual(type(caught.exception).__name__, error)
