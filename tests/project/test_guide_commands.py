"""What the guide says of commands, queues, helpers, errors and optional mocks.

SPECIFICATION G2, G3, G4, G5.
"""

from __future__ import annotations

import unittest
from typing import Any, Callable, Dict, List, NamedTuple

from pymemcache.client.base import Client

import tripwire
from tests.support.cases import ClientTestCase
from tripwire import TripwireTestCase, UnmockedInteractionError

VALUES = {"a": b"1", "b": b"2"}


class Operation(NamedTuple):
    """One of the guide's operations: its name, its call, a reply, and what asserts it."""

    name: str
    call: Callable[[Client], Any]
    reply: Any
    helper: str
    fields: Dict[str, Any]


# The last column is what the helper's table in the guide calls required.
OPERATIONS = (
    Operation("get", lambda c: c.get("k"), b"v", "assert_get", {"key": "k"}),
    Operation("gets", lambda c: c.gets("k"), (b"v", b"7"), "assert_get", {"key": "k"}),
    Operation("delete", lambda c: c.delete("k"), True, "assert_delete", {"key": "k"}),
    Operation("set", lambda c: c.set("k", b"v"), True, "assert_set", {"key": "k", "value": b"v"}),
    Operation("add", lambda c: c.add("k", b"v"), True, "assert_set", {"key": "k", "value": b"v"}),
    Operation(
        "replace", lambda c: c.replace("k", b"v"), True, "assert_set", {"key": "k", "value": b"v"}
    ),
    Operation(
        "cas", lambda c: c.cas("k", b"v", b"7"), True, "assert_set", {"key": "k", "value": b"v"}
    ),
    Operation(
        "append", lambda c: c.append("k", b"v"), True, "assert_set", {"key": "k", "value": b"v"}
    ),
    Operation(
        "prepend", lambda c: c.prepend("k", b"v"), True, "assert_set", {"key": "k", "value": b"v"}
    ),
    Operation("incr", lambda c: c.incr("k", 1), 8, "assert_incr", {"key": "k"}),
    Operation("decr", lambda c: c.decr("k", 1), 6, "assert_incr", {"key": "k"}),
    Operation(
        "get_multi", lambda c: c.get_multi(["a", "b"]), VALUES, "assert_get_many", {"keys": [*"ab"]}
    ),
    Operation(
        "get_many", lambda c: c.get_many(["a", "b"]), VALUES, "assert_get_many", {"keys": [*"ab"]}
    ),
    Operation(
        "gets_many",
        lambda c: c.gets_many(["a", "b"]),
        {"a": (b"1", b"7")},
        "assert_get_many",
        {"keys": [*"ab"]},
    ),
    Operation(
        "set_multi", lambda c: c.set_multi(VALUES), [], "assert_set_many", {"values": VALUES}
    ),
    Operation("set_many", lambda c: c.set_many(VALUES), [], "assert_set_many", {"values": VALUES}),
    Operation(
        "delete_multi",
        lambda c: c.delete_multi(["a"]),
        True,
        "assert_delete_many",
        {"keys": ["a"]},
    ),
    Operation(
        "delete_many", lambda c: c.delete_many(["a"]), True, "assert_delete_many", {"keys": ["a"]}
    ),
)


class OperationsTest(ClientTestCase):
    """All eighteen supported operations."""

    def test_every_operation_is_mocked_and_asserted(self) -> None:
        """The mock's reply is what the caller gets, and the typed helper asserts the call."""
        self.assertEqual(len({operation.name for operation in OPERATIONS}), 18)
        for operation in OPERATIONS:
            with self.subTest(operation.name):
                self.memcache.mock_command(operation.name.upper(), returns=operation.reply)
                with self.sandbox():
                    self.assertEqual(operation.call(self.client), operation.reply)
                helper = getattr(self.memcache, operation.helper)
                helper(command=operation.name.upper(), **operation.fields)
                self.verifier.verify_all()

    def test_names_are_case_insensitive(self) -> None:
        """For registering and for asserting, in any case."""
        for spelled in (str.lower, str.upper, str.title):
            for operation in OPERATIONS:
                with self.subTest(spelled(operation.name)):
                    self.memcache.mock_command(spelled(operation.name), returns=operation.reply)
                    with self.sandbox():
                        operation.call(self.client)
                    helper = getattr(self.memcache, operation.helper)
                    helper(command=spelled(operation.name), **operation.fields)
                    self.verifier.verify_all()

    def test_every_operation_is_refused_without_a_mock(self) -> None:
        """The first three lines are the guide's, to the letter."""
        for operation in OPERATIONS:
            with self.subTest(operation.name):
                with self.sandbox(), self.assertRaises(UnmockedInteractionError) as caught:
                    operation.call(self.client)
                name = operation.name.upper()
                self.assertEqual(
                    str(caught.exception).splitlines()[:3],
                    [
                        f"memcache.{name}(...) was called but no mock was registered.",
                        "Register a mock with:",
                        f"    tripwire.memcache.mock_command('{name}', returns=...)",
                    ],
                )

    def test_the_line_that_the_error_offers_registers_a_mock(self) -> None:
        """Pasted, with the dots as they are, it mocks the call it was offered for."""
        with self.sandbox(), self.assertRaises(UnmockedInteractionError) as caught:
            self.client.get("k")
        exec(str(caught.exception).splitlines()[2].replace("...", "b'v'").strip())
        with tripwire.sandbox():
            self.assertEqual(self.client.get("k"), b"v")
        self.memcache.assert_get("GET", "k")


