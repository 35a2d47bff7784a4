"""A reply that only some calls could get is judged when a call takes it.

SPECIFICATION 7.
"""

from __future__ import annotations

import json
import math
import unittest
from functools import partialmethod
from typing import Any, Dict, List, Tuple

from pymemcache import serde
from pymemcache.client.base import Client, PooledClient

from tests.support.cases import SERVER, by_hand
from tests.support.replying import Replies
from tests.support.versions import needs_raw_command
from tripwire import (
    MISS,
    ImpossibleReplyError,
    ImpossibleReplyMetError,
    SwallowedViolationError,
    TripwireTestCase,
)

Case = Tuple[str, Tuple[Any, ...], Any]
"""A command, the arguments of its call (the usual ones where there are none), a reply."""

VALUES: List[Case] = [
    ("get", (), "v"),
    ("get", (), 5),
    ("get", (), True),
    ("get", (), bytearray(b"v")),
    ("get", ("k", "d"), None),
    ("get", ("k", "d"), "other"),
    ("get", ("k", 0), False),
    ("get", ("k", 1), 1.0),
    ("gets", (), ("v", b"1")),
    ("gets", (), (None, b"1")),
    ("get_many", (), {"k": "v"}),
    ("get_many", (), {"k": None}),
    ("get_multi", (), {"k": 5}),
    ("gets_many", (), {"k": ("v", b"1")}),
]
"""What a client without a deserializer cannot give: it gives bytes, or a default of the call."""

SHAPES: List[Case] = [
    ("gets", ("k", "d"), (None, None)),
    ("gets", ("k", "d", "c"), ("d", None)),
    ("gets", ("k", None, "c"), (None, "d")),
    ("gets", (), (b"v", "1")),
    ("gets", (), (b"v", 1)),
    ("gets", (), (b"v", b"")),
    ("gets", (), (b"v", b"1a")),
    ("gets", (), (b"v", None)),
    ("get_many", (), {"other": b"v"}),
    ("get_many", (), {b"k": b"v"}),
    ("get_many", ([b"k"],), {"k": b"v"}),
    ("get_many", (["k", "l"],), {"k": b"v", "m": b"w"}),
    # Of two spellings of one key, pymemcache gives back the last.
    ("get_many", (["k", b"k"],), {"k": b"v"}),
    ("get_multi", (), {"other": b"v"}),
    ("gets_many", (), {"other": (b"v", b"1")}),
    ("gets_many", (), {"k": (b"v", 1)}),
    ("set_many", (), ["other"]),
    ("set_many", (), [b"k"]),
    ("set_many", (), ["k", "k"]),
    ("set_many", ({"k": 1, "l": 2},), ["l", "k"]),
    ("set_multi", (), ["other"]),
    *[
        ("raw_command", args, reply)
        for args, reply in (
            (("version",), b"1.6\r\n"),
            (("version", None), b"1.6\r\n"),
            (("version", b""), b"\r\n1.6"),
            (("get k", "END\r\n"), b"VALUE k 0 0\r\n\r\nEND\r\n"),
            (("get k", b"END"), b"END"),
            (("get k", bytearray(b"END")), b"END"),
            (("get k", memoryview(b"END")), b"END"),
            (("get k", memoryview(b"")), b"\r\n"),
        )
        if hasattr(Client, "raw_command")
    ],
]
"""What no client can give for such a call, whatever its deserializer."""

POSSIBLE: List[Case] = [
    ("get", ("k", "d"), "d"),
    ("get", ("k", "d"), b"v"),
    ("get", ("k", [1]), [1]),
    ("get", ("k", math.nan), math.nan),
    ("gets", ("k", "d"), ("d", None)),
    ("gets", ("k", "d", "c"), ("d", "c")),
    ("gets", ("k", "d", "c"), (b"v", b"1")),
    ("get_many", (["k", "l"],), {"k": b"v", "l": b"w"}),
    ("get_many", ([b"k"],), {b"k": b"v"}),
    ("get_many", (["k", b"k"],), {b"k": b"v"}),
    ("set_many", ({"k": 1, "l": 2},), ["k", "l"]),
    ("set_many", ({"k": 1, b"l": 2},), [b"l"]),
    *[
        ("raw_command", args, b"VALUE k 0 0\r\n\r\n")
        for args in (
            ("get k", "END\r\n"),
            ("get k", b"END"),
            ("get k", bytearray(b"END")),
            ("get k", memoryview(b"END")),
        )
        if hasattr(Client, "raw_command")
    ],
]
"""What a client without a deserializer can give."""

SILENT: Dict[str, List[Any]] = {
    **{name: [False] for name in ("set", "add", "replace", "append", "prepend")},
    **{name: [False] for name in ("delete", "touch")},
    **{name: [["k"]] for name in ("set_many", "set_multi")},
    **{name: [0, 5] for name in ("incr", "decr")},
    "cas": [False, None],
}
"""What a call with noreply cannot get, because the server does not answer it."""


JSON: Dict[str, Any] = {
    "serializer": lambda key, value: (json.dumps(value), 1),
    "deserializer": lambda key, value, flags: json.loads(value),
}
"""Options of a client that gives a list for a tuple."""


