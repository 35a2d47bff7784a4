"""A mock's reply is one that the real client could give; any other is refused.

SPECIFICATION 7.
"""

from __future__ import annotations

import unittest
from collections import OrderedDict
from typing import Any, Dict, List, NamedTuple

from tests.support.cases import by_hand
from tests.support.conformance import COMMANDS
from tests.support.replying import CALLS, Replies
from tripwire import MISS, ImpossibleReplyError, TripwireError


class Text(str):
    """Not exactly text."""


class Pair(NamedTuple):
    """Not exactly a pair."""

    value: Any
    cas: Any


NOT_A_FLAG: Any = (None, 0, 1, b"STORED", "True", b"", [])
NOT_TRUE: Any = (False, None, 1, b"OK", "OK")
NOT_NONE: Any = (True, False, b"", 0)
NOT_A_COUNT: Any = (b"5", "5", 5.0, True, False, -1, 2**64, [5])
NOT_A_PAIR: Any = (None, b"v", (b"v",), (b"v", b"1", b"2"), [b"v", b"1"], Pair(b"v", b"1"), {})
NOT_A_DICT: Any = (None, [], (), [b"v"], b"v", OrderedDict(k=b"v"), {"k"})
NOT_KEYS: Any = (None, True, False, (), {}, "k", {"k"})
NOT_BYTES: Any = (None, "1.6.18", 1, bytearray(b"1.6.18"), [], {})

NEVER: Dict[str, List[Any]] = {
    # Any value at all can come out of a deserializer, so it depends on the call.
    "get": [],
    "gets": [*NOT_A_PAIR],
    "get_many": [*NOT_A_DICT],
    "get_multi": [*NOT_A_DICT],
    "gets_many": [*NOT_A_DICT, {"k": b"v"}, {"k": None}, {"k": [b"v", b"1"]}],
    **{name: [*NOT_A_FLAG] for name in ("set", "add", "replace", "append", "prepend")},
    "cas": [0, 1, b"EXISTS", "True", (), []],
    "set_many": [*NOT_KEYS],
    "set_multi": [*NOT_KEYS],
    "delete": [*NOT_A_FLAG],
    "delete_many": [*NOT_TRUE, []],
    "delete_multi": [*NOT_TRUE, []],
    "incr": [*NOT_A_COUNT],
    "decr": [*NOT_A_COUNT],
    "touch": [*NOT_A_FLAG],
    "stats": [None, [], {"pid": 1}, {b"pid": "1"}, {b"pid": None}, OrderedDict()],
    "version": [*NOT_BYTES, b"1.6.18\r\n"],
    "raw_command": [*NOT_BYTES, b"ERROR", b"CLIENT_ERROR bad", b"SERVER_ERROR out of memory"],
    "cache_memlimit": [*NOT_TRUE],
    "flush_all": [*NOT_TRUE],
    "quit": [*NOT_NONE],
    "shutdown": [*NOT_NONE],
}
"""Replies that no call of a command could ever get."""

POSSIBLE: Dict[str, List[Any]] = {
    "get": [b"", b"v", None],
    "gets": [(b"v", b"1"), (None, None)],
    "get_many": [{}, {"k": b"v"}],
    "get_multi": [{}, {"k": b"v"}],
    "gets_many": [{}, {"k": (b"v", b"1")}],
    **{name: [True, False] for name in ("set", "add", "replace", "append", "prepend")},
    "cas": [True, False, None],
    "set_many": [[], ["k"]],
    "set_multi": [[], ["k"]],
    "delete": [True, False],
    "delete_many": [True],
    "delete_multi": [True],
    "incr": [0, 2**64 - 1, None],
    "decr": [0, 5, None],
    "touch": [True, False],
    "stats": [{}, {b"pid": 1, b"version": b"1.6", b"growth_factor": 1.25, b"cas_enabled": True}],
    "version": [b"1.6.18", b""],
    "raw_command": [b"", b"OK", b"NO ERROR"],
    "cache_memlimit": [True],
    "flush_all": [True],
    "quit": [None],
    "shutdown": [None],
}
"""Replies that a call of a command, which waits for its answer, can get."""


class RegistrationTest(unittest.TestCase):
    """What no call could ever return is refused where it is registered."""

    def test_every_command_is_in_the_tables(self) -> None:
        """No command was forgotten."""
        for table in (NEVER, POSSIBLE, CALLS):
            self.assertLessEqual(set(COMMANDS), set(table))

    def test_impossible_replies_of_every_command(self) -> None:
        """It is misuse of the test, named with the command, the reply and what is possible."""
        for command in COMMANDS:
            for reply in NEVER[command]:
                with self.subTest(command=command, reply=reply):
                    memcache = by_hand().memcache
                    with self.assertRaises(ImpossibleReplyError) as caught:
                        memcache.mock_command(command, returns=reply)
                    error = caught.exception
                    self.assertIsInstance(error, ValueError)
                    self.assertNotIsInstance(error, AssertionError)
                    self.assertEqual(error.command, command.upper())
                    self.assertIs(error.reply, reply)
                    self.assertIn(error.possible, str(error))

    def test_refused_registration_registers_nothing(self) -> None:
        """There is no mock left over from it."""
        verifier, memcache = by_hand()
        with self.assertRaises(ImpossibleReplyError):
            memcache.mock_command("INCR", returns=b"5")
        verifier.verify_all()

    def test_expect_refuses_as_well(self) -> None:
        """A mock that is its own assertion is a mock."""
        with self.assertRaises(ImpossibleReplyError):
            by_hand().memcache.expect("INCR", returns=b"5", key="k")

    def test_possible_replies_of_every_command_are_given(self) -> None:
        """The caller gets each of them, of its very type."""
        for command in COMMANDS:
            for reply in POSSIBLE[command]:
                with self.subTest(command=command, reply=reply):
                    given = Replies(command, reply).give(default_noreply=False)
                    self.assertEqual(repr(given), repr(reply))

    def test_allow_takes_any_reply(self) -> None:
        """A plugin can be told to believe everything."""
        for command in COMMANDS:
            for reply in NEVER[command]:
                with self.subTest(command=command, reply=reply):
                    replies = Replies(command, reply, impossible_replies="allow")
                    self.assertEqual(repr(replies.give()), repr(reply))

    def test_miss_is_no_reply_of_a_command_that_always_has_one(self) -> None:
        """MISS is refused for three commands, also by who allows what is impossible."""
        for command in ("RAW_COMMAND", "STATS", "VERSION"):
            for mode in ("refuse", "allow"):
                with self.subTest(command=command, mode=mode):
                    memcache = by_hand(impossible_replies=mode).memcache
                    with self.assertRaises(ValueError) as caught:
                        memcache.mock_command(command, returns=MISS)
                    self.assertNotIsInstance(caught.exception, TripwireError)
