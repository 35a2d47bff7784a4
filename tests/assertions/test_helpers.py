"""The `assert_` helpers: which commands each takes, and what it compares.

SPECIFICATION G3, 18, 19, 20.
"""

from __future__ import annotations

from typing import Any, Dict, NamedTuple, Tuple
from unittest.mock import ANY

import tripwire
from tests.support.cases import SERVER, ClientTestCase
from tripwire import InteractionMismatchError, MissingAssertionFieldsError

VALUES = {"a": b"1", "b": b"2"}


class Family(NamedTuple):
    """Commands that are alike: what they are called with, what asserts them, what does not."""

    commands: Tuple[str, ...]
    call: Dict[str, Any]
    helpers: Tuple[str, ...]
    wrong: Tuple[Dict[str, Any], ...]


KEY = {"key": "k"}
ITEM = {"key": "k", "value": b"v"}

# A helper that takes a command of another family too is given what it takes.
FAMILIES = (
    Family(("GET", "GETS"), KEY, ("assert_get",), ({"key": "l"}, {"key": b"k"})),
    Family(("DELETE",), KEY, ("assert_delete", "assert_get"), ({"key": "l"},)),
    Family(
        ("SET", "ADD", "REPLACE", "APPEND", "PREPEND"),
        {**ITEM, "expire": 5},
        ("assert_set",),
        (ITEM, {**ITEM, "expire": 6}, {**ITEM, "expire": 5, "value": "v"}),
    ),
    Family(
        ("CAS",),
        {**ITEM, "cas": b"7", "expire": 5},
        ("assert_cas", "assert_set"),
        ({**ITEM, "cas": b"7"}, {**ITEM, "cas": b"8", "expire": 5}),
    ),
    Family(
        ("INCR", "DECR"), {"key": "k", "value": 3}, ("assert_incr",), (KEY, {**KEY, "value": 4})
    ),
    Family(("TOUCH",), {**KEY, "expire": 5}, ("assert_touch",), (KEY, {**KEY, "expire": 6})),
    Family(
        ("GET_MANY", "GET_MULTI", "GETS_MANY"),
        {"keys": ["a", "b"]},
        ("assert_get_many",),
        ({"keys": ["a"]}, {"keys": ["b", "a"]}),
    ),
    Family(
        ("SET_MANY", "SET_MULTI"),
        {"values": VALUES, "expire": 5},
        ("assert_set_many",),
        ({"values": VALUES}, {"values": {"a": b"1"}, "expire": 5}),
    ),
    Family(
        ("DELETE_MANY", "DELETE_MULTI"),
        {"keys": ["a", "b"]},
        ("assert_delete_many",),
        ({"keys": ["a"]}, {"keys": ["b", "a"]}),
    ),
)

# What fits the signature of each helper.
ARGUMENTS: Dict[str, Dict[str, Any]] = {
    "assert_get": KEY,
    "assert_delete": KEY,
    "assert_set": ITEM,
    "assert_cas": {**ITEM, "cas": b"7"},
    "assert_incr": KEY,
    "assert_touch": KEY,
    "assert_get_many": {"keys": ["a"]},
    "assert_set_many": {"values": VALUES},
    "assert_delete_many": {"keys": ["a"]},
}


class AssertingCase(ClientTestCase):
    """A strict test that can make any call."""

    def call(self, command: str, **fields: Any) -> None:
        """Make one call in a sandbox, as if the server had nothing."""
        self.memcache.mock_command(command, returns=tripwire.MISS)
        with self.sandbox():
            getattr(self.client, command.lower())(**fields)


