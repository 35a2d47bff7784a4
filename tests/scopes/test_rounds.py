"""A round: the same verifier and plugin, with nothing of the test around it."""

from __future__ import annotations

import concurrent.futures
import contextvars
import unittest
from typing import Any, List

from pymemcache.client.base import Client

from tests.support.platform import needs_threads
from tripwire import (
    MemcachePlugin,
    SandboxNotActiveError,
    StrictVerifier,
    SwallowedViolationError,
)

CLIENT = Client(("localhost", 11211))


def fetch() -> Any:
    """What the application does."""
    return CLIENT.get("k")


class RoundTest(unittest.TestCase):
    """What happens in a round happens to a state of its own."""

    def setUp(self) -> None:
        """Build a verifier by hand."""
        self.verifier = StrictVerifier()
        self.memcache = MemcachePlugin(self.verifier)

    def test_mocks_and_interactions_of_a_round_are_its_own(self) -> None:
        """Neither is left in the test around it, and those of the test are not met inside."""
        self.memcache.mock_command("GET", returns=b"outside")
        with self.verifier.round():
            self.memcache.mock_command("GET", returns=b"inside")
            self.memcache.mock_command("SET", returns=True)
            with self.verifier.sandbox():
                self.assertEqual(fetch(), b"inside")
            self.assertEqual(len(self.verifier.interactions), 1)
        self.assertEqual(self.verifier.interactions, ())
        with self.verifier.sandbox():
            self.assertEqual(fetch(), b"outside")
        self.memcache.assert_get("GET", "k")
        self.verifier.verify_all()

    def test_round_ends_by_an_exception_too(self) -> None:
        """The test around it goes on."""
        state = self.verifier.state
        with self.assertRaises(ZeroDivisionError), self.verifier.round():
            raise ZeroDivisionError
        self.assertIs(self.verifier.state, state)

    def test_late_call_of_one_round_is_never_held_against_the_next(self) -> None:
        """It is refused, and in nobody's report."""
        late: List[contextvars.Context] = []
        with self.verifier.round(), self.verifier.sandbox():
            late.append(contextvars.copy_context())
        with self.verifier.round():
            self.memcache.mock_command("GET", returns=b"next", required=False)
            with self.verifier.sandbox(), self.assertRaises(SandboxNotActiveError):
                late[0].run(fetch)
            self.verifier.verify_all()
        self.verifier.verify_all()

    @needs_threads
    def test_late_call_of_the_test_during_a_round_is_the_tests(self) -> None:
        """It is reported with the test."""
        with self.verifier.sandbox():
            late = contextvars.copy_context()
        with self.verifier.round():
            with self.verifier.sandbox(), concurrent.futures.ThreadPoolExecutor(1) as executor:
                executor.submit(late.run, fetch)
            self.verifier.verify_all()
        self.assertRaises(SwallowedViolationError, self.verifier.verify_all)
