"""What no call of a command could ever return, and what stands for nothing where it stands.

SPECIFICATION 7.
"""

from __future__ import annotations

import copy
import pickle
import unittest
from collections import OrderedDict
from typing import Any, Dict, Iterable, List, NamedTuple, Tuple
from unittest.mock import patch

from tests.support.cases import by_hand
from tests.support.conformance import COMMANDS
from tripwire import MISS, ImpossibleReplyError, Raw


class Pair(NamedTuple):
    """Not exactly a pair."""

    value: Any
    cas: Any


def each(commands: Iterable[str], replies: List[Any]) -> Dict[str, List[Any]]:
    """Give several commands the same replies."""
    return dict.fromkeys(commands, replies)


NOT_A_FLAG: List[Any] = [None, 0, 1, b"STORED", "True", b"", []]
NOT_TRUE: List[Any] = [False, None, 1, b"OK", "OK", []]
NOT_NONE: List[Any] = [True, False, b"", 0]
NOT_A_COUNT: List[Any] = [b"5", "5", 5.0, True, False, -1, 2**64, [5]]
NOT_A_PAIR: List[Any] = [None, b"v", (b"v",), (b"v", b"1", b"2"), [b"v", b"1"], Pair(b"v", b"1")]
NOT_A_DICT: List[Any] = [None, [], (), [b"v"], b"v", OrderedDict(k=b"v"), {"k"}]
NOT_KEYS: List[Any] = [None, True, False, (), {}, "k", {"k"}]
NOT_BYTES: List[Any] = [None, "1.6.18", 1, bytearray(b"1.6.18"), [], {}]
STORING = ("SET", "ADD", "REPLACE", "APPEND", "PREPEND", "DELETE", "TOUCH")

NEVER: Dict[str, List[Any]] = {
    # Any value at all can come out of a deserializer, so it depends on the call.
    "GET": [],
    "GETS": [*NOT_A_PAIR, {}],
    **each(("GET_MANY", "GET_MULTI"), NOT_A_DICT),
    "GETS_MANY": [*NOT_A_DICT, {"k": b"v"}, {"k": None}, {"k": [b"v", b"1"]}],
    **each(STORING, NOT_A_FLAG),
    "CAS": [0, 1, b"EXISTS", "True", (), []],
    **each(("SET_MANY", "SET_MULTI"), NOT_KEYS),
    **each(("DELETE_MANY", "DELETE_MULTI"), NOT_TRUE),
    **each(("INCR", "DECR"), NOT_A_COUNT),
    "STATS": [
        *[None, [], OrderedDict(), {"pid": 1}, {b"pid": "1"}, {b"pid": None}, {b"pid": [1]}],
        # Names and types that the client does not make.
        *[{b"": 1}, {b"two words": 1}, {b" pid": 1}, {5: 1}],
        *[{b"pid": b"1"}, {b"pid": True}, {b"pid": 0.5}, {b"version": 1}, {b"cas_enabled": 1}],
        *[{b"umask": 0.5}, {b"growth_factor": 1}, {b"rusage_user": b"0.5"}, {b"inter": False}],
        *[{b"name": b" v"}, {b"name": b"a  b"}, {b"name": b"a\r\nb"}, {b"auth_enabled_sasl": 1}],
    ],
    "VERSION": [*NOT_BYTES, b"1.6.18\r\n"],
    "RAW_COMMAND": [*NOT_BYTES, b"ERROR", b"CLIENT_ERROR bad", b"SERVER_ERROR out of memory"],
    **each(("CACHE_MEMLIMIT", "FLUSH_ALL"), NOT_TRUE),
    **each(("QUIT", "SHUTDOWN"), NOT_NONE),
}
"""Replies that no call of a command could ever get."""

EVER: Dict[str, List[Any]] = {
    "GET": [b"", b"v", None, {1}, object(), (1, 2)],
    # Whatever it is, it may be the call's default.
    "GETS": [(b"v", b"1"), (None, None), ({1}, 5)],
    **each(("GET_MANY", "GET_MULTI"), [{}, {"k": b"v"}, {b"k": {1}}]),
    "GETS_MANY": [{}, {"k": (b"v", b"1")}],
    **each(STORING, [True, False]),
    "CAS": [True, False, None],
    **each(("SET_MANY", "SET_MULTI"), [[], ["k"], [b"k"]]),
    **each(("DELETE_MANY", "DELETE_MULTI", "CACHE_MEMLIMIT", "FLUSH_ALL"), [True]),
    **each(("INCR", "DECR"), [0, 2**64 - 1, None]),
    "STATS": [{}, {b"pid": 1, b"version": b"1.6", b"cas_enabled": True, b"k": b"[1 b; 0 s]"}],
    "VERSION": [b"1.6.18", b""],
    "RAW_COMMAND": [b"", b"OK", b"NO ERROR"],
    **each(("QUIT", "SHUTDOWN"), [None]),
}
"""Replies that some call of a command can get."""


def refused(command: str, reply: Any) -> str:
    """Say why a reply is refused where it is registered: `possible`, or the whole text, or ""."""
    try:
        by_hand().memcache.mock_command(command, returns=reply)
    except ImpossibleReplyError as error:
        return error.possible
    except ValueError as error:
        return str(error)
    return ""