class HelpersTest(AssertingCase):
    """Each helper asserts its own family."""

    def test_helper_asserts_each_command_of_its_family(self) -> None:
        """By name, in any case."""
        for family in FAMILIES:
            for command in family.commands:
                for helper in family.helpers:
                    with self.subTest(command, helper=helper):
                        self.call(command, **family.call)
                        getattr(self.memcache, helper)(command=command.title(), **family.call)

    def test_helper_takes_its_fields_by_position_too(self) -> None:
        """In the order of the guide's signatures."""
        for family in FAMILIES:
            with self.subTest(family.helpers[0]):
                self.call(family.commands[0], **family.call)
                assertion = getattr(self.memcache, family.helpers[0])
                assertion(family.commands[0], *family.call.values())

    def test_helper_compares_every_field_of_its_signature(self) -> None:
        """Defaults included; the type of a value counts where it makes it unequal."""
        for family in FAMILIES:
            for command in family.commands:
                self.call(command, **family.call)
                assertion = getattr(self.memcache, family.helpers[0])
                for wrong in family.wrong:
                    with self.subTest(command, wrong=wrong):
                        self.assertRaises(InteractionMismatchError, assertion, command, **wrong)
                assertion(command, **family.call)

    def test_helper_refuses_other_families_and_names_their_own(self) -> None:
        """Whatever happened, before anything is compared."""
        for family in FAMILIES:
            for command in family.commands:
                for helper in ARGUMENTS.keys() - set(family.helpers):
                    with self.subTest(command, helper=helper):
                        with self.assertRaises(ValueError) as caught:
                            getattr(self.memcache, helper)(command, **ARGUMENTS[helper])
                        self.assertRegex(
                            str(caught.exception), f"^{helper} .*{family.helpers[0]}.*'{command}'"
                        )

    def test_command_without_a_family_is_for_assert_command(self) -> None:
        """Every typed helper names that one."""
        for helper, arguments in ARGUMENTS.items():
            for command in ("FLUSH_ALL", "VERSION", "STATS", "QUIT"):
                with self.subTest(command, helper=helper):
                    with self.assertRaises(ValueError) as caught:
                        getattr(self.memcache, helper)(command, **arguments)
                    self.assertIn("assert_command", str(caught.exception))

    def test_unknown_command_is_refused_by_every_helper(self) -> None:
        """Naming the closest one."""
        for helper, arguments in {**ARGUMENTS, "assert_command": {}}.items():
            with self.subTest(helper), self.assertRaises(ValueError) as caught:
                getattr(self.memcache, helper)("GIT", **arguments)
            self.assertIn("'GET'", str(caught.exception))


class AssertCommandTest(AssertingCase):
    """`assert_command` asserts any command by its fields."""

    def test_any_command_is_asserted(self) -> None:
        """Those with a family, and those without."""
        for family in FAMILIES:
            for command in family.commands:
                with self.subTest(command):
                    self.call(command, **family.call)
                    self.memcache.assert_command(command, **family.call)
        self.call("FLUSH_ALL", delay=5)
        self.memcache.assert_command("FLUSH_ALL", delay=5)
        self.call("QUIT")
        self.memcache.assert_command("quit")

    def test_required_fields_have_to_be_given(self) -> None:
        """All missing ones are named, and the interaction stays open."""
        self.call("CAS", key="k", value=b"v", cas=b"7")
        for given, missing in (
            ({}, ("key", "value", "cas")),
            ({"value": b"v", "expire": 0}, ("key", "cas")),
        ):
            with self.subTest(given), self.assertRaises(MissingAssertionFieldsError) as caught:
                self.memcache.assert_command("cas", **given)
            self.assertEqual(caught.exception.command, "CAS")
            self.assertEqual(caught.exception.missing, missing)
            self.assertNotIsInstance(caught.exception, AssertionError)
            for name in missing:
                self.assertIn(f"{name}=...", str(caught.exception))
        self.memcache.assert_command("CAS", key="k", value=b"v", cas=b"7")

    def test_optional_fields_are_left_uncompared(self) -> None:
        """Unlike the typed helpers, it knows no defaults of its own."""
        self.call("SET", key="k", value=b"v", expire=5)
        self.memcache.assert_command("SET", key="k", value=b"v")


