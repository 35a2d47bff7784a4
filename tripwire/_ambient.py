"""Which sandbox, and which test, is meant here: the only global state.

A sandbox and a test are found through the context (`contextvars`), which asyncio hands on to tasks
and nobody hands on to plain threads; where the context knows of none, the only one of the process
is meant. Values are restored by value, never by token: an async fixture leaves in another context
than it entered.
"""

from __future__ import annotations

import os
import threading
from contextlib import ExitStack, suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Protocol, Sequence, Set, Tuple, Type

if TYPE_CHECKING:
    from tripwire._plugin import Plugin
    from tripwire._sandbox import Sandbox
    from tripwire._verifier import StrictVerifier


class Patch(Protocol):
    """Something that is put on while anything needs it, and taken off afterwards."""

    def install(self) -> None:
        """Put it on; called again while it is on, put it on what is new."""
        ...

    def remove(self) -> None:
        """Take off what is on; nothing where nothing is."""
        ...


class Watch:
    """One test under watch, and whether it is on guard outside its sandboxes.

    `verifier` is the test's, and None when it is over.
    """

    __slots__ = ("_sandbox", "forked", "guarded", "outer", "verifier")

    def __init__(self, verifier: StrictVerifier, guarded: bool) -> None:
        self.verifier: Optional[StrictVerifier] = verifier
        self.guarded = guarded
        self.forked = False
        self.outer: Optional[Watch] = None
        self._sandbox: Optional[Sandbox] = None

    def begin(self) -> None:
        """Make this the current test, of the process and of this context."""
        self.outer, self._sandbox = _watch.get(), _sandbox.get()
        _watches.append(self)
        self.enter_context()

    def enter_context(self) -> None:
        """Make this the current test of this context: a runner may run `setUp` in its own."""
        if _watch.get() is not self:
            _watch.set(self)
            _sandbox.set(None)

    def guard(self, patches: Sequence[Patch]) -> None:
        """Have what is called outside a sandbox intercepted too, until the end."""
        if self.guarded:
            for patch in patches:
                hold(patch, self)

    def leave_context(self) -> None:
        """Undo `enter_context`, in the context where it was called."""
        if _watch.get() is self:
            _watch.set(self.outer)
            _sandbox.set(_last_open(self._sandbox))

    def end(self) -> None:
        """Undo everything; nothing where it was not begun, or ended already."""
        self.leave_context()
        if self in _watches:
            _watches.remove(self)
        release(self)
        # A copy of the context, such as asyncio's, may outlive the test, and us with it.
        self.verifier = None


class Absent(Exception):
    """There is no sandbox for a call: why, and whose tests are to know of it."""

    def __init__(self, reason: str, *verifiers: StrictVerifier) -> None:
        super().__init__(reason)
        self.reason = reason
        self.verifiers = verifiers


_sandbox: ContextVar[Optional[Sandbox]] = ContextVar("tripwire_sandbox", default=None)
_watch: ContextVar[Optional[Watch]] = ContextVar("tripwire_test", default=None)
_open: List[Sandbox] = []
_watches: List[Watch] = []
_held: Dict[Patch, Set[Any]] = {}
_lock = threading.RLock()


def find(name: str) -> Optional[Plugin]:
    """The plugin of a name that answers a call made here; `Absent` where no sandbox is open for it.

    A sandbox whose verifier has no such plugin leaves the call to the one around it. None where
    nothing is intercepted: who calls has kept a replacement that was taken off.
    """
    sandbox = _sandbox.get()
    while sandbox is not None:
        if not sandbox.is_open:
            raise Absent("forked" if sandbox.forked else "late", sandbox.verifier)
        plugin = sandbox.verifier.plugins.get(name)
        if plugin is not None:
            return plugin
        sandbox = sandbox.outer
    sandboxes = [sandbox for sandbox in list(_open) if name in sandbox.verifier.plugins]
    watch = _watch.get()
    verifier = watch.verifier if watch is not None else None
    if watch is None or verifier is None:
        sandbox = _without_context(sandboxes)
        return sandbox.verifier.plugins[name] if sandbox is not None else None
    if any(sandbox.verifier is verifier for sandbox in sandboxes):
        return verifier.plugins[name]
    raise Absent("outside" if watch.guarded else "foreign", verifier)


