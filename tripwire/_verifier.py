"""The verifier: one test's plugins, timeline and violations; it asserts and verifies."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, List, NoReturn, Optional, Sequence, Tuple

from tripwire import _ambient, _messages, _report
from tripwire._mocks import equal
from tripwire._plugin import Plugin
from tripwire._sandbox import Sandbox
from tripwire._swallowed import Evidence, Violations
from tripwire._testcode import Stack, opening
from tripwire._timeline import Interaction, Timeline
from tripwire.errors import (
    AssertionInsideSandboxError,
    InteractionMismatchError,
    NoActiveVerifierError,
    ViolationError,
)


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
    """

    def __init__(self) -> None:
        self.plugins: Dict[str, Plugin] = {}
        self.watched = False
        self._timeline = Timeline()
        self._violations = Violations()
        self._openers: Dict[int, Stack] = {}
        self._verified = False
        self._any_order = False

    # --- while the test runs --------------------------------------------------------------------

    def register(self, plugin: Plugin) -> None:
        """Add a plugin. `ValueError` if there is one of its name already."""
        if plugin.name in self.plugins:
            raise ValueError(_messages.second_plugin(plugin.name))
        self.plugins[plugin.name] = plugin
        for sandbox in _ambient.open_sandboxes(self):
            for patch in plugin.patches:
                _ambient.hold(patch, sandbox)

    def sandbox(self) -> Sandbox:
        """A context manager inside which every command is intercepted."""
        return Sandbox(self)

    @property
    def interactions(self) -> Tuple[Interaction, ...]:
        """All interactions, in the order in which they happened."""
        return tuple(self._timeline)

    def patches(self) -> List[_ambient.Patch]:
        """What has to be on while a sandbox of this verifier is open."""
        return [patch for plugin in self.plugins.values() for patch in plugin.patches]

    def trust_callers(self, sandbox: Optional[Sandbox] = None) -> None:
        """Remember who opens a sandbox, or a strict test: what is on the stack is the test's own.

        So it is where the sandbox is the test's outermost. Around one that is opened inside of it
        stands the application. Of one that is open beside it, in another thread or task, only who
        opens it is known to be a helper of the test.
        """
        self._verified = False
        outer = sandbox.outer if sandbox is not None else None
        while outer is not None and outer.verifier is not self:
            outer = outer.outer
        # Now, because a generator that is left tells no more who called it.
        who = opening(sys._getframe()) if outer is None else ()
        if sandbox is not None and not sandbox.is_outermost:
            who = who[:1]
        for frame in who[:1]:
            self._openers.setdefault(id(frame), who)

    def record(self, interaction: Interaction) -> None:
        """Add an interaction to the timeline."""
        self._timeline.record(interaction)

    def violated(self, error: ViolationError) -> None:
        """Remember a violation that is about to be raised, unless this test is over."""
        if self._goes_on or not self._verified:
            self._violations.remember(error)

    @property
    def _goes_on(self) -> bool:
        return self.watched or bool(_ambient.open_sandboxes(self))

    def propagated(self, error: BaseException) -> None:
        """Note an exception that left a sandbox."""
        self._violations.propagated(error)

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
        self._refuse_inside()
        timeline = self._timeline
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
            for note in plugin.instead(name)
        ]
        raise InteractionMismatchError(
            _report.mismatch(command, expected, candidates, len(timeline), self._any_order, unsent),
            expected=expected,
            actual=first,
            remaining=candidates,
        )

    def assert_none(self, name: str) -> None:
        """Assert that nothing at all was recorded. `InteractionMismatchError` otherwise."""
        self._refuse_inside()
        met = tuple(self._timeline)
        if met:
            raise InteractionMismatchError(
                _report.some_calls(name, met), actual=met[0], remaining=met
            )

    def _refuse_inside(self) -> None:
        if _ambient.open_sandboxes(self):
            raise AssertionInsideSandboxError(_messages.assertion_inside())

    # --- verifying ------------------------------------------------------------------------------

    def verify_all(self) -> None:
        """Raise what there is to find; what was reported once is not reported again.

        Raises `UnassertedInteractionsError`, `UnusedMocksError`, `SwallowedViolationError`, or one
        error that is an instance of each of its kinds.
        """
        self.verify(Evidence())

    def verify(self, evidence: Evidence, causes_only: bool = False) -> None:
        """As `verify_all`, knowing the test; with `causes_only`, speak of violations alone."""
        stacks = (*self._openers.values(),)
        violations = self._violations.findings(evidence._replace(stacks=stacks))
        self._verified = True
        if not self._goes_on:
            self._openers.clear()
        unasserted = self._timeline.drain()
        unused = [(plugin, plugin.report_unused()) for plugin in self.plugins.values()]
        if causes_only:
            unasserted, unused = (), []
        error = _report.verification(violations, unasserted, unused, self._timeline.interactions)
        if error is not None:
            raise error

    def forget(self) -> None:
        """Let go of what only verification asks for: the test that was watched is over."""
        self.watched, self._verified = False, True
        self._openers.clear()
        self._violations = Violations()

    # --- pickling -------------------------------------------------------------------------------

    def __reduce__(self) -> Tuple[Callable[[str], Inert], Tuple[str]]:
        """A failing subTest pickles its test case; what comes out is a record that says so."""
        return Inert, ("verifier",)


class Inert:
    """What a verifier or a plugin is in another process: nothing, and says so."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):
            raise AttributeError(name)
        raise NoActiveVerifierError(_messages.inert(self._what))


def _matches(interaction: Interaction, commands: Sequence[str], expected: Dict[str, Any]) -> bool:
    if interaction.command not in commands:
        return False
    fields = interaction.fields
    for name, value in expected.items():
        if not equal(value, interaction.server if name == "server" else fields.get(name)):
            return False
    return True
