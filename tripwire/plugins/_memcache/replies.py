"""Which replies the real client can give.

One rule for each command, in two parts: what no call of it could ever return is refused when the
mock is registered; what depends on the call, when a call takes it. The lines are those of
memcached's protocol text (https://github.com/memcached/memcached/blob/master/doc/protocol.txt) that
lead pymemcache to the reply.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterable, NamedTuple, Optional, Tuple

from tripwire._mocks import equal

COUNTER = range(2**64)
"""What `incr` and `decr` can answer: memcached counts in 64 bits, without a sign."""


class Miss:
    """The type of `MISS`."""

    def __repr__(self) -> str:
        return "MISS"

    def __reduce__(self) -> str:
        return "MISS"


MISS = Miss()
"""As a mock's reply: the server has nothing, and the client makes of it what it always does."""


class Call:
    """What a rule can ask about the call that takes a reply."""

    __slots__ = ("client", "fields", "request")

    def __init__(self, client: Any, request: bytes, fields: Dict[str, Any]) -> None:
        self.client = client
        self.request = request
        self.fields = fields

    @property
    def noreply(self) -> bool:
        """Whether the request tells the server not to answer."""
        words = self.request.split(b"\r\n", 1)[0].split(b" ")
        return len(words) > 2 and words[-1] == b"noreply"

    @property
    def asked(self) -> Iterable[Any]:
        """The keys as the caller spelled them; of two spellings of one, the last, as it does."""
        return dict(zip(self.request.split()[1:], self.fields["keys"])).values()

    @property
    def raw_values(self) -> bool:
        """Whether the client gives values as memcached has them: it has no deserializer at all."""
        from pymemcache.client.base import Client
        from pymemcache.serde import LegacyWrappingSerde

        own = LegacyWrappingSerde._default_deserialize
        kind = type(self.client)
        return (
            getattr(self.client.serde.deserialize, "__func__", None) is own
            and kind._extract_value is Client._extract_value
            and kind._fetch_cmd is Client._fetch_cmd
        )


class Rule(NamedTuple):
    """What one command can return.

    Attributes: `lines` (what the server says), `possible` (a sentence for people), `ever` (could
    any call return it), `now` (could this call; None where that is the same question).
    """

    lines: str
    possible: str
    ever: Callable[[Any], bool]
    now: Optional[Callable[[Any, Call], bool]] = None
    possible_now: Callable[[Call], str] = lambda call: ""


def _is_pair(reply: Any) -> bool:
    return type(reply) is tuple and len(reply) == 2


def _is_flag(reply: Any) -> bool:
    return type(reply) is bool


def _is_cas(token: Any) -> bool:
    return type(token) is bytes and token.isdigit()


def _same(reply: Any, default: Any) -> bool:
    return type(reply) is type(default) and equal(default, reply)


def _spelled(key: Any) -> Tuple[bool, Any]:
    # Text and bytes are different keys, and `python -bb` objects to asking them whether they are.
    return isinstance(key, bytes), key


def _is_value(value: Any, call: Call) -> bool:
    return type(value) is bytes or not call.raw_values


def _is_hit(pair: Any, call: Call) -> bool:
    return _is_pair(pair) and _is_value(pair[0], call) and _is_cas(pair[1])


def _get(reply: Any, call: Call) -> bool:
    return _is_value(reply, call) or _same(reply, call.fields.get("default"))


def _gets(reply: Any, call: Call) -> bool:
    defaults = call.fields.get("default"), call.fields.get("cas_default")
    missed = all(_same(part, default) for part, default in zip(reply, defaults))
    return missed or _is_hit(reply, call)


def is_hashable(key: Any) -> bool:
    """Whether a key can be one of a dict's; pymemcache's own check does not ask for that."""
    try:
        hash(key)
    except TypeError:
        return False
    return True


def _asked_for(reply: Dict[Any, Any], call: Call) -> bool:
    asked = {_spelled(key) for key in call.asked if is_hashable(key)}
    return all(_spelled(key) in asked for key in reply)


def _get_many(reply: Any, call: Call) -> bool:
    return _asked_for(reply, call) and all(_is_value(value, call) for value in reply.values())


def _gets_many(reply: Any, call: Call) -> bool:
    return _asked_for(reply, call) and all(_is_hit(pair, call) for pair in reply.values())


def _failed_keys(reply: Any, call: Call) -> bool:
    if call.noreply:
        return not reply
    rest = map(_spelled, call.fields["values"])
    return all(_spelled(key) in rest for key in reply)


def _true_if_noreply(reply: Any, call: Call) -> bool:
    return reply is True or not call.noreply


def _none_if_noreply(reply: Any, call: Call) -> bool:
    return reply is None or not call.noreply


def _is_counter(reply: Any) -> bool:
    return reply is None or (type(reply) is int and reply in COUNTER)


def _is_stats(reply: Any) -> bool:
    return type(reply) is dict and all(
        type(key) is bytes and type(value) in (bytes, int, float, bool)
        for key, value in reply.items()
    )


def _noreply(reply: str) -> Callable[[Call], str]:
    return lambda call: f"{reply}: the request said noreply"


