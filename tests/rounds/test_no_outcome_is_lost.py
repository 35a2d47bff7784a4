"""Random programs with sleeps, leases and locks, in threads: few orders against all of them."""

from __future__ import annotations

import random
import threading
import time
import unittest
from contextlib import ExitStack
from typing import Any, Callable, Dict, Hashable, List, Sequence, Set, Tuple
from unittest import mock

from tests.rounds.stand_in import StandIn
from tests.support.platform import needs_threads
from tripwire._orders.search import Phase

REDUCED = (Phase(None, None, True),)
EVERYTHING = (Phase(99, None, False),)
PROGRAMS = 25
LOCK = "lock"

Op = Tuple[str, Any]
Program = Sequence[Sequence[Op]]


def random_program(source: random.Random, verbs: Sequence[str]) -> Program:
    """Two workers with two or three operations each, of which they lock at most one."""
    return [_random_ops(source, verbs) for _ in range(2)]


def _random_ops(source: random.Random, verbs: Sequence[str]) -> Sequence[Op]:
    ops: List[Op] = []
    left = list(verbs)
    for _ in range(source.choice((2, 3))):
        verb = source.choice(left)
        ops.append((verb, source.choice("xy")))
        if verb == LOCK:
            left.remove(LOCK)
    return ops


def outcomes(program: Program, phases: Sequence[Phase]) -> Tuple[Set[Hashable], int]:
    """What may come out, and how many rounds that took."""
    store = StandIn()
    found: Set[Hashable] = set()

    def scenario(together: Any) -> None:
        lock = threading.Lock()
        together(*(runner(store, lock, ops, found) for ops in program))
        found.add(("end", repr(sorted(store.data.items())), time.time()))

    with mock.patch("tripwire._interleave.PHASES", phases):
        store.interleave(scenario, limit=100_000)
    return found, store.rounds


def runner(store: StandIn, lock: Any, ops: Sequence[Op], found: Set[Hashable]) -> Any:
    """A worker: it notes what it sees."""

    def run() -> None:
        seen: List[Any] = []
        with ExitStack() as held:
            for verb, key in ops:
                if verb == LOCK:
                    # To be held from here to the end.
                    held.enter_context(lock)
                else:
                    seen.append(VERBS[verb](store, key, seen))
        found.add(("seen", repr(ops), repr(seen)))

    return run


VERBS: Dict[str, Callable[[StandIn, str, Any], Any]] = {
    "get": lambda store, key, seen: store.get(key),
    "set": lambda store, key, seen: store.set(key, repr(seen)),
    "add": lambda store, key, seen: store.add(key, repr(seen), expire=2),
    "sleep": lambda store, key, seen: time.sleep(1 if key == "x" else 2),
}


@needs_threads
class NothingIsLostTest(unittest.TestCase):
    """What can come out of all orders comes out of those that are tried."""

    def compare(self, *verbs: str) -> None:
        """Programs of some verbs."""
        total = [0, 0]
        for seed in range(PROGRAMS):
            program = random_program(random.Random(seed), verbs)
            everything, many = outcomes(program, EVERYTHING)
            found, few = outcomes(program, REDUCED)
            total = [total[0] + many, total[1] + few]
            with self.subTest(seed=seed, program=program):
                self.assertEqual(found, everything)
        self.assertLess(total[1] * 10, total[0])

    def test_sleeps_and_leases(self) -> None:
        """An item may run out while somebody sleeps."""
        self.compare("get", "set", "add", "sleep")

    def test_locks(self) -> None:
        """Who comes first."""
        self.compare("get", "set", "lock")

    def test_all_of_them(self) -> None:
        """Who sleeps with a lock."""
        self.compare("get", "set", "add", "sleep", "lock")
