"""The gates of a verifier: what every call passes before anything answers it."""

from __future__ import annotations

import threading
import unittest
from typing import Any, List, Tuple

from pymemcache.client.base import Client

from tests.support.cases import SERVER
from tests.support.hiding import BASE
from tests.support.platform import needs_threads
from tripwire import (
    InteractionMismatchError,
    MemcachePlugin,
    StrictVerifier,
    UnmockedInteractionError,
)


class GatesTest(unittest.TestCase):
    """`verifier.gates`, a list of functions that are given the call."""

    def setUp(self) -> None:
        """Build a verifier and a client."""
        self.verifier = StrictVerifier()
        self.memcache = MemcachePlugin(self.verifier)
        self.client = Client(SERVER)

    def test_gate_sees_the_call_before_it_is_answered(self) -> None:
        """Its command, fields, server and request; nothing is recorded then."""
        seen: List[Tuple[Any, ...]] = []

        def gate(call: Any) -> None:
            facts = call.command.name, call.fields, call.server, call.request, call.thread
            seen.append((*facts, call.location.function, len(self.verifier.interactions)))

        self.verifier.gates.append(gate)
        self.memcache.expect("GET", key="k", returns=b"v")
        with self.verifier.sandbox():
            self.assertEqual(self.client.get("k"), b"v")
        function = "test_gate_sees_the_call_before_it_is_answered"
        fields = {"key": "k", "default": None}
        self.assertEqual(seen, [("GET", fields, SERVER, b"get k\r\n", "MainThread", function, 0)])

    def test_mock_that_a_gate_registers_answers_the_call(self) -> None:
        """Gates come before anything that answers, and before anything is refused."""
        self.verifier.gates.append(lambda call: self.memcache.expect("GET", key="k", returns=b"v"))
        with self.verifier.sandbox():
            self.assertEqual(self.client.get("k"), b"v")
        self.verifier.verify_all()

    def test_all_gates_are_passed_in_order_by_every_call_alone(self) -> None:
        """Also by one that nothing answers; a call that sends nothing passes none."""
        passed: List[str] = []
        self.verifier.gates += [lambda call: passed.append("a"), lambda call: passed.append("b")]
        with self.verifier.sandbox():
            self.client.get_many([])
            self.assertRaises(UnmockedInteractionError, self.client.get, "k")
        self.assertEqual(passed, ["a", "b"])

    def test_what_a_gate_raises_comes_out_of_the_client(self) -> None:
        """The call takes no mock and is no interaction."""

        def gate(call: Any) -> None:
            raise ConnectionRefusedError("down")

        self.verifier.gates.append(gate)
        self.memcache.mock_command("GET", returns=b"v", required=False)
        with self.verifier.sandbox():
            self.assertRaises(ConnectionRefusedError, self.client.get, "k")
            self.assertEqual(Client(SERVER, ignore_exc=True).get("k", "d"), "d")
        self.memcache.assert_no_calls()

    @needs_threads
    def test_gate_may_wait_for_another_thread(self) -> None:
        """No lock is held meanwhile: the other one calls, asserts and opens sandboxes."""
        done: List[bytes] = []

        def other() -> None:
            verifier = StrictVerifier()
            memcache = MemcachePlugin(verifier)
            memcache.expect("GET", key="other", returns=b"other")
            with verifier.sandbox():
                done.append(Client(SERVER).get("other"))
            verifier.verify_all()

        def gate(call: Any) -> None:
            thread = threading.Thread(target=other)
            thread.start()
            thread.join(10)

        self.verifier.gates.append(gate)
        self.memcache.expect("GET", key="k", returns=b"v")
        with self.verifier.sandbox():
            self.assertEqual(self.client.get("k"), b"v")
        self.assertEqual(done, [b"other"])
        self.assertRaises(InteractionMismatchError, self.memcache.assert_no_calls)


class SocketTest(unittest.TestCase):
    """The socket of a call: it has a read buffer, as any."""

    def test_answer_is_read_in_pieces_and_once(self) -> None:
        """`recv` gives as much as is asked for at most, and then that the server has closed."""
        pieces: List[bytes] = []

        class Slow(BASE):  # type: ignore[misc]  # its base is anything
            def _misc_cmd(self, cmds: Any, name: bytes, noreply: bool, *more: Any) -> List[bytes]:
                self.sock.sendall(b"".join(cmds))
                pieces.extend(self.sock.recv(size) for size in (4, 1, 4096, 4096))
                self.sock.close()
                pieces.append(self.sock.recv(4096))
                return [b"".join(pieces).strip()]

        verifier = StrictVerifier()
        memcache = MemcachePlugin(verifier)
        memcache.mock_command("DELETE", returns=False)
        with verifier.sandbox():
            self.assertFalse(Slow(SERVER).delete("k", noreply=False))
        self.assertEqual(pieces, [b"NOT_", b"F", b"OUND\r\n", b"", b""])

    def test_what_was_not_read_is_gone_when_the_socket_is_closed(self) -> None:
        """As with any connection; the caller gets what the client made of that."""
        pieces: List[bytes] = []

        class Closing(BASE):  # type: ignore[misc]  # its base is anything
            def _misc_cmd(self, cmds: Any, name: bytes, noreply: bool, *more: Any) -> List[bytes]:
                self.sock.sendall(b"".join(cmds))
                self.sock.close()
                pieces.append(self.sock.recv(4096))
                return pieces

        verifier = StrictVerifier()
        memcache = MemcachePlugin(verifier)
        memcache.mock_command("DELETE", returns=True)
        with verifier.sandbox():
            self.assertFalse(Closing(SERVER).delete("k", noreply=False))
        self.assertEqual(pieces, [b""])
