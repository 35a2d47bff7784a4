"""What a new user does wrong before the sandbox, and what is said about it: each text whole.

SPECIFICATION 1, 6.
"""

from __future__ import annotations

from tests.support.reporting import ReportTestCase


class WordsTest(ReportTestCase):
    """The words of `unittest.mock`, and how a reply is called here."""

    def test_side_effect(self) -> None:
        """It is `raises=`, or several mocks."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("GET", side_effect=[b"1", b"2"])
            """,
            """
            TypeError: side_effect= of unittest.mock is raises= here for an exception; several replies are several mocks, which answer in the order of their registration
            """,  # noqa: E501  # lines stay whole
        )

    def test_return_value(self) -> None:
        """It is `returns=`."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("GET", return_value=b"1")
            """,
            """
            TypeError: return_value= of unittest.mock is returns= here
            """,
        )

    def test_positional_reply(self) -> None:
        """A reply has a name."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("GET", b"1")
            """,
            """
            TypeError: mock_command('GET', ...) takes its reply by name: returns=..., or raises=... for an exception
            """,  # noqa: E501  # lines stay whole
        )

    def test_reply_beside_an_exception(self) -> None:
        """A call has one outcome."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("GET", returns=b"1", raises=OSError)
            """,
            """
            TypeError: mock_command('GET') takes returns=... or raises=..., not both
            """,
        )

    def test_neither_reply_nor_exception(self) -> None:
        """A key is no reply."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("GET", key="k")
            """,
            """
            TypeError: mock_command('GET') needs returns=... or raises=...
            """,
        )

    def test_dots_of_the_offered_line(self) -> None:
        """They stand for the reader's own."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("GET", returns=...)
            """,
            """
            TypeError: put the reply in the place of the dots: mock_command('GET', returns=...)
            """,
        )


class NamesTest(ReportTestCase):
    """Names of commands and fields."""

    def test_misspelt_command(self) -> None:
        """The closest one is named."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("SETS", returns=True)
            """,
            """
            ValueError: 'SETS' is not a command of pymemcache's Client; the closest one is 'SET'
            """,
        )

    def test_method_that_sends_nothing(self) -> None:
        """It is one of the client's, and still no command."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("close", returns=None)
            """,
            """
            ValueError: 'close' is no command: the client sends nothing for it, and it needs no mock
            """,
        )

    def test_star_for_all_commands(self) -> None:
        """That is an outage, or a store."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("*", raises=ConnectionRefusedError)
            """,
            """
            ValueError: '*' is no command, and no mock answers all of them: store() does, and in `with outage():` all of them fail
            """,  # noqa: E501  # lines stay whole
        )

    def test_field_of_another_library(self) -> None:
        """Those of the command are named."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("SET", returns=True, ttl=60)
            """,
            """
            TypeError: SET has no field 'ttl'; its fields are: key, value, expire, noreply, flags; beside them: returns, raises, required, times, server, key_prefix
            """,  # noqa: E501  # lines stay whole
        )

    def test_field_called_command(self) -> None:
        """It has an underscore."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("RAW_COMMAND", returns=b"OK", command="verbosity 1")
            """,
            """
            TypeError: mock_command('RAW_COMMAND', ...) has the command's name already: the field of that name is command_='verbosity 1' here
            """,  # noqa: E501  # lines stay whole
        )

    def test_no_times_at_all(self) -> None:
        """A mock answers at least once."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("GET", returns=b"1", times=0)
            """,
            """
            ValueError: times must be a positive int, or None for any number, not 0
            """,
        )

    def test_text_as_an_exception(self) -> None:
        """What is raised is an exception."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("GET", raises="timeout")
            """,
            """
            TypeError: raises must be an exception or a class of one, not 'timeout'
            """,
        )

    def test_text_as_an_outage(self) -> None:
        """It is an exception as well."""
        self.assert_report(
            """
            with tripwire.memcache.outage("timeout"):
                pass
            """,
            """
            TypeError: error must be an exception or a class of one, not 'timeout'
            """,
        )


