"""Mocks pymemcache: `MemcachePlugin`, and `MISS`."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, NoReturn, Optional, Sequence, Tuple

from tripwire import _messages
from tripwire._mocks import Mock
from tripwire._plugin import Paste
from tripwire._timeline import Interaction, Location
from tripwire._unmocked import Unanswered, unmocked
from tripwire._verifier import Inert, StrictVerifier
from tripwire.errors import ImpossibleReplyMetError, UnmockedInteractionError, ViolationError
from tripwire.plugins._memcache import helpers
from tripwire.plugins._memcache.assertions import Assertions
from tripwire.plugins._memcache.commands import NAME, Command, installed
from tripwire.plugins._memcache.interception import interception
from tripwire.plugins._memcache.registering import Registering
from tripwire.plugins._memcache.replies import MISS, refused_now
from tripwire.plugins._memcache.verdicts import Call

__all__ = ["MISS", "MemcachePlugin"]

_NOTES = 3
"""How many calls of a command that sent nothing are kept for the report of an unused mock."""


class MemcachePlugin(Registering, Assertions):
    """Everything that one test says about memcached: its mocks and its assertions.

    >>> from pymemcache.client.base import Client
    >>> verifier = StrictVerifier()
    >>> memcache = MemcachePlugin(verifier)
    >>> memcache.mock_command("INCR", returns=8, key="views")
    >>> with verifier.sandbox():
    ...     Client(("localhost", 11211)).incr("views", 1)
    8
    >>> memcache.assert_incr("INCR", "views")
    >>> verifier.verify_all()

    Args:
        verifier: the verifier that the plugin records to; it can have one such plugin.
        impossible_replies: `"refuse"`, or `"allow"` to take any reply.

    Raises:
        ValueError: the verifier has a `MemcachePlugin` already, or `impossible_replies` is neither.
        ImportError: pymemcache is not installed.
    """

    name = NAME

    def __init__(self, verifier: StrictVerifier, *, impossible_replies: str = "refuse") -> None:
        if impossible_replies not in ("refuse", "allow"):
            raise ValueError(
                f"impossible_replies must be 'refuse' or 'allow', not {impossible_replies!r}"
            )
        super().__init__(installed(), judges=impossible_replies == "refuse")
        self.verifier = verifier
        self.callsites = interception().callsites
        self.patches = (interception(),)
        self._unsent: Dict[str, List[str]] = {}
        verifier.register(self)

    # --- in the sandbox: what the wire asks -------------------------------------------------------

    def take(
        self, command: Command, fields: Dict[str, Any], server: Any, location: Location
    ) -> Mock:
        """The mock that answers a call that has reached the wire; a violation where none does."""
        mock = self._queues.take(command.names, fields, server)
        if mock is None:
            self._unmocked(command, fields, server, location)
        mock.answered = location
        return mock

    def judge(self, mock: Mock, call: Call, command: Command, location: Location) -> None:
        """Refuse a reply that this call could not have got from the real client: a violation."""
        possible = refused_now(command.name, mock.returns, call) if self._judges else None
        if possible is not None:
            server = getattr(call.client, "server", None)
            facts = helpers.facts(command, call.fields)
            error = ImpossibleReplyMetError(
                _messages.impossible_now(mock, possible, facts, server, location),
                command=command.name,
                reply=mock.returns,
                possible=possible,
                fields=call.fields,
                server=server,
                location=location,
            )
            self.violated(error)
            raise error

    def violated(self, error: ViolationError) -> None:
        """Have the verifier remember a violation that is about to be raised."""
        self.verifier.violated(error)

    def not_sent(self, command: Command, error: Optional[BaseException]) -> None:
        """Note that a call ended before the wire, for the report of a mock that stays unused."""
        notes = self._unsent.setdefault(command.name, [])
        if len(notes) < _NOTES and not isinstance(error, ViolationError):
            notes.append(_messages.not_sent(command.name, error))

    def _unmocked(
        self, command: Command, fields: Dict[str, Any], server: Any, location: Location
    ) -> NoReturn:
        error = UnmockedInteractionError(
            unmocked(
                Unanswered(command.names, fields, server, location),
                helpers.facts(command, fields),
                helpers.offer(command, fields),
                self._queues.all,
            ),
            command=command.name,
            fields=fields,
            server=server,
            location=location,
        )
        self.violated(error)
        raise error

    # --- what the verifier asks -------------------------------------------------------------------

    def report_unused(self) -> Tuple[Mock, ...]:
        """The required mocks that were not used, each reported once."""
        return self._queues.report_unused()

    def mark(self) -> int:
        """How many mocks were registered so far."""
        return len(self._queues.all)

    def withdraw_since(self, mark: int) -> None:
        """Take back what is left of the mocks that were registered after that many."""
        self._queues.withdraw_since(mark)

    def paste(self, interaction: Interaction) -> Paste:
        """The line of a test that asserts an interaction, strictly."""
        return helpers.paste(self._commands.named(interaction.command), interaction.fields)

    def instead(self, command: str) -> Sequence[str]:
        """Which calls of a command ended before the wire, and why: a sentence each."""
        return self._unsent.get(command, ())

    def __reduce__(self) -> Tuple[Callable[[str], Inert], Tuple[str]]:
        """A failing subTest pickles its test case; what comes out is a record that says so."""
        return Inert, (self.name,)
