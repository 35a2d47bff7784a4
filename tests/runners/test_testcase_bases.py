"""`TripwireTestCase` is a mixin: what stands beside it goes on as it did.

SPECIFICATION 25.
"""

from __future__ import annotations

import asyncio
import unittest
from contextlib import suppress
from typing import Any, ClassVar, List, Type
from unittest import mock

from pymemcache.client.base import Client

import tripwire
from tests.support.cases import CLIENT, run
from tests.support.platform import needs_event_loop
from tripwire import TripwireTestCase


class OtherBasesTest(unittest.TestCase):
    """Fixtures of classes, and of other bases."""

    def test_class_fixtures_use_the_real_client(self) -> None:
        """Its connection is untouched by the tests between them."""
        network = mock.Mock()
        connection = network.socket.return_value
        connection.recv.return_value = b"STORED\r\n"

        class Inner(TripwireTestCase):
            client: ClassVar[Any] = Client("/run/memcached", socket_module=network)

            @classmethod
            def setUpClass(cls) -> None:
                cls.client.set("k", b"v", noreply=False)

            def test(self) -> None:
                self.memcache.expect("GET", key="k", returns=b"mocked")
                with self.sandbox():
                    self.assertEqual(self.client.get("k"), b"mocked")

            @classmethod
            def tearDownClass(cls) -> None:
                cls.client.set("k", b"", noreply=False)

        result = run(Inner)
        self.assertEqual(result.failures + result.errors, [])
        self.assertEqual(
            [call.args[0] for call in connection.sendall.call_args_list],
            [b"set k 0 0 1\r\nv\r\n", b"set k 0 0 0\r\n\r\n"],
        )
        self.assertEqual(network.socket.call_count, 1)

    def test_fixtures_of_another_base_run_too(self) -> None:
        """Before the test of ours begins and after it ends, as the order of bases says."""
        steps: List[str] = []

        class Base(unittest.TestCase):
            def setUp(self) -> None:
                super().setUp()
                steps.append("set up")

            def tearDown(self) -> None:
                steps.append("torn down")
                super().tearDown()

        class Inner(TripwireTestCase, Base):
            def test(self) -> None:
                self.memcache.mock_command("GET", returns=b"v")

        ((_, text),) = run(Inner).failures
        self.assertIn("UnusedMocksError", text)
        self.assertEqual(steps, ["set up", "torn down"])


async def fetch() -> Any:
    """What an async application does."""
    await asyncio.sleep(0)
    return CLIENT.get("k")


async def careless() -> None:
    """What it does elsewhere: it swallows."""
    with suppress(Exception):
        await fetch()


@needs_event_loop
class AsyncTest(unittest.TestCase):
    """With `IsolatedAsyncioTestCase`, in every async fixture."""

    def check(self, case: Type[TripwireTestCase], *failures: str) -> None:
        """Run a class; compare its failures, and see that there are no errors."""
        result = run(case)
        self.assertEqual(result.errors, [])
        self.assertEqual(len(result.failures), len(failures), result.failures)
        for (_, text), failure in zip(result.failures, failures):
            self.assertIn(failure, text)
        self.assertFalse(hasattr(Client, "sock"))

    def test_async_tests_are_tests(self) -> None:
        """Mocks, both kinds of `with`, the module, and assertions work in an async body."""

        class Inner(TripwireTestCase, unittest.IsolatedAsyncioTestCase):
            async def test(self) -> None:
                self.memcache.mock_command("GET", returns=b"v", times=2)
                async with self.sandbox():
                    self.assertEqual(await fetch(), b"v")
                with tripwire.sandbox():
                    self.assertEqual(await fetch(), b"v")
                self.memcache.assert_get("GET", "k")
                tripwire.memcache.assert_get("GET", "k")

            def test_plain(self) -> None:
                with self.sandbox():
                    self.assertRaises(AssertionError, CLIENT.get, "k")

            async def test_caught(self) -> None:
                async with self.sandbox():
                    with self.assertRaises(AssertionError):
                        await fetch()
                    with suppress(AssertionError):
                        await fetch()

        self.check(Inner)

    def test_sandbox_opened_in_any_fixture_holds_for_the_body(self) -> None:
        """The plain and the async ones, whose contexts differ on old Pythons."""

        class SetUp(TripwireTestCase, unittest.IsolatedAsyncioTestCase):
            def setUp(self) -> None:
                super().setUp()
                sandbox = self.sandbox()
                sandbox.__enter__()
                self.addCleanup(sandbox.__exit__, None, None, None)

            async def test(self) -> None:
                self.memcache.expect("GET", key="k", returns=b"v")
                self.assertEqual(await fetch(), b"v")

        class AsyncSetUp(TripwireTestCase, unittest.IsolatedAsyncioTestCase):
            async def asyncSetUp(self) -> None:
                await super().asyncSetUp()
                sandbox = self.sandbox()
                await sandbox.__aenter__()
                self.addAsyncCleanup(sandbox.__aexit__, None, None, None)

            async def test(self) -> None:
                self.memcache.expect("GET", key="k", returns=b"v")
                self.assertEqual(await fetch(), b"v")

        self.check(SetUp)
        self.check(AsyncSetUp)

    def test_guard_holds_in_async_fixtures(self) -> None:
        """A call in any of them is outside the sandbox."""

        class Inner(TripwireTestCase, unittest.IsolatedAsyncioTestCase):
            async def test_body(self) -> None:
                await careless()

            async def test_cleanup(self) -> None:
                self.addAsyncCleanup(careless)

        class AsyncSetUp(TripwireTestCase, unittest.IsolatedAsyncioTestCase):
            async def asyncSetUp(self) -> None:
                await careless()

            async def test(self) -> None:
                """Only the fixture is of interest."""

        class AsyncTearDown(TripwireTestCase, unittest.IsolatedAsyncioTestCase):
            test = AsyncSetUp.test

            async def asyncTearDown(self) -> None:
                await careless()

        self.check(Inner, "SandboxNotActiveError", "SandboxNotActiveError")
        self.check(AsyncSetUp, "SandboxNotActiveError")
        self.check(AsyncTearDown, "SandboxNotActiveError")

    def test_forgotten_tear_down_is_made_up_for(self) -> None:
        """In the last cleanup, as in plain tests."""

        class Inner(TripwireTestCase, unittest.IsolatedAsyncioTestCase):
            async def test(self) -> None:
                self.memcache.mock_command("GET", returns=b"v")

            def tearDown(self) -> None:
                """Without super()."""

        self.check(Inner, "UnusedMocksError")

    def test_failing_async_test_is_one_failure(self) -> None:
        """What it left is a consequence; what it caught before was its own business."""

        class Inner(TripwireTestCase, unittest.IsolatedAsyncioTestCase):
            async def test(self) -> None:
                self.memcache.mock_command("SET", returns=True)
                with self.sandbox():
                    try:
                        await fetch()
                    except AssertionError:
                        self.memcache.mock_command("GET", returns=b"v")
                    try:
                        self.assertEqual(await fetch(), b"other")
                    finally:
                        await asyncio.sleep(0)

        self.check(Inner, "b'v' != b'other'")

    def test_debug_runs_async_tests(self) -> None:
        """And gives everything back."""

        class Inner(TripwireTestCase, unittest.IsolatedAsyncioTestCase):
            async def test(self) -> None:
                self.memcache.expect("GET", key="k", returns=b"v")
                with self.sandbox():
                    await fetch()

        Inner("test").debug()
        self.assertFalse(hasattr(Client, "sock"))
