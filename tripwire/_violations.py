"""Violations: what was raised, and whether someone swallowed it.

An exception that was caught tells by its traceback who did: the traceback begins at the frame that
caught it, because each frame that an exception leaves puts itself in front.
"""

from __future__ import annotations

import inspect
from opcode import opmap
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

from tripwire._timeline import Location
from tripwire.errors import ViolationError, is_unittest
from tripwire.report.values import safe_repr


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

    Attributes: `function` (the test function: it and those nested in it), `openers` (the frames
    that were on the stack when sandboxes opened), `failures` (the exceptions that the test failed
    with: what is visible in them needs no second report).
    """

    function: Any = None
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
        settled = {id(error) for top in propagated for error in _members(top)}
        settled |= {id(error) for top in evidence.failures for error in _printed(top)}
        codes = frozenset(codes_of(evidence.function))
        trusted = {id(frame) for frame in evidence.openers}
        failed = {id(frame) for top in evidence.failures for frame in _left(top)}
        lost = {id(error) for error in raised if _is_lost(error.__traceback__, failed)}
        groups: Dict[Hashable, List[ViolationError]] = {}
        for error in raised:
            groups.setdefault(_identity(error), []).append(error)
        return tuple(
            _finding(errors, id(errors[-1]) in lost)
            for errors in groups.values()
            if not any(
                id(error) in settled
                or (id(error) not in lost and _caught_by_test(error, codes, trusted))
                for error in errors
            )
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


def _caught_by_test(error: ViolationError, codes: FrozenSet[CodeType], trusted: Set[int]) -> bool:
    if error.taken_by_unittest:
        return True
    head = error.__traceback__
    if head is None:
        return False
    frame = head.tb_frame
    return (
        any(frame.f_code is code for code in codes)
        or id(frame) in trusted
        # unittest's own runner caught it: it is in the result already.
        or is_unittest(frame.f_globals)
    )


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


def _is_lost(head: Optional[TracebackType], failed: Set[int]) -> bool:
    # A frame that caught an exception has gone on since, if only to fail with another one; a frame
    # that it ended has not. It stands where it failed; or where a coroutine's `finally`, or an
    # `except` that let it pass, raised it again.
    if head is None or id(head.tb_frame) in failed:
        return False
    code, last = head.tb_frame.f_code, head.tb_frame.f_lasti
    return last == head.tb_lasti or (
        bool(code.co_flags & inspect.CO_COROUTINE)
        and (code.co_code[last] == _RERAISE or code.co_code[last : last + 2] == _RAISE)
    )


_RERAISE = opmap["RERAISE"]
_RAISE = bytes([opmap["RAISE_VARARGS"], 0])


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