def _value_now(call: Call) -> str:
    return "bytes, as the client has no deserializer, or the call's default"


def _pair_now(call: Call) -> str:
    value = "value of bytes, as the client has no deserializer" if call.raw_values else "value"
    return f"a pair of a {value}, and a cas of digits as bytes; or of the call's defaults"


def _many_now(call: Call) -> str:
    return "a dict of keys that were asked for, as they were spelled" + (
        ", to bytes, as the client has no deserializer" if call.raw_values else ""
    )


def _many_pairs_now(call: Call) -> str:
    return f"{_many_now(call)}, each with its cas: (value, cas), the cas of digits as bytes"


def _failed_now(call: Call) -> str:
    if call.noreply:
        return "[]: the request said noreply"
    return "a list of keys of the call's values that were not stored, in their order"


_STORED = Rule(
    "STORED, NOT_STORED",
    "True or False",
    _is_flag,
    _true_if_noreply,
    _noreply("True"),
)
_GET = Rule("VALUE <key> <flags> <bytes>, END", "a value", lambda reply: True, _get, _value_now)
_GETS = Rule(
    "VALUE <key> <flags> <bytes> <cas unique>, END",
    "a pair (value, cas)",
    _is_pair,
    _gets,
    _pair_now,
)
_GET_MANY = Rule(
    "VALUE <key> <flags> <bytes> for each hit, END",
    "a dict of the keys found",
    lambda reply: type(reply) is dict,
    _get_many,
    _many_now,
)
_GETS_MANY = Rule(
    "VALUE <key> <flags> <bytes> <cas unique> for each hit, END",
    "a dict of the keys found, each with a pair (value, cas)",
    lambda reply: type(reply) is dict and all(map(_is_pair, reply.values())),
    _gets_many,
    _many_pairs_now,
)
_SET_MANY = Rule(
    "STORED, NOT_STORED for each key",
    "a list of the keys that were not stored",
    lambda reply: type(reply) is list,
    _failed_keys,
    _failed_now,
)
_COUNTER = Rule(
    "<value>, NOT_FOUND",
    "an int from 0 to 2**64 - 1, or None",
    _is_counter,
    _none_if_noreply,
    _noreply("None"),
)
_ALWAYS_TRUE = Rule("OK, END", "True", lambda reply: reply is True)
_ALWAYS_NONE = Rule("(the server closes the connection)", "None", lambda reply: reply is None)

RULES: Dict[str, Rule] = {
    "GET": _GET,
    "GETS": _GETS,
    "GAT": _GET,
    "GATS": _GETS,
    "GET_MANY": _GET_MANY,
    "GET_MULTI": _GET_MANY,
    "GETS_MANY": _GETS_MANY,
    "SET": _STORED,
    "ADD": _STORED,
    "REPLACE": _STORED,
    "APPEND": _STORED,
    "PREPEND": _STORED,
    "CAS": Rule(
        "STORED, EXISTS, NOT_FOUND",
        "True, False or None",
        lambda reply: reply is None or _is_flag(reply),
        _true_if_noreply,
        _noreply("True"),
    ),
    "SET_MANY": _SET_MANY,
    "SET_MULTI": _SET_MANY,
    "DELETE": Rule(
        "DELETED, NOT_FOUND", "True or False", _is_flag, _true_if_noreply, _noreply("True")
    ),
    "DELETE_MANY": Rule("DELETED, NOT_FOUND for each key", "True", lambda reply: reply is True),
    "DELETE_MULTI": Rule("DELETED, NOT_FOUND for each key", "True", lambda reply: reply is True),
    "INCR": _COUNTER,
    "DECR": _COUNTER,
    "TOUCH": Rule(
        "TOUCHED, NOT_FOUND", "True or False", _is_flag, _true_if_noreply, _noreply("True")
    ),
    "STATS": Rule(
        "STAT <name> <value>, END",
        "a dict of names, as bytes, to bytes, numbers or flags",
        _is_stats,
    ),
    "VERSION": Rule("VERSION <version>", "bytes", lambda reply: type(reply) is bytes),
    "RAW_COMMAND": Rule("(any)", "bytes", lambda reply: type(reply) is bytes),
    "CACHE_MEMLIMIT": _ALWAYS_TRUE,
    "FLUSH_ALL": _ALWAYS_TRUE,
    "QUIT": _ALWAYS_NONE,
    "SHUTDOWN": _ALWAYS_NONE,
}


def refused_always(command: str, reply: Any) -> Optional[str]:
    """What is possible instead, where no call of the command could return the reply."""
    rule = RULES.get(command)
    if reply is MISS:
        return "a reply of its own" if rule is None or command in WITHOUT_MISS else None
    if rule is None or rule.ever(reply):
        return None
    return rule.possible


def refused_now(command: str, reply: Any, call: Call) -> Optional[str]:
    """What is possible instead, where this call could not return the reply."""
    rule = RULES.get(command)
    if rule is None or rule.now is None or reply is MISS or rule.now(reply, call):
        return None
    return rule.possible_now(call)


WITHOUT_MISS = frozenset({"RAW_COMMAND", "STATS", "VERSION"})
"""Commands that know no such thing as a server that holds nothing."""
