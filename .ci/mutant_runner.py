"""Runs tests in a copy of the tree, for `mutants.py`: all of them once, or chosen ones in forks.

    mutant_runner.py baseline  writes which test runs which line, and how long each takes
    mutant_runner.py serve     reads requests and answers them, until its input ends

Both speak JSON. A request is `{"tests": [...], "seconds": 10}`; its answer is the outcome, and the
class of tests that failed. Each is answered in a fork, which imports the package and the tests
anew, but not what these import.
"""

from __future__ import annotations

import importlib
import itertools
import json
import os
import signal
import sys
import time
import unittest
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Dict, TextIO, Tuple

import coverage

TIMEOUT, PASSED, FAILED = "timeout", "passed", "failed"

# What takes long to import and is no part of the tree.
IMPORTED_ONCE = (
    "asyncio",
    "concurrent.futures",
    "django.core.cache",
    "dogpile.cache",
    "hypothesis.stateful",
    "limits.storage",
    "pymemcache.client.hash",
    "pymemcache.client.retrying",
    "unittest.mock",
)


class Stopwatch(unittest.TextTestResult):
    """Notes how long each test takes, and tells the coverage measurement which one is running."""

    coverage: Any = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.seconds: Dict[str, float] = {}
        self._start = 0.0

    def startTest(self, test: unittest.TestCase) -> None:
        """As in unittest."""
        self.coverage.switch_context(test.id())
        self._start = time.perf_counter()
        super().startTest(test)

    def stopTest(self, test: unittest.TestCase) -> None:
        """As in unittest."""
        super().stopTest(test)
        self.seconds[test.id()] = time.perf_counter() - self._start
        self.coverage.switch_context("")


def baseline(output: TextIO) -> None:
    """Run the whole suite; every test has to pass before there is anything to learn from it."""
    measured = coverage.Coverage(data_file=None, source=["tripwire"], config_file=False)
    Stopwatch.coverage = measured
    measured.start()
    suite = unittest.defaultTestLoader.discover(".")
    result: Any = unittest.TextTestRunner(resultclass=Stopwatch).run(suite)
    measured.stop()
    if not result.wasSuccessful():
        sys.exit("The tests fail without a mutant already.")
    data = measured.get_data()
    covered = {
        os.path.relpath(path): {
            line: [context for context in contexts if context]
            for line, contexts in data.contexts_by_lineno(path).items()
        }
        for path in data.measured_files()
    }
    json.dump({"seconds": result.seconds, "covered": covered}, output)


def serve(requests: TextIO, answers: TextIO) -> None:
    """Answer each request: whether its tests pass."""
    for name in IMPORTED_ONCE:
        with suppress(ImportError):
            importlib.import_module(name)
    for line in requests:
        request = json.loads(line)
        answer = in_a_fork(request["tests"], request["seconds"])
        print(json.dumps(answer), file=answers, flush=True)


def in_a_fork(tests: Sequence[str], seconds: float) -> Tuple[str, str]:
    """Run tests in a process group of their own, none of which is left when this returns."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.setsid()
            failed = first_to_fail(tests)
            os.write(writer, failed.encode())
            status = 1 if failed else 0
        finally:
            os._exit(status)
    os.close(writer)
    with os.fdopen(reader) as failed_class:
        try:
            outcome = wait_for(child, seconds)
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(child, signal.SIGKILL)
        return outcome, failed_class.read()


def wait_for(child: int, seconds: float) -> str:
    """How a fork ends."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return PASSED if status == 0 else FAILED
        time.sleep(0.002)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return TIMEOUT


def first_to_fail(tests: Sequence[str]) -> str:
    """The first class of tests that does not pass, in silence; nothing where all do."""
    silence = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(silence, descriptor)
    result = unittest.TestResult()
    result.failfast = True
    # A class at a time: what is not reached is not imported.
    for group, names in itertools.groupby(tests, class_of):
        unittest.defaultTestLoader.loadTestsFromNames(list(names)).run(result)
        if not result.wasSuccessful():
            return group
    return ""


def class_of(test: str) -> str:
    """The class of a test, by its name."""
    return test.rpartition(".")[0]


def main() -> None:
    """Do as the first argument says."""
    sys.path.insert(0, os.getcwd())
    with os.fdopen(os.dup(1), "w") as answers:
        # What the tests print is not for who reads our answers.
        os.dup2(2, 1)
        if sys.argv[1] == "baseline":
            baseline(answers)
        else:
            serve(sys.stdin, answers)


if __name__ == "__main__":
    main()
