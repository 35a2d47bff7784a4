"""What is read when a required mock was not used, and when there are findings of several kinds.

SPECIFICATION 11.
"""

from __future__ import annotations

import os
import tempfile
import unittest

import tripwire
from tests.support.platform import need
from tests.support.reporting import ReportTestCase


class UnusedTest(ReportTestCase):
    """Where the mock was registered, and what came instead of its call."""

    def test_nothing_came(self) -> None:
        """An optional mock is not spoken of."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("SET", returns=True)
            tripwire.memcache.mock_command("GET", returns=b"", required=False)
            """,
            """
            UnusedMocksError: 1 required memcache mock was not used:

                mock_command('SET', returns=True)
                    # registered at test_app.py:1 in <module>

            Take out what the code does not need, or register it with required=False.
            """,
        )

    def test_rejected_before_the_wire(self) -> None:
        """What the client had against the calls is told, of three of them."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("GET_MANY", returns={})
            tripwire.memcache.mock_command("DELETE", raises=OSError("down"), key="k")
            with tripwire:
                client.get_many([])
                for key in "a b", "k" * 251, "c d", "e f":
                    try:
                        client.delete(key)
                    except Exception:
                        pass
            """,
            f"""
            UnusedMocksError: 2 required memcache mocks were not used:

                mock_command('GET_MANY', returns={{}})
                    # registered at test_app.py:1 in <module>
                    # a call of GET_MANY sent nothing
                mock_command('DELETE', raises=OSError('down'), key='k')
                    # registered at test_app.py:2 in <module>
                    # a call of DELETE was rejected before it was sent:
                    #     MemcacheIllegalInputError: Key contains whitespace: b'a b'
                    # a call of DELETE was rejected before it was sent:
                    #     MemcacheIllegalInputError: Key is too long: b'{"k" * 51}...
                    # a call of DELETE was rejected before it was sent:
                    #     MemcacheIllegalInputError: Key contains whitespace: b'c d'

            Take out what the code does not need, or register it with required=False.
            """,
        )

    def test_rejected_by_an_error_that_cannot_be_shown(self) -> None:
        """The report says so; the code under test gets the error itself."""
        report = self.report(
            """
            class Bad(Exception):
                def __str__(self):
                    raise KeyError

            def fail(key, value):
                raise Bad

            tripwire.memcache.mock_command("SET", returns=True)
            with tripwire:
                try:
                    Client(("a", 1), serializer=fail).set("k", 1)
                except Bad:
                    pass
            """
        )
        self.assertIn("        #     Bad: <Bad whose repr raised KeyError>\n", report)

    def test_part_of_the_answers_was_taken(self) -> None:
        """The last call that took one is named."""
        self.assert_report(
            """
            tripwire.memcache.expect("GET", returns=b"", key="k", times=3)
            with tripwire:
                for _ in range(2):
                    client.get("k")
            """,
            """
            UnusedMocksError: 1 required memcache mock was not used:

                expect('GET', returns=b'', times=3, key='k')
                    # registered at test_app.py:1 in <module>
                    # answered 2 of its 3 calls, the last one at test_app.py:4 in <module>

            Take out what the code does not need, or register it with required=False.
            """,
        )

    def test_same_key_under_another_command(self) -> None:
        """Three calls of it are named."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("GETS", returns=MISS, key="k", times=None)
            tripwire.memcache.expect("GET", returns=b"", key="k", times=4)
            with tripwire:
                for _ in range(4):
                    client.get("k")
            """,
            """
            UnusedMocksError: 1 required memcache mock was not used:

                mock_command('GETS', returns=MISS, times=None, key='k')
                    # registered at test_app.py:1 in <module>
                    # GET of that key came from test_app.py:5 in <module>
                    # GET of that key came from test_app.py:5 in <module>
                    # GET of that key came from test_app.py:5 in <module>

            Take out what the code does not need, or register it with required=False.
            """,
        )

    def test_ten_thousand_do_not_print_ten_thousand_blocks(self) -> None:
        """The first fifty are shown, and the rest counted."""
        report = self.report(
            """
            for number in range(10_000):
                tripwire.memcache.mock_command("GET", returns=b"", key=str(number))
            """
        )
        self.assertIn("10000 required memcache mocks were not used:", report)
        self.assertEqual(report.count("mock_command"), 50)
        self.assertIn("\n    ... and 9950 more\n\nTake out", report)


class PlacesTest(unittest.TestCase):
    """A file is named as people know it."""

    def registered_in(self, filename: str) -> str:
        """Where the report of an unused mock says that it was registered."""
        source = compile("memcache.mock_command('SET', returns=True)", filename, "exec")
        with self.assertRaises(tripwire.UnusedMocksError) as caught, tripwire.strict():
            exec(source, {"memcache": tripwire.memcache})
        _, _, rest = str(caught.exception).partition("# registered at ")
        return rest.partition(" in <module>")[0]

    def test_file_below_the_working_directory(self) -> None:
        """It is named relative to that; any other by its whole path."""
        self.assertEqual(self.registered_in(os.path.abspath("shop/tests.py")), "shop/tests.py:1")
        self.assertEqual(self.registered_in("/elsewhere/tests.py"), "/elsewhere/tests.py:1")

    def test_installed_file(self) -> None:
        """It is named as it is imported."""
        for folder in "/v/lib/python3.9/site-packages", "/usr/lib/python3/dist-packages":
            with self.subTest(folder):
                place = self.registered_in(f"{folder}/pymemcache/client/base.py")
                self.assertEqual(place, "pymemcache/client/base.py:1")
        place = self.registered_in(unittest.__file__)
        self.assertEqual(place, "unittest/__init__.py:1")

    def test_working_directory_that_was_deleted(self) -> None:
        """The report does without one."""
        folder = tempfile.mkdtemp()
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(folder)
        need(lambda: os.rmdir(folder), "this platform keeps the working directory")
        self.assertEqual(self.registered_in("/elsewhere/tests.py"), "/elsewhere/tests.py:1")


class SeveralKindsTest(ReportTestCase):
    """One error carries all findings of a test, causes first."""

    def test_all_three_kinds(self) -> None:
        """The test got no further than the violation that was swallowed."""
        self.assert_report(
            """
            def load(client):
                try:
                    return client.get("k")
                except Exception:
                    return None

            tripwire.memcache.mock_command("SET", returns=True, times=2)
            with tripwire:
                client.set("k", b"")
                load(client)
            """,
            """
            SwallowedUnassertedAndUnusedError: 1 violation was swallowed:

                UnmockedInteractionError
                caught by test_app.py:3 in load

                    memcache.GET(...) was called but no mock was registered.
                    Register a mock with:
                        tripwire.memcache.mock_command('GET', returns=...)

                    The call:
                        key: 'k'
                        server: localhost:11211
                        from: test_app.py:3 in load

                    For this call alone:
                        tripwire.memcache.mock_command('GET', returns=tripwire.MISS, key='k')
                            # MISS is the answer of an empty server; put your own there

            1 of 1 memcache interaction was not asserted. In order, after the sandbox:

                tripwire.memcache.assert_set(command='SET', key='k', value=b'')
                    # sent to localhost:11211 from test_app.py:9 in <module>

            1 required memcache mock was not used:

                mock_command('SET', returns=True, times=2)
                    # registered at test_app.py:7 in <module>
                    # answered 1 of its 2 calls, the last one at test_app.py:9 in <module>

            Take out what the code does not need, or register it with required=False.
            """,
        )
