"""What is wrong with a registration is said at the registration, and registers nothing.

SPECIFICATION 1, 4, 6.
"""

from __future__ import annotations

import unittest
from typing import Any, Dict, Tuple

from pymemcache.client.base import Client

import tripwire
from tests.support.cases import CLIENT, ClientTestCase
from tripwire import (
    MISS,
    ImpossibleReplyError,
    MemcachePlugin,
    MissingAssertionFieldsError,
    StrictVerifier,
    TripwireTestCase,
)


class MisuseTest(TripwireTestCase):
    """Each test registers something wrong; `tearDown` would report a mock if one were there."""

    def test_misspelled_command_names_the_closest(self) -> None:
        """In the case in which commands are shown."""
        for name, closest in {
            "GIT": "GET",
            "set_mny": "SET_MANY",
            "increment": "INCR",
            "touche": "TOUCH",
            "flush": "FLUSH_ALL",
        }.items():
            for take in (self.memcache.mock_command, self.memcache.expect):
                with self.subTest(name), self.assertRaises(ValueError) as caught:
                    take(name, returns=b"v")
                self.assertRegex(
                    str(caught.exception), f"^{name!r} .*; the closest one is {closest!r}$"
                )

    def test_local_and_private_methods_are_no_commands(self) -> None:
        """Nor is what no client has."""
        for name in ("check_key", "close", "disconnect_all", "_fetch_cmd", "sock", "", "GET "):
            with self.subTest(name), self.assertRaises(ValueError):
                self.memcache.mock_command(name, returns=True)

    def test_local_methods_send_nothing(self) -> None:
        """No command is like them."""
        for name in ("check_key", "CLOSE", "disconnect_all"):
            with self.subTest(name), self.assertRaises(ValueError) as caught:
                self.memcache.mock_command(name, returns=None)
            self.assertEqual(
                str(caught.exception),
                f"{name!r} is no command: the client sends nothing for it, and it needs no mock",
            )

    def test_command_has_to_be_text(self) -> None:
        """Not a method, and not bytes."""
        for wrong in (Client.get, b"GET", None):
            command: Any = wrong
            with self.subTest(wrong=wrong), self.assertRaises(TypeError) as caught:
                self.memcache.mock_command(command, returns=b"v")
            self.assertIn(type(wrong).__name__, str(caught.exception))

    def test_reply_or_exception_has_to_be_given(self) -> None:
        """`returns` may be left out only beside `raises`."""
        register: Any
        for register in (self.memcache.mock_command, self.memcache.expect):
            with self.assertRaises(TypeError) as caught:
                register("get", key="k")
            self.assertEqual(
                str(caught.exception),
                f"{register.__name__}('GET') needs returns=... or raises=...",
            )
        with self.assertRaises(TypeError):
            self.memcache.mock_command("GET", raises=None)

    def test_dots_of_an_offered_line_are_no_reply(self) -> None:
        """Who pastes `returns=...` as it stands is told so."""
        with self.assertRaisesRegex(TypeError, r"in the place of the dots: mock_command\('GET'"):
            self.memcache.mock_command("GET", returns=...)
        with self.assertRaisesRegex(TypeError, r"in the place of the dots: expect\('GET'"):
            self.memcache.expect("GET", key="k", returns=...)

    def test_reply_has_to_be_named(self) -> None:
        """`mock_command("GET", b"v")` is not how it is called, and `expect` is not either."""
        register: Any
        for register in (self.memcache.mock_command, self.memcache.expect):
            with self.assertRaises(TypeError) as caught:
                register("GET", b"v", key="k")
            self.assertEqual(
                str(caught.exception),
                f"{register.__name__}('GET', ...) takes its reply by name: returns=..., or "
                "raises=... for an exception",
            )

    def test_words_of_unittest_mock_are_translated(self) -> None:
        """Who knows them is told what they are called here."""
        register: Any
        for register in (self.memcache.mock_command, self.memcache.expect):
            with self.assertRaises(TypeError) as caught:
                register("GET", return_value=b"v", key="k")
            self.assertEqual(
                str(caught.exception), "return_value= of unittest.mock is returns= here"
            )
            with self.assertRaises(TypeError) as caught:
                register("GET", side_effect=OSError, key="k")
            self.assertEqual(
                str(caught.exception),
                "side_effect= of unittest.mock is raises= here for an exception; several replies "
                "are several mocks, which answer in the order of their registration",
            )

    def test_reply_beside_an_exception_is_refused(self) -> None:
        """None says nothing, so it may stand there; anything else, True and False included, not."""
        for reply in (b"v", True, False, MISS, ...):
            with self.subTest(reply=reply), self.assertRaises(TypeError) as caught:
                self.memcache.mock_command("GET", returns=reply, raises=OSError)
            self.assertEqual(
                str(caught.exception),
                "mock_command('GET') takes returns=... or raises=..., not both",
            )
        with self.assertRaisesRegex(TypeError, r"^expect\('GET'\) takes .* not both$"):
            self.memcache.expect("GET", key="k", returns=b"v", raises=OSError)
        self.memcache.mock_command("GET", returns=None, raises=OSError, required=False)

    def test_class_that_builds_no_exception_is_refused(self) -> None:
        """As Python itself refuses to raise it."""

        class Odd(Exception):
            def __new__(cls) -> Any:
                return "text"

        with self.assertRaises(TypeError) as caught:
            self.memcache.mock_command("GET", raises=Odd)
        self.assertEqual(str(caught.exception), "raises=Odd builds 'text', which is no exception")

    def test_exception_class_that_needs_arguments_is_refused(self) -> None:
        """At registration, and not in the middle of the code under test."""

        class Refused(Exception):
            def __init__(self, host: str) -> None:
                super().__init__(host)

        with self.assertRaises(TypeError) as caught:
            self.memcache.mock_command("GET", raises=Refused)
        self.assertRegex(
            str(caught.exception),
            r"^raises=Refused cannot be built without arguments \(.*'host'\); "
            r"give an instance: raises=Refused\(\.\.\.\)$",
        )
        self.memcache.mock_command("GET", raises=Refused("north"), required=False)

    def test_unknown_field_names_those_that_there_are(self) -> None:
        """A typing error must not make a mock that answers nothing."""
        wrong: Tuple[Dict[str, Any], ...] = ({"ky": "k"}, {"key": "k", "ky": ["k"]})
        for given in wrong:
            with self.subTest(given), self.assertRaises(TypeError) as caught:
                self.memcache.mock_command("GET", returns=b"v", **given)
            self.assertRegex(str(caught.exception), "GET.*'ky'.*key, default")
        with self.assertRaises(TypeError) as caught:
            self.memcache.mock_command("VERSION", returns=b"1", key="k")
        self.assertRegex(str(caught.exception), "VERSION.*'key'.*none")

    def test_times_is_a_positive_number_or_none(self) -> None:
        """A flag is none of them."""
        for wrong in (0, -1, 1.0, "2", True, False):
            times: Any = wrong
            with self.subTest(wrong=wrong), self.assertRaises(ValueError) as caught:
                self.memcache.mock_command("GET", returns=b"v", times=times)
            self.assertRegex(str(caught.exception), f"times.*{wrong!r}")

    def test_impossible_reply_is_refused(self) -> None:
        """Before any call is made; it is a `ValueError`, and no failure."""
        with self.assertRaises(ImpossibleReplyError) as caught:
            self.memcache.mock_command("INCR", returns=b"5")
        self.assertIsInstance(caught.exception, ValueError)
        self.assertNotIsInstance(caught.exception, AssertionError)
        self.assertEqual((caught.exception.command, caught.exception.reply), ("INCR", b"5"))


