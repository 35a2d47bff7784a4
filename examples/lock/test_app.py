"""The lock: taken, refused, given back, and lost in between."""

from __future__ import annotations

import unittest

from pymemcache.client.base import Client

import tripwire

from app import AT_ONCE, acquire, release


class AcquireTest(tripwire.TripwireTestCase):
    """One of all who try gets the lock."""

    def attempt(self) -> bool:
        """Try to take the lock inside a sandbox, and assert the command that this takes."""
        with self.sandbox():
            taken = acquire(Client(("localhost", 11211)), "report", b"worker-1", lease=30)
        self.memcache.assert_set(
            command="ADD", key="lock:report", value=b"worker-1", expire=30, noreply=False
        )
        return taken

    def test_free_lock_is_taken(self) -> None:
        """The server stored our name."""
        self.memcache.mock_command("ADD", returns=True)
        self.assertTrue(self.attempt())

    def test_held_lock_is_refused(self) -> None:
        """The server has another name already."""
        self.memcache.mock_command("ADD", returns=False)
        self.assertFalse(self.attempt())


class ReleaseTest(tripwire.TripwireTestCase):
    """Only the holder gives the lock back."""

    def attempt(self) -> bool:
        """Give the lock back inside a sandbox, and assert the look that this begins with."""
        with self.sandbox():
            released = release(Client(("localhost", 11211)), "report", b"worker-1")
        self.memcache.assert_get(command="GETS", key="lock:report")
        return released

    def assert_dropped(self) -> None:
        """Assert the CAS that drops the item at once, if nobody touched it since the look."""
        self.memcache.assert_cas(
            command="CAS", key="lock:report", value=b"worker-1", cas=b"7", expire=AT_ONCE
        )

    def test_own_lock_is_given_back(self) -> None:
        """The item expires at once."""
        self.memcache.mock_command("GETS", returns=(b"worker-1", b"7"))
        self.memcache.mock_command("CAS", returns=True)
        self.assertTrue(self.attempt())
        self.assert_dropped()

    def test_lock_of_another_is_left_alone(self) -> None:
        """Nothing is written where the lease ran out and somebody else holds the lock."""
        self.memcache.mock_command("GETS", returns=(b"worker-2", b"9"))
        self.assertFalse(self.attempt())

    def test_lock_that_expired_is_left_alone(self) -> None:
        """Nothing is written where the lease ran out and nobody holds the lock."""
        self.memcache.mock_command("GETS", returns=tripwire.MISS)
        self.assertFalse(self.attempt())

    def test_lock_lost_between_the_two_commands_is_left_alone(self) -> None:
        """CAS notices a new holder, and says so."""
        self.memcache.mock_command("GETS", returns=(b"worker-1", b"7"))
        self.memcache.mock_command("CAS", returns=False)
        self.assertFalse(self.attempt())
        self.assert_dropped()


if __name__ == "__main__":
    unittest.main()
