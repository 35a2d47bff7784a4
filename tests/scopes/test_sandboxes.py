"""Sandboxes: nested, opened again, left in every way; and which plugin answers in them.

SPECIFICATION 14, 16.
"""

from __future__ import annotations

import asyncio
import contextvars
import socket
from typing import Any, List
from unittest import mock

from pymemcache.client.base import Client

from tests.support.cases import ByHandTestCase, by_hand
from tests.support.platform import needs_event_loop, needs_sockets
from tripwire import MemcachePlugin, Sandbox, StrictVerifier, UnmockedInteractionError


class SandboxCase(ByHandTestCase):
    """Verifiers by themselves; whatever a test does, `Client` ends as it was."""

    def is_intercepted(self) -> bool:
        """Whether `Client` is anything but as it was defined."""
        return "sock" in vars(Client)


class NestingTest(SandboxCase):
    """Sandboxes inside sandboxes."""

    def test_sandboxes_of_one_verifier_nest(self) -> None:
        """There is one timeline and one set of queues; the outer one goes on after the inner."""
        self.memcache.mock_command("GET", returns=b"v", times=3)
        with self.verifier.sandbox():
            self.client.get("before")
            with self.verifier.sandbox():
                self.client.get("inside")
            self.client.get("after")
        for key in ("before", "inside", "after"):
            self.memcache.assert_get("GET", key)
        self.verifier.verify_all()

    def test_inner_of_two_verifiers_answers(self) -> None:
        """And it alone: what it has no mock for is unmocked, whatever the outer one has."""
        inner, inner_memcache = by_hand()
        self.memcache.mock_command("GET", returns=b"outer", times=2)
        inner_memcache.mock_command("GET", returns=b"inner")
        with self.verifier.sandbox():
            met = [self.client.get("k")]
            with inner.sandbox():
                met.append(self.client.get("k"))
                self.assertRaises(UnmockedInteractionError, self.client.get, "k")
            met.append(self.client.get("k"))
        self.assertEqual(met, [b"outer", b"inner", b"outer"])
        self.assertEqual((len(self.verifier.interactions), len(inner.interactions)), (2, 1))

    def test_verifiers_may_alternate(self) -> None:
        """The innermost sandbox answers, whoever's it is."""
        other, other_memcache = by_hand()
        self.memcache.mock_command("GET", returns=b"one", times=None)
        other_memcache.mock_command("GET", returns=b"other", times=None)
        with self.verifier.sandbox(), other.sandbox(), self.verifier.sandbox():
            self.assertEqual(self.client.get("k"), b"one")
        with other.sandbox(), self.verifier.sandbox(), other.sandbox():
            self.assertEqual(self.client.get("k"), b"other")

    def test_outer_sandbox_may_close_first(self) -> None:
        """The inner one answers until it is closed itself."""
        other, other_memcache = by_hand()
        other_memcache.mock_command("GET", returns=b"inner")
        outer, inner = self.verifier.sandbox(), other.sandbox()
        with outer:
            inner.__enter__()
        self.assertEqual(self.client.get("k"), b"inner")
        inner.__exit__(None, None, None)

    def test_sandbox_of_a_verifier_without_a_plugin_leaves_the_call_alone(self) -> None:
        """The plugin of the sandbox around it answers."""
        bare = StrictVerifier()
        self.memcache.mock_command("GET", returns=b"v")
        with self.verifier.sandbox(), bare.sandbox():
            self.assertEqual(self.client.get("k"), b"v")
        self.assertEqual((len(self.verifier.interactions), len(bare.interactions)), (1, 0))

    def test_sandbox_without_any_plugin_intercepts_nothing(self) -> None:
        """There is nothing that could."""
        with StrictVerifier().sandbox():
            self.assertFalse(self.is_intercepted())

    def test_plugin_built_in_an_open_sandbox_answers_from_then_on(self) -> None:
        """Until the sandbox closes."""
        verifier = StrictVerifier()
        with verifier.sandbox(), verifier.sandbox():
            memcache = MemcachePlugin(verifier)
            memcache.mock_command("GET", returns=b"v")
            self.assertEqual(self.client.get("k"), b"v")
        self.assertFalse(self.is_intercepted())
        memcache.assert_get("GET", "k")


