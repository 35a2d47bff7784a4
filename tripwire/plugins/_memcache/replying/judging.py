"""What came out of a client that read the answer to a call, and whether it is the mock's reply."""

from __future__ import annotations

from typing import Any, Callable, Dict

from tripwire._matching import alike, equal
from tripwire.plugins._memcache.replying import hits
from tripwire.plugins._memcache.replying.call import Call
from tripwire.plugins._memcache.replying.reply import MISS, RULES, Raw, Refusal
from tripwire.plugins._memcache.replying.values import Serde, advice
from tripwire.plugins._memcache.snapshot import snapshot
from tripwire.report.values import short


def judge(call: Call, reply: Any, outcome: Any, reread: Callable[[], Any]) -> Any:
    """What the caller gets: what came out, where the reply of the mock may be that.

    Args:
        call: the call, with its answer read.
        reply: what its mock returns, turned into the answer by `encoding.answer_to`.
        outcome: what the client made of that answer.
        reread: has the client read the same answer again, and gives what it makes of it.

    Raises:
        Refusal: something else than the reply came out, and equality can be relied on.
    """
    # An error that the client swallowed (`ignore_exc`) gives what it gives in production.
    if reply is MISS or call.closed or alike(reply, outcome):
        return outcome
    values = _VALUES.get(call.command.method)
    if values is None:
        raise Refusal(f"{short(outcome)}, when it reads the answer that says this")
    wanted = {at: value for at, value in values(reply).items() if type(value) is not Raw}
    return _settled(call, reply, wanted, outcome, reread) if wanted else outcome


def _settled(
    call: Call, reply: Any, wanted: Dict[Any, Any], outcome: Any, reread: Callable[[], Any]
) -> Any:
    """What the caller gets of an outcome in which some values differ from the wanted ones."""
    method = call.command.method
    # What equals the call's default is a miss where a hit comes out as something else.
    if method in _DEFAULTS and equal(_DEFAULTS[method](call), reply):
        return _DEFAULTS[method](call)
    got = _VALUES[method](outcome)
    different = [at for at, value in wanted.items() if not alike(value, got[at])]
    try:
        again = _VALUES[method](reread()) if different else {}
        # Of what differs from itself equality says nothing: NaN, objects that equal no other.
        different = [at for at in different if alike(got[at], again[at])]
    except Exception:
        return outcome
    for at in different:
        if not _serde(call, at).may_return(wanted[at], got[at]):
            made = f"{short(got[at])}, which is what its serde makes of that"
            raise Refusal(made, advice(wanted[at]))
        outcome = _REPLACED[method](outcome, at, snapshot(wanted[at]))
    return outcome


def as_it_is(call: Call, reply: Any) -> Any:
    """A copy of a reply that does not travel, with what the client reads where it says `Raw`."""
    given = snapshot(reply)
    rule = RULES.get(call.command.method.upper())
    if rule is None or not any(type(value) is Raw for value in rule.values(reply)):
        return given
    method, read = call.command.method, call.client.serde.deserialize
    for at, value in _VALUES[method](reply).items():
        if type(value) is Raw:
            key = call.fields.get("key") if at is _HERE else at
            given = _REPLACED[method](given, at, read(key, value.value, value.flags))
    return given


def _serde(call: Call, at: Any) -> Serde:
    if at is _HERE:
        return Serde(call.client, hits.name_of(call), call.fields.get("key"))
    ((name, key, _),) = hits.found(call, {at: None})[:1]
    return Serde(call.client, name, key)


_HERE = object()
"""Where the value of a command with one key stands; of several, it is at its key."""

_VALUES: Dict[str, Callable[[Any], Dict[Any, Any]]] = {
    **dict.fromkeys(("get", "gat"), lambda reply: {_HERE: reply}),
    **dict.fromkeys(("gets", "gats"), lambda reply: {_HERE: reply[0]}),
    **dict.fromkeys(("get_many", "get_multi"), lambda reply: reply),
    "gets_many": lambda reply: {key: pair[0] for key, pair in reply.items()},
}
"""The values in what a method returns, by where they stand there."""

_REPLACED: Dict[str, Callable[[Any, Any, Any], Any]] = {
    **dict.fromkeys(("get", "gat"), lambda reply, at, value: value),
    **dict.fromkeys(("gets", "gats"), lambda reply, at, value: (value, reply[1])),
    **dict.fromkeys(("get_many", "get_multi"), lambda reply, at, value: {**reply, at: value}),
    "gets_many": lambda reply, at, value: {**reply, at: (value, reply[at][1])},
}
"""What a method returns, with another value at one place."""

_DEFAULTS: Dict[str, Callable[[Call], Any]] = {
    **dict.fromkeys(("get", "gat"), lambda call: call.given.get("default")),
    **dict.fromkeys(("gets", "gats"), hits.defaults_of),
}
