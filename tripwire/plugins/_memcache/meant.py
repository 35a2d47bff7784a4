"""Who is to answer a call that is made here."""

from __future__ import annotations

import sys
from contextlib import suppress
from threading import get_ident
from typing import Any, Callable, Dict, Optional, Protocol, Tuple, cast

from tripwire import _scopes
from tripwire.errors import SandboxNotActiveError, ViolationError
from tripwire.plugins._memcache import texts
from tripwire.plugins._memcache.commands import NAME, callsites
from tripwire.plugins._memcache.wire import Answering, in_progress, off_the_record


class Plugin(Protocol):
    """What is asked of the plugin whose sandbox a call is made in."""

    @property
    def answers(self) -> Answering:
        """What its test has to say to the call."""
        ...


# The plugin of this name is always ours.
_find = cast("Callable[[str], Optional[Plugin]]", _scopes.find)


def answering(name: str, args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> Optional[Answering]:
    """What the test of the sandbox that is meant here has to say; None where nobody intercepts.

    Raises `SandboxNotActiveError` where a test is meant of which no sandbox is open.
    """
    answers = off_the_record.get()
    if answers is not None:
        return answers
    try:
        plugin = _find(NAME)
    except _scopes.Absent as absent:
        answers = _around()
        if answers is None:
            raise _not_active(absent, name, args, kwargs) from None
        return answers
    return _around() if plugin is None else plugin.answers


def _around() -> Optional[Answering]:
    """What answers the call that is in progress around the one that begins here."""
    outer = in_progress.get(get_ident())
    return None if outer is None else outer.answers


def answering_or_none() -> Optional[Answering]:
    """As `answering`; None, too, where a call is refused."""
    answers = off_the_record.get()
    if answers is not None:
        return answers
    with suppress(_scopes.Absent):
        plugin = _find(NAME)
        return None if plugin is None else plugin.answers
    return None


def is_intercepted() -> bool:
    """Whether a call that is made here is answered, or refused; else it goes to a server."""
    try:
        meant = off_the_record.get() or _find(NAME) or _around()
    except _scopes.Absent:
        return True
    return meant is not None


def _not_active(
    absent: _scopes.Absent, name: str, args: Tuple[Any, ...], kwargs: Dict[str, Any]
) -> ViolationError:
    """The violation of a call that no open sandbox is meant for; all concerned remember it."""
    client, given = args[0], args[1:]
    location = callsites().locate(sys._getframe())
    server = getattr(client, "server", None)
    thread = _scopes.thread_text()
    error = SandboxNotActiveError(
        texts.not_active(absent.reason, name, given, kwargs, server, location, thread),
        command=name,
        fields=(given, kwargs),
        server=server,
        location=location,
    )
    for listener in absent.listeners:
        listener.violated(error)
    return error
