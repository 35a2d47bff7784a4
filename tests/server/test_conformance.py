"""Random requests to a real memcached and to the one in memory: the same answers, as bytes."""

from __future__ import annotations

import os
import sys
import time
import unittest
from collections import Counter
from typing import ClassVar, List

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.server.requests import KEYS, LINES, NUMBERS, READ_ALL, is_known, with_tokens_of
from tests.server.servers import Real, start, with_tokens
from tests.server.test_stats import KEPT, read
from tripwire.plugins._memcache.server import Server, split

SETTINGS = settings(
    max_examples=int(os.environ.get("TRIPWIRE_SERVER_EXAMPLES", "60")),
    stateful_step_count=50,
    derandomize=True,
    deadline=None,
    database=None,
)

COUNTED = sorted(
    {*KEPT} - {"curr_items", "bytes", "get_expired", "limit_maxbytes"} - {"cmd_set", "cmd_flush"}
)
"""Without what depends on when the real one finds that an item is gone, and on the example before;
and without its SETs and FLUSH_ALLs: it counts those that are malformed, too."""

SEEN: Counter[str] = Counter()
"""How many commands there were, and how often each was answered in which way."""

USUAL = {
    *("set: STORED", "set: nothing", "add: STORED", "add: NOT_STORED", "replace: STORED"),
    *("append: STORED", "prepend: STORED", "append: NOT_STORED", "cas: STORED", "cas: EXISTS"),
    *("cas: NOT_FOUND", "get: VALUE", "get: END", "gets: VALUE", "gat: VALUE", "gats: VALUE"),
    *("incr: a number", "incr: NOT_FOUND", "incr: CLIENT_ERROR", "decr: a number"),
    *("touch: TOUCHED", "touch: NOT_FOUND", "delete: DELETED", "delete: NOT_FOUND"),
    *("flush_all: OK", "version: VERSION", "get: ERROR", "set: CLIENT_ERROR"),
}
"""Answers without which the machine would not have got anywhere."""

CASE = unittest.TestCase()


class Machine(RuleBasedStateMachine):
    """Both servers, and what was sent to both."""

    real: ClassVar[Real]

    def __init__(self) -> None:
        super().__init__()
        self.server = Server(time.time)
        self.last_token = self.real.empty()
        self.real.answer(b"stats reset\r\n")

    @rule(values=st.lists(st.sampled_from(NUMBERS), min_size=1, max_size=4))
    def fill(self, values: List[bytes]) -> None:
        """Something to find, and to count."""
        lines = [b"set %b 3 0 %d\r\n%b\r\n" % (k, len(v), v) for k, v in zip(KEYS, values)]
        self.both(b"".join(lines))

    @rule(template=LINES)
    def line(self, template: bytes) -> None:
        """One line, and its data."""
        self.both(template)

    @rule(templates=st.lists(LINES, min_size=2, max_size=5))
    def batch(self, templates: List[bytes]) -> None:
        """Several in one request."""
        self.both(b"".join(templates))

    def both(self, template: bytes) -> None:
        """Send a request to both, and compare what they answer."""
        request = with_tokens_of(template, self.token)
        if not is_known(request) or _is_cut_off(request):
            SEEN["left out"] += 1
            return
        steps = split(request)
        SEEN["commands"] += len(steps)
        expected = self.real.answer(
            with_tokens_of(template, lambda key: self.token(key) + self.last_token)
        )
        answer = self.server.answer(request)
        CASE.assertEqual(answer, with_tokens(expected, -self.last_token), request[:500])
        said = answer.split()[0].decode() if answer else "nothing"
        SEEN[f"{steps[0].verb.decode()}: {'a number' if said.isdigit() else said}"] += 1

    def token(self, key: bytes) -> int:
        """Return the token of an item."""
        item = self.server.items.get(key)
        return item.cas if item else 0

    @invariant()
    def items_are_the_same(self) -> None:
        """Values, flags, tokens."""
        expected = self.real.answer(READ_ALL.replace(b"get", b"gets"))
        answer = self.server.answer(READ_ALL.replace(b"get", b"gets"))
        CASE.assertEqual(answer, with_tokens(expected, -self.last_token))

    def teardown(self) -> None:
        """Compare what both have counted."""
        ours, real = (read(each.answer(b"stats\r\n")) for each in (self.server, self.real))
        CASE.assertEqual([ours[name] for name in COUNTED], [real[name] for name in COUNTED])


def _is_cut_off(request: bytes) -> bool:
    # Where a rejected line leaves more data behind than its buffer holds, the real one hangs up.
    # And a key that is too long for a GET makes it forget what it has not sent yet of its answers.
    wrong = [step.verb for step in split(request) if step.rejection is not None]
    return bool(wrong) and (
        len(request) > 10000 or (request.count(b"\n") > 1 and not _READING.isdisjoint(wrong))
    )


_READING = frozenset((b"get", b"gets", b"gat", b"gats"))


class ConformanceTest(unittest.TestCase):
    """The machine finds no difference, and gets everywhere."""

    def test_answers_are_those_of_memcached(self) -> None:
        """In every step of every example."""
        SEEN.clear()
        Machine.real = start(type(self))
        run_state_machine_as_test(Machine, settings=SETTINGS)
        print(f"\n{SEEN['commands']} random commands, as memcached answers them", file=sys.stderr)
        self.assertGreaterEqual(SEEN["commands"], 5000)
        self.assertEqual(USUAL - SEEN.keys(), set())
