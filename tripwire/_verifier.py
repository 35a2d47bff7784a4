"""The verifier: one test's plugins, timeline and violations; it asserts and verifies."""

from __future__ import annotations

import sys
from contextlib import ExitStack, contextmanager, suppress
from types import TracebackType
from typing import (
    Any,
    Callable,
    Dict,
    Iterable,
    Iterator,
    List,
    NamedTuple,
    Optional,
    Protocol,
    Sequence,
    Tuple,
    Type,
)

from tripwire import _assertions, _patches, _scopes
from tripwire._any_order import AnyOrder, Order
from tripwire._assertions import Wanted
from tripwire._inert import InertCopies
from tripwire._patches import Patch
from tripwire._plugin import Plugin
from tripwire._scopes import SandboxScope
from tripwire._state import State
from tripwire._swallowed.testcode import Stack, opening
from tripwire._swallowed.violations import Evidence
from tripwire._timeline import Interaction
from tripwire.errors import AssertionInsideSandboxError, InteractionMismatchError, ViolationError
from tripwire.report import verification
from tripwire.report.pasting import Pasting
from tripwire.report.verification import Findings


class Mark(NamedTuple):
    """How far a test had come: the length of its timeline, and of the mocks of each plugin."""

    interactions: int
    mocks: Dict[str, int]