class ReuseTest(SandboxCase):
    """One sandbox, or one verifier, more than once."""

    def test_verifier_opens_one_sandbox_after_the_other(self) -> None:
        """Mocks may be registered in between, and assertions made."""
        for number in range(3):
            self.memcache.mock_command("GET", returns=b"%d" % number)
            with self.verifier.sandbox():
                self.assertEqual(self.client.get("k"), b"%d" % number)
            self.memcache.assert_get("GET", "k")
        self.verifier.verify_all()

    def test_mocks_left_over_answer_in_the_next_sandbox(self) -> None:
        """Queues are the verifier's."""
        self.memcache.mock_command("GET", returns=b"1")
        self.memcache.mock_command("GET", returns=b"2")
        for expected in (b"1", b"2"):
            with self.verifier.sandbox():
                self.assertEqual(self.client.get("k"), expected)

    def test_sandbox_can_be_entered_again_after_it_was_left(self) -> None:
        """As often as one likes."""
        sandbox = self.verifier.sandbox()
        self.memcache.mock_command("GET", returns=b"v", times=2)
        for _ in range(2):
            with sandbox as verifier:
                self.assertIs(verifier, self.verifier)
                self.assertEqual(self.client.get("k"), b"v")

    def test_sandbox_left_out_of_order_can_be_entered_again(self) -> None:
        """Inside the one that was inside it; and in a context that has outlived both."""
        self.memcache.mock_command("GET", returns=b"v", times=None)
        outer, inner = self.verifier.sandbox(), self.verifier.sandbox()
        with outer:
            inner.__enter__()
            outlived = contextvars.copy_context()
        with outer:
            inner.__exit__(None, None, None)
            self.assertEqual(self.client.get("k"), b"v")
        self.assertFalse(self.is_intercepted())
        outlived.run(outer.__enter__)
        self.assertEqual(outlived.run(self.client.get, "k"), b"v")
        outlived.run(outer.__exit__, None, None, None)
        self.assertFalse(self.is_intercepted())

    def test_open_sandbox_cannot_be_entered(self) -> None:
        """It says what to do instead, and goes on as it was."""
        sandbox = self.verifier.sandbox()
        self.memcache.mock_command("GET", returns=b"v")
        with sandbox:
            with self.assertRaises(RuntimeError) as caught:
                sandbox.__enter__()
            self.assertIn("verifier.sandbox()", str(caught.exception))
            self.assertEqual(self.client.get("k"), b"v")

    def test_sandbox_closed_by_hand_is_left_without_a_word(self) -> None:
        """Closing twice does nothing."""
        sandbox = Sandbox(self.verifier)
        with self.verifier.sandbox():
            with sandbox:
                sandbox.close()
                sandbox.close()
            self.assertTrue(self.is_intercepted())
        self.assertFalse(self.is_intercepted())


@needs_event_loop
class AsyncTest(SandboxCase):
    """`async with` works as `with` does."""

    def test_async_with_intercepts(self) -> None:
        """Between its two ends, awaits included."""
        self.memcache.mock_command("GET", returns=b"v", times=2)

        async def body() -> List[Any]:
            async with self.verifier.sandbox() as verifier:
                self.assertIs(verifier, self.verifier)
                first = self.client.get("a")
                await asyncio.sleep(0)
                return [first, self.client.get("b")]

        self.assertEqual(asyncio.run(body()), [b"v", b"v"])
        self.memcache.assert_get("GET", "a")
        self.memcache.assert_get("GET", "b")

    def test_async_with_keeps_the_exception_of_its_body(self) -> None:
        """And cleans up after it."""

        async def body() -> None:
            async with self.verifier.sandbox():
                raise ZeroDivisionError

        with self.assertRaises(ZeroDivisionError):
            asyncio.run(body())


class Broken:
    """A plugin beside memcache's, whose patch fails when it is put on, or once when taken off."""

    def __init__(self, name: str = "broken", *, install: Any = None, remove: Any = None) -> None:
        self.name = name
        self.patches = self.guards = (mock.Mock(spec_set=("install", "remove")),)
        self.patches[0].install.side_effect = install
        self.patches[0].remove.side_effect = [remove, None]

    # It has neither mocks nor interactions.
    report_unused = not_sent = mark = withdraw_since = mock.Mock(return_value=())
    why_open = unused = mock.Mock(return_value=())
    round = put_back = at_once = hints = nothing_sent = stand_in = mock.Mock(return_value=())


