"""Calls that come from nowhere, and things that are printed."""

from __future__ import annotations

import _thread
import copy
import pickle
import threading
import time
import unittest
from typing import Any, Dict

from pymemcache.client.base import Client
from pymemcache.client.hash import HashClient

import tripwire
from tests.support.cases import SERVER, by_hand
from tests.support.platform import needs_threads


@needs_threads
class NowhereTest(unittest.TestCase):
    """A bare thread may begin with a call into tripwire: no line of anybody's called it."""

    def test_mock_from_nowhere_says_so(self) -> None:
        """The report of the unused mock has no place to show."""
        verifier, memcache = by_hand()
        _thread.start_new_thread(memcache.mock_command, ("GET",), {"returns": b"v"})
        error = None
        while error is None:
            try:
                verifier.verify_all()
                time.sleep(0)
            except tripwire.UnusedMocksError as found:
                error = found
        self.assertIn("# registered at <unknown>:0 in <unknown>", str(error))

    def test_call_from_nowhere_says_so(self) -> None:
        """The interaction has no place to show."""
        verifier, memcache = by_hand()
        memcache.mock_command("GET", returns=b"v")
        with verifier.sandbox():
            _thread.start_new_thread(Client(SERVER).get, ("k",))
            while not verifier.interactions:
                time.sleep(0)
        [interaction] = verifier.interactions
        self.assertEqual(interaction.location, ("<unknown>", 0, "<unknown>"))
        memcache.assert_get("GET", "k")


class LibraryTest(unittest.TestCase):
    """The place of a call is the application's own, where there is one."""

    def setUp(self) -> None:
        """Build a verifier whose mock answers any read."""
        self.verifier, memcache = by_hand()
        memcache.mock_command("GET", returns=b"v")

    @needs_threads
    def test_thread_that_begins_in_a_client_comes_from_threading(self) -> None:
        """The first frame outside pymemcache and tripwire, not the last; and not the client's."""
        client = HashClient(["localhost:11211"])
        with self.verifier.sandbox():
            thread = threading.Thread(target=client.get, args=("k",))
            thread.start()
            thread.join()
        [interaction] = self.verifier.interactions
        self.assertEqual(interaction.location.filename, threading.__file__)
        self.assertEqual(interaction.location.function, "run")

    def test_call_of_an_installed_library_comes_from_who_called_it(self) -> None:
        """What lies in site-packages is a library's."""
        source = "def fetch(client):\n    return client.get('k')\n"
        library: Dict[str, Any] = {}
        exec(compile(source, "/somewhere/site-packages/library.py", "exec"), library)
        with self.verifier.sandbox():
            library["fetch"](Client(SERVER))
        [interaction] = self.verifier.interactions
        self.assertEqual(interaction.location.filename, __file__)


class ReprTest(unittest.TestCase):
    """What a debugger or a failed assertion shows."""

    def test_miss_is_its_own_name(self) -> None:
        """As in the test that says it."""
        self.assertEqual(repr(tripwire.MISS), "MISS")

    def test_miss_is_one_of_a_kind(self) -> None:
        """A copy is itself, and so is what another process sends back."""
        self.assertIs(copy.deepcopy(tripwire.MISS), tripwire.MISS)
        self.assertIs(pickle.loads(pickle.dumps(tripwire.MISS)), tripwire.MISS)

    def test_interaction_shows_its_request(self) -> None:
        """And the command that it came of."""
        verifier, memcache = by_hand()
        memcache.expect("GET", key="k", returns=b"v")
        with verifier.sandbox():
            Client(SERVER).get("k")
        [interaction] = verifier.interactions
        self.assertEqual(repr(interaction), r"<Interaction GET b'get k\r\n'>")


class ReentryTest(unittest.TestCase):
    """A matcher may itself call memcached."""

    def test_matcher_that_takes_the_mock_leaves_none(self) -> None:
        """What it took meanwhile is gone; the next mock answers."""
        verifier, memcache = by_hand()
        client = Client(SERVER)

        class Greedy:
            """Takes the very mock that it is a part of, once."""

            __hash__ = None  # type: ignore[assignment]  # as of all that define only __eq__
            asked = False

            def __eq__(self, other: object) -> bool:
                if not self.asked:
                    self.asked = True
                    client.get("inner")
                return True

        memcache.mock_command("GET", returns=b"first", key=Greedy())
        memcache.mock_command("GET", returns=b"second")
        with verifier.sandbox():
            self.assertEqual(client.get("outer"), b"second")
        memcache.assert_get("GET", "inner")
        memcache.assert_get("GET", "outer")
        verifier.verify_all()
