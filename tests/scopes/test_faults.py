"""A step of entering or leaving raises: the class is restored, and the first exception is kept.

The steps are patched, private ones too, because what happens between them is what is tested. This
is the one file of the suite that may name what is private.

SPECIFICATION 16.
"""

from __future__ import annotations

import pkgutil
import unittest
from collections import UserDict
from typing import Any, Callable, List
from unittest import mock

from pymemcache.client.base import Client
from pymemcache.client.hash import HashClient

import tripwire
from tests.support.cases import SERVER, by_hand
from tripwire import TripwireTestCase

INTERCEPTION = "tripwire.plugins._memcache.patching.interception:Interception"
CLASS_PATCH = "tripwire.plugins._memcache.patching.class_patch:ClassPatch"

SANDBOX = [
    "tripwire:StrictVerifier.patches",
    "tripwire._patches:hold",
    f"{INTERCEPTION}.install",
    f"{CLASS_PATCH}.put_again",
    "tripwire._state:State.opened",
    "tripwire._scopes:SandboxScope.open",
    "tripwire._scopes:SandboxScope.undo",
    "tripwire._patches:release",
    f"{CLASS_PATCH}.take_off",
    f"{INTERCEPTION}.remove",
]
TEST = [
    *SANDBOX,
    "tripwire._scopes:TestScope.begin",
    "tripwire._scopes:TestScope.enter_context",
    "tripwire._scopes:TestScope.guard",
    "tripwire._scopes:TestScope.leave_context",
    "tripwire._scopes:TestScope.end",
    "tripwire:StrictVerifier.verify",
    "tripwire._state:State.forget",
]


class Once:
    """A step that raises when it is first taken (or more often), and works from then on."""

    def __init__(self, step: str, *errors: BaseException) -> None:
        self.errors = [*errors]
        work = pkgutil.resolve_name(step)

        def take(*given: Any, **named: Any) -> Any:
            if self.errors:
                raise self.errors.pop()
            return work(*given, **named)

        self.patch = mock.patch(step.replace(":", "."), take)


class Body(Exception):
    """What a body fails with by itself."""


class FaultsTest(unittest.TestCase):
    """One step after the other, an exception and a Ctrl-C at each."""

    def check(self, steps: List[str], scenario: Callable[[], None]) -> List[BaseException]:
        """Run with each step patched, and see that nothing stays; give what came out each time."""
        before = list(vars(Client).items())
        raised: List[BaseException] = []
        for step in steps:
            for kind in (LookupError, KeyboardInterrupt):
                once = Once(step, kind("injected"))
                with self.subTest(step=step, kind=kind.__name__):
                    with once.patch, self.assertRaises((kind, Body)) as caught:
                        scenario()
                    raised.append(caught.exception)
                    self.assertEqual(once.errors, [], "the step was not taken")
                    self.assertEqual(list(vars(Client).items()), before)
                    self.check_next()
                    self.assertEqual(list(vars(Client).items()), before)
        return raised

    def check_next(self) -> None:
        """See that what comes after goes as if nothing had happened."""
        with tripwire.strict() as verifier:
            tripwire.memcache.expect("GET", key="k", returns=b"v")
            with verifier.sandbox():
                self.assertEqual(Client(SERVER).get("k"), b"v")

    def test_sandbox_gives_everything_back(self) -> None:
        """What a step raised comes out, from inside another sandbox, too."""

        def scenario() -> None:
            verifier = by_hand().verifier
            with verifier.sandbox(), verifier.sandbox():
                """Nothing happens in it."""

        self.check(SANDBOX, scenario)

    def test_exception_of_the_body_is_never_replaced(self) -> None:
        """Not by what goes wrong while the sandbox is left."""
        leaving = ["tripwire._state:State.propagated", *SANDBOX[-3:]]

        def scenario() -> None:
            with by_hand().verifier.sandbox():
                raise Body

        for error in self.check(leaving, scenario):
            self.assertIsInstance(error, Body)

    def test_exception_of_the_body_outlasts_two_faults(self) -> None:
        """The second attempt to give everything back may be interrupted, too; the next is not."""
        before = list(vars(Client).items())
        remove = Once(f"{INTERCEPTION}.remove", KeyboardInterrupt("one"), KeyboardInterrupt("two"))
        sandbox = by_hand().verifier.sandbox()
        with remove.patch, self.assertRaises(Body), sandbox:
            raise Body
        self.assertEqual(remove.errors, [], "the step was not taken twice")
        self.check_next()
        self.assertEqual(list(vars(Client).items()), before)

    def test_call_whose_end_is_interrupted_keeps_nothing_on(self) -> None:
        """It is in progress no longer, as its own thread can see when the sandbox is left."""

        class Interrupted(UserDict):  # type: ignore[type-arg]  # of what there is
            def pop(self, *args: Any) -> None:
                raise KeyboardInterrupt

        noted = Interrupted()
        noted.data = pkgutil.resolve_name("tripwire.plugins._memcache.wire:in_progress")
        before = list(vars(Client).items())
        for client in (Client(SERVER), HashClient([SERVER])):
            verifier, memcache = by_hand()
            memcache.mock_command("GET", returns=b"v", times=None)
            ending = mock.patch(f"{INTERCEPTION.partition(':')[0]}.in_progress", noted)
            with self.assertRaises(KeyboardInterrupt), verifier.sandbox(), ending:
                client.get("k")
            self.assertEqual(list(vars(Client).items()), before)
            self.check_next()

    def test_strict_gives_everything_back(self) -> None:
        """What a step raised comes out."""

        def scenario() -> None:
            with tripwire.strict() as verifier, verifier.sandbox():
                """Nothing happens in it."""

        self.check(TEST, scenario)

    def test_exception_of_a_strict_block_is_never_replaced(self) -> None:
        """Not by what goes wrong while it is verified, or ended."""

        def scenario() -> None:
            with tripwire.strict():
                raise Body

        for error in self.check([*TEST[-4:], *SANDBOX[-2:]], scenario):
            self.assertIsInstance(error, Body)

    def test_test_case_gives_everything_back(self) -> None:
        """What a step raised fails the test, or ends the run; with a sandbox left open, too."""

        class Inner(TripwireTestCase):
            def test(self) -> None:
                self.sandbox().__enter__()

        def scenario() -> None:
            result = unittest.TestResult()
            Inner("test").run(result)
            ((_, text),) = result.errors
            self.assertIn("LookupError: injected", text)
            raise LookupError

        self.check([*TEST, "tripwire:Sandbox.close"], scenario)
