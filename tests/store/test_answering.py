"""What no mock answers, memcached answers, in memory.

SPECIFICATION 29, 30, 35
"""

from __future__ import annotations

import threading
from typing import Any, List
from unittest import mock

from pymemcache.client.base import Client
from pymemcache.client.hash import HashClient
from pymemcache.exceptions import MemcacheClientError, MemcacheServerError
from pymemcache.serde import pickle_serde

from tests.support.cases import SERVER, ByHandTestCase, ClientTestCase
from tests.support.platform import needs_threads
from tests.support.versions import needs_raw_command
from tripwire import (
    MISS,
    Item,
    OutOfStepError,
    SwallowedViolationError,
    UnmockedInteractionError,
)


class StoreTest(ClientTestCase):
    """`store = self.memcache.store()`."""

    def test_store_answers_what_no_mock_answers(self) -> None:
        """Reads, writes, counters, batches, tokens: as memcached does."""
        store = self.memcache.store()
        with self.sandbox():
            self.assertIsNone(self.client.get("k"))
            self.assertIs(self.client.set("k", b"1", noreply=False), True)
            self.assertEqual(self.client.incr("k", 9), 10)
            self.assertEqual(self.client.decr("k", 1), 9)
            self.assertEqual(self.client.get_many(["k", "n"]), {"k": b"9 "})
            self.assertIs(self.client.add("k", b"x", noreply=False), False)
            _value, token = self.client.gets("k")
            self.assertIs(self.client.cas("k", b"v", token), True)
            self.assertIs(self.client.cas("k", b"w", token), False)
        store.assert_items({"k": b"v"})
        self.memcache.assert_get_many("GET_MANY", ["k", "n"])

    def test_items_are_bytes_text_or_numbers(self) -> None:
        """Or an `Item`, with an expiry and flags."""
        store = self.memcache.store(
            {"bytes": b"\xff", b"text": "abc", "int": 7, "item": Item("x", expire=60, flags=5)}
        )
        with self.sandbox():
            found = self.client.get_many(["bytes", "text", "int", "item"])
        self.assertEqual(found, {"bytes": b"\xff", "text": b"abc", "int": b"7", "item": b"x"})
        store.assert_items(
            {"bytes": b"\xff", "text": b"abc", "int": b"7", "item": Item(b"x", 60, flags=5)}
        )

    def test_what_no_server_holds_is_refused(self) -> None:
        """By what it is: no store is made of it."""
        for items, error in (
            ({"k": 1.5}, TypeError),
            ({"k": True}, TypeError),
            ({"k": "ä"}, ValueError),
            ({"k": Item(b"", expire="60")}, TypeError),  # type: ignore[arg-type]  # the claim
            ({"k": Item(b"", flags="1")}, TypeError),  # type: ignore[arg-type]  # the claim
            ({"k": Item(b"", flags=-1)}, ValueError),
            ({"k": Item(b"", expire=2**31)}, ValueError),
            ({"k": b"x" * 2**20}, ValueError),
            ({"": b""}, ValueError),
            ({"k" * 251: b""}, ValueError),
            ({"a b": b""}, ValueError),
            ({"a\n": b""}, ValueError),
            ({b"a\0": b""}, ValueError),
            ({7: b""}, TypeError),
        ):
            with self.subTest(items=repr(items)[:40]), self.assertRaises(error):
                self.memcache.store(items)
        self.memcache.store()

    def test_second_store_of_a_test_is_refused(self) -> None:
        """There is one memcached."""
        self.memcache.store()
        with self.assertRaisesRegex(ValueError, "there is a store already"):
            self.memcache.store()

    def test_size_limit_is_the_options(self) -> None:
        """`max_item_size` is memcached's -I; what is refused removes the old value."""
        store = self.memcache.store({"k": b"old"}, max_item_size=1024)
        with self.sandbox(), self.assertRaises(MemcacheServerError):
            self.client.set("k", b"x" * 1024, noreply=False)
        self.assertNotIn("k", store)
        self.memcache.assert_set("SET", "k", b"x" * 1024, noreply=False)

    def test_size_limit_is_a_number_of_bytes(self) -> None:
        """Anything else is no limit."""
        for wrong in (0, 1023, "1m", 2048.0, True):
            with self.subTest(wrong), self.assertRaisesRegex(ValueError, "max_item_size"):
                self.memcache.store(max_item_size=wrong)  # type: ignore[arg-type]  # the claim

    def test_serde_prefix_and_defaults_are_the_clients_own(self) -> None:
        """Only the bytes below pymemcache are ours."""
        store = self.memcache.store()
        client = Client(SERVER, serde=pickle_serde, key_prefix=b"app:", default_noreply=False)
        with self.sandbox():
            client.set("k", {"a": (1, 2)}, expire=60)
            self.assertEqual(client.get("k"), {"a": (1, 2)})
            self.assertEqual(client.get("n", "default"), "default")
        self.assertEqual(store["app:k"], {"a": (1, 2)})
        store.assert_items({"app:k": Item({"a": (1, 2)}, expire=60)})
        self.memcache.assert_get("GET", "n")

    def test_mock_comes_before_the_store(self) -> None:
        """And what it answers leaves the store as it is."""
        store = self.memcache.store({"k": b"v"})
        self.memcache.mock_command("SET", returns=True)
        self.memcache.mock_command("GET", returns=MISS)
        with self.sandbox():
            self.client.set("k", b"other")
            self.assertIsNone(self.client.get("k"))
            self.assertEqual(self.client.get("k"), b"v")
        self.memcache.assert_set("SET", "k", b"other")
        self.memcache.assert_get("GET", "k")
        store.assert_items({"k": b"v"})

    def test_request_that_memcached_rejects_gets_its_error_line(self) -> None:
        """It reached the wire, so it is an interaction."""
        store = self.memcache.store({"k": b"a"})
        with self.sandbox():
            with self.assertRaisesRegex(MemcacheClientError, "non-numeric"):
                self.client.incr("k", 1)
            with self.assertRaisesRegex(MemcacheClientError, "invalid numeric delta"):
                self.client.incr("k", -1)
        self.memcache.assert_incr("INCR", "k")
        self.memcache.assert_incr("INCR", "k", -1)
        self.assertEqual(len(store), 1)

    def test_batch_applies_its_good_items(self) -> None:
        """The one that is too large is refused alone."""
        store = self.memcache.store()
        with self.sandbox(), self.assertRaises(MemcacheServerError):
            self.client.set_many({"a": b"1", "b": b"x" * 2**20, "c": b"3"}, noreply=False)
        self.memcache.assert_set_many("SET_MANY", mock.ANY, noreply=False)
        self.assertEqual(list(store), ["a", "c"])

    def test_statistics_are_kept(self) -> None:
        """STATS and VERSION have answers, too; they are asserted one by one."""
        store = self.memcache.store({"k": b"v"})
        with self.sandbox():
            self.client.get("k")
            self.client.get("n")
            stats = self.client.stats()
            self.assertEqual(self.client.version(), b"1.6.18")
        self.assertEqual((stats[b"get_hits"], stats[b"get_misses"]), (1, 1))
        store.assert_items({"k": b"v"})
        self.memcache.assert_get("GET", "n")
        self.memcache.assert_command("STATS", args=())
        self.memcache.assert_command("VERSION")

    @needs_raw_command
    def test_raw_command_is_answered_up_to_its_end(self) -> None:
        """One that waits for more, or for what `noreply` keeps back, times out."""
        self.memcache.store({"k": b"v"})
        with self.sandbox():
            self.assertEqual(self.client.raw_command("get k", b"END\r\n"), b"VALUE k 0 1\r\nv\r\n")
            for command in ("delete k noreply", "set k 0 0 5\r\nab"):
                with self.assertRaises(OSError):
                    self.client.raw_command(command)
        for command in ("get k", "delete k noreply", "set k 0 0 5\r\nab"):
            self.memcache.assert_command("RAW_COMMAND", command_=command)

    def test_quit_and_shutdown_close_the_connection(self) -> None:
        """What a server held that was shut down is gone."""
        store = self.memcache.store({"k": b"v"})
        with self.sandbox():
            self.client.quit()
            self.assertEqual(self.client.get("k"), b"v")
            self.client.shutdown()
        self.assertEqual(len(store), 0)
        for command in ("QUIT", "GET", "SHUTDOWN"):
            fields = {"key": "k"} if command == "GET" else {}
            self.memcache.assert_command(command, **fields)

    def test_several_requests_of_one_call_are_all_answered(self) -> None:
        """They belong to one interaction."""

        class Twice(Client):  # type: ignore[misc]  # pymemcache ships no types
            """Asks two things in one call."""

            def _fetch_cmd(self, name: bytes, keys: Any, *rest: Any, **more: Any) -> Any:
                first = super()._fetch_cmd(name, keys, *rest, **more)
                return {**first, **super()._fetch_cmd(name, [b"n", b"b"], *rest, **more)}

        self.memcache.store({"a": b"1", "b": b"2"})
        with self.sandbox():
            twice = Twice(SERVER)
            for keys in (["a"], ["a", "n"], ["a"]):
                self.assertEqual(twice.get_many(keys), {"a": b"1", b"b": b"2"})
            self.assertEqual(twice.get("a"), b"1")
        self.assertEqual(len(self.verifier.interactions), 4)
        for keys in (["a"], ["a", "n"], ["a"]):
            self.memcache.assert_get_many("GET_MANY", keys)
        self.memcache.assert_get("GET", "a")


