"""What a test says that a server holds: keys, and items with their expiry."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Callable, Dict, Mapping, NamedTuple, Tuple, Union

from tripwire.plugins._memcache.server.items import Item as ServerItem
from tripwire.plugins._memcache.server.items import size
from tripwire.plugins._memcache.server.protocol import LONGEST_KEY

Key = Union[str, bytes]


class LeftOut(int):
    """An argument that was left out: a 0 that can be told from one that is written out."""


LEFT_OUT = LeftOut()


class Item(NamedTuple):
    """What a server holds under a key, as a test says it.

    Two of them are equal where all three attributes are; `expire` and `flags` are 0 where they are
    left out. `store.assert_items` compares `flags` only where they are written out, be it as 0.

    Attributes:
        value: bytes, a `str` of ASCII, or an `int`, which is held as its digits. Where a store
            gives it: what the client's deserializer makes of it.
        expire: seconds that are left; 0 is for ever.
        flags: the number that is stored beside the value, 0 to 2**32 - 1
            (https://github.com/memcached/memcached/blob/master/doc/protocol.txt).
    """

    value: Any
    expire: int = LEFT_OUT
    flags: int = LEFT_OUT

    def __repr__(self) -> str:
        more = f", expire={self.expire!r}" if self.expire else ""
        return f"Item({self.value!r}{more}{f', flags={self.flags!r}' if self.flags else ''})"


_INT = (int, LeftOut)


def held(name: bytes, item: Item, max_item_size: int) -> Tuple[bytes, int]:
    """The bytes and the flags of an item that a test puts on a server with such a limit.

    Raises `TypeError` and `ValueError` for what no server holds.
    """
    if type(item.expire) not in _INT:
        raise TypeError(f"expire must be an int, in seconds, not {item.expire!r}")
    if item.expire >= 2**31:
        # memcached reads it as 32 bits with a sign: there is no such date.
        raise ValueError(f"expire must be below 2**31, in seconds, not {item.expire}")
    if type(item.flags) not in _INT:
        raise TypeError(f"flags must be an int, not {item.flags!r}")
    if not 0 <= item.flags < 2**32:
        raise ValueError(f"flags must be 0 to 2**32 - 1, not {item.flags}")
    value = _bytes(item.value)
    if size(name, value, item.flags) > max_item_size:
        raise ValueError(
            f"memcached holds no item of {len(value)} bytes: max_item_size is {max_item_size}"
        )
    return value, int(item.flags)


def _bytes(value: Any) -> bytes:
    if type(value) is bytes:
        return value
    if type(value) is int:
        return b"%d" % value
    if not isinstance(value, str):
        raise TypeError(
            "a server holds bytes (or str, or int, for their bytes), "
            f"not {type(value).__name__}: give what your serializer makes of it, or have your "
            "client store it: `with store.off_the_record(): client.set(...)`"
        )
    if not value.isascii():
        raise ValueError(f"{value!r} is not ASCII: give bytes, in the encoding that you mean")
    return value.encode("ascii")


_ENDS_OF_KEYS = frozenset(b" \n\0")


def name_of(key: Any) -> bytes:
    """A key as servers have it. `TypeError`, `ValueError` for what no server has."""
    if not isinstance(key, (str, bytes)):
        raise TypeError(f"a key is a str or bytes, not {type(key).__name__}")
    name = key.encode("utf8") if isinstance(key, str) else key
    if not 0 < len(name) <= LONGEST_KEY:
        raise ValueError(f"a key has 1 to {LONGEST_KEY} bytes, not {len(name)}: {key!r:.60}")
    # Nothing else ends a key; pymemcache sends other control characters, and memcached holds them.
    if not _ENDS_OF_KEYS.isdisjoint(name):
        raise ValueError(f"no server has a key with a space, a line end or a NUL: {key!r}")
    return name


def key_of(name: bytes) -> Key:
    """A server's key as a test spells it: text where it is ASCII."""
    return name.decode("ascii") if name.isascii() else name


def items_of(items: Any) -> Dict[Key, Item]:
    """What a test says of several keys: an item for each, under its key as `key_of` has it.

    `TypeError` where that is no dict; `ValueError` where it names a key twice; both as `name_of`.
    """
    if not isinstance(items, Mapping):
        raise TypeError(
            "give a dict of keys, each with its value, such as {'user:7': b'Ada'}, "
            f"not {type(items).__name__}"
        )
    found: Dict[Key, Item] = {}
    for given, value in items.items():
        key = key_of(name_of(given))
        if key in found:
            raise ValueError(f"the key {key!r} is named twice, as text and as bytes")
        found[key] = value if isinstance(value, Item) else Item(value)
    return found


def deserialized(name: bytes, item: ServerItem, client: Any) -> Any:
    """What the client that set a value makes of it; the bytes where it cannot."""
    return item.value if client is None else reading(name, item, client)()


def reading(name: bytes, item: ServerItem, client: Any) -> Callable[[], Any]:
    """A function that gives what `deserialized` does, without keeping the client alive."""
    prefix = getattr(client, "key_prefix", b"")
    serde: Any = None
    with suppress(Exception):
        serde = client.serde

    def read() -> Any:
        try:
            own = name[len(prefix) :] if prefix and name.startswith(prefix) else name
            return serde.deserialize(key_of(own), item.value, item.flags)
        except Exception:
            return item.value

    return read
