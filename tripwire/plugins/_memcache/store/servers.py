"""The servers of one store: one for each address that is called, and who put there what they hold.

Threads may call at once: one lock is around each single step of a request, and around each look.
It can be taken again by the thread that has it, because a finalizer may call the cache anywhere.
"""

from __future__ import annotations

import time
from threading import RLock
from typing import Any, Dict, Iterable, Iterator, List, NamedTuple, Optional, Tuple

from tripwire._timeline import Location
from tripwire.plugins._memcache.server import Command, Item, Note, Server
from tripwire.plugins._memcache.server.items import THIRTY_DAYS
from tripwire.plugins._memcache.store.clock import Clock
from tripwire.plugins._memcache.wire import Call

_SETS = frozenset({b"set", b"add", b"replace", b"cas"})
"""The verbs that set the flags along with the value."""
_TOUCHES = frozenset({b"touch", b"gat", b"gats"})
_TIMES = _SETS | _TOUCHES
"""The verbs that set the expiry."""


class Event(NamedTuple):
    """Something that was done to a key: by what, and in which line."""

    by: str
    location: Location


class Trace(NamedTuple):
    """Where what is held under a key came from.

    Attributes: `client` (whose serde wrote the value; None for the test itself), `put` and `since`
    (what put it there, and the last thing that changed it), `date` (whether its expiry was given
    as a date), `expires` (as `items.Item` has it), `over` (when its life is over in real time; 0
    for never, or where the clock does not stand).
    """

    client: Any
    put: Event
    since: Optional[Event] = None
    date: bool = False
    expires: int = 0
    over: float = 0.0

    def taken_away(self, by: Event) -> Trace:
        """The trace of an item that is gone before its time."""
        return self._replace(since=by, expires=0, over=0.0)


class Seed(NamedTuple):
    """An item that a test puts on a server, or that waits for the first one that is asked."""

    item: Item
    trace: Trace


class Held:
    """One server, and the trace of each key that it has held."""

    __slots__ = ("server", "traces")

    def __init__(self, server: Server) -> None:
        self.server = server
        self.traces: Dict[bytes, Trace] = {}


