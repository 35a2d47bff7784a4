"""A finalizer that calls the cache, wherever the garbage collector runs it: rule 9."""

from __future__ import annotations

import subprocess
import sys
import unittest
from pathlib import Path

from tests.support.platform import needs_processes

ROOT = Path(__file__).resolve().parents[2]

# Until Python 3.12 garbage is collected in the middle of an allocation, so also while a context
# variable is set. A finalizer that sets it as well then crashes the interpreter. Each collection
# leaves something to finalize for the next one; the loop over the thresholds moves the moment.
SCRIPT = """
import gc, threading, unittest.mock
from pymemcache.client.base import Client
import tripwire

client, other = (Client(("localhost", 11211)) for _ in range(2))
finalized = 0
goes_on = False

class Node:
    def __init__(self):
        self.itself = self

    def __del__(self):
        global finalized
        finalized += 1
        if goes_on:
            Node()
            assert other.get("finalizer") == b"v"
            assert client.get("finalizer") == b"v"

def calls():
    global goes_on
    goes_on = True
    for threshold in range(1, 5):
        gc.set_threshold(threshold, 1000, 1000)
        Node()
        for number in range(20):
            assert client.get(f"k{number}") == b"v"
    goes_on = False
    gc.set_threshold(700, 10, 10)
    gc.collect()

with tripwire.strict() as verifier:
    tripwire.memcache.expect("GET", key=unittest.mock.ANY, returns=b"v", times=None)
    with verifier.sandbox():
        calls()
        thread = threading.Thread(target=calls)
        thread.start()
        thread.join()
    keys = [interaction.fields["key"] for interaction in verifier.interactions]
    own = [key for key in keys if key != "finalizer"]
    assert own == 8 * [f"k{number}" for number in range(20)], own
    assert finalized > 1000, finalized
    assert len(keys) - len(own) == 2 * (finalized - 8), (len(keys), len(own), finalized)
"""


@needs_processes
class FinalizerTest(unittest.TestCase):
    """In a process of its own, because what is tested is that it does not crash."""

    def test_finalizer_calls_in_the_middle_of_a_call(self) -> None:
        """Every call gets its answer and is recorded, the finalizer's and the one around it."""
        run = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            cwd=ROOT,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.assertEqual((run.returncode, run.stdout), (0, ""))
