"""What a new user does wrong after the sandbox, and what is said about it: each text whole.

SPECIFICATION 18, 19, 20.
"""

from __future__ import annotations

from tests.support.reporting import ReportTestCase


class NamesTest(ReportTestCase):
    """Helpers that do not exist."""

    def test_helper_of_another_name(self) -> None:
        """The right one is named."""
        self.assert_report(
            """
            tripwire.memcache.assert_gets("k")
            """,
            """
            AttributeError: memcache has no assert_gets; use assert_get(command='GETS', ...)
            """,
        )

    def test_assertion_of_unittest_mock(self) -> None:
        """Its like is named."""
        self.assert_report(
            """
            tripwire.memcache.assert_called_once_with("k")
            """,
            """
            AttributeError: memcache has no assert_called_once_with; use assert_get(command='GET', key=...), or all at once by assert_calls(call.get(...))
            """,  # noqa: E501  # lines stay whole
        )

    def test_misspelt_helper(self) -> None:
        """The closest one is named."""
        self.assert_report(
            """
            tripwire.memcache.assert_gett("GET", "k")
            """,
            """
            AttributeError: memcache has no assert_gett; the closest one is assert_get
            """,
        )

    def test_list_of_calls(self) -> None:
        """There is one to read, and one to assert."""
        self.assert_report(
            """
            tripwire.memcache.mock_calls
            """,
            """
            AttributeError: memcache has no mock_calls; use self.verifier.interactions to read, and assert_calls(call.get(...)) to assert
            """,  # noqa: E501  # lines stay whole
        )

    def test_plugin_for_a_client(self) -> None:
        """It is none."""
        self.assert_report(
            """
            tripwire.memcache.get("k")
            """,
            """
            AttributeError: memcache has no get: it is what a test says about memcached; the code under test calls pymemcache's Client.get
            """,  # noqa: E501  # lines stay whole
        )

    def test_misspelt_method(self) -> None:
        """The closest one is named."""
        self.assert_report(
            """
            tripwire.memcache.expects("GET", returns=b"")
            """,
            """
            AttributeError: memcache has no expects; the closest one is expect
            """,
        )

    def test_what_the_verifier_has(self) -> None:
        """It is named there."""
        self.assert_report(
            """
            tripwire.memcache.verify_all()
            """,
            """
            AttributeError: memcache has no verify_all; the verifier has: self.verifier.verify_all
            """,
        )


