"""Each command, the replies that a call of it can get, and those that it cannot.

SPECIFICATION 7.
"""

from __future__ import annotations

import math
import unittest
from contextlib import nullcontext
from typing import Any, Dict, List, Tuple

from pymemcache.client.base import Client

from tests.replying.giving import PREFIXES_WORDS, READS_BLANKS, give
from tests.replying.serdes import PICKLE, Safe
from tripwire import MISS, ImpossibleReplyError, ImpossibleReplyMetError, OutOfStepError, Raw

Case = Tuple[str, Tuple[Any, ...], Any]
"""A command, the arguments of its call, a reply."""

STORING = ("set", "add", "replace", "append", "prepend")
KV = ("k", b"v")
LIMIT = 2**64

POSSIBLE: List[Case] = [
    ("get", ("k",), b""),
    ("get", ("k",), b"v"),
    ("get", (b"k",), b"v"),
    ("get", ("k",), b"a\r\nEND\r\n"),
    ("get", ("k",), b"x" * 10_000),
    ("get", ("k",), b"y" * 4_000 + b"\r\n" * 100),
    ("get", ("k",), None),
    ("get", ("k", "d"), "d"),
    ("get", ("k", "d"), b"v"),
    ("get", ("k", b"d"), b"d"),
    ("get", ("k", [1]), [1]),
    ("get", ("k", {"a": (1,)}), {"a": (1,)}),
    ("get", ("k", math.nan), math.nan),
    ("get", ("k" * 248,), b"v"),
    ("gets", ("k",), (b"v", b"1")),
    ("gets", ("k",), (b"", b"0")),
    ("gets", ("k",), (b"v", b"%d" % (LIMIT - 1))),
    ("gets", ("k",), (None, None)),
    ("gets", ("k", "d"), ("d", None)),
    ("gets", ("k", "d", "c"), ("d", "c")),
    ("gets", ("k", "d", "c"), (b"v", b"1")),
    ("gets", ("k", b"1", b"2"), (b"1", b"2")),
    ("gets", ("k", [1], [2]), ([1], [2])),
    ("get_many", (["k"],), {}),
    ("get_many", (["k"],), {"k": b"v"}),
    ("get_many", ([b"k"],), {b"k": b"v"}),
    ("get_many", (("k", "l"),), {"l": b"w", "k": b""}),
    ("get_many", ({"k", "l"},), {"l": b"w"}),
    ("get_many", (["k", b"k"],), {b"k": b"v"}),
    ("get_many", (["k", "k"],), {"k": b"v"}),
    ("get_many", (["k", b"l"],), {"k": b"v", b"l": b"w"}),
    ("get_many", (["", "k"],), {"k": b"v"}),
    ("get_many", (["k", ""],), {"k": b"v"}),
    ("get_multi", (["k"],), {"k": b"v"}),
    ("gets_many", (["k"],), {}),
    ("gets_many", (["k", "l"],), {"l": (b"w", b"7"), "k": (b"", b"1")}),
    ("gets_many", (["", "k"],), {"k": (b"v", b"1")}),
    *[(name, KV, reply) for name in STORING for reply in (True, False)],
    *[("cas", (*KV, 1), reply) for reply in (True, False, None)],
    ("set_many", ({"k": b"v"},), []),
    ("set_many", ({"k": b"v"},), ["k"]),
    ("set_many", ({"k": b"1", "l": b"2", "m": b"3"},), ["k", "m"]),
    ("set_many", ({"k": b"1", b"k": b"2"},), [b"k"]),
    ("set_multi", ({"k": b"1", b"k": b"2"},), ["k", b"k"]),
    *[(name, ("k",), reply) for name in ("delete", "touch") for reply in (True, False)],
    ("delete", ("noreply",), False),
    ("touch", ("noreply", 5), False),
    ("delete_many", (["k", "l"],), True),
    ("delete_multi", (["k"],), True),
    ("incr", ("k", 1), 0),
    ("incr", ("k", 5), 3),
    ("incr", ("k", 5), LIMIT - 1),
    ("incr", ("k", 1), None),
    ("decr", ("k", 1), 0),
    ("decr", ("k", 1), LIMIT - 2),
    ("decr", ("k", 0), LIMIT - 1),
    ("decr", ("k", LIMIT - 1), 0),
    ("decr", ("k", 1), None),
    ("stats", (), {}),
    ("stats", (), {b"pid": 1, b"version": b"1.6.18", b"rusage_user": 0.25, b"time": -1}),
    ("stats", ("settings",), {b"growth_factor": 1.25, b"umask": 0o700, b"inter": b"NULL"}),
    ("stats", ("settings",), {b"cas_enabled": True, b"auth_enabled_sasl": False}),
    ("stats", ("settings",), {b"detail_enabled": False, b"auth_enabled_sasl": True}),
    ("stats", ("settings",), {b"stat_key_prefix": b":", b"evictions": b"on"}),
    ("stats", ("settings",), {b"domain_socket": b"", b"evictions": b"on"}),
    ("stats", (), {b"libevent": b"2.1.12-stable", b"version": b"7", b"1:chunk_size": 96}),
    ("stats", ("cachedump", "1", "0"), {b"k": b"[1 b; 0 s]"}),
    ("version", (), b"1.6.18"),
    ("version", (), b""),
    ("version", (), b" 1.6 beta\r"),
    ("raw_command", ("version",), b"VERSION 1.6"),
    ("raw_command", ("version",), b""),
    ("raw_command", ("version",), b"1.6\r"),
    ("raw_command", ("version", None), b"1.6\r"),
    ("raw_command", ("version", b""), b"NO ERROR"),
    ("raw_command", (b"get k", "END\r\n"), b"VALUE k 0 0\r\n\r\n"),
    ("raw_command", ("get k", b"END"), b"VALUE k 0 0\r\n\r\nEN"),
    ("raw_command", ("me k", "ab"), b"xa"),
    ("cache_memlimit", (64,), True),
    ("flush_all", (), True),
    ("flush_all", (5,), True),
    ("quit", (), None),
    ("shutdown", (), None),
    ("shutdown", (True,), None),
]
"""What a client without a deserializer, which waits for answers, can give."""

