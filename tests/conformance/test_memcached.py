"""The tests' own memcached: found, required, started and stopped."""

from __future__ import annotations

import os
import socket
import unittest
from unittest import mock

from tests.support import memcached


class MemcachedTest(unittest.TestCase):
    """What a test gets that asks for a real memcached."""

    def test_missing_memcached_skips_with_how_to_get_it(self) -> None:
        """Who has no memcached reads which command installs one."""
        with mock.patch("shutil.which", return_value=None), mock.patch.dict(os.environ):
            os.environ.pop(memcached.REQUIRED, None)
            with self.assertRaisesRegex(unittest.SkipTest, "apt-get install memcached"):
                memcached.find()

    def test_missing_memcached_fails_where_it_is_required(self) -> None:
        """With the environment variable nothing is skipped in silence."""
        with mock.patch("shutil.which", return_value=None), mock.patch.dict(os.environ):
            os.environ[memcached.REQUIRED] = "1"
            with self.assertRaisesRegex(AssertionError, "apt-get install memcached"):
                memcached.find()

    def test_server_listens_while_it_is_on(self) -> None:
        """It answers as soon as it is there, and nobody listens when it was stopped."""
        server = memcached.Server()
        answers = server.ask(b"get k\r\nversion\r\nverbosity 0\r\n", b"OK\r\n")
        self.assertEqual(answers[0], b"END\r\n")
        self.assertRegex(answers[1], rb"VERSION \d")
        server.stop()
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(server.address)

    def test_server_that_does_not_start_says_so(self) -> None:
        """An option that memcached refuses is an error with the whole command line."""
        memcached.find()
        with self.assertRaisesRegex(RuntimeError, "did not start: .*memcached .* --nonsense"):
            memcached.Server("--nonsense")
