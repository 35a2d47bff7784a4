"""Values that are replied, and which client can give which."""

from __future__ import annotations

import datetime
import decimal
import json
import math
import uuid
from collections import Counter, OrderedDict, defaultdict, deque
from enum import Enum, IntEnum
from typing import Any, Dict, List, NamedTuple, Tuple
from unittest.mock import Mock

from tests.replying import serdes
from tests.replying.serdes import BOTH_WAYS, JSONS, Answered, Safe, reading, writing

NAN = float("nan")


class Plain:
    """An object that equals itself alone."""


class Color(IntEnum):
    """A number with a name."""

    RED = 1


class Shape(Enum):
    """A name."""

    ROUND = "round"


class Point(NamedTuple):
    """A tuple with names."""

    x: Any
    y: Any


class Row:
    """As Django's models: equal by what the database calls it, and before that to itself alone."""

    def __init__(self, number: Any = None) -> None:
        self.number = number

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Row):
            return NotImplemented
        return self is other if self.number is None else self.number == other.number

    def __hash__(self) -> int:
        return hash(self.number)


class Touchy:
    """An object that cannot be compared, but pickled."""

    def __eq__(self, other: object) -> bool:
        raise TypeError("no")

    __hash__ = None  # type: ignore[assignment]  # as Python has it for what defines `__eq__`


SENTINEL = object()

ANYTHING: List[Any] = [
    *[None, True, False, 0, 1, -5, 2**70, 0.5, -0.0, math.inf, 1j, b"", b"v", "", "v", "ключ", "5"],
    *[[], [1, "a", None], (), (1, (2,)), {}, {"a": 1}, {1: "a", None: [True]}, {(1, 2): 3}],
    *[set(), {1, 2}, frozenset("ab"), bytearray(b"v"), range(3), [...], slice(1, 2)],
    *[NAN, [NAN], {"a": NAN}, (NAN, 1), {NAN}, decimal.Decimal("NaN")],
    *[Plain(), [Plain()], {"a": Plain()}, {Plain()}, frozenset({Plain()}), Point(Plain(), 1)],
    *[[{Plain()}], {Point(Plain(), 1)}, {Plain(): 1}, deque([Plain()]), Touchy(), [Touchy()]],
    *[Row(), Row(7), [Row(), Row(7)], {Row()}, {"rows": (Row(),)}],
    *[Color.RED, Shape.ROUND, [Shape.ROUND], Safe("v"), Point(1, 2), [Point(1, [2])]],
    *[OrderedDict(a=1), defaultdict(list, a=[1]), Counter("aab"), deque([1, 2])],
    *[decimal.Decimal("1.50"), uuid.UUID(int=5), datetime.date(2024, 2, 29)],
    *[datetime.datetime(2024, 2, 29, tzinfo=datetime.timezone.utc), datetime.timedelta(1)],
    *[Plain, json.loads, len, ValueError("x"), "x" * 1_000, [*range(1_000)], list("ab") * 300],
]
"""What can be pickled."""

PLAIN: List[Any] = [
    *[None, True, False, 0, 1, -5, 2**70, 0.5, math.inf, NAN, "", "v", "ключ", "5", [], {}],
    *[[1, "a", None, [0.5]], {"a": {"b": [True]}}, [NAN], {"a": NAN}, Safe("v"), Color.RED],
    *[OrderedDict(a=1), defaultdict(list, a=[1]), Counter("aab"), "x" * 1_000, [*range(1_000)]],
]
"""What JSON can say."""

NOT_PLAIN: List[Any] = [
    *[
        b"v",
        (1, 2),
        {1: "a"},
        {None: 1},
        {1},
        frozenset({1}),
        bytearray(b"v"),
        Plain(),
        {"a": (1,)},
    ],
    *[[(1,)], Point(1, 2), {"a": {1: 2}}, Shape.ROUND, 1j, Row(7), Row()],
    *[[b"v"], {"a": {1, 2}}, datetime.date(2024, 2, 29), uuid.UUID(int=5), Mock(), [...]],
]
"""What JSON cannot say, or says as something else."""

