"""The examples in the docstrings are true."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import unittest
from typing import Dict, List

import tripwire


def examples() -> Dict[str, List[doctest.DocTest]]:
    """The docstrings of each module that have examples."""
    found: Dict[str, List[doctest.DocTest]] = {}
    for module in pkgutil.walk_packages(tripwire.__path__, "tripwire."):
        tests = doctest.DocTestFinder(exclude_empty=True).find(importlib.import_module(module.name))
        found[module.name] = [test for test in tests if test.examples]
    return found


class DocstringsTest(unittest.TestCase):
    """What one tries in a shell does as it says."""

    def test_examples_pass(self) -> None:
        """Each docstring by itself, with the names of its module."""
        tests = [test for of_module in examples().values() for test in of_module]
        runner = doctest.DocTestRunner(verbose=False)
        for test in tests:
            with self.subTest(test.name):
                printed: List[str] = []
                failed, attempted = runner.run(test, out=printed.append)
                self.assertEqual(failed, 0, "".join(printed))
                self.assertGreater(attempted, 1)

    def test_what_a_user_begins_with_has_an_example(self) -> None:
        """The four ways into a test, and the store."""
        names = {test.name.rpartition(".")[2] for each in examples().values() for test in each}
        self.assertEqual(
            names, {"MemcachePlugin", "Store", "StrictVerifier", "TripwireTestCase", "strict"}
        )
