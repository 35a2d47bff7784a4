"""What is read when interactions were not asserted, or took place where none should have."""

from __future__ import annotations

from tests.support.reporting import ReportTestCase


class UnassertedTest(ReportTestCase):
    """The lines that assert what nobody asserted, in order, ready to be pasted."""

    def test_lines_stand_in_the_order_of_the_calls(self) -> None:
        """What was asserted is counted, and not shown."""
        self.assert_report(
            """
            def cache_user(client):
                client.set("session:abc", b"user:42", expire=3600)
                client.get("session:abc")
                client.delete("session:old")

            for command, reply in ("SET", True), ("GET", b"user:42"), ("DELETE", True):
                tripwire.memcache.mock_command(command, returns=reply)
            with tripwire:
                cache_user(client)
            with tripwire.memcache.in_any_order():
                tripwire.memcache.assert_get("GET", "session:abc")
            """,
            """
            UnassertedInteractionsError: 2 of 3 memcache interactions were not asserted. In order, after the sandbox:

                tripwire.memcache.assert_set(command='SET', key='session:abc', value=b'user:42', expire=3600)
                    # sent to localhost:11211 from test_app.py:2 in cache_user
                tripwire.memcache.assert_delete(command='DELETE', key='session:old')
                    # sent to localhost:11211 from test_app.py:4 in cache_user
            """,  # noqa: E501  # lines to paste stay whole
        )

    def test_a_single_one_is_spoken_of_in_the_singular(self) -> None:
        """A Unix socket is shown as its path; fields that are not the default are in the line."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("ADD", returns=False)
            with tripwire:
                Client("/run/memcached.sock").add("lock", b"me", noreply=False)
            """,
            """
            UnassertedInteractionsError: 1 of 1 memcache interaction was not asserted. In order, after the sandbox:

                tripwire.memcache.assert_set(command='ADD', key='lock', value=b'me', noreply=False)
                    # sent to /run/memcached.sock from test_app.py:3 in <module>
            """,  # noqa: E501  # lines to paste stay whole
        )

    def test_a_value_that_cannot_be_pasted_becomes_any(self) -> None:
        """The comment says what the line cannot; an optional field of that kind is left out."""
        self.assert_report(
            """
            class User:
                def __repr__(self):
                    return "<the user>"

            tripwire.memcache.mock_command("SET", returns=True)
            tripwire.memcache.mock_command("GET", returns=MISS)
            with tripwire:
                HashClient([("a", 1)], serializer=lambda key, value: (b"42", 1)).set("k", User())
                client.get("k", User())
            """,
            """
            UnassertedInteractionsError: 2 of 2 memcache interactions were not asserted. In order, after the sandbox:

                tripwire.memcache.assert_set(command='SET', key='k', value=unittest.mock.ANY, server=('a', 1))
                    # value: <the user>
                    # sent to a:1 from test_app.py:8 in <module>
                tripwire.memcache.assert_get(command='GET', key='k', server=('localhost', 11211))
                    # default: <the user>
                    # sent to localhost:11211 from test_app.py:9 in <module>

            unittest.mock.ANY stands for what cannot be pasted: import unittest.mock
            """,  # noqa: E501  # lines to paste stay whole
        )

    def test_threads_are_named(self) -> None:
        """Where several sent commands, the report says what to do about their order."""
        self.assert_report(
            """
            import threading
            tripwire.memcache.mock_command("GET", returns=b"", times=2)
            with tripwire:
                thread = threading.Thread(target=lambda: client.get("a"), name="worker\\n1")
                thread.start()
                thread.join()
                client.get("b")
            """,
            r"""
            UnassertedInteractionsError: 2 of 2 memcache interactions were not asserted. In order, after the sandbox:

                tripwire.memcache.assert_get(command='GET', key='a')
                    # sent to localhost:11211 from test_app.py:4 in <lambda>, in thread worker\n1
                tripwire.memcache.assert_get(command='GET', key='b')
                    # sent to localhost:11211 from test_app.py:7 in <module>

            Several threads sent them, so their order may change. If it does, assert them in
            `with tripwire.memcache.in_any_order():`.
            """,  # noqa: E501  # lines to paste stay whole
        )

    def test_ten_thousand_do_not_print_ten_thousand_lines(self) -> None:
        """The first fifty are shown, and the rest counted."""
        report = self.report(
            """
            tripwire.memcache.mock_command("GET", returns=b"", times=None)
            with tripwire:
                for number in range(10_000):
                    client.get(str(number))
            """
        )
        lines = report.splitlines()
        self.assertEqual(len(lines), 2 + 2 * 50 + 1)
        self.assertIn("10000 of 10000 memcache interactions were not asserted.", lines[0])
        self.assertEqual(lines[-3], "    tripwire.memcache.assert_get(command='GET', key='49')")
        self.assertEqual(lines[-1], "    ... and 9950 more")


class NoCallsTest(ReportTestCase):
    """What took place where `assert_no_calls` said that nothing did."""

    def test_the_calls_are_shown_as_lines_that_assert_them(self) -> None:
        """Who finds them right pastes them in place of `assert_no_calls`."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("VERSION", returns=b"1.6.21")
            with tripwire:
                client.version()
            tripwire.memcache.assert_no_calls()
            """,
            """
            InteractionMismatchError: No memcache interaction was to take place, and 1 did:

                tripwire.memcache.assert_command(command='VERSION')
                    # sent to localhost:11211 from test_app.py:3 in <module>
            """,
        )
