"""A handler acknowledges a violation by naming it, in whatever form and place it is written."""

from __future__ import annotations

import unittest

from tests.support.platform import need_for
from tests.violations.forms import NAMELESS, NAMING, in_place
from tests.violations.written import swallowed

PLACES = ("test", "nested function", "helper of the test's file", "application")
OURS = ("tripwire.UnmockedInteractionError", "tripwire.ViolationError", "tripwire.TripwireError")
NOTHING = ("Exception", "BaseException")


class FormsTest(unittest.TestCase):
    """The tables, in every place."""

    maxDiff = None

    def is_finding(self, form: str, place: str, named: str = "KeyError") -> bool:
        """Whether a test reports the violation that a handler catches."""
        need_for(form)
        texts = in_place(form, place)
        return bool(swallowed(texts["test"] % named, texts["app"]))

    def test_there_are_many(self) -> None:
        """More than the 46 that one trial had."""
        self.assertGreater(len(NAMING), 60)
        self.assertGreater(len(NAMELESS), 20)

    def test_naming_a_class_of_ours_acknowledges_anywhere(self) -> None:
        """Each of them, in the test, in its file, and in the application."""
        for name, form in NAMING.items():
            for place in PLACES:
                for named in OURS if place == "test" else OURS[:1]:
                    with self.subTest(form=name, place=place, named=named):
                        self.assertFalse(self.is_finding(form, place, named))

    def test_naming_assertion_error_acknowledges_in_the_test_alone(self) -> None:
        """In the method and the functions nested in it; never in the rest of its file."""
        for name, form in NAMING.items():
            for place in PLACES:
                with self.subTest(form=name, place=place):
                    in_test = place in ("test", "nested function")
                    self.assertEqual(self.is_finding(form, place, "AssertionError"), not in_test)

    def test_naming_exception_acknowledges_nowhere(self) -> None:
        """Not in the test, either."""
        for name, form in NAMING.items():
            for place in PLACES:
                for named in NOTHING if place == "test" else NOTHING[:1]:
                    with self.subTest(form=name, place=place, named=named):
                        self.assertTrue(self.is_finding(form, place, named))

    def test_naming_nothing_acknowledges_nowhere(self) -> None:
        """Whatever stands around it or beside it."""
        for name, form in NAMELESS.items():
            for place in PLACES:
                with self.subTest(form=name, place=place):
                    self.assertTrue(self.is_finding(form, place))
