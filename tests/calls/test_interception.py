"""The class `Client` while it is intercepted, and beside others who patch it.

SPECIFICATION 9, 16.
"""

from __future__ import annotations

import functools
import inspect
import socket
import unittest
from typing import Any, Callable, Dict
from unittest import mock

from pymemcache.client import base
from pymemcache.client.base import Client

from tests.support.cases import SERVER, ByHandTestCase
from tests.support.conformance import COMMANDS
from tests.support.platform import needs_sockets
from tripwire import (
    TripwireTestCase,
    UnmockedInteractionError,
    strict,
)


class ClassTest(ByHandTestCase):
    """What a program can see of a class whose commands are replaced."""

    def test_commands_look_as_they_did(self) -> None:
        """Names, signatures and docstrings are those of the real methods."""
        before = {name: getattr(Client, name) for name in COMMANDS}
        with self.verifier.sandbox():
            for name, real in before.items():
                with self.subTest(name):
                    replaced = getattr(Client, name)
                    self.assertIsNot(replaced, real)
                    self.assertEqual(inspect.signature(replaced), inspect.signature(real))
                    self.assertEqual(
                        (replaced.__name__, replaced.__qualname__, replaced.__doc__),
                        (real.__name__, real.__qualname__, real.__doc__),
                    )

    def test_nothing_else_is_replaced(self) -> None:
        """Beside the commands it is the connecting, the socket, and what new subclasses hide."""
        before = dict(vars(Client))
        with self.verifier.sandbox():
            changed = {name for name in vars(Client) if vars(Client)[name] is not before.get(name)}
        self.assertEqual(changed, {*COMMANDS, "_connect", "sock", "__init_subclass__"})

    def test_class_is_not_replaced_twice(self) -> None:
        """A sandbox inside of another finds it replaced, whatever stands at its name by then."""
        with self.verifier.sandbox():
            replaced = list(vars(Client).items())
            with mock.patch.object(base, "Client"), self.verifier.sandbox():
                self.assert_as_found(replaced)
            self.assert_as_found(replaced)

    def test_guard_replaces_and_puts_back_as_well(self) -> None:
        """A whole TripwireTestCase leaves no trace, in whatever way it ends."""

        class Inner(TripwireTestCase):
            def test_passes(self) -> None:
                with self.sandbox(), self.sandbox():
                    pass

            def test_fails(self) -> None:
                with self.sandbox():
                    self.fail()

            def test_is_interrupted(self) -> None:
                with self.sandbox():
                    raise KeyboardInterrupt

        found = list(vars(Client).items())
        result = unittest.TestResult()
        Inner("test_passes").run(result)
        self.assert_as_found(found)
        Inner("test_fails").run(result)
        self.assert_as_found(found)
        with self.assertRaises(KeyboardInterrupt):
            Inner("test_is_interrupted").run(result)
        self.assertEqual((result.testsRun, len(result.failures), result.errors), (3, 1, []))


class SocketTest(ByHandTestCase):
    """A client's `sock`, which is its own again afterwards."""

    @needs_sockets
    def test_connection_from_before_is_found_afterwards(self) -> None:
        """Whatever the client's methods wrote to the attribute meanwhile."""
        client = Client(SERVER)
        ours, theirs = socket.socketpair()
        with ours, theirs:
            client.sock = ours
            with self.verifier.sandbox():
                client.close()
                client.sock = None
                self.assertIsNot(client.sock, ours)
            self.assertIs(client.sock, ours)
            theirs.sendall(b"VERSION 1.6.18\r\n")
            self.assertEqual(client.version(), b"1.6.18")

    def test_client_of_the_sandbox_has_no_connection_afterwards(self) -> None:
        """It connects as a new one does."""
        with self.verifier.sandbox():
            client = Client(SERVER)
        self.assertIsNone(client.sock)

    def test_socket_of_a_client_at_rest_refuses(self) -> None:
        """Who reaches for it outside any command is told so, and it is a violation."""
        client: Any = Client(SERVER)
        with self.verifier.sandbox():
            for use in ("sendall", "recv", "fileno", "settimeout"):
                with self.subTest(use), self.assertRaises(UnmockedInteractionError):
                    getattr(client.sock, use)
            client.sock.close()

    def test_client_at_rest_can_be_looked_at(self) -> None:
        """What a debugger asks is no violation."""
        client = Client(SERVER)
        with self.verifier.sandbox():
            self.assertFalse(hasattr(client.sock, "__wrapped__"))
            self.assertIn("object at", repr(client.sock))
            self.assertIsNotNone(inspect.getattr_static(Client, "sock"))
        self.verifier.verify_all()

    def test_client_at_rest_can_be_a_specification(self) -> None:
        """`unittest.mock` looks at every attribute for that, the socket included."""
        with strict() as verifier:
            for build in (mock.create_autospec, lambda client: mock.Mock(spec=client)):
                build(Client(SERVER)).get("k")
                with verifier.sandbox():
                    build(Client(SERVER)).get("k")

    def test_other_client_inside_a_command_is_at_rest(self) -> None:
        """A serde that uses a client of its own meanwhile gets no foreign socket."""
        other = Client(SERVER)

        class Nosy:
            def serialize(self, key: Any, value: Any) -> Any:
                return other.get("flags") or value, 0

        self.memcache.expect("GET", returns=b"other", key="flags")
        self.memcache.expect("SET", returns=True, key="k", value=b"v")
        with self.verifier.sandbox():
            Client(SERVER, serde=Nosy()).set("k", b"v")
        self.assertEqual(
            [interaction.request for interaction in self.verifier.interactions],
            [b"get flags\r\n", b"set k 0 0 5 noreply\r\nother\r\n"],
        )
        self.verifier.verify_all()


