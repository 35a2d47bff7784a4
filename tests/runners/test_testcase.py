"""`TripwireTestCase`: what a test has, by hand and under unittest; its guard; what it forgives.

SPECIFICATION 17, 25, 26.
"""

from __future__ import annotations

import unittest
from contextlib import suppress
from typing import Any, Callable

from pymemcache.client.base import Client

import tripwire
from tests.support.cases import CLIENT, run
from tripwire import (
    NoActiveVerifierError,
    SandboxNotActiveError,
    SwallowedViolationError,
    TripwireTestCase,
    UnassertedInteractionsError,
    UnmockedInteractionError,
    UnusedMocksError,
)


def fetch() -> Any:
    """What the application does."""
    return CLIENT.get("k")


def careless() -> None:
    """What the application does elsewhere: it swallows."""
    with suppress(Exception):
        fetch()


class ByHandTest(unittest.TestCase):
    """`setUp`, a body, `tearDown`, called one after the other."""

    def setUp(self) -> None:
        """Begin a test."""

        class Plain(TripwireTestCase):
            def test(self) -> None:
                """Only its fixtures are used."""

        self.case = Plain("test")
        self.case.setUp()

    def test_body_passes(self) -> None:
        """Nothing is found; everything is given back."""
        self.case.memcache.mock_command("GET", returns=b"v")
        with self.case.sandbox():
            self.assertEqual(fetch(), b"v")
        tripwire.memcache.assert_get("GET", "k")
        self.case.tearDown()
        self.assertRaises(NoActiveVerifierError, tripwire.current_verifier)

    def test_tear_down_raises_what_it_found(self) -> None:
        """One kind of error for each kind of finding."""
        with self.subTest("unused"):
            self.case.memcache.mock_command("GET", returns=b"v")
            self.assertRaises(UnusedMocksError, self.case.tearDown)
        with self.subTest("unasserted"):
            self.case.setUp()
            self.case.memcache.mock_command("GET", returns=b"v")
            with self.case.sandbox():
                fetch()
            self.assertRaises(UnassertedInteractionsError, self.case.tearDown)
        with self.subTest("swallowed"):
            self.case.setUp()
            with self.case.sandbox():
                careless()
            self.assertRaises(SwallowedViolationError, self.case.tearDown)

    def test_guard_is_on_from_set_up_to_tear_down(self) -> None:
        """A call outside the sandbox is a violation, which the one who calls may catch."""
        self.assertRaises(SandboxNotActiveError, fetch)
        self.case.tearDown()
        self.assertFalse(hasattr(Client, "sock"))

    def test_set_up_again_begins_again(self) -> None:
        """What was begun before is given up, its guard too."""
        before = self.case.verifier
        self.case.setUp()
        self.assertIsNot(self.case.verifier, before)
        self.case.tearDown()
        self.assertFalse(hasattr(Client, "sock"))

    def test_nothing_is_left_after_tear_down(self) -> None:
        """The test is over, and its attributes say so; another `tearDown` has nothing to do."""
        self.case.tearDown()
        self.case.tearDown()
        for name in ("verifier", "memcache"):
            with self.subTest(name), self.assertRaisesRegex(NoActiveVerifierError, f"self.{name} "):
                getattr(self.case, name)
        with self.assertRaises(NoActiveVerifierError):
            self.case.sandbox()

    def test_parts_may_be_called_without_the_whole(self) -> None:
        """By a runner that has a `run` of its own: the test ends with `tearDown`."""
        self.case.tearDown()
        before = list(vars(Client).items())
        parts: Any = self.case
        parts._callSetUp()  # noqa: SLF001  # as such a runner does
        self.assertNotEqual(list(vars(Client).items()), before)
        parts._callTestMethod(parts.test)  # noqa: SLF001  # as above
        parts._callTearDown()  # noqa: SLF001  # as above
        self.assertEqual(list(vars(Client).items()), before)

    def test_cleanups_by_hand_are_run(self) -> None:
        """Before `tearDown` or after it; one that fails is told as ever."""
        succeeded: Callable[[], object] = self.case.doCleanups
        self.case.addCleanup([1].index, 2)
        self.assertIs(succeeded(), False)
        self.case.tearDown()
        self.case.addCleanup([1].index, 2)
        self.assertIs(succeeded(), False)
        self.assertIs(succeeded(), True)


