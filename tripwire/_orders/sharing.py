"""Which workers have anything in common; those that have not need not be interleaved."""

from __future__ import annotations

from typing import Dict, Hashable, Iterable, Set

from tripwire._orders.steps import Move, Step


class Sharing:
    """What workers have touched in all rounds so far, and the groups that follow from it."""

    def __init__(self) -> None:
        self._footprints: Dict[int, _Footprint] = {}
        self._groups: Dict[int, int] = {}

    def group(self, worker: int) -> int:
        """The group of a worker: the lowest number of those with which it shares anything."""
        return self._groups.get(worker, worker)

    def learn(self, moves: Iterable[Move]) -> bool:
        """Take in what a round did; whether that put workers together who were apart."""
        grown = False
        for worker, step in moves:
            footprint = self._footprints.setdefault(worker, _Footprint())
            grown = footprint.add(step) or grown
        return grown and self._regroup()

    def _regroup(self) -> bool:
        joined = False
        for one, first in self._footprints.items():
            for other, second in self._footprints.items():
                if one < other and self.group(one) != self.group(other) and first.meets(second):
                    self._join(self.group(one), self.group(other))
                    joined = True
        return joined

    def _join(self, one: int, other: int) -> None:
        lower, higher = min(one, other), max(one, other)
        for worker in self._footprints:
            if self.group(worker) in (lower, higher):
                self._groups[worker] = lower


class _Footprint:
    """All that one worker has touched."""

    def __init__(self) -> None:
        self.touched: Set[Hashable] = set()
        self.written: Set[Hashable] = set()
        self.kinds: Set[str] = set()

    def add(self, step: Step) -> bool:
        """Take in a step; whether it added anything."""
        if step.minor:
            return False
        before = len(self.touched) + len(self.written) + len(self.kinds)
        self.touched |= step.touches
        if not step.reads:
            self.written |= step.touches
        self.kinds.add("marker" if step.marker else "everything" if step.everything else "step")
        return len(self.touched) + len(self.written) + len(self.kinds) != before

    def meets(self, other: _Footprint) -> bool:
        """Whether some steps of two workers depend on each other: `Step.depends`, for all."""
        kinds = self.kinds, other.kinds
        if any("everything" in one and two for one, two in (kinds, kinds[::-1])):
            return True
        if "marker" in self.kinds & other.kinds:
            return True
        return not (
            self.written.isdisjoint(other.touched) and other.written.isdisjoint(self.touched)
        )