def current_verifier() -> Optional[StrictVerifier]:
    """The verifier of the current test: this context's, else the only one of the process."""
    watch = _watch.get()
    verifier = watch.verifier if watch is not None else None
    if verifier is not None:
        return verifier
    watches = _living_watches()
    return watches.pop().verifier if len(watches) == 1 else None


def current_sandbox() -> Optional[Sandbox]:
    """The innermost open sandbox of this context, else of the current test."""
    sandbox = _last_open(_sandbox.get())
    if sandbox is not None:
        return sandbox
    verifier = current_verifier()
    mine = open_sandboxes(verifier) if verifier is not None else []
    return mine[-1] if mine else None


def open_sandboxes(verifier: StrictVerifier) -> List[Sandbox]:
    """The open sandboxes of a verifier, oldest first."""
    # Of a copy, as everywhere: other threads open and close theirs meanwhile. `list` copies in one
    # step; `tuple` does not, because until Python 3.12 it may collect garbage in between.
    return [sandbox for sandbox in list(_open) if sandbox.verifier is verifier]


def enter(sandbox: Sandbox) -> None:
    """Make a sandbox the one that is meant in this context."""
    sandbox.outer = _last_open(_sandbox.get())
    _open.append(sandbox)
    _sandbox.set(sandbox)


def leave(sandbox: Sandbox) -> None:
    """Undo `enter`; nothing where it was left already."""
    if sandbox in _open:
        _open.remove(sandbox)
        # Whichever closes first, and may be entered again: no open one is to lead back to it.
        for inner in list(_open):
            if inner.outer is sandbox:
                inner.outer = sandbox.outer
    if _sandbox.get() is sandbox:
        _sandbox.set(_last_open(sandbox.outer))


def hold(patch: Patch, owner: Any) -> None:
    """Have a patch on for as long as its owner, or another, holds it."""
    with _lock:
        _held.setdefault(patch, set()).add(owner)
        patch.install()


def release(owner: Any) -> None:
    """Let go of all that an owner holds; what nobody holds any more is taken off."""
    # A patch that fails to come off does not keep the others on.
    with _lock, ExitStack() as removing:
        for patch, owners in list(_held.items()):
            ours = owner in owners
            owners.discard(owner)
            if not owners:
                removing.callback(_take_off, patch, () if ours else (Exception,))


def _take_off(patch: Patch, forgiven: Tuple[Type[Exception], ...]) -> None:
    # Forgotten last: what fails or is interrupted is tried again by the next one to let go of
    # anything, who is not to blame for it.
    with suppress(*forgiven):
        patch.remove()
        del _held[patch]


def _without_context(sandboxes: List[Sandbox]) -> Optional[Sandbox]:
    living = [sandbox for sandbox in sandboxes if not sandbox.forked]
    outer = {sandbox.outer for sandbox in living}
    innermost = {sandbox.verifier: sandbox for sandbox in living if sandbox not in outer}
    if len(innermost) == 1:
        return innermost.popitem()[1]
    if innermost:
        raise Absent("several", *innermost)
    if sandboxes:  # pragma: no cover - in children, which coverage does not see
        raise Absent("forked", *(sandbox.verifier for sandbox in sandboxes))
    guarding = [watch.verifier for watch in _living_watches() if watch.guarded]
    if guarding:
        raise Absent("outside", *filter(None, guarding))
    return None


def _living_watches() -> List[Watch]:
    # Of tests that run tests (a runner's own), the inner ones.
    living = [watch for watch in list(_watches) if not watch.forked]
    outer = {watch.outer for watch in living}
    return [watch for watch in living if watch not in outer]


def _last_open(sandbox: Optional[Sandbox]) -> Optional[Sandbox]:
    while sandbox is not None and not sandbox.is_open:
        sandbox = sandbox.outer
    return sandbox


def _after_fork() -> None:  # pragma: no cover - runs in children, which coverage does not see
    # The child has a copy of everything, and none of it is its own: the parent verifies its test.
    global _lock  # noqa: PLW0603 - the lock of the parent may be held for ever
    _lock = threading.RLock()
    for sandbox in _open:
        sandbox.is_open = False
        sandbox.forked = True
    for watch in _watches:
        watch.forked = True


if hasattr(os, "register_at_fork"):  # pragma: no branch - not on Windows
    os.register_at_fork(after_in_child=_after_fork)