class NarrowedTest(ReportTestCase):
    """Mocks that do not answer the call that they were meant for."""

    def test_function_for_a_key(self) -> None:
        """It is not called."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("GET", returns=b"1", key=callable)
            with tripwire:
                client.get("user:7")
            """,
            """
            UnmockedInteractionError: memcache.GET(...) was called but no mock was registered.
            Register a mock with:
                tripwire.memcache.mock_command('GET', returns=...)

            The call:
                key: 'user:7'
                server: localhost:11211
                from: test_app.py:3 in <module>

            The nearest mocks, and why they did not answer it:
                mock_command('GET', returns=b'1', key=<built-in function callable>)
                    registered at test_app.py:1 in <module>
                    waits, but not for this call's key:
                        key: expected <built-in function callable>
                             but was  'user:7'
                        (a function is compared by ==, and not applied to what was met:
                        give an object with an __eq__, such as unittest.mock.ANY)

            For this call alone:
                tripwire.memcache.mock_command('GET', returns=tripwire.MISS, key='user:7')
                    # MISS is the answer of an empty server; put your own there
            """,
        )

    def test_key_with_its_prefix(self) -> None:
        """The client adds that."""
        self.assert_report(
            """
            prefixed = Client(("localhost", 11211), key_prefix="app:")
            tripwire.memcache.mock_command("GET", returns=b"1", key="app:user:7")
            with tripwire:
                prefixed.get("user:7")
            """,
            """
            UnmockedInteractionError: memcache.GET(...) was called but no mock was registered.
            Register a mock with:
                tripwire.memcache.mock_command('GET', returns=...)

            The call:
                key: 'user:7'
                server: localhost:11211
                from: test_app.py:4 in <module>

            The nearest mocks, and why they did not answer it:
                mock_command('GET', returns=b'1', key='app:user:7')
                    registered at test_app.py:2 in <module>
                    waits, but not for this call's key:
                        key: expected 'app:user:7'
                             but was  'user:7'
                        The client adds its key_prefix, b'app:', to the keys by itself.

            For this call alone:
                tripwire.memcache.mock_command('GET', returns=tripwire.MISS, key='user:7')
                    # MISS is the answer of an empty server; put your own there
            """,
        )

    def test_mock_of_another_command(self) -> None:
        """One key is not many."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("GET", returns=b"1")
            with tripwire:
                client.get_many(["a", "b"])
            """,
            """
            UnmockedInteractionError: memcache.GET_MANY(...) was called but no mock was registered.
            Register a mock with:
                tripwire.memcache.mock_command('GET_MANY', returns=...)

            The call:
                keys: ['a', 'b']
                server: localhost:11211
                from: test_app.py:3 in <module>

            The nearest mocks, and why they did not answer it:
                mock_command('GET', returns=b'1')
                    registered at test_app.py:1 in <module>
                    belongs to another command, GET

            For this call alone:
                tripwire.memcache.mock_command('GET_MANY', returns=tripwire.MISS, keys=['a', 'b'])
                    # MISS is the answer of an empty server; put your own there
            """,
        )

    def test_one_call_more(self) -> None:
        """The mock was used up."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("GET", returns=b"1")
            with tripwire:
                client.get("a")
                client.get("a")
            """,
            """
            UnmockedInteractionError: memcache.GET(...) was called but no mock was registered.
            Register a mock with:
                tripwire.memcache.mock_command('GET', returns=...)

            The call:
                key: 'a'
                server: localhost:11211
                from: test_app.py:4 in <module>

            The nearest mocks, and why they did not answer it:
                mock_command('GET', returns=b'1')
                    registered at test_app.py:1 in <module>
                    used up by the call at test_app.py:3 in <module>

            For this call alone:
                tripwire.memcache.mock_command('GET', returns=tripwire.MISS, key='a')
                    # MISS is the answer of an empty server; put your own there
            """,
        )


class ExpectingTest(ReportTestCase):
    """Expectations."""

    def test_missing_field(self) -> None:
        """An expectation is an assertion, too."""
        self.assert_report(
            """
            tripwire.memcache.expect("SET", key="k", returns=True)
            """,
            """
            MissingAssertionFieldsError: expect('SET') lacks required fields of the command: value=...
            """,  # noqa: E501  # lines stay whole
        )

    def test_wrong_order(self) -> None:
        """The lock is deleted before the value is stored."""
        self.assert_report(
            """
            tripwire.memcache.expect("SET", key="price", value=b"20", returns=True)
            tripwire.memcache.expect("DELETE", key="lock", returns=True)
            with tripwire:
                client.delete("lock")
                client.set("price", b"20")
            """,
            """
            UnassertedInteractionsError: 1 expected call came too late, and was not asserted:

                expect('SET', returns=True, key='price', value=b'20', expire=0)
                    # registered at test_app.py:1 in <module>
                    # answered the call at test_app.py:5 in <module>
                    # after another had answered that was registered later:
                expect('DELETE', returns=True, key='lock')
                    # registered at test_app.py:2 in <module>
                    # answered the call at test_app.py:4 in <module>

            Expectations are met in the order in which they are registered. Where that does not
            matter, register them in `with tripwire.memcache.in_any_order():`.
            """,
        )

    def test_nothing_to_ask_for(self) -> None:
        """Without keys nothing is sent."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("GET_MANY", returns={})
            with tripwire:
                client.get_many([])
            """,
            """
            UnusedMocksError: 1 required memcache mock was not used:

                mock_command('GET_MANY', returns={})
                    # registered at test_app.py:1 in <module>
                    # a call of GET_MANY sent nothing

            Take out what the code does not need, or register it with required=False.
            """,
        )
