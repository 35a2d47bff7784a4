"""The sandbox: interception on, interception off, whatever happens in between."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Optional, Type

from tripwire import _ambient

if TYPE_CHECKING:
    from tripwire._verifier import StrictVerifier


class Sandbox:
    """The context manager inside which a verifier's plugins intercept; `async with` works too.

    Sandboxes nest, those of one verifier and those of several, and the innermost one answers. One
    sandbox can be entered again after it was left.
    """

    def __init__(self, verifier: StrictVerifier) -> None:
        self.verifier = verifier
        self.is_open = False
        self.forked = False
        self.outer: Optional[Sandbox] = None
        self._undo = ExitStack()

    def __enter__(self) -> StrictVerifier:
        """Start to intercept; give the verifier. `RuntimeError` where this sandbox is open."""
        return self.open(sys._getframe(1))

    def open(self, opener: FrameType) -> StrictVerifier:
        """Enter on behalf of a frame, which is the test's own, and so is what called it."""
        if self.is_open:
            raise RuntimeError(
                "this sandbox is open already; to nest, open another: verifier.sandbox()"
            )
        # Each undoing is noted before its step, and does nothing where the step was not taken:
        # so an exception at any point leaves things as they were.
        with ExitStack() as undo:
            undo.callback(_ambient.release, self)
            for patch in self.verifier.patches():
                _ambient.hold(patch, self)
            undo.callback(_ambient.leave, self)
            undo.callback(self._mark, False)
            self.verifier.opened_by(opener)
            self._mark(True)
            _ambient.enter(self)
            self._undo = undo.pop_all()
        return self.verifier

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        """Stop to intercept. Never replaces the exception that ends the block."""
        if error is not None:
            self.verifier.propagated(error)
        try:
            self.close()
        except BaseException:
            if error is None:
                raise

    def close(self) -> None:
        """Stop to intercept; nothing where it was done already."""
        self._undo.close()
        _ambient.leave(self)

    async def __aenter__(self) -> StrictVerifier:
        """As `__enter__`."""
        return self.open(sys._getframe(1))

    async def __aexit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        """As `__exit__`."""
        self.__exit__(kind, error, traceback)

    def _mark(self, is_open: bool) -> None:
        self.is_open = is_open
