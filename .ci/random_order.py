"""Runs the suite in random order: the classes shuffled, and the tests within each class.

Takes the seed of an earlier run as its argument, to repeat that order.
"""

from __future__ import annotations

import random
import sys
import unittest
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def each(suite: unittest.TestSuite) -> Iterator[unittest.TestCase]:
    """Yield the tests out of nested suites."""
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from each(item)
        else:
            yield item


def shuffled(suite: unittest.TestSuite, seed: int) -> unittest.TestSuite:
    """Order the tests by the seed; a class stays together, for its fixtures."""
    classes: dict[type[unittest.TestCase], list[unittest.TestCase]] = {}
    for test in each(suite):
        classes.setdefault(type(test), []).append(test)
    order = random.Random(seed)
    groups = list(classes.values())
    order.shuffle(groups)
    for group in groups:
        order.shuffle(group)
    return unittest.TestSuite(test for group in groups for test in group)


def main() -> int:
    """Run the shuffled suite; 0 when it passed."""
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else random.SystemRandom().randrange(10**9)
    again = f"{Path(sys.executable).name} -X dev -W error .ci/random_order.py {seed}"
    print(f"Order {seed}; the same again: {again}", flush=True)
    sys.path.insert(0, str(ROOT))
    suite = unittest.defaultTestLoader.discover(str(ROOT))
    result = unittest.TextTestRunner().run(shuffled(suite, seed))
    if not result.wasSuccessful():
        print(f"Failed in order {seed}; the same again: {again}")
    return 0 if result.wasSuccessful() and result.testsRun else 1


if __name__ == "__main__":
    sys.exit(main())
