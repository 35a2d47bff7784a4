"""From a reply to the bytes that memcached would have to answer: the protocol, the other way round.

The lines are those of memcached's protocol text
(https://github.com/memcached/memcached/blob/master/doc/protocol.txt) that lead pymemcache to the
reply.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, Optional

from tripwire._matching import equal
from tripwire.plugins._memcache.replying import hits
from tripwire.plugins._memcache.replying.call import END_OF_LINE, Call, Memcached, is_noreply
from tripwire.plugins._memcache.replying.reply import MISS, OutOfStep, Raw, Refusal
from tripwire.plugins._memcache.replying.stats import line
from tripwire.plugins._memcache.replying.values import library, reads_its_own_way, stored

_Encode = Callable[[Call, Any], Optional[bytes]]


def answer_to(call: Call, reply: Any, memcached: Memcached) -> Optional[bytes]:
    """The answer of which the client makes the reply; None where nobody can say.

    Nobody can say it of a command that is not known here, of a client that reads in a way of its
    own, and of a serde whose halves do not fit. The reply is given as it is then.

    Raises:
        Refusal: there is no such answer.
        OutOfStep: there must be none, and memcached gives one.
    """
    encode = _ENCODERS.get(call.command.method)
    if encode is None:
        return None
    request = call.request
    if reply is MISS:
        return _kept_silent(request, memcached.answer(request))
    # All that can be wrong with a `get` is an empty key.
    if encode is not _value or request.endswith(b" \r\n"):
        error = _rejection(call, memcached)
        if error:
            _check_error(call, reply, error)
            return error
    return encode(call, reply)


def _check_error(call: Call, reply: Any, error: bytes) -> None:
    """Refuse a reply to a request that is rejected, unless it is what becomes of any error."""
    nothing = _OF_ERRORS.get(call.command.method)
    if nothing and getattr(call.client, "ignore_exc", False) and equal(nothing(call), reply):
        return
    raise Refusal(
        f"what it makes of an error, as memcached rejects this request:\n{_text(error)}",
        "returns=MISS gives the client that error; or mock it with raises=.",
    )


def _rejection(call: Call, memcached: Memcached) -> bytes:
    """The error with which memcached rejects a request whatever it holds; none if it does not."""
    if call.command.method == "raw_command":
        return b""  # Who writes a command by hand may write one that is not known here.
    # It is empty where `noreply` silences it, so that nobody sees it.
    error = memcached.rejected(call.request)
    if error:
        return _kept_silent(call.request, error)
    # memcached does not see an empty key, and takes the next word for it (`delete  noreply`); nor
    # does it see what comes after a NUL.
    if is_noreply(call.request) and (b"  " in call.request or b"\0" in call.request):
        _kept_silent(call.request, memcached.answer(call.request))
    return b""


def _kept_silent(request: bytes, answer: bytes) -> bytes:
    """The answer, which must be none to a request that says noreply."""
    if answer and is_noreply(request):
        raise OutOfStep(answer)
    return answer


def _text(line: bytes) -> str:
    return line.decode("latin-1").strip()


# --- by command -----------------------------------------------------------------------------------


def _flag(lines: Dict[Optional[bool], bytes]) -> _Encode:
    def encode(call: Call, reply: Any) -> bytes:
        return _silence(reply, True) if is_noreply(call.request) else lines[reply]

    return encode


def _silence(reply: Any, always: Any) -> bytes:
    """No answer, of which the client always makes the same."""
    if reply != always:
        raise Refusal(f"{always}, as the request says noreply; noreply=False gets an answer")
    return b""


def _value(call: Call, reply: Any) -> Optional[bytes]:
    """The answer of which GET makes this value; a miss for what is, or can only be, the default."""
    client, default = call.client, call.given.get("default")
    if reply is default:
        return hits.END
    if type(reply) is bytes and _gives_bytes(client):
        # As nearly always.
        request = call.request
        name = request[request.rfind(b" ") + 1 : -2]
        return b"VALUE %b 0 %d\r\n%b\r\nEND\r\n" % (name, len(reply), reply)
    if type(reply) is not Raw and reads_its_own_way(client):
        return None
    name = hits.name_of(call)
    try:
        held = stored(client, name, call.fields.get("key"), reply)
    except Refusal as refusal:
        if equal(default, reply):
            return hits.END
        raise refusal.saying("{}, or the default") from None
    return None if held is None else hits.line(name, held) + hits.END


def _gives_bytes(client: Any) -> bool:
    """Whether it is pymemcache's own client, without a deserializer, as most are."""
    own = library()
    return (
        type(client) is own.client
        and getattr(client.serde.deserialize, "__func__", None) is own.deserialize
    )


