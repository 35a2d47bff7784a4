"""What is read when a test with a store fails.

SPECIFICATION 34
"""

from __future__ import annotations

import textwrap
from typing import List

from tests.support.reporting import ReportTestCase


class MismatchTest(ReportTestCase):
    """`store.assert_items` of something else than there is."""

    def test_each_item_that_differs_is_shown(self) -> None:
        """What is there, how long it lives, which call put it there; and memcached's own ways."""
        self.assert_report(
            """
            def log_in(token, user):
                client.set(f"session:{token}", user, expire=3600)

            store = tripwire.memcache.store({"visits": 10, "old": b"x"})
            with tripwire:
                log_in("abc", b"Ada")
                client.decr("visits", 1)
                client.set("big", b"1")
                try:
                    client.set("big", b"x" * 2**20, noreply=False)
                except Exception:
                    pass
                client.set("date", b"v", expire=2592001)
                client.set("short", b"v", expire=5)
                client.delete("old")
                store.advance(60)
                client.touch("session:abc", 90)
            store.assert_items(
                {
                    "session:abc": tripwire.Item(b"Bob", expire=3600),
                    "visits": b"9",
                    "big": b"1",
                    "date": tripwire.Item(b"v", expire=2592001),
                    "short": tripwire.Item(b"v", 5),
                    "old": b"x",
                    "misspelt": tripwire.Item(b"", unittest.mock.ANY),
                }
            )
            """,
            """
            StoreMismatchError: The store holds something else:

                'session:abc'
                    value: expected b'Bob'
                           but was  b'Ada'
                    expire: expected 3600
                            but was  90
                    # put there by SET from test_app.py:2 in log_in
                    # then TOUCH from test_app.py:17 in <module>
                'visits'
                    value: expected b'9'
                           but was  b'9 '
                    # put there by store from test_app.py:4 in <module>
                    # then DECR from test_app.py:7 in <module>
                    # a counter never gets shorter: spaces fill it up
                'big' is not there: expected b'1', for ever
                    # put there by SET from test_app.py:8 in <module>
                    # then SET from test_app.py:10 in <module>
                    # a SET that was too large was refused, and removed the old value
                'date' is not there: expected b'v', for 2592001 s
                    # put there by SET from test_app.py:13 in <module>
                    # an expiry of more than 30 days is a date, and this one is over
                'short' is not there: expected b'v', for 5 s
                    # put there by SET from test_app.py:14 in <module>
                    # its time was over 55 s ago
                'old' is not there: expected b'x', for ever
                    # put there by store from test_app.py:4 in <module>
                    # then DELETE from test_app.py:15 in <module>
                'misspelt' is not there: expected b'', expire=<ANY>

            What it holds is:

                store.assert_items({'session:abc': tripwire.Item(b'Ada', expire=90), 'visits': b'9 '})
            """,  # noqa: E501  # lines to paste stay whole
        )

    def test_what_is_gone_is_explained(self) -> None:
        """By what took it away, or by its time."""
        self.assert_report(
            """
            store = tripwire.memcache.store()
            with tripwire:
                client.set("k", b"v")
                client.flush_all()
                client.set("over", b"v", expire=-1)
            store.assert_items({"k": b"v", "over": b"v"})
            """,
            """
            StoreMismatchError: The store holds something else:

                'k' is not there: expected b'v', for ever
                    # put there by SET from test_app.py:3 in <module>
                    # then FLUSH_ALL from test_app.py:4 in <module>
                'over' is not there: expected b'v', for ever
                    # put there by SET from test_app.py:5 in <module>
                    # its time was over at once

            What it holds is:

                store.assert_items({})
            """,
        )

    def test_sleeping_is_explained(self) -> None:
        """The clock of a store stands."""
        self.assert_report(
            """
            import time
            store = tripwire.memcache.store()
            with tripwire:
                client.set("k", b"v", expire=2)
                with unittest.mock.patch("time.time", return_value=time.time() + 3):
                    client.get("k")
            store.assert_items({})
            """,
            """
            StoreMismatchError: The store holds something else:

                'k' was not expected: it holds b'v', for 2 s
                    # put there by SET from test_app.py:4 in <module>

            What it holds is:

                store.assert_items({'k': tripwire.Item(b'v', expire=2)})

            The clock of the store stands: 'k' was found alive,
            although in real time its life was over.
                store.advance(2) moves it; with store(clock=time.time) it follows that.
            """,
        )


