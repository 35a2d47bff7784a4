"""One round of a scenario: a strict test in small, within the test that has it run many times."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Callable, Iterator, Protocol, Sequence, Tuple

from tripwire import _patches
from tripwire._state import State
from tripwire._swallowed.violations import Evidence
from tripwire._verifier import StrictVerifier
from tripwire.plugins._memcache.answers import Answers
from tripwire.report import verification
from tripwire.report.pasting import Pasting


class Plugin(Protocol):
    """What is asked of the plugin whose rounds they are."""

    @property
    def verifier(self) -> StrictVerifier:
        """Its verifier; a round is one of that one's."""
        ...

    @property
    def answers(self) -> Answers:
        """Who answers: in a round those of the round."""
        ...


class RoundClock:
    """The time of a round: that of its store, as soon as there is one whose clock stands.

    A store that follows `time.time` follows this. `began`: when the round begins, in seconds since
    1970; the same for all rounds of one call.
    """

    def __init__(self, answers: Answers, began: float) -> None:
        self._answers = answers
        self._now = began

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


@contextmanager
def all_rounds(plugin: Plugin) -> Iterator[None]:
    """Around all the rounds of one call: what they patch is put on once, and not once a round."""
    holder = object()
    try:
        for patch in plugin.verifier.patches():
            _patches.hold(patch, holder)
        yield
    finally:
        _patches.release(holder)


@contextmanager
def one_round(
    plugin: Plugin,
    functions: Callable[[], Sequence[Any]],
    raised: Callable[[], Sequence[BaseException]] = tuple,
) -> Iterator[Answers]:
    """A sandbox with everything in it as new: mocks, store, timeline, violations.

    The block is given what answers in the round. Nothing of the round is left in the test around
    it, and neither unused mocks nor unasserted interactions are asked for. Set
    `answers.state.asserts_inside` to have assertions allowed from then on.

    Args:
        plugin: whose calls are meant.
        functions: gives those that are the test's own, which may name `AssertionError`: the
            scenario. Asked only where a violation was raised.
        raised: gives what was raised beside the exception that the block ends with, where it does.

    Raises:
        SwallowedViolationError: something was wrong in the round, and was caught by somebody who
            did not name it, or is hidden by a skip; `from` what the block raised, if it did.
    """
    with plugin.verifier.round() as state:
        try:
            with plugin.verifier.sandbox():
                yield plugin.answers
        except Exception as error:
            _raise_swallowed(plugin.verifier, state, functions, (error, *raised()))
            raise
        _raise_swallowed(plugin.verifier, state, functions, ())


def _raise_swallowed(
    verifier: StrictVerifier,
    state: State,
    functions: Callable[[], Sequence[Any]],
    failures: Tuple[BaseException, ...],
) -> None:
    """Raise what was swallowed in a round; what the round failed with may come of that."""
    violations = state.findings(lambda: Evidence(functions, failures=failures))
    findings = verification.Findings(violations)
    found = verification.verification(findings, lambda: Pasting(state.timeline.interactions))
    if found is not None:
        raise found from (failures[0] if failures else None)
