"""Puts replacements of the commands on `Client`, and takes them off.

The real method runs on the caller's own client; only its `sock` is ours. That is a data descriptor
on the class: it gives the socket of the call in progress, and anyone else one that refuses; what a
client writes to it is ignored, so a connection that was open before is found untouched afterwards.
"""

from __future__ import annotations

import functools
import os
import sys
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, Callable, Dict, NoReturn, Optional, Set, cast

from tripwire import _messages, _scopes
from tripwire._callsite import CallSites, stack
from tripwire.errors import SandboxNotActiveError, UnmockedInteractionError, ViolationError
from tripwire.plugins._memcache.commands import NAME, Command, installed
from tripwire.plugins._memcache.wire import Wire, in_progress

if TYPE_CHECKING:
    from tripwire.plugins.memcache_plugin import MemcachePlugin

_ABSENT = object()
_Function = Callable[..., Any]
# The plugin of this name is always ours.
_find = cast("Callable[[str], Optional[MemcachePlugin]]", _scopes.find)


def interception() -> Interception:
    """The one patch of the process."""
    # Threads that are the first ones together agree on one: this is a single step.
    return _only.get(None) or _only.setdefault(None, Interception(installed().client))


_only: Dict[None, Interception] = {}


class Interception:
    """The patch of `Client`, on while any sandbox or guard holds it."""

    def __init__(self, client: type) -> None:
        module = sys.modules[client.__module__]
        # .../pymemcache/client/base.py
        self.library = os.path.dirname(os.path.dirname(os.path.abspath(str(module.__file__))))
        self.callsites = CallSites(self.library)
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
            self._replace("sock", property(self._sock(), _leave_sock))
        except BaseException:
            self.remove()
            raise

    def remove(self) -> None:
        """Put everything back as it was found."""
        # Forgotten last, so that what interrupts this leaves something that can be done again.
        for name, found in reversed(list(self._found.items())):
            if found is not _ABSENT:
                setattr(self._client, name, found)
            elif name in vars(self._client):
                delattr(self._client, name)
            del self._found[name]

    def _replace(self, name: str, replacement: Any) -> None:
        # Noted before it is done, so that an exception in between loses nothing; and once, because
        # a removal that was interrupted may have left ours there.
        self._found.setdefault(name, vars(self._client).get(name, _ABSENT))
        setattr(self._client, name, replacement)

    def _replacement(self, name: str, found: Any, build: Callable[[_Function], Any]) -> _Function:
        built = self._built.get(name)
        if built is None or built.tripwire_original is not found:
            original = _original(found)
            built = build(original)
            functools.update_wrapper(built, original)
            built.tripwire_original = original
            # Built once for the client's own methods; what stands for another object is not kept.
            if original is found:
                self._built[name] = built
        return cast(_Function, built)

    def _intercepting(self, command: Command, original: _Function) -> _Function:
        self._codes.add(original.__code__)

        def replacement(client: Any, /, *args: Any, **kwargs: Any) -> Any:
            try:
                plugin = _find(NAME)
            except _scopes.Absent as absent:
                raise self._absent(absent, command.name, client, args, kwargs) from None
            if plugin is None:
                return original(client, *args, **kwargs)
            caller = sys._getframe().f_back
            return Wire(plugin, command, client, args, kwargs, caller).run(original)

        return replacement

    def _refusing(self, original: _Function) -> _Function:
        def replacement(client: Any, /, *args: Any, **kwargs: Any) -> Any:
            try:
                kept = _find(NAME) is None
            except _scopes.Absent:
                kept = False
            if kept:
                return original(client, *args, **kwargs)
            return self.refuse(client, "_connect")

        return replacement

    def _sock(self) -> Callable[[Any], Any]:
        def sock(client: Any) -> Any:
            wire = in_progress.get()
            if wire is not None and wire.client is client:
                return wire
            return _Refusing(self, client)

        return sock

    def refuse(self, client: Any, wanted: str) -> NoReturn:
        """Refuse who wants a socket without being a command in progress; that is a violation."""
        command = self._bound_early()
        name = command or wanted
        try:
            plugin = _find(NAME)
        except _scopes.Absent as absent:
            raise self._absent(absent, name, client, (), {}) from None
        location = self.callsites.locate(sys._getframe())
        server = getattr(client, "server", None)
        text = _messages.bound_early if command else _messages.private_call
        error = UnmockedInteractionError(
            text(name, server, location), command=name, server=server, location=location
        )
        if plugin is not None:
            plugin.violated(error)
        raise error

    def _bound_early(self) -> Optional[str]:
        # While no command is in progress, a command's own code runs only for who took the method
        # before its replacement was put on.
        if in_progress.get() is None:
            for frame in stack(sys._getframe()):
                if frame.f_code in self._codes:
                    return frame.f_code.co_name.upper()
        return None

    def _absent(
        self, absent: _scopes.Absent, name: str, client: Any, args: Any, kwargs: Any
    ) -> ViolationError:
        location = self.callsites.locate(sys._getframe())
        server = getattr(client, "server", None)
        error = SandboxNotActiveError(
            _messages.not_active(
                absent.reason,
                name,
                args,
                kwargs,
                server,
                location,
                _scopes.thread_text(absent.verifiers),
            ),
            command=name,
            fields=(args, kwargs),
            server=server,
            location=location,
        )
        for verifier in absent.verifiers:
            verifier.violated(error)
        return error


class _Refusing:
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


def _original(found: Any) -> Callable[..., Any]:
    """The method that a replacement of ours stands for; callable with the client first."""
    # Not by getattr, which a mock answers with another mock. What wraps a replacement of ours has
    # its attributes too, but wraps something else than the original.
    attributes = getattr(found, "__dict__", {})
    if attributes.get("tripwire_original", _ABSENT) is attributes.get("__wrapped__"):
        found = attributes["__wrapped__"]
    if isinstance(found, FunctionType):
        return found
    if not hasattr(found, "__get__"):
        # A mock of unittest.mock, for one, does not bind.
        return lambda client, *args, **kwargs: found(*args, **kwargs)
    return lambda client, *args, **kwargs: found.__get__(client, type(client))(*args, **kwargs)
