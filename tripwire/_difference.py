"""Two values that are not equal, so that one sees where."""

from __future__ import annotations

from itertools import islice, zip_longest
from typing import Any, Iterator, List, Tuple

from tripwire._matching import equal
from tripwire._repr import safe_repr, short, whole

WINDOW = 48
"""How many characters of a long value are shown, around the place where it differs."""

_MEMBERS, _DEPTH = 3, 4
"""How many members of a long container are compared in the report, and how deep."""

_SEARCHED = 10_000


class _Nothing:
    """Stands for a member that one of two containers does not have."""

    def __repr__(self) -> str:
        return "(nothing)"


_NOTHING = _Nothing()


def difference(name: str, expected: Any, actual: Any, depth: int = _DEPTH) -> List[str]:
    """What was expected, and under it what was met; of long values, the part that differs."""
    if expected is _NOTHING or actual is _NOTHING:
        return _two(name, short(expected, WINDOW), short(actual, WINDOW))
    left, right = whole(expected, WINDOW), whole(actual, WINDOW)
    if left is None or right is None:
        members = _members(name, expected, actual, depth) if depth else []
        return members or _windows(name, safe_repr(expected), safe_repr(actual))
    if type(expected) is not type(actual) and _bare(left) == _bare(right):
        left, right = f"{left} ({_kind(expected)})", f"{right} ({_kind(actual)})"
    elif left == right:
        right += " (which looks the same, but is not equal)"
    return _two(name, left, right)


def _two(name: str, left: str, right: str) -> List[str]:
    return [f"{name}: expected {left}", f"{' ' * len(name)}  but was  {right}"]


def _bare(text: str) -> str:
    # What is left of b'a', 'a', ['a'] is the same: there, only the type tells them apart.
    return "".join(filter(str.isalnum, text[1:] if text[:2] in ("b'", 'b"') else text))


def _kind(value: Any) -> str:
    # A recorded list of keys is of a type of ours, which means nothing to the reader.
    kinds = (kind for kind in type(value).__mro__ if not kind.__module__.startswith("tripwire."))
    return next(kinds).__name__


# --- containers -----------------------------------------------------------------------------------


def _members(name: str, expected: Any, actual: Any, depth: int) -> List[str]:
    lines: List[str] = []
    try:
        differing = (each for each in _pairs(expected, actual) if not equal(*each[1:]))
        for place, left, right in islice(differing, _MEMBERS):
            lines += difference(f"{name}[{place}]", left, right, depth - 1)
    except Exception:
        # Its hash, its length, its order: anything of a stranger's container can raise.
        return []
    return lines


def _pairs(expected: Any, actual: Any) -> Iterator[Tuple[str, Any, Any]]:
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key in islice({**expected, **actual}, _SEARCHED):
            place = whole(key, WINDOW) or "..."
            yield place, expected.get(key, _NOTHING), actual.get(key, _NOTHING)
    elif isinstance(expected, (list, tuple)) and isinstance(actual, (list, tuple)):
        pairs = zip_longest(expected, actual, fillvalue=_NOTHING)
        for index, (left, right) in enumerate(islice(pairs, _SEARCHED)):
            yield str(index), left, right


# --- long texts -----------------------------------------------------------------------------------


def _windows(name: str, left: str, right: str) -> List[str]:
    place = _first_difference(left, right)
    start = max(place - WINDOW // 3, 0)
    lines = _two(name, _window(left, start), _window(right, start))
    margin = len(f"{name}: expected ") + (len("...") if start else 0)
    return [*lines, " " * (margin + place - start) + "^"]


def _window(text: str, start: int) -> str:
    end = start + WINDOW
    return f"{'...' if start else ''}{text[start:end]}{'...' if end < len(text) else ''}"


def _first_difference(left: str, right: str) -> int:
    # By halves: slices are compared much faster than characters one by one.
    same, end = 0, min(len(left), len(right))
    while same < end:
        middle = (same + end + 1) // 2
        if left[same:middle] == right[same:middle]:
            same = middle
        else:
            end = middle - 1
    return same
