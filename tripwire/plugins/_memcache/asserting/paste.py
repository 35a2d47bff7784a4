"""Lines to paste into a test: the assertion of an interaction, and the mock of a call."""

from __future__ import annotations

from typing import Any, List, Mapping, Optional

from tripwire._matching import equal
from tripwire._timeline import Paste
from tripwire.plugins._memcache.asserting.families import DEFAULTS, helpers_for
from tripwire.plugins._memcache.commands import NEVER_SENT, Command
from tripwire.plugins._memcache.replying.reply import MISS, misplaced, refused_always
from tripwire.report.expressions import Expression, expression
from tripwire.report.pasting import ANY
from tripwire.report.values import short

MISS_TEXT = "tripwire.MISS"
"""`MISS` by its full name."""

_INSTEAD = {"STATS": "{}", "RAW_COMMAND": "b'...'", "VERSION": "b'...'"}
"""A reply to begin with, for commands that know no `MISS`."""


def assertion(command: Command, fields: Mapping[str, Any], more: Mapping[str, Any]) -> Paste:
    """The assertion of an interaction, with every field that is not at its default.

    `more`: what is asserted beside the fields.
    """
    helper = helpers_for(command)[0]
    arguments = [f"command={command.name!r}"]
    comments: List[str] = []
    imports: List[str] = []
    unsaid: List[str] = []
    told = {name: fields[name] for name in _telling(command, fields, DEFAULTS[helper])}
    for name, value in {**told, **more}.items():
        written = _written(name, value)
        if written is None:
            comments.append(f"{name}: {short(value)}")
            # It is not compared where it is left out, so it can be.
            if name in NEVER_SENT or name in more:
                continue
            unsaid.append(name)
            written = Expression(f"{ANY}.ANY", (ANY,))
        arguments.append(f"{name}={written.text}")
        imports += written.imports
    line = f"tripwire.memcache.{helper}({', '.join(arguments)})"
    return Paste(line, comments, tuple(imports), unsaid)


def mock_of(command: Command, fields: Mapping[str, Any]) -> List[str]:
    """The lines that mock a call: by its key or keys alone, where they can be pasted."""
    reply = _likely_reply(command)
    mock = mock_line(command, fields, reply)
    lines = [mock.text]
    if reply == MISS_TEXT:
        lines.append("    # MISS is the answer of an empty server; put your own there")
    if mock.imports:
        lines.append(f"    # it needs: import {', '.join(mock.imports)}")
    return lines


def mock_line(command: Command, fields: Mapping[str, Any], reply: str) -> Expression:
    """The mock of a call with the text of a reply, and what its fields need imported."""
    arguments = [repr(command.name), f"returns={reply}"]
    imports: List[str] = []
    # Of a command without required fields: what tells `stats("slabs")` from the plain `stats()`.
    for name in command.required[:1] or _telling(command, fields, {})[:1]:
        written = _written(name, fields[name])
        if written is not None:
            arguments.append(f"{name}={written.text}")
            imports += written.imports
    return Expression(f"tripwire.memcache.mock_command({', '.join(arguments)})", tuple(imports))


def _written(name: str, value: Any) -> Optional[Expression]:
    # A recorded list of keys is of a type of ours.
    return expression([*value] if name == "keys" else value)


def facts(command: Command, fields: Mapping[str, Any]) -> List[str]:
    """The fields of a call, each on a line, but for those that are at their default."""
    return [f"{name}: {short(fields[name])}" for name in _telling(command, fields, {})]


def _likely_reply(command: Command) -> str:
    """What a test would begin with: a write that succeeds, a read that finds nothing."""
    if refused_always(command.name, True) is None and refused_always(command.name, b"") is not None:
        return "True"
    if refused_always(command.name, []) is None and refused_always(command.name, {}) is not None:
        return "[]"
    if misplaced(command.name, MISS) is None:
        return MISS_TEXT
    return _INSTEAD.get(command.name, "None")


def _telling(command: Command, fields: Mapping[str, Any], more: Mapping[str, Any]) -> List[str]:
    """The names of the required fields, and of those that differ from their default."""
    defaults = {**command.defaults, **more}
    return [
        *command.required,
        *(
            name
            for name in command.defaults
            if type(fields[name]) is not type(defaults[name])
            or not equal(defaults[name], fields[name])
        ),
    ]
