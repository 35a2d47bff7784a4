"""What STATS answers: counters that the server really keeps, and no others.

What memcached tells of its process, its threads, its connections and its memory is left out.
"""

from __future__ import annotations

from typing import Dict, Iterable, List, Mapping, Tuple

from tripwire.plugins._memcache.server.items import Item, Items, size
from tripwire.plugins._memcache.server.protocol import BAD_LINE, unsigned

VERSION = b"1.6.18"
"""The memcached that the answers were compared with."""

NAMES = (
    *("uptime", "time", "version", "cmd_get", "cmd_set", "cmd_flush", "cmd_touch"),
    *("get_hits", "get_misses", "get_expired", "delete_misses", "delete_hits"),
    *("incr_misses", "incr_hits", "decr_misses", "decr_hits"),
    *("cas_misses", "cas_hits", "cas_badval", "touch_hits", "touch_misses", "store_too_large"),
    *("limit_maxbytes", "bytes", "curr_items", "total_items"),
)
"""What is told, in memcached's order."""

NEW: Dict[str, int] = dict.fromkeys(NAMES, 0)
"""The counters of a server that has answered nothing."""

_END = b"END\r\n"
_ARGUMENTS_MISSING = b"CLIENT_ERROR bad command line\r\n"
_NO_SUCH_CLASS = b"CLIENT_ERROR Illegal slab id\r\n"


def stats(
    items: Items, counters: Dict[str, int], settings: Dict[str, int], words: Tuple[bytes, ...]
) -> bytes:
    """What is answered to `stats`, followed by these words."""
    if not words:
        return _lines(_general(items, counters, settings))
    if words[0] == b"settings":
        return _lines({**settings, "evictions": "off", "cas_enabled": "yes"})
    if words[0] == b"items":
        return _lines(_classes(items))
    return _dump(items, words[1:])


def _general(
    items: Items, counters: Dict[str, int], settings: Dict[str, int]
) -> Mapping[str, object]:
    alive = list(items)
    known: Dict[str, object] = {
        **counters,
        "uptime": items.uptime,
        "time": items.now(),
        "version": VERSION.decode(),
        "cmd_get": counters["get_hits"] + counters["get_misses"],
        "cmd_touch": counters["touch_hits"] + counters["touch_misses"],
        "get_expired": items.reclaimed,
        "limit_maxbytes": settings["maxbytes"],
        "bytes": sum(_size(entry) for entry in alive),
        "curr_items": len(alive),
    }
    return {name: known[name] for name in NAMES}


def _lines(told: Mapping[str, object]) -> bytes:
    return b"".join([f"STAT {name} {told[name]}\r\n".encode() for name in told]) + _END


# --- by size -------------------------------------------------------------------------------------
# memcached sorts its items into classes by their size. Whoever wants to see its keys asks for the
# classes that there are (`stats items`), and for the items of each (`stats cachedump <class> <n>`).


def _classes(items: Items) -> Mapping[str, object]:
    sizes: Dict[int, List[int]] = {}
    for entry in items:
        sizes.setdefault(_class(_size(entry)), []).append(_size(entry))
    told: Dict[str, object] = {}
    for number in sorted(sizes):
        told[f"items:{number}:number"] = len(sizes[number])
        told[f"items:{number}:mem_requested"] = sum(sizes[number])
    return told


def _dump(items: Items, words: Tuple[bytes, ...]) -> bytes:
    if len(words) < 2:
        return _ARGUMENTS_MISSING
    number, limit = unsigned(words[0]), unsigned(words[1])
    if number is None or limit is None:
        return BAD_LINE
    if number >= 64:
        return _NO_SUCH_CLASS
    newest_first = [entry for entry in reversed(list(items)) if _class(_size(entry)) == number]
    return b"".join(_dumped(newest_first[: limit or None])) + _END


def _dumped(entries: Iterable[Tuple[bytes, Item]]) -> Iterable[bytes]:
    for key, item in entries:
        yield b"ITEM %b [%d b; %d s]\r\n" % (key, len(item.value), item.expires)


def _size(entry: Tuple[bytes, Item]) -> int:
    key, item = entry
    return size(key, item.value, item.flags)


def _class(item_size: int) -> int:
    # The default growth: from 96 bytes on by a quarter, in steps of 8, up to half a megabyte.
    number, largest = 1, 96.0
    while largest < item_size:
        number += 1
        largest = largest * 1.25
        largest = 2.0**19 if largest >= 2**19 / 1.25 else -(-largest // 8) * 8
        if largest == 2**19:
            break
    return number
