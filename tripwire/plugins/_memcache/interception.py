"""Puts stand-ins for the commands on pymemcache's `Client`, and takes them off.

The real method runs on the caller's own client; only its `sock` is ours.
"""

from __future__ import annotations

import functools
import os
import sys
from threading import RLock, get_ident
from types import CodeType
from typing import Any, Callable, Dict, NoReturn, Optional, Protocol, Set, Tuple, cast

from tripwire import _scopes
from tripwire._callsite import stack
from tripwire.errors import SandboxNotActiveError, UnmockedInteractionError, ViolationError
from tripwire.plugins._memcache import stand_ins, texts
from tripwire.plugins._memcache.class_patch import ABSENT, ClassPatch
from tripwire.plugins._memcache.commands import (
    NAME,
    Command,
    callsites,
    clients,
    installed,
    is_clients_own,
)
from tripwire.plugins._memcache.sock import Sock
from tripwire.plugins._memcache.stand_ins import Function
from tripwire.plugins._memcache.wire import Answering, Call, in_progress, off_the_record

_Made = Dict[str, Tuple[Any, Function]]
"""By name: what was found on a class the last time, and what stands for it."""

_IDLE: Any = object()
"""What is in progress in a thread in which nothing is."""


class Plugin(Protocol):
    """What is asked of the plugin whose sandbox a call is made in."""

    @property
    def answers(self) -> Answering:
        """What its test has to say to the call."""
        ...


# The plugin of this name is always ours.
_find = cast("Callable[[str], Optional[Plugin]]", _scopes.find)


class Interception:
    """The patch of the client classes, on while any sandbox or guard holds it.

    It stays on, too, while a call is in progress in any thread, since that call would go on to
    connect. Calls that no sandbox or guard is meant for go to the server then, as they do when it
    is off.
    """

    def __init__(self) -> None:
        self._patches: Dict[type, ClassPatch] = {}
        self._covered: Optional[Tuple[type, ...]] = None
        self._lingers = False
        self._codes: Set[CodeType] = set()
        self._made: Dict[type, _Made] = {}
        self._builders: Dict[str, Callable[[Function], Function]] = {
            command.method: functools.partial(self._intercepting, command)
            for command in installed()
        }
        self._builders["_connect"] = self._refusing
        self._running: Optional[CodeType] = None
        self.after_fork()

    def after_fork(self) -> None:
        """Let go of a lock that a thread of the parent may have held."""
        self._lock = RLock()

    def install(self) -> None:
        """Replace the commands, the connecting and the socket of all client classes.

        Called again while it is on, it covers the classes that are new.
        """
        with self._lock:
            self._lingers = False
            found = clients()
            if self._covered is not found:
                for client in found:
                    self._cover(client)
                self._covered = found

    def remove(self) -> bool:
        """Put everything back as it was found; give True where a call in progress delays that."""
        with self._lock:
            self._lingers = True
            self._strike_off_the_interrupted()
            self._take_off_if_idle()
            return self._lingers

    def _ended(self, thread: int, outer: Any) -> None:
        """Take a thread back to what was in progress when a call began."""
        if outer is not _IDLE:
            in_progress[thread] = outer
            return
        in_progress.pop(thread, None)
        if self._lingers:
            with self._lock:
                self._take_off_if_idle()

    def _strike_off_the_interrupted(self) -> None:
        """Ctrl-C may have ended a call without that being noted, which its thread can see."""
        thread = get_ident()
        if thread in in_progress:
            frames = stack(sys._getframe())
            if not any(frame.f_code is self._running for frame in frames):
                del in_progress[thread]

    def _take_off_if_idle(self) -> None:
        if self._lingers and not in_progress:
            self._covered = None
            for patch in reversed(list(self._patches.values())):
                patch.take_off()
            self._patches.clear()
            self._lingers = False

    # --- what is put on the classes ---------------------------------------------------------------

    def _cover(self, client: Any) -> None:
        """Replace what a client class has, and what its subclasses hide."""
        patch = self._patch_of(client)
        found = vars(client)
        made = self._made.setdefault(client, {})
        for name, build in self._builders.items():
            now = found.get(name, ABSENT)
            known = made.get(name)
            # The first case is the usual one: what is found is what was found the last time.
            if known is not None and known[0] is now:
                patch.put(name, known[1])
            elif now is not ABSENT and not patch.is_on(name):
                made[name] = now, stand_ins.make(build, now)
                patch.put(name, made[name][1])
        for name, make in (("sock", self._sock), ("__init_subclass__", self._covering)):
            if not patch.is_on(name):
                patch.put(name, make(client))
        for subclass in client.__subclasses__():
            self._uncover(subclass)

    def _uncover(self, kind: Any) -> None:
        """Put ours on a subclass that hides it by something of its own, and on those below it."""
        with self._lock:
            if type(_inherited(kind, "sock")) is not Sock:
                self._patch_of(kind).put("sock", self._sock(kind))
            connect = _inherited(kind, "_connect")
            if not stand_ins.is_stand_in(connect):
                self._patch_of(kind).put("_connect", stand_ins.make(self._refusing, connect))
            for subclass in kind.__subclasses__():
                self._uncover(subclass)

    def _patch_of(self, owner: type) -> ClassPatch:
        return self._patches.setdefault(owner, ClassPatch(owner))

    def _sock(self, owner: type) -> Sock:
        return Sock(vars(owner).get("sock", ABSENT), self._refuse, _is_intercepted)

    def _covering(self, client: Any) -> Any:
        """Has a subclass that is made meanwhile hide nothing of ours."""
        uncover = self._uncover

        def __init_subclass__(kind: Any, /, **kwargs: Any) -> None:
            # As a method of the class would, which has a name to say `super()` by.
            super(client, kind).__init_subclass__(**kwargs)
            uncover(kind)

        return classmethod(__init_subclass__)

    def _intercepting(self, command: Command, original: Function) -> Function:
        """Runs the original as a call of the sandbox that is meant here."""
        is_own = is_clients_own(original)
        if is_own:
            self._codes.add(original.__code__)

        def stand_in(*args: Any, **kwargs: Any) -> Any:
            thread = get_ident()
            outer = in_progress.get(thread, _IDLE)
            nested = outer is not _IDLE
            if not args or (nested and outer and outer.meets_again(args[0], command)):
                return original(*args, **kwargs)
            try:
                # Before it looks which sandbox is meant, so that the patch stays on from here.
                in_progress[thread] = outer if nested else None
                answers = _answers(command.name, args, kwargs)
                if answers is not None:
                    kind: Any = type(args[0])
                    if type(getattr(kind, "sock", None)) is not Sock:
                        self._uncover(kind)
                    call = Call(answers, command, args, kwargs, sys._getframe().f_back, not is_own)
                    return call.run(original)
            finally:
                self._ended(thread, outer)
            return original(*args, **kwargs)

        self._running = stand_in.__code__
        return stand_in

    def _refusing(self, original: Function) -> Function:
        """Stands for the connecting: nobody connects while anything is intercepted."""

        def stand_in(*args: Any, **kwargs: Any) -> Any:
            if args and _is_intercepted():
                self._refuse(args[0], "_connect")
            return original(*args, **kwargs)

        return stand_in

    # --- refusals ---------------------------------------------------------------------------------

    def _refuse(self, client: Any, wanted: str) -> NoReturn:
        """Refuse who wants a socket without being a command in progress; that is a violation."""
        command = self._bound_early()
        name = command or wanted
        answers = _answers(name, (client,), {})
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
        if in_progress.get(get_ident()) is None:
            for frame in stack(sys._getframe()):
                if frame.f_code in self._codes:
                    return frame.f_code.co_name.upper()
        return None


