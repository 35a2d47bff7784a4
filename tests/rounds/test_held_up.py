"""Workers that wait for what is not ours, and workers that never come to an end."""

from __future__ import annotations

import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable
from unittest import mock

from tests.rounds.store_case import StoreTest
from tests.support.platform import needs_threads
from tripwire._orders import crew, shift
from tripwire.errors import IncompleteError, LivelockError


@needs_threads
class StrangersTest(StoreTest):
    """What is not ours: waited for in real time, for a second."""

    def test_a_worker_with_an_executor_of_its_own(self) -> None:
        """Its future is waited for."""

        def worker() -> int:
            with ThreadPoolExecutor(1) as pool:
                return pool.submit(lambda: 7).result()

        self.store.interleave(lambda together: self.assertEqual(together(worker), [7]))

    def test_a_scenario_with_an_executor(self) -> None:
        """Beside no workers."""

        def scenario(together: Any) -> None:
            together(lambda: None)
            with ThreadPoolExecutor(1) as pool:
                self.assertEqual(pool.submit(lambda: 7).result(), 7)
                self.assertEqual(pool.submit(lambda: 8).result(timeout=60), 8)

        self.store.interleave(scenario)

    def test_an_executor_that_was_there_before(self) -> None:
        """What looks like a deadlock gets a second."""
        with ThreadPoolExecutor(1) as pool:
            pool.submit(lambda: None).result()

            def seven() -> int:
                time.sleep(0.02)
                return 7

            def worker() -> int:
                return pool.submit(seven).result()

            self.store.interleave(lambda together: self.assertEqual(together(worker), [7]))

    def test_a_strangers_thread_that_does_not_help(self) -> None:
        """The round is not judged."""
        go = threading.Event()
        self.addCleanup(go.set)

        def scenario(together: Any) -> None:
            event = threading.Event()

            def worker() -> None:
                threading.Thread(target=go.wait).start()
                event.wait(0.5)
                event.wait()

            def help_later() -> None:
                time.sleep(1)
                event.set()

            together(worker, help_later)

        impatient = mock.patch("tripwire._orders.workers.PATIENCE", 0.01)
        with impatient, self.assertRaises(IncompleteError) as caught:
            self.store.interleave(scenario)
        self.assertIn("test_held_up.py", str(caught.exception))


@mock.patch("tripwire._orders.shift.PATIENCE", 0.04)
@needs_threads
class HeldUpTest(StoreTest):
    """A worker that waits in a way that is not ours."""

    def test_a_lock_that_was_made_before(self) -> None:
        """After three rounds the line is named; never a pass."""
        lock = threading.Lock()

        def worker() -> None:
            with lock:
                self.store.set("x", (self.store.get("x") or 0) + 1)

        with self.assertRaises(IncompleteError) as caught:
            self.store.interleave(lambda together: together(worker, worker))
        line = worker.__code__.co_firstlineno + 1
        self.assertEqual(
            str(caught.exception),
            "A worker was held up for a second of real time at "
            f"tests/rounds/test_held_up.py:{line} in worker: by a lock that was made before the "
            "round, a socket, a thread that is not its own, or a long computation. What waits "
            "there cannot be tried in every order: make it inside the scenario, or put a fake in "
            "its place.",
        )
        self.assertEqual(caught.exception.location.lineno, line)

    def test_one_order_alone(self) -> None:
        """Is not judged either."""
        lock = threading.Lock()

        def worker() -> None:
            with lock:
                self.store.incr("x")

        with self.assertRaises(IncompleteError):
            self.store.interleave(lambda together: together(worker, worker), only="abAB")

    def test_in_a_round_that_is_not_judged_all_run_at_once(self) -> None:
        """With sleeps, events and locks of their own, to their ends."""
        lock = threading.Lock()

        def scenario(together: Any) -> None:
            event, mine = threading.Event(), threading.Lock()

            def hold() -> None:
                with lock:
                    self.store.incr("x")
                    time.sleep(1)
                self.assertFalse(threading.Event().wait(0.5))
                with mine:
                    event.set()

            def want() -> None:
                with lock:
                    self.store.incr("x")
                while not event.wait(5):
                    pass  # pragma: no cover - only on a slow machine

            together(hold, want, lambda: None)

        for only in (None, "cabAB"):
            with self.subTest(only), self.assertRaises(IncompleteError):
                self.store.interleave(scenario, only=only)

    def test_one_that_is_never_let_go(self) -> None:
        """The call ends all the same."""
        lock = threading.Lock()
        lock.acquire()
        self.addCleanup(lock.release)
        for room in (shift, crew):
            impatient = mock.patch.object(room, "FAREWELL", 0.1)
            impatient.start()
            self.addCleanup(impatient.stop)
        with self.assertRaises(IncompleteError):
            self.store.interleave(lambda together: together(lock.acquire, lambda: None))

    def test_one_that_goes_on_and_on_meanwhile(self) -> None:
        """Its steps are counted."""
        lock = threading.Lock()

        def spin() -> None:
            with lock:
                while True:
                    self.store.incr("x")

        with self.assertRaises(IncompleteError):
            self.store.interleave(
                lambda together: together(spin, spin, lambda: self.store.incr("x"))
            )


