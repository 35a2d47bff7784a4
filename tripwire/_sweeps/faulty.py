"""What a sweep and a plugin tell each other: faults, the commands of a round, what came of it."""

from __future__ import annotations

from typing import (
    Any,
    ContextManager,
    Hashable,
    Mapping,
    NamedTuple,
    Optional,
    Protocol,
    Sequence,
)

from tripwire._callsite import CallSites
from tripwire._time.waiting import Clock
from tripwire._timeline import Location
from tripwire.report.labels import Label


class Fault(NamedTuple):
    """What is to befall one command.

    Attributes: `number` (the command's, from 1), `name`, `detail` (which of its keys; empty where
    there is no choice).
    """

    number: int
    name: str
    detail: str

    @property
    def only(self) -> str:
        """As the argument `only` has it."""
        return " ".join(filter(None, (str(self.number), self.name, self.detail)))


class Met(NamedTuple):
    """A command that was met in a round.

    Attributes: `label` (what a report shows), `name` (the same without its keys), `identity` (what
    has to be the same in every round), `location`, `faults` (those that can befall it, each with
    the details that it can have).
    """

    label: Label
    name: str
    identity: Hashable
    location: Location
    faults: Mapping[str, Sequence[str]]


class Place(NamedTuple):
    """Where something is held: the key, and the server, both as a report has them.

    `server` is empty for an item that a test has put into a store, as long as no server was asked
    for it: the first one that is will hold it.
    """

    key: str
    server: str

    def __str__(self) -> str:
        return f"{self.key} on {self.server}" if self.server else self.key


class Left(NamedTuple):
    """What a server holds at the end of a round, and for how long: `"for 60 seconds"`."""

    value: Any
    lasts: str


class Watched(Protocol):
    """One round, as a plugin watches it."""

    @property
    def clock(self) -> Clock:
        """What the round's clocks show."""
        ...

    @property
    def met(self) -> Sequence[Met]:
        """Its commands, in order."""
        ...

    @property
    def befell(self) -> bool:
        """Whether the fault has befallen its command."""
        ...

    def left(self) -> Mapping[Place, Left]:
        """What the servers hold now, by its place as a report has it."""
        ...


class Rounds(Protocol):
    """What a plugin gives: rounds, and how to speak of them."""

    def round(self, fault: Optional[Fault], lasts: bool) -> ContextManager[Watched]:
        """One round with everything in it as new, in which a fault befalls one command.

        Leaving it raises what is wrong with the round beyond what the scenario raised.
        """
        ...

    @property
    def faults(self) -> Sequence[str]:
        """The names of all faults."""
        ...

    @property
    def callsites(self) -> CallSites:
        """Finds the lines of the application."""
        ...


class Outcome(NamedTuple):
    """What came of one round. `error` is what it raised, `value` what it returned otherwise."""

    met: Sequence[Met]
    value: Any
    error: Optional[BaseException]
    left: Mapping[Place, Left]
    befell: bool
