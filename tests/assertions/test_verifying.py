"""Verification raises one error for all it finds, of each kind that it finds, once.

SPECIFICATION 23.
"""

from __future__ import annotations

import itertools
import pickle
from contextlib import suppress
from typing import Any, Callable, List, Set, Tuple, Type

import tripwire
from tests.support.cases import ByHandTestCase
from tripwire import (
    StrictVerifier,
    SwallowedViolationError,
    UnassertedInteractionsError,
    UnmockedInteractionError,
    UnusedMocksError,
    VerificationError,
)

KINDS: Tuple[Type[VerificationError], ...] = (
    SwallowedViolationError,
    UnassertedInteractionsError,
    UnusedMocksError,
)


def swallow(call: Callable[..., Any], *args: Any) -> None:
    """Do what code around a cache likes to do."""
    with suppress(Exception):
        call(*args)


class VerifyingCase(ByHandTestCase):
    """A verifier by itself, and what makes each kind of finding."""

    def leave(self, kind: Type[VerificationError], key: str = "k") -> None:
        """Leave a finding of a kind behind."""
        if kind is SwallowedViolationError:
            with self.verifier.sandbox():
                swallow(self.client.delete, key)
        elif kind is UnassertedInteractionsError:
            self.memcache.mock_command("GET", returns=b"v", key=key)
            with self.verifier.sandbox():
                self.client.get(key)
        else:
            self.memcache.mock_command("SET", returns=True, key=key)

    def verification(self) -> VerificationError:
        """Verify, and return what was raised."""
        with self.assertRaises(VerificationError) as caught:
            self.verifier.verify_all()
        return caught.exception


class KindsTest(VerifyingCase):
    """The kinds of findings, alone and together."""

    def test_nothing_found_is_silence(self) -> None:
        """With a plugin, and without one."""
        self.verifier.verify_all()
        StrictVerifier().verify_all()

    def test_error_is_of_each_kind_that_was_found_and_of_no_other(self) -> None:
        """Every combination of the three, in whatever order they came about."""
        for size in (1, 2, 3):
            for found in itertools.permutations(KINDS, size):
                with self.subTest([kind.__name__ for kind in found]):
                    self.setUp()
                    for kind in found:
                        self.leave(kind)
                    error = self.verification()
                    is_of: Set[Any] = {kind for kind in KINDS if isinstance(error, kind)}
                    self.assertEqual(is_of, set(found))
                    self.assertEqual(bool(error.violations), SwallowedViolationError in found)
                    self.assertEqual(bool(error.unasserted), UnassertedInteractionsError in found)
                    self.assertEqual(bool(error.unused), UnusedMocksError in found)

    def test_text_speaks_of_each_kind_that_was_found(self) -> None:
        """One report after the other."""
        for kind in KINDS:
            self.leave(kind, kind.__name__)
        text = str(self.verification())
        for kind in KINDS:
            self.assertIn(f"'{kind.__name__}'", text)

    def test_every_kind_is_a_failure(self) -> None:
        """In unittest's sense."""
        for kind in KINDS:
            self.assertTrue(issubclass(kind, AssertionError))
            self.assertTrue(issubclass(kind, tripwire.TripwireError))

    def test_error_of_several_kinds_survives_pickling(self) -> None:
        """A parallel runner shows what the test would have."""
        for kind in KINDS:
            self.leave(kind)
        error = self.verification()
        copy = pickle.loads(pickle.dumps(error))
        self.assertEqual((type(copy), str(copy)), (type(error), str(error)))


