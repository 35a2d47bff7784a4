"""Runs the thread stress of the suite for longer: seconds as the argument, 60 unless given."""

from __future__ import annotations

import itertools
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.support.stress import THREADS, rounds


def main() -> int:
    """Run rounds until the time is up; 0 when nothing went wrong."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    print(f"{THREADS} threads for {seconds:g} seconds", flush=True)
    until = time.monotonic() + seconds
    done = failures = 0
    for errors in rounds(
        itertools.takewhile(lambda _: time.monotonic() < until, itertools.count())
    ):
        done += 1
        failures += len(errors)
        for error in errors:
            traceback.print_exception(type(error), error, error.__traceback__)
    print(f"{done} rounds, {failures} failures")
    return 1 if failures or not done else 0


if __name__ == "__main__":
    sys.exit(main())
