"""What this platform can do, found by trying; a test that needs more is skipped.

CPython as WebAssembly has neither threads nor processes, and there no event loop can run until
something is done.
"""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
import unittest
from typing import Callable


def can(attempt: Callable[[], object]) -> bool:
    """Whether an attempt ends well; what is missing shows as one of the system's errors."""
    try:
        attempt()
    except (OSError, RuntimeError):
        return False
    return True


def need(attempt: Callable[[], object], why: str) -> None:
    """Make an attempt that a test depends on. `SkipTest` where it does not end well."""
    if not can(attempt):
        raise unittest.SkipTest(why)


def _start_thread() -> None:
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()


def _start_process() -> None:
    subprocess.run([sys.executable, "-S", "-c", ""], check=True)


def _connect_sockets() -> None:
    for end in socket.socketpair():
        end.close()


def _run_event_loop() -> None:
    loop = asyncio.new_event_loop()
    # No coroutine: where the loop does not run, nobody would await it.
    turn = loop.create_future()
    loop.call_soon(turn.set_result, None)
    try:
        loop.run_until_complete(turn)
    finally:
        loop.close()


THREADS = can(_start_thread), "this platform starts no threads"
PROCESSES = can(_start_process), "this platform starts no processes"
SOCKETS = can(_connect_sockets), "this platform connects no sockets"
EVENT_LOOP = can(_run_event_loop), "this platform runs no event loop"

needs_threads = unittest.skipUnless(*THREADS)
needs_processes = unittest.skipUnless(*PROCESSES)
needs_sockets = unittest.skipUnless(*SOCKETS)
needs_event_loop = unittest.skipUnless(*EVENT_LOOP)

CALLS = {
    "Thread(": THREADS,
    "start_new_thread(": THREADS,
    "Executor(": THREADS,
    "interleave(": THREADS,
    "asyncio.run(": EVENT_LOOP,
    "IsolatedAsyncioTestCase": EVENT_LOOP,
    "os.fork(": PROCESSES,
}
"""What the programs that tests write call, and what that needs."""


def need_for(program: str) -> None:
    """See that a program can run here. `SkipTest` where this platform lacks what it calls."""
    for call, (there, why) in CALLS.items():
        if call in program and not there:
            raise unittest.SkipTest(why)
