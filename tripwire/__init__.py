"""Strict mocking of memcached for unittest: the real pymemcache client minus the socket."""

from tripwire._module import current_verifier, make_usable, sandbox
from tripwire._strict import strict
from tripwire._timeline import Interaction, Location
from tripwire._verifier import Sandbox, StrictVerifier
from tripwire._violations import Violation
from tripwire.errors import (
    AssertionInsideSandboxError,
    ImpossibleReplyError,
    ImpossibleReplyMetError,
    InteractionMismatchError,
    MissingAssertionFieldsError,
    NoActiveVerifierError,
    SandboxNotActiveError,
    SwallowedViolationError,
    TripwireError,
    UnassertedInteractionsError,
    UnmockedInteractionError,
    UnusedMocksError,
    VerificationError,
    ViolationError,
)
from tripwire.plugins.memcache_plugin import MISS, MemcachePlugin
from tripwire.testcase import TripwireTestCase

__version__ = "1.0.0"

__all__ = [
    "MISS",
    "AssertionInsideSandboxError",
    "ImpossibleReplyError",
    "ImpossibleReplyMetError",
    "Interaction",
    "InteractionMismatchError",
    "Location",
    "MemcachePlugin",
    "MissingAssertionFieldsError",
    "NoActiveVerifierError",
    "Sandbox",
    "SandboxNotActiveError",
    "StrictVerifier",
    "SwallowedViolationError",
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
    "strict",
]

memcache: MemcachePlugin
"""The plugin of the test that is running; `NoActiveVerifierError` where none is."""

make_usable(__name__)
