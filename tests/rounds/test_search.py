"""The search by itself, without threads: no outcome is lost, and the shortest is first."""

from __future__ import annotations

import random
import unittest
from typing import Dict, Hashable, List, Optional, Tuple
from unittest import mock

from tests.rounds.models import (
    Op,
    Program,
    all_sequences,
    class_of,
    interruptions,
    outcome_of,
    random_program,
    run,
)
from tripwire._orders import schedules
from tripwire._orders.schedules import Scheduled, schedule, shortest
from tripwire._orders.search import PREEMPTIONS, ROUNDS, Order, Phase, Search, again, up_to
from tripwire._orders.steps import GATE, Move

MODELS = 150
REDUCED = (Phase(None, None, True),)


def steps(moves: List[Move]) -> Tuple[int, ...]:
    """The workers of the steps alone."""
    return tuple(worker for worker, step in moves if step.kind == GATE)


def lengths(program: Program) -> List[int]:
    """How many steps each worker has."""
    return [len(ops) for ops in program]


def explored(program: Program, search: Search) -> List[Tuple[Order, Hashable]]:
    """Each order that a search tries, with what came out."""
    return [(order, run(program, order)) for order in search.orders()]


def reduced_only() -> Search:
    """The second search by itself."""
    return Search(REDUCED)


class ReducedTest(unittest.TestCase):
    """The second search: one order of each class."""

    def test_no_outcome_is_lost_and_no_class_is_judged_twice(self) -> None:
        """Of random programs, against all sequences of their steps."""
        for seed in range(MODELS):
            program = random_program(random.Random(seed), extra=seed % 3 == 0)
            everything = list(all_sequences(lengths(program)))
            search = reduced_only()
            found = explored(program, search)
            last = [pair for pair in found if not pair[0].superfluous][-_classes(program) :]
            with self.subTest(seed=seed, program=program):
                self.assertEqual(
                    {outcome for _, outcome in found},
                    {outcome_of(program, sequence) for sequence in everything},
                )
                classes = [class_of(program, steps(order.moves)) for order, _ in last]
                self.assertEqual(len(set(classes)), _classes(program))

    def test_each_class_comes_once(self) -> None:
        """Once it is known who shares what."""
        for seed in range(MODELS):
            program = random_program(random.Random(seed))
            search = reduced_only()
            explored(program, search)
            anew = reduced_only()
            anew.sharing = search.sharing
            judged = [order for order, _ in explored(program, anew) if not order.superfluous]
            classes = [class_of(program, steps(order.moves)) for order in judged]
            with self.subTest(seed=seed, program=program):
                self.assertEqual(len(classes), len(set(classes)))
                self.assertEqual(len(classes), _classes(program))

    def test_what_is_shared_by_nobody_is_one_order(self) -> None:
        """Three workers of three steps on keys of their own."""
        program = [[Op("put", key)] * 3 for key in "xyz"]
        self.assertEqual(len(explored(program, Search())), 1)

    def test_two_that_share_and_one_apart(self) -> None:
        """The one apart is not interleaved."""
        program = [[Op("inc", "x")], [Op("inc", "x")], [Op("inc", "y")] * 4]
        found = explored(program, reduced_only())
        self.assertEqual(
            [schedule(order.moves) for order, _ in found], ["aAbBcCCCC", "abABcCCCC", "abBAcCCCC"]
        )


def _classes(program: Program) -> int:
    return len({class_of(program, each) for each in all_sequences(lengths(program))})


