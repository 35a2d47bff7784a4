"""A reply goes over the wire: the client under test itself reads it, and a bug in reading shows.

SPECIFICATION 7.
"""

from __future__ import annotations

import functools
import json
import pickle
import unittest
from typing import Any, Dict, List, Type
from unittest import mock

from pymemcache.client.base import Client, PooledClient
from pymemcache.client.hash import HashClient
from pymemcache.exceptions import MemcacheUnexpectedCloseError

from tests.replying.serdes import Extracting
from tests.support.cases import SERVER, by_hand, run
from tests.support.hiding import BASE
from tests.support.replying import Replies
from tripwire import (
    MISS,
    ImpossibleReplyMetError,
    Raw,
    SwallowedViolationError,
    TripwireTestCase,
)


class Good:
    """A serde that works."""

    def serialize(self, key: Any, value: Any) -> Any:
        """Write."""
        return pickle.dumps(value), 1

    def deserialize(self, key: Any, value: bytes, flags: int) -> Any:
        """Read."""
        return pickle.loads(value) if flags == 1 else value


class Raising(Good):
    """Fails where it reads."""

    def deserialize(self, key: Any, value: bytes, flags: int) -> Any:
        """Read with a name that was misspelled."""
        return pickle.load(value)  # type: ignore[arg-type]  # that is the bug


class RawBytes(Good):
    """Forgets to read."""

    def deserialize(self, key: Any, value: bytes, flags: int) -> Any:
        """Give the bytes."""
        return value


class WrongFlag(Good):
    """Reads another flag than it writes."""

    def deserialize(self, key: Any, value: bytes, flags: int) -> Any:
        """Read."""
        return pickle.loads(value) if flags == 2 else value


def read_all(*stored: Any) -> Any:
    """Give all that a deserializer is told: key, bytes and flags."""
    return list(stored)


class Application:
    """Code under test: a client with a serde, and a function that uses it."""

    def __init__(self, **options: Any) -> None:
        self.client = Client(SERVER, **options)

    def name_of(self, user: int) -> Any:
        """Give a user's name out of the cache."""
        return self.client.get(f"user:{user}")["name"]


def case_of(application: Application) -> Type[TripwireTestCase]:
    """Give the test of an application, with what it has in the cache in plain words."""

    class ApplicationTest(TripwireTestCase):
        def test_name(self) -> None:
            self.memcache.expect("GET", returns={"name": "Ada"}, key="user:7")
            with self.sandbox():
                self.assertEqual(application.name_of(7), "Ada")

    return ApplicationTest


class BugsTest(unittest.TestCase):
    """What is wrong with a serde fails the tests of the code that uses it."""

    def failure(self, **options: Any) -> str:
        """Run the test of an application; give what it fails with."""
        result = run(case_of(Application(**options)))
        return "".join(text for _, text in result.failures + result.errors)

    def test_serde_that_works(self) -> None:
        """Its test passes."""
        self.assertEqual(self.failure(serde=Good()), "")

    def test_deserializer_that_raises(self) -> None:
        """Its exception comes out, as in production."""
        self.assertIn("in deserialize", self.failure(serde=Raising()))

    def test_deserializer_that_gives_bytes(self) -> None:
        """The reply is not what comes out."""
        self.assertIn("This GET could not return {'name': 'Ada'}", self.failure(serde=RawBytes()))

    def test_wrong_flag(self) -> None:
        """Likewise: its two halves do not fit."""
        self.assertIn("This GET could not return {'name': 'Ada'}", self.failure(serde=WrongFlag()))

    def test_serde_that_was_dropped(self) -> None:
        """A client without one gives bytes."""
        text = self.failure()
        self.assertIn("This GET could not return {'name': 'Ada'}", text)
        self.assertIn("bytes (it has no deserializer), or the default", text)


