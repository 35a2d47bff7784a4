"""Puts stand-ins for the commands on pymemcache's `Client`, and takes them off.

The real method runs on the caller's own client; only its `sock` is ours.
"""

from __future__ import annotations

import functools
import os
import sys
from contextlib import suppress
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR, CO_ITERABLE_COROUTINE
from threading import RLock, get_ident
from types import CodeType, FunctionType
from typing import Any, Callable, Dict, NoReturn, Optional, Set, Tuple, cast

from tripwire._callsite import stack
from tripwire.errors import UnmockedInteractionError
from tripwire.plugins._memcache import texts
from tripwire.plugins._memcache.commands import (
    AROUND,
    Command,
    callsites,
    clients,
    installed,
    is_clients_own,
)
from tripwire.plugins._memcache.patching import stand_ins
from tripwire.plugins._memcache.patching.class_patch import ABSENT, Patches
from tripwire.plugins._memcache.patching.meant import (
    ACCESS,
    Sock,
    answering,
    answering_or_none,
    is_intercepted,
)
from tripwire.plugins._memcache.patching.stand_ins import Function
from tripwire.plugins._memcache.wire import Around, Call, in_progress

_RUNS_LATER = CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR | CO_ITERABLE_COROUTINE

_IDLE: Any = object()
"""What is in progress in a thread in which nothing is."""


