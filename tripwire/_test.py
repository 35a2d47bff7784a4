"""One strict test from beginning to end: its verifier, its plugin, its guard, how it failed.

Several things happen twice here, each for one reason:

- *set up*: unittest's runner announces `setUp`, and a runner of another kind calls it outright, so
  both let the guard begin; whichever comes first does it.
- *verify*: `tearDown` verifies, so that a finding is reported where people look for it. After the
  last cleanup the test verifies what happened since, or everything where a `tearDown` forgot its
  `super()`.
  Nothing is reported twice, because verification forgets what it has reported.
- *close*: Ctrl-C may interrupt the first attempt half-way, and a class that stays patched would
  spoil every later test; each line of it does nothing where it was done already.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Callable, Generic, List, TypeVar

from tripwire import _accepting, _scopes
from tripwire._inert import InertCopies
from tripwire._plugin import Plugin
from tripwire._scopes import TestScope
from tripwire._swallowed.violations import Evidence
from tripwire._verifier import Mark, StrictVerifier

PluginT = TypeVar("PluginT", bound=Plugin)


class StrictTest(InertCopies, Generic[PluginT]):
    """One strict test, in `TripwireTestCase` or in `strict()`.

    Attributes: `verifier`, `plugin` (once `guard` was called), `scope` (its place in the context),
    `failures` (what it failed with so far), `is_set_up`, `in_part` (`setUp`, the test method or
    `tearDown` is running), `by_hand` (nobody called `run()`: the parts are called one by one).
    """

    plugin: PluginT
    _pickled_as = "test"

    def __init__(
        self,
        make_plugin: Callable[[StrictVerifier], PluginT],
        name: Callable[[], str],
        *,
        guarded: bool,
        by_hand: bool = False,
    ) -> None:
        self.verifier = _accepting.new_verifier(name)
        self.scope = TestScope(self.verifier, name, guarded)
        self.failures: List[BaseException] = []
        self.is_set_up = False
        self.in_part = False
        self.by_hand = by_hand
        self._is_closed = False
        self._failures_of_subtests: List[BaseException] = []
        self._make_plugin = make_plugin

    def guard(self) -> None:
        """Build the plugin, and let nothing pass from now on; nothing where that was done."""
        if "plugin" not in vars(self):
            self.plugin = self._make_plugin(self.verifier)
            self.scope.guard(self.plugin.guards)

    def verify(self, evidence: Callable[[], Evidence], final: bool = True) -> None:
        """Close what is open and verify, knowing the test and how it failed.

        Of a test that failed, only the violations count: the rest is a consequence.

        Args:
            evidence: gives what belongs to the test; asked only where a violation was raised.
            final: whether nothing of the test comes after this.
        """
        self.close_sandboxes()
        self.verifier.verify(
            lambda: evidence()._replace(
                failures=(*self.failures, *self._failures_of_subtests), final=final
            ),
            causes_only=bool(self.failures),
        )

    def mark(self) -> Mark:
        """Remember how far the test has come, for `failed_since`."""
        return self.verifier.mark()

    def failed_since(self, mark: Mark, error: BaseException) -> None:
        """Note that a part of the test failed, and the test goes on.

        What that part left open or unused is a consequence, and is dropped.
        """
        self._failures_of_subtests.append(error)
        self.explain(error)
        self.verifier.drop_since(mark)

    def explain(self, error: BaseException) -> None:
        """Add to an exception that the test fails with what may explain it."""
        for hint in self.verifier.hints():
            _add(error, hint)

    def close_sandboxes(self) -> None:
        """Close the sandboxes that are still open, the innermost first."""
        for sandbox in reversed(_scopes.open_sandboxes(self.verifier)):
            sandbox.close()

    def begin(self) -> None:
        """Make this the current test, until `close`."""
        self.scope.begin()

    def close(self) -> None:
        """End the test and give everything back; nothing where that was done already."""
        if self._is_closed:
            return
        self.close_sandboxes()
        self.scope.end()
        self.verifier.put_back()
        self.verifier.state.forget()
        self.failures.clear()
        self._failures_of_subtests.clear()
        self._is_closed = True


def _add(error: BaseException, hint: str) -> None:
    """Add a hint to what is printed of an exception, unless it says so already."""
    # An exception whose text cannot be had does not say it.
    with suppress(Exception):
        if hint in str(error):
            return
    if isinstance(error, AssertionError) and len(error.args) == 1:
        error.args = (f"{error.args[0]}\n\n{hint}",)
    else:
        # Since Python 3.11.
        getattr(error, "add_note", str)(f"\n{hint}")
