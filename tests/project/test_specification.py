"""Tests cite sections of SPECIFICATION.rst: each that is cited exists, and each is cited."""

from __future__ import annotations

import re
import unittest
from pathlib import Path
from typing import Dict, List, Set

from tests.support.project import TESTS, document

CITATION = re.compile(r"SPECIFICATION ((?:G?\d+[a-z]?(?:, )?)+)")


def sections() -> List[str]:
    """The numbers of the sections, as they stand there."""
    text = document("tests/SPECIFICATION.rst")
    return re.findall(r"^(G?\d+[a-z]?)\. .+\n~+$", text, re.MULTILINE)


def cited() -> Dict[str, Set[str]]:
    """The sections that each file of tests cites."""
    texts = {
        str(path.relative_to(TESTS)): path.read_text(encoding="utf-8")
        for path in TESTS.rglob("test_*.py")
    }
    del texts[str(Path(__file__).relative_to(TESTS))]
    return {
        name: {number for group in CITATION.findall(text) for number in group.split(", ")}
        for name, text in texts.items()
    }


class CitationsTest(unittest.TestCase):
    """The specification and the tests of it know each other."""

    def test_every_cited_section_exists(self) -> None:
        """Whichever test cites it."""
        for name, numbers in cited().items():
            with self.subTest(name):
                self.assertLessEqual(numbers, set(sections()))

    def test_every_section_is_cited(self) -> None:
        """What no test is about is no specification."""
        self.assertEqual(set(sections()) - set().union(*cited().values()), set())

    def test_numbers_are_given_once_and_in_order(self) -> None:
        """The guide's first."""
        numbers = [re.fullmatch(r"(G?)(\d+)([a-z]?)", each) for each in sections()]
        found = [(not each[1], int(each[2]), each[3]) for each in numbers if each]
        self.assertGreater(len(found), 30)
        self.assertEqual(found, sorted(set(found)))
