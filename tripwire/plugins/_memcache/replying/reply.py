"""What a reply may be: `MISS`, `Raw`, a value, and for each command what no call could return.

Here a reply is judged when its mock is registered. Whatever depends on the call is found out at the
call: `encoding` turns the reply into the server's answer, and `judging` compares what the client
makes of that answer with the reply.
"""

from __future__ import annotations

from typing import Any, Callable, Collection, Dict, Iterable, List, NamedTuple, Optional, Set

from tripwire.plugins._memcache.replying.call import END_OF_LINE
from tripwire.plugins._memcache.replying.stats import line

ERRORS = (b"ERROR", b"CLIENT_ERROR", b"SERVER_ERROR")


class Miss:
    """The type of `MISS`."""

    def __repr__(self) -> str:
        return "MISS"

    def __reduce__(self) -> str:
        return "MISS"


MISS = Miss()
"""As a mock's reply: the server has nothing, and the client makes of it what it always does."""


class Raw:
    """As a reply, or as a value inside one: what the server holds, for the client to read.

    Args:
        value: the bytes.
        flags: the number that was stored beside them, 0 to 2**32 - 1; it tells a deserializer what
            it reads (https://github.com/memcached/memcached/blob/master/doc/protocol.txt).

    Raises:
        TypeError: the value is not bytes, or the flags are not an int.
        ValueError: the flags are out of range.
    """

    __slots__ = ("flags", "value")

    def __init__(self, value: bytes, flags: int = 0) -> None:
        if not isinstance(value, bytes):
            raise TypeError(f"Raw takes what a server holds: bytes, not {type(value).__name__}")
        if type(flags) is not int:
            raise TypeError(f"flags must be an int, not {type(flags).__name__}")
        if not 0 <= flags < 2**32:
            raise ValueError(f"flags must be 0 to 2**32 - 1, not {flags}")
        self.value = value
        self.flags = flags

    def __repr__(self) -> str:
        return f"Raw({self.value!r}, flags={self.flags})" if self.flags else f"Raw({self.value!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Raw):
            return NotImplemented
        return (self.value, self.flags) == (other.value, other.flags)

    def __hash__(self) -> int:
        return hash((self.value, self.flags))


class Refusal(BaseException):
    """This call could not return the reply of its mock.

    No `Exception`, so that it leaves the client's method whatever that catches (`ignore_exc`); the
    replacement raises an `ImpossibleReplyMetError` in its place.

    Attributes: `possible` (a sentence on what the real client gives), `advice` (what to do about
    it, or nothing).
    """

    def __init__(self, possible: str, advice: str = "") -> None:
        super().__init__(possible)
        self.possible = possible
        self.advice = advice

    def saying(self, form: str) -> Refusal:
        """The same of a reply of which this is a part: `{}` is what is possible for the part."""
        return Refusal(form.format(self.possible), self.advice)


class OutOfStep(Refusal):
    """This request says noreply, and memcached answers it all the same, whatever the mock says.

    Attributes: `answer` (the bytes that the next command would take for its own answer).
    """

    def __init__(self, answer: bytes) -> None:
        super().__init__("no answer, as the request says noreply")
        self.answer = answer


# --- at registration ------------------------------------------------------------------------------


class Rule(NamedTuple):
    """What any call of a command can return.

    Attributes: `possible` (a sentence for people), `ever` (could some call return this reply),
    `values` (where in a reply there are values that a server holds), `beside` (what else is there,
    where there are such values: keys and tokens).
    """

    possible: str
    ever: Callable[[Any], bool]
    values: Callable[[Any], Collection[Any]] = lambda reply: ()
    beside: Callable[[Any], Iterable[Any]] = lambda reply: ()


def refused_always(command: str, reply: Any) -> Optional[str]:
    """What is possible instead, where no call of the command could return the reply."""
    rule = RULES.get(command)
    if rule is None or reply is MISS or rule.ever(reply):
        return None
    return rule.possible


def misplaced(command: str, reply: Any) -> Optional[str]:
    """What is wrong with a `MISS` or a `Raw` in a reply, where it stands for nothing there."""
    rule = RULES.get(command)
    if reply is MISS:
        if rule is None or command in WITHOUT_MISS:
            return (
                f"{command} has no MISS: a server always has an answer to it; give the reply itself"
            )
        return None
    if type(reply) not in _CONTAINERS and type(reply) is not Raw:
        return None
    if Miss in kinds((reply,)):
        return "MISS is a reply, and no part of one: of several keys, leave out what is missed"
    rest = [reply]
    if rule is not None and rule.values(reply):
        rest = [value for value in rule.values(reply) if type(value) is not Raw]
        rest += rule.beside(reply)
    if Raw in kinds(rest):
        return f"Raw(...) is a value that a server holds, and {command} returns none there"
    return None


