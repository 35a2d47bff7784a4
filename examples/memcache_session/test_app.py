"""The profile cache, tested down to the bytes that it would send."""

from __future__ import annotations

import unittest

from pymemcache.client.base import Client

import tripwire

from app import cache_user_profile, get_user_profile

ALICE = '{"name": "Alice"}'


class UserProfileTest(tripwire.TripwireTestCase):
    """Hit, miss, write, and a server that cannot be reached."""

    def setUp(self) -> None:
        """Build a client as production does."""
        super().setUp()
        self.client = Client(("localhost", 11211))

    def test_hit_gives_the_cached_profile(self) -> None:
        """What memcached has comes back as text."""
        self.memcache.mock_command("GET", returns=ALICE.encode())
        with self.sandbox():
            profile = get_user_profile(self.client, "42")
        self.assertEqual(profile, ALICE)
        self.memcache.assert_get(command="GET", key="profile:42")

    def test_miss_gives_none(self) -> None:
        """Where memcached has nothing, there is no profile."""
        self.memcache.mock_command("GET", returns=tripwire.MISS)
        with self.sandbox():
            profile = get_user_profile(self.client, "42")
        self.assertIsNone(profile)
        self.memcache.assert_get(command="GET", key="profile:42")

    def test_write_keeps_the_profile_for_its_time(self) -> None:
        """Key, value and seconds are those that were meant."""
        self.memcache.mock_command("SET", returns=True)
        with self.sandbox():
            cache_user_profile(self.client, "42", ALICE, ttl=600)
        self.memcache.assert_set(command="SET", key="profile:42", value=ALICE.encode(), expire=600)

    def test_unreachable_server_is_not_hidden(self) -> None:
        """Whoever asks for a profile learns that the cache is down."""
        self.memcache.mock_command("GET", raises=ConnectionError("memcached unreachable"))
        with self.sandbox(), self.assertRaises(ConnectionError):
            get_user_profile(self.client, "42")
        self.memcache.assert_get(command="GET", key="profile:42")


if __name__ == "__main__":
    unittest.main()
