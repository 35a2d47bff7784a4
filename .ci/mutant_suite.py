"""The suite, as `mutants.py` runs it: parts of it, many times over, in copies of the tree."""

from __future__ import annotations

import ast
import compileall
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any, Dict, List, Optional, Tuple, cast

from mutant_code import ROOT, Mutant
from mutant_runner import class_of
from package import LEFT_BEHIND

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


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

    def outcome(self, mutant: Mutant, tests: Sequence[str], seconds: float) -> Tuple[str, str]:
        """How tests end with a mutant, and which class of them noticed it."""
        module = self.folder / mutant.path
        module.write_text(mutant.source, encoding="utf-8")
        try:
            return self.run(tests, seconds)
        finally:
            shutil.copy2(ROOT / mutant.path, module)

    def run(self, tests: Sequence[str], seconds: float) -> Tuple[str, str]:
        """How tests end, and which class of them failed."""
        request = json.dumps({"tests": tests, "seconds": seconds})
        print(request, file=self._server.stdin, flush=True)
        outcome, failed = json.loads(cast(IO[str], self._server.stdout).readline())
        return outcome, failed

    def close(self) -> None:
        """End the process."""
        self._server.communicate()


class Suite:
    """What the tests do without a mutant."""

    def __init__(self, baseline: Dict[str, Dict[str, Any]]) -> None:
        self._seconds: Dict[str, float] = baseline["seconds"]
        self._covered: Dict[str, Dict[str, List[str]]] = baseline["covered"]
        self._noticed: Counter[Tuple[str, str]] = Counter()
        self.all = self._ordered(self._seconds, "")

    def near(self, mutant: Mutant) -> List[str]:
        """The tests that are the first to try on a mutant."""
        source = (ROOT / mutant.path).read_text(encoding="utf-8")
        covered = self._covered.get(mutant.path, {})
        lines = reach(source, mutant.line)
        tests = {test for line in lines for test in covered.get(str(line), ())}
        return self._ordered(tests, mutant.path)

    def noticed(self, mutant: Mutant, group: str) -> None:
        """Remember which class of tests noticed a mutant: it may well notice the next one."""
        self._noticed[mutant.path, group] += 1

    def _ordered(self, tests: Iterable[str], path: str) -> List[str]:
        # A class stays together, for its fixtures.
        classes: Dict[str, List[str]] = {}
        for test in sorted(tests):
            classes.setdefault(class_of(test), []).append(test)
        return [
            test
            for group in sorted(
                classes, key=lambda name: (-self._noticed[path, name], self._took(classes[name]))
            )
            for test in classes[group]
        ]

    def patience(self, tests: Iterable[str]) -> float:
        """How many seconds tests may take with a mutant."""
        return 15 + 5 * self._took(tests)

    def _took(self, tests: Iterable[str]) -> float:
        return sum(self._seconds[test] for test in tests)


def reach(source: str, line: int) -> range:
    """The lines of which each test that runs one may notice a change in this one.

    In a function these are the lines of the innermost statement around it, or of its head where it
    is a compound one. What runs on import matters to all that run a line of the module.
    """
    around = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or line)
    ]
    functions = [node for node in around if isinstance(node, FUNCTIONS)]
    if not any(line >= node.body[0].lineno for node in functions):
        return range(1, source.count("\n") + 1)
    innermost = max(around, key=lambda node: node.lineno)
    body = getattr(innermost, "body", None)
    end = body[0].lineno if body else (innermost.end_lineno or line) + 1
    return range(innermost.lineno, max(end, line + 1))
