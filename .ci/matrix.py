"""Runs the suite on every Python from 3.9 to 3.13 that this machine has, and every pymemcache line.

Each cell has an environment of its own in .matrix, kept for the next run. A Python that is not
found is named; with CI=true in the environment it is a failure.
"""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from package import build

ROOT = Path(__file__).resolve().parent.parent
MATRIX = ROOT / ".matrix"
PYTHONS = ("3.9", "3.10", "3.11", "3.12", "3.13")
NEWEST = "4.x"
OLDER = ("3.5.0", "3.x")
PYMEMCACHES = {
    "3.5.0": "pymemcache==3.5.0",
    "3.x": "pymemcache>=3.5,<4",
    "4.x": "pymemcache>=4,<5",
}

# Tools of the dev extra that only the other gates use.
NOT_FOR_THE_SUITE = {
    "build",
    "cosmic-ray",
    "coverage",
    "django-stubs",
    "mypy",
    "pyperf",
    "pyright",
    "ruff",
    "twine",
    "types-docutils",
}


@dataclass(frozen=True)
class Cell:
    """One combination, and the interpreter that it runs on."""

    python: str
    pymemcache: str
    interpreter: str

    @property
    def environment(self) -> Path:
        """Where its environment is kept."""
        return MATRIX / f"python{self.python}-pymemcache{self.pymemcache}"

    @property
    def executable(self) -> str:
        """The interpreter inside its environment."""
        return str(self.environment / "bin" / "python")


@dataclass(frozen=True)
class Outcome:
    """What became of one cell."""

    cell: Cell
    passed: bool
    seconds: float
    output: str

    def __str__(self) -> str:
        verdict = "passed" if self.passed else "FAILED"
        count = re.search(r"^Ran \d+ tests", self.output, re.MULTILINE)
        ran = count.group() if count else "Ran no tests"
        cell = f"python {self.cell.python:5} pymemcache {self.cell.pymemcache:6}"
        line = f"{verdict}  {cell} {ran} ({self.seconds:.0f} s)"
        return line if self.passed else f"{line}\n{self.output}"


def candidates(version: str) -> Iterator[str]:
    """Yield where a Python of this version might be: on the path, or put there by pyenv or uv."""
    yield f"python{version}"
    home = Path.home()
    pyenv = Path(os.environ.get("PYENV_ROOT", home / ".pyenv"))
    for path in sorted(pyenv.glob(f"versions/{version}.*/bin/python"), reverse=True):
        yield str(path)
    for path in sorted(home.glob(f".local/share/uv/python/cpython-{version}.*/bin/python3")):
        yield str(path)


def find(version: str) -> str | None:
    """Return the first candidate that runs and is of this version."""
    program = "import sys; print('%d.%d' % sys.version_info[:2])"
    for candidate in candidates(version):
        path = shutil.which(candidate)
        if path is None:
            continue
        # A pyenv shim exists for versions that are not switched on, so it has to be tried.
        tried = subprocess.run([path, "-c", program], check=False, capture_output=True, text=True)
        if tried.stdout.strip() == version:
            return path
    return None


def cells(found: dict[str, str]) -> list[Cell]:
    """Every Python with the newest pymemcache; the oldest and newest Python with the older ones."""
    ends = sorted({next(iter(found)), next(reversed(found))}, key=PYTHONS.index)
    pairs = [(python, older) for python in ends for older in OLDER]
    pairs += [(python, NEWEST) for python in found]
    return [Cell(python, pymemcache, found[python]) for python, pymemcache in pairs]


def requirements() -> list[str]:
    """Return what the suite needs of the dev extra."""
    config = configparser.ConfigParser(interpolation=None)
    config.read(ROOT / "setup.cfg")
    lines = config["options.extras_require"]["dev"].strip().splitlines()
    names = {line: re.split("[<>=; ]", line)[0] for line in lines}
    return [line for line, name in names.items() if name not in NOT_FOR_THE_SUITE]


def attempt(command: list[str]) -> tuple[bool, str]:
    """Run a command in the checkout; return whether it succeeded, and all that it printed."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode == 0, done.stdout


def run(cell: Cell, wheel: Path) -> Outcome:
    """Make the cell's environment and run the suite in it."""
    pip = [cell.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    steps = [
        [cell.interpreter, "-m", "venv", str(cell.environment)],
        [*pip, "--upgrade", PYMEMCACHES[cell.pymemcache], *requirements()],
        [*pip, "--force-reinstall", "--no-deps", str(wheel)],
        [cell.executable, "-X", "dev", "-W", "error", "-m", "unittest", "discover"],
    ]
    started = time.monotonic()
    output = ""
    passed = True
    for step in steps:
        if passed:
            passed, output = attempt(step)
    return Outcome(cell, passed, time.monotonic() - started, output)


def main() -> int:
    """Run all cells, as many at once as there are processors; 0 when all passed."""
    found = {version: path for version in PYTHONS if (path := find(version))}
    missing = [version for version in PYTHONS if version not in found]
    for version in missing:
        print(f"missing python {version}: not found on this machine, so not tested")
    if not found:
        return 1
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        _, wheel = build(Path(folder))
        outcomes = []
        for outcome in pool.map(lambda cell: run(cell, wheel), cells(found)):
            print(outcome, flush=True)
            outcomes.append(outcome)
    failed = sum(not outcome.passed for outcome in outcomes)
    print(f"{len(outcomes) - failed} cells passed, {failed} failed, {len(missing)} missing")
    return 1 if failed or (missing and os.environ.get("CI") == "true") else 0


if __name__ == "__main__":
    sys.exit(main())
