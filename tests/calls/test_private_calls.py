"""What asks a client for its connection, and is no command.

SPECIFICATION 10, 16, 17.
"""

from __future__ import annotations

import functools
import unittest
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context, copy_context
from typing import Any, Callable, List
from unittest import mock

from pymemcache.client.base import Client

import tripwire
from tests.support.cases import SERVER, by_hand
from tests.support.platform import needs_threads


def silent_network() -> mock.Mock:
    """A socket module that refuses every connection."""
    network = mock.Mock()
    network.getaddrinfo.side_effect = ConnectionRefusedError("nobody is there")
    return network


def in_thread(call: Callable[[], Any]) -> Any:
    """Run in a thread; give or raise what came out."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result()


def run(case: unittest.TestCase) -> str:
    """Run a test case; return the report of its one failure."""
    result = unittest.TestResult()
    case.run(result)
    [(_, report)] = result.failures
    return report


class ConnectTest(unittest.TestCase):
    """`_connect` is nobody's business while anything is intercepted."""

    def setUp(self) -> None:
        """Build a verifier, and a client that could reach nothing anyway."""
        self.verifier, self.memcache = by_hand()
        self.network = silent_network()
        self.client: Any = Client(SERVER, socket_module=self.network)

    def test_connecting_in_a_sandbox_is_refused(self) -> None:
        """As an unmocked interaction, which names the method."""
        refusal = self.assertRaisesRegex(tripwire.UnmockedInteractionError, "_connect")
        with refusal, self.verifier.sandbox():
            getattr(self.client, "_connect")()  # noqa: B009  # a private name of pymemcache
        self.network.getaddrinfo.assert_not_called()
        self.verifier.verify_all()

    def test_connecting_on_guard_is_refused(self) -> None:
        """As a call outside the sandbox."""
        client = self.client

        class Case(tripwire.TripwireTestCase):
            def test(self) -> None:
                getattr(client, "_connect")()  # noqa: B009  # a private name of pymemcache

        self.assertIn("SandboxNotActiveError: memcache._connect", run(Case("test")))
        self.network.getaddrinfo.assert_not_called()

    def test_kept_method_connects_afterwards(self) -> None:
        """Who holds on to a replacement has the original, once nothing is intercepted."""
        with self.verifier.sandbox():
            connect = getattr(self.client, "_connect")  # noqa: B009  # as above
        with self.assertRaises(ConnectionRefusedError):
            connect()


class SocketTest(unittest.TestCase):
    """A socket that was taken off a client in a sandbox reaches nothing, then or later."""

    def test_socket_of_an_idle_client_is_refused(self) -> None:
        """In the sandbox, as a violation."""
        verifier, _ = by_hand()
        client: Any = Client(SERVER)
        with self.assertRaises(tripwire.UnmockedInteractionError), verifier.sandbox():
            client.sock.sendall(b"version\r\n")

    def test_socket_of_another_client_is_refused(self) -> None:
        """Only the client whose command is in progress has one: here another's serializer asks."""
        verifier, _ = by_hand()
        idle: Any = Client(SERVER)

        def serialize(key: Any, value: Any) -> Any:
            return idle.sock.sendall(b"version\r\n")

        busy = Client(SERVER, serializer=serialize)
        refusal = self.assertRaisesRegex(tripwire.UnmockedInteractionError, "serialize wanted")
        with refusal, verifier.sandbox():
            busy.set("k", "v")
        self.assertEqual(verifier.interactions, ())

    def test_socket_kept_beyond_the_sandbox_is_refused(self) -> None:
        """Although nothing is intercepted any more."""
        verifier, _ = by_hand()
        client: Any = Client(SERVER)
        with verifier.sandbox():
            sock = client.sock
        with self.assertRaises(tripwire.UnmockedInteractionError):
            sock.sendall(b"version\r\n")
        verifier.verify_all()

    def test_method_bound_early_is_refused_on_guard(self) -> None:
        """It is the original, which finds a socket that refuses."""
        client: Any = Client(SERVER)
        fetch = client.get

        class Case(tripwire.TripwireTestCase):
            def test(self) -> None:
                fetch("k")

        self.assertIn("SandboxNotActiveError: memcache.GET", run(Case("test")))


@needs_threads
class ContextTest(unittest.TestCase):
    """A call in progress belongs to its thread, and to no context that is copied meanwhile."""

    def setUp(self) -> None:
        """Have a context, and a thread that waits, from the middle of a call."""
        self.verifier = tripwire.StrictVerifier()
        self.memcache = tripwire.MemcachePlugin(self.verifier)
        self.memcache.expect("SET", key="k", value="v", returns=True)
        self.contexts: List[Context] = []

        def serialize(key: Any, value: Any) -> Any:
            self.contexts.append(copy_context())
            self.assert_refused(in_thread)
            return value, 0

        self.client: Any = Client(("localhost", 11211), serializer=serialize)

    def assert_refused(self, run: Callable[[Callable[[], Any]], Any]) -> None:
        """A private call of the same client is a violation."""
        fetch = functools.partial(getattr(self.client, "_fetch_cmd"), b"get", ["k"], False)  # noqa: B009  # private
        with self.assertRaisesRegex(tripwire.UnmockedInteractionError, "_fetch_cmd wanted"):
            run(fetch)

    def test_private_call_in_a_copied_context_is_refused(self) -> None:
        """Later, and in another thread during the call."""
        with self.verifier.sandbox():
            self.client.set("k", "v")
            self.assert_refused(self.contexts[0].run)
            self.assert_refused(lambda fetch: in_thread(lambda: self.contexts[0].run(fetch)))
        self.assertEqual(len(self.verifier.interactions), 1)
        self.verifier.verify_all()


class MissingMethodTest(unittest.TestCase):
    """A command that somebody took off the class stays off."""

    def test_deleted_command_is_not_brought_back(self) -> None:
        """Neither in the sandbox nor after it."""
        verifier, _ = by_hand()
        seen: List[bool] = []
        with mock.patch.object(Client, "touch"):
            del Client.touch
            with verifier.sandbox():
                seen.append(hasattr(Client, "touch"))
            seen.append(hasattr(Client, "touch"))
        self.assertEqual(seen, [False, False])

    def test_deleted_socket_is_not_missed(self) -> None:
        """It was to be taken off anyway."""
        verifier, _ = by_hand()
        with verifier.sandbox():
            delattr(Client, "sock")  # a checker sees no such attribute
        self.assertNotIn("sock", vars(Client))