POSSIBLE: Dict[str, Tuple[Dict[str, Any], List[Any]]] = {
    **{f"pickle: {name}": (options, ANYTHING) for name, options in BOTH_WAYS.items()},
    **{f"JSON: {name}": (options, PLAIN) for name, options in JSONS.items()},
    # It cannot write that, but reads what others wrote before there was compression.
    "a number that is to be compressed": ({"serde": serdes.compressed(30)}, [10**40]),
    "no deserializer": ({}, [b"", b"v", b"\r\n"]),
    "a serializer alone": (writing(json.dumps), [b"", b"v", b'{"a": 1}']),
    "text": (reading(bytes.decode), ["", "v", "ключ", "5"]),
    "numbers": (reading(int), [0, 5, -5, Color.RED]),
    "floats": (reading(float), [0.5, 2.0, -1.0, math.inf, NAN]),
    "flags": (reading(lambda value: value == b"1"), [True, False]),
    "decimals": (reading(lambda value: decimal.Decimal(value.decode())), [decimal.Decimal("1.50")]),
    "identifiers": (reading(lambda value: uuid.UUID(value.decode())), [uuid.UUID(int=5)]),
    "bytes as they are": (reading(lambda value: value), [b"", b"v"]),
    "a format of its own, read only": (
        {"serde": serdes.ReadsOnlyZipped()},
        [{"a": 1}, [1], None, "v"],
    ),
    "a function for that": (reading(serdes.ReadsOnlyZipped().deserialize), [{"a": 1}, "v"]),
    "null, whatever is written": ({"serde": serdes.ReadsOnlyConstant()}, [None, {"a": 1}, 5, "v"]),
    "JSON that is not read": ({"serde": serdes.WritesOnly()}, [b"", b"v", b'{"a": 1}']),
    "pickles that are not read": ({"serde": serdes.WritesOnlyPickled()}, [b"", b"v"]),
    "bytes, zipped": ({"serde": serdes.Zipped()}, [b"", b"v", b"x" * 1_000]),
    "texts only": ({"serde": serdes.Texts()}, ["", "v"]),
    "dicts only, as lists": ({"serde": serdes.Dicts()}, [[["a", 1]], []]),
    "questions and answers": (
        {"serde": serdes.AsksAndReads()},
        [Answered(1), Answered({"a": [1]}), Answered(None)],
    ),
    "an envelope": ({"serde": serdes.Wraps()}, [{"a": 1}, {"by": "you", "what": [1]}]),
    "documented": ({"serde": serdes.Documented()}, [{"a": 1}, [1], None, 5]),
    "flags up to 32 bits": ({"serde": serdes.Flags(2**32 - 1)}, [5]),
}
"""Clients, and what they can return for a key."""

IMPOSSIBLE: Dict[str, Tuple[Dict[str, Any], List[Any]]] = {
    **{
        f"pickle: {name}": (options, [Mock(), lambda: 1, [Mock()], (x for x in "a")])
        for name, options in BOTH_WAYS.items()
    },
    **{f"JSON: {name}": (options, NOT_PLAIN) for name, options in JSONS.items()},
    "no deserializer": ({}, ["v", 5, None, [b"v"], bytearray(b"v"), True]),
    "a serializer alone": (writing(json.dumps), ["v", 5, {"a": 1}]),
    "text": (reading(bytes.decode), [b"v", 5, ["v"], True, {"a": 1}]),
    "numbers": (reading(int), ["5", b"5", 0.5, True, [5]]),
    "bytes as they are": (reading(lambda value: value), ["v", 5, {"a": 1}, None]),
    "bytes, as a class": ({"serde": serdes.ReadsOnlyAsItIs()}, [b"v", {1}]),
    "JSON that is not read": ({"serde": serdes.WritesOnly()}, [{"a": 1}, "v", 5, None, {1}]),
    "pickles that are not read": ({"serde": serdes.WritesOnlyPickled()}, [{"a": 1}, "v", {1}]),
    "bytes, zipped": ({"serde": serdes.Zipped()}, ["v", 5, None, {"a": 1}]),
    "texts only": ({"serde": serdes.Texts()}, ["ключ", b"v", 5, None, {"a": 1}]),
    "null, whatever is written": ({"serde": serdes.ReadsOnlyConstant()}, [(1,), {1}, b"v"]),
    "questions and answers": ({"serde": serdes.AsksAndReads()}, [{"a": 1}, 5, "v"]),
    "documented": ({"serde": serdes.Documented()}, ["v", "", (1, 2), {1}]),
    "dicts only": ({"serde": serdes.Dicts()}, [{"a": 1}, {"b": 2}]),
    "a wrong flag": ({"serde": serdes.WrongFlag()}, [{"a": 1}, "v", 5, None, [1]]),
    "flags beyond 32 bits": ({"serde": serdes.Flags(2**32)}, [5]),
    "flags below zero": ({"serde": serdes.Flags(-1)}, [5]),
    "no flags": ({"serde": serdes.Flags(None)}, [5]),
}
"""Clients, and what they cannot return."""


def same(given: Any, reply: Any) -> bool:
    """Whether they show themselves in the same way, but for where in memory they are."""
    # Equal sets show themselves in different orders.
    if isinstance(reply, (set, frozenset, dict)):
        return len(given) == len(reply)
    return repr(given).split(" at ")[0] == repr(reply).split(" at ")[0]
