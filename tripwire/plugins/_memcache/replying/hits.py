"""From values to the lines of a server that holds them: the answers to `get` and its kin.

VALUE <key> <flags> <bytes> [<cas unique>]
<data>
END
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from tripwire._matching import equal
from tripwire.plugins._memcache.replying.call import Call
from tripwire.plugins._memcache.replying.reply import Raw, Refusal
from tripwire.plugins._memcache.replying.values import (
    Stored,
    advice,
    is_raw,
    reads_its_own_way,
    stored,
)

END = b"END\r\n"


class Hit(NamedTuple):
    """A key that a server holds.

    Attributes: `name` (the key as it is on the wire), `key` (as the caller spelled it), `value`
    (what the client is to return for it), `cas` (where the client asks for it).
    """

    name: bytes
    key: Any
    value: Any
    cas: Optional[bytes] = None


def pair(call: Call, reply: Any) -> Optional[bytes]:
    """The answer of which GETS makes this pair; a miss for what are the call's two defaults."""
    client, defaults = call.client, defaults_of(call)
    if reply[0] is defaults[0] and reply[1] is defaults[1]:
        return END
    if type(reply[0]) is not Raw and reads_its_own_way(client):
        return None
    name = name_of(call)
    try:
        hit = _with_cas(client, Hit(name, call.fields.get("key"), *reply))
        held = stored(client, name, hit.key, hit.value)
    except Refusal as refusal:
        if equal(defaults, reply):
            return END
        raise refusal.saying(f"{_PAIR}, or the call's two defaults") from None
    return None if held is None else line(name, held, hit.cas) + END


def values(call: Call, reply: Any) -> Optional[bytes]:
    """The answer of which GET_MANY makes this dict."""
    hits = [Hit(name, key, given) for name, key, given in found(call, reply)]
    return _many(call, hits, "{}")


def pairs(call: Call, reply: Any) -> Optional[bytes]:
    """The answer of which GETS_MANY makes this dict."""
    hits = [Hit(name, key, *given) for name, key, given in found(call, reply)]
    return _many(call, hits, _PAIR, _with_cas)


def _many(
    call: Call,
    hits: List[Hit],
    form: str,
    checked: Callable[[Any, Hit], Hit] = lambda client, hit: hit,
) -> Optional[bytes]:
    client = call.client
    raw = [type(hit.value) is Raw for hit in hits]
    if reads_its_own_way(client) and not (raw and all(raw)):
        return None
    lines = []
    for hit in hits:
        try:
            held = stored(client, hit.name, hit.key, checked(client, hit).value)
        except Refusal as refusal:
            raise refusal.saying(f"{_ASKED}, to {form}") from None
        if held is None:
            return None
        lines.append(line(hit.name, held, hit.cas))
    return b"".join(lines) + END


def found(call: Call, reply: Dict[Any, Any]) -> List[Tuple[bytes, Any, Any]]:
    """The keys that were asked for and are in the reply, in the order of the request.

    Each as it is on the wire and as it was spelled, with what the reply has for it. Of two
    spellings of one key the client gives back the last; a key that is asked for twice is answered
    twice.
    """
    keys = call.fields["keys"]
    # The keys come last: `gat` has an expiry before them.
    names = call.request[:-2].split(b" ")[-len(keys) :]
    spelled = dict(zip(names, keys))
    # The client accepts an empty key, and memcached does not see it.
    asked = {spelling(key): name for name, key in spelled.items() if name}
    held = {}
    for key, given in reply.items():
        name = asked.get(spelling(key))
        if name is None:
            raise Refusal(_ASKED)
        held[name] = given
    return [(name, spelled[name], held[name]) for name in names if name in held]


def spelling(key: Any) -> Tuple[bool, Any]:
    """A key with its kind: text and bytes differ, and `python -bb` objects to comparing them."""
    if isinstance(key, (bytearray, memoryview)):
        key = bytes(key)  # It cannot be in a dict, at which pymemcache fails on a hit.
    return isinstance(key, bytes), key


def name_of(call: Call) -> bytes:
    """The one key of a request as it is on the wire: the last word of its line."""
    request = call.request
    return request[request.rfind(b" ") + 1 : -2]


def defaults_of(call: Call) -> Tuple[Any, Any]:
    """What GETS returns on a miss."""
    return call.given.get("default"), call.given.get("cas_default")


def line(name: bytes, held: Stored, cas: Optional[bytes] = None) -> bytes:
    """The two lines of one key, with its cas token where the client asks for it."""
    data, flags = held
    token = b"" if cas is None else b" " + cas
    return b"VALUE %b %d %d%b\r\n%b\r\n" % (name, flags, len(data), token, data)


def _with_cas(client: Any, hit: Hit) -> Hit:
    """A hit whose cas token is a number of 64 bits, as memcached writes it."""
    cas: Any = hit.cas
    digits = type(cas) is bytes and cas.isdigit()
    if not digits or b"%d" % int(cas) != cas or int(cas) >= 2**64:
        expected = "bytes" if is_raw(client) else "value"
        raise Refusal(expected, advice(None) if hit.value is None else "")
    return hit


_ASKED = "a dict of keys that were asked for, as spelled"
_PAIR = "({}, a token such as b'7')"
