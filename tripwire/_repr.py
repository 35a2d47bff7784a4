"""Values as text: never raising, never long unless asked for."""

from __future__ import annotations

import ast
import reprlib
from typing import Any, List, Optional

from tripwire._mocks import equal

WIDTH = 200
"""The longest repr, in characters, that is shown or pasted whole."""


def safe_repr(value: Any) -> str:
    """The whole repr; of an object whose repr raises, its type and what was raised."""
    try:
        return repr(value)
    except Exception as error:
        return f"<{type(value).__name__} whose repr raised {type(error).__name__}>"


def short(value: Any) -> str:
    """The repr, with its middle left out where it is long."""
    if isinstance(value, (bytes, bytearray, str)) and len(value) > 2 * WIDTH:
        # The repr of a megabyte need not be built to show two hundred characters of it.
        start, end = safe_repr(value[: WIDTH // 2]), safe_repr(value[-WIDTH // 4 :])
        return f"{start[:-1]}...{end[_prefix(end) :]} ({len(value)} in all)"
    text = _SHORT.repr(value) if isinstance(value, _CONTAINERS) else safe_repr(value)
    if len(text) <= WIDTH:
        return text
    return f"{text[: WIDTH // 2]}...{text[-WIDTH // 4 :]}"


def pasteable(value: Any) -> Optional[str]:
    """The repr, if it is short and Python reads an equal value back from it."""
    text = short(value)
    try:
        same = text == repr(value) and equal(ast.literal_eval(text), value)
    except Exception:
        return None
    return text if same else None


_CONTAINERS = (dict, list, tuple, set, frozenset)
_SHORT = reprlib.Repr()
_SHORT.maxdict = _SHORT.maxlist = _SHORT.maxtuple = _SHORT.maxset = _SHORT.maxfrozenset = 50
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = WIDTH


def _prefix(text: str) -> int:
    # Past the opening quote: b'...' has one character more before its content than '...'.
    return text.index(text[-1]) + 1


def difference(name: str, expected: Any, actual: Any) -> List[str]:
    """Two values that differ, one under the other; of long ones, the part where they do."""
    left, right = safe_repr(expected), safe_repr(actual)
    if len(left) > WINDOW or len(right) > WINDOW:
        start = max(_common(left, right) - WINDOW // 4, 0)
        mark = " " * (_common(left, right) - start) + "^"
        left, right = _window(left, start), _window(right, start)
        indent = 3 if start else 0
        marks = [" " * (len(name) + len(": expected ") + indent) + mark]
    else:
        marks = []
    if type(expected) is not type(actual):
        left += f" ({type(expected).__name__})"
        right += f" ({type(actual).__name__})"
    return [f"{name}: expected {left}", f"{' ' * len(name)}  but was  {right}", *marks]


WINDOW = 60
"""How many characters of two long values are shown around the place where they begin to differ."""


def _common(left: str, right: str) -> int:
    pairs = enumerate(zip(left, right))
    return next((index for index, (a, b) in pairs if a != b), min(len(left), len(right)))


def _window(text: str, start: int) -> str:
    shown = text[start : start + WINDOW]
    before = "..." if start else ""
    return before + shown + ("..." if start + WINDOW < len(text) else "")
