"""Contexts that are copied, left elsewhere, or know of a test that is over.

SPECIFICATION 15.
"""

from __future__ import annotations

import contextvars
import threading
import unittest
from typing import Any, Callable, List

import tripwire
from tests.support.cases import CLIENT, by_hand


def in_thread(function: Callable[[], Any]) -> None:
    """Run a function in a plain thread, which has no context."""
    thread = threading.Thread(target=function)
    thread.start()
    thread.join()


def careless(context: contextvars.Context) -> Any:
    """What an application does, in some context: it swallows."""
    try:
        return context.run(CLIENT.get, "k")
    except tripwire.SandboxNotActiveError:
        return "refused"


class ContextTest(unittest.TestCase):
    """What a context does not know is asked of the process."""

    def test_context_of_a_test_that_is_over_knows_of_none(self) -> None:
        """A call made there belongs to the only sandbox that is open."""
        contexts: List[contextvars.Context] = []
        with tripwire.strict():
            contexts.append(contextvars.copy_context())
        verifier, memcache = by_hand()
        memcache.mock_command("GET", returns=b"v")
        with verifier.sandbox():
            self.assertEqual(contexts[0].run(CLIENT.get, "k"), b"v")
        memcache.assert_get("GET", "k")
        verifier.verify_all()

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

    def test_module_left_in_another_context_closes_the_innermost(self) -> None:
        """The outer ones stay open."""
        module: Any = tripwire
        with tripwire.strict() as verifier:
            outer, middle, inner = (verifier.sandbox() for _ in range(3))
            with outer, middle, inner:
                in_thread(lambda: module.__exit__(None, None, None))
                states = [sandbox.is_open for sandbox in (outer, middle, inner)]
                self.assertEqual(states, [True, True, False])

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
