"""Every fault: a scenario, run once for each of its commands and each fault that can befall it.

A first round without a fault tells which commands there are, a second one that they are always the
same. Then each of them is met by each fault in a round of its own, which is judged by what the
scenario itself asserts, by what it returned without a fault, and by what it left on the servers.
"""

from __future__ import annotations

import unittest
from typing import (
    Any,
    Callable,
    Dict,
    Iterable,
    Iterator,
    List,
    Mapping,
    NoReturn,
    Optional,
    Sequence,
    Tuple,
    Type,
)

from tripwire._plain import check_plain, refuse_unrun
from tripwire._rounds import check_number, refuse_nested
from tripwire._sweeps.faulty import Fault, Left, Met, Outcome, Place, Rounds
from tripwire._sweeps.judge import AnyOf, Judge
from tripwire._time.virtual import virtual
from tripwire._time.waiting import Strangers, Unwound, alone
from tripwire.errors import (
    FailedRound,
    IncompleteError,
    NotDeterministicError,
    ScenarioError,
    SweepError,
)
from tripwire.report import sweep as report
from tripwire.report.differing import both, differing


def sweep(
    scenario: Callable[[], Any],
    rounds: Rounds,
    *,
    faults: Iterable[str],
    raises: AnyOf = (),
    only: Optional[str] = None,
    persistent: bool = False,
    stale: bool = True,
    limit: int = 1000,
) -> None:
    """Run a scenario once for each of its commands and each fault that can befall it.

    Args:
        scenario: takes nothing; it arranges, acts, asserts, and may return something.
        rounds: what a round consists of.
        faults: the names of the faults that are tried.
        raises: exceptions that may come out of the scenario where there is a fault.
        only: run the round of this fault alone: `"2 answer lost"`.
        persistent: whether a fault lasts, on its server, until the end of the round.
        stale: whether an item may be left that is neither as it is without a fault nor gone.
        limit: how many rounds with a fault may be run.

    Raises:
        SweepError: some rounds went wrong.
        IncompleteError: there are more rounds than the limit.
        NotDeterministicError: the scenario does not meet the same commands each time.
        ScenarioError: it meets none, waits for ever, or is part of another one.
        TypeError, ValueError: an argument is not as above, or `only` does not come to pass.
    """
    check_plain("a scenario is", scenario, "a function without arguments")
    names = _names(faults, rounds.faults)
    kinds = _classes(raises)
    if only is not None and not isinstance(only, str):
        raise TypeError(f"only= is a command's number and a fault, such as '2 down', not {only!r}")
    check_number("limit", limit, 1)
    refuse_nested()
    call = _Call(scenario, rounds, kinds, stale, persistent)
    with virtual:
        call.measure()
        possible = call.possible()
        if only is not None:
            call.run([_named(only, possible)])
            return
        chosen = [fault for fault in possible if fault.name in names]
        if len(chosen) > limit:
            raise IncompleteError(
                f"limit={limit}, and there are {len(chosen):,} rounds with a fault: raise the "
                "limit, try fewer faults=, or have a shorter scenario."
            )
        call.run(chosen)


def _names(faults: Any, known: Sequence[str]) -> Tuple[str, ...]:
    if type(faults) is str or not hasattr(faults, "__iter__"):
        raise TypeError(f"faults= takes several, in a list: faults=[{faults!r}]")
    names = tuple(faults)
    for fault in names:
        if fault not in known:
            raise ValueError(
                f"there is no fault {fault!r}; there are: {', '.join(map(repr, known))}"
            )
    if not names:
        raise ValueError("faults= is empty, so there is nothing to try")
    return names


def _classes(raises: Any) -> Tuple[Type[BaseException], ...]:
    kinds = tuple(raises) if hasattr(raises, "__iter__") else (raises,)
    for kind in kinds:
        if not (isinstance(kind, type) and issubclass(kind, BaseException)):
            raise TypeError(f"raises= takes exception classes, not {kind!r}")
    return kinds


def _named(only: str, possible: Sequence[Fault]) -> Fault:
    for fault in possible:
        if fault.only == only:
            return fault
    number = only.partition(" ")[0]
    there = [repr(fault.only) for fault in possible if str(fault.number) == number]
    last = possible[-1].number
    known = f"of that command there are: {', '.join(there)}"
    if not there:
        known = f"its commands have the numbers 1 to {last}" if last > 1 else "it has one command"
    raise ValueError(f"only={only!r} does not come to pass in this scenario; {known}")


