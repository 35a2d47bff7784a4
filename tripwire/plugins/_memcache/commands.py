"""The table of commands, read off the installed `pymemcache.client.base.Client`."""

from __future__ import annotations

import difflib
import inspect
import operator
import os
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from types import FunctionType
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Tuple, cast

from tripwire._callsite import CallSites
from tripwire.errors import MissingAssertionFieldsError
from tripwire.plugins._memcache.comparing import NO_ARGUMENTS
from tripwire.plugins._memcache.snapshot import as_keys

NAME = "memcache"
"""What the plugin is called in its verifier, and as an attribute of tripwire."""

_BASE = "pymemcache.client.base"
"""The module of the class `Client`."""

AROUND = {
    "HashClient": (
        *("_run_cmd", "set_many", "set_multi", "get_many", "get_multi"),
        *("delete_many", "delete_multi", "flush_all", "quit"),
    ),
    "RetryingClient": ("_retry",),
}
"""The classes whose objects call several commands in turn, and the methods that do so."""

LOCAL = frozenset({"check_key", "close", "disconnect_all"})
"""The public methods of `Client` that talk to no server."""

OF_MOCKS = ("returns", "raises", "required", "times")
"""What `mock_command` and `expect` take beside the fields of a command."""

RESERVED = frozenset({"command", *OF_MOCKS, *NO_ARGUMENTS})
"""What `mock_command` calls its own parameters: a field of such a name gets an underscore."""

NEVER_SENT = frozenset({"default", "cas_default", "end_tokens"})
"""The fields that only the client itself reads: the request is the same without them."""


class Command:
    """One command: what it is called, and what it takes.

    Attributes: `name` (upper case), `method`, `names` (its own and its aliases', own first),
    `fields` (in the order of the signature), `defaults`, `required` (the fields without one),
    `sent_defaults` (the defaults of those that make a difference to the request), `takes_keys` and
    `takes_values` (whether there is a field of many keys, or of many items), `may_be_noreply`
    (whether there is a field `noreply`).
    """

    def __init__(self, method: str, names: Tuple[str, ...], signature: inspect.Signature) -> None:
        self.name = method.upper()
        self.method = method
        self.names = names
        self._signature = signature
        self._parameters = {
            name: name + "_" if name in RESERVED else name
            for name in list(signature.parameters)[1:]
        }
        parameters = [signature.parameters[name] for name in self._parameters]
        self.fields = tuple(self._parameters.values())
        self.defaults: Dict[str, Any] = {
            self._parameters[parameter.name]: _default(parameter)
            for parameter in parameters
            if _default(parameter) is not inspect.Parameter.empty
        }
        self.required = tuple(name for name in self.fields if name not in self.defaults)
        self.sent_defaults = {
            name: value for name, value in self.defaults.items() if name not in NEVER_SENT
        }
        self._simple = all(
            parameter.kind is parameter.POSITIONAL_OR_KEYWORD for parameter in parameters
        ) and self.fields == tuple(self._parameters)
        self.takes_keys = "keys" in self.fields
        self.takes_values = "values" in self.fields
        self.may_be_noreply = "noreply" in self.defaults
        self._template = {name: self.defaults.get(name) for name in self.fields}

    def bind(self, args: Tuple[Any, ...], kwargs: Mapping[str, Any]) -> Dict[str, Any]:
        """The fields of a call that the method has accepted, in the order of its signature."""
        if self._simple:
            fields = self._template.copy()
            fields.update(zip(self.fields, args))
            if kwargs:
                fields.update(kwargs)
            return fields
        bound = self._signature.bind(None, *args, **kwargs)
        bound.apply_defaults()
        return {field: bound.arguments[name] for name, field in self._parameters.items()}

    def given(self, args: Tuple[Any, ...], kwargs: Mapping[str, Any]) -> Dict[str, Any]:
        """The fields of a call that are written out. `TypeError` where the method takes no such."""
        arguments = self._signature.bind(None, *args, **kwargs).arguments
        return {
            field: arguments[name] for name, field in self._parameters.items() if name in arguments
        }

    def check_fields(self, fields: Dict[str, Any], beside: Tuple[str, ...] = ()) -> None:
        """Check the fields that a test gives, and bring them into the form that calls have.

        The dict itself is changed: a server given as text (`"north:11211"`) becomes the pair that
        clients hold, a prefix of keys becomes bytes, and keys that may be readable only once are
        read.

        Raises `TypeError` for a field that the command does not have; it names those that it has,
        and `beside` them the other parameters of whoever was given the fields.
        """
        for name in fields:
            if name not in self.fields and name not in NO_ARGUMENTS:
                has = ", ".join(self.fields) or "none"
                raise TypeError(
                    f"{self.name} has no field {name!r}; its fields are: {has}; "
                    f"beside them: {', '.join((*beside, *NO_ARGUMENTS))}"
                )
        if type(fields.get("server")) is str:
            fields["server"] = held_by_clients(fields["server"])
        if type(fields.get("key_prefix")) is str:
            fields["key_prefix"] = fields["key_prefix"].encode("ascii")
        if "keys" in fields:
            fields["keys"] = as_keys(fields["keys"])

    def require(self, fields: Mapping[str, Any], asked_by: str) -> None:
        """Raise `MissingAssertionFieldsError` where a required field is missing."""
        missing = tuple(name for name in self.required if name not in fields)
        if missing:
            wanted = ", ".join(f"{name}=..." for name in missing)
            raise MissingAssertionFieldsError(
                f"{asked_by}({self.name!r}) lacks required fields of the command: {wanted}",
                command=self.name,
                missing=missing,
            )