def is_held(command: str, reply: Any) -> bool:
    """Whether a reply says what a server holds, of each of its values, and nothing else."""
    rule = RULES.get(command)
    values = () if rule is None else rule.values(reply)
    return reply is MISS or (bool(values) and all(type(value) is Raw for value in values))


def kinds(values: Iterable[Any]) -> Set[type]:
    """The types of values, and of what stands in built-in containers among them."""
    found: Set[type] = set()
    met: Dict[int, Any] = {}
    waiting: List[Any] = [list(values)]
    while waiting:
        container = waiting.pop()
        if id(container) not in met:
            met[id(container)] = container
            dictionary = type(container) is dict
            members = [*container, *container.values()] if dictionary else container
            # Thousands of numbers take no longer than a few containers.
            there = set(map(type, members))
            found |= there
            if there & _CONTAINERS:
                waiting.extend(each for each in members if type(each) in _CONTAINERS)
    return found


_CONTAINERS = {list, tuple, dict, set, frozenset}


def is_pair(reply: Any) -> bool:
    """A pair, as `gets` returns it."""
    return type(reply) is tuple and len(reply) == 2


def _is_flag(reply: Any) -> bool:
    # Themselves, not what equals them.
    return type(reply) is bool


def _is_true(reply: Any) -> bool:
    return reply is True


def _is_none(reply: Any) -> bool:
    return reply is None


def _is_dict(reply: Any) -> bool:
    return type(reply) is dict


def _is_dict_of_pairs(reply: Any) -> bool:
    return type(reply) is dict and all(map(is_pair, reply.values()))


def _is_counter(reply: Any) -> bool:
    # memcached counts in 64 bits, without a sign.
    return reply is None or (type(reply) is int and reply in range(2**64))


def _is_line(reply: Any) -> bool:
    return type(reply) is bytes and END_OF_LINE not in reply


def _is_no_error(reply: Any) -> bool:
    return type(reply) is bytes and not reply.startswith(ERRORS)


def _is_stats(reply: Any) -> bool:
    return type(reply) is dict and all(line(*item) is not None for item in reply.items())


_STORED = Rule("True or False", _is_flag)
_VALUE = Rule("a value", lambda reply: True, lambda reply: (reply,))
_PAIR = Rule(
    "a pair (value, cas)",
    is_pair,
    lambda reply: reply[:1] if is_pair(reply) else (),
    lambda reply: reply[1:],
)
_VALUES = Rule(
    "a dict of the keys found",
    _is_dict,
    lambda reply: reply.values() if _is_dict(reply) else (),
    lambda reply: reply,
)
_PAIRS = Rule(
    "a dict of the keys found, each with a pair (value, cas)",
    _is_dict_of_pairs,
    lambda reply: [pair[0] for pair in reply.values()] if _is_dict_of_pairs(reply) else (),
    lambda reply: [*reply, *(pair[1] for pair in reply.values())],
)
_FAILED = Rule("a list of the keys that were not stored", lambda reply: type(reply) is list)
_COUNTER = Rule("an int from 0 to 2**64 - 1, or None", _is_counter)
_ALWAYS_TRUE = Rule("True", _is_true)
_ALWAYS_NONE = Rule("None", _is_none)

RULES: Dict[str, Rule] = {
    **dict.fromkeys(("GET", "GAT"), _VALUE),
    **dict.fromkeys(("GETS", "GATS"), _PAIR),
    **dict.fromkeys(("GET_MANY", "GET_MULTI"), _VALUES),
    "GETS_MANY": _PAIRS,
    **dict.fromkeys(("SET", "ADD", "REPLACE", "APPEND", "PREPEND", "DELETE", "TOUCH"), _STORED),
    "CAS": Rule("True, False or None", lambda reply: reply is None or _is_flag(reply)),
    **dict.fromkeys(("SET_MANY", "SET_MULTI"), _FAILED),
    **dict.fromkeys(("DELETE_MANY", "DELETE_MULTI"), _ALWAYS_TRUE),
    **dict.fromkeys(("INCR", "DECR"), _COUNTER),
    "STATS": Rule(
        "a dict of names, as bytes, to what it makes of their values: a number where it can",
        _is_stats,
    ),
    "VERSION": Rule("bytes, the rest of one line", _is_line),
    "RAW_COMMAND": Rule(
        "bytes, but not ERROR, CLIENT_ERROR or SERVER_ERROR: of these it raises", _is_no_error
    ),
    **dict.fromkeys(("CACHE_MEMLIMIT", "FLUSH_ALL"), _ALWAYS_TRUE),
    **dict.fromkeys(("QUIT", "SHUTDOWN"), _ALWAYS_NONE),
}

WITHOUT_MISS = frozenset({"RAW_COMMAND", "STATS", "VERSION"})
"""Commands that know no such thing as a server that holds nothing."""
