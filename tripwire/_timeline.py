"""What happened: interactions, in the order in which they did."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from contextlib import suppress
from typing import (
    Any,
    Deque,
    Dict,
    Iterable,
    Iterator,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Sequence,
    Tuple,
)


class Location(NamedTuple):
    """A place in someone's code: the file as Python knows it, the line, the function."""

    filename: str
    lineno: int
    function: str


class Paste(NamedTuple):
    """A line to paste into a test.

    Attributes: `line`, `comments` (on what it cannot say), `imports` (the modules that it needs)
    and `unsaid` (the fields that it takes any value of, since theirs are no expressions).
    """

    line: str
    comments: List[str]
    imports: Tuple[str, ...] = ()
    unsaid: Sequence[str] = ()


class AtOnce(NamedTuple):
    """Lines to paste that assert several interactions at once.

    Attributes: `lines`, `number` (of the interactions), `what` (by what they assert them) and
    `imports` (the modules that the lines need).
    """

    lines: List[str]
    number: int
    what: str
    imports: Tuple[str, ...] = ()


class Interaction(ABC):
    """One command that reached the wire inside a sandbox.

    Attributes:
        command: its name as it was called, in upper case.
        fields: its arguments under the parameter names of the installed client's signature.
        server: the server it was meant for, as the client holds it.
        request: the bytes that the client built and would have sent.
        location: the line of the application that called it.
        thread: the name of the thread that called it.
        asserted: whether an assertion has named it.
        expectation: the mock that answered and asserted it, where that has a place in the order of
            the expectations.
    """

    __slots__ = (
        "asserted",
        "command",
        "expectation",
        "fields",
        "location",
        "request",
        "server",
        "thread",
    )

    kind = ""
    """What reports call it: the name of the plugin whose interaction it is."""

    command: str
    fields: Dict[str, Any]
    server: Any
    request: bytes
    location: Location
    thread: str
    asserted: bool
    expectation: Any

    @abstractmethod
    def paste(self, with_server: bool = False) -> Paste:
        """The line of a test that asserts it, strictly. Each plugin has its own."""

    @abstractmethod
    def knows(self, name: str) -> bool:
        """Whether there is anything of that name to compare an expected value with."""

    @abstractmethod
    def pair(self, name: str, expected: Any) -> Tuple[Any, Any]:
        """What an expected value comes to for this call, and what it is compared with."""

    @abstractmethod
    def remarks(self, expected: Mapping[str, Any]) -> Sequence[str]:
        """What may explain that it is another than the expected one: a sentence each."""

    def __repr__(self) -> str:
        return f"<Interaction {self.command} {self.request!r:.80}>"


class Misplaced(NamedTuple):
    """An interaction whose expectation answered too late.

    Attributes: `interaction`, and `after`: an earlier interaction, which was answered by an
    expectation that is registered later.
    """

    interaction: Interaction
    after: Interaction


class Timeline:
    """A verifier's interactions, and which of them are still open.

    The open ones are kept apart, so that asserting the next and verifying that none is left take
    the same time however long the timeline is.
    """

    __slots__ = ("_judged", "_latest", "_open", "interactions")

    def __init__(self) -> None:
        self.interactions: List[Interaction] = []
        self._open: Deque[Interaction] = deque()
        self._judged = 0
        self._latest: Optional[Interaction] = None

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
        for interaction in self.interactions[number:]:
            interaction.expectation = None
        self._open = deque(each for each in list(self._open) if id(each) not in dropped)

    def drain(self) -> Tuple[Interaction, ...]:
        """Take all open interactions off: they are about to be reported, once."""
        number = len(self._open)
        return tuple(self._open.popleft() for _ in range(number)) if number else ()

    def drain_misplaced(self) -> Tuple[Misplaced, ...]:
        """The interactions that came too late for the order of their expectations, each once.

        They are not asserted, after all.
        """
        found = []
        judged, self._judged = self._judged, len(self.interactions)
        for interaction in self.interactions[judged : self._judged]:
            if interaction.expectation is None:
                continue
            latest = self._latest
            # What a failed subtest had sent counts no longer.
            if latest is None or latest.expectation is None or _precedes(latest, interaction):
                self._latest = interaction
            else:
                interaction.asserted = False
                found.append(Misplaced(interaction, latest))
        return tuple(found)

    def __len__(self) -> int:
        return len(self.interactions)

    def __iter__(self) -> Iterator[Interaction]:
        return iter(self.interactions)


def _precedes(first: Interaction, second: Interaction) -> bool:
    """Whether the expectation of an interaction was registered no later than that of another."""
    return bool(first.expectation.number <= second.expectation.number)
