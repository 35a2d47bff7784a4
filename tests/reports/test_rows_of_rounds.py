"""What rounds are told by: what was not waited for, what ran out, which server.

SPECIFICATION 38, 45
"""

from __future__ import annotations

import textwrap

from tests.support.reporting import ReportTestCase

HEAD = """
import threading, time, types
self = types.SimpleNamespace(memcache=tripwire.memcache)

def cache(port=11211, **options):
    return Client(("localhost", port), **options)

def run(scenario, *workers):
    def both(together):
        self.memcache.store(scenario)
        together(*workers)
        assert False
    self.memcache.interleave(both)
"""


SWEEP = """
from contextlib import suppress
from pymemcache.exceptions import MemcacheError

def cache(port=11211, **options):
    return Client(("localhost", port), **options)
"""


class RowsTestCase(ReportTestCase):
    """Strict tests with workers."""

    def rows(self, source: str) -> str:
        """What the report of one says between its first line and what it failed with."""
        report = self.report(f"{HEAD}{textwrap.dedent(source)}")
        self.assertLess(max(map(len, report.splitlines())), 80)
        return report.split("\n\n")[1]

    def assert_rows(self, source: str, expected: str) -> None:
        """Compare all of them."""
        rows = textwrap.dedent(self.rows(source))
        self.assertEqual(rows, textwrap.dedent(expected).strip("\n"))


class ColumnsTest(RowsTestCase):
    """The columns of an order."""

    def test_what_was_not_waited_for(self) -> None:
        """A lock that everybody gets says why."""
        self.assert_rows(
            """
            lock = lambda: cache().add("lock:tea", b"me")
            run({}, lock, lock)
            """,
            """
                   A                                   B
                   (begins)
                1  ADD 'lock:tea' b'me' noreply: True
                                                       (begins)
                2                                      ADD 'lock:tea' b'me' noreply: True
            """,
        )

    def test_how_long_something_lasts(self) -> None:
        """Of a lock always, of another item where there is room, and where it is odd."""
        self.assert_rows(
            """
            def work():
                client = cache(default_noreply=False)
                client.add("lock", b"me", expire=10)
                client.set("lease", b"1", expire=10)
                client.set("lease:of:somebody:else", b"1", expire=10)
                client.set("over:and:done:with", b"1", expire=-1)
                client.touch("lease:of:somebody:else", 20)
            run({}, work, lambda: None)
            """,
            """
                   A                                   B
                   (begins)
                1  ADD 'lock' b'me' expire=10: True
                2  SET 'lease' b'1' expire=10: True
                3  SET 'lease:of:somebody:else' b'1':
                     True
                4  SET 'over:and:done:with' b'1'
                     expire=-1: True
                5  TOUCH 'lease:of:somebody:else'
                     expire=20: True
                                                       (begins)
            """,
        )

    def test_keys_values_and_tokens(self) -> None:
        """Values are cut once, and first; keys that differ in the middle are told apart."""
        self.assert_rows(
            """
            def work():
                client = cache(default_noreply=False)
                value, token = client.gets("cart")
                client.cas("cart", b"n" * 60, token)
                for middle in "ab":
                    client.get("k" * 60 + middle + "k" * 60)
            run({"cart": b"v" * 60}, work, lambda: None, lambda: None)
            """,
            """
                   A                       B                       C
                   (begins)
                1  GETS 'cart':
                     (b'vvvvvv'...b'vvvv'
                     (60 bytes), b'1')
                2  CAS 'cart' ...
                     cas=b'1': True
                3  GET 'kkkkkkkkkkkkkkkkk
                     kkkkkkkkkkkkkkkkkkkk
                     kkkkkkkkkkkkkkkkkkkk
                     kkkakkkkkkkkkkkkkkkk
                     kkkkkkkkkkkkkkkkkkkk
                     kkkkkkkkkkkkkkkkkkkk
                     kkkk': None
                4  GET 'kkkkkkkkkkkkkkkkk
                     kkkkkkkkkkkkkkkkkkkk
                     kkkkkkkkkkkkkkkkkkkk
                     kkkbkkkkkkkkkkkkkkkk
                     kkkkkkkkkkkkkkkkkkkk
                     kkkkkkkkkkkkkkkkkkkk
                     kkkk': None
                                           (begins)
                                                                   (begins)
            """,
        )

    def test_servers(self) -> None:
        """They are named where a key is on several."""
        self.assert_rows(
            """
            def work():
                cache(1).set("a", b"x", noreply=False)
                cache(2).set("a", b"x", noreply=False)
                cache(2).get("b")
            run({}, work)
            """,
            """
                   A
                   (begins)
                1  SET 'a' b'x' on localhost:1: True
                2  SET 'a' b'x' on localhost:2: True
                3  GET 'b': None
            """,
        )

    def test_a_worker_that_raises(self) -> None:
        """Before it sends anything, too."""
        self.assert_rows(
            """
            def exhausted():
                raise RuntimeError("no connection left")
            run({}, exhausted, lambda: cache().get("a"))
            """,
            """
                   A                            B
                   (begins)
                   raises RuntimeError
                                                (begins)
                1                               GET 'a': None
            """,
        )

    def test_what_ran_out(self) -> None:
        """A miss, and an ADD that goes well, because of the time; and when a sleeper wakes."""
        self.assert_rows(
            """
            def holder():
                client = cache(default_noreply=False)
                client.set("lease", b"1", expire=10)
                time.sleep(11)
                client.set("lease", b"2")

            def other():
                client = cache(default_noreply=False)
                time.sleep(2)
                client.get("lease")
                threading.Event().wait(8)
                client.get_many(["lease", "put", "none"])
                client.get("lease")
                client.add("lease", b"3", expire=5)
                client.get("lease")
            run({"put": tripwire.Item(b"1", expire=3)}, holder, other)
            """,
            """
                   A                                   B
                   (begins)
                1  SET 'lease' b'1' expire=10: True
                   (sleeps 11 s)
                                                       (begins)
                                                       (sleeps 2 s)
                2                                      GET 'lease': b'1'
                                                       (waits)
                3                                      GET_MANY 'lease': nothing
                                                         (ran out)
                4                                      GET_MANY 'put': nothing (ran out)
                5                                      GET_MANY 'none': nothing
                6                                      GET 'lease': None (ran out)
                7                                      ADD 'lease' b'3' expire=5: True
                                                         (ran out)
                8                                      GET 'lease': b'3'
                   (wakes, 11 s)
                9  SET 'lease' b'2': True
            """,
        )


