"""Values as text: never raising, never long, always on one line."""

from __future__ import annotations

import ast
from typing import Any, Callable, Iterator, Mapping, Optional, Tuple

from tripwire._matching import equal

WIDTH = 60
"""How many characters of a value are shown."""

PASTED = 200
"""The longest value, in characters, that is pasted whole."""

DEPTH = 10
"""How deep containers in containers are shown."""


def short(value: Any, width: int = WIDTH) -> str:
    """The repr; where it is longer than `width`, a part of it that is longer than `width` too."""
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


def whole(value: Any, width: int) -> Optional[str]:
    """The repr, if it is not longer than that."""
    text = short(value, width)
    return text if len(text) <= width else None


def pasteable(value: Any) -> Optional[str]:
    """The repr, if it is not long and Python reads an equal value back from it."""
    text = whole(value, PASTED)
    if text is None:
        return None
    try:
        same = text == repr(value) and equal(ast.literal_eval(text), value)
    except Exception:
        return None
    return text if same else None


def safe_repr(value: Any) -> str:
    """The whole repr; of an object whose repr raises, its type and what was raised."""
    return _safely(repr, value)


def safe_str(value: Any) -> str:
    """As `safe_repr`, of an exception's text."""
    return _safely(str, value)


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
    """The repr of a container bit by bit, so that who has seen enough can stop."""
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
