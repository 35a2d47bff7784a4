"""What an assertion leaves out: `strict_fields`, and `noreply` by what it comes to.

SPECIFICATION 19.
"""

from __future__ import annotations

import unittest
from typing import Any, Callable, Dict, Optional, Tuple
from unittest.mock import ANY

from pymemcache.client.base import Client
from pymemcache.client.hash import HashClient

import tripwire
from tests.support.cases import SERVER, by_hand, run
from tripwire import InteractionMismatchError, MemcachePlugin, StrictVerifier, TripwireTestCase

WAITING: Any = Client(SERVER, default_noreply=False)
HASTY: Any = Client(SERVER)
PREFIXED: Any = Client(SERVER, key_prefix=b"app:")

Call = Callable[[], object]


def make(client: Any, method: str, *args: Any, **kwargs: Any) -> Call:
    """A call that can be made again and again."""
    return lambda: getattr(client, method)(*args, **kwargs)


class AssertingCase(unittest.TestCase):
    """Whether calls are as they are asserted."""

    def passes(
        self, call: Call, helper: str, *args: Any, strict: bool = False, **fields: Any
    ) -> bool:
        """Whether an assertion passes after a call."""
        verifier, memcache = by_hand(strict_fields=strict)
        memcache.store()
        with verifier.sandbox():
            call()
        try:
            getattr(memcache, helper)(*args, **fields)
        except InteractionMismatchError:
            return False
        return True

    def meets(self, call: Call, command: str, strict: bool = False, **fields: Any) -> bool:
        """Whether an expectation answers a call."""
        verifier, memcache = by_hand(strict_fields=strict)
        memcache.expect(command, returns=tripwire.MISS, required=False, **fields)
        with verifier.sandbox():
            try:
                call()
            except tripwire.UnmockedInteractionError:
                return False
        return True


class NoreplyTest(AssertingCase):
    """`noreply` is what was sent, however it was written."""

    # how it was written, for a client that waits and for one that does not, and what was sent
    WRITTEN: Tuple[Tuple[Any, Optional[bool], bool], ...] = (
        (WAITING, None, False),
        (WAITING, False, False),
        (WAITING, True, True),
        (HASTY, None, True),
        (HASTY, False, False),
        (HASTY, True, True),
    )

    def test_assertion(self) -> None:
        """Of True and False; None is what the client does by itself."""
        for client, written, sent in self.WRITTEN:
            with self.subTest(client.default_noreply, written=written):
                call = make(client, "delete", "k", noreply=written)
                for said in (True, False):
                    passed = self.passes(call, "assert_delete", "DELETE", "k", noreply=said)
                    self.assertEqual(passed, said is sent)
                passed = self.passes(call, "assert_delete", "DELETE", "k", noreply=None)
                self.assertEqual(passed, sent is client.default_noreply)
                self.assertTrue(self.passes(call, "assert_delete", "DELETE", "k", noreply=ANY))

    def test_mock_and_expectation(self) -> None:
        """The same."""
        for client, written, sent in self.WRITTEN:
            call = make(client, "delete", "k", noreply=written)
            for said in (True, False):
                with self.subTest(client.default_noreply, written=written, said=said):
                    self.assertEqual(
                        self.meets(call, "DELETE", key="k", noreply=said), said is sent
                    )
            usual = sent is client.default_noreply
            self.assertEqual(self.meets(call, "DELETE", key="k", noreply=None), usual)

    def test_method_with_a_default_of_its_own(self) -> None:
        """INCR waits, whatever the client does otherwise; so None is to wait."""
        for said, passed in (None, True), (False, True), (True, False):
            call = make(HASTY, "incr", "k", 1)
            self.assertEqual(self.passes(call, "assert_incr", "INCR", "k", noreply=said), passed)
        call = make(HASTY, "incr", "k", 1, noreply=True)
        self.assertFalse(self.passes(call, "assert_incr", "INCR", "k", noreply=None))

    def test_numbers(self) -> None:
        """They are taken for what pymemcache takes them for; a text is none of them."""
        call = make(HASTY, "delete", "k", 0)
        self.assertTrue(self.passes(call, "assert_delete", "DELETE", "k", noreply=False))
        self.assertTrue(self.passes(call, "assert_delete", "DELETE", "k", noreply=0))
        self.assertFalse(self.passes(call, "assert_delete", "DELETE", "k", noreply=1))
        self.assertFalse(self.passes(call, "assert_delete", "DELETE", "k", noreply="False"))

    def test_what_is_recorded_is_what_was_written(self) -> None:
        """The timeline says how the code spelled it."""
        verifier, memcache = by_hand()
        memcache.store()
        with verifier.sandbox():
            HASTY.delete("k")
        self.assertIsNone(verifier.interactions[0].fields["noreply"])

    def test_every_command_that_can_be_hasty(self) -> None:
        """By the request of each of them, batches included."""
        calls: Dict[str, Dict[str, Any]] = {
            "SET": {"key": "noreply", "value": b"noreply"},
            "ADD": {"key": "k", "value": b""},
            "CAS": {"key": "k", "value": b"", "cas": b"1"},
            "SET_MANY": {"values": {"a": b"1", "b": b"2"}},
            "DELETE": {"key": "noreply"},
            "DELETE_MANY": {"keys": ["noreply", "noreply"]},
            "INCR": {"key": "noreply", "value": 1},
            "TOUCH": {"key": "noreply"},
            "FLUSH_ALL": {},
        }
        for command, fields in calls.items():
            for sent in (True, False):
                with self.subTest(command, sent=sent):
                    call = make(HASTY, command.lower(), **fields, noreply=sent)
                    for said in (True, False):
                        passed = self.passes(
                            call, "assert_command", command, **fields, noreply=said
                        )
                        self.assertEqual(passed, said is sent)


