"""Whether a round with a fault went right, and what to say where it did not."""

from __future__ import annotations

from typing import Any, Iterator, List, Mapping, Sequence, Tuple, Type, Union

from tripwire._callsite import CallSites
from tripwire._matching import equal
from tripwire._sweeps.faulty import Fault, Left, Outcome, Place
from tripwire._time.waiting import Unwound
from tripwire.errors import TripwireError, VerificationError, ViolationError
from tripwire.report.parts import where
from tripwire.report.sweep import NOTHING, Detail, compared, details, exception_lines

AnyOf = Union[Type[BaseException], Sequence[Type[BaseException]]]
"""An exception class, or several."""


NOT_LEFT = Left(NOTHING, "")
"""What is there of an item that is gone."""


class Judge:
    """Knows two rounds without a fault, and what else a scenario may do where there is one.

    Args:
        usual, again: the two rounds.
        raises: the classes of exceptions that may come out of one with a fault.
        stale: whether an item may be left that is neither as it is without a fault nor gone.
        callsites: finds the lines of the application.
    """

    def __init__(
        self,
        usual: Outcome,
        again: Outcome,
        raises: Tuple[Type[BaseException], ...],
        stale: bool,
        callsites: CallSites,
    ) -> None:
        self._usual = usual
        self._again = again
        self._raises = raises
        self._stale = stale
        self._callsites = callsites

    def lines(self, fault: Fault, outcome: Outcome) -> List[Detail]:
        """What is wrong with a round, in lines; none where nothing is."""
        error = outcome.error
        if error is None:
            return [*self._returned(outcome.value), *self._left_behind(outcome)]
        if self._may_raise(error):
            return list(self._left_behind(outcome))
        return self._raised(fault, error)

    def _may_raise(self, error: BaseException) -> bool:
        if isinstance(error, (ViolationError, VerificationError, Unwound)):
            return False
        # `raises=Exception` speaks of the code under test; a failed assertion is the test's own.
        return any(
            isinstance(error, kind)
            and (issubclass(kind, AssertionError) or not isinstance(error, AssertionError))
            for kind in self._raises
        )

    def _raised(self, fault: Fault, error: BaseException) -> List[Detail]:
        if isinstance(error, VerificationError):
            # It was found at the end of the round, and says itself where its causes are.
            return exception_lines(error)
        location = self._callsites.raised(error)
        if isinstance(error, Unwound):
            return details(f"the scenario {error}", f"at {where(location)}")
        own = (
            not isinstance(error, TripwireError)
            and location == self._usual.met[fault.number - 1].location
            and self._callsites.owns(_raiser(error))
        )
        # What the client raised because of the fault: where that was, the fault says already.
        if own:
            return details(f"{type(error).__name__} came out of the scenario")
        return [*exception_lines(error), *details(f"raised at {where(location)}")]

    def _returned(self, value: Any) -> Iterator[Detail]:
        # What differs without a fault as well (a token, a time) says nothing.
        usual = self._usual.value
        if equal(usual, self._again.value) and not equal(usual, value):
            yield from compared("returned ", value, usual)

    def _left_behind(self, outcome: Outcome) -> Iterator[Detail]:
        if self._stale:
            return
        for place, left in outcome.left.items():
            there, again = (_at(place, round.left) for round in (self._usual, self._again))
            if equal(there.value, again.value) and not equal(there.value, left.value):
                head = f"stale=False forbids what is left of {place}:"
                yield Detail(head, head)
                yield from compared("    ", left.value, there.value, left.lasts, there.lasts)


def _at(place: Place, left: Mapping[Place, Left]) -> Left:
    """What is left there; of an item that has no server yet in one of two rounds, by its key."""
    if place in left:
        return left[place]
    elsewhere = (
        left[other]
        for other in left
        if other.key == place.key and not (other.server and place.server)
    )
    return next(elsewhere, NOT_LEFT)


def _raiser(error: BaseException) -> str:
    """The file in which an exception was raised."""
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    return step.tb_frame.f_code.co_filename if step is not None else ""
