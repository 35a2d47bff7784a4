"""The test puts things there, takes them away, and has others do so.

SPECIFICATION 29, 33
"""

from __future__ import annotations

import asyncio
import threading
from contextvars import copy_context
from functools import partial
from typing import Any, List

from pymemcache.client.base import Client
from pymemcache.client.hash import HashClient
from pymemcache.exceptions import MemcacheIllegalInputError

from tests.support.cases import SERVER, ByHandTestCase, ClientTestCase
from tests.support.platform import needs_threads
from tests.support.versions import needs_raw_command
from tripwire import (
    Item,
    MeanwhileError,
    SandboxNotActiveError,
    SwallowedViolationError,
    UnmockedInteractionError,
    UnusedMocksError,
)

NORTH, SOUTH = ("north", 11211), ("south", 11211)


class PutTest(ByHandTestCase):
    """`put`, `remove`, `clear`."""

    def test_item_goes_to_the_first_server_that_is_asked(self) -> None:
        """And to no other, so that a failover misses."""
        store = self.memcache.store({"k": b"v"})
        with self.verifier.sandbox():
            self.assertEqual(Client(NORTH).get("k"), b"v")
            self.assertIsNone(Client(SOUTH).get("k"))
        self.assertEqual(store.items(server=NORTH), {"k": Item(b"v")})

    def test_put_replaces_what_is_held(self) -> None:
        """On each server that holds it, and else on the first one that was asked for it."""
        store = self.memcache.store(required=False)
        store.put("k", b"1")
        store.put("k", b"2", expire=60, flags=1)
        self.assertEqual(store.items(), {"k": Item(b"2", expire=60, flags=1)})
        with self.verifier.sandbox():
            self.assertEqual(Client(NORTH).get("k"), b"2")
            Client(SOUTH).set("k", b"s")
            store.put("k", Item(b"3", expire=7))
            self.assertEqual(store.items(), {"k": Item(b"3", expire=7)})
            store.remove("k")
            self.assertIsNone(Client(SOUTH).get("k"))
            store.put("k", 4)
        self.assertEqual(store.items(server=NORTH), {"k": Item(b"4")})
        self.assertEqual(store.items(server=SOUTH), {})

    def test_item_has_an_expiry_and_flags_of_its_own(self) -> None:
        """What stands beside it, 0 as well, is refused and not passed by in silence."""
        store = self.memcache.store()
        beside: Any
        for beside in {"expire": 5}, {"expire": 0}, {"flags": 0}, {"expire": 0, "flags": 1}:
            with (
                self.subTest(beside),
                self.assertRaisesRegex(TypeError, r"put\('k', Item\(value, "),
            ):
                store.put("k", Item(b"1", expire=9), **beside)
        self.assertEqual(len(store), 0)

    def test_put_on_one_server(self) -> None:
        """Whether it was called before or not."""
        store = self.memcache.store({"k": b"waits"})
        store.put("k", b"s", server="south:11211")
        with self.verifier.sandbox():
            self.assertEqual(Client(NORTH).get("k"), None)
            self.assertEqual(Client(SOUTH).get("k"), b"s")

    def test_put_gives_a_new_token(self) -> None:
        """As if another client had set it."""
        store = self.memcache.store({"k": b"1"})
        with self.verifier.sandbox():
            _, token = self.client.gets("k")
            store.put("k", b"2")
            self.assertIs(self.client.cas("k", b"3", token), False)

    def test_remove_has_a_key_evicted(self) -> None:
        """From all servers, or one; a `KeyError` where it is not."""
        store = self.memcache.store({"k": b"1", "waits": b"2"})
        with self.verifier.sandbox():
            for server in (NORTH, SOUTH):
                Client(server).set("k", b"v")
        store.remove("k", server=NORTH)
        self.assertEqual(list(store.items(server=NORTH)), [])
        with self.assertRaisesRegex(KeyError, "'k'"):
            store.remove("k", server=NORTH)
        store.remove("k")
        store.remove("waits")
        self.assertEqual(len(store), 0)
        with self.assertRaises(KeyError):
            store.remove("waits")

    def test_clear_starts_servers_anew(self) -> None:
        """All of them, or one."""
        store = self.memcache.store({"waits": b"2"})
        with self.verifier.sandbox():
            for server in (NORTH, SOUTH):
                Client(server).set("k", b"v")
        store.clear(server=NORTH)
        self.assertEqual(list(store), ["waits", "k"][::-1])
        store.clear()
        self.assertEqual(list(store), [])


