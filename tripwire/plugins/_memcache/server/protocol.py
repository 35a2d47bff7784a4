"""A request taken apart: what memcached makes of each line, before it looks at any item.

It follows the protocol text, https://github.com/memcached/memcached/blob/master/doc/protocol.txt,
and where that is silent memcached 1.6.18, measured: which malformed line gets which error, and
what becomes of the data behind it.
"""

from __future__ import annotations

import itertools
import re
from typing import Callable, Dict, List, NamedTuple, Optional, Tuple

ERROR = b"ERROR\r\n"
BAD_LINE = b"CLIENT_ERROR bad command line format\r\n"
BAD_DATA = b"CLIENT_ERROR bad data chunk\r\n"
BAD_EXPTIME = b"CLIENT_ERROR invalid exptime argument\r\n"
BAD_AMOUNT = b"CLIENT_ERROR invalid numeric delta argument\r\n"
BAD_DELETE = b"CLIENT_ERROR bad command line format.  Usage: delete <key> [noreply]\r\n"
BAD_SHUTDOWN = b"CLIENT_ERROR invalid shutdown mode\r\n"

LONGEST_KEY = 250
"""Bytes; a longer key makes the line malformed."""

STORES = frozenset({b"set", b"add", b"replace", b"append", b"prepend", b"cas"})
"""The commands that are followed by a line of data."""


class UnknownCommand(Exception):
    """A command that is none of pymemcache's, and that nothing here can answer.

    Attributes: `verb` (its first word; of `stats`, with the kind that was asked for).
    """

    def __init__(self, verb: bytes) -> None:
        super().__init__(verb)
        self.verb = verb


class Command(NamedTuple):
    """A step of a request: a line with its data, or one key of a line that reads several.

    Attributes: `verb` (as it is sent: `b"get"`; empty where a line has none), `keys` (those that it
    names), `noreply` (the server keeps silent), `rejection` (what it is answered whatever the
    server holds, since it is malformed; else None), `waits` (the server waits for the rest of it,
    in silence); and, as the verb has them, `flags`, `exptime` (seconds as they were sent, in 32
    bits), `number` (an amount, a cas token, megabytes), `data`, `words` (what was asked of `stats`)
    and `end` (what follows the answer of the last key).
    """

    verb: bytes
    keys: Tuple[bytes, ...] = ()
    noreply: bool = False
    rejection: Optional[bytes] = None
    waits: bool = False
    flags: int = 0
    exptime: int = 0
    number: int = 0
    data: bytes = b""
    words: Tuple[bytes, ...] = ()
    end: bytes = b""

    @property
    def reads(self) -> bool:
        """Whether it changes no item."""
        return self.verb in _READS or self.rejection is not None or self.waits

    @property
    def everything(self) -> bool:
        """Whether it concerns all items, whatever their keys."""
        return self.verb in _OF_EVERYTHING and self.rejection is None

    @property
    def closes(self) -> bool:
        """Whether the server closes the connection after it."""
        return self.verb in _CLOSING and self.rejection is None


_READS = frozenset({b"get", b"gets", b"version", b"verbosity", b"cache_memlimit", b"quit"})
_OF_EVERYTHING = frozenset({b"flush_all", b"stats", b"shutdown"})
_CLOSING = frozenset({b"quit", b"shutdown"})


def split(request: bytes) -> List[Command]:
    """Take a request apart. `UnknownCommand` where a line is none of the commands known here.

    A line of a storage command that is rejected leaves its data behind, which memcached reads as
    the next command; so from there on an unknown word is what it is to memcached: an `ERROR`.
    """
    commands: List[Command] = []
    place, astray = 0, False
    while place < len(request) and not (commands and commands[-1].closes):
        end = request.find(b"\n", place)
        if end < 0:
            commands.append(Command(b"", waits=True))
            break
        words = _words(request[place:end])
        place = end + 1
        verb = words[0] if words else b""
        if verb in STORES:
            command, place = _store(words, request, place)
            astray = astray or command.rejection is not None
            commands.append(command)
        elif verb in _LINES:
            commands += _line(words)
        elif verb and not astray:
            raise UnknownCommand(verb)
        else:
            commands.append(Command(verb, rejection=ERROR))
    return commands


def rejected(request: bytes) -> Optional[bytes]:
    """The error lines that memcached answers to a request whatever it holds.

    None where nothing is wrong with it; no bytes where it is wrong and `noreply` silences that. Of
    a batch, those of its malformed lines. What is unknown here is not judged.
    """
    usual = _USUAL.match(request)
    if usual is not None:
        data = int(usual[1]) + 2 if usual[1] else 0
        if usual.end() + data == len(request) and request.endswith(b"\r\n"):
            return None
    try:
        lines = [each.rejection for each in split(request) if each.rejection is not None]
    except UnknownCommand:
        return None
    return b"".join(lines) if lines else None


