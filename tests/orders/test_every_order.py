"""A scenario is run once for each order that matters, each time as new: SPECIFICATION 40."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import unittest
from typing import Any, Callable, List
from unittest import mock

import tripwire
from tests.orders.cases import OrdersTestCase, client, count_visit, count_well
from tests.support.cases import ByHandTestCase
from tests.support.platform import needs_threads
from tripwire import (
    AssertionInsideSandboxError,
    InterleavingError,
    SwallowedViolationError,
    UnassertedInteractionsError,
    UnmockedInteractionError,
    UnusedMocksError,
)


class OrdersTest(OrdersTestCase):
    """In a TripwireTestCase."""

    def test_a_lost_visit_is_found(self) -> None:
        """By the first order that shows it, which can be run alone."""
        scenario = self.visits(count_visit, count_visit)
        error = self.found(scenario)
        self.assertEqual((error.schedule, error.orders), ("aAbBBA", 5))
        self.assertIsInstance(error.__cause__, AssertionError)
        self.assertEqual(self.found(scenario, only="aAbBBA").steps, error.steps)

    def test_an_order_that_is_right_passes_alone(self) -> None:
        """One after the other."""
        self.memcache.interleave(self.visits(count_visit, count_visit), only="aAAbBB")

    def test_nothing_is_found_where_nothing_is(self) -> None:
        """With two workers, and with three."""
        self.memcache.interleave(self.visits(count_well, count_well))
        self.memcache.interleave(self.visits(count_well, count_well, count_well))

    def test_preemptions_bound_the_search(self) -> None:
        """Without any interruption nothing is lost."""
        scenario = self.visits(count_visit, count_visit)
        self.memcache.interleave(scenario, preemptions=0)
        self.found(scenario, preemptions=1)

    def test_results_come_in_the_order_of_the_workers(self) -> None:
        """Whoever was first."""

        def scenario(together: Any) -> None:
            self.memcache.store({"n": 0})
            results = together(lambda: "a", lambda: client().incr("n", 1), lambda: "c")
            self.assertEqual(results, ["a", 1, "c"])

        self.memcache.interleave(scenario)

    def test_what_a_worker_raises_comes_out_of_together(self) -> None:
        """The others run on to their ends."""

        def scenario(together: Any) -> None:
            store = self.memcache.store({"visits": 0})
            with self.assertRaises(ZeroDivisionError):
                together(lambda: 1 // 0, count_well)
            self.assertEqual(store["visits"], b"1")

        self.memcache.interleave(scenario)

    def test_everything_is_new_in_each_round(self) -> None:
        """Store, mocks, clock, timeline; the plugin and the verifier are the same."""
        seen: List[Any] = []

        def scenario(together: Any) -> None:
            self.assertIs(tripwire.memcache, plugin)
            self.assertEqual(self.verifier.interactions, ())
            self.memcache.mock_command("VERSION", returns=b"1")
            store = self.memcache.store({"visits": 0})
            seen.append(store.clock())
            store.advance(100)
            together(count_well, count_well)
            self.assertEqual(len(self.verifier.interactions), 2)

        plugin = self.memcache
        self.memcache.interleave(scenario)
        self.assertGreater(len(seen), 2)
        self.assertEqual(len(set(seen)), 1)

    def test_nothing_of_it_is_left(self) -> None:
        """The test around it has its own mocks, and its own store."""
        store = self.memcache.store({"visits": 7})
        self.memcache.expect("VERSION", returns=b"1")
        self.memcache.interleave(self.visits(count_well, count_well))
        self.assertEqual(self.verifier.interactions, ())
        with self.sandbox():
            self.assertEqual(client().incr("visits", 1), 8)
            client().version()
        store.assert_items({"visits": b"8"})

    def test_assertions_once_together_has_returned(self) -> None:
        """Of calls, and of what is held; none is asked for."""

        def scenario(together: Any) -> None:
            store = self.memcache.store({"visits": 0})
            with self.assertRaises(AssertionInsideSandboxError) as caught:
                self.memcache.assert_no_calls()
            self.assertIn("Assert after together() has returned", str(caught.exception))
            together(count_well)
            self.memcache.assert_incr("INCR", "visits")
            store.assert_items({"visits": b"1"})

        self.memcache.interleave(scenario)

    def test_assertions_after_a_worker_has_raised(self) -> None:
        """`together` has come to its end then, too."""

        def scenario(together: Any) -> None:
            self.memcache.store({"visits": 0})
            with self.assertRaises(ZeroDivisionError):
                together(lambda: 1 // 0)
            self.memcache.assert_no_calls()

        self.memcache.interleave(scenario)

    def test_a_skip_in_a_scenario_skips_the_test(self) -> None:
        """As it does anywhere."""
        with self.assertRaises(unittest.SkipTest):
            self.memcache.interleave(lambda together: self.skipTest("not today"))

    def test_a_skip_hides_nothing(self) -> None:
        """Neither what another worker fails with, nor a violation that the scenario has caught."""

        def skips() -> None:
            self.skipTest("not today")

        def scenario(together: Any) -> None:
            self.memcache.store()
            with contextlib.suppress(Exception):
                together(lambda: client().stats("slabs"))
            skips()

        error = self.found(self.visits(skips, lambda: 1 // 0))
        self.assertIsInstance(error.__cause__, ZeroDivisionError)
        error = self.found(self.visits(skips, lambda: client().stats("slabs")))
        self.assertIsInstance(error.__cause__, UnmockedInteractionError)
        error = self.found(scenario)
        self.assertIsInstance(error.__cause__, SwallowedViolationError)

    def test_in_a_sandbox_that_is_open(self) -> None:
        """Its rounds are inside of it, and their calls are not its own."""
        with self.sandbox():
            self.found(self.visits(count_visit, count_visit))
        self.memcache.assert_no_calls()

    def test_sandboxes_of_a_scenario_and_of_a_worker(self) -> None:
        """They nest in the round's."""

        def work() -> None:
            with self.sandbox():
                count_well()

        def scenario(together: Any) -> None:
            store = self.memcache.store({"visits": 0})
            with self.sandbox():
                together(work, work)
            store.assert_items({"visits": b"2"})

        self.memcache.interleave(scenario)

    def test_a_coroutine_in_a_worker(self) -> None:
        """A loop of its own runs it; the orders are those of the commands."""

        async def work() -> None:
            await asyncio.sleep(0)
            count_visit()

        error = self.found(self.visits(*[lambda: asyncio.run(work())] * 2))
        self.assertEqual(error.schedule, "aAbBBA")

    def test_a_worker_that_exits(self) -> None:
        """Fails that order, and does not end the run."""
        error = self.found(self.visits(sys.exit))
        self.assertIsInstance(error.__cause__, SystemExit)

    def test_a_large_batch_is_no_livelock(self) -> None:
        """Each of its keys is a step, but it has an end."""

        def worker() -> None:
            client().get_many([str(number) for number in range(1_500)])

        def scenario(together: Any) -> None:
            self.memcache.store()
            together(worker, worker)

        self.memcache.interleave(scenario, preemptions=0)

    def test_together_with_unittest_mock(self) -> None:
        """What a scenario patches is patched in its round."""

        def scenario(together: Any) -> None:
            self.memcache.store({"visits": 0})
            with mock.patch(f"{count_visit.__module__}.int", lambda text: 5, create=True):
                together(count_visit)
            self.memcache.assert_get("GET", "visits")
            self.memcache.assert_set("SET", "visits", 6)

        self.memcache.interleave(scenario)


