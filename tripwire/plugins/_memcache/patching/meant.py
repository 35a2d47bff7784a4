"""Who is meant here: who answers a call that is made, and which socket a client has meanwhile."""

from __future__ import annotations

import sys
from contextlib import suppress
from threading import get_ident
from typing import Any, Callable, Dict, NoReturn, Optional, Protocol, Tuple, cast

from tripwire import _scopes
from tripwire.errors import SandboxNotActiveError, ViolationError
from tripwire.plugins._memcache import texts
from tripwire.plugins._memcache.commands import NAME, callsites
from tripwire.plugins._memcache.patching.class_patch import ABSENT
from tripwire.plugins._memcache.patching.stand_ins import Function
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
    answers = _unrecorded()
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


def _unrecorded() -> Optional[Answering]:
    """What answers the calls of this context while they are to leave no trace."""
    block = off_the_record.get()
    return None if block is None else block.lasting()


def _around() -> Optional[Answering]:
    """What answers the call that is in progress around the one that begins here."""
    outer = in_progress.get(get_ident())
    return None if outer is None else outer.answers


def answering_or_none() -> Optional[Answering]:
    """What the sandbox that is meant here has to say; None where none is open, or none is meant."""
    answers = _unrecorded()
    if answers is not None:
        return answers
    with suppress(_scopes.Absent):
        plugin = _find(NAME)
        return None if plugin is None else plugin.answers
    return None


def is_intercepted() -> bool:
    """Whether a call that is made here is answered, or refused; else it goes to a server."""
    try:
        meant = _unrecorded() or _find(NAME) or _around()
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


# --- the attribute `sock` of the clients, while anything is intercepted ---------------------------

Refuse = Callable[[Any, str], NoReturn]


class Sock(property):
    """Gives the socket of the call in progress, and to anyone else one that refuses.

    A data descriptor on the class, so it comes before whatever a client has in its own `__dict__`.
    What the methods of a client write to it is ignored, so that a connection that was open before
    is found untouched afterwards; what its constructor writes is its own. Where nobody intercepts,
    it gives and takes what the client has without us.

    Attributes: `found`, what the class had in its place, if anything.
    """

    def __init__(self, found: Any, refuse: Refuse) -> None:
        def get(client: Any) -> Any:
            call = in_progress.get(get_ident())
            if call is not None and call.client is client:
                return call
            if is_intercepted():
                return _SocketAtRest(client, refuse)
            return _get(client)

        def put(client: Any, value: Any) -> None:
            if sys._getframe(1).f_code.co_name == "__init__" or not is_intercepted():
                _set(client, value)

        super().__init__(get, put)
        self.found = found


class _SocketAtRest:
    """The socket of a client of which no command is in progress."""

    def __init__(self, client: Any, refuse: Refuse) -> None:
        self._client = client
        self._refuse = refuse

    def close(self) -> None:
        """As a socket's: there is nothing to close."""

    def __getattr__(self, name: str) -> NoReturn:
        # What merely inspects (autospec asks for `_is_coroutine`) wants no socket.
        if name.startswith("_"):
            raise AttributeError(name)
        self._refuse(self._client, sys._getframe(1).f_code.co_name)


def _without_us(kind: type) -> Any:
    """What a class of clients has as `sock` where ours is not; `ABSENT` where it has none."""
    for owner in kind.__mro__:
        found = vars(owner).get("sock", ABSENT)
        if type(found) is Sock:
            found = found.found
        if found is not ABSENT:
            return found
    return ABSENT


def _get(client: Any) -> Any:
    """The `sock` that a client has without us, as Python itself would look it up."""
    found = _without_us(type(client))
    if "sock" in vars(client) and not hasattr(type(found), "__set__"):
        return vars(client)["sock"]
    if found is ABSENT:
        raise AttributeError("sock")
    return found.__get__(client, type(client)) if hasattr(type(found), "__get__") else found


def _set(client: Any, value: Any) -> None:
    """Give a client a `sock` as it would be without us."""
    found = _without_us(type(client))
    if hasattr(type(found), "__set__"):
        found.__set__(client, value)
    else:
        vars(client)["sock"] = value


# --- classes that give and take attributes in a way of their own ----------------------------------


def _getting(original: Function) -> Function:
    """Gives our socket; anything else as the class does."""

    def stand_in(*args: Any) -> Any:
        if args[1] == "sock" and is_intercepted():
            return object.__getattribute__(*args)
        return original(*args)

    return stand_in


def _setting(original: Function) -> Function:
    """Takes no socket but the constructor's; anything else as the class does."""

    def stand_in(*args: Any) -> None:
        if args[1] != "sock" or not is_intercepted():
            original(*args)
        elif sys._getframe(1).f_code.co_name == "__init__":
            _set(args[0], args[2])

    return stand_in


ACCESS: Dict[str, Callable[[Function], Function]] = {
    "__getattribute__": _getting,
    "__setattr__": _setting,
}
"""The methods by which a class may do so, each with what makes the stand-in for it."""
