"""Schedules: an order as letters (`aAbBBA`), letters as an order, the shortest equivalent order."""

from __future__ import annotations

from heapq import heappop, heappush
from string import ascii_lowercase
from typing import Dict, List, Mapping, Optional, Sequence, Tuple

from tripwire._orders.steps import ANSWER, GATE, Move, Step

LETTERS = ascii_lowercase
WORKERS = len(LETTERS)
"""How many workers can be told apart."""

STATES = 20_000
"""After how many states the search for a shorter order is given up."""


def letter(worker: int) -> str:
    """What reports call a worker: `A` is the first one."""
    return LETTERS[worker].upper()


def schedule(moves: Sequence[Move]) -> str:
    """The letters of an order, one for each step, in the case that says what it is.

    Capital: a step. Small: a worker's beginning, and an answer that came only after somebody else
    had gone on; any other answer is part of its step.
    """
    letters = []
    before = None
    for worker, step in moves:
        if step.kind == GATE:
            letters.append(letter(worker))
        elif step.kind != ANSWER or worker != before:
            letters.append(LETTERS[worker])
        before = worker
    return "".join(letters)


class Scheduled:
    """Says who goes next in one round: as the letters of a schedule have it.

    `stuck` is the number of letters that came to pass before one that did not, None while all do.
    """

    def __init__(self, only: str) -> None:
        self.moves: List[Move] = []
        self.stuck: Optional[int] = None
        self.judged = True
        self.news = False
        self._letters = only
        self._place = 0
        self._latest: Optional[int] = None

    def choose(self, ready: Mapping[int, Step]) -> int:
        """The worker that goes next."""
        worker = self._answer(ready)
        if worker is None:
            worker = self._next(ready)
        self.moves.append((worker, ready[worker]))
        self._latest = worker
        return worker

    def rest(self, worker: int) -> None:
        """A worker waits: the letters know."""

    def sleeps(self, worker: int, seconds: float) -> float:
        """Give how long a worker is to sleep, in seconds; `seconds` is what it asked for."""
        return seconds

    def end(self) -> None:
        """The round is over."""
        if self.stuck is None and self._place < len(self._letters):
            self.stuck = self._place

    def _answer(self, ready: Mapping[int, Step]) -> Optional[int]:
        # An answer without a letter of its own comes at once. It has one if the worker's next
        # letter is a small one.
        worker = self._latest
        if worker is None or worker not in ready or ready[worker].kind != ANSWER:
            return None
        small = LETTERS[worker]
        rest = self._letters[self._place :]
        following = next((each for each in rest if each.lower() == small), "")
        return None if following == small else worker

    def _next(self, ready: Mapping[int, Step]) -> int:
        if self.stuck is None:
            found = self._letters[self._place : self._place + 1]
            worker = LETTERS.find(found.lower()) if found else -1
            if worker in ready and found.isupper() == (ready[worker].kind == GATE):
                self._place += 1
                return worker
            self.stuck = self._place
        return next(iter(ready))


# --- the shortest equivalent order ----------------------------------------------------------------


class _Unit:
    """Some moves of a worker that belong together: a step, and its answer."""

    def __init__(self, move: Move) -> None:
        self.moves = [move]
        self.step = move[1]
        # How many units of each other worker have to come first.
        self.needs: Dict[int, int] = {}


def shortest(moves: Sequence[Move]) -> List[Move]:
    """The order with the fewest interruptions of those that differ in nothing that matters.

    Two neighbouring steps of different workers that do not depend on each other may change
    places. An order of the second search is often not the shortest one of its class. Where this
    search takes too long, the order is given as it is.
    """
    units = _units(moves)
    workers = list(units)
    start = (0,) * len(workers)
    # Interruptions, a number that tells equals apart, the units that each worker has done, who did
    # the last one, and who did each.
    heap: List[Tuple[int, int, Tuple[int, ...], int, Tuple[int, ...]]] = [(0, 0, start, -1, ())]
    seen = set()
    pushed = 0
    while heap and pushed < STATES:
        cost, _, done, last, path = heappop(heap)
        if (done, last) in seen:
            continue
        seen.add((done, last))
        if all(count == len(units[worker]) for worker, count in zip(workers, done)):
            return _along(path, units)
        for place in _possible(workers, units, done):
            pushed += 1
            interrupts = last not in (-1, place) and done[last] < len(units[workers[last]])
            after = (*done[:place], done[place] + 1, *done[place + 1 :])
            longer = (*path, workers[place])
            heappush(heap, (cost + interrupts, pushed, after, place, longer))
    return list(moves)


def _units(moves: Sequence[Move]) -> Dict[int, List[_Unit]]:
    units: Dict[int, List[_Unit]] = {worker: [] for worker, _ in sorted(moves, key=_number)}
    for worker, step in moves:
        if step.kind == ANSWER:
            units[worker][-1].moves.append((worker, step))
            continue
        unit = _Unit((worker, step))
        for other, earlier in units.items():
            if other != worker:
                unit.needs[other] = _needed(unit, earlier)
        units[worker].append(unit)
    return units


def _number(move: Move) -> int:
    return move[0]


def _needed(unit: _Unit, earlier: Sequence[_Unit]) -> int:
    for count in range(len(earlier), 0, -1):
        if earlier[count - 1].step.depends(unit.step):
            return count
    return 0


def _possible(
    workers: Sequence[int], units: Mapping[int, Sequence[_Unit]], done: Sequence[int]
) -> List[int]:
    counts = dict(zip(workers, done))
    return [
        place
        for place, worker in enumerate(workers)
        if done[place] < len(units[worker])
        and all(counts[other] >= n for other, n in units[worker][done[place]].needs.items())
    ]


def _along(path: Sequence[int], units: Mapping[int, Sequence[_Unit]]) -> List[Move]:
    waiting = {worker: iter(of_worker) for worker, of_worker in units.items()}
    return [move for worker in path for move in next(waiting[worker]).moves]
