"""Whatever a server can say: what the real client makes of it is a reply that can be given.

SPECIFICATION 7.
"""

from __future__ import annotations

import json
import pickle
import unittest
from typing import Any, Dict

from hypothesis import given, settings
from hypothesis import strategies as st
from pymemcache.client.base import STAT_TYPES

from tests.replying.giving import give, read
from tests.replying.serdes import BOTH_WAYS, JSONS, reading
from tripwire._matching import alike

PROFILE = settings(max_examples=200, deadline=None)
WHITE = b" \t\n\r\x0b\x0c"
WORDS = st.binary(min_size=1, max_size=8).map(lambda word: word.translate(None, WHITE) or b"w")
KEYS = st.text("abc", min_size=1, max_size=3)
FLAGS = st.sampled_from([0, 1, 2, 3, 4, 8, 16, 2**32 - 1])
TOKENS = st.integers(0, 2**64 - 1).map(lambda token: b"%d" % token)

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text() | st.integers(), inner)
        | st.frozensets(st.integers())
    ),
    max_leaves=6,
)
HELD: Dict[str, Any] = {
    "bytes": st.binary(max_size=50),
    "texts": st.text().map(str.encode),
    "numbers": st.integers().map(lambda number: b"%d" % number),
    "pickles": VALUES.map(pickle.dumps),
    "JSON": st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=6,
    ).map(lambda value: json.dumps(value).encode()),
}
CLIENTS: Dict[str, Dict[str, Any]] = {
    "no deserializer": {},
    **BOTH_WAYS,
    **{f"JSON, {name}": options for name, options in JSONS.items()},
    "text": reading(bytes.decode),
    "numbers": reading(int),
}


def value(key: str, held: bytes, flags: int, cas: str = "") -> bytes:
    """Give the lines of a key that a server holds."""
    return f"VALUE {key} {flags} {len(held)}{cas}\r\n".encode() + held + b"\r\n"


class AnyAnswerTest(unittest.TestCase):
    """A reply that was read once can be given again."""

    def give_again(self, answer: bytes, method: str, *args: Any, **options: Any) -> None:
        """Read an answer; what comes out is a reply."""
        try:
            reply = read(answer, method, *args, **options)
        except Exception:
            # The client cannot read that.
            return
        again = give(reply, method, *args, **options)
        self.assertTrue(alike(reply, again), (reply, again))

    # Each example is some hundred replies.
    @settings(PROFILE, max_examples=50)
    @given(st.data(), FLAGS, TOKENS)
    def test_values(self, data: Any, flags: int, token: bytes) -> None:
        """Any bytes and flags, by any client."""
        for form, strategy in HELD.items():
            held = data.draw(strategy, label=form)
            # Random bytes are no pickles that one would want to load.
            for name, options in CLIENTS.items():
                if form != "bytes" or "pickle" not in name:
                    answer = value("k", held, flags) + b"END\r\n"
                    self.give_again(answer, "get", "k", object(), **options)
                    cas = f" {token.decode()}"
                    answer = value("k", held, flags, cas) + b"END\r\n"
                    self.give_again(answer, "gets", "k", object(), **options)

    @PROFILE
    @given(st.lists(KEYS, min_size=1), st.lists(KEYS), st.binary(), TOKENS)
    def test_keys(self, asked: Any, held: Any, data: bytes, token: bytes) -> None:
        """Any of the keys that were asked for, with repetitions."""
        keys = [key for key in asked if key in held]
        answer = b"".join(value(key, data, 0) for key in keys) + b"END\r\n"
        self.give_again(answer, "get_many", asked)
        pairs = [value(key, data, 0, f" {token.decode()}") for key in keys]
        self.give_again(b"".join(pairs) + b"END\r\n", "gets_many", asked)

    @PROFILE
    @given(
        st.lists(
            st.tuples(
                st.sampled_from([b"STAT", b"ITEM"]),
                WORDS | st.sampled_from(list(STAT_TYPES)),
                st.lists(
                    WORDS
                    | st.integers().map(lambda number: b"%d" % number)
                    | st.floats().map(lambda number: b"%r" % number)
                    | st.sampled_from([b"yes", b"no", b"0", b"1", b"0.5", b"1:5", b"1_0", b"+7"]),
                    max_size=3,
                ),
                # memcached says something of each item.
            ).filter(lambda line: line[0] == b"STAT" or line[2])
        )
    )
    def test_stats(self, lines: Any) -> None:
        """Any names and values, of any number of words."""
        answer = b"".join(b" ".join([what, name, *words]) + b"\r\n" for what, name, words in lines)
        self.give_again(answer + b"END\r\n", "stats")

    @PROFILE
    @given(st.binary(), st.sampled_from([b"\r\n", b"END", b"aa", b"aba", b"\x00"]))
    def test_lines(self, text: bytes, end: bytes) -> None:
        """Anything up to the end of it, and anything after."""
        self.give_again(b"VERSION " + text + b"\r\n", "version")
        self.give_again(text + end, "raw_command", "any", end)

    @PROFILE
    @given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
    def test_counters(self, there: int, amount: int) -> None:
        """What memcached makes of a counter and an amount."""
        self.give_again(b"%d\r\n" % ((there + amount) % 2**64), "incr", "k", amount)
        self.give_again(b"%d\r\n" % max(there - amount, 0), "decr", "k", amount)

    @PROFILE
    @given(st.dictionaries(KEYS, st.sampled_from([b"STORED\r\n", b"NOT_STORED\r\n"]), min_size=1))
    def test_stored_keys(self, answers: Any) -> None:
        """Any of them."""
        values = dict.fromkeys(answers, b"v")
        options = {"default_noreply": False}
        self.give_again(b"".join(answers.values()), "set_many", values, **options)
