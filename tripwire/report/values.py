"""Values as text: never raising, never long, always on one line; and where two of them differ."""

from __future__ import annotations

import re
import textwrap
from itertools import islice, zip_longest
from types import BuiltinFunctionType, FunctionType, MethodDescriptorType, MethodType
from typing import Any, Callable, Iterator, List, Mapping, Optional, Tuple

from tripwire._matching import equal

WIDTH = 60
"""How many characters of a value are shown."""

PASTED = 200
"""The longest value, in characters, that is pasted whole."""

DEPTH = 10
"""How deep containers in containers are shown."""


def short(value: Any, width: int = WIDTH) -> str:
    """The repr; of one longer than `width` a part, which is longer, too: `whole` tells by that."""
    try:
        if type(value).__repr__ not in _CONTAINERS:
            return _single(value, width)
        text = ""
        for piece in _pieces(value, width, DEPTH):
            text += piece
            if len(text) > width:
                return f"{text[:width]}..."
        return text
    except Exception as error:
        return _broken(value, error)


def brief(value: Any, width: int, depth: int = 2) -> str:
    """As `short`, but of a container that is too long, some members, so that none is cut twice."""
    text = short(value, width)
    kind = type(value).__repr__
    if len(text) <= width or kind not in _CONTAINERS:
        return text
    opening, closing = _CONTAINERS[kind]
    if not depth:
        return f"{opening}...{closing}"
    try:
        return opening + _some(value, width, depth - 1) + closing
    except Exception as error:
        return _broken(value, error)


