"""Random sequences of everything that a test does, step by step beside a model of the rules."""

from __future__ import annotations

import os
import unittest
from collections import Counter
from contextlib import nullcontext
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from pymemcache.client.base import Client

import tripwire
from tests.support.cases import CLIENT
from tests.support.model import NAMES, Call, Mock, Model
from tripwire import Interaction, MemcachePlugin, Sandbox, StrictVerifier, VerificationError

SETTINGS = settings(
    max_examples=int(os.environ.get("TRIPWIRE_MODEL_EXAMPLES", "100")),
    stateful_step_count=50,
    derandomize=True,
    deadline=None,
    database=None,
)

# How often each kind of step was taken: a machine that never gets somewhere proves nothing.
SEEN: Counter[str] = Counter()

CASE = unittest.TestCase()

# Two verifiers, and few enough keys for calls and mocks to meet.
WHO = st.integers(0, 1)
KEYS = st.sampled_from("ab")
COMMANDS = st.sampled_from(sorted(NAMES))

TIMES = st.sampled_from((1, 1, 2, 3, None))
RETURNS_OR_RAISES = st.sampled_from(("returns", "returns", "raises"))
MOCKS = st.builds(
    Mock, COMMANDS, st.sampled_from((None, None, "a", "b")), RETURNS_OR_RAISES, st.booleans(), TIMES
)
EXPECTATIONS = st.builds(Mock, COMMANDS, KEYS, st.just("expect"), st.booleans(), TIMES)

EACH_MOCK = st.lists(st.one_of(MOCKS, MOCKS, EXPECTATIONS), min_size=1, max_size=5)
Calls = List[Tuple[int, str, str]]
CALLS = st.lists(st.tuples(st.integers(0, 4), COMMANDS, KEYS), min_size=1, max_size=4)
CATCHERS = st.sampled_from(("code", "test", "sandbox"))

HELPERS = {
    "GET": "assert_get",
    "INCR": "assert_incr",
    "GET_MANY": "assert_get_many",
    "GET_MULTI": "assert_get_many",
}


class Fault(Exception):
    """What a mock raises."""


def fields_of(command: str, key: str) -> Dict[str, Any]:
    """Return the required fields of a call of one key."""
    if command == "INCR":
        return {"key": key, "value": 1}
    return {"key": key} if command == "GET" else {"keys": [key]}


def key_of(interaction: Interaction) -> Any:
    """Return the one key of a call."""
    return [*interaction.fields.get("keys", ()), interaction.fields.get("key")][0]


def swallow(method: Callable[..., Any], fields: Dict[str, Any]) -> Any:
    """Make a call as code does that lets no fault of its cache through."""
    try:
        return method(**fields)
    except Exception as error:
        return error


class Open(NamedTuple):
    """A sandbox that is open: whose it is, and whether none of that verifier's is around it."""

    who: int
    sandbox: Sandbox
    is_outermost: bool


