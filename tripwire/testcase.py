"""`TripwireTestCase`: a strict test in unittest's own form."""

from __future__ import annotations

import unittest
from contextlib import contextmanager
from typing import Any, Callable, Iterator, Optional

from tripwire import _messages
from tripwire._sandbox import Sandbox
from tripwire._strict import StrictTest
from tripwire._verifier import StrictVerifier
from tripwire.errors import NoActiveVerifierError
from tripwire.plugins.memcache_plugin import MemcachePlugin

_NO_MESSAGE: Any = object()


class TripwireTestCase(unittest.TestCase):
    """A `unittest.TestCase` each of whose tests is strict; put it first among the bases.

    `setUp` gives a test `self.verifier` and `self.memcache`; `tearDown` verifies, and what it finds
    is a failure of the test. Outside the sandboxes nothing reaches a server either.

    Attributes:
        allow_real_memcached: whether calls outside a sandbox may reach a real server.
        impossible_replies: `"refuse"` or `"allow"`, as in `MemcachePlugin`.
    """

    allow_real_memcached = False
    impossible_replies = "refuse"

    _strict_test: Optional[StrictTest] = None
    _by_hand = False

    # --- what a test uses -------------------------------------------------------------------------

    @property
    def verifier(self) -> StrictVerifier:
        """This test's verifier. `NoActiveVerifierError` before `setUp` and after the test."""
        return self._running("self.verifier").verifier

    @property
    def memcache(self) -> MemcachePlugin:
        """This test's plugin. `NoActiveVerifierError` before `setUp` and after the test."""
        plugin: Any = self._running("self.memcache").memcache
        return plugin  # type: ignore[no-any-return]  # built in StrictTest.guard, so by now

    def sandbox(self) -> Sandbox:
        """A context manager inside which every command is intercepted."""
        return self.verifier.sandbox()

    def _running(self, what: str) -> StrictTest:
        test = self._strict_test
        if test is None:
            raise NoActiveVerifierError(_messages.no_verifier(what))
        if not test.is_set_up:
            raise NoActiveVerifierError(_messages.forgotten_setup(type(self).__name__))
        return test

    # --- what unittest calls ----------------------------------------------------------------------

    def run(self, result: Optional[unittest.TestResult] = None) -> Optional[unittest.TestResult]:
        """As `unittest.TestCase.run`, as one strict test."""
        return self._strictly(lambda: super(TripwireTestCase, self).run(result))

    def debug(self) -> None:
        """As `unittest.TestCase.debug`, as one strict test."""
        self._strictly(super().debug)

    def setUp(self) -> None:
        """Give the test its verifier. Called by hand, it begins a test that `tearDown` ends."""
        super().setUp()
        if self._strict_test is None or self._by_hand:
            self._by_hand = True
            self._begin()
            self._test.guard()
        self._test.watch.enter_context()
        self._test.is_set_up = True

    def tearDown(self) -> None:
        """Verify. Raises a `VerificationError` with what was found."""
        super().tearDown()
        if self._strict_test is not None:
            try:
                self._verify()
            finally:
                if self._by_hand:
                    self._test.end()

    @contextmanager
    def subTest(self, msg: Any = _NO_MESSAGE, **params: Any) -> Iterator[None]:
        """As `unittest.TestCase.subTest`; notes a failure, which unittest keeps from `tearDown`."""
        message = () if msg is _NO_MESSAGE else (msg,)
        with super().subTest(*message, **params):
            try:
                yield
            except unittest.SkipTest:
                raise
            except BaseException as error:
                self._note(error)
                raise

    # `unittest.TestCase.run` and `debug`, and `IsolatedAsyncioTestCase`, call the parts of a test
    # through these; only here can one see how they went. (`_outcome.success` does not tell.)

    def _callSetUp(self) -> None:
        self._test.guard()
        # The first cleanup to be added is the last one to run: it verifies what a `tearDown` that
        # forgot its `super()` did not, and what the other cleanups did.
        self.addCleanup(self._last_cleanup)
        self._noting(super()._callSetUp)  # type: ignore[misc]  # not in typeshed
        if not self._test.is_set_up:
            self._note(error := NoActiveVerifierError(self._forgotten()))
            raise error

    def _callTestMethod(self, method: Callable[[], Any]) -> None:
        self._noting(super()._callTestMethod, method)  # type: ignore[misc]  # not in typeshed

    def _callTearDown(self) -> None:
        self._noting(super()._callTearDown)  # type: ignore[misc]  # not in typeshed

    # ----------------------------------------------------------------------------------------------

    @property
    def _test(self) -> StrictTest:
        test: Any = self._strict_test
        return test  # type: ignore[no-any-return]  # set while a test runs

    def _forgotten(self) -> str:
        return _messages.forgotten_setup(type(self).__name__)

    def _begin(self) -> None:
        self._strict_test = StrictTest(
            allow_real_memcached=self.allow_real_memcached,
            impossible_replies=self.impossible_replies,
        )
        self._strict_test.watch.begin()

    def _strictly(self, run: Callable[[], Any]) -> Any:
        self._by_hand = False
        self._begin()
        try:
            return run()
        finally:
            self._test.end()
            self._strict_test = None

    def _last_cleanup(self) -> None:
        try:
            self._verify()
        finally:
            self._test.watch.leave_context()

    def _verify(self) -> None:
        # The function as its class has it: Django wraps async tests on the instance.
        self._test.verify(getattr(type(self), self._testMethodName, None))

    def _noting(self, part: Callable[..., Any], *args: Any) -> None:
        try:
            part(*args)
        except BaseException as error:
            self._note(error)
            raise

    def _note(self, error: BaseException) -> None:
        if self._strict_test is not None:
            self._strict_test.failures.append(error)