class Interception:
    """The patch of the client classes, on while any sandbox or guard holds it.

    It stays on, too, while a call is in progress in any thread, since that call would go on to
    connect. Calls that no sandbox or guard is meant for go to the server then, as they do when it
    is off.
    """

    def __init__(self) -> None:
        self._patches = Patches()
        # Of the client classes, which last; their subclasses come and go.
        self._kept = Patches()
        self._covered: Optional[Tuple[type, ...]] = None
        self._is_wanted = False
        self._codes: Set[CodeType] = set()
        self._builders: Dict[str, Callable[[Function], Function]] = {
            command.method: functools.partial(self._intercepting, command)
            for command in installed()
        }
        # Those that a client around another may have, or a subclass in their place.
        self._around = {*self._builders}.union(*AROUND.values())
        self._builders["_connect"] = self._refusing
        self._running: Set[CodeType] = set()
        self.after_fork()

    def after_fork(self) -> None:
        """Let go of a lock that a thread of the parent may have held."""
        self._lock = RLock()

    def install(self) -> None:
        """Replace the commands, the connecting and the socket of all client classes.

        Called again while it is on, it covers the classes that are new.
        """
        with self._lock:
            self._is_wanted = True
            found = clients()
            cover = self._cover_again if self._covered is found else self._cover
            for client in found:
                cover(client)
            self._covered = found

    def remove(self) -> bool:
        """Put everything back as it was found; give True where a call in progress delays that."""
        with self._lock:
            self._is_wanted = False
            self._strike_off_the_interrupted()
            self._take_off_if_idle()
            return bool(self._patches)

    def _idle(self) -> None:
        """Take the patch off, which only a call in progress delayed."""
        with self._lock:
            self._take_off_if_idle()

    def _strike_off_the_interrupted(self) -> None:
        """Ctrl-C may have ended a call without that being noted, which its thread can see."""
        thread = get_ident()
        if thread in in_progress:
            frames = stack(sys._getframe())
            if not any(frame.f_code in self._running for frame in frames):
                del in_progress[thread]

    def _take_off_if_idle(self) -> None:
        if not (self._is_wanted or in_progress):
            self._take_off()

    def _take_off(self) -> None:
        for kind, patch in reversed(list(self._patches.items())):
            self._covered = None
            patch.take_off()
            self._patches.pop(kind, None)
        # A finalizer that ran in the middle of this may have opened a sandbox.
        if self._is_wanted:
            self._covered = None
            self.install()

    # --- what is put on the classes ---------------------------------------------------------------

    def _cover(self, client: Any) -> None:
        """Replace what a client class has, and what its subclasses hide."""
        patch = self._patches[client] = self._kept[client]
        if not patch.put_again():
            for name, build in self._builders.items():
                if name in vars(client):
                    patch.put(name, functools.partial(stand_ins.make, build))
            patch.put("sock", self._sock)
            patch.put("__init_subclass__", functools.partial(self._covering, client))
            self._hide_access(client)
            patch.remember(self._builders, *ACCESS)
        for subclass in client.__subclasses__():
            self._uncover(subclass)

    def _cover_again(self, client: Any) -> None:
        """Replace what others have put back meanwhile, which they had found before it was on."""
        patch = self._patches[client]
        if not patch.is_whole():
            for name, build in self._builders.items():
                if is_clients_own(vars(client).get(name)):
                    patch.put(name, functools.partial(stand_ins.make, build))
            if "sock" not in vars(client):
                patch.put("sock", self._sock)

    def _uncover(self, kind: Any) -> None:
        """Put ours on a subclass that hides it by something of its own, and on those below it."""
        with self._lock:
            if "sock" in vars(kind) or type(_inherited(kind, "sock")) is not Sock:
                self._patches[kind].put("sock", self._sock)
            self._hide_access(kind)
            self._hide(kind, "_connect", self._refusing)
            self._hold(kind)
            for subclass in kind.__subclasses__():
                self._uncover(subclass)

    def _hide_access(self, kind: Any) -> None:
        """Put ours on a class that gives and takes attributes in a way of its own."""
        for name, build in ACCESS.items():
            self._hide(kind, name, build)

    def _hide(self, kind: Any, name: str, build: Callable[[Function], Any]) -> None:
        """Put on a class what stands for something that it has, or inherits, and is not ours."""
        found = _inherited(kind, name)
        is_ours = name not in vars(kind) and stand_ins.is_stand_in(found)
        if not is_ours and found is not vars(object).get(name):
            self._patches[kind].put(
                name, lambda own: stand_ins.note(stand_ins.make(build, found), own)
            )

    def _take_in(self, kind: Any) -> None:
        """Put our socket on the class of whoever calls a command and hides it.

        That may be no client: `Client.get` can be called with anything as its `self`.
        """
        with self._lock:
            if not set(clients()).isdisjoint(kind.__mro__):
                self._uncover(kind)
            else:
                # Classes that are written in C refuse it, and what they make has no socket.
                with suppress(TypeError):
                    self._patches[kind].put("sock", self._sock)

    def _hold(self, kind: Any) -> None:
        """Have what a subclass does around commands belong to the sandbox in which it began."""
        # All are looked at each time: another method may have the name of the last time's by now.
        for name, found in vars(kind).copy().items():
            if name in self._around or is_clients_own(found):
                build = self._build_for(name, stand_ins.below(found))
                if build is not None:
                    self._patches[kind].put(name, functools.partial(stand_ins.make, build))

    def _build_for(self, name: str, found: Any) -> Optional[Callable[[Function], Function]]:
        """What makes a stand-in for something that a class has; None where it needs none."""
        if type(found) is not FunctionType:
            return None
        code = found.__code__
        if code in self._codes:
            # A command under another name, or again under its own.
            return self._builders.get(name, self._builders[found.__name__])
        # What runs later, when it is awaited or iterated, does not begin here.
        is_around = name in self._around and not code.co_flags & _RUNS_LATER
        return self.holding if is_around else None

    def _sock(self, found: Any) -> Sock:
        return cast(Sock, stand_ins.note(Sock(found, self._refuse), found))

    def _covering(self, client: Any, found: Any) -> Any:
        """Has a subclass that is made meanwhile hide nothing of ours."""
        uncover = self._uncover

        def __init_subclass__(kind: Any, /, **kwargs: Any) -> None:
            if found is ABSENT:
                # As a method of the class would, which has a name to say `super()` by.
                super(client, kind).__init_subclass__(**kwargs)
            else:
                found.__get__(None, kind)(**kwargs)
            uncover(kind)

        return stand_ins.note(_ClassMethod(__init_subclass__), found)

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
                answers = answering(command.name, args, kwargs)
                if answers is not None:
                    kind: Any = type(args[0])
                    if type(getattr(kind, "sock", None)) is not Sock:
                        self._take_in(kind)
                    call = Call(answers, command, args, kwargs, sys._getframe().f_back, not is_own)
                    return call.run(original)
            finally:
                if nested:
                    in_progress[thread] = outer
                else:
                    in_progress.pop(thread, None)
                    if not self._is_wanted:
                        self._idle()
            return original(*args, **kwargs)

        self._running.add(stand_in.__code__)
        return stand_in

    def holding(self, original: Function) -> Function:
        """Runs what calls commands: they belong to the sandbox that is meant when it begins."""

        def stand_in(*args: Any, **kwargs: Any) -> Any:
            thread = get_ident()
            if thread in in_progress:
                return original(*args, **kwargs)
            try:
                # As for a command: before it looks which sandbox is meant.
                in_progress[thread] = None
                answers = answering_or_none()
                if answers is not None:
                    in_progress[thread] = Around(answers)
                return original(*args, **kwargs)
            finally:
                in_progress.pop(thread, None)
                if not self._is_wanted:
                    self._idle()

        self._running.add(stand_in.__code__)
        return stand_in

    def _refusing(self, original: Function) -> Function:
        """Stands for the connecting: nobody connects while anything is intercepted."""

        def stand_in(*args: Any, **kwargs: Any) -> Any:
            if args and is_intercepted():
                self._refuse(args[0], "_connect")
            return original(*args, **kwargs)

        return stand_in

    # --- refusals ---------------------------------------------------------------------------------

    def _refuse(self, client: Any, wanted: str) -> NoReturn:
        """Refuse a caller that wants the socket and is no command in progress: a violation."""
        command = self._bound_early()
        name = command or wanted
        answers = answering(name, (client,), {})
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
        if getattr(in_progress.get(get_ident()), "client", None) is None:
            for frame in stack(sys._getframe()):
                if frame.f_code in self._codes:
                    return frame.f_code.co_name.upper()
        return None


class _ClassMethod(classmethod):  # type: ignore[type-arg]  # it takes any method
    """One that can be noted as a stand-in, which needs a weak reference: Python's takes none."""


def _inherited(kind: type, name: str) -> Any:
    """What a class has under a name, itself or from the classes above it."""
    return next((vars(owner)[name] for owner in kind.__mro__ if name in vars(owner)), ABSENT)


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
