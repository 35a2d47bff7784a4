"""Races between workers are found, code without them is not blamed; the text tells the story."""

from __future__ import annotations

import contextvars
import threading
import unittest
from typing import Any, Callable, List
from unittest import mock

import tripwire
from tests.rounds.stand_in import StandIn
from tests.support.platform import needs_threads
from tripwire._orders.search import Phase
from tripwire.errors import InterleavingError
from tripwire.report.labels import NONE

REDUCED = (Phase(None, None, True),)


@needs_threads
class RacesTest(unittest.TestCase):
    """A scenario with a race fails in the order that shows it."""

    def setUp(self) -> None:
        """A dictionary to count visits in."""
        self.store = StandIn()

    def count_visit(self) -> None:
        """Lose an update if somebody comes in between."""
        visits = self.store.get("visits")
        self.store.set("visits", visits + 1)

    def visits(self, *workers: Callable[[], Any]) -> Any:
        """A scenario: all visits are counted."""

        def scenario(together: Any) -> None:
            self.store.set("visits", 0)
            together(*workers)
            self.assertEqual(self.store.get("visits"), len(workers))

        return scenario

    def found(self, scenario: Any, **options: Any) -> InterleavingError:
        """The order that a scenario fails in."""
        with self.assertRaises(InterleavingError) as caught:
            self.store.interleave(scenario, **options)
        return caught.exception

    def test_a_lost_update(self) -> None:
        """In the text of the design, to the letter."""
        error = self.found(self.visits(self.count_visit, self.count_visit))
        line = self.visits.__code__.co_firstlineno + 6
        self.assertEqual(
            str(error),
            f"""\
Order "aAbBBA" fails, after 5 orders:

       A                            B
       (begins)
    1  GET 'visits': 0
                                    (begins)
    2                               GET 'visits': 0
    3                               SET 'visits' 1: None
    4  SET 'visits' 1: None

    AssertionError: 1 != 2
        tests/rounds/test_interleaving.py:{line} in scenario

This order alone: interleave(scenario, only='aAbBBA')""",
        )
        self.assertEqual((error.schedule, error.orders), ("aAbBBA", 5))
        self.assertEqual(error.steps[1], ("A", "GET 'visits': 0"))
        self.assertIsInstance(error.__cause__, AssertionError)

    def test_the_argument_of_the_text_gives_the_same_failure(self) -> None:
        """In a single round."""
        scenario = self.visits(self.count_visit, self.count_visit)
        first = self.found(scenario)
        self.store.rounds = 0
        second = self.found(scenario, only=first.schedule)
        self.assertEqual(self.store.rounds, 1)
        self.assertEqual(str(second), str(first).replace(", after 5 orders", ""))

    def test_nothing_is_found_where_nothing_is(self) -> None:
        """A counter that the server counts."""
        count = lambda: self.store.incr("visits")  # noqa: E731 - as tests are written
        for workers in (2, 3):
            self.store.interleave(self.visits(*[count] * workers))

    def test_three_workers(self) -> None:
        """In three columns."""
        error = self.found(self.visits(*[self.count_visit] * 3))
        self.assertEqual(error.schedule, "aAbBBAcCC")
        self.assertIn("\n       A                       B                       C\n", str(error))

    def test_an_answer_that_comes_late(self) -> None:
        """Stale after delete: the writer changes its table when the cache is empty already."""
        table = {"price": 1}

        def change_price() -> None:
            self.store.delete("price")
            table["price"] = 2

        def price() -> None:
            if self.store.get("price") is None:
                self.store.set("price", table["price"])

        def scenario(together: Any) -> None:
            table["price"] = 1
            self.store.set("price", 1)
            together(change_price, price)
            self.assertIn(self.store.get("price"), (None, 2))

        error = self.found(scenario)
        self.assertEqual(error.schedule, "aAbBBa")
        self.assertIn("\n       (gets the answer)\n", str(error))
        self.assertEqual(self.found(scenario, only="aAbBBa").schedule, "aAbBBa")

    def test_a_step_of_a_fake_database(self) -> None:
        """Named by `tripwire.step`, which does nothing anywhere else."""
        table = {"price": 1}

        def change() -> None:
            tripwire.step("SELECT")
            price = table["price"]
            tripwire.step("UPDATE")
            table["price"] = price + 1

        def scenario(together: Any) -> None:
            tripwire.step("INSERT")
            table["price"] = 1
            together(change, change)
            self.assertEqual(table["price"], 3)

        tripwire.step("nowhere")
        error = self.found(scenario)
        self.assertEqual([text for _, text in error.steps][:2], ["(begins)", "SELECT"])

    def test_a_race_that_only_the_second_search_finds_is_told_in_its_shortest_form(self) -> None:
        """Without another beginning than its class has."""
        with mock.patch("tripwire._interleave.PHASES", REDUCED):
            error = self.found(self.visits(self.count_visit, self.count_visit))
        self.assertEqual(error.schedule, "aAbBBA")

    def test_a_race_at_the_beginning_stays_as_it_was_found(self) -> None:
        """Where its shortest form does not fail: what is changed before the first command."""
        begun: List[int] = []

        def worker() -> None:
            begun.append(1)
            self.store.incr("visits")
            if len(begun) == 2 and self.store.get("visits") == 1:
                raise ValueError("both began")

        def scenario(together: Any) -> None:
            begun.clear()
            self.store.set("visits", 0)
            together(worker, worker)

        with mock.patch("tripwire._interleave.PHASES", REDUCED):
            error = self.found(scenario)
        self.assertTrue(error.schedule.startswith("ab"), error.schedule)

    def test_what_a_round_finds_at_its_end_fails_it(self) -> None:
        """A plugin's finding, though the scenario was content."""
        self.store.finding = AssertionError("swallowed")
        error = self.found(self.visits(lambda: self.store.incr("visits")))
        self.assertEqual(error.schedule, "aA")
        self.assertIn('Order "aA" fails, the first one:', str(error))

    def test_more_preemptions_find_more(self) -> None:
        """A race that needs three interruptions is not found with two, but without a bound."""

        def torn() -> None:
            first = self.store.get("x")
            second = self.store.get("x")
            third = self.store.get("x")
            self.assertFalse(first != second and second != third)

        def write() -> None:
            self.store.set("x", 1)
            self.store.set("x", 2)

        def scenario(together: Any) -> None:
            together(torn, write)

        self.store.interleave(scenario, preemptions=2)
        self.assertEqual(self.found(scenario, preemptions=3).schedule, "aAbBABA")
        self.assertEqual(self.found(scenario).schedule, "aAbBABA")


