"""A command that a future pymemcache adds is a command: the table is read off the class.

SPECIFICATION 9, 19.
"""

from __future__ import annotations

import functools
import sys
import unittest
from typing import Any, Callable, ClassVar, Dict, List
from unittest import mock

from pymemcache.client.base import Client

from tests.support.cases import SERVER


def gat(self: Any, key: Any, expire: int = 0, default: Any = None) -> Any:
    """Get and touch."""
    return self._fetch_cmd(b"gat %d" % expire, [key], False).get(key, default)


def gats_many(self: Any, expire: int, keys: Any) -> Any:
    """Get many with their cas tokens, and touch them."""
    return self._fetch_cmd(b"gats %d" % expire, keys, True)


def meta_thing(self: Any, key: Any, *flags: str, times: int = 1, **server: Any) -> Any:
    """Something of which no table here knows the answer."""
    return self._misc_cmd([b"mt %s\r\n" % key.encode("ascii")], b"mt", False)[0]


def twice(self: Any, key: Any) -> Any:
    """Send two requests for one call, the second one also if the first one fails."""
    try:
        return self._misc_cmd([b"first\r\n"], b"first", True)
    except OSError:
        return None
    finally:
        self._misc_cmd([b"second\r\n"], b"second", True)


def send(self: Any, *args: Any, **kwargs: Any) -> Any:
    """Send something, whatever is given."""
    return self._misc_cmd([b"signless\r\n"], b"signless", True)


class Signless:
    """A callable that does not tell its signature, as some that are written in C."""

    __signature__ = "none"

    def __call__(self) -> None:
        """Do nothing: what is called is what `__get__` gives."""

    def __get__(self, client: Any, owner: Any) -> Any:
        return functools.partial(send, client)


NEW = {
    "gat": gat,
    "get_and_touch": gat,
    "gats_many": gats_many,
    "meta_thing": meta_thing,
    "twice": twice,
    "signless": Signless(),
}