def _some(value: Any, width: int, depth: int) -> str:
    members = list(islice(value.items() if isinstance(value, dict) else value, _SOME))
    share = max(width // _SOME, _LEAST)
    if isinstance(value, dict):
        told = [f"{brief(key, share, depth)}: {brief(one, share, depth)}" for key, one in members]
    else:
        told = [brief(member, share, depth) for member in members]
    more = len(value) - len(members)
    return ", ".join([*told, f"... {more:,} more"] if more else told)


_SOME, _LEAST = 3, 8
"""How many members are shown of a container that is too long, and how much of each at least."""


def whole(value: Any, width: int) -> Optional[str]:
    """The repr, if it is not longer than that."""
    text = short(value, width)
    return text if len(text) <= width else None


def safe_repr(value: Any) -> str:
    """The whole repr; of an object whose repr raises, its type and what was raised."""
    return _safely(repr, value)


def safe_str(value: Any) -> str:
    """As `safe_repr`, of an exception's text."""
    return _safely(str, value)


def safe_lines(error: BaseException) -> List[str]:
    """An exception's text in its own lines, at least one; as `safe_repr` where there is no text."""
    try:
        text = "".join([str(error)])
    except Exception as raised:
        return [_broken(error, raised)]
    return [one_line(line) for line in text.splitlines()] or [""]


def elided(text: str, width: int, start: float = 2 / 3) -> str:
    """A text without its middle, where it is too long; so much of what is left is its start."""
    if len(text) <= width:
        return text
    end = int((width - 3) * (1 - start))
    return f"{text[: width - 3 - end]}...{text[-end:]}"


def folded(line: str, width: int, indent: str = "") -> List[str]:
    """A line in as many as it takes, at least one; those after the first are indented by more."""
    indent += line[: len(line) - len(line.lstrip())]
    fold = textwrap.TextWrapper(
        width, initial_indent=indent, subsequent_indent=f"{indent}  ", break_on_hyphens=False
    )
    return fold.wrap(line.lstrip()) or [""]


def one_line(text: str) -> str:
    """Text with everything escaped that would break a line or a terminal."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def _safely(function: Callable[[Any], str], value: Any) -> str:
    try:
        # Joined, because a subclass of str could do anything when it is shown.
        return one_line("".join([function(value)]))
    except Exception as error:
        return _broken(value, error)


def _broken(value: Any, error: Exception) -> str:
    return f"<{type(value).__name__} whose repr raised {type(error).__name__}>"


# --- parts ----------------------------------------------------------------------------------------

_LONG: Mapping[Any, str] = {str: "characters", bytes: "bytes", bytearray: "bytes"}


def _single(value: Any, width: int) -> str:
    start, end = width * 2 // 3, width - width * 2 // 3
    if type(value) in _LONG and len(value) > width:
        # The repr of a megabyte need not be built to show the ends of it.
        head, tail = safe_repr(value[:start]), safe_repr(value[-end:])
        return f"{head}...{tail} ({len(value)} {_LONG[type(value)]})"
    text = safe_repr(value)
    return text if len(text) <= width else f"{text[:start]}...{text[-end:]}"


def _pieces(value: Any, width: int, depth: int) -> Iterator[str]:
    """The repr of a container bit by bit, so that a caller that has seen enough can stop."""
    members = _CONTAINERS.get(type(value).__repr__)
    if members is None:
        yield _single(value, width)
    elif not value:
        yield safe_repr(value)
    elif not depth:
        yield "..."
    else:
        opening, closing = members
        yield opening
        yield from _members(value, width, depth - 1)
        yield ",)" if closing == ")" and len(value) == 1 else closing


def _members(value: Any, width: int, depth: int) -> Iterator[str]:
    mapping = isinstance(value, dict)
    for number, member in enumerate(value.items() if mapping else value):
        if number:
            yield ", "
        if mapping:
            yield from _pieces(member[0], width, depth)
            yield ": "
            yield from _pieces(member[1], width, depth)
        else:
            yield from _pieces(member, width, depth)


_CONTAINERS: Mapping[Any, Tuple[str, str]] = {
    list.__repr__: ("[", "]"),
    tuple.__repr__: ("(", ")"),
    dict.__repr__: ("{", "}"),
    set.__repr__: ("{", "}"),
    frozenset.__repr__: ("frozenset({", "})"),
}
"""What stands around the members of a container, by the method that builds its repr."""


# --- two values that are not equal, so that one sees where --------------------------------------

WINDOW = 48
"""How many characters of a long value are shown, around the place where it differs."""

_COMPARED, _DEPTH = 3, 4
"""How many differing members of a long container are shown, and how deep."""

_SEARCHED = 10_000
"""How many members are searched for those."""


class _Nothing:
    """Stands for a member that one of two containers does not have."""

    def __repr__(self) -> str:
        return "(nothing)"


_NOTHING = _Nothing()


def difference(name: str, expected: Any, actual: Any) -> List[str]:
    """What was expected, and under it what was met; of long values, the part that differs."""
    kind = next((kind for kind in _NOT_APPLIED if isinstance(expected, kind)), None)
    lines = _difference(name, expected, actual, _DEPTH)
    if kind is not None and not isinstance(actual, kind):
        lines.append(f"({_NOT_APPLIED[kind]} is compared by ==, and not applied to what was met:")
        lines.append("give an object with an __eq__, such as unittest.mock.ANY)")
    return lines


_NOT_APPLIED: Mapping[type, str] = {
    BuiltinFunctionType: "a function",
    FunctionType: "a function",
    MethodDescriptorType: "a method",
    MethodType: "a method",
    re.Pattern: "a pattern",
    type: "a class",
}
"""What people take for a matcher, and what it is called."""


def _difference(name: str, expected: Any, actual: Any, depth: int) -> List[str]:
    if expected is _NOTHING or actual is _NOTHING:
        return _two(name, short(expected, WINDOW), short(actual, WINDOW))
    left, right = whole(expected, WINDOW), whole(actual, WINDOW)
    if left is None or right is None:
        members = _differing_members(name, expected, actual, depth) if depth else []
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


# ... in containers


def _differing_members(name: str, expected: Any, actual: Any, depth: int) -> List[str]:
    lines: List[str] = []
    try:
        differing = (each for each in _pairs(expected, actual) if not equal(*each[1:]))
        for place, left, right in islice(differing, _COMPARED):
            lines += _difference(f"{name}[{place}]", left, right, depth - 1)
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


# ... in long texts


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
