"""Labels of commands: what is left of one where there is not much room."""

from __future__ import annotations

import unittest
from itertools import count
from typing import Any, List

from tripwire.report.labels import (
    WITH_KEYS,
    Label,
    Later,
    forms,
    placed,
    same,
    told_apart,
    words,
)
from tripwire.report.values import brief, elided


def within(*widths: int) -> List[Any]:
    """Stages for lines so long."""
    return [(slice(None), lambda text, width=width: len(text) <= width) for width in widths]


def command(key: str, value: Any = b"v" * 50, **more: Any) -> Label:
    """A command with a key and a value."""
    return Label("CAS", ((repr(key), words(value)),), **{"more": ("cas=b'1'",), **more})


class FormsTest(unittest.TestCase):
    """The longest form that there is room for."""

    def shown(self, label: Label, width: int) -> str:
        """One of them."""
        (text,) = told_apart([label], within(width))
        return text

    def test_what_goes_first(self) -> None:
        """A detail, then most of a value, then most of an outcome, then the value."""
        label = command("cart:ada", detail="expire=60", outcome=words((b"o" * 60, b"3")))
        whole = (
            "CAS 'cart:ada' b'vvvvvvvvvvvvvvvvvvvv'...b'vvvvvvvvvv' (50 bytes) expire=60 cas=b'1': "
            "(b'oooooo'...b'oooo' (60 bytes), b'3')"
        )
        self.assertEqual(str(label), whole)
        self.assertEqual(self.shown(label, 130), whole)
        shorter = [self.shown(label, len(whole) - less) for less in (1, 11, 30, 60)]
        self.assertEqual(
            shorter,
            [
                whole.replace("expire=60 ", ""),
                "CAS 'cart:ada' b'vvvvvvvv'...b'vvvv' (50 bytes) cas=b'1': "
                "(b'oooooo'...b'oooo' (60 bytes), b'3')",
                "CAS 'cart:ada' b'vvvvvvvv'...b'vvvv' (50 bytes) cas=b'1': "
                "(b'ooooo'...b'ooo' (60 bytes), b'3')",
                "CAS 'cart:ada' ... cas=b'1': (b'ooooo'...b'ooo' (60 bytes), b'3')",
            ],
        )

    def test_keys_are_cut_last_and_keep_both_ends(self) -> None:
        """The command and the token stay."""
        label = command("user:" + "k" * 60 + ":tray")
        self.assertEqual(
            self.shown(label, 60), "CAS 'user:kkkkkkkkkkkkk...kkkkkkkkkkkk:tray' ... cas=b'1'"
        )
        self.assertEqual(self.shown(label, 40), "CAS 'user:k...:tray' ... cas=b'1'")

    def test_of_many_keys_the_first_and_the_last(self) -> None:
        """And how many there are between them."""
        label = Label("GET_MANY", tuple((f"'key-{number}'", same("")) for number in range(99)))
        self.assertEqual(self.shown(label, 60), "GET_MANY 'key-0', ... 97 more ..., 'key-98'")

    def test_a_command_without_keys(self) -> None:
        """Its middle goes."""
        label = Label("x" * 100)
        self.assertEqual(self.shown(label, 70), elided("x" * 100, 68, start=1 / 2))

    def test_where_there_is_no_room(self) -> None:
        """The shortest form it is."""
        self.assertEqual(self.shown(command("a"), 1), "CAS 'a' ... cas=b'1'")

    def test_a_value_that_is_made_later(self) -> None:
        """Once, and where it is asked for; not any more where it was forgotten before."""
        numbers = count(1)
        first, second = (Later(7, lambda: next(numbers)) for _ in range(2))
        self.assertEqual({first, second}, {first})
        self.assertNotEqual(first, same("1"))
        texts = [str(Label("SET", (("'k'", first),))) for _ in range(2)]
        first.forget()
        second.forget()
        texts += [str(Label("SET", (("'k'", each),))) for each in (first, second)]
        self.assertEqual(texts, [*["SET 'k' 1"] * 3, "SET 'k' ..."])

    def test_no_text_is_cut_twice(self) -> None:
        """Each form has one elision for each thing that was cut."""
        for text in forms(command("user:" + "k" * 60, "s" * 80)):
            self.assertNotIn("....", text)
            self.assertLessEqual(text.count("..."), 2)


class ApartTest(unittest.TestCase):
    """Labels that differ are shown differently."""

    def test_what_would_look_the_same_has_more_room(self) -> None:
        """And is whole where that is not enough."""
        first, second = (command("user:" + "k" * 60 + middle + "k" * 60) for middle in "ab")
        other = command("short", b"")
        texts = told_apart([first, second, other, first], within(60))
        self.assertEqual(texts, [str(first), str(second), "CAS 'short' b'' cas=b'1'", str(first)])

    def test_one_with_keys_alone(self) -> None:
        """A stage may take forms with whole keys only."""
        label = command("user:" + "k" * 60)
        stages = [(WITH_KEYS, within(40)[0][1]), *within(75)]
        expected = "CAS 'user:kkkkkkkkkkkkk...kkkkkkkkkkkkkkkkk' ... cas=b'1'"
        self.assertEqual(told_apart([label], stages), [expected])

    def test_servers_are_named_where_a_key_is_on_several(self) -> None:
        """And commands without keys, too."""
        labels = [
            command("a", b"", place="one"),
            command("a", b"", place="two"),
            command("b", b"", place="two"),
            Label("FLUSH_ALL", place="one"),
            Label("FLUSH_ALL", place="two"),
            Label("(begins)"),
        ]
        self.assertEqual(
            [str(each) for each in placed(labels)],
            [
                "CAS 'a' b'' cas=b'1' on one",
                "CAS 'a' b'' cas=b'1' on two",
                "CAS 'b' b'' cas=b'1'",
                "FLUSH_ALL on one",
                "FLUSH_ALL on two",
                "(begins)",
            ],
        )


class BriefTest(unittest.TestCase):
    """Containers that are too long show some of their members."""

    def test_members_are_cut_and_not_cut_again(self) -> None:
        """A token beside a long value is seen."""
        self.assertEqual(brief((b"v" * 90, b"3"), 30), "(b'vvvvvv'...b'vvvv' (90 bytes), b'3')")
        self.assertEqual(
            brief({"a": [1] * 50, "b": 2}, 20), "{'a': [1, 1, 1, ... 47 more], 'b': 2}"
        )
        self.assertEqual(brief([[[[1] * 90]]], 20), "[[[...]]]")
        self.assertEqual(brief([1, 2], 20), "[1, 2]")

    def test_one_that_cannot_be_read(self) -> None:
        """Its type is told."""

        class Odd(list):  # type: ignore[type-arg]  # it has no items
            __repr__ = list.__repr__

            def __len__(self) -> int:
                raise ValueError

        odd = Odd(range(100))
        self.assertEqual(brief(odd, 20), "<Odd whose repr raised ValueError>")
