"""Measures tripwire beside its rivals: unittest.mock with autospec, and a stub written by hand.

The benchmarks run in rounds, each in a process of its own, so that whatever else the machine does
meets all rivals alike; the best value of all rounds counts, because it was disturbed least.

All values are kept in .bench, and pyperf compares them with those of the last time.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import List, Tuple

import pyperf  # type: ignore[import-untyped]  # ships no types
from bench_cases import LONGEST
from bench_situations import KEY, SITUATIONS, interleaved
from bench_tables import Best, report, write

ROOT = Path(__file__).resolve().parent.parent
CASES = str(ROOT / ".ci" / "bench_cases.py")
NOW = ROOT / ".bench" / "now.json"
BEFORE = ROOT / ".bench" / "before.json"

ROUND = ("--processes=1", "--values=5", "--warmups=1", "--min-time=0.02")
LONG = ("--processes=1", "--values=1", "--warmups=0", "--loops=1", f"--length={LONGEST}")

IMPORT = """
import sys, time, unittest
before = set(sys.modules)
start = time.perf_counter()
import {}
print(time.perf_counter() - start, *set(sys.modules) - before)
"""


def measure(rounds: int) -> Best:
    """The best value of each benchmark, in seconds."""
    NOW.parent.mkdir(exist_ok=True)
    if NOW.exists():
        NOW.replace(BEFORE)
    for number in range(rounds):
        print(f"Round {number + 1} of {rounds}.", flush=True)
        run(ROUND)
        if number < 2:
            run(LONG)
    suite = pyperf.BenchmarkSuite.load(str(NOW))
    return {split(each.get_name()): min(each.get_values()) for each in suite}


def run(options: Sequence[str]) -> None:
    """Run the benchmarks once, and add what they give to the others."""
    command = (sys.executable, CASES, *options, "--copy-env", "--quiet", "--append", str(NOW))
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def compare(before: Path) -> None:
    """Have pyperf say what is faster and what is slower than it was."""
    print(f"\nBeside {before.name}:\n", flush=True)
    command = (sys.executable, "-m", "pyperf", "compare_to", "--table", str(before), str(NOW))
    subprocess.run(command, check=True)


def split(name: str) -> Tuple[str, str]:
    """What a benchmark measures, and of whom."""
    what, _, who = name.partition("/")
    return what, who


def imports(rounds: int) -> Tuple[Best, List[str]]:
    """The seconds that imports take where unittest is imported, and what tripwire's brings."""
    best: Best = {}
    imported: List[str] = []
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": folder}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for _ in range(rounds):
            for who, module in (("autospec", "unittest.mock"), ("tripwire", "tripwire")):
                command = (sys.executable, "-c", IMPORT.format(module))
                output = subprocess.check_output(command, env=environment, cwd=ROOT, text=True)
                seconds, *imported = output.split()
                best["import", who] = min(float(seconds), best.get(("import", who), 60.0))
    return best, imported


def memory(calls: int) -> Best:
    """The peak of memory for each of many calls in one test, in bytes."""
    best: Best = {}
    for who, situation in SITUATIONS.items():
        with situation(calls) as names:
            get = names["client"].get
            get(KEY)
            tracemalloc.start()
            for _ in range(calls):
                get(KEY)
            best["memory", who] = tracemalloc.get_traced_memory()[1] / calls
            tracemalloc.stop()
    return best


def main() -> None:
    """Measure, and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=4, help="default: %(default)s")
    parser.add_argument("--write", type=Path, metavar="DOCUMENT", help="keep the tables there")
    parser.add_argument(
        "--before", type=Path, default=BEFORE, metavar="FILE", help="compare with these values"
    )
    options = parser.parse_args()
    best, imported = imports(5 * options.rounds)
    rounds: Best = {("rounds on own keys", "tripwire"): interleaved("a", "b", "c")}
    tables = report({**best, **measure(options.rounds), **memory(20_000), **rounds}, imported)
    print(f"\n{tables}")
    if options.before.exists():
        compare(options.before)
    if options.write:
        write(options.write, tables)


if __name__ == "__main__":
    main()
