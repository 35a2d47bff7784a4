"""What a store answered is asserted by what it holds; what nobody asked for is reported.

SPECIFICATION 34
"""

from __future__ import annotations

from typing import Any, Callable, Dict
from unittest import mock

from pymemcache.client.base import Client

from tests.support.cases import SERVER, ByHandTestCase, by_hand, run
from tripwire import (
    AssertionInsideSandboxError,
    Item,
    Store,
    StoreMismatchError,
    TripwireTestCase,
    UnassertedInteractionsError,
    UnusedMocksError,
)

NORTH, SOUTH = ("north", 11211), ("south", 11211)


class SettlingTest(ByHandTestCase):
    """`store.assert_items({...})`."""

    def test_it_settles_what_the_store_has_answered(self) -> None:
        """Reads of what was held, and writes; in whatever order, however often."""
        store = self.memcache.store({"gone": b"1"})
        with self.verifier.sandbox():
            self.client.get("k")
            self.client.set("k", b"v")
            self.client.get("k")
            self.client.delete("gone")
            self.client.set_many({"a": b"1", "k": b"w"})
        store.assert_items({"k": b"w", "a": b"1"})
        self.verifier.verify_all()

    def test_key_that_no_server_ever_held_stays_open(self) -> None:
        """It may be misspelt."""
        store = self.memcache.store({"k": b"v"})
        with self.verifier.sandbox():
            self.client.get("k")
            self.client.get("kk")
            self.client.get_many(["k", "kk"])
            self.client.delete("kk")
        store.assert_items({"k": b"v"})
        with self.assertRaises(UnassertedInteractionsError) as caught:
            self.verifier.verify_all()
        self.assertEqual(
            [each.command for each in caught.exception.unasserted], ["GET", "GET_MANY", "DELETE"]
        )

    def test_flush_and_commands_without_a_key_stay_open(self) -> None:
        """An empty cache says nothing of who has emptied it."""
        store = self.memcache.store({"k": b"v"})
        with self.verifier.sandbox():
            self.client.get("k")
            self.client.flush_all()
            self.client.version()
        store.assert_items({})
        self.memcache.assert_command("FLUSH_ALL")
        self.memcache.assert_command("VERSION")
        self.verifier.verify_all()

    def test_flush_takes_items_that_wait_for_a_server(self) -> None:
        """It is asked for all of them."""
        store = self.memcache.store({"k": b"v"})
        with self.verifier.sandbox():
            self.client.flush_all()
            self.assertIsNone(self.client.get("k"))
        store.assert_items({})
        self.memcache.assert_command("FLUSH_ALL")
        self.verifier.verify_all()

    def test_what_mocks_have_answered_stays_open(self) -> None:
        """The store knows nothing of it."""
        store = self.memcache.store({"k": b"v"})
        self.memcache.mock_command("GET", returns=b"mocked")
        with self.verifier.sandbox():
            self.client.get("k")
            self.client.get("k")
        store.assert_items({"k": b"v"})
        self.memcache.assert_get("GET", "k")
        self.verifier.verify_all()

    def test_what_follows_it_stays_open(self) -> None:
        """It settles what was answered so far."""
        store = self.memcache.store()
        with self.verifier.sandbox():
            self.client.set("k", b"v")
        store.assert_items({"k": b"v"})
        with self.verifier.sandbox():
            self.client.get("k")
        self.memcache.assert_get("GET", "k")
        self.verifier.verify_all()

    def test_interactions_may_be_asserted_one_by_one(self) -> None:
        """As any, before or instead."""
        store = self.memcache.store()
        with self.verifier.sandbox():
            self.client.set("k", b"v", expire=60)
            self.client.get("k")
        self.memcache.assert_set("SET", "k", b"v", expire=60)
        store.assert_items({"k": Item(b"v", expire=60)})
        self.verifier.verify_all()

    def test_one_server_may_be_asserted(self) -> None:
        """That settles what it has answered, and no other."""
        store = self.memcache.store()
        with self.verifier.sandbox():
            Client(NORTH).set("k", b"n")
            Client(SOUTH).set("k", b"s")
        store.assert_items({"k": b"n"}, server="north:11211")
        self.memcache.assert_set("SET", "k", b"s", server=SOUTH)
        self.verifier.verify_all()

    def test_not_while_a_sandbox_is_open(self) -> None:
        """As any assertion."""
        store = self.memcache.store()
        with self.verifier.sandbox():
            self.assertRaises(AssertionInsideSandboxError, store.assert_items, {})

    def test_what_is_held_has_to_be_said_whole(self) -> None:
        """Every key, its value, its type, its expiry; flags where the test says some."""
        store = self.memcache.store()
        with self.verifier.sandbox():
            self.client.set("k", b"v", expire=60, flags=2)
        for wrong in (
            {},
            {"k": b"v"},
            {"k": Item(b"w", expire=60)},
            {"k": Item("v", expire=60)},
            {"k": Item(b"v", expire=61)},
            {"k": Item(b"v", expire=60, flags=1)},
            {"k": Item(b"v", expire=60, flags=0)},
            {"k": Item(b"v", expire=60), "n": b""},
        ):
            with self.subTest(wrong), self.assertRaises(StoreMismatchError) as caught:
                store.assert_items(wrong)
            self.assertEqual(caught.exception.actual, {"k": Item(b"v", expire=60, flags=2)})
        right: Any
        for right in (
            {"k": Item(b"v", expire=60)},
            {b"k": Item(b"v", expire=60, flags=2)},
            {"k": Item(mock.ANY, expire=mock.ANY)},
            {"k": Item(b"v", expire=60, flags=mock.ANY)},
        ):
            store.assert_items(right)
        self.verifier.verify_all()

    def test_what_is_held_is_said_by_a_dict(self) -> None:
        """A list of pairs is none, for `store()` neither."""
        store = self.memcache.store()
        wrong: Any
        for wrong in ([("k", b"v")], "k", {"k"}):
            for takes_items in (store.assert_items, by_hand().memcache.store):
                with self.assertRaisesRegex(TypeError, "^give a dict of keys, each with its value"):
                    takes_items(wrong)

    def test_key_that_is_named_twice_is_refused(self) -> None:
        """As text and as bytes: one of the two would not be looked at."""
        store = self.memcache.store()
        twice: Any = {"k": b"v", b"k": b"w"}
        for takes_items in (store.assert_items, by_hand().memcache.store):
            with self.assertRaisesRegex(ValueError, "^the key 'k' is named twice"):
                takes_items(twice)

    def test_mismatch_leaves_everything_open(self) -> None:
        """It settles nothing."""
        store = self.memcache.store()
        with self.verifier.sandbox():
            self.client.set("k", b"v")
        self.assertRaises(StoreMismatchError, store.assert_items, {})
        self.assertRaises(UnassertedInteractionsError, self.verifier.verify_all)


