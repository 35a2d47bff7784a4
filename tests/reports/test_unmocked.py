"""What is read when a call met no mock: the call, the nearest mocks, and a mock to paste.

SPECIFICATION G5, 13.
"""

from __future__ import annotations

from tests.support.reporting import ReportTestCase


class UnmockedTest(ReportTestCase):
    """The guide's three lines come first, and the facts after them."""

    def test_call_without_any_mock(self) -> None:
        """Only what the caller chose is shown of the call, not the defaults."""
        self.assert_report(
            """
            def load(client):
                return client.get("session:abc", default=b"")

            with tripwire:
                load(client)
            """,
            """
            UnmockedInteractionError: memcache.GET(...) was called but no mock was registered.
            Register a mock with:
                tripwire.memcache.mock_command('GET', returns=...)

            The call:
                key: 'session:abc'
                default: b''
                server: localhost:11211
                from: test_app.py:2 in load

            For this call alone:
                tripwire.memcache.mock_command('GET', returns=tripwire.MISS, key='session:abc')
                    # MISS is the answer of an empty server; put your own there
            Or let memcached itself answer, in memory: tripwire.memcache.store()
            """,
        )

    def test_command_that_has_an_answer_for_everything(self) -> None:
        """Where there is no `MISS`, the line to paste has a reply to begin with."""
        self.assert_report(
            """
            with tripwire:
                client.stats("slabs")
            """,
            """
            UnmockedInteractionError: memcache.STATS(...) was called but no mock was registered.
            Register a mock with:
                tripwire.memcache.mock_command('STATS', returns=...)

            The call:
                args: ('slabs',)
                server: localhost:11211
                from: test_app.py:2 in <module>

            For this call alone:
                tripwire.memcache.mock_command('STATS', returns={}, args=('slabs',))
            Or let memcached itself answer, in memory: tripwire.memcache.store()
            """,
        )

    def test_write(self) -> None:
        """The line to paste has it succeed."""
        self.assert_report(
            """
            with tripwire:
                client.delete("k")
            """,
            """
            UnmockedInteractionError: memcache.DELETE(...) was called but no mock was registered.
            Register a mock with:
                tripwire.memcache.mock_command('DELETE', returns=...)

            The call:
                key: 'k'
                server: localhost:11211
                from: test_app.py:2 in <module>

            For this call alone:
                tripwire.memcache.mock_command('DELETE', returns=True, key='k')
            Or let memcached itself answer, in memory: tripwire.memcache.store()
            """,
        )

    def test_mock_that_is_offered_for_a_call_alone(self) -> None:
        """It names the key, not the value; what is written succeeds, what is read is missed."""
        for call, offered in (
            ("set('k', b'v')", "'SET', returns=True, key='k'"),
            ("cas('k', b'v', b'1')", "'CAS', returns=True, key='k'"),
            ("delete_many(['k'])", "'DELETE_MANY', returns=True, keys=['k']"),
            ("flush_all()", "'FLUSH_ALL', returns=True"),
            ("set_many({'k': 1})", "'SET_MANY', returns=[], values={'k': 1}"),
            ("gets('k')", "'GETS', returns=tripwire.MISS, key='k'"),
        ):
            with self.subTest(call):
                report = self.report(f"with tripwire:\n    client.{call}")
                self.assertIn(f"\n    tripwire.memcache.mock_command({offered})\n", report + "\n")

    def test_store_is_offered_where_nothing_else_answers(self) -> None:
        """A test that has mocks has chosen how to answer, and one with a store has it already."""
        for before, number in (
            ("", 1),
            ("tripwire.memcache.mock_command('GET', returns=b'v', required=False)", 0),
            ("tripwire.memcache.store()", 0),
        ):
            with self.subTest(before):
                report = self.report(f"{before}\nwith tripwire:\n    client.stats('slabs')")
                self.assertIn("memcache.STATS(...) was called", report)
                self.assertEqual(report.count("Or let memcached itself answer"), number)

    def test_server_is_shown_as_people_write_it(self) -> None:
        """A host and a port, or the path of a socket, however short."""
        for server, text in (("('h', 1)", "h:1"), ("'/s'", "/s"), ("'unix:/run/s'", "/run/s")):
            with self.subTest(server=server):
                report = self.report(f"with tripwire:\n    Client({server}).get('k')")
                self.assertIn(f"    server: {text}\n", report)

    def test_key_that_cannot_be_pasted(self) -> None:
        """The mock to paste is not narrowed then."""
        self.assert_report(
            """
            class Key(str):
                def __repr__(self):
                    return "<the key>"

            with tripwire:
                client.get(Key("k"))
            """,
            """
            UnmockedInteractionError: memcache.GET(...) was called but no mock was registered.
            Register a mock with:
                tripwire.memcache.mock_command('GET', returns=...)

            The call:
                key: <the key>
                server: localhost:11211
                from: test_app.py:6 in <module>

            For this call alone:
                tripwire.memcache.mock_command('GET', returns=tripwire.MISS)
                    # MISS is the answer of an empty server; put your own there
            Or let memcached itself answer, in memory: tripwire.memcache.store()
            """,
        )


