"""`TripwireTestCase` around fixtures that are forgotten, fail, or talk to the cache.

SPECIFICATION 25, 26.
"""

from __future__ import annotations

import unittest
from contextlib import suppress
from typing import Any, List, cast

from pymemcache.client.base import Client

from tests.support.cases import CLIENT, run
from tripwire import AssertionInsideSandboxError, NoActiveVerifierError, Sandbox, TripwireTestCase


def fetch() -> Any:
    """What the application does."""
    return CLIENT.get("k")


def careless() -> None:
    """What the application does elsewhere: it swallows."""
    with suppress(Exception):
        fetch()


class FixtureTest(unittest.TestCase):
    """Whatever a fixture does, there is one honest report."""

    def check(self, result: unittest.TestResult, failures: int, errors: int) -> List[str]:
        """Compare the numbers of failures and errors; give their texts."""
        texts = [text for _, text in result.failures + result.errors]
        self.assertEqual((len(result.failures), len(result.errors)), (failures, errors), texts)
        self.assertFalse(hasattr(Client, "sock"))
        return texts

    # --- forgotten --------------------------------------------------------------------------------

    def test_forgotten_tear_down_does_not_switch_the_checks_off(self) -> None:
        """They run in the last cleanup, after the cleanups of the test."""

        class Inner(TripwireTestCase):
            def test_unused(self) -> None:
                self.memcache.mock_command("GET", returns=b"v")

            def test_swallowed_in_a_cleanup(self) -> None:
                self.addCleanup(careless)

            def tearDown(self) -> None:
                """Without super()."""

        texts = self.check(run(Inner), 2, 0)
        self.assertIn("SwallowedViolationError", texts[0])
        self.assertIn("UnusedMocksError", texts[1])

    def test_forgotten_set_up_is_an_error_that_says_so(self) -> None:
        """The body does not run."""

        class Inner(TripwireTestCase):
            def setUp(self) -> None:
                """Without super()."""

            def test(self) -> None:
                """Never reached."""

        (text,) = self.check(run(Inner), 0, 1)
        self.assertIn("Inner.setUp() did not call super().setUp()", text)

    def test_attributes_say_that_set_up_was_forgotten(self) -> None:
        """So does whatever asks for them in the same `setUp`."""
        case = self

        class Inner(TripwireTestCase):
            def setUp(self) -> None:
                for ask in (lambda: self.memcache, lambda: self.verifier, lambda: self.sandbox):
                    with case.assertRaisesRegex(NoActiveVerifierError, "did not call super"):
                        ask()
                self.memcache.mock_command("GET", returns=b"v")

            def test(self) -> None:
                """Never reached."""

        (text,) = self.check(run(Inner), 0, 1)
        self.assertIn("did not call super().setUp()", text)

    def test_set_up_that_ended_before_super_has_not_forgotten_it(self) -> None:
        """It raised, or skipped."""

        class Raising(TripwireTestCase):
            def setUp(self) -> None:
                raise LookupError

            def test(self) -> None:
                """Never reached."""

        class Skipping(Raising):
            def setUp(self) -> None:
                self.skipTest("not here")

        (text,) = self.check(run(Raising), 0, 1)
        self.assertIn("LookupError", text)
        result = run(Skipping)
        self.check(result, 0, 0)
        self.assertEqual(len(result.skipped), 1)

    # --- failing ----------------------------------------------------------------------------------

    def test_error_in_set_up_is_reported_alone(self) -> None:
        """What it registered before is not unused: the body never had a chance."""

        class Inner(TripwireTestCase):
            def setUp(self) -> None:
                super().setUp()
                self.memcache.mock_command("GET", returns=b"v")
                raise LookupError

            def test(self) -> None:
                """Never reached."""

        (text,) = self.check(run(Inner), 0, 1)
        self.assertIn("LookupError", text)

    def test_tear_down_that_raises_is_reported_alone(self) -> None:
        """Before its `super()` nothing is verified yet; the last cleanup tells only the causes."""

        class Inner(TripwireTestCase):
            def test_unused(self) -> None:
                self.memcache.mock_command("GET", returns=b"v")

            def test_swallowed(self) -> None:
                careless()

            def tearDown(self) -> None:
                raise LookupError

        texts = self.check(run(Inner), 1, 2)
        self.assertIn("SwallowedViolationError", texts[0])

    def test_assertions_in_tear_down_count(self) -> None:
        """Before its `super()`, they are the test's like any other."""

        class Inner(TripwireTestCase):
            def test(self) -> None:
                self.memcache.mock_command("GET", returns=b"v")
                with self.sandbox():
                    fetch()

            def tearDown(self) -> None:
                self.memcache.assert_get("GET", "k")
                super().tearDown()

        self.check(run(Inner), 0, 0)

    def test_cleanup_that_fails_is_reported_once(self) -> None:
        """As its own failure, with a violation that reached it."""

        class Inner(TripwireTestCase):
            def test_violation(self) -> None:
                self.addCleanup(fetch)

            def test_error(self) -> None:
                self.addCleanup([1].index, 2)

        self.check(run(Inner), 1, 1)

    # --- open to the end --------------------------------------------------------------------------

    def test_sandbox_can_stay_open_for_the_whole_test(self) -> None:
        """Registering inside it is allowed, and `expect` asserts what cannot be asserted inside."""
        case = self

        class Inner(TripwireTestCase):
            opened: Sandbox

            def setUp(self) -> None:
                super().setUp()
                self.opened = self.sandbox()
                self.opened.__enter__()
                self.addCleanup(self.opened.__exit__, None, None, None)

            def test_expected(self) -> None:
                self.memcache.expect("GET", key="k", returns=b"v")
                case.assertEqual(fetch(), b"v")

            def test_asserted_inside(self) -> None:
                with case.assertRaises(AssertionInsideSandboxError):
                    self.memcache.assert_get("GET", "k")

            def test_expected_otherwise(self) -> None:
                self.memcache.expect("GET", key="other", returns=b"v")
                careless()

            def tearDown(self) -> None:
                super().tearDown()
                # It was closed before verification; the cleanup's exit has nothing to do.
                case.assertFalse(self.opened.is_open)

        (text,) = self.check(run(Inner), 1, 0)
        self.assertIn("UnmockedInteractionError", text)
        self.assertIn("was not used", text)

    @unittest.skipUnless(hasattr(unittest.TestCase, "enterContext"), "unittest has it from 3.11")
    def test_enter_context_keeps_a_sandbox_open(self) -> None:
        """The same in one line."""

        class Inner(TripwireTestCase):
            def setUp(self) -> None:
                super().setUp()
                # Not every Python that the checker knows of has it.
                cast(Any, self).enterContext(self.sandbox())

            def test(self) -> None:
                self.memcache.expect("GET", key="k", returns=b"v")
                fetch()

            def test_caught(self) -> None:
                self.assertRaises(AssertionError, fetch)

        self.check(run(Inner), 0, 0)

    # --- cleanups by hand -------------------------------------------------------------------------

    def test_cleanups_by_hand_do_not_end_the_test(self) -> None:
        """`doCleanups()` in the body or in `tearDown`: the test goes on, and is verified."""

        class Inner(TripwireTestCase):
            def test_body(self) -> None:
                self.memcache.mock_command("GET", returns=b"v")
                with self.sandbox():
                    fetch()
                self.doCleanups()
                self.memcache.assert_get("GET", "k")
                self.memcache.mock_command("SET", returns=True)

            def tearDown(self) -> None:
                self.addCleanup(careless)
                self.doCleanups()

        (text,) = self.check(run(Inner), 1, 0)
        self.assertIn("SandboxNotActiveError", text)
        self.assertIn("mock_command('SET'", text)
        self.assertNotIn("assert_get", text)
