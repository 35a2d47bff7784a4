"""One node of two goes down, and pymemcache's own failover is watched over the mocks."""

from __future__ import annotations

import unittest

import tripwire

from app import connect, read_through

NORTH = ("north.internal", 11211)
SOUTH = ("south.internal", 11211)

# The cluster hashes this key to NORTH, while NORTH lives.
KEY = "front-page"


class FailoverTest(tripwire.TripwireTestCase):
    """The real HashClient hashes, retries, buries and moves on."""

    def test_key_lives_on_one_node(self) -> None:
        """While both nodes are well, only the key's own is asked."""
        self.memcache.mock_command("GET", returns=b"news", server=NORTH)
        with self.sandbox():
            value = read_through(connect([NORTH, SOUTH]), KEY, load=self.fail)
        self.assertEqual(value, b"news")
        self.memcache.assert_get(command="GET", key=KEY, server=NORTH)

    def test_other_node_takes_over(self) -> None:
        """A node is asked, retried once, marked dead in a last vain try, and then left out."""
        # Below zero: the next try may follow within the same tick of the clock.
        cluster = connect([NORTH, SOUTH], seconds_between_tries=-1)
        self.memcache.mock_command("GET", raises=ConnectionRefusedError(), server=NORTH, times=3)
        self.memcache.mock_command("GET", returns=b"news", server=SOUTH)
        with self.assertLogs("pymemcache.client.hash", "DEBUG") as log, self.sandbox():
            values = [read_through(cluster, KEY, load=lambda: b"loaded") for _ in range(4)]
        self.assertEqual(values, [b"loaded", b"loaded", b"loaded", b"news"])
        self.assertEqual(
            [record.getMessage() for record in log.records],
            [f"retrying failed server: {NORTH}", f"marking server as dead: {NORTH}"],
        )
        for server in (NORTH, NORTH, NORTH, SOUTH):
            self.memcache.assert_get(command="GET", key=KEY, server=server)


if __name__ == "__main__":
    unittest.main()
