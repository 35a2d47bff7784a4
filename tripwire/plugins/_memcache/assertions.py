"""The `assert_` helpers of the plugin: one for each family of commands, and one for any."""

from __future__ import annotations

from typing import Any, ContextManager, Dict, Iterable, Mapping, Union

from tripwire import _messages
from tripwire._verifier import StrictVerifier
from tripwire.errors import MissingAssertionFieldsError
from tripwire.plugins._memcache.commands import NAME, Command, Commands, held_by_clients
from tripwire.plugins._memcache.helpers import helpers_for

Key = Union[str, bytes]


class Assertions:
    """What `MemcachePlugin` asserts: the next interaction of its verifier."""

    verifier: StrictVerifier
    _commands: Commands

    def assert_get(self, command: str, key: Key, **fields: Any) -> None:
        """Assert the next interaction: a read of one key (GET, GETS), or a DELETE.

        As all helpers, it takes further fields of the command, and `server=("host", port)`, as
        keywords: given, they are compared; left out, they are not.

        Raises:
            InteractionMismatchError: the next interaction is another, or there is none.
            AssertionInsideSandboxError: a sandbox of this verifier is open.
            ValueError: the command belongs to another helper.
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

    def assert_command(self, command: str, **fields: Any) -> None:
        """Assert the next interaction, of any command, by its fields.

        Raises:
            MissingAssertionFieldsError: a required field of the command is left out.
            InteractionMismatchError, AssertionInsideSandboxError, TypeError: as `assert_get`.
        """
        found = self._commands.named(command)
        check_fields(found, fields)
        require(found, "assert_command", fields)
        self._assert_next(found, fields)

    def assert_no_calls(self) -> None:
        """Assert that nothing reached memcached. Raises `InteractionMismatchError`."""
        self.verifier.assert_none(NAME)

    def in_any_order(self) -> ContextManager[None]:
        """`StrictVerifier.in_any_order`, where the mocks are at hand and the verifier is not."""
        return self.verifier.in_any_order()

    def _assert(self, helper: str, command: str, fields: Dict[str, Any]) -> None:
        found = self._commands.named(command)
        accepted = helpers_for(found)
        if helper not in accepted:
            raise ValueError(_messages.wrong_helper(helper, found.name, accepted[0]))
        check_fields(found, fields)
        self._assert_next(found, fields)

    def _assert_next(self, command: Command, expected: Dict[str, Any]) -> None:
        self.verifier.assert_next(command.names, expected, command.name)


def check_fields(command: Command, fields: Dict[str, Any]) -> None:
    """Refuse a field that the command does not have. `TypeError`, naming those that it has.

    A server that is spelled as text becomes what clients hold (`"north:11211"`, a pair).
    """
    for name in fields:
        if name not in command.fields and name != "server":
            raise TypeError(_messages.unknown_field(command.name, name, command.fields))
    if type(fields.get("server")) is str:
        fields["server"] = held_by_clients(fields["server"])


def require(command: Command, helper: str, fields: Mapping[str, Any]) -> None:
    """Refuse to do without a required field. `MissingAssertionFieldsError`."""
    missing = tuple(name for name in command.required if name not in fields)
    if missing:
        raise MissingAssertionFieldsError(
            _messages.missing_fields(helper, command.name, missing),
            command=command.name,
            missing=missing,
        )
