"""Whatever a value is made of, its expression gives it back."""

from __future__ import annotations

import datetime
import threading
import unittest
from typing import Any, List

from hypothesis import given
from hypothesis import strategies as st

from tests.accept.accepting import evaluated
from tests.support.platform import needs_threads
from tripwire.report.expressions import Expression, expression

UTC = datetime.timezone.utc


class Text(str):
    """A string that is more than that, as a template engine's."""


def same(one: Any, other: Any) -> bool:
    """Whether two values of built-in types are the same in their types, too."""
    return type(one) is type(other) and one == other and repr(one) == repr(other)


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.complex_numbers(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9)
    | st.binary(max_size=9)
    | st.dates()
    | st.datetimes(timezones=st.sampled_from([UTC, None]))
    | st.timedeltas()
    | st.times()
    | st.decimals(allow_nan=False)
    | st.fractions()
    | st.uuids()
    | st.ip_addresses()
)

VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3)
        | st.frozensets(SCALARS, max_size=2)
        | st.sets(SCALARS, max_size=2)
    ),
    max_leaves=5,
)


def equals(value: Any, found: Expression) -> bool:
    """Whether an expression gives a value that is equal, and of the same type."""
    return type(evaluated(found)) is type(value) and bool(evaluated(found) == value)


class RoundTripTest(unittest.TestCase):
    """Whatever it is made of."""

    @given(VALUES)
    def test_round_trip(self, value: Any) -> None:
        """There is an expression, unless it would be long, and it gives the same."""
        found = expression(value)
        self.assertTrue(equals(value, found) if found else len(repr(value)) > 90)

    @given(st.lists(st.booleans() | st.integers(0, 1) | st.floats(0, 1), max_size=4))
    def test_types_inside(self, value: Any) -> None:
        """Values that are equal, and of other types."""
        found = expression(value)
        assert found is not None
        self.assertTrue(same(evaluated(found), value))


@needs_threads
class ThreadsTest(unittest.TestCase):
    """Reports are written in several threads at once."""

    def test_threads(self) -> None:
        """Parsing in one does not disturb the others."""
        found: List[Any] = []

        def work() -> None:
            found.extend(expression([Text("a"), 1]) for _ in range(50))

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(set(found), {Expression("['a', 1]", ())})
