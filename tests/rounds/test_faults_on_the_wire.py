"""Each fault, as a caller meets it, and what it leaves on the server.

SPECIFICATION 37
"""

from __future__ import annotations

import socket
from functools import partial
from typing import Any, List

from pymemcache.client.base import Client
from pymemcache.exceptions import MemcacheServerError, MemcacheUnexpectedCloseError

from tests.rounds.sweeping import SweepTestCase
from tests.support.cases import SERVER
from tripwire import FAULTS, MISS

TIMEOUT = socket.timeout
"""From Python 3.10 on this is TimeoutError."""


def names(*faults: str, number: int = 1) -> List[str]:
    """The rounds of some faults of one command."""
    return [f"{number} {fault}" for fault in faults]


class OneKeyTest(SweepTestCase):
    """A command of one key."""

    def test_write(self) -> None:
        """`request lost` and `answer lost` are one to the caller, and not to the server."""
        seen = self.seen({"n": 7}, lambda: self.client.incr("n", 1), names(*FAULTS))
        self.assertEqual(
            seen,
            {
                "1 down": (ConnectionRefusedError, {"n": b"7"}),
                "1 request lost": (TIMEOUT, {"n": b"7"}),
                "1 answer lost": (TIMEOUT, {"n": b"8"}),
                "1 answer cut": (MemcacheUnexpectedCloseError, {"n": b"8"}),
                "1 server error": (MemcacheServerError, {"n": b"7"}),
                "1 evicted": (None, {}),
            },
        )

    def test_set_loses_the_old_value_to_a_server_error(self) -> None:
        """Memcached has let it go before it looks for memory; ADD and the others keep it."""
        for method, held in (("set", {}), ("replace", {"k": b"old"}), ("append", {"k": b"old"})):
            write = partial(getattr(self.client, method), "k", b"new")
            seen = self.seen({"k": b"old"}, write, ["1 server error"])
            self.assertEqual(seen["1 server error"], (MemcacheServerError, held))

    def test_read(self) -> None:
        """No server error befalls it."""
        seen = self.seen({"k": b"v"}, lambda: self.client.get("k"), names(*FAULTS[:4], "evicted"))
        self.assertEqual(
            [result for result, _ in seen.values()],
            [ConnectionRefusedError, TIMEOUT, TIMEOUT, MemcacheUnexpectedCloseError, None],
        )
        said = self.refused(ValueError, self.get_nothing, only="1 evicted")
        self.assertEqual(
            said,
            "only='1 evicted' does not come to pass in this scenario; of that command there are: "
            "'1 down', '1 request lost', '1 answer lost', '1 answer cut'",
        )

    def get_nothing(self) -> None:
        """A miss."""
        self.memcache.store()
        self.client.get("k")

    def test_noreply(self) -> None:
        """Silence: what is lost is not stored, and a SET loses the old value all the same."""

        def act() -> Any:
            return self.client.set("k", b"new", noreply=True)

        seen = self.seen(
            {"k": b"old"}, act, names("down", "request lost", "server error", "evicted")
        )
        self.assertEqual(
            seen,
            {
                "1 down": (ConnectionRefusedError, {"k": b"old"}),
                "1 request lost": (True, {"k": b"old"}),
                "1 server error": (True, {}),
                "1 evicted": (True, {"k": b"new"}),
            },
        )

        def scenario() -> None:
            self.memcache.store({"k": b"old"})
            act()

        self.assertIn("'1 evicted'", self.refused(ValueError, scenario, only="1 answer lost"))
        self.assertIn("'1 evicted'", self.refused(ValueError, scenario, only="1 answer cut"))

    def test_quit_has_no_answer(self) -> None:
        """It can be lost, no more."""

        def scenario() -> None:
            self.memcache.store()
            self.client.quit()

        said = self.refused(ValueError, scenario, only="1 answer lost")
        self.assertTrue(said.endswith("there are: '1 down', '1 request lost'"), said)

    def test_open_connection_is_reset(self) -> None:
        """A client that was answered in this round has one; after a fault it has none."""
        met: List[Any] = []

        def scenario() -> None:
            self.memcache.store()
            self.client.get("k")
            for _ in range(2):
                try:
                    self.client.get("k")
                except OSError as error:
                    met.append(error)
            Client(SERVER).get("k")

        self.memcache.sweep(scenario, only="2 down", persistent=False)
        self.assertEqual([type(error) for error in met], [ConnectionResetError])
        met.clear()
        self.assertEqual(self.failures(scenario, only="2 down", persistent=True), ["2 down"])
        kinds = [ConnectionResetError, ConnectionRefusedError]
        self.assertEqual([type(error) for error in met], kinds)
        self.assertEqual(met[0].errno, ConnectionResetError(*met[0].args).errno)