class StrictTest(AssertingCase):
    """With `strict_fields` what is left out has to be as if it were not there."""

    # the call, the assertion, and whether it passes with strict_fields; without, each passes
    CASES: Tuple[Tuple[Call, str, str, Dict[str, Any], bool], ...] = (
        (make(HASTY, "delete", "k"), "assert_delete", "DELETE", {"key": "k"}, True),
        (make(HASTY, "delete", "k", noreply=True), "assert_delete", "DELETE", {"key": "k"}, True),
        (make(HASTY, "delete", "k", noreply=False), "assert_get", "DELETE", {"key": "k"}, False),
        (make(WAITING, "delete", "k", noreply=False), "assert_get", "DELETE", {"key": "k"}, True),
        (make(WAITING, "delete", "k", noreply=True), "assert_get", "DELETE", {"key": "k"}, False),
        (make(HASTY, "incr", "k", 1, False), "assert_incr", "INCR", {"key": "k"}, True),
        (make(HASTY, "incr", "k", 1, True), "assert_incr", "INCR", {"key": "k"}, False),
        (
            make(HASTY, "set", "k", b"v", flags=None),
            "assert_set",
            "SET",
            {"key": "k", "value": b"v"},
            True,
        ),
        (
            make(HASTY, "set", "k", b"v", flags=0),
            "assert_set",
            "SET",
            {"key": "k", "value": b"v"},
            False,
        ),
        (make(HASTY, "get", "k", default=b""), "assert_get", "GET", {"key": "k"}, True),
        (make(HASTY, "gets", "k", b"", b"0"), "assert_get", "GETS", {"key": "k"}, True),
        (make(HASTY, "flush_all", 60), "assert_command", "FLUSH_ALL", {}, False),
        (make(HASTY, "flush_all", 0), "assert_command", "FLUSH_ALL", {}, True),
        (
            make(HASTY, "set", "k", b"v", 60),
            "assert_command",
            "SET",
            {"key": "k", "value": b"v"},
            False,
        ),
        (make(PREFIXED, "get", "k"), "assert_get", "GET", {"key": "k"}, True),
    )

    def test_what_is_left_out(self) -> None:
        """It is compared with what the client builds without it, and only then."""
        for number, (call, helper, command, fields, passes) in enumerate(self.CASES):
            with self.subTest(command, number=number):
                self.assertTrue(self.passes(call, helper, command, **fields))
                self.assertEqual(self.passes(call, helper, command, strict=True, **fields), passes)

    def test_any_waives_a_field(self) -> None:
        """As does the very value."""
        call = make(HASTY, "set", "k", b"v", noreply=False, flags=3)
        for flags, noreply, passed in (
            (ANY, ANY, True),
            (3, False, True),
            (3, True, False),
            (4, False, False),
        ):
            with self.subTest(flags=flags, noreply=noreply):
                met = self.passes(
                    call, "assert_set", "SET", "k", b"v", strict=True, flags=flags, noreply=noreply
                )
                self.assertEqual(met, passed)

    def test_expectation(self) -> None:
        """It is an assertion; a plain mock answers as it always did."""
        call = make(HASTY, "delete", "k", noreply=False)
        self.assertTrue(self.meets(call, "DELETE", key="k"))
        self.assertFalse(self.meets(call, "DELETE", strict=True, key="k"))
        self.assertTrue(self.meets(call, "DELETE", strict=True, key="k", noreply=ANY))
        verifier, memcache = by_hand(strict_fields=True)
        memcache.mock_command("DELETE", returns=True, key="k")
        with verifier.sandbox():
            call()
        memcache.assert_delete("DELETE", "k", noreply=False)
        verifier.verify_all()

    def test_lines_that_are_offered_pass(self) -> None:
        """With the values that are no defaults in them, whatever the client is."""
        cluster: Any = HashClient([SERVER], key_prefix=b"app:", default_noreply=False)
        for call in (
            make(HASTY, "set", "k", b"v", 60, False, 3),
            make(WAITING, "delete", "k", True),
            make(HASTY, "delete", "k", 0),
            make(cluster, "set", "k", b"v"),
            make(HASTY, "flush_all", 60),
            make(HASTY, "gets", "k", object(), b"0"),
        ):
            with self.subTest(), tripwire.strict(strict_fields=True) as verifier:
                tripwire.memcache.store()
                with verifier.sandbox():
                    call()
                (met,) = verifier.interactions
                exec(met.paste().line, {"tripwire": tripwire})


