"""Puts replacements of the commands on `Client`, and takes them off.

The real method runs on the caller's own client; only its `sock` is ours. That is a data descriptor
on the class: it gives the socket of the call in progress, and anyone else one that refuses; what a
client writes to it is ignored, so a connection that was open before is found untouched afterwards.
"""

from __future__ import annotations

import functools
import sys
from threading import get_ident
from types import CodeType, FunctionType
from typing import Any, Callable, Dict, NoReturn, Optional, Protocol, Set, cast

from tripwire import _scopes
from tripwire._callsite import stack
from tripwire.errors import SandboxNotActiveError, UnmockedInteractionError, ViolationError
from tripwire.plugins._memcache import texts
from tripwire.plugins._memcache.commands import NAME, Command, callsites, installed
from tripwire.plugins._memcache.wire import Answering, Call, in_progress, off_the_record

_ABSENT = object()
_Function = Callable[..., Any]


class Plugin(Protocol):
    """What is asked of the plugin whose sandbox a call is made in."""

    @property
    def answers(self) -> Answering:
        """What its test has to say to the call."""
        ...


# The plugin of this name is always ours.
_find = cast("Callable[[str], Optional[Plugin]]", _scopes.find)


def interception() -> Interception:
    """The one patch of the process."""
    # `setdefault` is atomic: threads that are the first ones together agree on one.
    return _only.get(None) or _only.setdefault(None, Interception(installed().client))


_only: Dict[None, Interception] = {}


class Interception:
    """The patch of `Client`, on while any sandbox or guard holds it."""

    def __init__(self, client: type) -> None:
        self._client = client
        self._found: Dict[str, Any] = {}
        self._codes: Set[CodeType] = set()
        self._builders: Dict[str, Callable[[_Function], _Function]] = {
            command.method: functools.partial(self._intercepting, command)
            for command in installed()
        }
        self._builders["_connect"] = self._refusing
        self._built: Dict[str, Any] = {}

    def install(self) -> None:
        """Replace the commands, the connecting and the socket."""
        try:
            found = vars(self._client)
            for name, build in self._builders.items():
                if name in found:
                    self._replace(name, self._replacement(name, found[name], build))
            self._replace("sock", property(self._sock, _leave_sock))
        except BaseException:
            self.remove()
            raise

    def remove(self) -> None:
        """Put everything back as it was found."""
        for name, found in reversed(list(self._found.items())):
            if found is not _ABSENT:
                setattr(self._client, name, found)
            elif name in vars(self._client):
                delattr(self._client, name)
            # Deleted last: the next removal retries what was interrupted here.
            del self._found[name]

    def _replace(self, name: str, replacement: Any) -> None:
        # Noted before it is done, so that an exception in between loses nothing; and once, because
        # a removal that was interrupted may have left ours there.
        self._found.setdefault(name, vars(self._client).get(name, _ABSENT))
        setattr(self._client, name, replacement)

    # --- replacements -----------------------------------------------------------------------------

    def _replacement(self, name: str, found: Any, build: Callable[[_Function], Any]) -> _Function:
        """What stands for what was found; the client's own methods get theirs built once."""
        built = self._built.get(name)
        if built is None or built.tripwire_original is not found:
            original = _original(found)
            built = build(original)
            functools.update_wrapper(built, original)
            built.tripwire_original = original
            if original is found:
                self._built[name] = built
        return cast(_Function, built)

    def _intercepting(self, command: Command, original: _Function) -> _Function:
        """Runs the original as a call of the sandbox that is meant here."""
        self._codes.add(original.__code__)

        def replacement(client: Any, /, *args: Any, **kwargs: Any) -> Any:
            answers = off_the_record.get()
            if answers is None:
                try:
                    plugin = _find(NAME)
                except _scopes.Absent as absent:
                    raise _not_active(absent, command.name, client, args, kwargs) from None
                if plugin is None:
                    return original(client, *args, **kwargs)
                answers = plugin.answers
            caller = sys._getframe().f_back
            return Call(answers, command, client, args, kwargs, caller).run(original)

        return replacement

    def _refusing(self, original: _Function) -> _Function:
        """Stands for the connecting: nobody connects while anything is intercepted."""

        def replacement(client: Any, /, *args: Any, **kwargs: Any) -> Any:
            try:
                kept = _find(NAME) is None
            except _scopes.Absent:
                kept = False
            if kept:
                return original(client, *args, **kwargs)
            return self.refuse(client, "_connect")

        return replacement

    def _sock(self, client: Any) -> Any:
        """Stands for a client's socket."""
        socket = in_progress.get(get_ident())
        if socket is not None and socket.client is client:
            return socket
        return _SocketAtRest(self, client)

    # --- refusals ---------------------------------------------------------------------------------

    def refuse(self, client: Any, wanted: str) -> NoReturn:
        """Refuse who wants a socket without being a command in progress; that is a violation."""
        command = self._bound_early()
        name = command or wanted
        answers = off_the_record.get()
        if answers is None:
            try:
                plugin = _find(NAME)
            except _scopes.Absent as absent:
                raise _not_active(absent, name, client, (), {}) from None
            answers = None if plugin is None else plugin.answers
        location = callsites().locate(sys._getframe())
        server = getattr(client, "server", None)
        text = texts.bound_early if command else texts.private_call
        error = UnmockedInteractionError(
            text(name, server, location), command=name, server=server, location=location
        )
        if answers is not None:
            answers.violated(error)
        raise error

    def _bound_early(self) -> Optional[str]:
        """The command whose own code is running, of a method that was taken before the sandbox.

        While no command is in progress, that code runs for nobody else.
        """
        if get_ident() not in in_progress:
            for frame in stack(sys._getframe()):
                if frame.f_code in self._codes:
                    return frame.f_code.co_name.upper()
        return None


