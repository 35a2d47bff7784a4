"""Mocks: replies waiting in one queue for each command."""

from __future__ import annotations

import itertools
import operator
from collections import deque
from contextlib import suppress
from typing import Any, Deque, Dict, Iterator, List, Optional, Sequence, Tuple

from tripwire._timeline import Location


def equal(expected: Any, actual: Any) -> bool:
    """Whether two values are equal, asked of the expected one, so that matchers work.

    A comparison that raises (an array's truth value, bytes with text under `python -bb`) has not
    found them equal.
    """
    if expected is actual:
        return True
    try:
        return bool(expected == actual)
    except Exception:
        return False


class Mock:
    """One reply registered for one command, to be given a number of times.

    Attributes: `command`, `fields` (what a call's fields must equal), `returns`, `raises`,
    `required`, `times` (None: any number), `expected` (the calls it answers are asserted by it),
    `location` (where it was registered) and `answered` (where the last call it answered came from).
    """

    __slots__ = (
        "_tickets",
        "answered",
        "command",
        "expected",
        "fields",
        "location",
        "number",
        "raises",
        "reported",
        "required",
        "returns",
        "times",
    )

    def __init__(
        self,
        command: str,
        fields: Dict[str, Any],
        returns: Any,
        raises: Optional[BaseException],
        required: bool,
        times: Optional[int],
        expected: bool,
        location: Location,
    ) -> None:
        self.command = command
        self.fields = fields
        self.returns = returns
        self.raises = raises
        self.required = required
        self.times = times
        self.expected = expected
        self.location = location
        self.number: int
        self.answered: Optional[Location] = None
        self.reported = False
        self._tickets: Iterator[int] = (
            itertools.repeat(1) if times is None else reversed(range(times))
        )

    def claim(self) -> Optional[int]:
        """Take one of the answers, and say how many are left then; None when there was none.

        One step of a C iterator, so no two threads get the same one, and just one gets the last.
        """
        return next(self._tickets, None)

    @property
    def satisfied(self) -> bool:
        """Whether a required mock has done what it was registered for."""
        if self.times is None:
            return self.answered is not None
        return self.left == 0

    @property
    def left(self) -> int:
        """How many answers are left, of a mock with a number of them."""
        return operator.length_hint(self._tickets)

    def answers(self, fields: Dict[str, Any], server: Any) -> bool:
        """Whether every field that the mock was narrowed to equals the call's."""
        return all(
            equal(expected, server if name == "server" else fields.get(name))
            for name, expected in self.fields.items()
        )


class Queues:
    """The mocks of one verifier's plugin: a first-in, first-out queue for each command."""

    __slots__ = ("_waiting", "all")

    def __init__(self) -> None:
        self.all: List[Mock] = []
        self._waiting: Dict[str, Deque[Mock]] = {}

    def add(self, mock: Mock) -> None:
        """Put a mock at the end of its command's queue."""
        mock.number = len(self.all)
        self.all.append(mock)
        # One step, which threads that register the first two mocks of a command need.
        self._waiting.setdefault(mock.command, deque()).append(mock)

    def take(self, names: Sequence[str], fields: Dict[str, Any], server: Any) -> Optional[Mock]:
        """The oldest mock that answers the call: in its own queue first, then in its aliases'."""
        for name in names:
            mock = _take(self._waiting.get(name, _NONE), fields, server)
            if mock is not None:
                return mock
        return None

    def withdraw_since(self, number: int) -> None:
        """Take back what is left of the mocks that were registered after that many."""
        for mock in self.all[number:]:
            queue = self._waiting[mock.command]
            # Another thread may have used it up meanwhile.
            with suppress(ValueError):
                queue.remove(mock)

    def report_unused(self) -> Tuple[Mock, ...]:
        """The required mocks that are not satisfied, oldest first, each reported once.

        What is used up has left its queue, so this takes no longer after a thousand calls.
        """
        unused = [
            mock
            for queue in list(self._waiting.values())
            for mock in list(queue)
            if mock.required and not mock.reported and not mock.satisfied
        ]
        for mock in unused:
            mock.reported = True
        return tuple(sorted(unused, key=lambda mock: mock.number))


_NONE: Deque[Mock] = deque()


def _take(queue: Deque[Mock], fields: Dict[str, Any], server: Any) -> Optional[Mock]:
    # The oldest by itself, because it usually answers; then a copy of the queue, because other
    # threads take mocks out meanwhile.
    for candidates in (_oldest, list):
        for mock in candidates(queue):
            if not mock.fields or mock.answers(fields, server):
                left = mock.claim()
                if left == 0:
                    queue.remove(mock)
                if left is not None:
                    return mock
    return None


def _oldest(queue: Deque[Mock]) -> List[Mock]:
    try:
        return [queue[0]]
    except IndexError:
        return []