class SettingTest(unittest.TestCase):
    """Where it is said."""

    def test_attribute_of_a_test_case(self) -> None:
        """Of the class, for all its tests."""

        class LooseTest(TripwireTestCase):
            """Leaves `noreply` out."""

            def test(self) -> None:
                """It is False."""
                self.memcache.store()
                with self.sandbox():
                    HASTY.delete("k", noreply=False)
                self.memcache.assert_delete("DELETE", "k")

        class StrictestTest(LooseTest):
            """Has it compared."""

            strict_fields = True

        self.assertTrue(run(LooseTest).wasSuccessful())
        self.assertEqual(len(run(StrictestTest).failures), 1)

    def test_argument_is_true_or_false(self) -> None:
        """Nothing else."""
        for wrong in (1, None, "yes"):
            option: Any = wrong
            with self.assertRaises(ValueError) as caught:
                MemcachePlugin(StrictVerifier(), strict_fields=option)
            self.assertEqual(
                str(caught.exception), f"strict_fields must be True or False, not {wrong!r}"
            )

    def test_report_says_what_was_left_out(self) -> None:
        """The reader did not write it."""
        verifier, memcache = by_hand(strict_fields=True)
        memcache.store()
        with verifier.sandbox():
            HASTY.set("k", b"v", noreply=False, flags=3)
        with self.assertRaises(InteractionMismatchError) as caught:
            memcache.assert_set("SET", "k", b"w")
        self.assertIn(
            "    value: expected b'w'\n"
            "           but was  b'v'\n"
            "    noreply: expected True\n"
            "             but was  False\n"
            "    flags: expected None\n"
            "           but was  3\n"
            "    (left out, and compared all the same: noreply, flags)\n",
            f"{caught.exception}\n",
        )


class PrefixTest(AssertingCase):
    """`key_prefix=` is no argument of a call: given, it is compared; left out, it is not."""

    def test_prefix_is_compared_when_given(self) -> None:
        """As bytes or text, by assertions, mocks and expectations."""
        call = make(PREFIXED, "get", "k")
        for prefix, same in (b"app:", True), ("app:", True), (b"", False), (b"other:", False):
            with self.subTest(prefix=prefix):
                met = self.passes(call, "assert_get", "GET", "k", key_prefix=prefix)
                self.assertEqual(met, same)
                self.assertEqual(self.meets(call, "GET", key="k", key_prefix=prefix), same)
        self.assertTrue(self.passes(call, "assert_get", "GET", "k"))

    def test_prefix_of_keys_in_a_list(self) -> None:
        """What the client adds is said of many keys, too, where all of them have it."""
        call = make(PREFIXED, "get_many", ["a", "b"])
        cases: Tuple[Tuple[Any, bool], ...] = (
            (["app:a", b"app:b"], True),
            (("app:a", "app:b"), True),
            (["app:a", "b"], False),
            (["app:a"], False),
            ([1, 2], False),
            ([], False),
        )
        for keys, told in cases:
            with self.subTest(keys=keys):
                verifier, memcache = by_hand()
                memcache.store()
                with verifier.sandbox():
                    call()
                with self.assertRaises(InteractionMismatchError) as caught:
                    memcache.assert_get_many("GET_MANY", keys)
                text = "The client adds its key_prefix, b'app:', to the keys by itself."
                self.assertEqual(text in str(caught.exception), told)

    def test_bytes_that_were_sent(self) -> None:
        """A value is what was given to the client, also where that is bytes."""
        shouting: Any = Client(SERVER, serializer=lambda key, value: (value.upper(), 0))
        for value, told in (b"NEWS", True), (b"EWS", False), ("NEWS", False):
            with self.subTest(value=value):
                verifier, memcache = by_hand()
                memcache.store()
                with verifier.sandbox():
                    shouting.set("k", b"news")
                with self.assertRaises(InteractionMismatchError) as caught:
                    memcache.assert_set("SET", "k", value)
                text = "A value is what was given to the client, before its serde."
                self.assertEqual(text in str(caught.exception), told)
