"""The table of commands is that of the installed client: its names, its fields, its aliases.

SPECIFICATION 2, 9.
"""

from __future__ import annotations

import inspect
import unittest
from typing import Any, Dict, List, Tuple

from pymemcache.client.base import Client
from pymemcache.client.hash import HashClient

from tests.support.cases import SERVER
from tests.support.conformance import COMMANDS, LOCAL
from tests.support.replying import CALLS, Replies
from tests.support.versions import needs_raw_command
from tripwire import MissingAssertionFieldsError, TripwireTestCase

# A reply that every kind of call of the command can get.
REPLIES: Dict[str, Any] = {
    **dict.fromkeys(("get", "incr", "decr", "quit", "shutdown")),
    **{name: {} for name in ("get_many", "get_multi", "gets_many", "stats")},
    **{name: [] for name in ("set_many", "set_multi")},
    **dict.fromkeys(("version", "raw_command"), b"1.6.18"),
    "gets": (None, None),
}

TAKEN = {"command", "returns", "raises", "required", "times", "server"}
"""What `mock_command` itself takes."""


def fields_of(command: str) -> List[str]:
    """The parameters of the client's method, under the names that they have as fields."""
    parameters = list(inspect.signature(getattr(Client, command)).parameters)[1:]
    return [name + "_" * (name in TAKEN) for name in parameters]


class TableTest(unittest.TestCase):
    """What is read off the class."""

    def test_every_public_method_but_the_local_ones_is_a_command(self) -> None:
        """There are 25 or more, those of the protocol's lesser known lines among them."""
        self.assertGreaterEqual(len(COMMANDS), 25)
        rare = {"touch", "stats", "flush_all", "version", "cache_memlimit"}
        self.assertLessEqual(rare | {"quit", "shutdown"}, set(COMMANDS))
        for command in COMMANDS:
            with self.subTest(command):
                reply = REPLIES.get(command, True)
                replies = Replies(command.swapcase(), reply)
                replies.command = command
                self.assertEqual(replies.give(), reply)
                (interaction,) = replies.verifier.interactions
                self.assertEqual(interaction.command, command.upper())

    def test_local_methods_are_no_commands(self) -> None:
        """What talks to no server cannot be mocked."""
        for name in LOCAL:
            with self.subTest(name), self.assertRaises(ValueError):
                Replies(name, True)

    def test_fields_are_the_parameters_in_their_order(self) -> None:
        """All of them are recorded, given or not, and any of them narrows a mock."""
        for command in COMMANDS:
            with self.subTest(command):
                replies = Replies(command, REPLIES.get(command, True))
                replies.give()
                (interaction,) = replies.verifier.interactions
                self.assertEqual(list(interaction.fields), fields_of(command))
                replies.memcache.mock_command(
                    command, returns=REPLIES.get(command, True), **interaction.fields
                )
                replies.give()

    def test_required_fields_are_the_parameters_without_a_default(self) -> None:
        """`assert_command` names those that are left out."""
        required = {
            "SET": ("key", "value"),
            "CAS": ("key", "value", "cas"),
            "GET_MANY": ("keys",),
            "SET_MANY": ("values",),
            "CACHE_MEMLIMIT": ("memlimit",),
        }
        for command, missing in required.items():
            with self.subTest(command):
                with self.assertRaises(MissingAssertionFieldsError) as caught:
                    Replies("get", None).memcache.assert_command(command)
                self.assertEqual(caught.exception.missing, missing)

    def test_given_fields_are_recorded_however_they_are_passed(self) -> None:
        """By position or by name: the cas token is `cas`, the expiry is `expire`."""
        calls: List[Tuple[Tuple[Any, ...], Dict[str, Any]]] = [
            (("k", b"v", b"7", 60, False, 3), {}),
            (("k", b"v"), {"cas": b"7", "expire": 60, "noreply": False, "flags": 3}),
            (
                (),
                {
                    "expire": 60,
                    "cas": b"7",
                    "flags": 3,
                    "noreply": False,
                    "value": b"v",
                    "key": "k",
                },
            ),
        ]
        for args, kwargs in calls:
            with self.subTest(args=args, kwargs=kwargs):
                replies = Replies("cas", True)
                with replies.verifier.sandbox():
                    Client(SERVER).cas(*args, **kwargs)
                (interaction,) = replies.verifier.interactions
                self.assertEqual(
                    list(interaction.fields.items()),
                    [
                        ("key", "k"),
                        ("value", b"v"),
                        ("cas", b"7"),
                        ("expire", 60),
                        ("noreply", False),
                        ("flags", 3),
                    ],
                )

    def test_set_many_records_its_values(self) -> None:
        """Under the parameter's name, as a dict."""
        replies = Replies("set_many", [])
        replies.give({"a": 1, b"b": "two"}, noreply=True)
        (interaction,) = replies.verifier.interactions
        self.assertEqual(interaction.fields["values"], {"a": 1, b"b": "two"})
        replies.memcache.assert_set_many("SET_MANY", {"a": 1, b"b": "two"}, noreply=True)

    def test_further_arguments_are_a_tuple(self) -> None:
        """STATS takes any number of them."""
        replies = Replies("stats", {})
        replies.memcache.mock_command("STATS", returns={b"1:number": 3}, args=("items",))
        with replies.verifier.sandbox():
            self.assertEqual(Client(SERVER).stats(), {})
            self.assertEqual(Client(SERVER).stats("items"), {b"1:number": 3})
        replies.memcache.assert_command("STATS", args=())
        replies.memcache.assert_command("STATS", args=("items",))

    @needs_raw_command
    def test_field_of_a_taken_name_has_an_underscore(self) -> None:
        """RAW_COMMAND's own `command` is `command_` in mocks, expectations and assertions."""
        replies = Replies("raw_command", b"OK")
        replies.memcache.mock_command("RAW_COMMAND", returns=b"A", command_=b"version")
        replies.memcache.expect("RAW_COMMAND", returns=b"B", command_="me k")
        with replies.verifier.sandbox():
            client = Client(SERVER)
            self.assertEqual(client.raw_command("me k", "\r\n"), b"OK")
            self.assertEqual(client.raw_command("me k"), b"B")
            self.assertEqual(client.raw_command(command=b"version", end_tokens=b"\r\n"), b"A")

    def test_every_command_has_a_call_here(self) -> None:
        """What these tests call is everything there is."""
        self.assertLessEqual(set(COMMANDS), set(CALLS))


class AliasTest(TripwireTestCase):
    """Two names of one method."""

    def test_aliases_are_found_by_identity(self) -> None:
        """A mock of either name answers a call of the other, and of no other method."""
        for command in COMMANDS:
            same = [
                other for other in COMMANDS if getattr(Client, other) is getattr(Client, command)
            ]
            for other in same:
                with self.subTest(mocked=command, called=other):
                    replies = Replies(command, REPLIES.get(command, True))
                    replies.command = other
                    replies.give()
                    (interaction,) = replies.verifier.interactions
                    self.assertEqual(interaction.command, other.upper())
                    replies.memcache.assert_command(command, **interaction.fields)

    def test_hash_client_takes_the_name_its_user_knows(self) -> None:
        """`HashClient.get_multi` reaches `Client.get_many`; the mock need not know."""
        self.memcache.mock_command("GET_MULTI", returns={"k": b"v"})
        with self.sandbox():
            self.assertEqual(HashClient([SERVER]).get_multi(["k"]), {"k": b"v"})
        self.memcache.assert_get_many("GET_MULTI", ["k"])
