"""The lock over a store: taken, refused, given back, and lost in between."""

from __future__ import annotations

import unittest

from pymemcache.client.base import Client

import tripwire

from app import acquire, release

KEY = "lock:report"
HELD = {KEY: tripwire.Item(b"worker-1", expire=30)}


class LockTest(tripwire.TripwireTestCase):
    """One of all who try gets the lock, and only the holder gives it back."""

    def setUp(self) -> None:
        """Have a memcached that holds nothing."""
        super().setUp()
        self.store = self.memcache.store()
        self.client = Client(("localhost", 11211))

    def acquire(self, owner: bytes) -> bool:
        """Try to take the lock for half a minute."""
        with self.sandbox():
            return acquire(self.client, "report", owner, lease=30)

    def release(self, owner: bytes) -> bool:
        """Give the lock back."""
        with self.sandbox():
            return release(self.client, "report", owner)

    def test_free_lock_is_taken(self) -> None:
        """The server holds our name, for as long as the lease is."""
        self.assertTrue(self.acquire(b"worker-1"))
        self.store.assert_items(HELD)

    def test_held_lock_is_refused(self) -> None:
        """Until it is given back."""
        self.assertTrue(self.acquire(b"worker-1"))
        self.assertFalse(self.acquire(b"worker-2"))
        self.assertTrue(self.release(b"worker-1"))
        self.assertTrue(self.acquire(b"worker-2"))
        self.store.assert_items({KEY: tripwire.Item(b"worker-2", expire=30)})

    def test_lease_runs_out(self) -> None:
        """Whoever holds it may have died."""
        self.assertTrue(self.acquire(b"worker-1"))
        self.store.advance(30)
        self.assertTrue(self.acquire(b"worker-2"))
        self.assertFalse(self.release(b"worker-1"))
        self.store.assert_items({KEY: tripwire.Item(b"worker-2", expire=30)})

    def test_lock_that_expired_is_left_alone(self) -> None:
        """There is nothing to give back."""
        self.assertTrue(self.acquire(b"worker-1"))
        self.store.advance(30)
        self.assertFalse(self.release(b"worker-1"))
        self.store.assert_items({})

    def test_lock_lost_between_the_two_commands_is_left_alone(self) -> None:
        """CAS notices a new holder, and says so."""
        self.assertTrue(self.acquire(b"worker-1"))

        def lose() -> None:
            self.store.advance(30)
            acquire(Client(("localhost", 11211)), "report", b"worker-2", lease=30)

        self.memcache.meanwhile("CAS", lose)
        self.assertFalse(self.release(b"worker-1"))
        self.store.assert_items({KEY: tripwire.Item(b"worker-2", expire=30)})

    def test_lock_is_asked_for_with_an_answer(self) -> None:
        """A mock shows what a store cannot: how it was asked. With noreply, all would get it."""
        self.memcache.expect("ADD", returns=False, key=KEY, value=b"me", expire=30, noreply=False)
        self.assertFalse(self.acquire(b"me"))


if __name__ == "__main__":
    unittest.main()
