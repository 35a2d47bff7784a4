"""A module of strict tests on the disk, run with what is missing being written, and run again."""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import sys
import tempfile
import textwrap
import unittest
from functools import partial
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any, Dict, Iterator, List, Mapping, Optional
from unittest import mock

from tests.support.platform import need_for
from tripwire._accept.acceptance import Acceptance
from tripwire._accept.verifier import AcceptingVerifier

HEAD = """\
import unittest
import tripwire
from pymemcache.client.base import Client

client = Client(("localhost", 11211))


def load(key):
    value = client.get(key)
    if value is None:
        client.set(key, b"v", expire=60)
    return value


"""
"""How most modules begin: an application with a cache."""

_numbers = itertools.count()


class Outcome:
    """How a run of all tests of a module ended.

    Attributes: `failed` (what each test that failed said, by its name; `errors` included), `names`
    (of all tests), `green` (whether none failed).
    """

    def __init__(self, result: unittest.TestResult, names: List[str]) -> None:
        self.names = names
        self.failed: Dict[str, str] = {}
        for test, text in (*result.failures, *result.errors):
            name = test.id().rpartition(".")[2]
            self.failed[name] = self.failed.get(name, "") + text
        self.unexpected = [test.id().rpartition(".")[2] for test in result.unexpectedSuccesses]
        self.green = result.wasSuccessful()


class Trial:
    """One module of strict tests.

    Args:
        case: the test that it belongs to.
        tests: what follows the head.
        environ: the environment of the run.
        head: what the module begins with.
    """

    def __init__(
        self,
        case: unittest.TestCase,
        tests: str,
        environ: Optional[Mapping[str, str]] = None,
        head: str = HEAD,
    ) -> None:
        need_for(head + tests)
        folder = tempfile.TemporaryDirectory()
        case.addCleanup(folder.cleanup)
        self.path = Path(folder.name).resolve() / "test_app.py"
        self.before = head + textwrap.dedent(tests).lstrip("\n")
        self.path.write_text(self.before)
        self.acceptance = Acceptance({} if environ is None else environ)
        self.summary = ""

    def accept(self) -> Outcome:
        """Run all tests, and have written what they lack."""
        outcome = self.run_once()
        self.summary = self.acceptance.finish()
        return outcome

    def run_once(self) -> Outcome:
        """Run all tests, and write nothing yet."""
        make = partial(AcceptingVerifier, self.acceptance)
        with mock.patch("tripwire._accepting.new_verifier", make):
            return self.run_plainly()

    def run_plainly(self) -> Outcome:
        """Run all tests as ever."""
        with self._module() as module:
            suite = unittest.defaultTestLoader.loadTestsFromModule(module)
            # What is loaded from a module is a suite of suites, one for each class.
            of_classes: Any = list(suite)
            names = [test.id() for each in of_classes for test in each]
            result = unittest.TestResult()
            suite.run(result)
            return Outcome(result, names)

    @contextlib.contextmanager
    def _module(self) -> Iterator[ModuleType]:
        name = f"test_app_{next(_numbers)}"
        loader = SourceFileLoader(name, str(self.path))
        spec = importlib.util.spec_from_loader(name, loader)
        assert spec is not None
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        try:
            loader.exec_module(module)
            yield module
        finally:
            del sys.modules[name]

    def added(self) -> List[str]:
        """The lines that the file has now and had not, without what indents them."""
        left = self.before.splitlines()
        new = []
        for line in self.path.read_text().splitlines():
            if left and line == left[0]:
                del left[0]
            else:
                new.append(line.strip())
        assert not left, f"no longer there: {left[0]!r}"
        return new


class TrialTestCase(unittest.TestCase):
    """Runs modules, and compares what was written into them."""

    maxDiff = None

    def trial(
        self, body: str, environ: Optional[Mapping[str, str]] = None, head: str = ""
    ) -> Trial:
        """A module with one test, `test_it` of a `TripwireTestCase`, with this body."""
        indented = textwrap.indent(textwrap.dedent(body), " " * 8)
        source = "class ShopTest(tripwire.TripwireTestCase):\n    def test_it(self):\n" + indented
        return Trial(self, source, environ, HEAD + head)

    def assert_written(self, trial: Trial, *lines: str) -> Outcome:
        """The test fails, these lines are added, and then it is green."""
        outcome = trial.accept()
        self.assertTrue(outcome.failed, "nothing failed")
        for text in outcome.failed.values():
            self.assertIn("TRIPWIRE_ACCEPT writes these lines when the run is over", text)
        self.assertEqual(trial.added(), list(lines))
        again = trial.run_plainly()
        self.assertTrue(again.green, again.failed)
        return outcome

    def assert_left_alone(self, trial: Trial, reason: str, says: bool = True) -> str:
        """Nothing is added; the summary says why, and, unless told otherwise, what failed does.

        Gives what failed.
        """
        outcome = trial.accept()
        self.assertEqual(trial.added(), [])
        self.assertIn(f"        {reason}", trial.summary.splitlines(), trial.summary)
        text = "".join(outcome.failed.values())
        said = f"TRIPWIRE_ACCEPT writes nothing into this test: {reason}."
        self.assertEqual(said in text, says, text)
        return text
