"""What a refusal advises, and what two readings of the same bytes tell.

SPECIFICATION 7.
"""

from __future__ import annotations

import json
import pickle
import unittest
from typing import Any, Callable, Dict, List, Tuple

from pymemcache import serde
from pymemcache.client.base import Client

from tests.replying.examples import (
    Plain,
)
from tests.replying.giving import give
from tests.replying.serdes import JSON, PICKLE, reading
from tripwire import ImpossibleReplyMetError


class AdviceTest(unittest.TestCase):
    """What a refusal says."""

    def refusal(self, reply: Any, *args: Any, **options: Any) -> Tuple[str, str]:
        """Give its two texts."""
        with self.assertRaises(ImpossibleReplyMetError) as caught:
            give(reply, *(args or ("get", "k")), **options)
        text = str(caught.exception)
        self.assertIn(f"The real client gives:\n    {caught.exception.possible}\n\n", text)
        # After the mock, and before what is said of every impossible reply.
        advice = text.partition("registered at ")[2].partition("\n\n")[2]
        return caught.exception.possible, advice.partition("To mock it all the same")[0].strip()

    raw = (
        "Raw(b'...', flags=0) in the place of the value says what the server\n"
        "holds, and the client reads that."
    )

    nothing = (
        "returns=MISS says that the server holds nothing; of several keys, leave\n"
        "out those that it does not hold."
    )

    def test_no_deserializer(self) -> None:
        """It shows the bytes that were meant."""
        for reply, args, possible in (
            ("v", ("get", "k"), "bytes such as b'v' (it has no deserializer), or the default"),
            (5, ("get", "k"), "bytes (it has no deserializer), or the default"),
            (
                ("v", b"1"),
                ("gets", "k"),
                "(bytes such as b'v' (it has no deserializer), a token such as b'7'), "
                "or the call's two defaults",
            ),
            (
                {"k": "v"},
                ("get_many", ["k"]),
                "a dict of keys that were asked for, as spelled, to bytes such as b'v' "
                "(it has no deserializer)",
            ),
        ):
            with self.subTest(args):
                self.assertEqual(self.refusal(reply, *args), (possible, self.raw))

    def test_shapes(self) -> None:
        """Without advice, which would help nobody."""
        for reply, args, options, possible in (
            ((b"v", 1), ("gets", "k"), {}, "(bytes, a token such as b'7'), or the call's two d"),
            ((b"v", 1), ("gets", "k"), PICKLE, "(value, a token such as b'7'), or the call's t"),
            ({"l": b"v"}, ("get_many", ["k"]), {}, "a dict of keys that were asked for, as spe"),
            ({"k": (1, 1)}, ("gets_many", ["k"]), PICKLE, "a dict of keys that were asked for, "),
            (["l"], ("set_many", {"k": 1}), {}, "a list of keys that were not stored, in the o"),
            (2**64 - 1, ("decr", "k", 5), {}, "an int from 0 to 2**64 - 1 - 5, or None"),
        ):
            with self.subTest(args, **options):
                text, advice = self.refusal(reply, *args, **options)
                self.assertEqual((text[: len(possible)], advice), (possible, ""))

    @unittest.skipUnless(hasattr(Client, "raw_command"), "this pymemcache has no raw_command")
    def test_command_by_hand(self) -> None:
        """Its end token, or what the client makes of an answer that is too long for it."""
        text, advice = self.refusal(b"a\r\n", "raw_command", "a")
        self.assertEqual((text, advice), ("bytes up to the first b'\\r\\n', without it", ""))
        text, advice = self.refusal(b"x" * 5_000, "raw_command", "a")
        self.assertIn("904 bytes), when it reads the answer that says this", text)
        self.assertEqual(advice, "")

    def test_something_else_comes_out(self) -> None:
        """It is shown."""
        text, advice = self.refusal((1, 2), **JSON)
        self.assertEqual(text, "[1, 2], which is what its serde makes of that")
        self.assertEqual(advice, self.raw)

    def test_not_serialized(self) -> None:
        """The serializer's own exception says why."""
        text, advice = self.refusal({1}, **JSON)
        self.assertEqual(
            text,
            "what its serde can store, and that it cannot: TypeError: Object of type set is not "
            "JSON serializable, or the default",
        )
        self.assertEqual(advice, self.raw)

    def test_class_inside_a_function(self) -> None:
        """Nobody sees at once that it is why."""

        class Local:
            pass

        for reply in (Local(), [Local()]):
            text, advice = self.refusal(reply, **PICKLE)
            self.assertIn("Local", text)
            self.assertEqual(
                advice,
                "A class inside a function cannot be pickled: move it to the top of\n"
                f"its module.\n{self.raw}",
            )

    def test_none_for_a_miss(self) -> None:
        """It is a miss where it is the call's default, and nowhere else."""
        for args, reply, options in (
            (("get", "k", "default"), None, {}),
            (("get", "k", "default"), None, reading(int)),
            (("gets", "k", "default"), (None, None), {}),
            (("get_many", ["k"]), {"k": None}, {}),
            (("gets_many", ["k"]), {"k": (None, None)}, {}),
        ):
            with self.subTest(args, **options):
                self.assertEqual(
                    self.refusal(reply, *args, **options)[1], f"{self.nothing}\n{self.raw}"
                )

    def test_nothing_is_found(self) -> None:
        """For a deserializer alone."""
        text, advice = self.refusal({1}, **reading(json.loads))
        self.assertEqual(
            text, "what its deserializer makes of bytes; of none it makes that, or the default"
        )
        self.assertEqual(advice, self.raw)


