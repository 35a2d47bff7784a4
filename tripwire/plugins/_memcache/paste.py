"""Lines to paste into a test: the assertion of an interaction, and the mock of a call."""

from __future__ import annotations

from typing import Any, List, Mapping

from tripwire._matching import equal
from tripwire._timeline import Paste
from tripwire.plugins._memcache.commands import Command
from tripwire.plugins._memcache.families import DEFAULTS, helpers_for
from tripwire.plugins._memcache.replying.reply import MISS, misplaced, refused_always
from tripwire.report.values import pasteable, short

_MISS = "tripwire.MISS"
_INSTEAD = {"STATS": "{}", "RAW_COMMAND": "b'...'", "VERSION": "b'...'"}
"""A reply to begin with, for commands that know no `MISS`."""


def assertion(command: Command, fields: Mapping[str, Any]) -> Paste:
    """The assertion of an interaction that says all it can: every field that is not a default."""
    helper = helpers_for(command)[0]
    arguments = [f"command={command.name!r}"]
    comments: List[str] = []
    for name in _telling(command, fields, DEFAULTS[helper]):
        text = pasteable(fields[name])
        if text is None:
            comments.append(f"{name}: {short(fields[name])}")
            if name not in command.required:
                continue
        arguments.append(f"{name}={text or 'unittest.mock.ANY'}")
    return Paste(f"tripwire.memcache.{helper}({', '.join(arguments)})", comments)


def mock_of(command: Command, fields: Mapping[str, Any]) -> List[str]:
    """The mock of a call: of its key or keys alone where they can be pasted."""
    reply = _likely_reply(command)
    arguments = [repr(command.name), f"returns={reply}"]
    for name in command.required[:1]:
        text = pasteable(fields[name])
        if text is not None:
            arguments.append(f"{name}={text}")
    lines = [f"tripwire.memcache.mock_command({', '.join(arguments)})"]
    if reply == _MISS:
        lines.append("    # MISS is the answer of an empty server; put your own there")
    return lines


def facts(command: Command, fields: Mapping[str, Any]) -> List[str]:
    """The fields of a call that are not what they are anyway."""
    return [f"{name}: {short(fields[name])}" for name in _telling(command, fields, {})]


def _likely_reply(command: Command) -> str:
    """What a test would begin with: a write that succeeds, a read that finds nothing."""
    if refused_always(command.name, True) is None and refused_always(command.name, b"") is not None:
        return "True"
    if misplaced(command.name, MISS) is None:
        return _MISS
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
