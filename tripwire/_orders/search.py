"""Which orders are tried, and in which sequence: the search, without threads.

Two searches, one after the other. The first tries all orders in which workers are interrupted at
most twice, those with fewer interruptions first, because most races need no more (Musuvathi and
Qadeer, "Iterative context bounding", PLDI 2007). The second has no such bound, but leaves out what
cannot make a difference, by sleep sets (Godefroid, "Partial-Order Methods for the Verification of
Concurrent Systems", 1996): when one worker's step was tried first, it need not be tried again
after another one's as long as only steps that do not depend on it came in between. The two ideas
do not mix: a bound with sleep sets loses orders (Coons, Musuvathi and McKinley, "Bounded
Partial-Order Reduction", OOPSLA 2013), hence two searches.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Dict, Generator, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from tripwire._orders.sharing import Sharing
from tripwire._orders.steps import ANSWER, Move, Step

PREEMPTIONS = 2
"""How often workers are interrupted at most in the first search."""

ROUNDS = 1_000
"""How many rounds the first search takes at most, where nobody asked for more."""


class Phase(NamedTuple):
    """One of the two searches.

    `bound`: the most interruptions, None for no bound. `rounds`: how many it takes at most.
    `reduced`: whether it leaves out what makes no difference; then workers are interrupted at
    their steps only, not at their beginnings nor when an answer is on its way.
    """

    bound: Optional[int]
    rounds: Optional[int]
    reduced: bool


PHASES = (Phase(PREEMPTIONS, ROUNDS, False), Phase(None, None, True))


def up_to(preemptions: int) -> Tuple[Phase]:
    """The first search alone, with a bound of one's own."""
    return (Phase(preemptions, None, False),)


class Nap(NamedTuple):
    """For how many seconds a worker slept, and how many moves had been made before."""

    place: int
    worker: int
    seconds: float


class Sibling(NamedTuple):
    """Another way to go on: what is waiting to be tried.

    `cost` counts interruptions, `answers` those of them at an answer. The order begins with the
    first `length` moves of `moves`, then comes `move`; until then, workers have slept as `naps` has
    it. `sleep` holds the steps, by worker, that need not be tried there.
    """

    cost: int
    answers: int
    moves: Sequence[Move]
    naps: Sequence[Nap]
    length: int
    move: Optional[Move]
    sleep: Mapping[int, Step]

    def prefix(self) -> List[Move]:
        """The moves that the order begins with."""
        return [*self.moves[: self.length], self.move] if self.move is not None else []

    def known_naps(self) -> List[Nap]:
        """How long workers have slept before that move."""
        return [nap for nap in self.naps if nap.place <= self.length]


ROOT = Sibling(0, 0, (), (), 0, None, {})


class Divergence(NamedTuple):
    """A round that was to repeat the moves of another one, and did not.

    `place` is how many moves were the same; `expected` and `met` are the next ones, None where
    the worker could not go on, or the round was over.
    """

    place: int
    expected: Optional[Move]
    met: Optional[Move]