class BoundedTest(unittest.TestCase):
    """The first search: all orders with few interruptions."""

    def test_all_sequences_with_few_interruptions_are_there(self) -> None:
        """Of workers that all share a key."""
        for seed in range(MODELS // 3):
            program = random_program(random.Random(seed), keys="x")
            program = [[*ops, Op("inc", "x")] for ops in program]
            for bound in range(3):
                search = Search(up_to(bound))
                found = {steps(order.moves) for order, _ in explored(program, search)}
                wanted = {
                    sequence
                    for sequence in all_sequences(lengths(program))
                    if interruptions(sequence, lengths(program)) <= bound
                }
                with self.subTest(seed=seed, bound=bound):
                    self.assertEqual(found & wanted, wanted)
                    self.assertEqual(search.finished, bound)

    def test_cheapest_come_first(self) -> None:
        """The costs never go down, once the search has begun anew for the last time."""
        program = [[Op("get", "x"), Op("bump", "x")]] * 3
        costs = [order.cost for order, _ in explored(program, Search(up_to(2)))][1:]
        self.assertEqual(costs, sorted(costs))
        self.assertEqual(set(costs), {0, 1, 2})

    def test_the_first_order_that_loses_an_update_is_the_shortest_story(self) -> None:
        """One interruption, at a command and not at an answer."""
        program = [[Op("get", "x"), Op("bump", "x")]] * 2
        serial = {outcome_of(program, each) for each in ((0, 0, 1, 1), (1, 1, 0, 0))}
        orders = []
        for order in Search().orders():  # pragma: no branch
            orders.append(order)
            if run(program, order) not in serial:
                break
        self.assertEqual(schedule(orders[-1].moves), "aAbBBA")
        self.assertEqual(len(orders), 5)

    def test_a_worker_is_interrupted_at_an_answer_too(self) -> None:
        """With a small letter for the answer that came later."""
        program = [[Op("get", "x"), Op("bump", "x")]] * 2
        found = {schedule(order.moves) for order, _ in explored(program, Search(up_to(1)))}
        self.assertIn("aAbBBaA", found)
        self.assertIn("aAAbBBa", found)

    def test_it_hands_over_to_the_second_search(self) -> None:
        """After so many rounds."""
        program = [[Op("inc", "x")] * 6] * 3
        search = Search()
        rounds = 0
        for order in search.orders():  # pragma: no branch
            run(program, order)
            if order.reduced:
                break
            rounds += 1
        self.assertEqual(rounds, ROUNDS + 1)
        self.assertEqual(search.finished, 1)

    def test_an_order_that_was_not_judged_comes_again(self) -> None:
        """And has no descendants until it was."""
        program = [[Op("inc", "x")]] * 2
        letters = []
        for order in Search().orders():
            run(program, order)
            letters.append(schedule(order.moves))
            order.judged = len(letters) > 2
        self.assertEqual(letters[:4], ["aAbB", "aAbB", "aAbB", "aAbB"])
        self.assertEqual(letters[4], "bBaA")

    def test_news_start_the_search_anew(self) -> None:
        """What is shared and is no step, a lock, is for whoever runs the rounds to find."""
        program = [[Op("put", "x")], [Op("put", "y")]]
        search = Search()
        rounds = 0
        for order in search.orders():
            run(program, order)
            rounds += 1
            order.news = rounds == 1
        self.assertEqual(rounds, 2)


class AgainTest(unittest.TestCase):
    """The moves of an earlier round, compared."""

    def first(self, program: Program) -> Order:
        """The first order of a program, run."""
        order = next(Search().orders())
        run(program, order)
        return order

    def test_the_same_program_repeats_itself(self) -> None:
        """Move by move."""
        program = [[Op("get", "x")], [Op("get", "y")]]
        first = self.first(program)
        second = again(first)
        run(program, second)
        self.assertIsNone(second.diverged)
        self.assertEqual(schedule(second.moves), schedule(first.moves))

    def test_another_step_is_a_divergence(self) -> None:
        """With both, and the place."""
        second = again(self.first([[Op("get", "x")], [Op("get", "y")]]))
        run([[Op("get", "x")], [Op("get", "z")]], second)
        diverged = second.diverged
        assert diverged is not None and diverged.expected is not None and diverged.met is not None
        self.assertEqual(diverged.place, 4)
        self.assertEqual(str(diverged.expected[1].label), "get y")
        self.assertEqual(str(diverged.met[1].label), "get z")

    def test_a_step_that_is_missing_is_a_divergence(self) -> None:
        """At the end of the round, or of a worker."""
        first = self.first([[Op("get", "x")] * 2, [Op("get", "y")] * 2])
        for program in ([[Op("get", "x")], [Op("get", "y")] * 2], [[Op("get", "x")] * 2, []]):
            second = again(first)
            run(program, second)
            assert second.diverged is not None
            self.assertIsNone(second.diverged.met)


class ScheduledTest(unittest.TestCase):
    """Letters, read back."""

    def test_every_order_is_found_again_by_its_letters(self) -> None:
        """Of random programs, in both searches."""
        for seed in range(20):
            program = random_program(random.Random(seed))
            for order, outcome in explored(program, Search(up_to(1))) + explored(
                program, reduced_only()
            ):
                letters = schedule(order.moves)
                scheduled = Scheduled(letters)
                with self.subTest(seed=seed, letters=letters):
                    self.assertEqual(run(program, scheduled), outcome)
                    self.assertIsNone(scheduled.stuck)
                    self.assertEqual(schedule(scheduled.moves), letters)

    def test_letters_that_do_not_come_to_pass(self) -> None:
        """How many did is known, and the round ends all the same."""
        program = [[Op("inc", "x")]] * 2
        for letters, stuck in (("aAA", 2), ("ba1", 2), ("aAbB", None), ("aAb", 3), ("aAbBB", 4)):
            scheduled = Scheduled(letters)
            run(program, scheduled)
            scheduled.rest(0)
            self.assertEqual(scheduled.sleeps(0, 1.5), 1.5)
            with self.subTest(letters):
                self.assertEqual(scheduled.stuck, stuck)


class ShortestTest(unittest.TestCase):
    """The order of a class with the fewest interruptions."""

    def test_it_is_of_the_same_class_and_none_is_shorter(self) -> None:
        """Of random programs, against all sequences."""
        for seed in range(MODELS):
            program = random_program(random.Random(seed), extra=seed % 2 == 0)
            fewest: Dict[Hashable, int] = {}
            for sequence in all_sequences(lengths(program)):
                count = interruptions(sequence, lengths(program))
                kind = class_of(program, sequence)
                fewest[kind] = min(count, fewest.get(kind, count))
            for order, outcome in explored(program, reduced_only()):
                best = shortest(order.moves)
                kind = class_of(program, steps(order.moves))
                with self.subTest(seed=seed, letters=schedule(order.moves)):
                    self.assertEqual(class_of(program, steps(best)), kind)
                    self.assertEqual(_cost(best), fewest[kind])
                    self.assertEqual(run(program, Order(best)), outcome)

    def test_beginnings_come_late(self) -> None:
        """As in the first search, where they belong to the story."""
        program = [[Op("get", "x"), Op("bump", "x")]] * 2
        letters = {
            schedule(shortest(order.moves)) for order, _ in explored(program, reduced_only())
        }
        self.assertIn("aAbBBA", letters)

    def test_where_there_is_too_much_to_try_it_stays_as_it_is(self) -> None:
        """A bound on the states."""
        program = [[Op("inc", "x")]] * 2
        order = next(reduced_only().orders())
        run(program, order)
        with mock.patch.object(schedules, "STATES", 1):
            self.assertEqual(shortest(order.moves), order.moves)


def _cost(moves: List[Move]) -> int:
    counts: Dict[int, int] = {}
    for worker, step in moves:
        counts[worker] = counts.get(worker, 0) + (step.kind == GATE)
    return interruptions(steps(moves), [counts.get(n, 0) for n in range(max(counts) + 1)])


class RestTest(unittest.TestCase):
    """A worker that waits is not interrupted."""

    def test_who_goes_on_after_a_wait_costs_nothing(self) -> None:
        """While the same switch, without the wait, does."""
        costs: List[Optional[int]] = []
        for waits in (False, True):
            order = Order((), (), Phase(PREEMPTIONS, None, False))
            steps_ = {0: Op("inc", "x").step(), 1: Op("inc", "x").step()}
            order.choose(steps_)
            if waits:
                order.rest(0)
                order.rest(1)
            order.choose(steps_)
            costs.append(order.siblings[-1].cost)
        self.assertEqual(costs, [1, 0])
