"""Each kind of serde, the values that come out of it, and those that cannot.

SPECIFICATION 7.
"""

from __future__ import annotations

import unittest
from collections import Counter, OrderedDict, defaultdict
from typing import Any, Callable, Dict, List, Tuple

from tests.replying import serdes
from tests.replying.examples import (
    IMPOSSIBLE,
    POSSIBLE,
    SENTINEL,
    Color,
    same,
)
from tests.replying.giving import give
from tests.replying.serdes import JSON, PICKLE, Safe
from tripwire import ImpossibleReplyMetError, Raw


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
            with self.assertRaises(ImpossibleReplyMetError) as caught:
                give(reply, "get", "k", SENTINEL, **options)
            self.assertIn("Raw(b'...', flags=0)", str(caught.exception))
            with self.assertRaises(ImpossibleReplyMetError):
                give((reply, b"1"), "gets", "k", SENTINEL, ignore_exc=True, **options)
            with self.assertRaises(ImpossibleReplyMetError):
                give({"k": reply}, "get_many", ["k"], **options)
            with self.assertRaises(ImpossibleReplyMetError):
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
        with self.assertRaises(ImpossibleReplyMetError):
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
        with self.assertRaises(ImpossibleReplyMetError):
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
        with self.assertRaises(ImpossibleReplyMetError):
            give(["other"], "set_many", {"k": 1}, kind=serdes.Extracting)
