"""What a verifier is to do, in the plainest words: a model that runs beside it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Dict, List, Optional, Set, Tuple

NAMES = {
    "GET": ("GET",),
    "INCR": ("INCR",),
    "GET_MANY": ("GET_MANY", "GET_MULTI"),
    "GET_MULTI": ("GET_MULTI", "GET_MANY"),
}
"""Each command with its aliases, its own name first."""


@dataclass(eq=False)
class Mock:
    """A reply that waits for calls of a command: of one key, or of any."""

    command: str
    key: Optional[str]
    how: str
    required: bool
    times: Optional[int]
    answered: int = 0
    reported: bool = False

    def answers(self, command: str, key: str) -> bool:
        """It is for that call, and not used up."""
        return self.command == command and self.key in (None, key) and not self.is_used_up()

    def is_used_up(self) -> bool:
        """It has answered as often as it was to."""
        return self.times is not None and self.answered == self.times

    def is_unused(self) -> bool:
        """It is required and has not answered all its calls; of any number of calls, one."""
        return self.required and self.answered < (self.times or 1) and not self.reported


@dataclass(eq=False)
class Call:
    """A call that was answered; its place is that of its expectation among all mocks."""

    command: str
    key: str
    asserted: bool
    place: Optional[int] = None
    reported: bool = False

    def is_open(self) -> bool:
        """No assertion has named it, and no report."""
        return not self.asserted and not self.reported


class Model:
    """One verifier: its mocks, its timeline, and what was swallowed."""

    def __init__(self) -> None:
        self.mocks: List[Mock] = []
        self.calls: List[Call] = []
        self.swallowed: List[Tuple[str, str]] = []
        self.propagated: Set[Tuple[str, str]] = set()

    def waiting(self) -> List[Mock]:
        """The mocks that are not used up."""
        return [mock for mock in self.mocks if not mock.is_used_up()]

    def call(self, command: str, key: str) -> Optional[Mock]:
        """The oldest mock that answers, in the command's own queue, else in its alias's."""
        for name in NAMES[command]:
            for mock in self.mocks:
                if mock.answers(name, key):
                    mock.answered += 1
                    expected = mock.how == "expect"
                    ordered = expected and mock.times is not None
                    place = self.mocks.index(mock) if ordered else None
                    self.calls.append(Call(command, key, expected, place))
                    return mock
        return None

    def open(self) -> List[Call]:
        """The calls that are still to be asserted, in order."""
        return [call for call in self.calls if call.is_open()]

    def late(self) -> List[Call]:
        """The calls that came after one whose expectation was registered after theirs."""
        placed = [call for call in self.calls if call.place is not None]
        places = [call.place or 0 for call in placed]
        return [
            call
            for number, call in enumerate(placed)
            if places[number] < max(places[: number + 1]) and not call.reported
        ]

    def asserts(self, command: str, key: str, any_order: bool) -> bool:
        """Whether the next open call, or one of them, is that; then it is asserted."""
        candidates = self.open() if any_order else self.open()[:1]
        for call in candidates:
            if call.command in NAMES[command] and call.key == key:
                call.asserted = True
                return True
        return False

    def verify(self) -> Tuple[List[Call], List[Mock], Dict[Tuple[str, str], int]]:
        """All that is to be found, each once: calls, mocks, and violations with their repeats.

        A violation that propagated out of its verifier's outermost sandbox is settled, and so are
        its repeats.
        """
        calls = self.open() + self.late()
        for call in calls:
            call.asserted = False
        mocks = [mock for mock in self.mocks if mock.is_unused()]
        violations = Counter(call for call in self.swallowed if call not in self.propagated)
        for answered in calls:
            answered.reported = True
        for mock in mocks:
            mock.reported = True
        self.swallowed.clear()
        self.propagated.clear()
        return calls, mocks, violations