class RegistrationTest(unittest.TestCase):
    """What is known before any call."""

    def test_every_command_is_in_the_tables(self) -> None:
        """No command was forgotten."""
        commands = set(map(str.upper, COMMANDS))
        self.assertLessEqual(commands, set(NEVER))
        self.assertLessEqual(commands, set(EVER))

    def test_never(self) -> None:
        """It is said what the real client can give instead."""
        for command in map(str.upper, COMMANDS):
            for reply in NEVER[command]:
                with self.subTest(command, reply=reply):
                    self.assertTrue(refused(command, reply))

    def test_ever(self) -> None:
        """Nothing is said."""
        for command in map(str.upper, COMMANDS):
            for reply in EVER[command]:
                with self.subTest(command, reply=reply):
                    self.assertEqual(refused(command, reply), "")

    def test_statistics_without_a_value(self) -> None:
        """The client raises an IndexError at them before pymemcache 3.5.2."""
        for version, expected in (("3.5.0", True), ("3.5.1", True), ("3.5.2", False)):
            with self.subTest(version), patch("pymemcache.__version__", version):
                self.assertEqual(refused("STATS", {b"inter": b""}) != "", expected)
                self.assertEqual(refused("STATS", {b"inter": b"NULL"}), "")


class MissTest(unittest.TestCase):
    """`MISS` is a reply, and no part of one."""

    def test_alone(self) -> None:
        """It is the reply of every command of which a server can hold nothing."""
        for command in map(str.upper, COMMANDS):
            without = command in ("RAW_COMMAND", "STATS", "VERSION")
            with self.subTest(command):
                text = refused(command, MISS)
                self.assertEqual("a server always has an answer" in text, without)
                self.assertEqual(text != "", without)

    def test_inside(self) -> None:
        """At any depth it stands for nothing."""
        circle: List[Any] = []
        circle += [circle, {"a": (MISS,)}]
        for reply in ({"k": MISS}, (MISS, b"1"), [MISS], {MISS: 1}, {"k": [{MISS}]}, circle):
            with self.subTest(type(reply)):
                for command in ("GET", "GETS", "GET_MANY", "GETS_MANY", "SET_MANY"):
                    text = refused(command, reply)
                    self.assertEqual(
                        text,
                        "MISS is a reply, and no part of one: of several keys, leave out what is "
                        "missed",
                    )

    def test_it_is_one(self) -> None:
        """Also for who copies and pickles it."""
        self.assertIs(copy.deepcopy(MISS), MISS)
        self.assertIs(pickle.loads(pickle.dumps(MISS)), MISS)
        self.assertEqual(repr(MISS), "MISS")


class RawTest(unittest.TestCase):
    """`Raw` is a value that a server holds."""

    def test_where_it_stands(self) -> None:
        """For a value, and nowhere else."""
        raw = Raw(b"v", flags=1)
        right: List[Tuple[str, Any]] = [
            ("GET", raw),
            ("GETS", (raw, b"1")),
            ("GET_MANY", {"k": raw, "l": b"v"}),
            ("GETS_MANY", {"k": (raw, b"1")}),
        ]
        for command, reply in right:
            with self.subTest(command):
                self.assertEqual(refused(command, reply), "")
        wrong: List[Tuple[str, Any]] = [
            ("GET", [raw]),
            ("GET", {"k": raw}),
            ("GETS", ([raw], b"1")),
            ("GETS", raw),
            ("GETS", (b"v", raw)),
            ("GETS", (raw, raw)),
            ("GET_MANY", {raw: b"v"}),
            ("GET_MANY", {"k": (raw, b"1")}),
            ("GET_MANY", raw),
            ("GETS_MANY", {"k": raw}),
            ("GETS_MANY", {"k": (b"v", raw)}),
            ("GETS_MANY", {raw: (raw, b"1")}),
            ("VERSION", raw),
            ("SET_MANY", [raw]),
        ]
        for command, reply in wrong:
            with self.subTest(command, reply=reply):
                text = f"Raw(...) is a value that a server holds, and {command} returns none there"
                self.assertEqual(refused(command, reply), text)

    def test_what_it_takes(self) -> None:
        """Bytes, and flags of 32 bits."""
        for value in ("v", None, bytearray(b"v"), 5):
            with self.assertRaisesRegex(TypeError, "Raw takes what a server holds: bytes, not"):
                Raw(value)  # type: ignore[arg-type]  # that is the point
        for flags in (None, "1", 0.5, True):
            with self.assertRaisesRegex(TypeError, "flags must be an int, not"):
                Raw(b"v", flags=flags)  # type: ignore[arg-type]  # that is the point
        for number in (-1, 2**32):
            with self.assertRaisesRegex(ValueError, "flags must be 0 to 2\\*\\*32 - 1, not"):
                Raw(b"v", flags=number)

    def test_what_it_is(self) -> None:
        """A value that shows itself, compares and can be pickled."""
        raw = Raw(b"v", flags=1)
        self.assertEqual(eval(repr(raw)), raw)
        self.assertEqual(repr(Raw(b"v")), "Raw(b'v')")
        self.assertEqual(len({raw, Raw(b"v", 1), Raw(b"v"), Raw(b"w", 1)}), 3)
        self.assertNotEqual(raw, (b"v", 1))
        self.assertEqual(pickle.loads(pickle.dumps(raw)), raw)
