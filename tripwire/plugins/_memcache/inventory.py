"""What the servers of a store hold, as text: where it differs from what was said, and to paste."""

from __future__ import annotations

from typing import (
    Any,
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

from tripwire._matching import equal
from tripwire.plugins._memcache.holding import Item, Key
from tripwire.plugins._memcache.server.items import Note
from tripwire.plugins._memcache.servers import Event, Trace
from tripwire.report.expressions import Expression, expression
from tripwire.report.parts import blocks, server_text, where
from tripwire.report.pasting import ANY
from tripwire.report.values import difference, short

LIMIT = 20
"""How many items that differ are shown, the rest being counted."""

LONGEST_LINE = 88
"""Characters; a line to paste that is longer is broken, with an item to each of its lines."""


class Entry(NamedTuple):
    """An item as it is there.

    Attributes: `item`, `trace`, `note`, `tolerance` (by how many seconds its expiry may be off).
    """

    item: Item
    trace: Trace
    note: Optional[Note]
    tolerance: int = 0

    def is_like(self, expected: Item) -> bool:
        """Whether it is what a test says that is there. Flags count where the test says some."""
        return not self.differing(expected)

    def differing(self, expected: Item) -> List[Tuple[str, Any, Any]]:
        """In what it differs: names, each with what was expected and what is there."""
        item = self.item
        found: List[Tuple[str, Any, Any]] = []
        if not equal(expected.value, item.value):
            found.append(("value", expected.value, item.value))
        if not self._lives(expected.expire):
            found.append(("expire", expected.expire, item.expire))
        if expected.flags and not equal(expected.flags, item.flags):
            found.append(("flags", expected.flags, item.flags))
        return found

    def _lives(self, expire: Any) -> bool:
        if equal(expire, self.item.expire):
            return True
        if not (self.tolerance and expire and type(expire) is int):
            return False
        return abs(self.item.expire - expire) <= self.tolerance


Past = Sequence[Tuple[Trace, Optional[Note]]]


def mismatch(
    expected: Mapping[Key, Item],
    actual: Mapping[Key, Entry],
    past: Mapping[Key, Past],
    now: int,
    instead: Sequence[str],
    hints: Sequence[str],
) -> str:
    """The servers hold something else: what differs, and the line that says what is there."""
    shown = list(_differing(expected, actual, past, now))
    return "\n".join(
        [
            "The store holds something else:",
            "",
            *blocks(shown[:LIMIT], len(shown), LIMIT),
            "",
            "What it holds is:",
            "",
            *(f"    {line}" for line in instead),
            *(f"\n{hint}" for hint in hints),
        ]
    )


def _differing(
    expected: Mapping[Key, Item],
    actual: Mapping[Key, Entry],
    past: Mapping[Key, Past],
    now: int,
) -> Iterator[List[str]]:
    for key, item in expected.items():
        entry = actual.get(key)
        if entry is None:
            yield [f"{short(key)} is not there: expected {short(item.value)}{_time(item)}"]
            yield [f"    # {line}" for each in past[key] for line in _gone(*each, now)]
        elif not entry.is_like(item):
            yield [f"{short(key)}"]
            yield [f"    {line}" for each in entry.differing(item) for line in difference(*each)]
            yield [f"    # {line}" for line in _origin(entry.trace, entry.note)]
    for key, entry in actual.items():
        if key not in expected:
            item = entry.item
            yield [f"{short(key)} was not expected: it holds {short(item.value)}{_time(item)}"]
            yield [f"    # {line}" for line in _origin(entry.trace, entry.note)]


def _time(item: Item) -> str:
    if type(item.expire) is not int:
        return f", expire={short(item.expire)}"
    return f", for {item.expire} s" if item.expire else ", for ever"


def _origin(trace: Trace, note: Optional[Note]) -> Iterator[str]:
    yield f"put there by {_event(trace.put)}"
    if trace.since is not None:
        yield f"then {_event(trace.since)}"
    if note is not None:
        yield note.value


def _gone(trace: Trace, note: Optional[Note], now: int) -> Iterator[str]:
    yield from _origin(trace, note)
    if trace.expires == 1 and note is None:
        yield "its time was over at once"
    elif 1 < trace.expires <= now and note is None:
        yield f"its time was over {now - trace.expires} s ago"


def _event(event: Event) -> str:
    return f"{event.by} from {where(event.location)}"


def spelled(by: str, key: Key, item: Item) -> str:
    """The call that put an item there, as a report spells it."""
    told = short(item if item.expire or item.flags else item.value)
    return f"{by}({short(key)}, {told})" if by == "store.put" else f"{by}({{{short(key)}: {told}}})"


# --- to paste -------------------------------------------------------------------------------------


def assertion(items: Mapping[Key, Item], server: Any) -> List[str]:
    """The call that asserts what a server holds, or all of them; in lines."""
    entries = [f"{key!r}: {_pasted(item)}" for key, item in items.items()]
    end = "" if server is None else f", server={server!r}"
    line = f"store.assert_items({{{', '.join(entries)}}}{end})"
    if len(line) <= LONGEST_LINE or not entries:
        return [line]
    return ["store.assert_items({", *(f"    {entry}," for entry in entries), f"}}{end})"]


def _pasted(item: Item) -> str:
    value = _written(item).text
    return f"tripwire.Item({value}, expire={item.expire})" if item.expire else value


def imports(items: Iterable[Item]) -> Tuple[str, ...]:
    """The modules that the assertion of these items needs."""
    return tuple({module for item in items for module in _written(item).imports})


def _written(item: Item) -> Expression:
    return expression(item.value) or Expression(f"{ANY}.ANY", (ANY,))


def both(key: Key, found: Dict[Any, Item]) -> str:
    """Two servers hold a key differently."""
    lines = [f"    {server_text(server)}: {item!r}" for server, item in found.items()]
    return "\n".join(
        [
            f"Several servers hold {key!r}, and not the same:",
            *lines,
            "Say which one is meant: server=...",
        ]
    )


def overdue(key: Key, over: int) -> str:
    """An item was found alive because the clock of the store stands."""
    return "\n".join(
        [
            f"The clock of the store stands: {short(key)} was found alive,",
            "although in real time its life was over.",
            f"    store.advance({over}) moves it; with store(clock=time.time) it follows that.",
        ]
    )
