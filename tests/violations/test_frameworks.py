"""Who is unittest, and who only looks like it: frameworks mark themselves as it does."""

from __future__ import annotations

import logging
import textwrap
import unittest
from types import SimpleNamespace
from typing import Any
from unittest import mock

import django.test
from django.test import testcases

from tests.violations.written import fetch, files, module, one, run, swallowed
from tripwire import TripwireTestCase, UnmockedInteractionError


class FrameworksTest(unittest.TestCase):
    """A module is unittest's by its name."""

    def test_framework_that_marks_itself_swallows_like_any_other(self) -> None:
        """`__unittest` leaves its frames out of tracebacks, and says no more."""
        app = """
            __unittest = True
            def lenient(call):
                try:
                    call()
                except Exception:
                    pass
        """
        test = """
            class Test(TripwireTestCase):
                def test(self):
                    with self.sandbox():
                        app.lenient(fetch)
        """
        found = one(swallowed(test, app))
        assert found is not None
        assert found.caught_by is not None
        self.assertEqual(found.caught_by.function, "lenient")

    def test_djangos_callbacks_swallow(self) -> None:
        """`captureOnCommitCallbacks` logs what a robust callback raises."""
        connections: Any = {"default": SimpleNamespace(run_on_commit=[])}

        class Inner(TripwireTestCase):
            def test(self) -> None:
                capture = django.test.TestCase.captureOnCommitCallbacks
                with self.sandbox(), capture(execute=True):
                    connections["default"].run_on_commit.append((set(), fetch, True))

        logging.getLogger("django.test").setLevel(logging.CRITICAL)
        self.addCleanup(logging.getLogger("django.test").setLevel, logging.NOTSET)
        with mock.patch.object(testcases, "connections", connections):
            ((_, text),) = run(Inner).failures
        self.assertIn("captureOnCommitCallbacks", text.partition("called from")[0])

    def test_djangos_assertions_are_assert_raises(self) -> None:
        """The test uses them, whatever lies between it and unittest."""

        class Inner(TripwireTestCase, django.test.SimpleTestCase):
            def test(self) -> None:
                with self.sandbox():
                    for named in (AssertionError, UnmockedInteractionError):
                        with self.assertRaisesMessage(named, "GET"):
                            fetch("a")
                        self.assertRaisesMessage(named, "GET", fetch, "b")

        result = run(Inner)
        self.assertEqual(result.failures + result.errors, [])

    def test_module_that_begins_like_unittest_is_not_it(self) -> None:
        """Its name says so, as a whole."""
        text = textwrap.dedent(
            """
            class Lenient:
                expected = AssertionError
                def handle(self, call):
                    try:
                        call()
                    except Exception as error:
                        error.with_traceback(None)
            """
        )
        for name, found in (("unittest_more", 1), ("unittests", 1), ("unittest.more", 0)):
            with self.subTest(name=name), files(**{name: text}):
                lenient = module(name, text)["Lenient"]()

                class Inner(TripwireTestCase):
                    def test(self, lenient: Any = lenient) -> None:
                        with self.sandbox():
                            lenient.handle(fetch)

                self.assertEqual(len(run(Inner).failures), found)

    def test_violation_in_a_repr_is_not_in_the_result(self) -> None:
        """Unittest goes on without, where a message asks for it."""

        class Lazy:
            def __repr__(self) -> str:
                return str(fetch())

        class Inner(TripwireTestCase):
            def test(self) -> None:
                with self.sandbox(), self.assertRaises(AssertionError):
                    self.assertEqual(Lazy(), 1)

        ((_, text),) = run(Inner).failures
        self.assertIn("in safe_repr", text)

    def test_unittest_that_says_less_has_named_what_it_took(self) -> None:
        """One that does not keep what it expected."""
        text = "def handle(error):\n    error.with_traceback(None)\n"
        handle = module("unittest.other", text)["handle"]

        class Inner(TripwireTestCase):
            def test(self) -> None:
                with self.sandbox():
                    try:
                        fetch()
                    except Exception as error:
                        handle(error)

        self.assertEqual(run(Inner).failures, [])