class _SocketAtRest:
    """The socket of a client of which no command is in progress."""

    def __init__(self, interception: Interception, client: Any) -> None:
        self._interception = interception
        self._client = client

    def close(self) -> None:
        """As a socket's: there is nothing to close."""

    def __getattr__(self, name: str) -> NoReturn:
        # What merely inspects (autospec asks for `_is_coroutine`) wants no socket.
        if name.startswith("_"):
            raise AttributeError(name)
        self._interception.refuse(self._client, sys._getframe(1).f_code.co_name)


def _leave_sock(client: Any, value: Any) -> None:
    # A client built in the sandbox finds an attribute afterwards; any other keeps its own.
    vars(client).setdefault("sock", None)


def _not_active(
    absent: _scopes.Absent, name: str, client: Any, args: Any, kwargs: Any
) -> ViolationError:
    """The violation of a call that no open sandbox is meant for; all concerned remember it."""
    location = callsites().locate(sys._getframe())
    server = getattr(client, "server", None)
    thread = _scopes.thread_text()
    error = SandboxNotActiveError(
        texts.not_active(absent.reason, name, args, kwargs, server, location, thread),
        command=name,
        fields=(args, kwargs),
        server=server,
        location=location,
    )
    for listener in absent.listeners:
        listener.violated(error)
    return error


# --- what is found on the class -------------------------------------------------------------------


def _original(found: Any) -> _Function:
    """What a replacement stands for, callable with the client first."""
    found = _below_ours(found)
    if isinstance(found, FunctionType):
        return found
    return _binding(found) if hasattr(found, "__get__") else _not_binding(found)


def _below_ours(found: Any) -> Any:
    """The method below a replacement of ours that somebody kept and put back; else what is found.

    What wraps a replacement of ours has its attributes as well, but wraps something else than the
    original. Asked without `getattr`, which a mock answers with another mock.
    """
    attributes = getattr(found, "__dict__", {})
    if attributes.get("tripwire_original", _ABSENT) is attributes.get("__wrapped__"):
        return attributes["__wrapped__"]
    return found


def _binding(found: Any) -> _Function:
    """Of a descriptor such as a `staticmethod`: what it gives for this client."""
    return lambda client, *args, **kwargs: found.__get__(client, type(client))(*args, **kwargs)


def _not_binding(found: Any) -> _Function:
    """Of a callable that is no descriptor, such as a mock: called without the client."""
    return lambda client, *args, **kwargs: found(*args, **kwargs)
