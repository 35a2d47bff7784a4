"""Mocks pymemcache: `MemcachePlugin`, and `MISS`."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Callable, Dict, List, NoReturn, Optional, Sequence, Tuple, Type, Union

from tripwire import _messages
from tripwire._callsite import registered
from tripwire._mocks import Mock, Queues
from tripwire._plugin import Paste
from tripwire._timeline import Interaction, Location
from tripwire._unmocked import Unanswered, unmocked
from tripwire._verifier import Inert, StrictVerifier
from tripwire.errors import (
    ImpossibleReplyError,
    ImpossibleReplyMetError,
    UnmockedInteractionError,
    ViolationError,
)
from tripwire.plugins._memcache import helpers
from tripwire.plugins._memcache.assertions import Assertions, check_fields, require
from tripwire.plugins._memcache.commands import NAME, Command, installed
from tripwire.plugins._memcache.interception import interception
from tripwire.plugins._memcache.replies import MISS, refused_always, refused_now
from tripwire.plugins._memcache.verdicts import Call

__all__ = ["MISS", "MemcachePlugin"]

Raises = Union[BaseException, Type[BaseException], None]

_LEFT_OUT: Any = object()
_NOTES = 3
"""How many calls of a command that sent nothing are kept for the report of an unused mock."""


class MemcachePlugin(Assertions):
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
        super().__init__(verifier, installed())
        self.callsites = interception().callsites
        self.patches = (interception(),)
        self._judges = impossible_replies == "refuse"
        self._queues = Queues()
        self._unsent: Dict[str, List[str]] = defaultdict(list)
        verifier.register(self)

    # --- registering ----------------------------------------------------------------------------

    def mock_command(
        self,
        command: str,
        *,
        returns: Any = _LEFT_OUT,
        raises: Raises = None,
        required: bool = True,
        times: Optional[int] = 1,
        **fields: Any,
    ) -> None:
        """Register one reply, at the end of the command's own first-in, first-out queue.

        Args:
            command: the command's name, such as `"GET"`, in any case.
            returns: what the caller of the command gets; `MISS` for what the client makes of a
                server that holds nothing. May be left out where `raises` is given.
            raises: an exception, or a class of one, that happens on the wire instead.
            required: whether `UnusedMocksError` is raised if it does not answer all its calls.
            times: how many calls it answers; None for any number.
            **fields: values that the call's fields must equal (`key="user:7"`), under the
                parameter names of the client's method; `server=` for the server. A field called
                `command` is `command_` here.

        Raises:
            ValueError: no such command, or `times` is not positive.
            ImpossibleReplyError: no call of the command could ever return that.
            TypeError: `returns` is missing, or something is of a wrong type, or no such field.
        """
        self._register(self._commands.named(command), returns, raises, required, times, fields)

    def expect(
        self,
        command: str,
        *,
        returns: Any = _LEFT_OUT,
        raises: Raises = None,
        required: bool = True,
        times: Optional[int] = 1,
        **fields: Any,
    ) -> None:
        """Register a mock that is its own assertion: the calls it answers count as asserted.

        Takes what `mock_command` takes, and every required field of the command; `expire` is 0 and
        a counter's `value` is 1 unless given.

        Raises:
            MissingAssertionFieldsError: a required field is missing.
            ValueError, TypeError, ImpossibleReplyError: as in `mock_command`.
        """
        found = self._commands.named(command)
        helper = helpers.helpers_for(found)[0]
        fields = {**helpers.DEFAULTS[helper], **fields}
        require(found, "expect", fields)
        self._register(found, returns, raises, required, times, fields, expected=True)

    def _register(
        self,
        command: Command,
        returns: Any,
        raises: Raises,
        required: bool,
        times: Optional[int],
        fields: Dict[str, Any],
        expected: bool = False,
    ) -> None:
        if times is not None and (type(times) is not int or times < 1):
            raise ValueError(f"times must be a positive int, or None for any number, not {times!r}")
        check_fields(command, fields)
        error = None
        if raises is not None:
            returns, error = None, _exception(raises)
        elif returns is _LEFT_OUT:
            raise TypeError(_messages.nothing_to_return(command.name))
        else:
            self._check_reply(command, returns)
        self._queues.add(
            Mock(command.name, fields, returns, error, required, times, expected, registered())
        )

    def _check_reply(self, command: Command, reply: Any) -> None:
        possible = refused_always(command.name, reply)
        if possible is None:
            return
        if reply is MISS:
            raise ValueError(_messages.no_miss(command.name))
        if self._judges:
            raise ImpossibleReplyError(
                _messages.impossible(command.name, reply, possible),
                command=command.name,
                reply=reply,
                possible=possible,
            )

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
        notes = self._unsent[command.name]
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

    def paste(self, interaction: Interaction) -> Paste:
        """The line of a test that asserts an interaction, strictly."""
        return helpers.paste(self._commands.named(interaction.command), interaction.fields)

    def instead(self, command: str) -> Sequence[str]:
        """Which calls of a command ended before the wire, and why: a sentence each."""
        return self._unsent.get(command, ())

    def __reduce__(self) -> Tuple[Callable[[str], Inert], Tuple[str]]:
        """A failing subTest pickles its test case; what comes out is a record that says so."""
        return Inert, (self.name,)


def _exception(raises: Any) -> BaseException:
    if isinstance(raises, BaseException):
        return raises
    if isinstance(raises, type) and issubclass(raises, BaseException):
        return raises()
    raise TypeError(f"raises must be an exception or a class of one, not {raises!r}")
