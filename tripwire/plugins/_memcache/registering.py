"""Registering of mocks: `mock_command`, and `expect`."""

from __future__ import annotations

from typing import Any, Dict, Optional, Type, Union

from tripwire import _messages
from tripwire._callsite import registered
from tripwire._mocks import Mock, Queues
from tripwire.errors import ImpossibleReplyError
from tripwire.plugins._memcache import helpers
from tripwire.plugins._memcache.assertions import check_fields, require
from tripwire.plugins._memcache.commands import Command, Commands
from tripwire.plugins._memcache.replies import MISS, refused_always

Raises = Union[BaseException, Type[BaseException], None]

_LEFT_OUT: Any = object()


class Registering:
    """What `MemcachePlugin` lets a call be answered with: its mocks, and their queues."""

    def __init__(self, commands: Commands, *, judges: bool) -> None:
        self._commands = commands
        self._judges = judges
        self._queues = Queues()

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
        elif returns is ...:
            raise TypeError(_messages.reply_left_open(command.name))
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


def _exception(raises: Any) -> BaseException:
    if isinstance(raises, BaseException):
        return raises
    if isinstance(raises, type) and issubclass(raises, BaseException):
        return raises()
    raise TypeError(f"raises must be an exception or a class of one, not {raises!r}")
