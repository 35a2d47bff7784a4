"""Calls as the steps of workers: what a step is called, what it touches, what came of it."""

from __future__ import annotations

from typing import Any, FrozenSet, Hashable, List, Optional

from tripwire._orders.steps import Step
from tripwire.plugins._memcache.holding import key_of
from tripwire.plugins._memcache.server import Item, UnknownCommand
from tripwire.plugins._memcache.server.protocol import STORES, Command, split
from tripwire.plugins._memcache.store import deserialized
from tripwire.plugins._memcache.wire import END_OF_LINE, Call
from tripwire.report.values import short

SHOWN = 30
"""How much of a key, of a value, of an outcome is shown, in characters."""

NOTHING = "nothing"
"""What the server said where a key is not held."""

_COUNTERS = (b"incr", b"decr")


def step_of(call: Call, line: Command, mocks: FrozenSet[Hashable]) -> Step:
    """One line of a request that a store answers, or one key of a line that reads several.

    `mocks` are the names of the mocks that could have answered the call instead.
    """
    places: List[Hashable] = [(call.server, key) for key in line.keys]
    return Step(
        _label(call, line),
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
    named = ", ".join(short(key_of(key), SHOWN) for key in keys)
    return Step(
        _label(call, lines[0]) if len(lines) == 1 else f"{call.command.name} {named}".rstrip(),
        identity=(call.command.name, tuple(keys), call.server),
        touches=mocks.union(places),
        everything=everything or any(line.everything for line in lines),
    )


def _label(call: Call, line: Command) -> str:
    name = call.command.name
    words = [line.verb.decode("latin-1").upper() if name == "RAW_COMMAND" else name]
    words += [short(key_of(key), SHOWN) for key in line.keys]
    if line.verb in STORES and line.keys:
        words.append(_value(call, line.keys[0], line.data, line.flags))
    if line.verb in _COUNTERS and line.number != 1:
        words.append(f"{line.number}")
    return " ".join(words)


def _value(call: Call, key: bytes, data: bytes, flags: int) -> str:
    # With flags it is something that only the client's serde can read.
    value = deserialized(key, Item(data, flags), call.client) if flags else data
    return short(value, SHOWN)


def outcome_of_line(call: Call, line: Command, answer: bytes) -> str:
    """What the server said to one line of several, or of one key of several."""
    first, _, rest = answer.partition(END_OF_LINE)
    words = first.split(b" ")
    if words[0] == b"VALUE":
        data = rest[: int(words[3])]
        return _value(call, line.keys[0], data, int(words[2]))
    if line.keys and first in (b"", b"END"):
        return "" if line.noreply else NOTHING
    return first.decode("latin-1")


def outcome_of_call(given: Any, error: Optional[BaseException], told: str) -> str:
    """What the caller of a client got; `told` is what the server said."""
    if error is not None:
        return type(error).__name__
    # The sentinel that some give as a default says nothing but where it is in memory.
    if told == NOTHING and type(given) is object:
        return NOTHING
    return short(given, SHOWN)