class Servers:
    """All servers of a store, by their addresses as clients hold them.

    Attributes: `clock`, `waiting` (the items that no server was asked for yet), `overdue` (the keys
    that were found alive although in real time their life was over, each with the seconds that it
    had left by the store's clock).
    """

    def __init__(self, clock: Clock, max_item_size: int) -> None:
        self.clock = clock
        self.max_item_size = max_item_size
        self.waiting: Dict[bytes, Seed] = {}
        self.overdue: Dict[bytes, int] = {}
        self._held: Dict[Any, Held] = {}
        self._lock = RLock()

    def __iter__(self) -> Iterator[Tuple[Any, Held]]:
        return iter(list(self._held.items()))

    def at(self, address: Any) -> Held:
        """The server of an address; a new one where nobody has called it yet."""
        held = self._held.get(address)
        if held is None:
            with self._lock:
                new = Held(Server(self.clock, self.max_item_size))
                held = self._held.setdefault(address, new)
        return held

    # --- calls ------------------------------------------------------------------------------------

    def apply(self, call: Call, step: Command) -> bytes:
        """Do one step of a call's request; return what is answered to it."""
        held = self.at(call.server)
        with self._lock:
            if not step.keys:
                return self._apply_to_all(held, step, call)
            (key,) = step.keys
            if self.waiting:
                self._settle(held, key)
            if not step.reads:
                return self._change(held, key, step, call)
            self._notice(held.traces.get(key), key)
            return held.server.apply(step)

    def hit(self, address: Any, request: bytes) -> Optional[bytes]:
        """The answer to a `get` of one key that is held, which is what is asked most.

        None where it is anything else, or where there is more to it.
        """
        held = self._held.get(address)
        if held is None:
            return None
        trace = held.traces.get(request[4:-2])
        if trace is None or trace.over:
            return None
        with self._lock:
            return held.server.answer(request)

    def _settle(self, held: Held, key: bytes) -> None:
        """Put an item that waits on the first server that is asked for it."""
        seed = self.waiting.pop(key, None)
        if seed is not None:
            self._put(held, key, seed)

    def _put(self, held: Held, key: bytes, seed: Seed) -> None:
        item = seed.item
        held.server.items.put(key, item.value, item.flags, item.expires)
        held.traces[key] = seed.trace

    def _apply_to_all(self, held: Held, step: Command, call: Call) -> bytes:
        """Do a step that names no key; note what emptied the server, if it did."""
        if not step.everything or step.verb == b"stats":
            return held.server.apply(step)
        for key in list(self.waiting):
            self._settle(held, key)
        before = [key for key, _ in held.server.items]
        answer = held.server.apply(step)
        self._gone(held, before, Event(call.command.name, call.location))
        return answer

    def _gone(self, held: Held, keys: Iterable[bytes], event: Event) -> None:
        """Note what has taken away those of the keys that are gone."""
        for key in keys:
            if held.server.items.get(key) is None:
                held.traces[key] = held.traces[key].taken_away(event)

    def _change(self, held: Held, key: bytes, step: Command, call: Call) -> bytes:
        items, counters = held.server.items, held.server.counters
        before, total = items.get(key), counters["total_items"]
        answer = held.server.apply(step)
        after = items.get(key)
        # What is over at once was stored all the same.
        stored = counters["total_items"] != total
        if after is not before or stored:
            event, old = Event(call.command.name, call.location), held.traces.get(key)
            if not (after or stored or old is None or step.verb in _TOUCHES):
                # A DELETE, or a SET that was refused: neither has put anything there.
                held.traces[key] = old.taken_away(event)
            else:
                held.traces[key] = self._traced(old, after, step, event, call.client)
        return answer

    def _traced(
        self,
        trace: Optional[Trace],
        after: Optional[Item],
        step: Command,
        event: Event,
        client: Any,
    ) -> Trace:
        verb = step.verb
        if trace is None or verb in _SETS:
            put, since = event, None
        else:
            client, put, since = trace.client, trace.put, event
            if verb not in _TIMES:
                return Trace(client, put, since, trace.date, trace.expires, trace.over)
        expires = after.expires if after else 1
        over = self._over(expires) if expires else 0.0
        return Trace(client, put, since, step.exptime > THIRTY_DAYS, expires, over)

    def _over(self, expires: int) -> float:
        """When the life of an item that expires then is over in real time."""
        if not expires or not self.clock.stands:
            return 0.0
        return time.time() + expires - int(self.clock())

    def _notice(self, trace: Optional[Trace], key: bytes) -> None:
        """Note an item that is found alive because the clock stands."""
        if trace is not None and trace.over and trace.over <= time.time():
            left = trace.expires - int(self.clock())
            if left > 0:
                self.overdue[key] = left

    # --- the test ---------------------------------------------------------------------------------

    def seed(self, value: bytes, flags: int, expire: int, event: Event) -> Seed:
        """An item that a test puts somewhere; its time begins now."""
        now = int(self.clock())
        expires = 1 if expire < 0 else expire
        if 0 < expire <= THIRTY_DAYS:
            expires = now + expire
        trace = Trace(None, event, None, expire > THIRTY_DAYS, expires, self._over(expires))
        return Seed(Item(value, flags, expires), trace)

    def put(self, key: bytes, seed: Seed, chosen: Optional[Held]) -> None:
        """Put an item on the servers that hold the key, or that were asked for it, else wait."""
        with self._lock:
            targets = [chosen] if chosen is not None else self._homes(key)
            for held in targets:
                self._put(held, key, seed)
            if targets:
                self.waiting.pop(key, None)
            else:
                self.waiting[key] = seed

    def _homes(self, key: bytes) -> List[Held]:
        all_held = list(self._held.values())
        holding = [held for held in all_held if held.server.items.get(key) is not None]
        return holding or [held for held in all_held if key in held.server.named][:1]

    def remove(self, key: bytes, chosen: Optional[Held], event: Event) -> bool:
        """Let an item go wherever it is; say whether it was anywhere."""
        with self._lock:
            found = chosen is None and self.waiting.pop(key, None) is not None
            for held in self._held.values() if chosen is None else (chosen,):
                if held.server.items.remove(key) is not None:
                    found = True
                    self._gone(held, (key,), event)
            return found

    def asked(self, address: Any, keys: Iterable[bytes]) -> None:
        """Put what waits for a first server to be asked there, though no request arrives."""
        with self._lock:
            for key in keys:
                self._settle(self.at(address), key)

    def clear(self, chosen: Optional[Held], event: Event) -> None:
        """Start servers anew."""
        with self._lock:
            if chosen is None:
                self.waiting.clear()
            for held in self._held.values() if chosen is None else (chosen,):
                keys = [key for key, _ in held.server.items]
                held.server.items.clear()
                self._gone(held, keys, event)

    def holding(self) -> Dict[Any, Dict[bytes, Tuple[Item, Trace]]]:
        """What each server holds; what waits is under the address None."""
        with self._lock:
            found: Dict[Any, Dict[bytes, Tuple[Item, Trace]]] = {
                address: {key: (item, held.traces[key]) for key, item in held.server.items}
                for address, held in self._held.items()
            }
            found[None] = {
                key: (seed.item, seed.trace)
                for key, seed in self.waiting.items()
                if self._lives(seed)
            }
            for items in found.values():
                for key, (_, trace) in items.items():
                    self._notice(trace, key)
            return found

    def find(self, key: bytes) -> Dict[Any, Tuple[Item, Trace]]:
        """As `holding`, of one key: which servers hold it."""
        with self._lock:
            found: Dict[Any, Tuple[Item, Trace]] = {}
            for address, held in self._held.items():
                item = held.server.items.get(key)
                if item is not None:
                    found[address] = item, held.traces[key]
            seed = self.waiting.get(key)
            if seed is not None and self._lives(seed):
                found[None] = seed.item, seed.trace
            for _, trace in found.values():
                self._notice(trace, key)
            return found

    def note(self, address: Any, key: bytes) -> Optional[Note]:
        """What a server did to a key that surprises most people."""
        held = self._held.get(address)
        return None if held is None else held.server.items.notes.get(key)

    def _lives(self, seed: Seed) -> bool:
        return not 0 < seed.item.expires <= int(self.clock())

    def past(self, key: bytes) -> List[Tuple[Optional[Trace], Optional[Note]]]:
        """What is known of a key on each server that has ever held it, or refused to."""
        known = [(held.traces.get(key), held.server.items.notes.get(key)) for _, held in self]
        return [each for each in known if any(each)]

    def ran_out(self, address: Any, key: bytes) -> bool:
        """Whether a server holds an item whose time is over, and that is not known to be gone."""
        with self._lock:
            seed = self.waiting.get(key)
            if seed is not None:
                return not self._lives(seed)
            return self.at(address).server.items.ran_out(key)

    def ever_held(self, key: bytes) -> bool:
        """Whether any server has held the key at any time."""
        return any(key in held.server.items.held for _, held in self)
