"""What is read when an order fails, to the letter: SPECIFICATION 45."""

from __future__ import annotations

import textwrap

from tests.support.reporting import ReportTestCase

HEAD = """
import types
self = types.SimpleNamespace(memcache=tripwire.memcache)

def cache():
    return Client(("localhost", 11211))

def count_visit():
    client = cache()
    visits = int(client.get("visits"))
    client.set("visits", visits + 1)
"""


class OrdersTest(ReportTestCase):
    """Who did what, in a column for each worker; what it failed with; what runs it alone."""

    def order(self, scenario: str) -> str:
        """The report of a scenario; the line that it ends with gives that failure again."""
        source = HEAD + textwrap.dedent(scenario)
        report = self.report(f"{source}\nself.memcache.interleave(scenario)\n")
        self.assertLess(max(map(len, report.splitlines())), 80)
        _, _, alone = report.rpartition("This order alone: ")
        again = self.report(f"{source}\n{alone}\n")
        self.assertEqual(self.without_number(again), self.without_number(report))
        self.assertNotIn("after", again.splitlines()[0])
        return report

    def without_number(self, report: str) -> str:
        """It is not known of an order that is run alone."""
        first, _, rest = report.partition("\n")
        return first.partition(" fails")[0] + rest

    def assert_order(self, scenario: str, expected: str) -> None:
        """Compare the whole of a report."""
        self.assertEqual(self.order(scenario), textwrap.dedent(expected).strip("\n"))

    def test_two_workers(self) -> None:
        """A visit is lost."""
        self.assert_order(
            """
            def scenario(together):
                store = self.memcache.store({"visits": b"0"})
                together(count_visit, count_visit)
                unittest.TestCase().assertEqual(store["visits"], b"2")
            """,
            """
            InterleavingError: Order "aAbBBA" fails, after 5 orders:

                   A                                B
                   (begins)
                1  GET 'visits': b'0'
                                                    (begins)
                2                                   GET 'visits': b'0'
                3                                   SET 'visits' b'1' noreply: True
                4  SET 'visits' b'1' noreply: True

                AssertionError: b'1' != b'2'
                    test_app.py:15 in scenario

            This order alone: self.memcache.interleave(scenario, only="aAbBBA")
            """,
        )

    def test_three_workers(self) -> None:
        """Two visits are lost, but one is enough."""
        self.assert_order(
            """
            def scenario(together):
                store = self.memcache.store({"visits": b"0"})
                together(count_visit, count_visit, count_visit)
                unittest.TestCase().assertEqual(store["visits"], b"3")
            """,
            """
            InterleavingError: Order "aAbBBAcCC" fails, after 10 orders:

                   A                       B                       C
                   (begins)
                1  GET 'visits': b'0'
                                           (begins)
                2                          GET 'visits': b'0'
                3                          SET 'visits' b'1'
                                             noreply: True
                4  SET 'visits' b'1'
                     noreply: True
                                                                   (begins)
                5                                                  GET 'visits': b'1'
                6                                                  SET 'visits' b'2'
                                                                     noreply: True

                AssertionError: b'2' != b'3'
                    test_app.py:15 in scenario

            This order alone: self.memcache.interleave(scenario, only="aAbBBAcCC")
            """,
        )

    def test_long_values(self) -> None:
        """They are cut, and wrapped in their columns."""
        self.assert_order(
            """
            def join(name):
                client = cache()
                members = client.get("members-of-the-club")
                client.set("members-of-the-club", members + name)

            def scenario(together):
                store = self.memcache.store({"members-of-the-club": b"member " * 20})
                together(lambda: join(b"a" * 50), lambda: join(b"b" * 50))
                assert len(store["members-of-the-club"]) == 240
            """,
            """
            InterleavingError: Order "aAbBBA" fails, after 5 orders:

                   A                                   B
                   (begins)
                1  GET 'members-of-the-club':
                     b'member member member'...b'er
                     member ' (140 bytes)
                                                       (begins)
                2                                      GET 'members-of-the-club':
                                                         b'member member member'...b'er
                                                         member ' (140 bytes)
                3                                      SET 'members-of-the-club' b'member
                                                         member member'...b'bbbbbbbbbb'
                                                         (190 bytes) noreply: True
                4  SET 'members-of-the-club' b'member
                     member member'...b'aaaaaaaaaa'
                     (190 bytes) noreply: True

                AssertionError
                    test_app.py:20 in scenario

            This order alone: self.memcache.interleave(scenario, only="aAbBBA")
            """,
        )

    def test_batches(self) -> None:
        """Each key is a step: a pair is read while it is written."""
        self.assert_order(
            """
            def write():
                cache().set_many({"name": b"new", "mail": b"new"}, noreply=False)

            def read():
                return {*cache().get_many(["name", "mail"]).values()}

            def scenario(together):
                self.memcache.store({"name": "old", "mail": "old"})
                _, values = together(write, read)
                assert len(values) == 1, sorted(values)
            """,
            """
            InterleavingError: Order "aAbBBA" fails, after 5 orders:

                   A                               B
                   (begins)
                1  SET_MANY 'name' b'new': STORED
                                                   (begins)
                2                                  GET_MANY 'name': b'new'
                3                                  GET_MANY 'mail': b'old'
                4  SET_MANY 'mail' b'new': STORED

                AssertionError: [b'new', b'old']
                    test_app.py:21 in scenario

            This order alone: self.memcache.interleave(scenario, only="aAbBBA")
            """,
        )

    def test_assertion_inside(self) -> None:
        """A mismatch of an assertion of tripwire's, in a scenario."""
        self.assert_order(
            """
            def scenario(together):
                store = self.memcache.store({"visits": 0})
                together(count_visit, count_visit)
                store.assert_items({"visits": b"2"})
            """,
            """
            InterleavingError: Order "aAbBBA" fails, after 5 orders:

                   A                                B
                   (begins)
                1  GET 'visits': b'0'
                                                    (begins)
                2                                   GET 'visits': b'0'
                3                                   SET 'visits' b'1' noreply: True
                4  SET 'visits' b'1' noreply: True

                StoreMismatchError: The store holds something else:

                    'visits'
                        value: expected b'2'
                               but was  b'1'
                        # put there by SET from test_app.py:10 in count_visit

                What it holds is:

                    store.assert_items({'visits': b'1'})

                test_app.py:15 in scenario

            This order alone: self.memcache.interleave(scenario, only="aAbBBA")
            """,
        )

    def test_lease_that_runs_out(self) -> None:
        """Sleeping is told, and is no step."""
        self.assert_order(
            """
            import time

            def work():
                client = cache()
                if client.add("lock", b"x", expire=10, noreply=False):
                    time.sleep(15)
                    assert client.delete("lock", noreply=False), "the lock was lost"

            def scenario(together):
                self.memcache.store()
                together(work)
            """,
            """
            InterleavingError: Order "aAA" fails, the first one:

                   A
                   (begins)
                1  ADD 'lock' b'x' expire=10: True
                   (sleeps 15 s)
                2  DELETE 'lock': False (ran out)
                   raises AssertionError

                AssertionError: the lock was lost
                    test_app.py:18 in work

            This order alone: self.memcache.interleave(scenario, only="aAA")
            """,
        )

    def test_swallowed_violation(self) -> None:
        """Who swallowed it is told, as in any test."""
        self.assert_order(
            """
            def careless():
                try:
                    cache().stats("slabs")
                except Exception:
                    pass

            def scenario(together):
                self.memcache.store()
                together(careless)
            """,
            """
            InterleavingError: Order "a" fails, the first one:

                   A
                   (begins)

                SwallowedViolationError: 1 violation was swallowed:

                    UnmockedInteractionError
                    caught by test_app.py:14 in careless

                        memcache.STATS(...) was called but no mock was registered.
                        Register a mock with:
                            tripwire.memcache.mock_command('STATS', returns=...)

                        The call:
                ...

            This order alone: self.memcache.interleave(scenario, only="a")
            """,
        )

    def test_one_client_for_two(self) -> None:
        """It is told what to give them instead."""
        self.assert_order(
            """
            def scenario(together):
                self.memcache.store({"visits": 0})
                together(*[lambda: client.incr("visits", 1)] * 2)
            """,
            """
            InterleavingError: Order "abA" fails, after 4 orders:

                   A                            B
                   (begins)
                                                (begins)
                                                raises SharedClientError
                1  INCR 'visits': 1

                SharedClientError: worker B called memcache.INCR(...) while worker A
                was inside the same client, which is not made for threads. Give each
                a client of its own, or all of them a PooledClient, or a HashClient
                with use_pooling=True.

                The call:
                    key: 'visits'
                    value: 1
                    server: localhost:11211
                    from: test_app.py:14 in <lambda>

                test_app.py:14 in <lambda>

            This order alone: self.memcache.interleave(scenario, only="abA")
            """,
        )
