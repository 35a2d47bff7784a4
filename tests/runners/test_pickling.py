"""What parallel runners send between processes survives it: errors, and test cases as they run.

SPECIFICATION 27.
"""

from __future__ import annotations

import pickle
import unittest
from contextlib import suppress
from typing import Any, List

import tripwire
from tests.support.cases import CLIENT, by_hand
from tripwire import (
    NoActiveVerifierError,
    SwallowedViolationError,
    TripwireError,
    TripwireTestCase,
    UnassertedInteractionsError,
    UnmockedInteractionError,
    UnusedMocksError,
    errors,
)

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, TripwireError)
]


def through_pickle(thing: Any) -> List[Any]:
    """Send something through every protocol."""
    return [
        pickle.loads(pickle.dumps(thing, protocol))
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
    ]


def careless() -> None:
    """What the application does: it swallows."""
    with suppress(Exception):
        CLIENT.get("k")


class ErrorsTest(unittest.TestCase):
    """Errors keep their type and their text."""

    def check(self, error: BaseException) -> None:
        """Compare an error with what comes out of a pickle."""
        for copy in through_pickle(error):
            self.assertIs(type(copy), type(error))
            self.assertEqual(str(copy), str(error))

    def test_every_kind_survives(self) -> None:
        """With facts that could not be pickled, and without any."""
        self.assertGreater(len(KINDS), 15)
        for kind in KINDS:
            with self.subTest(kind.__name__):
                self.check(kind("two\nlines", command="GET", fields={"key": lambda: "k"}))
                self.check(kind())

    def test_facts_fall_back_to_their_defaults(self) -> None:
        """They may hold anything, and are not sent."""
        (copy, *_) = through_pickle(UnmockedInteractionError("text", command="GET"))
        self.assertEqual((copy.command, copy.fields), ("", None))

    def test_errors_as_they_are_raised_survive(self) -> None:
        """A call's, an assertion's, and a verification's that is of three kinds at once."""
        verifier, memcache = by_hand()
        memcache.mock_command("SET", returns=True, times=2)
        with verifier.sandbox():
            with self.assertRaises(UnmockedInteractionError) as unmocked:
                CLIENT.get("k")
            CLIENT.set("k", object)
        with verifier.sandbox():
            self.swallow()
        with self.assertRaises(tripwire.InteractionMismatchError) as mismatch:
            memcache.assert_get("GET", "k")
        with self.assertRaises(tripwire.VerificationError) as found:
            verifier.verify_all()
        for kind in (SwallowedViolationError, UnassertedInteractionsError, UnusedMocksError):
            self.assertIsInstance(found.exception, kind)
        for context in (unmocked, mismatch, found):
            self.check(context.exception)

    def swallow(self) -> None:
        """Make the verification find a violation, too."""
        careless()


class Holder:
    """Keeps the test case below from being discovered; pickle finds it here."""

    class Inner(TripwireTestCase):
        """Pickles itself in the middle of its test."""

        copies: List[Any]

        def setUp(self) -> None:
            """Keep a store and a sandbox, as many tests do."""
            super().setUp()
            self.store = self.memcache.store(required=False)
            self.kept = self.sandbox()
            with self.kept:
                CLIENT.get("k")

        def test(self) -> None:
            """Send everything that a runner may come to send."""
            type(self).copies = [self.verifier, self.memcache, self]
            type(self).copies = [pickle.loads(pickle.dumps(each)) for each in self.copies]


class Remote(unittest.TestResult):
    """A result that can be pickled, as those of parallel runners can."""

    def __reduce__(self) -> Any:
        return unittest.TestResult, ()


class TestCaseTest(unittest.TestCase):
    """A failing subtest is sent with its test case, and that with all its attributes."""

    def test_running_test_can_be_sent(self) -> None:
        """What comes out is a record, which says so when it is used."""
        case = Holder.Inner("test")
        result = Remote()
        case.run(result)
        self.assertEqual((result.errors, len(result.failures)), ([], 1))
        verifier, memcache, copy = case.copies
        self.assertEqual(copy.id(), case.id())
        for record in (verifier, memcache):
            again = pickle.loads(pickle.dumps(record))
            with self.assertRaisesRegex(NoActiveVerifierError, "record"):
                again.mock_command("GET", returns=b"v")
        with self.assertRaisesRegex(NoActiveVerifierError, "record"):
            copy.memcache.assert_get("GET", "k")
        with self.assertRaisesRegex(NoActiveVerifierError, "this store was pickled"):
            copy.store.assert_items({})
        for look in (lambda: copy.store["k"], lambda: "k" in copy.store, lambda: list(copy.store)):
            with self.assertRaisesRegex(NoActiveVerifierError, "this store was pickled"):
                look()
        with self.assertRaisesRegex(NoActiveVerifierError, "this sandbox was pickled"):
            copy.kept.close()
        with self.assertRaisesRegex(NoActiveVerifierError, "record"):
            list(verifier.interactions)
