"""Runs suites that nobody here wrote over a store: pymemcache's own, and Django's of its cache.

Both come with the sources of the packages that are installed, which pip downloads into .suites.
Each runs over a store, and over a real memcached where there is one; a test that passes there has
to pass over the store. No socket is opened for a store: the suites run in one sandbox each.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path
from typing import Dict, List, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.support.memcached import Server
from tests.support.project import ROOT

FOLDER = ROOT / ".suites"
CI = ROOT / ".ci"

OUTCOME = re.compile(
    r"^(\w+) \([^)]*\).*? \.\.\. (ok|FAIL|ERROR|skipped|expected failure)", re.M | re.S
)
"""What unittest says of a test, with a line of its docstring or without."""

FAILED = ("FAIL", "ERROR")

Outcomes = Dict[str, str]
"""What became of each test, by its name."""


class Suite(NamedTuple):
    """A suite: its package, how it is run in the folder of the sources, and what is left out."""

    package: str
    command: List[str]
    folder: str
    left_out: Dict[str, str]


SUITES = (
    Suite(
        "pymemcache",
        [str(CI / "suite_pymemcache.py"), "pymemcache/test/test_integration.py"],
        ".",
        {"test_tls": "it is about TLS, that is about sockets; pymemcache skips it itself"},
    ),
    Suite(
        "django",
        [
            "runtests.py",
            "cache.tests.PyMemcacheCacheTests",
            "--settings=suite_django",
            "--parallel=1",
            "--verbosity=2",
        ],
        "tests",
        {},
    ),
)


def sources(package: str) -> Path:
    """The sources of a package that is installed, in its version."""
    version = metadata.version(package)
    folder = FOLDER / f"{package}-{version}"
    if not folder.exists():
        FOLDER.mkdir(exist_ok=True)
        command = ["pip", "download", "--no-deps", "--no-binary", ":all:", f"{package}=={version}"]
        subprocess.run([sys.executable, "-m", *command, "--quiet", "--dest", FOLDER], check=True)
        with tarfile.open(next(FOLDER.glob(f"{package}-{version}.tar.gz"))) as archive:
            archive.extractall(FOLDER)
    return folder


def run_really(suite: Suite) -> Outcomes:
    """Run a suite over a memcached of its own; what became of each test."""
    server = Server()
    host, port = server.address
    try:
        return run(suite, f"{host}:{port}")
    finally:
        server.stop()


def run(suite: Suite, server: str = "") -> Outcomes:
    """Run a suite, over a store where no server is given; what became of each test."""
    paths = (ROOT, CI, *sys.path)
    finished = subprocess.run(
        [sys.executable, *suite.command],
        cwd=sources(suite.package) / suite.folder,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(map(str, paths)),
            "SUITE_SERVER": server,
            "SUITE_LEFT_OUT": ",".join(suite.left_out),
        },
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    outcomes = dict(OUTCOME.findall(finished.stdout))
    if not outcomes or (finished.returncode and not server):
        print(finished.stdout)
    return outcomes


def report(suite: Suite, over_store: Outcomes, real: Outcomes) -> bool:
    """Print what became of a suite, and say whether that is as it should be."""
    print(f"{suite.package} {metadata.version(suite.package)}:")
    print(f"    over a store: {counted(over_store)}")
    if real is over_store:
        print("    there is no memcached here to compare with")
    else:
        print(f"    over memcached: {counted(real)}")
    for test, reason in suite.left_out.items():
        print(f"    left out: {test}: {reason}")
    # Where there is nothing to compare with, every test has to pass.
    wrong = [
        test
        for test, how in real.items()
        if over_store.get(test) not in ("ok", how) or (real is over_store and how in FAILED)
    ]
    for test in wrong:
        print(f"    WRONG: {test}: {over_store.get(test)}")
    return bool(over_store) and not wrong


def counted(outcomes: Outcomes) -> str:
    """How many tests ended how."""
    return ", ".join(f"{number} {how}" for how, number in Counter(outcomes.values()).items())


def main() -> int:
    """Run all suites; 0 where each test that passes on a real server passes over a store."""
    for suite in SUITES:
        sources(suite.package)
    # Side by side, because most of their time is spent waiting.
    with ThreadPoolExecutor(2 * len(SUITES)) as pool:
        ways = (run, run_really) if shutil.which("memcached") else (run,)
        runs = [[pool.submit(way, suite) for way in ways] for suite in SUITES]
        outcomes = [[each.result() for each in of_suite] for of_suite in runs]
    good = [report(suite, each[0], each[-1]) for suite, each in zip(SUITES, outcomes)]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
