"""What all reports are made of: places, servers, mocks, counts, blocks."""

from __future__ import annotations

import os
from typing import Any, Iterable, List

from tripwire._callsite import INSTALLED, STANDARD_LIBRARY
from tripwire._mocks import Mock
from tripwire._timeline import Location
from tripwire.report.values import one_line, short


def where(location: Location) -> str:
    """A place as `file:line in function`."""
    return one_line(f"{_readable(location.filename)}:{location.lineno} in {location.function}")


def _readable(filename: str) -> str:
    """A file as people know it: below what it is installed in, or the working directory."""
    for part in INSTALLED:
        _, found, below = filename.rpartition(part)
        if found:
            return below
    for folder in (STANDARD_LIBRARY, _working_directory()):
        if filename.startswith(folder):
            return filename[len(folder) :]
    return filename


def _working_directory() -> str:
    try:
        return os.path.join(os.getcwd(), "")
    except OSError:
        # It was deleted.
        return ""


def server_text(server: Any) -> str:
    """A server as people write it: `host:port`, or the path of a socket."""
    parts = server if type(server) is tuple and len(server) == 2 else (server,)
    return ":".join(one_line(part) if type(part) is str else short(part) for part in parts)


def mock_text(mock: Mock) -> str:
    """The call that registered a mock, in short."""
    if mock.spelled:
        return mock.spelled
    if mock.raises is None:
        outcome = f"returns={short(mock.returns)}"
    else:
        outcome = f"raises={short(mock.raises)}"
    arguments = [repr(mock.command), outcome]
    if mock.times != 1:
        arguments.append(f"times={mock.times}")
    arguments += [f"{name}={short(value)}" for name, value in mock.fields.items()]
    return f"{'expect' if mock.expected else 'mock_command'}({', '.join(arguments)})"


def call_facts(fields: Iterable[str], server: Any, location: Location) -> List[str]:
    """What there is to say about one call: its fields, its server, its place."""
    return [
        "The call:",
        *(f"    {field}" for field in fields),
        f"    server: {server_text(server)}",
        f"    from: {where(location)}",
    ]


def count(number: int, noun: str) -> str:
    """A number of things, as people say it."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def were(number: int) -> str:
    """The verb that follows a count."""
    return "was" if number == 1 else "were"


def blocks(shown: Iterable[Iterable[str]], total: int, limit: int) -> List[str]:
    """Blocks of lines one under the other, and how many are not shown."""
    lines = [f"    {line}".rstrip() for block in shown for line in block]
    if total > limit:
        lines.append(f"    ... and {total - limit} more")
    return lines
