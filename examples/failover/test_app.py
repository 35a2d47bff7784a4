"""One node of two goes down, and pymemcache's own failover is watched over a store."""

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
        store = self.memcache.store({KEY: b"news"})
        with self.sandbox():
            value = read_through(connect([NORTH, SOUTH]), KEY, load=self.fail)
        self.assertEqual(value, b"news")
        store.assert_items({KEY: b"news"}, server=NORTH)

    def test_other_node_takes_over(self) -> None:
        """A node is asked, retried once, marked dead in a last vain try, and then left out."""
        # Below zero: the next try may follow within the same tick of the clock.
        cluster = connect([NORTH, SOUTH], seconds_between_tries=-1)
        store = self.memcache.store()
        store.put(KEY, b"old news", server=SOUTH)
        log = self.assertLogs("pymemcache.client.hash", "DEBUG")
        with log as logged, self.sandbox(), self.memcache.outage(server=NORTH):
            values = [read_through(cluster, KEY, load=lambda: b"loaded") for _ in range(4)]
        self.assertEqual(values, [b"loaded", b"loaded", b"loaded", b"old news"])
        self.assertEqual(
            [record.getMessage() for record in logged.records],
            [f"retrying failed server: {NORTH}", f"marking server as dead: {NORTH}"],
        )
        asked = [interaction.server for interaction in self.verifier.interactions]
        self.assertEqual(asked, [NORTH, NORTH, NORTH, SOUTH])
        store.assert_items({KEY: b"old news"})


if __name__ == "__main__":
    unittest.main()
