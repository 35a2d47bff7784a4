"""Mocks pymemcache: `MemcachePlugin`, `MISS`, `Raw`, and `Item`."""

from __future__ import annotations

import functools
from contextlib import contextmanager
from typing import (
    Any,
    Callable,
    ContextManager,
    Dict,
    Iterable,
    Iterator,
    Mapping,
    Optional,
    Sequence,
    Tuple,
    TypeVar,
    Union,
    cast,
)

from tripwire._callsite import registered
from tripwire._mocks import Mock
from tripwire._timeline import AtOnce, Interaction
from tripwire._verifier import Inert, StrictVerifier
from tripwire.plugins._memcache.answers import Answers
from tripwire.plugins._memcache.commands import NAME, Command, callsites, installed
from tripwire.plugins._memcache.families import DEFAULTS, helpers_for
from tripwire.plugins._memcache.holding import Item
from tripwire.plugins._memcache.interception import interception
from tripwire.plugins._memcache.nodes import Nodes
from tripwire.plugins._memcache.replying.reply import MISS, Raw
from tripwire.plugins._memcache.store import Store
from tripwire.plugins._memcache.world import Raises, World, exception_of

__all__ = ["MISS", "Item", "MemcachePlugin", "Raw", "Store"]

Key = Union[str, bytes]
Method = TypeVar("Method", bound=Callable[..., Any])

_LEFT_OUT: Any = object()

_WORDS_OF_MOCK = {
    "return_value": "return_value= of unittest.mock is returns= here",
    "side_effect": "side_effect= of unittest.mock is raises= here for an exception; several "
    "replies are several mocks, which answer in the order of their registration",
}


def _keywords_only(method: Method) -> Method:
    """Say what a reply is called, to whom gives it by position or in the words of unittest.mock."""

    @functools.wraps(method)
    def checked(self: MemcachePlugin, *args: Any, **named: Any) -> Any:
        if len(args) > 1:
            raise TypeError(
                f"{method.__name__}({args[0]!r}, ...) takes its reply by name: returns=..., or "
                "raises=... for an exception"
            )
        for word in _WORDS_OF_MOCK.keys() & named.keys():
            raise TypeError(_WORDS_OF_MOCK[word])
        return method(self, *args, **named)

    return cast(Method, checked)


class MemcachePlugin(World):
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
        impossible_replies: `"refuse"`, or `"allow"` to take any reply, and give it as it is.

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
        self._commands = installed()
        self.verifier = verifier
        self.answers = Answers(verifier, Nodes(), judges=impossible_replies == "refuse", steps=[])
        self.callsites = callsites()
        self.patches = (interception(),)
        verifier.register(self)

    # --- mocks ------------------------------------------------------------------------------------

    @_keywords_only
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
                server that holds nothing; `Raw(b"...", flags=0)`, also inside a reply, for what it
                makes of these bytes. May be left out, or None, where `raises` is given.
            raises: an exception that happens on the wire instead, or a class of one that can be
                built without arguments.
            required: whether `UnusedMocksError` is raised if it does not answer all its calls.
            times: how many calls it answers; None for any number.
            **fields: values that the call's fields must equal (`key="user:7"`), under the
                parameter names of the client's method; `server=` for the server. A field called
                `command` is `command_` here.

        Raises:
            ValueError: no such command, or `times` is not positive, or a `MISS` or `Raw` stands
                where it means nothing.
            ImpossibleReplyError: no call of the command could ever return that.
            TypeError: `returns` is missing, or something is of a wrong type, or no such field.
        """
        self._register(self._commands.named(command), returns, raises, required, times, fields)

    @_keywords_only
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
        fields = {**DEFAULTS[helpers_for(found)[0]], **fields}
        found.require(fields, "expect")
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
        command.check_fields(fields)
        if raises is None:
            error = None
            self._check_reply(command, returns)
        else:
            error = exception_of(raises)
            if returns is not _LEFT_OUT and returns is not None:
                raise TypeError(
                    f"mock_command({command.name!r}) takes returns=... or raises=..., not both"
                )
            returns = None
        self.answers.queues.add(
            Mock(command.name, fields, returns, error, required, times, expected, registered())
        )

    def _check_reply(self, command: Command, reply: Any) -> None:
        if reply is _LEFT_OUT:
            raise TypeError(f"mock_command({command.name!r}) needs returns=... or raises=...")
        if reply is ...:
            raise TypeError(
                "put the reply in the place of the dots: "
                f"mock_command({command.name!r}, returns=...)"
            )
        self.answers.mocking.check(command, reply)

    # --- assertions -------------------------------------------------------------------------------

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
        found.check_fields(fields)
        found.require(fields, "assert_command")
        self.verifier.assert_next(found.names, fields, found.name)

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
            raise ValueError(
                f"{helper} does not assert {found.name}; "
                f"use {accepted[0]}(command={found.name!r}, ...)"
            )
        found.check_fields(fields)
        self.verifier.assert_next(found.names, fields, found.name)

    # --- what the verifier asks -------------------------------------------------------------------

    def report_unused(self) -> Tuple[Mock, ...]:
        """The required mocks that were not used, each reported once."""
        return self.answers.queues.report_unused()

    @contextmanager
    def round(self) -> Iterator[None]:
        """Have what happens inside meet queues of its own; see `StrictVerifier.round`."""
        self.put_back()
        outer, self.answers = self.answers, self.answers.anew()
        try:
            yield
        finally:
            self.answers = outer
            self.put_back()

    def put_back(self) -> None:
        """Undo what faults have done to clients that outlive the test."""
        self.answers.nodes.put_back()

    def mark(self) -> int:
        """How many mocks were registered so far."""
        return len(self.answers.queues.all)

    def withdraw_since(self, mark: int) -> None:
        """Take back what is left of the mocks that were registered after that many."""
        self.answers.queues.withdraw_since(mark)

    def at_once(self, interactions: Sequence[Interaction]) -> Optional[AtOnce]:
        """What the store holds, where that asserts some of these open interactions."""
        store = self.answers.store
        return None if store is None else store.at_once(interactions)

    def hints(self) -> Sequence[str]:
        """What may explain that the test fails: a text each."""
        store = self.answers.store
        return () if store is None else store.hints()

    def not_sent(self, command: str) -> Sequence[str]:
        """Notes on the calls of a command that ended before the wire: a sentence each."""
        return self.answers.not_sent(command)

    def __reduce__(self) -> Tuple[Callable[[str], Inert], Tuple[str]]:
        """A failing subTest pickles its test case; what comes out is a record that says so."""
        return Inert, (self.name,)