class _Call:
    """One call of `sweep`."""

    def __init__(
        self,
        scenario: Callable[[], Any],
        rounds: Rounds,
        raises: Tuple[Type[BaseException], ...],
        stale: bool,
        lasting: bool,
    ) -> None:
        self._scenario = scenario
        self._rounds = rounds
        self._raises = raises
        self._stale = stale
        self._lasting = lasting
        self._strangers = Strangers()
        self._usual: Sequence[Met] = ()
        self._judge: Judge

    # --- without a fault --------------------------------------------------------------------------

    def measure(self) -> None:
        """Run the scenario twice without a fault, and see that it meets the same commands."""
        usual, again = self._faultless(), self._faultless()
        first, second = usual.met, again.met
        if not first:
            raise ScenarioError("the scenario met no command, so there is no fault to try")
        self._refuse_differing(
            first, second, max(len(first), len(second)), "two rounds without a fault differ"
        )
        self._usual = first
        callsites = self._rounds.callsites
        self._judge = Judge(usual, again, self._raises, self._stale, callsites)

    def _faultless(self) -> Outcome:
        outcome = self._round(None)
        if isinstance(outcome.error, Unwound):
            raise ScenarioError(f"the scenario {outcome.error}, without a fault")
        if outcome.error is not None:
            raise outcome.error
        return outcome

    def possible(self) -> List[Fault]:
        """Each fault that can befall each command."""
        return [
            Fault(number, name, detail)
            for number, met in enumerate(self._usual, 1)
            for name in self._rounds.faults
            for detail in met.faults.get(name, ())
        ]

    def _refuse_differing(
        self, first: Sequence[Met], second: Sequence[Met], number: int, what: str
    ) -> None:
        """Refuse two rounds unless the first commands of both, so many of them, are the same."""
        for place in range(number):
            before, now = _at(first, place), _at(second, place)
            if before is None or now is None or before.identity != now.identity:
                self._raise_differing(what, place + 1, before, now)

    def _raise_differing(
        self, what: str, number: int, before: Optional[Met], now: Optional[Met]
    ) -> NoReturn:
        expected, met = both(before and before.label, now and now.label)
        raise NotDeterministicError(
            differing(what, [], f"Command {number}", expected, met),
            expected=expected,
            met=met,
        )

    # --- with one ---------------------------------------------------------------------------------

    def run(self, chosen: Sequence[Fault]) -> None:
        """Run a round for each fault. `SweepError` where one of them went wrong."""
        wrong: Dict[Fault, report.Wrong] = {}
        failures: List[FailedRound] = []
        for fault in chosen:
            outcome = self._with_fault(fault)
            lines = self._judge.lines(fault, outcome)
            if lines:
                met = self._usual[fault.number - 1]
                wrong[fault] = report.Wrong(fault.only, lines, met.name, met.location)
                what = "\n".join(line.whole for line in lines)
                failures.append(FailedRound(fault.only, outcome.error, what))
        if wrong:
            raise self._error(chosen, wrong, failures) from next(
                (each.error for each in failures if each.error is not None), None
            )

    def _error(
        self,
        chosen: Sequence[Fault],
        wrong: Mapping[Fault, report.Wrong],
        failures: Sequence[FailedRound],
    ) -> SweepError:
        tried = {fault.name for fault in chosen}
        names = [name for name in self._rounds.faults if name in tried]
        text = report.failed_rounds(
            rounds=len(chosen),
            lasting=self._lasting,
            lines=list(self._lines(chosen, names, wrong)),
            faults=names,
            wrong=list(wrong.values()),
        )
        return SweepError(text, rounds=len(chosen), failures=tuple(failures))

    def _with_fault(self, fault: Fault) -> Outcome:
        outcome = self._round(fault)
        what = f"the round of {fault.only!r} begins in another way"
        try:
            self._refuse_differing(self._usual, outcome.met, fault.number, what)
        except NotDeterministicError as error:
            raise error from outcome.error
        if not outcome.befell:
            raise NotDeterministicError(
                f"The scenario is not deterministic: {fault.only!r} could befall it, and then did "
                "not. Look for random numbers, and for items that are held in some rounds only."
            ) from outcome.error
        return outcome

    def _lines(
        self, chosen: Sequence[Fault], names: Sequence[str], wrong: Mapping[Fault, report.Wrong]
    ) -> Iterator[report.Line]:
        cells: Dict[Tuple[int, str], bool] = {}
        for fault in chosen:
            cell = fault.number, fault.name
            cells[cell] = cells.get(cell, True) and fault not in wrong
        for number, met in enumerate(self._usual, 1):
            # Where one round alone was asked for, nothing is known of the other commands.
            if len(chosen) > 1 or number == chosen[0].number:
                yield report.Line(number, met.label, [cells.get((number, name)) for name in names])

    # --- one round --------------------------------------------------------------------------------

    def _round(self, fault: Optional[Fault]) -> Outcome:
        value = error = watched = None
        left: Mapping[Place, Left] = {}
        try:
            with (
                self._rounds.round(fault, self._lasting) as watched,
                alone(watched.clock, self._strangers),
            ):
                try:
                    value = self._scenario()
                    refuse_unrun("scenario", value, ScenarioError)
                finally:
                    left = watched.left()
        except (KeyboardInterrupt, ScenarioError):
            raise
        except BaseException as raised:
            if watched is None or (fault is None and isinstance(raised, unittest.SkipTest)):
                raise
            error = raised
        return Outcome(list(watched.met), value, error, left, watched.befell)


def _at(met: Sequence[Met], place: int) -> Optional[Met]:
    return met[place] if place < len(met) else None
