"""The contract between the core and a plugin: what a verifier asks of it."""

from __future__ import annotations

from typing import Any, Callable, ContextManager, Optional, Protocol, Sequence, Tuple

from tripwire._mocks import Mock
from tripwire._patches import Patch
from tripwire._timeline import AtOnce, Interaction
from tripwire.errors import UnmockedInteractionError


class MissingMock:
    """The mock that a call would have needed, where it was answered without one.

    Attributes: `error` (what the call would have raised), `line` (the line of a test that registers
    it), `unsaid` (why the line does not say it all; "" where it does), `spared` ("" unless the call
    needs no mock, because something answered it that a mock would come before; then why the same
    mock cannot be written for a later call either: it would answer this one).
    """

    __slots__ = ("error", "line", "spared", "unsaid")

    def __init__(
        self, error: UnmockedInteractionError, line: str, unsaid: str = "", spared: str = ""
    ) -> None:
        self.error = error
        self.line = line
        self.unsaid = unsaid
        self.spared = spared


class Plugin(Protocol):
    """One kind of call that a verifier mocks, records and asserts."""

    @property
    def name(self) -> str:
        """What its interactions are called in reports, and the attribute of `tripwire` it is."""
        ...

    @property
    def patches(self) -> Sequence[Patch]:
        """What has to be on for its calls to be intercepted."""
        ...

    @property
    def guards(self) -> Sequence[Patch]:
        """What has to be on for its calls to be refused while no sandbox is open."""
        ...

    def stand_in(self, note: Callable[[MissingMock], None]) -> None:
        """From now on, answer what no mock answers, and note for each call which one is missing."""
        ...

    def report_unused(self) -> Tuple[Mock, ...]:
        """The required mocks that were not used, each reported once."""
        ...

    def round(self) -> ContextManager[Any]:
        """Have what happens inside meet mocks and notes of its own."""
        ...

    def put_back(self) -> None:
        """Undo what faults of ours have done to objects that outlive the test."""
        ...

    def mark(self) -> int:
        """How many mocks were registered so far."""
        ...

    def withdraw_since(self, mark: int) -> None:
        """Take back what is left of the mocks that were registered after that many."""
        ...

    def why_open(self, interaction: Interaction) -> Sequence[str]:
        """What may explain that nothing has asserted an interaction: a sentence each."""
        ...

    def unused(self, mock: Mock, timeline: Sequence[Interaction]) -> Sequence[str]:
        """What may explain that a mock was not used: a sentence each."""
        ...

    def at_once(self, interactions: Sequence[Interaction]) -> Optional[AtOnce]:
        """What would assert some of these open interactions at once; None where nothing does."""
        ...

    def hints(self) -> Sequence[str]:
        """What may explain that the test fails, whatever it fails with: a text each."""
        ...

    def nothing_sent(self) -> None:
        """Note, where a sandbox closes and nothing was recorded, what may explain that."""
        ...

    def not_sent(self, command: str) -> Sequence[str]:
        """Notes on calls of a command that ended before the wire: a sentence each."""
        ...
