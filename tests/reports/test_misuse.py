"""What is read when it is the test that is wrong: errors in unittest's sense, not failures."""

from __future__ import annotations

import pickle
import unittest

import tripwire
from tests.support.reporting import ReportTestCase
from tripwire import MemcachePlugin, StrictVerifier, TripwireTestCase


class RegisteringTest(ReportTestCase):
    """What `mock_command` and `expect` have against their arguments."""

    def test_each_says_what_would_be_right(self) -> None:
        """One sentence each."""
        for arguments, expected in (
            (
                "mock_command('GET')",
                "TypeError: mock_command('GET') needs returns=... or raises=...",
            ),
            (
                "mock_command('SETT', returns=b'')",
                "ValueError: 'SETT' is not a command of pymemcache's Client; the closest one is "
                "'SET'",
            ),
            (
                "mock_command('GET', returns=b'', ttl=1)",
                "TypeError: GET has no field 'ttl'; its fields are: key, default; beside them: "
                "returns, raises, required, times, server, key_prefix",
            ),
            (
                "mock_command('VERSION', returns=b'1', key='k')",
                "TypeError: VERSION has no field 'key'; its fields are: none; beside them: "
                "returns, raises, required, times, server, key_prefix",
            ),
            (
                "assert_get('GET', 'k', time=2)",
                "TypeError: GET has no field 'time'; its fields are: key, default; beside them: "
                "server, key_prefix",
            ),
            (
                "mock_command('VERSION', returns=MISS)",
                "ValueError: VERSION has no MISS: a server always has an answer to it; give the "
                "reply itself",
            ),
            (
                "expect('CAS', returns=True, key='k', cas=1)",
                "MissingAssertionFieldsError: expect('CAS') lacks required fields of the command: "
                "value=...",
            ),
            (
                "assert_command('CAS', key='k')",
                "MissingAssertionFieldsError: assert_command('CAS') lacks required fields of the "
                "command: value=..., cas=...",
            ),
            (
                "assert_get('INCR', 'k')",
                "ValueError: assert_get does not assert INCR; use assert_incr(command='INCR', ...)",
            ),
        ):
            with self.subTest(arguments):
                self.assertEqual(self.report(f"tripwire.memcache.{arguments}"), expected)

    def test_assertion_inside_the_sandbox(self) -> None:
        """It came too early."""
        self.assert_report(
            """
            with tripwire:
                tripwire.memcache.assert_no_calls()
            """,
            """
            AssertionInsideSandboxError: the sandbox is still open.
            Assert after the `with` block, or register the call with expect(), which asserts
            it too.
            """,
        )

    def test_second_plugin(self) -> None:
        """One verifier has one."""
        self.assert_report(
            """
            MemcachePlugin(tripwire.current_verifier())
            """,
            """
            ValueError: this verifier has a memcache plugin already, and can have only one:
            use it, or build another StrictVerifier
            """,
        )


class NoTestTest(unittest.TestCase):
    """What is read where no test is running, or one that was not set up."""

    def test_without_a_test(self) -> None:
        """It is said where there would be one, and what to do elsewhere."""
        with self.assertRaises(tripwire.NoActiveVerifierError) as caught:
            tripwire.sandbox()
        self.assertEqual(
            str(caught.exception),
            "no test is running here.\n"
            "Use tripwire.sandbox() in a test of a TripwireTestCase, or inside of\n"
            "`with tripwire.strict():`. Elsewhere, build a StrictVerifier, and a\n"
            "plugin on it.",
        )

    def test_forgotten_super(self) -> None:
        """The class is named whose setUp lacks the call."""

        class ShopTest(TripwireTestCase):
            """Forgets it."""

            def setUp(self) -> None:
                """Call nothing."""

            def test(self) -> None:
                """Is not reached."""

        with self.assertRaises(tripwire.NoActiveVerifierError) as caught:
            ShopTest("test").debug()
        self.assertEqual(
            str(caught.exception),
            "ShopTest.setUp() did not call super().setUp().\n"
            "So this test has no verifier. Call it first thing in setUp.",
        )

    def test_record_of_a_verifier(self) -> None:
        """What came out of a pickle says what it is."""
        verifier = StrictVerifier()
        for original, what in (verifier, "verifier"), (MemcachePlugin(verifier), "memcache"):
            with self.subTest(what):
                record = pickle.loads(pickle.dumps(original))
                with self.assertRaises(tripwire.NoActiveVerifierError) as caught:
                    record.sandbox()
                self.assertEqual(
                    str(caught.exception),
                    f"this {what} was pickled in another process.\n"
                    "It is a record that a test had one, and can neither mock nor assert.",
                )
