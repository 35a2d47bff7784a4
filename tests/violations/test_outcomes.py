"""What the test failed with needs no second report; what an expected failure hides does."""

from __future__ import annotations

import unittest
from typing import Any, Callable, List, Type

from tests.violations.written import fetch, noting, run
from tripwire import TripwireTestCase, UnmockedInteractionError, Violation


def translate() -> None:
    """Make a fault of the cache one's own."""
    try:
        fetch()
    except Exception as error:
        raise LookupError from error


class OutcomesTest(unittest.TestCase):
    """Tests that end in one way or another after a violation."""

    def found(self, body: Callable[[Any], None], **marks: Any) -> List[Violation]:
        """The violations that a test finds."""
        found: List[Violation] = []

        class Inner(TripwireTestCase):
            test = body

        for name, value in marks.items():
            setattr(Inner, name, value)
        run(noting(Inner, found))
        return found

    def test_translated_violation_of_a_failed_test_is_printed_with_it(self) -> None:
        """As the cause of what the test failed with."""

        def body(self: TripwireTestCase) -> None:
            with self.sandbox():
                translate()

        self.assertEqual(self.found(body), [])

    def test_translated_violation_of_an_expected_failure_is_found(self) -> None:
        """Nobody prints it; whether the method or the class is marked."""

        def body(self: TripwireTestCase) -> None:
            with self.sandbox():
                translate()

        self.assertEqual(len(self.found(unittest.expectedFailure(body))), 1)
        self.assertEqual(len(self.found(body, __unittest_expecting_failure__=True)), 1)

    def test_expected_failure_with_the_violation_itself_has_named_it(self) -> None:
        """It is what was expected."""

        @unittest.expectedFailure
        def body(self: TripwireTestCase) -> None:
            with self.sandbox():
                fetch()

        self.assertEqual(self.found(body), [])

    def test_translated_violation_that_the_test_expects_is_found(self) -> None:
        """The application caught it, and did not name it: inside the sandbox and around it."""

        def inside(self: TripwireTestCase) -> None:
            with self.sandbox(), self.assertRaises(LookupError):
                translate()

        def around(self: TripwireTestCase) -> None:
            with self.assertRaises(LookupError), self.sandbox():
                translate()

        for body in (inside, around):
            (violation,) = self.found(body)
            assert violation.caught_by is not None
            self.assertEqual(violation.caught_by.function, "translate")

    def test_repeats_of_one_that_was_named_are_settled(self) -> None:
        """Same command, fields and place; others are not."""

        def body(self: TripwireTestCase) -> None:
            def attempt(key: str, named: Type[BaseException]) -> None:
                try:
                    fetch(key)
                except named:
                    return

            with self.sandbox():
                for key, named in (
                    ("a", Exception),
                    ("a", UnmockedInteractionError),
                    ("a", Exception),
                    ("b", Exception),
                ):
                    attempt(key, named)

        (violation,) = self.found(body)
        self.assertIn("'b'", violation.message)

    def test_named_violation_keeps_no_frames(self) -> None:
        """Once it was verified: who used `assertRaises` may be much."""

        def body(self: TripwireTestCase) -> None:
            with self.sandbox(), self.assertRaises(UnmockedInteractionError) as caught:
                fetch()
            self.addCleanup(kept.append, caught.exception)

        kept: List[Any] = []
        self.assertEqual(self.found(body), [])
        (error,) = kept
        self.assertEqual([each.frame for each in error.asserted], [None])
