"""What an acceptance is told about a test, in facts."""

from __future__ import annotations

import os
from types import CodeType, FrameType
from typing import Any, Dict, NamedTuple, Optional, Tuple


class Place(NamedTuple):
    """A line of code that is running.

    Attributes: `code`, `line`, `variables` (of the module) and `filename` (its whole path, since
    the working directory may be another one when the run ends).
    """

    code: CodeType
    line: int
    variables: Dict[str, Any]
    filename: str

    @classmethod
    def of(cls, frame: FrameType) -> Place:
        """Where a frame stands now."""
        code = frame.f_code
        return cls(code, frame.f_lineno, frame.f_globals, os.path.abspath(code.co_filename))

    @property
    def key(self) -> Tuple[str, str, int, int]:
        """The same at each pass, in whichever class the test is."""
        return self.filename, self.code.co_name, self.code.co_firstlineno, self.line


class Addition(NamedTuple):
    """Assertions that a pass lacks.

    Attributes:
        lines: calls, in full names: `tripwire.memcache.assert_get(key=unittest.mock.ANY)`.
        at: the assertion that they belong to; None for right after the sandbox.
        follows: whether they come after that assertion, or before it.
        any_order: whether several threads are behind them.
    """

    lines: Tuple[str, ...]
    at: Optional[Place] = None
    follows: bool = True
    any_order: bool = False

    @property
    def key(self) -> Tuple[Any, ...]:
        """The same at each pass that lacks the same."""
        return self.lines, self.at and self.at.key, self.follows, self.any_order


class Pass(NamedTuple):
    """One pass through the `with` of an outermost sandbox. One that lacks nothing counts, too.

    Attributes:
        opened: where the sandbox was opened.
        mocks: calls that belong before the sandbox, in full names.
        assertions: what belongs after it, in order.
        reason: why nothing can be written for it ("the sandbox was left by an exception").
    """

    opened: Place
    mocks: Tuple[str, ...] = ()
    assertions: Tuple[Addition, ...] = ()
    reason: str = ""

    @property
    def lacks(self) -> Tuple[Any, ...]:
        """What is to be written, to be compared with what another pass lacks."""
        return (*self.mocks, *(each.key for each in self.assertions))


class Test(NamedTuple):
    """A strict test.

    Attributes:
        name: as `unittest` prints it.
        code: the code of its function, decorators left out.
        has_case: whether the function's first parameter is a test case with our plugins.
        is_block: whether it is a block in the function, and not all of it.
    """

    name: str
    code: CodeType
    has_case: bool
    is_block: bool = False