class ViolationsTest(OrdersTestCase):
    """A round is a strict test in small."""

    def careless(self) -> Callable[[Any], None]:
        """A scenario whose worker swallows what it must not."""

        def work() -> None:
            try:
                client().stats("slabs")
            except Exception:
                client().incr("visits", 1)

        return self.visits(work)

    def test_a_violation_that_was_swallowed_fails_its_round(self) -> None:
        """The store does not know the command."""
        error = self.found(self.careless())
        self.assertIsInstance(error.__cause__, SwallowedViolationError)
        self.assertIn("caught by tests/orders/test_every_order.py:", str(error))

    def test_so_does_one_that_was_not(self) -> None:
        """It is what the round fails with."""
        error = self.found(self.visits(lambda: client().stats("slabs")))
        self.assertIsInstance(error.__cause__, UnmockedInteractionError)

    def test_what_was_swallowed_comes_before_what_it_led_to(self) -> None:
        """The assertion fails because of it."""

        def scenario(together: Any) -> None:
            self.memcache.store()
            with contextlib.suppress(Exception):
                together(lambda: client().stats("slabs"))
            self.fail("a consequence")

        cause = self.found(scenario).__cause__
        assert isinstance(cause, SwallowedViolationError)
        self.assertEqual(str(cause.__cause__), "a consequence")

    def test_a_scenario_may_name_it(self) -> None:
        """By a class of tripwire's, or as an AssertionError: it is the test's own."""

        def scenario(together: Any) -> None:
            self.memcache.store()

            def work() -> None:
                with self.assertRaises(AssertionError):
                    client().stats("slabs")

            together(work)

        self.memcache.interleave(scenario)

    def test_a_worker_of_the_applications_may_not(self) -> None:
        """To name AssertionError there names nothing."""
        self.assertIsInstance(self.found(self.visits(careless)).__cause__, SwallowedViolationError)

    def test_two_workers_that_fail_are_one_failure(self) -> None:
        """What the second one raised needs no report of its own."""

        def scenario(together: Any) -> None:
            self.memcache.store()
            together(lambda: client().stats("slabs"), lambda: client().stats("conns"))

        self.assertIsInstance(self.found(scenario).__cause__, UnmockedInteractionError)

    def test_what_nobody_saw_of_the_second_one(self) -> None:
        """Is reported, where the scenario has named what the first one raised."""

        def scenario(together: Any) -> None:
            self.memcache.store()
            with self.assertRaises(UnmockedInteractionError):
                together(
                    lambda: client().stats("slabs"),
                    lambda: client().stats("conns"),
                )

        error = self.found(scenario)
        self.assertIsInstance(error.__cause__, SwallowedViolationError)
        self.assertIn("conns", str(error.__cause__))

    def test_rounds_ask_for_no_mocks_and_no_items(self) -> None:
        """The tests around them do."""

        def scenario(together: Any) -> None:
            self.memcache.mock_command("GET", returns=b"1")
            self.memcache.store({"a": 1})
            together(int)

        self.memcache.interleave(scenario)
        self.memcache.mock_command("GET", returns=b"1")
        self.assertRaises(UnusedMocksError, self.verifier.verify_all)


