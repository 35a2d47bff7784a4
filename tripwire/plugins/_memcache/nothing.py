"""What a server that holds nothing answers.

The lines are those of the protocol text:
https://github.com/memcached/memcached/blob/master/doc/protocol.txt
"""

from __future__ import annotations

from typing import Any, Optional

from tripwire.plugins._memcache.wire import (
    AS_READ,
    END_OF_LINE,
    Answer,
    Call,
    Unwound,
    says_noreply,
)

_READ = {b"get": b"END\r\n", b"gets": b"END\r\n", b"gat": b"END\r\n", b"gats": b"END\r\n"}
_STORE = {
    b"set": b"STORED\r\n",
    b"add": b"STORED\r\n",
    b"replace": b"NOT_STORED\r\n",
    b"append": b"NOT_STORED\r\n",
    b"prepend": b"NOT_STORED\r\n",
    b"cas": b"NOT_FOUND\r\n",
}
_ANSWERS = {
    **_READ,
    **_STORE,
    b"stats": b"END\r\n",
    b"delete": b"NOT_FOUND\r\n",
    b"incr": b"NOT_FOUND\r\n",
    b"decr": b"NOT_FOUND\r\n",
    b"touch": b"NOT_FOUND\r\n",
    b"cache_memlimit": b"OK\r\n",
    b"flush_all": b"OK\r\n",
    b"version": b"VERSION 0\r\n",
    # The server closes the connection.
    b"shutdown": b"",
    b"quit": b"",
}
"""By the first word of a command."""


def answer(call: Call, *, asserted: bool, gives: Any = AS_READ) -> Answer:
    """The answer to a call; one that leaves the method where it waits for unknown bytes."""
    if call.command.method == "raw_command":
        data: Optional[bytes] = call.answer_end
    else:
        data = _bytes(call.request)
    if data is None:
        return Answer(lost=Unwound(), gives=gives, asserted=asserted, more=_more)
    return Answer(data, gives=gives, asserted=asserted, more=_more)


def _more(request: bytes) -> bytes:
    return _bytes(request) or b""


def _bytes(request: bytes) -> Optional[bytes]:
    """The answers to all commands of a request; None where there is one that nobody knows."""
    answers = []
    at = 0
    try:
        while at < len(request):
            end = request.index(END_OF_LINE, at)
            words = request[at:end].split(b" ")
            at = end + len(END_OF_LINE)
            verb = words[0]
            if verb in _STORE:
                at += int(words[4]) + len(END_OF_LINE)
            # A read has no `noreply`, but perhaps a key of that name.
            if verb in _READ or not says_noreply(words):
                answers.append(_ANSWERS[verb])
    except (KeyError, ValueError, IndexError):
        return None
    return b"".join(answers)
