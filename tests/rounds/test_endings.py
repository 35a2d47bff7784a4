"""However a call ends: no thread, no patch is left, and what is wrong with a scenario is said."""

from __future__ import annotations

import _thread
import gc
import json
import operator
import random
import select
import signal
import threading
import time
import unittest
import weakref
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, Dict, List
from unittest import mock

from tests.rounds.stand_in import StandIn
from tripwire.errors import (
    IncompleteError,
    InterleavingError,
    NotDeterministicError,
    ScenarioError,
)

ORIGINALS = {
    "sleep": time.sleep,
    "time": time.time,
    "monotonic": time.monotonic,
    "Lock": threading.Lock,
    "RLock": threading.RLock,
}


def now_bound() -> Dict[str, Any]:
    """What the names are bound to."""
    names = {name: getattr(time, name) for name in ("sleep", "time", "monotonic")}
    return {**names, "Lock": threading.Lock, "RLock": threading.RLock}


def slow_visits(store: StandIn) -> None:
    """Two visits that take a while."""

    def worker() -> None:
        store.incr("x")
        time.sleep(50)

    def scenario(together: Any) -> None:
        store.set("x", 0)
        together(worker, worker)
        case = unittest.TestCase()
        case.assertEqual((time.time(), store.get("x")), (store.start + 50, 2))

    store.interleave(scenario)


class CleanTest(unittest.TestCase):
    """No test leaves a thread or a patch."""

    def setUp(self) -> None:
        """Count the threads, and look again at the end."""
        self.store = StandIn()
        before = threading.active_count()
        self.addCleanup(lambda: self.assertEqual(now_bound(), ORIGINALS))
        self.addCleanup(lambda: self.assertEqual(threading.active_count(), before))

    def count_visit(self) -> None:
        """Lose an update if somebody comes in between."""
        self.store.set("visits", (self.store.get("visits") or 0) + 1)


class EndingsTest(CleanTest):
    """How a call may end."""

    def test_after_a_pass(self) -> None:
        """In a thread that is not the main one, too."""

        def interleave() -> None:
            self.store.interleave(
                lambda together: together(self.count_visit, lambda: self.store.get("visits"))
            )

        interleave()
        thread = threading.Thread(target=interleave)
        thread.start()
        thread.join()

    def test_several_calls_at_once(self) -> None:
        """Each has its own threads and its own time; the patch goes with the last one."""

        def interleave() -> bool:
            for _ in range(3):
                slow_visits(StandIn())
            return True

        with ThreadPoolExecutor(4) as pool:
            calls = [pool.submit(interleave) for _ in range(4)]
            self.assertEqual([call.result() for call in calls], [True] * 4)

    def test_no_round_is_kept(self) -> None:
        """Neither what workers return and raise, nor their functions."""

        class Result:
            pass

        kept: List[Any] = []

        def scenario(together: Any) -> None:
            result = Result()
            kept.append(weakref.ref(result))
            together(lambda: result)

        self.store.interleave(scenario)
        gc.collect()
        self.assertEqual([each() for each in kept], [None, None])

    @unittest.skipUnless(hasattr(signal, "pthread_kill"), "needs signals")
    def test_ctrl_c_in_the_main_thread_ends_the_call(self) -> None:
        """Workers are unwound, with their `finally`."""
        main = threading.main_thread().ident or 0
        seen: List[str] = []

        def worker() -> None:
            try:
                self.store.get("x")
                signal.pthread_kill(main, signal.SIGINT)
                select.select([], [], [], 0.2)  # in real time
                self.store.incr("x")
            finally:
                seen.append("unwound")

        for workers in ([worker], [worker, self.count_visit]):
            with self.subTest(workers), self.assertRaises(KeyboardInterrupt):
                self.store.interleave(lambda together, w=workers: together(*w))
        self.assertEqual(seen, ["unwound"] * 2)

    def test_ctrl_c_before_anybody_began(self) -> None:
        """At the worst moment."""
        for method in ("_watch", "_next"):
            interrupted = mock.patch(
                f"tripwire._shift.Shift.{method}", side_effect=KeyboardInterrupt
            )
            with self.subTest(method), interrupted, self.assertRaises(KeyboardInterrupt):
                self.store.interleave(lambda together: together(self.count_visit))

    def test_ctrl_c_in_the_scenario(self) -> None:
        """Beside the workers."""

        def scenario(together: Any) -> None:
            together(self.count_visit)
            _thread.interrupt_main()

        with self.assertRaises(KeyboardInterrupt):
            self.store.interleave(scenario)

    def test_a_scenario_that_catches_everything(self) -> None:
        """A deadlock is told all the same."""

        def scenario(together: Any) -> None:
            with suppress(BaseException):
                together(threading.Event().wait)

        with self.assertRaises(InterleavingError):
            self.store.interleave(scenario)

    def test_a_worker_that_catches_everything(self) -> None:
        """It ends at the end of its patience."""

        def worker() -> None:
            for _ in range(3):
                with suppress(BaseException):
                    threading.Event().wait()

        with self.assertRaises(InterleavingError):
            self.store.interleave(lambda together: together(worker, worker))


