"""The sandbox: interception on, interception off, whatever happens in between."""

from __future__ import annotations

from contextlib import suppress
from types import TracebackType
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
        self.is_outermost = False
        self.outer: Optional[Sandbox] = None

    def __enter__(self) -> StrictVerifier:
        """Start to intercept; give the verifier. `RuntimeError` where this sandbox is open."""
        if self.is_open:
            raise RuntimeError(
                "this sandbox is open already; to nest, open another: verifier.sandbox()"
            )
        try:
            for patch in self.verifier.patches():
                _ambient.hold(patch, self)
            self.is_outermost = not _ambient.open_sandboxes(self.verifier)
            _ambient.enter(self)
            self.verifier.trust_callers(self)
            self.is_open = True
            return self.verifier
        except BaseException:
            self._undo()
            raise

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        """Stop to intercept. Never replaces the exception that ends the block."""
        try:
            if error is not None and self.is_outermost:
                self.verifier.propagated(error)
            self._undo()
        except BaseException:
            with suppress(*(BaseException,) if error is not None else ()):
                self._undo()
            if error is None:
                raise

    def close(self) -> None:
        """Stop to intercept; nothing where it was done already."""
        self.__exit__(None, None, None)

    async def __aenter__(self) -> StrictVerifier:
        """As `__enter__`."""
        return self.__enter__()

    async def __aexit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        """As `__exit__`."""
        self.__exit__(kind, error, traceback)

    def _undo(self) -> None:
        # No step minds that another was not taken, or that it was undone already: what interrupts
        # it (Ctrl-C does so anywhere) leaves something that can be undone again.
        self.is_open = False
        _ambient.leave(self)
        _ambient.release(self)
