"""`TRIPWIRE_ACCEPT=1` under every runner, each in a process of its own.

SPECIFICATION 46, 47, 48.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import unittest
from importlib.util import find_spec
from pathlib import Path
from typing import List

from tests.accept.shop import SOURCE
from tests.support.platform import needs_processes
from tests.support.project import ROOT

SETTINGS = 'SECRET_KEY = "for tests"\nINSTALLED_APPS = []\nDATABASES = {}\nUSE_TZ = True\n'

CHILD = "TRIPWIRE_ACCEPT writes nothing into this test: it ran in a child process."


@needs_processes
class CommandLineTestCase(unittest.TestCase):
    """Has a folder with the module, and runs it."""

    maxDiff = None

    def setUp(self) -> None:
        """Make the folder."""
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name).resolve()
        self.path = self.folder / "test_shop.py"
        self.path.write_text(SOURCE, encoding="utf-8")

    def run_tests(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run Python in the folder."""
        kept = {name: value for name, value in os.environ.items() if name != "CI"}
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env={**kept, "PYTHONPATH": path, "DJANGO_SETTINGS_MODULE": "settings", **environ},
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def accept(self, *arguments: str) -> List[bytes]:
        """Run the tests twice, first with the variable: then they are green. Gives new lines."""
        before = self.path.read_bytes()
        first = self.run_tests(*arguments, TRIPWIRE_ACCEPT="1")
        self.assertNotEqual(first.returncode, 0, first.stdout)
        self.assertIn("wrote what 12 tests lacked into 1 file:", first.stdout)
        self.assertNotIn("left alone", first.stdout)
        second = self.run_tests(*arguments)
        self.assertEqual(second.returncode, 0, second.stdout)
        self.assertRegex(second.stdout, r"\nRan 12 tests in .*\n\nOK\n")
        return added(before, self.path.read_bytes())


def added(before: bytes, after: bytes) -> List[bytes]:
    """The lines that are new; an `AssertionError` where a byte of the others is gone."""
    old = before.splitlines(keepends=True)
    new = []
    for line in after.splitlines(keepends=True):
        if old and line == old[0]:
            del old[0]
        else:
            new.append(line)
    assert not old, f"no longer there: {old[0]!r}"
    return new


class RunnersTest(CommandLineTestCase):
    """Three classes, twelve tests, and not one assertion."""

    def test_module(self) -> None:
        """`python -m unittest test_shop`."""
        new = self.accept("-m", "unittest", "test_shop")
        self.assertEqual(len([line for line in new if b".assert_" in line]), 32)

    def test_discover(self) -> None:
        """`python -m unittest discover`."""
        self.accept("-m", "unittest", "discover")

    def test_file(self) -> None:
        """`python test_shop.py`."""
        self.accept("test_shop.py")

    @unittest.skipUnless(find_spec("django"), "needs Django")
    def test_django_s_runner(self) -> None:
        """`django-admin test`."""
        (self.folder / "settings.py").write_text(SETTINGS, encoding="utf-8")
        self.accept("-m", "django", "test")

    @unittest.skipUnless(find_spec("tblib"), "Django's runner sends tracebacks by way of tblib")
    def test_parallel(self) -> None:
        """Child processes print, and write nothing: they do not know of each other's passes."""
        (self.folder / "settings.py").write_text(SETTINGS, encoding="utf-8")
        self.check_children("django", "test", "--parallel", "2")

    def test_two_processes(self) -> None:
        """So do those of a runner that starts them anew."""
        self.check_children("unittest_parallel", "-j", "2", "--level", "class")

    def check_children(self, *arguments: str) -> None:
        """Each test prints why nothing is written."""
        # An IsolatedAsyncioTestCase cannot be sent to another process.
        plain = SOURCE.replace(", unittest.IsolatedAsyncioTestCase", "").replace("async ", "")
        self.path.write_text(plain, encoding="utf-8")
        run = self.run_tests("-m", *arguments, TRIPWIRE_ACCEPT="1")
        self.assertEqual(run.stdout.count(CHILD), 12, run.stdout)
        self.assertEqual(self.path.read_text(encoding="utf-8"), plain)


class FilesTest(CommandLineTestCase):
    """The same module in other hands."""

    def accept_as(self, data: bytes) -> List[bytes]:
        """As `accept`, of a file with these bytes."""
        self.path.write_bytes(data)
        return self.accept("-m", "unittest", "test_shop")

    def test_carriage_returns(self) -> None:
        """New lines end as the others."""
        new = self.accept_as(SOURCE.replace("\n", "\r\n").encode())
        self.assertTrue(all(line.endswith(b"\r\n") for line in new))

    def test_tabs(self) -> None:
        """New lines are indented as the others."""
        new = self.accept_as(SOURCE.replace(" " * 4, "\t").encode())
        self.assertTrue(all(line.startswith(b"\t\t") for line in new))

    def test_latin_1(self) -> None:
        """New lines are in the encoding of the file."""
        self.accept_as(SOURCE.replace("coding: utf-8", "coding: latin-1").encode("latin-1"))

    def test_no_newline_at_the_end(self) -> None:
        """The file has none afterwards, either."""
        self.accept_as(SOURCE.rstrip("\n").encode())
        self.assertFalse(self.path.read_bytes().endswith(b"\n"))


class SwitchTest(CommandLineTestCase):
    """When it is on."""

    def test_off(self) -> None:
        """Without the variable, or with 0: tests fail as ever, and nothing of it is loaded."""
        script = "import sys, tripwire; print([n for n in sys.modules if '_accept.' in n])"
        self.assertEqual(self.run_tests("-c", script).stdout, "[]\n")
        for environ in ({}, {"TRIPWIRE_ACCEPT": "0"}, {"TRIPWIRE_ACCEPT": ""}):
            run = self.run_tests("-m", "unittest", "test_shop", **environ)
            self.assertIn("UnmockedInteractionError: memcache.GET(...) was called", run.stdout)
            self.assertNotIn("TRIPWIRE_ACCEPT", run.stdout)
            self.assertEqual(self.path.read_text(encoding="utf-8"), SOURCE)

    def test_ci(self) -> None:
        """There, nothing is written; each test and the summary say so."""
        run = self.run_tests("-m", "unittest", "test_shop", TRIPWIRE_ACCEPT="1", CI="true")
        said = "TRIPWIRE_ACCEPT writes nothing into this test: CI is set in the environment."
        self.assertEqual(run.stdout.count(said), 12, run.stdout)
        self.assertIn("\n12 tests were left alone:\n", run.stdout)
        self.assertEqual(self.path.read_text(encoding="utf-8"), SOURCE)