class PluginTest(unittest.TestCase):
    """What is wrong with the plugin is said where it is built."""

    def test_impossible_replies_is_one_of_two_words(self) -> None:
        """And the verifier is as it was: a right one can be built on it."""
        verifier = StrictVerifier()
        with self.assertRaises(ValueError) as caught:
            MemcachePlugin(verifier, impossible_replies="alow")
        self.assertRegex(str(caught.exception), "'refuse' or 'allow'.*'alow'")
        build: Any = MemcachePlugin
        self.assertRaises(TypeError, build, verifier, "allow")
        MemcachePlugin(verifier, impossible_replies="allow").mock_command("INCR", returns=b"5")


class MissTest(TripwireTestCase):
    """`returns=MISS` is what the real client makes of a server that holds nothing."""

    # the call, and what pymemcache's own method returns then
    CALLS: Tuple[Tuple[str, Tuple[Any, ...], Dict[str, Any], Any], ...] = (
        ("get", ("k",), {}, None),
        ("get", ("k", "d"), {}, "d"),
        ("gets", ("k",), {}, (None, None)),
        ("gets", ("k", "d", "c"), {}, ("d", "c")),
        ("get_many", (["k"],), {}, {}),
        ("get_multi", (["k"],), {}, {}),
        ("gets_many", (["k"],), {}, {}),
        ("set", ("k", b"v"), {}, True),
        ("set", ("k", b"v"), {"noreply": False}, True),
        ("add", ("k", b"v"), {"noreply": False}, True),
        ("replace", ("k", b"v"), {"noreply": False}, False),
        ("replace", ("k", b"v"), {}, True),
        ("append", ("k", b"v"), {"noreply": False}, False),
        ("prepend", ("k", b"v"), {"noreply": False}, False),
        ("cas", ("k", b"v", b"7"), {}, None),
        ("cas", ("k", b"v", b"7"), {"noreply": True}, True),
        ("set_many", ({"k": b"v"},), {}, []),
        ("set_many", ({"k": b"v"},), {"noreply": False}, []),
        ("delete", ("k",), {}, True),
        ("delete", ("k",), {"noreply": False}, False),
        ("delete_many", (["k"],), {"noreply": False}, True),
        ("incr", ("k", 1), {}, None),
        ("decr", ("k", 1), {}, None),
        ("touch", ("k",), {"noreply": False}, False),
        ("touch", ("k",), {"noreply": True}, True),
        ("flush_all", (), {}, True),
        ("cache_memlimit", (64,), {}, True),
    )

    def test_miss_is_what_the_client_returns(self) -> None:
        """For this very call: its defaults, its noreply."""
        for name, args, kwargs, outcome in self.CALLS:
            with self.subTest(name, args=args, **kwargs):
                self.memcache.mock_command(name, returns=MISS)
                with self.sandbox():
                    self.assertEqual(getattr(CLIENT, name)(*args, **kwargs), outcome)
                fields = self.verifier.interactions[-1].fields
                self.memcache.assert_command(name, **fields)

    def test_stats_and_version_know_no_miss(self) -> None:
        """A server always has an answer to them."""
        for name in ("STATS", "VERSION"):
            with self.subTest(name), self.assertRaises(ValueError) as caught:
                self.memcache.mock_command(name, returns=MISS)
            self.assertNotIsInstance(caught.exception, tripwire.TripwireError)
            self.assertIn(f"{name} has no MISS", str(caught.exception))

    def test_miss_tells_its_name(self) -> None:
        """In the report of an unused mock, for one."""
        self.assertEqual(repr(MISS), "MISS")