class NearestMocksTest(ReportTestCase):
    """Why a mock that one might have thought of did not answer."""

    def nearest(self, source: str) -> str:
        """The part of the report that explains mocks."""
        _, _, rest = self.report(source).partition("The nearest mocks, and why")
        part, _, _ = rest.partition("\n\nFor this call alone:\n")
        return part

    def test_used_up(self) -> None:
        """The call that took the last answer is named."""
        self.assertEqual(
            self.nearest(
                """
                tripwire.memcache.mock_command("GET", returns=b"1", times=2)
                with tripwire:
                    for number in range(3):
                        client.get("k")
                """
            ),
            """ they did not answer it:
    mock_command('GET', returns=b'1', times=2)
        registered at test_app.py:1 in <module>
        used up by the call at test_app.py:4 in <module>""",
        )

    def test_waits_for_another_key_and_server(self) -> None:
        """The difference is shown."""
        self.assertEqual(
            self.nearest(
                """
                tripwire.memcache.mock_command(
                    "GET", raises=OSError("down"), key="session:abcd", server=("a", 1)
                )
                with tripwire:
                    client.get("session:abc")
                """
            ),
            """ they did not answer it:
    mock_command('GET', raises=OSError('down'), key='session:abcd', server=('a', 1))
        registered at test_app.py:1 in <module>
        waits, but not for this call's key and server:
            key: expected 'session:abcd'
                 but was  'session:abc'
            server: expected ('a', 1)
                    but was  ('localhost', 11211)""",
        )

    def test_belongs_to_another_command(self) -> None:
        """Of other commands, mocks that have answered, or wait for another key, are not near."""
        self.assertEqual(
            self.nearest(
                """
                tripwire.memcache.mock_command("SET", returns=True, times=2)
                tripwire.memcache.mock_command("GETS", returns=MISS, key="x")
                tripwire.memcache.expect("GETS", returns=MISS, key="k")
                with tripwire:
                    client.set("k", b"")
                    client.get("k")
                """
            ),
            """ they did not answer it:
    expect('GETS', returns=MISS, key='k')
        registered at test_app.py:3 in <module>
        belongs to another command, GETS""",
        )

    def test_alias_is_no_other_command(self) -> None:
        """A mock of GET_MULTI could have answered GET_MANY, for other keys."""
        self.assertEqual(
            self.nearest(
                """
                tripwire.memcache.mock_command("GET_MULTI", returns={}, keys=["a", "b"])
                with tripwire:
                    client.get_many(iter(["a", "c"]))
                """
            ),
            """ they did not answer it:
    mock_command('GET_MULTI', returns={}, keys=['a', 'b'])
        registered at test_app.py:1 in <module>
        waits, but not for this call's keys:
            keys: expected ['a', 'b']
                  but was  ['a', 'c']""",
        )

    def test_three_are_shown(self) -> None:
        """Used up ones beside the waiting one, before other commands', in the order of the test."""
        part = self.nearest(
            """
            tripwire.memcache.mock_command("GET", returns=b"", key="other")
            tripwire.memcache.mock_command("GET", returns=b"first")
            tripwire.memcache.mock_command("GETS", returns=MISS)
            tripwire.memcache.mock_command("GET", returns=b"second")
            with tripwire:
                for number in range(3):
                    client.get("k")
            """
        )
        self.assertEqual(
            [line.strip() for line in part.splitlines() if "mock_command" in line],
            [
                "mock_command('GET', returns=b'', key='other')",
                "mock_command('GET', returns=b'first')",
                "mock_command('GET', returns=b'second')",
            ],
        )
        self.assertEqual(part.count("used up by"), 2)

    def test_the_one_for_the_same_key_is_shown(self) -> None:
        """Whether it is used up, or waits for another value; however many wait for other keys."""
        for nearest, why in (
            ("'SET', returns=True, key='k'", "used up by the call at"),
            ("'SET', returns=True, key='k', value=b'old', expire=60", "call's value and expire"),
        ):
            with self.subTest(nearest):
                part = self.nearest(
                    f"""
                    tripwire.memcache.mock_command({nearest})
                    for number in range(5):
                        tripwire.memcache.mock_command("SET", returns=True, key=f"k{{number}}")
                    with tripwire:
                        client.set("k", b"new")
                        client.set("k", b"new")
                    """
                )
                shown = [line.strip() for line in part.splitlines() if "mock_command" in line]
                self.assertEqual(len(shown), 3)
                self.assertEqual(shown[0], f"mock_command({nearest})")
                self.assertIn(why, part)

    def test_a_matcher_that_changes_its_mind(self) -> None:
        """A mock whose field did not equal the call's, and does now, still has its place."""
        self.assertEqual(
            self.nearest(
                """
                class Once:
                    answers = [True, False, False]

                    def __eq__(self, other):
                        return self.answers.pop()

                    def __repr__(self):
                        return "<once>"

                tripwire.memcache.mock_command("GET", returns=b"", key=Once())
                with tripwire:
                    client.get("k")
                """
            ),
            """ they did not answer it:
    mock_command('GET', returns=b'', key=<once>)
        registered at test_app.py:10 in <module>
        waits, but not for this call""",
        )

    def test_the_latest_thousand_are_looked_at(self) -> None:
        """Nobody reads more, and a report is not to take long."""
        for others, shown in ((999, 1), (1000, 0)):
            with self.subTest(others=others):
                part = self.nearest(
                    f"""
                    tripwire.memcache.mock_command("GET", returns=b"", key="near")
                    for number in range({others}):
                        tripwire.memcache.mock_command("SET", returns=True)
                    with tripwire:
                        client.get("k")
                    """
                )
                self.assertEqual(part.count("key='near'"), shown)
