"""What the tests of faults share: a strict test with a client, and what its sweeps find."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Sequence, Tuple

from pymemcache.client.base import Client
from pymemcache.exceptions import MemcacheError

from tests.support.cases import SERVER
from tripwire import SweepError, TripwireTestCase


class SweepTestCase(TripwireTestCase):
    """A strict test with a client that waits for answers, and lasts from round to round."""

    def setUp(self) -> None:
        """Build the client."""
        super().setUp()
        self.client: Any = Client(SERVER, default_noreply=False)

    def failures(self, scenario: Callable[[], Any], **options: Any) -> List[str]:
        """The rounds that go wrong."""
        return [each.only for each in self.error(scenario, **options).failures]

    def error(self, scenario: Callable[[], Any], **options: Any) -> SweepError:
        """What a sweep finds."""
        with self.assertRaises(SweepError) as caught:
            self.memcache.sweep(scenario, **options)
        return caught.exception

    def refused(self, kind: Any, scenario: Any, **options: Any) -> str:
        """What is said of a sweep that finds nothing, because something is wrong with it."""
        with self.assertRaises(kind) as caught:
            self.memcache.sweep(scenario, **options)
        self.assertNotIsInstance(caught.exception, AssertionError)
        return str(caught.exception)

    def seen(
        self, items: Any, act: Callable[[], Any], names: Sequence[str], **options: Any
    ) -> Dict[str, Tuple[Any, Dict[Any, Any]]]:
        """What a caller gets and a server holds in the round of each of some faults.

        An exception is given by its class.
        """
        rounds: List[Tuple[Any, Dict[Any, Any]]] = []

        def scenario() -> None:
            store = self.memcache.store(items)
            try:
                result = act()
            except (OSError, MemcacheError) as error:
                result = type(error)
            held = {key: item.value for key, item in store.items().items()}
            rounds.append((result, held))

        found = {}
        for only in names:
            self.memcache.sweep(scenario, only=only, **options)
            found[only] = rounds[-1]
        self.assertEqual(len(rounds), 3 * len(names))
        return found
