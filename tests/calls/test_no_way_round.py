"""No way of calling any client leads from a sandbox to the network.

SPECIFICATION 10.
"""

from __future__ import annotations

import functools
import socket
import sys
import threading
import unittest
from contextlib import contextmanager
from typing import (
    Any,
    Callable,
    ClassVar,
    Container,
    Dict,
    Iterator,
    List,
    Mapping,
    Optional,
    Tuple,
    Type,
)

from tests.support.cases import by_hand
from tests.support.clients import CLOSING, KINDS, Direct, Kind, methods
from tests.support.conformance import COMMANDS
from tests.support.memcached import Address, Recorder
from tests.support.platform import needs_sockets
from tripwire import (
    MISS,
    SwallowedViolationError,
    UnmockedInteractionError,
)

Error = Optional[Type[BaseException]]


class Ear:
    """An audit hook that notes every event of the socket module while it listens."""

    # Otherwise the interpreter does not trace a hook, and it would count as not covered.
    __cantrace__ = True

    def __init__(self) -> None:
        self.listens = False
        self.heard: List[str] = []

    def __call__(self, event: str, args: Tuple[Any, ...]) -> None:
        """Note an event. A hook stays for good, so it does nothing outside these tests."""
        if self.listens and event.startswith("socket."):
            self.heard.append(event)


@functools.cache
def the_ear() -> Ear:
    """The one of this process."""
    ear = Ear()
    sys.addaudithook(ear)
    return ear


def error_of(call: Callable[..., Any], *args: Any) -> Error:
    """Call something; return the type of what it raises."""
    try:
        call(*args)
    except Exception as error:
        return type(error)
    return None


def in_thread(call: Callable[..., Any], *args: Any) -> Error:
    """The same in a thread of its own."""
    errors: List[Error] = []
    thread = threading.Thread(target=lambda: errors.append(error_of(call, *args)))
    thread.start()
    thread.join()
    return errors[0]


