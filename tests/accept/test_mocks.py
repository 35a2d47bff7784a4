"""Missing mocks: a call that no mock answers is answered meanwhile, and gets its mock.

SPECIFICATION 46.
"""

from __future__ import annotations

import textwrap
from typing import List

from tests.accept.running import TrialTestCase
from tests.support.versions import needs_raw_command

_CONTEXTLIB = "import contextlib\n\n\n"


class RepliesTest(TrialTestCase):
    """What memcached says that has nothing in it to begin with, and what the client makes of it."""

    def assert_replies(self, calls: str, *replies: str, head: str = "", after: str = "") -> None:
        """The mocks of some calls have these replies, and the test is green with them."""
        block = textwrap.indent(textwrap.dedent(calls).strip(), "    ")
        trial = self.trial(f"with self.sandbox():\n{block}\n{after}", head=head)
        outcome = trial.accept()
        self.assertIn("TRIPWIRE_ACCEPT writes these lines", outcome.failed["test_it"])
        mocks = [line for line in trial.added() if "mock_command(" in line]
        again = trial.run_plainly()
        self.assertTrue(again.green, again.failed)
        met = [line.partition(", returns=")[2].rpartition(", key")[0] for line in mocks]
        self.assertEqual(met, list(replies), mocks)

    def test_miss(self) -> None:
        """`MISS`, whatever the client makes of it."""
        self.assert_replies(
            """
            client.get("k", default=7)
            client.get_many(["a", "b"])
            client.gets("k")
            client.delete("k", noreply=False)
            client.incr("k", 1)
            client.touch("k", noreply=False)
            client.cas("k", b"v", b"1", noreply=False)
            """,
            *["tripwire.MISS"] * 7,
        )

    def test_hit(self) -> None:
        """The value; what was set before is there."""
        self.assert_replies(
            """
            client.set("k", b"1", noreply=False)
            client.add("k", b"2", noreply=False)
            client.append("other", b"2", noreply=False)
            client.get("k")
            client.gets("k")
            client.get_many(["k", "no"])
            client.incr("k", 4)
            """,
            "True",
            "False",
            "False",
            'b"1"',
            '(b"1", b"1")',
            '{"k": b"1"}',
            "5",
        )

    def test_values_of_many(self) -> None:
        """They have no keys of their own, so their mocks name all values."""
        trial = self.trial('with self.sandbox():\n    client.set_many({"k": b"3"})\n')
        self.assert_written(
            trial,
            'self.memcache.mock_command("SET_MANY", returns=[], values={"k": b"3"})',
            'self.memcache.assert_set_many(command="SET_MANY", values={"k": b"3"})',
        )

    def test_value_of_a_serde(self) -> None:
        """As the client gives it."""
        self.assert_replies(
            """
            pickling.set("k", date)
            pickling.get("k")
            """,
            "True",
            "datetime.date(2024, 2, 29)",
            after='self.memcache.assert_set("SET", "k", date)',
            head="import datetime\nfrom pymemcache.serde import pickle_serde\n"
            "pickling = Client(('localhost', 11211), serde=pickle_serde)\n"
            "date = datetime.date(2024, 2, 29)\n\n",
        )

    def test_commands_without_a_key(self) -> None:
        """They have no other field that a mock is told by."""
        trial = self.trial(
            """
            with self.sandbox():
                client.flush_all()
                client.quit()
            """
        )
        self.assert_written(
            trial,
            'self.memcache.mock_command("FLUSH_ALL", returns=True)',
            'self.memcache.mock_command("QUIT", returns=None)',
            'self.memcache.assert_command(command="FLUSH_ALL")',
            'self.memcache.assert_command(command="QUIT")',
        )

    @needs_raw_command
    def test_raw_commands(self) -> None:
        """By what was written by hand."""
        trial = self.trial(
            """
            with self.sandbox():
                client.raw_command("get k", "END\\r\\n")
            """
        )
        self.assert_written(
            trial,
            'self.memcache.mock_command("RAW_COMMAND", returns=b"", command_="get k")',
            "self.memcache.assert_command(",
            'command="RAW_COMMAND", command_="get k", end_tokens="END\\r\\n"',
            ")",
        )