class Commands:
    """All commands of the installed client, by their names."""

    def __init__(self, client: type) -> None:
        # A copy is one step: another thread may be patching the class meanwhile.
        found = {
            name: member
            for name, member in vars(client).copy().items()
            if callable(member) and not name.startswith("_") and name not in LOCAL
        }
        if not all(map(is_clients_own, found.values())):
            written = vars(_as_written())
            found.update((name, written[name]) for name in found if name in written)
        self._commands = {
            name.upper(): Command(name, _aliases(name, found), _signature(member))
            for name, member in found.items()
        }

    def __iter__(self) -> Iterator[Command]:
        return iter(self._commands.values())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.upper() in self._commands

    def named(self, name: Any) -> Command:
        """The command of a name in any case.

        Raises `ValueError` where there is none, naming the closest one; `TypeError` for no `str`.
        """
        if not isinstance(name, str):
            raise TypeError(f"command must be a str such as 'GET', not {type(name).__name__}")
        command = self._commands.get(name.upper())
        if command is None:
            raise ValueError(self._unknown(name))
        return command

    def _unknown(self, name: str) -> str:
        if name.lower() in LOCAL:
            return f"{name!r} is no command: the client sends nothing for it, and it needs no mock"
        if not any(map(str.isalnum, name)):
            return (
                f"{name!r} is no command, and no mock answers all of them: store() does, and in "
                "`with outage():` all of them fail"
            )
        closest = difflib.get_close_matches(name.upper(), self._commands, 1, 0)
        hint = [f"; the closest one is {each!r}" for each in closest]
        return "".join([f"{name!r} is not a command of pymemcache's Client", *hint])


# --- which classes they are read off ----------------------------------------------------------


@cache
def installed() -> Commands:
    """The commands of the pymemcache that is installed. `ImportError` where none is."""
    return Commands(clients()[-1])


