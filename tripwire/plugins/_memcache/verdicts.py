"""What a reply looks like to the call that takes it: the questions that the rules are made of."""

from __future__ import annotations

from typing import Any, Dict, Tuple

from tripwire._matching import equal
from tripwire.plugins._memcache.wire import END_OF_LINE, Call

COUNTER = range(2**64)
"""What `incr` and `decr` can answer: memcached counts in 64 bits, without a sign."""

ERRORS = (b"ERROR", b"CLIENT_ERROR", b"SERVER_ERROR")


def is_pair(reply: Any) -> bool:
    """A pair, as `gets` returns it."""
    return type(reply) is tuple and len(reply) == 2


def is_flag(reply: Any) -> bool:
    """True or False themselves, not what equals them."""
    return type(reply) is bool


def is_cas(token: Any) -> bool:
    """A cas token as it comes from the server: digits (pymemcache's `_extract_value`)."""
    return type(token) is bytes and token.isdigit()


def same(reply: Any, default: Any) -> bool:
    """The call's default itself, or its equal of the same type."""
    return type(reply) is type(default) and equal(default, reply)


def spelled(key: Any) -> Tuple[bool, Any]:
    """A key with its kind: text and bytes differ, and `python -bb` objects to comparing them."""
    return isinstance(key, bytes), key


def is_value(value: Any, call: Call) -> bool:
    """A value as this client gives it; with a deserializer, that may be anything."""
    return type(value) is bytes or not call.raw_values


def is_hit(pair: Any, call: Call) -> bool:
    """A value with its cas token."""
    return is_pair(pair) and is_value(pair[0], call) and is_cas(pair[1])


def gives_value(reply: Any, call: Call) -> bool:
    """A hit, or the default of the call."""
    return is_value(reply, call) or same(reply, call.fields.get("default"))


def gives_pair(reply: Any, call: Call) -> bool:
    """A hit, or the pair of the defaults of the call."""
    defaults = call.fields.get("default"), call.fields.get("cas_default")
    missed = all(same(part, default) for part, default in zip(reply, defaults))
    return missed or is_hit(reply, call)


def is_hashable(key: Any) -> bool:
    """Whether a key can be one of a dict's; pymemcache's own check does not ask for that."""
    try:
        hash(key)
    except TypeError:
        return False
    return True


def asked_for(reply: Dict[Any, Any], call: Call) -> bool:
    """Only keys that the call asked for, as they were spelled there."""
    asked = {spelled(key) for key in call.asked if is_hashable(key)}
    return all(spelled(key) in asked for key in reply)


def gives_values(reply: Any, call: Call) -> bool:
    """A dict of hits among the keys that were asked for."""
    return asked_for(reply, call) and all(is_value(value, call) for value in reply.values())


def gives_pairs(reply: Any, call: Call) -> bool:
    """A dict of hits with their cas tokens among the keys that were asked for."""
    return asked_for(reply, call) and all(is_hit(pair, call) for pair in reply.values())


def gives_failed_keys(reply: Any, call: Call) -> bool:
    """Keys that were to be stored, in their order; none where the server keeps silent."""
    if call.noreply:
        return not reply
    rest = map(spelled, call.fields["values"])
    return all(spelled(key) in rest for key in reply)


def true_if_noreply(reply: Any, call: Call) -> bool:
    """True where the server keeps silent."""
    return reply is True or not call.noreply


def none_if_noreply(reply: Any, call: Call) -> bool:
    """None where the server keeps silent."""
    return reply is None or not call.noreply


def is_counter(reply: Any) -> bool:
    """A count, or None for a counter that is not there."""
    return reply is None or (type(reply) is int and reply in COUNTER)


def is_stats(reply: Any) -> bool:
    """Names and values as `stats` returns them, converted or not."""
    return type(reply) is dict and all(
        type(key) is bytes and type(value) in (bytes, int, float, bool)
        for key, value in reply.items()
    )


def is_line(reply: Any) -> bool:
    """What is left of one line of the server's."""
    return type(reply) is bytes and END_OF_LINE not in reply


def is_no_error(reply: Any) -> bool:
    """Bytes of which pymemcache makes no exception (its `_raise_errors`)."""
    return type(reply) is bytes and not reply.startswith(ERRORS)


def is_before_its_end(reply: Any, call: Call) -> bool:
    """What `raw_command` read before its end tokens."""
    return call.answer_end not in reply