class WrittenTest(TrialTestCase):
    """Before the sandbox, in order."""

    def test_with_assertions_that_stand(self) -> None:
        """Where nothing else is missing; the text has the calls and where they came from."""
        trial = self.trial(
            """
            with self.sandbox():
                load("k")
            self.memcache.assert_get("GET", "k")
            self.memcache.assert_set("SET", "k", b"v", expire=60)
            """
        )
        outcome = self.assert_written(
            trial,
            'self.memcache.mock_command("GET", returns=tripwire.MISS, key="k")',
            'self.memcache.mock_command("SET", returns=True, key="k")',
        )
        text = outcome.failed["test_it"].replace(f"{trial.path.parent}/", "")
        expected = """
            tripwire.errors.UnmockedInteractionError: No mock answered 2 calls; a server did, empty at first. Before the sandbox:

                tripwire.memcache.mock_command('GET', returns=tripwire.MISS, key='k')
                    # sent to localhost:11211 from test_app.py:9 in load
                tripwire.memcache.mock_command('SET', returns=True, key='k')
                    # sent to localhost:11211 from test_app.py:11 in load

            TRIPWIRE_ACCEPT writes these lines when the run is over;
            until then the test fails.

            Before test_app.py:18 in test_it:

                self.memcache.mock_command("GET", returns=tripwire.MISS, key="k")
                self.memcache.mock_command("SET", returns=True, key="k")
            """  # noqa: E501  # it is pinned as it is printed
        self.assertTrue(text.rstrip().endswith(textwrap.dedent(expected).strip()), text)

    def test_beside_mocks_that_stand(self) -> None:
        """Those answer what they are for; and what `expect` asserted is not asserted again."""
        trial = self.trial(
            """
            self.memcache.expect("GET", key="k", returns=tripwire.MISS)
            with self.sandbox():
                load("k")
                load("k")
            """
        )
        self.assert_written(
            trial,
            'self.memcache.mock_command("SET", returns=True, key="k")',
            'self.memcache.mock_command("GET", returns=b"v", key="k")',
            'self.memcache.assert_set(command="SET", key="k", value=b"v", expire=60)',
            'self.memcache.assert_get(command="GET", key="k")',
        )

    def test_store_of_the_test(self) -> None:
        """It answers everything, and what it holds is offered once."""
        trial = self.trial(
            """
            self.memcache.store(required=False)
            with self.sandbox():
                load("k")
            """
        )
        outcome = self.assert_written(
            trial,
            'self.memcache.assert_get(command="GET", key="k")',
            'self.memcache.assert_set(command="SET", key="k", value=b"v", expire=60)',
        )
        text = outcome.failed["test_it"]
        for part in ("Or all of them at once", "store.assert_items"):
            self.assertEqual(text.count(part), 1, text)

    def test_each_pass_has_its_own(self) -> None:
        """What is answered goes on over several sandboxes."""
        trial = self.trial(
            """
            with self.sandbox():
                client.incr("k", 1)
                client.set("k", b"1")
            with self.sandbox():
                client.incr("k", 1)
            """
        )
        outcome = self.assert_written(
            trial,
            'self.memcache.mock_command("INCR", returns=tripwire.MISS, key="k")',
            'self.memcache.mock_command("SET", returns=True, key="k")',
            'self.memcache.assert_incr(command="INCR", key="k", value=1)',
            'self.memcache.assert_set(command="SET", key="k", value=b"1")',
            'self.memcache.mock_command("INCR", returns=2, key="k")',
            'self.memcache.assert_incr(command="INCR", key="k", value=1)',
        )
        self.assertIn("3 of 3 memcache interactions", outcome.failed["test_it"])