class OffTheRecordTest(ClientTestCase):
    """`with store.off_the_record():`."""

    def test_calls_leave_no_trace(self) -> None:
        """Outside of a sandbox and in one, whatever mocks and outages there are."""
        store = self.memcache.store()
        self.memcache.mock_command("SET", returns=True, required=False)
        with store.off_the_record():
            self.client.set("a", b"1")
            self.client.set_many({"b": b"2"}, noreply=False)
        with self.sandbox(), self.memcache.outage(), store.off_the_record():
            HashClient([SERVER]).set("c", b"3")
            self.assertEqual(self.client.get("a"), b"1")
            self.assertEqual(self.client.get_many([]), {})
        self.assertEqual(self.verifier.interactions, ())
        store.assert_items({"a": b"1", "b": b"2", "c": b"3"})

    def test_client_raises_what_it_always_raises(self) -> None:
        """Only the wire is ours."""
        store = self.memcache.store()
        with store.off_the_record():
            self.assertRaises(MemcacheIllegalInputError, self.client.get, "a b")

    @needs_raw_command
    def test_what_no_server_answers_times_out(self) -> None:
        """As on the record."""
        store = self.memcache.store()
        with store.off_the_record():
            self.assertRaises(OSError, self.client.raw_command, "delete k noreply")

    def test_it_ends_with_the_block(self) -> None:
        """Then the guard is as it was; blocks nest."""
        store = self.memcache.store()
        with store.off_the_record():
            with store.off_the_record():
                self.client.set("a", b"1")
            self.client.set("b", b"1")
        self.assertRaises(SandboxNotActiveError, self.client.set, "c", b"1")
        self.assertEqual(list(store), ["a", "b"])

    @needs_threads
    def test_it_ends_with_the_block_for_what_outlives_that(self) -> None:
        """A task keeps the context in which it was made: what it does later is the test's again."""
        store = self.memcache.store()

        async def seed_and_go_on() -> None:
            with store.off_the_record():
                with store.off_the_record():
                    inner = asyncio.create_task(self.read_later())
                    await asyncio.sleep(0)
                outer = asyncio.create_task(self.read_later())
                # Around what is over for it is what is not.
                await inner
                self.assertEqual(self.verifier.interactions, ())
            await outer

        with self.sandbox():
            asyncio.run(seed_and_go_on())
        self.memcache.assert_get("GET", "k")
        with store.off_the_record():
            context = copy_context()
        with self.assertRaises(SandboxNotActiveError):
            context.run(self.client.get, "k")

    async def read_later(self) -> None:
        """Read a key when everybody else has had a turn."""
        await asyncio.sleep(0)
        self.client.get("k")

    @needs_threads
    def test_it_is_for_this_context(self) -> None:
        """Another thread is on the record."""
        store = self.memcache.store()
        with self.sandbox(), store.off_the_record():
            thread = threading.Thread(target=self.client.set, args=("k", b"v"))
            thread.start()
            thread.join()
        self.memcache.assert_set("SET", "k", b"v")

    def test_unknown_command_is_a_violation_here_too(self) -> None:
        """Nobody else would answer it."""
        store = self.memcache.store()
        with store.off_the_record(), self.assertRaises(UnmockedInteractionError):
            self.client.stats("slabs")


class OffTheRecordByHandTest(ByHandTestCase):
    """Without any sandbox the class is patched for the block, and then as it was found."""

    def test_nothing_stays_patched(self) -> None:
        """`setUp` sees to it."""
        store = self.memcache.store()
        fetch = self.client.get
        with store.off_the_record():
            self.client.set("k", b"v")
            with self.assertRaisesRegex(UnmockedInteractionError, "a method taken before"):
                fetch("k")
        self.assertEqual(store["k"], b"v")
        self.verifier.verify_all()


