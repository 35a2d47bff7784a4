"""`raises=` happens on the wire, and the real client makes of it what it makes of a real fault.

SPECIFICATION 5.
"""

from __future__ import annotations

import socket
import traceback
from typing import Any, Callable, Dict

from pymemcache.client.base import Client, PooledClient
from pymemcache.client.hash import HashClient
from pymemcache.client.retrying import RetryingClient
from pymemcache.exceptions import MemcacheServerError, MemcacheUnexpectedCloseError

from tests.support.cases import SERVER
from tests.support.conformance import COMMANDS
from tests.support.replying import CALLS
from tripwire import TripwireTestCase


class PlainTest(TripwireTestCase):
    """One client."""

    def test_every_command_raises_the_very_exception(self) -> None:
        """The request was sent, and is an interaction."""
        fault = ConnectionResetError("gone")
        for command in COMMANDS:
            with self.subTest(command):
                self.memcache.mock_command(command, raises=fault)
                with self.sandbox(), self.assertRaises(ConnectionResetError) as caught:
                    getattr(Client(SERVER), command)(*CALLS[command])
                self.assertIs(caught.exception, fault)
                interaction = self.verifier.interactions[-1]
                self.assertNotEqual(interaction.request, b"")
                self.memcache.assert_command(command, **interaction.fields)

    def test_shutdown_takes_a_close_for_what_it_wanted(self) -> None:
        """The one exception that pymemcache itself expects."""
        self.memcache.expect("SHUTDOWN", raises=MemcacheUnexpectedCloseError)
        with self.sandbox():
            self.assertIsNone(Client(SERVER).shutdown())

    def test_ignored_exceptions_are_misses_of_reads_alone(self) -> None:
        """`ignore_exc` gives the defaults; a write raises all the same."""
        client = Client(SERVER, ignore_exc=True)
        reads: Dict[str, Callable[[], Any]] = {
            "get": lambda: client.get("k", "d"),
            "gets": lambda: client.gets("k", 1, 2),
            "get_many": lambda: client.get_many(["k"]),
            "gets_many": lambda: client.gets_many(["k"]),
        }
        outcomes: Dict[str, Any] = {"get": "d", "gets": (1, 2), "get_many": {}, "gets_many": {}}
        for command, read in reads.items():
            self.memcache.mock_command(command, raises=socket.timeout)
            with self.subTest(command), self.sandbox():
                self.assertEqual(read(), outcomes[command])
        self.memcache.mock_command("SET", raises=socket.timeout)
        with self.sandbox(), self.assertRaises(socket.timeout):
            client.set("k", b"v")
        with self.verifier.in_any_order():
            for command, argument in (("GET", "key"), ("GETS", "key")):
                self.memcache.assert_command(command, **{argument: "k"})
            for command in ("GET_MANY", "GETS_MANY"):
                self.memcache.assert_get_many(command, ["k"])
            self.memcache.assert_set("SET", "k", b"v")

    def test_exception_that_ends_programs_is_not_ignored(self) -> None:
        """`ignore_exc` is for exceptions, not for an interrupt while waiting."""
        self.memcache.expect("GET", raises=KeyboardInterrupt, key="k")
        with self.sandbox(), self.assertRaises(KeyboardInterrupt):
            Client(SERVER, ignore_exc=True).get("k")

    def test_exception_raised_again_shows_one_call(self) -> None:
        """Its traceback does not grow from call to call."""
        fault = OSError("gone")
        self.memcache.expect("GET", raises=fault, key="k", times=None)
        depths = set()
        with self.sandbox():
            for _ in range(3):
                try:
                    Client(SERVER).get("k")
                except OSError as error:
                    depths.add(len(traceback.extract_tb(error.__traceback__)))
        self.assertEqual(len(depths), 1)


class OuterTest(TripwireTestCase):
    """Clients over clients."""

    def test_pool_gives_up_the_client(self) -> None:
        """The next call is made by another."""
        pool = PooledClient(SERVER)
        self.memcache.expect("GET", raises=OSError, key="k")
        self.memcache.expect("GET", returns=b"v", key="k")
        with self.sandbox():
            self.assertRaises(OSError, pool.get, "k")
            self.assertEqual(pool.client_pool.free, ())
            self.assertEqual(pool.get("k"), b"v")
            self.assertEqual(len(pool.client_pool.free), 1)

    def test_pool_that_ignores_exceptions_gives_a_miss(self) -> None:
        """As it does with a real fault."""
        self.memcache.expect("GET", raises=MemcacheServerError("out of memory"), key="k")
        with self.sandbox():
            self.assertIsNone(PooledClient(SERVER, ignore_exc=True).get("k"))

    def test_hash_client_marks_a_node_that_does_not_answer(self) -> None:
        """Without retries the node is dead at once, and the other one takes over."""
        for use_pooling in (False, True):
            with self.subTest(use_pooling=use_pooling):
                one, two = ("one", 1), ("two", 2)
                client = HashClient([one, two], retry_attempts=0, use_pooling=use_pooling)
                self.memcache.expect("GET", raises=ConnectionRefusedError, key="k")
                self.memcache.expect("GET", returns=b"v", key="k")
                with self.sandbox():
                    self.assertRaises(ConnectionRefusedError, client.get, "k")
                    self.assertEqual(client.get("k"), b"v")
                down, up = (each.server for each in self.verifier.interactions[-2:])
                self.assertEqual({down, up}, {one, two})

    def test_hash_client_keeps_a_node_that_answers_with_an_error(self) -> None:
        """A complaint of the server is no broken connection."""
        client = HashClient([("one", 1), ("two", 2)], retry_attempts=0)
        self.memcache.expect("GET", raises=MemcacheServerError("busy"), key="k", times=2)
        with self.sandbox():
            for _ in range(2):
                self.assertRaises(MemcacheServerError, client.get, "k")
        first, second = self.verifier.interactions
        self.assertEqual(first.server, second.server)

    def test_retrying_client_takes_the_next_mock(self) -> None:
        """Each attempt is an interaction of its own."""
        client = RetryingClient(Client(SERVER), attempts=3, retry_for=[OSError])
        self.memcache.mock_command("GET", raises=ConnectionResetError, times=2)
        self.memcache.mock_command("GET", returns=b"v")
        with self.sandbox():
            self.assertEqual(client.get("k"), b"v")
        for _ in range(3):
            self.memcache.assert_get("GET", "k")

    def test_retrying_client_that_gives_up_raises_the_last_exception(self) -> None:
        """As many mocks are taken as there are attempts."""
        client = RetryingClient(Client(SERVER), attempts=2)
        last = ConnectionResetError("last")
        self.memcache.expect("GET", raises=ConnectionResetError("first"), key="k")
        self.memcache.expect("GET", raises=last, key="k")
        with self.sandbox(), self.assertRaises(ConnectionResetError) as caught:
            client.get("k")
        self.assertIs(caught.exception, last)