class LeftAloneTest(TrialTestCase):
    """Calls that get no mock."""

    def refused(self, *calls: str) -> List[str]:
        """The body of a test with some calls."""
        return ["with self.sandbox():", *(f"    {call}" for call in calls)]

    def test_what_is_different_each_time(self) -> None:
        """STATS and VERSION are violations as ever."""
        for call in ("client.stats()", "client.version()"):
            with self.subTest(call):
                self.assert_refused(call)

    @needs_raw_command
    def test_what_is_different_each_time_by_hand(self) -> None:
        """Under any name."""
        self.assert_refused("client.raw_command('stats')")

    def assert_refused(self, call: str) -> None:
        """Assert that a call is a violation, and gets no line."""
        trial = self.trial("\n".join(self.refused(call)))
        text = trial.accept().failed["test_it"]
        self.assertIn("was called but no mock was registered.", text)
        self.assertEqual((trial.added(), trial.summary), ([], ""))

    @needs_raw_command
    def test_what_memcached_does_not_know(self) -> None:
        """A violation as ever."""
        trial = self.trial("\n".join(self.refused("client.raw_command('hello')")))
        text = trial.accept().failed["test_it"]
        self.assertIn("was called but no mock was registered.", text)
        self.assertNotIn("The store does not know", text)

    def test_a_hundred(self) -> None:
        """The next call is a violation: perhaps it is in a loop that waits for another answer."""
        body = "\n".join(self.refused("while client.get('k') is None:", "    pass"))
        text = self.assert_left_alone(self.trial(body), "it fails in another way, too")
        self.assertIn("    ... and 50 more", text)
        self.assertIn("was called but no mock was registered.", text)
        self.assertIn(
            "\n100 calls of this test had no mock before it, and were answered all the same;\n"
            "no more are. Is it in a loop that waits for another answer?\n",
            text,
        )

    def test_errors(self) -> None:
        """What memcached rejects comes out of the client, so there is no reply."""
        reason = "memcached answered its INCR with an error"
        calls = ["client.set('k', b'text')", "with self.assertRaises(Exception):"]
        body = self.refused(*calls, "    client.incr('k', 1)")
        text = self.assert_left_alone(self.trial("\n".join(body)), reason)
        line = "    tripwire.memcache.mock_command('INCR', returns=..., key='k')\n"
        self.assertIn(line, text)

    def test_reply_without_an_expression(self) -> None:
        """It cannot be written."""
        head = (
            "from pymemcache.serde import pickle_serde\n"
            "pickling = Client(('localhost', 11211), serde=pickle_serde)\n"
            "def nobody():\n    pass\n\n"
        )
        body = self.refused("pickling.set('k', len)", "pickling.get('k')")
        body = [*body, 'self.memcache.assert_set("SET", "k", len)']
        self.assert_left_alone(
            self.trial("\n".join(body), head=head),
            "what its GET returned cannot be written as an expression; register its mock by hand",
        )

    def test_outage_before(self) -> None:
        """A mock comes before an outage: before the sandbox it would answer the call in that."""
        outage = [
            "with self.memcache.outage(), contextlib.suppress(OSError):",
            "    client.get('k')",
        ]
        reason = (
            "the mock of its GET would answer the same GET in an outage before it; register it by "
            "hand, after the outage"
        )
        trial = self.trial("\n".join(self.refused(*outage, "load('k')")), head=_CONTEXTLIB)
        self.assert_left_alone(trial, reason)

    def test_outage_of_another_call(self) -> None:
        """Of another key, of a later call, or in an earlier sandbox: then the mock is not there."""
        outage = [
            "with self.memcache.outage(), contextlib.suppress(OSError):",
            "    client.get('k')",
        ]
        others = {
            "another key": self.refused(*outage, "client.get('j')"),
            "later": self.refused("client.get('j')", *outage),
            "earlier": [*self.refused(*outage), *self.refused("client.get('j')")],
            "earlier, the same": [*self.refused(*outage), *self.refused("client.get('k')")],
        }
        for name, body in others.items():
            key = "k" if name.endswith("same") else "j"
            with self.subTest(name):
                self.assert_written(
                    self.trial("\n".join(body), head=_CONTEXTLIB),
                    f'self.memcache.mock_command("GET", returns=tripwire.MISS, key="{key}")',
                    f'self.memcache.assert_get(command="GET", key="{key}")',
                )

    def test_several_requests_of_a_call(self) -> None:
        """Each is answered; one mock is the reply to all of them."""
        head = (
            "class Careful(Client):\n    def _fetch_cmd(self, *args, **more):\n"
            "        super()._fetch_cmd(*args, **more)\n"
            "        return super()._fetch_cmd(*args, **more)\n\n"
            "careful = Careful(('localhost', 11211))\n\n\n"
        )
        trial = self.trial("with self.sandbox():\n    careful.get('k')\n", head=head)
        self.assert_written(
            trial,
            'self.memcache.mock_command("GET", returns=tripwire.MISS, key="k")',
            'self.memcache.assert_get(command="GET", key="k")',
        )
