"""The tracebacks of a failed test show the lines of the test and of the application, no others."""

from __future__ import annotations

import re
import unittest
from contextlib import suppress
from typing import Any, List, Type

from pymemcache.client.hash import HashClient

from tests.support.cases import CLIENT, SERVER
from tripwire import TripwireTestCase


def fetch() -> Any:
    """What the application does."""
    return CLIENT.get("k")


def careless() -> None:
    """What the application does elsewhere: it swallows."""
    with suppress(Exception):
        fetch()


def shown(case: Type[TripwireTestCase]) -> List[List[str]]:
    """For each failure and error of a class, the functions that its traceback shows."""
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
    return [
        [
            function if filename == __file__ else filename
            for filename, function in re.findall(r'File "(.+)", line \d+, in (\S+)', text)
        ]
        for _, text in result.failures + result.errors
    ]


class TracebackTest(unittest.TestCase):
    """What unittest prints above the message."""

    def test_violation_ends_at_the_line_that_made_the_call(self) -> None:
        """Inside and outside the sandbox, in the body, a subtest, a fixture, a cleanup."""

        class Inner(TripwireTestCase):
            def test_1_inside(self) -> None:
                with self.sandbox():
                    fetch()

            def test_2_outside(self) -> None:
                fetch()

            def test_3_subtest(self) -> None:
                with self.subTest(), self.sandbox():
                    fetch()

            def test_4_cleanup(self) -> None:
                self.addCleanup(fetch)

            def test_5_through_pymemcache(self) -> None:
                with self.sandbox():
                    HashClient([SERVER]).get("k")

        self.assertEqual(
            shown(Inner),
            [
                ["test_1_inside", "fetch"],
                ["test_2_outside", "fetch"],
                ["test_3_subtest", "fetch"],
                ["fetch"],
                ["test_5_through_pymemcache"],
            ],
        )

        class SetUp(TripwireTestCase):
            def setUp(self) -> None:
                super().setUp()
                fetch()

            test = Inner.test_1_inside

        self.assertEqual(shown(SetUp), [["setUp", "fetch"]])

    def test_finding_has_no_lines_but_the_user_s(self) -> None:
        """None at all, where `tearDown` is the inherited one; the report names the places."""

        class Inner(TripwireTestCase):
            def test_swallowed(self) -> None:
                careless()

            def test_unused(self) -> None:
                self.memcache.mock_command("GET", returns=b"v")

        class TearDown(Inner):
            def tearDown(self) -> None:
                super().tearDown()

        class Forgotten(Inner):
            def tearDown(self) -> None:
                """Without super()."""

        class SetUp(Inner):
            def setUp(self) -> None:
                """Without super()."""

        for case, lines in ((Inner, []), (TearDown, ["tearDown"]), (Forgotten, []), (SetUp, [])):
            with self.subTest(case.__name__):
                self.assertEqual(shown(case), [lines, lines])

    def test_misuse_ends_at_the_line_of_the_test(self) -> None:
        """An assertion that failed, one inside the sandbox, a reply that is impossible."""

        class Inner(TripwireTestCase):
            def test_1_mismatch(self) -> None:
                self.memcache.assert_get("GET", "k")

            def test_2_inside(self) -> None:
                with self.sandbox():
                    self.memcache.assert_get("GET", "k")

            def test_3_impossible(self) -> None:
                self.memcache.mock_command("INCR", returns=b"1")

        self.assertEqual(
            shown(Inner), [["test_1_mismatch"], ["test_2_inside"], ["test_3_impossible"]]
        )

    def test_other_errors_are_shown_whole(self) -> None:
        """What pymemcache rejects, and what the test asserts, looks as it does without tripwire."""

        class Inner(TripwireTestCase):
            def test_1_assertion(self) -> None:
                self.assertEqual(1, 2)

            def test_2_illegal_key(self) -> None:
                with self.sandbox():
                    CLIENT.get("a b")

        assertion, illegal = shown(Inner)
        self.assertEqual(assertion, ["test_1_assertion"])
        self.assertEqual(illegal[0], "test_2_illegal_key")
        self.assertIn("pymemcache", illegal[-1])
