"""Registering mocks: commands, fields, times, queues, and what is refused at once.

SPECIFICATION 1, 2, 3.
"""

from __future__ import annotations

import re
import threading
import unittest
from typing import Any, List, Tuple
from unittest.mock import ANY

from pymemcache.client.base import Client

import tripwire
from tests.support.cases import SERVER, ClientTestCase
from tests.support.platform import needs_threads
from tripwire import (
    MISS,
    InteractionMismatchError,
    UnmockedInteractionError,
)


class MockingCase(ClientTestCase):
    """A strict test that gets keys."""

    def get(self, *keys: str) -> List[Any]:
        """Get keys, one after the other, in a sandbox; assert them; return what came."""
        with self.sandbox():
            values = [self.client.get(key) for key in keys]
        for key in keys:
            self.memcache.assert_get("GET", key)
        return values


class NarrowedTest(MockingCase):
    """`**fields` and `server=` narrow a mock to some calls."""

    def test_keyed_mock_answers_its_key_alone(self) -> None:
        """Another key is unmocked, and takes nothing from it."""
        self.memcache.mock_command("GET", returns=b"7", key="user:7")
        with self.sandbox():
            self.assertRaises(UnmockedInteractionError, self.client.get, "user:8")
        self.assertEqual(self.get("user:7"), [b"7"])

    def test_keyed_mocks_answer_in_any_order_of_calls(self) -> None:
        """Each waits for its own."""
        self.memcache.mock_command("GET", returns=b"1", key="a")
        self.memcache.mock_command("GET", returns=b"2", key="b")
        self.assertEqual(self.get("b", "a"), [b"2", b"1"])

    def test_keyed_mock_is_found_without_asking_the_others(self) -> None:
        """A call takes the same time however many mocks wait, in whatever order they are used."""
        asked: List[Any] = []

        class Asked:  # noqa: PLW1641  # nobody hashes it
            def __eq__(self, other: object) -> bool:
                asked.append(other)
                return True

        keys = [f"k{number}" for number in range(100)]
        for key in keys:
            self.memcache.mock_command("GET", returns=key.encode(), key=key, default=Asked())
        found = self.get(*reversed(keys))
        self.assertEqual(found, [key.encode() for key in reversed(keys)])
        self.assertEqual(len(asked), len(keys))

    def test_mock_that_is_used_up_in_the_meantime_is_passed_by(self) -> None:
        """As by another thread, while this or an older one is compared: the next one answers."""
        client = self.client
        for equal in (True, False):
            with self.subTest(equal=equal):
                verifier = tripwire.StrictVerifier()
                memcache = tripwire.MemcachePlugin(verifier)
                nested: List[Any] = []

                class Calling:  # noqa: PLW1641  # nobody hashes it
                    def __eq__(self, other: object, nested: Any = nested) -> Any:
                        if not nested:
                            nested.append(other)
                            nested.append(client.get("k"))
                        return equal  # noqa: B023  # it is called in this very round

                memcache.mock_command("GET", returns=b"of another", default="another")
                memcache.mock_command("GET", returns=b"one" if equal else b"none", key=Calling())
                if not equal:
                    memcache.mock_command("GET", returns=b"one")
                memcache.mock_command("GET", returns=b"two")
                with verifier.sandbox():
                    self.assertEqual(self.client.get("k"), b"two")
                self.assertEqual(nested, ["k", b"one"])

    def test_key_of_another_type_finds_the_mock_that_equals_it(self) -> None:
        """A text of a subclass of `str` is the text, and the oldest mock wins as always."""

        class Text(str):
            __slots__ = ()

        self.memcache.mock_command("GET", returns=b"of a", key="a")
        self.memcache.mock_command("GET", returns=b"of bytes", key=b"a")
        self.memcache.mock_command("GET", returns=b"of any")
        self.memcache.mock_command("GET", returns=b"of b", key=Text("b"))
        self.assertEqual(self.get(Text("a"), Text("a"), "b"), [b"of a", b"of any", b"of b"])
        self.memcache.mock_command("GET", returns=b"of bytes", key="unused", required=False)
        with self.sandbox():
            self.assertEqual(self.client.get(b"a"), b"of bytes")
        self.memcache.assert_get("GET", b"a")

    def test_oldest_mock_that_answers_wins(self) -> None:
        """Whether it is narrowed or not does not count."""
        self.memcache.mock_command("GET", returns=b"for b", key="b")
        self.memcache.mock_command("GET", returns=b"for any")
        self.memcache.mock_command("GET", returns=b"for a", key="a")
        self.assertEqual(self.get("a", "a", "b"), [b"for any", b"for a", b"for b"])

    def test_all_given_fields_have_to_equal(self) -> None:
        """Those that were left out of the call count with their defaults."""
        self.memcache.mock_command("SET", returns=True, key="k", value=b"v", expire=0)
        with self.sandbox():
            for wrong in ({"expire": 1}, {"value": b"w"}, {"key": "l"}):
                with self.assertRaises(UnmockedInteractionError):
                    self.client.set(**{"key": "k", "value": b"v", **wrong})
            self.client.set("k", b"v")
        self.memcache.assert_set("SET", "k", b"v")

    def test_fields_may_be_matchers(self) -> None:
        """They stand on the left of the comparison."""
        self.memcache.mock_command("GET", returns=b"v", key=ANY)
        self.assertEqual(self.get("anything"), [b"v"])

    def test_matcher_that_raises_matches_nothing(self) -> None:
        """Neither a call, nor in an assertion."""

        class Broken:
            __hash__ = None  # type: ignore[assignment]  # as Python does itself

            def __eq__(self, other: object) -> bool:
                raise KeyError

        broken: Any = Broken()
        self.memcache.mock_command("GET", returns=b"1", key=broken, required=False)
        self.memcache.mock_command("GET", returns=b"2")
        with self.sandbox():
            self.assertEqual(self.client.get("k"), b"2")
        with self.assertRaises(InteractionMismatchError):
            self.memcache.assert_get("GET", broken)
        self.memcache.assert_get("GET", "k")

    def test_keys_equal_a_list_or_a_tuple_of_them(self) -> None:
        """However the call passed them."""
        for expected, passed in ((["a", "b"], ("a", "b")), (("a", "b"), ["a", "b"])):
            with self.subTest(expected=expected, passed=passed):
                self.memcache.mock_command("GET_MANY", returns={"a": b"1"}, keys=expected)
                with self.sandbox():
                    self.assertEqual(self.client.get_many(passed), {"a": b"1"})
                self.memcache.assert_get_many("GET_MANY", expected)

    def test_server_narrows_to_a_server(self) -> None:
        """As the client holds it."""
        other = Client(("10.0.0.2", 11211))
        self.memcache.mock_command("GET", returns=b"other", server=("10.0.0.2", 11211))
        self.memcache.mock_command("GET", returns=b"here", server=SERVER, key="k")
        with self.sandbox():
            self.assertEqual([self.client.get("k"), other.get("k")], [b"here", b"other"])
        self.memcache.assert_get("GET", "k", server=SERVER)
        self.memcache.assert_get("GET", "k", server=("10.0.0.2", 11211))

    def test_server_of_a_unix_socket_is_its_path(self) -> None:
        """As `Client` was given it."""
        self.memcache.mock_command("GET", returns=b"v", server="/run/memcached.sock")
        with self.sandbox():
            self.assertEqual(Client("/run/memcached.sock").get("k"), b"v")
        self.memcache.assert_get("GET", "k", server="/run/memcached.sock")

    def test_server_may_be_spelled_as_text(self) -> None:
        """As reports spell it, and as `Client` takes it; the client holds a pair."""
        self.memcache.mock_command("GET", returns=b"v", server="north:11211")
        with self.sandbox():
            self.assertEqual(Client("north").get("k"), b"v")
        self.memcache.assert_get("GET", "k", server="north:11211")
        self.assertEqual(self.verifier.interactions[0].server, ("north", 11211))

    def test_text_that_is_no_server_matches_none(self) -> None:
        """A port has to be a number."""
        self.memcache.mock_command("GET", returns=b"v", server="north:port", required=False)
        with self.sandbox(), self.assertRaisesRegex(UnmockedInteractionError, "north:port"):
            Client("north").get("k")


