"""Runners that send results between processes report every failure and every finding.

SPECIFICATION 27.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import unittest
from importlib.util import find_spec
from pathlib import Path
from typing import Dict, List

from tests.support.platform import needs_processes
from tests.support.project import ROOT

SETTINGS = """
SECRET_KEY = "for tests"
INSTALLED_APPS = []
DATABASES = {}
USE_TZ = True
"""

SUITE = """
import threading
from contextlib import suppress

from django.test import SimpleTestCase
from pymemcache.client.base import Client

from tripwire import TripwireTestCase

CLIENT = Client(("localhost", 11211))


def careless():
    with suppress(Exception):
        CLIENT.get("k")


class PlainTest(TripwireTestCase):
    def test_passes(self):
        self.memcache.expect("GET", key="k", returns=b"v")
        with self.sandbox():
            self.assertEqual(CLIENT.get("k"), b"v")

    def test_unasserted(self):
        self.memcache.mock_command("GET", returns=b"v")
        with self.sandbox():
            CLIENT.get("k")

    def test_unmocked(self):
        with self.sandbox():
            CLIENT.get("k")

    def test_swallowed(self):
        with self.sandbox():
            careless()

    def test_impossible(self):
        self.memcache.mock_command("GET", returns="text")
        with self.sandbox():
            CLIENT.get("k")

    def test_order(self):
        def count_visit():
            cache = Client(("localhost", 11211))
            cache.set("visits", int(cache.get("visits")) + 1)

        def scenario(together):
            store = self.memcache.store({"visits": 0})
            together(count_visit, count_visit)
            self.assertEqual(store["visits"], b"2")

        before = set(threading.enumerate())
        try:
            self.memcache.interleave(scenario)
        finally:
            assert not set(threading.enumerate()) - before

    def test_subtests(self):
        self.memcache.expect("GET", key="b", returns=b"v")
        with self.sandbox():
            for key in "abc":
                with self.subTest(key=key):
                    CLIENT.get(key)


class DjangoTest(TripwireTestCase, SimpleTestCase):
    def test_unused(self):
        self.memcache.mock_command("GET", returns=b"v")

    def test_outside(self):
        CLIENT.get("k")

    def test_misuse(self):
        self.memcache.mock_command("INCR", returns=b"text")

    def test_fails(self):
        self.assertEqual(1, 2)

    async def test_async(self):
        self.memcache.expect("GET", key="k", returns=b"v")
        with self.sandbox():
            self.assertEqual(CLIENT.get("k"), b"v")

    async def test_async_swallowed(self):
        with self.sandbox():
            careless()
            self.memcache.mock_command("SET", returns=True)
"""

REPORTED = {
    "AssertionError": 2,
    "tripwire.errors.ImpossibleReplyError": 1,
    "tripwire.errors.ImpossibleReplyMetError": 1,
    "tripwire.errors.InterleavingError": 1,
    "tripwire.errors.SandboxNotActiveError": 1,
    "tripwire.errors.SwallowedAndUnusedError": 1,
    "tripwire.errors.SwallowedViolationError": 1,
    "tripwire.errors.UnassertedInteractionsError": 1,
    "tripwire.errors.UnmockedInteractionError": 3,
    "tripwire.errors.UnusedMocksError": 1,
}
"""How often each error is told: once for each failing test and subtest, and as an order's cause."""


@needs_processes
class ParallelRunnersTest(unittest.TestCase):
    """The suite above, run by them in two processes."""

    def setUp(self) -> None:
        """Write the suite."""
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)
        (self.folder / "settings.py").write_text(SETTINGS, encoding="utf-8")
        (self.folder / "test_suite.py").write_text(SUITE, encoding="utf-8")

    def check(self, module: str, *arguments: str) -> None:
        """Run a runner, and compare what it reports with what there is to report."""
        run = subprocess.run(
            [sys.executable, "-X", "dev", "-W", "error", "-m", module, *arguments],
            cwd=self.folder,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "settings",
                "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
            },
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.assertNotEqual(run.returncode, 0, run.stdout)
        self.assertRegex(run.stdout, r"\nRan 13 tests in ")
        self.assertRegex(run.stdout, r"\nFAILED \(failures=11, errors=1\)\n")
        raised: List[str] = re.findall(r"^([\w.]+Error): ", run.stdout, re.MULTILINE)
        counted: Dict[str, int] = {name: raised.count(name) for name in sorted(set(raised))}
        self.assertEqual(counted, REPORTED, run.stdout)
        self.assertIn("caught by test_suite.py:", run.stdout)

    @unittest.skipUnless(find_spec("tblib"), "Django's runner sends tracebacks by way of tblib")
    def test_django_s_parallel_runner(self) -> None:
        """It pickles errors with their tracebacks, and failing subtests with their test cases."""
        self.check("django", "test", "--parallel", "2")

    def test_unittest_parallel(self) -> None:
        """It sends what is printed; each test is in a process of its own."""
        self.check("unittest_parallel", "-j", "2", "--level", "test")
