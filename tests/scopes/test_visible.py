"""A violation that a failing test shows by itself is not reported again; one it hides is.

SPECIFICATION 24, 25.
"""

from __future__ import annotations

import unittest
from typing import Any, Callable, List, Optional

import tripwire
from tests.support.cases import CLIENT
from tests.support.swallowing import Group
from tripwire import SwallowedViolationError


def swallowed() -> BaseException:
    """The violation of an application that catches it."""
    try:
        raise LookupError(CLIENT.get("k"))
    except Exception as error:
        return error


def chained(
    context: BaseException, cause: Optional[BaseException] = None, suppress: bool = False
) -> LookupError:
    """An exception raised while another was handled, with a cause or with `from None`."""
    error = LookupError("of the application")
    error.__context__ = context
    if cause is not None or suppress:
        error.__cause__ = cause
    return error


def printed(error: BaseException) -> List[BaseException]:
    """An exception and what is printed above it, group members left out."""
    found: List[BaseException] = []
    above: Optional[BaseException] = error
    while above is not None and above not in found:
        found.append(above)
        above = above.__cause__ or (None if above.__suppress_context__ else above.__context__)
    return found


class VisibleTest(unittest.TestCase):
    """What the traceback of the failure prints counts as seen."""

    def is_reported(self, build: Callable[[BaseException], BaseException]) -> bool:
        """Whether a test that fails with what is built of a violation reports it besides."""

        @tripwire.strict
        def test() -> None:
            with tripwire.sandbox():
                violation = swallowed()
            raise build(violation)

        with self.assertRaises(Exception) as caught:
            test()
        return any(isinstance(each, SwallowedViolationError) for each in printed(caught.exception))

    def test_violation_above_the_failure_is_seen(self) -> None:
        """As what was handled, as a cause, or as what was handled when the cause came."""
        self.assertFalse(self.is_reported(chained))
        self.assertFalse(self.is_reported(lambda error: chained(KeyError(), error)))
        self.assertFalse(self.is_reported(lambda error: chained(KeyError(), chained(error))))

    def test_violation_that_is_not_printed_is_reported(self) -> None:
        """`from None`, and `from` another exception, hide it."""
        self.assertTrue(self.is_reported(lambda error: chained(error, suppress=True)))
        self.assertTrue(self.is_reported(lambda error: chained(error, KeyError())))

    def test_violation_in_a_group_is_seen(self) -> None:
        """Deep in it, and beside others that it holds twice."""
        twice = KeyError()
        self.assertFalse(self.is_reported(lambda error: Group(error, twice, twice)))
        self.assertFalse(self.is_reported(lambda error: Group(twice, Group(error))))

    def test_other_attributes_of_that_name_are_no_group(self) -> None:
        """Whatever they are."""
        for exceptions in (None, 3, "text", [KeyError()], (KeyError, OSError), ("a", 1)):
            with self.subTest(exceptions=exceptions):

                def build(error: BaseException, exceptions: Any = exceptions) -> BaseException:
                    group = Group()
                    group.exceptions = exceptions
                    return group

                self.assertTrue(self.is_reported(build))

    def test_attribute_that_raises_is_no_group(self) -> None:
        """Nor does it hide what verification finds."""

        class Lazy(Exception):
            @property
            def exceptions(self) -> Any:
                raise RuntimeError("not loaded")

        self.assertTrue(self.is_reported(lambda error: Lazy()))

    def test_group_that_holds_itself_ends(self) -> None:
        """Where it leaves the sandbox, and where the finding is put below it."""
        group = Group()
        group.exceptions = (group, KeyError())
        with self.assertRaises(Group) as caught, tripwire.strict(), tripwire.sandbox():
            swallowed()
            raise group
        held = caught.exception.exceptions[1]
        self.assertIsInstance(held.__cause__, SwallowedViolationError)
