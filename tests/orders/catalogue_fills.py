"""The catalogue of mistakes: what is filled in, renewed, and thrown away."""

from __future__ import annotations

from typing import Any, ClassVar, Dict, List, Sequence

import tripwire
from tests.orders.catalogue import Entry, Table, Worker, client


class StaleSetAfterDelete(Entry):
    """A reader fills in what it has read before the writer threw it away."""

    def __init__(self) -> None:
        self.table = Table(b"old")

    def broken(self) -> List[Worker]:
        """GET, SET against UPDATE, DELETE."""

        def read() -> None:
            cache = client()
            if cache.get("price") is None:  # pragma: no branch - nobody else fills it
                cache.set("price", self.table.read())

        return [read, self._change]

    def mended(self) -> List[Worker]:
        """A lease is filled by CAS, which fails where it was thrown away meanwhile."""

        def read() -> None:
            cache = client()
            if cache.add("price", b"lease"):  # pragma: no branch - nobody else fills it
                _, token = cache.gets("price")
                price = self.table.read()
                if token is not None:
                    cache.cas("price", price, token)

        return [read, self._change]

    def _change(self) -> None:
        self.table.write(b"new")
        client().delete("price")

    def is_right(self, store: tripwire.Store, results: Sequence[Any]) -> bool:
        """What is there is new."""
        return bool(store.get("price") != b"old")


class DeleteBeforeUpdate(Entry):
    """The writer throws away first, and changes then: a reader fills in the old value between."""

    items: ClassVar[Dict[str, Any]] = {"price": "old"}

    def __init__(self) -> None:
        self.table = Table(b"old")

    def broken(self) -> List[Worker]:
        """DELETE, UPDATE."""

        def change() -> None:
            client().delete("price")
            self.table.write(b"new")

        return [self._read, change]

    def mended(self) -> List[Worker]:
        """UPDATE, SET; the reader fills by ADD."""

        def change() -> None:
            self.table.write(b"new")
            client().set("price", b"new")

        return [self._read, change]

    def _read(self) -> None:
        cache = client()
        if cache.get("price") is None:
            cache.add("price", self.table.read())

    def is_right(self, store: tripwire.Store, results: Sequence[Any]) -> bool:
        """What is there is new."""
        return bool(store.get("price") != b"old")


class TornRead(Entry):
    """Two keys that belong together are read while they are written."""

    items: ClassVar[Dict[str, Any]] = {"name": "a", "mail": "a", "user": "a:a"}

    def broken(self) -> List[Worker]:
        """GET, GET against SET, SET."""

        def write() -> None:
            cache = client()
            cache.set("name", b"b")
            cache.set("mail", b"b")

        def read() -> Any:
            cache = client()
            return cache.get("name"), cache.get("mail")

        return [write, read]

    def mended(self) -> List[Worker]:
        """One key."""
        return [
            lambda: client().set("user", b"b:b"),
            lambda: tuple(client().get("user").split(b":")),
        ]

    def is_right(self, store: tripwire.Store, results: Sequence[Any]) -> bool:
        """They belong together."""
        return results[1] in ((b"a", b"a"), (b"b", b"b"))


class TornBatch(Entry):
    """So are two keys of a batch: memcached does them one by one."""

    items: ClassVar[Dict[str, Any]] = {
        "name": "a",
        "mail": "a",
        "current": 1,
        "1:name": "a",
        "1:mail": "a",
    }

    def broken(self) -> List[Worker]:
        """GET_MANY against SET_MANY."""

        def write() -> None:
            client().set_many({"name": b"b", "mail": b"b"})

        return [write, lambda: {*client().get_many(["name", "mail"]).values()}]

    def mended(self) -> List[Worker]:
        """A new version, which is complete before its number is known."""

        def write() -> None:
            cache = client()
            cache.set_many({"2:name": b"b", "2:mail": b"b"})
            cache.set("current", 2)

        def read() -> Any:
            cache = client()
            version = int(cache.get("current"))
            return {*cache.get_many([f"{version}:name", f"{version}:mail"]).values()}

        return [write, read]

    def is_right(self, store: tripwire.Store, results: Sequence[Any]) -> bool:
        """They belong together."""
        return len(results[1]) == 1


