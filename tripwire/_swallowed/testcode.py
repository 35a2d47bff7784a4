"""What belongs to the test itself: its code, and the frames that opened its sandbox."""

from __future__ import annotations

import inspect
from functools import partial, partialmethod
from types import CodeType, FrameType, FunctionType, MethodType
from typing import Any, Dict, Iterator, List, Optional, Sequence, Set, Tuple

from tripwire._callsite import stack
from tripwire.errors import is_unittest

Stack = Tuple[FrameType, ...]
"""Who was running when a sandbox opened, the innermost first."""


class TestCode:
    """The test: its function, what is nested in that, and who opened its outermost sandboxes.

    Nobody above the test belongs to it: neither a runner nor a decorator. Code is compared by
    identity: two functions on the same lines of two files have equal code, and the application may
    have a twin of the test's.
    """

    __slots__ = ("codes", "frames")

    def __init__(self, given: Sequence[Any], name: Optional[str], stacks: Sequence[Stack]) -> None:
        # Each with the globals that it sees.
        self.codes: Dict[int, Tuple[CodeType, Dict[str, Any]]] = {
            id(code): (code, function.__globals__)
            for function in _functions_of(given, name)
            for code in _nested(function.__code__)
        }
        self.frames: Dict[int, FrameType] = {
            id(frame): frame for each in stacks for frame in self._below_the_runner(each)
        }

    def __contains__(self, frame: object) -> bool:
        return isinstance(frame, FrameType) and self._has(frame)

    def _has(self, frame: FrameType) -> bool:
        return id(frame.f_code) in self.codes or id(frame) in self.frames

    def _below_the_runner(self, running: Stack) -> Stack:
        own = [at for at, frame in enumerate(running) if id(frame.f_code) in self.codes]
        runner = [at for at, frame in enumerate(running) if is_unittest(frame.f_globals)]
        if own:
            return running[: own[-1] + 1]
        return running[: runner[0]] if runner else running


def opening(frame: Optional[FrameType]) -> Stack:
    """A frame's callers, innermost first, without those that only pass on that a sandbox opens."""
    # `ExitStack.enter_context` and `TestCase.enterContext` call `__enter__` for somebody.
    while frame is not None and _passes_on(frame.f_globals.get("__name__")):
        frame = frame.f_back
    return (*stack(frame),)


def _passes_on(module: Any) -> bool:
    return f"{module}.".startswith(("tripwire.", "unittest.", "contextlib."))


def _functions_of(given: Sequence[Any], name: Optional[str]) -> Iterator[FunctionType]:
    """The functions that a test consists of, which may stand behind decorators.

    A decorator that does not use `functools.wraps` leaves a function of another name under the
    test's; what it decorates is in its closure. So is the function of a `partialmethod`.
    """
    waiting: List[Any] = [*given]
    seen: Set[int] = set()
    while waiting:
        each = _unwrapped(waiting.pop())
        if id(each) in seen:
            continue
        seen.add(id(each))
        held = _held(each) if getattr(each, "__name__", None) != name and name is not None else []
        namesakes = [one for one in held if getattr(_unwrapped(one), "__name__", None) == name]
        waiting.extend(namesakes or held)
        if isinstance(each, FunctionType) and not namesakes:
            yield each


def _unwrapped(given: Any) -> Any:
    if isinstance(given, (partial, partialmethod)):
        return _unwrapped(given.func)
    if isinstance(given, (MethodType, staticmethod, classmethod)):
        return _unwrapped(given.__func__)
    return inspect.unwrap(given) if isinstance(given, FunctionType) else given


def _held(given: Any) -> List[Any]:
    # What a wrapper calls: in the closure of a function, in the attributes of an object.
    cells = getattr(given, "__closure__", None)
    held = [_contents(cell) for cell in cells or ()] or [*getattr(given, "__dict__", {}).values()]
    return [each for each in held if isinstance(_unwrapped(each), FunctionType)]


def _contents(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # nothing was assigned yet
        return None


def _nested(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _nested(constant)
