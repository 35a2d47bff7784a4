"""What is asserted, and which of the open interactions that is."""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from tripwire._matching import SCALARS, fits
from tripwire._timeline import Interaction


class Wanted(NamedTuple):
    """One interaction as a test asserts it.

    Attributes:
        command: the name of its command.
        names: the names under which it may have been called.
        fields: what its fields have to equal.
        filled: those of them that the test has left out.
        spelled: how reports spell it, where that is not by its command.
    """

    command: str
    names: Sequence[str]
    fields: Dict[str, Any]
    filled: Tuple[str, ...] = ()
    spelled: str = ""

    def is_met_by(self, interaction: Interaction) -> bool:
        """Whether an interaction is the asserted one."""
        return interaction.command in self.names and fits(interaction, self.fields)


class Differing(NamedTuple):
    """Where the open interactions are not the asserted ones.

    Attributes: `place` (of the assertion, from 0), `wanted` (None: no more were asserted) and
    `candidates`: the interactions that are not spoken for, the one in that place first.
    """

    place: int
    wanted: Optional[Wanted]
    candidates: Tuple[Interaction, ...]


def in_order(all_wanted: Sequence[Wanted], met: Sequence[Interaction]) -> Optional[Differing]:
    """Where interactions differ from those that are wanted in this order; None: nowhere."""
    for place, wanted in enumerate(all_wanted):
        if place == len(met) or not wanted.is_met_by(met[place]):
            return Differing(place, wanted, (*met[place:],))
    if len(met) > len(all_wanted):
        return Differing(len(all_wanted), None, (*met[len(all_wanted) :],))
    return None


def in_any_order(all_wanted: Sequence[Wanted], met: Sequence[Interaction]) -> Optional[Differing]:
    """As `in_order`, whatever the order is.

    A matcher could take what another one needs, so those that need exactly one value come first.
    """
    left = list(met)
    numbered = list(enumerate(all_wanted))
    exact = [each for each in numbered if _is_exact(list(each[1].fields.values()))]
    for place, wanted in [*exact, *(each for each in numbered if each not in exact)]:
        found = next((each for each in left if wanted.is_met_by(each)), None)
        if found is None:
            return Differing(place, wanted, (*left,))
        left = [each for each in left if each is not found]
    return Differing(len(all_wanted), None, (*left,)) if left else None


def _is_exact(value: Any) -> bool:
    """Whether a value is equal to nothing but its like: built in, in all its parts."""
    waiting: List[Any] = [value]
    seen = set()
    while waiting:
        value = waiting.pop()
        if type(value) in SCALARS or id(value) in seen:
            continue
        seen.add(id(value))
        if type(value) is dict:
            waiting += [*value, *value.values()]
        elif type(value) in (list, tuple, set, frozenset):
            waiting += value
        else:
            return False
    return True
