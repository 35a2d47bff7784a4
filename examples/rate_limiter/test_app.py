"""The rate limiter at each turn that it can take."""

from __future__ import annotations

import unittest

from pymemcache.client.base import Client

import tripwire

from app import allow

KEY = "rate:10.0.0.7"


class RateLimiterTest(tripwire.TripwireTestCase):
    """Three requests a minute."""

    def ask(self) -> bool:
        """Make one request inside a sandbox."""
        with self.sandbox():
            return allow(Client(("localhost", 11211)), "10.0.0.7", limit=3, seconds=60)

    def assert_window_tried(self) -> None:
        """Assert the ADD that every request begins with."""
        self.memcache.assert_set(command="ADD", key=KEY, value=b"1", expire=60, noreply=False)

    def test_first_request_opens_the_window(self) -> None:
        """The count starts at one and lasts for the window."""
        self.memcache.mock_command("ADD", returns=True)
        self.assertTrue(self.ask())
        self.assert_window_tried()

    def test_last_request_within_the_limit_passes(self) -> None:
        """The limit itself is still allowed."""
        self.memcache.mock_command("ADD", returns=False)
        self.memcache.mock_command("INCR", returns=3)
        self.assertTrue(self.ask())
        self.assert_window_tried()
        self.memcache.assert_incr(command="INCR", key=KEY)

    def test_request_over_the_limit_is_refused(self) -> None:
        """One more than the limit is one too many."""
        self.memcache.mock_command("ADD", returns=False)
        self.memcache.mock_command("INCR", returns=4)
        self.assertFalse(self.ask())
        self.assert_window_tried()
        self.memcache.assert_incr(command="INCR", key=KEY)

    def test_window_that_ends_in_between_begins_again(self) -> None:
        """A count that vanished between ADD and INCR is not an error."""
        self.memcache.mock_command("ADD", returns=False)
        self.memcache.mock_command("INCR", returns=tripwire.MISS)
        self.memcache.mock_command("ADD", returns=True)
        self.assertTrue(self.ask())
        self.assert_window_tried()
        self.memcache.assert_incr(command="INCR", key=KEY)
        self.assert_window_tried()


if __name__ == "__main__":
    unittest.main()
