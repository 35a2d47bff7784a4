"""`@strict` makes one strict test of each call of a function.

SPECIFICATION 28.
"""

from __future__ import annotations

import asyncio
import inspect
import re
import unittest
from contextlib import suppress
from typing import Any, AsyncIterator, Iterator, List, Tuple

from pymemcache.client.base import Client

import tripwire
from tests.support.cases import CLIENT
from tests.support.platform import needs_event_loop


def load(key: str) -> Any:
    """Read a key, and make nothing of any fault, as code around a cache does."""
    with suppress(Exception):
        return CLIENT.get(key)
    return None


def round_trip(key: str = "k") -> Any:
    """Mock, make and assert one call in the test that is running."""
    tripwire.memcache.expect("GET", key=key, returns=key.encode())
    with tripwire.sandbox():
        return CLIENT.get(key)


class DecoratorTest(unittest.TestCase):
    """`@tripwire.strict` and `@tripwire.strict()`, on plain and async functions."""

    def test_function_is_called_as_it_was(self) -> None:
        """Arguments go in, the result comes out, the name and the docstring stay."""

        @tripwire.strict
        def bare(key: str, *rest: int, **more: int) -> Tuple[Any, ...]:
            """Tell."""
            return round_trip(key), rest, more

        @tripwire.strict()
        def called(key: str, *rest: int, **more: int) -> Tuple[Any, ...]:
            """Tell."""
            return round_trip(key), rest, more

        for function in (bare, called):
            self.assertEqual(function("a", 1, 2, b=3), (b"a", (1, 2), {"b": 3}))
            self.assertEqual(function("again"), (b"again", (), {}))
            self.assertEqual(function.__doc__, "Tell.")
        self.assertEqual((bare.__name__, called.__name__), ("bare", "called"))

    @needs_event_loop
    def test_async_function_stays_one(self) -> None:
        """To whoever asks, and when it is awaited."""

        @tripwire.strict
        async def bare(key: str) -> Any:
            await asyncio.sleep(0)
            return round_trip(key)

        @tripwire.strict()
        async def called(key: str, *, required: bool = True) -> None:
            """Tell."""
            tripwire.memcache.mock_command("SET", returns=True, required=required)

        self.assertTrue(inspect.iscoroutinefunction(bare))
        self.assertEqual((called.__name__, called.__doc__), ("called", "Tell."))
        self.assertEqual(asyncio.run(bare("a")), b"a")
        asyncio.run(called("a", required=False))
        with self.assertRaises(tripwire.UnusedMocksError):
            asyncio.run(called("a"))

    @needs_event_loop
    def test_each_call_is_a_test_of_its_own(self) -> None:
        """Recursion and concurrency included."""
        seen: List[tripwire.StrictVerifier] = []

        @tripwire.strict
        def recurse(depth: int) -> None:
            seen.append(tripwire.current_verifier())
            for _ in range(depth):
                recurse(depth - 1)
            self.assertEqual(round_trip(), b"k")

        @tripwire.strict
        async def task(name: str) -> Any:
            seen.append(tripwire.current_verifier())
            tripwire.memcache.mock_command("GET", returns=name.encode())
            with tripwire.sandbox():
                await asyncio.sleep(0)
                value = load(name)
            await asyncio.sleep(0)
            tripwire.memcache.assert_get("GET", name)
            return value

        async def tasks() -> List[Any]:
            return await asyncio.gather(*map(task, "abc"))

        recurse(2)
        self.assertEqual(asyncio.run(tasks()), [b"a", b"b", b"c"])
        self.assertEqual(len({id(verifier) for verifier in seen}), len(seen))

    def test_options_of_the_decorator_are_the_blocks(self) -> None:
        """Each call has them."""

        @tripwire.strict(allow_real_memcached=True, impossible_replies="allow")
        def body() -> bool:
            tripwire.memcache.mock_command("INCR", returns="five", required=False)
            return "sock" in vars(Client)

        self.assertFalse(body())

    def test_options_are_given_by_name(self) -> None:
        """Only what is decorated is not."""
        build: Any = tripwire.strict
        self.assertRaises(TypeError, build, None, True)

    def test_what_the_function_itself_catches_is_settled(self) -> None:
        """It is the test; what it calls is not."""

        @tripwire.strict
        def catching() -> None:
            with tripwire.sandbox():
                try:
                    CLIENT.get("k")
                except tripwire.UnmockedInteractionError:
                    return

        @tripwire.strict
        def calling() -> None:
            with tripwire.sandbox():
                load("k")

        catching()
        self.assertRaises(tripwire.SwallowedViolationError, calling)

    def test_coroutine_of_a_plain_function_is_refused(self) -> None:
        """It would run when the test is over."""

        async def body() -> None:
            """Nobody awaits it."""

        @tripwire.strict
        def test() -> Any:
            return body()

        with self.assertRaisesRegex(TypeError, "decorate the async function itself"):
            test()

    @needs_event_loop
    def test_only_plain_and_async_functions_are_decorated(self) -> None:
        """What would run outside the test, or never, is refused at once."""

        def lazy() -> Iterator[int]:
            yield 1

        async def lazy_too() -> AsyncIterator[int]:
            yield 1

        async def read() -> List[int]:
            return [number async for number in lazy_too()]

        self.assertEqual(list(lazy()), [1])
        self.assertEqual(asyncio.run(read()), [1])
        for wrong in (lazy, lazy_too, DecoratorTest, "function", 7):
            function: Any = wrong
            with self.subTest(wrong=wrong), self.assertRaises(TypeError) as caught:
                tripwire.strict(function)
            self.assertIn(repr(wrong), str(caught.exception))
            with self.assertRaises(TypeError):
                tripwire.strict()(function)


class TracebackTest(unittest.TestCase):
    """What unittest prints of a test that fails has no line of ours."""

    def printed(self, test: Any) -> List[str]:
        """The functions whose lines are printed."""
        result = unittest.FunctionTestCase(test).run()
        assert result is not None
        [(_, text)] = result.failures
        return re.findall(r'^  File ".*", line \d+, in (\w+)$', text, re.M)

    def test_finding(self) -> None:
        """Of a block, the line of its `with`; of a function, none."""

        @tripwire.strict
        def function() -> None:
            tripwire.memcache.mock_command("GET", returns=b"v")

        def block() -> None:
            with tripwire.strict():
                tripwire.memcache.mock_command("GET", returns=b"v")

        self.assertEqual(self.printed(function), [])
        self.assertEqual(self.printed(block)[0], "block")

    def test_violation(self) -> None:
        """It ends where the code called."""

        @tripwire.strict
        def function() -> None:
            with tripwire.sandbox():
                CLIENT.get("k")

        def block() -> None:
            with tripwire.strict() as verifier, verifier.sandbox():
                CLIENT.get("k")

        for test in (function, block):
            with self.subTest(test.__name__):
                self.assertEqual(self.printed(test), [test.__name__])
