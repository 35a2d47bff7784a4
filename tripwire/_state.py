"""What one test has gone through so far: its timeline, its violations, who opened its sandboxes."""

from __future__ import annotations

from typing import Callable, Dict, Tuple

from tripwire._swallowed.testcode import Stack
from tripwire._swallowed.violations import Evidence, Violation, Violations
from tripwire._timeline import Timeline
from tripwire.errors import ViolationError


class State:
    """What happens between a verifier's first sandbox and its verification.

    Attributes: `timeline` (the interactions), `is_verified` (whether verification has looked at
    everything, so that nobody will hear of a violation that happens now), `asserts_inside` (whether
    the test may assert while a sandbox is open: a round is inside of one to its end),
    `asserts_after` (after what it may, in words), `was_read` (whether somebody has read the
    interactions).
    """

    __slots__ = (
        "_openers",
        "_violations",
        "asserts_after",
        "asserts_inside",
        "is_verified",
        "timeline",
        "was_read",
    )

    def __init__(self) -> None:
        self.timeline = Timeline()
        self.is_verified = False
        self.was_read = False
        self.asserts_inside = False
        self.asserts_after = "the `with` block"
        self._violations = Violations()
        self._openers: Dict[int, Stack] = {}

    def opened(self, who: Stack) -> None:
        """Note that a sandbox opens, and the frames that are on the stack then, innermost first."""
        self.is_verified = False
        if who:
            self._openers.setdefault(id(who[0]), who)

    @property
    def openers(self) -> Tuple[Stack, ...]:
        """Who opened the sandboxes, in order: the stack of each."""
        return (*self._openers.values(),)

    def violated(self, error: ViolationError) -> None:
        """Remember a violation that is about to be raised."""
        self._violations.remember(error)

    def propagated(self, error: BaseException) -> None:
        """Note an exception that left a sandbox."""
        self._violations.propagated(error)

    def findings(self, evidence: Callable[[], Evidence]) -> Tuple[Violation, ...]:
        """The violations that somebody swallowed, each reported once.

        `evidence` gives what belongs to the test; it is asked only where there are violations.
        """
        self.is_verified = True
        if not self._violations.raised:
            return ()
        return self._violations.findings(evidence()._replace(stacks=self.openers))

    def forget_openers(self) -> None:
        """Let go of the frames that opened sandboxes: nothing goes on that could need them."""
        self._openers.clear()

    def forget(self) -> None:
        """Let go of what only verification asks for: the test is over."""
        self.is_verified = True
        self._openers.clear()
        self._violations = Violations()