# What nearly all requests look like that are not only read: so plain that nothing is wrong with it.
_USUAL = re.compile(
    rb"(?:(?:set|add|replace|append|prepend) [!-~]{1,250} \d{1,9} \d{1,9} (\d{1,9})"
    rb"|delete [!-~]{1,250}|(?:incr|decr) [!-~]{1,250} \d{1,19}|touch [!-~]{1,250} \d{1,9}"
    rb")(?: noreply)?\r\n"
)


# --- a line --------------------------------------------------------------------------------------


class _Rejected(Exception):
    """A line is malformed: the answer to it."""


def _words(line: bytes) -> List[bytes]:
    # To memcached a line is a C string: it ends at the first NUL. Nothing but spaces separates.
    if line[-1:] == b"\r":
        line = line[:-1]
    if b"\0" in line:
        line = line[: line.index(b"\0")]
    words = line.split(b" ")
    return [word for word in words if word] if b"" in words else words


def _line(words: List[bytes]) -> List[Command]:
    verb = words[0]
    least, most, parse = _LINES[verb]
    if not least <= len(words) <= most:
        return [Command(verb, rejection=ERROR)]
    noreply = _is_silent(words)
    try:
        return parse(words, noreply)
    except _Rejected as rejection:
        return [Command(verb, noreply=noreply, rejection=b"" if noreply else rejection.args[0])]


def _is_silent(words: List[bytes]) -> bool:
    # The last word counts, whatever it stands for. DELETE looks behind its key only, so that one
    # with an empty key deletes the key `noreply`, and says so.
    least = _SILENCEABLE.get(words[0])
    return least is not None and words[-1] == b"noreply" and len(words) >= least


def _key(word: bytes) -> bytes:
    if len(word) > LONGEST_KEY:
        raise _Rejected(BAD_LINE)
    return word


def _read(words: List[bytes], noreply: bool) -> List[Command]:
    return _reads(words[0], words[1:], 0)


def _read_and_touch(words: List[bytes], noreply: bool) -> List[Command]:
    return _reads(words[0], words[2:], _exptime(words[1]))


def _reads(verb: bytes, keys: List[bytes], exptime: int) -> List[Command]:
    if not keys:
        return [Command(verb, end=b"END\r\n")]
    fit = list(itertools.takewhile(lambda key: len(key) <= LONGEST_KEY, keys))
    if len(fit) < len(keys):
        # The keys before it are read, and touched, and nothing is said of them.
        done = [Command(verb, (key,), noreply=True, exptime=exptime) for key in fit]
        return [*done, Command(verb, rejection=BAD_LINE)]
    last = Command(verb, (keys[-1],), exptime=exptime, end=b"END\r\n")
    return [*[Command(verb, (key,), exptime=exptime) for key in keys[:-1]], last]


def _touch(words: List[bytes], noreply: bool) -> List[Command]:
    return [Command(words[0], (_key(words[1]),), noreply, exptime=_exptime(words[2]))]


def _count(words: List[bytes], noreply: bool) -> List[Command]:
    key, amount = _key(words[1]), unsigned(words[2])
    if amount is None:
        raise _Rejected(BAD_AMOUNT)
    return [Command(words[0], (key,), noreply, number=amount)]


def _delete(words: List[bytes], noreply: bool) -> List[Command]:
    # Once there was a time after the key. 0 is taken still, any other is not.
    if len(words) > 2 and words[2:] not in ([b"0"], [b"noreply"], [b"0", b"noreply"]):
        raise _Rejected(BAD_DELETE)
    return [Command(words[0], (_key(words[1]),), noreply)]


def _flush(words: List[bytes], noreply: bool) -> List[Command]:
    given = len(words) > (2 if noreply else 1)
    return [Command(words[0], noreply=noreply, exptime=_exptime(words[1]) if given else 0)]


def _verbosity(words: List[bytes], noreply: bool) -> List[Command]:
    if unsigned(words[1]) is None:
        raise _Rejected(BAD_LINE)
    return [Command(words[0], noreply=noreply)]


def _memlimit(words: List[bytes], noreply: bool) -> List[Command]:
    megabytes = unsigned(words[1])
    if megabytes is None:
        raise _Rejected(ERROR)
    return [Command(words[0], noreply=noreply, number=megabytes % 2**32)]


def _stats(words: List[bytes], noreply: bool) -> List[Command]:
    kind = b"".join(words[1:2])
    if kind in _UNKNOWN_STATS:
        raise UnknownCommand(b"stats " + kind)
    if kind not in _KNOWN_STATS:
        raise _Rejected(ERROR)
    return [Command(words[0], words=tuple(words[1:]))]


