"""A module of three classes and twelve tests, with not one assertion about memcached.

SOURCE is what `tests/accept/test_command_line.py` writes to the disk.
"""

from __future__ import annotations

SOURCE = '''\
# -*- coding: utf-8 -*-
"""Tests of a shop: prices, a basket, and a lock."""

import unittest
from unittest import mock

import tripwire
from pymemcache.client.base import Client
from pymemcache.client.hash import HashClient

client = Client(("cache", 11211), key_prefix=b"shop:")
german = Client(("cache", 11211), allow_unicode_keys=True)
cluster = HashClient([("cache-1", 11211), ("cache-2", 11211)])


def price(item):
    cached = client.get(item)
    if cached is not None:
        return int(cached)
    client.set(item, b"20", expire=300)
    return 20


def put_into(basket, *items):
    for item in items:
        client.append(basket, item.encode() + b",", noreply=False) or client.set(
            basket, item.encode() + b","
        )
    return client.get(basket).decode().split(",")[:-1]


def locked(name, work):
    if not client.add(name, b"1", expire=10, noreply=False):
        return False
    try:
        work()
    finally:
        client.delete(name)
    return True


class PriceTest(tripwire.TripwireTestCase):
    """The price of one thing."""

    def test_hit(self):
        self.memcache.mock_command("GET", returns=b"7")
        with self.sandbox():
            self.assertEqual(price("tea"), 7)

    def test_miss(self):
        with self.sandbox():
            self.assertEqual(price("tea"), 20)
            # The second time it is there.
            self.assertEqual(price("tea"), 20)

    def test_down(self):
        self.memcache.mock_command("GET", raises=ConnectionRefusedError)
        with self.assertRaises(ConnectionRefusedError):
            price_or_none = None
            with self.sandbox():
                try:
                    price_or_none = price("tea")
                except ConnectionRefusedError as error:
                    refused = error
            self.assertIsNone(price_or_none)
            raise refused

    def test_both(self):
        with self.sandbox(): price("tea"); price("milk")

    @mock.patch("builtins.print")
    def test_several(self, printed):
        for _ in range(2):
            with self.subTest("grün"):
                with self.sandbox():
                    german.delete("grün")
                printed("done")


class BasketTest(tripwire.TripwireTestCase, unittest.IsolatedAsyncioTestCase):
    """Several things."""

    def test_first(self):
        with tripwire:
            self.assertEqual(put_into("b", "tea"), ["tea"])

    def test_second(self):
        with self.verifier.sandbox() as verifier, \\
                self.subTest():
            self.assertEqual(put_into("b", "tea", "milk"), ["tea", "milk"])
        self.assertEqual(len(verifier.interactions), 4)

    async def test_async(self):
        async with self.sandbox():
            self.assertEqual(put_into("b", "tea"), ["tea"])

    def test_cluster(self):
        def everything():
            return cluster.get_many(["a", "b", "c"])

        with self.sandbox():
            cluster.set_many({"a": b"1"})
            self.assertEqual(everything(), {"a": b"1"})


class LockTest(unittest.TestCase):
    """Without a test case of tripwire's."""

    @tripwire.strict
    def test_free(self):
        with tripwire.sandbox():
            self.assertTrue(locked("lock", lambda: client.incr("n", 1)))

    def test_taken(self):
        with tripwire.strict() as verifier:
            with verifier.sandbox():
                self.assertTrue(client.add("lock", b"1", noreply=False))
                self.assertFalse(locked("lock", self.fail))

    @tripwire.strict(impossible_replies="allow")
    def test_twice(self):
        with tripwire:
            locked("lock", lambda: None)
        with tripwire:
            locked("lock", lambda: None)


if __name__ == "__main__":
    unittest.main()
'''
