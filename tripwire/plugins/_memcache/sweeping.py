"""The rounds of a sweep: memcached, its faults, and what it holds at the end of each."""

from __future__ import annotations

import math
import time
from contextlib import contextmanager
from typing import Any, Callable, Iterator, Mapping, Optional, Sequence

from tripwire._callsite import CallSites
from tripwire._sweeps.faulty import Fault, Met
from tripwire.plugins._memcache.answers import Answers
from tripwire.plugins._memcache.commands import callsites
from tripwire.plugins._memcache.faults import FAULTS, Faults, in_front
from tripwire.plugins._memcache.rounds import Plugin, one_round


class RoundClock:
    """The time of a round: that of its store, as soon as there is one whose clock stands."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._now = float(math.floor(time.time()))

    def now(self) -> float:
        """Seconds since 1970."""
        store = self._answers.store
        if store is not None and store.clock.stands:
            return max(self._now, store.clock())
        return self._now

    def advance(self, seconds: float) -> None:
        """Move it forward, and the store with it."""
        self._now = self.now() + seconds
        store = self._answers.store
        if store is not None and store.clock.stands:
            store.clock.advance(self._now - store.clock())


class FaultyRound:
    """One round: its calls, whether its fault befell one, its time, and what is left of it."""

    def __init__(self, answers: Answers, faults: Faults) -> None:
        self.clock = RoundClock(answers)
        self._answers = answers
        self._faults = faults

    @property
    def met(self) -> Sequence[Met]:
        """The calls, in order."""
        return self._faults.met

    @property
    def befell(self) -> bool:
        """Whether the fault has befallen its call."""
        return self._faults.befell

    def left(self) -> Mapping[str, Any]:
        """What the servers hold."""
        store = self._answers.store
        return {} if store is None else store.serving.left()


class FaultyRounds:
    """The rounds of one sweep.

    Attributes: `faults` (the names of all faults there are), `callsites`.
    """

    faults: Sequence[str] = FAULTS

    def __init__(self, plugin: Plugin, scenario: Callable[[], Any]) -> None:
        self.callsites: CallSites = callsites()
        self._plugin = plugin
        self._scenario = scenario

    @contextmanager
    def round(self, fault: Optional[Fault], lasts: bool) -> Iterator[FaultyRound]:
        """One round, in which a fault befalls one call. Raises what was swallowed in it."""
        with one_round(self._plugin, lambda: (self._scenario,)) as answers:
            answers.state.asserts_inside = True
            faults = Faults(answers, fault, lasts)
            with in_front(answers, faults):
                yield FaultyRound(answers, faults)
