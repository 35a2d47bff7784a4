"""Violations: what was raised, and whether someone swallowed it.

An exception that was caught tells by its traceback who did: the traceback begins at the frame that
caught it, because each frame that an exception leaves puts itself in front.
"""

from __future__ import annotations

import inspect
from types import CodeType, FrameType, TracebackType
from typing import (
    Any,
    Dict,
    FrozenSet,
    Hashable,
    Iterable,
    Iterator,
    List,
    NamedTuple,
    Optional,
    Set,
    Tuple,
    Type,
)
from unittest import SkipTest

from tripwire._lost import is_lost
from tripwire._repr import safe_repr
from tripwire._timeline import Location
from tripwire.errors import ViolationError, is_unittest


class Violation(NamedTuple):
    """A violation that somebody swallowed, with its repeats.

    Attributes: `error` (its type), `message`, `command`, `location` (the line of the application
    that made the call), `caught_by` (the place of who caught it last; None where the traceback was
    taken off), `lost` (nobody caught it: it ended there, in a task that no one awaited), `times`.
    """

    error: Type[ViolationError]
    message: str
    command: str
    location: Optional[Location]
    caught_by: Optional[Location]
    lost: bool
    times: int


class Evidence(NamedTuple):
    """What belongs to the test itself, and may therefore catch what it likes.

    Attributes: `codes` (of the test function and those nested in it), `openers` (the frames that
    were on the stack when sandboxes opened), `failures` (the exceptions that the test failed with:
    what is visible in them needs no second report).
    """

    codes: FrozenSet[CodeType] = frozenset()
    openers: Tuple[FrameType, ...] = ()
    failures: Tuple[BaseException, ...] = ()


class Violations:
    """The violations of one verifier, remembered until it is verified."""

    __slots__ = ("_propagated", "_raised")

    def __init__(self) -> None:
        self._raised: List[ViolationError] = []
        self._propagated: List[BaseException] = []

    def remember(self, error: ViolationError) -> None:
        """Keep a violation that is about to be raised."""
        self._raised.append(error)

    def propagated(self, error: BaseException) -> None:
        """Note that an exception left a sandbox: who is outside has seen it."""
        if self._raised:
            self._propagated.append(error)

    def findings(self, evidence: Evidence) -> Tuple[Violation, ...]:
        """The swallowed ones, repeats as one; all are forgotten with it, settled or not."""
        raised, self._raised = self._raised, []
        propagated, self._propagated = self._propagated, []
        if not raised:
            return ()
        facts = _Facts.of(propagated, evidence)
        groups: Dict[Hashable, List[ViolationError]] = {}
        for error in raised:
            groups.setdefault(_identity(error), []).append(error)
        return tuple(
            _finding(errors, facts.is_lost(errors[-1]))
            for errors in groups.values()
            # What the test has seen once, it knows the repeats of.
            if not any(facts.is_settled(error) for error in errors)
        )


class _Facts(NamedTuple):
    """What decides whether a violation is settled; exceptions and frames by their ids."""

    seen: Set[int]
    codes: FrozenSet[CodeType]
    trusted: Set[int]
    failed: Set[int]

    @classmethod
    def of(cls, propagated: Iterable[BaseException], evidence: Evidence) -> _Facts:
        """Gather them."""
        seen = {id(error) for top in propagated for error in _members(top)}
        seen |= {id(error) for top in evidence.failures for error in _printed(top)}
        trusted = {id(frame) for frame in evidence.openers}
        failed = {id(frame) for top in evidence.failures for frame in _left(top)}
        return cls(seen, evidence.codes, trusted, failed)

    def is_lost(self, error: ViolationError) -> bool:
        """Whether nobody caught it."""
        return is_lost(error.__traceback__, self.failed)

    def is_settled(self, error: ViolationError) -> bool:
        """Whether it was seen outside the sandbox, or caught by the test."""
        return id(error) in self.seen or (not self.is_lost(error) and self._caught_by_test(error))

    def _caught_by_test(self, error: ViolationError) -> bool:
        if error.taken_by_unittest:
            return True
        head = error.__traceback__
        if head is None:
            return False
        frame = head.tb_frame
        return (
            # By identity: the code of two functions is equal where their lines are, whatever their
            # files, and the application may have a twin of the test's.
            any(frame.f_code is code for code in self.codes)
            or id(frame) in self.trusted
            # unittest's own runner caught it: it is in the result already.
            or is_unittest(frame.f_globals)
        )


def visible(top: BaseException) -> Iterator[BaseException]:
    """An exception and all that its printed traceback shows: causes, contexts, group members."""
    seen: Set[int] = set()
    waiting: List[Optional[BaseException]] = [top]
    while waiting:
        error = waiting.pop()
        if error is None or id(error) in seen:
            continue
        seen.add(id(error))
        yield error
        waiting.extend(_inner(error))
        if error.__cause__ is not None or not error.__suppress_context__:
            waiting.append(error.__cause__ or error.__context__)


def codes_of(function: Any) -> Iterator[CodeType]:
    """The code of a function and of all that are nested in it, through its decorators."""
    waiting = [getattr(inspect.unwrap(function), "__code__", None)]
    while waiting:
        code = waiting.pop()
        if isinstance(code, CodeType):
            yield code
            waiting.extend(constant for constant in code.co_consts)


def _printed(top: BaseException) -> Iterable[BaseException]:
    # What unittest prints of an exception that ended a test: of a skip, nothing but its reason.
    return [top] if isinstance(top, SkipTest) else visible(top)


def _members(top: BaseException) -> Iterator[BaseException]:
    # An exception, or what an exception group (PEP 654) holds.
    yield top
    for inner in _inner(top):
        yield from _members(inner)


def _inner(error: BaseException) -> Iterable[BaseException]:
    inner = getattr(error, "exceptions", ())
    return inner if isinstance(inner, tuple) else ()


def _identity(error: ViolationError) -> Hashable:
    # What makes a violation a repeat of another: a retry loop raises the same text from one place.
    return type(error), error.command, error.location, safe_repr(error.fields)


def _finding(errors: List[ViolationError], lost: bool) -> Violation:
    # The last one decides: a retry loop catches its repeats, and someone else the one it gives up.
    error = errors[-1]
    head = error.__traceback__
    return Violation(
        type(error),
        str(error),
        error.command,
        error.location,
        _place(head),
        lost,
        len(errors),
    )


def _left(error: BaseException) -> Iterator[FrameType]:
    # The frames that an exception has ended, or was caught in.
    entry = error.__traceback__
    while entry is not None:
        yield entry.tb_frame
        entry = entry.tb_next


def _place(head: Optional[TracebackType]) -> Optional[Location]:
    if head is None:
        return None
    code = head.tb_frame.f_code
    return Location(code.co_filename, head.tb_lineno or code.co_firstlineno, code.co_name)