def careless() -> None:
    """What an application must not do: it names an error that is the test's."""
    try:
        client().stats("slabs")
    except AssertionError:
        client().incr("visits", 1)


@needs_threads
class ElsewhereTest(ByHandTestCase):
    """Where no TripwireTestCase is."""

    def scenario(self, plugin: Any) -> Callable[[Any], None]:
        """All visits are counted."""

        def scenario(together: Any) -> None:
            store = plugin.store({"visits": 0})
            together(count_visit, count_visit)
            self.assertEqual(store["visits"], b"2")

        return scenario

    def test_by_hand(self) -> None:
        """The verifier finds nothing afterwards."""
        with self.assertRaises(InterleavingError):
            self.memcache.interleave(self.scenario(self.memcache))
        self.verifier.verify_all()

    def test_in_strict(self) -> None:
        """By way of the module."""
        with self.assertRaises(InterleavingError), tripwire.strict():
            tripwire.memcache.interleave(self.scenario(tripwire.memcache))

    def test_the_test_around_it_stays_strict(self) -> None:
        """What is not asserted is found at its end."""
        with self.assertRaises(UnassertedInteractionsError), tripwire.strict() as verifier:
            tripwire.memcache.mock_command("GET", returns=b"1")
            with verifier.sandbox():
                client().get("k")

            def scenario(together: Any) -> None:
                tripwire.memcache.store()
                together(int)

            tripwire.memcache.interleave(scenario)
