"""Replies to requests that memcached rejects, of clients that swallow its errors.

SPECIFICATION 7, 11.
"""

from __future__ import annotations

import unittest
from typing import Any, List, Tuple

from tests.replying.giving import give
from tripwire import ImpossibleReplyMetError


class IgnoredTest(unittest.TestCase):
    """`ignore_exc=True`."""

    def test_what_a_client_makes_of_any_error(self) -> None:
        """With `ignore_exc` it fetched nothing, and may be said to."""
        calls: List[Tuple[Any, str, Tuple[Any, ...]]] = [
            (None, "get", ("",)),
            ("d", "get", ("", "d")),
            (("d", None), "gets", ("", "d")),
            ({}, "get_many", ([""],)),
            ({}, "gets_many", ([""],)),
            (True, "cache_memlimit", (-1,)),
        ]
        for reply, command, args in calls:
            with self.subTest(command):
                self.assertEqual(give(reply, command, *args, ignore_exc=True), reply)
                with self.assertRaisesRegex(ImpossibleReplyMetError, "rejects this request"):
                    give(reply, command, *args)
        for given, command, args in ((b"v", "get", ("",)), (True, "set", ("", b"v"))):
            with self.assertRaisesRegex(ImpossibleReplyMetError, "rejects this request"):
                give(given, command, *args, ignore_exc=True)
