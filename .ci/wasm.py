"""Runs the suite on CPython 3.14 as WebAssembly, which comes from npm and runs in node.

All that it needs is kept in .wasm, so that the next time nothing is downloaded. Where node is
missing, this cell is left out, and in continuous integration fails.

Takes the names of tests; without any the whole suite runs.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WASM = ROOT / ".wasm"
SITE = WASM / "site"

PYTHON = "3.14"
PYODIDE = "pyodide@314"
"""Its first number is the Python that it carries."""

STACK = 64 * 1024 * 1024
"""Bytes. Python's recursion limit is reached before the end of this one, but not of node's own."""


def run(*command: str) -> None:
    """Run a command, and stop here where it fails, with all that it printed."""
    ran = subprocess.run(
        command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if ran.returncode:
        raise SystemExit(f"{ran.stdout}\nThis failed: {' '.join(command)}")


def install() -> None:
    """Fetch the interpreter, and wheels of pure Python of the suite's libraries."""
    shutil.rmtree(WASM, ignore_errors=True)
    WASM.mkdir()
    run("npm", "install", "--no-audit", "--no-fund", "--prefix", str(WASM), PYODIDE)
    run(
        *(sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-compile"),
        *("--target", str(SITE), "--only-binary", ":all:", "--python-version", PYTHON),
        *("--implementation", "py", "--abi", "none", "--platform", "any"),
        f"{ROOT}[pymemcache,test]",
    )


def installed() -> bool:
    """Whether what is installed is what setup.cfg asks for."""
    stamp = WASM / "setup.cfg"
    return stamp.exists() and stamp.read_bytes() == (ROOT / "setup.cfg").read_bytes()


def suite(names: list[str]) -> int:
    """Run tests in node; 0 when they passed."""
    _, most = resource.getrlimit(resource.RLIMIT_STACK)
    resource.setrlimit(resource.RLIMIT_STACK, (STACK, most))
    # A little less than the stack of the system, in KiB.
    stack = f"--stack-size={STACK // 1024 - 4096}"
    program = str(ROOT / ".ci" / "wasm.mjs")
    return subprocess.run(("node", stack, program, str(WASM), *names), check=False).returncode


def main() -> int:
    """Install what is not installed, and run the suite."""
    if not (shutil.which("node") and shutil.which("npm")):
        print(f"Left out: Python {PYTHON} as WebAssembly, which needs node and npm.")
        return 1 if os.environ.get("CI") == "true" else 0
    if not installed():
        install()
        shutil.copy(ROOT / "setup.cfg", WASM)
    started = time.monotonic()
    code = suite(sys.argv[1:])
    print(f"In {time.monotonic() - started:.0f} s, with starting it.")
    return code


if __name__ == "__main__":
    sys.exit(main())
