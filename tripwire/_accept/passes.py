"""The passes of a running test through its sandboxes, and which lines each of them lacks."""

from __future__ import annotations

import sys
from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple

from tripwire._accept.facts import Addition, Pass, Place
from tripwire._callsite import caller
from tripwire._matching import equal
from tripwire._plugin import MissingMock
from tripwire._timeline import Interaction, Timeline


class Passes:
    """What one test lacks.

    Attributes: `lacking` (the interactions that no assertion names, in the order in which that was
    found), `mocks` (those that are missing).
    """

    def __init__(self) -> None:
        self.lacking: List[Interaction] = []
        self.mocks: List[MissingMock] = []
        self._passes: List[_Pass] = []
        self._pass_of: Dict[int, _Pass] = {}
        self._first: Optional[Interaction] = None
        self._several_servers = False
        self._asserted: Optional[Place] = None
        self._asserted_after = 0
        self._is_open = False

    # --- what happens -----------------------------------------------------------------------------

    def opened(self) -> None:
        """An outermost sandbox was opened."""
        self._passes.append(_Pass(len(self._passes), here()))
        self._is_open = True

    def opened_beside(self) -> None:
        """Another thread or task has opened a sandbox, too; inside of it nothing is asserted."""
        self._current().reason = "several of its sandboxes were open at once"

    def left(self, error: Optional[BaseException]) -> None:
        """The outermost sandbox was left, by an exception or without."""
        self._is_open = False
        if error is not None:
            self._passes[-1].reason = "the sandbox was left by an exception"

    def happened(self, interaction: Interaction) -> None:
        """An interaction took place."""
        self._pass_of[id(interaction)] = self._current()
        self._first = self._first or interaction
        if not equal(self._first.server, interaction.server):
            self._several_servers = True

    def asserted(self) -> None:
        """An assertion matched."""
        self._asserted, self._asserted_after = here(), len(self._passes)

    # --- what is missing --------------------------------------------------------------------------

    def lacks_mock(self, mock: MissingMock) -> None:
        """A call was made that no mock answered; see `MissingMock` for one that needs none."""
        one = self._current()
        if mock.spared:
            one.spared[mock.line] = mock.spared
            return
        self.mocks.append(mock)
        one.mocks.append(mock)
        # Written before the sandbox, it would answer the earlier call, too, that needs none.
        one.reason = one.reason or one.spared.get(mock.line, "")

    def lacks(self, interactions: Iterable[Interaction], before: Optional[Place] = None) -> None:
        """No assertion names these interactions; `before` stands the one that names a later one."""
        for interaction in interactions:
            self.lacking.append(interaction)
            one = self._pass_of[id(interaction)]
            if before is not None and one is self._passes[-1]:
                one.lacks(interaction, before, follows=False)
            elif self._asserted_after > one.number:
                one.lacks(interaction, self._asserted)
            else:
                one.lacks(interaction, None)

    def facts(self) -> Tuple[Pass, ...]:
        """What accepting wants to know: all passes, also those that lack nothing."""
        return tuple(each.facts(self._several_servers) for each in self._passes)

    def _current(self) -> _Pass:
        if not self._is_open:
            # Somebody has built a `Sandbox` on their own, or keeps an inner one open.
            self.opened()
            self._passes[-1].reason = "it happened in a sandbox of another kind"
        return self._passes[-1]


class _Pass:
    """One pass, in the making."""

    def __init__(self, number: int, opened: Place) -> None:
        self.number = number
        self.reason = ""
        self.mocks: List[MissingMock] = []
        self.spared: Dict[str, str] = {}
        self._opened = opened
        self._missing: List[_Missing] = []

    def lacks(self, interaction: Interaction, at: Optional[Place], follows: bool = True) -> None:
        last = self._missing[-1] if self._missing else None
        if last is None or last.position != (at and at.key, follows):
            last = _Missing(at, follows)
            self._missing.append(last)
        last.interactions.append(interaction)

    def facts(self, with_servers: bool) -> Pass:
        additions = tuple(each.addition(with_servers) for each in self._missing)
        reasons = [
            self.reason,
            *(each.unsaid for each in self.mocks),
            *(reason for each in self._missing for reason in each.unsaid(with_servers)),
        ]
        lines = tuple(each.line for each in self.mocks)
        return Pass(self._opened, lines, additions, next(filter(None, reasons), ""))


class _Missing:
    """Interactions that lack their assertions at one place."""

    def __init__(self, at: Optional[Place], follows: bool) -> None:
        self.interactions: List[Interaction] = []
        self._at, self._follows = at, follows

    @property
    def position(self) -> Tuple[Any, bool]:
        return self._at and self._at.key, self._follows

    def unsaid(self, with_servers: bool) -> Sequence[str]:
        return [
            f"the {name} of its {each.command} cannot be written as an expression; paste the "
            "report's lines, which take unittest.mock.ANY for it"
            for each in self.interactions
            for name in each.paste(with_servers).unsaid
        ]

    def addition(self, with_servers: bool) -> Addition:
        lines = tuple(each.paste(with_servers).line for each in self.interactions)
        threads = {each.thread for each in self.interactions}
        return Addition(lines, self._at, self._follows, any_order=len(threads) > 1)


class WatchedTimeline(Timeline):
    """A timeline that tells the passes of its test what happens. Attributes: `passes`."""

    def __init__(self, passes: Passes) -> None:
        super().__init__()
        self.passes = passes

    def record(self, interaction: Interaction) -> None:
        """As the timeline's own."""
        self.passes.happened(interaction)
        super().record(interaction)

    def settle(self, interaction: Interaction) -> None:
        """As the timeline's own: an assertion matched."""
        super().settle(interaction)
        self.passes.asserted()

    def settle_all(self, interactions: Iterable[Interaction]) -> None:
        """As the timeline's own: an assertion matched."""
        super().settle_all(interactions)
        self.passes.asserted()

    def skip(self, interactions: Sequence[Interaction]) -> None:
        """Settle interactions that lack their assertions before the one that is being made."""
        if interactions:
            self.passes.lacks(interactions, before=here())
            super().settle_all(interactions)


def here() -> Place:
    """Where the test stands now: the line that called into tripwire."""
    # A thread that begins with that call has no line outside tripwire: then any place will do.
    return Place.of(caller() or sys._getframe())