class SeveralKeysTest(SweepTestCase):
    """Batches, which a server takes apart."""

    def test_batch_is_met_in_its_middle(self) -> None:
        """The lines before it are done; of an error, those behind it, too."""
        old = {"a": b"1", "b": b"2", "c": b"3"}
        rounds = names(
            "request lost",
            "request lost 'b'",
            "request lost 'c'",
            "server error",
            "server error 'a'",
            "server error 'b'",
            "answer lost",
        )

        def act() -> Any:
            return self.client.set_many({"a": b"x", "b": b"y", "c": b"z"})

        held = {only: held for only, (_, held) in self.seen(old, act, rounds).items()}
        self.assertEqual(
            held,
            {
                "1 request lost": old,
                "1 request lost 'b'": {"a": b"x", "b": b"2", "c": b"3"},
                "1 request lost 'c'": {"a": b"x", "b": b"y", "c": b"3"},
                "1 server error": {},
                "1 server error 'a'": {"b": b"y", "c": b"z"},
                "1 server error 'b'": {"a": b"x", "c": b"z"},
                "1 answer lost": {"a": b"x", "b": b"y", "c": b"z"},
            },
        )
        self.assertIn("does not", self.refused(ValueError, self.set_two, only="1 request lost 'a'"))

    def set_two(self) -> None:
        """A batch of two."""
        self.memcache.store()
        self.client.set_many({"a": b"x", "b": b"y"})

    def test_silent_batch(self) -> None:
        """Nobody learns that half of it is lost."""

        def act() -> Any:
            return self.client.delete_many(["a", "b"], noreply=True)

        rounds = names("request lost 'b'", "server error 'a'")
        seen = self.seen({"a": 1, "b": 2}, act, rounds)
        self.assertEqual([*seen.values()], [(True, {"b": b"2"}), (True, {"a": b"1"})])

    def test_each_key_that_is_held_may_be_evicted(self) -> None:
        """One round for each; it is in the name where there is a choice."""
        keys = ["a", "b", "\N{SNOWMAN}"]
        items = {"b": 2, "\N{SNOWMAN}".encode(): 3}

        def act() -> Any:
            client = Client(SERVER, allow_unicode_keys=True)
            return sorted(client.get_many(keys).values())

        seen = self.seen(items, act, names("evicted 'b'", r"evicted b'\xe2\x98\x83'"))
        self.assertEqual([result for result, _ in seen.values()], [[b"3"], [b"2"]])
        seen = self.seen({"b": 2}, lambda: self.client.get_many(["b"]), ["1 evicted"])
        self.assertEqual(seen["1 evicted"], ({}, {}))

    def test_command_that_a_store_does_not_know(self) -> None:
        """A mock answers it; it can be lost on its way like any other."""

        def scenario() -> None:
            self.memcache.mock_command("STATS", returns={b"slabs": 1}, times=None)
            self.client.stats("slabs")

        expected = ["1 down", "1 request lost", "1 answer lost", "1 answer cut"]
        self.assertEqual(self.failures(scenario), expected)


