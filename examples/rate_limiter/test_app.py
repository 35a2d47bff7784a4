"""The rate limiter over a store, where windows end when the test says so."""

from __future__ import annotations

import unittest

from pymemcache.client.base import Client

import tripwire

from app import allow

KEY = "rate:10.0.0.7"


class RateLimiterTest(tripwire.TripwireTestCase):
    """Three requests a minute."""

    def setUp(self) -> None:
        """Have a memcached that holds nothing."""
        super().setUp()
        self.store = self.memcache.store()

    def ask(self, times: int = 1) -> list[bool]:
        """Make requests inside a sandbox."""
        client = Client(("localhost", 11211))
        with self.sandbox():
            return [allow(client, "10.0.0.7", limit=3, seconds=60) for _ in range(times)]

    def test_first_request_opens_the_window(self) -> None:
        """The count starts at one and lasts for the window."""
        self.assertEqual(self.ask(), [True])
        self.store.assert_items({KEY: tripwire.Item(b"1", expire=60)})

    def test_last_request_within_the_limit_passes(self) -> None:
        """The limit itself is still allowed, and one more is one too many."""
        self.assertEqual(self.ask(4), [True, True, True, False])
        self.store.assert_items({KEY: tripwire.Item(b"4", expire=60)})

    def test_later_requests_do_not_prolong_the_window(self) -> None:
        """It ends a minute after the first one, and the next one opens another."""
        self.ask(4)
        self.store.advance(59)
        self.assertEqual(self.ask(), [False])
        self.store.advance(1)
        self.assertEqual(self.ask(), [True])
        self.store.assert_items({KEY: tripwire.Item(b"1", expire=60)})

    def test_window_that_ends_in_between_begins_again(self) -> None:
        """A count that vanished between ADD and INCR is not an error."""
        self.ask(3)
        self.memcache.meanwhile("INCR", lambda: self.store.advance(60))
        self.assertEqual(self.ask(), [True])
        self.store.assert_items({KEY: tripwire.Item(b"1", expire=60)})


if __name__ == "__main__":
    unittest.main()
