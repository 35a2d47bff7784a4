"""`TripwireTestCase`: a strict test in unittest's own form."""

from __future__ import annotations

import inspect
import sys
import unittest
from contextlib import contextmanager
from functools import partial
from typing import (
    Any,
    AsyncGenerator,
    Callable,
    Coroutine,
    Generator,
    Iterator,
    List,
    Optional,
    Type,
)

from tripwire._inert import no_verifier
from tripwire._scopes import Reason
from tripwire._swallowed.violations import Evidence
from tripwire._test import StrictTest
from tripwire._verifier import Sandbox, StrictVerifier
from tripwire.errors import NoActiveVerifierError, TripwireError
from tripwire.plugins.memcache_plugin import MemcachePlugin

_NO_MESSAGE: Any = object()

# unittest leaves the frames of modules with this name out of the tracebacks that it prints.
__unittest = True


class TripwireTestCase(unittest.TestCase):
    """A `unittest.TestCase` each of whose tests is strict; put it first among the bases.

    `setUp` gives a test `self.verifier` and `self.memcache`; `tearDown` verifies, and what it finds
    is a failure of the test. Outside the sandboxes nothing reaches a server either.

    >>> from pymemcache.client.base import Client
    >>> class SessionTest(TripwireTestCase):
    ...     def test_hit(self):
    ...         self.memcache.mock_command("GET", returns=b"user:42")
    ...         with self.sandbox():
    ...             self.assertEqual(Client(("localhost", 11211)).get("k"), b"user:42")
    ...         self.memcache.assert_get("GET", "k")
    >>> SessionTest("test_hit").debug()

    Attributes:
        allow_real_memcached: whether calls outside a sandbox may reach a real server.
        impossible_replies: `"refuse"` or `"allow"`, as in `MemcachePlugin`.
        strict_fields: whether assertions compare what they leave out, as in `MemcachePlugin`.
    """

    # Annotated, so that a type checker sees when a subclass gives one a value of another type.
    allow_real_memcached: bool = False
    impossible_replies: str = "refuse"
    strict_fields: bool = False

    # The names of a test case are its user's: all that is ours is behind this one.
    _tripwire: Optional[StrictTest[MemcachePlugin]] = None

    # --- what a test uses -------------------------------------------------------------------------

    @property
    def verifier(self) -> StrictVerifier:
        """This test's verifier. `NoActiveVerifierError` before `setUp` and after the test."""
        return _set_up(self, "self.verifier").verifier

    @property
    def memcache(self) -> MemcachePlugin:
        """This test's plugin. `NoActiveVerifierError` before `setUp` and after the test."""
        return _set_up(self, "self.memcache").plugin

    @property
    def sandbox(self) -> Sandbox:
        """A context manager inside which every command is intercepted, called or not.

        `with self.sandbox:` and `with self.sandbox():` are the same.
        """
        return _set_up(self, "self.sandbox()").verifier.sandbox

    # --- what unittest calls ----------------------------------------------------------------------

    def run(self, result: Optional[unittest.TestResult] = None) -> Optional[unittest.TestResult]:
        """As `unittest.TestCase.run`, as one strict test."""
        ran: Optional[unittest.TestResult] = _run_test(self, super().run, result)
        return ran

    def debug(self) -> None:
        """As `unittest.TestCase.debug`, as one strict test that is verified when it returns."""
        _run_test(self, partial(_debug, self, super().debug))

    def setUp(self) -> None:
        """Give the test its verifier. Called by hand, it begins a test that `tearDown` ends."""
        super().setUp()
        test = self._tripwire
        if test is None or test.by_hand:
            _end_by_hand(self)
            test = _begin_by_hand(self)
        # Where a runner calls `setUp` outright, and not through `_callSetUp`, this is first.
        test.guard()
        test.scope.enter_context()
        test.is_set_up = True

    def tearDown(self) -> None:
        """Verify. Raises a `VerificationError` with what was found."""
        super().tearDown()
        test = self._tripwire
        if test is not None:
            try:
                test.verify(partial(_evidence, self), final=test.by_hand)
            finally:
                _end_by_hand(self)

    def doCleanups(self) -> Any:
        """As `unittest.TestCase.doCleanups`; after all cleanups, verify for the last time."""
        run: Callable[[], Any] = super().doCleanups
        succeeded = run()
        test = self._tripwire
        if test is None or test.in_part:
            # A test may call this itself; the runner calls it again.
            return succeeded
        # Here, and not in a cleanup that `setUp` adds: one added before it would run later.
        # What is found is raised by a cleanup, so that unittest reports it.
        if _is_async(self):
            self.addCleanup(_verify_async, self)
        else:
            try:
                _verify(self)
                return succeeded
            except TripwireError as found:
                self.addCleanup(_raise, found)
        return run() and succeeded

    @contextmanager
    def subTest(self, msg: Any = _NO_MESSAGE, **params: Any) -> Iterator[None]:
        """As `unittest.TestCase.subTest`; what a failing one leaves open is not reported."""
        message = () if msg is _NO_MESSAGE else (msg,)
        with super().subTest(*message, **params):
            test = _current(self)
            mark = test.mark()
            try:
                yield
            except unittest.SkipTest:
                # A skip skips the subtest; the test goes on.
                raise
            except BaseException as error:
                test.failed_since(mark, error)
                _end_at_the_caller(test, error)
                raise

    # `unittest.TestCase.run` and `debug`, and `IsolatedAsyncioTestCase`, call the parts of a test
    # through these; only here can one see how they went. (`_outcome.success` does not tell.)

    def _callSetUp(self) -> None:
        test = _current(self)
        test.guard()
        test.scope.outside = Reason.SETTING_UP
        try:
            _run_part(self, super()._callSetUp)  # type: ignore[misc]  # not in typeshed
        finally:
            test.scope.outside = Reason.OUTSIDE
        if not _current(self).is_set_up:
            _run_part(self, partial(_set_up, self, "this test"))

    def _callTestMethod(self, method: Callable[[], Any]) -> None:
        if not (_is_async(self) and inspect.iscoroutinefunction(method)):
            method = partial(_run_whole, self, method)
        _run_part(self, super()._callTestMethod, method)  # type: ignore[misc]  # not in typeshed

    def _callTearDown(self) -> None:
        _run_part(self, super()._callTearDown)  # type: ignore[misc]  # not in typeshed

    def _callCleanup(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        try:
            super()._callCleanup(function, *args, **kwargs)  # type: ignore[misc]  # not in typeshed
        except BaseException as error:
            _failed(self, error)
            raise


def _run_test(case: TripwireTestCase, run: Callable[..., Any], *args: Any) -> Any:
    """Run a test from its beginning to its end."""
    test = _new_test(case)
    try:
        try:
            test.begin()
            return run(*args)
        finally:
            test.close()
    finally:
        # Why twice, `tripwire._test` says.
        test.close()
        case._tripwire = None


def _new_test(case: TripwireTestCase, by_hand: bool = False) -> StrictTest[MemcachePlugin]:
    test = case._tripwire = StrictTest(
        partial(
            MemcachePlugin,
            impossible_replies=case.impossible_replies,
            strict_fields=case.strict_fields,
        ),
        case.id,
        guarded=not case.allow_real_memcached,
        by_hand=by_hand,
    )
    return test


def _begin_by_hand(case: TripwireTestCase) -> StrictTest[MemcachePlugin]:
    test = _new_test(case, by_hand=True)
    test.begin()
    return test


def _end_by_hand(case: TripwireTestCase) -> None:
    test = case._tripwire
    if test is not None and test.by_hand:
        test.close()
        case._tripwire = None


def _current(case: TripwireTestCase) -> StrictTest[MemcachePlugin]:
    # A runner that calls the parts of a test without `run` begins it with the first part.
    return case._tripwire or _begin_by_hand(case)


def _set_up(case: TripwireTestCase, what: str) -> StrictTest[MemcachePlugin]:
    test = case._tripwire
    if test is None:
        raise no_verifier(what)
    if not test.is_set_up:
        raise NoActiveVerifierError(
            f"{type(case).__name__}.setUp() did not call super().setUp().\n"
            "So this test has no verifier. Call it first thing in setUp."
        )
    return test


def _evidence(case: TripwireTestCase) -> Evidence:
    name = case._testMethodName
    mark = "__unittest_expecting_failure__"
    expects = any(getattr(each, mark, False) for each in (case, getattr(type(case), name, None)))
    return Evidence(partial(_functions, type(case), name), name, expected_failure=expects)


def _functions(kind: Type[TripwireTestCase], name: str) -> List[Any]:
    # From the class, because Django wraps async tests on the instance; from its bases as well,
    # because a test may call `super()`.
    return [vars(each)[name] for each in kind.__mro__ if name in vars(each)]


def _debug(case: TripwireTestCase, debug: Callable[[], None]) -> None:
    debug()
    _verify(case)


def _verify(case: TripwireTestCase) -> None:
    """Verify for the last time, and leave the context of the test."""
    test = _current(case)
    try:
        test.verify(partial(_evidence, case))
    finally:
        test.scope.leave_context()


def _raise(found: TripwireError) -> None:
    raise found


async def _verify_async(case: TripwireTestCase) -> None:
    """As `_verify`, after all that the test's event loop still holds has come to its end.

    unittest itself ends that only when the result of the test can no longer change.
    """
    # Loaded, since one of its loops is running; `import tripwire` does not load it.
    asyncio = sys.modules["asyncio"]
    loop = asyncio.get_running_loop()
    await _end_tasks(asyncio, loop)
    await loop.shutdown_asyncgens()
    await loop.shutdown_default_executor()
    await _end_tasks(asyncio, loop)
    _verify(case)


async def _end_tasks(asyncio: Any, loop: Any) -> None:
    """Cancel all other tasks and await them, and those that they begin meanwhile."""
    # Not for ever: one that always begins another would never let a test end.
    for _ in range(100):
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        if not tasks:
            break
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for task in tasks:
            _tell_failure(task, loop)


def _tell_failure(task: Any, loop: Any) -> None:
    # As unittest does with the tasks that it cancels itself.
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, TripwireError):
        message = "unhandled exception during test shutdown"
        loop.call_exception_handler({"message": message, "exception": error, "task": task})


