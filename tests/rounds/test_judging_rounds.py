"""What makes a round with a fault go wrong, and that nothing of it is left.

SPECIFICATION 38
"""

from __future__ import annotations

import itertools
import threading
import time
from contextlib import suppress
from typing import Any, List

from pymemcache.client.base import Client
from pymemcache.client.retrying import RetryingClient

from tests.rounds.sweeping import SweepTestCase
from tests.support.cases import SERVER, by_hand
from tests.support.platform import needs_threads
from tripwire import (
    FAULTS,
    InteractionMismatchError,
    MemcachePlugin,
    SweepError,
    UnusedMocksError,
    strict,
)


class WrongTest(SweepTestCase):
    """A round goes wrong."""

    def test_by_what_comes_out(self) -> None:
        """An exception that `raises` does not name, whatever it is."""

        def scenario() -> None:
            self.memcache.store()
            self.client.get("k")

        expected = ["1 down", "1 request lost", "1 answer lost", "1 answer cut"]
        self.assertEqual(self.failures(scenario), expected)
        self.assertEqual(self.failures(scenario, raises=OSError), ["1 answer cut"])
        self.assertEqual(self.failures(scenario, raises=[ConnectionError]), expected[1:])
        self.memcache.sweep(scenario, raises=Exception)
        self.memcache.sweep(scenario, raises=[OSError, Exception])

    def test_by_an_assertion(self) -> None:
        """`raises=Exception` does not mean it; `raises=AssertionError` does."""

        def scenario() -> None:
            store = self.memcache.store({"n": 7})
            with suppress(OSError):
                self.client.incr("n", 1)
            self.assertEqual(store["n"], b"8")

        expected = ["1 down", "1 request lost"]
        options: Any = {"faults": ("down", "request lost", "answer lost")}
        for raises in ((), Exception, (OSError, Exception)):
            self.assertEqual(self.failures(scenario, raises=raises, **options), expected)
        self.memcache.sweep(scenario, raises=AssertionError, **options)

    def test_by_a_process_that_ends(self) -> None:
        """A SystemExit, or a skip, is not what a fault should lead to."""
        for error in (SystemExit, self.skipTest):

            def scenario(error: Any = error) -> None:
                self.memcache.store()
                try:
                    self.client.get("k")
                except OSError:
                    raise_or_call(error)

            self.assertEqual(self.failures(scenario, faults=["down"]), ["1 down"])

    def test_by_what_is_returned(self) -> None:
        """Something else than without a fault, in value or type."""

        def scenario() -> Any:
            self.memcache.store({"n": 1})
            with suppress(OSError):
                return int(self.client.get("n"))
            return True

        error = self.error(scenario, faults=["down"])
        self.assertEqual(error.failures[0].what, "returned True, and 1 without a fault")
        self.assertIsNone(error.failures[0].error)
        self.assertIsNone(error.__cause__)

    def test_not_by_what_is_returned_where_that_differs_anyway(self) -> None:
        """A token, a time."""
        numbers = itertools.count()

        def scenario() -> Any:
            self.memcache.store()
            with suppress(OSError):
                self.client.get("k")
            return next(numbers)

        self.memcache.sweep(scenario, faults=["down"])

    def test_by_a_violation_that_was_swallowed(self) -> None:
        """Also where `raises` names everything."""

        def scenario() -> None:
            self.memcache.mock_command("GET", returns=b"v")
            try:
                self.client.get("k")
            except OSError:
                with suppress(Exception):
                    self.client.delete("k")

        error = self.error(scenario, faults=["down"], raises=Exception)
        self.assertIn("SwallowedViolationError", error.failures[0].what)
        self.assertIn("memcache.DELETE", error.failures[0].what)

    def test_by_what_its_own_line_raised(self) -> None:
        """Where that is not the fault, the error's text is told."""

        def scenario() -> None:
            self.memcache.mock_command("GET", returns=b"x")
            RetryingClient(self.client, attempts=2).get("k")

        error = str(self.error(scenario))
        self.assertIn("UnmockedInteractionError: memcache.GET(...) was called but no mock", error)

    def test_by_what_is_left(self) -> None:
        """With `stale=False`: neither what it is without a fault nor gone; flags count."""

        def scenario(flags: int = 0) -> None:
            self.memcache.store({"k": b"old", "other": b"o"})
            with suppress(OSError):
                self.client.set("k", b"old" if flags else b"new", flags=flags)

        options: Any = {"faults": ("down", "request lost", "answer lost", "evicted")}
        self.memcache.sweep(scenario, **options)
        error = self.error(scenario, stale=False, **options)
        self.assertEqual(
            [each.what for each in error.failures],
            [
                "stale=False forbids what is left of 'k' on localhost:11211:\n"
                "    b'old' for ever, and b'new' for ever without a fault"
            ]
            * 2,
        )
        error = self.error(lambda: scenario(5), stale=False, only="1 down")
        self.assertEqual(
            error.failures[0].what,
            "stale=False forbids what is left of 'k' on localhost:11211:\n"
            "    b'old' for ever, and Item(b'old', flags=5) for ever without a fault",
        )

    def test_by_what_is_left_beside_an_exception_that_may_come_out(self) -> None:
        """And by an item that is not there at all without a fault."""

        def scenario() -> None:
            self.memcache.store()
            try:
                self.client.get("k")
            except OSError:
                self.client.set("sorry", b"1", expire=60)
                raise

        error = self.error(scenario, faults=["down"], raises=OSError, stale=False)
        self.assertEqual(
            error.failures[0].what,
            "stale=False forbids what is left of 'sorry' on localhost:11211:\n"
            "    b'1' for 60 seconds, and nothing without a fault",
        )

    def test_not_by_what_waits_for_its_server(self) -> None:
        """An item that no server was asked for is what it is on one, and the other way round."""

        def scenario(looks: bool, after: bytes) -> None:
            self.memcache.store({"k": b"v"})
            try:
                self.client.get("other")
            except OSError:
                looks = not looks
            if looks:
                with suppress(OSError):
                    self.client.set("k", after)

        options: Any = {"faults": ("down", "request lost"), "stale": False}
        self.memcache.sweep(lambda: scenario(False, b"v"), **options)
        self.memcache.sweep(lambda: scenario(True, b"v"), **options)
        error = self.error(lambda: scenario(True, b"new"), only="1 down", **options)
        self.assertEqual(
            error.failures[0].what,
            "stale=False forbids what is left of 'k':\n"
            "    b'v' for ever, and b'new' for ever without a fault",
        )

    def test_not_by_what_is_left_where_that_differs_anyway(self) -> None:
        """Nor without a store."""
        numbers = itertools.count()

        def scenario() -> None:
            self.memcache.store()
            self.client.set("k", b"%d" % next(numbers))

        self.memcache.sweep(scenario, faults=["evicted", "down"], raises=OSError, stale=False)

        def mocked() -> None:
            self.memcache.mock_command("GET", returns=b"v")
            self.client.get("k")

        self.memcache.sweep(mocked, raises=Exception, stale=False)

    def test_by_waiting_for_ever(self) -> None:
        """For what nobody can do any more."""

        def scenario() -> None:
            self.memcache.store()
            try:
                self.client.get("k")
            except OSError:
                threading.Event().wait()

        error = self.error(scenario, faults=["down"], raises=BaseException)
        self.assertRegex(
            error.failures[0].what,
            r"\Athe scenario waits for what nobody can do any more\nat .*:\d+ in scenario\Z",
        )


