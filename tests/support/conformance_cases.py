"""The calls that the sandbox and a real memcached are compared on: settings, and lines of calls.

A line is the call as one would write it after `client.`, so that wrong ones can be written too.
"""

from __future__ import annotations

import pickle
import zlib
from functools import partial
from typing import Any, Callable, Dict, List, NamedTuple, Tuple

from pymemcache import serde
from pymemcache.client.base import PooledClient
from pymemcache.client.hash import HashClient
from pymemcache.client.retrying import RetryingClient
from pymemcache.fallback import FallbackClient

from tests.support.conformance_calls import CORE, FALLBACK, MEMORY, OTHER, SERVER
from tests.support.conformance_items import FETCH, STORE

Make = Callable[..., Any]
"""Makes a client of a class, for a server, with further options."""

ITEMS: Dict[str, Tuple[int, bytes]] = {
    "text": (0, b"hello"),
    "number": (0, b"5"),
    "most": (0, b"18446744073709551615"),
    "empty": (0, b""),
    "p:text": (0, b"hello"),
    "p:number": (0, b"5"),
    "old:text": (0, b"bye"),
    "old:legacy": (0, b"legacy"),
    "é": (0, b"accent"),
    "pickled": (1, pickle.dumps({"pickled": [1, None]})),
    "loud": (7, b"LOUD"),
    "zipped": (9, zlib.compress(b"zipped")),
}
"""What the server holds, where it holds something: flags, and bytes."""


class Unprintable:
    """A value that cannot be serialised."""

    def __str__(self) -> str:
        raise OSError("no text for this")


class Text(str):
    """A key or value of a class of one's own."""


NAMES: Dict[str, Any] = {
    "BIG": b"x" * (1 << 20),
    "LONG": "k" * 250,
    "TOO_LONG": "k" * 251,
    "Text": Text,
    "Unprintable": Unprintable,
}
"""What the lines can name. `token` is the cas token of `text`."""


def plain(**options: Any) -> Make:
    """A client by itself."""

    def make(client_class: Any, server: Any, **wiring: Any) -> Any:
        return client_class(server, **options, **wiring)

    return make


def above(outer: Any, **options: Any) -> Make:
    """A client over clients, which `outer` makes of the class in its `client_class`."""

    def make(client_class: Any, server: Any, **wiring: Any) -> Any:
        made = type("Above", (outer,), {"client_class": client_class})
        return made(server, **options, **wiring)

    return make


def hashed(**options: Any) -> Make:
    """A hash client over two nodes."""

    def make(client_class: Any, server: Any, **wiring: Any) -> Any:
        # Another spelling of 127.0.0.1, so that one server is two nodes.
        servers = [server, ("127.1", server[1])]
        return above(HashClient, **options)(client_class, servers, **wiring)

    return make


def retrying(inner: Make) -> Make:
    """A client that tries everything twice."""

    def make(client_class: Any, server: Any, **wiring: Any) -> Any:
        return RetryingClient(inner(client_class, server, **wiring), attempts=2)

    return make


def fallback(client_class: Any, server: Any, **wiring: Any) -> Any:
    """A client that reads from the second cache what the first does not have."""
    new, old = plain(), plain(key_prefix=b"old:", default_noreply=False)
    return FallbackClient([make(client_class, server, **wiring) for make in (new, old)])


class Zipped:
    """A serde that compresses, and fails on what is not compressed."""

    def serialize(self, key: Any, value: Any) -> Any:
        """Give the compressed text of a value, and flags."""
        return zlib.compress(str(value).encode("utf-8")), 9

    def deserialize(self, key: Any, value: bytes, flags: int) -> Any:
        """Give the text back."""
        return zlib.decompress(value).decode("utf-8")


def upper(key: Any, value: Any) -> Any:
    """A serializer that takes text only."""
    return value.upper().encode("utf-8"), 7


