"""The text of an order that fails: many workers, long values, many steps, odd exceptions."""

from __future__ import annotations

import unittest
from typing import Any, List, Sequence

from tripwire.report.labels import Label
from tripwire.report.rounds import Row, exception_lines, failed_order


def text(rows: Sequence[Row], workers: str = "AB", **facts: Any) -> str:
    """A text with everything else as it mostly is."""
    given = {
        "schedule": "aA",
        "orders": 7,
        "failure": ["AssertionError: no"],
        "call": "self.run(only='aA')",
        **facts,
    }
    return failed_order(rows=rows, workers=list(workers), **given)


class TextsTest(unittest.TestCase):
    """Pinned whole."""

    maxDiff = None

    def test_long_values_are_wrapped_in_their_column(self) -> None:
        """And shortened where that is not enough."""
        rows = [
            Row("A", Label("SET 'a' b'x': True"), True),
            Row("B", Label(f"SET 'b' b'{'y' * 30}' and more words: True"), True),
            Row("B", Label(f"SET 'b' b'{'z' * 300}': True"), True),
        ]
        self.assertEqual(
            text(rows),
            """\
Order "aA" fails, after 7 orders:

       A                                   B
    1  SET 'a' b'x': True
    2                                      SET 'b'
                                             b'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyy
                                             ' and more words: True
    3                                      SET 'b' b'zzzzzzzzzzzzzzzzzzzzzzzz
                                             zzzzzzzzzz...zzzzzzzzzzzzzzzzzzz
                                             zzzzzzzzzzzzzzzzz': True

    AssertionError: no

This order alone: self.run(only='aA')""",
        )

    def test_three_and_four_workers_have_columns(self) -> None:
        """Narrower ones."""
        rows = [Row(worker, Label(f"GET '{worker}'"), True) for worker in "ABCD"]
        lines = text(rows, "ABCD").splitlines()
        self.assertEqual(lines[2], "       A                 B                 C                 D")
        self.assertEqual(
            lines[6], "    4                                                        GET 'D'"
        )
        lines = text(rows[:3], "ABC").splitlines()
        self.assertEqual(lines[2], "       A                       B                       C")

    def test_more_workers_have_letters(self) -> None:
        """One below the other."""
        rows = [
            Row("A", Label("(begins)"), False),
            Row("E", Label("GET 'x': None"), True),
            Row("B", Label("GET 'x' " + "y" * 100), True),
        ]
        self.assertEqual(
            text(rows, "ABCDE", orders=1),
            """\
Order "aA" fails, after 1 order:

       A  (begins)
    1  E  GET 'x': None
    2  B  GET 'x' yyyyyyyyyyyyyyyyyyyyyyyyy...yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy

    AssertionError: no

This order alone: self.run(only='aA')""",
        )

    def test_many_steps_are_left_out_in_the_middle(self) -> None:
        """Sixty are shown."""
        rows = [Row("A", Label("INCR"), True)] * 1_100
        lines = text(rows, orders=-1).splitlines()
        self.assertEqual(lines[0], 'Order "aA" fails:')
        self.assertEqual(lines[32:35], ["   30  INCR", "       ... 1,040 more ...", " 1071  INCR"])
        self.assertEqual(len(lines), 3 + 61 + 4)

    def test_no_line_is_wide(self) -> None:
        """Whatever there is to say."""
        for workers in ("A", "AB", "ABC", "ABCD", "ABCDEFGH"):
            rows: List[Row] = []
            for length in range(1, 150, 7):
                rows.append(Row(workers[length % len(workers)], Label("x" * length), True))
                rows.append(Row(workers[-1], Label("words " * length), True))
            lines = text(rows, workers, schedule="aA" * 200, orders=12_345).splitlines()
            self.assertLess(max(map(len, lines)), 80, workers)

    def test_nothing_to_say(self) -> None:
        """No step, an empty text."""
        self.assertIn("\n       A\n\n", text([], "A"))
        self.assertIn("\n    1\n", text([Row("A", Label(""), True)], "A"))


class ExceptionsTest(unittest.TestCase):
    """What an order failed with."""

    def test_it_has_its_name_and_its_text(self) -> None:
        """Where it has one."""
        self.assertEqual(exception_lines(ValueError("no")), ["ValueError: no"])
        self.assertEqual(exception_lines(ValueError()), ["ValueError"])

    def test_long_texts_are_shortened(self) -> None:
        """Ten lines of 130 characters, folded where they are longer than 75."""
        lines = exception_lines(ValueError("\n".join(["x" * 200] * 20)))
        self.assertEqual(len(lines), 21)
        self.assertEqual(lines[-1], "...")
        self.assertLess(max(map(len, lines)), 76)
        said = "  memcache.GET(...) was called in a place of a name that is rather long, by nobody"
        self.assertEqual(
            exception_lines(ValueError(f"no\n{said}")),
            [
                "ValueError: no",
                "  memcache.GET(...) was called in a place of a name that is rather long, by",
                "    nobody",
            ],
        )

    def test_what_would_break_a_terminal_is_escaped(self) -> None:
        """The ends of lines are kept, and nothing else that is no text."""
        lines = exception_lines(ValueError("a\x1b[2J\nb\x00"))
        self.assertEqual(lines, ["ValueError: a\\x1b[2J", "b\\x00"])

    def test_one_whose_text_cannot_be_shown(self) -> None:
        """It is no trouble."""

        class Odd(Exception):
            def __str__(self) -> str:
                raise ValueError

        self.assertEqual(exception_lines(Odd()), ["Odd: <Odd whose repr raised ValueError>"])
