"""The module itself is used: `with tripwire:`, `tripwire.memcache`, and who is current.

SPECIFICATION 28.
"""

from __future__ import annotations

import asyncio
import threading
import unittest
from typing import Any, Callable, Dict, List

import tripwire
from tests.support.cases import ClientTestCase, by_hand
from tests.support.platform import needs_event_loop, needs_threads
from tripwire import MemcachePlugin, NoActiveVerifierError, TripwireTestCase

# No checker knows that a module can be a context manager; `tripwire.sandbox()` is for them.
MODULE: Any = tripwire

USES: Dict[str, Callable[[], Any]] = {
    "tripwire.memcache": lambda: tripwire.memcache,
    "tripwire.current_verifier()": tripwire.current_verifier,
    "tripwire.sandbox()": tripwire.sandbox,
    "`with tripwire:`": MODULE.__enter__,
}


class ModuleTest(ClientTestCase):
    """In a test, the module stands for the test's verifier."""

    def test_plugin_and_verifier_are_the_tests(self) -> None:
        """By whichever name."""
        self.assertIs(tripwire.memcache, self.memcache)
        self.assertIs(tripwire.current_verifier(), self.verifier)
        self.assertIs(tripwire.memcache.verifier, self.verifier)

    def test_with_the_module_is_a_sandbox(self) -> None:
        """It gives the verifier, as each of the other spellings does."""
        spellings: List[Callable[[], Any]] = [
            lambda: MODULE,
            tripwire.sandbox,
            self.sandbox,
            self.verifier.sandbox,
        ]
        for number, spelling in enumerate(spellings):
            with self.subTest(number):
                self.memcache.mock_command("GET", returns=b"v")
                with spelling() as verifier:
                    self.assertIs(verifier, self.verifier)
                    self.assertEqual(self.client.get("k"), b"v")
                self.memcache.assert_get("GET", "k")

    def test_with_the_module_nests(self) -> None:
        """Each exit closes one sandbox, the innermost."""
        self.memcache.mock_command("GET", returns=b"v", times=2)
        with MODULE:
            with MODULE:
                self.client.get("a")
            self.client.get("b")
            with self.assertRaises(tripwire.AssertionInsideSandboxError):
                self.memcache.assert_get("GET", "a")
        self.memcache.assert_get("GET", "a")
        self.memcache.assert_get("GET", "b")

    def test_with_the_module_nests_in_other_sandboxes(self) -> None:
        """And leaves those alone."""
        other, memcache = by_hand()
        memcache.mock_command("GET", returns=b"other", times=2)
        self.memcache.expect("GET", key="k", returns=b"own")
        with other.sandbox():
            met = [self.client.get("k")]
            with MODULE:
                met.append(self.client.get("k"))
            met.append(self.client.get("k"))
        self.assertEqual(met, [b"other", b"own", b"other"])

    def test_with_the_module_keeps_the_exception_of_its_body(self) -> None:
        """And the sandbox is closed by it."""
        for kind in (ZeroDivisionError, KeyboardInterrupt):
            with self.assertRaises(kind), MODULE:
                raise kind
            self.memcache.assert_no_calls()

    def test_violation_that_leaves_it_is_settled(self) -> None:
        """The test has seen it."""
        with self.assertRaises(tripwire.UnmockedInteractionError), MODULE:
            self.client.get("k")

    def test_exit_of_a_closed_sandbox_does_nothing(self) -> None:
        """`close()` has done it before."""
        with MODULE:
            tripwire.sandbox().close()
            MODULE.__exit__(None, None, None)
        MODULE.__exit__(None, None, None)
        self.memcache.assert_no_calls()

    @needs_event_loop
    def test_async_with_the_module_is_a_sandbox(self) -> None:
        """In a task of the test."""
        self.memcache.expect("GET", key="k", returns=b"v")

        async def body() -> Any:
            async with MODULE as verifier:
                self.assertIs(verifier, self.verifier)
                await asyncio.sleep(0)
                return self.client.get("k")

        self.assertEqual(asyncio.run(body()), b"v")
        self.assertIs(self.verifier.interactions[0].asserted, True)

    @needs_threads
    def test_module_is_at_hand_in_threads_of_the_test(self) -> None:
        """Where there is one test, it is the current one everywhere."""
        found: List[Any] = []
        thread = threading.Thread(target=lambda: found.append(tripwire.memcache))
        thread.start()
        thread.join()
        self.assertEqual(found, [self.memcache])


class ElsewhereTest(unittest.TestCase):
    """Where no test is running, there is nothing for the module to stand for."""

    def assert_refused(self) -> None:
        """Assert that each use says what it is and what to do instead."""
        for use, take in USES.items():
            with self.subTest(use):
                with self.assertRaises(NoActiveVerifierError) as caught:
                    take()
                text = str(caught.exception)
                for advice in (use, "TripwireTestCase", "tripwire.strict()", "StrictVerifier"):
                    self.assertIn(advice, text)
                self.assertNotIsInstance(caught.exception, AssertionError)

    def test_module_refuses_outside_a_test(self) -> None:
        """With a sentence on what to do."""
        self.assert_refused()

    @needs_event_loop
    def test_async_with_the_module_refuses_outside_a_test(self) -> None:
        """As `with` does."""
        with self.assertRaises(NoActiveVerifierError):
            asyncio.run(MODULE.__aenter__())

    def test_module_refuses_beside_a_verifier_built_by_hand(self) -> None:
        """That one is nobody's test: its sandbox makes it no more current."""
        verifier, _ = by_hand()
        with verifier.sandbox():
            self.assert_refused()

    def test_module_refuses_after_a_test(self) -> None:
        """Nothing is left of it."""
        with tripwire.strict():
            self.assertIsInstance(tripwire.memcache, MemcachePlugin)
        self.assert_refused()
        case = TripwireTestCase("run")
        case.setUp()
        self.assertIs(tripwire.memcache, case.memcache)
        case.tearDown()
        self.assert_refused()

    @needs_threads
    def test_module_refuses_where_several_tests_could_be_meant(self) -> None:
        """In a thread that belongs to neither, it does not guess."""
        found: List[BaseException] = []

        def take() -> None:
            try:
                tripwire.current_verifier()
            except NoActiveVerifierError as error:
                found.append(error)

        def another_test() -> None:
            with tripwire.strict():
                both.wait()
                both.wait()

        # A test here and one in a thread, for as long as a second thread asks.
        both = threading.Barrier(2)
        test, asking = threading.Thread(target=another_test), threading.Thread(target=take)
        test.start()
        with tripwire.strict():
            both.wait()
            asking.start()
            asking.join()
            both.wait()
        test.join()
        self.assertEqual(len(found), 1)

    def test_unknown_names_are_attribute_errors(self) -> None:
        """The module is a module."""
        for name in ("memcached", "redis", "__wrapped__"):
            self.assertFalse(hasattr(tripwire, name))
        self.assertEqual(tripwire.__name__, "tripwire")
