"""What the tests of orders share: a counter that loses a visit, and one that does not."""

from __future__ import annotations

import threading
from typing import Any, Callable, List

from pymemcache.client.base import Client

from tests.support.cases import SERVER
from tests.support.platform import needs_threads
from tripwire import InterleavingError, TripwireTestCase


def client(**options: Any) -> Any:
    """A client of a worker's own; its writes wait for their answers."""
    return Client(SERVER, default_noreply=False, **options)


def count_visit() -> None:
    """Lose a visit, if somebody comes in between."""
    cache = client()
    visits = int(cache.get("visits"))
    cache.set("visits", visits + 1)


def count_well() -> None:
    """Let memcached count."""
    client().incr("visits", 1)


@needs_threads
class OrdersTestCase(TripwireTestCase):
    """A strict test that leaves no thread behind."""

    def setUp(self) -> None:
        """Note the threads."""
        super().setUp()
        before = set(threading.enumerate())
        self.addCleanup(lambda: self.assertEqual(set(threading.enumerate()) - before, set()))

    def visits(self, *workers: Callable[[], Any]) -> Callable[[Any], None]:
        """A scenario: all visits are counted."""

        def scenario(together: Any) -> None:
            store = self.memcache.store({"visits": b"0"})
            together(*workers)
            self.assertEqual(store["visits"], b"%d" % len(workers))

        return scenario

    def found(self, scenario: Any, **options: Any) -> InterleavingError:
        """The order in which a scenario fails."""
        with self.assertRaises(InterleavingError) as caught:
            self.memcache.interleave(scenario, **options)
        return caught.exception

    def steps(self, *workers: Callable[[], Any]) -> List[str]:
        """What workers do in the first order, as a report tells it: they fail after all."""

        def scenario(together: Any) -> None:
            self.memcache.store({"a": 1, "b": 2})
            together(*workers)
            self.fail("to be told of it")

        return [text for _, text in self.found(scenario).steps if text != "(begins)"]
