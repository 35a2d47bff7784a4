"""Calls are laid out as ruff and black would."""

from __future__ import annotations

import ast
import importlib.util
import random
import subprocess
import sys
import textwrap
import unittest
from typing import List

from tripwire._accept.layout import WIDTH, columns, lay_out

PARTS = (
    "a",
    "session:",
    "x" * 7,
    "'",
    '"',
    "\\",
    "\n",
    "é",
    "漢",
    "\x00",
    "\u0301",
    "\u2028",
    "😀",
)
NUMBERS = (None, True, 1, -5, 3600, 1.5, 1e20, 1e-7, -2.5, 2 + 3j, 1j, 10**15)
MEMBERS = ("app.models.Color.RED", f"app.models.Color.{'X' * 30}")


class Samples:
    """Calls as tests have them, and worse."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def call(self) -> str:
        """A call, as one line of Python."""
        choice = self._random.choice
        arguments = [f"n{number}={self.value(0)}" for number in range(choice((0, 1, 2, 3, 4)))]
        if choice((True, False)):
            arguments.insert(0, self.value(0))
        name = "x" * choice((3, 5, 7, 11))
        return f"self.memcache.assert_{name}({', '.join(arguments)})"

    def value(self, depth: int) -> str:
        """An argument."""
        kinds = [self._number, self._text, self._bytes, self._flag]
        if depth < 3:
            kinds += [self._list, self._tuple, self._dict, self._set, self._constructor]
        return self._random.choice(kinds)(depth + 1)

    def _number(self, depth: int) -> str:
        return repr(self._random.choice(NUMBERS))

    def _text(self, depth: int) -> str:
        length = self._random.choice((0, 1, 2, 3, 5, 8, 20))
        return repr("".join(self._random.choices(PARTS, k=length)))

    def _bytes(self, depth: int) -> str:
        text: str = ast.literal_eval(self._text(depth))
        return repr(text.encode())

    def _flag(self, depth: int) -> str:
        return " | ".join(self._random.choices(MEMBERS, k=self._random.choice((1, 2, 3, 5))))

    def _several(self, depth: int) -> List[str]:
        return [self.value(depth) for _ in range(self._random.choice((0, 1, 1, 2, 3, 5, 9)))]

    def _list(self, depth: int) -> str:
        return f"[{', '.join(self._several(depth))}]"

    def _tuple(self, depth: int) -> str:
        members = self._several(depth)
        return f"({', '.join(members)}{',' if len(members) == 1 else ''})"

    def _set(self, depth: int) -> str:
        return f"{{{', '.join([self._bytes(depth), *self._several(depth)])}}}"

    def _dict(self, depth: int) -> str:
        return f"{{{', '.join(f'{self._text(depth)}: {each}' for each in self._several(depth))}}}"

    def _constructor(self, depth: int) -> str:
        names = self._random.choice(("", "name="))
        members = (
            f"{names and f'{names[:-1]}{number}='}{each}"
            for number, each in enumerate(self._several(depth))
        )
        return f"datetime.date({', '.join(members)})"


def expression(text: str) -> ast.expr:
    """A line of Python as `ast` has it."""
    return ast.parse(text, mode="eval").body


def nested(depth: int, lines: List[str]) -> str:
    """Lines inside of blocks."""
    heads = [f"{'    ' * number}if True:" for number in range(depth)]
    return "\n".join([*heads, *lines, ""])


class RuffTest(unittest.TestCase):
    """Compared with what ruff makes of it."""

    @unittest.skipUnless(importlib.util.find_spec("ruff"), "needs ruff")
    def test_ruff_changes_nothing(self) -> None:
        """In 500 calls, at any depth."""
        samples = Samples(1)
        ours = "".join(
            nested(number % 8, lay_out(expression(samples.call()), "    " * (number % 8), "    "))
            for number in range(500)
        )
        command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", "88"]
        run = subprocess.run(
            [*command, "--stdin-filename", "x.py", "-"],
            input=ours.encode(),
            capture_output=True,
            check=False,
        )
        self.assertEqual(run.returncode, 0, run.stderr.decode())
        self.assertEqual(run.stdout.decode().split("\n"), ours.split("\n"))

    def test_nothing_else_is_said(self) -> None:
        """The call is the same after it was laid out."""
        samples = Samples(2)
        for _ in range(200):
            text = samples.call()
            laid_out = "\n".join(lay_out(expression(text), "", "    "))
            self.assertEqual(ast.dump(expression(laid_out)), ast.dump(expression(text)))


class LayoutTest(unittest.TestCase):
    """The rules, one by one."""

    def check(self, text: str, expected: str, indent: str = "", unit: str = "    ") -> None:
        """A call is laid out like this."""
        lines = textwrap.dedent(expected).strip("\n").split("\n")
        self.assertEqual(lay_out(expression(text), indent, unit), lines)

    def test_one_line(self) -> None:
        """Where it fits."""
        self.check("f( 'a',k = b'b')", 'f("a", k=b"b")')
        text = f'f("{"a" * (WIDTH - 5)}")'
        self.check(text, text)

    def test_arguments_on_one_line(self) -> None:
        """Where they fit."""
        text = f'"{"a" * (WIDTH - 9)}", 1'
        self.check(f"assert_it({text})", f"assert_it(\n    {text}\n)")
        text = f'"{"a" * (WIDTH - 8)}"'
        self.check(f"assert_it({text}, 1)", f"assert_it(\n    {text},\n    1,\n)")

    def test_one_argument_on_each_line(self) -> None:
        """With a comma after the last."""
        one, two = f'"{"a" * 50}"', f'b"{"b" * 50}"'
        self.check(f"f({one}, k={two})", f"f(\n    {one},\n    k={two},\n)")

    def test_containers(self) -> None:
        """They are broken where their line would be too long."""
        long = f'"{"a" * 80}"'
        for opening, closing in ("[]", "()", "{}"):
            self.check(
                f"f(k={opening}1, {long}{closing})",
                f"f(\n    k={opening}\n        1,\n        {long},\n    {closing},\n)",
            )

    def test_tabs(self) -> None:
        """They take four columns."""
        text = f'f("{"a" * 70}", 1)'
        lines = [f'"{"a" * 70}",', "1,"]
        self.assertEqual(
            lay_out(expression(text), "\t\t\t", "\t"),
            ["\t\t\tf(", *(f"\t\t\t\t{line}" for line in lines), "\t\t\t)"],
        )

    def test_columns(self) -> None:
        """Some characters take two, and some none."""
        for text, expected in (("a\tb", 6), ("漢", 2), ("é", 1), ("é\t", 5), ("a\u0301", 1)):
            self.assertEqual(columns(text), expected, ascii(text))

    def test_quotes(self) -> None:
        """Double ones, unless that takes more backslashes."""
        for text, expected in (
            ("'it\\'s'", '"it\'s"'),
            ("'\"'", "'\"'"),
            ("'\\'\"'", '"\'\\""'),
            ("b'\\'\"\"'", "b'\\'\"\"'"),
            ("'\\\\'", '"\\\\"'),
        ):
            self.check(f"f({text})", f"f({expected})")

    def test_what_is_neither_literal_nor_call(self) -> None:
        """Is left to Python, on one line."""
        for text in (
            "a.b[0]",
            "f(**a)",
            "{**a, 1: 2}",
            "[*a]",
            "a * b",
            "a - (b - c)",
            "a - b | c",
            "(a or b) | d",
        ):
            self.check(f"g({text})", f"g({text})")
            broken = lay_out(expression(f"[{text}, {'a' * 90}]"), "", " ")
            self.assertEqual(broken[1], f" {text},")
