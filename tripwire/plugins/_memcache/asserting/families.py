"""Which `assert_` helper a command belongs to: read off its signature, like the commands."""

from __future__ import annotations

from functools import cache
from typing import Any, Dict, Mapping, Tuple

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


@cache
def helpers_for(command: Command) -> Tuple[str, ...]:
    """The typed helpers that take a command, the best one first; `assert_command` takes any."""
    for required, telling, names in _FAMILIES:
        if command.required == required and (telling is None or telling in command.fields):
            return names
    return ("assert_command",)
