"""Scripts that are run in a process of their own."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import unittest

from tests.support.project import ROOT


class ScriptTestCase(unittest.TestCase):
    """Runs scripts that begin with a prelude, end well, and print nothing."""

    prelude = ""

    def check(self, script: str) -> None:
        """Run a script in development mode; a warning is an error."""
        program = self.prelude + textwrap.dedent(script)
        run = subprocess.run(
            [sys.executable, "-X", "dev", "-W", "error", "-c", program],
            cwd=ROOT,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.assertEqual((run.returncode, run.stdout), (0, ""))
