"""What a type checker makes of typed usage, and of misuse."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any, Dict, List, Set

from tests.support.project import ROOT

TYPING = Path(__file__).resolve().parent / "typing"

# Where an environment has its tools, whether or not it is activated.
PYRIGHT = shutil.which(
    "pyright", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
)


def marked(name: str) -> Set[int]:
    """The lines of a file that are to be rejected."""
    lines = (TYPING / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return {number for number, line in enumerate(lines, 1) if line.endswith("# rejected")}


class TypingTest(unittest.TestCase):
    """The files are no modules of the suite, so that nothing else checks, runs or measures them."""

    def setUp(self) -> None:
        """Copy them to where they are modules."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        for name in "good", "bad":
            shutil.copy(TYPING / f"{name}.txt", self.folder / f"{name}.py")

    def output_of(self, *command: str) -> str:
        """What a checker prints about them."""
        run = subprocess.run(
            [*command, "good.py", "bad.py"],
            cwd=self.folder,
            env={**os.environ, "MYPYPATH": str(ROOT)},
            check=False,
            capture_output=True,
            text=True,
        )
        return run.stdout + run.stderr

    def check(self, good: Set[int], bad: Set[int], output: str) -> None:
        """Compare what was rejected with the marks."""
        self.assertGreater(len(marked("bad")), 40)
        self.assertEqual(good, marked("good"), output)
        self.assertEqual(sorted(bad), sorted(marked("bad")), output)

    @unittest.skipUnless(importlib.util.find_spec("mypy"), "mypy is not installed")
    def test_mypy(self) -> None:
        """In its strict mode."""
        output = self.output_of(
            sys.executable, "-m", "mypy", "--strict",
            f"--config-file={ROOT / 'setup.cfg'}", f"--cache-dir={ROOT / '.mypy_cache'}",
        )  # fmt: skip
        self.assertIn("2 source files", output)
        good, bad = (
            {int(line) for line in re.findall(rf"^{name}\.py:(\d+): error", output, re.MULTILINE)}
            for name in ("good", "bad")
        )
        self.check(good, bad, output)

    @unittest.skipUnless(PYRIGHT, "pyright is not installed")
    def test_pyright(self) -> None:
        """In its standard mode."""
        (self.folder / "pyrightconfig.json").write_text(
            json.dumps({"extraPaths": [str(ROOT)], "pythonVersion": "3.9"}), encoding="utf-8"
        )
        output = self.output_of(str(PYRIGHT), "--outputjson", "--pythonpath", sys.executable)
        found: List[Dict[str, Any]] = json.loads(output)["generalDiagnostics"]
        good, bad = (
            {
                each["range"]["start"]["line"] + 1
                for each in found
                if each["severity"] == "error" and each["file"].endswith(f"{name}.py")
            }
            for name in ("good", "bad")
        )
        self.check(good, bad, output)
