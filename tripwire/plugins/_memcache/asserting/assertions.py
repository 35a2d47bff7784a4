"""What a test asserts about its calls of memcached."""

from __future__ import annotations

import functools
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    Dict,
    Iterable,
    Mapping,
    NoReturn,
    Sequence,
    TypeVar,
    Union,
    cast,
)

from tripwire._any_order import AnyOrder
from tripwire._assertions import Wanted
from tripwire._verifier import StrictVerifier
from tripwire.plugins._memcache.asserting import missing
from tripwire.plugins._memcache.asserting.families import DEFAULTS, helpers_for
from tripwire.plugins._memcache.asserting.mocked import wanted_by
from tripwire.plugins._memcache.commands import NAME, Command, Commands, installed
from tripwire.report.values import short

Key = Union[str, bytes]
Method = TypeVar("Method", bound=Callable[..., Any])


def refuse_two_names(method: str, args: Sequence[Any], named: Mapping[str, Any]) -> None:
    """Refuse `command=` beside the command: RAW_COMMAND has a field of that name."""
    if args and "command" in named:
        raise TypeError(
            f"{method}({args[0]!r}, ...) has the command's name already: "
            f"the field of that name is command_={short(named['command'])} here"
        )


def _once_named(method: Method) -> Method:
    """Have a method refuse `command=` beside the command."""

    @functools.wraps(method)
    def checked(self: Assertions, *args: Any, **named: Any) -> Any:
        refuse_two_names(method.__name__, args, named)
        return method(self, *args, **named)

    return cast(Method, checked)


