"""A request taken apart, its steps taken one at a time, and judged without any items."""

from __future__ import annotations

import unittest
from typing import List, Optional, Tuple

from hypothesis import given, settings

from tests.server.requests import REQUESTS, is_known, with_tokens_of
from tripwire.plugins._memcache.server import Command, Server, UnknownCommand, rejected, split


def told(request: bytes) -> List[Tuple[bytes, Tuple[bytes, ...], bool, bool, bool]]:
    """Return what the steps of a request say of themselves."""
    return [
        (each.verb, each.keys, each.noreply, each.reads, each.everything) for each in split(request)
    ]


class SplitTest(unittest.TestCase):
    """The steps of a request."""

    def test_line_of_a_batch_is_a_step(self) -> None:
        """With its key, and whether it only reads."""
        self.assertEqual(
            told(b"set a 0 0 1 noreply\r\n1\r\ndelete b\r\nincr c 1\r\ntouch d 0 noreply\r\n"),
            [
                (b"set", (b"a",), True, False, False),
                (b"delete", (b"b",), False, False, False),
                (b"incr", (b"c",), False, False, False),
                (b"touch", (b"d",), True, False, False),
            ],
        )

    def test_key_of_a_line_that_reads_several_is_a_step(self) -> None:
        """GAT and GATS change the expiry."""
        self.assertEqual(
            told(b"get a b\r\ngats 5 c d\r\n"),
            [
                (b"get", (b"a",), False, True, False),
                (b"get", (b"b",), False, True, False),
                (b"gats", (b"c",), False, False, False),
                (b"gats", (b"d",), False, False, False),
            ],
        )

    def test_some_commands_concern_everything_and_some_nothing(self) -> None:
        """FLUSH_ALL, STATS and SHUTDOWN concern all items."""
        for line, everything in (
            *((b"flush_all", True), (b"stats", True), (b"shutdown", True), (b"gat 0", False)),
            *((b"version", False), (b"quit", False), (b"flush_all x", False), (b"get", False)),
        ):
            with self.subTest(line=line):
                (step,) = split(line + b"\r\n")
                self.assertEqual((step.keys, step.everything), ((), everything))

    def test_parts_of_an_item_are_told(self) -> None:
        """As they were sent."""
        self.assertEqual(
            split(b"cas k 5 60 2 7\r\nab\r\n"),
            [Command(b"cas", (b"k",), flags=5, exptime=60, number=7, data=b"ab")],
        )
        self.assertEqual(split(b"gat 60 k\r\n")[0].exptime, 60)
        self.assertEqual(split(b"decr k 8\r\n")[0].number, 8)

    def test_request_that_is_not_complete_is_waited_for(self) -> None:
        """In silence: a line without its end, and data that is still to come."""
        server = Server(lambda: 0.0)
        for request in (b"get k", b"set k 0 0 5\r\nab", b"set k 0 0 2\r\nab", b"x"):
            with self.subTest(request=request):
                (step,) = split(request)
                self.assertTrue(step.waits)
                self.assertEqual(server.answer(request), b"")
        self.assertEqual(server.items.held, set())
        self.assertEqual(server.answer(b"get k\r\nget k"), b"END\r\n")

    @settings(max_examples=200, derandomize=True, deadline=None, database=None)
    @given(REQUESTS)
    def test_answer_is_the_answers_to_the_steps(self, requests: List[bytes]) -> None:
        """Whether it is given at once or step by step."""
        at_once, by_step = Server(lambda: 1000.0), Server(lambda: 1000.0)
        for request in filter(is_known, [with_tokens_of(each, lambda key: 1) for each in requests]):
            steps = [by_step.apply(step) for step in split(request)]
            self.assertEqual(at_once.answer(request), b"".join(steps))
        self.assertEqual(list(at_once.items), list(by_step.items))
        self.assertEqual(at_once.counters, by_step.counters)
        self.assertEqual(at_once.named, by_step.named)


class RejectedTest(unittest.TestCase):
    """What is wrong whatever the server holds."""

    def assert_rejected(self, request: bytes, answer: Optional[bytes]) -> None:
        """Assert it, and that an empty server and a full one answer so."""
        self.assertEqual(rejected(request), answer)
        if answer is not None:
            full = Server(lambda: 0.0)
            full.answer(b"set k 0 0 1\r\n5\r\n")
            for server in (full, Server(lambda: 0.0)):
                self.assertEqual(server.answer(request), answer)

    def test_request_is_judged_without_items(self) -> None:
        """What pymemcache sends and memcached does not take, whatever it holds."""
        bad, data = b"CLIENT_ERROR bad command line format\r\n", b"ERROR\r\n"
        amount = b"CLIENT_ERROR invalid numeric delta argument\r\n"
        for request, answer in (
            *((b"incr k -1\r\n", amount), (b"decr k %d\r\n" % 2**64, amount)),
            *((b"incr k -1 noreply\r\n", b""), (b"get \r\n", b"ERROR\r\n")),
            *((b"set k -1 0 1\r\nv\r\n", bad + data), (b"set  0 0 1\r\nv\r\n", data + data)),
            *((b"cas k 0 0 1 %d\r\nv\r\n" % 2**64, bad + data), (b"stats of\r\n", b"ERROR\r\n")),
            *((b"set  0 0 1 noreply\r\nv\r\n", data), (b"get %b\r\n" % (b"k" * 251), bad)),
        ):
            with self.subTest(request=request):
                self.assert_rejected(request, answer)

    def test_request_that_depends_on_what_is_held_is_not_rejected(self) -> None:
        """Nor one that nothing is wrong with, nor one that is not known."""
        for request in (
            *(b"get k\r\n", b"incr k 1\r\n", b"set k 0 0 1\r\nv\r\n", b"delete  noreply\r\n"),
            *(b"mg k v\r\n", b"stats slabs\r\n", b"", b"get k"),
        ):
            with self.subTest(request=request):
                self.assert_rejected(request, None)

    def test_batch_is_judged_by_its_malformed_lines(self) -> None:
        """Those that are well-formed are done all the same."""
        request = b"set a 0 0 1\r\n1\r\nset  0 0 1\r\n1\r\nset b 0 0 1\r\n1\r\n"
        self.assertEqual(rejected(request), b"ERROR\r\nERROR\r\n")
        server = Server(lambda: 0.0)
        self.assertEqual(server.answer(request), b"STORED\r\nERROR\r\nERROR\r\nSTORED\r\n")
        self.assertEqual(server.items.held, {b"a", b"b"})

    def test_unknown_command_says_which(self) -> None:
        """Its verb, and of STATS the kind."""
        for request, verb in ((b"mg k v\r\n", b"mg"), (b"stats slabs\r\n", b"stats slabs")):
            with self.assertRaises(UnknownCommand) as caught:
                split(request)
            self.assertEqual(caught.exception.verb, verb)
