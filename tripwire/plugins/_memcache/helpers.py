"""Which `assert_` helper a command belongs to, and the lines of a test that reports offer.

Both are read off the signature, like the commands.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Dict, List, Mapping, Tuple

from tripwire._mocks import equal
from tripwire._plugin import Paste
from tripwire.plugins._memcache.commands import Command
from tripwire.plugins._memcache.replies import MISS, refused_always
from tripwire.report.values import pasteable, short

DEFAULTS: Mapping[str, Dict[str, Any]] = {
    "assert_get": {},
    "assert_set": {"expire": 0},
    "assert_delete": {},
    "assert_incr": {"value": 1},
    "assert_get_many": {},
    "assert_set_many": {"expire": 0},
    "assert_delete_many": {},
    "assert_cas": {"expire": 0},
    "assert_touch": {"expire": 0},
    "assert_command": {},
}
"""What each helper compares a field with when it is left out."""


_FAMILIES = (
    # the required fields, an optional field that tells two families apart, the helpers
    (("key",), "default", ("assert_get",)),
    (("key",), "expire", ("assert_touch",)),
    (("key",), None, ("assert_delete", "assert_get")),
    (("key", "value"), "expire", ("assert_set",)),
    (("key", "value"), None, ("assert_incr",)),
    (("key", "value", "cas"), None, ("assert_cas", "assert_set")),
    (("keys",), "noreply", ("assert_delete_many",)),
    (("keys",), None, ("assert_get_many",)),
    (("values",), None, ("assert_set_many",)),
)

_MISS = "tripwire.MISS"
_WITHOUT_MISS = {"STATS": "{}", "RAW_COMMAND": "b'...'", "VERSION": "b'...'"}
"""A reply to begin with, for commands that know no `MISS`."""


@cache
def helpers_for(command: Command) -> Tuple[str, ...]:
    """The typed helpers that take a command, the best one first; `assert_command` takes any."""
    for required, telling, names in _FAMILIES:
        if command.required == required and (telling is None or telling in command.fields):
            return names
    return ("assert_command",)


def paste(command: Command, fields: Mapping[str, Any]) -> Paste:
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


def offer(command: Command, fields: Mapping[str, Any]) -> List[str]:
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


def _likely_reply(command: Command) -> str:
    """What a test would begin with: a write that succeeds, a read that finds nothing."""
    if refused_always(command.name, True) is None and refused_always(command.name, b"") is not None:
        return "True"
    if refused_always(command.name, MISS) is None:
        return _MISS
    return _WITHOUT_MISS.get(command.name, "None")


def facts(command: Command, fields: Mapping[str, Any]) -> List[str]:
    """The fields of a call that are not what they are anyway."""
    return [f"{name}: {short(fields[name])}" for name in _telling(command, fields, {})]


def _telling(command: Command, fields: Mapping[str, Any], more: Mapping[str, Any]) -> List[str]:
    """The names of the required fields, and then of those that are not what they are anyway."""
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