class RenewedSession(Entry):
    """A session is renewed that was ended meanwhile."""

    items: ClassVar[Dict[str, Any]] = {"session": "ada"}

    def broken(self) -> List[Worker]:
        """GET, SET against DELETE."""

        def renew() -> None:
            cache = client()
            user = cache.get("session")
            if user is not None:
                cache.set("session", user, expire=3600)

        return [renew, lambda: client().delete("session")]

    def mended(self) -> List[Worker]:
        """TOUCH."""
        return [
            lambda: client().touch("session", 3600),
            lambda: client().delete("session"),
        ]

    def is_right(self, store: tripwire.Store, results: Sequence[Any]) -> bool:
        """It is over."""
        return "session" not in store


class NegativeCache(Entry):
    """That there is nobody is remembered, although there is somebody by now."""

    def __init__(self) -> None:
        self.table = Table(None)

    def broken(self) -> List[Worker]:
        """GET, SET against INSERT, DELETE."""

        def find() -> None:
            cache = client()
            if cache.get("user") is None:  # pragma: no branch - nobody else fills it
                cache.set("user", self.table.read() or b"nobody")

        def create() -> None:
            self.table.write(b"ada")
            client().delete("user")

        return [find, create]

    def mended(self) -> List[Worker]:
        """What was created is put there; what was found only where nothing is."""

        def find() -> None:
            cache = client()
            if cache.get("user") is None:
                cache.add("user", self.table.read() or b"nobody")

        def create() -> None:
            self.table.write(b"ada")
            client().set("user", b"ada")

        return [find, create]

    def is_right(self, store: tripwire.Store, results: Sequence[Any]) -> bool:
        """Nobody is told that there is nobody."""
        return bool(store.get("user") != b"nobody")


class OlderOverNewer(Entry):
    """A late message overwrites a newer one."""

    items: ClassVar[Dict[str, Any]] = {"state": 0}

    def broken(self) -> List[Worker]:
        """GET, SET."""

        def receive(number: int) -> None:
            cache = client()
            if int(cache.get("state")) < number:
                cache.set("state", number)

        return [lambda: receive(1), lambda: receive(2)]

    def mended(self) -> List[Worker]:
        """GETS, CAS."""

        def receive(number: int) -> None:
            cache = client()
            state, token = cache.gets("state")
            while int(state) < number and not cache.cas("state", number, token):
                state, token = cache.gets("state")

        return [lambda: receive(1), lambda: receive(2)]

    def is_right(self, store: tripwire.Store, results: Sequence[Any]) -> bool:
        """The newest is there."""
        return bool(store["state"] == b"2")


class HoleBetween(Entry):
    """A value is replaced by DELETE and ADD: in between there is nothing."""

    items: ClassVar[Dict[str, Any]] = {"motd": "old"}

    def broken(self) -> List[Worker]:
        """DELETE, ADD."""

        def change() -> None:
            cache = client()
            cache.delete("motd")
            cache.add("motd", b"new")

        return [change, lambda: client().get("motd")]

    def mended(self) -> List[Worker]:
        """SET."""
        return [lambda: client().set("motd", b"new"), lambda: client().get("motd")]

    def is_right(self, store: tripwire.Store, results: Sequence[Any]) -> bool:
        """There is always something."""
        return results[1] is not None


class FlushOfOthers(Entry):
    """FLUSH_ALL throws away what another one has just put there."""

    items: ClassVar[Dict[str, Any]] = {"page": "old"}

    def broken(self) -> List[Worker]:
        """SET, GET against FLUSH_ALL."""
        return [self._work, lambda: client().flush_all()]

    def mended(self) -> List[Worker]:
        """DELETE of what is one's own."""
        return [self._work, lambda: client().delete("page")]

    @staticmethod
    def _work() -> Any:
        cache = client()
        cache.set("basket", b"full")
        return cache.get("basket")

    def is_right(self, store: tripwire.Store, results: Sequence[Any]) -> bool:
        """What was put there is there."""
        return bool(results[0] == b"full")


FILLS = (
    StaleSetAfterDelete,
    DeleteBeforeUpdate,
    TornRead,
    TornBatch,
    RenewedSession,
    NegativeCache,
    OlderOverNewer,
    HoleBetween,
    FlushOfOthers,
)