IMPOSSIBLE: List[Case] = [
    ("get", ("k",), "v"),
    ("get", ("k",), ""),
    ("get", ("k",), 5),
    ("get", ("k",), True),
    ("get", ("k",), bytearray(b"v")),
    ("get", ("k",), [b"v"]),
    ("get", ("k",), {"k": b"v"}),
    ("get", ("k", "d"), None),
    ("get", ("k", "d"), "other"),
    ("get", ("k", 0), False),
    ("get", ("k", 1), 1.0),
    ("get", ("k", [1]), [True]),
    ("gets", ("k",), ("v", b"1")),
    ("gets", ("k",), (None, b"1")),
    ("gets", ("k", "d"), (None, None)),
    ("gets", ("k", "d", "c"), ("d", None)),
    ("gets", ("k", None, "c"), (None, "d")),
    ("gets", ("k",), (b"v", "1")),
    ("gets", ("k",), (b"v", 1)),
    ("gets", ("k",), (b"v", b"")),
    ("gets", ("k",), (b"v", b"1a")),
    ("gets", ("k",), (b"v", b"-1")),
    ("gets", ("k",), (b"v", b"01")),
    ("gets", ("k",), (b"v", b"%d" % LIMIT)),
    ("gets", ("k",), (b"v", bytearray(b"1"))),
    ("gets", ("k",), (b"v", None)),
    ("get_many", (["k"],), {"k": "v"}),
    ("get_many", (["k"],), {"k": None}),
    ("get_many", (["k"],), {"other": b"v"}),
    ("get_many", (["k"],), {b"k": b"v"}),
    ("get_many", ([b"k"],), {"k": b"v"}),
    ("get_many", (["k", "l"],), {"k": b"v", "m": b"w"}),
    ("get_many", (["k", b"k"],), {"k": b"v"}),
    ("get_many", (["", "k"],), {"": b"v"}),
    ("get_multi", (["k"],), {"k": 5}),
    ("gets_many", (["k"],), {"k": ("v", b"1")}),
    ("gets_many", (["k"],), {"k": (b"v", 1)}),
    ("gets_many", (["k"],), {"k": (b"v", b"%d" % LIMIT)}),
    ("gets_many", (["k"],), {"other": (b"v", b"1")}),
    ("set_many", ({"k": b"v"},), ["other"]),
    ("set_many", ({"k": b"v"},), [b"k"]),
    ("set_many", ({"k": b"v"},), ["k", "k"]),
    ("set_many", ({"k": b"1", "l": b"2"},), ["l", "k"]),
    ("set_multi", ({"k": b"v"},), ["other"]),
    ("decr", ("k", 1), LIMIT - 1),
    ("decr", ("k", 5), LIMIT - 5),
    ("decr", ("k", LIMIT - 1), 1),
    ("raw_command", ("version",), b"1.6\r\n"),
    ("raw_command", ("version", None), b"1.6\r\n"),
    ("raw_command", ("version", b""), b"\r\n1.6"),
    ("raw_command", ("get k", "END\r\n"), b"VALUE k 0 0\r\n\r\nEND\r\n"),
    ("raw_command", ("get k", b"END"), b"END"),
    ("raw_command", ("me k", "aa"), b"xa"),
    ("raw_command", ("me k", "abab"), b"xab"),
    # pymemcache drops what it received before the piece in which the end token is.
    ("raw_command", ("get k", "END\r\n"), b"x" * 5_000),
    ("get", ("",), b"v"),
    ("gets", ("",), (b"v", b"1")),
    ("get_many", ([""],), {}),
    ("delete", ("",), False),
    ("incr", ("k", -1), 5),
    ("decr", ("k", -1), None),
]
"""What such a client cannot give for such a call."""