def clients() -> Tuple[type, ...]:
    """Every `Client` class of pymemcache in this process, the newest last.

    Found by what they are, whatever stands at their name just now: a mock, a wrapper, a subclass.
    There are several after `importlib.reload`, and old instances go on using the old one.
    """
    try:
        import pymemcache.client.base as base
    except ImportError as error:
        raise ImportError(
            "MemcachePlugin needs pymemcache: pip install 'python-tripwire[pymemcache]'"
        ) from error
    # Looking through all classes takes a while, and there is something new only where the module
    # has been executed anew, or where somebody has replaced a class in it.
    seen = base, vars(base).get("Client"), vars(base).get("PooledClient")
    if not all(map(operator.is_, seen, _last_look.seen)):
        classes = object.__subclasses__()
        _last_look.clients = tuple(filter(_is_client, classes))
        _last_look.around = tuple(filter(_is_around, classes))
        _last_look.seen = seen
    return _last_look.clients


def clients_around() -> Tuple[type, ...]:
    """The classes of `AROUND` in this process, as they were found by `clients`."""
    return _last_look.around


class _Look:
    """What stood in pymemcache's module when it was looked at, and which classes were found."""

    seen: Tuple[Any, ...] = (None, None, None)
    clients: Tuple[type, ...] = ()
    around: Tuple[type, ...] = ()


_last_look = _Look()


def client_of(kind: type) -> Any:
    """The `Client` of pymemcache that a class is, or inherits from; None where there is none."""
    return next(filter(_is_client, kind.__mro__), None)


def _is_client(kind: type) -> bool:
    # By its methods: somebody may have given it another name, or another module.
    own = vars(kind)
    return "_fetch_cmd" in own and any(map(is_clients_own, own.copy().values()))


def _is_around(kind: type) -> bool:
    module = str(vars(kind).get("__module__"))
    return kind.__qualname__ in AROUND and module.startswith("pymemcache.client.")


def is_clients_own(member: Any) -> bool:
    """Whether what a client class has is a function of pymemcache's, and not somebody else's."""
    return type(member) is FunctionType and member.__globals__.get("__name__") == _BASE


@cache
def _as_written() -> type:
    """The class as pymemcache has written it, for what others had patched at the first look."""
    import pymemcache.client

    # Under another name, so that it is not taken for one that somebody uses.
    path = os.path.join(pymemcache.client.__path__[0], "base.py")
    spec = cast(Any, spec_from_file_location("pymemcache_as_written", path))
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    client: type = module.Client
    return client


@cache
def callsites() -> CallSites:
    """What finds the line of the application that a call came from."""
    import pymemcache

    return CallSites(os.path.dirname(os.path.abspath(str(pymemcache.__file__))))


def address_of(server: Any) -> Any:
    """A server's address as clients hold it. `TypeError` for what is none."""
    if not isinstance(server, (str, tuple)):
        raise TypeError(
            "server is an address such as ('localhost', 11211) or 'localhost:11211', "
            f"not {type(server).__name__}"
        )
    return held_by_clients(server) if isinstance(server, str) else server


def held_by_clients(server: str) -> Any:
    """The `server` of a client that is built with this text; the text where it names no server."""
    from pymemcache.client.base import normalize_server_spec

    try:
        return normalize_server_spec(server)
    except ValueError:
        return server


def _aliases(name: str, found: Mapping[str, Callable[..., Any]]) -> Tuple[str, ...]:
    # The same method under another name: `get_multi` is `get_many`.
    same: List[str] = [other for other in found if found[other] is found[name] and other != name]
    return tuple(each.upper() for each in (name, *same))


def _signature(member: Any) -> inspect.Signature:
    try:
        return inspect.signature(member)
    except (TypeError, ValueError):
        return inspect.signature(_anything)


def _anything(client: Any, *args: Any, **kwargs: Any) -> Any:
    """What is assumed of a method that does not tell its signature."""


def _default(parameter: inspect.Parameter) -> Optional[Any]:
    if parameter.kind is parameter.VAR_POSITIONAL:
        return ()
    if parameter.kind is parameter.VAR_KEYWORD:
        return {}
    return parameter.default
