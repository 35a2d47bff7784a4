"""Which replies the real client can give.

One rule for each command, in two parts: what no call of it could ever return is refused when the
mock is registered; what depends on the call, when a call takes it. The lines are those of
memcached's protocol text (https://github.com/memcached/memcached/blob/master/doc/protocol.txt) that
lead pymemcache to the reply.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, NamedTuple, Optional

from tripwire.plugins._memcache.replying import reply
from tripwire.plugins._memcache.verdicts import (
    gives_failed_keys,
    gives_pair,
    gives_pairs,
    gives_value,
    gives_values,
    is_before_its_end,
    is_counter,
    is_flag,
    is_line,
    is_no_error,
    is_pair,
    is_stats,
    none_if_noreply,
    true_if_noreply,
)
from tripwire.plugins._memcache.wire import Call

MISS = reply.MISS


class Rule(NamedTuple):
    """What one command can return.

    Attributes: `lines` (what the server says), `possible` (a sentence for people), `ever` (could
    any call return it), `now` (could this call; None where that is the same question).
    """

    lines: str
    possible: str
    ever: Callable[[Any], bool]
    now: Optional[Callable[[Any, Call], bool]] = None
    possible_now: Callable[[Any, Call], str] = lambda reply, call: ""


def _noreply(given: str) -> Callable[[Any, Call], str]:
    return lambda reply, call: f"{given}, as the request says noreply; noreply=False gets an answer"


def _value_now(reply: Any, call: Call) -> str:
    like = f" such as {reply.encode('utf8', 'replace')!r:.20}" if type(reply) is str else ""
    return f"bytes{like} (it has no deserializer), or the default"


def _pair_now(reply: Any, call: Call) -> str:
    return f"({_value(call)}, cas of digits as bytes), or the call's two defaults"


def _many_now(reply: Any, call: Call) -> str:
    return f"a dict of keys that were asked for, as spelled, to {_value(call)}"


def _many_pairs_now(reply: Any, call: Call) -> str:
    return f"a dict of keys asked for, as spelled, to ({_value(call)}, cas of digits)"


def _value(call: Call) -> str:
    return "bytes" if call.raw_values else "value"


def _failed_now(reply: Any, call: Call) -> str:
    if call.noreply:
        return _noreply("[]")(reply, call)
    return "a list of keys that were not stored, in the order of values"


def _raw_now(reply: Any, call: Call) -> str:
    return f"bytes up to the first {call.answer_end!r}, without it"


_STORED = Rule(
    "STORED, NOT_STORED",
    "True or False",
    is_flag,
    true_if_noreply,
    _noreply("True"),
)
_GET = Rule(
    "VALUE <key> <flags> <bytes>, END", "a value", lambda reply: True, gives_value, _value_now
)
_GETS = Rule(
    "VALUE <key> <flags> <bytes> <cas unique>, END",
    "a pair (value, cas)",
    is_pair,
    gives_pair,
    _pair_now,
)
_GET_MANY = Rule(
    "VALUE <key> <flags> <bytes> for each hit, END",
    "a dict of the keys found",
    lambda reply: type(reply) is dict,
    gives_values,
    _many_now,
)
_GETS_MANY = Rule(
    "VALUE <key> <flags> <bytes> <cas unique> for each hit, END",
    "a dict of the keys found, each with a pair (value, cas)",
    lambda reply: type(reply) is dict and all(map(is_pair, reply.values())),
    gives_pairs,
    _many_pairs_now,
)
_SET_MANY = Rule(
    "STORED, NOT_STORED for each key",
    "a list of the keys that were not stored",
    lambda reply: type(reply) is list,
    gives_failed_keys,
    _failed_now,
)
_COUNTER = Rule(
    "<value>, NOT_FOUND",
    "an int from 0 to 2**64 - 1, or None",
    is_counter,
    none_if_noreply,
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
        lambda reply: reply is None or is_flag(reply),
        true_if_noreply,
        _noreply("True"),
    ),
    "SET_MANY": _SET_MANY,
    "SET_MULTI": _SET_MANY,
    "DELETE": Rule(
        "DELETED, NOT_FOUND", "True or False", is_flag, true_if_noreply, _noreply("True")
    ),
    "DELETE_MANY": Rule("DELETED, NOT_FOUND for each key", "True", lambda reply: reply is True),
    "DELETE_MULTI": Rule("DELETED, NOT_FOUND for each key", "True", lambda reply: reply is True),
    "INCR": _COUNTER,
    "DECR": _COUNTER,
    "TOUCH": Rule(
        "TOUCHED, NOT_FOUND", "True or False", is_flag, true_if_noreply, _noreply("True")
    ),
    "STATS": Rule(
        "STAT <name> <value>, END",
        "a dict of names, as bytes, to bytes, numbers or flags",
        is_stats,
    ),
    "VERSION": Rule("VERSION <version>", "bytes, the rest of one line", is_line),
    "RAW_COMMAND": Rule(
        "(any)",
        "bytes, but not ERROR, CLIENT_ERROR or SERVER_ERROR: of these it raises",
        is_no_error,
        is_before_its_end,
        _raw_now,
    ),
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
    return rule.possible_now(reply, call)


WITHOUT_MISS = frozenset({"RAW_COMMAND", "STATS", "VERSION"})
"""Commands that know no such thing as a server that holds nothing."""
