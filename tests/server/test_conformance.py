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
    "set: STORED": b"set a 0 0 1\r\n5\r\n",
    "set: nothing": b"set b 3 0 1 noreply\r\nx\r\n",
    "set: CLIENT_ERROR": b"set a 0 0 -1\r\n",
    "add: STORED": b"add c 0 300 1\r\n1\r\n",
    "add: NOT_STORED": b"add a 0 0 1\r\n1\r\n",
    "replace: STORED": b"replace a 1 0 2\r\n10\r\n",
    "append: STORED": b"append a 0 0 1\r\n0\r\n",
    "append: NOT_STORED": b"append none 0 0 1\r\n0\r\n",
    "prepend: STORED": b"prepend a 0 0 1\r\n1\r\n",
    "cas: STORED": b"cas a 0 0 2 @0\r\n99\r\n",
    "cas: EXISTS": b"cas a 0 0 1 @1\r\n1\r\n",
    "cas: NOT_FOUND": b"cas none 0 0 1 1\r\n1\r\n",
    "get: VALUE": b"get none a b\r\n",
    "get: END": b"get none\r\n",
    "get: ERROR": b"get\r\n",
    "gets: VALUE": b"gets b a\r\n",
    "gat: VALUE": b"gat 300 a\r\n",
    "gats: VALUE": b"gats 0 a b\r\n",
    "incr: a number": b"incr a 5\r\n",
    "incr: NOT_FOUND": b"incr none 5\r\n",
    "incr: CLIENT_ERROR": b"incr b 1\r\n",
    "decr: a number": b"decr a 90\r\n",
    "touch: TOUCHED": b"touch a 300\r\n",
    "touch: NOT_FOUND": b"touch none 0\r\n",
    "delete: DELETED": b"delete a\r\n",
    "delete: NOT_FOUND": b"delete none\r\n",
    "version: VERSION": b"version\r\n",
    "flush_all: OK": b"flush_all\r\n",
}
"""What memcached usually answers, each with a request that gets it after those before."""

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
    """The machine finds no difference, and gets about."""

    @classmethod
    def setUpClass(cls) -> None:
        """Start a real memcached."""
        Machine.real = start(cls)

    def setUp(self) -> None:
        """Count anew."""
        SEEN.clear()

    def test_usual_answers_are_those_of_memcached(self) -> None:
        """Each of them, whatever requests hypothesis comes upon."""
        machine = Machine()
        for answer, template in USUAL.items():
            with self.subTest(answer):
                machine.both(template)
                machine.items_are_the_same()
                self.assertEqual(SEEN[answer], 1)
        machine.teardown()

    def test_answers_are_those_of_memcached(self) -> None:
        """In every step of every example; most of the usual ones are among them."""
        run_state_machine_as_test(Machine, settings=SETTINGS)
        print(f"\n{SEEN['commands']} random commands, as memcached answers them", file=sys.stderr)
        self.assertGreaterEqual(SEEN["commands"], 5000)
        # Which ones depends on the version of hypothesis.
        self.assertGreater(len(USUAL.keys() & SEEN.keys()), 0.8 * len(USUAL), SEEN)