class UnusedItemsTest(ByHandTestCase):
    """An item that no command has named is an unused mock."""

    def unused(self) -> Any:
        """What is reported as unused."""
        try:
            self.verifier.verify_all()
        except UnusedMocksError as error:
            return [mock.fields["key"] for mock in error.unused]
        return []

    def test_item_that_nobody_asked_for_is_reported(self) -> None:
        """Once, whether it was there from the beginning or put there later."""
        store = self.memcache.store({"a": 1, "b": 2})
        store.put("c", 3)
        with self.verifier.sandbox():
            self.client.get("a")
        self.memcache.assert_get("GET", "a")
        self.assertEqual(self.unused(), ["b", "c"])
        self.assertEqual(self.unused(), [])

    def test_item_that_a_mock_hid_is_reported(self) -> None:
        """The store was not asked."""
        self.memcache.store({"k": 1})
        self.memcache.expect("GET", key="k", returns=b"2")
        with self.verifier.sandbox():
            self.client.get("k")
        self.assertEqual(self.unused(), ["k"])

    def test_items_that_need_not_be_asked_for(self) -> None:
        """`required=False` says so, of those that are put later as well."""
        self.memcache.store({"k": 1}, required=False).put("n", 2)
        self.assertEqual(self.unused(), [])

    def test_looks_flushes_and_assertions_name_items(self) -> None:
        """Each of these has to do with them."""
        uses: Dict[str, Callable[[Store], object]] = {
            "FLUSH_ALL": lambda store: self.client.flush_all(),
            "a look": lambda store: (store["a"], store.get("b")),
            "in": lambda store: ("a" in store, "b" in store),
            "all of them": lambda store: store.items(),
            "clear": lambda store: store.clear(),
            "remove": lambda store: [*map(store.remove, ("a", "b"))],
            "a request of several keys": lambda store: self.client.get_many(["a", "b"]),
        }
        for name, use in uses.items():
            with self.subTest(name), self.verifier.round():
                store = self.memcache.store({"a": 1, "b": 2})
                with self.verifier.sandbox():
                    use(store)
                self.verifier.state.timeline.drain()
                self.assertEqual(self.unused(), [])
        store = self.memcache.store({"a": 1, "b": 2})
        store.assert_items({"a": b"1", "b": b"2"})
        self.assertEqual(self.unused(), [])

    def test_assertion_of_one_server_names_what_is_there(self) -> None:
        """And no item that waits."""
        store = self.memcache.store({"waits": 1})
        store.put("k", 1, server=NORTH)
        store.assert_items({"k": b"1"}, server=NORTH)
        self.assertEqual(self.unused(), ["waits"])

    def test_item_that_was_put_again_counts_once(self) -> None:
        """The later one is the one that waits."""
        store = self.memcache.store({"k": 1})
        store.put("k", 2)
        self.assertEqual(self.unused(), ["k"])

    def test_failing_subtest_takes_its_items_along(self) -> None:
        """As it does its mocks."""

        class WithSubTest(TripwireTestCase):
            """Fails in a part."""

            def test_it(self) -> None:
                """One failure, and no more."""
                store = self.memcache.store({"k": 1})
                with self.subTest("fails"):
                    store.put("n", 1)
                    self.assertEqual(len(store), 1)
                with self.sandbox():
                    Client(SERVER).get("k")
                    Client(SERVER).get("n")
                self.memcache.assert_get("GET", "k")
                self.memcache.assert_get("GET", "n")

        result = run(WithSubTest)
        self.assertEqual((len(result.failures), result.errors), (1, []))