def raise_or_call(error: Any) -> None:
    """End in some way."""
    if isinstance(error, type) and issubclass(error, BaseException):
        raise error
    error("no server")


class RoundsTest(SweepTestCase):
    """A round is a strict test in small."""

    def test_each_begins_anew(self) -> None:
        """Store, queues and timeline; mocks need not be used, nor interactions be asserted."""
        counts: List[int] = []

        def scenario() -> None:
            self.memcache.mock_command("DELETE", returns=True)
            self.memcache.store({"n": 0, "unasked": 1})
            counts.append(len(self.verifier.interactions))
            self.client.incr("n", 1)

        self.memcache.mock_command("GET", returns=b"the test's")
        memcache = self.memcache
        self.memcache.sweep(scenario, raises=Exception)
        self.assertIs(self.memcache, memcache)
        self.assertEqual(counts, [0] * 8)
        self.assertEqual(self.verifier.interactions, ())
        with self.sandbox():
            self.assertEqual(self.client.get("k"), b"the test's")
        self.memcache.assert_get("GET", "k")

    def test_assertions_are_allowed_at_any_time(self) -> None:
        """Though the round's sandbox is open; one that fails makes the round go wrong."""

        def scenario() -> None:
            store = self.memcache.store()
            with suppress(OSError):
                self.client.set("k", b"v")
            self.memcache.assert_set("SET", "k", b"v")
            store.assert_items({"k": b"v"})

        self.assertEqual(
            self.failures(scenario, faults=["request lost", "answer lost"]), ["1 request lost"]
        )

        def mismatch() -> None:
            self.memcache.store()
            self.client.get("k")
            self.memcache.assert_get("GET", "other")

        self.assertRaises(InteractionMismatchError, self.memcache.sweep, mismatch)

    def test_what_fails_without_a_fault_fails_as_it_is(self) -> None:
        """There is nothing to try then."""

        def scenario() -> None:
            self.memcache.store()
            self.client.get("k")
            raise ZeroDivisionError

        self.assertRaises(ZeroDivisionError, self.memcache.sweep, scenario)

        def skips() -> None:
            self.skipTest("not here")

        with self.assertRaises(Exception) as caught:
            self.memcache.sweep(skips)
        self.assertEqual(str(caught.exception), "not here")

    def test_time_is_the_stores(self) -> None:
        """Sleeping takes no real time, expiry goes by it, and it is the same in each round."""
        times: List[float] = []

        def scenario() -> None:
            began = time.time()
            time.sleep(0.25)
            store = self.memcache.store()
            time.sleep(0.25)
            with suppress(OSError):
                self.client.set("k", b"v", expire=3600)
            time.sleep(3599)
            store.advance(1)
            self.assertIsNone(self.client.get("k"))
            times.append(time.time() - began)

        real = time.monotonic()
        self.memcache.sweep(scenario, only="1 down")
        self.assertLess(time.monotonic() - real, 5)
        self.assertEqual(times, [3600.5] * 3)

    def test_store_may_follow_a_clock(self) -> None:
        """`time.time` is the round's."""

        def scenario() -> None:
            self.memcache.store(clock=time.time)
            with suppress(OSError):
                self.client.set("k", b"v", expire=60)
            time.sleep(61)
            self.assertIsNone(self.client.get("k"))

        self.memcache.sweep(scenario, only="1 answer lost")

    @needs_threads
    def test_threads_of_a_scenario_are_met(self) -> None:
        """As long as they call in the same order."""

        def scenario() -> None:
            self.memcache.store()
            for key in "ab":
                thread = threading.Thread(target=self.get, args=[key])
                thread.start()
                thread.join()

        self.memcache.sweep(scenario)

    def get(self, key: str) -> None:
        """Whatever happens."""
        with suppress(Exception):
            Client(SERVER).get(key)

    def test_open_sandbox_around_it_is_not_met(self) -> None:
        """Each round has its own."""

        def scenario() -> None:
            self.memcache.store()
            self.client.get("k")

        with self.sandbox():
            self.memcache.sweep(scenario, faults=["evicted", "down"], raises=OSError)
        self.assertEqual(self.verifier.interactions, ())


class PlacesTest(SweepTestCase):
    """Where a sweep can be called."""

    def scenario(self, memcache: MemcachePlugin) -> None:
        """One command."""
        memcache.store()
        Client(SERVER).get("k")

    def test_by_hand(self) -> None:
        """With a plugin of one's own."""
        verifier, memcache = by_hand()
        with self.assertRaises(SweepError) as caught:
            memcache.sweep(lambda: self.scenario(memcache))
        self.assertEqual(caught.exception.rounds, 4)
        verifier.verify_all()

    def test_in_strict(self) -> None:
        """In a block, whose own mocks are asked for as ever."""
        with self.assertRaises(UnusedMocksError), strict() as verifier:
            memcache: Any = verifier.plugins["memcache"]
            memcache.mock_command("SET", returns=True)
            memcache.sweep(lambda: self.scenario(memcache), raises=Exception)

    def test_faults_are_named(self) -> None:
        """As `tripwire.FAULTS`, all of which are tried where nothing is said."""
        self.assertEqual(
            FAULTS,
            ("down", "request lost", "answer lost", "answer cut", "server error", "evicted"),
        )