class Extracting(Client):  # type: ignore[misc]  # pymemcache ships no types
    """Makes values of what it reads in a way of its own, as pymemcache allows it to."""

    _extract_value: Any = partialmethod(Client._extract_value)  # noqa: SLF001  # meant for subclasses


class Fetching(Client):  # type: ignore[misc]  # pymemcache ships no types
    """Reads in a way of its own."""

    _fetch_cmd: Any = partialmethod(Client._fetch_cmd)  # noqa: SLF001  # as such a subclass does it


class CallTest(unittest.TestCase):
    """An impossible reply that is met by a call is a violation."""

    def refuse(self, case: Case, **options: Any) -> None:
        """Such a call raises, and names what the real client would have given."""
        command, args, reply = case
        options.setdefault("default_noreply", False)
        with self.subTest(command=command, args=args, reply=reply, **options):
            replies = Replies(command, reply)
            with self.assertRaises(ImpossibleReplyMetError) as caught:
                replies.give(*args, **options)
            error = caught.exception
            self.assertIsInstance(error, AssertionError)
            self.assertEqual((error.command, error.server), (command.upper(), SERVER))
            self.assertIs(error.reply, reply)
            self.assertIn(error.possible, str(error))

    def take(self, case: Case, **options: Any) -> None:
        """Such a call gets the reply."""
        command, args, reply = case
        with self.subTest(command=command, args=args, reply=reply, **options):
            given = Replies(command, reply).give(*args, default_noreply=False, **options)
            self.assertEqual(repr(given), repr(reply))

    def test_values_of_a_client_without_a_deserializer(self) -> None:
        """They are bytes or the call's own default; a serializer changes nothing about it."""
        for case in VALUES:
            self.refuse(case)
            self.refuse(case, serializer=serde.python_memcache_serializer)

    def test_values_of_a_client_that_deserializes(self) -> None:
        """They are anything, wherever they come from."""
        for case in VALUES:
            self.take(case, deserializer=serde.python_memcache_deserializer)
            self.take(case, serde=serde.pickle_serde)
            self.take(case, kind=Extracting)
            self.take(case, kind=Fetching)

    def test_shapes(self) -> None:
        """Cas tokens, keys, their spelling and their order are judged for every client."""
        for case in SHAPES:
            self.refuse(case)
            self.refuse(case, serde=serde.pickle_serde)

    def test_replies_that_the_call_can_get(self) -> None:
        """Its default, its keys as they were spelled."""
        for case in POSSIBLE:
            self.take(case)

    def test_noreply_of_a_call_of_a_client_or_by_default(self) -> None:
        """The server does not answer, so there is one reply only."""
        for command, impossible in SILENT.items():
            for reply in impossible:
                for default in (True, False):
                    self.refuse((command, (), reply), noreply=True, default_noreply=default)
                # Only these three do not ask the client for its default.
                if command not in ("incr", "decr", "cas"):
                    self.refuse((command, (), reply), default_noreply=True)

    def test_serde_that_only_writes_is_not_asked_to_read(self) -> None:
        """Its `deserialize` is missed at a hit at the earliest; here everything misses."""

        class Writing:
            def serialize(self, key: Any, value: Any) -> Tuple[bytes, int]:
                return b"written", 0

        replies: List[Any] = [MISS, {}]
        for reply in replies:
            self.assertEqual(Replies("get_many", reply).give(["k"], serde=Writing()), {})
        self.assertIsNone(Replies("get", None).give(serde=Writing()))
        self.assertTrue(Replies("set", True).give(serde=Writing()))

    @needs_raw_command
    def test_end_tokens_of_another_type_raise_what_they_raise(self) -> None:
        """Pymemcache does, when it looks for them in the answer, and nothing of ours before."""
        given: Any = ["END"]
        replies = Replies("raw_command", b"v")
        with self.assertRaisesRegex(TypeError, "argument should be integer or bytes-like object"):
            replies.give("get k", given)
        self.assertEqual(len(replies.verifier.interactions), 1)

    def test_key_called_noreply_is_a_key(self) -> None:
        """The request ends with that word, and the server answers it."""
        self.take(("delete", ("noreply",), False))

    def test_what_is_possible_depends_on_the_call(self) -> None:
        """On its deserializer, and on whether the server answers."""
        with_serde = {"serde": serde.pickle_serde}
        noreply = {"noreply": True}
        for command, reply, options, possible in (
            ("gets", (b"v", 1), {}, "(bytes, a token such as b'7'), or"),
            ("gets", (b"v", 1), with_serde, "(value, a token such as b'7'), or"),
            ("get_many", {"l": 1}, {}, "a dict of keys that were asked for, as spelled"),
            ("get_many", {"k": 1}, {}, "as spelled, to bytes (it has no deserializer)"),
            ("gets_many", {"k": (b"v", 1)}, {}, "to (bytes, a token such as b'7')"),
            ("gets_many", {"k": (b"v", 1)}, with_serde, "to (value, a token such as b'7')"),
            ("set_many", ["l"], {"noreply": False}, "a list of keys that were not stored"),
            ("set_many", ["k"], noreply, "[], as the request says noreply; noreply=False gets"),
        ):
            with self.subTest(command=command, **options):
                with self.assertRaises(ImpossibleReplyMetError) as caught:
                    Replies(command, reply).give(**options)
                self.assertIn(possible, caught.exception.possible)

    def test_noreply_gives_what_it_always_gives(self) -> None:
        """The reply that the client makes up by itself is accepted, and so is MISS."""
        for command in SILENT:
            always: Any = {"set_many": [], "set_multi": [], "incr": None, "decr": None}
            for reply in (always.get(command, True), MISS):
                with self.subTest(command=command, reply=reply):
                    given = Replies(command, reply).give(noreply=True)
                    self.assertEqual(repr(given), repr(always.get(command, True)))


