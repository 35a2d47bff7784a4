"""The verifier: one test's plugins, timeline and violations; it asserts and verifies."""

from __future__ import annotations

import sys
from contextlib import ExitStack, contextmanager, suppress
from types import TracebackType
from typing import (
    Any,
    Callable,
    Dict,
    Iterator,
    List,
    NamedTuple,
    NoReturn,
    Optional,
    Sequence,
    Tuple,
    Type,
)

from tripwire import _patches, _scopes
from tripwire._matching import equal
from tripwire._patches import Patch
from tripwire._plugin import Plugin
from tripwire._scopes import SandboxScope
from tripwire._state import State
from tripwire._swallowed.testcode import Stack, opening
from tripwire._swallowed.violations import Evidence
from tripwire._timeline import Interaction
from tripwire.errors import (
    AssertionInsideSandboxError,
    InteractionMismatchError,
    NoActiveVerifierError,
    ViolationError,
)
from tripwire.report import verification


class Mark(NamedTuple):
    """How far a test had come: the length of its timeline, and of the mocks of each plugin."""

    interactions: int
    mocks: Dict[str, int]


class StrictVerifier:
    """What one test lets happen, what happened, and whether the two agree.

    Build it, build a plugin on it, register mocks, run the code in `sandbox()`, assert what
    happened, and call `verify_all()`. `TripwireTestCase` and `strict()` do all but the middle.

    >>> from pymemcache.client.base import Client
    >>> from tripwire import MISS, MemcachePlugin
    >>> verifier = StrictVerifier()
    >>> memcache = MemcachePlugin(verifier)
    >>> memcache.mock_command("GET", returns=MISS)
    >>> with verifier.sandbox():
    ...     Client(("localhost", 11211)).get("session:abc", default="nobody")
    'nobody'
    >>> verifier.interactions[0].fields
    {'key': 'session:abc', 'default': 'nobody'}
    >>> memcache.assert_get("GET", "session:abc")
    >>> verifier.verify_all()

    Attributes:
        gates: functions that every call passes, as their argument, when its request arrives and
            before anything answers it. No lock is held meanwhile, so a gate may wait; what it
            raises comes out of the client's `sendall`.
    """

    def __init__(self) -> None:
        self.plugins: Dict[str, Plugin] = {}
        self.gates: List[Callable[[Any], None]] = []
        self.state = State()
        self._any_order = False

    # --- while the test runs --------------------------------------------------------------------

    def register(self, plugin: Plugin) -> None:
        """Add a plugin. `ValueError` if there is one of its name already."""
        if plugin.name in self.plugins:
            raise ValueError(
                f"this verifier has a {plugin.name} plugin already, and can have only one:\n"
                "use it, or build another StrictVerifier"
            )
        self.plugins[plugin.name] = plugin
        for sandbox in _scopes.open_sandboxes(self):
            for patch in plugin.patches:
                _patches.hold(patch, sandbox)

    def sandbox(self) -> Sandbox:
        """A context manager inside which every command is intercepted."""
        return Sandbox(self)

    @property
    def interactions(self) -> Tuple[Interaction, ...]:
        """All interactions, in the order in which they happened."""
        return tuple(self.state.timeline)

    def patches(self) -> List[Patch]:
        """What has to be on while a sandbox of this verifier is open."""
        return [patch for plugin in self.plugins.values() for patch in plugin.patches]

    def record(self, interaction: Interaction) -> None:
        """Add an interaction to the timeline."""
        self.state.timeline.record(interaction)

    def violated(self, error: ViolationError) -> None:
        """Remember a violation that is about to be raised, unless this test is over."""
        self.violated_in(self.state, error)

    def violated_in(self, state: State, error: ViolationError) -> None:
        """As `violated`, of a call that began in that state."""
        if not state.is_verified or (state is self.state and _scopes.goes_on(self)):
            state.violated(error)

    @contextmanager
    def round(self) -> Iterator[State]:
        """Have what happens inside happen to a state of its own, which the block is given.

        The test around it goes on afterwards as if nothing had happened.
        """
        with ExitStack() as undo:
            undo.callback(setattr, self, "state", self.state)
            self.state = State()
            undo.callback(self.state.forget)
            for plugin in self.plugins.values():
                undo.enter_context(plugin.round())
            yield self.state

    # --- asserting ------------------------------------------------------------------------------

    @contextmanager
    def in_any_order(self) -> Iterator[None]:
        """Let the assertions inside match the open interactions in any order."""
        previous, self._any_order = self._any_order, True
        try:
            yield
        finally:
            self._any_order = previous

    def assert_next(self, commands: Sequence[str], expected: Dict[str, Any], command: str) -> None:
        """Assert the next open interaction, or in `in_any_order` the oldest that matches.

        Raises `InteractionMismatchError`, and leaves the interaction open, where it is another;
        `AssertionInsideSandboxError` while a sandbox of this verifier is open.
        """
        self.refuse_inside()
        timeline = self.state.timeline
        first = timeline.next()
        if first is not None and _matches(first, commands, expected):
            timeline.settle(first)
            return
        candidates = timeline.open()
        for interaction in candidates if self._any_order else ():
            if _matches(interaction, commands, expected):
                timeline.settle(interaction)
                return
        unsent = [
            note
            for plugin in self.plugins.values()
            for name in commands
            for note in plugin.not_sent(name)
        ]
        raise InteractionMismatchError(
            verification.mismatch(
                command, expected, candidates, len(timeline), self._any_order, unsent
            ),
            expected=expected,
            actual=first,
            remaining=candidates,
        )

    def assert_none(self, name: str) -> None:
        """Assert that nothing at all was recorded. `InteractionMismatchError` otherwise."""
        self.refuse_inside()
        met = tuple(self.state.timeline)
        if met:
            raise InteractionMismatchError(
                verification.some_calls(name, met), actual=met[0], remaining=met
            )

    def refuse_inside(self) -> None:
        """Refuse to assert while a sandbox is open. `AssertionInsideSandboxError`."""
        if _scopes.open_sandboxes(self):
            raise AssertionInsideSandboxError(
                "the sandbox is still open.\n"
                "Assert after the `with` block, or register the call with expect(), which asserts\n"
                "it too."
            )

    # --- verifying ------------------------------------------------------------------------------

    def verify_all(self) -> None:
        """Raise what there is to find; what was reported once is not reported again.

        Raises `UnassertedInteractionsError`, `UnusedMocksError`, `SwallowedViolationError`, or one
        error that is an instance of each of its kinds.
        """
        try:
            self.verify(Evidence)
        finally:
            if not _scopes.goes_on(self):
                self.state.forget_openers()

    def verify(self, evidence: Callable[[], Evidence], causes_only: bool = False) -> None:
        """As `verify_all`, knowing the test; with `causes_only`, speak of violations alone."""
        self.put_back()
        timeline = self.state.timeline
        violations = self.state.findings(evidence)
        unasserted = timeline.drain()
        unused = [(plugin, plugin.report_unused()) for plugin in self.plugins.values()]
        if causes_only:
            unasserted, unused = (), []
        error = verification.verification(
            violations, unasserted, unused, timeline.interactions, self.hints
        )
        if error is not None:
            raise error

    def put_back(self) -> None:
        """Undo what faults of ours have done to objects that outlive the test."""
        for plugin in self.plugins.values():
            plugin.put_back()

    def hints(self) -> List[str]:
        """What may explain that the test fails, whatever it fails with."""
        return [hint for plugin in self.plugins.values() for hint in plugin.hints()]

    def mark(self) -> Mark:
        """Remember how far this test has come, for `drop_since`."""
        mocks = {name: plugin.mark() for name, plugin in self.plugins.items()}
        return Mark(len(self.state.timeline), mocks)

    def drop_since(self, mark: Mark) -> None:
        """Have nothing reported of the interactions and the mocks since a mark."""
        self.state.timeline.drop_since(mark.interactions)
        for name, plugin in self.plugins.items():
            plugin.withdraw_since(mark.mocks.get(name, 0))

    # --- pickling -------------------------------------------------------------------------------

    def __reduce__(self) -> Tuple[Callable[[str], Inert], Tuple[str]]:
        """A failing subTest pickles its test case; what comes out is a record that says so."""
        return Inert, ("verifier",)


