"""While a server is out, what no mock answers fails.

SPECIFICATION 8a, 35
"""

from __future__ import annotations

import errno
import threading
from typing import Any, List

from pymemcache.client.base import Client
from pymemcache.client.hash import HashClient
from pymemcache.exceptions import MemcacheError

from tests.support.cases import SERVER, ByHandTestCase, ClientTestCase
from tests.support.platform import needs_threads

NORTH, SOUTH = ("north", 11211), ("south", 11211)


class OutageTest(ClientTestCase):
    """`with self.memcache.outage():`."""

    def test_every_command_fails_meanwhile(self) -> None:
        """Those calls assert themselves; afterwards all is as before."""
        store = self.memcache.store({"k": b"v"})
        with self.sandbox():
            with self.memcache.outage():
                self.assertRaises(ConnectionRefusedError, self.client.get, "k")
                self.assertRaises(ConnectionRefusedError, self.client.set, "k", b"w")
            self.assertEqual(self.client.get("k"), b"v")
        self.assertEqual(
            [each.asserted for each in self.verifier.interactions], [True, True, False]
        )
        store.assert_items({"k": b"v"})

    def test_it_needs_no_store(self) -> None:
        """A mock that answers comes first."""
        self.memcache.expect("GET", returns=b"v", key="k")
        with self.sandbox(), self.memcache.outage():
            self.assertEqual(self.client.get("k"), b"v")
            self.assertRaises(ConnectionRefusedError, self.client.get, "k")

    def test_error_is_a_class_or_an_instance(self) -> None:
        """Of a class there is a new one each time."""
        met: List[BaseException] = []
        for error in (TimeoutError, TimeoutError("slow")):
            with self.sandbox(), self.memcache.outage(error):
                for _ in range(2):
                    with self.assertRaises(TimeoutError) as caught:
                        self.client.get("k")
                    met.append(caught.exception)
        self.assertIsNot(met[0], met[1])
        self.assertIs(met[2], met[3])
        self.assertEqual(str(met[2]), "slow")

    def test_error_says_which_outage_it_was(self) -> None:
        """An exception of a class names the line, the call and the server, as far as it can."""

        class Plain(Exception):
            """Built of what it says."""

        class Own(Exception):
            """Built in a way of its own."""

            def __init__(self, server: str = "?") -> None:
                super().__init__(f"lost {server}")

        for error, number, whole in (
            (ConnectionRefusedError, errno.ECONNREFUSED, True),
            (ConnectionResetError, errno.ECONNRESET, True),
            (TimeoutError, None, True),
            (OSError, None, True),
            (MemcacheError, None, True),
            (Plain, None, True),
            (Own, None, False),
        ):
            with self.subTest(error), self.sandbox(), self.memcache.outage(error):
                with self.assertRaises(error) as caught:
                    self.client.get("k")
                self.assertIs(type(caught.exception), error)
                self.assertEqual(getattr(caught.exception, "errno", None), number)
                prefix = "" if number is None else rf"\[Errno {number}\] "
                said = (
                    rf"^{prefix}outage\(\) at .*test_outages\.py:\d+ in "
                    r"test_error_says_which_outage_it_was: GET to localhost:11211$"
                )
                self.assertRegex(str(caught.exception), said if whole else r"^lost \?$")

    def test_what_is_no_error_is_refused(self) -> None:
        """At once, and not at the call."""
        wrong: Any = "down"
        with self.assertRaisesRegex(TypeError, "^error must be an exception"):
            self.memcache.outage(wrong)
        with self.assertRaisesRegex(TypeError, "^error=Unicode.*without arguments.* error="):
            self.memcache.outage(UnicodeDecodeError)

    def test_one_server_is_out(self) -> None:
        """By its address, or as text."""
        self.memcache.store()
        for server in (NORTH, "north:11211"):
            with self.sandbox(), self.memcache.outage(server=server):
                self.assertRaises(ConnectionRefusedError, Client(NORTH).get, "k")
                self.assertIsNone(Client(SOUTH).get("k"))
        for _ in range(2):
            self.memcache.assert_get("GET", "k", server=SOUTH)

    def test_outages_nest(self) -> None:
        """The one that began last counts."""
        with self.sandbox(), self.memcache.outage():
            with (
                self.memcache.outage(TimeoutError, server=SERVER),
                self.memcache.outage(TimeoutError, server=NORTH),
            ):
                self.assertRaises(TimeoutError, self.client.get, "k")
            self.assertRaises(ConnectionRefusedError, self.client.get, "k")

    def test_code_does_what_it_does_in_an_outage(self) -> None:
        """`ignore_exc`, and a cluster that goes on with another node."""
        store = self.memcache.store()
        cluster = HashClient([NORTH, SOUTH], retry_attempts=0)
        client = Client(SERVER, ignore_exc=True)
        with self.sandbox():
            cluster.set("front-page", b"1")
            (node,) = [server for server in (NORTH, SOUTH) if store.items(server=server)]
            with self.memcache.outage(server=node):
                self.assertRaises(ConnectionRefusedError, cluster.get, "front-page")
                self.assertIsNone(cluster.get("front-page"))
            with self.memcache.outage():
                self.assertIsNone(client.get("k"))
        store.assert_items({"front-page": b"1"})


@needs_threads
class ThreadsTest(ByHandTestCase):
    """An outage is one for all."""

    def test_other_threads_meet_it(self) -> None:
        """A server is out for everybody."""
        met: List[BaseException] = []

        def ask() -> None:
            try:
                Client(SERVER).get("k")
            except ConnectionRefusedError as error:
                met.append(error)

        with self.verifier.sandbox(), self.memcache.outage():
            thread = threading.Thread(target=ask)
            thread.start()
            thread.join()
        self.assertEqual(len(met), 1)
        self.verifier.verify_all()
