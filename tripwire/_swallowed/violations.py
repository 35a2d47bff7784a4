"""Violations: what was raised, who caught it, and whether they named it.

A violation is settled by being named: an `except`, a `suppress` or an `assertRaises` of a class of
tripwire's, wherever it stands, or of `AssertionError` in the test itself. Whoever catches one
without naming it may not know what it was: that is a finding.

An exception that was caught tells by its traceback who did: the traceback begins at the frame that
caught it, because each frame that an exception leaves puts itself in front.
"""

from __future__ import annotations

import ast
import builtins
from functools import cached_property
from types import FrameType
from typing import (
    Any,
    Callable,
    Dict,
    Hashable,
    Iterable,
    List,
    NamedTuple,
    Optional,
    Sequence,
    Tuple,
    Type,
)

from tripwire._swallowed.handlers import (
    Handler,
    Names,
    flat,
    group_clauses,
    matching,
    named_like,
    read,
)
from tripwire._swallowed.lost import is_coroutine, is_lost
from tripwire._swallowed.source import Sources, lines_of
from tripwire._swallowed.testcode import Stack, TestCode
from tripwire._swallowed.visible import frames_of, members, printed
from tripwire._timeline import Location
from tripwire.errors import TripwireError, ViolationError
from tripwire.report.values import safe_repr

_RUNNING = {
    "threading",
    "concurrent.futures.thread",
    "multiprocessing.pool",
    "asyncio.events",
    "tripwire._orders.workers",
}
"""Modules that run functions for others: they catch what ends one, and keep it until asked."""

_RESULT = {"unittest.case", "unittest.async_case", "unittest.suite"}
"""Modules of unittest that put what they catch into the test's result.

Not all of them do: `unittest.util` catches what a `__repr__` raises.
"""


class Violation(NamedTuple):
    """A violation that somebody swallowed, with its repeats.

    Attributes: `error` (its type), `message`, `command`, `location` (the line of the application
    that made the call), `caught_by` (the function of who caught it last, and the line of its
    handler, where that can be told, else the line that raised it; None where the traceback was
    taken off), `lost` (nobody caught it: it ended there, a task or what Python itself called),
    `times`, `handler` (the text of the handler's line, where it can be told), `in_test` (whether
    that is a handler of the test's own), `ended` (what it ended, where nobody handled it: "task",
    "job" for what a thread or a loop ran, "call" for what Python itself called; else "").
    """

    error: Type[ViolationError]
    message: str
    command: str
    location: Optional[Location]
    caught_by: Optional[Location]
    lost: bool
    times: int
    handler: str = ""
    in_test: bool = False
    ended: str = ""


class Evidence(NamedTuple):
    """What a test brings to its verification.

    Attributes: `functions` (gives those of the test, as its class and the bases of that have them;
    asked only where a violation was raised) and their `name` there (None where they are known to be
    the test itself), `stacks` (who was running, innermost first, when each of its outermost
    sandboxes opened), `failures` (the exceptions that the test failed with: what is visible in them
    needs no second report), `expected_failure` (whether the test is marked so: then nothing is
    printed), `final` (whether nothing of the test comes after this verification).
    """

    functions: Callable[[], Sequence[Any]] = tuple
    name: Optional[str] = None
    stacks: Sequence[Stack] = ()
    failures: Tuple[BaseException, ...] = ()
    expected_failure: bool = False
    final: bool = True


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
        """Note that an exception left an outermost sandbox: who is outside has seen it."""
        if self._raised:
            self._propagated.append(error)

    @property
    def raised(self) -> bool:
        """Whether there are any, swallowed or not."""
        return bool(self._raised)

    def findings(self, evidence: Evidence) -> Tuple[Violation, ...]:
        """The swallowed ones, repeats as one; all are forgotten with it, settled or not."""
        raised, self._raised = self._raised, []
        propagated, self._propagated = self._propagated, []
        case = _Case(propagated, evidence)
        groups: Dict[Hashable, List[ViolationError]] = {}
        for error in raised:
            groups.setdefault(_identity(error), []).append(error)
        found = tuple(
            case.finding(errors)
            for errors in groups.values()
            # Whoever has named it once knows of its repeats.
            if not any(case.is_settled(error) for error in errors)
        )
        for error in raised:
            # A test may keep an error in a variable; its frame here would keep all its variables.
            error.asserted = tuple(each._replace(frame=None) for each in error.asserted)
        return found


class Catch(NamedTuple):
    """Who caught an exception.

    Attributes: `frame` (None where that cannot be known), `line` (in it: of the handler where
    `has_handler`, else the one that was running), `is_named` (whether the handler names the
    exception), `is_lost` (nobody caught it: it ended the frame).
    """

    frame: Optional[FrameType]
    line: int = 0
    is_named: bool = False
    has_handler: bool = False
    is_lost: bool = False


