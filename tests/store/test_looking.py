"""What is in a store, one sees there.

SPECIFICATION 32
"""

from __future__ import annotations

import json
from typing import Any, Dict

from pymemcache.client.base import Client

from tests.support.cases import SERVER, ByHandTestCase
from tripwire import Item

NORTH, SOUTH = ("north", 11211), ("south", 11211)


class JsonSerde:
    """Values as JSON, under keys that it is told."""

    def __init__(self) -> None:
        self.keys: Dict[Any, int] = {}

    def serialize(self, key: Any, value: Any) -> Any:
        """To bytes."""
        return json.dumps(value).encode(), 1

    def deserialize(self, key: Any, value: bytes, flags: int) -> Any:
        """From bytes; fails for any that are not JSON."""
        self.keys[key] = flags
        return json.loads(value)


class LookingTest(ByHandTestCase):
    """`store[key]`, `get`, `in`, `len`, `items()`."""

    def test_value_of_a_key(self) -> None:
        """Where there is none, a `KeyError` or the default."""
        store = self.memcache.store({"k": b"v"})
        self.assertEqual(store["k"], b"v")
        self.assertEqual(store[b"k"], b"v")
        self.assertEqual(store.get("k"), b"v")
        self.assertIsNone(store.get("n"))
        self.assertEqual(store.get("n", 7), 7)
        with self.assertRaisesRegex(KeyError, "'n'"):
            store["n"]

    def test_whether_and_how_many(self) -> None:
        """Before anyone has asked for them, and after."""
        store = self.memcache.store({"a": 1, "b": 2})
        for _ in range(2):
            self.assertIn("a", store)
            self.assertNotIn("c", store)
            self.assertEqual(len(store), 2)
            self.assertEqual(list(store), ["a", "b"])
            with self.verifier.sandbox():
                self.client.get_many(["a", "b"])

    def test_items_with_the_seconds_that_are_left(self) -> None:
        """0 is for ever."""
        store = self.memcache.store({"a": 1})
        with self.verifier.sandbox():
            self.client.set("k", b"v", expire=60, flags=3)
            self.client.get("a")
        store.advance(20)
        self.assertEqual(
            store.items(), {"k": Item(b"v", expire=40, flags=3), "a": Item(b"1", expire=0)}
        )
        self.assertEqual(
            repr(store.items()), "{'k': Item(b'v', expire=40, flags=3), 'a': Item(b'1')}"
        )

    def test_keys_are_as_the_server_has_them(self) -> None:
        """With prefixes; text where they are ASCII."""
        store = self.memcache.store()
        client = Client(SERVER, key_prefix=b"app:", allow_unicode_keys=True)
        with self.verifier.sandbox():
            client.set("k", b"1")
            client.set("ä", b"2")
        self.assertEqual(list(store), ["app:k", "app:ä".encode()])
        self.assertEqual(store["app:ä"], b"2")

    def test_keys_with_control_characters_are_keys(self) -> None:
        """The client sends them, and memcached holds them; a space, a line end, a NUL end a key."""
        store = self.memcache.store({"\x01": b"1"})
        with self.verifier.sandbox():
            self.client.set("a\x7f", b"2")
            self.assertEqual(self.client.get("\x01"), b"1")
        self.assertEqual(store["a\x7f"], b"2")
        self.assertIn("\x01", store)
        store.assert_items({"\x01": b"1", "a\x7f": b"2"})
        for key in ("a b", "a\n", b"\0"):
            with self.assertRaisesRegex(ValueError, "a space, a line end or a NUL"):
                store.get(key)

    def test_server_is_an_address(self) -> None:
        """Two parts, or text; a list or a port would name a server that nobody can call."""
        store = self.memcache.store({"k": b"1"})
        calls: Any = (
            *((store.get, "k"), (store.put, "k", b"2"), (store.remove, "k"), (store.items,)),
            *((store.clear,), (store.assert_items, {}), (self.memcache.outage,)),
        )
        for wrong in (11211, [*NORTH], b"north:11211"):
            for method, *given in calls:
                with (
                    self.subTest(method=method.__name__, server=wrong),
                    self.assertRaisesRegex(TypeError, "server is an address such as"),
                ):
                    method(*given, server=wrong)

    def test_values_are_what_the_client_that_set_them_makes_of_them(self) -> None:
        """Its deserializer is given its own key, and the flags."""
        store = self.memcache.store()
        serde = JsonSerde()
        client = Client(SERVER, serde=serde, key_prefix=b"app:")
        with self.verifier.sandbox():
            client.set("k", {"a": [1, 2]})
            client.set("n", 5)
            self.client.incr("app:n", 1)
        self.assertEqual(store["app:k"], {"a": [1, 2]})
        self.assertEqual(store["app:n"], 6)
        self.assertEqual(serde.keys, {"k": 1, "n": 1})

    def test_values_that_it_cannot_read_are_bytes(self) -> None:
        """And so are those that the test put there."""
        store = self.memcache.store({"test": b"1"})
        client = Client(SERVER, serde=JsonSerde())
        with self.verifier.sandbox():
            client.set("k", "a")
            self.client.append("k", b"?")
            client.get("test")
            client.set("other", 1)
            self.client.set("other", b"2")
        self.assertEqual(store["k"], b'"a"?')
        self.assertEqual(store["test"], b"1")
        self.assertEqual(store["other"], b"2")

    def test_servers_are_seen_together_or_one_by_one(self) -> None:
        """By an address as clients hold it, or as text."""
        store = self.memcache.store({"same": 1})
        with self.verifier.sandbox():
            for server, value in ((NORTH, b"n"), (SOUTH, b"s")):
                Client(server).set("k", value)
                Client(server).set("same", b"1")
            Client(NORTH).set("only", b"1")
        self.assertEqual(store.get("k", server=NORTH), b"n")
        self.assertEqual(store.get("k", server="south:11211"), b"s")
        self.assertIsNone(store.get("only", server=SOUTH))
        self.assertIsNone(store.get("k", server="east:11211"))
        self.assertEqual(store["same"], b"1")
        self.assertEqual(store["only"], b"1")
        self.assertEqual(len(store), 3)
        self.assertEqual(list(store.items(server=SOUTH)), ["same", "k"][::-1])
        self.assertEqual(store.items(server="east:11211"), {})
        self.assertEqual(repr(store), "<Store: 3 items on 2 servers>")

    def test_key_that_two_servers_hold_differently_is_refused(self) -> None:
        """The error names both."""
        store = self.memcache.store()
        with self.verifier.sandbox():
            Client(NORTH).set("k", b"n")
            Client(SOUTH).set("k", b"n", expire=60)
        for look in (lambda: store["k"], lambda: store.get("k"), store.items):
            with self.subTest(look), self.assertRaises(ValueError) as caught:
                look()
            self.assertEqual(
                str(caught.exception),
                "Several servers hold 'k', and not the same:\n"
                "    north:11211: Item(b'n')\n"
                "    south:11211: Item(b'n', expire=60)\n"
                "Say which one is meant: server=...",
            )
        self.assertIn("k", store)

    def test_one_looks_inside_a_sandbox_too(self) -> None:
        """It is no assertion."""
        store = self.memcache.store()
        with self.verifier.sandbox():
            self.client.set("k", b"v")
            self.assertEqual(store["k"], b"v")