class ExpectTest(ClientTestCase):
    """`expect` is a mock and its assertion in one."""

    def test_calls_it_answers_count_as_asserted(self) -> None:
        """They are on the timeline all the same."""
        self.memcache.expect("GET", key="k", returns=b"v", times=2)
        with self.sandbox():
            self.assertEqual([self.client.get("k"), self.client.get("k")], [b"v", b"v"])
        self.assertEqual([met.asserted for met in self.verifier.interactions], [True, True])

    def test_only_the_expected_calls_are_answered(self) -> None:
        """Every required field is compared."""
        self.memcache.expect("SET", key="k", value=b"v", returns=True)
        with self.sandbox():
            for wrong in (("l", b"v"), ("k", b"w")):
                self.assertRaises(tripwire.UnmockedInteractionError, self.client.set, *wrong)
            self.client.set("k", b"v")

    def test_what_it_answers_is_left_out_of_the_order(self) -> None:
        """Assertions go on with what is open."""
        self.memcache.mock_command("GET", returns=b"1", key="a")
        self.memcache.expect("GET", key="b", returns=b"2")
        self.memcache.mock_command("GET", returns=b"3", key="c")
        with self.sandbox():
            for key in "abc":
                self.client.get(key)
        self.memcache.assert_get("GET", "a")
        self.memcache.assert_get("GET", "c")

    def test_defaults_of_the_helpers_are_compared(self) -> None:
        """`expire=0` and `value=1`, where they are left out."""
        self.memcache.expect("SET", key="k", value=b"v", returns=True)
        self.memcache.expect("INCR", key="n", returns=1)
        self.memcache.expect("TOUCH", key="k", returns=True)
        self.memcache.expect("SET_MANY", values={"k": b"v"}, returns=[])
        with self.sandbox():
            with self.assertRaises(tripwire.UnmockedInteractionError):
                self.client.set("k", b"v", expire=5)
            self.assertRaises(tripwire.UnmockedInteractionError, self.client.incr, "n", 2)
            self.assertRaises(tripwire.UnmockedInteractionError, self.client.touch, "k", 5)
            with self.assertRaises(tripwire.UnmockedInteractionError):
                self.client.set_many({"k": b"v"}, expire=5)
            self.client.set("k", b"v")
            self.client.incr("n", 1)
            self.client.touch("k")
            self.client.set_many({"k": b"v"})

    def test_other_optional_fields_are_not(self) -> None:
        """`noreply` may be what it likes, unless it is given."""
        self.memcache.expect("SET", key="k", value=b"v", returns=True)
        self.memcache.expect("SET", key="l", value=b"v", returns=True, noreply=True)
        with self.sandbox():
            self.client.set("k", b"v", noreply=False)
            with self.assertRaises(tripwire.UnmockedInteractionError):
                self.client.set("l", b"v", noreply=False)
            self.client.set("l", b"v", noreply=True)

    def test_required_fields_have_to_be_given(self) -> None:
        """All of them are named at once."""
        with self.assertRaises(MissingAssertionFieldsError) as caught:
            self.memcache.expect("cas", key="k", returns=True)
        self.assertEqual(
            (caught.exception.command, caught.exception.missing), ("CAS", ("value", "cas"))
        )
        self.assertRegex(str(caught.exception), r"expect\('CAS'\).*: value=\.\.\., cas=\.\.\.$")

    def test_expected_exception_is_asserted_too(self) -> None:
        """It reached the wire, and was expected there."""
        self.memcache.expect("GET", key="k", raises=ConnectionRefusedError)
        with self.sandbox():
            self.assertRaises(ConnectionRefusedError, self.client.get, "k")

    def test_expectation_that_is_not_met_is_an_unused_mock(self) -> None:
        """Unless it is optional."""
        self.memcache.expect("GET", key="k", returns=b"v")
        self.memcache.expect("GET", key="l", returns=b"v", required=False)
        with self.assertRaises(tripwire.UnusedMocksError) as caught:
            self.verifier.verify_all()
        self.assertEqual([mock.fields for mock in caught.exception.unused], [{"key": "k"}])
