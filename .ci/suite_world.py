"""What a suite runs over: a store in one sandbox, or a real server."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from typing import Tuple

from tripwire import MemcachePlugin, StrictVerifier

SERVER = os.environ.get("SUITE_SERVER", "")
LEFT_OUT = frozenset(filter(None, os.environ.get("SUITE_LEFT_OUT", "").split(",")))


def begin() -> ExitStack:
    """Open the sandbox, if a store is to answer; closing what is returned leaves it."""
    world = ExitStack()
    if not SERVER:
        verifier = StrictVerifier()
        # These suites wait in real time.
        MemcachePlugin(verifier).store(clock=time.time)
        world.enter_context(verifier.sandbox())
    return world


def address() -> Tuple[str, int]:
    """The server to call; where a store answers, a name that nobody can resolve."""
    host, _, port = (SERVER or "memcached.invalid:11211").partition(":")
    return host, int(port)
