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


def helpers_for(command: Command) -> Tuple[str, ...]:
    """The typed helpers that take a command, the best one first; `assert_command` takes any."""
    for required, telling, names in _FAMILIES:
        if command.required == required and (telling is None or telling in command.fields):
            return names
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
