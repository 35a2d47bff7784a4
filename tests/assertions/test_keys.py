"""The keys of a call, and values that look the same, in mocks, expectations and assertions.

SPECIFICATION 20.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from typing import Any, ClassVar, List
from unittest.mock import ANY, call

from tests.support.cases import ByHandTestCase
from tripwire import InteractionMismatchError, UnmockedInteractionError


class Chain:
    """An iterable of one's own."""

    def __iter__(self) -> Any:
        """Give two keys."""
        return iter("ab")


class Pair:  # noqa: PLW1641  # nobody asks for its hash
    """A matcher that can be iterated over."""

    __iter__: Any = "xy".__iter__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, list) and len(other) == 2


def forms() -> List[Any]:
    """Give two keys in every form."""
    return [
        ["a", "b"],
        ("a", "b"),
        {"a": 1, "b": 2},
        OrderedDict(a=1, b=2),
        Counter("ab"),
        {"a": 1, "b": 2}.keys(),
        {1: "a", 2: "b"}.values(),
        deque("ab"),
        iter("ab"),
        (key for key in "ab"),
        map(str, "ab"),
        Chain(),
        {"b", "a"},
        frozenset("ab"),
        ["a", ANY],
        Pair(),
    ]


class KeysTest(ByHandTestCase):
    """`keys` is any iterable; a set of them has no order."""

    def test_assertion_takes_them_in_any_form(self) -> None:
        """They are those of the request."""
        for keys in forms():
            with self.subTest(type(keys)):
                self.memcache.mock_command("GET_MANY", returns={})
                with self.verifier.sandbox():
                    self.client.get_many(iter("ab"))
                self.memcache.assert_get_many("GET_MANY", keys)

    def test_calls_of_mock_take_them_in_any_form(self) -> None:
        """Of an iterator, too, they are read once."""
        for keys in forms():
            with self.subTest(type(keys)):
                self.memcache.mock_command("GET_MANY", returns={})
                with self.verifier.sandbox():
                    self.client.get_many(iter("ab"))
                self.memcache.assert_calls(call.get_many(keys))

    def test_mock_takes_them_in_any_form(self) -> None:
        """However often it is asked, it reads them once, when it is registered."""
        for keys in forms():
            with self.subTest(type(keys)):
                self.memcache.mock_command("GET_MANY", returns={}, keys=keys, times=2)
                with self.verifier.sandbox():
                    self.assertRaises(UnmockedInteractionError, self.client.get_many, ["a"])
                    self.assertEqual(self.client.get_many(["a", "b"]), {})
                    self.assertEqual(self.client.get_many(("a", "b")), {})
                self.memcache.assert_get_many("GET_MANY", ["a", "b"])
                self.memcache.assert_get_many("GET_MANY", ["a", "b"])

    def test_expectation_takes_them_in_any_form(self) -> None:
        """As a mock."""
        for keys in forms():
            with self.subTest(type(keys)):
                self.memcache.expect("DELETE_MANY", returns=True, keys=keys)
                with self.verifier.sandbox():
                    self.client.delete_many(["a", "b"])
        self.verifier.verify_all()

    def test_other_keys(self) -> None:
        """In another order, or of another kind, or not all of them."""
        self.memcache.mock_command("GET_MANY", returns={})
        with self.verifier.sandbox():
            self.client.get_many(["b", "a"])
        wrong: List[Any] = [["a", "b"], iter("ab"), {"a"}, {b"a", "b"}, "ba", {"a": 1, "b": 2}]
        for keys in wrong:
            with self.subTest(type(keys)), self.assertRaises(InteractionMismatchError):
                self.memcache.assert_get_many("GET_MANY", keys)
        self.memcache.assert_get_many("GET_MANY", {"a", "b"})


class TypesTest(ByHandTestCase):
    """Values of two built-in types differ, at any depth."""

    pairs: ClassVar[List[Any]] = [
        (1, True),
        (1, 1.0),
        (b"v", bytearray(b"v")),
        ([1], [True]),
        ({"a": (1,)}, {"a": (1.0,)}),
        ({1: "a"}, {True: "a"}),
        ({(1,)}, {(True,)}),
    ]

    def setUp(self) -> None:
        """Have a client that stores anything."""
        super().setUp()
        self.client.serde.serialize = lambda key, value: (b"...", 0)

    def test_assertion(self) -> None:
        """It is of the value that was given."""
        for pair in self.pairs:
            for given, other in (pair, pair[::-1]):
                with self.subTest(given=given, other=other):
                    self.memcache.mock_command("SET", returns=True)
                    with self.verifier.sandbox():
                        self.client.set("k", given)
                    with self.assertRaises(InteractionMismatchError):
                        self.memcache.assert_set("SET", "k", other)
                    self.memcache.assert_set("SET", "k", given)

    def test_mock(self) -> None:
        """It answers calls with the value that it names, and no other."""
        for pair in self.pairs:
            for given, other in (pair, pair[::-1]):
                with self.subTest(given=given, other=other):
                    self.memcache.expect("SET", returns=True, key="k", value=given)
                    with self.verifier.sandbox():
                        self.assertRaises(UnmockedInteractionError, self.client.set, "k", other)
                        self.client.set("k", given)
        self.verifier.put_back()

    def test_matchers_inside(self) -> None:
        """Each stands for the value in its place."""
        self.memcache.expect("SET", returns=True, key=ANY, value={"a": [ANY, 1]})
        with self.verifier.sandbox():
            self.assertRaises(UnmockedInteractionError, self.client.set, "k", {"a": [None, True]})
            self.client.set("k", {"a": [None, 1]})
