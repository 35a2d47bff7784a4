"""What a new user does wrong around the calls, and what is said about it: each text whole.

SPECIFICATION 10, 14, 19, 19a, 20.
"""

from __future__ import annotations

import itertools

import tripwire
from tests.support.cases import CLIENT, run
from tests.support.reporting import ReportTestCase
from tripwire import TripwireTestCase


class CallsTest(ReportTestCase):
    """Calls of `unittest.mock`."""

    def test_list_of_calls(self) -> None:
        """Each is an argument."""
        self.assert_report(
            """
            from unittest.mock import call
            tripwire.memcache.assert_calls([call.get("a")])
            """,
            """
            TypeError: assert_calls takes each call by itself: assert_calls(*calls)
            """,
        )

    def test_name_of_the_client(self) -> None:
        """A call is of a command."""
        self.assert_report(
            """
            from unittest.mock import call
            tripwire.memcache.assert_calls(call.client.get("a"))
            """,
            """
            TypeError: call.client.get('a') has to be call.<command>(...), as a client's method is called: call.get('k')
            """,  # noqa: E501  # lines stay whole
        )

    def test_name_of_a_command(self) -> None:
        """A text is no call."""
        self.assert_report(
            """
            tripwire.memcache.assert_calls("GET")
            """,
            """
            TypeError: assert_calls takes unittest.mock.call.get('k'), not 'GET'
            """,
        )

    def test_argument_of_another_library(self) -> None:
        """It is the client's signature that counts."""
        self.assert_report(
            """
            from unittest.mock import call
            tripwire.memcache.assert_calls(call.get("a", ttl=5))
            """,
            """
            TypeError: call.get('a', ttl=5): got an unexpected keyword argument 'ttl'
            """,
        )

    def test_misspelt_command(self) -> None:
        """The closest one is named."""
        self.assert_report(
            """
            from unittest.mock import call
            tripwire.memcache.assert_calls(call.getx("a"))
            """,
            """
            ValueError: 'getx' is not a command of pymemcache's Client; the closest one is 'GET'
            """,
        )


class NothingAssertedTest(ReportTestCase):
    """What asserts nothing."""

    def test_forgotten_assertion(self) -> None:
        """It can be pasted."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("GET", returns=b"1")
            with tripwire:
                client.get("a")
            """,
            """
            UnassertedInteractionsError: 1 of 1 memcache interaction was not asserted. In order, after the sandbox:

                tripwire.memcache.assert_get(command='GET', key='a')
                    # sent to localhost:11211 from test_app.py:3 in <module>
            """,  # noqa: E501  # lines stay whole
        )

    def test_interactions_read_by_hand(self) -> None:
        """Reading is not asserting."""
        self.assert_report(
            """
            verifier = tripwire.current_verifier()
            tripwire.memcache.mock_command("GET", returns=b"1")
            with tripwire:
                client.get("a")
            assert verifier.interactions[0].fields["key"] == "a"
            """,
            """
            UnassertedInteractionsError: 1 of 1 memcache interaction was not asserted. In order, after the sandbox:

                tripwire.memcache.assert_get(command='GET', key='a')
                    # sent to localhost:11211 from test_app.py:4 in <module>

            verifier.interactions was read, which asserts nothing.
            """,  # noqa: E501  # lines stay whole
        )

    def test_in_any_order_at_the_end(self) -> None:
        """It does nothing by itself."""
        self.assert_report(
            """
            tripwire.memcache.in_any_order()
            """,
            """
            NotEnteredError: in_any_order() does nothing by itself, and it was called at
                test_app.py:1 in <module>
            Write `with` before it, and put what it is about into its block.
            """,
        )