def _plain(words: List[bytes], noreply: bool) -> List[Command]:
    return [Command(words[0])]


def _shutdown(words: List[bytes], noreply: bool) -> List[Command]:
    if words[1:] not in ([], [b"graceful"]):
        raise _Rejected(BAD_SHUTDOWN)
    return [Command(words[0])]


_KNOWN_STATS = frozenset({b"", b"reset", b"settings", b"items", b"cachedump"})
# What the real server knows of its memory, its connections and its prefixes; nothing here does.
_UNKNOWN_STATS = frozenset({b"slabs", b"sizes", b"conns", b"detail", b"extstore", b"proxy"})

_Parse = Callable[[List[bytes], bool], List[Command]]
_ANY = 2**31

# The least and the most words of a line, and what reads it.
_LINES: Dict[bytes, Tuple[int, int, _Parse]] = {
    b"get": (2, _ANY, _read),
    b"gets": (2, _ANY, _read),
    b"gat": (2, _ANY, _read_and_touch),
    b"gats": (2, _ANY, _read_and_touch),
    b"touch": (3, 4, _touch),
    b"incr": (3, 4, _count),
    b"decr": (3, 4, _count),
    b"delete": (2, 4, _delete),
    b"flush_all": (1, 3, _flush),
    b"verbosity": (2, 3, _verbosity),
    b"cache_memlimit": (2, 3, _memlimit),
    b"stats": (1, _ANY, _stats),
    b"version": (1, _ANY, _plain),
    b"quit": (1, _ANY, _plain),
    b"shutdown": (1, _ANY, _shutdown),
}
# Where `noreply` is looked for, and from how many words on.
_SILENCEABLE: Dict[bytes, int] = {
    **dict.fromkeys((*STORES, b"touch", b"incr", b"decr", b"delete"), 3),
    **dict.fromkeys((b"flush_all", b"verbosity", b"cache_memlimit"), 2),
}


# --- a line with data ----------------------------------------------------------------------------


def _store(words: List[bytes], request: bytes, place: int) -> Tuple[Command, int]:
    """The command of a line and of the data behind it, and where the next line begins."""
    verb, at_least = words[0], 6 if words[0] == b"cas" else 5
    if not at_least <= len(words) <= at_least + 1:
        return Command(verb, rejection=ERROR), place
    noreply = _is_silent(words)
    flags, exptime, size = unsigned(words[2]), signed(words[3]), signed(words[4])
    token = unsigned(words[5]) if verb == b"cas" else 0
    if flags is None or exptime is None or size is None or token is None:
        return Command(verb, noreply=noreply, rejection=b"" if noreply else BAD_LINE), place
    if len(words[1]) > LONGEST_KEY or not 0 <= size <= 2**31 - 3:
        return Command(verb, noreply=noreply, rejection=b"" if noreply else BAD_LINE), place
    end = place + size
    data, next_line = request[place:end], end + 2
    command = Command(verb, (words[1],), noreply, None, False, flags % 2**32, exptime, token, data)
    if len(request) < next_line:
        return command._replace(waits=True), len(request)
    if request[end:next_line] != b"\r\n":
        return Command(verb, noreply=noreply, rejection=b"" if noreply else BAD_DATA), next_line
    return command, next_line


# --- numbers, as C reads them --------------------------------------------------------------------

# White space, a sign, digits; white space or a NUL must follow, and anything may after that.
_NUMBER = re.compile(rb"\s*([+-]?)0*([0-9]{1,20})(?=[\s\0]|\Z)")


def unsigned(text: bytes) -> Optional[int]:
    """A number of 64 bits, as `strtoull` reads it and memcached takes it; None where it does not.

    A negative one wraps around, and is refused where that makes it exceed 63 bits: nearly always.
    """
    if text.isdigit() and len(text) < 20:
        return int(text)
    number = _integer(text)
    if number is None or abs(number) >= 2**64:
        return None
    wrapped = number % 2**64
    return None if wrapped >= 2**63 and b"-" in text.partition(b"\0")[0] else wrapped


def signed(text: bytes) -> Optional[int]:
    """A number as `strtol` reads it, cut to 32 bits; None where it is none, or beyond 64 bits."""
    if text.isdigit() and len(text) < 10:
        return int(text)
    number = _integer(text)
    if number is None or not -(2**63) <= number < 2**63:
        return None
    return (number + 2**31) % 2**32 - 2**31


def _exptime(text: bytes) -> int:
    number = signed(text)
    if number is None:
        raise _Rejected(BAD_EXPTIME)
    return number


def _integer(text: bytes) -> Optional[int]:
    found = _NUMBER.match(text)
    return int(found[1] + found[2]) if found else None
