"""What is recorded of a call, and what its caller gets: as with a server.

SPECIFICATION 4, 11, 12.
"""

from __future__ import annotations

import threading
import unittest
from typing import Any, Dict, List, Tuple

from pymemcache.client.base import Client, PooledClient
from pymemcache.client.hash import HashClient
from pymemcache.exceptions import MemcacheIllegalInputError

from tests.support.cases import SERVER
from tests.support.conformance import COMMANDS, WITHOUT_MISS
from tests.support.platform import needs_threads
from tests.support.replying import Replies
from tripwire import MISS, TripwireTestCase, UnusedMocksError

WAITING: Dict[str, Any] = {
    **dict.fromkeys(("get", "incr", "decr", "cas", "quit", "shutdown")),
    **dict.fromkeys(("set", "add", "delete_many", "delete_multi"), True),
    **dict.fromkeys(("flush_all", "cache_memlimit"), True),
    **dict.fromkeys(("replace", "append", "prepend", "delete", "touch"), False),
    **{name: {} for name in ("get_many", "get_multi", "gets_many")},
    **{name: [] for name in ("set_many", "set_multi")},
    "gets": (None, None),
}
"""What MISS gives where the client waits for the answer."""


class RecordTest(TripwireTestCase):
    """An interaction tells what was sent, to whom, in which thread."""

    def test_request_is_what_pymemcache_would_have_sent(self) -> None:
        """The bytes hold the prefix, the flags of the serde, the length."""
        client = Client(SERVER, key_prefix=b"app:", default_noreply=False)
        self.memcache.expect("SET", returns=True, key="k", value="text", expire=60)
        self.memcache.expect("GET_MANY", returns={}, keys=["a", "b"])
        with self.sandbox():
            client.set("k", "text", 60)
            client.get_many(["a", "b"])
        self.assertEqual(
            [interaction.request for interaction in self.verifier.interactions],
            [b"set app:k 0 60 4\r\ntext\r\n", b"get app:a app:b\r\n"],
        )

    def test_server_is_the_one_that_was_meant(self) -> None:
        """A hash client's node, or the path of a pool's socket."""
        nodes = [("one", 1), ("two", 2)]
        hashed, pooled = HashClient(nodes), PooledClient("unix:/run/memcached.sock")
        self.memcache.mock_command("GET", returns=None, times=None)
        with self.sandbox():
            for key in "abcdefgh":
                hashed.get(key)
            pooled.get("i")
        servers = [interaction.server for interaction in self.verifier.interactions]
        self.assertEqual(set(servers), {*nodes, "/run/memcached.sock"})
        for key, server in zip("abcdefghi", servers):
            self.memcache.assert_get("GET", key, server=server)

    @needs_threads
    def test_thread_is_named(self) -> None:
        """Who sees the timeline sees which thread made the call."""
        self.memcache.expect("VERSION", returns=b"1.6.18")
        client = Client(SERVER)
        with self.sandbox():
            worker = threading.Thread(target=client.version, name="the worker")
            worker.start()
            worker.join()
        self.assertEqual(self.verifier.interactions[0].thread, "the worker")

    def test_noreply_is_recorded_as_passed(self) -> None:
        """Not as the client resolves it."""
        self.memcache.mock_command("DELETE", returns=True, times=3)
        with self.sandbox():
            for noreply in (None, True, False):
                Client(SERVER, default_noreply=True).delete("k", noreply)
        for noreply in (None, True, False):
            self.memcache.assert_delete("DELETE", "k", noreply=noreply)

    def test_client_without_a_usual_noreply(self) -> None:
        """A subclass may have none: pymemcache does not ask for it where the call says it."""

        class Bare(Client):  # type: ignore[misc]  # pymemcache ships no types
            def __init__(self) -> None:
                super().__init__(SERVER)
                del self.default_noreply

        self.memcache.expect("DELETE", returns=True, key="k", noreply=False)
        with self.sandbox():
            self.assertIs(Bare().delete("k", noreply=False), True)

    def test_commands_of_the_item_syntax_are_recorded(self) -> None:
        """`client[key]` is a GET, an assignment a SET, `del` a DELETE, all as pymemcache does."""
        self.memcache.expect("SET", returns=True, key="k", value=b"v", noreply=True)
        self.memcache.expect("GET", returns=b"v", key="k")
        self.memcache.expect("GET", returns=MISS, key="k")
        self.memcache.expect("DELETE", returns=True, key="k", noreply=True)
        client = Client(SERVER)
        with self.sandbox():
            client["k"] = b"v"
            self.assertEqual(client["k"], b"v")
            self.assertRaises(KeyError, lambda: client["k"])
            del client["k"]


class NothingSentTest(unittest.TestCase):
    """Calls that do not reach the wire."""

    def test_rejected_call_takes_no_mock_and_is_none(self) -> None:
        """It raises what pymemcache raises, and the unused mock's report says that it came."""
        replies = Replies("get", b"v")
        with self.assertRaisesRegex(MemcacheIllegalInputError, "whitespace"):
            replies.give("a b")
        self.assertEqual(replies.verifier.interactions, ())
        with self.assertRaisesRegex(UnusedMocksError, "MemcacheIllegalInputError"):
            replies.verifier.verify_all()

    def test_call_without_anything_to_send_takes_no_mock(self) -> None:
        """It returns what pymemcache returns, whatever the mock says."""
        calls: List[Tuple[str, Any, Any, Any]] = [
            ("get_many", [], {"k": b"v"}, {}),
            ("gets_many", (), {"k": (b"v", b"1")}, {}),
            ("delete_many", [], True, True),
            ("delete_many", iter([]), True, True),
            ("set_many", {}, ["k"], []),
        ]
        for command, argument, reply, outcome in calls:
            with self.subTest(command):
                replies = Replies(command, reply)
                self.assertEqual(replies.give(argument), outcome)
                self.assertEqual(replies.verifier.interactions, ())
                with self.assertRaisesRegex(UnusedMocksError, "nothing"):
                    replies.verifier.verify_all()


class MissTest(unittest.TestCase):
    """MISS is what the client makes of a server that holds nothing."""

    def test_every_command_that_waits(self) -> None:
        """Nothing is found, nothing was there to be changed, and what is new is stored."""
        self.assertEqual(set(COMMANDS) - WITHOUT_MISS, set(WAITING))
        for command, outcome in WAITING.items():
            with self.subTest(command):
                replies = Replies(command, MISS)
                self.assertEqual(repr(replies.give(default_noreply=False)), repr(outcome))
                (interaction,) = replies.verifier.interactions
                self.assertEqual(interaction.command, command.upper())

    def test_every_command_that_does_not_wait(self) -> None:
        """It gives what it always gives."""
        for command in ("set", "add", "replace", "append", "prepend", "cas", "delete", "touch"):
            with self.subTest(command):
                self.assertIs(Replies(command, MISS).give(noreply=True), True)
        for command in ("incr", "decr"):
            with self.subTest(command):
                self.assertIs(Replies(command, MISS).give(noreply=True), None)

    def test_defaults_of_the_call(self) -> None:
        """The very objects that the call brought."""
        default, cas_default = object(), object()
        self.assertIs(Replies("get", MISS).give("k", default), default)
        self.assertEqual(
            Replies("gets", MISS).give("k", default, cas_default), (default, cas_default)
        )

    def test_many_values_are_all_stored(self) -> None:
        """An empty server has room."""
        replies = Replies("set_many", MISS)
        self.assertEqual(replies.give({"a": 1, "b": 2}, default_noreply=False), [])
