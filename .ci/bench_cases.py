"""What `bench.py` measures: pyperf benchmarks, each called `<what>/<who>`."""

from __future__ import annotations

import argparse
import gc
import timeit
import unittest
from typing import Any, Dict, List, Tuple
from unittest import mock

import pyperf  # type: ignore[import-untyped]  # ships no types
from bench_situations import (
    CLIENT,
    KEY,
    SERVER,
    Bare,
    Empty,
    EmptyTripwire,
    Situation,
    Stub,
    asserted,
    called,
    given,
    intercepted,
    interleaved,
    null,
    pickled,
    pickled_null,
    registering,
    served,
    specced,
    stubbed,
)
from pymemcache.client import base

from tripwire import MemcachePlugin, StrictVerifier

LENGTHS = (200, 2_000, 20_000)
LONGEST = 200_000
HELD = (10, 100_000)
"""How many items a store holds."""

GET = f"client.get({KEY!r})"
SET = f"client.set({KEY!r}, b'user:42', expire=60)"
STORED_SET = f"client.set({KEY!r}, b'user:42', expire=60, noreply=False)"
INCR = "client.incr('n', 1)"
RUN = "case.run(result())"

# --- whole tests ----------------------------------------------------------------------------------


def tripwire_test() -> None:
    """Two calls: verifier, plugin, mocks, sandbox, calls, assertions, verification."""
    verifier = StrictVerifier()
    memcache = MemcachePlugin(verifier)
    memcache.mock_command("GET", returns=b"user:42")
    memcache.mock_command("SET", returns=True)
    with verifier.sandbox():
        client = base.Client(SERVER)
        client.get(KEY)
        client.set(KEY, b"user:42", expire=60)
    memcache.assert_get("GET", KEY)
    memcache.assert_set("SET", KEY, b"user:42", expire=60)
    verifier.verify_all()


def autospec_test() -> None:
    """The same calls with unittest.mock."""
    with mock.patch(CLIENT, autospec=True) as patched:
        patched.return_value.get.return_value = b"user:42"
        patched.return_value.set.return_value = True
        client: Any = base.Client(SERVER)
        client.get(KEY)
        client.set(KEY, b"user:42", expire=60)
    client.get.assert_called_once_with(KEY)
    client.set.assert_called_once_with(KEY, b"user:42", expire=60)


def stub_test() -> None:
    """The same calls with a stub."""
    client = Stub()
    client.get(KEY)
    client.set(KEY, b"user:42", expire=60)
    expected = [("get", KEY), ("set", KEY, b"user:42", 60)]
    unittest.TestCase().assertEqual(client.calls, expected)


def timeline(length: int) -> None:
    """The whole life of many interactions: registered, called, asserted, verified."""
    verifier = StrictVerifier()
    memcache = MemcachePlugin(verifier)
    for _ in range(length):
        memcache.mock_command("GET", returns=b"user:42")
    client = base.Client(SERVER)
    with verifier.sandbox():
        for _ in range(length):
            client.get(KEY)
    for _ in range(length):
        memcache.assert_get("GET", KEY)
    verifier.verify_all()


# --- benchmarks -----------------------------------------------------------------------------------

CASES: Dict[str, Tuple[str, Situation]] = {
    "call/bare": ("bare.method(a=1, b=2, c=3)", given(bare=Bare())),
    "get/tripwire": (GET, intercepted),
    "get/autospec": (GET, specced),
    "get/stub": (GET, stubbed),
    "get/null socket": (GET, null(b"END\r\n")),
    "get, a hit/null socket": (GET, null(b"VALUE session:abc 0 7\r\nuser:42\r\nEND\r\n")),
    "get, a list/tripwire": (GET, pickled),
    "get, a list/null socket": (GET, pickled_null),
    "set/tripwire": (SET, intercepted),
    "set/autospec": (SET, specced),
    "set/stub": (SET, stubbed),
    "set/null socket": (SET, null(b"")),
    **{
        f"{what} over {held:,}/tripwire": (statement, served(held))
        for what, statement in (("get", GET), ("stored set", STORED_SET), ("incr", INCR))
        for held in HELD
    },
    "stored set/null socket": (STORED_SET, null(b"STORED\r\n")),
    "incr/null socket": (INCR, null(b"8\r\n")),
    "mock_command/tripwire": ("memcache.mock_command('GET', returns=b'user:42')", registering),
    "mock_command/autospec": ("client.get.return_value = b'user:42'", specced),
    "mock_command/stub": ("client.got = b'user:42'", stubbed),
    "assertion/tripwire": (f"memcache.assert_get(command='GET', key={KEY!r})", called),
    "assertion/autospec": (f"client.get.assert_called_with({KEY!r})", specced),
    "assertion/stub": (f"equal(client.calls[0], ('get', {KEY!r}))", stubbed),
    "whole test/tripwire": ("test()", given(test=tripwire_test)),
    "whole test/autospec": ("test()", given(test=autospec_test)),
    "whole test/stub": ("test()", given(test=stub_test)),
    "empty test/tripwire": (RUN, given(case=EmptyTripwire("test"), result=unittest.TestResult)),
    "empty test/bare": (RUN, given(case=Empty("test"), result=unittest.TestResult)),
    "verification of 200/tripwire": ("verifier.verify_all()", asserted(200)),
    "verification of 20,000/tripwire": ("verifier.verify_all()", asserted(20_000)),
}


def timed(times: int, statement: str, situation: Situation) -> float:
    """How many seconds a statement takes that often, with the garbage collector as in a test."""
    with situation(times) as names:
        timer = timeit.Timer(statement, setup="gc.enable()", globals={**names, "gc": gc})
        return timer.timeit(times)


def main() -> None:
    """Measure the cases, or one of the timelines only."""
    runner = pyperf.Runner(add_cmdline_args=hand_on)
    runner.argparser.add_argument(
        "--length", type=int, help="measure only a timeline of this length"
    )
    length = runner.parse_args().length
    if length is None:
        for name, (statement, situation) in CASES.items():
            runner.bench_time_func(name, timed, statement, situation)
        rounds = interleaved("visits", "visits")
        runner.bench_func(
            "round of two workers/tripwire", interleaved, "visits", "visits", inner_loops=rounds
        )
    for each in LENGTHS if length is None else (length,):
        name = f"one of {each:,}/tripwire"
        runner.bench_func(name, timeline, each, inner_loops=each)


def hand_on(command: List[str], arguments: argparse.Namespace) -> None:
    """Give our own option to the worker processes too."""
    if arguments.length is not None:
        command.extend(("--length", str(arguments.length)))


if __name__ == "__main__":
    main()
