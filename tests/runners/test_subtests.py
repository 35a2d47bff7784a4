"""A subtest that fails says nothing of those around it."""

from __future__ import annotations

import unittest
from typing import Any, List, Type

from pymemcache.client.base import Client

from tripwire import TripwireTestCase

CLIENT = Client(("localhost", 11211))


def fetch(key: str) -> Any:
    """What the application does."""
    return CLIENT.get(key)


def texts(case: Type[TripwireTestCase]) -> List[str]:
    """Run the tests of a class; give the texts of what failed."""
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
    return [text for _, text in result.failures + result.errors]


class SubTestsTest(unittest.TestCase):
    """What a failing subtest leaves open is dropped; everything else is asserted as ever."""

    def test_those_that_follow_a_failing_one_are_not_blamed(self) -> None:
        """Its open interactions and the mocks that are left of it are gone."""

        class Inner(TripwireTestCase):
            def test(self) -> None:
                for key in ("a", "b", "c"):
                    with self.subTest(key=key):
                        self.memcache.mock_command("GET", returns=b"1", key=key)
                        self.memcache.mock_command("SET", returns=True, required=key == "a")
                        with self.sandbox():
                            fetch(key)
                        self.assertNotEqual(key, "a")
                        self.memcache.assert_get("GET", key)

        (text,) = texts(Inner)
        self.assertIn("'a' == 'a'", text)

    def test_what_was_there_before_it_stays(self) -> None:
        """An interaction and a mock from outside the subtest are reported."""

        class Inner(TripwireTestCase):
            def test(self) -> None:
                self.memcache.mock_command("GET", returns=b"1", times=None)
                self.memcache.mock_command("DELETE", returns=True)
                with self.sandbox():
                    fetch("before")
                with self.subTest(), self.sandbox():
                    fetch("within")
                    self.fail("by itself")

        failed, found = texts(Inner)
        self.assertIn("by itself", failed)
        self.assertIn("key='before'", found)
        self.assertIn("mock_command('DELETE'", found)
        self.assertNotIn("within", found)

    def test_mock_that_was_used_up_in_it_is_withdrawn_too(self) -> None:
        """There is nothing left of it."""

        class Inner(TripwireTestCase):
            def test(self) -> None:
                with self.subTest():
                    self.memcache.expect("GET", returns=b"1", key="k")
                    with self.sandbox():
                        fetch("k")
                    self.fail("by itself")

        (text,) = texts(Inner)
        self.assertIn("by itself", text)

    def test_skipped_one_is_not_a_skipped_test(self) -> None:
        """What it left open is reported."""

        class Inner(TripwireTestCase):
            def test(self) -> None:
                with self.subTest():
                    self.memcache.mock_command("GET", returns=b"1")
                    with self.sandbox():
                        fetch("k")
                    self.skipTest("later")

        (text,) = texts(Inner)
        self.assertIn("assert_get(command='GET', key='k')", text)

    def test_swallowed_violation_of_a_failing_one_is_reported(self) -> None:
        """It may be the cause of the failure."""

        class Inner(TripwireTestCase):
            def test(self) -> None:
                with self.subTest():
                    with self.sandbox():
                        careless("k")
                    self.fail("by itself")

        def careless(key: str) -> None:
            try:
                fetch(key)
            except Exception:
                """Whatever it was."""

        failed, found = texts(Inner)
        self.assertIn("by itself", failed)
        self.assertIn("SwallowedViolationError", found)
