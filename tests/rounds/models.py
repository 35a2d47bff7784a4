"""Models of workers, without threads: programs of abstract steps, run under a chooser."""

from __future__ import annotations

import random
from typing import Any, Dict, Hashable, Iterator, List, NamedTuple, Sequence, Tuple

from tripwire._orders.steps import ANSWER, BEGINNING, Step


class Op(NamedTuple):
    """One abstract step: what it does to which key."""

    verb: str
    key: str

    def step(self) -> Step:
        """As a plugin would describe it."""
        return Step(
            f"{self.verb} {self.key}",
            touches=frozenset({self.key}) if self.key else frozenset(),
            reads=self.verb == "get",
            marker=self.verb == "mark",
            everything=self.verb == "flush",
        )


Program = Sequence[Sequence[Op]]
VERBS = ("get", "put", "inc", "bump")


def random_program(source: random.Random, keys: str = "xy", extra: bool = False) -> Program:
    """Two or three workers with a few steps each."""
    workers = source.choice((2, 2, 3))
    longest = 4 if workers == 2 else 2
    verbs = (*VERBS, "mark", "flush") if extra else VERBS
    return [
        [_op(source, verbs, keys) for _ in range(source.randint(1, longest))]
        for _ in range(workers)
    ]


def _op(source: random.Random, verbs: Sequence[str], keys: str) -> Op:
    verb = source.choice(verbs)
    return Op(verb, "" if verb in ("mark", "flush") else source.choice(keys))


class World:
    """What the steps of a program act on."""

    def __init__(self, program: Program) -> None:
        self.store: Dict[str, int] = {}
        self.seen: List[int] = [0 for _ in program]
        self.marks: List[int] = []

    def apply(self, worker: int, op: Op) -> None:
        """`inc` adds to the value; `put` and `bump` depend on what the worker has seen."""
        if op.verb == "get":
            self.seen[worker] = self.seen[worker] * 7 + self.store.get(op.key, 0) + 1
        elif op.verb == "put":
            self.store[op.key] = worker + 1
        elif op.verb == "inc":
            self.store[op.key] = self.store.get(op.key, 0) * 3 + worker + 1
        elif op.verb == "bump":
            self.store[op.key] = self.seen[worker] + 10
        elif op.verb == "mark":
            self.marks.append(worker)
        else:
            self.store.clear()

    def outcome(self) -> Hashable:
        """All that an assertion could look at."""
        return tuple(sorted(self.store.items())), tuple(self.seen), tuple(self.marks)


def run(program: Program, order: Any) -> Hashable:
    """Run a program's steps as an order has it; what came out."""
    world = World(program)
    ready: Dict[int, Step] = dict.fromkeys(range(len(program)), BEGINNING)
    places = [0 for _ in program]
    while ready:
        worker = order.choose(dict(sorted(ready.items())))
        step = ready.pop(worker)
        if not step.minor:
            op = program[worker][places[worker]]
            world.apply(worker, op)
            places[worker] += 1
            ready[worker] = Step(step.label, kind=ANSWER)
        elif places[worker] < len(program[worker]):
            ready[worker] = program[worker][places[worker]].step()
    order.end()
    return world.outcome()


def all_sequences(lengths: Sequence[int]) -> Iterator[Tuple[int, ...]]:
    """Each way to put so many steps of each worker into one sequence."""
    if not any(lengths):
        yield ()
    for worker, length in enumerate(lengths):
        if length:
            fewer = [n - (other == worker) for other, n in enumerate(lengths)]
            for rest in all_sequences(fewer):
                yield (worker, *rest)


def outcome_of(program: Program, sequence: Sequence[int]) -> Hashable:
    """What comes out where the workers' steps take place in this sequence."""
    world = World(program)
    places = [0 for _ in program]
    for worker in sequence:
        world.apply(worker, program[worker][places[worker]])
        places[worker] += 1
    return world.outcome()


def interruptions(sequence: Sequence[int], lengths: Sequence[int]) -> int:
    """How often a worker was interrupted in a sequence of steps."""
    left = list(lengths)
    count = 0
    for before, worker in zip((None, *sequence), sequence):
        if before is not None and worker != before:
            count += left[before] > 0
        left[worker] -= 1
    return count


def class_of(program: Program, sequence: Sequence[int]) -> Hashable:
    """Which sequences differ in nothing that matters: the order of dependent pairs."""
    places = [0 for _ in program]
    done: List[Tuple[int, int, Step]] = []
    pairs = set()
    for worker in sequence:
        step = program[worker][places[worker]].step()
        for other, place, earlier in done:
            if other != worker and earlier.depends(step):
                pairs.add((other, place, worker, places[worker]))
        done.append((worker, places[worker], step))
        places[worker] += 1
    return frozenset(pairs)
