"""Mocks: replies waiting in one queue for each command."""

from __future__ import annotations

import itertools
import operator
from collections import deque
from contextlib import suppress
from typing import Any, Deque, Dict, Iterator, List, Optional, Sequence, Tuple

from tripwire._matching import Facts, fits
from tripwire._timeline import Location


class Mock:
    """One reply registered for one command, to be given a number of times.

    Attributes: `command`, `fields` (what a call's fields must equal), `returns` and `raises` (as
    they were registered), `required`, `times` (None: any number), `expected` (the calls it answers
    are asserted by it), `ordered` (an expectation that has a place in the order), `location` (where
    it was registered), `number` (in the order of registration), `answered` (where the last call it
    answered came from), `reported` (as unused, once), `spelled` (how reports spell what registered
    it, where that was not `mock_command` or `expect`) and `always_required` (what registered it
    takes no `required=`).
    """

    __slots__ = (
        "_returned",
        "_tickets",
        "always_required",
        "answered",
        "command",
        "expected",
        "fields",
        "location",
        "number",
        "ordered",
        "raises",
        "reported",
        "required",
        "returns",
        "spelled",
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
        spelled: str = "",
        any_order: bool = False,
        always_required: bool = False,
    ) -> None:
        self.command = command
        self.fields = fields
        self.returns = returns
        self.raises = raises
        self.required = required
        self.times = times
        self.expected = expected
        self.ordered = expected and times is not None and not any_order
        self.location = location
        self.spelled = spelled
        self.always_required = always_required
        self.number: int
        self.answered: Optional[Location] = None
        self.reported = False
        self._tickets: Iterator[bool] = (
            itertools.repeat(True) if times is None else itertools.repeat(True, times)
        )
        self._returned: List[bool] = []

    def __repr__(self) -> str:
        return f"<Mock {self.command} {self.location.filename}:{self.location.lineno}>"

    def claim(self) -> bool:
        """Take one of the answers; False where another thread has taken the last one.

        One step of an iterator that is written in C, so no two threads take the same answer.
        """
        if next(self._tickets, False):
            return True
        try:
            return self._returned.pop()
        except IndexError:
            return False

    def give_back(self) -> None:
        """Have an answer that was taken as if it had not been."""
        if self.times is not None:
            self._returned.append(True)

    @property
    def left(self) -> int:
        """How many answers are left, of a mock with a number of them."""
        return operator.length_hint(self._tickets) + len(self._returned)

    @property
    def used_up(self) -> bool:
        """Whether all of its answers were given."""
        return self.times is not None and self.left == 0

    @property
    def satisfied(self) -> bool:
        """Whether a required mock has done what it was registered for."""
        return self.used_up or (self.times is None and self.answered is not None)

    def answers(self, call: Facts) -> bool:
        """Whether it has an answer left for a call, and every field it names equals the call's."""
        return not self.used_up and fits(call, self.fields)


class Queues:
    """The mocks of one test: a first-in, first-out queue for each command.

    Args:
        key: the field that mocks of one command are usually told apart by. Those that name it with
            a text or bytes are found by it, however many wait.
    """

    __slots__ = ("_key", "_queues", "all")

    def __init__(self, key: str) -> None:
        self.all: List[Mock] = []
        self._key = key
        self._queues: Dict[str, _Queue] = {}

    def add(self, mock: Mock) -> None:
        """Put a mock at the end of its command's queue."""
        mock.number = len(self.all)
        self.all.append(mock)
        # `setdefault` is atomic: two threads may register a command's first mocks.
        self._queues.setdefault(mock.command, _Queue(self._key)).add(mock)

    def take(self, names: Sequence[str], call: Facts) -> Optional[Mock]:
        """The oldest mock that answers the call: in its own queue first, then in its aliases'."""
        for name in names:
            if name in self._queues:
                mock = self._queues[name].take(call)
                if mock is not None:
                    return mock
        return None

    def use(self, mock: Mock) -> None:
        """Take the one answer of a mock without a call that it answers."""
        mock.claim()
        self._queues[mock.command].remove(mock)

    def give_back(self, mock: Mock) -> None:
        """Have a mock wait in its place for the answer that was taken of it last."""
        mock.give_back()
        self._queues[mock.command].put_back(mock)

    def withdraw_since(self, number: int) -> None:
        """Take back what is left of the mocks that were registered after that many."""
        for mock in self.all[number:]:
            self._queues[mock.command].remove(mock)

    def report_unused(self) -> Tuple[Mock, ...]:
        """The required mocks that are not satisfied, oldest first, each reported once.

        What is used up has left its queue, so this takes no longer after a thousand calls.
        """
        if not self._queues:
            return ()
        unused = [
            mock
            for queue in list(self._queues.values())
            for mock in queue.waiting()
            if mock.required and not mock.reported and not mock.satisfied
        ]
        for mock in unused:
            mock.reported = True
        return tuple(sorted(unused, key=_number))


