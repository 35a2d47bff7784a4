"""A stand-in for a plugin: a dictionary with a clock, whose calls go through the gate."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

from tripwire._callsite import CallSites
from tripwire._interleave import interleave
from tripwire._orders.scheduler import Scheduler
from tripwire._orders.steps import Step
from tripwire.report.labels import same


class StandInClock:
    """Seconds that pass when somebody says so."""

    def __init__(self, start: float) -> None:
        self._now = start

    def now(self) -> float:
        """Seconds since 1970."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move it forward."""
        self._now += seconds


class Refused(AssertionError):
    """What the stand-in does not let pass."""


class StandIn:
    """Rounds over a dictionary. `rounds` counts them, `findings` are raised at the end of one."""

    def __init__(self, start: float = 1_000_000.0) -> None:
        self.callsites = CallSites("/nowhere")
        self.rounds = 0
        self.start = start
        self.finding: Optional[BaseException] = None
        self.data: Dict[str, Tuple[Any, float]] = {}
        self.sent: List[str] = []
        self._scheduler: Any = None
        self._clock: Any = None

    @contextmanager
    def round(self, scheduler: Scheduler) -> Iterator[StandInClock]:
        """A round of its own."""
        self.rounds += 1
        self.data = {}
        self.sent = []
        self._scheduler, self._clock = scheduler, StandInClock(self.start)
        yield self._clock
        if self.finding is not None:
            raise self.finding

    def call(self, scenario: str, only: str) -> str:
        """As a report has it."""
        return f"interleave({scenario}, only={only!r})"

    def interleave(self, scenario: Any, **options: Any) -> None:
        """The call under test."""
        interleave(scenario, self, **options)

    def schedule(self) -> Scheduler:
        """The scheduler of the round."""
        scheduler: Scheduler = self._scheduler
        return scheduler

    # --- the calls --------------------------------------------------------------------------------

    def get(self, key: str) -> Any:
        """What is there, None where there is nothing."""
        return self._step("GET", key, True, lambda: self._alive(key))

    def set(self, key: str, value: Any, expire: float = 0) -> None:
        """Put it there."""
        self._step("SET", key, False, lambda: self._put(key, value, expire), f" {value!r}")

    def add(self, key: str, value: Any, expire: float = 0) -> bool:
        """Put it there, if there is nothing."""

        def put() -> bool:
            if self._alive(key) is not None:
                return False
            self._put(key, value, expire)
            return True

        return bool(self._step("ADD", key, False, put, f" {value!r}"))

    def incr(self, key: str) -> Any:
        """Count up."""

        def count() -> Any:
            value = self._alive(key)
            if value is not None:
                self.data[key] = (value + 1, self.data[key][1])
                value += 1
            return value

        return self._step("INCR", key, False, count)

    def delete(self, key: str) -> None:
        """Take it away."""
        self._step("DELETE", key, False, lambda: self.data.pop(key, None) and None)

    def _step(
        self, verb: str, key: str, reads: bool, apply: Callable[[], Any], more: str = ""
    ) -> Any:
        scheduler = self._scheduler
        stranger = scheduler.stranger()
        if stranger is not None:
            raise Refused(f"{verb} {key!r} from {stranger[0]}")
        step = Step(
            f"{verb} {key!r}{more}",
            identity=(verb, key),
            touches=frozenset({("server", key)}),
            reads=reads,
        )
        scheduler.gate(step)
        self.sent.append(verb)
        result = apply()
        scheduler.answered(step, same(repr(result)))
        return result

    def _alive(self, key: str) -> Any:
        value, end = self.data.get(key, (None, 0))
        return None if end and self._clock.now() >= end else value

    def _put(self, key: str, value: Any, expire: float) -> None:
        self.data[key] = (value, self._clock.now() + expire if expire else 0)
