"""What runs commands belongs to the sandbox in which it began, also where commands come later.

A client of several servers sends to one after the other, a retrying client tries again, a subclass
does something first, a serializer looks something up: the sandbox may have closed meanwhile.

SPECIFICATION 10.
"""

from __future__ import annotations

import types
import unittest
from typing import Any, Callable, Dict, Iterator, List, Tuple
from unittest import mock

from pymemcache.client.base import Client
from pymemcache.client.hash import HashClient
from pymemcache.client.retrying import RetryingClient

import tripwire
from tests.calls.test_calls_in_progress import ADDRESS, InProgressCase, Slow
from tests.support.cases import by_hand
from tests.support.hiding import BASE, Answering
from tests.support.platform import needs_threads
from tripwire import (
    SandboxNotActiveError,
    StrictVerifier,
    SwallowedViolationError,
    TripwireTestCase,
    UnmockedInteractionError,
)

NODES = [("127.0.0.1", 1), ("127.0.0.1", 2)]

ANSWERS: Dict[str, Any] = {"GET": b"v", "SET": True, "SET_MANY": []}


class SlowHasher:
    """It has one node, and waits before it says which."""

    serde = Slow()

    def __init__(self) -> None:
        self._nodes: List[str] = []

    def add_node(self, node: str) -> None:
        """Know a node."""
        self._nodes.append(node)

    def get_node(self, key: Any) -> str:
        """Wait, as a serializer does."""
        self.serde.serialize(key, key)
        return self._nodes[0]


class Slowly(BASE):  # type: ignore[misc]  # its base is anything
    """A client that does something before it asks, in its own way."""

    wait: Any

    def get(self, key: Any, *args: Any) -> Any:
        """Wait first."""
        self.wait()
        return super().get(key, *args)


@needs_threads
class AroundTest(InProgressCase):
    """Each is in progress in a thread when its sandbox, or its test, ends."""

    def setUp(self) -> None:
        """Note the classes around a client, too."""
        super().setUp()
        self.around = {kind: dict(vars(kind)) for kind in (HashClient, RetryingClient, Slowly)}

    def make(self, kind: Any, *args: Any, **kwargs: Any) -> Any:
        """A client of some kind that notes what it would send."""
        return kind(*args, socket_module=self.recorder.module, **kwargs)

    def check(self, call: Callable[[], Any], number: int) -> None:
        """It is refused where nothing answers, and else makes a number of interactions."""
        verifier, _ = by_hand()
        self.outlast(verifier, call)
        self.assertEqual(self.outcomes, [UnmockedInteractionError])
        self.assertRaises(SwallowedViolationError, verifier.verify_all)
        verifier, memcache = by_hand()
        for command, returns in ANSWERS.items():
            memcache.mock_command(command, returns=returns, times=None, required=False)
        self.outlast(verifier, call)
        self.assertEqual(len(verifier.interactions), number)

    def outlast(self, verifier: StrictVerifier, call: Callable[[], Any]) -> None:
        """Have a call go on when its sandbox is closed."""
        self.serde.begun.clear()
        self.serde.go_on.clear()
        with verifier.sandbox():
            end = self.begin(call)
        end()
        self.assert_nothing_sent()
        for kind, found in self.around.items():
            self.assertEqual(dict(vars(kind)), found)

    def test_client_of_several_servers_sends_to_the_next_one(self) -> None:
        """The serializer of the first batch waits; the others begin afterwards."""
        client = self.make(HashClient, NODES, serde=self.serde)
        values = {f"k{number}": b"v" for number in range(20)}
        self.check(lambda: client.set_many(values), 2)

    def test_client_of_several_servers_has_to_choose_one(self) -> None:
        """It has not come to a command when the sandbox closes."""
        hasher: Any = SlowHasher
        self.serde = SlowHasher.serde
        client = self.make(HashClient, NODES, hasher=hasher)
        self.check(lambda: client.get("k"), 1)

    def test_client_that_tries_again(self) -> None:
        """The second time comes after the sandbox."""
        failures = iter([OSError])

        def serialize(key: Any, value: Any) -> Tuple[bytes, int]:
            for error in failures:
                self.serde.serialize(key, value)
                raise error
            return value, 0

        inner = self.make(Client, ADDRESS, serializer=serialize)
        client = RetryingClient(inner, attempts=2, retry_for=[OSError])
        verifier, memcache = by_hand()
        memcache.expect("SET", key="k", value=b"v", returns=True)
        self.outlast(verifier, lambda: client.set("k", b"v"))
        self.assertEqual(self.outcomes, [True])
        verifier.verify_all()

    def test_subclass_that_does_something_first(self) -> None:
        """Its own method stands in the place of the command."""
        client = self.make(Slowly, ADDRESS)
        client.wait = lambda: self.serde.serialize("k", b"")
        self.check(lambda: client.get("k"), 1)

    def test_serializer_that_looks_something_up(self) -> None:
        """With the same client, or with another one."""
        other = self.make(Client, ADDRESS)

        def serialize(key: Any, value: Any) -> Tuple[bytes, int]:
            self.serde.serialize(key, value)
            other.get("schema")
            client.get("schema")
            return value, 0

        client = self.make(Client, ADDRESS, serializer=serialize)
        self.check(lambda: client.set("k", b"v"), 3)

    def test_test_that_ends_meanwhile_is_the_one_that_answers(self) -> None:
        """Though another test is on guard then."""
        ends: List[Any] = []
        begin, client = self.begin, self.make(HashClient, NODES, serde=self.serde)
        values = {f"k{number}": b"v" for number in range(20)}

        class Test(TripwireTestCase):
            def test(self) -> None:
                self.memcache.mock_command("SET_MANY", returns=[], times=2, required=False)
                with self.sandbox():
                    ends.append(begin(lambda: client.set_many(values)))

        result = unittest.TestResult()
        Test("test").run(result)
        self.assertEqual((result.failures, result.errors), ([], []))
        with tripwire.strict():
            ends[0]()
        self.assertEqual(self.outcomes, [[]])
        self.assert_nothing_sent()


