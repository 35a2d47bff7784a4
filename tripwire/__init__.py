"""Strict mocking of memcached for unittest: the real pymemcache client minus the socket."""

from tripwire._module import current_verifier, make_usable, sandbox
from tripwire._orders.markers import step
from tripwire._strict import strict
from tripwire._swallowed.violations import Violation
from tripwire._timeline import Interaction, Location
from tripwire._verifier import Sandbox, StrictVerifier
from tripwire.errors import (
    AssertionInsideSandboxError,
    DeadlockError,
    ImpossibleReplyError,
    ImpossibleReplyMetError,
    IncompleteError,
    InteractionMismatchError,
    InterleavingError,
    LivelockError,
    MeanwhileError,
    MissingAssertionFieldsError,
    NoActiveVerifierError,
    NotDeterministicError,
    NotEnteredError,
    OutOfStepError,
    SandboxNotActiveError,
    ScenarioError,
    SharedClientError,
    StoreMismatchError,
    SwallowedViolationError,
    SweepError,
    TripwireError,
    UnassertedInteractionsError,
    UnmockedInteractionError,
    UnusedMocksError,
    VerificationError,
    ViolationError,
)
from tripwire.plugins.memcache_plugin import FAULTS, MISS, Item, MemcachePlugin, Raw, Store
from tripwire.testcase import TripwireTestCase

__version__ = "1.0.0"

__all__ = [
    "FAULTS",
    "MISS",
    "AssertionInsideSandboxError",
    "DeadlockError",
    "ImpossibleReplyError",
    "ImpossibleReplyMetError",
    "IncompleteError",
    "Interaction",
    "InteractionMismatchError",
    "InterleavingError",
    "Item",
    "LivelockError",
    "Location",
    "MeanwhileError",
    "MemcachePlugin",
    "MissingAssertionFieldsError",
    "NoActiveVerifierError",
    "NotDeterministicError",
    "NotEnteredError",
    "OutOfStepError",
    "Raw",
    "Sandbox",
    "SandboxNotActiveError",
    "ScenarioError",
    "SharedClientError",
    "Store",
    "StoreMismatchError",
    "StrictVerifier",
    "SwallowedViolationError",
    "SweepError",
    "TripwireError",
    "TripwireTestCase",
    "UnassertedInteractionsError",
    "UnmockedInteractionError",
    "UnusedMocksError",
    "VerificationError",
    "Violation",
    "ViolationError",
    "current_verifier",
    "sandbox",
    "step",
    "strict",
]

memcache: MemcachePlugin
"""The plugin of the test that is running; `NoActiveVerifierError` where none is."""

make_usable(__name__)