# pymemcache has `raw_command` since 4.0.
POSSIBLE = [case for case in POSSIBLE if hasattr(Client, case[0])]
BLANKS = [case for case in POSSIBLE if case[0] == "stats" and b"" in case[2].values()]
POSSIBLE = [case for case in POSSIBLE if READS_BLANKS or case not in BLANKS]
WORDS = [case for case in POSSIBLE if case[0] in ("stats", "cache_memlimit") and case[1]]
IMPOSSIBLE = [case for case in IMPOSSIBLE if hasattr(Client, case[0])]

NOREPLY: Dict[str, Tuple[Tuple[Any, ...], Any, List[Any]]] = {
    **{name: (KV, True, [False]) for name in STORING},
    "cas": ((*KV, 1), True, [False, None]),
    "delete": (("k",), True, [False]),
    "touch": (("k",), True, [False]),
    "set_many": (({"k": b"v"},), [], [["k"]]),
    "set_multi": (({"k": b"v"},), [], [["k"]]),
    "incr": (("k", 1), None, [0, 5]),
    "decr": (("k", 1), None, [0, 5]),
    "delete_many": ((["k"],), True, []),
    "delete_multi": ((["k"],), True, []),
    "flush_all": ((), True, []),
}
"""The arguments of a call, the reply to it with noreply, and others that need an answer."""