@unittest.skipUnless(hasattr(Client, "raw_command"), "this pymemcache has no raw_command")
class RawCommandTest(MockingCase):
    """`raw_command(command=...)` has a field that collides with a parameter of `mock_command`."""

    def test_colliding_field_has_an_underscore(self) -> None:
        """In mocks, in expectations, in assertions, in the timeline."""
        self.memcache.mock_command("RAW_COMMAND", returns=b"VERSION 1", command_="version")
        self.memcache.expect("RAW_COMMAND", returns=b"OK", command_="verbosity 1")
        with self.sandbox():
            self.assertRaises(UnmockedInteractionError, self.client.raw_command, "stats")
            self.assertEqual(self.client.raw_command("version"), b"VERSION 1")
            self.assertEqual(self.client.raw_command("verbosity 1"), b"OK")
        self.assertEqual(self.verifier.interactions[0].fields["command_"], "version")
        self.memcache.assert_command("RAW_COMMAND", command_="version")

    def test_it_knows_no_miss(self) -> None:
        """A server always has an answer to it."""
        with self.assertRaises(ValueError) as caught:
            self.memcache.mock_command("RAW_COMMAND", returns=MISS)
        self.assertIn("RAW_COMMAND has no MISS", str(caught.exception))


class TimesTest(MockingCase):
    """`times=` is how many calls a mock answers."""

    def unused(self) -> int:
        """Verify, and count the mocks that were reported as unused."""
        try:
            self.verifier.verify_all()
        except tripwire.UnusedMocksError as error:
            return len(error.unused)
        return 0

    def test_times_n_answers_n_calls(self) -> None:
        """And then the next mock's turn comes."""
        self.memcache.mock_command("GET", returns=b"1", times=2)
        self.memcache.mock_command("GET", returns=b"2")
        self.assertEqual(self.get("k", "k", "k"), [b"1", b"1", b"2"])

    def test_times_n_is_used_after_all_n(self) -> None:
        """One call less is an unused mock."""
        self.memcache.mock_command("GET", returns=b"1", times=2)
        self.get("k")
        self.assertEqual(self.unused(), 1)

    def test_times_n_that_is_optional_may_answer_fewer(self) -> None:
        """Or none at all."""
        self.memcache.mock_command("GET", returns=b"1", times=2, required=False)
        self.get("k")
        self.assertEqual(self.unused(), 0)

    def test_times_none_answers_any_number(self) -> None:
        """What was registered after it never gets a turn."""
        self.memcache.mock_command("GET", returns=b"1", times=None)
        self.memcache.mock_command("GET", returns=b"2", required=False)
        self.assertEqual(self.get(*"abcde"), [b"1"] * 5)
        self.assertEqual(self.unused(), 0)

    def test_times_none_has_to_answer_one(self) -> None:
        """Unless it is optional."""
        self.memcache.mock_command("GET", returns=b"1", times=None)
        self.memcache.mock_command("SET", returns=True, times=None, required=False)
        self.assertEqual(self.unused(), 1)

    def test_each_reply_is_a_copy(self) -> None:
        """What one caller does to its reply, the next one does not see; nor does the test."""
        reply = {"a": b"1"}
        self.memcache.mock_command("GET_MANY", returns=reply, times=2)
        with self.sandbox():
            self.client.get_many(["a"]).clear()
            self.assertEqual(self.client.get_many(["a"]), {"a": b"1"})
        self.assertEqual(reply, {"a": b"1"})
        self.memcache.assert_get_many("GET_MANY", ["a"])
        self.memcache.assert_get_many("GET_MANY", ["a"])

    @needs_threads
    def test_two_threads_never_take_one_answer(self) -> None:
        """A mock with n answers gives n, however many threads ask."""
        self.memcache.mock_command("INCR", returns=1, times=100)
        answers: List[Any] = []

        def work() -> None:
            client = Client(SERVER)
            answers.extend(client.incr("k", 1) for _ in range(25))

        with self.sandbox():
            threads = [threading.Thread(target=work) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.assertEqual(answers, [1] * 100)
        for _ in answers:
            self.memcache.assert_incr("INCR", "k")


class AliasesTest(MockingCase):
    """Names that are one method in pymemcache answer for each other."""

    PAIRS: Tuple[Tuple[str, str, Any, Any], ...] = (
        ("GET_MANY", "GET_MULTI", ["k"], {"k": b"v"}),
        ("SET_MANY", "SET_MULTI", {"k": b"v"}, []),
        ("DELETE_MANY", "DELETE_MULTI", ["k"], True),
    )

    def test_alias_answers_and_asserts(self) -> None:
        """Either name registers, either is called, and either is asserted."""
        for one, other, argument, reply in self.PAIRS:
            for mocked in (one, other):
                for called in (one, other):
                    for asserted in (one, other):
                        with self.subTest(mocked=mocked, called=called, asserted=asserted):
                            self.memcache.mock_command(mocked, returns=reply)
                            with self.sandbox():
                                met = getattr(self.client, called.lower())(argument)
                            self.assertEqual(met, reply)
                            helper = getattr(self.memcache, f"assert_{one.lower()}")
                            helper(asserted, argument)

    def test_own_queue_comes_first(self) -> None:
        """Though the alias's mock is older."""
        self.memcache.mock_command("GET_MULTI", returns={"k": b"alias"})
        self.memcache.mock_command("GET_MANY", returns={"k": b"own"})
        with self.sandbox():
            met = [self.client.get_many(["k"])["k"] for _ in range(2)]
        self.assertEqual(met, [b"own", b"alias"])
        self.memcache.assert_get_many("GET_MANY", ["k"])
        self.memcache.assert_get_many("GET_MULTI", ["k"])

    def test_commands_that_are_two_methods_are_no_aliases(self) -> None:
        """`gets` is not `get`."""
        self.memcache.mock_command("GETS", returns=(b"v", b"7"), required=False)
        with self.sandbox():
            self.assertRaises(UnmockedInteractionError, self.client.get, "k")


class RaisesTest(MockingCase):
    """`raises=` takes an exception or a class of one."""

    def test_instance_is_raised_itself(self) -> None:
        """With its own arguments."""
        fault = TimeoutError("too slow")
        self.memcache.mock_command("GET", raises=fault)
        with self.sandbox(), self.assertRaises(TimeoutError) as caught:
            self.client.get("k")
        self.assertIs(caught.exception, fault)
        self.memcache.assert_get("GET", "k")

    def test_class_is_instantiated_at_registration(self) -> None:
        """So one that needs arguments fails there, not in the code under test."""
        self.memcache.mock_command("GET", raises=ConnectionResetError)
        with self.sandbox():
            self.assertRaises(ConnectionResetError, self.client.get, "k")
        self.memcache.assert_get("GET", "k")
        with self.assertRaises(TypeError):
            self.memcache.mock_command("GET", raises=UnicodeDecodeError)

    def test_none_beside_raises_is_no_reply(self) -> None:
        """As the guide writes it; where None would be a reply, too."""
        self.memcache.mock_command("INCR", returns=None, raises=OSError)
        with self.sandbox():
            self.assertRaises(OSError, self.client.incr, "k", 1)
        self.memcache.assert_incr("INCR", "k")

    def test_anything_else_is_a_type_error(self) -> None:
        """A forgotten exception is told at once."""
        for wrong in ("ConnectionError", 1, object, int, False, ()):
            given: Any = wrong
            with self.subTest(wrong=wrong), self.assertRaises(TypeError) as caught:
                self.memcache.mock_command("GET", returns=None, raises=given)
            self.assertRegex(str(caught.exception), f"raises.*{re.escape(repr(wrong))}")