class WhoAnswersTest(SweepTestCase):
    """Faults come before mocks, mocks before the store."""

    def test_mock_answers_what_arrives(self) -> None:
        """A request that is lost has not taken it; one whose answer is lost has."""
        left: List[Any] = []

        def scenario() -> None:
            self.memcache.store({"k": b"stored"})
            self.memcache.mock_command("GET", returns=b"mocked")
            try:
                found = self.client.get("k")
            except OSError:
                found = self.client.get("k")
            left.append(found)

        for only in ("1 down", "1 request lost", "1 answer lost"):
            self.memcache.sweep(scenario, only=only)
        self.assertEqual(left[2::3], [b"mocked", b"mocked", b"stored"])

    def test_answer_of_a_mock_is_cut(self) -> None:
        """Whatever the mock would have given; a client that ignores errors gives its default."""

        def scenario() -> Any:
            self.memcache.mock_command("GET", returns=b"mocked")
            return Client(SERVER, ignore_exc=True).get("k", "nothing")

        error = self.error(scenario, only="1 answer cut")
        self.assertEqual(
            error.failures[0].what, "returned 'nothing', and b'mocked' without a fault"
        )

    def test_mock_that_raises_has_opened_no_connection(self) -> None:
        """Nor has it lost its answer: to the caller a timeout comes instead."""
        met: List[Any] = []

        def scenario() -> None:
            self.memcache.mock_command("GET", returns=None, raises=ConnectionError, times=None)
            for _ in range(2):
                try:
                    self.client.get("k")
                except OSError as error:
                    met.append(type(error))

        self.memcache.sweep(scenario, only="2 down")
        self.memcache.sweep(scenario, only="1 answer lost")
        self.assertEqual(met[4:6], [ConnectionError, ConnectionRefusedError])
        self.assertEqual(met[10:], [TIMEOUT, ConnectionError])

    def test_batch_that_a_mock_answers_is_one(self) -> None:
        """It is not met in its middle."""

        def scenario() -> None:
            self.memcache.mock_command("SET_MANY", returns=[])
            self.client.set_many({"a": b"x", "b": b"y"})

        expected = ["1 down", "1 request lost", "1 answer lost", "1 answer cut", "1 server error"]
        self.assertEqual(self.failures(scenario), expected)

    def test_violation_is_one_in_a_round_with_a_fault(self) -> None:
        """A second command that nobody answers."""

        def scenario() -> None:
            self.memcache.mock_command("GET", returns=MISS)
            try:
                self.client.get("k")
            except OSError:
                self.client.delete("k")

        found = self.error(scenario, only="1 down").failures
        self.assertTrue(found[0].what.startswith("UnmockedInteractionError: memcache.DELETE(...)"))


class LastingTest(SweepTestCase):
    """`persistent=True`."""

    def test_fault_lasts_where_it_can_befall(self) -> None:
        """On its server, from its command on."""
        met: List[str] = []

        def attempt(client: Any, method: str, *arguments: Any) -> None:
            try:
                getattr(client, method)(*arguments)
                met.append("ok")
            except (OSError, MemcacheServerError) as error:
                met.append(type(error).__name__)

        def scenario() -> None:
            self.memcache.store()
            met.clear()
            other = Client(("other", 11211), default_noreply=False)
            attempt(self.client, "get", "k")
            attempt(self.client, "set", "k", b"v")
            attempt(other, "set", "k", b"v")
            attempt(self.client, "get", "k")
            attempt(self.client, "set", "k", b"v")

        for only, expected in {
            "1 request lost": [TIMEOUT.__name__] * 2 + ["ok"] + [TIMEOUT.__name__] * 2,
            "2 server error": ["ok", "MemcacheServerError", "ok", "ok", "MemcacheServerError"],
        }.items():
            self.memcache.sweep(scenario, only=only, persistent=True)
            self.assertEqual(met, expected)

    def test_evicted_key_does_not_last(self) -> None:
        """The key is gone before each command; others stay."""
        found: List[Any] = []

        def scenario() -> None:
            self.memcache.store({"a": 1, "b": 2})
            found.clear()
            found.append(self.client.get_many(["a", "b"]))
            self.client.set("a", b"3")
            found.append(self.client.get_many(["a", "b"]))

        self.memcache.sweep(scenario, only="1 evicted 'a'", persistent=True)
        self.assertEqual(found, [{"b": b"2"}, {"b": b"2"}])
