"""Scripts that are run in a process of their own."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import unittest

from tests.support.project import ROOT


def run_script(program: str) -> subprocess.CompletedProcess[str]:
    """Run a program in development mode, where a warning is an error; give what it printed."""
    return subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", program],
        cwd=ROOT,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


class ScriptTestCase(unittest.TestCase):
    """Runs scripts that begin with a prelude, end well, and print nothing."""

    prelude = ""

    def check(self, script: str) -> None:
        """Run a script as `run_script` does."""
        run = run_script(self.prelude + textwrap.dedent(script))
        self.assertEqual((run.returncode, run.stdout), (0, ""))