class Assertions:
    """The part of `MemcachePlugin` that asserts.

    Attributes: `verifier`, `commands` (of the installed client), `strict_fields` (whether what is
    left out is compared).
    """

    verifier: StrictVerifier
    commands: Commands
    strict_fields: bool

    def assert_get(self, command: str, key: Key, **fields: Any) -> None:
        """Assert the next interaction: a read of one key (GET, GETS), or a DELETE.

        Like all helpers, it takes further fields of the command, and `server=("host", port)`, as
        keywords: given, they are compared; left out, they are not.

        Raises:
            InteractionMismatchError: the next interaction is another, or there is none.
            AssertionInsideSandboxError: a sandbox of this verifier is open.
            ValueError: no such command, or one that belongs to another helper.
            TypeError: the command has no such field.
        """
        self._assert("assert_get", command, {"key": key, **fields})

    def assert_set(
        self, command: str, key: Key, value: Any, expire: int = 0, **fields: Any
    ) -> None:
        """Assert the next interaction: a write (SET, ADD, REPLACE, CAS, APPEND, PREPEND).

        `value` is what was given to the client, before its serde; `expire` is in seconds, 0 for
        never, more than 30 days for an absolute Unix time. Raises as `assert_get`.
        """
        self._assert(
            "assert_set", command, {"key": key, "value": value, "expire": expire, **fields}
        )

    def assert_delete(self, command: str, key: Key, **fields: Any) -> None:
        """Assert the next interaction: a DELETE. Raises as `assert_get`."""
        self._assert("assert_delete", command, {"key": key, **fields})

    def assert_incr(self, command: str, key: Key, value: int = 1, **fields: Any) -> None:
        """Assert the next interaction: an INCR or DECR by `value`. Raises as `assert_get`."""
        self._assert("assert_incr", command, {"key": key, "value": value, **fields})

    def assert_get_many(self, command: str, keys: Iterable[Key], **fields: Any) -> None:
        """Assert the next interaction: a read of many keys (GET_MANY, GETS_MANY, GET_MULTI).

        `keys` are those of the request, in its order. Raises as `assert_get`.
        """
        self._assert("assert_get_many", command, {"keys": keys, **fields})

    def assert_set_many(
        self, command: str, values: Mapping[Any, Any], expire: int = 0, **fields: Any
    ) -> None:
        """Assert the next interaction: a write of many keys (SET_MANY, SET_MULTI).

        `expire` is in seconds, as in `assert_set`. Raises as `assert_get`.
        """
        self._assert("assert_set_many", command, {"values": values, "expire": expire, **fields})

    def assert_delete_many(self, command: str, keys: Iterable[Key], **fields: Any) -> None:
        """Assert the next interaction: a DELETE_MANY or DELETE_MULTI. Raises as `assert_get`."""
        self._assert("assert_delete_many", command, {"keys": keys, **fields})

    def assert_cas(
        self,
        command: str,
        key: Key,
        value: Any,
        cas: Union[int, str, bytes],
        expire: int = 0,
        **fields: Any,
    ) -> None:
        """Assert the next interaction: a CAS with the token `cas`, as it was passed.

        `expire` is in seconds, as in `assert_set`. Raises as `assert_get`.
        """
        self._assert(
            "assert_cas",
            command,
            {"key": key, "value": value, "cas": cas, "expire": expire, **fields},
        )

    def assert_touch(self, command: str, key: Key, expire: int = 0, **fields: Any) -> None:
        """Assert the next interaction: a TOUCH; `expire` in seconds. Raises as `assert_get`."""
        self._assert("assert_touch", command, {"key": key, "expire": expire, **fields})

    @_once_named
    def assert_command(self, command: str, **fields: Any) -> None:
        """Assert the next interaction, of any command, by its fields.

        Raises:
            MissingAssertionFieldsError: a required field of the command is left out.
            InteractionMismatchError, AssertionInsideSandboxError, TypeError: as `assert_get`.
        """
        found = self.commands.named(command)
        found.check_fields(fields)
        found.require(fields, "assert_command")
        self._assert_one(found, "assert_command", fields)

    def assert_calls(self, *calls: Any) -> None:
        """Assert all open interactions, in order, by calls of `unittest.mock`.

        `assert_calls(call.get("k"), call.set("k", b"v", expire=60))`: each call as the code under
        test makes it. The whole call counts, as with `strict_fields`. All are asserted, or none.

        Raises:
            InteractionMismatchError: the open interactions are others, or more, or fewer.
            AssertionInsideSandboxError: a sandbox of this verifier is open.
            TypeError: something is no `call.<command>(...)`, or the command takes no such argument.
            ValueError: no such command.
        """
        self.verifier.assert_all([wanted_by(call, self.commands) for call in calls])

    def assert_no_calls(self) -> None:
        """Assert that nothing reached memcached. Raises `InteractionMismatchError`."""
        self.verifier.assert_none(NAME)

    def in_any_order(self) -> AnyOrder:
        """`StrictVerifier.in_any_order`, where the mocks are at hand and the verifier is not."""
        return self.verifier.in_any_order()

    def _assert(self, helper: str, command: str, fields: Dict[str, Any]) -> None:
        found = self._command(helper, command, fields)
        accepted = helpers_for(found)
        if helper not in accepted:
            raise ValueError(
                f"{helper} does not assert {found.name}; "
                f"use {accepted[0]}(command={found.name!r}, ...)"
            )
        found.check_fields(fields)
        self._assert_one(found, helper, fields)

    def _command(self, helper: str, command: Any, fields: Mapping[str, Any]) -> Command:
        """The command; a `ValueError` where it and the first field are in each other's place."""
        try:
            return self.commands.named(command)
        except (TypeError, ValueError):
            first = next(iter(fields.values()))
            if first not in self.commands:
                raise
        raise ValueError(f"{helper} takes the command first: {helper}({first!r}, {short(command)})")

    def _assert_one(self, command: Command, helper: str, fields: Dict[str, Any]) -> None:
        whole = self.completed(command, helper, fields)
        # `completed` puts what was left out behind what was given.
        filled = tuple(whole)[len(fields) :]
        self.verifier.assert_next(Wanted(command.name, command.names, whole, filled))

    def completed(self, command: Command, helper: str, fields: Dict[str, Any]) -> Dict[str, Any]:
        """All fields to compare: those that are given, and behind them those that are left out.

        These are compared with the helper's defaults, and with `strict_fields` with the command's.
        """
        defaults = DEFAULTS[helper]
        if self.strict_fields:
            defaults = {**command.sent_defaults, **defaults}
        return {**fields, **{name: defaults[name] for name in defaults if name not in fields}}

    if not TYPE_CHECKING:  # pragma: no branch - it is False wherever something runs
        # For people, not for type checkers, which would take every name for one that exists.
        def __getattr__(self, name: str) -> NoReturn:
            """Say what a name is called here."""
            raise AttributeError(missing.text(name, installed(), dir(type(self))))
