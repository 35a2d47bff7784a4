"""What a report says of a command: its name, its keys as the server has them, what it asks for."""

from __future__ import annotations

from typing import Sequence, Tuple

from tripwire.plugins._memcache.server import Item
from tripwire.plugins._memcache.server.items import THIRTY_DAYS
from tripwire.plugins._memcache.server.protocol import STORES, Command
from tripwire.plugins._memcache.store.holding import key_of, reading
from tripwire.plugins._memcache.wire import Call
from tripwire.report.labels import NONE, SHOWN, Label, Later, Said, words
from tripwire.report.parts import server_text
from tripwire.report.values import brief, safe_repr

_RAW = "RAW_COMMAND"
_COUNTERS = (b"incr", b"decr")
# The expiry is what these are about: of ADD, because it makes locks; the others set nothing else.
_TIMED = (b"add", b"touch", b"gat", b"gats", b"flush_all")

_MANY = 20
"""Of more keys than that, the values are left out."""


def label_of(call: Call, lines: Sequence[Command]) -> Label:
    """A call, or one of its lines, as it goes to the server."""
    place = server_text(call.server)
    named = [line for line in lines if line.keys]
    if not named:
        given = [brief(call.fields[name], SHOWN) for name in call.command.required]
        command = " ".join([call.command.name, *given])
        return Label(command, more=_silence(lines), place=place)
    first = named[0]
    name = call.command.name
    if name == _RAW and len(lines) == 1:
        name = first.verb.decode("latin-1").upper()
    expiry, stays = _expiry(first)
    items = tuple(
        (safe_repr(key_of(key)), _stored(call, line) if len(named) <= _MANY else NONE)
        for line in named
        for key in line.keys
    )
    more = (*_amount(first), *([expiry] if stays else []), *_silence(lines))
    return Label(name, items, more, "" if stays else expiry, place)


def name_of(label: Label, lines: Sequence[Command]) -> str:
    """What a label says of these lines, without their keys."""
    return " ".join([label.command, *_silence(lines)])


def _stored(call: Call, line: Command) -> Said:
    if line.verb not in STORES:
        return NONE
    return value_of(call, line.keys[0], line.data, line.flags)


def value_of(call: Call, key: bytes, data: bytes, flags: int) -> Said:
    """What is sent or answered, as the application knows it."""
    # With flags it is something that only the client's serde can read.
    if not flags:
        return words(data)
    return Later((data, flags), reading(key, Item(data, flags), call.client))


def _amount(line: Command) -> Tuple[str, ...]:
    if line.verb == b"cas":
        return (f"cas={b'%d' % line.number!r}",)
    if line.verb in _COUNTERS and line.number != 1:
        return (str(line.number),)
    return ()


def _expiry(line: Command) -> Tuple[str, bool]:
    """The expiry as text, and whether it is told even where there is little room."""
    if not line.exptime:
        return "", False
    odd = not 0 < line.exptime <= THIRTY_DAYS
    return f"expire={line.exptime}", odd or line.verb in _TIMED


def _silence(lines: Sequence[Command]) -> Tuple[str, ...]:
    return ("noreply",) if lines and all(line.noreply for line in lines) else ()
