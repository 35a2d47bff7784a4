"""A value as Python: what it evaluates to equals it, types included."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import http
import importlib
import ipaddress
import pathlib
import re
import unittest
import uuid
from typing import Any, ClassVar, List, NamedTuple, Tuple

from tests.accept.accepting import evaluated
from tripwire.report.expressions import expression

HERE = __name__


class Color(enum.Enum):
    """An enumeration of a module."""

    RED = "red"
    CRIMSON = "red"


class Level(int, enum.Enum):
    """One whose members are numbers."""

    LOW = 1


class Access(enum.Flag):
    """One whose members can be combined."""

    READ = 1
    WRITE = 2
    CHANGE = 3
    SEE = 1


class Loose(enum.IntFlag):
    """One that keeps bits without a name."""

    ONE = 1


Spaced = enum.Enum("Spaced", {"a b": 1})
Spaced.__module__ = HERE


class Point(NamedTuple):
    """A named tuple of a module."""

    x: int
    y: Any


@dataclasses.dataclass
class Box:
    """A dataclass of a module."""

    depth: ClassVar[int] = 3
    width: int
    inside: Any = None

    class Lid(NamedTuple):
        """One in a class."""

        width: int


built: List[int] = []


@dataclasses.dataclass
class Busy:
    """One that does something when it is built."""

    width: int

    def __post_init__(self) -> None:
        """Count it."""
        built.append(self.width)


@dataclasses.dataclass
class Derived:
    """One with a field that its constructor does not take."""

    width: int = dataclasses.field(default=1, init=False)


class Text(str):
    """A string that is more than that, as a template engine's."""


class Names(dict):  # type: ignore[type-arg]  # as people write it
    """A dict that is more than that."""


class Liar:
    """Shows something else than it is."""

    def __init__(self, shown: str) -> None:
        self.shown = shown

    def __repr__(self) -> str:
        if not self.shown:
            raise ValueError
        return self.shown


class Shy(int):
    """A number that shows another."""

    def __repr__(self) -> str:
        return "1"


Moved = type("Moved", (tuple,), {"_fields": (), "__module__": HERE, "__qualname__": "Point"})

LITERALS: List[Tuple[Any, str]] = [
    (None, "None"),
    (True, "True"),
    (-5, "-5"),
    (1.5, "1.5"),
    (-0.0, "-0.0"),
    (1 + 2j, "(1+2j)"),
    ("it's", '"it\'s"'),
    (b"a\x00", "b'a\\x00'"),
    ([], "[]"),
    ([1, [2]], "[1, [2]]"),
    ((), "()"),
    ((1,), "(1,)"),
    ((1, "a"), "(1, 'a')"),
    ({}, "{}"),
    ({"a": {b"b": 1}}, "{'a': {b'b': 1}}"),
    ({1}, "{1}"),
    (Text("a"), "'a'"),
]

BUILT_IN: List[Tuple[Any, str]] = [
    (float("inf"), "float('inf')"),
    ([float("-inf")], "[float('-inf')]"),
    (set(), "set()"),
    (frozenset(), "frozenset()"),
    (frozenset({1}), "frozenset({1})"),
    (bytearray(b"a"), "bytearray(b'a')"),
    (range(1, 7, 2), "range(1, 7, 2)"),
]

UTC = datetime.timezone.utc

STANDARD: List[Tuple[Any, str]] = [
    (datetime.date(2024, 2, 29), "datetime.date(2024, 2, 29)"),
    (datetime.datetime(2024, 2, 29, 12), "datetime.datetime(2024, 2, 29, 12, 0)"),
    (
        datetime.datetime(2024, 2, 29, tzinfo=UTC),
        "datetime.datetime(2024, 2, 29, 0, 0, tzinfo=datetime.timezone.utc)",
    ),
    (datetime.time(12, 30, fold=1), "datetime.time(12, 30, fold=1)"),
    (datetime.timedelta(days=1), "datetime.timedelta(days=1)"),
    (UTC, "datetime.timezone.utc"),
    (
        datetime.timezone(datetime.timedelta(hours=1), "CET"),
        "datetime.timezone(datetime.timedelta(seconds=3600), 'CET')",
    ),
    ([datetime.date(2024, 2, 29)], "[datetime.date(2024, 2, 29)]"),
    ({"a": (datetime.date(2024, 2, 29),)}, "{'a': (datetime.date(2024, 2, 29),)}"),
    (decimal.Decimal("1.50"), "decimal.Decimal('1.50')"),
    (fractions.Fraction(1, 3), "fractions.Fraction(1, 3)"),
    (uuid.UUID(int=7), "uuid.UUID('00000000-0000-0000-0000-000000000007')"),
    (pathlib.PurePosixPath("/a"), "pathlib.PurePosixPath('/a')"),
    (pathlib.PureWindowsPath("a"), "pathlib.PureWindowsPath('a')"),
    (pathlib.Path("a"), f"pathlib.{type(pathlib.Path()).__name__}('a')"),
    (ipaddress.ip_address("::1"), "ipaddress.IPv6Address('::1')"),
    (ipaddress.ip_network("10.0.0.0/8"), "ipaddress.IPv4Network('10.0.0.0/8')"),
    (re.compile("a", re.I), "re.compile('a', re.IGNORECASE)"),
    (http.HTTPStatus.OK, "http.HTTPStatus.OK"),
    (collections.OrderedDict(a=1), "collections.OrderedDict({'a': 1})"),
    (collections.OrderedDict(), "collections.OrderedDict()"),
    (collections.Counter("aab"), "collections.Counter({'a': 2, 'b': 1})"),
    (collections.deque([1]), "collections.deque([1])"),
    (collections.deque([1], 3), "collections.deque([1], maxlen=3)"),
    (collections.defaultdict(list, a=[1]), "collections.defaultdict(list, {'a': [1]})"),
    (collections.defaultdict(None, a=1), "collections.defaultdict(None, {'a': 1})"),
]