class ReadingAgainTest(unittest.TestCase):
    """The same bytes, read a second time."""

    def readings(self, *values: Any) -> Dict[str, Any]:
        """Give the options of a client that reads these values, one after the other."""
        left = iter(values)

        def read(value: bytes) -> Any:
            got = next(left)
            if isinstance(got, Exception):
                raise got
            return got

        return {
            "serializer": lambda key, value: (json.dumps(value), 1),
            "deserializer": lambda key, value, flags: read(value),
        }

    def test_readings_that_differ_say_nothing(self) -> None:
        """What came out first is what the caller gets."""
        self.assertEqual(give(1, "get", "k", **self.readings(2, 3)), 2)
        self.assertEqual(give({"k": 1}, "get_many", ["k"], **self.readings(2, 3)), {"k": 2})
        self.assertEqual(give((1, b"5"), "gets", "k", **self.readings(2, 3)), (2, b"5"))

    def test_reading_that_fails_says_nothing(self) -> None:
        """Nor does a deserializer that works once."""
        self.assertEqual(give(1, "get", "k", **self.readings(2, LookupError())), 2)

    def test_objects_of_another_type(self) -> None:
        """Two of a type are alike, and so neither is the reply."""
        options = self.readings(Plain(), Plain(), *[2] * 50)
        with self.assertRaises(ImpossibleReplyMetError):
            give(1, "get", "k", **options)


class CountingTest(unittest.TestCase):
    """How often the serde is asked."""

    def test_once_each_way(self) -> None:
        """As long as nothing is about to be refused."""
        asked: List[str] = []

        def serializer(key: Any, value: Any) -> Tuple[bytes, int]:
            asked.append("write")
            return pickle.dumps(value), 1

        def deserializer(key: Any, value: bytes, flags: int) -> Any:
            asked.append("read")
            return pickle.loads(value)

        client: Callable[..., Any] = Client
        give({"a": 1}, "get", "k", kind=client, serializer=serializer, deserializer=deserializer)
        self.assertEqual(asked, ["write", "read"])

    def test_pickled_bytes_are_not_written(self) -> None:
        """They are stored as they are."""
        self.assertEqual(give(b"v", "get", "k", serde=serde.pickle_serde), b"v")
