"""The greeting service: commands from worker threads belong to the test that caused them."""

from __future__ import annotations

import unittest

from pymemcache.client.base import PooledClient

import tripwire

from app import greet, name_of


class GreetingTest(tripwire.TripwireTestCase, unittest.IsolatedAsyncioTestCase):
    """An async test is written like any other."""

    def setUp(self) -> None:
        """Build a client that several threads may use at once."""
        super().setUp()
        self.client = PooledClient(("localhost", 11211))

    async def test_unknown_user_is_a_stranger(self) -> None:
        """A miss in the worker thread comes back as the default name."""
        self.memcache.mock_command("GET", returns=tripwire.MISS)
        async with self.sandbox():
            name = await name_of(self.client, 3)
        self.assertEqual(name, "stranger")
        self.memcache.assert_get(command="GET", key="name:3")

    async def test_everybody_is_greeted_in_one_go(self) -> None:
        """Threads may finish in any order, so mocks and assertions go by key."""
        self.memcache.mock_command("GET", returns=b"Ada", key="name:1")
        self.memcache.mock_command("GET", returns=b"Grace", key="name:2")
        async with self.sandbox():
            greeting = await greet(self.client, [1, 2])
        self.assertEqual(greeting, "Hello Ada, Grace!")
        with self.verifier.in_any_order():
            self.memcache.assert_get(command="GET", key="name:1")
            self.memcache.assert_get(command="GET", key="name:2")


if __name__ == "__main__":
    unittest.main()
