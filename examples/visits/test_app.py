"""No visit is lost, in whatever order the commands of two visitors reach memcached."""

from __future__ import annotations

import unittest
from typing import Any, Callable

import tripwire

from app import count_visit, count_visit_at_first

REPORT = """\
Order "aAbBBA" fails, after 5 orders:

       A                                   B
       (begins)
    1  GET 'visits:home': b'0'
                                           (begins)
    2                                      GET 'visits:home': b'0'
    3                                      SET 'visits:home' b'1' noreply:
                                             True
    4  SET 'visits:home' b'1' noreply:
         True

    AssertionError: b'1' != b'2'
        test_app.py:42 in scenario

This order alone: self.memcache.interleave(scenario, only="aAbBBA")"""


class VisitsTest(tripwire.TripwireTestCase):
    """Two visitors come at the same time."""

    maxDiff = None

    def visits(self, count_visit: Callable[[str], None]) -> Callable[[Any], None]:
        """A scenario: both are counted."""

        def scenario(together: Any) -> None:
            store = self.memcache.store()
            together(lambda: count_visit("home"), lambda: count_visit("home"))
            self.assertEqual(store["visits:home"], b"2")

        return scenario

    def test_no_visit_is_lost(self) -> None:
        """In all orders that can make a difference."""
        self.memcache.interleave(self.visits(count_visit))

    def test_how_it_was_at_first(self) -> None:
        """The same test finds the order that loses a visit, and fails for that one alone, too."""
        scenario = self.visits(count_visit_at_first)
        with self.assertRaises(tripwire.InterleavingError) as found:
            self.memcache.interleave(scenario)
        self.assertEqual(str(found.exception), REPORT)
        with self.assertRaises(tripwire.InterleavingError):
            self.memcache.interleave(scenario, only="aAbBBA")


if __name__ == "__main__":
    unittest.main()
