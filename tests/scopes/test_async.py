"""Tasks: which sandbox a call belongs to, wherever asyncio runs it, and when it comes too late.

SPECIFICATION 15.
"""

from __future__ import annotations

import asyncio
import functools
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import Context, copy_context
from typing import Any, Awaitable, Callable, List

from pymemcache.client.base import Client

import tripwire
from tests.support.cases import CLIENT, ByHandTestCase, by_hand
from tests.support.platform import needs_event_loop, needs_threads
from tripwire import (
    SandboxNotActiveError,
    SwallowedViolationError,
    UnmockedInteractionError,
    Violation,
)


async def fetch(key: str = "k") -> Any:
    """What an async application does."""
    await asyncio.sleep(0)
    return CLIENT.get(key)


async def careless(key: str = "k") -> None:
    """What it does elsewhere: it swallows."""
    with suppress(Exception):
        await fetch(key)


class AsyncTest(ByHandTestCase):
    """A verifier by hand, and async code around it."""

    def mock(self) -> None:
        """Answer calls of the application's usual key."""
        self.memcache.mock_command("GET", key="k", returns=b"v", times=None, required=False)

    def recorded(self) -> List[str]:
        """The keys of all calls that were recorded."""
        return [interaction.fields["key"] for interaction in self.verifier.interactions]

    def swallowed(self) -> List[Violation]:
        """The violations that verification finds."""
        with self.assertRaises(SwallowedViolationError) as caught:
            self.verifier.verify_all()
        return list(caught.exception.violations)


class WhereTest(AsyncTest):
    """Wherever a loop runs a call, the sandbox around it is meant."""

    @needs_event_loop
    def test_executors_are_mocked(self) -> None:
        """`asyncio.to_thread` carries the context over, `run_in_executor` does not."""

        async def body() -> List[Any]:
            loop = asyncio.get_running_loop()
            async with self.verifier.sandbox():
                carried = await asyncio.to_thread(CLIENT.get, "k")
                return [carried, await loop.run_in_executor(None, CLIENT.get, "k")]

        self.mock()
        self.assertEqual(asyncio.run(body()), [b"v", b"v"])
        self.assertEqual(self.recorded(), ["k", "k"])

    @needs_event_loop
    def test_tasks_and_callbacks_are_mocked(self) -> None:
        """They have the context of who started them."""

        async def body() -> List[Any]:
            loop = asyncio.get_running_loop()
            called = loop.create_future()
            async with self.verifier.sandbox():
                loop.call_soon(lambda: called.set_result(CLIENT.get("k")))
                return list(await asyncio.gather(fetch(), asyncio.ensure_future(fetch()), called))

        self.mock()
        self.assertEqual(asyncio.run(body()), [b"v"] * 3)

    @needs_event_loop
    def test_sandboxes_of_two_tasks_do_not_mix(self) -> None:
        """Both are open at once; each task uses its own."""

        async def one(reply: bytes) -> Any:
            verifier, memcache = by_hand()
            memcache.expect("GET", key="k", returns=reply)
            async with verifier.sandbox():
                got = await fetch()
                await asyncio.sleep(0)
            verifier.verify_all()
            return got

        async def body() -> List[Any]:
            return list(await asyncio.gather(one(b"a"), one(b"b")))

        self.assertEqual(asyncio.run(body()), [b"a", b"b"])

    @needs_event_loop
    def test_module_works_in_tasks(self) -> None:
        """`async with tripwire` opens and closes the sandbox of its own task."""

        async def one(key: str) -> None:
            async with tripwire:  # type: ignore[attr-defined]  # a module, to the checker
                tripwire.memcache.expect("GET", key=key, returns=key.encode())
                self.assertEqual(await fetch(key), key.encode())

        @tripwire.strict
        async def body() -> None:
            await asyncio.gather(one("a"), one("b"))
            with self.assertRaises(SandboxNotActiveError):
                await fetch()

        asyncio.run(body())

    def test_sandbox_can_be_left_in_another_context_than_it_was_entered_in(self) -> None:
        """As async fixtures do; afterwards neither context believes that it is open."""
        entered, left = copy_context(), copy_context()
        sandbox = self.verifier.sandbox()
        self.mock()
        entered.run(sandbox.__enter__)
        self.assertEqual(entered.run(CLIENT.get, "k"), b"v")
        self.assertEqual(left.run(CLIENT.get, "k"), b"v")
        left.run(sandbox.__exit__, None, None, None)
        self.assertFalse(hasattr(Client, "sock"))
        for context in (entered, left):
            with self.subTest(entered=context is entered):
                context.run(self.reopen)

    def reopen(self) -> None:
        """Use a sandbox, and leave it, where another was left before."""
        with self.verifier.sandbox():
            self.assertEqual(CLIENT.get("k"), b"v")


