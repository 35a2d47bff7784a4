"""What a call was given is recorded as it was then, iterators and odd keys included."""

from __future__ import annotations

import collections
import types
from typing import Any, Callable, Dict, Iterator, List, Tuple

from pymemcache.client.base import Client

from tests.support.cases import SERVER
from tests.support.replying import Replies
from tripwire import MISS, InteractionMismatchError, TripwireTestCase


class SnapshotTest(TripwireTestCase):
    """What a call was given stays what it was in the record."""

    def record(self, value: Any) -> Any:
        """Set a value in a sandbox; return what was recorded of it."""
        self.memcache.mock_command("SET", returns=True)
        with self.sandbox():
            Client(SERVER).set("k", value)
        recorded = self.verifier.interactions[-1].fields["value"]
        self.memcache.assert_set("SET", "k", recorded)
        return recorded

    def test_containers_are_copied_recursively(self) -> None:
        """Whatever the caller does to them afterwards."""
        array = bytearray(b"v")
        value: Dict[str, Any] = {"list": [1, {2}], "pair": ([3], array), "set": frozenset({4})}
        recorded = self.record(value)
        value["list"][1].add(9)
        value["list"].append(9)
        value["pair"][0].append(9)
        array.extend(b"9")
        value["more"] = 9
        self.assertEqual(recorded, {"list": [1, {2}], "pair": ([3], b"v"), "set": frozenset({4})})
        self.assertEqual(type(recorded["pair"][1]), bytearray)

    def test_any_other_object_is_kept_itself(self) -> None:
        """Also one that is built on a container."""

        class Basket(List[int]):
            pass

        for value in (object(), Basket([1]), Exception("v")):
            self.assertIs(self.record(value), value)

    def test_container_that_holds_itself_is_copied(self) -> None:
        """There is no end to it, and still a copy."""
        value: List[Any] = [1]
        value.append(value)
        recorded = self.record(value)
        self.assertIsNot(recorded, value)
        self.assertIs(recorded[1], recorded)

    def test_container_nested_too_deep_is_kept_itself(self) -> None:
        """A copy is not worth a RecursionError."""
        value: List[Any] = []
        for _ in range(100_000):
            value = [value]

        class Flat:
            def serialize(self, key: Any, value: Any) -> Tuple[bytes, int]:
                return b"deep", 0

        self.memcache.mock_command("SET", returns=True)
        with self.sandbox():
            Client(SERVER, serde=Flat()).set("k", value)
        recorded = self.verifier.interactions[0].fields["value"]
        self.assertIs(recorded, value)
        self.memcache.assert_set("SET", "k", recorded)
        while value:
            # Otherwise the interpreter takes it apart by a recursion of its own.
            value = value.pop()

    def test_keys_are_a_list_that_equals_any_other_form_of_them(self) -> None:
        """A tuple and a view of the same keys, not other keys, not a set without an order."""
        keys = {"a": 1, "b": 2}
        self.memcache.mock_command("GET_MANY", returns={})
        with self.sandbox():
            Client(SERVER).get_many(keys.keys())
        keys["c"] = 3
        recorded = self.verifier.interactions[0].fields["keys"]
        self.assertIsInstance(recorded, list)
        for same in (["a", "b"], ("a", "b"), {"a": 0, "b": 0}.keys(), {1: "a", 2: "b"}.values()):
            self.assertTrue(recorded == same)
            self.assertFalse(recorded != same)
            self.assertTrue(same == recorded or not isinstance(same, list))
        for other in (["b", "a"], ("a",), keys.keys(), "ab", None):
            self.assertTrue(recorded != other)
        self.memcache.assert_get_many("GET_MANY", ("a", "b"))

    def test_keys_of_a_dict_or_a_set_are_recorded_in_the_order_of_the_request(self) -> None:
        """As pymemcache reads them."""
        for keys in ({"a": 1, "b": 2}, {"a", "b", "c"}, ("a", "b")):
            replies = Replies("get_many", {})
            replies.give(keys)
            (interaction,) = replies.verifier.interactions
            sent = interaction.request.decode().split()[1:]
            self.assertEqual(interaction.fields["keys"], sent)


class MappingTest(TripwireTestCase):
    """The values of a `set_many`, in a mapping of any type."""

    def test_mapping_is_recorded_as_it_was(self) -> None:
        """What is mended after the call passes for nothing."""
        makers: Tuple[Callable[[Any], Any], ...] = (
            dict,
            collections.OrderedDict,
            lambda values: collections.defaultdict(list, values),
            collections.UserDict,
            collections.ChainMap,
            type("Own", (dict,), {}),
        )
        for make in makers:
            values: Any = make({"a": [1], "b": 2})
            with self.subTest(type(values).__name__):
                replies = Replies("set_many", [])
                replies.give(values)
                values["a"].append(2)
                values["b"] = 3
                values["c"] = 4
                (interaction,) = replies.verifier.interactions
                self.assertEqual(interaction.fields["values"], {"a": [1], "b": 2})
                with self.assertRaises(InteractionMismatchError):
                    replies.memcache.assert_set_many("SET_MANY", values)
                replies.memcache.assert_set_many("SET_MANY", make({"a": [1], "b": 2}))
                replies.verifier.verify_all()

    def test_view_of_a_mapping_is_recorded_as_it_was(self) -> None:
        """Although it cannot be written to itself."""
        values = {"a": 1}
        replies = Replies("set_many", [])
        replies.give(types.MappingProxyType(values))
        values["a"] = 2
        replies.memcache.assert_set_many("SET_MANY", {"a": 1})

    def test_what_is_no_mapping_raises_what_it_raises(self) -> None:
        """Pymemcache asks for `items`."""
        values: Any = ["a"]
        with self.sandbox(), self.assertRaisesRegex(AttributeError, "items"):
            Client(SERVER).set_many(values)