class FactsTest(VerifyingCase):
    """The findings are attributes of the error."""

    def test_unasserted_are_the_interactions(self) -> None:
        """Those that are open, in their order."""
        for key in "abc":
            self.leave(UnassertedInteractionsError, key)
        self.memcache.assert_get("GET", "a")
        error = self.verification()
        self.assertEqual(error.unasserted, self.verifier.interactions[1:])

    def test_unused_are_the_mocks(self) -> None:
        """As they were registered."""
        self.memcache.mock_command("GET", returns=b"v", key="k", times=2)
        self.memcache.expect("DELETE", key="k", raises=ConnectionError("gone"))
        with self.verifier.sandbox():
            self.client.get("k")
        self.memcache.assert_get("GET", "k")
        first, second = self.verification().unused
        self.assertEqual(
            (first.command, first.fields, first.returns, first.times),
            ("GET", {"key": "k"}, b"v", 2),
        )
        self.assertEqual((first.expected, second.expected), (False, True))
        self.assertEqual((second.command, second.returns), ("DELETE", None))
        self.assertIsInstance(second.raises, ConnectionError)
        self.assertEqual(first.location.filename, __file__)
        self.assertEqual(first.location.lineno + 1, second.location.lineno)
        self.assertEqual(first.answered.function, "test_unused_are_the_mocks")
        self.assertIsNone(second.answered)

    def test_unused_mock_says_where_it_was_registered(self) -> None:
        """That is its repr, in a debugger, say."""
        self.leave(UnusedMocksError)
        (mock,) = self.verification().unused
        self.assertRegex(repr(mock), r"^<Mock SET .*test_verifying\.py:\d+>$")

    def test_violations_say_who_swallowed_what(self) -> None:
        """The error's type and text, the call, and who caught it."""
        self.leave(SwallowedViolationError, "stale")
        (violation,) = self.verification().violations
        self.assertIs(violation.error, UnmockedInteractionError)
        self.assertTrue(violation.message.startswith("memcache.DELETE(...) was called but"))
        self.assertIn("'stale'", violation.message)
        self.assertEqual(violation.command, "DELETE")
        self.assertEqual((violation.location.filename, violation.times), (__file__, 1))
        self.assertEqual(violation.location.function, "swallow")
        self.assertEqual(violation.caught_by.function, "swallow")
        self.assertIs(violation.lost, False)

    def test_repeats_of_a_violation_are_one(self) -> None:
        """The same command with the same fields from the same place."""
        with self.verifier.sandbox():
            for key in ("a", "b", "a", "a"):
                swallow(self.client.get, key)
        violations = self.verification().violations
        self.assertEqual([violation.times for violation in violations], [3, 1])

    def test_unmocked_call_is_no_interaction(self) -> None:
        """It is a violation, and nothing but that."""
        self.leave(SwallowedViolationError)
        error = self.verification()
        self.assertEqual((self.verifier.interactions, error.unasserted), ((), ()))

    def test_violation_that_the_test_met_is_settled(self) -> None:
        """By `assertRaises`, by an `except` of its own, or by leaving the sandbox."""
        with self.verifier.sandbox():
            self.assertRaises(UnmockedInteractionError, self.client.get, "a")
            with self.assertRaisesRegex(UnmockedInteractionError, "GET"):
                self.client.get("b")
            try:
                self.client.get("c")
            except AssertionError as error:
                self.assertIsInstance(error, UnmockedInteractionError)
        with self.assertRaises(UnmockedInteractionError), self.verifier.sandbox():
            self.client.get("d")
        self.verifier.verify_all()


class OnceTest(VerifyingCase):
    """What has been reported once is not reported again."""

    def test_second_verification_is_silent(self) -> None:
        """After every combination."""
        for size in (1, 2, 3):
            for found in itertools.combinations(KINDS, size):
                with self.subTest([kind.__name__ for kind in found]):
                    for kind in found:
                        self.leave(kind)
                    self.verification()
                    self.verifier.verify_all()

    def test_only_what_is_new_is_reported_then(self) -> None:
        """Of each kind."""
        for kind in KINDS:
            self.leave(kind, "old")
        self.verification()
        for kind in KINDS:
            with self.subTest(kind.__name__):
                self.leave(kind, "new")
                error = self.verification()
                self.assertIs(type(error), kind)
                self.assertIn("'new'", str(error))
                self.assertNotIn("'old'", str(error))

    def test_reported_mock_may_still_answer(self) -> None:
        """And is not reported for it."""
        self.leave(UnusedMocksError)
        self.verification()
        with self.verifier.sandbox():
            self.client.set("k", b"v")
        self.memcache.assert_set("SET", "k", b"v")
        self.verifier.verify_all()

    def test_timeline_stays_after_verification(self) -> None:
        """A reported interaction is still there to be looked at."""
        self.leave(UnassertedInteractionsError)
        self.verification()
        keys: List[Any] = [met.fields["key"] for met in self.verifier.interactions]
        self.assertEqual(keys, ["k"])
