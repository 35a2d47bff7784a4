"""Everything that tripwire raises.

The facts are attributes; the text is built from them in the report rooms. There are two families:
what is wrong with the code under test is an `AssertionError`, so that unittest counts a failure;
what is wrong with the test is not, so that unittest counts an error.
"""

from __future__ import annotations

import sys
from inspect import CO_ASYNC_GENERATOR, CO_GENERATOR
from types import FrameType, TracebackType
from typing import Any, Dict, NamedTuple, Optional, Tuple, Type


def is_unittest(module: Dict[str, Any]) -> bool:
    """Whether a module, by its globals, is unittest's.

    By its name, not by the mark `__unittest`: that leaves a module's frames out of tracebacks, and
    is on other frameworks too (Django's).
    """
    return f"{module.get('__name__')}.".startswith("unittest.")


class Asserted(NamedTuple):
    """An `assertRaises`, in any form, that met a violation.

    Attributes: `expected` (a class, or a tuple of them), `frame` (that used it; None once the
    test was verified) and `lineno` (in that).
    """

    expected: Any
    frame: Optional[FrameType]
    lineno: int


class TripwireError(Exception):
    """The root of everything that tripwire raises.

    Type and text survive pickling (a parallel test runner sends errors between processes); the
    other attributes fall back to their defaults, since they may hold anything.
    """

    def __init__(self, message: str = "", **facts: Any) -> None:
        super().__init__(message)
        for name, value in facts.items():
            setattr(self, name, value)

    def __reduce__(self) -> Tuple[Type[TripwireError], Tuple[str]]:
        return type(self), (str(self),)


# --- what the code under test did -----------------------------------------------------------------


class ViolationError(TripwireError, AssertionError):
    """Something that the code under test must not have done: raised there, and remembered.

    Attributes: `command` (upper case, or a private method's name), `fields`, `server` and
    `location` (where it was called from) of the call.
    """

    command: str = ""
    fields: Any = None
    server: Any = None
    location: Any = None
    asserted: Tuple[Asserted, ...] = ()

    def with_traceback(self, tb: Optional[TracebackType]) -> ViolationError:
        """As `BaseException.with_traceback`; notes what unittest expected.

        `assertRaises` empties the traceback of what it expected (`unittest.case`,
        `_AssertRaisesContext.__exit__`), which is otherwise where one sees who caught an error.
        """
        frame = sys._getframe(1)
        if tb is None and is_unittest(frame.f_globals):
            # Where unittest does not say what it expected, the violation counts as named.
            expected = getattr(frame.f_locals.get("self"), "expected", type(self))
            user = _user(frame)
            self.asserted += (Asserted(expected, user, user.f_lineno),)
        return super().with_traceback(tb)


def _user(frame: FrameType) -> FrameType:
    """Who used `assertRaises`: not unittest, nor a context manager that was built on it."""
    outer = frame.f_back
    while outer is not None and (is_unittest(frame.f_globals) or _is_context_manager(frame)):
        frame, outer = outer, outer.f_back
    return frame


def _is_context_manager(frame: FrameType) -> bool:
    driver = frame.f_back
    return "contextlib" in (
        frame.f_globals.get("__name__"),
        driver.f_globals.get("__name__") if driver is not None and _is_generator(frame) else "",
    )


def _is_generator(frame: FrameType) -> bool:
    return bool(frame.f_code.co_flags & (CO_GENERATOR | CO_ASYNC_GENERATOR))


class UnmockedInteractionError(ViolationError):
    """A command reached the wire, and no mock was left to answer it."""


class SandboxNotActiveError(ViolationError):
    """A command was called where no sandbox is open for it."""


class OutOfStepError(ViolationError):
    """A command said `noreply`, and the server answers it all the same.

    The client does not read that, so that its next command would.
    """


class SharedClientError(ViolationError):
    """Two workers were inside one client at once, which is not made for threads."""


class MeanwhileError(ViolationError):
    """What a test had happen before a command, `meanwhile(command, function)`, raised something.

    That is its `__cause__`.
    """


# --- what an assertion or the verification found --------------------------------------------------


class InteractionMismatchError(TripwireError, AssertionError):
    """The next interaction is not the asserted one.

    Attributes: `expected` (the fields that were asserted), `actual` (the interaction that was met
    instead, or None where none was left), `remaining` (the interactions that are still open).
    """

    expected: Any = None
    actual: Any = None
    remaining: Tuple[Any, ...] = ()


