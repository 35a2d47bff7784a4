"""Which sandbox, and which test, is meant here, in this thread or task.

A sandbox and a test are found through the context (`contextvars`, PEP 567), which asyncio hands on
to tasks and nobody hands on to plain threads. Where the context knows of none, the only one of the
process is meant. Context variables are restored by value, never by token, because an async fixture
leaves in another context than it entered.
"""

from __future__ import annotations

import os
import threading
from contextvars import ContextVar
from enum import Enum
from typing import (
    Any,
    Callable,
    FrozenSet,
    Generic,
    List,
    Mapping,
    Optional,
    Protocol,
    Sequence,
    Set,
    Tuple,
    TypeVar,
)
from weakref import WeakKeyDictionary

from tripwire import _patches
from tripwire._patches import Patch


class Owner(Protocol):
    """What a scope belongs to: a verifier."""

    @property
    def plugins(self) -> Mapping[str, Any]:
        """What answers calls, by its name."""
        ...

    @property
    def state(self) -> Any:
        """What its test is going through; a round has a state of its own."""
        ...


OwnerT = TypeVar("OwnerT", bound=Owner)


class Reason(str, Enum):
    """Why there is no sandbox for a call."""

    LATE = "late"
    """Its sandbox has closed."""
    OVER = "over"
    """The test whose context it has is over."""
    OUTSIDE = "outside"
    """A test is on guard, and no sandbox is open."""
    SETTING_UP = "setting up"
    """The same, before its test method has begun."""
    FOREIGN = "foreign"
    """A test that is not on guard calls while another one intercepts."""
    SEVERAL = "several"
    """It has no context of its own, and more than one test has a sandbox open."""
    FORKED = "forked"
    """It happened in a child process, and the sandbox is its parent's."""


class Absent(Exception):
    """There is no sandbox for a call: why, and who is to be told that it was made.

    `listeners` are verifiers, or the sandbox that has closed; each has a method `violated`.
    """

    def __init__(self, reason: Reason, *listeners: Any) -> None:
        super().__init__(reason)
        self.reason = reason
        self.listeners = listeners


class SandboxScope(Generic[OwnerT]):
    """Where the calls of one verifier are meant: open or closed, and what is around it.

    Attributes: `verifier`, `state` (the verifier's, when this opened), `is_open`, `forked` (opened
    by the parent of this process), `outer` (the scope that was the innermost open one of its
    context when this opened).
    """

    def __init__(self, verifier: OwnerT) -> None:
        self.verifier = verifier
        self.state = verifier.state
        self.is_open = False
        self.forked = False
        self.outer: Optional[SandboxScope[Any]] = None

    def open(self, patches: Sequence[Patch]) -> None:
        """Hold the patches, and be the one that is meant in this context."""
        self.state = self.verifier.state
        for patch in patches:
            _patches.hold(patch, self)
        self.outer = _innermost_open(_sandbox.get())
        _open.append(self)
        _sandbox.set(self)
        self.is_open = True

    def close(self) -> None:
        """Be meant no longer, and release the patches; nothing where that was done already."""
        try:
            self.undo()
        except BaseException:
            self.undo()
            raise

    def undo(self) -> None:
        """Undo `open`, as far as it went; nothing where that was done."""
        # No line minds that another was not reached, or was reached before: what interrupts this
        # (Ctrl-C does so anywhere) leaves something that can be undone again.
        self.is_open = False
        if self in _open:
            _open.remove(self)
            # Sandboxes close in any order: an open one inside must not lead back to a closed one.
            for inner in list(_open):
                if inner.outer is self:
                    inner.outer = self.outer
        if _sandbox.get() is self:
            _sandbox.set(_innermost_open(self.outer))
        _patches.release(self)


