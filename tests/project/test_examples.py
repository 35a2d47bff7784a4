"""The examples do what a reader is told they do, when run as a reader runs them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from tests.support.platform import needs_processes
from tests.support.project import ROOT
from tripwire import UnassertedInteractionsError, UnmockedInteractionError, UnusedMocksError

EXAMPLES = ROOT / "examples"
FOLDERS = sorted(path.parent for path in EXAMPLES.glob("*/test_app.py"))


def python(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run Python in a folder, as strictly as the suite runs, with one stream for all it prints."""
    return subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", *arguments],
        cwd=folder,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


class ExamplesTest(unittest.TestCase):
    """Each folder of examples/ is run by itself."""

    def test_there_is_an_example_of_everything_promised(self) -> None:
        """No folder has lost its tests."""
        self.assertEqual(
            [folder.name for folder in FOLDERS],
            [
                "async_service",
                "django_cache",
                "doctest",
                "failover",
                "lock",
                "memcache_session",
                "negative_cache",
                "price",
                "rate_limiter",
                "visits",
            ],
        )

    @needs_processes
    def test_every_example_passes_and_imports_no_pytest(self) -> None:
        """Discovery finds tests in the folder, all pass, and none needs pytest."""
        for folder in FOLDERS:
            with self.subTest(folder.name):
                # importtime names every module that the run imported.
                run = python("-X", "importtime", "-m", "unittest", "discover", folder=folder)
                self.assertEqual(run.returncode, 0, run.stdout)
                self.assertRegex(run.stdout, r"\nRan [1-9]\d* tests? in .*\n\nOK\n")
                imported = set(re.findall(r"^import time:.*\| +(\S+)$", run.stdout, re.MULTILINE))
                self.assertIn("tripwire", imported)
                self.assertFalse({name for name in imported if "pytest" in name})


@needs_processes
class DemoTest(unittest.TestCase):
    """`make demo` shows three trips, and fails when anything else happens."""

    def setUp(self) -> None:
        """Copy the demo, with one example, to where a test may spoil it."""
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = Path(scratch.name)
        (self.root / ".ci").mkdir()
        shutil.copy(ROOT / ".ci" / "demo.py", self.root / ".ci")
        for example in ("rate_limiter", "trips"):
            shutil.copytree(EXAMPLES / example, self.root / "examples" / example)

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace a piece of a file of the copy."""
        path = self.root / "examples" / file
        text = path.read_text(encoding="utf-8")
        self.assertEqual(text.count(old), 1)
        path.write_text(text.replace(old, new), encoding="utf-8")

    def demo(self) -> subprocess.CompletedProcess[str]:
        """Run the copy."""
        return python(".ci/demo.py", folder=self.root)

    def test_demo_succeeds_with_exactly_three_trips(self) -> None:
        """The real reports of the three wrong tests are what the reader sees."""
        run = self.demo()
        self.assertEqual(run.returncode, 0, run.stdout)
        self.assertRegex(run.stdout, r"examples/rate_limiter: Ran \d+ tests, OK\n")
        self.assertIn("FAILED (failures=3)", run.stdout)
        for error in (UnassertedInteractionsError, UnusedMocksError, UnmockedInteractionError):
            self.assertEqual(run.stdout.count(f"{error.__qualname__}: "), 1, run.stdout)

    def test_demo_fails_without_one_of_the_trips(self) -> None:
        """A wrong test that was mended trips no more."""
        self.edit(
            "trips/wrong_on_purpose.py",
            '("DELETE", returns=True)',
            '("DELETE", returns=True, required=False)',
        )
        run = self.demo()
        self.assertEqual(run.returncode, 1, run.stdout)
        self.assertIn("FAILED (failures=2)", run.stdout)

    def test_demo_fails_with_another_trip(self) -> None:
        """A wrong test that is wrong in another way does not count."""
        self.edit(
            "trips/wrong_on_purpose.py", "load_session(self.client", "load_session(self.nothing"
        )
        run = self.demo()
        self.assertEqual(run.returncode, 1, run.stdout)
        self.assertIn("FAILED (failures=2, errors=1)", run.stdout)

    def test_demo_fails_with_an_example(self) -> None:
        """A broken example is shown whole, and fails the demo."""
        self.edit("rate_limiter/app.py", "count <= limit", "count < limit")
        run = self.demo()
        self.assertEqual(run.returncode, 1, run.stdout)
        self.assertIn("examples/rate_limiter: FAILED", run.stdout)
        self.assertIn("test_last_request_within_the_limit_passes", run.stdout)