OF_A_MODULE: List[Tuple[Any, str]] = [
    (Color.RED, "{0}.Color.RED"),
    (Level.LOW, "{0}.Level.LOW"),
    (Access.READ, "{0}.Access.READ"),
    (Access.CHANGE, "{0}.Access.CHANGE"),
    (Access(0), "{0}.Access(0)"),
    (Spaced(1), "{0}.Spaced(1)"),
    ([Color.RED], "[{0}.Color.RED]"),
    (Point(1, "a"), "{0}.Point(x=1, y='a')"),
    (Box(1, Box(2)), "{0}.Box(width=1, inside={0}.Box(width=2, inside=None))"),
    (Box.Lid(1), "{0}.Box.Lid(width=1)"),
]


class Local(enum.Enum):
    """An enumeration that its module no longer has under its name."""

    GONE = 1


GONE = Local.GONE
del Local


def local() -> Any:
    """A member of an enumeration that no module has."""

    class Inner(enum.Enum):
        """Nobody's."""

        A = 1

    return Inner.A


def deep() -> Any:
    """A list in a list in a list."""
    value: List[Any] = []
    for _ in range(20):
        value = [value]
    return value


def endless() -> Any:
    """A list that holds itself."""
    value: List[Any] = []
    value.append(value)
    return value


WITHOUT: List[Any] = [
    ...,
    object(),
    int,
    len,
    float("nan"),
    decimal.Decimal("NaN"),
    [float("nan")],
    "x" * 199,
    ["x" * 150, "y" * 150],
    [0] * 10_000,
    10**5000,
    deep(),
    endless(),
    local(),
    GONE,
    Busy(1),
    Derived(),
    Names(a=1),
    Moved(),
    Liar("1"),
    Liar("("),
    Liar(""),
    Shy(2),
    [Shy(2)],
    (Text("a"), Liar("'a'")),
    collections.defaultdict(built.copy),
    datetime.datetime(2024, 2, 29, tzinfo=type("Zone", (datetime.tzinfo,), {})()),
    re.compile("a" * 190),
]


class TableTest(unittest.TestCase):
    """One value of each kind."""

    def check(self, values: List[Tuple[Any, str]], modules: Tuple[str, ...]) -> None:
        """The text and the imports, and what comes out."""
        for value, text in values:
            with self.subTest(text):
                found = expression(value)
                assert found is not None
                self.assertEqual(found.text, text)
                self.assertLessEqual(set(found.imports), set(modules))
                self.assertEqual(evaluated(found), value)

    def test_literals(self) -> None:
        """They are their repr."""
        self.check(LITERALS, ())
        for value, text in LITERALS:
            self.assertEqual(text, repr(value))

    def test_built_in_types(self) -> None:
        """They need no import."""
        self.check(BUILT_IN, ())

    def test_standard_library(self) -> None:
        """In full, with the modules that they need."""
        modules = {text.lstrip("[{'a:( ").partition(".")[0] for _, text in STANDARD}
        self.check(STANDARD, tuple(modules))

    def test_imports_in_order(self) -> None:
        """Each once."""
        found = expression([uuid.UUID(int=1), UTC, decimal.Decimal(1), UTC])
        assert found is not None
        self.assertEqual(found.imports, ("datetime", "decimal", "uuid"))

    def test_classes_of_a_module(self) -> None:
        """Enumerations, named tuples, plain dataclasses."""
        self.check([(value, text.format(HERE)) for value, text in OF_A_MODULE], (HERE,))

    def test_flags(self) -> None:
        """The single bits, each under the name that is its own."""
        found = expression(re.I | re.M)
        assert found is not None
        self.assertEqual(found.text, "re.RegexFlag.IGNORECASE | re.RegexFlag.MULTILINE")

    def test_bits_without_a_name(self) -> None:
        """They are given by their number."""
        found = expression(Loose(5))
        assert found is not None
        self.assertEqual(found.text, f"{HERE}.Loose(5)")

    def test_time_zones(self) -> None:
        """They may need an import of their own."""
        # On a machine without time zones there is none to try.
        zoneinfo = importlib.import_module("zoneinfo")
        for zone in map(zoneinfo.ZoneInfo, sorted(zoneinfo.available_timezones())[:1]):
            found = expression(datetime.datetime(2024, 2, 29, tzinfo=zone))
            assert found is not None
            self.assertEqual(found.imports, ("datetime", "zoneinfo"))
            self.assertIs(evaluated(found).tzinfo, zone)

    def test_nothing_can_be_said(self) -> None:
        """What is too long, too deep, someone's own, or not equal to itself."""
        for value in WITHOUT:
            with self.subTest(type(value)):
                self.assertIsNone(expression(value))
