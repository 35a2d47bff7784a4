"""`TripwireTestCase`: a strict test in unittest's own form."""

from __future__ import annotations

import unittest
from contextlib import closing, contextmanager
from functools import partial
from typing import Any, Callable, Iterator, Optional

from tripwire._test import StrictTest
from tripwire._verifier import Sandbox, StrictVerifier, no_verifier
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
    """

    # Declared, so that a checker sees when a subclass says something else.
    allow_real_memcached: bool = False
    impossible_replies: str = "refuse"

    # A test case is full of its user's names, so there is one of ours.
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

    def sandbox(self) -> Sandbox:
        """A context manager inside which every command is intercepted."""
        return _set_up(self, "self.sandbox()").verifier.sandbox()

    # --- what unittest calls ----------------------------------------------------------------------

    def run(self, result: Optional[unittest.TestResult] = None) -> Optional[unittest.TestResult]:
        """As `unittest.TestCase.run`, as one strict test."""
        ran: Optional[unittest.TestResult] = _run_test(self, super().run, result)
        return ran

    def debug(self) -> None:
        """As `unittest.TestCase.debug`, as one strict test."""
        _run_test(self, super().debug)

    def setUp(self) -> None:
        """Give the test its verifier. Called by hand, it begins a test that `tearDown` ends."""
        super().setUp()
        test = self._tripwire
        if test is None or test.by_hand:
            _end_by_hand(self)
            test = _begin_by_hand(self)
        # Under a runner that calls `setUp` in a way of its own, this is the first that is heard.
        test.guard()
        test.scope.enter_context()
        test.is_set_up = True

    def tearDown(self) -> None:
        """Verify. Raises a `VerificationError` with what was found."""
        super().tearDown()
        test = self._tripwire
        if test is not None:
            try:
                test.verify(_function(self))
            finally:
                _end_by_hand(self)

    def doCleanups(self) -> Any:
        """As `unittest.TestCase.doCleanups`. A test may call it; ours stays for the end then."""
        run: Callable[[], Any] = super().doCleanups
        succeeded = run()
        if self._tripwire is not None and self._tripwire.in_part:
            self.addCleanup(_last_cleanup, self)
        return succeeded

    @contextmanager
    def subTest(self, msg: Any = _NO_MESSAGE, **params: Any) -> Iterator[None]:
        """As `unittest.TestCase.subTest`; notes a failure, which unittest keeps from `tearDown`."""
        message = () if msg is _NO_MESSAGE else (msg,)
        with super().subTest(*message, **params):
            try:
                yield
            except unittest.SkipTest:
                # A skip skips the subtest; the test goes on.
                raise
            except BaseException as error:
                _failed(self, error)
                raise

    # `unittest.TestCase.run` and `debug`, and `IsolatedAsyncioTestCase`, call the parts of a test
    # through these; only here can one see how they went. (`_outcome.success` does not tell.)

    def _callSetUp(self) -> None:
        _current(self).guard()
        # The first cleanup to be added is the last one to run: it verifies what a `tearDown` that
        # forgot its `super()` did not, and what the other cleanups did.
        self.addCleanup(_last_cleanup, self)
        _run_part(self, super()._callSetUp)  # type: ignore[misc]  # not in typeshed
        _run_part(self, partial(_set_up, self, "this test"))

    def _callTestMethod(self, method: Callable[[], Any]) -> None:
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
        with closing(test), closing(test):
            test.begin()
            return run(*args)
    finally:
        case._tripwire = None


def _new_test(case: TripwireTestCase, by_hand: bool = False) -> StrictTest[MemcachePlugin]:
    test = case._tripwire = StrictTest(
        partial(MemcachePlugin, impossible_replies=case.impossible_replies),
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
    # A runner that calls the parts of a test without `run` begins it with the first.
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


def _function(case: TripwireTestCase) -> Any:
    # As its class has it: Django wraps async tests on the instance.
    return getattr(type(case), case._testMethodName, None)


def _last_cleanup(case: TripwireTestCase) -> None:
    test = case._tripwire
    if test is None or test.in_part:
        return
    try:
        test.verify(_function(case))
    finally:
        test.scope.leave_context()


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
        if isinstance(error, TripwireError):
            _end_at_the_caller(error, test.plugin.callsites.owns)


def _end_at_the_caller(error: TripwireError, is_ours: Callable[[str], bool]) -> None:
    """Take tripwire's own frames, and pymemcache's above them, off the end of a traceback.

    unittest does the same for its assertions: one wants to see the line of the test or of the
    application that called.
    """
    caller, entry = None, error.__traceback__
    while entry is not None:
        if not is_ours(entry.tb_frame.f_code.co_filename):
            caller = entry
        entry = entry.tb_next
    if caller is not None:
        caller.tb_next = None
