"""Builds the sdist and the wheel, and tries them as somebody who installs them would.

What the sdist holds is for check-manifest to say.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

LEFT_BEHIND = (
    *(".git", ".venv", ".tox", ".wasm", ".bench", ".suites", ".*_cache", ".hypothesis"),
    *("__pycache__", "*.egg-info", "build", "dist"),
)
"""What is no part of the tree where that is copied."""

WITHOUT_PYMEMCACHE = """
import tripwire
from tripwire.plugins.memcache_plugin import MemcachePlugin

try:
    MemcachePlugin(tripwire.StrictVerifier())
except ImportError as error:
    assert "python-tripwire[pymemcache]" in str(error), error
else:
    raise SystemExit("a plugin was built without pymemcache")
"""

FROM_THE_ENVIRONMENT = """
import importlib.metadata, sys, tripwire
assert tripwire.__file__.startswith(sys.prefix), tripwire.__file__
installed = [str(path) for path in importlib.metadata.files("python-tripwire")]
assert "tripwire/py.typed" in installed, installed
assert {name.split("/")[0].split("-")[0] for name in installed} == {"tripwire", "python_tripwire"}
"""


def python(*arguments: str, executable: str = sys.executable) -> None:
    """Run Python, and stop here where it fails, with all that it printed."""
    run = subprocess.run(
        [executable, *arguments],
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if run.returncode:
        raise SystemExit(f"{run.stdout}\nThis failed: python {' '.join(arguments)}")


def build(folder: Path) -> tuple[Path, Path]:
    """Build both archives, the wheel out of the sdist, and return them."""
    # In a copy, since setuptools puts into an sdist whatever an earlier one here contained.
    source = folder / "source"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(*LEFT_BEHIND))
    python("-m", "build", "--outdir", str(folder), str(source))
    (sdist,) = folder.glob("*.tar.gz")
    (wheel,) = folder.glob("*.whl")
    return sdist, wheel


def check_installed(wheel: Path, environment: Path) -> None:
    """Install the wheel into an empty environment, bare and then with its extra, and use it."""
    python("-m", "venv", "--without-pip", str(environment))
    installed = str(environment / "bin" / "python")
    pip = ("-m", "pip", "--python", installed, "install", "--quiet")
    python(*pip, str(wheel))
    python("-I", "-c", FROM_THE_ENVIRONMENT, executable=installed)
    python("-I", "-c", WITHOUT_PYMEMCACHE, executable=installed)
    python(*pip, f"{wheel}[pymemcache]")
    python("-X", "dev", "-W", "error", str(ROOT / ".ci" / "demo.py"), executable=installed)


def main() -> None:
    """Run every check; the first that fails ends it."""
    # What lies on it, pip would take for installed.
    os.environ.pop("PYTHONPATH", None)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sdist, wheel = build(folder)
        python("-m", "twine", "check", "--strict", str(sdist), str(wheel))
        check_installed(wheel, folder / "environment")
    print("The sdist and the wheel build, and the wheel works.")


if __name__ == "__main__":
    main()
