"""Prices under every fault: the change that is mended, and the report of one that is not."""

from __future__ import annotations

import unittest
from contextlib import suppress
from typing import Callable

from pymemcache.client.base import Client

import tripwire

from app import ERRORS, change_price, change_price_and_hope, price_of

Change = Callable[[Client, "dict[int, int]", int, int], None]

REPORT = """\
3 of 13 rounds with a fault went wrong:

                         down   request  answer  answer  server  evicted
                                lost     lost    cut     error
    1  DELETE 'price:7'  FAILS  FAILS    ok      ok      FAILS   ok
    2  GET 'price:7'     ok     ok       ok      ok      -       -
    3  SET 'price:7' b'20' expire=60 noreply
                         ok     ok       -       -       ok      -

    only="1 down", "1 request lost" or "1 server error":
        AssertionError: 10 != 20
        raised at test_app.py:45 in scenario
        DELETE from app.py:43 in change_price_and_hope"""


class PriceTest(tripwire.TripwireTestCase):
    """Whoever asks for a price is told what the table says."""

    def changing(self, change: Change) -> Callable[[], None]:
        """Return a scenario: a price is changed, and then asked for."""

        def scenario() -> None:
            self.memcache.store({"price:7": 10})
            client, table = Client(("localhost", 11211)), {7: 10}
            with suppress(*ERRORS):
                change(client, table, 7, 20)
            # Whether it was changed or not: an old price that was not changed is not stale.
            self.assertEqual(price_of(client, table, 7), table[7])

        return scenario

    def test_change_that_swallows_leaves_an_old_price(self) -> None:
        """Nobody is told, and the old price is sold for a minute, or for ever."""
        with self.assertRaises(tripwire.SweepError) as caught:
            self.memcache.sweep(self.changing(change_price_and_hope))
        self.assertEqual(str(caught.exception), REPORT)

    def test_change_under_every_fault(self) -> None:
        """Whichever command fails, and in whichever way."""
        self.memcache.sweep(self.changing(change_price))

    def test_change_without_a_server(self) -> None:
        """From whichever command on there is none."""
        self.memcache.sweep(self.changing(change_price), faults=["down"], persistent=True)

    def test_one_round_alone(self) -> None:
        """The argument that a report offers runs it again, to be looked at with a debugger."""
        with self.assertRaises(tripwire.SweepError):
            self.memcache.sweep(self.changing(change_price_and_hope), only="1 request lost")


if __name__ == "__main__":
    unittest.main()