class MocksOfAnotherKindTest(ReportTestCase):
    """`unittest.mock` beside it."""

    def test_patched_method(self) -> None:
        """Nothing reaches the wire."""
        self.assert_report(
            """
            with unittest.mock.patch.object(Client, "get", return_value=b"1"):
                with tripwire:
                    client.get("a")
                tripwire.memcache.assert_get("GET", "a")
            """,
            """
            InteractionMismatchError: No GET is left to assert: nothing was sent.
                # Client.get is a mock, so nothing reaches the wire.
                # Take the patch away: the sandbox is for the real client.
            """,
        )

    def test_patched_method_and_a_mock(self) -> None:
        """It is said where the mock is reported, too."""
        self.assert_report(
            """
            with unittest.mock.patch.object(Client, "get", autospec=True):
                tripwire.memcache.mock_command("GET", returns=b"1")
                with tripwire:
                    client.get("a")
            """,
            """
            UnusedMocksError: 1 required memcache mock was not used:

                mock_command('GET', returns=b'1')
                    # registered at test_app.py:2 in <module>
                    # Client.get is a mock, so nothing reaches the wire.
                    # Take the patch away: the sandbox is for the real client.

            Take out what the code does not need, or register it with required=False.
            """,
        )

    def test_patched_class(self) -> None:
        """What the code builds by the module's name is a mock."""
        self.assert_report(
            """
            import pymemcache.client.base as base
            tripwire.memcache.mock_command("GET", returns=b"1")
            with unittest.mock.patch("pymemcache.client.base.Client"), tripwire:
                base.Client(("localhost", 11211)).get("a")
            tripwire.memcache.assert_get("GET", "a")
            """,
            """
            InteractionMismatchError: No GET is left to assert: nothing was sent.
                # pymemcache.client.base.Client is a mock, so nothing reaches the wire.
                # Take the patch away: the sandbox is for the real client.
            """,
        )

    def test_autospecced_client(self) -> None:
        """That nothing was sent may have this reason."""
        self.assert_report(
            """
            client = unittest.mock.create_autospec(Client, instance=True)
            with tripwire:
                client.get("a")
            tripwire.memcache.assert_get("GET", "a")
            """,
            """
            InteractionMismatchError: No GET is left to assert: nothing was sent.
                # If the code was given a mock in the place of a client, nothing of it is sent.
            """,
        )


class SandboxTest(ReportTestCase):
    """The sandbox."""

    def test_call_outside(self) -> None:
        """It belongs into the block."""
        self.assert_report(
            """
            client.get("a")
            """,
            """
            SandboxNotActiveError: memcache.GET(...) was called outside any sandbox.

            The call:
                arguments: 'a'
                server: localhost:11211
                from: test_app.py:1 in <module>

            Call it inside `with self.sandbox():` or `with tripwire:`. Where a
            test is meant to reach a real memcached, set allow_real_memcached = True
            on its class, or give it to strict().
            """,
        )

    def test_method_taken_at_import(self) -> None:
        """It is looked up too early."""
        self.assert_report(
            """
            with tripwire:
                bound_early("a")
            """,
            """
            UnmockedInteractionError: memcache.GET(...) was called through a method taken before the
            sandbox opened, so no mock can answer it.

            The call:
                server: localhost:11211
                from: test_app.py:2 in <module>

            Look the method up when it is called: client.get(key) in the
            function, not fetch = client.get at import.
            """,
        )

    def test_sandbox_without_parentheses(self) -> None:
        """It is one all the same, of a test case and of a verifier."""

        class ShopTest(TripwireTestCase):
            """Forgets them."""

            def test(self) -> None:
                """Open all kinds, one after the other and nested."""
                self.memcache.expect("GET", returns=b"1", key="a", times=4)
                with self.sandbox, self.sandbox as verifier:
                    CLIENT.get("a")
                with verifier.sandbox, self.sandbox():
                    CLIENT.get("a")
                with self.verifier.sandbox() as verifier:
                    CLIENT.get("a")
                with tripwire.sandbox() as again:
                    CLIENT.get("a")
                assert verifier is again is self.verifier

        self.assertTrue(run(ShopTest).wasSuccessful())


class FromRunToRunTest(ReportTestCase):
    """A value that is another one each time cannot be asserted as it was."""

    def test_random_expiry(self) -> None:
        """The line that is offered says so, once a second run has shown it."""
        expiries = itertools.count(57)

        class ShopTest(TripwireTestCase):
            """Lacks its assertions."""

            def test(self) -> None:
                """Set something for about a minute."""
                self.memcache.mock_command("SET", returns=True, times=2)
                with self.sandbox():
                    CLIENT.set("a", b"1", expire=60)
                    CLIENT.set("b", b"2", expire=next(expiries))

        (_, first), (_, second) = [run(ShopTest).failures[0] for _ in range(2)]
        self.assertNotIn("from run to run", first)
        self.assertIn(
            "# expire changes from run to run: it was 57. "
            "Give expire a matcher, such as unittest.mock.ANY\n",
            second,
        )
        self.assertEqual(second.count("from run to run"), 1)

    def test_blocks_are_not_told_apart(self) -> None:
        """A `with tripwire.strict():` has no name by which it would be known."""
        for value in (b"1", b"2"):
            report = self.report(
                f"""
                tripwire.memcache.mock_command("SET", returns=True)
                with tripwire:
                    client.set("a", {value!r})
                """
            )
            self.assertNotIn("from run to run", report)

    def test_function_is_known_by_its_name(self) -> None:
        """As a test case is."""
        values = iter((b"1", b"2"))

        @tripwire.strict
        def set_something() -> None:
            tripwire.memcache.mock_command("SET", returns=True)
            with tripwire.sandbox():
                CLIENT.set("a", next(values))

        for told in (0, 1):
            with self.assertRaises(tripwire.UnassertedInteractionsError) as caught:
                set_something()
            self.assertEqual(str(caught.exception).count("value changes from run to run"), told)
