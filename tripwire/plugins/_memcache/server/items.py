"""What a memcached holds, and for how long: items, their expiry, their cas tokens."""

from __future__ import annotations

import copy
import enum
from typing import Callable, Dict, Iterator, NamedTuple, Optional, Set, Tuple

THIRTY_DAYS = 60 * 60 * 24 * 30
"""Seconds. A longer expiry is a date, in seconds since 1970."""

OVERHEAD = 59
"""Bytes that memcached needs for an item beside its key and its value: 48 for a header, 8 for the
cas token, 1 behind the key and 2 behind the value. Flags other than 0 take 4 more."""

ONE_PIECE = 2**19
"""Bytes. An item that needs more is held in several pieces, whatever the option -I."""

_EARLIER = 62
"""Seconds. By so much memcached takes itself to have been started earlier than it was."""


class Item(NamedTuple):
    """What is held under a key.

    Attributes: `value`, `flags`, `expires` (the time, in whole seconds of the server's clock, from
    which on it is gone; 0 for never), `cas` (its token).
    """

    value: bytes
    flags: int = 0
    expires: int = 0
    cas: int = 0


class Note(enum.Enum):
    """Something that memcached did to a key, and that surprises most people."""

    FLUSHED = "a FLUSH_ALL with a delay took it, and what was stored until it acted"
    TOO_LARGE = "what was to be put there was too large, and refused"
    REFUSED_SET = "a SET that was too large was refused, and removed the old value"
    PAST_DATE = "an expiry of more than 30 days is a date, and this one is over"
    PADDED = "a counter never gets shorter: spaces fill it up"


class Items:
    """The items of one server, by their keys.

    Attributes: `held` (all keys that it ever held), `notes` (the last note on a key, until it is
    stored again), `reclaimed` (how many items were found expired).
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._items: Dict[bytes, Item] = {}
        self._last_cas = 0
        self._flush_at: Optional[int] = None
        self._started = self.now()
        self.held: Set[bytes] = set()
        self.notes: Dict[bytes, Note] = {}
        self.reclaimed = 0

    def copy(self) -> Items:
        """The same items, by the same clock, for another server."""
        copied = copy.copy(self)
        copied._items = self._items.copy()
        copied.held = self.held.copy()
        copied.notes = self.notes.copy()
        return copied

    # --- time -----------------------------------------------------------------------------------

    def now(self) -> int:
        """The server's time: its clock ticks in whole seconds."""
        return int(self._clock())

    @property
    def uptime(self) -> int:
        """Seconds since the server was started."""
        return self.now() - self._started

    def expiry(self, exptime: int) -> int:
        """When an item expires that is stored now: `Item.expires` for the number of a request.

        0 is never, up to 30 days are seconds from now, more is a date; anything negative is over.
        """
        if exptime == 0:
            return 0
        if exptime < 0:
            return 1
        return exptime if exptime > THIRTY_DAYS else self.now() + exptime

    # --- one key --------------------------------------------------------------------------------

    def get(self, key: bytes) -> Optional[Item]:
        """The item of a key, or None. One that is found expired is gone for good."""
        if self._flush_at is not None:
            self._flush_if_due()
        item = self._items.get(key)
        if item is not None and item.expires and item.expires <= self.now():
            del self._items[key]
            self.reclaimed += 1
            return None
        return item

    def ran_out(self, key: bytes) -> bool:
        """Whether there is an item whose time is over, and that nobody has asked for since."""
        item = self._items.get(key)
        return item is not None and 0 < item.expires <= self.now()

    def put(self, key: bytes, value: bytes, flags: int = 0, expires: int = 0) -> Item:
        """Hold an item, with a new token.

        `expires` is a time, as `expiry` gives it; the key is one that memcached takes.
        """
        # What is put after a flush is not flushed with what was there before.
        if self._flush_at is not None:
            self._flush_if_due()
        if self.notes:
            self.notes.pop(key, None)
        # The newest is the last, as it is the first that the real server would list.
        self._items.pop(key, None)
        item = self._items[key] = Item(value, flags, expires, self.new_cas())
        self.held.add(key)
        return item

    def change(self, key: bytes, item: Item) -> None:
        """Hold another item in the place of the one that is there."""
        self._items[key] = item

    def remove(self, key: bytes) -> Optional[Item]:
        """Let an item go; return it, or None where there is none."""
        item = self.get(key)
        return item and self._items.pop(key)

    def new_cas(self) -> int:
        """The next cas token. One counter serves all keys, and starts at 1."""
        self._last_cas += 1
        return self._last_cas

    # --- all of them ----------------------------------------------------------------------------

    def __iter__(self) -> Iterator[Tuple[bytes, Item]]:
        """The keys and items that are alive, in the order in which they were stored."""
        self._flush_if_due()
        now = self.now()
        items = list(self._items.items())
        return iter([(key, item) for key, item in items if not 0 < item.expires <= now])

    def clear(self) -> None:
        """Let all items go, as a server does that is started anew; its tokens go on."""
        self._items.clear()
        self._flush_at = None

    def flush(self, delay: int) -> None:
        """Let all items go `delay` - 1 seconds from now; at once for 1, 0 and less.

        A positive delay also takes what is stored until then, and in the second of the flush
        itself. A date from before the server was started has no effect. A flush that still waits
        is forgotten, and one that acts at once uses up a cas token.
        """
        now = self.now()
        at = self.expiry(delay) if delay > 0 else now
        if at <= now + 1:
            self.new_cas()
        self._flush_at = at - 1 if at > now else None
        if self._started - _EARLIER < at <= now + 1:
            self._items.clear()

    def _flush_if_due(self) -> None:
        now = self.now()
        if self._flush_at is not None and self._flush_at <= now:
            for key, item in self._items.items():
                if not 0 < item.expires <= self._flush_at:
                    self.notes[key] = Note.FLUSHED
            self._items.clear()
            if self._flush_at < now:
                self._flush_at = None


def size(key: bytes, value: bytes, flags: int) -> int:
    """How many bytes memcached needs for an item."""
    return OVERHEAD + len(key) + len(value) + (4 if flags else 0)
