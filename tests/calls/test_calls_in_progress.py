"""A call that is in progress in another thread when the sandbox, or the test, ends."""

from __future__ import annotations

import functools
import threading
import unittest
from contextvars import copy_context
from typing import Any, Callable, List, Tuple

from pymemcache.client.base import Client

from tests.support.hiding import HIDING, Answering
from tests.support.memcached import Recorder
from tests.support.platform import needs_threads
from tripwire import (
    MemcachePlugin,
    SandboxNotActiveError,
    StrictVerifier,
    TripwireTestCase,
    UnmockedInteractionError,
)

ADDRESS = ("127.0.0.1", 1)
"""Nobody listens there."""


class Slow:
    """A serde that waits, so that a call is in progress for as long as a test wants.

    Attributes: `begun` and `go_on`, two events.
    """

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()

    def serialize(self, key: Any, value: Any) -> Tuple[bytes, int]:
        """Say that it has begun, and wait until it may go on."""
        self.begun.set()
        self.go_on.wait(10)
        return value, 0


class InProgressCase(unittest.TestCase):
    """A client that notes what it would send, and a call of it in a thread of its own."""

    def setUp(self) -> None:
        """Build a slow client, and see that the class is as it was in the end."""
        self.recorder = Recorder()
        self.serde = Slow()
        self.client = Client(ADDRESS, serde=self.serde, socket_module=self.recorder.module)
        self.outcomes: List[Any] = []
        self.found = list(vars(Client).items())

    def begin(self, call: Callable[[], Any]) -> Callable[[], None]:
        """Begin a call in a thread; return what lets it go on and waits for its end."""

        def work() -> None:
            try:
                self.outcomes.append(call())
            except BaseException as error:
                self.outcomes.append(type(error))

        thread = threading.Thread(target=work)
        thread.start()
        serde = self.serde
        self.assertTrue(serde.begun.wait(10))

        def end() -> None:
            serde.go_on.set()
            thread.join(10)

        self.addCleanup(end)
        return end

    def is_as_found(self) -> bool:
        """Whether nothing of ours is on the class."""
        return list(vars(Client).items()) == self.found

    def assert_nothing_sent(self) -> None:
        """The client has not even tried to connect."""
        self.assertEqual((self.recorder.connections, self.recorder.requests), (0, []))
        self.assertTrue(self.is_as_found())


class EndingTest(InProgressCase):
    """What has begun inside ends as if it were inside, and the patch stays on for so long."""

    @needs_threads
    def test_call_that_outlasts_its_sandbox_is_answered(self) -> None:
        """By the mocks that it began with; and it has to be asserted."""
        verifier = StrictVerifier()
        memcache = MemcachePlugin(verifier)
        memcache.mock_command("SET", returns=True)
        with verifier.sandbox():
            end = self.begin(lambda: self.client.set("k", b"v"))
        self.assertFalse(self.is_as_found())
        end()
        self.assertEqual(self.outcomes, [True])
        memcache.assert_set("SET", "k", b"v")
        verifier.verify_all()
        self.assert_nothing_sent()

    @needs_threads
    def test_call_that_nothing_answers_is_refused(self) -> None:
        """It does not reach a server because nobody listens to the refusal any more."""
        verifier = StrictVerifier()
        MemcachePlugin(verifier)
        with verifier.sandbox():
            end = self.begin(lambda: self.client.set("k", b"v"))
        verifier.verify_all()
        end()
        self.assertEqual(self.outcomes, [UnmockedInteractionError])
        self.assert_nothing_sent()

    @needs_threads
    def test_call_that_outlasts_its_test_is_answered(self) -> None:
        """Neither the guard nor the verifier is needed for that."""
        ends: List[Callable[[], None]] = []
        begin, client = self.begin, self.client

        class Test(TripwireTestCase):
            def test(self) -> None:
                self.memcache.mock_command("SET", returns=True, required=False)
                with self.sandbox():
                    ends.append(begin(lambda: client.set("k", b"v")))

        result = unittest.TestResult()
        Test("test").run(result)
        self.assertEqual((result.failures, result.errors), ([], []))
        ends[0]()
        self.assertEqual(self.outcomes, [True])
        self.assert_nothing_sent()

    def test_sandbox_that_is_closed_inside_a_call_waits_for_it(self) -> None:
        """Here it is the serializer that closes it."""
        verifier = StrictVerifier()
        MemcachePlugin(verifier).expect("SET", key="k", value=b"v", returns=True)
        sandbox = verifier.sandbox()

        class Closing:
            def serialize(self, key: Any, value: Any) -> Tuple[bytes, int]:
                sandbox.close()
                return value, 0

        client = Client(ADDRESS, serde=Closing(), socket_module=self.recorder.module)
        with sandbox:
            self.assertIs(client.set("k", b"v"), True)
            self.assertTrue(self.is_as_found())
        verifier.verify_all()
        self.assert_nothing_sent()

    @needs_threads
    def test_patch_goes_with_the_last_of_several_calls(self) -> None:
        """Each in a thread of its own."""
        verifier = StrictVerifier()
        MemcachePlugin(verifier).mock_command("SET", returns=True, times=None)
        ends = []
        with verifier.sandbox():
            for key in "abc":
                self.serde = Slow()
                client = Client(ADDRESS, serde=self.serde, socket_module=self.recorder.module)
                ends.append(self.begin(functools.partial(client.set, key, b"v")))
        seen = []
        for end in ends:
            seen.append(self.is_as_found())
            end()
        self.assertEqual(seen, [False, False, False])
        self.assertEqual(self.outcomes, [True, True, True])
        self.assert_nothing_sent()

    @needs_threads
    def test_sandbox_that_opens_meanwhile_keeps_the_patch(self) -> None:
        """The end of the call takes nothing off that somebody needs."""
        first, second = StrictVerifier(), StrictVerifier()
        MemcachePlugin(first).mock_command("SET", returns=True)
        MemcachePlugin(second).expect("GET", key="k", returns=b"v")
        with first.sandbox():
            end = self.begin(lambda: self.client.set("k", b"v"))
        with second.sandbox():
            end()
            self.assertFalse(self.is_as_found())
            self.assertEqual(Client(ADDRESS).get("k"), b"v")
        second.verify_all()
        self.assertEqual(self.outcomes, [True])
        self.assert_nothing_sent()