class FutureTest(unittest.TestCase):
    """tripwire, imported anew over a client with more commands."""

    tripwire: ClassVar[Any]

    @classmethod
    def setUpClass(cls) -> None:
        """Add the commands, and import."""
        modules = mock.patch.dict(sys.modules)
        modules.start()
        cls.addClassCleanup(modules.stop)
        for name in [name for name in sys.modules if name.partition(".")[0] == "tripwire"]:
            del sys.modules[name]
        for name, command in NEW.items():
            patch = mock.patch.object(Client, name, command, create=True)
            patch.start()
            cls.addClassCleanup(patch.stop)
        import tripwire

        cls.tripwire = tripwire

    def setUp(self) -> None:
        """Begin a test of its own."""
        self.verifier = self.tripwire.StrictVerifier()
        self.memcache = self.tripwire.MemcachePlugin(self.verifier)
        self.client: Any = Client(SERVER)

    def requests(self) -> List[bytes]:
        """What was sent."""
        return [interaction.request for interaction in self.verifier.interactions]

    def fields(self) -> List[Dict[str, Any]]:
        """What was recorded."""
        return [interaction.fields for interaction in self.verifier.interactions]

    def test_new_commands_are_refused_without_a_mock(self) -> None:
        """They reach no server just because nobody knew of them."""
        calls: Dict[str, Callable[[], Any]] = {
            "GAT": lambda: self.client.gat("k"),
            "GET_AND_TOUCH": lambda: self.client.get_and_touch("k"),
            "GATS_MANY": lambda: self.client.gats_many(5, ["k"]),
            "META_THING": lambda: self.client.meta_thing("k"),
            "TWICE": lambda: self.client.twice("k"),
            "SIGNLESS": lambda: self.client.signless(5),
        }
        for name, call in calls.items():
            with self.subTest(name), self.verifier.sandbox():
                with self.assertRaises(self.tripwire.UnmockedInteractionError) as caught:
                    call()
                self.assertEqual(caught.exception.command, name)
        self.assertEqual(self.requests(), [])

    def test_new_command_is_mocked_and_asserted(self) -> None:
        """Its fields are its parameters; it goes with the helper of its kind."""
        self.memcache.mock_command("GAT", returns=b"v", key="k")
        self.memcache.mock_command("GAT", returns=self.tripwire.MISS)
        with self.verifier.sandbox():
            self.assertEqual(self.client.gat("k", expire=5), b"v")
            self.assertEqual(self.client.gat("k", 5, "d"), "d")
        self.assertEqual(self.requests(), [b"gat 5 k\r\n"] * 2)
        self.memcache.assert_get("GAT", "k", expire=5, default=None)
        self.memcache.assert_get("GAT", "k", expire=5, default="d")

    def test_new_alias_is_found(self) -> None:
        """Two names of one new method are two names of one command."""
        self.memcache.mock_command("GAT", returns=b"v")
        with self.verifier.sandbox():
            self.assertEqual(self.client.get_and_touch("k"), b"v")
        self.memcache.assert_get("GAT", "k")

    def test_known_reply_is_judged_under_its_new_name(self) -> None:
        """GAT was in the protocol before it is in pymemcache."""
        self.memcache.mock_command("GAT", returns="v")
        with self.verifier.sandbox(), self.assertRaises(self.tripwire.ImpossibleReplyMetError):
            self.client.gat("k")

    def test_keys_need_not_come_first(self) -> None:
        """An iterator of them is recorded wherever it stands."""
        self.memcache.mock_command("GATS_MANY", returns={})
        self.memcache.mock_command("GATS_MANY", returns={"k": (b"v", b"1")})
        with self.verifier.sandbox():
            self.assertEqual(self.client.gats_many(5, iter(["a", "b"])), {})
            self.assertEqual(self.client.gats_many(5, keys=["k"]), {"k": (b"v", b"1")})
        for keys in (["a", "b"], ["k"]):
            self.memcache.assert_command("GATS_MANY", expire=5, keys=keys)

    def test_unknown_answer_is_the_mocks_own(self) -> None:
        """Where nobody knows what a server would say, the reply is taken as it is."""
        self.memcache.mock_command("META_THING", returns="anything", flags=("v", "t"))
        with self.verifier.sandbox():
            self.assertEqual(self.client.meta_thing("k", "v", "t", times=2, server="s"), "anything")
        (fields,) = self.fields()
        self.assertEqual(
            fields, {"key": "k", "flags": ("v", "t"), "times_": 2, "server_": {"server": "s"}}
        )
        self.memcache.assert_command("META_THING", key="k", times_=2, server=SERVER)

    def test_unknown_answer_has_no_miss(self) -> None:
        """There is nothing to make of a server that holds nothing."""
        for command in ("META_THING", "TWICE", "SIGNLESS"):
            with self.subTest(command), self.assertRaises(ValueError):
                self.memcache.mock_command(command, returns=self.tripwire.MISS)

    def test_second_request_of_a_call_belongs_to_the_first(self) -> None:
        """One call is one interaction, and takes one mock."""
        self.memcache.mock_command("TWICE", returns="reply")
        with self.verifier.sandbox():
            self.assertEqual(self.client.twice("k"), "reply")
        self.assertEqual(self.requests(), [b"first\r\nsecond\r\n"])

    def test_request_after_one_that_failed_takes_the_next_mock(self) -> None:
        """As the next attempt of someone who retries."""
        self.memcache.mock_command("TWICE", raises=ConnectionResetError)
        self.memcache.mock_command("TWICE", returns="reply")
        with self.verifier.sandbox():
            self.assertEqual(self.client.twice("k"), "reply")
        self.assertEqual(self.requests(), [b"first\r\n", b"second\r\n"])

    def test_command_without_a_signature_takes_anything(self) -> None:
        """Its arguments are recorded as they come."""
        self.memcache.mock_command("SIGNLESS", returns=None)
        with self.verifier.sandbox():
            self.assertIsNone(self.client.signless("k", 5, more=True))
        self.assertEqual(self.fields(), [{"args": ("k", 5), "kwargs": {"more": True}}])

    def test_command_that_was_taken_away_is_left_alone(self) -> None:
        """Nothing is put where nothing is."""
        client: Any = Client
        with mock.patch.object(client, "gat"):
            del client.gat
            with self.verifier.sandbox():
                self.assertFalse(hasattr(Client, "gat"))
            self.assertFalse(hasattr(Client, "gat"))
