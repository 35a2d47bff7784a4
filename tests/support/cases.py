"""What most tests begin with: a client, and a verifier with its plugin, built by hand."""

from __future__ import annotations

import unittest
from typing import Any, List, NamedTuple, Tuple, Type

from pymemcache.client.base import Client

from tripwire import MemcachePlugin, StrictVerifier, TripwireTestCase

SERVER = ("localhost", 11211)

CLIENT: Any = Client(SERVER)
"""A client of the application's: it lives longer than any test, and is never connected."""


class ByHand(NamedTuple):
    """A verifier and its plugin, as a test uses them that is no `TripwireTestCase`."""

    verifier: StrictVerifier
    memcache: MemcachePlugin


def by_hand(**options: Any) -> ByHand:
    """Build a verifier, and its plugin with some options."""
    verifier = StrictVerifier()
    return ByHand(verifier, MemcachePlugin(verifier, **options))


def run(case: Type[unittest.TestCase]) -> unittest.TestResult:
    """Run all tests of a class, with its class fixtures."""
    result = unittest.TestResult()
    unittest.TestSuite([unittest.defaultTestLoader.loadTestsFromTestCase(case)]).run(result)
    return result


class ByHandTestCase(unittest.TestCase):
    """A plain test with a verifier of its own, and a class that ends as it was found."""

    def setUp(self) -> None:
        """Remember the class; build the verifier, its plugin and a client."""
        super().setUp()
        self.addCleanup(self.assert_as_found, list(vars(Client).items()))
        self.verifier, self.memcache = by_hand()
        self.client: Any = Client(SERVER)

    def assert_as_found(self, found: List[Tuple[str, Any]]) -> None:
        """`Client` has the same attributes, each the same object, in the same order."""
        now = list(vars(Client).items())
        self.assertEqual([name for name, _ in now], [name for name, _ in found])
        for (name, value), (_, before) in zip(now, found):
            self.assertIs(value, before, name)


class ClientTestCase(TripwireTestCase):
    """A strict test with a client."""

    def setUp(self) -> None:
        """Build a client of the test's own."""
        super().setUp()
        self.client: Any = Client(SERVER)