class FurtherFieldsTest(AssertingCase):
    """A field beyond the helper's signature is compared when it is given."""

    CALLS: Tuple[Tuple[str, str, Dict[str, Any], Dict[str, Any]], ...] = (
        ("assert_get", "GET", KEY, {"default": b"d"}),
        ("assert_get", "GETS", KEY, {"default": b"d"}),
        ("assert_get", "GETS", KEY, {"cas_default": b"0"}),
        ("assert_get", "DELETE", KEY, {"noreply": False}),
        ("assert_delete", "DELETE", KEY, {"noreply": False}),
        ("assert_set", "SET", ITEM, {"noreply": False}),
        ("assert_set", "SET", ITEM, {"flags": 3}),
        ("assert_cas", "CAS", {**ITEM, "cas": b"7"}, {"noreply": True}),
        ("assert_incr", "INCR", {**KEY, "value": 1}, {"noreply": True}),
        ("assert_touch", "TOUCH", KEY, {"noreply": False}),
        ("assert_set_many", "SET_MANY", {"values": VALUES}, {"noreply": False}),
        ("assert_delete_many", "DELETE_MANY", {"keys": ["a"]}, {"noreply": False}),
    )

    def test_field_is_compared_when_given(self) -> None:
        """And not when it is left out."""
        for helper, command, required, further in self.CALLS:
            with self.subTest(helper, **further):
                assertion = getattr(self.memcache, helper)
                wrong = dict.fromkeys(further, "something else")
                self.call(command, **required, **further)
                with self.assertRaises(InteractionMismatchError):
                    assertion(command, **required, **wrong)
                assertion(command, **required, **further)
                self.call(command, **required, **further)
                assertion(command, **required)

    def test_noreply_is_what_was_sent_or_what_was_given(self) -> None:
        """The client takes anything that is true."""
        for given, others in (("yes", (True, 1, ANY)), (0, (False, ANY))):
            for said in (given, *others):
                with self.subTest(given, said=said):
                    self.call("TOUCH", key="k", noreply=given)
                    with self.assertRaises(InteractionMismatchError):
                        self.memcache.assert_touch("TOUCH", "k", noreply=not given)
                    self.memcache.assert_touch("TOUCH", "k", noreply=said)

    def test_assert_set_compares_the_token_of_a_cas(self) -> None:
        """CAS may be asserted by it, as the guide says."""
        self.call("CAS", **ITEM, cas=b"7")
        with self.assertRaises(InteractionMismatchError):
            self.memcache.assert_set("CAS", "k", b"v", cas=b"8")
        self.memcache.assert_set("CAS", "k", b"v", cas=b"7")

    def test_server_is_compared_when_given(self) -> None:
        """By every helper."""
        for family in FAMILIES:
            for helper in (*family.helpers, "assert_command"):
                with self.subTest(helper):
                    self.call(family.commands[0], **family.call)
                    assertion = getattr(self.memcache, helper)
                    with self.assertRaises(InteractionMismatchError):
                        assertion(family.commands[0], **family.call, server=("elsewhere", 11211))
                    assertion(family.commands[0], **family.call, server=SERVER)

    def test_field_that_is_not_the_commands_is_refused(self) -> None:
        """Naming those that there are; the interaction stays open."""
        self.call("GET", key="k")
        for helper in ("assert_get", "assert_command"):
            with self.subTest(helper), self.assertRaises(TypeError) as caught:
                getattr(self.memcache, helper)("GET", key="k", noreply=True)
            self.assertRegex(str(caught.exception), "GET.*'noreply'.*key, default")
        self.memcache.assert_get("GET", "k")


class MatchersTest(AssertingCase):
    """The expected value stands on the left, so matchers decide."""

    def test_any_matches_anything(self) -> None:
        """In every helper, for every field."""
        for family in FAMILIES:
            with self.subTest(family.commands):
                self.call(family.commands[0], **family.call)
                assertion = getattr(self.memcache, family.helpers[0])
                assertion(family.commands[0], **dict.fromkeys(family.call, ANY))

    def test_matcher_of_ones_own_is_asked(self) -> None:
        """Though the actual value has an `__eq__`, which says no."""
        asked = []

        class IsShort:  # noqa: PLW1641  # it is compared, never hashed
            def __eq__(self, other: object) -> bool:
                asked.append(other)
                return isinstance(other, bytes) and len(other) < 3

        self.call("SET", key="k", value=b"long")
        with self.assertRaises(InteractionMismatchError):
            self.memcache.assert_set("SET", "k", IsShort())
        self.memcache.assert_set("SET", "k", ANY)
        self.call("SET", key="k", value=b"v")
        self.memcache.assert_set("SET", "k", IsShort())
        self.assertEqual(set(asked), {b"long", b"v"})