def _failed_keys(call: Call, reply: Any) -> bytes:
    if is_noreply(call.request):
        return _silence(reply, [])
    failed = [hits.spelling(key) for key in reply]
    lines = []
    # Each is struck off at its turn: what is left over was not in the request, or not in its order.
    for key in call.fields["values"]:
        stored = failed[:1] != [hits.spelling(key)]
        lines.append(b"STORED\r\n" if stored else b"NOT_STORED\r\n")
        del failed[: not stored]
    if failed:
        raise Refusal("a list of keys that were not stored, in the order of values")
    return b"".join(lines)


def _deleted(call: Call, reply: Any) -> bytes:
    # For each key, whatever became of it: the client returns True.
    return b"" if is_noreply(call.request) else b"DELETED\r\n" * call.request.count(END_OF_LINE)


def _counter(call: Call, reply: Any) -> bytes:
    if is_noreply(call.request):
        return _silence(reply, None)
    return b"NOT_FOUND\r\n" if reply is None else b"%d\r\n" % reply


def _decreased(call: Call, reply: Any) -> bytes:
    # It stops at 0, where `incr` begins again at 0 after 2**64 - 1.
    amount = call.fields["value"]
    if reply is not None and reply + amount >= 2**64:
        raise Refusal(f"an int from 0 to 2**64 - 1 - {int(amount)}, or None")
    return _counter(call, reply)


def _stats(call: Call, reply: Any) -> bytes:
    return b"".join(line(*item) or b"" for item in reply.items()) + hits.END


def _version(call: Call, reply: Any) -> bytes:
    return b"VERSION %b\r\n" % reply


def _raw(call: Call, reply: Any) -> bytes:
    tokens = call.fields["end_tokens"]
    end = tokens.encode("utf8") if isinstance(tokens, str) else tokens
    # Anything but bytes, in any of their forms, makes pymemcache raise when it reads.
    if not (end and isinstance(end, (bytes, bytearray, memoryview))):
        end = END_OF_LINE
    # The end of the reply may be the beginning of a token, which is then found too early.
    answer = bytes(reply + end)
    if answer.find(end) != len(reply):
        raise Refusal(f"bytes up to the first {end!r}, without it")
    return answer


def _closed(call: Call, reply: Any) -> bytes:
    return b""


_STORE = _flag({True: b"STORED\r\n", False: b"NOT_STORED\r\n"})
_OK = _flag({True: b"OK\r\n"})

_OF_ERRORS: Dict[str, Callable[[Call], Any]] = {
    **dict.fromkeys(("get", "gat"), lambda call: call.given.get("default")),
    **dict.fromkeys(("gets", "gats"), hits.defaults_of),
    **dict.fromkeys(("get_many", "get_multi", "gets_many", "stats"), lambda call: {}),
    "cache_memlimit": lambda call: True,
}
"""What a client with `ignore_exc` makes of an error: it fetched nothing."""

_ENCODERS: Dict[str, _Encode] = {
    **dict.fromkeys(("get", "gat"), _value),
    **dict.fromkeys(("gets", "gats"), hits.pair),
    **dict.fromkeys(("get_many", "get_multi"), hits.values),
    "gets_many": hits.pairs,
    **dict.fromkeys(("set", "add", "replace", "append", "prepend"), _STORE),
    "cas": _flag({True: b"STORED\r\n", False: b"EXISTS\r\n", None: b"NOT_FOUND\r\n"}),
    **dict.fromkeys(("set_many", "set_multi"), _failed_keys),
    "delete": _flag({True: b"DELETED\r\n", False: b"NOT_FOUND\r\n"}),
    **dict.fromkeys(("delete_many", "delete_multi"), _deleted),
    "touch": _flag({True: b"TOUCHED\r\n", False: b"NOT_FOUND\r\n"}),
    "incr": _counter,
    "decr": _decreased,
    "stats": _stats,
    "version": _version,
    "raw_command": _raw,
    "cache_memlimit": _OK,
    "flush_all": _OK,
    # The server closes the connection.
    **dict.fromkeys(("quit", "shutdown"), _closed),
}