class UnassertedTest(ReportTestCase):
    """Interactions that a store has answered."""

    def test_all_at_once(self) -> None:
        """One line asserts what the store has answered."""
        self.assert_report(
            """
            store = tripwire.memcache.store()
            with tripwire:
                client.set("session:abc", b"Ada", expire=3600)
                client.get("session:abc")
            """,
            """
            UnassertedInteractionsError: 2 of 2 memcache interactions were not asserted. In order, after the sandbox:

                tripwire.memcache.assert_set(command='SET', key='session:abc', value=b'Ada', expire=3600)
                    # sent to localhost:11211 from test_app.py:3 in <module>
                tripwire.memcache.assert_get(command='GET', key='session:abc')
                    # sent to localhost:11211 from test_app.py:4 in <module>

            Or all of them at once, by what the store holds:

                store.assert_items({'session:abc': tripwire.Item(b'Ada', expire=3600)})
            """,  # noqa: E501  # lines to paste stay whole
        )

    def test_some_at_once(self) -> None:
        """A key that was never held stays for a line of its own; a long line is broken."""
        self.assert_report(
            """
            store = tripwire.memcache.store()
            with tripwire:
                client.get("misspelt")
                client.set_many({f"session:{n}": b"user:%d" % n for n in range(5)}, expire=3600)
            """,
            """
            UnassertedInteractionsError: 2 of 2 memcache interactions were not asserted. In order, after the sandbox:

                tripwire.memcache.assert_get(command='GET', key='misspelt')
                    # sent to localhost:11211 from test_app.py:3 in <module>
                    # store.assert_items leaves this open: no server ever held 'misspelt'
                tripwire.memcache.assert_set_many(command='SET_MANY', values={'session:0': b'user:0', 'session:1': b'user:1', 'session:2': b'user:2', 'session:3': b'user:3', 'session:4': b'user:4'}, expire=3600)
                    # sent to localhost:11211 from test_app.py:4 in <module>

            Or 1 of them at once, by what the store holds:

                store.assert_items({
                    'session:0': tripwire.Item(b'user:0', expire=3600),
                    'session:1': tripwire.Item(b'user:1', expire=3600),
                    'session:2': tripwire.Item(b'user:2', expire=3600),
                    'session:3': tripwire.Item(b'user:3', expire=3600),
                    'session:4': tripwire.Item(b'user:4', expire=3600),
                })
            """,  # noqa: E501  # lines to paste stay whole
        )

    def test_servers_that_differ(self) -> None:
        """A line for each of them; what cannot be pasted is ANY."""
        self.assert_report(
            """
            store = tripwire.memcache.store()
            class User: pass
            with tripwire:
                for host in ("north", "south"):
                    Client((host, 11211)).set("k", host)
                cluster = HashClient(
                    [("north", 11211)],
                    serializer=lambda key, value: (b"42", 1),
                    deserializer=lambda key, value, flags: User(),
                )
                cluster.set("u", 42)
            """,
            """
            UnassertedInteractionsError: 3 of 3 memcache interactions were not asserted. In order, after the sandbox:

                tripwire.memcache.assert_set(command='SET', key='k', value='north', server=('north', 11211))
                    # sent to north:11211 from test_app.py:5 in <module>
                tripwire.memcache.assert_set(command='SET', key='k', value='south', server=('south', 11211))
                    # sent to south:11211 from test_app.py:5 in <module>
                tripwire.memcache.assert_set(command='SET', key='u', value=42, server=('north', 11211))
                    # sent to north:11211 from test_app.py:11 in <module>

            Or all of them at once, by what the store holds:

                store.assert_items({'k': b'north', 'u': unittest.mock.ANY}, server=('north', 11211))
                store.assert_items({'k': b'south'}, server=('south', 11211))

            unittest.mock.ANY stands for what cannot be pasted: import unittest.mock
            """,  # noqa: E501  # lines to paste stay whole
        )