class DebugTest(unittest.TestCase):
    """`debug()` lets everything through to a debugger."""

    def test_findings_and_errors_are_raised(self) -> None:
        """At the end, or where they happen; nothing stays on."""

        class Inner(TripwireTestCase):
            def test_unused(self) -> None:
                self.memcache.mock_command("GET", returns=b"v")

            def test_unmocked(self) -> None:
                with self.sandbox():
                    fetch()

            def test_error_in_a_subtest(self) -> None:
                with self.subTest():
                    raise LookupError

            def test_skip_in_a_subtest(self) -> None:
                with self.subTest():
                    self.skipTest("not here")

            def test_cleanup(self) -> None:
                self.addCleanup(careless)

        for test, error in (
            ("unused", UnusedMocksError),
            ("unmocked", UnmockedInteractionError),
            ("error_in_a_subtest", LookupError),
            ("skip_in_a_subtest", unittest.SkipTest),
            ("cleanup", SwallowedViolationError),
        ):
            with self.subTest(test):
                self.assertRaises(error, Inner(f"test_{test}").debug)
                self.assertFalse(hasattr(Client, "sock"))

    def test_passing_test_passes(self) -> None:
        """Mocks, sandbox and assertions work as ever."""

        class Inner(TripwireTestCase):
            def test(self) -> None:
                self.memcache.mock_command("GET", returns=b"v")
                with tripwire.sandbox():
                    fetch()
                self.memcache.assert_get("GET", "k")

        Inner("test").debug()
        Inner("test")()


class GuardTest(unittest.TestCase):
    """Outside its sandboxes a test is on guard."""

    def test_violation_outside_the_sandbox_is_found(self) -> None:
        """In `setUp`, the body, `tearDown`, a cleanup: raised, and reported if swallowed."""

        class Inner(TripwireTestCase):
            def test_body(self) -> None:
                careless()

            def test_cleanup(self) -> None:
                self.addCleanup(careless)

        class SetUp(TripwireTestCase):
            def setUp(self) -> None:
                careless()
                super().setUp()
                careless()

            def test(self) -> None:
                """Only its fixtures are of interest."""

        class TearDown(TripwireTestCase):
            test = SetUp.test

            def tearDown(self) -> None:
                super().tearDown()
                careless()

        for case, failures in ((Inner, 2), (SetUp, 1), (TearDown, 1)):
            with self.subTest(case.__name__):
                result = run(case)
                self.assertEqual((len(result.failures), result.errors), (failures, []))
                for _, text in result.failures:
                    self.assertIn("SandboxNotActiveError", text)
        self.assertIn("2 times", run(SetUp).failures[0][1])

    def test_allow_real_memcached_takes_the_guard_away(self) -> None:
        """Outside the sandbox the client is the real one, and its class as it was found."""
        before = dict(vars(Client))
        case = self

        class Inner(TripwireTestCase):
            allow_real_memcached = True

            def test(self) -> None:
                case.assertEqual(dict(vars(Client)), before)
                with self.sandbox():
                    case.assertNotEqual(dict(vars(Client)), before)
                case.assertEqual(dict(vars(Client)), before)

        self.assertTrue(run(Inner).wasSuccessful())

    def test_impossible_replies_can_be_allowed(self) -> None:
        """On the class, for all its tests."""

        class Inner(TripwireTestCase):
            impossible_replies = "allow"

            def test(self) -> None:
                self.memcache.expect("GET", key="k", returns="text")
                with self.sandbox():
                    self.assertEqual(fetch(), "text")

        self.assertTrue(run(Inner).wasSuccessful())


class NamesTest(unittest.TestCase):
    """A test case is full of its user's names."""

    def test_class_may_use_our_names_for_its_own(self) -> None:
        """The checks do not depend on them, and the module has what they hid."""

        class Inner(TripwireTestCase):
            memcache = verifier = None  # type: ignore[assignment]  # it is what is tested
            sandbox = None  # type: ignore[assignment]  # it is what is tested

            def test(self) -> None:
                tripwire.memcache.mock_command("GET", returns=b"v")
                with tripwire.current_verifier().sandbox():
                    fetch()

        ((_, text),) = run(Inner).failures
        self.assertIn("UnassertedInteractionsError", text)

    def test_instance_may_not_hide_ours_by_accident(self) -> None:
        """Assigning to one of them is an error where it is done, not a riddle later."""

        class Inner(TripwireTestCase):
            def test(self) -> None:
                """Never reached."""

            def setUp(self) -> None:
                super().setUp()
                self.memcache = CLIENT  # type: ignore[misc]  # it is what is tested

        ((_, text),) = run(Inner).errors
        self.assertIn("AttributeError", text)
        self.assertIn("self.memcache = CLIENT", text)
