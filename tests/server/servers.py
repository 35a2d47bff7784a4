"""The real memcached and the one in memory, side by side."""

from __future__ import annotations

import re
import socket
import time
import unittest
from contextlib import suppress
from typing import ClassVar, Optional, Type

# The only place in this folder that knows where it is.
from tests.support import memcached
from tripwire.plugins._memcache.server import Server

PLAIN = ("-o", "no_lru_maintainer,no_lru_crawler")
"""Without the threads that look at items in the background, and now and then get in the way."""

TOKENS = re.compile(rb"(VALUE \S+ \d+ \d+ )(\d+)(?=\r\n)")
"""A line with a cas token, as GETS and GATS are answered."""


class Real:
    """A conversation with a real memcached."""

    def __init__(self, server: memcached.Server) -> None:
        self._socket = socket.create_connection(server.address, timeout=10)

    def answer(self, request: bytes) -> bytes:
        """What it answers to a request that is complete, and does not end the connection."""
        # It says MN when it has done all that was sent before.
        self._socket.sendall(request + b"mn\r\n")
        answer = b""
        while not answer.endswith(b"MN\r\n"):
            answer += self._socket.recv(1 << 16)
        return answer[:-4]

    def stat(self, name: bytes) -> int:
        """One of the numbers that STATS gives."""
        found = re.search(rb"STAT %b (\d+)\r\n" % name, self.answer(b"stats\r\n"))
        return int(found[1]) if found else 0

    def empty(self) -> int:
        """Remove everything; return the cas token that it gave last."""
        answer = self.answer(b"flush_all\r\nset k 0 0 0\r\n\r\ngets k\r\ndelete k\r\n")
        found = TOKENS.search(answer)
        return int(found[2]) if found else 0

    def close(self) -> None:
        """End the connection."""
        self._socket.close()


def start(test: Type[unittest.TestCase], *options: str) -> Real:
    """Start a real memcached for a class of tests, and a conversation with it.

    `SkipTest` where there is none on this machine.
    """
    real = Real(memcached.start(test, *PLAIN, *options))
    test.addClassCleanup(real.close)
    return real


def with_tokens(answer: bytes, change: int) -> bytes:
    """An answer in which each cas token is another one, by so much."""
    return TOKENS.sub(lambda found: found[1] + b"%d" % (int(found[2]) + change), answer)


class ServerTest(unittest.TestCase):
    """A test of the one in memory, whose answers are those of a real one, where there is one.

    Attributes: `server`, and `now`, the time by its clock.
    """

    real_one: ClassVar[Optional[Real]] = None
    now: float
    server: Server

    @classmethod
    def setUpClass(cls) -> None:
        """Start a real memcached."""
        with suppress(unittest.SkipTest):
            cls.real_one = start(cls)

    def setUp(self) -> None:
        """Make a server, and let the real one be as empty."""
        self.now = time.time()
        self.server = Server(lambda: self.now)
        self.real = self.real_one
        self.last_token = self.real.empty() if self.real else 0

    def answers(self, request: bytes, answer: bytes) -> None:
        """Assert what a request is answered."""
        self.assertEqual(self.server.answer(request), answer)
        if self.real:
            real = with_tokens(self.real.answer(request), -self.last_token)
            self.assertEqual(real, answer, "the real memcached")

    def advance(self, seconds: float) -> None:
        """Move the clock. The real one cannot follow, and is not asked any more."""
        self.now += seconds
        self.real = None

    def store(self, key: bytes, value: bytes, exptime: int = 0, flags: int = 0) -> None:
        """Set an item."""
        line = b"set %b %d %d %d\r\n" % (key, flags, exptime, len(value))
        self.answers(line + value + b"\r\n", b"STORED\r\n")

    def holds(self, key: bytes, value: Optional[bytes], flags: int = 0) -> None:
        """Assert what a GET of a key gives; None for nothing."""
        hit = b"VALUE %b %d %d\r\n%b\r\n" % (key, flags, len(value or b""), value or b"")
        self.answers(b"get %b\r\n" % key, (b"" if value is None else hit) + b"END\r\n")


class ComparedTest(ServerTest):
    """A test that needs a real one, and is skipped without.

    Attributes: `compared`, the conversation with it.
    """

    compared: ClassVar[Real]

    @classmethod
    def setUpClass(cls) -> None:
        """Start a real memcached."""
        cls.real_one = cls.compared = start(cls)
