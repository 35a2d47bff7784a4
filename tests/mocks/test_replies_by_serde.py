"""Each kind of serde, the values that come out of it, and those that cannot."""

from __future__ import annotations

import datetime
import decimal
import json
import math
import pickle
import unittest
import uuid
from collections import Counter, OrderedDict, defaultdict, deque
from enum import Enum, IntEnum
from typing import Any, Callable, Dict, List, NamedTuple, Tuple
from unittest.mock import Mock

from pymemcache import serde
from pymemcache.client.base import Client

from tests.support import serdes
from tests.support.exchanging import Raw, Refusal, give
from tests.support.serdes import BOTH_WAYS, JSON, JSONS, PICKLE, Answered, Safe, reading, writing

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
    *[set(), {1, 2}, frozenset("ab"), bytearray(b"v"), range(3), ..., slice(1, 2)],
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
    *[[b"v"], {"a": {1, 2}}, datetime.date(2024, 2, 29), uuid.UUID(int=5), Mock(), ...],
]
"""What JSON cannot say, or says as something else."""

POSSIBLE: Dict[str, Tuple[Dict[str, Any], List[Any]]] = {
    **{f"pickle: {name}": (options, ANYTHING) for name, options in BOTH_WAYS.items()},
    **{f"JSON: {name}": (options, PLAIN) for name, options in JSONS.items()},
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
    if isinstance(reply, (set, dict)):
        return len(given) == len(reply)
    return repr(given).split(" at ")[0] == repr(reply).split(" at ")[0]


class SerdeTest(unittest.TestCase):
    """GET through a client's serde."""

    def each(self, table: Dict[str, Tuple[Dict[str, Any], List[Any]]], check: Any) -> None:
        """Check each reply of each client."""
        for name, (options, replies) in table.items():
            for reply in replies:
                with self.subTest(name, reply=reply):
                    check(reply, options)

    def test_possible(self) -> None:
        """What comes out is the reply, as a value of its own."""

        def check(reply: Any, options: Dict[str, Any]) -> None:
            given = give(reply, "get", "k", SENTINEL, **options)
            self.assertIsNot(given, SENTINEL)
            if not isinstance(reply, (Safe, Color, OrderedDict, defaultdict, Counter)):
                self.assertIs(type(given), type(reply))
                self.assertTrue(same(given, reply), given)

        self.each(POSSIBLE, check)

    def test_possible_with_every_command(self) -> None:
        """With its cas token, among others, under a prefix."""

        def check(reply: Any, options: Dict[str, Any]) -> None:
            value, cas = give((reply, b"5"), "gets", "k", SENTINEL, key_prefix=b"p:", **options)
            self.assertEqual(cas, b"5")
            replies = {"k": reply, "l": Raw(b"x")} if not options else {"k": reply}
            many = give(replies, "get_many", ["l", "k"], **options)
            pairs = give({"k": (reply, b"7")}, "gets_many", ["k"], **options)
            self.assertEqual({type(value), type(many["k"])}, {type(pairs["k"][0])})

        self.each(POSSIBLE, check)

    def test_impossible(self) -> None:
        """A refusal says what else comes out, or why nothing can, and names `Raw`."""

        def check(reply: Any, options: Dict[str, Any]) -> None:
            with self.assertRaises(Refusal) as caught:
                give(reply, "get", "k", SENTINEL, **options)
            self.assertIn("Raw(b'...', flags=0)", caught.exception.advice)
            with self.assertRaises(Refusal):
                give((reply, b"1"), "gets", "k", SENTINEL, ignore_exc=True, **options)
            with self.assertRaises(Refusal):
                give({"k": reply}, "get_many", ["k"], **options)
            with self.assertRaises(Refusal):
                give({"k": (reply, b"1")}, "gets_many", ["k"], **options)

        self.each(IMPOSSIBLE, check)

    def test_deserializer_that_raises(self) -> None:
        """Raises, as in production, and is swallowed where that swallows it."""
        broken = {"serde": serdes.Raises()}
        with self.assertRaises(LookupError):
            give({"a": 1}, "get", "k", **broken)
        self.assertEqual(give({"a": 1}, "get", "k", 7, ignore_exc=True, **broken), 7)
        self.assertEqual(give({"k": 1}, "get_many", ["k"], ignore_exc=True, **broken), {})

    def test_what_is_written_is_what_is_sent(self) -> None:
        """The serializer gets the key as it is on the wire, the deserializer the caller's."""
        for reply, command, key in (("v", "get", "k"), ({"k": "v"}, "get_many", ["l", "k"])):
            keyed = serdes.Keyed()
            give(reply, command, key, serde=keyed, key_prefix=b"p:")
            self.assertEqual(keyed.keys, [b"p:k", "k"])
        with self.assertRaises(Refusal):
            give({"k": (1,)}, "get_many", ["l", "k"], serde=keyed, key_prefix=b"p:")
        self.assertEqual(set(keyed.keys), {b"p:k", "k"})

    def test_what_is_given_is_fresh(self) -> None:
        """As in production; what its caller does to it changes no reply."""
        for options in (PICKLE, JSON, {"serde": serdes.ReadsOnlyZipped()}):
            reply = {"a": [1]}
            shapes: List[Tuple[str, Any, Callable[[Any], Any]]] = [
                ("get", reply, lambda got: got),
                ("gets", (reply, b"1"), lambda got: got[0]),
                ("get_many", {"k": reply}, lambda got: got["k"]),
                ("gets_many", {"k": (reply, b"1")}, lambda got: got["k"][0]),
            ]
            for command, given, at in shapes:
                with self.subTest(command, **options):
                    keys = ["k"] if "many" in command else "k"
                    at(give(given, command, keys, **options))["a"].append(2)
                    self.assertEqual(reply, {"a": [1]})


class DefaultTest(unittest.TestCase):
    """The default of the call."""

    def test_default_itself_is_a_miss(self) -> None:
        """Whatever could be read: nothing is."""
        asked: List[Any] = []
        options = {"deserializer": lambda key, value, flags: asked.append(value)}
        for default in (None, SENTINEL, [1], b"v"):
            self.assertIs(give(default, "get", "k", default, **options), default)
            pair = default, SENTINEL
            self.assertEqual(give(pair, "gets", "k", default, SENTINEL, **options), pair)
        self.assertEqual(asked, [])

    def test_equal_of_the_default_is_a_hit(self) -> None:
        """Where there are such bytes; a value of its own then."""
        default = [1]
        self.assertIsNot(give([1], "get", "k", default, **JSON), default)
        self.assertEqual(give(([1], b"5"), "gets", "k", [1], b"5", **JSON), ([1], b"5"))

    def test_equal_of_the_default_is_a_miss(self) -> None:
        """Where there are no such bytes, or something else comes out of them."""
        for options in ({}, JSON):
            for default, reply in (({1}, {1}), ((1, 2), (1, 2)), ({1: 2}, {1: 2})):
                with self.subTest(reply=reply, **options):
                    self.assertIs(give(reply, "get", "k", default, **options), default)
                    given = give((reply, b"1"), "gets", "k", default, b"1", **options)
                    self.assertIs(given[0], default)

    def test_none_of_a_call_with_a_sentinel(self) -> None:
        """As in Django's `get_or_set`: None was stored."""
        self.assertIsNone(give(None, "get", "k", SENTINEL, **PICKLE))
        with self.assertRaises(Refusal):
            give(None, "get", "k", SENTINEL)


class OwnWayTest(unittest.TestCase):
    """A client whose class makes values in a way of its own."""

    def test_reply_is_given_as_it_is(self) -> None:
        """Nobody can say what it makes of which bytes."""
        for kind in (serdes.Extracting, serdes.Fetching):
            for reply, command, args in (
                ({1, 2}, "get", ("k",)),
                (({1}, 5), "gets", ("k",)),
                ({"k": {1}}, "get_many", (["k"],)),
                ({}, "get_many", (["k"],)),
                ({"k": ({1}, b"5")}, "gets_many", (["k"],)),
            ):
                with self.subTest(kind, command=command):
                    given = give(reply, command, *args, kind=kind)
                    self.assertEqual(given, reply)
                    self.assertIsNot(given, reply)

    def test_raw_is_read_by_it(self) -> None:
        """It says what the server has."""
        read = ("extracted", b"v")
        given = give(Raw(b"v"), "get", "k", kind=serdes.Extracting)
        self.assertEqual(given, read)
        many = give({"k": Raw(b"v")}, "get_many", ["k"], kind=serdes.Extracting)
        self.assertEqual(many, {"k": read})
        many = give({"k": Raw(b"v")}, "get_many", ["k"], kind=serdes.Fetching)
        self.assertEqual(many, {"k": ("fetched", b"v")})

    def test_other_commands_are_as_ever(self) -> None:
        """They bring no values."""
        with self.assertRaises(Refusal):
            give(["other"], "set_many", {"k": 1}, kind=serdes.Extracting)


class AdviceTest(unittest.TestCase):
    """What a refusal says."""

    def refusal(self, reply: Any, *args: Any, **options: Any) -> Tuple[str, str]:
        """Give its two texts."""
        with self.assertRaises(Refusal) as caught:
            give(reply, *(args or ("get", "k")), **options)
        return caught.exception.possible, caught.exception.advice

    raw = (
        "Raw(b'...', flags=0) in the place of the value says what the server\n"
        "holds, and the client reads that."
    )

    def test_no_deserializer(self) -> None:
        """It shows the bytes that were meant."""
        for reply, args, possible in (
            ("v", ("get", "k"), "bytes such as b'v' (it has no deserializer), or the default"),
            (5, ("get", "k"), "bytes (it has no deserializer), or the default"),
            (
                ("v", b"1"),
                ("gets", "k"),
                "(bytes such as b'v' (it has no deserializer), cas of digits as bytes), "
                "or the call's two defaults",
            ),
            (
                {"k": "v"},
                ("get_many", ["k"]),
                "a dict of keys that were asked for, as spelled, to bytes such as b'v' "
                "(it has no deserializer)",
            ),
        ):
            with self.subTest(args):
                self.assertEqual(self.refusal(reply, *args), (possible, self.raw))

    def test_shapes(self) -> None:
        """Without advice, which would help nobody."""
        for reply, args, options, possible in (
            ((b"v", 1), ("gets", "k"), {}, "(bytes, cas of digits as bytes), or the call's two"),
            ((b"v", 1), ("gets", "k"), PICKLE, "(value, cas of digits as bytes), or the call's"),
            ({"l": b"v"}, ("get_many", ["k"]), {}, "a dict of keys that were asked for, as spe"),
            ({"k": (1, 1)}, ("gets_many", ["k"]), PICKLE, "a dict of keys that were asked for, "),
            (["l"], ("set_many", {"k": 1}), {}, "a list of keys that were not stored, in the o"),
            (2**64 - 1, ("decr", "k", 5), {}, "an int from 0 to 2**64 - 1 - 5, or None"),
        ):
            with self.subTest(args, **options):
                text, advice = self.refusal(reply, *args, **options)
                self.assertEqual((text[: len(possible)], advice), (possible, ""))

    @unittest.skipUnless(hasattr(Client, "raw_command"), "this pymemcache has no raw_command")
    def test_command_by_hand(self) -> None:
        """Its end token, or what the client makes of an answer that is too long for it."""
        text, advice = self.refusal(b"a\r\n", "raw_command", "a")
        self.assertEqual((text, advice), ("bytes up to the first b'\\r\\n', without it", ""))
        text, advice = self.refusal(b"x" * 5_000, "raw_command", "a")
        self.assertIn("904 bytes), when it reads the answer that says this", text)
        self.assertEqual(advice, "")

    def test_something_else_comes_out(self) -> None:
        """It is shown."""
        text, advice = self.refusal((1, 2), **JSON)
        self.assertEqual(text, "[1, 2], which is what its serde makes of that")
        self.assertEqual(advice, self.raw)

    def test_not_serialized(self) -> None:
        """The serializer's own exception says why."""
        text, advice = self.refusal({1}, **JSON)
        self.assertEqual(
            text,
            "what its serde can store, and that it cannot: TypeError: Object of type set is not "
            "JSON serializable, or the default",
        )
        self.assertEqual(advice, self.raw)

    def test_class_inside_a_function(self) -> None:
        """Nobody sees at once that it is why."""

        class Local:
            pass

        for reply in (Local(), [Local()]):
            text, advice = self.refusal(reply, **PICKLE)
            self.assertIn("Local", text)
            self.assertEqual(
                advice,
                "A class inside a function cannot be pickled: move it to the top of\n"
                f"its module. {self.raw}",
            )

    def test_nothing_is_found(self) -> None:
        """For a deserializer alone."""
        text, advice = self.refusal({1}, **reading(json.loads))
        self.assertEqual(
            text, "what its deserializer makes of bytes; of none it makes that, or the default"
        )
        self.assertEqual(advice, self.raw)


class ReadingAgainTest(unittest.TestCase):
    """The same bytes, read a second time."""

    def readings(self, *values: Any) -> Dict[str, Any]:
        """Give the options of a client that reads these values, one after the other."""
        left = iter(values)

        def read(value: bytes) -> Any:
            got = next(left)
            if isinstance(got, Exception):
                raise got
            return got

        return {
            "serializer": lambda key, value: (json.dumps(value), 1),
            "deserializer": lambda key, value, flags: read(value),
        }

    def test_readings_that_differ_say_nothing(self) -> None:
        """What came out first is what the caller gets."""
        self.assertEqual(give(1, "get", "k", **self.readings(2, 3)), 2)
        self.assertEqual(give({"k": 1}, "get_many", ["k"], **self.readings(2, 3)), {"k": 2})
        self.assertEqual(give((1, b"5"), "gets", "k", **self.readings(2, 3)), (2, b"5"))

    def test_reading_that_fails_says_nothing(self) -> None:
        """Nor does a deserializer that works once."""
        self.assertEqual(give(1, "get", "k", **self.readings(2, LookupError())), 2)

    def test_objects_of_another_type(self) -> None:
        """Two of a type are alike, and so neither is the reply."""
        options = self.readings(Plain(), Plain(), *[2] * 50)
        with self.assertRaises(Refusal):
            give(1, "get", "k", **options)


class CountingTest(unittest.TestCase):
    """How often the serde is asked."""

    def test_once_each_way(self) -> None:
        """As long as nothing is about to be refused."""
        asked: List[str] = []

        def serializer(key: Any, value: Any) -> Tuple[bytes, int]:
            asked.append("write")
            return pickle.dumps(value), 1

        def deserializer(key: Any, value: bytes, flags: int) -> Any:
            asked.append("read")
            return pickle.loads(value)

        client: Callable[..., Any] = Client
        give({"a": 1}, "get", "k", kind=client, serializer=serializer, deserializer=deserializer)
        self.assertEqual(asked, ["write", "read"])

    def test_pickled_bytes_are_not_written(self) -> None:
        """They are stored as they are."""
        self.assertEqual(give(b"v", "get", "k", serde=serde.pickle_serde), b"v")
