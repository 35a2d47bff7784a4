"""memcached itself, in memory: request bytes in, answer bytes out.

It answers as memcached 1.6.18 does, to the byte, and has no socket, no threads and no limit of
memory: an item goes when it expires, is deleted, flushed or removed.
"""

from __future__ import annotations

import copy
from typing import Callable, Dict, Optional, Set

from tripwire.plugins._memcache.server.items import (
    ONE_PIECE,
    THIRTY_DAYS,
    Item,
    Items,
    Note,
    size,
)
from tripwire.plugins._memcache.server.protocol import (
    Command,
    UnknownCommand,
    rejected,
    split,
    unsigned,
)
from tripwire.plugins._memcache.server.stats import NEW, VERSION, stats

__all__ = ["Command", "Item", "Items", "Note", "Server", "UnknownCommand", "rejected", "split"]

TOO_LARGE = b"SERVER_ERROR object too large for cache\r\n"
NOT_NUMERIC = b"CLIENT_ERROR cannot increment or decrement non-numeric value\r\n"


class Server:
    """One memcached.

    `clock` gives the time in seconds since 1970, `max_item_size` is the option -I, in bytes.

    Attributes: `items` (what it holds), `named` (all keys that a command has named), `counters`
    (what STATS counts). It is not made for two threads at once.
    """

    def __init__(self, clock: Callable[[], float], max_item_size: int = 2**20) -> None:
        self.max_item_size = max_item_size
        self.items = Items(clock)
        self.named: Set[bytes] = set()
        self.counters: Dict[str, int] = NEW.copy()
        self.megabytes = 64

    def copy(self) -> Server:
        """Another server that holds the same, by the same clock; they part from here on."""
        copied = copy.copy(self)
        copied.items = self.items.copy()
        copied.named = self.named.copy()
        copied.counters = self.counters.copy()
        return copied

    def answer(self, request: bytes) -> bytes:
        """Do all that a request says, in order; return what is answered.

        `UnknownCommand` where it has a command that is not known here; nothing is done then.
        """
        # A GET of one key that is held is what is asked most. No key that is held has a space or
        # the end of a line in it, so that this is such a request, and well-formed.
        if request[:4] == b"get ":
            key = request[4:-2]
            item = self.items.get(key)
            if item is not None and request[-2:] == b"\r\n":
                self.named.add(key)
                self.counters["get_hits"] += 1
                value = item.value
                return b"VALUE %b %d %d\r\n%b\r\nEND\r\n" % (key, item.flags, len(value), value)
        return b"".join([self.apply(command) for command in split(request)])

    def apply(self, command: Command) -> bytes:
        """Do one step of a request; return what is answered to it."""
        if command.rejection is not None:
            return command.rejection
        if command.waits:
            return b""
        self.named.update(command.keys)
        answer = _COMMANDS[command.verb](self, command)
        return b"" if command.noreply else answer

    # --- reading --------------------------------------------------------------------------------

    def _get(self, command: Command) -> bytes:
        item = self.items.get(command.keys[0])
        self.counters["get_misses" if item is None else "get_hits"] += 1
        return _value(command, item)

    def _get_and_touch(self, command: Command) -> bytes:
        # `gat 0` without a key is nothing wrong to memcached.
        return _value(command, self._touched(command) if command.keys else None)

    def _touch(self, command: Command) -> bytes:
        return b"TOUCHED\r\n" if self._touched(command) else NOT_FOUND

    def _touched(self, command: Command) -> Optional[Item]:
        key, exptime = command.keys[0], command.exptime
        item = self.items.get(key)
        self.counters["touch_misses" if item is None else "touch_hits"] += 1
        if item is not None:
            self.items.change(key, item._replace(expires=self.items.expiry(exptime)))
            self._note_date(key, exptime)
        return item

    # --- storing --------------------------------------------------------------------------------

    def _store(self, command: Command) -> bytes:
        key, value = command.keys[0], command.data
        if size(key, value, command.flags) > self.max_item_size:
            self.counters["store_too_large"] += 1
            # memcached does not keep what is out of date; the other commands leave it.
            if command.verb == b"set" and self.items.remove(key):
                self.items.notes[key] = Note.REFUSED_SET
            elif key not in self.items.held:
                self.items.notes[key] = Note.TOO_LARGE
            return TOO_LARGE
        self.counters["cmd_set"] += 1
        return _STORES[command.verb](self, command, key, self.items.get(key))

    def _set(self, command: Command, key: bytes, old: Optional[Item]) -> bytes:
        expires = self.items.expiry(command.exptime)
        self.items.put(key, command.data, command.flags, expires)
        self.counters["total_items"] += 1
        self._note_date(key, command.exptime)
        return STORED

    def _add(self, command: Command, key: bytes, old: Optional[Item]) -> bytes:
        return NOT_STORED if old else self._set(command, key, old)

    def _replace(self, command: Command, key: bytes, old: Optional[Item]) -> bytes:
        return self._set(command, key, old) if old else NOT_STORED

    def _append(self, command: Command, key: bytes, old: Optional[Item]) -> bytes:
        return self._extend(key, old, old.value + command.data) if old else NOT_STORED

    def _prepend(self, command: Command, key: bytes, old: Optional[Item]) -> bytes:
        return self._extend(key, old, command.data + old.value) if old else NOT_STORED

    def _extend(self, key: bytes, old: Item, value: bytes) -> bytes:
        if size(key, value, old.flags) > self.max_item_size:
            return NOT_STORED
        self.items.put(key, value, old.flags, old.expires)
        self.counters["total_items"] += 1
        return STORED

    def _cas(self, command: Command, key: bytes, old: Optional[Item]) -> bytes:
        if old is None:
            self.counters["cas_misses"] += 1
            return NOT_FOUND
        if old.cas != command.number:
            self.counters["cas_badval"] += 1
            return b"EXISTS\r\n"
        self.counters["cas_hits"] += 1
        return self._set(command, key, old)

    def _note_date(self, key: bytes, exptime: int) -> None:
        if exptime > THIRTY_DAYS and exptime <= self.items.now():
            self.items.notes[key] = Note.PAST_DATE

    # --- counting -------------------------------------------------------------------------------

    def _count(self, command: Command) -> bytes:
        key, verb = command.keys[0], command.verb.decode()
        old = self.items.get(key)
        if old is None:
            self.counters[verb + "_misses"] += 1
            return NOT_FOUND
        number = unsigned(old.value)
        # memcached does not look for a number in what it holds in pieces.
        if number is None or size(key, old.value, old.flags) > ONE_PIECE:
            return NOT_NUMERIC
        self.counters[verb + "_hits"] += 1
        if verb == "incr":
            number = (number + command.number) % 2**64
        else:
            number = max(number - command.number, 0)
        self._write(key, old, b"%d" % number)
        return b"%d\r\n" % number

    def _write(self, key: bytes, old: Item, digits: bytes) -> None:
        """Write a number over another one; where it is shorter, spaces stay behind it."""
        if len(digits) > len(old.value):
            self.items.put(key, digits, old.flags, old.expires)
            self.counters["total_items"] += 1
            return
        value = digits.ljust(len(old.value))
        self.items.change(key, old._replace(value=value, cas=self.items.new_cas()))
        if value != digits:
            self.items.notes[key] = Note.PADDED

    # --- the rest -------------------------------------------------------------------------------

    def _delete(self, command: Command) -> bytes:
        item = self.items.remove(command.keys[0])
        self.counters["delete_misses" if item is None else "delete_hits"] += 1
        return NOT_FOUND if item is None else b"DELETED\r\n"

    def _flush_all(self, command: Command) -> bytes:
        self.counters["cmd_flush"] += 1
        self.items.flush(command.exptime)
        return OK

    def _cache_memlimit(self, command: Command) -> bytes:
        if command.number < 8:
            return b"MEMLIMIT_TOO_SMALL cannot set maxbytes to less than 8m\r\n"
        if command.number > 10**9:
            return b"MEMLIMIT_ADJUST_FAILED input value is megabytes not bytes\r\n"
        self.megabytes = command.number
        return OK

    def _stats(self, command: Command) -> bytes:
        if command.words[:1] == (b"reset",):
            self.counters = NEW.copy()
            self.items.reclaimed = 0
            return b"RESET\r\n"
        return stats(self.items, self.counters, self.settings(), command.words)

    def settings(self) -> Dict[str, int]:
        """What STATS tells of the options that the server was started with."""
        return {"maxbytes": self.megabytes * 2**20, "item_size_max": self.max_item_size}

    def _verbosity(self, command: Command) -> bytes:
        return OK

    def _version(self, command: Command) -> bytes:
        return b"VERSION %b\r\n" % VERSION

    def _quit(self, command: Command) -> bytes:
        return b""

    def _shutdown(self, command: Command) -> bytes:
        """Close, as a server does that was started with -A. What it held is gone."""
        self.items.clear()
        return b""


