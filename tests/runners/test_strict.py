"""`with strict():` makes one strict test of a block.

SPECIFICATION 28.
"""

from __future__ import annotations

import asyncio
import unittest
from contextlib import suppress
from typing import Any, Generator, Tuple, Type

from pymemcache.client.base import Client

import tripwire
from tests.support.cases import CLIENT
from tests.support.platform import needs_event_loop
from tests.support.swallowing import Frozen, skip_without_cache
from tripwire import (
    NoActiveVerifierError,
    SandboxNotActiveError,
    StrictVerifier,
    SwallowedViolationError,
    UnassertedInteractionsError,
    UnmockedInteractionError,
    UnusedMocksError,
)


def load(key: str) -> Any:
    """Read a key, and make nothing of any fault, as code around a cache does."""
    with suppress(Exception):
        return CLIENT.get(key)
    return None


def translate(key: str) -> Any:
    """Read a key, and make a fault one's own."""
    try:
        return CLIENT.get(key)
    except AssertionError as violation:
        raise ValueError(key) from violation


def round_trip(key: str = "k") -> Any:
    """Mock, make and assert one call in the test that is running."""
    tripwire.memcache.mock_command("GET", returns=key.encode())
    with tripwire.sandbox():
        value = CLIENT.get(key)
    tripwire.memcache.assert_get("GET", key)
    return value


class StrictCase(unittest.TestCase):
    """After each test there is no test running, and `Client` is as it was."""

    def tearDown(self) -> None:
        """See that nothing is left."""
        super().tearDown()
        self.assertRaises(NoActiveVerifierError, tripwire.current_verifier)
        self.assertFalse("sock" in vars(Client))


class BlockTest(StrictCase):
    """`with tripwire.strict() as verifier:` is a test."""

    def test_block_has_a_verifier_and_a_plugin(self) -> None:
        """Both are found through the module, too."""
        with tripwire.strict() as verifier:
            self.assertIsInstance(verifier, StrictVerifier)
            self.assertIs(tripwire.current_verifier(), verifier)
            self.assertIs(tripwire.memcache.verifier, verifier)
            self.assertEqual(round_trip(), b"k")
        self.assertEqual(len(verifier.interactions), 1)

    def test_block_is_verified_at_its_end(self) -> None:
        """Each kind of finding is raised there."""
        with self.assertRaises(UnusedMocksError), tripwire.strict():
            tripwire.memcache.mock_command("GET", returns=b"v")
        with self.assertRaises(UnassertedInteractionsError), tripwire.strict():
            tripwire.memcache.mock_command("GET", returns=b"v")
            with tripwire.sandbox():
                load("k")
        with self.assertRaises(SwallowedViolationError), tripwire.strict(), tripwire.sandbox():
            load("k")

    def test_block_is_on_guard_outside_its_sandbox(self) -> None:
        """A command there is a violation."""
        with self.assertRaises(SandboxNotActiveError), tripwire.strict():
            CLIENT.get("k")
        with self.assertRaises(SwallowedViolationError), tripwire.strict():
            load("k")

    def test_guard_can_be_switched_off(self) -> None:
        """Then nothing is intercepted outside the sandbox."""
        with tripwire.strict(allow_real_memcached=True):
            self.assertFalse("sock" in vars(Client))
            self.assertEqual(round_trip(), b"k")
            self.assertFalse("sock" in vars(Client))

    def test_impossible_replies_can_be_allowed(self) -> None:
        """As in `MemcachePlugin`, with its check of the word."""
        with tripwire.strict(impossible_replies="allow"):
            tripwire.memcache.mock_command("INCR", returns="five", required=False)
        self.assertRaises(ValueError, tripwire.strict(impossible_replies="never").__enter__)

    def test_sandbox_left_open_is_closed_at_the_end(self) -> None:
        """Its own exit, later, does nothing."""
        with tripwire.strict():
            sandbox = tripwire.sandbox()
            sandbox.__enter__()
        self.assertFalse("sock" in vars(Client))
        sandbox.__exit__(None, None, None)

    def test_blocks_nest(self) -> None:
        """The inner one is the current test until it ends."""
        with tripwire.strict() as outer:
            tripwire.memcache.mock_command("GET", returns=b"outer")
            with tripwire.strict() as inner:
                self.assertEqual(round_trip(), b"k")
            self.assertIs(tripwire.current_verifier(), outer)
            with tripwire.sandbox():
                self.assertEqual(load("l"), b"outer")
            tripwire.memcache.assert_get("GET", "l")
        self.assertEqual((len(outer.interactions), len(inner.interactions)), (1, 1))

    def test_one_strict_can_be_used_again_and_inside_itself(self) -> None:
        """Each time it is another test."""
        strict = tripwire.strict()
        with strict as first:
            with strict as second:
                round_trip()
            round_trip()
        self.assertIsNot(first, second)
        self.assertEqual((len(first.interactions), len(second.interactions)), (1, 1))

    @needs_event_loop
    def test_block_may_be_async(self) -> None:
        """`async with` verifies as `with` does."""

        async def body(required: bool) -> Any:
            async with tripwire.strict() as verifier:
                self.assertIs(tripwire.current_verifier(), verifier)
                await asyncio.sleep(0)
                tripwire.memcache.mock_command("SET", returns=True, required=required)
                return round_trip()

        self.assertEqual(asyncio.run(body(required=False)), b"k")
        with self.assertRaises(UnusedMocksError):
            asyncio.run(body(required=True))


