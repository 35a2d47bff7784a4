"""Continuous integration knows every Python that the package says it runs on."""

from __future__ import annotations

import configparser
import re
import unittest
from typing import List

from tests.support.project import ROOT, document


class PythonsTest(unittest.TestCase):
    """The classifiers, the matrix and the hosted workflow name the same versions."""

    def setUp(self) -> None:
        """Read the settings."""
        self.config = configparser.ConfigParser(interpolation=None)
        self.config.read(ROOT / "setup.cfg", encoding="utf-8")
        self.pythons = re.findall(r":: (3\.\d+)$", self.config["metadata"]["classifiers"], re.M)
        [self.wasm] = re.findall(r'^PYTHON = "(.+)"$', document(".ci/wasm.py"), re.M)

    def cells(self, number: int) -> List[str]:
        """The Pythons in a line of the matrix."""
        line = self.config["tox:tox"]["env_list"].strip().splitlines()[number]
        [found] = re.findall(r"py\{([\d,]+)\}", line)
        return [f"{python[0]}.{python[1:]}" for python in found.split(",")]

    def test_matrix_has_every_python(self) -> None:
        """With the newest pymemcache; the oldest and the newest of tox's with the older ones."""
        self.assertEqual([*self.cells(0), self.wasm], self.pythons)
        self.assertEqual(self.cells(1), [self.cells(0)[0], self.cells(0)[-1]])

    def test_newest_is_the_one_of_webassembly(self) -> None:
        """The package of npm that carries it begins its version with it, without the dot."""
        self.assertIn(f'"pyodide@{self.wasm.replace(".", "")}"', document(".ci/wasm.py"))
        [matrix] = re.findall(r"^matrix:(?:.*\n\t)+.*", document("Makefile"), re.MULTILINE)
        self.assertIn(".ci/wasm.py", matrix)

    def test_workflow_sets_every_python_up_and_runs_what_one_runs_oneself(self) -> None:
        """In any order: the last one becomes `python3` there. Node is there already."""
        workflow = document(".github/workflows/ci.yml")
        found = re.findall(r"^ +(3\.\d+)$", workflow, re.MULTILINE)
        self.assertEqual(sorted(found), sorted(self.cells(0)))
        self.assertIn("- run: .ci/run\n", workflow)
