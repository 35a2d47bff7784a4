"""Which line of the user's code a call came from."""

from __future__ import annotations

import os
import sys
from types import FrameType
from typing import Dict, Iterator, Optional, Tuple

from tripwire._timeline import Location

_TRIPWIRE = os.path.dirname(os.path.abspath(__file__)) + os.sep
STANDARD_LIBRARY = os.path.dirname(os.path.abspath(os.__file__)) + os.sep
INSTALLED = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")

_APPLICATION, _LIBRARY, _OWN = range(3)

# Where a thread comes from that begins with a call into tripwire.
_NOWHERE = Location("<unknown>", 0, "<unknown>")


class CallSites:
    """Finds the place that a call came from, for a plugin over the library in a directory."""

    def __init__(self, library: str) -> None:
        self._own = (_TRIPWIRE, os.path.join(library, ""))
        self._kinds: Dict[str, int] = {}

    def locate(self, frame: Optional[FrameType]) -> Location:
        """The first frame of the application, else the first outside the library and tripwire."""
        fallback = None
        kinds = self._kinds
        while frame is not None:
            code = frame.f_code
            filename = code.co_filename
            kind = kinds.get(filename)
            if kind is None:
                kind = kinds[filename] = self._kind(filename)
            if kind == _APPLICATION:
                return place(frame)
            if fallback is None and kind == _LIBRARY:
                fallback = frame
            frame = frame.f_back
        return place(fallback) if fallback is not None else _NOWHERE

    def raised(self, error: BaseException) -> Location:
        """Where an exception came from, by its traceback: the innermost frame of the application.

        Failing that, the innermost one outside the library and tripwire.
        """
        found = fallback = None
        step = error.__traceback__
        while step is not None:
            code = step.tb_frame.f_code
            location = Location(code.co_filename, step.tb_lineno, code.co_name)
            kind = self._kind(code.co_filename)
            if kind == _APPLICATION:
                found = location
            elif kind == _LIBRARY:
                fallback = location
            step = step.tb_next
        return found or fallback or _NOWHERE

    def owns(self, filename: str) -> bool:
        """Whether a file is the library's or tripwire's own."""
        return filename.startswith(self._own)

    def end_at_the_caller(self, error: BaseException) -> None:
        """Take tripwire's own frames, and the library's above them, off the end of a traceback.

        unittest does the same for its assertions: one wants to see the line of the test or of the
        application that called.
        """
        caller, step = None, error.__traceback__
        while step is not None:
            if not self.owns(step.tb_frame.f_code.co_filename):
                caller = step
            step = step.tb_next
        if caller is not None:
            caller.tb_next = None

    def _kind(self, filename: str) -> int:
        # The own directories first: the library lies in site-packages itself.
        if self.owns(filename):
            return _OWN
        if any(part in filename for part in INSTALLED):
            return _LIBRARY
        if filename.startswith((STANDARD_LIBRARY, "<frozen ")):
            return _LIBRARY
        return _APPLICATION


def place(frame: FrameType) -> Location:
    """Where a frame stands now; the same object for the same place, since a loop comes by often."""
    code = frame.f_code
    found = code.co_filename, frame.f_lineno, code.co_name
    return _places.get(found) or _places.setdefault(found, Location(*found))


_places: Dict[Tuple[str, int, str], Location] = {}


def registered() -> Location:
    """Where the test called into tripwire."""
    frame = caller()
    return place(frame) if frame is not None else _NOWHERE


def caller() -> Optional[FrameType]:
    """The first frame outside tripwire; None in a thread that begins with a call into it."""
    frame: Optional[FrameType] = sys._getframe()
    while frame is not None and frame.f_code.co_filename.startswith(_TRIPWIRE):
        frame = frame.f_back
    return frame


def stack(frame: Optional[FrameType]) -> Iterator[FrameType]:
    """A frame and all that called it, innermost first."""
    while frame is not None:
        yield frame
        frame = frame.f_back