class Order:
    """Says in one round who goes next, and notes what else could have been.

    Begins with the moves of `prefix`. Without a `phase` it then goes on as it comes, and nothing
    is noted.

    Attributes: `moves` and `naps` (those of the round so far), `siblings` (what else could have
    been), `left_out` (whether the bound kept some out of these), `superfluous` (an equivalent order
    is tried elsewhere), `diverged` (where it left the prefix), `judged` (False where the round says
    nothing), `news` (locks turned out to be shared). Who runs the round sets the last two.
    """

    def __init__(
        self,
        prefix: Sequence[Move],
        naps: Sequence[Nap] = (),
        phase: Optional[Phase] = None,
        sharing: Optional[Sharing] = None,
        origin: Sibling = ROOT,
    ) -> None:
        self.moves: List[Move] = []
        self.naps: List[Nap] = []
        self.cost = origin.cost
        self.siblings: List[Sibling] = []
        self.left_out = False
        self.superfluous = False
        self.diverged: Optional[Divergence] = None
        self.judged = True
        self.news = False
        self._answers = origin.answers
        self._sleep: Dict[int, Step] = dict(origin.sleep)
        self._prefix = prefix
        self._known_naps = iter(naps)
        self.reduced = phase is not None and phase.reduced
        self._bound = phase.bound if phase is not None else None
        self._sharing = sharing
        self._explores = phase is not None
        self._latest: Optional[int] = None
        self._running: Optional[int] = None

    def choose(self, ready: Mapping[int, Step]) -> int:
        """The worker that goes next, of those that can, given in the order of their numbers."""
        if len(self.moves) < len(self._prefix) and self.diverged is None:
            worker = self._follow(ready)
        else:
            worker = self._decide(ready)
        step = ready[worker]
        self.moves.append((worker, step))
        self._latest = worker
        if not (self.reduced and step.minor):
            self._running = worker
        return worker

    def rest(self, worker: int) -> None:
        """A worker waits: who goes on now does not interrupt it."""
        if self._running == worker:
            self._running = None

    def sleeps(self, worker: int, seconds: float) -> float:
        """Give how long a worker is to sleep, in seconds; `seconds` is what it asked for.

        That is what it slept when these moves were made before. Code that retries often sleeps for
        a random time, and another worker would wake up first in the repeated round.
        """
        nap = next(self._known_naps, None)
        if nap is not None and nap.worker == worker:
            seconds = nap.seconds
        self.naps.append(Nap(len(self.moves), worker, seconds))
        return seconds

    def end(self) -> None:
        """The round is over."""
        if len(self.moves) < len(self._prefix) and self.diverged is None:
            place = len(self.moves)
            self.diverged = Divergence(place, self._prefix[place], None)

    # --- the moves that are known -----------------------------------------------------------------

    def _follow(self, ready: Mapping[int, Step]) -> int:
        place = len(self.moves)
        worker, step = self._prefix[place]
        met = ready.get(worker)
        if met is not None and met.same(step):
            return worker
        move = (worker, met) if met is not None else None
        self.diverged = Divergence(place, self._prefix[place], move)
        return worker if met is not None else next(iter(ready))

    # --- what comes after them --------------------------------------------------------------------

    def _decide(self, ready: Mapping[int, Step]) -> int:
        group = self._group(ready)
        if self.reduced:
            for worker in group:
                if ready[worker].minor:
                    return worker
        # Who is running goes on first, which interrupts nobody.
        if self._running in group:
            group.remove(self._running)
            group.insert(0, self._running)
        if not self._explores or self.diverged is not None or self.superfluous:
            return group[0]
        return self._branch(ready, group)

    def _group(self, ready: Mapping[int, Step]) -> List[int]:
        # Workers that share nothing with each other run one after the other.
        sharing = self._sharing
        if sharing is None:
            return list(ready)
        latest = sharing.group(self._latest) if self._latest is not None else None
        group = [worker for worker in ready if sharing.group(worker) == latest]
        if not group:
            first = sharing.group(next(iter(ready)))
            group = [worker for worker in ready if sharing.group(worker) == first]
        return group

    def _branch(self, ready: Mapping[int, Step], group: List[int]) -> int:
        """Choose the first that need not sleep, and note the others as siblings."""
        candidates = [worker for worker in group if worker not in self._sleep]
        if not candidates:
            # All sleep: whatever comes now was tried in an equivalent order.
            self.superfluous = True
            return group[0]
        # The steps that are tried before a sibling's, and so may sleep in its orders.
        tried = dict(self._sleep)
        for before, worker in zip(candidates, candidates[1:]):
            if self.reduced:
                tried[before] = ready[before]
            self._note(worker, ready, tried)
        chosen = candidates[0]
        self._sleep = _independent(self._sleep, ready[chosen])
        return chosen

    def _note(self, worker: int, ready: Mapping[int, Step], tried: Mapping[int, Step]) -> None:
        cost, answers = self.cost, self._answers
        interrupted = ready.get(self._running) if self._running is not None else None
        if interrupted is not None:
            cost += 1
            answers += interrupted.kind == ANSWER
        if self._bound is not None and cost > self._bound:
            self.left_out = True
            return
        step = ready[worker]
        self.siblings.append(
            Sibling(
                cost,
                answers,
                self.moves,
                self.naps,
                len(self.moves),
                (worker, step),
                _independent(tried, step),
            )
        )


def _independent(steps: Mapping[int, Step], step: Step) -> Dict[int, Step]:
    return {worker: other for worker, other in steps.items() if not other.depends(step)}


def again(order: Order) -> Order:
    """The same order once more; it has diverged where the round turns out to be another."""
    return Order(order.moves, order.naps)


class Search:
    """All orders that are to be tried, cheapest first.

    `finished` is the largest number of interruptions of which all orders have been tried, -1 while
    there is none.
    """

    def __init__(self, phases: Sequence[Phase] = PHASES) -> None:
        self.sharing = Sharing()
        self.finished = -1
        self._phases = phases

    def orders(self) -> Iterator[Order]:
        """Each order, to be run before the next one is asked for.

        Set `judged` of an order to False where its round says nothing: no order is derived from
        it, and it comes again. Set `news` where something else than a step was found to be shared.
        """
        while (yield from self._all()):
            self.finished = -1

    def _all(self) -> Generator[Order, None, bool]:
        for phase in self._phases:
            anew, complete = yield from self._one(phase)
            if anew or complete:
                return anew
        return False

    def _one(self, phase: Phase) -> Generator[Order, None, Tuple[bool, bool]]:
        # Whether the search has to begin anew, and whether no order at all is left.
        left_out = False
        rounds = 0
        heap = [(0, 0, 0, ROOT)]
        pushed = 0
        while heap:
            if rounds == phase.rounds:
                return False, False
            sibling = heap[0][-1]
            if not phase.reduced:
                self.finished = sibling.cost - 1
            order = Order(sibling.prefix(), sibling.known_naps(), phase, self.sharing, sibling)
            yield order
            rounds += 1
            if not order.judged:
                continue
            heappop(heap)
            if self.sharing.learn(order.moves) or order.news:
                return True, False
            left_out = left_out or order.left_out
            for found in order.siblings:
                # Of those with as many interruptions, the ones at commands are easier to follow
                # than the ones at answers, and what was noted first begins later to differ.
                pushed += 1
                heappush(heap, (found.cost, found.answers, pushed, found))
        if phase.bound is not None:
            self.finished = phase.bound
        return False, not left_out
