"""What a step is, what it is called, and what came of it: SPECIFICATION 41, 44."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, List

from pymemcache.client.base import Client, PooledClient
from pymemcache.client.hash import HashClient
from pymemcache.serde import pickle_serde

from tests.orders.cases import OrdersTestCase, client
from tests.support.cases import SERVER
from tests.support.versions import needs_raw_command
from tripwire import MISS, ScenarioError, SharedClientError


class LabelsTest(OrdersTestCase):
    """A step as a report shows it: the command, its keys, what is stored, what came of it."""

    def test_single_commands(self) -> None:
        """As the client sees it."""

        def work() -> None:
            cache = client()
            cache.get("a")
            cache.get("none")
            cache.get("none", object())
            cache.gets("a")
            cache.set("c", "text")
            cache.add("c", b"x")
            cache.incr("a", 1)
            cache.decr("a", 2)
            cache.touch("a", 5)
            cache.delete("c")
            cache.version()
            cache.flush_all()

        self.assertEqual(
            self.steps(work),
            [
                "GET 'a': b'1'",
                "GET 'none': None",
                "GET 'none': nothing",
                "GETS 'a': (b'1', b'1')",
                "SET 'c' b'text': True",
                "ADD 'c' b'x': False",
                "INCR 'a': 2",
                "DECR 'a' 2: 0",
                "TOUCH 'a' expire=5: True",
                "DELETE 'c': True",
                "VERSION: b'1.6.18'",
                "FLUSH_ALL: True",
            ],
        )

    def test_batches_are_one_step_for_each_key(self) -> None:
        """The server does them one by one, and says something to each."""

        def work() -> None:
            cache = client(serde=pickle_serde)
            cache.set_many({"c": [1], "d": b"x"})
            cache.get_many(["a", "c", "none"])
            cache.delete_many(["c", "none"])

        self.assertEqual(
            self.steps(work),
            [
                "SET_MANY 'c' [1]: STORED",
                "SET_MANY 'd' b'x': STORED",
                "GET_MANY 'a': b'1'",
                "GET_MANY 'c': [1]",
                "GET_MANY 'none': nothing",
                "DELETE_MANY 'c': DELETED",
                "DELETE_MANY 'none': NOT_FOUND",
            ],
        )

    def test_what_is_not_answered(self) -> None:
        """It is told, since the caller goes on at once, with what pymemcache gives it."""

        def work() -> None:
            cache = Client(SERVER)
            cache.set("a", b"x")
            cache.set_many({"b": b"y", "c": b"z"})

        self.assertEqual(
            self.steps(work),
            [
                "SET 'a' b'x' noreply: True",
                "SET_MANY 'b' b'y' noreply",
                "SET_MANY 'c' b'z' noreply",
            ],
        )

    @needs_raw_command
    def test_raw_commands(self) -> None:
        """By their own words."""

        def work() -> None:
            cache = client(ignore_exc=True)
            cache.raw_command("get a", "END\r\n")
            try:
                cache.raw_command("set a 0 0")
            except Exception:
                cache.quit()

        self.assertEqual(
            self.steps(work),
            [
                "GET 'a': b'VALUE a 0 1\\r\\n1\\r\\n'",
                "RAW_COMMAND 'set a 0 0': MemcacheUnknownCommandError",
                "QUIT: None",
            ],
        )

    def test_refusals(self) -> None:
        """By the name of the exception."""

        def work() -> None:
            try:
                client().incr("c", 1)
                client().set("c", b"x")
                client().incr("c", 1)
            except Exception:
                client().quit()

        self.assertEqual(
            self.steps(work),
            [
                "INCR 'c': None",
                "SET 'c' b'x': True",
                "INCR 'c': MemcacheClientError",
                "QUIT: None",
            ],
        )

    def test_long_values_and_prefixes(self) -> None:
        """Values are cut; keys are those of the server."""
        (step,) = self.steps(lambda: client(key_prefix="app:").set("k", b"x" * 100))
        self.assertTrue(step.startswith("SET 'app:k' b'xxx"), step)
        self.assertTrue(step.endswith(" (100 bytes): True"), step)
        self.assertLess(len(step), 80)

    def test_what_mocks_answer_is_one_step(self) -> None:
        """A batch, too."""

        def scenario(together: Any) -> None:
            self.memcache.store()
            self.memcache.mock_command("GET_MANY", returns={"a": b"1"})
            self.memcache.mock_command("SET", returns=False)
            self.memcache.mock_command("SET", returns=True)
            self.memcache.mock_command("DELETE", returns=MISS, key="other", required=False)
            self.memcache.mock_command("STATS", returns={b"slabs": 1})
            together(work)
            self.fail("to be told of it")

        def work() -> None:
            client().get_many(["a", "b"])
            client().set("a", b"x")
            Client(SERVER).set("a", b"y")
            client().delete("a")
            client().stats("slabs")

        steps = [text for _, text in self.found(scenario).steps]
        self.assertEqual(
            steps,
            [
                "(begins)",
                "GET_MANY 'a', 'b': {'a': b'1'}",
                "SET 'a' b'x': False",
                "SET 'a' b'y' noreply: True",
                "DELETE 'a': False",
                "STATS: {b'slabs': 1}",
            ],
        )

    @needs_raw_command
    def test_raw_commands_that_mocks_answer(self) -> None:
        """With the keys that are known from their words."""

        def scenario(together: Any) -> None:
            self.memcache.store()
            self.memcache.mock_command("RAW_COMMAND", returns=b"1")
            self.memcache.mock_command("RAW_COMMAND", returns=b"2")
            together(work)
            self.fail("to be told of it")

        def work() -> None:
            client().raw_command("mystery")
            client().raw_command("get a\r\nget b")

        self.assertEqual(
            [text for _, text in self.found(scenario).steps],
            ["(begins)", "RAW_COMMAND 'mystery': b'1'", "RAW_COMMAND 'a', 'b': b'2'"],
        )

    def test_what_is_out_is_one_step(self) -> None:
        """Its caller gets the fault."""

        def scenario(together: Any) -> None:
            self.memcache.store({"a": 1})
            with self.memcache.outage(server=SERVER), self.assertRaises(ConnectionRefusedError):
                together(lambda: client().get("a"))
            self.fail("to be told of it")

        self.assertEqual(
            self.found(scenario).steps[1:],
            (("A", "GET 'a': ConnectionRefusedError"), ("A", "raises ConnectionRefusedError")),
        )

    def test_a_client_that_tries_again_by_itself(self) -> None:
        """Both tries are steps, of one call."""

        class Persistent(Client):  # type: ignore[misc]  # pymemcache ships no types
            def _fetch_cmd(self, *args: Any, **kwargs: Any) -> Any:
                try:
                    return super()._fetch_cmd(*args, **kwargs)
                except ConnectionError:
                    return super()._fetch_cmd(*args, **kwargs)

        def scenario(together: Any) -> None:
            self.memcache.store({"a": 1})
            self.memcache.mock_command("GET", raises=ConnectionResetError)
            together(lambda: Persistent(SERVER).get("a"))
            self.fail("to be told of it")

        steps = [text for _, text in self.found(scenario).steps]
        self.assertEqual(steps, ["(begins)", "GET 'a'", "GET 'a': b'1'"])


class DependenceTest(OrdersTestCase):
    """What makes a difference is tried, and nothing else."""

    def rounds(self, *workers: Any) -> int:
        """How many rounds a scenario without any mistake takes."""
        rounds: List[None] = []

        def scenario(together: Any) -> None:
            rounds.append(None)
            self.memcache.store({"a": 1, "b": 2})
            together(*workers)

        self.memcache.interleave(scenario)
        return len(rounds)

    def test_workers_with_keys_of_their_own_are_not_interleaved(self) -> None:
        """One order, which is run twice to see whether it is the same."""

        def worker(key: str) -> Any:
            def work() -> None:
                cache = client()
                cache.set(key, 1)
                cache.incr(key, 1)
                cache.delete(key)

            return work

        self.assertEqual(self.rounds(worker("x"), worker("y"), worker("z")), 2)

    def test_nor_are_those_who_only_read(self) -> None:
        """The same key."""
        self.assertEqual(self.rounds(*[lambda: client().get("a")] * 3), 2)

    def test_nor_are_those_with_one_key_on_two_servers(self) -> None:
        """It is not the same key."""
        workers = [
            lambda: Client(("one", 1)).incr("a", 1),
            lambda: Client(("two", 2)).incr("a", 1),
        ]
        self.assertEqual(self.rounds(*workers), 2)

    def test_flush_all_depends_on_everything(self) -> None:
        """And so do statistics."""
        for everything in (lambda: client().flush_all(), lambda: client().stats()):
            self.assertGreater(self.rounds(everything, lambda: client().get("a")), 2)

    def test_who_gets_which_mock_is_tried(self) -> None:
        """Whatever their keys are."""

        def scenario(together: Any) -> None:
            self.memcache.store()
            self.memcache.mock_command("GET", returns=b"first")
            first, _ = together(lambda: client().get("a"), lambda: client().get("b"))
            self.assertEqual(first, b"first")

        error = self.found(scenario)
        self.assertEqual(error.steps[-1], ("A", "GET 'a': None"))

    def test_a_mock_that_another_worker_has_taken(self) -> None:
        """The store answers who comes too late."""

        def scenario(together: Any) -> None:
            self.memcache.store({"a": b"store"})
            self.memcache.mock_command("GET", returns=b"mock")
            got = together(*[lambda: client().get("a")] * 2)
            self.assertEqual(sorted(got), [b"mock", b"store"])

        self.memcache.interleave(scenario)


class ThreadsTest(OrdersTestCase):
    """Clients and threads that do not fit."""

    def shared(self, shared: Any, together: Any) -> None:
        """Two workers with one client."""
        self.memcache.store({"visits": 0})
        together(*[lambda: shared.incr("visits", 1)] * 2)

    def test_one_plain_client_in_two_workers_is_a_finding(self) -> None:
        """It is not made for threads; nor is a HashClient without a pool."""
        for shared in (client(), HashClient([SERVER])):
            error = self.found(lambda together, shared=shared: self.shared(shared, together))
            self.assertIsInstance(error.__cause__, SharedClientError)

    def test_one_that_keeps_silent_about_faults_hides_it_not(self) -> None:
        """The violation is carried past its handlers."""
        shared = client(ignore_exc=True)
        error = self.found(lambda together: self.shared(shared, together))
        self.assertIsInstance(error.__cause__, SharedClientError)

    def test_clients_with_pools_are_made_for_it(self) -> None:
        """Each call has a client of its own."""
        for shared in (PooledClient(SERVER), HashClient([SERVER], use_pooling=True)):
            self.memcache.interleave(lambda together, shared=shared: self.shared(shared, together))

    def test_one_after_the_other_may_use_one(self) -> None:
        """In the scenario, and in one worker twice."""
        shared = client()

        def scenario(together: Any) -> None:
            self.memcache.store({"visits": 0})
            shared.incr("visits", 1)
            together(lambda: shared.incr("visits", 1))
            self.assertEqual(shared.incr("visits", 1), 3)

        self.memcache.interleave(scenario)

    def test_a_command_from_another_thread_ends_the_call(self) -> None:
        """It is named, whoever catches it."""

        def work() -> None:
            with ThreadPoolExecutor(1, thread_name_prefix="helper") as pool:
                pool.submit(client().get, "a").exception()

        def scenario(together: Any) -> None:
            self.memcache.store()
            together(work)

        with self.assertRaises(ScenarioError) as caught:
            self.memcache.interleave(scenario)
        self.assertIn("'helper_0'", str(caught.exception))

    def test_threads_of_a_scenario_are_refused_too(self) -> None:
        """Before `together`, and after it."""

        def scenario(together: Any) -> None:
            self.memcache.store()
            thread = threading.Thread(target=early, name="early")
            thread.start()
            thread.join()

        def early() -> None:
            with contextlib.suppress(ScenarioError):
                client().get("a")

        with self.assertRaises(ScenarioError) as caught:
            self.memcache.interleave(scenario)
        self.assertIn("'early'", str(caught.exception))
        self.assertIn("put something in the place of the\nexecutor", str(caught.exception))

    def test_a_thread_that_was_there_before(self) -> None:
        """Another test has left it running, and that is where it is to be ended."""
        begun, done = threading.Event(), threading.Event()

        def late() -> None:
            begun.wait()
            with contextlib.suppress(ScenarioError):
                client().get("a")
            done.set()

        def scenario(together: Any) -> None:
            self.memcache.store()
            begun.set()
            thread.join()

        thread = threading.Thread(target=late, name="refresher")
        thread.start()
        with self.assertRaises(ScenarioError) as caught:
            self.memcache.interleave(scenario)
        said = str(caught.exception)
        self.assertIn("by the thread 'refresher', which was\nthere before", said)
        self.assertIn("stops and joins it", said)