@needs_sockets
class NoWayRoundTest(unittest.TestCase):
    """Every public method of every client: no byte, no connection, no look-up."""

    ear: ClassVar[Ear]

    @classmethod
    def setUpClass(cls) -> None:
        """Have an ear on the network."""
        cls.ear = the_ear()

    def setUp(self) -> None:
        """Let something listen that never answers by itself."""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.listener.close)
        self.address: Address = self.listener.getsockname()
        self.recorder = Recorder()
        self.addCleanup(self.recorder.close)
        self.verifier, self.memcache = by_hand()

    def make(self, kind: Kind) -> Any:
        """Make a client that is not connected."""
        return kind.make(self.address, socket_module=self.recorder.module)

    def connect(self, kind: Kind) -> Tuple[Any, socket.socket]:
        """Make a client and connect it; return the other end too."""
        client = self.make(kind)
        client.set("before", b"v", noreply=True)
        peer, _ = self.listener.accept()
        self.addCleanup(peer.close)
        return client, peer

    def assert_works(self, client: Any, peer: socket.socket) -> None:
        """The connection is what it was: nothing came over it meanwhile, and it goes on."""
        connections = self.recorder.connections
        client.set("after", b"v", noreply=True)
        peer.sendall(b"VALUE after 0 1\r\nv\r\nEND\r\n")
        self.assertEqual(client.get("after"), b"v")
        self.assertEqual(self.recorder.connections, connections)
        sent = peer.recv(4096)
        self.assertRegex(sent, rb"^set before .*\r\nv\r\nset after .*\r\nv\r\nget after\r\n$")

    @contextmanager
    def silent_sandbox(self) -> Iterator[None]:
        """A sandbox out of which nothing is heard."""
        before = list(self.recorder.requests), self.recorder.connections
        with self.verifier.sandbox():
            self.ear.listens = True
            yield
            self.ear.listens = False
        self.assertEqual(self.ear.heard, [])
        self.assertEqual((self.recorder.requests, self.recorder.connections), before)

    def call_all(
        self,
        kind: Kind,
        client: Any,
        expected: Mapping[str, Error],
        otherwise: Error = None,
        without: Container[str] = (),
    ) -> None:
        """Call every method, looked up now or before, here and in a thread, within a sandbox."""
        called = {name: args for name, args in methods(kind).items() if name not in without}
        before = {name: getattr(client, name) for name in called}
        for run in (error_of, in_thread):
            for bound_early in (False, True):
                with self.silent_sandbox():
                    for name, args in called.items():
                        method = before[name] if bound_early else getattr(client, name)
                        with self.subTest(name, run=run.__name__, bound_early=bound_early):
                            self.assertIs(run(method, *args), expected.get(name, otherwise))

    def refuse_all(self, name: str, client: Any) -> None:
        """Call every method of a kind of client; all that want to send something are refused."""
        quiet = CLOSING | ({"quit", "stats"} if name == "FallbackClient" else set())
        self.call_all(KINDS[name], client, dict.fromkeys(quiet), UnmockedInteractionError)

    def test_ear_hears_what_is_not_silent(self) -> None:
        """The proof would notice a look-up, a connection and a byte."""
        self.ear.listens = True
        client, peer = self.connect(KINDS["Client"])
        self.ear.listens = False
        self.assertLessEqual({"socket.getaddrinfo", "socket.connect"}, set(self.ear.heard))
        self.assertEqual(self.recorder.requests, [b"set before 0 0 1 noreply\r\nv\r\n"])
        self.ear.heard.clear()
        self.assert_works(client, peer)

    def test_fresh_clients(self) -> None:
        """A client that never had a connection gets none."""
        for name, kind in KINDS.items():
            with self.subTest(name):
                self.refuse_all(name, self.make(kind))

    def test_clients_connected_before(self) -> None:
        """An open connection is not used, and not closed, and works afterwards."""
        for name in ("Client", "Direct", "HashClient", "RetryingClient", "FallbackClient"):
            with self.subTest(name):
                client, peer = self.connect(KINDS[name])
                self.refuse_all(name, client)
                self.assert_works(client, peer)

    def test_pools_connected_before(self) -> None:
        """Nothing comes over the connection of a client that a pool gives up after an error."""
        for name in ("PooledClient", "HashClient, pooled"):
            with self.subTest(name):
                client, peer = self.connect(KINDS[name])
                self.refuse_all(name, client)
                self.recorder.close()
                self.assertEqual(peer.recv(4096), b"set before 0 0 1 noreply\r\nv\r\n")
                self.assertEqual(peer.recv(4096), b"")

    def test_mocked_calls(self) -> None:
        """Calls that are answered send nothing either."""
        replies = {"version": b"1.6.18", "raw_command": b"", "stats": {}}
        for command in COMMANDS:
            self.memcache.mock_command(command, returns=replies.get(command, MISS), times=None)
        for name in ("PooledClient", "HashClient", "HashClient, pooled"):
            with self.subTest(name):
                kind = KINDS[name]
                client, peer = self.connect(kind)
                # What a pool gives up is not used again.
                self.call_all(kind, client, {"__getitem__": KeyError}, without={*CLOSING, "quit"})
                self.assert_works(client, peer)

    def test_refusal_names_who_wanted_the_connection(self) -> None:
        """A private method by its name, a method taken before the sandbox by its command."""
        client = self.make(KINDS["Direct"])
        calls: Dict[str, Callable[[], Any]] = {
            "_fetch_cmd": functools.partial(client.get, "k"),
            "_store_cmd": functools.partial(client.set, "k", 1),
            "_misc_cmd": functools.partial(client.delete, "k"),
            "TOUCH": functools.partial(client.touch, "k"),
        }
        for name, call in calls.items():
            with self.subTest(name), self.silent_sandbox():
                with self.assertRaises(UnmockedInteractionError) as caught:
                    call()
                self.assertEqual(caught.exception.command, name)
                self.assertEqual(caught.exception.server, self.address)

    def test_node_added_in_a_sandbox(self) -> None:
        """A hash client's new node is no way out either."""
        client = self.make(KINDS["HashClient"])
        with self.silent_sandbox():
            client.add_server(("localhost", 11212))
            with self.assertRaises(UnmockedInteractionError):
                client.flush_all()
            with self.assertRaises(UnmockedInteractionError):
                client.clients["localhost:11212"].flush_all()

    def test_ignored_exception_is_still_found(self) -> None:
        """A client that swallows what it raises sends nothing, and verification reports it."""
        client = Direct(self.address, ignore_exc=True, socket_module=self.recorder.module)
        with self.silent_sandbox():
            self.assertIsNone(client.get("k"))
        with self.assertRaisesRegex(SwallowedViolationError, "in _fetch_cmd"):
            self.verifier.verify_all()
