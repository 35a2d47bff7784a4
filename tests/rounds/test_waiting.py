"""Time, locks and what stands on them: in a round all of it goes by the round's clock."""

from __future__ import annotations

import asyncio
import queue
import subprocess
import sys
import threading
import time
import unittest
from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic as clock_of_mine
from time import sleep as nap
from typing import Any, List
from unittest import mock

from tests.rounds.stand_in import StandIn
from tripwire._search import Phase
from tripwire.errors import DeadlockError, IncompleteError, InterleavingError, LivelockError

REDUCED = (Phase(None, None, True),)


class StoreTest(unittest.TestCase):
    """Each test has a dictionary, and no test takes real time."""

    def setUp(self) -> None:
        """Note the time."""
        self.store = StandIn()
        began = time.monotonic()
        self.addCleanup(lambda: self.assertLess(time.monotonic() - began, 5))

    def found(self, scenario: Any, **options: Any) -> InterleavingError:
        """The order that a scenario fails in."""
        with self.assertRaises(InterleavingError) as caught:
            self.store.interleave(scenario, **options)
        return caught.exception


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

    def test_all_clocks_are_the_rounds(self) -> None:
        """Under whatever name a module has bound them."""

        def worker() -> List[float]:
            before = [time.time(), time.monotonic(), clock_of_mine()]
            before += [time.time_ns() / 1e9, time.monotonic_ns() / 1e9]
            nap(2)
            time.sleep(0.5)
            after = [time.time(), time.monotonic(), clock_of_mine()]
            after += [time.time_ns() / 1e9, time.monotonic_ns() / 1e9]
            return [round(new - old, 3) for new, old in zip(after, before)]

        def scenario(together: Any) -> None:
            self.assertEqual(time.time(), self.store.start)
            self.assertEqual(together(worker), [[2.5] * 5])
            self.assertEqual(worker(), [2.5] * 5)
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


