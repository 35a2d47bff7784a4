"""What the entries of the catalogue are: a piece of cache code, broken and mended."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Callable, ClassVar, Dict, List, Sequence

from pymemcache.client.base import Client

import tripwire

Worker = Callable[[], Any]


def client() -> Any:
    """A client of a worker's own; every write waits for its answer."""
    return Client(("localhost", 11211), default_noreply=False)


class Entry(ABC):
    """One mistake, and how it is mended. There is a new object for every round.

    Attributes: `items` (what the cache holds to begin with), `preemptions` (how many times a worker
    has to be interrupted for the mistake to show).
    """

    items: ClassVar[Dict[str, Any]] = {}
    preemptions: ClassVar[int] = 1

    @abstractmethod
    def broken(self) -> List[Worker]:
        """The workers, with the mistake."""

    @abstractmethod
    def mended(self) -> List[Worker]:
        """The workers, without it."""

    @abstractmethod
    def is_right(self, store: tripwire.Store, results: Sequence[Any]) -> bool:
        """Whether all went well: `results` are the workers', in the order of their list."""


class Table:
    """A database of one value, whose reads and writes are steps."""

    def __init__(self, value: Any = None) -> None:
        self.value = value
        self.reads = 0

    def read(self) -> Any:
        """Look at the value."""
        tripwire.step("SELECT")
        self.reads += 1
        return self.value

    def write(self, value: Any) -> None:
        """Change it."""
        tripwire.step("UPDATE")
        self.value = value
