"""Contexts that are copied, left elsewhere, or know of a test that is over.

SPECIFICATION 15.
"""

from __future__ import annotations

import contextlib
import contextvars
import queue
import socket
import threading
import unittest
from typing import Any, Callable, ContextManager, List

import tripwire
from tests.support.cases import CLIENT, by_hand
from tests.support.platform import needs_sockets, needs_threads


def in_thread(function: Callable[[], Any]) -> None:
    """Run a function in a plain thread, which has no context."""
    thread = threading.Thread(target=function)
    thread.start()
    thread.join()


def fetch() -> Any:
    """What an application does."""
    return CLIENT.get("k")


def careless(context: contextvars.Context) -> Any:
    """What an application does, in some context: it swallows."""
    try:
        return context.run(CLIENT.get, "k")
    except tripwire.SandboxNotActiveError:
        return "refused"


@needs_threads
class OlderThreadTest(unittest.TestCase):
    """A thread that outlives its test is named, with what is known of it."""

    def refused(self, context: Callable[[], Any]) -> str:
        """Call from a thread that was alive before a test began; give what it was told."""
        calls: queue.Queue[Any] = queue.Queue()
        told: queue.Queue[str] = queue.Queue()

        def work() -> None:
            for call in iter(calls.get, None):
                try:
                    told.put(repr(call()))
                except Exception as error:
                    told.put(str(error))

        thread = threading.Thread(target=work, name="refresher")
        thread.start()
        text = ""
        try:
            calls.put(context)
            told.get()
            with self.assertRaises(tripwire.SwallowedViolationError), tripwire.strict():
                calls.put(fetch)
                text = told.get()
        finally:
            calls.put(None)
            thread.join()
        return text

    def test_one_that_was_alive_before_the_test_began(self) -> None:
        """Nothing else is known of it."""
        text = self.refused(lambda: None)
        self.assertIn("\n    thread: refresher, alive before this test began\n", text)

    def test_one_that_called_in_an_earlier_test(self) -> None:
        """That test is named."""

        @tripwire.strict
        def earlier() -> None:
            tripwire.memcache.expect("GET", returns=b"v", key="k")
            with tripwire.sandbox():
                # As in a plain thread: without the context of the test.
                contextvars.Context().run(fetch)

        text = self.refused(earlier)
        self.assertIn("alive before this test began; it called in OlderThreadTest.test", text)
        self.assertIn(".earlier\n", text)

    def test_one_that_an_earlier_test_started(self) -> None:
        """That test is named, inside a sandbox of the innocent one, too."""
        for sandbox in (contextlib.nullcontext, tripwire.sandbox):
            texts = self.told(sandbox)
            self.assertRegex(
                texts,
                r"\n    thread: straggler, alive before this test began; "
                r"it was started in OlderThreadTest\.told\.<locals>\.earlier\n",
            )
            # A sandbox of this test's would be of no use to it.
            advice = "\n\nStop the thread and join it in the test that started it, so that"
            self.assertEqual(advice in texts, "outside any sandbox" in texts, texts)
            self.assertNotIn("with self.sandbox():", texts)

    def told(self, sandbox: Callable[[], ContextManager[Any]]) -> str:
        """Call from a thread that an earlier test has started; give what it was told."""
        texts: List[str] = []
        go_on = threading.Event()

        def work() -> None:
            go_on.wait(10)
            try:
                fetch()
            except Exception as error:
                texts.append(str(error))

        thread = threading.Thread(target=work, name="straggler")

        @tripwire.strict
        def earlier() -> None:
            thread.start()

        earlier()
        with self.assertRaises(tripwire.SwallowedViolationError), tripwire.strict(), sandbox():
            go_on.set()
            thread.join()
        return texts[0]

    def test_one_that_the_test_itself_started(self) -> None:
        """Only its name is told."""
        texts: List[str] = []

        def work() -> None:
            with self.assertRaises(tripwire.SandboxNotActiveError) as caught:
                fetch()
            texts.append(str(caught.exception))

        with tripwire.strict():
            thread = threading.Thread(target=work, name="worker")
            thread.start()
            thread.join()
        self.assertIn("\n    thread: worker\n", texts[0])


