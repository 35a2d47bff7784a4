"""However a call ends: no thread, no patch is left, nothing is kept."""

from __future__ import annotations

import _thread
import gc
import json
import operator
import select
import signal
import threading
import time
import unittest
import weakref
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, List
from unittest import mock

from tests.rounds.clean_case import CleanTest
from tests.rounds.stand_in import StandIn
from tests.support.platform import needs_threads
from tripwire.errors import (
    InterleavingError,
)


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


class EndingsTest(CleanTest):
    """How a call may end."""

    @needs_threads
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

    @needs_threads
    def test_several_calls_at_once(self) -> None:
        """Each has its own threads and its own time; the patch goes with the last one."""

        def interleave() -> bool:
            for _ in range(3):
                slow_visits(StandIn())
            return True

        with ThreadPoolExecutor(4) as pool:
            calls = [pool.submit(interleave) for _ in range(4)]
            self.assertEqual([call.result() for call in calls], [True] * 4)

    @needs_threads
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

    def hear_ctrl_c(self) -> None:
        """Have the signal raise `KeyboardInterrupt`: a process in the background ignores it."""
        self.addCleanup(
            signal.signal, signal.SIGINT, signal.signal(signal.SIGINT, signal.default_int_handler)
        )

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

        self.hear_ctrl_c()
        for workers in ([worker], [worker, self.count_visit]):
            with self.subTest(workers), self.assertRaises(KeyboardInterrupt):
                self.store.interleave(lambda together, w=workers: together(*w))
        self.assertEqual(seen, ["unwound"] * 2)

    @needs_threads
    def test_ctrl_c_before_anybody_began(self) -> None:
        """At the worst moment."""
        for method in ("watch", "choose_next"):
            interrupted = mock.patch(
                f"tripwire._orders.shift.Shift.{method}", side_effect=KeyboardInterrupt
            )
            with self.subTest(method), interrupted, self.assertRaises(KeyboardInterrupt):
                self.store.interleave(lambda together: together(self.count_visit))

    @needs_threads
    def test_ctrl_c_in_the_scenario(self) -> None:
        """Beside the workers."""

        def scenario(together: Any) -> None:
            together(self.count_visit)
            _thread.interrupt_main()

        self.hear_ctrl_c()
        with self.assertRaises(KeyboardInterrupt):
            self.store.interleave(scenario)

    @needs_threads
    def test_a_scenario_that_catches_everything(self) -> None:
        """A deadlock is told all the same."""

        def scenario(together: Any) -> None:
            with suppress(BaseException):
                together(threading.Event().wait)

        with self.assertRaises(InterleavingError):
            self.store.interleave(scenario)

    @needs_threads
    def test_a_worker_that_catches_everything(self) -> None:
        """It ends at the end of its patience."""

        def worker() -> None:
            for _ in range(3):
                with suppress(BaseException):
                    threading.Event().wait()

        with self.assertRaises(InterleavingError):
            self.store.interleave(lambda together: together(worker, worker))


@needs_threads
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
        from tripwire._orders.steps import BEGINNING

        self.assertEqual(repr(BEGINNING), "<Step begins (begins)>")