class LateTest(AsyncTest):
    """A task that outlives its sandbox."""

    @needs_event_loop
    def test_late_task_is_told_and_found(self) -> None:
        """Created inside, finished after, while something else is intercepted."""

        async def body() -> None:
            async with self.verifier.sandbox():
                task = asyncio.ensure_future(careless())
            async with by_hand().verifier.sandbox():
                await task

        asyncio.run(body())
        (violation,) = self.swallowed()
        self.assertIs(violation.error, SandboxNotActiveError)
        self.assertIn("after its sandbox had closed", violation.message)

    @needs_event_loop
    def test_sandbox_that_is_open_again_is_no_longer_late(self) -> None:
        """The task's own sandbox has been entered again."""

        async def body() -> Any:
            sandbox = self.verifier.sandbox()
            async with sandbox:
                task = asyncio.ensure_future(fetch())
            async with sandbox:
                return await task

        self.mock()
        self.assertEqual(asyncio.run(body()), b"v")

    def test_task_without_a_context_uses_the_open_one(self) -> None:
        """An empty context is like a plain thread's."""
        self.mock()
        with self.verifier.sandbox():
            self.assertEqual(Context().run(CLIENT.get, "k"), b"v")


class CatcherTest(AsyncTest):
    """Who catches a violation in async code."""

    def awaited(self, awaitable: Callable[[], Awaitable[Any]]) -> None:
        """Run in a sandbox, with a loop that prints nothing."""

        async def body() -> None:
            asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
            async with self.verifier.sandbox():
                await awaitable()

        # In a thread, because coverage loses count of the frames into which asyncio throws.
        with ThreadPoolExecutor(1) as pool:
            pool.submit(asyncio.run, body()).result()

    @needs_threads
    def test_caught_where_it_was_awaited(self) -> None:
        """Whoever awaits the task and swallows is named, not the task."""

        async def waiting() -> None:
            task = asyncio.ensure_future(fetch())
            with suppress(Exception):
                await task

        self.awaited(waiting)
        (violation,) = self.swallowed()
        assert violation.caught_by is not None
        self.assertEqual((violation.caught_by.function, violation.lost), ("waiting", False))

    @needs_threads
    def test_task_that_nobody_awaits_got_no_further(self) -> None:
        """However its coroutine lets the violation pass."""

        async def through_with() -> None:
            with suppress(KeyError):
                await fetch("with")

        async def through_finally() -> None:
            try:
                await fetch("finally")
            finally:
                await asyncio.sleep(0)

        async def raising_again() -> None:
            try:
                await fetch("again")
            except Exception:
                raise

        async def raising_it() -> None:
            try:
                await fetch("it")
            except Exception as error:
                raise error

        lost = [through_with, through_finally, raising_again, raising_it]

        async def forgetting() -> None:
            await asyncio.wait([asyncio.ensure_future(each()) for each in lost])

        self.awaited(forgetting)
        self.assertEqual(
            {
                (each.caught_by.function, each.lost)
                for each in self.swallowed()
                if each.caught_by is not None
            },
            {(each.__name__, True) for each in lost},
        )

    @needs_event_loop
    def test_nested_coroutine_of_the_test_catches_nothing_by_dying(self) -> None:
        """It belongs to the test, and may catch; a task that was lost has not."""

        @tripwire.strict
        async def test() -> None:
            async def lost() -> None:
                with suppress(KeyError):
                    await fetch("lost")

            async def caught() -> None:
                with suppress(AssertionError):
                    await fetch("caught")

            # asyncio would print what it found, when the task is collected.
            asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
            async with tripwire.sandbox():
                await asyncio.wait([asyncio.ensure_future(each()) for each in (lost, caught)])

        with self.assertRaises(SwallowedViolationError) as raised:
            asyncio.run(test())
        (violation,) = raised.exception.violations
        self.assertIn("'lost'", violation.message)

    @needs_threads
    def test_gathered_exceptions_that_nobody_looks_at_are_found(self) -> None:
        """`return_exceptions=True` swallows like any other."""
        self.awaited(functools.partial(asyncio.gather, fetch(), return_exceptions=True))
        (violation,) = self.swallowed()
        self.assertTrue(violation.lost)

    @needs_threads
    def test_awaited_violation_that_left_the_sandbox_is_settled(self) -> None:
        """Through a task, an executor, `gather`."""

        async def in_thread() -> None:
            await asyncio.to_thread(CLIENT.get, "k")

        async def in_task() -> None:
            await asyncio.ensure_future(fetch())

        async def gathered() -> None:
            await asyncio.gather(fetch())

        for each in (in_thread, in_task, gathered):
            with self.subTest(each.__name__):
                self.assertRaises(UnmockedInteractionError, self.awaited, each)
                self.verifier.verify_all()