def _answers(name: str, args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> Optional[Answering]:
    """What the test of the sandbox that is meant here has to say; None where nobody intercepts.

    Raises `SandboxNotActiveError` where a test is meant of which no sandbox is open.
    """
    answers = off_the_record.get()
    if answers is not None:
        return answers
    try:
        plugin = _find(NAME)
    except _scopes.Absent as absent:
        raise _not_active(absent, name, args, kwargs) from None
    return None if plugin is None else plugin.answers


def _is_intercepted() -> bool:
    """Whether a call that is made here is answered, or refused; else it goes to a server."""
    try:
        return off_the_record.get() is not None or _find(NAME) is not None
    except _scopes.Absent:
        return True


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


def _inherited(kind: type, name: str) -> Any:
    """What a class has under a name, itself or from the classes above it."""
    return next(vars(owner)[name] for owner in kind.__mro__ if name in vars(owner))


def interception() -> Interception:
    """The one patch of the process."""
    # `setdefault` is atomic: threads that are the first ones together agree on one.
    return _only.get(None) or _only.setdefault(None, Interception())


_only: Dict[None, Interception] = {}


def _after_fork() -> None:  # pragma: no cover - runs in children, which coverage does not see
    # The calls of the parent's other threads do not go on in the child.
    mine = get_ident()
    for thread in [thread for thread in in_progress if thread != mine]:
        del in_progress[thread]
    for patch in _only.values():
        patch.after_fork()


if hasattr(os, "register_at_fork"):  # pragma: no branch - not on Windows
    os.register_at_fork(after_in_child=_after_fork)