class PatchedBeforeTest(ByHandTestCase):
    """A command that someone else has patched when the sandbox opens."""

    def test_patch_keeps_its_say(self) -> None:
        """It is called as before and sends nothing, so no mock is taken; it is put back."""
        patches: Dict[str, Callable[[], Any]] = {
            "mock": lambda: mock.patch.object(Client, "get", return_value=b"p"),
            "autospec": lambda: mock.patch.object(Client, "get", autospec=True, return_value=b"p"),
            "function": lambda: mock.patch.object(Client, "get", lambda self, key: b"p"),
            "static": lambda: mock.patch.object(Client, "get", staticmethod(lambda key: b"p")),
        }
        self.memcache.mock_command("GET", returns=b"v", required=False)
        for name, patch in patches.items():
            with self.subTest(name), patch():
                patched = vars(Client)["get"]
                with self.verifier.sandbox():
                    self.assertEqual(Client(SERVER).get("k"), b"p")
                self.assertIs(vars(Client)["get"], patched)
                self.assertEqual(self.verifier.interactions, ())

    def test_mock_sees_the_arguments_that_it_sees_without_us(self) -> None:
        """An autospecced one the client too, an ordinary one the arguments alone."""
        client = Client(SERVER)
        with mock.patch.object(Client, "get") as plain, self.verifier.sandbox():
            client.get("k", default=1)
        plain.assert_called_once_with("k", default=1)
        with mock.patch.object(Client, "get", autospec=True) as spec, self.verifier.sandbox():
            client.get("k", default=1)
        spec.assert_called_once_with(client, "k", default=1)

    def test_patch_that_calls_the_real_method_reaches_the_wire(self) -> None:
        """A spy's call is answered by a mock and recorded."""
        self.memcache.expect("GET", returns=b"v", key="k")
        spying = mock.patch.object(Client, "get", autospec=True, side_effect=Client.get)
        with spying as spy, self.verifier.sandbox():
            self.assertEqual(Client(SERVER).get("k"), b"v")
        spy.assert_called_once()
        self.verifier.verify_all()

    def test_patched_socket_and_connecting_are_put_back(self) -> None:
        """Also what is not a command."""
        with mock.patch.object(Client, "_connect") as connect:
            with mock.patch.object(Client, "sock", None, create=True):
                self.memcache.expect("GET", returns=b"v", key="k")
                with self.verifier.sandbox():
                    self.assertEqual(Client(SERVER).get("k"), b"v")
                self.assertIsNone(vars(Client)["sock"])
            self.assertIs(vars(Client)["_connect"], connect)
        connect.assert_not_called()

    def test_patch_of_one_client_is_its_own_affair(self) -> None:
        """An attribute of the object hides the class's command, as it does anywhere."""
        client = Client(SERVER)
        with mock.patch.object(client, "get", return_value=b"p"), self.verifier.sandbox():
            self.assertEqual(client.get("k"), b"p")
        self.assertEqual(self.verifier.interactions, ())


class PatchedInsideTest(ByHandTestCase):
    """A command that is patched while the sandbox is open."""

    def test_patch_within_a_sandbox_wins_until_it_ends(self) -> None:
        """As the inner one of two patches does."""
        self.memcache.expect("GET", returns=b"v", key="k")
        client = Client(SERVER)
        with self.verifier.sandbox():
            with mock.patch.object(Client, "get", return_value=b"p"):
                self.assertEqual(client.get("k"), b"p")
            self.assertEqual(client.get("k"), b"v")
        self.verifier.verify_all()

    def test_wrapper_of_a_replacement_is_called_in_the_next_sandbox_too(self) -> None:
        """What carries the attributes of a command is not taken for it."""
        calls = []
        with self.verifier.sandbox():
            inner = Client.get

            @functools.wraps(inner)
            def counting(client: Any, *args: Any) -> Any:
                calls.append(args)
                return inner(client, *args)

        self.memcache.expect("GET", returns=b"v", key="k")
        with mock.patch.object(Client, "get", counting), self.verifier.sandbox():
            self.assertEqual(Client(SERVER).get("k"), b"v")
        self.assertEqual(calls, [("k",)])
        self.verifier.verify_all()