class SweepTest(ReportTestCase):
    """The rows and the causes of a sweep."""

    def assert_swept(self, scenario: str, options: str, expected: str) -> None:
        """Compare the text of a sweep."""
        source = f"{SWEEP}{textwrap.dedent(scenario)}\ntripwire.memcache.sweep(scenario{options})"
        self.assert_report(source, expected)

    def test_noreply_servers_and_long_keys(self) -> None:
        """A row that is too long stands over its cells; nothing of a key is lost."""
        self.assert_swept(
            """
            def scenario():
                tripwire.memcache.store()
                cache(1).add("lock:tea", b"me")
                cache(2).add("lock:tea", b"me")
                for end in "ab":
                    with suppress(OSError, MemcacheError):
                        cache().get(":1:django.contrib.sessions.cache" + end)
            """,
            "",
            """
            SweepError: 2 of 14 rounds with a fault went wrong:

                            down   request  answer  answer  server
                                   lost     lost    cut     error
                1  ADD 'lock:tea' b'me' noreply on localhost:1
                            FAILS  ok       -       -       ok
                2  ADD 'lock:tea' b'me' noreply on localhost:2
                            FAILS  ok       -       -       ok
                3  GET ':1:django.contrib.sessions.cachea'
                            ok     ok       ok      ok      -
                4  GET ':1:django.contrib.sessions.cacheb'
                            ok     ok       ok      ok      -

                only="1 down" or "2 down": ConnectionRefusedError came out of the scenario
                    ADD noreply from test_app.py:9 in scenario
                    ADD noreply from test_app.py:10 in scenario
            """,
        )

    def test_more_failures_than_are_told(self) -> None:
        """Twenty that differ are, and the number of the others."""
        report = self.report(
            f"{SWEEP}{textwrap.dedent(self.DIFFERING)}\n"
            "tripwire.memcache.sweep(scenario, faults=['down', 'request lost'])"
        )
        self.assertTrue(
            report.endswith("GET from test_app.py:11 in scenario\n\n    ... and 26 more")
        )
        self.assertEqual(report.count("GET from"), 20)

    DIFFERING = """
    def scenario():
        tripwire.memcache.store()
        for number in range(23):
            try:
                cache().get("k%d" % number)
            except OSError as error:
                raise ValueError(number, str(error)) from None
    """

    LEFT = """
    def scenario():
        tripwire.memcache.store({"profile:v3:7:fresh": b"old " * 20})
        client = cache(default_noreply=False)
        with suppress(OSError, MemcacheError):
            client.get("other")
            client.set("profile:v3:7:fresh", b"new " * 20, expire=60)
    """

    def test_what_is_left(self) -> None:
        """What forbids it, for how long it is there, what is there without a fault; told once."""
        self.assert_swept(
            self.LEFT,
            ", stale=False, faults=['down', 'answer cut']",
            """
            SweepError: 3 of 4 rounds with a fault went wrong:

                                                                              down   answer
                                                                                     cut
                1  GET 'other'                                                FAILS  FAILS
                2  SET 'profile:v3:7:fresh' b'new new '...b'new ' (80 bytes)  FAILS  ok

                only="1 down" or "1 answer cut":
                    stale=False forbids what is left of 'profile:v3:7:fresh':
                        b'old old old old old old '...b'old old old ' (80 bytes) for ever,
                        and b'new new new new new new '...b'new new new ' (80 bytes) for 60
                          seconds without a fault
                    GET from test_app.py:11 in scenario

                only="2 down":
                    stale=False forbids what is left of 'profile:v3:7:fresh' on
                      localhost:11211:
                        b'old old old old old old '...b'old old old ' (80 bytes) for ever,
                        and b'new new new new new new '...b'new new new ' (80 bytes) for 60
                          seconds without a fault
                    SET from test_app.py:12 in scenario
            """,
        )
        self.assert_swept(
            self.LEFT,
            ", stale=False, only='2 down'",
            """
            SweepError: 1 of 1 round with a fault went wrong:

                                                                              down
                2  SET 'profile:v3:7:fresh' b'new new '...b'new ' (80 bytes)  FAILS

                only="2 down":
                    stale=False forbids what is left of 'profile:v3:7:fresh' on
                      localhost:11211:
                        b'old old old old old old old old old old old old old old old old
                          old old old old ' for ever,
                        and b'new new new new new new new new new new new new new new new
                          new new new new new ' for 60 seconds without a fault
                    SET from test_app.py:12 in scenario
            """,
        )