class ByCommandTest(unittest.TestCase):
    """A client without a deserializer."""

    def test_possible(self) -> None:
        """It gives such a reply, of its very type, under any prefix and encoding of keys."""
        prefixed = [case for case in POSSIBLE if not PREFIXES_WORDS or case not in WORDS]
        for options, cases in (
            ({}, POSSIBLE),
            ({"key_prefix": b"p:"}, prefixed),
            ({"allow_unicode_keys": True}, POSSIBLE),
        ):
            for command, args, reply in cases:
                with self.subTest(command=command, args=args, reply=reply, **options):
                    given = give(reply, command, *args, **options)
                    self.assertEqual(
                        sorted(repr(given)) if type(reply) is dict else repr(given),
                        sorted(repr(reply)) if type(reply) is dict else repr(reply),
                    )

    def test_words_that_are_taken_for_keys(self) -> None:
        """Before 4.0 they get the prefix, and memcached does not know them."""
        for command, args, reply in WORDS:
            refusal = self.assertRaisesRegex(ImpossibleReplyMetError, "(?s)rejects.*ERROR")
            with self.subTest(command, args=args), refusal if PREFIXES_WORDS else nullcontext():
                give(reply, command, *args, key_prefix=b"p:")

    def test_statistics_without_a_value(self) -> None:
        """Before 3.5.2 pymemcache fails at them."""
        for command, args, reply in BLANKS:
            refusal = self.assertRaises(ImpossibleReplyError)
            with self.subTest(reply=reply), nullcontext() if READS_BLANKS else refusal:
                give(reply, command, *args)

    def test_possible_beside_a_serializer(self) -> None:
        """A serializer alone has no part in it."""
        for command, args, reply in POSSIBLE:
            with self.subTest(command=command, args=args, reply=reply):
                given = give(reply, command, *args, serializer=lambda key, value: (b"other", 5))
                self.assertEqual(type(given), type(reply))

    def test_shapes_do_not_depend_on_the_deserializer(self) -> None:
        """What the commands without values give is the same with one."""
        for command, args, reply in POSSIBLE:
            with self.subTest(command=command, args=args, reply=reply):
                self.assertEqual(type(give(reply, command, *args, **PICKLE)), type(reply))

    def test_impossible(self) -> None:
        """It cannot give such a reply, and the refusal says what it can."""
        for command, args, reply in IMPOSSIBLE:
            for options in ({}, {"serializer": lambda key, value: (b"other", 5)}):
                with self.subTest(command=command, args=args, reply=reply):
                    with self.assertRaises(ImpossibleReplyMetError) as caught:
                        give(reply, command, *args, **options)
                    self.assertTrue(caught.exception.possible)

    def test_noreply(self) -> None:
        """The server does not answer, so there is one reply only."""
        for command, (args, always, others) in NOREPLY.items():
            with self.subTest(command):
                self.assertEqual(give(always, command, *args, noreply=True), always)
                for reply in others:
                    self.assertEqual(give(reply, command, *args, noreply=False), reply)
                    with self.assertRaisesRegex(ImpossibleReplyMetError, "request says noreply"):
                        give(reply, command, *args, noreply=True)

    def test_noreply_of_the_client(self) -> None:
        """It counts where the call says nothing."""
        self.assertIs(give(True, "set", *KV, default_noreply=True), True)
        with self.assertRaises(ImpossibleReplyMetError):
            give(False, "set", *KV, default_noreply=True)


class KeysTest(unittest.TestCase):
    """Keys as they are on the wire."""

    def test_prefix_and_unicode(self) -> None:
        """The server answers with the key that it was asked for."""
        given = give(
            {"ключ": b"v", "k": b"w"},
            "get_many",
            ["k", "ключ"],
            key_prefix="p:",
            allow_unicode_keys=True,
            encoding="utf8",
        )
        self.assertEqual(given, {"k": b"w", "ключ": b"v"})
        self.assertEqual(give(b"v", "get", "ключ", allow_unicode_keys=True), b"v")

    def test_order_is_that_of_the_request(self) -> None:
        """Whatever the reply has."""
        given = give({"a": b"1", "b": b"2", "c": b"3"}, "get_many", ["c", "x", "b", "a"])
        self.assertEqual(list(given), ["c", "b", "a"])

    def test_kinds_of_keys(self) -> None:
        """The caller's own are given back; a subclass of text is text."""
        key = Safe("k")
        (back,) = give({"k": b"v"}, "get_many", [key])
        self.assertIs(back, key)

    def test_key_that_cannot_be_in_a_dict(self) -> None:
        """A hit makes pymemcache fail, and so does the call."""
        with self.assertRaisesRegex(TypeError, "unhashable"):
            give({b"k": b"v"}, "get_many", [bytearray(b"k")])
        with self.assertRaisesRegex(TypeError, "unhashable"):
            give(b"v", "get", bytearray(b"k"))

    def test_keys_that_can_be_read_once(self) -> None:
        """A hit makes pymemcache fail, which it may ignore."""
        with self.assertRaises(KeyError):
            give({"k": b"v"}, "get_many", iter(["k"]))
        self.assertEqual(give({"k": b"v"}, "get_many", iter(["k"]), ignore_exc=True), {})
        self.assertEqual(give({}, "get_many", iter(["k"])), {})

    def test_hits_are_whole_and_fresh(self) -> None:
        """What is given is another object than the reply, and than what was given before."""
        reply = {"k": b"v" * 100}
        first, second = (give(reply, "get_many", ["k"]) for _ in range(2))
        self.assertEqual(first, reply)
        self.assertIsNot(first, reply)
        self.assertIsNot(first, second)

    def test_bytes_of_a_subclass(self) -> None:
        """They equal bytes, and bytes are what the client gives."""
        kind = type("Bytes", (bytes,), {})
        self.assertIs(type(give(kind(b"v"), "get", "k")), bytes)


