"""Calls as the steps of workers: what a step is called, what it touches, what came of it."""

from __future__ import annotations

from typing import Any, FrozenSet, Hashable, List, Optional

from tripwire._orders.steps import Step
from tripwire.plugins._memcache.replying.call import END_OF_LINE
from tripwire.plugins._memcache.rounds.labels import label_of, value_of
from tripwire.plugins._memcache.server import UnknownCommand
from tripwire.plugins._memcache.server.protocol import Command, split
from tripwire.plugins._memcache.wire import Call
from tripwire.report.labels import NONE, Said, same, words

NOTHING = same("nothing")
"""What the server said where a key is not held."""


def step_of(call: Call, line: Command, mocks: FrozenSet[Hashable]) -> Step:
    """One line of a request that a store answers, or one key of a line that reads several.

    `mocks` are the names of the mocks that could have answered the call instead.
    """
    places: List[Hashable] = [(call.server, key) for key in line.keys]
    return Step(
        label_of(call, [line]),
        identity=(call.command.name, line.verb, line.keys, call.server),
        touches=mocks.union(places),
        reads=line.reads and not mocks,
        everything=line.everything,
    )


def step_of_all(call: Call, mocks: FrozenSet[Hashable], everything: bool) -> Step:
    """A whole call, of which something else than a store is likely to answer all at once."""
    try:
        lines = split(call.request)
    except UnknownCommand:
        lines, everything = [], True
    keys = [key for line in lines for key in line.keys]
    places: List[Hashable] = [(call.server, key) for key in keys]
    return Step(
        label_of(call, lines),
        identity=(call.command.name, tuple(keys), call.server),
        touches=mocks.union(places),
        everything=everything or any(line.everything for line in lines),
    )


def outcome_of_line(call: Call, line: Command, answer: bytes) -> Said:
    """What the server said to one line of several, or of one key of several."""
    first, _, rest = answer.partition(END_OF_LINE)
    said = first.split(b" ")
    if said[0] == b"VALUE":
        return value_of(call, line.keys[0], rest[: int(said[3])], int(said[2]))
    if line.keys and first in (b"", b"END"):
        return NONE if line.noreply else NOTHING
    return same(first.decode("latin-1"))


def outcome_of_call(given: Any, error: Optional[BaseException], told: Said) -> Said:
    """What the caller of a client got; `told` is what the server said."""
    if error is not None:
        return same(type(error).__name__)
    # An `object()` that is given as a default: its `repr` says only where it is in memory.
    if told == NOTHING and type(given) is object:
        return NOTHING
    return words(given)