class StoreMismatchError(TripwireError, AssertionError):
    """The servers of a store hold something else than was asserted.

    Attributes: `expected` and `actual`, each a dict of keys and `Item`s.
    """

    expected: Any = None
    actual: Any = None


class VerificationError(TripwireError, AssertionError):
    """Verification found something; each subclass is one kind of finding.

    Attributes: `unasserted` (interactions), `unused` (mocks) and `violations`, each a tuple.
    """

    unasserted: Tuple[Any, ...] = ()
    unused: Tuple[Any, ...] = ()
    violations: Tuple[Any, ...] = ()


class UnassertedInteractionsError(VerificationError):
    """Interactions took place that no assertion has named."""


class UnusedMocksError(VerificationError):
    """Required mocks were registered that no call has used."""


class SwallowedViolationError(VerificationError):
    """A violation was raised, and the code under test caught it."""


class UnassertedAndUnusedError(UnassertedInteractionsError, UnusedMocksError):
    """Both at once."""


class SwallowedAndUnassertedError(SwallowedViolationError, UnassertedInteractionsError):
    """Both at once."""


class SwallowedAndUnusedError(SwallowedViolationError, UnusedMocksError):
    """Both at once."""


class SwallowedUnassertedAndUnusedError(
    SwallowedViolationError, UnassertedInteractionsError, UnusedMocksError
):
    """All three at once."""


# --- what is wrong with the test ------------------------------------------------------------------


class NoActiveVerifierError(TripwireError):
    """`tripwire.memcache` or `current_verifier()` was used where no test is running."""


class AssertionInsideSandboxError(TripwireError):
    """An interaction was asserted while a sandbox of its verifier was open."""


class NotEnteredError(TripwireError):
    """`in_any_order()` was called without `with`, so that it did nothing."""


class MissingAssertionFieldsError(TripwireError):
    """An assertion left required fields of its command out.

    Attributes: `command`, and `missing`, the names of the fields.
    """

    command: str = ""
    missing: Tuple[str, ...] = ()


class ImpossibleReplyError(TripwireError, ValueError):
    """A mock's reply is one that the real client could never have given.

    Attributes: `command`, `reply` (what the mock would have given), `possible` (a sentence on what
    the real client can give).
    """

    command: str = ""
    reply: Any = None
    possible: str = ""


class ImpossibleReplyMetError(ImpossibleReplyError, ViolationError):
    """A reply that is impossible for this very call, met when the call took it."""


# --- rounds: what they found, and what is wrong with their scenario -------------------------------


class InterleavingError(TripwireError, AssertionError):
    """Workers were run in an order that makes the scenario fail.

    Attributes: `schedule` (the order, a letter for each step: `aAbBBA`), `orders` (how many were
    tried before it), `steps` (each step's worker, as a letter, and what it was). What the scenario
    failed with is the `__cause__`.
    """

    schedule: str = ""
    orders: int = 0
    steps: Tuple[Tuple[str, str], ...] = ()


class DeadlockError(InterleavingError):
    """An order in which all workers wait for each other."""


class LivelockError(InterleavingError):
    """An order in which a worker goes on and on."""


class ScenarioError(TripwireError):
    """A scenario does not do what a scenario has to."""


class NotDeterministicError(ScenarioError):
    """A scenario does something else when it is run again in the same way.

    Attributes: `schedule` (the steps that were still the same, as letters; empty in a sweep),
    `expected` and `met` (the next step, or command of a sweep, then and now; None where there was
    none).
    """

    schedule: str = ""
    expected: Optional[str] = None
    met: Optional[str] = None


class FailedRound(NamedTuple):
    """A round with a fault that went wrong.

    Attributes: `only` (the argument that runs it alone: `"2 answer lost"`), `error` (what came out
    of it; None where nothing did), `what` (what went wrong, in words).
    """

    only: str
    error: Optional[BaseException]
    what: str


class SweepError(TripwireError, AssertionError):
    """Rounds with a fault went wrong.

    Attributes: `rounds` (how many there were), `failures` (those that went wrong, each with what
    it takes to run it again). The first exception among them is the `__cause__`.
    """

    rounds: int = 0
    failures: Tuple[FailedRound, ...] = ()


class IncompleteError(TripwireError):
    """Not all orders, or faults, could be tried; those that were tried are right.

    Attributes: `orders` (how many were tried; 0 in a sweep), `preemptions` (the largest number of
    interruptions of which all orders were tried, None where there is none), `location` (where a
    worker waited for something that is not ours, if that is why).
    """

    orders: int = 0
    preemptions: Optional[int] = None
    location: Any = None
