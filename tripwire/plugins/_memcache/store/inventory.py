"""What the servers of a store hold, as text: where it differs from what was said, and to paste."""

from __future__ import annotations

from itertools import islice
from types import MappingProxyType
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
from tripwire.plugins._memcache.comparing import prefix_added
from tripwire.plugins._memcache.server.items import Note
from tripwire.plugins._memcache.server.protocol import UnknownCommand, split
from tripwire.plugins._memcache.store.holding import Item, Key, LeftOut, key_of, name_of
from tripwire.plugins._memcache.store.servers import Event, Trace
from tripwire.plugins._memcache.wire import MemcacheInteraction
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
        """Whether it is what a test says that is there. Flags count where they are written out."""
        return not self.differing(expected)

    def differing(self, expected: Item) -> List[Tuple[str, Any, Any]]:
        """In what it differs: names, each with what was expected and what is there."""
        item = self.item
        found: List[Tuple[str, Any, Any]] = []
        if not equal(expected.value, item.value):
            found.append(("value", expected.value, item.value))
        if not self._lives(expected.expire):
            found.append(("expire", expected.expire, item.expire))
        if type(expected.flags) is not LeftOut and not equal(expected.flags, item.flags):
            found.append(("flags", expected.flags, item.flags))
        return found

    def _lives(self, expire: Any) -> bool:
        if equal(expire, self.item.expire):
            return True
        if not (self.tolerance and expire and type(expire) is int):
            return False
        return abs(self.item.expire - expire) <= self.tolerance


Past = Sequence[Tuple[Optional[Trace], Optional[Note]]]


def mismatch(
    expected: Mapping[Key, Item],
    actual: Mapping[Key, Entry],
    past: Mapping[Key, Past],
    elsewhere: Mapping[Key, Sequence[Any]],
    now: int,
    instead: Sequence[str],
    hints: Sequence[str],
) -> str:
    """The servers hold something else: what differs, and the line that says what is there.

    `elsewhere` has the servers that hold a key, those of which nothing was said as well.
    """
    shown = list(_differing(expected, actual, past, elsewhere, now))
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
    elsewhere: Mapping[Key, Sequence[Any]],
    now: int,
) -> Iterator[List[str]]:
    """A block for each item that differs."""
    for key, item in expected.items():
        entry = actual.get(key)
        if entry is None:
            there = [_held_by(server) for server in elsewhere[key]]
            # What is known of a key on a server that holds it would read as if it were gone.
            gone = [line for each in past[key] for line in _gone(*each, now)] if not there else []
            head = f"{short(key)} is not there: expected {short(item.value)}{_time(item)}"
            yield [head, *_remarks([*there, *gone, *_prefixed(key, actual)])]
        elif not entry.is_like(item):
            lines = [f"    {line}" for each in entry.differing(item) for line in difference(*each)]
            remarks = [*_explained(item, entry), *_origin(entry.trace, entry.note)]
            yield [short(key), *lines, *_remarks(remarks)]
    for key, entry in actual.items():
        if key not in expected:
            item = entry.item
            head = f"{short(key)} was not expected: it holds {short(item.value)}{_time(item)}"
            yield [head, *_remarks(_origin(entry.trace, entry.note))]


def _remarks(lines: Iterable[str]) -> List[str]:
    return [f"    # {line}" for line in lines]


def _held_by(server: Any) -> str:
    if server is None:
        return "it waits for the first server that is asked for it"
    return f"{server_text(server)} holds it"


def _time(item: Item) -> str:
    if type(item.expire) not in (int, LeftOut):
        return f", expire={short(item.expire)}"
    return f", for {item.expire} s" if item.expire else ", for ever"


def _explained(expected: Item, entry: Entry) -> Iterator[str]:
    """What people stumble on where an item is another than they expect."""
    item, by_client = entry.item, entry.trace.client is not None
    for name, _, _ in entry.differing(expected):
        if name == "expire" and type(expected.expire) is LeftOut:
            instead = f"tripwire.Item(..., expire={item.expire})"
            yield f"without expire= an item is there for ever: {instead}"
        elif name == "value" and type(expected.value) is not bytes and not by_client:
            yield from _AS_BYTES
        elif name == "value" and by_client and type(expected.value) is not type(item.value):
            yield _AS_READ


