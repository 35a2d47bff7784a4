"""The clock of a store: one that stands until the test moves it, or one that it follows."""

from __future__ import annotations

import math
import time
from typing import Any, Callable, Optional

_TIME = time.time
"""The function itself: there may be another in its place when a store is told to follow it."""


class Clock:
    """Gives the time in seconds since 1970.

    Without a clock to follow it stands at the whole second of its making, as memcached's own ticks
    in whole seconds; so that a test sees the same in whatever part of a second it begins. The
    function `time.time` is looked up anew at each reading, for what replaces it to be followed.

    Raises `TypeError` where what it is to follow cannot be called, or gives no number.

    Attributes: `stands` (whether it follows none).
    """

    def __init__(self, follows: Optional[Callable[[], float]] = None) -> None:
        if follows is not None and not callable(follows):
            raise TypeError(
                f"clock must be a function that gives the time in seconds, not {follows!r}"
            )
        self.stands = follows is None
        self._made = self._now = float(math.floor(time.time()))
        self._latest = -math.inf
        self._follows = real_time if follows in (_TIME, time.time) else follows
        if self._follows is not None:
            # Now, and not in a call of the client, which may swallow what is raised then.
            _check_time(self._follows())

    def __call__(self) -> float:
        if self._follows is None:
            return self._now
        now = self._follows()
        self._latest = max(self._latest, now)
        return now

    @property
    def seconds_back(self) -> int:
        """By how many seconds the clock that it follows is behind what it has shown before."""
        now = int(self())
        return 0 if self._follows is None else int(self._latest) - now

    @property
    def real_seconds(self) -> float:
        """How many seconds of real time have passed since its making, the begun one included."""
        return max(time.time() - self._made, 0.0)

    def advance(self, seconds: float) -> None:
        """Move it on. `TypeError`, `ValueError` where that cannot be; see `Store.advance`."""
        if self._follows is not None:
            raise ValueError(
                "this store follows the clock that it was given: move that one, or leave clock= out"
            )
        check_seconds(seconds)
        self._now += seconds


def _check_time(now: Any) -> None:
    if not isinstance(now, (int, float)):
        hint = ", its .timestamp()" if hasattr(now, "timestamp") else ""
        raise TypeError(
            "clock must give the time as a number, in seconds since 1970"
            f"{hint}, not {type(now).__name__}"
        )


def check_seconds(seconds: Any) -> None:
    """Refuse what is no number of seconds to move a clock on by."""
    if type(seconds) not in (int, float):
        hint = ".total_seconds()" if hasattr(seconds, "total_seconds") else ""
        wanted = f": give it {seconds!r}{hint}" if hint else ""
        raise TypeError(f"seconds must be a number, not {type(seconds).__name__}{wanted}")
    if not 0 <= seconds < math.inf:
        raise ValueError(f"a clock moves on by 0 seconds or more, not by {seconds!r}")


def real_time() -> float:
    """The time by `time.time`, whatever stands there now."""
    return time.time()