class ArgumentsTest(ReportTestCase):
    """What is asserted."""

    def test_key_before_the_command(self) -> None:
        """In each other's place."""
        self.assert_report(
            """
            tripwire.memcache.assert_get("k", "GET")
            """,
            """
            ValueError: assert_get takes the command first: assert_get('GET', 'k')
            """,
        )

    def test_helper_of_another_family(self) -> None:
        """The right one is named."""
        self.assert_report(
            """
            tripwire.memcache.assert_get("SET", "k")
            """,
            """
            ValueError: assert_get does not assert SET; use assert_set(command='SET', ...)
            """,
        )

    def test_field_called_command(self) -> None:
        """It has an underscore."""
        self.assert_report(
            """
            tripwire.memcache.assert_command("RAW_COMMAND", command="verbosity 1")
            """,
            """
            TypeError: assert_command('RAW_COMMAND', ...) has the command's name already: the field of that name is command_='verbosity 1' here
            """,  # noqa: E501  # lines stay whole
        )

    def test_expiry_forgotten(self) -> None:
        """It is 0 where it is left out."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("SET", returns=True)
            with tripwire:
                client.set("k", b"1", expire=60)
            tripwire.memcache.assert_set("SET", "k", b"1")
            """,
            """
            InteractionMismatchError: The next interaction is not this SET:

                tripwire.memcache.assert_set(command='SET', key='k', value=b'1', expire=60)
                    # sent to localhost:11211 from test_app.py:3 in <module>

            It differs in:

                expire: expected 0
                        but was  60
            """,
        )

    def test_bytes_for_text(self) -> None:
        """They look alike on the wire."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("SET", returns=True)
            with tripwire:
                client.set("k", "1")
            tripwire.memcache.assert_set("SET", "k", b"1")
            """,
            """
            InteractionMismatchError: The next interaction is not this SET:

                tripwire.memcache.assert_set(command='SET', key='k', value='1')
                    # sent to localhost:11211 from test_app.py:3 in <module>

            It differs in:

                value: expected b'1' (bytes)
                       but was  '1' (str)
                A value is what was given to the client, before its serde.
            """,
        )

    def test_pickled_bytes(self) -> None:
        """The serde is the client's."""
        self.assert_report(
            """
            import pickle
            from pymemcache.serde import pickle_serde
            pickling = Client(("localhost", 11211), serde=pickle_serde)
            tripwire.memcache.mock_command("SET", returns=True)
            with tripwire:
                pickling.set("k", {"id": 7})
            tripwire.memcache.assert_set("SET", "k", pickle.dumps({"id": 7}, 4))
            """,
            """
            InteractionMismatchError: The next interaction is not this SET:

                tripwire.memcache.assert_set(command='SET', key='k', value={'id': 7})
                    # sent to localhost:11211 from test_app.py:6 in <module>

            It differs in:

                value: expected b'\\x80\\x04\\x95\\x0b\\x00\\x00\\x00\\x00\\x00\\x00\\x00}\\...
                       but was  {'id': 7}
                                ^
                A value is what was given to the client, before its serde.
            """,
        )

    def test_key_with_its_prefix(self) -> None:
        """The client adds that."""
        self.assert_report(
            """
            prefixed = Client(("localhost", 11211), key_prefix="app:")
            tripwire.memcache.mock_command("GET", returns=b"1")
            with tripwire:
                prefixed.get("user:7")
            tripwire.memcache.assert_get("GET", "app:user:7")
            """,
            """
            InteractionMismatchError: The next interaction is not this GET:

                tripwire.memcache.assert_get(command='GET', key='user:7', key_prefix=b'app:')
                    # sent to localhost:11211 from test_app.py:4 in <module>

            It differs in:

                key: expected 'app:user:7'
                     but was  'user:7'
                The client adds its key_prefix, b'app:', to the keys by itself.
            """,
        )

    def test_function_for_a_key(self) -> None:
        """It is not called."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("GET", returns=b"1")
            with tripwire:
                client.get("user:7")
            tripwire.memcache.assert_get("GET", callable)
            """,
            """
            InteractionMismatchError: The next interaction is not this GET:

                tripwire.memcache.assert_get(command='GET', key='user:7')
                    # sent to localhost:11211 from test_app.py:3 in <module>

            It differs in:

                key: expected <built-in function callable>
                     but was  'user:7'
                (a function is compared by ==, and not applied to what was met:
                give an object with an __eq__, such as unittest.mock.ANY)
            """,
        )

    def test_pattern_for_a_key(self) -> None:
        """It is not searched for."""
        self.assert_report(
            """
            import re
            tripwire.memcache.mock_command("GET", returns=b"1")
            with tripwire:
                client.get("user:7")
            tripwire.memcache.assert_get("GET", re.compile("user:"))
            """,
            """
            InteractionMismatchError: The next interaction is not this GET:

                tripwire.memcache.assert_get(command='GET', key='user:7')
                    # sent to localhost:11211 from test_app.py:4 in <module>

            It differs in:

                key: expected re.compile('user:')
                     but was  'user:7'
                (a pattern is compared by ==, and not applied to what was met:
                give an object with an __eq__, such as unittest.mock.ANY)
            """,
        )


class OrderTest(ReportTestCase):
    """When it is asserted, and in which order."""

    def test_inside_the_sandbox(self) -> None:
        """It comes too early."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("GET", returns=b"1")
            with tripwire:
                client.get("k")
                tripwire.memcache.assert_get("GET", "k")
            """,
            """
            AssertionInsideSandboxError: the sandbox is still open.
            Assert after the `with` block, or register the call with expect(), which asserts
            it too.
            """,
        )

    def test_another_order(self) -> None:
        """The next one is shown, and the rest."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("GET", returns=b"1", times=2)
            with tripwire:
                client.get("a")
                client.get("b")
            tripwire.memcache.assert_get("GET", "b")
            tripwire.memcache.assert_get("GET", "a")
            """,
            """
            InteractionMismatchError: The next interaction is not this GET:

                tripwire.memcache.assert_get(command='GET', key='a')
                    # sent to localhost:11211 from test_app.py:3 in <module>

            It differs in:

                key: expected 'b'
                     but was  'a'

            Open as well, in order:

                tripwire.memcache.assert_get(command='GET', key='b')
                    # sent to localhost:11211 from test_app.py:4 in <module>
            """,
        )

    def test_in_any_order_without_with(self) -> None:
        """It does nothing by itself."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("GET", returns=b"1")
            with tripwire:
                client.get("a")
            tripwire.memcache.in_any_order()
            tripwire.memcache.assert_get("GET", "a")
            """,
            """
            NotEnteredError: in_any_order() does nothing by itself, and it was called at
                test_app.py:4 in <module>
            Write `with` before it, and put what it is about into its block.
            """,
        )

    def test_twice(self) -> None:
        """One call was made."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("GET", returns=b"1")
            with tripwire:
                client.get("a")
            tripwire.memcache.assert_get("GET", "a")
            tripwire.memcache.assert_get("GET", "a")
            """,
            """
            InteractionMismatchError: No GET is left to assert: all 1 are asserted already.
            """,
        )