class StrictVerifier(InertCopies):
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
        order: whether the order counts now, of assertions and of expectations.
    """

    _pickled_as = "verifier"

    def __init__(self) -> None:
        self.plugins: Dict[str, Plugin] = {}
        self.gates: List[Callable[[Any], None]] = []
        self.state = State()
        self.order = Order()

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

    @property
    def sandbox(self) -> Sandbox:
        """A context manager inside which every command is intercepted, called or not.

        `with verifier.sandbox:` and `with verifier.sandbox():` are the same.
        """
        return Sandbox(self)

    @property
    def interactions(self) -> Tuple[Interaction, ...]:
        """All interactions, in the order in which they happened. Reading them asserts nothing."""
        self.state.was_read = True
        return tuple(self.state.timeline)

    def patches(self) -> List[Patch]:
        """What has to be on while a sandbox of this verifier is open."""
        return [patch for plugin in self.plugins.values() for patch in plugin.patches]

    def violated(self, error: ViolationError) -> None:
        """Remember a violation that is about to be raised, unless this test is over."""
        self.violated_in(self.state, error)

    def violated_in(self, state: State, error: ViolationError) -> None:
        """As `violated`, of a call that began in that state."""
        # After verification nobody hears of it, unless the test goes on and verifies again.
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

    def in_any_order(self) -> AnyOrder:
        """A context manager: inside, the order of assertions and expectations does not count.

        Assertions take the oldest open interaction that matches; expectations that are registered
        or met inside have no place in the order of the others.
        """
        return AnyOrder(self.order)

    def assert_next(self, wanted: Wanted) -> None:
        """Assert the next open interaction, or in `in_any_order` the oldest that matches.

        Raises:
            InteractionMismatchError: it is another; it stays open.
            AssertionInsideSandboxError: a sandbox of this verifier is open.
            NotEnteredError: `in_any_order()` was called without `with`.
        """
        self.refuse_early()
        timeline = self.state.timeline
        first = timeline.next()
        if first is not None and wanted.is_met_by(first):
            timeline.settle(first)
            return
        candidates = timeline.open()
        for interaction in () if self.order.counts else candidates:
            if wanted.is_met_by(interaction):
                timeline.settle(interaction)
                return
        raise InteractionMismatchError(
            verification.mismatch(
                wanted, candidates, self._pasting(), not self.order.counts, self._unsent(wanted)
            ),
            expected=wanted.fields,
            actual=first,
            remaining=candidates,
        )

    def assert_all(self, all_wanted: Sequence[Wanted]) -> None:
        """Assert all open interactions, in order unless in `in_any_order`; all of them or none.

        Raises as `assert_next`; its `expected` is then a list of fields.
        """
        self.refuse_early()
        timeline = self.state.timeline
        open_ones = timeline.open()
        find = _assertions.in_order if self.order.counts else _assertions.in_any_order
        differing = find(all_wanted, open_ones)
        if differing is None:
            timeline.settle_all(open_ones)
            return
        unsent = self._unsent(differing.wanted) if differing.wanted else []
        raise InteractionMismatchError(
            verification.not_all(differing, len(all_wanted), self._pasting(), unsent),
            expected=[wanted.fields for wanted in all_wanted],
            actual=next(iter(differing.candidates), None),
            remaining=open_ones,
        )

    def _unsent(self, wanted: Wanted) -> List[str]:
        """Notes on calls of a command that ended before the wire."""
        plugins = self.plugins.values()
        return [
            note for plugin in plugins for name in wanted.names for note in plugin.not_sent(name)
        ]

    def _pasting(self) -> Pasting:
        return Pasting(self.state.timeline.interactions, _scopes.test_name(self))

    def assert_none(self, name: str) -> None:
        """Assert that nothing at all was recorded. `InteractionMismatchError` otherwise."""
        self.refuse_early()
        met = tuple(self.state.timeline)
        if met:
            raise InteractionMismatchError(
                verification.some_calls(name, met, self._pasting()), actual=met[0], remaining=met
            )

    def refuse_early(self) -> None:
        """Refuse to assert inside a sandbox, or after an `in_any_order()` without `with`."""
        self.refuse_inside()
        forgotten = self.order.forgotten()
        if forgotten is not None:
            raise forgotten

    def refuse_inside(self) -> None:
        """Refuse to assert while a sandbox is open. `AssertionInsideSandboxError`."""
        if not self.state.asserts_inside and _scopes.open_sandboxes(self):
            raise AssertionInsideSandboxError(
                "the sandbox is still open.\n"
                f"Assert after {self.state.asserts_after}, or register the call with expect(), "
                "which asserts\nit too."
            )

    # --- verifying ------------------------------------------------------------------------------

    def verify_all(self) -> None:
        """Raise what there is to find; what was reported once is not reported again.

        Raises `UnassertedInteractionsError`, `UnusedMocksError`, `SwallowedViolationError`, or one
        error that is an instance of each of its kinds; `NotEnteredError`, caused by that one, where
        `in_any_order()` was called without `with`.
        """
        try:
            self.verify(Evidence)
        finally:
            if not _scopes.goes_on(self):
                self.state.forget_openers()

    def verify(self, evidence: Callable[[], Evidence], causes_only: bool = False) -> None:
        """As `verify_all`, knowing the test; with `causes_only`, speak of violations alone."""
        found = self.find(evidence)
        self.tell(found.causes() if causes_only else found, self.hints)

    def find(self, evidence: Callable[[], Evidence]) -> Findings:
        """What there is to find; it is forgotten, so that it is found once."""
        self.put_back()
        timeline = self.state.timeline
        violations = self.state.findings(evidence)
        unasserted, misplaced = timeline.drain(), timeline.drain_misplaced()
        unused = [(plugin, plugin.report_unused()) for plugin in self.plugins.values()]
        was_read, self.state.was_read = self.state.was_read, False
        forgotten = self.order.forgotten()
        return Findings(violations, unasserted, misplaced, unused, was_read, forgotten)

    def tell(self, found: Findings, hints: Callable[[], Iterable[str]]) -> None:
        """Raise the one error for some findings, with hints below them, if there are any."""
        error = verification.verification(found, self._pasting, hints)
        if found.forgotten is not None:
            raise found.forgotten from error
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


class Entered(Protocol):
    """A context manager that gives a verifier."""

    def __enter__(self) -> StrictVerifier:
        """Begin."""
        ...

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        """End."""
        ...


class AsyncToo:
    """Has `async with` do what `with` does: nothing of it waits."""

    async def __aenter__(self: Entered) -> StrictVerifier:
        """As `__enter__`."""
        return self.__enter__()

    async def __aexit__(
        self: Entered,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        """As `__exit__`."""
        self.__exit__(kind, error, traceback)


class Sandbox(InertCopies, SandboxScope[StrictVerifier], AsyncToo):
    """The context manager inside which a verifier's plugins intercept; `async with` works too.

    Sandboxes nest, those of one verifier and those of several, and the innermost one answers. One
    sandbox can be entered again after it was left.
    """

    _pickled_as = "sandbox"
    is_outermost = False

    def __call__(self) -> Sandbox:
        """Another sandbox of the same verifier, so that `sandbox` and `sandbox()` are the same."""
        return type(self)(self.verifier)

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
        """The frames that belong to the test, since this sandbox opens there.

        All on the stack where it is the test's outermost one. None where it opens inside of one of
        the test's: the application may open it. Where it opens beside one, in another thread or
        task, the frame that opens it alone.
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
            self._note_silence()
            self.undo()
        except BaseException:
            if error is None:
                self.undo()
                raise
            with suppress(BaseException):
                self.undo()

    def _note_silence(self) -> None:
        if not self.state.timeline:
            for plugin in self.verifier.plugins.values():
                plugin.nothing_sent()
