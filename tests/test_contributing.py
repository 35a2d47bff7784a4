"""What CONTRIBUTING.rst says of the house, and of its commands, is so."""

from __future__ import annotations

import ast
import re
import unittest
from pathlib import Path
from typing import Iterator, List

import tripwire

PACKAGE = Path(tripwire.__file__).resolve().parent
ROOT = PACKAGE.parent


def rooms() -> List[str]:
    """The modules of the package, without their package's name, in the order of the table."""
    text = (ROOT / "CONTRIBUTING.rst").read_text(encoding="utf-8")
    table = text.partition("\nThe house\n")[2].partition("\nThe way of one call\n")[0]
    cells = re.findall(r"^``.*?  ", table, re.MULTILINE)
    return [name.replace("/", ".") for cell in cells for name in re.findall(r"[\w/]+", cell)]


def files() -> List[str]:
    """The same, as they are found."""
    paths = (path.relative_to(PACKAGE).with_suffix("") for path in PACKAGE.rglob("*.py"))
    return [".".join(path.parts) for path in paths]


def imported(room: str) -> Iterator[str]:
    """The rooms that a room imports when it is imported itself."""
    source = (PACKAGE / f"{room.replace('.', '/')}.py").read_text(encoding="utf-8")
    for node in ast.parse(source).body:
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("tripwire"):
            _, _, module = str(node.module).partition(".")
            yield module
            yield from (f"{module}.{alias.name}".strip(".") for alias in node.names)


class HouseTest(unittest.TestCase):
    """The table of the rooms."""

    def test_every_room_has_a_place(self) -> None:
        """Those of the packages, which are empty, need none."""
        empty = {"plugins.__init__", "plugins._memcache.__init__", "report.__init__"}
        self.assertEqual(sorted(rooms()), sorted(set(files()) - empty))

    def test_imports_run_downwards(self) -> None:
        """A room imports those that stand below it."""
        order = rooms()
        for number, room in enumerate(order):
            with self.subTest(room):
                self.assertEqual(set(imported(room)) & set(order[:number]), set())


class CommandsTest(unittest.TestCase):
    """The table of the commands, and the place of the figures."""

    def setUp(self) -> None:
        """Read the document."""
        self.text = (ROOT / "CONTRIBUTING.rst").read_text(encoding="utf-8")

    def test_commands_are_those_of_make(self) -> None:
        """With the words of `make help`."""
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        targets = dict(re.findall(r"^([a-z]+):.*## (.*)$", makefile, re.MULTILINE))
        shown = dict(re.findall(r"^``make (\w+)`` +(\S.*)$", self.text, re.MULTILINE))
        self.assertEqual(shown, {name: targets[name] for name in shown})
        self.assertEqual(set(targets) - set(shown), {"help", "clean"})

    def test_figures_have_their_place(self) -> None:
        """`make bench` writes between the two marks."""
        self.assertRegex(self.text, r"\n\.\. speed-table-begin\n(.|\n)*\n\.\. speed-table-end\n")