OK = b"OK\r\n"
STORED = b"STORED\r\n"
NOT_STORED = b"NOT_STORED\r\n"
NOT_FOUND = b"NOT_FOUND\r\n"


def _value(command: Command, item: Optional[Item]) -> bytes:
    if item is None:
        return command.end
    cas = b" %d" % item.cas if command.verb in (b"gets", b"gats") else b""
    head = b"VALUE %b %d %d%b\r\n" % (command.keys[0], item.flags, len(item.value), cas)
    return head + item.value + b"\r\n" + command.end


_COMMANDS: Dict[bytes, Callable[[Server, Command], bytes]] = {
    b"get": Server._get,
    b"gets": Server._get,
    b"gat": Server._get_and_touch,
    b"gats": Server._get_and_touch,
    b"touch": Server._touch,
    **dict.fromkeys((b"set", b"add", b"replace", b"append", b"prepend", b"cas"), Server._store),
    b"incr": Server._count,
    b"decr": Server._count,
    b"delete": Server._delete,
    b"flush_all": Server._flush_all,
    b"cache_memlimit": Server._cache_memlimit,
    b"stats": Server._stats,
    b"verbosity": Server._verbosity,
    b"version": Server._version,
    b"quit": Server._quit,
    b"shutdown": Server._shutdown,
}
_STORES: Dict[bytes, Callable[[Server, Command, bytes, Optional[Item]], bytes]] = {
    b"set": Server._set,
    b"add": Server._add,
    b"replace": Server._replace,
    b"append": Server._append,
    b"prepend": Server._prepend,
    b"cas": Server._cas,
}
