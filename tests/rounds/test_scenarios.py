"""What is wrong with a scenario is said, and a limit is never a pass."""

from __future__ import annotations

import random
import threading
from contextlib import suppress
from typing import Any, Dict, Iterator, List
from unittest import mock

from tests.rounds.clean_case import CleanTest
from tests.support.platform import needs_threads
from tripwire.errors import (
    IncompleteError,
    NotDeterministicError,
    ScenarioError,
)


class ScenarioTest(CleanTest):
    """What is wrong with the scenario itself."""

    def refused(self, kind: Any, scenario: Any, **options: Any) -> str:
        """What is said of it."""
        with self.assertRaises(kind) as caught:
            self.store.interleave(scenario, **options)
        self.assertNotIsInstance(caught.exception, AssertionError)
        return str(caught.exception)

    @needs_threads
    def test_together_is_called_once(self) -> None:
        """Neither never, nor twice, nor by a worker."""
        self.assertEqual(
            self.refused(ScenarioError, lambda together: None),
            "the scenario did not call together()",
        )

        def twice(together: Any) -> None:
            together(lambda: None)
            together(lambda: None)

        self.assertEqual(
            self.refused(ScenarioError, twice), "together() was called twice in one scenario"
        )

        def nested(together: Any) -> None:
            together(lambda: together(lambda: None))

        self.assertEqual(
            self.refused(ScenarioError, nested),
            "together() was called by a worker: it cannot be nested",
        )

    def test_threads_that_cannot_be_started(self) -> None:
        """No order is told of them, whoever catches it."""

        def scenario(together: Any) -> None:
            with suppress(RuntimeError):
                together(lambda: None)

        lacking = RuntimeError("can't start new thread")
        with mock.patch.object(threading.Thread, "start", side_effect=lacking):
            self.assertEqual(self.refused(RuntimeError, scenario), "can't start new thread")

    @needs_threads
    def test_rounds_are_not_nested(self) -> None:
        """Neither in the scenario nor in a worker."""

        def inner() -> None:
            self.store.interleave(lambda together: together(lambda: None))

        said = "rounds cannot be nested: this scenario is part of another one"
        for scenario in (lambda together: inner(), lambda together: together(inner)):
            self.assertEqual(self.refused(ScenarioError, scenario), said)

    @needs_threads
    def test_what_a_plugin_refuses_ends_the_call(self) -> None:
        """As a misuse of its own does, though a worker catches it."""

        def worker() -> None:
            with suppress(ValueError):
                self.store.schedule().refuse(ValueError("no store"))

        self.assertEqual(self.refused(ValueError, lambda together: together(worker)), "no store")

    @needs_threads
    def test_a_misuse_cannot_be_swallowed(self) -> None:
        """By a scenario that catches it."""

        def scenario(together: Any) -> None:
            together(lambda: None)
            with suppress(Exception):
                together(lambda: None)

        self.refused(ScenarioError, scenario)

    @needs_threads
    def test_workers_are_functions(self) -> None:
        """Of one to twenty-six, none of them a coroutine's."""

        async def coroutine() -> None:
            pass  # pragma: no cover - never run

        cases = [
            ((), "together() takes 1 to 26 workers, 0 were given"),
            ((print,) * 27, "together() takes 1 to 26 workers, 27 were given"),
            ((1,), "a worker is a function without arguments, not 1"),
            (
                (coroutine,),
                "a worker runs in a thread, and coroutine gives a coroutine: use lambda: "
                "asyncio.run(coroutine())",
            ),
            (
                (lambda: (coroutine(), 1)[0],),
                "a worker runs in a thread, and coroutine gives a coroutine: use lambda: "
                "asyncio.run(coroutine())",
            ),
        ]
        for workers, text in cases:
            with self.subTest(workers=len(workers), text=text):
                said = self.refused(TypeError, lambda together, w=workers: together(*w))
                self.assertEqual(said, text)

    @needs_threads
    def test_what_nobody_runs(self) -> None:
        """An assertion in what the scenario returned would never be made."""

        async def coroutine() -> None:
            """Nobody runs it."""

        def generator(together: Any) -> Iterator[None]:
            yield together(lambda: None)  # pragma: no cover - never run

        def scenario(together: Any) -> Any:
            together(lambda: None)
            return coroutine()

        for name, given in (("coroutine", scenario), ("generator", generator)):
            with self.subTest(name):
                self.assertEqual(
                    self.refused(ScenarioError, given),
                    f"the scenario returned a {name} that nobody runs: use a plain function, "
                    "which may call asyncio.run()",
                )

    def test_arguments(self) -> None:
        """Each is checked before anything is run."""

        async def coroutine(together: Any) -> None:
            pass  # pragma: no cover - never run

        fine = lambda together: together(lambda: None)  # noqa: E731 - as tests are written
        self.assertTrue(
            self.refused(TypeError, coroutine).endswith(
                "is a coroutine function: call asyncio.run() in a plain one"
            )
        )
        self.assertEqual(
            self.refused(TypeError, None),
            "a scenario is a function that takes `together`, not None",
        )
        for options, text in (
            ({"only": 1}, "only= is an order in letters, as a report gives it, not 1"),
            ({"only": "a1"}, "only= is an order in letters, as a report gives it, not 'a1'"),
            ({"preemptions": -1}, "preemptions= is a number from 0 on, not -1"),
            ({"preemptions": True}, "preemptions= is a number from 0 on, not True"),
            ({"limit": 0}, "limit= is a number from 1 on, not 0"),
        ):
            with self.subTest(text):
                self.assertEqual(self.refused(ValueError, fine, **options), text)
        self.assertEqual(self.store.rounds, 0)

    @needs_threads
    def test_an_order_that_does_not_come_to_pass(self) -> None:
        """With what came instead."""
        said = self.refused(ValueError, lambda together: together(self.count_visit), only="aAbB")
        self.assertEqual(said, "only='aAbB' does not come to pass: the order was 'aAA'")

    @needs_threads
    def test_an_order_that_passes(self) -> None:
        """One round, and nothing to say."""
        self.store.interleave(lambda together: together(self.count_visit), only="aAA")
        self.assertEqual(self.store.rounds, 1)

    @needs_threads
    def test_random_commands(self) -> None:
        """The first order is run twice, then once more in new threads; with both steps."""
        numbers = iter(range(100))
        said = self.refused(
            NotDeterministicError,
            lambda together: together(lambda: self.store.get(f"key{next(numbers)}")),
        )
        self.assertEqual(
            said,
            """\
The scenario is not deterministic: the same order did not lead to the same steps.

    After these steps:
        A: (begins)
    The next step, at first: A: GET 'key0'
    The next step, now:      A: GET 'key2'

Which commands are sent, and to which keys and servers, has to be the same in
each round; values and expiries may differ. Look for random numbers in keys
(that of a session, after a login: patch what makes it), sets, real clocks,
and what one round leaves to the next: a module's cache, a client that is made
once.""",
        )

    @needs_threads
    def test_a_cache_that_outlives_the_round(self) -> None:
        """The second time, there is less to do, or more."""
        cache: Dict[str, Any] = {}

        def load() -> Any:
            if "x" not in cache:
                cache["x"] = self.store.get("x")

        said = self.refused(NotDeterministicError, lambda together: together(load))
        self.assertIn(", at first: A: GET 'x'\n    The next step, now:      nothing more\n", said)
        calls: List[int] = []

        def more() -> None:
            calls.append(1)
            for _ in calls:
                self.store.get("x")

        said = self.refused(NotDeterministicError, lambda together: together(more))
        self.assertIn(", at first: nothing more\n    The next step, now:      A: GET 'x'\n", said)

    @needs_threads
    def test_later_rounds_are_compared_too(self) -> None:
        """Up to where they are to differ."""
        rounds: List[int] = []

        def worker() -> None:
            for _ in range(3):
                self.store.incr("x")
            self.store.get("late" if len(rounds) > 4 else "early")

        def scenario(together: Any) -> None:
            rounds.append(1)
            together(worker, worker)

        said = self.refused(NotDeterministicError, scenario)
        self.assertIn("step, at first: A: GET 'early'\n", said)
        self.assertIn("step, now:      A: GET 'late'\n", said)
        self.assertIn("    After these steps:\n        A: (begins)\n", said)

    @needs_threads
    def test_of_many_steps_the_last_are_told(self) -> None:
        """Eight of them."""
        rounds: List[int] = []

        def scenario(together: Any) -> None:
            rounds.append(1)
            together(lambda: [self.store.get(f"k{number}") for number in (*range(12), *rounds)])

        said = self.refused(NotDeterministicError, scenario)
        self.assertIn("steps:\n        ... 6 before ...\n        A: GET 'k5': None\n", said)

    @needs_threads
    def test_workers_that_come_and_go(self) -> None:
        """Their number is compared."""
        rounds: List[int] = []

        def scenario(together: Any) -> None:
            rounds.append(1)
            together(*[lambda: None] * len(rounds))

        said = self.refused(NotDeterministicError, scenario)
        self.assertEqual(
            said, "together() was called with 2 workers in this round, and with 1 in the first"
        )

    @needs_threads
    def test_what_threads_keep_for_themselves(self) -> None:
        """A `threading.local` that is filled in the first round: every round gets new threads."""
        local = threading.local()

        def worker() -> None:
            if not hasattr(local, "connected"):
                local.connected = True
                self.store.set("connected", True)
            self.store.incr("x")

        def scenario(together: Any) -> None:
            self.store.set("x", 0)
            together(worker, worker)
            self.assertEqual(self.store.get("x"), 2)

        self.store.interleave(scenario)
        self.assertGreater(self.store.rounds, 10)

    @needs_threads
    def test_random_numbers_that_make_no_difference(self) -> None:
        """Values are not compared."""
        self.store.interleave(
            lambda together: together(*[lambda: self.store.set("x", random.random())] * 2)
        )


