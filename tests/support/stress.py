"""Many strict tests at once, each in a thread of its own, and many threads in one test."""

from __future__ import annotations

import gc
import sys
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any, Callable, Dict, Iterable, Iterator, List

from pymemcache.client.base import Client

import tripwire
from tests.support.cases import CLIENT, SERVER, by_hand
from tests.support.outlasting import outlasting
from tripwire import (
    InterleavingError,
    MemcachePlugin,
    SwallowedViolationError,
    TripwireTestCase,
    UnassertedInteractionsError,
)

THREADS = 8
CHECK = unittest.TestCase()


@contextmanager
def restless() -> Iterator[None]:
    """Have the interpreter switch threads wherever it can, and collect garbage all the time.

    Until Python 3.12 it collects in the middle of an allocation. Where that runs code written in
    Python (a callback, as hypothesis has one, or a finalizer), it may switch threads there, too.
    """
    interval, threshold = sys.getswitchinterval(), gc.get_threshold()
    gc.callbacks.append(_loop)
    gc.set_threshold(7, 3, 3)
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        gc.set_threshold(*threshold)
        gc.callbacks.remove(_loop)


def _loop(phase: str, info: Dict[str, int]) -> None:
    # A turn of a loop is where the interpreter switches.
    for _ in range(20):
        pass


def expect_own(memcache: MemcachePlugin, name: str) -> None:
    """Register what one test needs."""
    memcache.mock_command("GET", key=f"{name}:a", returns=name.encode())
    memcache.mock_command("SET", returns=True)
    memcache.mock_command("GET_MANY", returns={f"{name}:b": name.encode()})


def call_own(name: str) -> None:
    """Make the calls of one test; none may get another's reply."""
    assert CLIENT.get(f"{name}:a") == name.encode()
    assert CLIENT.set(f"{name}:a", name.encode()) is True
    assert CLIENT.get_many([f"{name}:b"]) == {f"{name}:b": name.encode()}


def assert_own(memcache: MemcachePlugin, name: str) -> None:
    """Assert those calls, which must be the only ones."""
    memcache.assert_get("GET", f"{name}:a")
    memcache.assert_set("SET", f"{name}:a", name.encode())
    memcache.assert_get_many("GET_MANY", [f"{name}:b"])
    threads = {interaction.thread for interaction in memcache.verifier.interactions}
    assert threads == {threading.current_thread().name}, threads


def built_by_hand(name: str) -> None:
    """One test with a verifier of its own; its sandboxes nest."""
    verifier, memcache = by_hand()
    expect_own(memcache, name)
    with verifier.sandbox(), verifier.sandbox():
        call_own(name)
    assert_own(memcache, name)
    verifier.verify_all()


def swallowing(name: str) -> None:
    """One test whose violation must be found here, and nowhere else."""
    verifier, _ = by_hand()
    with verifier.sandbox():
        swallow(name)
    with CHECK.assertRaises(SwallowedViolationError) as caught:
        verifier.verify_all()
    (violation,) = caught.exception.violations
    assert f"{name}:lost" in violation.message


def swallow(name: str) -> None:
    """What careless code does."""
    with suppress(AssertionError):
        CLIENT.get(f"{name}:lost")


@tripwire.strict
def strictly(name: str) -> None:
    """One test in `strict`, by way of the module."""
    expect_own(tripwire.memcache, name)
    with tripwire.sandbox():
        call_own(name)
    assert_own(tripwire.memcache, name)


def under_unittest(name: str) -> None:
    """One test in a `TripwireTestCase`, and one that must fail."""

    class Test(TripwireTestCase):
        def test(self) -> None:
            expect_own(self.memcache, name)
            with self.sandbox():
                call_own(name)
            assert_own(self.memcache, name)

        def test_unasserted(self) -> None:
            self.memcache.mock_command("GET", returns=name.encode())
            with self.sandbox():
                assert CLIENT.get(f"{name}:open") == name.encode()

    result = unittest.TestResult()
    Test("test").run(result)
    assert result.wasSuccessful(), result.failures + result.errors
    Test("test_unasserted").run(result)
    ((_, text),) = result.failures
    assert not result.errors, result.errors
    assert UnassertedInteractionsError.__name__ in text, text
    # With or without `key=`: ast.literal_eval, by which a report knows what can be pasted, fails in
    # Python 3.11 now and then when a collection of garbage switches threads.
    assert f"'{name}:open'" in text, text


def in_every_order(name: str) -> None:
    """One test whose workers are tried in all orders; another's are tried beside it."""
    verifier, memcache = by_hand()
    key = f"{name}:visits"

    def count_badly() -> None:
        cache = Client(SERVER, default_noreply=False)
        cache.set(key, int(cache.get(key)) + 1)

    def scenario(together: Any) -> None:
        store = memcache.store({key: 0})
        together(count_badly, count_badly)
        assert store[key] == b"2", store.items()

    with CHECK.assertRaises(InterleavingError) as caught:
        memcache.interleave(scenario)
    assert caught.exception.schedule == "aAbBBA", caught.exception
    verifier.verify_all()


TESTS: List[Callable[[str], None]] = [
    built_by_hand,
    swallowing,
    strictly,
    in_every_order,
    under_unittest,
]


def one_round(pool: ThreadPoolExecutor, number: int) -> List[BaseException]:
    """Run one test in each thread of a pool, all at once; give what went wrong."""
    ready = threading.Barrier(THREADS)

    def work(index: int) -> None:
        ready.wait()
        TESTS[index % len(TESTS)](f"round-{number}-thread-{index}")

    futures = [pool.submit(work, index) for index in range(THREADS)]
    errors = [future.exception() for future in futures]
    return [error for error in errors if error is not None]


def in_one_test(pool: ThreadPoolExecutor, number: int) -> None:
    """Let all threads of a pool take part in one test, which must lose nothing of any."""
    ready = threading.Barrier(THREADS)
    verifier, memcache = by_hand()
    keys = [f"round-{number}-thread-{index}" for index in range(THREADS)]

    def work(key: str) -> None:
        ready.wait()
        memcache.mock_command("GET", key=key, returns=key.encode(), times=2)
        assert CLIENT.get(key) == key.encode()
        with verifier.sandbox():
            assert CLIENT.get(key) == key.encode()

    with verifier.sandbox():
        list(pool.map(work, keys))
    with memcache.in_any_order():
        for key in keys * 2:
            memcache.assert_get("GET", key)
    verifier.verify_all()


def rounds(numbers: Iterable[int]) -> Iterator[List[BaseException]]:
    """Run a round for each number, with a restless interpreter; what went wrong in each."""
    before = list(vars(Client).items())
    originals = time.sleep, threading.Lock
    with restless(), ThreadPoolExecutor(THREADS) as pool:
        for number in numbers:
            yield one_round(pool, number)
            in_one_test(pool, number)
            outlasting(pool, THREADS)
            CHECK.assertEqual(list(vars(Client).items()), before)
            CHECK.assertEqual((time.sleep, threading.Lock), originals)
            workers = [each for each in threading.enumerate() if hasattr(each, "of_tripwire")]
            CHECK.assertEqual(workers, [])
