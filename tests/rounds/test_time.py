"""Time in a round: it passes when all wait, and costs nothing."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import threading
import time
import unittest
from time import monotonic as clock_of_mine
from time import sleep as nap
from typing import Any, List
from unittest import mock

from tests.rounds.stand_in import StandInClock
from tests.rounds.store_case import StoreTest
from tests.support.platform import needs_threads
from tripwire._time.virtual import virtual
from tripwire._time.waiting import Strangers, Unwound, alone


@needs_threads
class TimeTest(StoreTest):
    """Sleeping costs nothing, and what runs out meanwhile has run out."""

    def test_a_lease_that_ran_out_in_between(self) -> None:
        """A lock that is released without a look at whose it is."""

        def work(name: str, slow: float, later: float) -> None:
            time.sleep(later)
            self.assertTrue(self.store.add("lock", name, expire=10))
            time.sleep(slow)
            self.assertEqual(self.store.get("lock"), name)
            self.store.delete("lock")

        workers = [lambda: work("A", 11, 0), lambda: work("B", 2, 10)]
        error = self.found(lambda together: together(*workers))
        self.assertIn("\n       (sleeps 11 s)\n", str(error))

    def test_a_lock_that_is_polled(self) -> None:
        """Mends the lost update, as long as its lease is."""

        def count_visit(slow: float) -> None:
            while not self.store.add("lock", 1, expire=10):
                time.sleep(0.5)
            visits = self.store.get("visits")
            time.sleep(slow)
            self.store.set("visits", visits + 1)
            self.store.delete("lock")

        def scenario(slow: float) -> Any:
            def run(together: Any) -> None:
                self.store.set("visits", 0)
                together(lambda: count_visit(slow), lambda: count_visit(slow))
                self.assertEqual(self.store.get("visits"), 2)

            return run

        self.store.interleave(scenario(9), preemptions=2)
        self.assertIn("(sleeps 11 s)", str(self.found(scenario(11))))

    def test_sleeps_of_random_length(self) -> None:
        """As of those who try again: each is as long as when these steps were taken before."""
        source = random.Random(1)
        lengths = set()

        def worker() -> None:
            while not self.store.add("lock", 1):
                seconds = source.random()
                before = time.monotonic()
                time.sleep(seconds)
                self.assertFalse(threading.Event().wait(source.random()))
                lengths.add(time.monotonic() - before)
            time.sleep(5)
            self.store.delete("lock")

        self.store.interleave(lambda together: together(worker, worker, worker), preemptions=1)
        self.assertGreater(len(lengths), self.store.rounds)

    def test_all_clocks_are_the_rounds(self) -> None:
        """Under whatever name a module has bound them."""

        def worker() -> List[float]:
            before = [time.time(), time.monotonic(), clock_of_mine()]
            before += [time.time_ns() / 1e9, time.monotonic_ns() / 1e9]
            before += [time.perf_counter(), time.perf_counter_ns() / 1e9]
            nap(2)
            time.sleep(0.5)
            after = [time.time(), time.monotonic(), clock_of_mine()]
            after += [time.time_ns() / 1e9, time.monotonic_ns() / 1e9]
            after += [time.perf_counter(), time.perf_counter_ns() / 1e9]
            return [round(new - old, 3) for new, old in zip(after, before)]

        def scenario(together: Any) -> None:
            self.assertEqual(time.time(), self.store.start)
            self.assertEqual(together(worker), [[2.5] * 7])
            self.assertEqual(worker(), [2.5] * 7)
            self.assertEqual(time.time(), self.store.start + 5)

        self.store.interleave(scenario)

    def test_a_loop_that_polls(self) -> None:
        """It sees what others do, and its own time running out."""

        def wait() -> bool:
            end = time.monotonic() + 2
            while time.monotonic() < end:
                if self.store.get("ready"):
                    return True
                time.sleep(0.1)
            return False

        def prepare(seconds: float) -> None:
            time.sleep(seconds)
            self.store.set("ready", True)

        def scenario(seconds: float, expected: bool) -> Any:
            def run(together: Any) -> None:
                results = together(wait, lambda: prepare(seconds))
                self.assertEqual(results[0], expected)

            return run

        self.store.interleave(scenario(1.5, True))
        self.store.interleave(scenario(2.5, False))

    def test_what_is_no_number_of_seconds_is_refused_as_ever(self) -> None:
        """By the real function."""

        def worker() -> None:
            with self.assertRaises(ValueError):
                time.sleep(-1)
            with self.assertRaises(TypeError):
                time.sleep("1")  # type: ignore[arg-type] # on purpose

        self.store.interleave(lambda together: together(worker))

    def test_other_threads_have_the_real_time(self) -> None:
        """One that a scenario starts, too."""
        seen: List[float] = []
        re_entrant = threading.RLock()

        def look() -> None:
            time.sleep(0)
            self.assertIsInstance(threading.RLock(), type(re_entrant))
            seen.append(time.time())

        def scenario(together: Any) -> None:
            thread = threading.Thread(target=look)
            thread.start()
            thread.join()
            together(lambda: None)

        self.store.interleave(scenario)
        self.assertGreater(seen[0], self.store.start + 1_000_000)

    def test_an_event_loop_has_the_real_time(self) -> None:
        """And child processes have: they ask the operating system to wait."""

        def worker() -> str:
            asyncio.run(asyncio.sleep(0.01))
            command = [sys.executable, "-c", "print(1)"]
            return subprocess.run(
                command, capture_output=True, timeout=20, check=True, text=True
            ).stdout

        self.store.interleave(lambda together: self.assertEqual(together(worker), ["1\n"]))

    def test_modules_that_are_imported_meanwhile(self) -> None:
        """What they have bound is put right at the end."""
        name = "tripwire_test_bound_meanwhile"
        self.addCleanup(sys.modules.pop, name)
        module = type(sys)(name)

        def worker() -> None:
            sys.modules[name] = module
            module.sleep = time.sleep  # type: ignore[attr-defined] # as an import would
            module.sleep(1)

        self.store.interleave(lambda together: together(worker))
        self.assertIs(vars(module)["sleep"], time.sleep)

    def test_a_sleep_that_a_test_has_mocked_stays_mocked(self) -> None:
        """It takes no time, and is seen."""
        with mock.patch("time.sleep") as mocked:
            self.store.interleave(lambda together: together(lambda: time.sleep(5)))
        self.assertEqual(mocked.mock_calls, [mock.call(5)] * 2)

    def test_what_others_have_bound_meanwhile_stays(self) -> None:
        """Only what is ours is taken out."""
        other = mock.patch.object(sys.modules[__name__], "nap", print)
        self.store.interleave(lambda together: together(other.start))
        self.assertIs(nap, print)
        other.stop()
        vars(sys.modules[__name__])["nap"] = time.sleep

    def test_odd_modules_are_no_trouble(self) -> None:
        """`sys.modules` may hold anything."""
        with mock.patch.dict(sys.modules, {"tripwire_test_odd": object()}):
            self.store.interleave(lambda together: together(lambda: None))

    def test_giving_way(self) -> None:
        """`sleep(0)` lets others go on, and costs nothing."""

        def wait() -> None:
            while not self.store.get("ready"):
                time.sleep(0)

        def prepare() -> None:
            self.store.get("x")
            time.sleep(3)
            self.store.set("ready", True)

        self.store.interleave(lambda together: together(wait, prepare), preemptions=1)

    def test_giving_way_without_a_command(self) -> None:
        """Two that wait for a variable."""
        box: List[int] = []

        def wait() -> None:
            while not box:
                time.sleep(0)

        def prepare() -> None:
            time.sleep(3)
            box.append(1)

        def scenario(together: Any) -> None:
            box.clear()
            together(wait, wait, prepare)

        self.store.interleave(scenario)

    def test_a_loop_that_repeats_itself_gives_way(self) -> None:
        """Without any sleep."""

        def wait() -> None:
            while not self.store.get("ready"):
                pass

        def prepare() -> None:
            time.sleep(1)
            self.store.set("ready", True)

        self.store.interleave(lambda together: together(wait, prepare))
        self.store.interleave(lambda together: together(wait, lambda: self.store.set("ready", 1)))


class AloneTest(unittest.TestCase):
    """A round without workers, as a sweep runs it: sleeping moves its clock, and that is all."""

    def test_a_retry_costs_no_time(self) -> None:
        """Nor does waiting for what does not come."""
        clock = StandInClock(1_000)
        began = time.monotonic()
        with virtual, alone(clock, Strangers()):
            before = time.monotonic()
            time.sleep(3_600)
            nap(0)
            self.assertFalse(threading.Event().wait(400))
            self.assertEqual(time.time(), 5_000)
            self.assertAlmostEqual(time.monotonic() - before, 4_000)
        self.assertLess(time.monotonic() - began, 20)

    def test_what_never_comes_ends_it(self) -> None:
        """At once, and past every `except Exception`."""
        with self.assertRaises(Unwound), virtual, alone(StandInClock(1_000), Strangers()):
            threading.Event().wait()

    def test_an_endless_loop_ends(self) -> None:
        """Nobody would see it wait, as its sleeps take no time; nor what waits at most so long."""
        never = threading.Event()
        for wait in (lambda: time.sleep(1), lambda: never.wait(1)):
            with self.assertRaises(Unwound) as caught, virtual, alone(StandInClock(1), Strangers()):
                while True:
                    wait()
            self.assertEqual(str(caught.exception), "goes on and on: it has had 10,000 sleeps")

    def test_one_inside_another(self) -> None:
        """The outer clock is back afterwards."""
        with virtual, alone(StandInClock(1_000), Strangers()):
            with alone(StandInClock(2_000), Strangers()):
                self.assertEqual(time.time(), 2_000)
            self.assertEqual(time.time(), 1_000)