class WorkersTest(unittest.TestCase):
    """What workers are to each other and to the test."""

    def setUp(self) -> None:
        """A dictionary."""
        self.store = StandIn()

    @needs_threads
    def test_together_gives_what_they_return(self) -> None:
        """A list, in their order."""
        seen = []

        def scenario(together: Any) -> None:
            seen.append(together(lambda: 1, lambda: self.store.get("x"), lambda: "c"))

        self.store.interleave(scenario)
        self.assertEqual(seen, [[1, None, "c"]] * len(seen))

    @needs_threads
    def test_one_alone_is_a_worker_too(self) -> None:
        """Two rounds: the first order is run twice."""
        self.store.interleave(lambda together: together(lambda: self.store.get("x")))
        self.assertEqual(self.store.rounds, 2)

    @needs_threads
    def test_those_that_share_nothing_are_not_interleaved(self) -> None:
        """Three workers of three commands on keys of their own."""

        def worker(key: str) -> Callable[[], Any]:
            return lambda: [self.store.incr(key), self.store.get(key), self.store.incr(key)]

        self.store.interleave(lambda together: together(*map(worker, "xyz")))
        self.assertEqual(self.store.rounds, 2)

    @needs_threads
    def test_each_has_a_copy_of_the_context(self) -> None:
        """As it is where `together` is called; what it sets, nobody else sees."""
        variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable")

        def worker() -> str:
            before = variable.get()
            variable.set("worker's")
            return before

        def scenario(together: Any) -> None:
            variable.set("scenario's")
            self.assertEqual(together(worker, worker), ["scenario's"] * 2)
            self.assertEqual(variable.get(), "scenario's")

        self.store.interleave(scenario)

    @needs_threads
    def test_what_asgiref_keeps_in_the_context_is_not_copied(self) -> None:
        """Until 3.13 it keeps there what is a thread's own, such as Django's connections."""
        for value, seen in (({"default": "mine"}, {}), ("of a thread", "of a thread")):
            variable: contextvars.ContextVar[Any] = contextvars.ContextVar("asgiref.local")

            def scenario(together: Any, mine: Any = (variable, value, seen)) -> None:
                variable, value, seen = mine
                variable.set(value)
                self.assertEqual(together(variable.get, variable.get), [seen] * 2)
                self.assertEqual(variable.get(), value)

            self.store.interleave(scenario)

    @needs_threads
    def test_what_the_first_one_raises_comes_out(self) -> None:
        """The others run to their ends."""

        def scenario(together: Any) -> None:
            with self.assertRaises(ZeroDivisionError):
                together(lambda: 1 / 0, lambda: self.store.set("x", 1), [].pop)
            self.assertEqual(self.store.get("x"), 1)

        self.store.interleave(scenario)

    @needs_threads
    def test_a_worker_that_raises_fails_the_order(self) -> None:
        """Whatever it raises: only Ctrl-C in the main thread ends the call."""
        for kind in (ValueError, SystemExit, KeyboardInterrupt, GeneratorExit):

            def worker(kind: Any = kind) -> None:
                self.store.get("x")
                raise kind("mine")

            with self.subTest(kind), self.assertRaises(InterleavingError) as caught:
                self.store.interleave(lambda together, worker=worker: together(worker, worker))
            self.assertIn(f"    {kind.__name__}: mine\n        tests/rounds", str(caught.exception))
            self.assertIsInstance(caught.exception.__cause__, kind)

    def test_a_skip_is_a_skip(self) -> None:
        """What unittest skips by passes through."""

        def scenario(together: Any) -> None:
            raise unittest.SkipTest("not here")

        with self.assertRaises(unittest.SkipTest):
            self.store.interleave(scenario)

    def test_what_fails_before_together_is_no_order(self) -> None:
        """It comes out as it is."""
        with self.assertRaises(ZeroDivisionError):
            self.store.interleave(lambda together: 1 / 0)

    @needs_threads
    def test_a_command_of_a_strangers_thread_is_told_apart(self) -> None:
        """By the name of its thread, for the plugin to refuse it."""
        refused: List[str] = []

        def stray() -> None:
            try:
                self.store.get("x")
            except AssertionError as error:
                refused.append(str(error))

        def worker() -> None:
            thread = threading.Thread(target=stray, name="stray")
            thread.start()
            thread.join()

        self.store.interleave(lambda together: together(worker))
        self.assertEqual(refused, ["GET 'x' from stray"] * 2)

    @needs_threads
    def test_a_strangers_thread_passes_no_gate(self) -> None:
        """What a plugin lets through takes place at once."""
        seen: List[Any] = []

        def stray() -> None:
            scheduler = self.store.schedule()
            scheduler.gate(mock.Mock())
            scheduler.answered(mock.Mock(), NONE)
            seen.append((scheduler.worker(), scheduler.enter(self)))
            scheduler.leave(self)

        def worker() -> None:
            thread = threading.Thread(target=stray)
            thread.start()
            thread.join()
            seen.append(self.store.schedule().worker())

        self.store.interleave(lambda together: together(worker))
        self.assertEqual(seen, [(None, None), "A"] * 2)

    @needs_threads
    def test_two_inside_one_thing_are_seen(self) -> None:
        """For the plugin to report: a plain client is not made for threads."""
        met = set()

        def worker() -> None:
            scheduler = self.store.schedule()
            met.add((scheduler.worker(), scheduler.enter(self)))
            try:
                self.store.incr("x")
            finally:
                scheduler.leave(self)

        self.store.interleave(lambda together: together(worker, worker))
        self.assertEqual(met, {("A", None), ("B", None), ("A", "B"), ("B", "A")})
