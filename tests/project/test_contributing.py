"""What CONTRIBUTING.rst says of the house, and of its commands, is so."""

from __future__ import annotations

import ast
import re
import unittest
from pathlib import Path
from typing import Iterator, List

import tripwire
from tests.project.test_architecture import LONGEST, WHITE_BOX
from tests.support.project import ROOT, TESTS, document

PACKAGE = Path(tripwire.__file__).resolve().parent


def rooms() -> List[str]:
    """The modules of the package, without their package's name, in the order of the table."""
    text = document("CONTRIBUTING.rst")
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
        empty = {room for room in files() if room.endswith(".__init__")}
        self.assertEqual(sorted(rooms()), sorted(set(files()) - empty))

    def test_imports_run_downwards(self) -> None:
        """A room imports those that stand below it."""
        order = rooms()
        for number, room in enumerate(order):
            with self.subTest(room):
                self.assertEqual(set(imported(room)) & set(order[:number]), set())


class TestsTest(unittest.TestCase):
    """The table of the folders of tests, and what is said of their files."""

    def test_every_folder_has_a_place(self) -> None:
        """And says itself what it is for."""
        table = document("CONTRIBUTING.rst").partition("\nTests\n")[2]
        shown = re.findall(r"^``(\w+)`` +\S", table.partition("\nA new command\n")[0], re.MULTILINE)
        packages = {path.parent for path in TESTS.glob("*/__init__.py")}
        self.assertEqual(sorted(shown), sorted(path.name for path in packages))
        for package in packages:
            source = (package / "__init__.py").read_text(encoding="utf-8")
            self.assertTrue(ast.get_docstring(ast.parse(source)), package)

    def test_longest_file_and_the_white_box_are_those_that_are_checked(self) -> None:
        """`test_architecture` keeps the files to this number and to this name."""
        text = document("CONTRIBUTING.rst")
        self.assertIn(f"than {LONGEST} lines", " ".join(text.split()))
        self.assertIn(f"``{WHITE_BOX.relative_to(ROOT)}``", text)


class CommandsTest(unittest.TestCase):
    """The table of the commands, and the place of the figures."""

    def setUp(self) -> None:
        """Read the document."""
        self.text = document("CONTRIBUTING.rst")

    def test_commands_are_those_of_make(self) -> None:
        """With the words of `make help`."""
        makefile = document("Makefile")
        targets = dict(re.findall(r"^([a-z]+):.*## (.*)$", makefile, re.MULTILINE))
        shown = dict(re.findall(r"^``make (\w+)`` +(\S.*)$", self.text, re.MULTILINE))
        self.assertEqual(shown, {name: targets[name] for name in shown})
        self.assertEqual(set(targets) - set(shown), {"help", "clean"})

    def test_figures_have_their_place(self) -> None:
        """`make bench` writes between the two marks."""
        self.assertRegex(self.text, r"\n\.\. speed-table-begin\n(.|\n)*\n\.\. speed-table-end\n")
