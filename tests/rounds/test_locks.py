"""Locks that are made in a round, and what is made of locks: who waits lets others go on."""

from __future__ import annotations

import queue
import threading
import time
from concurrent.futures import Future
from typing import Any, List
from unittest import mock

from tests.rounds.store_case import StoreTest
from tests.support.platform import needs_threads
from tripwire._orders.search import Phase
from tripwire.errors import DeadlockError, InterleavingError

REDUCED = (Phase(None, None, True),)


@needs_threads
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

    def test_an_order_that_fails_before_its_lock_is_known(self) -> None:
        """Is found again by its letters, though a second time the lock would be."""

        def scenario(together: Any) -> None:
            lock = threading.Lock()

            def worker() -> None:
                with lock:
                    self.store.incr("x")

            together(worker, worker)
            raise ValueError

        error = self.found(scenario)
        self.assertEqual(error.schedule, "aAbB")
        self.assertEqual(self.found(scenario, only=error.schedule).schedule, "aAbB")

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
        A waits at tests/rounds/test_locks.py:{line} in worker
        B waits at tests/rounds/test_locks.py:{line} in worker

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
                self.assertFalse(lock.acquire(timeout=0.5) or lock.acquire(timeout=0))
                self.assertIn("locked", repr(lock))
            with self.assertRaises(RuntimeError):
                lock.release()
            with self.assertRaises(ValueError):
                lock.acquire(timeout=-2)
            with self.assertRaises(RuntimeError):
                again.release()
            with again, again:
                # Python's own one tells it since 3.14.
                self.assertTrue(again.locked())  # type: ignore[attr-defined] # see above
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