class Sandbox(SandboxScope[StrictVerifier]):
    """The context manager inside which a verifier's plugins intercept; `async with` works too.

    Sandboxes nest, those of one verifier and those of several, and the innermost one answers. One
    sandbox can be entered again after it was left.
    """

    is_outermost = False

    def __enter__(self) -> StrictVerifier:
        """Start intercepting, and give the verifier. `RuntimeError` where this sandbox is open."""
        if self.is_open:
            raise RuntimeError(
                "this sandbox is open already; to nest, open another: verifier.sandbox()"
            )
        try:
            self.is_outermost = not _scopes.open_sandboxes(self.verifier)
            self.open(self.verifier.patches())
            self.state.opened(self._who_opens())
            return self.verifier
        except BaseException:
            self.undo()
            raise

    def _who_opens(self) -> Stack:
        """The frames that are the test's own, because this sandbox opens there.

        So is the whole stack where it is the test's outermost one. Around a sandbox that is opened
        inside of it stands the application. Of one that opens beside it, in another thread or
        task, only who opens it is known to be a helper of the test.
        """
        outer = self.outer
        while outer is not None and outer.verifier is not self.verifier:
            outer = outer.outer
        if outer is not None:
            return ()
        # Now, because a suspended generator has no `f_back`.
        who = opening(sys._getframe())
        return who if self.is_outermost else who[:1]

    def violated(self, error: ViolationError) -> None:
        """Remember a violation of a call that belongs to this sandbox."""
        self.verifier.violated_in(self.state, error)

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        """Stop intercepting. Never replaces the exception that ends the block."""
        try:
            if error is not None and self.is_outermost:
                self.state.propagated(error)
            self.undo()
        except BaseException:
            if error is None:
                self.undo()
                raise
            with suppress(BaseException):
                self.undo()

    async def __aenter__(self) -> StrictVerifier:
        """As `__enter__`."""
        return self.__enter__()

    async def __aexit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        """As `__exit__`."""
        self.__exit__(kind, error, traceback)


def no_verifier(what: str) -> NoActiveVerifierError:
    """The error for who asks for the current test's verifier where there is none."""
    return NoActiveVerifierError(
        "no test is running here.\n"
        f"Use {what} in a test of a TripwireTestCase, or inside of\n"
        "`with tripwire.strict():`. Elsewhere, build a StrictVerifier, and a\n"
        "MemcachePlugin on it."
    )


class Inert:
    """What a verifier or a plugin is in another process: nothing, and says so."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):
            raise AttributeError(name)
        raise NoActiveVerifierError(
            f"this {self._what} was pickled in another process.\n"
            "It is a record that a test had one, and can neither mock nor assert."
        )


def _matches(interaction: Interaction, commands: Sequence[str], expected: Dict[str, Any]) -> bool:
    if interaction.command not in commands:
        return False
    fields = interaction.fields
    for name, value in expected.items():
        if not equal(value, interaction.server if name == "server" else fields.get(name)):
            return False
    return True
