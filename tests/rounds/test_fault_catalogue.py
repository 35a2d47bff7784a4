"""Code that a fault breaks is found, and code that it does not break is not blamed.

SPECIFICATION 36
"""

from __future__ import annotations

from typing import List

from tests.rounds import fault_catalogue, fault_catalogue_of_values
from tests.rounds.fault_catalogue import Pair
from tripwire import SweepError, TripwireTestCase

PAIRS: List[Pair] = [*fault_catalogue.PAIRS, *fault_catalogue_of_values.PAIRS]


class CatalogueTest(TripwireTestCase):
    """Each pair of the catalogue."""

    def test_there_are_many(self) -> None:
        """Each under a name of its own."""
        self.assertGreaterEqual(len({pair.name for pair in PAIRS}), 15)
        self.assertEqual(len({pair.name for pair in PAIRS}), len(PAIRS))

    def test_broken_ones_are_found(self) -> None:
        """By the fault that shows what is wrong, and again by that alone."""
        for pair in PAIRS:
            with self.subTest(pair.name):
                with self.assertRaises(SweepError) as caught:
                    self.memcache.sweep(pair.broken(self.memcache), **pair.options)
                self.assertIn(pair.found, [each.only for each in caught.exception.failures])
                with self.assertRaises(SweepError) as again:
                    options = {**pair.options, "only": pair.found}
                    self.memcache.sweep(pair.broken(self.memcache), **options)
                self.assertEqual(len(again.exception.failures), 1)

    def test_mended_ones_are_not_blamed(self) -> None:
        """Whatever befalls them."""
        for pair in PAIRS:
            with self.subTest(pair.name):
                self.memcache.sweep(pair.mended(self.memcache), **pair.options)