class RefusedTest(ByHandTestCase):
    """What the store does not answer as it was meant is a violation."""

    def test_unknown_command_is_refused_by_name(self) -> None:
        """As an unmocked one is, and never answered with ERROR; a mock can answer it."""
        self.memcache.store()
        with self.verifier.sandbox():
            with self.assertRaisesRegex(UnmockedInteractionError, "does not know b'stats slabs'"):
                self.client.stats("slabs")
            self.memcache.expect("STATS", returns={b"slabs": 1}, args=("slabs",))
            self.assertEqual(self.client.stats("slabs"), {b"slabs": 1})
        self.verifier.verify_all()

    @needs_raw_command
    def test_unknown_raw_command_is_refused_by_its_first_word(self) -> None:
        """The rest are its arguments."""
        self.memcache.store()
        with self.verifier.sandbox():
            with self.assertRaises(UnmockedInteractionError) as caught:
                self.client.raw_command("lru mode flat")
            for text in (
                "    command_: 'lru mode flat'\n",
                "The store does not know b'lru', so it cannot",
                "mock_command('RAW_COMMAND', returns=b'...', command_='lru mode flat')",
            ):
                self.assertIn(text, str(caught.exception))
            self.memcache.expect("RAW_COMMAND", returns=b"OK", command_="lru mode flat")
            self.assertEqual(self.client.raw_command("lru mode flat"), b"OK")
        self.verifier.verify_all()

    def test_noreply_that_is_answered_is_a_violation(self) -> None:
        """An empty key makes memcached read the data as a command; the next GET would read that."""
        self.memcache.store()
        with self.verifier.sandbox(), self.assertRaises(OutOfStepError) as caught:
            self.client.set("", b"v")
        self.assertEqual(caught.exception.command, "SET")
        self.assertEqual(self.verifier.interactions, ())
        self.verifier.verify_all()

    def test_noreply_that_is_answered_cannot_be_swallowed(self) -> None:
        """`ignore_exc` hides it from the code, and from nobody else."""
        self.memcache.store()
        client = HashClient([SERVER], ignore_exc=True)
        with self.verifier.sandbox():
            client.set("", b"v")
        with self.assertRaises(SwallowedViolationError) as caught:
            self.verifier.verify_all()
        self.assertIs(caught.exception.violations[0].error, OutOfStepError)

    def test_key_called_noreply_is_a_key(self) -> None:
        """A read has no `noreply`."""
        store = self.memcache.store({"noreply": b"v", "a": b"1"})
        with self.verifier.sandbox():
            self.assertEqual(len(self.client.get_many(["a", "noreply"])), 2)
            self.assertEqual(self.client.get("noreply"), b"v")
        store.assert_items({"a": b"1", "noreply": b"v"})
        self.verifier.verify_all()