_Line = Deque[Mock]

_SAME_KIND_ONLY = (str, bytes, int, float, bool, type(None))
"""Built-in types of which no value equals a text or bytes of another type."""


class _Queue:
    """The mocks of one command: in a line for each key, and in one line for all the others.

    A used-up mock leaves its line. Lines are copied before they are searched, because other threads
    take mocks out of them meanwhile.
    """

    __slots__ = ("_by_key", "_key", "_others")

    def __init__(self, key: str) -> None:
        self._key = key
        # By type, too: `python -bb` objects to comparing text with bytes.
        self._by_key: Dict[Tuple[type, Any], _Line] = {}
        self._others: _Line = deque()

    def add(self, mock: Mock) -> None:
        self._line_of(mock).append(mock)

    def take(self, call: Facts) -> Optional[Mock]:
        """The oldest mock that answers a call."""
        while True:
            mock = self._oldest(call)
            if mock is None:
                return None
            if mock.times is None:
                return mock
            claimed = mock.claim()
            if mock.left == 0:
                self.remove(mock)
                # Just before this, another thread may have given an answer back: then it stays.
                if mock.left > 0:
                    self.put_back(mock)
            # Another thread may have taken its last answer in between: then look again.
            if claimed:
                return mock

    def put_back(self, mock: Mock) -> None:
        """Put a mock that may have been taken out of its line before all that are younger."""
        line = self._line_of(mock)
        # Two threads may put it back at once. It is then there twice, and is removed twice.
        if mock not in list(line):
            line.insert(sum(other.number < mock.number for other in list(line)), mock)

    def remove(self, mock: Mock) -> None:
        """Take a mock out of its line; another thread may have done so."""
        with suppress(ValueError):
            self._line_of(mock).remove(mock)

    def waiting(self) -> List[Mock]:
        """All mocks that have an answer left, line by line."""
        return [
            mock for line in (*list(self._by_key.values()), self._others) for mock in list(line)
        ]

    def _line_of(self, mock: Mock) -> _Line:
        key = mock.fields.get(self._key)
        if type(key) not in (str, bytes):
            return self._others
        return self._by_key.setdefault((type(key), key), deque())

    def _oldest(self, call: Facts) -> Optional[Mock]:
        key = call.fields.get(self._key)
        if type(key) not in _SAME_KIND_ONLY:
            # It may equal keys of several types, as an object of a subclass of `str` does.
            return _first(sorted(self.waiting(), key=_number), call)
        line = self._by_key.get((type(key), key))
        named = _first(line, call) if line else None
        return (_first(self._others, call, named) if self._others else None) or named


def _first(line: Sequence[Mock], call: Facts, younger: Optional[Mock] = None) -> Optional[Mock]:
    """The first mock of a line that fits a call; None where it comes after another one."""
    # The head by itself, because it usually answers.
    try:
        head = line[0]
    except IndexError:  # pragma: no cover - another thread has taken the last one
        return None
    if younger is None and (not head.fields or fits(call, head.fields)):
        return head
    for mock in list(line):
        if younger is not None and mock.number > younger.number:
            return None
        if fits(call, mock.fields):
            return mock
    return None


def _number(mock: Mock) -> int:
    return mock.number
