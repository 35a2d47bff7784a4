"""Mocks pymemcache: `MemcachePlugin`, `MISS`, `Raw`, `Item` and `FAULTS`."""

from __future__ import annotations

import functools
from contextlib import contextmanager
from typing import (
    Any,
    Callable,
    Dict,
    Iterator,
    Optional,
    Sequence,
    Tuple,
    TypeVar,
    cast,
)

from tripwire._callsite import registered
from tripwire._inert import InertCopies
from tripwire._mocks import Mock
from tripwire._plugin import MissingMock
from tripwire._timeline import AtOnce, Interaction
from tripwire._verifier import StrictVerifier
from tripwire.plugins._memcache.answers import Answers
from tripwire.plugins._memcache.asserting import mocked
from tripwire.plugins._memcache.asserting.assertions import Assertions, refuse_two_names
from tripwire.plugins._memcache.asserting.families import DEFAULTS, helpers_for
from tripwire.plugins._memcache.commands import NAME, OF_MOCKS, Command, callsites, installed
from tripwire.plugins._memcache.patching.around import around
from tripwire.plugins._memcache.patching.interception import interception
from tripwire.plugins._memcache.patching.nodes import Nodes
from tripwire.plugins._memcache.replying.reply import MISS, Raw
from tripwire.plugins._memcache.rounds.faults import FAULTS
from tripwire.plugins._memcache.store.holding import Item
from tripwire.plugins._memcache.store.stopgap import Stopgap
from tripwire.plugins._memcache.store.store import Store
from tripwire.plugins._memcache.world import Raises, World, exception_of

__all__ = ["FAULTS", "MISS", "Item", "MemcachePlugin", "Raw", "Store"]

Method = TypeVar("Method", bound=Callable[..., Any])

_LEFT_OUT: Any = object()

_WORDS_OF_MOCK = {
    "return_value": "return_value= of unittest.mock is returns= here",
    "side_effect": "side_effect= of unittest.mock is raises= here for an exception; several "
    "replies are several mocks, which answer in the order of their registration",
}


def _keywords_only(method: Method) -> Method:
    """Refuse a reply that is given by position or by a word of unittest.mock, and say its name."""

    @functools.wraps(method)
    def checked(self: MemcachePlugin, *args: Any, **named: Any) -> Any:
        if len(args) > 1:
            raise TypeError(
                f"{method.__name__}({args[0]!r}, ...) takes its reply by name: returns=..., or "
                "raises=... for an exception"
            )
        for word in _WORDS_OF_MOCK.keys() & named.keys():
            raise TypeError(_WORDS_OF_MOCK[word])
        refuse_two_names(method.__name__, args, named)
        return method(self, *args, **named)

    return cast(Method, checked)


