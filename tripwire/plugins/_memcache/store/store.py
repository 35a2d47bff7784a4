"""What a test says about the servers of a store: arrange, look, advance, assert."""

from __future__ import annotations

import math
from typing import Any, ContextManager, Dict, Iterable, Iterator, List, Mapping, Optional, Protocol

from tripwire._callsite import registered
from tripwire._inert import InertCopies
from tripwire._mocks import Mock
from tripwire._state import State
from tripwire._timeline import AtOnce, Interaction
from tripwire._verifier import StrictVerifier
from tripwire.errors import StoreMismatchError
from tripwire.plugins._memcache.commands import address_of
from tripwire.plugins._memcache.server import Item as ServerItem
from tripwire.plugins._memcache.server.protocol import split
from tripwire.plugins._memcache.store import inventory, serving
from tripwire.plugins._memcache.store.clock import Clock
from tripwire.plugins._memcache.store.holding import (
    LEFT_OUT,
    Item,
    Key,
    deserialized,
    held,
    items_of,
    key_of,
    name_of,
)
from tripwire.plugins._memcache.store.inventory import Entry
from tripwire.plugins._memcache.store.servers import Event, Held, Servers, Trace
from tripwire.plugins._memcache.wire import MemcacheInteraction
from tripwire.report.parts import count
from tripwire.report.pasting import needs


class Test(serving.Test, Protocol):
    """What is asked of the test, or of the round, whose store it is."""

    @property
    def verifier(self) -> StrictVerifier:
        """Its verifier."""
        ...

    @property
    def state(self) -> State:
        """What has happened in it so far."""
        ...


