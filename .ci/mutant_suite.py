"""The suite, as `mutants.py` runs it: parts of it, many times over, in copies of the tree."""

from __future__ import annotations

import ast
import compileall
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any, Dict, List, Optional, cast

from mutant_code import ROOT, Mutant

LEFT_BEHIND = (".git", ".venv", ".matrix", ".*_cache", ".hypothesis", "__pycache__", "*.egg-info")


class Copy:
    """A copy of the tree, and a process in it that runs tests."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*LEFT_BEHIND))
        # Compiled once. A mutant is younger than that, so it is compiled where it is imported.
        compileall.compile_dir(folder, quiet=1)
        self._server = self._start("serve", subprocess.PIPE)

    def _start(self, task: str, stdin: Optional[int] = None) -> subprocess.Popen[str]:
        command = (sys.executable, "-X", "dev", "-W", "error", ".ci/mutant_runner.py", task)
        environment = {
            **os.environ,
            "PYTHONPATH": str(self.folder),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=environment,
            stdin=stdin,
            stdout=subprocess.PIPE,
            text=True,
        )

    def baseline(self) -> Dict[str, Dict[str, Any]]:
        """Which tests run which lines, and how long each takes. `SystemExit` where one fails."""
        process = self._start("baseline")
        output, _ = process.communicate()
        if process.returncode:
            raise SystemExit(process.returncode)
        answer: Dict[str, Dict[str, Any]] = json.loads(output)
        return answer

    def outcome(self, mutant: Mutant, tests: Sequence[str], seconds: float) -> str:
        """How tests end with a mutant."""
        module = self.folder / mutant.path
        module.write_text(mutant.source, encoding="utf-8")
        try:
            return self.run(tests, seconds)
        finally:
            shutil.copy2(ROOT / mutant.path, module)

    def run(self, tests: Sequence[str], seconds: float) -> str:
        """How tests end."""
        request = json.dumps({"tests": tests, "seconds": seconds})
        print(request, file=self._server.stdin, flush=True)
        return cast(IO[str], self._server.stdout).readline().strip()

    def close(self) -> None:
        """End the process."""
        self._server.communicate()


class Suite:
    """What the tests do without a mutant."""

    def __init__(self, baseline: Dict[str, Dict[str, Any]]) -> None:
        self._seconds: Dict[str, float] = baseline["seconds"]
        self._covered: Dict[str, Dict[str, List[str]]] = baseline["covered"]
        self.all = self.ordered(self._seconds)

    def near(self, mutant: Mutant) -> List[str]:
        """The tests that run the statement of a mutant; none where it runs on import only."""
        source = (ROOT / mutant.path).read_text(encoding="utf-8")
        covered = self._covered.get(mutant.path, {})
        lines = statement(source, mutant.line)
        return self.ordered({test for line in lines for test in covered.get(str(line), ())})

    def ordered(self, tests: Iterable[str]) -> List[str]:
        """The quickest class first; a class stays together, for its fixtures."""
        classes: Dict[str, List[str]] = {}
        for test in sorted(tests):
            classes.setdefault(test.rpartition(".")[0], []).append(test)
        return [test for group in sorted(classes.values(), key=self._took) for test in group]

    def patience(self, tests: Iterable[str]) -> float:
        """How many seconds tests may take with a mutant."""
        return 15 + 5 * self._took(tests)

    def _took(self, tests: Iterable[str]) -> float:
        return sum(self._seconds[test] for test in tests)


def statement(source: str, line: int) -> range:
    """The lines of the innermost statement around a line; of a compound one, its head."""
    around = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or line)
    ]
    if not around:
        return range(line, line + 1)
    innermost = max(around, key=lambda node: node.lineno)
    body = getattr(innermost, "body", None)
    end = body[0].lineno if body else (innermost.end_lineno or line) + 1
    return range(innermost.lineno, max(end, line + 1))