class ContextTest(unittest.TestCase):
    """What a context does not know is asked of the process."""

    def test_context_of_a_test_that_is_over_takes_no_mock_of_the_next(self) -> None:
        """A call made there is refused, and in nobody's report."""
        contexts: List[contextvars.Context] = []
        with tripwire.strict():
            contexts.append(contextvars.copy_context())
        verifier, memcache = by_hand()
        memcache.mock_command("GET", returns=b"v", required=False)
        with verifier.sandbox():
            with self.assertRaises(tripwire.SandboxNotActiveError) as caught:
                contexts[0].run(CLIENT.get, "k")
            self.assertIn("after its test had ended", str(caught.exception))
        with tripwire.strict():
            self.assertEqual(careless(contexts[0]), "refused")
        memcache.assert_no_calls()
        verifier.verify_all()

    @needs_sockets
    def test_context_of_a_test_that_is_over_is_free_when_nothing_is_intercepted(self) -> None:
        """A replacement that was kept calls the original then."""
        contexts: List[contextvars.Context] = []
        with tripwire.strict() as verifier, verifier.sandbox():
            kept = type(CLIENT).get
        with tripwire.strict():
            contexts.append(contextvars.copy_context())
        ours, theirs = socket.socketpair()
        with ours, theirs:
            CLIENT.sock = ours
            self.addCleanup(setattr, CLIENT, "sock", None)
            theirs.sendall(b"END\r\n")
            self.assertIsNone(contexts[0].run(kept, CLIENT, "k"))

    def test_task_that_began_in_one_sandbox_calls_in_the_next(self) -> None:
        """Of the same test, whose mocks it takes."""
        with tripwire.strict() as verifier:
            tripwire.memcache.expect("GET", returns=b"v", key="k")
            with verifier.sandbox():
                context = contextvars.copy_context()
            with verifier.sandbox():
                self.assertEqual(context.run(CLIENT.get, "k"), b"v")

    def test_late_call_of_a_test_that_is_over_is_refused_alone(self) -> None:
        """It raises, and neither this test nor the next is told."""
        verifier, _ = by_hand()
        with verifier.sandbox():
            late = [contextvars.copy_context()]
        verifier.verify_all()
        with tripwire.strict() as verifier, verifier.sandbox():
            late.append(contextvars.copy_context())
        with tripwire.strict():
            self.assertEqual([careless(context) for context in late], ["refused"] * 2)
        verifier.verify_all()
        verifier.verify_all()

    @needs_threads
    def test_module_left_in_another_context_closes_the_innermost(self) -> None:
        """The outer ones stay open."""
        module: Any = tripwire
        with tripwire.strict() as verifier:
            outer, middle, inner = (verifier.sandbox() for _ in range(3))
            with outer, middle, inner:
                in_thread(lambda: module.__exit__(None, None, None))
                states = [sandbox.is_open for sandbox in (outer, middle, inner)]
                self.assertEqual(states, [True, True, False])

    @needs_threads
    def test_end_of_an_inner_test_gives_the_context_back(self) -> None:
        """Also while another thread has a test, so that no test is the only one."""
        begun, over = threading.Event(), threading.Event()

        @tripwire.strict
        def elsewhere() -> None:
            begun.set()
            over.wait()

        thread = threading.Thread(target=elsewhere)
        thread.start()
        begun.wait()
        try:
            with tripwire.strict() as outer:
                with tripwire.strict() as inner:
                    self.assertIs(tripwire.current_verifier(), inner)
                self.assertIs(tripwire.current_verifier(), outer)
        finally:
            over.set()
            thread.join()