class TestScope(Generic[OwnerT]):
    """Where a test runs, and whether it is on guard outside its sandboxes.

    Attributes: `verifier` (the test's, and None when it is over), `name` (gives the test's name),
    `is_named` (whether that tells it from other tests), `guarded`, `older_threads` (those that were
    alive before it began), `forked` (begun by the parent of this process), `outer` (the test that
    runs this one), `outside` (why a call outside its sandboxes is refused now).
    """

    def __init__(self, verifier: OwnerT, name: Callable[[], str], guarded: bool) -> None:
        self.verifier: Optional[OwnerT] = verifier
        self.name = name
        self.is_named = True
        self.guarded = guarded
        self.older_threads: FrozenSet[threading.Thread] = frozenset()
        self.forked = False
        self.outside = Reason.OUTSIDE
        self.outer: Optional[TestScope[Any]] = None
        self._outer_sandbox: Optional[SandboxScope[Any]] = None

    def begin(self) -> None:
        """Make this the current test, of the process and of this context."""
        self.outer, self._outer_sandbox = current_test.get(), _sandbox.get()
        self.older_threads = frozenset(threading.enumerate())
        _tests.append(self)
        self.enter_context()

    def enter_context(self) -> None:
        """Make this the current test of this context: a runner may run `setUp` in its own."""
        if current_test.get() is not self:
            current_test.set(self)
            _sandbox.set(None)

    def guard(self, patches: Sequence[Patch]) -> None:
        """Have what is called outside a sandbox intercepted too, until the end."""
        if self.guarded:
            for patch in patches:
                _patches.hold(patch, self)

    def leave_context(self) -> None:
        """Undo `enter_context`, in the context where it was called."""
        if current_test.get() is self:
            current_test.set(self.outer)
            _sandbox.set(_innermost_open(self._outer_sandbox))

    def end(self) -> None:
        """Undo everything; nothing where it was not begun, or ended already."""
        self.leave_context()
        if self.older_threads and threading.active_count() > len(self.older_threads):
            name = self.name()
            for thread in set(threading.enumerate()) - self.older_threads:
                _note(thread, _STARTED, name)
        if self in _tests:
            _tests.remove(self)
        _patches.release(self)
        # A copy of the context, such as asyncio's, may outlive the test; the verifier must not.
        self.verifier = None
        self.older_threads = frozenset()


_sandbox: ContextVar[Optional[SandboxScope[Any]]] = ContextVar("tripwire_sandbox", default=None)
current_test: ContextVar[Optional[TestScope[Any]]] = ContextVar("tripwire_test", default=None)
_open: List[SandboxScope[Any]] = []
_tests: List[TestScope[Any]] = []
# Both lists are copied with `list` before they are looked through, because other threads open and
# close scopes meanwhile. `tuple` would not do: until Python 3.12 it may collect garbage half-way.


# --- for a call: which plugin answers it ----------------------------------------------------------


def find(name: str) -> Any:
    """The plugin of a name that answers a call made here; `Absent` where no sandbox is open for it.

    None where nothing is intercepted: the caller has kept a stand-in that was taken off.
    """
    sandbox = _sandbox.get()
    # As nearly always: its own sandbox is open.
    if sandbox is not None and sandbox.is_open and name in sandbox.verifier.plugins:
        return sandbox.verifier.plugins[name]
    plugin = _of_context(name, sandbox)
    if plugin is not None:
        return plugin
    test = current_test.get()
    if test is None:
        return _of_process(name)
    verifier = test.verifier
    if verifier is None:
        return _of_nobody()
    if _has_open(verifier, verifier.state, name):
        return verifier.plugins[name]
    raise Absent(test.outside if test.guarded else Reason.FOREIGN, verifier)


def _of_context(name: str, sandbox: Optional[SandboxScope[Any]]) -> Any:
    """The plugin of this context's innermost sandbox that has one of the name."""
    while sandbox is not None:
        verifier = sandbox.verifier
        # A task that began in one sandbox of a test may call in the test's next one.
        if not sandbox.is_open and not _has_open(verifier, sandbox.state, name):
            raise Absent(Reason.FORKED if sandbox.forked else Reason.LATE, sandbox)
        plugin = verifier.plugins.get(name)
        if plugin is not None:
            return plugin
        sandbox = sandbox.outer
    return None


def _of_nobody() -> None:
    """Refuse a call in the context of a test that is over, while another test intercepts."""
    if _open or _guarding():
        raise Absent(Reason.OVER)


def _of_process(name: str) -> Any:
    """The plugin of the one verifier that has a sandbox open, for a context without any."""
    sandboxes = _open_with(name)
    living = _innermost(sandboxes)
    verifiers = list({id(sandbox.verifier): sandbox.verifier for sandbox in living}.values())
    if len(verifiers) == 1:
        _note(threading.current_thread(), "called in", _name_of(verifiers[0]))
        return verifiers[0].plugins[name]
    for reason, owners in (
        (Reason.SEVERAL, verifiers),
        (Reason.FORKED, [sandbox.verifier for sandbox in sandboxes]),
        (Reason.OUTSIDE, _guarding() or _guarding_parent()),
    ):
        if owners:
            raise Absent(reason, *owners)
    return None


def _guarding() -> List[Any]:
    """The verifiers of the tests that are on guard."""
    return [test.verifier for test in _living_tests() if test.guarded and test.verifier]


def _guarding_parent() -> List[Any]:
    """The verifiers of the tests that are on guard in the parent of this process."""
    return [test.verifier for test in list(_tests) if test.forked and test.guarded]