class UnusedTest(ReportTestCase):
    """What the test put there in vain."""

    def test_what_nobody_asked_for(self) -> None:
        """Items, as they were put there, and what was to happen meanwhile."""
        self.assert_report(
            """
            store = tripwire.memcache.store({"a": b"1", "b": tripwire.Item(2, expire=60)})
            store.put("c", b"3")
            tripwire.memcache.mock_command("GET", returns=b"v", key="c", required=False)
            class Slower:
                def __repr__(self):
                    return "slower"
                def __call__(self):
                    pass
            tripwire.memcache.meanwhile("CAS", Slower(), key="a")
            with tripwire:
                client.get("c")
            tripwire.memcache.assert_get("GET", "c")
            """,
            """
            UnusedMocksError: 4 required memcache mocks were not used:

                store({'a': b'1'})
                    # registered at test_app.py:1 in <module>
                store({'b': Item(2, expire=60)})
                    # registered at test_app.py:1 in <module>
                store.put('c', b'3')
                    # registered at test_app.py:2 in <module>
                    # GET of that key came from test_app.py:11 in <module>
                    # store(required=False) says that it may be
                meanwhile('CAS', slower, key='a')
                    # registered at test_app.py:9 in <module>
                    # no such CAS was answered by the store after it was registered

            Take out what the code does not need, or register it with required=False
            (store.put and meanwhile do not take it).
            """,
        )


class RefusedTest(ReportTestCase):
    """Calls that a store does not answer as they were meant."""

    def test_unknown_command(self) -> None:
        """It is refused by name, with the mock that would answer it."""
        self.assert_report(
            """
            tripwire.memcache.store()
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
                from: test_app.py:3 in <module>

            The store does not know b'stats slabs', so it cannot answer it either.

            For this call alone:
                tripwire.memcache.mock_command('STATS', returns={}, args=('slabs',))
            """,
        )

    def test_noreply_that_is_answered(self) -> None:
        """With the answer, and what it does to the next command."""
        self.assert_report(
            """
            tripwire.memcache.store()
            with tripwire:
                client.set("", b"v")
            """,
            r"""
            OutOfStepError: This SET said noreply, and memcached answers it all the same.

            It answers:
                b'ERROR\r\n'

            The call:
                key: ''
                value: b'v'
                server: localhost:11211
                from: test_app.py:3 in <module>

            The client does not read that now. In production, its next command would
            take it for its own answer.
            """,
        )

    def test_meanwhile_that_fails(self) -> None:
        """With what it raised, and where it was registered."""
        self.assert_report(
            """
            class Slower:
                def __repr__(self):
                    return "slower"
                def __call__(self):
                    raise KeyError("k")
            tripwire.memcache.store()
            tripwire.memcache.meanwhile("GET", Slower())
            with tripwire:
                client.get("k")
            """,
            """
            MeanwhileError: What was to happen meanwhile raised KeyError: 'k'

                meanwhile('GET', slower)
                    registered at test_app.py:7 in <module>

            The call:
                key: 'k'
                server: localhost:11211
                from: test_app.py:9 in <module>

            It is the test's own function: the code under test has no part in it.
            """,
        )


class PastingTest(ReportTestCase):
    """The lines that are offered, pasted below the test, make it pass."""

    def assert_pasting_helps(self, *lines: str) -> None:
        """Run a test, and run it again with what its report offers."""
        source = "\n".join(["import unittest.mock", *lines])
        self.run_strict("\n".join([source, *offered(self.report(source))]))

    def test_items_at_once(self) -> None:
        """Few of them, many of them, and of values that cannot be pasted."""
        calls = (
            "client.set('k', b'v', expire=60)",
            "client.set_many({f'key:{number}': b'it\\'s' for number in range(9)}, expire=60)",
            "Client(('a', 1), serializer=lambda *a: (b'', 1), deserializer=lambda *a: object())"
            ".set('k', object())",
            "[Client((host, 1)).set('k', host) for host in ('north', 'south')]",
            "client.set('k', b'v'), client.delete('k')",
        )
        for call in calls:
            with self.subTest(call):
                self.assert_pasting_helps(
                    "store = tripwire.memcache.store()", "with tripwire:", f"    {call}"
                )

    def test_what_is_held_instead(self) -> None:
        """The line of a mismatch, in the place of the one that failed."""
        source = "store = tripwire.memcache.store({'k': tripwire.Item(b'v', expire=60)})"
        report = self.report(f"{source}\nstore.assert_items({{}})")
        self.run_strict("\n".join([source, *offered(report)]))


def offered(report: str) -> List[str]:
    """The lines of a report that assert what a store holds."""
    _, _, lines = report.partition("    store.assert_items(")
    lines, _, _ = lines.partition("\n\n")
    return textwrap.dedent(f"    store.assert_items({lines}").splitlines()