class MissTest(unittest.TestCase):
    """`MISS`: what a memcached says that holds nothing."""

    def test_miss(self) -> None:
        """The client makes of it what it makes of it."""
        for result, command, args, options in (
            (None, "get", ("k",), {}),
            ("d", "get", ("k", "d"), {}),
            (("d", None), "gets", ("k", "d"), {}),
            ({}, "get_many", (["k"],), {}),
            (True, "set", KV, {}),
            (None, "cas", (*KV, 1), {}),
            (False, "delete", ("k",), {}),
            (True, "delete", ("k",), {"noreply": True}),
            (None, "incr", ("k", 1), {}),
        ):
            with self.subTest(command, **options):
                self.assertEqual(give(MISS, command, *args, **options), result)

    def test_error_of_the_server(self) -> None:
        """It reaches the client, too."""
        with self.assertRaisesRegex(Exception, "get"):
            give(MISS, "get", "")

    def test_answer_that_nobody_reads(self) -> None:
        """An error in spite of noreply would be read by the next call."""
        for reply in (MISS, True):
            with self.assertRaisesRegex(OutOfStepError, "(?s)noreply.*NOT_FOUND.*its next command"):
                give(reply, "delete", "", noreply=True)

    def test_error_that_noreply_silences(self) -> None:
        """Nobody sees it, and the client returns what it always does."""
        for reply in (MISS, None):
            self.assertIsNone(give(reply, "incr", "k", -1, noreply=True))

    def test_key_called_noreply(self) -> None:
        """The server answers."""
        self.assertEqual(give(MISS, "get_many", ["k", "noreply"]), {})
        self.assertEqual(give({"k": b"v"}, "get_many", ["k", "noreply"]), {"k": b"v"})


class RawTest(unittest.TestCase):
    """`Raw`: what a server holds."""

    def test_it_is_read(self) -> None:
        """By the deserializer, with its flags, wherever a value may stand."""
        raw = Raw(b"5", flags=2)
        for reply, command, args, result in (
            (raw, "get", ("k",), 5),
            ((raw, b"1"), "gets", ("k",), (5, b"1")),
            ({"k": raw, "l": "x"}, "get_many", (["k", "l"],), {"k": 5, "l": "x"}),
            ({"k": (raw, b"1")}, "gets_many", (["k"],), {"k": (5, b"1")}),
        ):
            with self.subTest(command):
                self.assertEqual(give(reply, command, *args, **PICKLE), result)
                without = repr(result).replace("5", "b'5'").replace("'x'", "b'x'")
                bare = {"k": raw, "l": b"x"} if command == "get_many" else reply
                self.assertEqual(repr(give(bare, command, *args)), without)

    def test_deserializer_that_fails_at_it(self) -> None:
        """Fails as in production, or is swallowed as there."""
        with self.assertRaises(ValueError):
            give(Raw(b"x", flags=2), "get", "k", **PICKLE)
        given = give(Raw(b"x", flags=2), "get", "k", "d", ignore_exc=True, **PICKLE)
        self.assertEqual(given, "d")

    def test_values_beside_it_are_judged(self) -> None:
        """Each by itself."""
        with self.assertRaises(ImpossibleReplyMetError):
            give({"k": Raw(b"5"), "l": 5}, "get_many", ["k", "l"])