@needs_threads
class LivelockTest(StoreTest):
    """A worker that goes on for ever."""

    def test_a_thousand_steps(self) -> None:
        """Told with the first and the last of them."""

        def worker() -> None:
            while self.store.get("x") is None:
                pass

        def scenario(together: Any) -> None:
            together(worker, lambda: None)

        error = self.found(scenario)
        self.assertIsInstance(error, LivelockError)
        lines = str(error).splitlines()
        self.assertEqual(len(lines), 69)
        self.assertIn("       ... 943 more ...", lines)
        self.assertEqual(lines[-4], "    Livelock: more than 1,000 steps of one worker.")
        self.assertTrue(lines[-3].startswith("        A goes on at tests/rounds/"))
        self.assertLess(max(map(len, lines[:-1])), 80)

    def test_sleeps_are_counted(self) -> None:
        """And those of no length."""

        def worker(seconds: float) -> None:
            while True:
                time.sleep(seconds)

        for seconds in (0, 1):
            with self.subTest(seconds):
                error = self.found(lambda together, s=seconds: together(lambda: worker(s)))
                self.assertIsInstance(error, LivelockError)

    def test_waits_are_counted(self) -> None:
        """Those that have an end."""

        def worker() -> None:
            event = threading.Event()
            while True:
                event.wait(1)

        self.assertIsInstance(self.found(lambda together: together(worker)), LivelockError)

    def test_two_that_repeat_themselves(self) -> None:
        """Each gives way to the other, until it is too much."""

        def worker() -> None:
            while self.store.get("x") is None:
                time.sleep(0)

        def other() -> None:
            while self.store.get("y") is None:
                pass

        error = self.found(lambda together: together(worker, other))
        self.assertIsInstance(error, LivelockError)


class StartTest(StoreTest):
    """Threads that do not start as they should."""

    def orders(self, begin: Callable[[int], bool]) -> int:
        """How many orders two workers have whose threads, counted, begin if they may."""
        numbers = itertools.count(1)

        class Thread(threading.Thread):
            def run(self) -> None:
                if begin(next(numbers)):
                    super().run()

        def scenario(together: Any) -> None:
            self.assertEqual(together(lambda: 1, lambda: 2), [1, 2])

        with mock.patch("tripwire._orders.crew.threading.Thread", Thread):
            self.store.interleave(scenario)
        return next(numbers) - 1

    @needs_threads
    def test_one_that_dies_is_replaced(self) -> None:
        """As one does that begins while the trace function of another is being set."""
        self.assertEqual(self.orders(lambda number: number not in {1, 3, 4}), 5)

    @needs_threads
    def test_one_that_is_slow_is_waited_for(self) -> None:
        """As on a machine that is busy with other things."""

        def late(number: int) -> bool:
            time.sleep(0.02)
            return True

        self.assertEqual(self.orders(late), 2)

    @needs_threads
    def test_where_none_starts_nothing_is_judged(self) -> None:
        """It does not take for ever."""
        impatient = mock.patch.multiple("tripwire._orders.shift", PATIENCE=0.04, FAREWELL=0.1)
        with impatient, self.assertRaises(IncompleteError):
            self.orders(lambda number: False)