class _Case:
    """One verification of violations: what is known, and what follows of each."""

    def __init__(self, propagated: Iterable[BaseException], evidence: Evidence) -> None:
        prints = not evidence.expected_failure
        self.seen = {id(e) for top in evidence.failures for e in printed(top, prints)}
        self.failed = {id(frame) for top in evidence.failures for frame in frames_of(top)}
        # By what it left the sandbox: itself, or the group that held it.
        self.left = {id(error): top for top in propagated for error in members(top)}
        self.test = TestCode(evidence.functions(), evidence.name, evidence.stacks)
        self.sources = Sources()

    def is_settled(self, error: ViolationError) -> bool:
        """Whether the test failed with it, somebody named it, or others saw it outside."""
        if id(error) in self.seen or self._is_asserted(error):
            return True
        if self._caught(error, error).is_named:
            return True
        top = self.left.get(id(error))
        return top is not None and self._is_settled_outside(self._caught(top, error))

    def _is_settled_outside(self, caught: Catch) -> bool:
        # A runner may have caught it there. The test has to name it there, too; and what ended a
        # task or a thread was seen by nobody.
        frame = caught.frame
        if caught.is_named or frame is None:
            return caught.is_named
        return frame not in self.test and not _ended(frame, caught.is_lost)

    def finding(self, errors: Sequence[ViolationError]) -> Violation:
        """What to report of a violation and its repeats.

        The last one decides: a retry loop catches its repeats, and someone else the one it gives
        up.
        """
        error = errors[-1]
        frame, line, _, has_handler, lost = self._caught(error, error)
        return Violation(
            error=type(error),
            message=str(error),
            command=error.command,
            location=error.location,
            caught_by=_place(frame, line) if frame is not None else None,
            lost=lost,
            times=len(errors),
            handler=_text(frame, line) if has_handler and frame is not None else "",
            in_test=has_handler and frame in self.test,
            ended=_ended(frame, lost) if frame is not None else "",
        )

    def _is_asserted(self, error: ViolationError) -> bool:
        return any(
            self._names(matching(flat(each.expected), error), each.frame in self.test)
            for each in error.asserted
        )

    def _names(self, classes: Iterable[type], in_test: bool) -> bool:
        return any(
            issubclass(each, TripwireError) or (in_test and each is AssertionError)
            for each in classes
        )

    def _caught(self, top: BaseException, error: ViolationError) -> Catch:
        """Who caught an exception; `error` is that itself, or what it holds as a group."""
        head = top.__traceback__
        if head is None:
            last = error.asserted[-1] if top is error and error.asserted else None
            return Catch(last.frame, last.lineno, has_handler=True) if last else Catch(None)
        frame, line = head.tb_frame, head.tb_lineno or head.tb_frame.f_code.co_firstlineno
        if frame.f_globals.get("__name__") in _RESULT:
            return Catch(frame, line, is_named=True)
        reading = read(self.sources, frame, line, top, error)
        if reading.handler is not None:
            return self._caught_by(reading.handler, frame, error)
        nothing = reading.is_known and not reading.managers and is_coroutine(frame.f_code)
        if nothing or is_lost(head, self.failed):
            return Catch(frame, line, self._is_named_in_group(error), is_lost=True)
        if reading.managers:
            can_tell = len({*reading.managers}) == 1
            return Catch(frame, reading.managers[0] if can_tell else line, has_handler=can_tell)
        # Where nobody can tell which handler it was, one in the test has named it.
        return Catch(frame, line, is_named=frame in self.test)

    def _caught_by(self, handler: Handler, frame: FrameType, error: ViolationError) -> Catch:
        is_named = self._names(handler.classes, frame in self.test)
        in_group = handler.keeps and self._is_named_in_group(error)
        return Catch(frame, handler.lineno, is_named or in_group, has_handler=True)

    def _is_named_in_group(self, error: ViolationError) -> bool:
        """Whether an `except*` of the test names it.

        A group leaves no trace in its members: of what ended a task, or was kept by the handler
        that caught it, one cannot see that a group held it, nor who took that group apart.
        """
        return any(
            self._names(named_like(clause, names, error), in_test=True)
            for clause, names in self._group_clauses
        )

    @cached_property
    def _group_clauses(self) -> List[Tuple[ast.expr, Names]]:
        test, sources = self.test, self.sources
        running = [
            (clause, Names.of(frame))
            for frame in test.frames.values()
            for clause in group_clauses(sources, frame.f_code, frame.f_globals)
        ]
        return running + [
            (clause, Names({}, module, vars(builtins)))
            for code, module in test.codes.values()
            for clause in group_clauses(sources, code, module)
        ]


def _identity(error: ViolationError) -> Hashable:
    # What makes a violation a repeat of another: a retry loop raises the same text from one place.
    return type(error), error.command, error.location, safe_repr(error.fields)


def _ended(frame: FrameType, lost: bool) -> str:
    if lost:
        return "task" if is_coroutine(frame.f_code) else "call"
    return "job" if frame.f_globals.get("__name__") in _RUNNING else ""


def _place(frame: FrameType, line: int) -> Location:
    return Location(frame.f_code.co_filename, line, frame.f_code.co_name)


def _text(frame: FrameType, line: int) -> str:
    lines = lines_of(frame.f_code.co_filename, frame.f_globals)
    return lines[line - 1].strip() if line <= len(lines) else ""