class Once:
    """Keys that can be read once, although they are no iterator."""

    def __init__(self, *keys: str) -> None:
        self._keys = iter(keys)

    def __iter__(self) -> Iterator[str]:
        return self._keys


class Again:
    """Keys that can be read any number of times, and are no built-in container."""

    def __init__(self, *keys: str) -> None:
        self._keys = keys

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)


class IteratorTest(TripwireTestCase):
    """Keys that can be read only once."""

    def test_hit_is_the_key_error_that_it_is(self) -> None:
        """Pymemcache reads them twice: once to send them, once to map the answer to them."""
        for command, reply in (("get_many", {"a": b"v"}), ("gets_many", {"a": (b"v", b"1")})):
            with self.subTest(command):
                replies = Replies(command, reply)
                with self.assertRaisesRegex(KeyError, "^b'a'$"):
                    replies.give(iter(["a", "b"]))
                replies.memcache.assert_get_many(command, ["a", "b"])
                replies.verifier.verify_all()

    def test_keys_that_can_be_read_once_are_like_an_iterator(self) -> None:
        """They are recorded, and a hit is the same mistake."""
        replies = Replies("get_many", {"a": b"v"})
        with self.assertRaisesRegex(KeyError, "^b'a'$"):
            replies.give(Once("a", "b"))
        replies.memcache.assert_get_many("GET_MANY", ["a", "b"])
        replies = Replies("delete_many", True)
        self.assertTrue(replies.give(Once("a", "b")))
        replies.memcache.assert_delete_many("DELETE_MANY", ["a", "b"])

    def test_keys_that_can_be_read_again_are_no_mistake(self) -> None:
        """Whatever they are."""
        for make in (Again, lambda *keys: collections.deque(keys)):
            replies = Replies("get_many", {"a": b"v"})
            self.assertEqual(replies.give(make("a", "b")), {"a": b"v"})
            replies.memcache.assert_get_many("GET_MANY", ["a", "b"])

    def test_what_gives_no_keys_raises_what_it_raises(self) -> None:
        """Before the wire, as in production."""
        keys: Any = 5
        with self.sandbox(), self.assertRaisesRegex(TypeError, "'int' object is not iterable"):
            Client(SERVER).get_many(keys)

    def test_hit_is_an_empty_dict_where_exceptions_are_ignored(self) -> None:
        """The client takes its own mistake for a miss."""
        replies = Replies("get_many", {"a": b"v"})
        self.assertEqual(replies.give((key for key in "ab"), ignore_exc=True), {})
        replies.memcache.assert_get_many("GET_MANY", ["a", "b"])
        replies.verifier.verify_all()

    def test_misses_are_no_mistake(self) -> None:
        """An answer without a value needs no mapping."""
        replies: List[Any] = [{}, MISS]
        for reply in replies:
            self.assertEqual(Replies("get_many", reply).give(iter(["a"])), {})

    def test_keys_by_name(self) -> None:
        """`keys=` is the same."""
        self.memcache.mock_command("GET_MANY", returns={"a": b"v"})
        with self.sandbox(), self.assertRaises(KeyError):
            Client(SERVER).get_many(keys=iter(["a"]))
        self.memcache.assert_get_many("GET_MANY", ["a"])

    def test_iterator_of_commands_without_an_answer_is_read_once(self) -> None:
        """`delete_many` is fine with it, and its keys are recorded too."""
        replies = Replies("delete_many", True)
        self.assertTrue(replies.give(iter(["a", "b"])))
        replies.memcache.assert_delete_many("DELETE_MANY", ["a", "b"])

    def test_empty_iterator_that_says_so_is_empty(self) -> None:
        """One with a truth value of its own keeps it."""

        class Nothing(Iterator[str]):
            def __next__(self) -> str:
                raise StopIteration

            def __bool__(self) -> bool:
                return False

        with self.sandbox():
            self.assertEqual(Client(SERVER).get_many(Nothing()), {})
        self.assertEqual(list(Nothing()), [])

    def test_unhashable_key_that_is_found_fails_after_the_wire(self) -> None:
        """The request is sent, and then pymemcache cannot put the value anywhere."""
        key = bytearray(b"k")
        calls: Dict[str, Tuple[Any, Any]] = {
            "get": (b"v", key),
            "gets": ((b"v", b"1"), key),
            "get_many": ({b"k": b"v"}, [key]),
            "gets_many": ({b"k": (b"v", b"1")}, ["other", key]),
        }
        for command, (reply, argument) in calls.items():
            with self.subTest(command):
                replies = Replies(command, reply)
                with self.assertRaisesRegex(TypeError, "unhashable type: 'bytearray'"):
                    replies.give(argument)
                self.assertEqual(len(replies.verifier.interactions), 1)

    def test_unhashable_key_beside_the_one_that_is_found_is_no_matter(self) -> None:
        """It fails only where it has to be put somewhere."""
        replies = Replies("get_many", {"k": b"v"})
        self.assertEqual(replies.give([bytearray(b"other"), "k"]), {"k": b"v"})
