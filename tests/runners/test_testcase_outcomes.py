"""One test, one honest report: what a `TripwireTestCase` says of tests that end in every way.

SPECIFICATION 25.
"""

from __future__ import annotations

import contextlib
import unittest
from typing import Any, Callable, List

from pymemcache.client.base import Client

from tests.support.cases import CLIENT, run
from tests.support.swallowing import Frozen, skip_without_cache
from tripwire import TripwireTestCase, UnassertedInteractionsError, UnmockedInteractionError


def fetch() -> Any:
    """What the application does: nobody mocked it."""
    return CLIENT.get("k")


def careless() -> None:
    """What the application does elsewhere: it swallows."""
    with contextlib.suppress(Exception):
        fetch()


class Leaving(TripwireTestCase):
    """A test that leaves an interaction unasserted and a mock unused; what else, subclasses say."""

    def leave(self) -> None:
        """Give verification two things to find."""
        self.memcache.mock_command("GET", returns=b"v")
        self.memcache.mock_command("SET", returns=True)
        with self.sandbox():
            fetch()


class OutcomeTest(unittest.TestCase):
    """How many failures, errors, skips, and what they say."""

    def check(self, result: unittest.TestResult, *expected: str) -> List[str]:
        """Compare the kinds of what a result holds; give the texts of its failures and errors."""
        kinds = [
            *["failure"] * len(result.failures),
            *["error"] * len(result.errors),
            *["skip"] * len(result.skipped),
            *["expected"] * len(result.expectedFailures),
            *["unexpected"] * len(result.unexpectedSuccesses),
        ]
        texts = [text for _, text in result.failures + result.errors]
        self.assertEqual(kinds, list(expected), texts)
        return texts

    def test_test_that_passes_with_findings_is_one_failure(self) -> None:
        """All that was found is in one report."""

        class Inner(Leaving):
            def test(self) -> None:
                self.leave()
                with self.sandbox():
                    careless()

        (text,) = self.check(run(Inner), "failure")
        self.assertIn("UnmockedInteractionError", text)
        self.assertIn("assert_get(command='GET'", text)
        self.assertIn("mock_command('SET'", text)

    def test_test_that_fails_hides_the_consequences(self) -> None:
        """A failure, an error: what stayed unasserted or unused follows from it."""

        class Inner(Leaving):
            def test_error(self) -> None:
                self.leave()
                raise LookupError

            def test_failure(self) -> None:
                self.leave()
                self.fail("by itself")

        self.check(run(Inner), "failure", "error")

    def test_test_that_fails_still_tells_the_causes(self) -> None:
        """A violation that was swallowed may be why the test failed."""

        class Inner(Leaving):
            def test(self) -> None:
                with self.sandbox():
                    careless()
                self.leave()
                self.fail("nothing was cached")

        first, second = self.check(run(Inner), "failure", "failure")
        self.assertIn("nothing was cached", first)
        self.assertIn("SwallowedViolationError", second)
        self.assertNotIn("assert_get(", second)

    def test_unmocked_call_is_one_failure(self) -> None:
        """It propagates out of the test, and is not found again."""

        class Inner(Leaving):
            def test(self) -> None:
                self.leave()
                with self.sandbox():
                    fetch()

        (text,) = self.check(run(Inner), "failure")
        self.assertIn("UnmockedInteractionError", text)

    def test_translation_that_fails_the_test_is_one_error(self) -> None:
        """The violation is printed above it, and needs no second report."""

        class Inner(TripwireTestCase):
            def test(self) -> None:
                with self.sandbox():
                    try:
                        fetch()
                    except UnmockedInteractionError as error:
                        raise LookupError("cache") from error

        (text,) = self.check(run(Inner), "error")
        self.assertIn("UnmockedInteractionError", text)

    def test_failure_after_a_violation_that_the_test_caught_is_one_failure(self) -> None:
        """However the failing leaves the function, it has caught the violation before."""

        class Inner(TripwireTestCase):
            def test_at_the_same_instruction(self) -> None:
                with self.sandbox():
                    calls: List[Callable[[], Any]] = [lambda: [1].index(2), fetch]
                    while True:
                        with contextlib.suppress(UnmockedInteractionError):
                            calls.pop()()

            def test_through_finally(self) -> None:
                with self.sandbox(), contextlib.suppress(UnmockedInteractionError):
                    fetch()
                try:
                    raise LookupError
                finally:
                    self.addCleanup(str)

        self.check(run(Inner), "error", "error")

    def test_skip_stays_a_skip(self) -> None:
        """In the body, in `setUp`, of the test, of the class."""

        class Inner(Leaving):
            def test_in_the_body(self) -> None:
                self.leave()
                self.skipTest("later")

            @unittest.skip("always")
            def test_always(self) -> None:
                """Never run."""

        class SetUp(Leaving):
            def setUp(self) -> None:
                super().setUp()
                self.leave()
                self.skipTest("not here")

            def test(self) -> None:
                """Never run."""

        @unittest.skip("no class")
        class Whole(TripwireTestCase):
            def test(self) -> None:
                """Never run."""

        self.check(run(Inner), "skip", "skip")
        self.check(run(SetUp), "skip")
        self.check(run(Whole), "skip")

    def test_skipped_test_still_tells_the_causes(self) -> None:
        """What was swallowed before may be why it skipped."""

        class Inner(Leaving):
            def test(self) -> None:
                with self.sandbox():
                    careless()
                self.skipTest("no cache here")

        self.check(run(Inner), "failure", "skip")

    def test_expected_failure_stays_expected(self) -> None:
        """Whatever else it left; a violation can be the expected failure, too."""

        class Inner(Leaving):
            @unittest.expectedFailure
            def test(self) -> None:
                self.leave()
                self.fail()

            @unittest.expectedFailure
            def test_violation(self) -> None:
                with self.sandbox():
                    fetch()

        self.check(run(Inner), "expected", "expected")

    def test_expected_failure_that_passes_with_findings_fails(self) -> None:
        """It did fail, but not where it was expected to."""

        class Inner(Leaving):
            @unittest.expectedFailure
            def test(self) -> None:
                self.leave()

        self.check(run(Inner), "failure")

    def test_expected_failure_that_passes_is_unexpected(self) -> None:
        """As ever."""

        class Inner(TripwireTestCase):
            @unittest.expectedFailure
            def test(self) -> None:
                self.verifier.verify_all()

        self.check(run(Inner), "unexpected")

    def test_failing_subtests_do_not_multiply_findings(self) -> None:
        """Each is a failure of its own; its consequences are not."""

        class Inner(Leaving):
            def test(self) -> None:
                for number in range(3):
                    with self.subTest(number=number):
                        self.leave()
                        self.fail("by itself")

            def test_violations(self) -> None:
                with self.sandbox():
                    for number in range(3):
                        with self.subTest("call", number=number):
                            fetch()

        self.check(run(Inner), *["failure"] * 6)

    def test_subtests_are_called_as_ever(self) -> None:
        """By their message, by their parameters, or by neither."""

        class Inner(TripwireTestCase):
            def test(self) -> None:
                for subtest in (self.subTest(), self.subTest(a=1), self.subTest("m"),
                                self.subTest(None)):  # fmt: skip
                    with subtest:
                        self.fail()

        names = [str(case).rpartition(" ")[2] for case, _ in run(Inner).failures]
        self.assertEqual(names, ["(<subtest>)", "(a=1)", "[m]", "[None]"])

    def test_skip_for_want_of_a_server_is_no_excuse(self) -> None:
        """The code that skips has swallowed a violation; unittest prints nothing of it."""

        class Inner(TripwireTestCase):
            def test_guard(self) -> None:
                skip_without_cache()

            def test_sandbox(self) -> None:
                with self.sandbox():
                    skip_without_cache()

        result = run(Inner)
        self.check(result, *["failure"] * 2, *["skip"] * 2)

    def test_error_that_refuses_attributes_is_an_error_like_any(self) -> None:
        """A frozen dataclass, for one: unittest has to go on after it."""

        class Inner(TripwireTestCase):
            def test(self) -> None:
                raise Frozen("k")

            def test_subtest(self) -> None:
                with self.subTest():
                    raise Frozen("k")

        for text in self.check(run(Inner), "error", "error"):
            self.assertIn("Frozen: k", text)
        self.assertRaises(Frozen, Inner("test").debug)

    def test_skipped_subtest_is_not_a_skipped_test(self) -> None:
        """The rest of the test is verified."""

        class Inner(Leaving):
            def test(self) -> None:
                skip: Callable[[str], None] = self.skipTest
                with self.subTest("one"), self.subTest("inner"):
                    skip("not this one")
                self.leave()

        self.check(run(Inner), "failure", "skip")

    def test_passing_subtests_change_nothing(self) -> None:
        """Findings are those of the test."""

        class Inner(Leaving):
            def test(self) -> None:
                with self.subTest("one"):
                    self.leave()

        self.check(run(Inner), "failure")

    def test_verification_by_hand_reports_once(self) -> None:
        """What a test met in `verify_all()`, `tearDown` does not tell again."""

        class Inner(Leaving):
            def test_failing(self) -> None:
                self.leave()
                self.verifier.verify_all()

            def test_expecting(self) -> None:
                self.leave()
                with self.assertRaises(UnassertedInteractionsError):
                    self.verifier.verify_all()

        self.check(run(Inner), "failure")

    def test_keyboard_interrupt_ends_the_run_and_nothing_is_left_on(self) -> None:
        """Neither the sandbox nor the guard stays."""
        before = dict(vars(Client))

        class Inner(Leaving):
            def test(self) -> None:
                self.sandbox().__enter__()
                raise KeyboardInterrupt

        self.assertRaises(KeyboardInterrupt, Inner("test").run)
        self.assertRaises(KeyboardInterrupt, Inner("test").debug)
        self.assertEqual(dict(vars(Client)), before)
