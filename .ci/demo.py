"""Shows tripwire at work: every example passes, then a test file that is wrong on purpose trips.

Succeeds only when exactly the expected happened, in both parts.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import unittest
from collections import Counter
from pathlib import Path
from typing import Any

import tripwire

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
TRIPS = EXAMPLES / "trips"

# What an example needs beside pymemcache.
NEEDS = {"django_cache": "django"}

EXPECTED_TRIPS = Counter(
    {
        ("test_forgotten_assertion", tripwire.UnassertedInteractionsError): 1,
        ("test_mock_never_used", tripwire.UnusedMocksError): 1,
        ("test_call_nobody_mocked", tripwire.UnmockedInteractionError): 1,
    }
)


class CollectingResult(unittest.TextTestResult):
    """Prints failures as unittest does, and keeps which test failed with what."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.trips: Counter[tuple[str, type[BaseException] | None]] = Counter()

    def addFailure(self, test: unittest.TestCase, err: Any) -> None:
        """Keep the name of the test and the type of its failure."""
        self.trips[test.id().rpartition(".")[2], err[0]] += 1
        super().addFailure(test, err)


def summary(output: str) -> str:
    """Return how many tests ran: unittest's own last lines, without the time they took."""
    *_, ran, _, verdict = output.rstrip().splitlines()
    return f"{ran.partition(' in ')[0]}, {verdict}"


def examples_pass() -> bool:
    """Run each example as a user would, from its own folder."""
    passed = True
    for tests in sorted(EXAMPLES.glob("*/test_app.py")):
        folder = tests.parent
        need = NEEDS.get(folder.name)
        if need and not importlib.util.find_spec(need):
            print(f"examples/{folder.name}: needs {need}, so it waits for `make test`")
            continue
        run = subprocess.run(
            [sys.executable, "-X", "dev", "-W", "error", "-m", "unittest", "discover"],
            cwd=folder,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if run.returncode == 0 and "Ran 0 tests" not in run.stdout:
            print(f"examples/{folder.name}: {summary(run.stdout)}")
        else:
            passed = False
            print(f"examples/{folder.name}: FAILED\n{run.stdout}")
    return passed


def exactly_the_expected_trips() -> bool:
    """Run the wrong tests and compare what tripped with what should."""
    sys.path.insert(0, str(TRIPS))
    suite = unittest.defaultTestLoader.loadTestsFromName("wrong_on_purpose")
    runner = unittest.TextTestRunner(stream=sys.stdout, resultclass=CollectingResult)
    result = runner.run(suite)
    assert isinstance(result, CollectingResult)
    return (
        result.testsRun == sum(EXPECTED_TRIPS.values())
        and result.trips == EXPECTED_TRIPS
        and not result.errors
        and not result.unexpectedSuccesses
    )


def main() -> int:
    """Run both parts; 0 when both went as they should."""
    print("The examples:\n")
    passed = examples_pass()
    print("\nAnd a test file that is wrong in three ways, examples/trips/wrong_on_purpose.py:\n")
    tripped = exactly_the_expected_trips()
    if passed and tripped:
        print("\nAs it should be: the examples passed, and each of the three wrong tests tripped.")
        return 0
    print("\nNot as it should be.", end="")
    print("" if passed else " An example failed.", end="")
    print("" if tripped else " Something else tripped than the three tests were written for.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
