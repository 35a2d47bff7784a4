"""The rounds of a sweep: memcached, its faults, and what it holds at the end of each."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Callable, Iterator, Mapping, Optional, Sequence

from tripwire import _sweep
from tripwire._callsite import CallSites
from tripwire._sweeps.faulty import Fault, Left, Met, Place
from tripwire._time.waiting import REAL
from tripwire.plugins._memcache.answers import Answers
from tripwire.plugins._memcache.commands import callsites
from tripwire.plugins._memcache.rounds.faults import FAULTS, Faults
from tripwire.plugins._memcache.rounds.one_round import Plugin, RoundClock, all_rounds, one_round


def sweep(plugin: Plugin, scenario: Any, **options: Any) -> None:
    """Run a scenario once for each of its commands and each fault that can befall it."""
    with all_rounds(plugin):
        _sweep.sweep(scenario, FaultyRounds(plugin, scenario), **options)


class FaultyRound:
    """One round: its calls, whether its fault befell one, its time, and what is left of it."""

    def __init__(self, faults: Faults, clock: RoundClock, answers: Answers) -> None:
        self.clock = clock
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

    def left(self) -> Mapping[Place, Left]:
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
        # All rounds begin at the same time, so that they compute the same from it.
        self._began = float(int(REAL.time()))

    @contextmanager
    def round(self, fault: Optional[Fault], lasts: bool) -> Iterator[FaultyRound]:
        """One round, in which a fault befalls one call. Raises what was swallowed in it."""
        with one_round(self._plugin, lambda: (self._scenario,)) as answers:
            answers.state.asserts_inside = True
            faults = Faults(answers, fault, lasts)
            answers.answerers.insert(0, faults.answer)
            answers.steps = [*answers.steps, faults.step]
            yield FaultyRound(faults, RoundClock(answers, self._began), answers)
