"""The attribute `sock` of the clients, while anything is intercepted."""

from __future__ import annotations

import sys
from threading import get_ident
from typing import Any, Callable, Dict, NoReturn

from tripwire.plugins._memcache.class_patch import ABSENT
from tripwire.plugins._memcache.meant import is_intercepted
from tripwire.plugins._memcache.stand_ins import Function
from tripwire.plugins._memcache.wire import in_progress

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
    """What the `sock` of a class of clients would be without ours."""
    for owner in kind.__mro__:
        found = vars(owner).get("sock", ABSENT)
        if type(found) is Sock:
            found = found.found
        if found is not ABSENT:
            return found
    return ABSENT


def _get(client: Any) -> Any:
    found = _without_us(type(client))
    if "sock" in vars(client) and not hasattr(type(found), "__set__"):
        return vars(client)["sock"]
    if found is ABSENT:
        raise AttributeError("sock")
    return found.__get__(client, type(client)) if hasattr(type(found), "__get__") else found


def _set(client: Any, value: Any) -> None:
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
"""What stands for the methods by which a class may do so."""