@needs_threads
class MeanwhileTest(InProgressCase):
    """While the patch is on for a call alone, everybody else works as if it were off."""

    def setUp(self) -> None:
        """Have a call in progress whose sandbox is closed."""
        super().setUp()
        self.verifier = StrictVerifier()
        MemcachePlugin(self.verifier).mock_command("SET", returns=True)
        self.before: Any = Client(ADDRESS)
        self.before.sock = self.ours = Answering(b"VALUE k 0 1\r\nv\r\nEND\r\n")
        with self.verifier.sandbox():
            self.context = copy_context()
            self.end = self.begin(lambda: self.client.set("k", b"v"))
        self.assertFalse(self.is_as_found())

    def test_connected_client_uses_its_connection(self) -> None:
        """It finds its own `sock`, and sends."""
        self.assertIs(self.before.sock, self.ours)
        self.assertEqual(self.before.get("k"), b"v")
        self.assertEqual(self.ours.requests, [b"get k\r\n"])
        self.before.close()
        self.assertIsNone(self.before.sock)

    def test_new_client_connects(self) -> None:
        """As it does without us; here to nobody, so that it fails as in production."""
        client = Client(ADDRESS, socket_module=self.recorder.module)
        self.assertIsNone(client.sock)
        self.assertRaises(ConnectionRefusedError, client.get, "k")
        self.assertEqual(self.recorder.connections, 1)

    def test_method_bound_early_works(self) -> None:
        """Nobody refuses it."""
        verifier = StrictVerifier()
        MemcachePlugin(verifier)
        fetch = self.before.get
        with verifier.sandbox():
            self.before.close()
        self.assertEqual(fetch("k"), b"v")

    def test_client_of_a_class_with_a_socket_of_its_own_uses_that(self) -> None:
        """Whatever it is: the same object as without us."""
        for make in HIDING.values():
            kind = make()
            client = kind(ADDRESS)
            self.assertIsNone(client.sock)
            client.sock = ours = Answering(b"VALUE k 0 1\r\nv\r\nEND\r\n")
            with self.subTest(kind.__name__):
                self.assertIs(client.sock, ours)
                self.assertEqual(client.get("k"), b"v")

    def test_attribute_that_is_missing_is_missing(self) -> None:
        """As of any object, unless its class has a default."""
        self.assertRaises(AttributeError, lambda: Client.__new__(Client).sock)
        for name in ("attribute", "mixin", "descriptor"):
            kind = HIDING[name]()
            self.assertIsNone(kind.__new__(kind).sock)

    def test_context_of_the_closed_sandbox_is_refused(self) -> None:
        """A thread or task that outlived it; it is told why."""
        with self.assertRaisesRegex(SandboxNotActiveError, "after its sandbox had closed"):
            self.context.run(self.before.get, "k")
        self.assertEqual(self.ours.requests, [])