class ScenarioTest(CleanTest):
    """What is wrong with the scenario itself."""

    def refused(self, kind: Any, scenario: Any, **options: Any) -> str:
        """What is said of it."""
        with self.assertRaises(kind) as caught:
            self.store.interleave(scenario, **options)
        self.assertNotIsInstance(caught.exception, AssertionError)
        return str(caught.exception)

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

    def test_a_misuse_cannot_be_swallowed(self) -> None:
        """By a scenario that catches it."""

        def scenario(together: Any) -> None:
            together(lambda: None)
            with suppress(Exception):
                together(lambda: None)

        self.refused(ScenarioError, scenario)

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
                "a worker runs in a thread, and <lambda> gives a coroutine: use lambda: "
                "asyncio.run(<lambda>())",
            ),
        ]
        for workers, text in cases:
            with self.subTest(text):
                said = self.refused(TypeError, lambda together, w=workers: together(*w))
                self.assertEqual(said, text)

    def test_arguments(self) -> None:
        """Each is checked before anything is run."""

        async def coroutine(together: Any) -> None:
            pass  # pragma: no cover - never run

        fine = lambda together: together(lambda: None)  # noqa: E731 - as tests are written
        self.assertTrue(
            self.refused(TypeError, coroutine).startswith(
                "a scenario is a function that takes `together`, not <function"
            )
        )
        self.refused(TypeError, None)
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

    def test_an_order_that_does_not_come_to_pass(self) -> None:
        """With what came instead."""
        said = self.refused(ValueError, lambda together: together(self.count_visit), only="aAbB")
        self.assertEqual(said, "only='aAbB' does not come to pass: the order was 'aAA'")

    def test_an_order_that_passes(self) -> None:
        """One round, and nothing to say."""
        self.store.interleave(lambda together: together(self.count_visit), only="aAA")
        self.assertEqual(self.store.rounds, 1)

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

    after:    a
    at first: A: GET 'key0'
    now:      A: GET 'key2'

Look for random numbers, sets, real clocks, and what one round leaves to the next: a module's \
cache, a client that is made once.""",
        )

    def test_a_cache_that_outlives_the_round(self) -> None:
        """The second time, there is less to do, or more."""
        cache: Dict[str, Any] = {}

        def load() -> Any:
            if "x" not in cache:
                cache["x"] = self.store.get("x")

        said = self.refused(NotDeterministicError, lambda together: together(load))
        self.assertIn("    at first: A: GET 'x'\n    now:      nothing\n", said)
        calls: List[int] = []

        def more() -> None:
            calls.append(1)
            for _ in calls:
                self.store.get("x")

        said = self.refused(NotDeterministicError, lambda together: together(more))
        self.assertIn("    at first: nothing\n    now:      A: GET 'x'\n", said)

    def test_later_rounds_are_compared_too(self) -> None:
        """Up to where they are to differ."""
        rounds: List[int] = []

        def worker() -> None:
            self.store.incr("x")
            self.store.get("late" if len(rounds) > 4 else "early")

        def scenario(together: Any) -> None:
            rounds.append(1)
            together(worker, worker)

        said = self.refused(NotDeterministicError, scenario)
        self.assertIn("    at first: A: GET 'early'\n    now:      A: GET 'late'\n", said)

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

    def test_random_numbers_that_make_no_difference(self) -> None:
        """Values are not compared."""
        self.store.interleave(
            lambda together: together(*[lambda: self.store.set("x", random.random())] * 2)
        )


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
            "limit.",
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


class PlacesTest(CleanTest):
    """Where an order fails that no line of the application has a part in."""

    def place(self, worker: Any) -> str:
        """The line below the exception."""
        with self.assertRaises(InterleavingError) as caught:
            self.store.interleave(operator.methodcaller("__call__", worker))
        lines = str(caught.exception).splitlines()
        return lines[-3].strip()

    def test_it_is_the_librarys(self) -> None:
        """Else nobody's."""
        self.assertRegex(self.place(partial(json.loads, "no")), r"^json/decoder.py:\d+ in \w+$")
        self.assertEqual(self.place(partial(int, "no")), "<unknown>:0 in <unknown>")


class StepsTest(unittest.TestCase):
    """What a step says of itself."""

    def test_its_repr(self) -> None:
        """For whoever debugs a plugin."""
        from tripwire._steps import BEGINNING

        self.assertEqual(repr(BEGINNING), "<Step begins (begins)>")
