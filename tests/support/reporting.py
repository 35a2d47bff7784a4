"""What the tests of the reports share: a strict test made of a text, and the text it fails with.

The file and the lines that a report names are then those of the text, on every machine.
"""

from __future__ import annotations

import re
import textwrap
import unittest
import unittest.mock

from pymemcache.client.base import Client
from pymemcache.client.hash import HashClient

import tripwire
from tests.support.platform import need_for
from tripwire import MISS, MemcachePlugin, StrictVerifier


class ReportTestCase(unittest.TestCase):
    """A test case that runs strict tests and reads what they report."""

    maxDiff = None

    def run_strict(self, source: str) -> None:
        """Run a text as one strict test in a file called test_app.py."""
        client = Client(("localhost", 11211))
        names = {
            "__name__": "test_app",
            "Client": Client,
            "HashClient": HashClient,
            "MISS": MISS,
            "MemcachePlugin": MemcachePlugin,
            "StrictVerifier": StrictVerifier,
            "client": client,
            "bound_early": client.get,
            "tripwire": tripwire,
            "unittest": unittest,
        }
        with tripwire.strict():
            exec(compile(textwrap.dedent(source).lstrip("\n"), "test_app.py", "exec"), names)

    def report(self, source: str) -> str:
        """What the test of a text fails with, as unittest prints it, without a traceback."""
        need_for(source)
        with self.assertRaises(Exception) as caught:
            self.run_strict(source)
        text = f"{type(caught.exception).__name__}: {caught.exception}"
        # The lines of the client are those of the version that is installed.
        return re.sub(r"(pymemcache/\S+\.py):\d+", r"\1:000", text)

    def assert_report(self, source: str, expected: str) -> None:
        """Compare the whole of a report."""
        self.assertEqual(self.report(source), textwrap.dedent(expected).strip("\n"))
