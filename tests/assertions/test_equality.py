"""What is equal to what, in mocks, assertions and replies."""

from __future__ import annotations

import array
import subprocess
import sys
import unittest
from collections import Counter, OrderedDict, defaultdict, deque
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, IntEnum
from fractions import Fraction
from typing import Any, Iterator, List, NamedTuple, Tuple
from unittest.mock import ANY, call

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.platform import needs_processes
from tripwire._matching import alike, equal, keys_equal

NAN = float("nan")


class Color(IntEnum):
    """A number with a name."""

    RED = 1


class Shape(Enum):
    """A name alone."""

    ROUND = "round"
    SQUARE = "square"


class Safe(str):
    """Text that says that it is safe, as Django's SafeString."""


class Measured(float):
    """A number, as numpy's float64."""


class Point(NamedTuple):
    """A tuple with names."""

    x: Any
    y: Any


class Multi(dict):  # type: ignore[type-arg]  # as Django's MultiValueDict
    """A dict in which looking up gives something else than what it holds."""

    __getitem__: Any = None


class Unordered(list):  # type: ignore[type-arg]  # noqa: PLW1641  # a matcher has no hash
    """A matcher that is a list."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, list) and sorted(self) == sorted(other)


class Plain:
    """An object that equals itself alone."""


class Broken:  # noqa: PLW1641  # nobody asks for its hash
    """An object that cannot be compared."""

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no")


@dataclass
class Parts:
    """An object that compares what is in it."""

    value: Any


class Array:  # noqa: PLW1641  # as numpy's
    """As much of an array as is needed: `==` gives an array of flags."""

    def __init__(self, *values: Any, shape: Any = None, dtype: str = "int64") -> None:
        self.values = values
        self.shape = (len(values),) if shape is None else shape
        self.dtype = dtype

    def __eq__(self, other: object) -> Any:
        values = other.values if isinstance(other, Array) else (other,) * len(self.values)
        flags = [mine == theirs for mine, theirs in zip(self.values, values)]
        return Array(*flags, shape=self.shape, dtype="bool")

    def __bool__(self) -> bool:
        # Of more than one, or none, numpy's has none.
        (value,) = self.values
        return bool(value)

    def all(self) -> Any:
        """Over one dimension."""
        return Array(all(self.values), shape=self.shape[1:], dtype="bool")


def nested(depth: int, innermost: Any) -> Any:
    """Give a value in lists in lists."""
    for _ in range(depth):
        innermost = [innermost]
    return innermost


def cycle(value: Any) -> List[Any]:
    """Give a list that holds a value and itself."""
    made: List[Any] = [value]
    made.append(made)
    return made


EQUAL: List[Tuple[Any, Any]] = [
    (1, 1),
    (b"a", b"a"),
    (NAN, NAN),
    ([NAN], [NAN]),
    (Color.RED, 1),
    (1, Color.RED),
    (Safe("a"), "a"),
    ("a", Safe("a")),
    (Decimal(1), 1),
    (Fraction(1, 2), 0.5),
    ([1, "a", None], [1, "a", None]),
    ([1, [2]], [1, [2]]),
    ((1, (2,)), (1, (2,))),
    (Point(1, 2), (1, 2)),
    ((1, 2), Point(1, 2)),
    ({1: "a", "b": [2]}, {"b": [2], 1: "a"}),
    (defaultdict(int, a=1), {"a": 1}),
    (OrderedDict(a=1, b=2), {"b": 2, "a": 1}),
    ({"b": 2, "a": 1}, OrderedDict(a=1, b=2)),
    (OrderedDict(a=1, b=2), OrderedDict(a=1, b=2)),
    (Multi(a=[1, 2]), {"a": [1, 2]}),
    ({(1, "a")}, {(1, "a")}),
    ({1, 2}, frozenset({2, 1})),
    ({frozenset({1})}, {frozenset({1})}),
    (deque([1]), deque([1])),
    (Counter(a=1), Counter(a=1)),
    (array.array("i", [1]), array.array("i", [1])),
    (range(3), range(3)),
    (Parts(1), Parts(1)),
    (ANY, Plain()),
    ([ANY, {"a": ANY}], [1, {"a": NAN}]),
    ((ANY,), (Broken(),)),
    (Unordered([2, 1]), [1, 2]),
    ({"a": Unordered([2, 1])}, {"a": [1, 2]}),
    ([call.get("k")], [("get", ("k",), {})]),
    (Array(1, 2), Array(1, 2)),
    ([Array(1), 2], [Array(1), 2]),
    (Array(1, 2, shape=(1, 2)), Array(1, 2, shape=(1, 2))),
    (Array(shape=(0,)), Array(shape=(0,))),
    (nested(5_000, 1), nested(5_000, 1)),
    (cycle(1), cycle(1)),
    ([*range(1_000)], [*range(1_000)]),
]

UNEQUAL: List[Tuple[Any, Any]] = [
    (1, True),
    (True, 1),
    (1, 1.0),
    (1.0, complex(1)),
    (0, None),
    (b"a", bytearray(b"a")),
    (bytearray(b"a"), b"a"),
    (memoryview(b"a"), b"a"),
    (b"a", "a"),
    (1, 2),
    ([1], [True]),
    ([1, 2], [1]),
    ([1, 2], [1, 3]),
    ([1, Plain()], [1, Plain()]),
    ((1,), (1.0,)),
    ([1], (1,)),
    (Point(1, 2), (1, 2.0)),
    (Point(1, 2), [1, 2]),
    ({1: "a"}, {True: "a"}),
    ({(1, 2): "a"}, {(1, 2.0): "a"}),
    ({"a": 1}, {"a": True}),
    ({"a": 1}, {"b": 1}),
    ({"a": 1}, {"a": 1, "b": 2}),
    ({"a": 1}, {b"a": 1}),
    ({"a": 1}, [("a", 1)]),
    (OrderedDict(a=1, b=2), OrderedDict(b=2, a=1)),
    (OrderedDict(a=1), OrderedDict(a=True)),
    ({1}, {True}),
    ({1}, {2}),
    ({1}, {1, 2}),
    ({1}, [1]),
    ({(1,)}, {(1.0,)}),
    ({"a": [{"b": (1,)}]}, {"a": [{"b": (True,)}]}),
    (Plain(), Plain()),
    (Shape.ROUND, Shape.SQUARE),
    (Broken(), 1),
    (1, Broken()),
    ([Broken()], [1]),
    (Unordered([2, 1]), [1, 3]),
    (Array(1, 2), Array(1, 3)),
    (Array(1), Array(1, dtype="float64")),
    (Array(1, 1), Array(1, 1, shape=(1, 2))),
    (Array(1), 1),
    (1, Array(1)),
    ([1], Array(1)),
    (Array(1, 2, shape=(1, 2)), Array(1, 3, shape=(1, 2))),
    (nested(5_000, 1), nested(5_000, True)),
    (nested(5_000, 1), nested(4_999, 1)),
    (cycle(1), cycle(2)),
    ([*range(1_000)], [*range(999), 999.0]),
]


def builtin(leaf: Any) -> Any:
    """Give built-in values of some depth."""
    return st.recursive(
        leaf,
        lambda inner: (
            st.lists(inner)
            | st.tuples(inner, inner)
            | st.dictionaries(st.text() | st.integers(0, 1) | st.booleans(), inner)
        ),
        max_leaves=8,
    )


def shown(value: Any) -> str:
    """Give the repr of a built-in value, with dicts in an order."""
    if type(value) is dict:
        return f"{{{sorted((repr(key), shown(each)) for key, each in value.items())}}}"
    if type(value) in (list, tuple):
        return f"{type(value)}({[*map(shown, value)]})"
    return repr(value)


LEAVES = st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from([0.0, 1.0, "", b"", "a"])


class EqualTest(unittest.TestCase):
    """`equal`: as `==`, and stricter in three ways."""

    def test_equal(self) -> None:
        """What a reader takes for the same."""
        for expected, actual in EQUAL:
            with self.subTest(expected=type(expected), actual=type(actual)):
                self.assertTrue(equal(expected, actual))

    def test_unequal(self) -> None:
        """What differs in its type alone, too, at any depth."""
        for expected, actual in UNEQUAL:
            with self.subTest(expected=type(expected), actual=type(actual)):
                self.assertFalse(equal(expected, actual))

    @settings(max_examples=300, deadline=None)
    @given(builtin(LEAVES), builtin(LEAVES))
    def test_equal_by_its_repr(self, first: Any, second: Any) -> None:
        """Of built-in values it tells everything, but for the order of a dict."""
        for each in (first, second):
            same = shown(first) == shown(each)
            self.assertEqual((equal(first, each), alike(first, each)), (same, same))

    @needs_processes
    def test_text_and_bytes_under_bb(self) -> None:
        """Python raises there, and they are unequal."""
        code = (
            "from tripwire._matching import alike, equal, keys_equal\n"
            "print(equal('a', b'a'), equal(['a'], [b'a']), equal({'a': 1}, {b'a': 1}),\n"
            "      equal({'a'}, {b'a'}), keys_equal({'a'}, [b'a', 'a']), alike({'a'}, {b'a'}))"
        )
        run = subprocess.run(
            [sys.executable, "-bb", "-c", code], capture_output=True, text=True, check=False
        )
        self.assertEqual((run.stdout, run.stderr), ("False " * 5 + "False\n", ""))


class KeysTest(unittest.TestCase):
    """`keys_equal`: the keys of a call, in their order."""

    def test_in_their_order(self) -> None:
        """A list, a tuple and views name the same keys."""
        keys = {"a": "a", "b": "b"}
        for expected in (["a", "b"], ("a", "b"), keys, keys.keys(), keys.values()):
            with self.subTest(type(expected)):
                given = list(expected) if isinstance(expected, dict) else expected
                self.assertTrue(keys_equal(given, ["a", "b"]))
                self.assertFalse(keys_equal(given, ["b", "a"]))
                self.assertFalse(keys_equal(given, ["a"]))

    def test_a_set_has_no_order(self) -> None:
        """And knows no key twice; a key of another kind is another."""
        for kind in (set, frozenset):
            self.assertTrue(keys_equal(kind("ab"), ["b", "a", "b"]))
            self.assertFalse(keys_equal(kind("ab"), ["a"]))
            self.assertFalse(keys_equal(kind("a"), [b"a"]))
            self.assertFalse(keys_equal(kind("a"), [bytearray(b"a")]))

    def test_matchers(self) -> None:
        """As everywhere."""
        self.assertTrue(keys_equal(ANY, ["a"]))
        self.assertTrue(keys_equal(["a", ANY], ["a", "b"]))
        self.assertTrue(keys_equal(Unordered("ba"), ["a", "b"]))


class AlikeTest(unittest.TestCase):
    """`alike`: as `equal`, of what has gone through bytes."""

    def test_as_equal(self) -> None:
        """Of all that can be compared."""
        for expected, actual in EQUAL:
            with self.subTest(expected=type(expected)):
                self.assertTrue(alike(expected, actual))
        for expected, actual in UNEQUAL:
            with self.subTest(expected=type(expected)):
                # Two lists of plain objects are the one difference between the two questions.
                plain = type(expected) is Plain or any(map(is_plain, members(expected)))
                self.assertEqual(alike(expected, actual), plain)

    def test_objects_that_equal_themselves_alone(self) -> None:
        """Two of one type are alike, and so are containers of them."""
        for first, second in (
            (Plain(), Plain()),
            ([Plain()], [Plain()]),
            ({"a": (Plain(),)}, {"a": (Plain(),)}),
            (Point(Plain(), 1), Point(Plain(), 1)),
        ):
            with self.subTest(type(first)):
                self.assertTrue(alike(first, second))
                self.assertFalse(equal(first, second))
        self.assertFalse(alike(Plain(), object()))

    def test_what_there_is_once(self) -> None:
        """Members of an enum, classes and functions are no copies of each other."""
        for first, second in ((Shape.ROUND, Shape.SQUARE), (Plain, Parts), (nested, cycle)):
            self.assertFalse(alike(first, second))
            self.assertTrue(alike(first, first))

    def test_not_a_number_in_built_in_values(self) -> None:
        """It is the same in bytes."""
        self.assertTrue(alike([float("nan")], [float("nan")]))
        self.assertTrue(alike({"a": float("nan")}, {"a": float("nan")}))
        self.assertTrue(alike(float("nan"), float("nan")))
        self.assertTrue(alike(Measured("nan"), float("nan")))
        self.assertFalse(alike(float("nan"), 0.5))
        self.assertFalse(alike(float("nan"), None))

    def test_bytes_are_no_bytearray_in_a_large_value(self) -> None:
        """Whatever is used to be quick."""
        many = list(range(1_000))
        self.assertFalse(alike([*many, b"a"], [*many, bytearray(b"a")]))
        self.assertFalse(alike([*many, 1], [*many, True]))
        self.assertTrue(alike([*many, {"a": 1, "b": 2}], [*many, {"b": 2, "a": 1}]))


def members(value: Any) -> Iterator[Any]:
    """Give the members of a list."""
    return iter(value if type(value) is list else ())


def is_plain(value: Any) -> bool:
    """Whether a value is one of the plain objects."""
    return type(value) is Plain
