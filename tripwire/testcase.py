"""`TripwireTestCase`: a strict test in unittest's own form."""

from __future__ import annotations

import unittest
from contextlib import ExitStack, contextmanager
from functools import partial
from types import TracebackType
from typing import Any, Callable, Iterator, List, Optional, Tuple, Type

from tripwire import _messages
from tripwire._sandbox import Sandbox
from tripwire._strict import StrictTest, ending
from tripwire._verifier import StrictVerifier
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
    _tripwire: Optional[StrictTest] = None

    # --- what a test uses -------------------------------------------------------------------------

    @property
    def verifier(self) -> StrictVerifier:
        """This test's verifier. `NoActiveVerifierError` before `setUp` and after the test."""
        return _set_up(self, "self.verifier").verifier

    @property
    def memcache(self) -> MemcachePlugin:
        """This test's plugin. `NoActiveVerifierError` before `setUp` and after the test."""
        return _set_up(self, "self.memcache").memcache

    def sandbox(self) -> Sandbox:
        """A context manager inside which every command is intercepted."""
        return _set_up(self, "self.sandbox()").verifier.sandbox()

    # --- what unittest calls ----------------------------------------------------------------------

    def run(self, result: Optional[unittest.TestResult] = None) -> Optional[unittest.TestResult]:
        """As `unittest.TestCase.run`, as one strict test."""
        with _one_test(self):
            return super().run(result)

    def debug(self) -> None:
        """As `unittest.TestCase.debug`, as one strict test."""
        with _one_test(self):
            super().debug()

    def setUp(self) -> None:
        """Give the test its verifier. Called by hand, it begins a test that `tearDown` ends."""
        super().setUp()
        test = self._tripwire
        if test is None or test.by_hand:
            _end(self)
            test = _begin(self, by_hand=True)
        # Under a runner that calls `setUp` in a way of its own, this is the first that is heard.
        test.guard()
        test.watch.enter_context()
        test.is_set_up = True

    def tearDown(self) -> None:
        """Verify. Raises a `VerificationError` with what was found."""
        super().tearDown()
        test = self._tripwire
        if test is not None:
            try:
                _verify(self, test)
            finally:
                if test.by_hand:
                    _end(self)

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
        # A skip skips the subtest; the test goes on.
        with super().subTest(*message, **params), _noting(self, but=(unittest.SkipTest,)):
            yield

    # `unittest.TestCase.run` and `debug`, and `IsolatedAsyncioTestCase`, call the parts of a test
    # through these; only here can one see how they went. (`_outcome.success` does not tell.)

    def _callSetUp(self) -> None:
        test = _current(self)
        test.guard()
        # The first cleanup to be added is the last one to run: it verifies what a `tearDown` that
        # forgot its `super()` did not, and what the other cleanups did.
        self.addCleanup(_last_cleanup, self)
        with _part(self):
            super()._callSetUp()  # type: ignore[misc]  # not in typeshed
            _set_up(self, "this test")

    def _callTestMethod(self, method: Callable[[], Any]) -> None:
        with _part(self):
            super()._callTestMethod(method)  # type: ignore[misc]  # not in typeshed

    def _callTearDown(self) -> None:
        with _part(self):
            super()._callTearDown()  # type: ignore[misc]  # not in typeshed

    def _callCleanup(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        with _noting(self):
            super()._callCleanup(function, *args, **kwargs)  # type: ignore[misc]  # not in typeshed


def _begin(case: TripwireTestCase, by_hand: bool = False) -> StrictTest:
    test = case._tripwire = StrictTest(
        allow_real_memcached=case.allow_real_memcached,
        impossible_replies=case.impossible_replies,
        by_hand=by_hand,
    )
    test.watch.begin()
    return test


def _one_test(case: TripwireTestCase) -> ExitStack:
    with ending(partial(_end, case)) as undo:
        _begin(case)
        return undo.pop_all()


def _end(case: TripwireTestCase) -> None:
    test = case._tripwire
    if test is not None:
        test.end()
        case._tripwire = None


def _current(case: TripwireTestCase) -> StrictTest:
    # A runner that calls the parts of a test without `run` begins it with the first.
    return case._tripwire or _begin(case, by_hand=True)


def _set_up(case: TripwireTestCase, what: str) -> StrictTest:
    test = case._tripwire
    if test is None:
        raise NoActiveVerifierError(_messages.no_verifier(what))
    if not test.is_set_up:
        raise NoActiveVerifierError(_messages.forgotten_setup(type(case).__name__))
    return test


def _verify(case: TripwireTestCase, test: StrictTest) -> None:
    name = case._testMethodName
    mark = "__unittest_expecting_failure__"
    expects = any(getattr(each, mark, False) for each in (case, getattr(type(case), name, None)))
    test.verify(partial(_functions, type(case), name), name, expected_failure=expects)


def _functions(kind: Type[TripwireTestCase], name: str) -> List[Any]:
    # As the classes have it: Django wraps async tests on the instance. A test may call `super()`.
    return [vars(each)[name] for each in kind.__mro__ if name in vars(each)]


def _last_cleanup(case: TripwireTestCase) -> None:
    test = case._tripwire
    if test is None or test.in_part:
        return
    try:
        _verify(case, test)
    finally:
        test.watch.leave_context()


# With stacks, because `contextlib.contextmanager` sets the traceback of what it lets pass, which an
# exception that is a frozen dataclass refuses.


def _part(case: TripwireTestCase) -> ExitStack:
    """Run `setUp`, the test function or `tearDown`."""
    test = _current(case)
    with ExitStack() as undo:
        undo.callback(setattr, test, "in_part", False)
        undo.push(_noting(case))
        test.in_part = True
        return undo.pop_all()


def _noting(case: TripwireTestCase, but: Tuple[Type[BaseException], ...] = ()) -> ExitStack:
    """Note what a part of the test fails with."""
    stack = ExitStack()
    stack.push(partial(_note, case, but))
    return stack


def _note(
    case: TripwireTestCase,
    but: Tuple[Type[BaseException], ...],
    kind: Optional[Type[BaseException]],
    error: Optional[BaseException],
    traceback: Optional[TracebackType],
) -> None:
    test = case._tripwire
    if error is None or test is None:
        return
    if not isinstance(error, but):
        test.failures.append(error)
    if isinstance(error, TripwireError):
        _end_at_the_caller(error, test.memcache.callsites.owns)


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
