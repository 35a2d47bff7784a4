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

    def cells(self, number: int) -> List[str]:
        """The Pythons in a line of the matrix."""
        line = self.config["tox:tox"]["env_list"].strip().splitlines()[number]
        [found] = re.findall(r"py\{([\d,]+)\}", line)
        return [f"{python[0]}.{python[1:]}" for python in found.split(",")]

    def test_matrix_has_every_python(self) -> None:
        """With the newest pymemcache; the oldest and the newest of them with the older ones."""
        self.assertEqual(self.cells(0), self.pythons)
        self.assertEqual(self.cells(1), [self.pythons[0], self.pythons[-1]])

    def test_workflow_sets_every_python_up_and_runs_what_one_runs_oneself(self) -> None:
        """In any order: the last one becomes `python3` there."""
        workflow = document(".github/workflows/ci.yml")
        found = re.findall(r"^ +(3\.\d+)$", workflow, re.MULTILINE)
        self.assertEqual(sorted(found), sorted(self.pythons))
        self.assertIn("- run: .ci/run\n", workflow)
