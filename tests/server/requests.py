"""Requests as hypothesis makes them up: mostly right, sometimes wrong, of a few keys."""

from __future__ import annotations

import re
from typing import Callable, Sequence, Union

from hypothesis import strategies as st

from tripwire.plugins._memcache.server import UnknownCommand, split

KEYS = (b"a", b"b", b"c", b"k" * 250)
LONG = b"k" * 251
READ_ALL = b"get %b\r\n" % b" ".join(KEYS)

TEXTS = (b"", b"x", b"5.0", b"get a\r\n", b"END\r\n", b"x" * 40)
NUMBERS = (
    *(b"5", b"10", b"99", b"1000", b"%d" % (2**64 - 1), b" 5", b"5 ", b"007", b"+7", b"9 7"),
    *(b"5\0x", b"5\r\n"),
)
# With a key of one letter as large as can be, one more, and two halves that are too much.
LARGE = (b"x" * 1048516, b"x" * 1048512, b"x" * 1048517, b"5" * 524300)

# Seconds that nobody waits for, so that no item expires while the test runs.
TO_COME = (0, 0, 0, 0, 300, 2592000, 2**31 - 1, 2**32, b" 300")
OVER = (-1, 2592001, 2**31, 2**32 - 1, 2**63 - 1)
NO_TIMES = (b"", b"x", b"1.5", 2**63)
FLAGS = (0, 0, 0, 1, 2**32 - 1, 2**32)
NO_FLAGS = (-1, b"x", 2**64, -(2**64) - 1)
AMOUNTS = (0, 1, 1, 5, 90, 2**63, 2**64 - 1, -(2**64) + 1)
NO_AMOUNTS = (2**64, -1, b"x", b"1.5")
TOKENS = (b"@0", b"@0", b"@1", b"0")
NO_TOKENS = (b"-1", b"%d" % 2**64, b"x", b"")
"""`@0` stands for the token that the item has, `@1` for one more."""


Word = Union[int, bytes]


def text(value: Word) -> bytes:
    """Return a number as it is written in a request; bytes as they are."""
    return value if isinstance(value, bytes) else b"%d" % value


def mostly(right: Sequence[Word], wrong: Sequence[Word]) -> st.SearchStrategy[bytes]:
    """Return one of the right words of a request, now and then a wrong one."""
    times = 8 * len(wrong) // len(right) + 1
    return st.sampled_from([text(value) for value in (*(times * [*right]), *wrong)])


KEY = mostly((*KEYS[:3], *KEYS), (b"", LONG))
EXPTIME = mostly(TO_COME, OVER) | mostly(TO_COME, (*OVER, *NO_TIMES))
NOREPLY = mostly((b"", b"", b" noreply"), (b" x",))


@st.composite
def _store(draw: st.DrawFn) -> bytes:
    verbs = (b"set", b"set", b"set", b"add", b"replace", b"append", b"prepend", b"cas", b"cas")
    verb = draw(st.sampled_from(verbs))
    value = draw(mostly((*TEXTS, *NUMBERS, *NUMBERS), LARGE))
    token = b" " + draw(mostly(TOKENS, NO_TOKENS)) if verb == b"cas" else b""
    size = len(value) + int(draw(mostly((0,), (-1,))))
    line = (verb, draw(KEY), draw(mostly(FLAGS, NO_FLAGS)), draw(EXPTIME), b"%d" % size)
    return b" ".join(line) + token + draw(NOREPLY) + b"\r\n" + value + b"\r\n"


@st.composite
def _words(draw: st.DrawFn) -> bytes:
    # Nonsense made of the words that there are. None of them is a small number of seconds.
    words = draw(st.lists(st.sampled_from(_VOCABULARY), max_size=6))
    space = draw(mostly((b" ", b"  "), (b"\t",)))
    return space.join([draw(st.sampled_from(_VERBS)), *words]) + b"\r\n"


_VERBS = (
    *(b"get", b"gets", b"gat", b"gats", b"touch", b"incr", b"decr", b"delete"),
    *(b"set", b"add", b"replace", b"append", b"prepend", b"cas"),
    *(b"version", b"verbosity", b"cache_memlimit"),
)
_VOCABULARY = (
    *_VERBS,
    *KEYS[:3],
    b"0",
    b"0",
    b"300",
    b"-1",
    b"noreply",
    b"noreply",
    b"x",
    b"",
    LONG,
)

LINES = st.one_of(
    _store(),
    _store(),
    _store(),
    st.builds(
        lambda verb, keys: b"%b %b\r\n" % (verb, b" ".join(keys)),
        st.sampled_from((b"get", b"gets", b"gets")),
        st.lists(KEY, max_size=4),
    ),
    st.builds(
        lambda verb, exptime, keys: b"%b %b %b\r\n" % (verb, exptime, b" ".join(keys)),
        st.sampled_from((b"gat", b"gats")),
        EXPTIME,
        st.lists(KEY, max_size=3),
    ),
    st.builds(b"touch %b %b%b\r\n".__mod__, st.tuples(KEY, EXPTIME, NOREPLY)),
    st.builds(b"incr %b %b%b\r\n".__mod__, st.tuples(KEY, mostly(AMOUNTS, NO_AMOUNTS), NOREPLY)),
    st.builds(b"decr %b %b%b\r\n".__mod__, st.tuples(KEY, mostly(AMOUNTS, NO_AMOUNTS), NOREPLY)),
    st.builds(
        b"delete %b%b%b\r\n".__mod__,
        st.tuples(KEY, mostly((b"", b" 0"), (b" 10",)), NOREPLY),
    ),
    # The real server removes what was flushed when it is asked for it, and not before.
    st.builds(
        b"flush_all%b%b\r\n%b".__mod__,
        st.tuples(
            st.sampled_from((b"", b" 0", b" -1", b" 1000", b" 2592001", b" x")),
            NOREPLY,
            st.just(READ_ALL),
        ),
    ),
    st.sampled_from(
        (b"version\r\n", b"verbosity 0\r\n", b"cache_memlimit 0\r\n", b"stats none\r\n", b"\r\n")
    ),
    _words(),
)
"""A line, with its data; now and then what is left of one."""

REQUESTS = st.lists(st.builds(b"".join, st.lists(LINES, min_size=1, max_size=4)), max_size=8)
"""Requests, one after another; of a batch, several lines in one."""


def with_tokens_of(template: bytes, token_of: Callable[[bytes], int]) -> bytes:
    """Return a request with the tokens that it asks for, given the token of a key."""
    return _ASKS.sub(
        lambda found: found[1] + b"%d" % (token_of(found[2]) + int(found[3])), template
    )


_ASKS = re.compile(rb"(cas (\S*) \S* \S* \S+ )@(\d)")


def is_known(request: bytes) -> bool:
    """Whether a request is complete, and its commands are known to the server in memory."""
    try:
        return not any(each.waits for each in split(request))
    except UnknownCommand:
        return False
