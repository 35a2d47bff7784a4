"""The last verification comes after everything that belongs to the test."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import unittest
import warnings
from typing import Any, AsyncIterator, Iterator, List, Type

from pymemcache.client.base import Client

from tests.support.platform import needs_event_loop, needs_threads
from tripwire import SwallowedViolationError, TripwireTestCase

CLIENT = Client(("localhost", 11211))


def careless() -> None:
    """What the application does: nobody mocked it, and it swallows."""
    with contextlib.suppress(Exception):
        CLIENT.get("k")


def run(case: Type[TripwireTestCase]) -> List[str]:
    """Run the tests of a class; give the texts of what failed."""
    result = unittest.TestResult()
    result.buffer = True  # adding to a result after `stopTest` would crash
    unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
    return [text for _, text in result.failures + result.errors]


class LastCase(unittest.TestCase):
    """A test that swallows a violation at its very end."""

    def check(self, case: Type[TripwireTestCase]) -> None:
        """See that it fails for that."""
        (text,) = run(case)
        self.assertIn("SwallowedViolationError", text)
        self.assertIn("caught by", text)


class CleanupsTest(LastCase):
    """Cleanups that run after the first one of ours could be added."""

    def test_cleanup_that_was_added_before_set_up(self) -> None:
        """By the constructor, for instance."""

        class Inner(TripwireTestCase):
            def __init__(self, *args: Any) -> None:
                super().__init__(*args)
                self.addCleanup(careless)

            def test(self) -> None:
                """Nothing by itself."""

        self.check(Inner)

    def test_cleanup_that_a_cleanup_adds(self) -> None:
        """However late."""

        class Inner(TripwireTestCase):
            def test(self) -> None:
                self.addCleanup(lambda: self.addCleanup(careless))

        self.check(Inner)

    @needs_threads
    def test_executor_that_is_joined_at_the_end(self) -> None:
        """What its threads do until then belongs to the test."""

        class Inner(TripwireTestCase):
            def test(self) -> None:
                executor = concurrent.futures.ThreadPoolExecutor(1)
                self.addCleanup(executor.shutdown)
                self.addCleanup(executor.submit, careless)

        self.check(Inner)

    def test_debug_verifies_when_it_returns(self) -> None:
        """It runs cleanups in a way of its own."""

        class Inner(TripwireTestCase):
            def test(self) -> None:
                self.addCleanup(careless)

        with self.assertRaises(SwallowedViolationError):
            Inner("test").debug()


@needs_event_loop
class AsyncTest(LastCase):
    """What an event loop still holds is cancelled and awaited before the last verification."""

    def test_finally_of_a_task(self) -> None:
        """It runs when the loop would end."""

        class Inner(TripwireTestCase, unittest.IsolatedAsyncioTestCase):
            async def test(self) -> None:
                self.task = asyncio.ensure_future(forever())
                await asyncio.sleep(0)

        async def forever() -> None:
            try:
                await asyncio.sleep(3600)
            finally:
                careless()

        self.check(Inner)

    def test_tasks_that_a_task_begins_at_its_end(self) -> None:
        """They are cancelled and awaited, too; and those that a generator begins."""
        kept: List[Any] = []

        class Inner(TripwireTestCase, unittest.IsolatedAsyncioTestCase):
            async def test(self) -> None:
                kept.append(asyncio.ensure_future(beginning(3)))
                await asyncio.sleep(0)

        class Generating(TripwireTestCase, unittest.IsolatedAsyncioTestCase):
            async def test(self) -> None:
                kept.append(generate())
                await kept[-1].__anext__()

        async def beginning(number: int) -> None:
            try:
                await asyncio.sleep(3600)
            finally:
                if number:
                    kept.append(asyncio.ensure_future(beginning(number - 1)))
                    await asyncio.sleep(0)
                else:
                    careless()

        async def generate() -> AsyncIterator[int]:
            try:
                yield 1
            finally:
                kept.append(asyncio.ensure_future(beginning(1)))
                await asyncio.sleep(0)

        self.check(Inner)
        self.check(Generating)

    def test_task_that_always_begins_another_ends_with_the_test(self) -> None:
        """Nobody waits for ever: a hundred times before what else the loop holds, and after it."""
        begun: List[Any] = []

        class Inner(TripwireTestCase, unittest.IsolatedAsyncioTestCase):
            async def test(self) -> None:
                begun.append(asyncio.ensure_future(again()))
                await asyncio.sleep(0)

        async def again() -> None:
            try:
                await asyncio.sleep(3600)
            finally:
                if len(begun) <= 200:
                    begun.append(asyncio.ensure_future(again()))
                    await asyncio.sleep(0)

        result = unittest.TestResult()
        Inner("test").run(result)
        self.assertTrue(result.wasSuccessful())
        self.assertEqual(len(begun), 201)

    def test_finally_of_an_asynchronous_generator(self) -> None:
        """It runs when the loop would end, too."""
        left: List[AsyncIterator[int]] = []

        class Inner(TripwireTestCase, unittest.IsolatedAsyncioTestCase):
            async def test(self) -> None:
                left.append(numbers())
                await left[0].__anext__()

        async def numbers() -> AsyncIterator[int]:
            try:
                yield 1
            finally:
                careless()

        self.check(Inner)

    def test_executor_of_the_loop(self) -> None:
        """Its threads are joined."""

        class Inner(TripwireTestCase, unittest.IsolatedAsyncioTestCase):
            async def test(self) -> None:
                self.future = asyncio.get_running_loop().run_in_executor(None, careless)

        self.check(Inner)

    def test_task_that_fails_at_its_end_is_told_as_unittest_tells_it(self) -> None:
        """To the handler of the loop."""
        told: List[Any] = []

        class Inner(TripwireTestCase, unittest.IsolatedAsyncioTestCase):
            async def test(self) -> None:
                asyncio.get_running_loop().set_exception_handler(
                    lambda _, facts: told.append(facts)
                )
                self.task = asyncio.ensure_future(failing())
                await asyncio.sleep(0)

        async def failing() -> None:
            try:
                await asyncio.sleep(3600)
            finally:
                raise LookupError("late")

        self.assertEqual(run(Inner), [])
        ((error, message),) = [(facts["exception"], facts["message"]) for facts in told]
        self.assertIsInstance(error, LookupError)
        self.assertEqual(message, "unhandled exception during test shutdown")


class NobodyRunsTest(unittest.TestCase):
    """A test method that returns something which nobody runs is an error that says so."""

    def check(self, case: Type[TripwireTestCase], *parts: str) -> None:
        """See that its one test is an error with these words."""
        (text,) = run(case)
        for part in parts:
            self.assertIn(part, text)

    def test_coroutine_in_a_class_that_is_not_async(self) -> None:
        """It would pass, and test nothing."""

        class Inner(TripwireTestCase):
            async def test(self) -> None:
                self.fail("never met")  # pragma: no cover

        self.check(
            Inner,
            "TypeError: Inner.test returned a coroutine that nobody runs, so it tests nothing.",
            "Put unittest.IsolatedAsyncioTestCase behind TripwireTestCase among the bases.",
        )

    @needs_event_loop
    def test_generator(self) -> None:
        """In an async class as well."""

        class Inner(TripwireTestCase):
            def test(self) -> Iterator[None]:
                yield self.fail("never met")  # pragma: no cover

        class InnerAsync(TripwireTestCase, unittest.IsolatedAsyncioTestCase):
            async def test(self) -> AsyncIterator[None]:
                yield self.fail("never met")  # pragma: no cover

        for case in (Inner, InnerAsync):
            self.check(case, "test returned a generator that nobody runs", "Take the `yield` out")

    @needs_event_loop
    def test_coroutine_that_a_plain_method_of_an_async_class_returns(self) -> None:
        """Until Python 3.10 unittest awaits it; since then nobody does."""

        class Inner(TripwireTestCase, unittest.IsolatedAsyncioTestCase):
            def test(self) -> Any:
                return failing()

        async def failing() -> None:
            self.fail("reached")  # pragma: no cover - since Python 3.11 nobody awaits it

        (text,) = run(Inner)
        self.assertRegex(text, "reached|returned a coroutine that nobody runs")

    def test_other_values_are_unittests_business(self) -> None:
        """It warns of them from Python 3.11 on."""

        class Inner(TripwireTestCase):
            def test(self) -> Any:
                return 1

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            self.assertEqual(run(Inner), [])