def _has_open(verifier: Any, state: Any, name: str) -> bool:
    return any(
        sandbox.verifier is verifier and sandbox.state is state and sandbox.is_open
        for sandbox in _open_with(name)
    )


def _open_with(name: str) -> List[SandboxScope[Any]]:
    return [sandbox for sandbox in list(_open) if name in sandbox.verifier.plugins]


# --- for a report: whose a thread is --------------------------------------------------------------

_STARTED = "was started in"
# What is known of threads: how each came to the last tests that it had to do with, and their names.
_known: WeakKeyDictionary[threading.Thread, Tuple[Tuple[str, str], ...]] = WeakKeyDictionary()


def _note(thread: threading.Thread, how: str, name: str) -> None:
    notes = _known.get(thread, ())
    if not notes or notes[-1] != (how, name):
        # Two are enough: this test's, and the one before it.
        others = [note for note in notes if note[1] != name]
        _known[thread] = (*others[-1:], (how, name))


def thread_text() -> Optional[str]:
    """This thread as a report names it; None for the main thread."""
    thread = threading.current_thread()
    if thread is threading.main_thread():
        return None
    tests = list(_tests)
    if not any(thread in test.older_threads for test in tests):
        return thread.name
    text = f"{thread.name}, alive before this test began"
    names = [test.name() for test in tests]
    others = [note for note in _known.get(thread, ()) if note[1] not in names]
    return " ".join([f"{text}; it", *others[-1]]) if others else text


def older_thread_text() -> Optional[str]:
    """As `thread_text`; None, too, where the thread began in this test."""
    is_older = any(threading.current_thread() in test.older_threads for test in list(_tests))
    return thread_text() if is_older else None


def was_started_earlier() -> bool:
    """Whether this thread was started in another test, which is over."""
    return any(how == _STARTED for how, _ in _known.get(threading.current_thread(), ()))


def test_name(verifier: Any) -> str:
    """The name by which the test of a verifier is known when it runs again; empty if by none."""
    named = (test.name() for test in list(_tests) if test.verifier is verifier and test.is_named)
    return next(named, "")


def _name_of(verifier: Any) -> str:
    names = (test.name() for test in list(_tests) if test.verifier is verifier)
    return next(names, "another test")


# --- for the test: which verifier and which sandbox are its own -----------------------------------


def current_verifier() -> Any:
    """The verifier of the current test: this context's, else the only one of the process."""
    test = current_test.get()
    if test is not None and test.verifier is not None:
        return test.verifier
    living = _living_tests()
    return living[0].verifier if len(living) == 1 else None


def current_sandbox() -> Optional[SandboxScope[Any]]:
    """The innermost open sandbox of this context, else of the current test."""
    sandbox = _innermost_open(_sandbox.get())
    if sandbox is not None:
        return sandbox
    verifier = current_verifier()
    own = open_sandboxes(verifier) if verifier is not None else []
    return own[-1] if own else None


def open_sandboxes(verifier: OwnerT) -> List[SandboxScope[OwnerT]]:
    """The open sandboxes of a verifier, oldest first."""
    return [sandbox for sandbox in list(_open) if sandbox.verifier is verifier] if _open else []


def goes_on(verifier: Owner) -> bool:
    """Whether a sandbox of this verifier is open, or a test of it has not ended."""
    tested = any(test.verifier is verifier for test in list(_tests))
    return tested or bool(open_sandboxes(verifier))


def _living_tests() -> List[TestScope[Any]]:
    # When a test runs another test, only the inner one counts.
    return _innermost(list(_tests))


ScopeT = TypeVar("ScopeT", SandboxScope[Any], TestScope[Any])


def _innermost(scopes: Sequence[ScopeT]) -> List[ScopeT]:
    """Of the scopes that this process opened, those that are around no other."""
    own = [scope for scope in scopes if not scope.forked]
    around: Set[int] = {id(scope.outer) for scope in own}
    return [scope for scope in own if id(scope) not in around]


def _innermost_open(sandbox: Optional[SandboxScope[Any]]) -> Optional[SandboxScope[Any]]:
    while sandbox is not None and not sandbox.is_open:
        sandbox = sandbox.outer
    return sandbox


def _after_fork() -> None:  # pragma: no cover - runs in children, which coverage does not see
    # The child has a copy of everything, and none of it is its own: the parent verifies its test.
    for sandbox in _open:
        sandbox.is_open = False
        sandbox.forked = True
    for test in _tests:
        test.forked = True


if hasattr(os, "register_at_fork"):  # pragma: no branch - not on Windows
    os.register_at_fork(after_in_child=_after_fork)