class ViolationTest(unittest.TestCase):
    """What becomes of a mock and a test when its reply is refused."""

    def test_nothing_is_recorded(self) -> None:
        """There is the violation, and neither an unused mock nor an interaction beside it."""
        for reply, options in ((("v", {})), ((1, 2), JSON)):
            for times in (1, 2, None):
                with self.subTest(reply=reply, times=times):
                    replies = Replies("get", reply, times=times)
                    with self.assertRaises(ImpossibleReplyMetError):
                        replies.give(**options)
                    self.assertEqual(replies.verifier.interactions, ())
                    replies.verifier.verify_all()

    def test_retry_meets_the_same_mock(self) -> None:
        """It stays first in its queue, wherever that was found out."""
        for reply, options in ((("v", {})), ((1, 2), JSON)):
            for times in (1, 2, None):
                with self.subTest(reply=reply, times=times):
                    replies = Replies("get", reply, times=times)
                    replies.memcache.mock_command("get", returns=None, key="k")
                    for _ in range(3):
                        with self.assertRaises(ImpossibleReplyMetError):
                            replies.give(**options)
                    self.assertEqual(replies.give("k", reply, **options), reply)

    def test_mock_keeps_its_place_among_others(self) -> None:
        """Those that are older, and not for this call, come before it."""
        replies = Replies("get", b"1", fields={"default": 1})
        for reply, default in (("v", 2), (b"3", 3), (b"v", 2)):
            replies.memcache.mock_command("get", returns=reply, default=default)
        with self.assertRaises(ImpossibleReplyMetError):
            replies.give("k", 2)
        self.assertEqual(replies.give("k", 1), b"1")
        self.assertEqual(replies.give("k", 3), b"3")
        with self.assertRaises(ImpossibleReplyMetError):
            replies.give("k", 2)

    def test_expectation_that_is_refused_asserts_nothing(self) -> None:
        """As there is no interaction."""
        for reply, options in ((("v", {})), ((1, 2), JSON)):
            verifier, memcache = by_hand()
            memcache.expect("GET", returns=reply, key="k")
            with verifier.sandbox(), self.assertRaises(ImpossibleReplyMetError):
                Client(SERVER, **options).get("k")
            memcache.assert_no_calls()

    def test_client_that_ignores_errors_does_not_hide_it(self) -> None:
        """It is raised past all that the client's own method catches."""
        for reply, options in ((("v", {})), ((1, 2), JSON)):
            replies = Replies("get", reply)
            with self.assertRaises(ImpossibleReplyMetError) as caught:
                replies.give(ignore_exc=True, **options)
            self.assertIsNone(caught.exception.__cause__)
            self.assertIsNone(caught.exception.__context__)

    def test_swallowed_refusal_is_found(self) -> None:
        """A pool that ignores exceptions makes a miss of it, and verification tells."""
        replies = Replies("get", "v")
        self.assertIsNone(replies.give(kind=PooledClient, ignore_exc=True))
        with self.assertRaises(SwallowedViolationError) as caught:
            replies.verifier.verify_all()
        (violation,) = caught.exception.violations
        self.assertIs(violation.error, ImpossibleReplyMetError)

    def test_error_is_one_of_impossible_replies(self) -> None:
        """One `except` takes both, at registration and at the call."""
        with self.assertRaises(ImpossibleReplyError):
            Replies("get", "v").give()

    def test_allow_takes_any_reply_at_the_call(self) -> None:
        """A plugin that believes everything judges no call either."""
        for command, args, reply in VALUES + SHAPES:
            with self.subTest(command=command, args=args, reply=reply):
                replies = Replies(command, reply, impossible_replies="allow")
                self.assertEqual(repr(replies.give(*args)), repr(reply))

    def test_test_case_can_allow_it(self) -> None:
        """The attribute of the class is the plugin's mode."""

        class Allowing(TripwireTestCase):
            impossible_replies = "allow"

            def runTest(self) -> None:
                self.memcache.expect("GET", returns="v", key="k")
                with self.sandbox():
                    self.assertEqual(Client(SERVER).get("k"), "v")

        result = unittest.TestResult()
        Allowing().run(result)
        self.assertEqual((result.testsRun, result.failures, result.errors), (1, [], []))