class LocksTest(StoreTest):
    """Locks that are made in a scenario, and all that is made of locks."""

    def count_under(self, lock: Any) -> None:
        """A lost update, mended by a lock."""
        with lock:
            visits = self.store.get("visits")
            self.store.set("visits", visits + 1)

    def test_a_lock_around_the_commands(self) -> None:
        """Mends the lost update, of any kind of lock, in both searches."""
        for name in ("Lock", "RLock", "Condition", "Semaphore"):

            def scenario(together: Any, name: str = name) -> None:
                lock = getattr(threading, name)()
                self.store.set("visits", 0)
                together(lambda: self.count_under(lock), lambda: self.count_under(lock))
                self.assertEqual(self.store.get("visits"), 2)

            with self.subTest(name):
                self.store.interleave(scenario)
                with mock.patch("tripwire._interleave.PHASES", REDUCED):
                    self.store.interleave(scenario)

    def test_who_comes_first_is_tried_without_a_bound_too(self) -> None:
        """Though nobody is interrupted while a lock is held."""

        def scenario(together: Any) -> None:
            lock = threading.Lock()
            order: List[str] = []

            def worker(name: str) -> None:
                with lock:
                    self.store.incr(name)
                    order.append(name)

            together(lambda: worker("A"), lambda: worker("B"))
            self.assertEqual(order, ["A", "B"])

        with mock.patch("tripwire._interleave.PHASES", REDUCED):
            error = self.found(scenario)
        self.assertIn(("B", "(takes a lock)"), error.steps)
        self.assertEqual(self.found(scenario, only=error.schedule).schedule, error.schedule)

    def test_two_locks_in_both_orders(self) -> None:
        """A deadlock is found at once, and told."""

        def scenario(together: Any) -> None:
            one, two = threading.Lock(), threading.Lock()

            def worker(first: Any, second: Any) -> None:
                with first:
                    self.store.get("x")
                    with second:
                        self.store.get("x")

            together(lambda: worker(one, two), lambda: worker(two, one))

        error = self.found(scenario)
        line = scenario.__code__.co_firstlineno + 6
        self.assertIsInstance(error, DeadlockError)
        self.assertEqual(
            str(error),
            f"""\
Order "aAbBBA" fails, after 6 orders:

       A                            B
       (begins)
       (takes a lock)
                                    (begins)
                                    (takes a lock)
    1                               GET 'x': None
    2  GET 'x': None

    Deadlock: nobody can go on.
        A waits at tests/rounds/test_waiting.py:{line} in worker
        B waits at tests/rounds/test_waiting.py:{line} in worker

This order alone: interleave(scenario, only='aAbBBA')""",
        )

    def test_a_lock_that_is_taken_twice(self) -> None:
        """By the scenario itself, before and after its workers."""

        def scenario(together: Any) -> None:
            together(lambda: None)
            lock = threading.Lock()
            lock.acquire()
            self.assertFalse(lock.acquire(timeout=3))
            self.assertFalse(lock.acquire(blocking=False))
            self.assertEqual(time.time(), self.store.start + 3)
            lock.acquire()

        with self.assertRaises(InterleavingError) as caught:
            self.store.interleave(scenario)
        self.assertIn("waits for what nobody can do any more", str(caught.exception))

    def test_locks_are_as_locks_are(self) -> None:
        """In a worker, and when the round is over."""
        kept: List[Any] = []

        def worker() -> None:
            lock, again = threading.Lock(), threading.RLock()
            kept.append((lock, again))
            with lock:
                self.assertTrue(lock.locked())
                self.assertFalse(lock.acquire(False))
                self.assertFalse(lock.acquire(timeout=0.5))
                self.assertFalse(lock.acquire(timeout=0))
                self.assertIn("locked", repr(lock))
            with self.assertRaises(RuntimeError):
                lock.release()
            with self.assertRaises(ValueError):
                lock.acquire(timeout=-2)
            with self.assertRaises(RuntimeError):
                again.release()
            with again, again:
                self.store.get("x")

        self.store.interleave(lambda together: together(worker))
        lock, again = kept[0]
        with lock, again, again:
            self.assertFalse(lock.acquire(timeout=0.001))
        for each in (lock, again):
            each._at_fork_reinit()  # noqa: SLF001 - what `threading` calls in a child process
        self.assertTrue(lock.acquire() and again.acquire())
        results: List[bool] = []
        thread = threading.Thread(target=lambda: results.append(again.acquire(False)))
        thread.start()
        thread.join()
        self.assertEqual(results, [False])

    def test_a_lock_with_a_timeout(self) -> None:
        """It runs out in the round's time."""

        def scenario(together: Any) -> None:
            lock = threading.Lock()

            def hold() -> None:
                with lock:
                    time.sleep(5)

            def hurry() -> bool:
                time.sleep(1)
                got = lock.acquire(timeout=2)
                self.assertEqual(time.time(), self.store.start + 3)
                patient = lock.acquire(timeout=3)
                self.assertEqual(time.time(), self.store.start + 5)
                return not got and patient

            self.assertEqual(together(hold, hurry), [None, True])

        self.store.interleave(scenario)

    def test_events_queues_and_futures(self) -> None:
        """One waits, the other provides; in time, and late."""

        def scenario(together: Any) -> None:
            event, future = threading.Event(), Future()  # type: ignore[var-annotated] # of an int
            items: queue.Queue[int] = queue.Queue(1)

            def take() -> List[Any]:
                late = event.wait(0.5)
                self.assertTrue(event.wait())
                return [late, items.get(timeout=9), items.get(), future.result(timeout=3)]

            def give() -> None:
                time.sleep(1)
                event.set()
                items.put(1)
                items.put(2)
                time.sleep(1)
                future.set_result(3)

            self.assertEqual(together(take, give)[0], [False, 1, 2, 3])

        self.store.interleave(scenario)

    def test_a_barrier(self) -> None:
        """Three that wait for each other."""

        def scenario(together: Any) -> None:
            barrier = threading.Barrier(3)
            self.assertEqual(sorted(together(*[lambda: barrier.wait(5)] * 3)), [0, 1, 2])

        self.store.interleave(scenario)

    def test_a_queue_that_was_made_before(self) -> None:
        """Its waiting is ours all the same."""
        items: queue.Queue[int] = queue.Queue()

        def scenario(together: Any) -> None:
            self.assertEqual(together(items.get, lambda: items.put(1)), [1, None])

        self.store.interleave(scenario)

    def test_nobody_provides(self) -> None:
        """A deadlock of one."""
        error = self.found(lambda together: together(threading.Event().wait, lambda: None))
        self.assertIsInstance(error, DeadlockError)


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

        impatient = mock.patch("tripwire._workers.PATIENCE", 0.01)
        with impatient, self.assertRaises(IncompleteError) as caught:
            self.store.interleave(scenario)
        self.assertIn("test_waiting.py", str(caught.exception))


@mock.patch("tripwire._shift.PATIENCE", 0.04)
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
            f"A worker waited in real time at tests/rounds/test_waiting.py:{line} in worker, for "
            "something that is not the round's own: a lock that was made before it, a socket, a "
            "thread. What waits there cannot be tried in every order: make it inside the scenario, "
            "or put a fake in its place.",
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
        for room in ("_shift", "_crew"):
            impatient = mock.patch(f"tripwire.{room}._FAREWELL", 0.1)
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