class MeanwhileTest(ByHandTestCase):
    """`memcache.meanwhile(command, function)`: another process was faster."""

    def test_function_runs_once_before_the_command(self) -> None:
        """Off the record, with a client of its own."""
        store = self.memcache.store({"k": b"1"})
        other = Client(SERVER)
        self.memcache.meanwhile("cas", lambda: other.set("k", b"2"))
        with self.verifier.sandbox():
            _, token = self.client.gets("k")
            self.assertIs(self.client.cas("k", b"3", token), False)
            _, token = self.client.gets("k")
            self.assertIs(self.client.cas("k", b"3", token), True)
        self.assertEqual(len(self.verifier.interactions), 4)
        store.assert_items({"k": b"3"})
        self.verifier.verify_all()

    def test_fields_narrow_it(self) -> None:
        """As those of a mock."""
        store = self.memcache.store()
        self.memcache.meanwhile("GET", lambda: store.put("b", 1), key="b", server="localhost:11211")
        with self.verifier.sandbox():
            self.assertIsNone(self.client.get("a"))
            self.assertEqual(len(store), 0)
            self.assertEqual(self.client.get("b"), b"1")

    def test_mock_and_outage_come_first(self) -> None:
        """It waits for a command that the store answers."""
        ran: List[int] = []
        self.memcache.store()
        self.memcache.expect("GET", key="k", returns=b"v")
        self.memcache.meanwhile("GET", lambda: ran.append(1))
        with self.verifier.sandbox():
            self.client.get("k")
            with self.memcache.outage(), self.assertRaises(ConnectionRefusedError):
                self.client.get("k")
            self.assertEqual(ran, [])
            self.client.get("k")
            self.client.get("k")
        self.assertEqual(ran, [1])

    def test_it_is_one_for_each_call(self) -> None:
        """In the order of their registration, and by either name of an alias."""
        ran: List[str] = []
        self.memcache.store()
        for name in ("first", "second"):
            self.memcache.meanwhile("GET_MULTI", partial(ran.append, name))
        with self.verifier.sandbox():
            self.client.get_many(["k"])
            self.assertEqual(ran, ["first"])
            self.client.get_multi(["k"])
        self.assertEqual(ran, ["first", "second"])

    def test_what_is_never_run_is_an_unused_mock(self) -> None:
        """The report says where it was registered."""
        self.memcache.store()
        self.memcache.meanwhile("GET", never, key="k")
        with self.assertRaises(UnusedMocksError) as caught:
            self.verifier.verify_all()
        self.assertIn("meanwhile('GET', never, key='k')\n", str(caught.exception))

    def test_function_without_a_name_is_shown_as_it_is(self) -> None:
        """Such as a part of another one."""
        self.memcache.store()
        self.memcache.meanwhile("GET", partial(never))
        with self.assertRaisesRegex(UnusedMocksError, r"meanwhile\('GET', functools\.partial\("):
            self.verifier.verify_all()

    def test_what_it_raises_is_a_violation(self) -> None:
        """That is carried past the client, whatever it catches."""
        self.memcache.store()
        self.memcache.meanwhile("GET", never)
        client = Client(SERVER, ignore_exc=True)
        with self.verifier.sandbox(), self.assertRaises(MeanwhileError) as caught:
            client.get("k")
        self.assertIsInstance(caught.exception.__cause__, ZeroDivisionError)
        self.verifier.verify_all()

    def test_what_it_raises_cannot_be_swallowed(self) -> None:
        """Not by what stands above the client either."""
        self.memcache.store()
        self.memcache.meanwhile("GET", never)
        with self.verifier.sandbox():
            self.assertIsNone(HashClient([SERVER], ignore_exc=True).get("k"))
        self.assertRaises(SwallowedViolationError, self.verifier.verify_all)

    @needs_raw_command
    def test_violation_in_it_is_one_finding(self) -> None:
        """It is told in its own lines, and who names it has named all of it."""
        self.memcache.store()
        self.memcache.meanwhile("GET", lambda: Client(SERVER).raw_command(b"mg k"))
        with self.verifier.sandbox(), self.assertRaises(MeanwhileError) as caught:
            self.client.get("k")
        self.assertIsInstance(caught.exception.__cause__, UnmockedInteractionError)
        text = str(caught.exception)
        self.assertIn("\n    Register a mock with:\n        tripwire.memcache.mock_command(", text)
        self.verifier.verify_all()

    def test_error_without_a_text_is_its_name(self) -> None:
        """As in `assert order`."""
        self.memcache.store()
        self.memcache.meanwhile("GET", never)
        told = self.assertRaisesRegex(MeanwhileError, "raised ZeroDivisionError\n")
        with self.verifier.sandbox(), told:
            self.client.get("k")

    def test_function_that_would_not_run_is_refused(self) -> None:
        """A coroutine does nothing unless somebody runs it, nor does a generator."""
        self.memcache.store()
        with self.assertRaisesRegex(TypeError, r"coroutine function: call asyncio\.run\(\)"):
            self.memcache.meanwhile("GET", partial(asyncio.sleep, 0))
        unrun = {"coroutine": lambda: asyncio.sleep(0), "generator": lambda: (key for key in "k")}
        for kind, function in unrun.items():
            self.memcache.meanwhile("GET", function)
            told = self.assertRaisesRegex(MeanwhileError, f"a {kind} that nobody runs")
            with self.subTest(kind), self.verifier.sandbox(), told:
                self.client.get("k")

    def test_misuse_is_refused(self) -> None:
        """Without a store nobody would be faster."""
        wrong: Any = b"v"
        with self.assertRaisesRegex(ValueError, "call store"):
            self.memcache.meanwhile("GET", never)
        self.memcache.store()
        self.assertRaises(ValueError, self.memcache.meanwhile, "GETT", never)
        self.assertRaises(TypeError, self.memcache.meanwhile, "GET", wrong)
        self.assertRaises(TypeError, self.memcache.meanwhile, "GET", never, kye="k")


def never() -> None:
    """Fails when it is run."""
    raise ZeroDivisionError