class BeginningTest(unittest.TestCase):
    """What does not begin in a sandbox is nobody's."""

    def test_call_outside_goes_to_the_server(self) -> None:
        """Also through a stand-in that was kept."""
        client: Any = HashClient([ADDRESS])
        client.clients["127.0.0.1:1"].sock = ours = Answering(b"VALUE k 0 1\r\nv\r\nEND\r\n")
        self.assertEqual(client.get("k"), b"v")
        verifier, _ = by_hand()
        with verifier.sandbox():
            fetch = client.get
        self.assertEqual(fetch("k"), b"v")
        self.assertEqual(ours.requests, [b"get k\r\n"] * 2)

    def test_refused_call_is_refused_by_its_command(self) -> None:
        """On guard, outside of a sandbox: there the clients around others are as they are."""
        client, found = HashClient(NODES), dict(vars(HashClient))
        with tripwire.strict() as verifier:
            self.assertEqual(dict(vars(HashClient)), found)
            self.assertRaises(SandboxNotActiveError, client.set_many, {"k": b"v"})
            with verifier.sandbox():
                self.assertNotEqual(dict(vars(HashClient)), found)
            self.assertEqual(dict(vars(HashClient)), found)
            with by_hand().verifier.sandbox(), tripwire.strict():
                self.assertRaises(SandboxNotActiveError, client.set_many, {"k": b"v"})

    def test_method_that_is_another_now_is_held_again(self) -> None:
        """Somebody has a mock in its place in one sandbox, a method of their own in the next."""
        verifier, _ = by_hand()
        found = vars(HashClient)["set_many"]
        for theirs in (mock.Mock(), types.FunctionType(found.__code__, {}), found):
            with mock.patch.object(HashClient, "set_many", theirs):
                with verifier.sandbox():
                    is_held = vars(HashClient)["set_many"] is not theirs
                self.assertEqual(is_held, not isinstance(theirs, mock.Mock))
                self.assertIs(vars(HashClient)["set_many"], theirs)

    def test_call_off_the_record_is_off_the_record_in_all_its_parts(self) -> None:
        """However many servers it asks."""
        client = HashClient(NODES)
        with tripwire.strict():
            store = tripwire.memcache.store(required=False)
            with store.off_the_record():
                client.set_many({f"k{number}": b"v" for number in range(20)})
            self.assertEqual(len(store), 20)

    def test_what_runs_later_is_left_as_it_is(self) -> None:
        """A subclass whose commands are awaited or iterated; and what is no function at all."""

        class Later(BASE):  # type: ignore[misc]  # its base is anything
            async def get(self, key: Any) -> Any:
                """Awaited."""

            def get_many(self, keys: Any) -> Iterator[Any]:
                yield from keys

            version = property(lambda client: "1")

        found = dict(vars(Later))
        verifier, _ = by_hand()
        with verifier.sandbox():
            for name in ("get", "get_many", "version"):
                self.assertIs(vars(Later)[name], found[name])
            self.assertEqual(list(Later(ADDRESS).get_many("ab")), ["a", "b"])

    def test_command_under_another_name_is_that_command(self) -> None:
        """A subclass that calls it so, made before the sandbox and in it."""

        def make() -> Any:
            class Renaming(Client):  # type: ignore[misc]  # pymemcache ships no types
                fetch = Client.get
                get_multi = Client.get_many

            return Renaming

        before = make()
        found = dict(vars(before))
        verifier, memcache = by_hand()
        with verifier.sandbox():
            for kind in (before, make()):
                client = kind(ADDRESS)
                memcache.expect("GET", key="k", returns=b"v")
                memcache.expect("GET_MULTI", keys=["k"], returns={"k": b"v"})
                self.assertEqual(client.fetch("k"), b"v")
                self.assertEqual(client.get_multi(["k"]), {"k": b"v"})
        verifier.verify_all()
        self.assertEqual(dict(vars(before)), found)
