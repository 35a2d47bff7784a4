"""Times in which servers cannot be reached."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Callable, Iterator, List, NamedTuple, Optional

from tripwire.plugins._memcache.wire import Answer, Call


class _Outage(NamedTuple):
    """One outage: of which server (None: of all), and what its callers meet."""

    server: Any
    error: Callable[[], BaseException]


class Outages:
    """The outages that a test is in; of several, the one that began last counts."""

    def __init__(self) -> None:
        self._now: List[_Outage] = []

    @contextmanager
    def during(self, error: Callable[[], BaseException], server: Any) -> Iterator[None]:
        """Have an outage meanwhile."""
        outage = _Outage(server, error)
        self._now.append(outage)
        try:
            yield
        finally:
            # By identity: two outages may be alike.
            self._now = [each for each in self._now if each is not outage]

    def answer(self, call: Call) -> Optional[Answer]:
        """The fault that a call meets, if its server is out. Such a call asserts itself."""
        for server, error in reversed(self._now):
            if server is None or server == call.server:
                return Answer(refused=error(), asserted=True)
        return None

    def concerns(self, call: Call) -> bool:
        """Whether a call meets a fault, if nobody answers before that."""
        return any(server is None or server == call.server for server, _ in self._now)
