"""`unittest.mock`: its calls as assertions, and its mocks where they are in the way."""

from __future__ import annotations

import sys
from typing import Any, Iterator, List

from tripwire._assertions import Wanted
from tripwire.plugins._memcache.commands import Commands, clients
from tripwire.plugins._memcache.patching.stand_ins import below
from tripwire.report.values import short

_MOCK = "unittest.mock"
"""Never imported here: whoever uses it has loaded it, and `import tripwire` must not."""


def wanted_by(call: Any, commands: Commands) -> Wanted:
    """What a test asserts by `call.get("k")`.

    Raises `TypeError` where it is no such call, or its command takes no such arguments;
    `ValueError` where there is no such command.
    """
    _check(call)
    name, args, kwargs = call
    command = commands.named(name)
    try:
        given = command.given(args, kwargs)
    except TypeError as error:
        raise TypeError(f"{short(call)}: {error}") from None
    command.check_fields(given)
    fields = {**command.sent_defaults, **given}
    filled = tuple(name for name in fields if name not in given)
    return Wanted(command.name, command.names, fields, filled, short(call))


def _check(call: Any) -> None:
    mock = sys.modules.get(_MOCK)
    if mock is None or not isinstance(call, type(mock.call)):
        if isinstance(call, (list, tuple)):
            raise TypeError("assert_calls takes each call by itself: assert_calls(*calls)")
        raise TypeError(f"assert_calls takes unittest.mock.call.get('k'), not {short(call)}")
    name = call[0] if len(call) == 3 else ""
    if not name.isidentifier():
        raise TypeError(
            f"{short(call)} has to be call.<command>(...), as a client's method is called: "
            "call.get('k')"
        )


def notes(method: str) -> List[str]:
    """What is to be said where somebody's mock is in the place of a method of the clients."""
    return [
        f"{name} is a mock, so nothing reaches the wire.\n"
        "Take the patch away: the sandbox is for the real client."
        for name in _mocks(method)
    ]


def _mocks(method: str) -> Iterator[str]:
    mock: Any = sys.modules.get(_MOCK)
    base: Any = sys.modules["pymemcache.client.base"]
    if mock is None:
        return
    if isinstance(base.Client, mock.NonCallableMock):
        yield "pymemcache.client.base.Client"
    for client in clients():
        found = below(vars(client).get(method))
        # A method that was patched with `autospec=True` is a function, with its mock beside it.
        if isinstance(getattr(found, "mock", found), mock.NonCallableMock):
            yield f"Client.{method}"