class FreshTest(unittest.TestCase):
    """What the caller gets has gone through bytes."""

    def test_each_call_gets_an_object_of_its_own(self) -> None:
        """What one caller does to it is nothing to the next one, nor to the mock."""
        replies = Replies("get", {"a": [1]}, times=None)
        first = replies.give(serde=Good())
        first["a"].append(2)
        self.assertEqual(replies.give(serde=Good()), {"a": [1]})

    def test_dict_has_the_order_of_the_request(self) -> None:
        """Whatever the reply has."""
        replies = Replies("get_many", {"l": b"w", "k": b"v"})
        self.assertEqual([*replies.give(["k", "l", "m"])], ["k", "l"])

    def test_reply_as_it_is_where_all_are_allowed(self) -> None:
        """It does not travel then; also where a server would reject the request."""
        reply = object()
        calls: Dict[str, List[Any]] = {"get": ["k"], "set": ["k", b"v"], "version": [], "quit": []}
        calls["incr"], calls["delete"] = ["k", -1], [""]
        calls["raw_command"] = ["mn", b"MN\r\n"]
        for command in filter(functools.partial(hasattr, Client), calls):
            args = calls[command]
            with self.subTest(command):
                replies = Replies(command, reply, impossible_replies="allow")
                self.assertIs(replies.give(*args, default_noreply=False), reply)

    def test_miss_and_raw_stand_for_something_where_all_are_allowed(self) -> None:
        """In their places, and nowhere else."""
        for reply in ({"k": MISS}, {"k": [Raw(b"v")]}):
            with self.assertRaises(ValueError):
                Replies("get_many", reply, impossible_replies="allow")
        self.assertEqual(Replies("get", MISS, impossible_replies="allow").give("k", 5), 5)
        for kind, read in (
            (Client, ["k", b"5", 7]),
            (PooledClient, ["k", b"5", 7]),
            (Extracting, ("extracted", ["k", b"5", 7])),
        ):
            with self.subTest(kind=kind):
                replies = Replies("get", Raw(b"5", flags=7), impossible_replies="allow")
                self.assertEqual(replies.give("k", kind=kind, deserializer=read_all), read)

    def test_raw_beside_what_does_not_travel(self) -> None:
        """The client's deserializer reads it there, too."""
        given: Any
        cases = (
            ("get_many", {"k": Raw(b"1"), "l": {2}}, {"k": ["k", b"1", 0], "l": {2}}),
            ("get_many", {"z": Raw(b"1")}, {"z": ["z", b"1", 0]}),
            ("gets_many", {"k": (Raw(b"1"), 7)}, {"k": (["k", b"1", 0], 7)}),
        )
        for command, reply, given in cases:
            with self.subTest(reply=reply):
                replies = Replies(command, reply, impossible_replies="allow")
                self.assertEqual(replies.give(["k", "l"], deserializer=read_all), given)
        one = Replies("gets", (Raw(b"1"), 7), impossible_replies="allow")
        self.assertEqual(one.give("k", deserializer=read_all), (["k", b"1", 0], 7))
        refusing = Replies("get_many", {"k": Raw(b"1"), "l": {2}})
        self.assertEqual(refusing.give(["k", "l"], kind=Extracting), {"k": b"1", "l": {2}})

    def test_raw_in_a_stack_of_clients(self) -> None:
        """Each node reads what it holds."""
        verifier, memcache = by_hand()
        memcache.mock_command("GET_MANY", returns={"k": Raw(b'{"a": 1}', flags=7)})
        client = HashClient([SERVER], deserializer=lambda key, value, flags: json.loads(value))
        with verifier.sandbox():
            self.assertEqual(client.get_many(["k"]), {"k": {"a": 1}})


class ReadAgainTest(unittest.TestCase):
    """The client reads the same bytes again before a reply is refused."""

    def test_it_is_no_interaction(self) -> None:
        """It happened once."""
        reads: List[bytes] = []

        def read(key: Any, value: bytes, flags: int) -> Any:
            reads.append(value)
            return len(reads)

        replies = Replies("get", [5])
        options = {"serializer": lambda key, value: (json.dumps(value), 1), "deserializer": read}
        self.assertEqual(replies.give(**options), 1)
        self.assertEqual(reads, [b"[5]"] * 2)
        self.assertEqual(len(replies.verifier.interactions), 1)

    def test_through_the_wrappers_of_others(self) -> None:
        """They are run again, too, and what they call is the same call."""
        times: List[str] = []
        replies = Replies("get", (1, 2))
        options = {
            "serializer": lambda key, value: (json.dumps(value), 1),
            "deserializer": lambda key, value, flags: json.loads(value),
        }
        with replies.verifier.sandbox():
            stand_in: Any = Client.get

            @functools.wraps(stand_in)
            def wrapper(*args: Any, **kwargs: Any) -> Any:
                times.append("wrapped")
                return stand_in(*args, **kwargs)

        # The next sandbox finds the wrapper, which calls what stood there in the one before.
        with mock.patch.object(Client, "get", wrapper):
            self.assertRaises(ImpossibleReplyMetError, replies.give, **options)
        self.assertEqual(times, ["wrapped"] * 2)
        self.assertEqual(replies.verifier.interactions, ())

    def test_refusal_is_found_where_it_was_swallowed(self) -> None:
        """As any violation."""
        replies = Replies("get", (1, 2))
        with self.assertRaises(SwallowedViolationError):
            try:
                replies.give(serializer=lambda key, value: (json.dumps(value), 1))
            except Exception:
                replies.verifier.verify_all()


class TwiceTest(unittest.TestCase):
    """A method that sends several requests."""

    def sending(self, *more: bytes) -> Any:
        """Give a class whose `delete` asks for something more beforehand."""

        class Sending(BASE):  # type: ignore[misc]  # its base is anything
            def _misc_cmd(self, cmds: Any, *args: Any) -> Any:
                lines = super()._misc_cmd(cmds, *args)
                for request in more:
                    lines = super()._misc_cmd([request], *args)
                return lines

        return Sending

    def test_same_request(self) -> None:
        """Gets the same answer."""
        replies = Replies("delete", True)
        self.assertTrue(replies.give(kind=self.sending(b"delete k\r\n"), noreply=False))
        (interaction,) = replies.verifier.interactions
        self.assertEqual(interaction.request, b"delete k\r\n" * 2)

    def test_other_request(self) -> None:
        """Gets the answer of an empty server."""
        for first in (MISS, False):
            replies = Replies("delete", first)
            self.assertFalse(replies.give(kind=self.sending(b"touch k 5\r\n"), noreply=False))

    def test_unknown_request(self) -> None:
        """Gets none."""
        kind = self.sending(b"mg k v\r\n")
        with self.assertRaises(MemcacheUnexpectedCloseError):
            Replies("delete", True).give(kind=kind, noreply=False)

    def test_unknown_request_of_a_known_command(self) -> None:
        """Nobody can say what its answer is, so the reply is given as it is."""

        class Meta(BASE):  # type: ignore[misc]  # its base is anything
            def _misc_cmd(self, cmds: Any, *args: Any) -> Any:
                return super()._misc_cmd([b"md k\r\n"], *args)

        self.assertIs(Replies("delete", MISS).give(kind=Meta, noreply=False), MISS)
