"""Mistakes that cache code makes are found, mended code is not blamed: SPECIFICATION 42."""

from __future__ import annotations

from typing import Any, Callable, List, Tuple, Type

from tests.orders.catalogue import Entry, Worker
from tests.orders.catalogue_counters import COUNTERS
from tests.orders.catalogue_fills import FILLS
from tests.orders.catalogue_locks import LOCKS
from tests.support.platform import needs_threads
from tripwire import InterleavingError, TripwireTestCase

ENTRIES: Tuple[Type[Entry], ...] = (*COUNTERS, *LOCKS, *FILLS)
CASES = [(kind, backwards) for kind in ENTRIES for backwards in (False, True)]


@needs_threads
class CatalogueTest(TripwireTestCase):
    """Each entry, with its workers in both orders."""

    def scenario(
        self, kind: Type[Entry], workers: Callable[[Entry], List[Worker]], backwards: bool
    ) -> Callable[[Any], None]:
        """A scenario of an entry."""

        def scenario(together: Any) -> None:
            entry = kind()
            store = self.memcache.store(entry.items)
            step = -1 if backwards else 1
            results = together(*workers(entry)[::step])[::step]
            self.assertTrue(entry.is_right(store, results), (store.items(), results))

        return scenario

    def test_every_mistake_is_found_and_the_order_alone_shows_it(self) -> None:
        """With as few interruptions as it takes."""
        for kind, backwards in CASES:
            with self.subTest(kind.__name__, backwards=backwards):
                self.find(kind, self.scenario(kind, lambda entry: entry.broken(), backwards))

    def find(self, kind: Type[Entry], scenario: Callable[[Any], None]) -> None:
        """Find the mistake of an entry."""
        with self.assertRaises(InterleavingError) as found:
            self.memcache.interleave(scenario)
        with self.assertRaises(InterleavingError) as again:
            self.memcache.interleave(scenario, only=found.exception.schedule)
        self.assertEqual(again.exception.steps, found.exception.steps)
        with self.assertRaises(InterleavingError) as few:
            self.memcache.interleave(scenario, preemptions=kind.preemptions)
        self.assertEqual(few.exception.schedule, found.exception.schedule)
        if kind.preemptions:
            self.memcache.interleave(scenario, preemptions=kind.preemptions - 1)

    def test_nothing_is_found_where_nothing_is(self) -> None:
        """In all orders."""
        for kind, backwards in CASES:
            with self.subTest(kind.__name__, backwards=backwards):
                self.memcache.interleave(
                    self.scenario(kind, lambda entry: entry.mended(), backwards)
                )

    def test_there_are_enough_of_them(self) -> None:
        """Each says what it is."""
        self.assertGreaterEqual(len(ENTRIES), 15)
        for kind in ENTRIES:
            self.assertTrue(kind.__doc__)