class Machine(RuleBasedStateMachine):
    """Two verifiers, each beside its model, and the sandboxes that are open."""

    def __init__(self) -> None:
        super().__init__()
        self.verifiers = [StrictVerifier(), StrictVerifier()]
        # Any reply is possible, so that each mock can have a number of its own for one.
        self.plugins = [
            MemcachePlugin(verifier, impossible_replies="allow") for verifier in self.verifiers
        ]
        self.models = [Model(), Model()]
        self.open: List[Open] = []
        self.left: List[Tuple[int, Sandbox]] = []

    # --- registering and calling ----------------------------------------------------------------

    @rule(who=WHO, mocks=EACH_MOCK)
    def register(self, who: int, mocks: List[Mock]) -> None:
        """Mocks and expectations, each with its number in the model for a reply."""
        for mock in mocks:
            number = len(self.models[who].mocks)
            fields: Dict[str, Any] = fields_of(mock.command, mock.key) if mock.key else {}
            if mock.how == "raises":
                fields["raises"] = Fault(number)
            else:
                fields["returns"] = number
            plugin = self.plugins[who]
            take = plugin.expect if mock.how == "expect" else plugin.mock_command
            take(mock.command, required=mock.required, times=mock.times, **fields)
            self.models[who].mocks.append(mock)

    @precondition(lambda self: not self.open)
    @rule(who=WHO, mocks=EACH_MOCK, calls=CALLS, catcher=CATCHERS)
    def run_a_block(self, who: int, mocks: List[Mock], calls: Calls, catcher: str) -> None:
        """Some mocks, and a sandbox around some calls, as most tests have it."""
        self.register(who, mocks)
        self.enter(who, False)
        self.call(calls, catcher)
        self.leave_all()

    @precondition(lambda self: self.open)
    @rule(calls=CALLS, catcher=CATCHERS)
    def call(self, calls: Calls, catcher: str) -> None:
        """The innermost verifier answers, or it is a violation; most calls are aimed at mocks."""
        model = self.models[self.open[-1].who]
        for index, command, key in calls:
            aimed = [(mock.command, mock.key or key) for mock in model.waiting()]
            call = (aimed[index:] or [(command, key)])[0]
            method, fields = getattr(CLIENT, call[0].lower()), fields_of(*call)
            mock = model.call(*call)
            SEEN[mock.how if mock else f"unmocked, caught by {catcher}"] += 1
            if mock is not None:
                met, number = swallow(method, fields), model.mocks.index(mock)
                CASE.assertEqual(met.args if mock.how == "raises" else (met,), (number,))
                CASE.assertEqual(isinstance(met, Fault), mock.how == "raises")
            elif catcher == "code":
                CASE.assertIsInstance(swallow(method, fields), tripwire.UnmockedInteractionError)
                model.swallowed.append(call)
            elif catcher == "test":
                CASE.assertRaises(tripwire.UnmockedInteractionError, method, **fields)
            else:
                # What is around an inner sandbox is the application still, and swallows it.
                if self.open[-1].is_outermost:
                    model.propagated.add(call)
                else:
                    model.swallowed.append(call)
                self.leave_with(-1, swallow(method, fields))
                break

    # --- sandboxes ------------------------------------------------------------------------------

    @precondition(lambda self: len(self.open) < 3)
    @rule(who=WHO, again=st.booleans())
    def enter(self, who: int, again: bool) -> None:
        """A new sandbox of either verifier, or one that was left; inside whatever is open."""
        if again and self.left:
            who, sandbox = self.left.pop(0)
            SEEN["entered again"] += 1
        else:
            sandbox = self.verifiers[who].sandbox()
        CASE.assertIs(sandbox.__enter__(), self.verifiers[who])
        self.open.append(Open(who, sandbox, not self.is_inside(who)))

    @precondition(lambda self: self.open)
    @rule(index=st.integers(-3, -1), error=st.sampled_from((None, Fault("of the body"))))
    def leave(self, index: int, error: Optional[BaseException]) -> None:
        """Any open sandbox may close first; most of the time it is the innermost."""
        self.leave_with(max(index, -len(self.open)), error)

    @rule()
    def leave_all(self) -> None:
        """All sandboxes that are open, the innermost first."""
        while self.open:
            self.leave_with(-1, None)

    def leave_with(self, index: int, error: Optional[BaseException]) -> None:
        """Leave a sandbox, cleanly or with an exception."""
        who, sandbox, _ = self.open.pop(index)
        sandbox.__exit__(type(error) if error else None, error, None)
        self.left.append((who, sandbox))

    # --- asserting ------------------------------------------------------------------------------

    @precondition(lambda self: any(model.calls for model in self.models))
    @rule(who=WHO, command=COMMANDS, key=KEYS, any_order=st.booleans())
    def assert_anything(self, who: int, command: str, key: str, any_order: bool) -> None:
        """It is often wrong, and mostly by its order."""
        self.assert_call(who, command, key, any_order)

    @precondition(lambda self: self.to_assert())
    @rule(steps=st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=1, max_size=5))
    def assert_what_happened(self, steps: List[Tuple[int, bool]]) -> None:
        """It is right where it is the next, or in any order."""
        for index, any_order in steps:
            calls = self.to_assert()
            for who, call in calls[min(index, len(calls) - 1) :][:1]:
                self.assert_call(who, call.command, call.key, any_order)

    def to_assert(self) -> List[Tuple[int, Call]]:
        """What is open of the verifiers that are in no sandbox."""
        return [
            (who, call)
            for who in (0, 1)
            if not self.is_inside(who)
            for call in self.models[who].open()
        ]

    def is_inside(self, who: int) -> bool:
        """Whether a sandbox of a verifier is open."""
        return who in [each.who for each in self.open]

    def assert_call(self, who: int, command: str, key: str, any_order: bool) -> None:
        """Assert a call in the way that the model says it must go."""
        plugin, fields = self.plugins[who], fields_of(command, key)
        assertion = getattr(plugin, HELPERS[command] if any_order else "assert_command")
        with plugin.in_any_order() if any_order else nullcontext():
            if self.is_inside(who):
                CASE.assertRaises(
                    tripwire.AssertionInsideSandboxError, assertion, command, **fields
                )
                SEEN["asserted inside"] += 1
            elif self.models[who].asserts(command, key, any_order):
                assertion(command, **fields)
                SEEN[f"asserted, any order: {any_order}"] += 1
            else:
                CASE.assertRaises(tripwire.InteractionMismatchError, assertion, command, **fields)
                still_open = [(call.command, call.key) for call in self.models[who].open()]
                SEEN[f"mismatch, still open: {(command, key) in still_open}"] += 1

    # --- verifying ------------------------------------------------------------------------------

    @precondition(lambda self: any(model.calls for model in self.models))
    @rule(who=WHO)
    def verify(self, who: int) -> None:
        """It finds what the model finds, says so in its type, and finds it once."""
        calls, mocks, violations = self.models[who].verify()
        error = VerificationError()
        try:
            self.verifiers[who].verify_all()
        except VerificationError as found:
            error = found
        CASE.assertEqual(
            [(met.command, key_of(met)) for met in error.unasserted],
            [(call.command, call.key) for call in calls],
        )
        CASE.assertEqual(
            [
                (mock.command, mock.returns if mock.raises is None else mock.raises.args[0])
                for mock in error.unused
            ],
            [(mock.command, self.models[who].mocks.index(mock)) for mock in mocks],
        )
        CASE.assertEqual(
            sorted((violation.command, violation.times) for violation in error.violations),
            sorted((command, times) for (command, _), times in violations.items()),
        )
        kinds = {
            tripwire.UnassertedInteractionsError: bool(calls),
            tripwire.UnusedMocksError: bool(mocks),
            tripwire.SwallowedViolationError: bool(violations),
        }
        CASE.assertEqual({kind: isinstance(error, kind) for kind in kinds}, kinds)
        SEEN.update(kind.__name__ for kind in kinds if kinds[kind])

    @invariant()
    def timelines_are_the_models(self) -> None:
        """What happened, in which order, and what of it is asserted."""
        for verifier, model in zip(self.verifiers, self.models):
            CASE.assertEqual(
                [(met.command, key_of(met), met.asserted) for met in verifier.interactions],
                [(call.command, call.key, call.asserted) for call in model.calls],
            )

    @invariant()
    def client_is_intercepted_while_a_sandbox_is_open(self) -> None:
        """And only then."""
        CASE.assertEqual("sock" in vars(Client), bool(self.open))

    def teardown(self) -> None:
        """Leave what is open, the innermost first, and verify both."""
        self.leave_all()
        for who in (0, 1):
            self.verify(who)
        self.client_is_intercepted_while_a_sandbox_is_open()


class ModelTest(unittest.TestCase):
    """The machine agrees with the model, and gets everywhere."""

    def test_verifiers_do_what_the_model_says(self) -> None:
        """In every step of every example; and every kind of step was taken."""
        SEEN.clear()
        run_state_machine_as_test(Machine, settings=SETTINGS)
        self.assertEqual(len(SEEN), 15, SEEN)
