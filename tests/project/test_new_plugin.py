"""A plugin of another kind, made as CONTRIBUTING.rst says: it works as memcache's does."""

from __future__ import annotations

import contextlib
import types
import unittest
from typing import Any, Callable, List, Mapping, Sequence, Tuple, cast
from unittest.mock import ANY

import tripwire
from tests.support.cases import CLIENT
from tripwire import Interaction, Location, MemcachePlugin, StrictVerifier
from tripwire._assertions import Wanted
from tripwire._scopes import find
from tripwire._timeline import Paste

CLOCK = types.SimpleNamespace(now=str)
"""What the plugin intercepts: a library with one function."""


class Reading(Interaction):
    """One call of the clock."""

    kind = "clock"

    def __init__(self, zone: str) -> None:
        self.command = "NOW"
        self.fields = {"zone": zone}
        self.server = "clock"
        self.request = b""
        self.location = Location("app.py", 7, "open_shop")
        self.thread = "MainThread"
        self.asserted = False
        self.expectation = None

    def paste(self, with_server: bool = False) -> Paste:
        """As every plugin's interactions."""
        return Paste(f"clock.assert_now({self.fields['zone']!r})", [])

    def knows(self, name: str) -> bool:
        """As every plugin's interactions."""
        return name in self.fields

    def pair(self, name: str, expected: Any) -> Tuple[Any, Any]:
        """As every plugin's interactions."""
        return expected, self.fields[name]

    def remarks(self, expected: Mapping[str, Any]) -> Sequence[str]:
        """As every plugin's interactions."""
        return ()


class Patch:
    """Puts a function in the place of the clock's."""

    def __init__(self) -> None:
        self._found = CLOCK.now

    def install(self) -> None:
        """As every patch."""
        CLOCK.now = lambda zone: find("clock").answer(zone)

    def remove(self) -> None:
        """As every patch."""
        CLOCK.now = self._found


class ClockPlugin:
    """Answers every call with noon, in each zone that it knows."""

    name = "clock"

    def __init__(self, verifier: StrictVerifier, *zones: str) -> None:
        self.patches = (Patch(),)
        self._verifier = verifier
        self._zones = zones
        verifier.register(cast(Any, self))

    def __getattr__(self, name: str) -> Callable[..., Tuple[()]]:
        """Of the rest that is asked of a plugin, it has nothing to say."""
        return lambda *asked: ()

    def answer(self, zone: str) -> str:
        """A call, met inside of a sandbox."""
        reading = Reading(zone)
        for gate in self._verifier.gates:
            gate(reading)
        if zone not in self._zones:
            error = tripwire.UnmockedInteractionError(f"no time in {zone}", command="NOW")
            self._verifier.violated(error)
            raise error
        self._verifier.state.timeline.record(reading)
        return "12:00"

    def assert_now(self, zone: str) -> None:
        """Assert the next interaction."""
        self._verifier.assert_next(Wanted("NOW", ("NOW",), {"zone": zone}))


class NewPluginTest(unittest.TestCase):
    """Beside that of memcache, on one verifier."""

    def setUp(self) -> None:
        """Build both."""
        self.verifier = StrictVerifier()
        self.memcache = MemcachePlugin(self.verifier)
        self.clock = ClockPlugin(self.verifier, "UTC")

    def call_both(self) -> None:
        """One call of each kind, in a sandbox."""
        self.memcache.mock_command("GET", returns=b"1")
        with self.verifier.sandbox():
            self.assertEqual((CLOCK.now("UTC"), CLIENT.get("k")), ("12:00", b"1"))

    def test_calls_stand_in_one_timeline(self) -> None:
        """And are asserted in its order; afterwards nothing is intercepted."""
        met: List[Any] = []
        self.verifier.gates.append(met.append)
        self.call_both()
        self.assertEqual(met, [ANY, ANY])
        self.assertEqual([each.kind for each in self.verifier.interactions], ["clock", "memcache"])
        with self.assertRaises(tripwire.InteractionMismatchError) as caught:
            self.memcache.assert_get("GET", "k")
        self.assertIn("    clock.assert_now('UTC')\n", str(caught.exception))
        self.clock.assert_now("UTC")
        self.memcache.assert_get("GET", "k")
        self.verifier.verify_all()
        self.assertIs(CLOCK.now, str)

    def test_report_counts_the_interactions_of_all(self) -> None:
        """And says so, where those that are open are of one kind."""
        self.call_both()
        self.clock.assert_now("UTC")
        with self.assertRaises(tripwire.UnassertedInteractionsError) as caught:
            self.verifier.verify_all()
        head = "1 of 2 clock and memcache interactions was not asserted."
        self.assertTrue(str(caught.exception).startswith(head), caught.exception)

    def test_no_calls_speaks_of_its_own(self) -> None:
        """What another plugin has met is none of memcache's."""
        with self.verifier.sandbox():
            CLOCK.now("UTC")
        self.memcache.assert_no_calls()
        self.clock.assert_now("UTC")

    def test_violations_are_remembered(self) -> None:
        """As memcache's are: a report says who swallowed one."""
        with self.verifier.sandbox(), contextlib.suppress(Exception):
            CLOCK.now("CET")
        with self.assertRaises(tripwire.SwallowedViolationError):
            self.verifier.verify_all()