class LeavingTest(SandboxCase):
    """However a sandbox is left, `Client` is as it was found: `setUp` sees to it."""

    def test_exception_of_the_body_stays_what_it_is(self) -> None:
        """An ordinary one, and one that ends the program; with its own context."""
        for kind in (ZeroDivisionError, KeyboardInterrupt, SystemExit, GeneratorExit):
            error = kind("whatever")
            outer, inner = self.verifier.sandbox(), self.verifier.sandbox()
            with self.subTest(kind.__name__), self.assertRaises(kind) as caught, outer, inner:
                raise error
            self.assertIs(caught.exception, error)
            self.assertIsNone(error.__context__)
            self.assertFalse(self.is_intercepted())

    def test_failed_entry_leaves_nothing_behind(self) -> None:
        """What was put on before the fault is taken off; the fault comes out."""
        for fault in (OSError("no"), KeyboardInterrupt()):
            verifier, _ = by_hand()
            verifier.register(Broken(install=fault))
            with self.subTest(fault=fault), self.assertRaises(type(fault)):
                verifier.sandbox().__enter__()
            self.assertFalse(self.is_intercepted())
            self.assertRaises(type(fault), verifier.sandbox().__enter__)

    def test_failed_exit_takes_off_everything_else(self) -> None:
        """Whatever was put on after it and before it; and what failed is tried once more."""
        verifier = StrictVerifier()
        first, last = Broken("first", remove=OSError("1")), Broken("last", remove=OSError("2"))
        verifier.register(first)
        MemcachePlugin(verifier)
        verifier.register(last)
        with self.assertRaises(OSError), verifier.sandbox():
            self.assertTrue(self.is_intercepted())
        self.assertFalse(self.is_intercepted())
        for broken in (first, last):
            self.assertEqual(broken.patches[0].remove.call_count, 2)

    def test_failed_exit_does_not_replace_the_exception_of_the_body(self) -> None:
        """What went wrong first is what one wants to know."""
        self.verifier.register(Broken(remove=OSError("no")))
        with self.assertRaises(ZeroDivisionError), self.verifier.sandbox():
            raise ZeroDivisionError

    def test_patch_that_never_comes_off_troubles_nobody_else(self) -> None:
        """Not the exception of the body, and not the sandboxes of others."""
        broken = Broken()
        [patch] = broken.patches
        patch.remove.side_effect = OSError("no")
        self.addCleanup(self.verifier.sandbox().close)
        self.addCleanup(setattr, patch.remove, "side_effect", None)
        self.verifier.register(broken)
        with self.assertRaises(ZeroDivisionError), self.verifier.sandbox():
            raise ZeroDivisionError
        other, _ = by_hand()
        with other.sandbox():
            self.assertTrue(self.is_intercepted())
        self.assertFalse(self.is_intercepted())
        self.assertEqual(patch.remove.call_count, 3)


REAL = vars(Client)["get"]


class KeptReplacementTest(SandboxCase):
    """A `mock.patch` that is started inside and stopped outside puts a replacement back."""

    def setUp(self) -> None:
        """Keep a replacement, and see that the test takes it off."""
        super().setUp()
        self.addCleanup(setattr, Client, "get", vars(Client)["get"])
        patch = mock.patch.object(Client, "get", return_value=b"patched")
        with self.verifier.sandbox():
            patch.start()
            self.assertEqual(self.client.get("k"), b"patched")
        patch.stop()

    @needs_sockets
    def test_kept_replacement_calls_the_original(self) -> None:
        """A real command goes to a real socket again."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            self.client.sock = ours
            theirs.sendall(b"VALUE k 0 1\r\nv\r\nEND\r\n")
            self.assertEqual(self.client.get("k"), b"v")
            self.assertEqual(theirs.recv(100), b"get k\r\n")

    def test_kept_replacement_is_replaced_in_the_next_sandbox(self) -> None:
        """By one that knows the real method, which is what is on the class when that is over."""
        self.memcache.mock_command("GET", returns=b"v")
        with self.verifier.sandbox():
            self.assertEqual(self.client.get("k"), b"v")
        self.assertIs(vars(Client)["get"], REAL)