class Store(InertCopies):
    """memcached, in memory: it answers what no mock answers, with a clock that the test moves.

    `memcache.store()` makes one. There is one server for each address that is called. Keys are
    those that the servers have, prefixes included, and are given as text where they are ASCII.
    Values are as the client that last set them reads them, by its deserializer; bytes where the
    test put them there, or where that raises. `server=` is an address as in
    `("cache-1", 11211)` or `"cache-1:11211"`; without it, all servers are meant.

    >>> from pymemcache.client.base import Client
    >>> from tripwire import MemcachePlugin, StrictVerifier
    >>> verifier = StrictVerifier()
    >>> store = MemcachePlugin(verifier).store({"visits": 7})
    >>> with verifier.sandbox():
    ...     Client(("localhost", 11211)).incr("visits", 1)
    8
    >>> store["visits"]
    b'8'
    >>> store.assert_items({"visits": b"8"})
    >>> verifier.verify_all()

    Attributes:
        clock: gives the time by which its servers go, in seconds since 1970.
        serving: what answers the calls.
    """

    _pickled_as = "store"

    def __init__(self, test: Test, clock: Clock, max_item_size: int, required: bool) -> None:
        self.clock = clock
        self._test = test
        self._required = required
        self._servers = Servers(clock, max_item_size)
        self.serving = serving.Serving(test, self._servers)

    def __repr__(self) -> str:
        servers = len(list(self._servers))
        return f"<Store: {count(len(self), 'item')} on {count(servers, 'server')}>"

    # --- time -------------------------------------------------------------------------------------

    def advance(self, seconds: float) -> None:
        """Move the clock on by some seconds; what expires meanwhile is gone.

        It is the store's own: `time.time`, by which the code and `HashClient` go (`retry_timeout`,
        `dead_timeout`), stays as it is. To move both, patch that and have the store follow it,
        `store(clock=time.time)`; in a sweep and in an interleaving it is the store's anyhow.

        Raises `TypeError` and `ValueError` where that is no number of 0 or more, and `ValueError`
        where the store follows a clock that it was given.
        """
        self.clock.advance(seconds)

    # --- looking ----------------------------------------------------------------------------------

    def __getitem__(self, key: Key) -> Any:
        """The value of a key. `KeyError` where none is held, `ValueError` where servers differ."""
        item = self._find(key, None)
        if item is None:
            raise KeyError(key)
        return item.value

    def get(self, key: Key, default: Any = None, *, server: Any = None) -> Any:
        """The value of a key, else the default. `ValueError` as for `store[key]`."""
        item = self._find(key, server)
        return default if item is None else item.value

    def __contains__(self, key: Key) -> bool:
        """Whether any server holds the key."""
        name = name_of(key)
        self.serving.named(name)
        return bool(self._servers.find(name))

    def __len__(self) -> int:
        """How many keys are held."""
        return len({name for items in self._servers.holding().values() for name in items})

    def __iter__(self) -> Iterator[Key]:
        """The keys that are held."""
        return iter(self.items())

    def items(self, *, server: Any = None) -> Dict[Key, Item]:
        """All that is held, as a dict: keys, each with its `Item`.

        Its `expire` is the seconds that are left, 0 for ever.

        `ValueError` where two servers hold a key differently.
        """
        self._name_all(server)
        return _items(self._entries(server))

    # --- arranging --------------------------------------------------------------------------------

    def put(
        self,
        key: Key,
        value: Any,
        expire: int = LEFT_OUT,
        flags: int = LEFT_OUT,
        *,
        server: Any = None,
    ) -> None:
        """Hold an item, as if somebody else had set it.

        Without `server` it goes to the servers that hold the key; where none does, to the first
        one that was asked for it, or will be.

        Args:
            key: the key as the server has it, with any prefix.
            value: bytes, a `str` of ASCII, an `int`, or an `Item`, as `store()` takes them too.
            expire: seconds; 0 is for ever, more than 30 days an absolute Unix time (below 2**31),
                negative over. An `Item` has its own.
            flags: the number beside the value, 0 to 2**32 - 1. An `Item` has its own.
            server: the address of a server.

        Raises:
            TypeError, ValueError: no server could hold that.
            TypeError: `expire` or `flags` stands beside an `Item`, which has its own.
        """
        item = Item(value, expire, flags)
        if isinstance(value, Item):
            if not (expire is flags is LEFT_OUT):
                raise TypeError(
                    f"an Item says itself what expire and flags are: put({key!r}, Item(value, "
                    "expire=..., flags=...))"
                )
            item = value
        self.put_as(key, item, "store.put", server)

    def put_as(self, key: Key, item: Item, by: str, server: Any = None) -> None:
        """As `put`, with the words in which a report says who has put it there."""
        name = name_of(key)
        data, flags = held(name, item, self._servers.max_item_size)
        event = Event(by, registered())
        self._servers.put(
            name, self._servers.seed(data, flags, item.expire, event), self._at(server)
        )
        if self._required:
            self._expect_naming(name, item, event)

    def remove(self, key: Key, *, server: Any = None) -> None:
        """Have a key gone, as if it were evicted. `KeyError` where it is not there."""
        name = name_of(key)
        event = Event("store.remove", registered())
        if not self._servers.remove(name, self._at(server), event):
            raise KeyError(key)
        self.serving.named(name)

    def clear(self, *, server: Any = None) -> None:
        """Have everything gone, as if the servers were started anew."""
        self._name_all(server)
        self._servers.clear(self._at(server), Event("store.clear", registered()))

    def off_the_record(self) -> ContextManager[None]:
        """Have any client reach the store meanwhile, in this context, with no trace in the test.

        Its calls are neither interactions nor violations, in a sandbox or outside of one. Mocks
        and outages are passed by.
        """
        return self.serving.off_the_record()

    # --- asserting --------------------------------------------------------------------------------

    def assert_items(self, items: Mapping[Any, Any], *, server: Any = None) -> None:
        """Assert what the servers hold, all of it: values, and seconds that are left.

        That settles the interactions that the store has answered so far (to that server), but for
        those that name a key which no server has ever held (a miss: the key may be misspelt),
        FLUSH_ALL, and those without a key: assert these one by one. It says nothing of their
        order, nor of how often each took place, nor of `noreply`.

        What the code stored is compared as its client's serde reads it, what `store()` and `put()`
        have put there as bytes.

        Args:
            items: keys, each with its value, which is then there for ever, or with an `Item`. Its
                `flags` are compared where they are written out.
            server: the address of a server.

        Raises:
            StoreMismatchError: they hold something else.
            AssertionInsideSandboxError: a sandbox of this verifier is open.
        """
        self._test.verifier.refuse_early()
        expected = items_of(items)
        actual = self._entries(server)
        if expected.keys() != actual.keys() or not all(
            actual[key].is_like(item) for key, item in expected.items()
        ):
            raise self._mismatch(expected, actual, server)
        self._name_all(server)
        timeline = self._test.state.timeline
        timeline.settle_all(each for each in timeline.open() if self._settles(each, server))

    def _mismatch(
        self, expected: Dict[Key, Item], actual: Dict[Key, Entry], server: Any
    ) -> StoreMismatchError:
        found = _items(actual)
        address = self._address(server)
        past = {key: self._servers.past(name_of(key)) for key in expected}
        elsewhere = {key: list(self._servers.find(name_of(key))) for key in expected}
        lines = inventory.assertion(found, address, expected)
        back = self.clock.seconds_back
        imports = needs(inventory.imports(found.values()))
        hints = [*imports, *self.hints(), *([inventory.gone_back(back)] if back else [])]
        now = int(self.clock())
        text = inventory.mismatch(expected, actual, past, elsewhere, now, lines, hints)
        return StoreMismatchError(text, expected=expected, actual=found)

    def _settles(self, interaction: Interaction, server: Any) -> bool:
        if not (isinstance(interaction, MemcacheInteraction) and interaction.by_store):
            return False
        if server is not None and interaction.server != self._address(server):
            return False
        return not self._left_open(interaction)

    def _left_open(self, interaction: Interaction) -> str:
        """Why an interaction that the store answered is not settled by what is held."""
        steps = split(interaction.request)
        never = [
            key_of(key) for step in steps for key in step.keys if not self._servers.ever_held(key)
        ]
        if never:
            return inventory.never_held(never)
        if any(step.rejection is not None for step in steps):
            return inventory.REJECTED
        return "" if all(step.keys for step in steps) else inventory.NO_KEY

    def why_open(self, interaction: Interaction) -> List[str]:
        """Why `assert_items` leaves an interaction open that the store has answered: a sentence."""
        if not (isinstance(interaction, MemcacheInteraction) and interaction.by_store):
            return []
        why = self._left_open(interaction)
        return [f"store.assert_items leaves this open: {why}"] if why else []

    def at_once(self, unasserted: Iterable[Interaction]) -> Optional[AtOnce]:
        """The assertions that would settle some of these interactions: of what is held."""
        settled = [each for each in unasserted if self._settles(each, None)]
        if not settled:
            return None
        try:
            found = {None: self._entries(None)}
        except ValueError:
            servers = dict.fromkeys(each.server for each in settled)
            found = {address: self._entries(address) for address in servers}
        lines = [line for at in found for line in inventory.assertion(_items(found[at]), at)]
        held = [entry.item for entries in found.values() for entry in entries.values()]
        return AtOnce(lines, len(settled), "by what the store holds", inventory.imports(held))

    def hints(self) -> List[str]:
        """What may explain that a test fails: items that live on because the clock stands."""
        overdue = self._servers.overdue
        return [inventory.overdue(key_of(name), left) for name, left in overdue.items()]

    def unused(self, mock: Mock, timeline: Iterable[Interaction]) -> List[str]:
        """What may explain that no command has named an item: a sentence each."""
        calls = (each for each in timeline if isinstance(each, MemcacheInteraction))
        told = [*inventory.unused(name_of(mock.fields["key"]), calls)]
        return [*told, inventory.MAY_BE_UNUSED] if mock.always_required else told

    # --- what is there ----------------------------------------------------------------------------

    def _address(self, server: Any) -> Any:
        return None if server is None else address_of(server)

    def _at(self, server: Any) -> Optional[Held]:
        return None if server is None else self._servers.at(self._address(server))

    def _find(self, key: Key, server: Any) -> Optional[Item]:
        name = name_of(key)
        self.serving.named(name)
        found = self._servers.find(name)
        if server is not None:
            address = self._address(server)
            found = {address: found[address]} if address in found else {}
        shown = {at: self._shown(name, *each) for at, each in found.items()}
        return self._one(key, shown)

    def _one(self, key: Key, found: Dict[Any, Item]) -> Optional[Item]:
        """The item that all servers agree on."""
        first: Optional[Item] = None
        for item in found.values():
            if first is not None and first != item:
                raise ValueError(inventory.both(key, found))
            first = item
        return first

    def _entries(self, server: Any) -> Dict[Key, Entry]:
        holding = self._servers.holding()
        if server is not None:
            address = self._address(server)
            holding = {address: holding.get(address, {})}
        tolerance = math.ceil(self.clock.real_seconds)
        found: Dict[bytes, Dict[Any, Item]] = {}
        entries: Dict[Key, Entry] = {}
        for address, items in holding.items():
            for name, (item, trace) in items.items():
                shown = self._shown(name, item, trace)
                found.setdefault(name, {})[address] = shown
                note = self._servers.note(address, name)
                off = tolerance if trace.date else 0
                entries[key_of(name)] = Entry(shown, trace, note, off)
        for name, each in found.items():
            if len(each) > 1:
                self._one(key_of(name), each)
        return entries

    def _shown(self, name: bytes, item: ServerItem, trace: Trace) -> Item:
        left = item.expires - int(self.clock()) if item.expires else 0
        return Item(deserialized(name, item, trace.client), left, item.flags)

    # --- items that nobody asks for ---------------------------------------------------------------

    def _expect_naming(self, name: bytes, item: Item, event: Event) -> None:
        self.serving.named(name)
        key = key_of(name)
        mock = Mock(
            "ITEM",
            {"key": key},
            item.value,
            None,
            True,
            1,
            False,
            event.location,
            inventory.spelled(event.by, key, item),
            # It is the store that takes `required=`, for all that is put into it.
            always_required=event.by == "store.put",
        )
        self._test.queues.add(mock)
        self.serving.unnamed[name] = mock

    def _name_all(self, server: Any) -> None:
        address = self._address(server)
        for name in list(self.serving.unnamed):
            # A look makes no server of an address that nobody has called.
            if address is None or address in self._servers.find(name):
                self.serving.named(name)


def _items(entries: Mapping[Key, Entry]) -> Dict[Key, Item]:
    return {key: entry.item for key, entry in entries.items()}
