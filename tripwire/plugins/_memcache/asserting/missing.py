"""What is said of an attribute that the plugin does not have: what that is called here."""

from __future__ import annotations

import difflib
from typing import Sequence

from tripwire.plugins._memcache.asserting.families import DEFAULTS, helpers_for
from tripwire.plugins._memcache.commands import Commands

_BY_CALL = "assert_get(command='GET', key=...), or all at once by assert_calls(call.get(...))"
_READ = "self.verifier.interactions to read, and assert_calls(call.get(...)) to assert"

_OF_MOCK = {
    "assert_called": _BY_CALL,
    "assert_called_once": _BY_CALL,
    "assert_called_with": _BY_CALL,
    "assert_called_once_with": _BY_CALL,
    "assert_any_call": "in_any_order(), with the assertions in its block",
    "assert_has_calls": "assert_calls(*calls), of all calls",
    "assert_not_called": "assert_no_calls()",
    "call_args": _READ,
    "call_args_list": _READ,
    "call_count": _READ,
    "called": _READ,
    "method_calls": _READ,
    "mock_calls": _READ,
    "return_value": "mock_command('GET', returns=...)",
    "side_effect": "mock_command('GET', raises=...), or a mock for each reply",
}
"""What the words of `unittest.mock` are called here."""

_OF_VERIFIER = ("interactions", "sandbox", "verify_all")
"""What a test asks its verifier for."""

_HELPERS = (*DEFAULTS, "assert_calls", "assert_no_calls")


def text(name: str, commands: Commands, names: Sequence[str]) -> str:
    """The message of the `AttributeError`; `names` are those that there are."""
    head = f"memcache has no {name}"
    if name in _OF_MOCK:
        return f"{head}; use {_OF_MOCK[name]}"
    if name in _OF_VERIFIER:
        return f"{head}; the verifier has: self.verifier.{name}"
    prefix, _, rest = name.partition("_")
    if prefix == "assert":
        if rest in commands:
            command = commands.named(rest)
            helper = helpers_for(command)[0]
            return f"{head}; use {helper}(command={command.name!r}, ...)"
        return f"{head}; the closest one is {difflib.get_close_matches(name, _HELPERS, 1, 0)[0]}"
    if name in commands:
        return (
            f"{head}: it is what a test says about memcached; "
            f"the code under test calls pymemcache's Client.{name}"
        )
    closest = difflib.get_close_matches(name, [each for each in names if each[0] != "_"], 1)
    return "; the closest one is ".join([head, *closest])