_AS_BYTES = (
    "store() and put() hold bytes, so it is compared as bytes; to have it written by a serde:",
    "with store.off_the_record(): client.set(...)",
)
_AS_READ = "what the code stored is compared as its client's serde reads it; bytes where it cannot"


def _prefixed(key: Key, actual: Mapping[Key, Entry]) -> Iterator[str]:
    """Whether a key is there, with the prefix of a client in front of it."""
    for other, entry in actual.items():
        prefix = getattr(entry.trace.client, "key_prefix", b"")
        if prefix and name_of(other) == prefix + name_of(key):
            yield prefix_added(prefix)


def _origin(trace: Trace, note: Optional[Note]) -> Iterator[str]:
    yield f"put there by {_event(trace.put)}"
    if trace.since is not None:
        yield f"then {_event(trace.since)}"
    yield from _noted(note)


def _noted(note: Optional[Note]) -> Iterator[str]:
    if note is not None:
        yield note.value


def _gone(trace: Optional[Trace], note: Optional[Note], now: int) -> Iterator[str]:
    if trace is None:
        yield from _noted(note)
        return
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


def never_held(keys: Sequence[Key]) -> str:
    """Why what is held asserts no interaction that names these keys."""
    told = [short(key) for key in dict.fromkeys(keys)]
    more = f" and {len(told) - _KEYS} more" if len(told) > _KEYS else ""
    return f"no server ever held {', '.join(told[:_KEYS])}{more}"


NO_KEY = "it names no key"
REJECTED = "memcached has rejected it"
MAY_BE_UNUSED = "store(required=False) says that it may be"

_KEYS = 3
"""How many of several keys are named."""

_CALLS = 3
"""How many calls are named that may explain why an item was not used."""


def unused(name: bytes, calls: Iterable[MemcacheInteraction]) -> Iterator[str]:
    """What may explain that no command named an item: calls that named such a key."""
    found = ((each, _asked(each, name)) for each in calls)
    prefixes = {}
    for each, key in islice((pair for pair in found if pair[1]), _CALLS):
        told = "that key" if key == name else short(key_of(key))
        yield f"{each.command} of {told} came from {where(each.location)}"
        if key != name:
            prefixes[each.prefix] = prefix_added(each.prefix)
    yield from prefixes.values()


def _asked(interaction: MemcacheInteraction, name: bytes) -> bytes:
    """The key of an item as a call named it, with its prefix or without; else no bytes."""
    try:
        keys = {key for step in split(interaction.request) for key in step.keys}
    except UnknownCommand:
        return b""
    whole = interaction.prefix + name if interaction.prefix else name
    return next((key for key in (name, whole) if key in keys), b"")


# --- to paste -------------------------------------------------------------------------------------


def assertion(
    items: Mapping[Key, Item], server: Any, said: Mapping[Key, Item] = MappingProxyType({})
) -> List[str]:
    """The call that asserts what a server holds, or all of them; in lines.

    It asserts the flags of those items of which `said`, what a test has said, does so as well.
    """
    entries = [f"{key!r}: {_pasted(item, said.get(key))}" for key, item in items.items()]
    end = "" if server is None else f", server={server!r}"
    line = f"store.assert_items({{{', '.join(entries)}}}{end})"
    if len(line) <= LONGEST_LINE or not entries:
        return [line]
    return ["store.assert_items({", *(f"    {entry}," for entry in entries), f"}}{end})"]


def _pasted(item: Item, said: Optional[Item]) -> str:
    value = _written(item).text
    more = [f"expire={item.expire}"] if item.expire else []
    if said is not None and type(said.flags) is not LeftOut:
        more.append(f"flags={item.flags}")
    return f"tripwire.Item({', '.join([value, *more])})" if more else value


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


def gone_back(seconds: int) -> str:
    """The clock that a store follows shows less than it has shown."""
    return (
        f"The clock that the store follows has gone back {seconds} s since it was last used:\n"
        "assert while it is patched."
    )


def overdue(key: Key, left: int) -> str:
    """An item was found alive because the clock of the store stands; `left`: for how long yet."""
    return "\n".join(
        [
            f"The clock of the store stands: {short(key)} was found alive,",
            "although in real time its life was over.",
            f"    store.advance({left}) moves it; with store(clock=time.time) it follows that.",
        ]
    )
