"""Which `assert_` helper a command belongs to: read off its signature, like the commands."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Tuple

from tripwire._mocks import equal
from tripwire._plugin import Paste
from tripwire._repr import pasteable, short
from tripwire.plugins._memcache.commands import Command

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


def helpers_for(command: Command) -> Tuple[str, ...]:
    """The typed helpers that take a command, the best one first; `assert_command` takes any."""
    fields = command.fields
    if command.required == ("key",):
        if "default" in fields:
            return ("assert_get",)
        return ("assert_touch",) if "expire" in fields else ("assert_delete", "assert_get")
    if command.required == ("key", "value"):
        return ("assert_set",) if "expire" in fields else ("assert_incr",)
    if command.required == ("key", "value", "cas"):
        return "assert_cas", "assert_set"
    if command.required == ("keys",):
        return ("assert_delete_many",) if "noreply" in fields else ("assert_get_many",)
    if command.required == ("values",):
        return ("assert_set_many",)
    return ("assert_command",)


def paste(command: Command, fields: Mapping[str, Any]) -> Paste:
    """The assertion of an interaction that says all it can: every field that is not a default."""
    helper = helpers_for(command)[0]
    defaults = {**command.defaults, **DEFAULTS[helper]}
    arguments = [f"command={command.name!r}"]
    comments: List[str] = []
    for name in sorted(command.fields, key=lambda name: name not in command.required):
        value = fields[name]
        optional = name not in command.required
        if optional and type(value) is type(defaults[name]) and equal(defaults[name], value):
            continue
        text = pasteable(value)
        if text is None:
            comments.append(f"{name}: {short(value)}")
            if optional:
                continue
        arguments.append(f"{name}={text or 'unittest.mock.ANY'}")
    return Paste(f"tripwire.memcache.{helper}({', '.join(arguments)})", comments)
