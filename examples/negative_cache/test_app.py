"""A negative entry spares the database, and runs out in time."""

from __future__ import annotations

import unittest

from pymemcache.client.base import Client

import tripwire

from app import NOBODY, find_user


class NegativeCacheTest(tripwire.TripwireTestCase):
    """The store's clock moves when the test says so, and not before."""

    def setUp(self) -> None:
        """Have an empty memcached, and an empty database that notes who was asked for."""
        super().setUp()
        self.store = self.memcache.store()
        self.database: dict[int, bytes] = {}
        self.asked: list[int] = []

    def load(self, number: int) -> bytes | None:
        """Ask the database."""
        self.asked.append(number)
        return self.database.get(number)

    def find(self, number: int) -> bytes | None:
        """Look a user up."""
        with self.sandbox():
            return find_user(Client(("localhost", 11211)), number, self.load)

    def test_user_who_is_there_is_loaded_once_an_hour(self) -> None:
        """The cache answers until then."""
        self.database[7] = b"Ada"
        for _ in range(3):
            self.assertEqual(self.find(7), b"Ada")
        self.assertEqual(self.asked, [7])
        self.store.assert_items({"user:7": tripwire.Item(b"Ada", expire=3600)})
        self.store.advance(3600)
        self.assertEqual(self.find(7), b"Ada")
        self.assertEqual(self.asked, [7, 7])
        self.store.assert_items({"user:7": tripwire.Item(b"Ada", expire=3600)})

    def test_user_who_is_not_there_is_remembered_for_a_minute(self) -> None:
        """Nobody asks the database meanwhile."""
        self.assertIsNone(self.find(7))
        self.store.advance(59)
        self.assertIsNone(self.find(7))
        self.assertEqual(self.asked, [7])
        self.store.assert_items({"user:7": tripwire.Item(NOBODY, expire=1)})

    def test_user_who_signs_up_is_found_within_a_minute(self) -> None:
        """The negative entry has run out."""
        self.assertIsNone(self.find(7))
        self.database[7] = b"Ada"
        self.assertIsNone(self.find(7))
        self.store.advance(60)
        self.assertEqual(self.find(7), b"Ada")
        self.store.assert_items({"user:7": tripwire.Item(b"Ada", expire=3600)})


if __name__ == "__main__":
    unittest.main()