@needs_threads
class LimitTest(CleanTest):
    """A limit that is reached is never a pass."""

    def limited(self, limit: int, **options: Any) -> IncompleteError:
        """Three workers of four commands, of which there are too many orders."""

        def worker() -> None:
            for _ in range(4):
                self.store.incr("x")

        with self.assertRaises(IncompleteError) as caught:
            self.store.interleave(
                lambda together: together(worker, worker, worker), limit=limit, **options
            )
        self.assertEqual(self.store.rounds, limit)
        return caught.exception

    def test_it_says_how_far_it_came(self) -> None:
        """And which argument is content with that."""
        error = self.limited(300)
        self.assertEqual(
            str(error),
            "limit=300 was reached, and there are more orders. All with at most 1 interruption of "
            "a worker were tried, and none fails: preemptions=1 leaves it at these. Or raise the "
            "limit, or have fewer workers or commands.",
        )
        self.assertEqual((error.orders, error.preemptions), (300, 1))

    def test_where_it_came_nowhere(self) -> None:
        """There is no such argument."""
        error = self.limited(5)
        self.assertEqual(
            str(error),
            "limit=5 was reached, and there are more orders. Raise the limit, or have fewer "
            "workers or commands.",
        )
        self.assertIsNone(error.preemptions)

    def test_the_second_search_has_the_same_limit(self) -> None:
        """With what the first one finished."""
        self.assertEqual(self.limited(1_100).preemptions, 1)

    def test_a_bound_of_ones_own_has_it_too(self) -> None:
        """Up to what it finished."""
        self.assertEqual(self.limited(400, preemptions=4).preemptions, 1)