class StepsTest(ByHandTestCase):
    """`answers.steps`: what is called before each step of a request."""

    def test_step_is_a_line_of_a_batch_or_a_key_of_a_read(self) -> None:
        """As memcached takes them apart; what a mock answers has no steps."""
        seen: List[Any] = []
        self.memcache.answers.steps.append(
            lambda call, step: seen.append((call.command.name, step.verb, step.keys))
        )
        self.memcache.store(required=False)
        with self.verifier.sandbox():
            self.client.set_many({"a": b"1", "b": b"2"})
            self.client.get_many(["a", "b"])
            self.client.get("a")
        self.assertEqual(
            seen,
            [
                ("SET_MANY", b"set", (b"a",)),
                ("SET_MANY", b"set", (b"b",)),
                ("GET_MANY", b"get", (b"a",)),
                ("GET_MANY", b"get", (b"b",)),
                ("GET", b"get", (b"a",)),
            ],
        )

    def test_answer_of_a_hook_ends_the_request(self) -> None:
        """The steps before it took place, and are answered."""

        def cut(call: Any, step: Any) -> Any:
            if step.keys == (b"b",):
                with self.memcache.outage(ConnectionResetError):
                    return self.memcache.answers.outages.answer(call)
            return None

        self.memcache.answers.steps.append(cut)
        store = self.memcache.store()
        with self.verifier.sandbox(), self.assertRaises(ConnectionResetError):
            self.client.set_many({"a": b"1", "b": b"2"}, noreply=False)
        store.assert_items({"a": b"1"})

    @needs_threads
    def test_no_lock_is_held_while_a_hook_runs(self) -> None:
        """Another thread may use the store meanwhile."""
        store = self.memcache.store({"k": 0})

        def other(call: Any, step: Any) -> None:
            thread = threading.Thread(target=store.put, args=("k", b"5"))
            thread.start()
            thread.join(60)
            self.assertFalse(thread.is_alive())

        self.memcache.answers.steps.append(other)
        with self.verifier.sandbox():
            self.assertEqual(self.client.incr("k", 1), 6)


class RoundTest(ByHandTestCase):
    """A round has a store of its own."""

    def test_store_of_a_round_is_gone_with_it(self) -> None:
        """That of the test around it is neither asked nor changed."""
        outer = self.memcache.store({"k": b"outer"}, required=False)
        for value in (b"1", b"2"):
            with self.verifier.round():
                store = self.memcache.store()
                with self.verifier.sandbox():
                    self.client.set("k", value)
                store.assert_items({"k": value})
        self.assertEqual(outer["k"], b"outer")
        self.verifier.verify_all()


@needs_threads
class ThreadsTest(ByHandTestCase):
    """Threads share the store."""

    def test_no_step_of_two_threads_is_lost(self) -> None:
        """Each INCR is one step."""
        store = self.memcache.store({"visits": 0})

        def visit() -> None:
            client = Client(SERVER)
            for _ in range(200):
                client.incr("visits", 1)

        with self.verifier.sandbox():
            threads = [threading.Thread(target=visit) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        store.assert_items({"visits": b"800"})
        self.verifier.verify_all()