class FailingBodyTest(StrictCase):
    """The exception of a body stays what it is; a violation becomes the root of its causes."""

    def fail_with(self, error: BaseException, *, swallow: bool) -> None:
        """Run a body that fails, with findings of each other kind beside."""
        with self.assertRaises(type(error)) as caught, tripwire.strict():
            tripwire.memcache.mock_command("GET", returns=b"v", key="mocked", times=2)
            with tripwire.sandbox():
                load("mocked")
                if swallow:
                    load("swallowed")
            raise error
        self.assertIs(caught.exception, error)

    def test_consequences_are_kept_silent(self) -> None:
        """What is unused or not asserted says nothing new of a test that failed."""
        kinds: Tuple[Type[BaseException], ...] = (ZeroDivisionError, KeyboardInterrupt)
        for kind in kinds:
            error = kind("first")
            self.fail_with(error, swallow=False)
            self.assertIsNone(error.__cause__)

    def test_swallowed_violation_is_the_cause(self) -> None:
        """It may well be why the body failed."""
        error = AssertionError("None != b'v'")
        self.fail_with(error, swallow=True)
        cause = error.__cause__
        self.assertIs(type(cause), SwallowedViolationError)
        self.assertIn("'swallowed'", str(cause))

    def test_swallowed_violation_of_a_skipped_test_is_raised(self) -> None:
        """Nobody looks for the cause of a skip; what else is open says nothing new."""
        with self.assertRaises(SwallowedViolationError) as caught, tripwire.strict():
            tripwire.memcache.mock_command("GET", returns=b"v", key="never called")
            with tripwire.sandbox():
                load("swallowed")
            raise unittest.SkipTest("not here")
        self.assertIs(type(caught.exception), SwallowedViolationError)
        self.assertIs(type(caught.exception.__context__), unittest.SkipTest)

    def test_skip_shows_nothing_of_what_it_was_raised_from(self) -> None:
        """Code that skips because of a violation swallows it."""
        with self.assertRaises(SwallowedViolationError), tripwire.strict(), tripwire.sandbox():
            skip_without_cache()

    def test_generator_that_is_closed_raises_what_was_found(self) -> None:
        """It has not failed, so nothing is a consequence."""

        def fixture() -> Generator[None, None, None]:
            with tripwire.strict():
                tripwire.memcache.mock_command("GET", returns=b"v")
                with tripwire.sandbox():
                    load("k")
                yield

        begun = fixture()
        next(begun)
        self.assertRaises(UnassertedInteractionsError, begun.close)

    def test_error_that_refuses_attributes_is_not_replaced(self) -> None:
        """A frozen dataclass, for one; the violation is its cause all the same."""
        error = Frozen("k")
        self.fail_with(error, swallow=True)
        self.assertIs(type(error.__cause__), SwallowedViolationError)

    def test_error_with_a_cause_of_its_own_kind_is_not_replaced(self) -> None:
        """A property of its class takes nothing, and shows what it likes."""

        class Sealed(Exception):
            @property
            def __cause__(self) -> None:  # type: ignore[override]  # this is what is tested
                return None

        self.fail_with(Sealed(), swallow=True)

    def test_causes_that_the_error_has_are_kept(self) -> None:
        """The violation goes below the last of them."""
        error, inner = ValueError("outer"), KeyError("inner")
        error.__cause__ = inner
        self.fail_with(error, swallow=True)
        self.assertIs(error.__cause__, inner)
        self.assertIs(type(inner.__cause__), SwallowedViolationError)

    def test_violation_that_propagates_is_no_second_finding(self) -> None:
        """It comes out as itself, and so does what was raised from it."""
        for call, kind in ((CLIENT.get, UnmockedInteractionError), (translate, ValueError)):
            with self.assertRaises(kind) as caught, tripwire.strict(), tripwire.sandbox():
                call("k")
            root = caught.exception.__cause__ or caught.exception
            self.assertIs(type(root), UnmockedInteractionError)
            self.assertIsNone(root.__cause__)
