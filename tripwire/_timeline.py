"""What happened: interactions, in the order in which they did."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from contextlib import suppress
from typing import Any, Deque, Dict, Iterable, Iterator, List, NamedTuple, Optional, Tuple


class Location(NamedTuple):
    """A place in someone's code: the file as Python knows it, the line, the function."""

    filename: str
    lineno: int
    function: str


class Paste(NamedTuple):
    """A line to paste into a test, and comments on what it cannot say."""

    line: str
    comments: List[str]


class AtOnce(NamedTuple):
    """Lines to paste that assert several interactions at once.

    Attributes: `lines`, `number` (of the interactions), `what` (by what they assert them).
    """

    lines: List[str]
    number: int
    what: str


class Interaction(ABC):
    """One command that reached the wire inside a sandbox.

    Attributes:
        command: its name as it was called, in upper case.
        fields: its arguments under the parameter names of the installed client's signature.
        server: the server it was meant for, as the client holds it.
        request: the bytes that pymemcache built and would have sent.
        location: the line of the application that called it.
        thread: the name of the thread that called it.
        asserted: whether an assertion has named it.
    """

    __slots__ = ("asserted", "command", "fields", "location", "request", "server", "thread")

    kind = ""
    """What reports call it: the name of the plugin whose interaction it is."""

    def __init__(
        self,
        command: str,
        fields: Dict[str, Any],
        server: Any,
        request: bytes,
        location: Location,
        thread: str,
        asserted: bool,
    ) -> None:
        self.command = command
        self.fields = fields
        self.server = server
        self.request = request
        self.location = location
        self.thread = thread
        self.asserted = asserted

    @abstractmethod
    def paste(self) -> Paste:
        """The line of a test that asserts it, strictly. Each plugin has its own."""

    def __repr__(self) -> str:
        return f"<Interaction {self.command} {self.request!r:.80}>"


class Timeline:
    """A verifier's interactions, and which of them are still open.

    The open ones are kept apart, so that asserting the next and verifying that none is left take
    the same time however long the timeline is.
    """

    __slots__ = ("_open", "interactions")

    def __init__(self) -> None:
        self.interactions: List[Interaction] = []
        self._open: Deque[Interaction] = deque()

    def record(self, interaction: Interaction) -> None:
        """Add an interaction; one that was expected is asserted already."""
        self.interactions.append(interaction)
        if not interaction.asserted:
            self._open.append(interaction)

    def withdraw(self, interaction: Interaction) -> None:
        """Take an interaction back, as if it had not been recorded."""
        self.interactions.remove(interaction)
        with suppress(ValueError):  # It was asserted as it was recorded.
            self._open.remove(interaction)

    def next(self) -> Optional[Interaction]:
        """The oldest open interaction."""
        return self._open[0] if self._open else None

    def open(self) -> Tuple[Interaction, ...]:
        """All open interactions, oldest first."""
        return (*self._open,)

    def settle(self, interaction: Interaction) -> None:
        """Take an interaction off the open ones: it was asserted."""
        interaction.asserted = True
        self._open.remove(interaction)

    def settle_all(self, interactions: Iterable[Interaction]) -> None:
        """Take several off the open ones, in one go."""
        settled = set()
        for interaction in interactions:
            interaction.asserted = True
            settled.add(id(interaction))
        self._open = deque(each for each in list(self._open) if id(each) not in settled)

    def drop_since(self, number: int) -> None:
        """Take off the open ones whatever came after that many interactions."""
        dropped = {id(interaction) for interaction in self.interactions[number:]}
        self._open = deque(each for each in list(self._open) if id(each) not in dropped)

    def drain(self) -> Tuple[Interaction, ...]:
        """Take all open interactions off: they are about to be reported, once."""
        number = len(self._open)
        return tuple(self._open.popleft() for _ in range(number)) if number else ()

    def __len__(self) -> int:
        return len(self.interactions)

    def __iter__(self) -> Iterator[Interaction]:
        return iter(self.interactions)