def lower(key: Any, value: bytes, flags: int) -> Any:
    """A deserializer that knows the flags of its serializer only."""
    if flags != 7:
        raise ValueError(f"flags {flags}")
    return value.decode("utf-8").lower()


waiting = partial(plain, default_noreply=False)

SETTINGS: Dict[str, Make] = {
    "as it is": plain(),
    "waiting": waiting(),
    "prefix": waiting(key_prefix=b"p:"),
    "text prefix": waiting(key_prefix="p:"),
    "unicode keys": waiting(allow_unicode_keys=True),
    "unicode keys and prefix": plain(allow_unicode_keys=True, key_prefix=b"p:"),
    "utf-8": waiting(encoding="utf-8"),
    "utf-16": waiting(encoding="utf-16-le"),
    "pickle": waiting(serde=serde.pickle_serde),
    "compressed": waiting(serde=Zipped()),
    "serializer": waiting(serializer=upper),
    "deserializer": waiting(deserializer=lower),
    "both": waiting(serializer=upper, deserializer=lower),
    "both, ignore_exc": waiting(serializer=upper, deserializer=lower, ignore_exc=True),
    "ignore_exc": plain(ignore_exc=True),
    "ignore_exc, waiting": waiting(ignore_exc=True),
    "pooled": above(PooledClient),
    "pooled, waiting": above(PooledClient, default_noreply=False, key_prefix=b"p:"),
    "pooled, ignore_exc": above(PooledClient, ignore_exc=True),
    "hash": hashed(),
    "hash, waiting": hashed(default_noreply=False),
    "hash, ignore_exc": hashed(ignore_exc=True, default_noreply=False),
    "hash, pooled": hashed(use_pooling=True, default_noreply=False),
    "hash, pooled, prefix": hashed(use_pooling=True, key_prefix=b"p:"),
    "hash, pickle": hashed(serde=serde.pickle_serde, default_noreply=False),
    "retrying": retrying(waiting()),
    "retrying hash": retrying(hashed(default_noreply=False)),
}


class Case(NamedTuple):
    """One call of one client."""

    setting: str
    make: Make
    call: str

    def __str__(self) -> str:
        return f"{self.setting}: {self.call}"


def _cases() -> List[Case]:
    whole = FETCH + STORE + OTHER + SERVER + MEMORY
    tables = dict.fromkeys(SETTINGS, CORE)
    tables["as it is"] = tables["waiting"] = whole
    tables["pooled"] = CORE + SERVER
    tables["ignore_exc"] = FETCH + SERVER + MEMORY
    cases = [
        Case(setting, make, call)
        for setting, make in SETTINGS.items()
        for call in tables[setting].strip().splitlines()
    ]
    cases += [Case("fallback", fallback, call) for call in FALLBACK.strip().splitlines()]
    return cases


CASES = _cases()

OUT_OF_STEP = {
    "as it is: set('text', b'v', expire=True)",
    "as it is: delete('')",
    "utf-16: add('new', 'v', noreply=True)",
    "utf-16: decr('number', 1, noreply=True)",
}
"""Cases that say noreply, and that memcached answers all the same."""

AFTER_THE_WIRE = [
    ("get_many(iter(['text', 'absent']))", {"text": b"hello"}),
    ("get_many(key for key in [b'text'])", {b"text": b"hello"}),
    ("get_many(iter(['absent']))", {}),
    ("get_many([bytearray(b'text')])", {b"text": b"hello"}),
    ("get_many([bytearray(b'absent')])", {}),
    ("get_multi(iter(['text']))", {"text": b"hello"}),
    ("gets_many(iter(['text', 'number']))", {"text": (b"hello", b"1"), "number": (b"5", b"2")}),
    ("gets_many([bytearray(b'text')])", {b"text": (b"hello", b"1")}),
    ("get(bytearray(b'text'))", b"hello"),
    ("get(bytearray(b'absent'), 1)", 1),
    ("gets(bytearray(b'text'))", (b"hello", b"1")),
]
"""Calls that pymemcache fails on when it has read the answer, with a reply that a mock gives."""
