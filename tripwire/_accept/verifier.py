"""The verifier of a test whose missing lines are to be written."""

from __future__ import annotations

from types import CodeType, TracebackType
from typing import Callable, List, Optional, Sequence, Tuple, Type
from unittest import SkipTest

from tripwire._accept.acceptance import Acceptance
from tripwire._accept.facts import Pass, Test
from tripwire._accept.passes import Passes, WatchedTimeline
from tripwire._assertions import Wanted
from tripwire._mocks import Mock
from tripwire._plugin import MissingMock, Plugin
from tripwire._swallowed.testcode import TestCode
from tripwire._swallowed.violations import Evidence
from tripwire._verifier import Sandbox, StrictVerifier
from tripwire.errors import UnmockedInteractionError
from tripwire.report.parts import blocks, count, server_text, where
from tripwire.report.values import one_line
from tripwire.report.verification import Findings

_Unused = Sequence[Tuple[Plugin, Tuple[Mock, ...]]]

LIMIT = 50
"""How many missing mocks a report lists, the rest being counted."""


class AcceptingVerifier(StrictVerifier):
    """A strict verifier that lets a test go on without its missing lines, up to its end.

    A call that no mock answers is answered by a stand-in; an assertion that names a later
    interaction than the next settles those in between. The test fails in the end, and that is noted
    with all that it lacks.

    Args:
        acceptance: where it is noted.
        name: gives the name of the test.
    """

    def __init__(self, acceptance: Acceptance, name: Callable[[], str]) -> None:
        super().__init__()
        self._acceptance = acceptance
        self._name = name
        self._passes = Passes()
        # A round has a state of its own, which nobody watches: it needs no assertions.
        self.state.timeline = WatchedTimeline(self._passes)
        self._found = Findings()

    def register(self, plugin: Plugin) -> None:
        """As `StrictVerifier.register`."""
        super().register(plugin)
        plugin.stand_in(self._passes.lacks_mock)

    @property
    def sandbox(self) -> Sandbox:
        """As `StrictVerifier.sandbox`."""
        return WatchedSandbox(self)

    def assert_next(self, wanted: Wanted) -> None:
        """As `StrictVerifier.assert_next`, past the interactions whose assertions are missing."""
        timeline = self.state.timeline
        if isinstance(timeline, WatchedTimeline) and self.order.counts:
            self.refuse_early()
            candidates = timeline.open()
            for number, interaction in enumerate(candidates):
                if wanted.is_met_by(interaction):
                    timeline.skip(candidates[:number])
                    break
        super().assert_next(wanted)

    def verify_all(self) -> None:
        """As `StrictVerifier.verify_all`: at once, since a test may expect what it raises."""
        super().verify(Evidence)

    def verify(self, evidence: Callable[[], Evidence], causes_only: bool = False) -> None:
        """As `StrictVerifier.verify`, of everything at once in the end.

        Only then it is known whether anything else is wrong.
        """
        known = evidence()
        found, before = self.find(lambda: known), self._found
        self._passes.lacks(found.unasserted)
        found = self._found = Findings(
            (*before.violations, *found.violations),
            (*self._passes.lacking,),
            (*before.misplaced, *found.misplaced),
            _together(before.unused, found.unused),
            before.was_read or found.was_read,
            before.forgotten or found.forgotten,
        )
        if known.final:
            self._found = Findings()
            self._raise(found, causes_only, self._note(known, found))

    def _raise(self, found: Findings, causes_only: bool, note: str) -> None:
        mocks = self._passes.mocks
        hints = [*_missing_mocks(mocks), *self.hints(), *([note] if note else [])]
        self.tell(found.causes() if causes_only else found, lambda: hints)
        if mocks:
            raise _unmocked(mocks[0].error, "\n\n".join(hints))

    # --- what is noted ----------------------------------------------------------------------------

    def _note(self, evidence: Evidence, found: Findings) -> str:
        passes = self._passes.facts()
        if not passes:
            return ""
        functions = evidence.functions()[:1]
        codes = [code for code, _ in TestCode(functions, evidence.name, ()).codes.values()]
        reason = _reason(evidence, found)
        if functions and not codes:
            reason = "its method is no function"
        # Of neither is the first parameter a test case.
        others = (staticmethod, classmethod)
        method = evidence.name is not None and not isinstance(functions[0], others)
        code = (codes or self._opening(passes))[0]
        name = self._name() if functions else f"{self._name()} in {code.co_name}"
        test = Test(name, code, method, is_block=not functions)
        return self._acceptance.note(test, passes, reason)

    def _opening(self, passes: Sequence[Pass]) -> List[CodeType]:
        """The code that began a test which is no function, or that opened its first sandbox."""
        frames = [stack[0] for stack in self.state.openers[:1]]
        return [*(frame.f_code for frame in frames), passes[0].opened.code]


class WatchedSandbox(Sandbox):
    """A sandbox that tells the passes of its test that it was opened, and how it was left."""

    def __enter__(self) -> StrictVerifier:
        """As the sandbox's own."""
        verifier = super().__enter__()
        timeline = self.state.timeline
        if isinstance(timeline, WatchedTimeline):
            if self.is_outermost:
                timeline.passes.opened()
            elif self.outer is None:
                timeline.passes.opened_beside()
        return verifier

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        """As the sandbox's own."""
        if self.is_outermost and isinstance(self.state.timeline, WatchedTimeline):
            self.state.timeline.passes.left(error)
        super().__exit__(kind, error, traceback)


def _together(before: _Unused, found: _Unused) -> _Unused:
    """What was unused when the test was verified first, and what since: each plugin once."""
    earlier = {id(plugin): mocks for plugin, mocks in before}
    return [(plugin, (*earlier.get(id(plugin), ()), *mocks)) for plugin, mocks in found]


def _reason(evidence: Evidence, found: Findings) -> str:
    """Why nothing may be written: what else is wrong with the test."""
    if evidence.expected_failure:
        return "it is expected to fail"
    if any(isinstance(error, SkipTest) for error in evidence.failures):
        return "it was skipped"
    if evidence.failures:
        return "it fails in another way, too"
    others = (found.violations, found.misplaced, found.forgotten)
    if any(others) or any(mocks for _, mocks in found.unused):
        return "it has other findings"
    return ""


def _missing_mocks(mocks: Sequence[MissingMock]) -> List[str]:
    """The section on calls that were answered without a mock; none where there were none."""
    if not mocks:
        return []
    number = len(mocks)
    calls = count(number, "call")
    head = f"No mock answered {calls}; a server did, empty at first. Before the sandbox:"
    shown = ([each.line, f"    # {_sent(each.error)}"] for each in mocks[:LIMIT])
    return ["\n".join([head, "", *blocks(shown, number, LIMIT)]).rstrip()]


def _sent(error: UnmockedInteractionError) -> str:
    place = "" if error.location is None else f" from {where(error.location)}"
    return one_line(f"sent to {server_text(error.server)}{place}")


def _unmocked(error: UnmockedInteractionError, text: str) -> UnmockedInteractionError:
    return UnmockedInteractionError(
        text,
        command=error.command,
        fields=error.fields,
        server=error.server,
        location=error.location,
    )
