"""Mutation testing: changes tripwire in one place at a time, and sees whether the suite notices.

The mutants are cosmic-ray's. Its own way to test them runs the whole suite for each, which takes
hours; here the tests that run the changed line come first, and the whole suite only for a mutant
that survives these. (mutmut needs pytest, and puts a frame of its own around each function that it
changes, while tripwire reads frames.)

What nobody could notice is listed in `equivalent_mutants.txt`, each with the reason why. Below 95 %
of the others this fails.
"""

from __future__ import annotations

import argparse
import os
import queue
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Dict, List

from mutant_code import ROOT, Mutant, mutants_of
from mutant_runner import FAILED, PASSED, TIMEOUT
from mutant_suite import Copy, Suite

LISTED = ROOT / ".ci" / "equivalent_mutants.txt"
ENOUGH = 95


class Trial:
    """Mutants on trial: the suite, the copies of the tree to run it in, and what is excused."""

    def __init__(self, jobs: int, folder: Path, quick: bool) -> None:
        copies = [Copy(folder / str(number)) for number in range(jobs)]
        self._copies: queue.Queue[Copy] = queue.Queue()
        for copy in copies:
            self._copies.put(copy)
        self._suite = suite = Suite(copies[0].baseline())
        outcome, failed = copies[0].run(suite.all, suite.patience(suite.all))
        if outcome != PASSED:
            raise SystemExit(f"Without a mutant, but in another order, {failed} fails already.")
        self._quick = quick
        self.equivalent = equivalent()

    def outcome(self, mutant: Mutant) -> str:
        """Whether the suite notices: first the tests that run the line, then the others.

        One of the others may run it, too, in another process.
        """
        near = self._suite.near(mutant)
        enough = self._quick or mutant.key in self.equivalent
        copy = self._copies.get()
        try:
            outcome, group = copy.outcome(mutant, near, self._suite.patience(near))
            if outcome == PASSED and not enough:
                others = [test for test in self._suite.all if test not in near]
                outcome, group = copy.outcome(mutant, others, self._suite.patience(others))
        finally:
            self._copies.put(copy)
        self._suite.noticed(mutant, group)
        tell(mutant, outcome)
        return outcome

    def close(self) -> None:
        """End what was started."""
        while not self._copies.empty():
            self._copies.get().close()


def equivalent() -> Dict[str, str]:
    """The listed mutants and the reasons: a line is `path: line -> mutant | reason`."""
    lines = LISTED.read_text(encoding="utf-8").splitlines()
    return {key: reason for key, _, reason in (line.rpartition(" | ") for line in lines)}


def tell(mutant: Mutant, outcome: str) -> None:
    """A dot for a mutant that is dead, and the others in full."""
    text = "." if outcome != PASSED else f"\nsurvived: {mutant}\n"
    print(text, end="", flush=True)


def judge(outcomes: Dict[Mutant, str], excuses: Dict[str, str]) -> int:
    """Sum up; 0 where enough were killed."""
    survivors = [mutant for mutant, outcome in outcomes.items() if outcome == PASSED]
    missed = [mutant for mutant in survivors if mutant.key not in excuses]
    counts = Counter(outcomes.values())
    counted = len(outcomes) - len(survivors) + len(missed)
    percent = 100 * (counted - len(missed)) / counted if counted else 0.0
    print("\n")
    for mutant in sorted(missed, key=str):
        print(f"survived: {mutant}")
    stale = set(excuses) - {mutant.key for mutant in survivors}
    for key in sorted(key for key in stale if key.split(":")[0] in {m.path for m in outcomes}):
        print(f"listed, but not among the survivors: {key}")
    print(
        f"{len(outcomes)} mutants: {counts[FAILED]} killed, {counts[TIMEOUT]} timed out, "
        f"{len(survivors)} survived, of which {len(survivors) - len(missed)} are equivalent. "
        f"{percent:.1f} % of what can be noticed was; {ENOUGH} % are required."
    )
    return 0 if percent >= ENOUGH else 1


def main() -> int:
    """Try all mutants, or those of the modules that are named."""
    parser = argparse.ArgumentParser(description="Mutation testing of tripwire.")
    parser.add_argument("modules", nargs="*", help="such as tripwire/_mocks.py; default: all")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="default: %(default)s")
    parser.add_argument("--quick", action="store_true", help="only tests that run the changed line")
    options = parser.parse_args()
    paths: Sequence[str] = options.modules or sorted(
        path.relative_to(ROOT).as_posix() for path in (ROOT / "tripwire").rglob("*.py")
    )
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(options.jobs) as threads:
        trial = Trial(options.jobs, Path(folder), options.quick)
        mutants: List[Mutant] = [mutant for path in paths for mutant in mutants_of(path)]
        print(f"{len(mutants)} mutants.", flush=True)
        outcomes = dict(zip(mutants, threads.map(trial.outcome, mutants)))
        trial.close()
    return judge(outcomes, trial.equivalent)


if __name__ == "__main__":
    sys.exit(main())
