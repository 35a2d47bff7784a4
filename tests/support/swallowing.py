"""What application code does around a cache: ways to violate a test, and ways to swallow it."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context, copy_context
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Type
from unittest import mock

from tests.support.cases import CLIENT
from tripwire import (
    ImpossibleReplyMetError,
    SandboxNotActiveError,
    SwallowedViolationError,
    TripwireTestCase,
    UnmockedInteractionError,
    Violation,
    ViolationError,
)

EARLY = CLIENT.get
"""Bound before anything is intercepted."""

Call = Callable[[], Any]


# --- the kinds of violation: each makes a call that must not be made ------------------------------


def unmocked(case: TripwireTestCase, swallow: Callable[[Call], None], client: Any) -> None:
    """A command that no mock answers."""
    with case.sandbox():
        swallow(lambda: client.get("k"))


def outside(case: TripwireTestCase, swallow: Callable[[Call], None], client: Any) -> None:
    """A command while no sandbox is open."""
    swallow(lambda: client.get("k"))


def late(case: TripwireTestCase, swallow: Callable[[Call], None], client: Any) -> None:
    """A command in a context whose sandbox has closed."""
    with case.sandbox():
        context: Context = copy_context()
    # A context can be entered once at a time, and only in one thread.
    swallow(lambda: context.copy().run(client.get, "k"))


def impossible(case: TripwireTestCase, swallow: Callable[[Call], None], client: Any) -> None:
    """A command that meets a reply of text, which its client would give as bytes."""
    case.memcache.mock_command("GET", returns="text", times=None)
    with case.sandbox():
        swallow(lambda: client.get("k"))


def bound_early(case: TripwireTestCase, swallow: Callable[[Call], None], client: Any) -> None:
    """A command through a method that was taken before the test."""
    with case.sandbox():
        swallow(lambda: EARLY("k"))


def private(case: TripwireTestCase, swallow: Callable[[Call], None], client: Any) -> None:
    """A call of what is under the commands."""
    with case.sandbox():
        swallow(lambda: client._fetch_cmd(b"get", ["k"], False))  # noqa: SLF001  # as subclasses do


KINDS: Dict[Any, Type[ViolationError]] = {
    unmocked: UnmockedInteractionError,
    outside: SandboxNotActiveError,
    late: SandboxNotActiveError,
    impossible: ImpossibleReplyMetError,
    bound_early: UnmockedInteractionError,
    private: UnmockedInteractionError,
}


# --- the ways to swallow: what application code does around a cache -------------------------------


def except_exception(call: Call) -> None:
    """The usual one."""
    try:
        call()
    except Exception:
        return


def bare_except(call: Call) -> None:
    """The one that linters know."""
    try:
        call()
    except:  # noqa: E722 - it is what is tested
        return


def suppressing(call: Call) -> None:
    """The standard library's."""
    with contextlib.suppress(Exception):
        call()


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """A context manager of the application's own."""
    try:
        yield
    except Exception:
        return


def quietly(call: Call) -> None:
    """Through a context manager."""
    with quiet():
        call()


def returning_finally(call: Call) -> None:
    """The one that is seldom meant."""
    try:
        call()
    finally:
        return  # noqa: B012 - it is what is tested


def retrying(call: Call) -> None:
    """Three attempts, then a default."""
    for _ in range(3):
        with contextlib.suppress(Exception):
            call()


def translating(call: Call) -> None:
    """An exception of the application's own takes its place."""
    try:
        call()
    except Exception as error:
        raise LookupError("cache") from error


def translated(call: Call) -> None:
    """The application's own exception is expected, by the application."""
    with contextlib.suppress(LookupError):
        translating(call)


def thread(call: Call) -> None:
    """A worker thread, which dies of it."""
    with mock.patch.object(threading, "excepthook", lambda args: None):
        worker = threading.Thread(target=call)
        worker.start()
        worker.join()


def pool(call: Call) -> None:
    """A future that nobody asks."""
    with ThreadPoolExecutor(1) as executor:
        executor.submit(call)


def task(call: Call) -> None:
    """A task that nobody awaits."""
    asyncio.run(forgetful(call))


async def forgetful(call: Call) -> None:
    """Start a task and forget it."""
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
    forgotten = asyncio.ensure_future(refresh(call))
    while not forgotten.done():
        await asyncio.sleep(0)


async def refresh(call: Call) -> None:
    """The task: it lets the violation pass, in ways that look like handling."""
    try:
        with contextlib.suppress(KeyError):
            call()
    finally:
        await asyncio.sleep(0)


def executor(call: Call) -> None:
    """An event loop's thread that nobody asks."""
    asyncio.run(delegating(call))


async def delegating(call: Call) -> None:
    """Hand it to a thread, and look whether that is done, not how it went."""
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda loop, context: None)
    await asyncio.wait([loop.run_in_executor(None, call)])


def skip_without_cache() -> None:
    """What tests of some applications begin with."""
    try:
        CLIENT.version()
    except Exception:
        raise unittest.SkipTest("no memcached here")  # noqa: B904 - its context is what is tested


class Group(Exception):
    """An exception that holds others, as PEP 654 has it; or something else of that name."""

    exceptions: Any

    def __init__(self, *exceptions: BaseException) -> None:
        super().__init__("several")
        self.exceptions = exceptions


@dataclasses.dataclass(frozen=True)
class Frozen(Exception):
    """An exception with attributes that stay."""

    key: str


class Catcher(NamedTuple):
    """Who is to be named: a function and the end of its file's name."""

    function: str
    file: str = "swallowing.py"


WAYS: Dict[Callable[[Call], None], Catcher] = {
    except_exception: Catcher("except_exception"),
    bare_except: Catcher("bare_except"),
    suppressing: Catcher("suppressing"),
    quietly: Catcher("quiet"),
    returning_finally: Catcher("returning_finally"),
    retrying: Catcher("retrying"),
    translated: Catcher("translating"),
}

ELSEWHERE: Dict[Callable[[Call], None], Catcher] = {
    thread: Catcher("_bootstrap_inner", "threading.py"),
    pool: Catcher("run", "concurrent/futures/thread.py"),
    task: Catcher("refresh"),
    executor: Catcher("run", "concurrent/futures/thread.py"),
}


# --- a test around them -------------------------------------------------------------------------


def findings(body: Callable[[TripwireTestCase], None]) -> List[Violation]:
    """The violations that a test with that body fails of, and of nothing else."""
    reported: List[Violation] = []

    class Inner(TripwireTestCase):
        def test(self) -> None:
            body(self)

        def tearDown(self) -> None:
            try:
                super().tearDown()
            except SwallowedViolationError as error:
                reported.extend(error.violations)
                raise

    result = unittest.TestResult()
    Inner("test").run(result)
    assert len(result.failures) == 1, result
    assert not result.errors, result.errors
    return reported
