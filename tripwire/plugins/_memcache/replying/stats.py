"""What `stats` says, the other way round: from what the client makes of a line to the line."""

from __future__ import annotations

from typing import Any, Iterator, Optional

from tripwire._matching import alike


def line(name: Any, value: Any) -> Optional[bytes]:
    """The server's line of which the client makes this name and value; None where there is none.

    `STAT <name> <value>`, and where the value has several words `ITEM <name> <value>`, as in
    `stats cachedump`. The client splits the line at white space and converts the value, by its
    name and otherwise to an int; where that fails, the value stays as it is.
    """
    if type(name) is not bytes or name.split() != [name]:
        return None
    for written in _spellings(value):
        words = written.split()
        if not words and _fails_at_blanks():
            return None
        if b" ".join(words) == written and alike(value, _converted(name, written)):
            return (b"ITEM " if len(words) > 1 else b"STAT ") + name + b" " + written + b"\r\n"
    return None


def _fails_at_blanks() -> bool:
    """Whether the installed client raises `IndexError` at a name without a value."""
    import pymemcache

    # Its changes, of 3.5.2: "Handle blank STAT values."
    return pymemcache.__version__ in ("3.5.0", "3.5.1")


def _converted(name: bytes, written: bytes) -> Any:
    from pymemcache.client.base import STAT_TYPES

    try:
        return STAT_TYPES.get(name, int)(written)
    except Exception:
        return written


def _spellings(value: Any) -> Iterator[bytes]:
    if type(value) is bytes:
        yield value
    if type(value) in (int, float):
        yield b"%r" % value
    if type(value) is int:
        yield b"%o" % value  # umask
    if type(value) is bool:
        yield from (b"1", b"yes") if value else (b"0", b"no")