class QueuesTest(ClientTestCase):
    """Each command has a first-in, first-out queue of its own."""

    def test_replies_come_in_the_order_of_registration(self) -> None:
        """However many there are."""
        replies = [b"%d" % number for number in range(10)]
        for reply in replies:
            self.memcache.mock_command("GET", returns=reply)
        with self.sandbox():
            self.assertEqual([self.client.get("k") for _ in replies], replies)
        for _ in replies:
            self.memcache.assert_get("GET", "k")

    def test_queues_of_two_commands_are_independent(self) -> None:
        """What was registered first for one command does not hold up another."""
        self.memcache.mock_command("GET", returns=b"1")
        self.memcache.mock_command("SET", returns=False)
        self.memcache.mock_command("GET", returns=b"2")
        with self.sandbox():
            self.assertIs(self.client.set("k", b"v", noreply=False), False)
            self.assertEqual([self.client.get("k"), self.client.get("k")], [b"1", b"2"])
        self.memcache.assert_set("SET", "k", b"v")
        self.memcache.assert_get("GET", "k")
        self.memcache.assert_get("GET", "k")

    def test_queue_that_ran_empty_answers_no_more(self) -> None:
        """One mock is one reply."""
        self.memcache.mock_command("GET", returns=b"v")
        with self.sandbox():
            self.client.get("k")
            self.assertRaises(UnmockedInteractionError, self.client.get, "k")
        self.memcache.assert_get("GET", "k")


class HelpersTest(ClientTestCase):
    """The four typed helpers of the guide, positional and by name, with their defaults."""

    def record(self, **replies: Any) -> None:
        """Mock commands, and make the plainest call of each."""
        calls = {operation.name: operation.call for operation in OPERATIONS}
        for name, reply in replies.items():
            self.memcache.mock_command(name, returns=reply)
        with self.sandbox():
            for name in replies:
                calls[name](self.client)

    def test_assert_get_takes_get_gets_and_delete(self) -> None:
        """The guide's three examples of a command."""
        self.record(get=b"v", gets=(b"v", b"7"), delete=True)
        self.memcache.assert_get("GET", "k")
        self.memcache.assert_get(command="GETS", key="k")
        self.memcache.assert_get(command="DELETE", key="k")

    def test_assert_delete_takes_delete(self) -> None:
        """In the same form."""
        self.record(delete=True)
        self.memcache.assert_delete("DELETE", "k")

    def test_assert_set_expects_no_expiry_unless_given(self) -> None:
        """`expire=0` is compared when it is left out."""
        self.record(set=True)
        self.memcache.assert_set("SET", "k", b"v")
        self.memcache.mock_command("SET", returns=True)
        with self.sandbox():
            self.client.set("k", b"v", expire=3600)
        with self.assertRaises(tripwire.InteractionMismatchError):
            self.memcache.assert_set("SET", "k", b"v")
        self.memcache.assert_set("SET", "k", b"v", 3600)

    def test_assert_incr_expects_one_unless_given(self) -> None:
        """`value=1` is compared when it is left out."""
        self.record(incr=8, decr=6)
        self.memcache.assert_incr("INCR", "k")
        self.memcache.assert_incr("DECR", "k", 1)
        self.memcache.mock_command("INCR", returns=12)
        with self.sandbox():
            self.client.incr("k", 5)
        with self.assertRaises(tripwire.InteractionMismatchError):
            self.memcache.assert_incr("INCR", "k")
        self.memcache.assert_incr("INCR", "k", value=5)


class ErrorsAndOptionsTest(ClientTestCase):
    """`raises` and `required=False`."""

    def test_raises_is_raised_for_every_operation(self) -> None:
        """`returns` is given as in the guide, and not looked at."""
        for operation in OPERATIONS:
            with self.subTest(operation.name):
                fault = ConnectionError("memcached unreachable")
                self.memcache.mock_command(operation.name, returns=None, raises=fault)
                with self.sandbox(), self.assertRaises(ConnectionError) as caught:
                    operation.call(self.client)
                self.assertIs(caught.exception, fault)
                getattr(self.memcache, operation.helper)(operation.name, **operation.fields)
                self.verifier.verify_all()

    def test_optional_mock_may_stay_unused(self) -> None:
        """For every operation."""
        for operation in OPERATIONS:
            self.memcache.mock_command(operation.name, returns=operation.reply, required=False)
        self.verifier.verify_all()

    def test_optional_mock_that_is_used_has_to_be_asserted(self) -> None:
        """It is optional to call, not to assert."""
        self.memcache.mock_command("DELETE", returns=True, required=False)
        with self.sandbox():
            self.client.delete("k")
        self.assertRaises(tripwire.UnassertedInteractionsError, self.verifier.verify_all)


class ThreeFindingsTest(unittest.TestCase):
    """What the guide says happens at teardown, one kind after the other."""

    def findings(self, body: Callable[[TripwireTestCase], None]) -> List[str]:
        """Run a body as a test, and return the names of its failures' errors."""
        case = type("Case", (ClientTestCase,), {"test": body})("test")
        result = unittest.TestResult()
        case.run(result)
        self.assertEqual(result.errors, [])
        return [text.rsplit("tripwire.errors.", 1)[1].split(":")[0] for _, text in result.failures]

    def test_each_finding_fails_its_test(self) -> None:
        """Unmocked at the call, unasserted and unused at teardown."""

        def unmocked(case: Any) -> None:
            with case.sandbox():
                case.client.get("k")

        def unasserted(case: Any) -> None:
            case.memcache.mock_command("GET", returns=b"v")
            with case.sandbox():
                case.client.get("k")

        def unused(case: Any) -> None:
            case.memcache.mock_command("GET", returns=b"v")

        self.assertEqual(self.findings(unmocked), ["UnmockedInteractionError"])
        self.assertEqual(self.findings(unasserted), ["UnassertedInteractionsError"])
        self.assertEqual(self.findings(unused), ["UnusedMocksError"])
