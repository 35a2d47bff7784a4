"""Whether what was expected and what was met are the same."""

from __future__ import annotations

from typing import Any


def equal(expected: Any, actual: Any) -> bool:
    """Whether two values are equal, asked of the expected one, so that matchers work.

    A comparison that raises (an array's truth value, bytes with text under `python -bb`) has not
    found them equal.
    """
    if expected is actual:
        return True
    try:
        return bool(expected == actual)
    except Exception:
        return False