class MemcachePlugin(InertCopies, World, Assertions):
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
        strict_fields: whether what an assertion or expectation leaves out has to be as if the call
            had left it out, too: `noreply` as the client's `default_noreply` has it, `flags` None.
            `unittest.mock.ANY` waives a field. What never reaches the server (`default`) is left
            alone.

    Raises:
        ValueError: the verifier has a `MemcachePlugin` already, or an option has no such value.
        ImportError: pymemcache is not installed.
    """

    name = _pickled_as = NAME

    def __init__(
        self,
        verifier: StrictVerifier,
        *,
        impossible_replies: str = "refuse",
        strict_fields: bool = False,
    ) -> None:
        if impossible_replies not in ("refuse", "allow"):
            raise ValueError(
                f"impossible_replies must be 'refuse' or 'allow', not {impossible_replies!r}"
            )
        if type(strict_fields) is not bool:
            raise ValueError(f"strict_fields must be True or False, not {strict_fields!r}")
        self.strict_fields = strict_fields
        self.commands = installed()
        self.verifier = verifier
        self.answers = Answers(verifier, Nodes(), judges=impossible_replies == "refuse", steps=[])
        self.callsites = callsites()
        self.patches, self.guards = (interception(), around()), (interception(),)
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
            required: whether `UnusedMocksError` is raised if it does not answer all its calls (one
                of them where `times` is None).
            times: how many calls it answers; None for any number.
            **fields: values that the call's fields must equal (`key="user:7"`), under the
                parameter names of the client's method; `server=` for the server. A field called
                `command` is `command_` here.

        Raises:
            ValueError: no such command, or `times` is no positive int, or a `MISS` or `Raw` stands
                where it means nothing.
            ImpossibleReplyError: no call of the command could ever return that.
            TypeError: `returns` is missing, or something is of a wrong type, or no such field.
        """
        self._register(self.commands.named(command), returns, raises, required, times, fields)

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
        found = self.commands.named(command)
        found.require({**DEFAULTS[helpers_for(found)[0]], **fields}, "expect")
        fields = self.completed(found, helpers_for(found)[0], fields)
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
        command.check_fields(fields, OF_MOCKS)
        method = "expect" if expected else "mock_command"
        if raises is None:
            error = None
            self._check_reply(method, command, returns)
        else:
            error = exception_of(raises)
            if returns is not _LEFT_OUT and returns is not None:
                raise TypeError(
                    f"{method}({command.name!r}) takes returns=... or raises=..., not both"
                )
            returns = None
        self.answers.queues.add(
            Mock(
                command.name,
                fields,
                returns=returns,
                raises=error,
                required=required,
                times=times,
                expected=expected,
                location=registered(),
                any_order=not self.verifier.order.counts,
            )
        )

    def _check_reply(self, method: str, command: Command, reply: Any) -> None:
        if reply is _LEFT_OUT:
            raise TypeError(f"{method}({command.name!r}) needs returns=... or raises=...")
        if reply is ...:
            raise TypeError(
                f"put the reply in the place of the dots: {method}({command.name!r}, returns=...)"
            )
        self.answers.mocking.check(command, reply)

    # --- what the verifier asks -------------------------------------------------------------------

    def stand_in(self, note: Callable[[MissingMock], None]) -> None:
        """From now on, have a store answer what nobody else does; note the missing mocks."""
        stopgap = Stopgap(self.answers, note)
        self.answers.stopgap = stopgap.answer
        # There it answers nothing: it sees which calls no mock answers, but an outage does.
        before = self.answers.answerers.index(self.answers.outages.answer)
        self.answers.answerers.insert(before, stopgap.spare)

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
        """Take back what is left of the mocks that were registered since `mark()` gave that."""
        self.answers.queues.withdraw_since(mark)

    def at_once(self, interactions: Sequence[Interaction]) -> Optional[AtOnce]:
        """The assertions of what the store holds, where they settle some of these interactions."""
        store = self.answers.store
        return None if store is None else store.at_once(interactions)

    def why_open(self, interaction: Interaction) -> Sequence[str]:
        """Why the assertions of `at_once` leave an interaction open: a sentence each."""
        store = self.answers.store
        return () if store is None else store.why_open(interaction)

    def unused(self, mock: Mock, timeline: Sequence[Interaction]) -> Sequence[str]:
        """What may explain that a mock was not used: a sentence each."""
        if mock.spelled:
            return self.answers.unused(mock, timeline)
        return self.not_sent(mock.command)

    def hints(self) -> Sequence[str]:
        """What may explain that the test fails: a text each."""
        store = self.answers.store
        return () if store is None else store.hints()

    def nothing_sent(self) -> None:
        """Note the methods of the client in whose place there are mocks of `unittest.mock`."""
        self.answers.note_mocks(self.commands)

    def not_sent(self, command: str) -> Sequence[str]:
        """Notes on the calls of a command that ended before the wire: a sentence each."""
        noted = self.answers.not_sent(command)
        if noted or command not in self.commands:
            return noted
        return mocked.notes(self.commands.named(command).method)
