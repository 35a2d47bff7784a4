"""Whatever objects a test and its code hand over, no report breaks, and no rule of a reply does."""

from __future__ import annotations

import inspect
import unittest
from typing import Any, Callable, Dict, List, NoReturn

from hypothesis import example, given, settings
from hypothesis import strategies as st
from pymemcache.client.base import Client

import tripwire
from tests.support.cases import SERVER, by_hand
from tripwire import MISS

# The same examples in every run, and no clock: a slow machine is not a bug.
quickly = settings(max_examples=100, deadline=None, derandomize=True, database=None)


class Hostile:
    """An object that raises, or lies, wherever one asks it something."""

    def __init__(self, answer: Callable[[], Any]) -> None:
        self.__repr = self.__eq = self.__len = answer

    def __repr__(self) -> str:
        return self.__repr()  # type: ignore[no-any-return]  # not always a str, which is the point

    def __eq__(self, other: object) -> bool:
        return self.__eq()  # type: ignore[no-any-return]  # not always a bool

    def __len__(self) -> int:
        return self.__len()  # type: ignore[no-any-return]  # not always an int

    __hash__ = None  # type: ignore[assignment]  # as of whatever defines an equality alone


class HostileList(Hostile, List[Any]):
    """One that is a list besides, and is shown as one."""

    __repr__: Any = list.__repr__


class Text(str):
    """Text that cannot be put into other text."""

    def __repr__(self) -> NoReturn:
        raise ValueError

    __str__ = __format__ = __repr__  # type: ignore[assignment]  # hostile


def fail() -> NoReturn:
    """Raise."""
    raise KeyError("hostile")


def recursive() -> Dict[str, Any]:
    """A value that holds itself."""
    members: List[Any] = [1]
    mapping = {"members": members, "more": "x" * 100}
    members += [members, mapping]
    return mapping


ANSWERS = [fail, lambda: True, lambda: False, lambda: 5, lambda: Text("é\n"), lambda: "\ud800\n"]
UNUSUAL = [
    b"x" * 10**6,
    "y" * 10**6,
    list(range(10**5)),
    10**400,
    recursive(),
    Text("k"),
    {"a": 1, b"b": 2},
]


def unusual(number: int) -> object:
    """One of them, by number: hypothesis shows what it draws from, and cannot show these."""
    return UNUSUAL[number]


plain = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary())
hostile = st.one_of(
    st.builds(Hostile, st.sampled_from(ANSWERS)), st.builds(HostileList, st.sampled_from(ANSWERS))
)


class Box:
    """Keeps a value from hypothesis, which shows the arguments of a test that fails."""

    def __init__(self, value: object) -> None:
        self.value = value


values = st.recursive(
    st.one_of(plain, hostile, st.builds(unusual, st.sampled_from(range(len(UNUSUAL))))),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.tuples(inner, inner),
        st.dictionaries(st.one_of(st.text(), st.integers()), inner, max_size=5),
    ),
    max_leaves=8,
)
boxes = st.one_of(st.just(MISS), values).map(Box)


def client() -> Client:
    """A client that takes any value."""
    return Client(SERVER, serializer=lambda key, value: (b"...", 0))


def report_of(function: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    """What a call of a function reports, if anything; any other error is one of tripwire's own."""
    try:
        function(*args, **kwargs)
    except tripwire.TripwireError as error:
        return str(error)
    return ""


class ReportsTest(unittest.TestCase):
    """Texts are made of anything: short ones, and each line a line that can be printed."""

    def setUp(self) -> None:
        """Unittest builds one test case for all examples, so each of them begins with `begin`."""
        self.begin()

    def begin(self) -> None:
        """Build a verifier and its plugin."""
        self.verifier, self.memcache = by_hand()

    def send(self, value: object) -> None:
        """Set a value in a sandbox."""
        with self.verifier.sandbox():
            client().set("k", value)

    def check(self, report: str) -> None:
        """Look at the form of a report."""
        self.assertLess(len(report), 5_000)
        self.assertEqual([line for line in report.split("\n") if not line.isprintable()], [])

    @quickly
    @given(boxes, boxes)
    def test_mismatch_and_unasserted(self, value: Box, expected: Box) -> None:
        """A value is recorded, another is asserted, and the test is verified."""
        self.begin()
        self.memcache.mock_command("SET", returns=True)
        self.send(value.value)
        with self.memcache.in_any_order():
            self.check(report_of(self.memcache.assert_set, "SET", "k", expected.value, 60))
        self.check(report_of(self.memcache.assert_set, "SET", "k", expected.value))
        self.check(report_of(self.verifier.verify_all))

    @quickly
    @given(boxes, boxes)
    def test_unmocked_and_unused(self, value: Box, expected: Box) -> None:
        """A mock waits for one value, and another comes."""
        self.begin()
        self.memcache.mock_command(
            "SET", returns=MISS, value=expected.value, required=False, times=2
        )
        self.memcache.mock_command("SET", returns=True, value=expected.value, server=expected.value)
        self.memcache.mock_command("GET", returns=expected.value, key=value.value)
        self.check(report_of(self.send, value.value))
        self.check(report_of(self.verifier.verify_all))

    @quickly
    @given(boxes)
    def test_outside_any_sandbox(self, value: Box) -> None:
        """A value is set where none may be."""
        anything: Any = value.value
        strict_set = tripwire.strict(lambda: client().set("k", anything, expire=anything))
        report = report_of(strict_set)
        self.assertIn("was called outside any sandbox", report)
        self.check(report)


ARGUMENTS: Dict[str, Any] = {
    "cas": b"7",
    "command": "version",
    "key": "k",
    "keys": ["k", b"l"],
    "memlimit": 64,
    "value": 5,
    "values": {"k": b"1"},
}
LOCAL = {"check_key", "close", "disconnect_all"}
METHODS = {
    name: [each for each in ARGUMENTS if each in inspect.signature(method).parameters]
    for name, method in sorted(vars(Client).items())
    if callable(method) and not name.startswith("_") and name not in LOCAL
}


class RepliesTest(unittest.TestCase):
    """The table of replies takes a reply, or refuses it; nothing else can happen."""

    @quickly
    @given(st.sampled_from(sorted(METHODS)), boxes)
    @example("incr", Box(b"5"))
    @example("get", Box("x"))
    @example("version", Box(b"1"))
    def test_any_reply_of_any_command(self, method: str, reply: Box) -> None:
        """What the code under test gets is the reply itself or a copy of it."""
        verifier, memcache = by_hand()
        try:
            memcache.mock_command(method, returns=reply.value)
        except ValueError as refused:
            self.assertIn(type(refused), (ValueError, tripwire.ImpossibleReplyError))
            return
        arguments = {name: ARGUMENTS[name] for name in METHODS[method]}
        with verifier.sandbox():
            try:
                got = getattr(client(), method)(**arguments)
            except tripwire.ImpossibleReplyMetError as met:
                self.assertIs(met.reply, reply.value)
                return
        self.assertIs(type(got) is type(reply.value), reply.value is not MISS)

    @quickly
    @given(st.sampled_from(sorted(METHODS)), values.map(Box))
    def test_any_reply_where_all_are_allowed(self, method: str, reply: Box) -> None:
        """Without the table, there is nothing that can refuse one."""
        verifier, memcache = by_hand(impossible_replies="allow")
        memcache.mock_command(method, returns=[reply.value])
        arguments = {name: ARGUMENTS[name] for name in METHODS[method]}
        with verifier.sandbox():
            got = getattr(client(), method)(**arguments)
        self.assertEqual(len(got), 1)
