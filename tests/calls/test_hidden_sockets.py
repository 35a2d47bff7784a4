"""A subclass with a `sock`, or a `_connect`, of its own does not hide ours."""

from __future__ import annotations

import unittest
from typing import Any, List

from pymemcache.client.base import Client

from tests.support.hiding import HIDING, Answering, plain
from tests.support.platform import needs_sockets
from tripwire import (
    MemcachePlugin,
    SandboxNotActiveError,
    StrictVerifier,
    UnmockedInteractionError,
    strict,
)

ADDRESS = ("127.0.0.1", 1)
"""Nobody listens there."""


class HiddenSocketTest(unittest.TestCase):
    """Each class of `HIDING`, made before the sandbox and in it."""

    def setUp(self) -> None:
        """Build a verifier."""
        self.verifier = StrictVerifier()
        self.memcache = MemcachePlugin(self.verifier)

    def check(self, client: Any, ours: Answering) -> None:
        """Nothing of a client in a sandbox comes to a socket of its own."""
        self.memcache.expect("GET", key="k", returns=b"mocked")
        self.assertEqual(client.get("k"), b"mocked")
        for use in (
            lambda: client.get("unmocked"),
            lambda: getattr(client, "_fetch_cmd")(b"get", ["k"], False),  # noqa: B009  # private
            getattr(client, "_connect"),  # noqa: B009  # private
        ):
            self.assertRaises(UnmockedInteractionError, use)
        client.close()
        self.assertEqual(ours.requests, [])

    def test_connected_before(self) -> None:
        """It finds its connection untouched, and the class as it was."""
        for name, make in HIDING.items():
            kind = make()
            found = dict(vars(kind))
            client = kind(ADDRESS)
            client.sock = ours = Answering(b"VALUE k 0 1\r\nv\r\nEND\r\n")
            with self.subTest(name):
                with self.verifier.sandbox():
                    self.check(client, ours)
                self.assertIs(client.sock, ours)
                self.assertEqual(client.get("k"), b"v")
                self.assertEqual(dict(vars(kind)), found)

    @needs_sockets
    def test_built_in_the_sandbox(self) -> None:
        """It has no connection afterwards, and connects as a new one does."""
        for name, make in HIDING.items():
            kind = make()
            with self.subTest(name):
                with self.verifier.sandbox():
                    client = kind(ADDRESS)
                    self.check(client, Answering(b""))
                self.assertIsNone(client.sock)
                self.assertRaises(ConnectionRefusedError, client.get, "k")

    def test_class_made_in_the_sandbox(self) -> None:
        """It is as it was written afterwards."""
        for name, make in HIDING.items():
            with self.subTest(name):
                with self.verifier.sandbox():
                    kind = make()
                    client = kind(ADDRESS)
                    self.check(client, Answering(b""))
                self.assertIsNone(client.sock)
                self.assertNotIn("tripwire", type(vars(kind).get("sock")).__module__)

    def test_connecting_of_its_own(self) -> None:
        """Made before or in the sandbox; called by a command, by hand, or by the constructor."""
        connected: List[Any] = []

        def make() -> Any:
            class Eager(Client):  # type: ignore[misc]  # pymemcache ships no types
                sock = None

                def __init__(self, server: Any, *, now: bool = False) -> None:
                    super().__init__(server)
                    if now:
                        self._connect()

                def _connect(self) -> None:
                    connected.append(self)

            return Eager

        before = make()
        own = vars(before)["_connect"]
        with self.verifier.sandbox():
            for kind in (before, make()):
                self.check(kind(ADDRESS), Answering(b""))
                self.assertRaises(UnmockedInteractionError, kind, ADDRESS, now=True)
        self.assertEqual(connected, [])
        self.assertIs(vars(before)["_connect"], own)
        before(ADDRESS, now=True)
        self.assertEqual(len(connected), 1)

    def test_socket_that_is_hidden_later(self) -> None:
        """A class that is changed while the sandbox is open; the next command sees it."""
        kind = plain()
        client = kind(ADDRESS)
        with self.verifier.sandbox():
            kind.sock = ours = Answering(b"")
            self.check(client, ours)

    def test_self_that_is_no_client(self) -> None:
        """Its socket is hidden like a client's, and what has none fails as it always does."""

        class Borrower:
            """Has what a client has, and is none."""

            def __init__(self) -> None:
                self.sock = ours

            def __getattr__(self, name: str) -> Any:
                return getattr(client, name) if name in vars(client) else self.bind(name)

            def bind(self, name: str) -> Any:
                return vars(Client)[name].__get__(self)

        ours, client = Answering(b""), Client(ADDRESS)
        borrower: Any = Borrower()
        self.memcache.expect("GET", key="k", returns=b"mocked")
        with self.verifier.sandbox():
            self.assertEqual(Client.get(borrower, "k"), b"mocked")
            for other in (object(), None, 5):
                self.assertRaises(AttributeError, Client.get, other, "k")
        self.assertEqual(ours.requests, [])
        self.assertIs(borrower.sock, ours)
        self.assertNotIn("sock", vars(Borrower))

    def test_class_that_is_made_meanwhile_gets_its_arguments(self) -> None:
        """Those of the class statement reach the next `__init_subclass__`."""
        given: List[Any] = []

        class Mixin:
            def __init_subclass__(cls, **kwargs: Any) -> None:
                given.append(kwargs)

        with self.verifier.sandbox():

            class Made(Client, Mixin, word="w"):  # type: ignore[misc]  # ships no types
                pass

        self.assertEqual(given, [{"word": "w"}])
        self.assertEqual(Made.__name__, "Made")

    def test_guard_covers_them_as_well(self) -> None:
        """Outside the sandbox of a test."""
        clients = [make()(ADDRESS) for make in HIDING.values()]
        for client in clients:
            with self.assertRaisesRegex(SandboxNotActiveError, "outside any"), strict():
                client.get("k")