def _is_async(case: unittest.TestCase) -> bool:
    """Whether it is an `IsolatedAsyncioTestCase`; importing that would load asyncio."""
    return hasattr(case, "_callMaybeAsync")


def _run_whole(case: TripwireTestCase, method: Callable[[], Any]) -> Any:
    """Run a test method, and refuse it where it returns something that nobody runs."""
    result = method()
    if result is None or not isinstance(result, (Coroutine, Generator, AsyncGenerator)):
        return result
    if _is_async(case) and isinstance(result, Coroutine) and sys.version_info < (3, 11):
        return result  # pragma: no cover - until Python 3.10 unittest awaits it
    if not isinstance(result, AsyncGenerator):
        result.close()
    name = f"{type(case).__name__}.{case._testMethodName}"
    if isinstance(result, Coroutine):
        advice = "Put unittest.IsolatedAsyncioTestCase behind TripwireTestCase among the bases."
    else:
        advice = "Take the `yield` out of it."
    raise TypeError(
        f"{name} returned {_kind(result)} that nobody runs, so it tests nothing.\n{advice}"
    )


def _kind(result: object) -> str:
    return "a coroutine" if isinstance(result, Coroutine) else "a generator"


def _run_part(case: TripwireTestCase, part: Callable[..., Any], *args: Any) -> None:
    """Run `setUp`, the test method or `tearDown`, and note what it fails with."""
    test = _current(case)
    test.in_part = True
    try:
        part(*args)
    except BaseException as error:
        _failed(case, error)
        raise
    finally:
        test.in_part = False


def _failed(case: TripwireTestCase, error: BaseException) -> None:
    test = case._tripwire
    if test is not None:
        test.failures.append(error)
        test.explain(error)
        _end_at_the_caller(test, error)


def _end_at_the_caller(test: StrictTest[MemcachePlugin], error: BaseException) -> None:
    if isinstance(error, TripwireError):
        test.plugin.callsites.end_at_the_caller(error)
