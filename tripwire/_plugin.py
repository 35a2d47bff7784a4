"""The contract between the core and a plugin: what a verifier asks of it."""

from __future__ import annotations

from typing import Protocol, Sequence, Tuple

from tripwire._ambient import Patch
from tripwire._mocks import Mock


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

    def report_unused(self) -> Tuple[Mock, ...]:
        """The required mocks that were not used, each reported once."""
        ...

    def not_sent(self, command: str) -> Sequence[str]:
        """Notes on calls of a command that ended before the wire: a sentence each."""
        ...
