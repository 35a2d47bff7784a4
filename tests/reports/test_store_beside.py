"""What a report says beside what differs: imports, and other servers.

SPECIFICATION 34
"""

from __future__ import annotations

from tests.support.reporting import ReportTestCase


class ImportsTest(ReportTestCase):
    """What the line that is offered needs."""

    def test_modules_that_the_line_names(self) -> None:
        """`unittest.mock`, too, where a value cannot be pasted."""
        self.assert_report(
            """
            import collections
            from pymemcache import serde
            store = tripwire.memcache.store()
            with tripwire:
                client = Client("localhost", serde=serde.pickle_serde)
                client.set_many({"o": object, "n": collections.Counter("aab")})
            store.assert_items({})
            """,
            """
            StoreMismatchError: The store holds something else:

                'o' was not expected: it holds <class 'object'>, for ever
                    # put there by SET_MANY from test_app.py:6 in <module>
                'n' was not expected: it holds Counter({'a': 2, 'b': 1}), for ever
                    # put there by SET_MANY from test_app.py:6 in <module>

            What it holds is:

                store.assert_items({'o': unittest.mock.ANY, 'n': collections.Counter({'a': 2, 'b': 1})})

            unittest.mock.ANY stands for what cannot be pasted: import unittest.mock

            The lines need: import collections
            """,  # noqa: E501  # lines to paste stay whole
        )


class GoneTest(ReportTestCase):
    """Why an item is not there."""

    def test_what_was_taken_away_did_not_run_out(self) -> None:
        """Though its time is over by now; a TOUCH may have ended that at once."""
        self.assert_report(
            """
            store = tripwire.memcache.store()
            with tripwire:
                client.set("deleted", b"1", expire=60)
                client.delete("deleted")
                client.set("touched", b"1", expire=60)
                client.touch("touched", -1)
                client.set("evicted", b"1", expire=60)
            store.remove("evicted")
            store.advance(100)
            store.assert_items(dict.fromkeys(["deleted", "touched", "evicted"], b"1"))
            """,
            """
            StoreMismatchError: The store holds something else:

                'deleted' is not there: expected b'1', for ever
                    # put there by SET from test_app.py:3 in <module>
                    # then DELETE from test_app.py:4 in <module>
                'touched' is not there: expected b'1', for ever
                    # put there by SET from test_app.py:5 in <module>
                    # then TOUCH from test_app.py:6 in <module>
                    # its time was over at once
                'evicted' is not there: expected b'1', for ever
                    # put there by SET from test_app.py:7 in <module>
                    # then store.remove from test_app.py:8 in <module>

            What it holds is:

                store.assert_items({})
            """,
        )


class ServersTest(ReportTestCase):
    """What is not on one server may be on another."""

    def test_item_that_another_server_holds(self) -> None:
        """Or that waits for the first one that is asked: it is not gone."""
        self.assert_report(
            """
            store = tripwire.memcache.store({"waits": b"1"})
            store.put("k", b"v", server=("north", 11211))
            store.put("n", b"w", server=("south", 11211))
            store.remove("n")
            store.assert_items({"k": b"v", "waits": b"1", "n": b"w"}, server="south")
            """,
            """
            StoreMismatchError: The store holds something else:

                'k' is not there: expected b'v', for ever
                    # north:11211 holds it
                'waits' is not there: expected b'1', for ever
                    # it waits for the first server that is asked for it
                'n' is not there: expected b'w', for ever
                    # put there by store.put from test_app.py:3 in <module>
                    # then store.remove from test_app.py:4 in <module>

            What it holds is:

                store.assert_items({}, server=('south', 11211))
            """,
        )

    def test_servers_of_which_nothing_is_open(self) -> None:
        """They are left out of the lines, and a look makes none of an address."""
        self.assert_report(
            """
            store = tripwire.memcache.store()
            with tripwire:
                for server in ("north", "south"):
                    Client(server).set("k", server)
            store.assert_items({"k": b"south"}, server="south")
            store.items(server="elsewhere")
            """,
            """
            UnassertedInteractionsError: 1 of 2 memcache interactions was not asserted. In order, after the sandbox:

                tripwire.memcache.assert_set(command='SET', key='k', value='north', server=('north', 11211))
                    # sent to north:11211 from test_app.py:4 in <module>

            Or all of them at once, by what the store holds:

                store.assert_items({'k': b'north'}, server=('north', 11211))
            """,  # noqa: E501  # lines to paste stay whole
        )


class FlushedTest(ReportTestCase):
    """A FLUSH_ALL that acts later than it is sent."""

    def test_item_that_it_took(self) -> None:
        """Also one that was stored in between, which surprises most people."""
        self.assert_report(
            """
            store = tripwire.memcache.store()
            with tripwire:
                client.flush_all(delay=10)
                client.set("k", b"v")
                store.advance(9)
            store.assert_items({"k": b"v"})
            """,
            """
            StoreMismatchError: The store holds something else:

                'k' is not there: expected b'v', for ever
                    # put there by SET from test_app.py:4 in <module>
                    # a FLUSH_ALL with a delay took it, and what was stored until it acted

            What it holds is:

                store.assert_items({})
            """,
        )


class TooLargeTest(ReportTestCase):
    """What memcached did not take, which a client that says noreply is not told."""

    def test_item_that_was_never_there(self) -> None:
        """It says why, since no call has put anything there."""
        self.assert_report(
            """
            store = tripwire.memcache.store()
            with tripwire:
                client.set("big", b"x" * 2**20)
                client.get("k")
            store.assert_items({"big": b"x", "k": b"v"})
            """,
            """
            StoreMismatchError: The store holds something else:

                'big' is not there: expected b'x', for ever
                    # what was to be put there was too large, and refused
                'k' is not there: expected b'v', for ever

            What it holds is:

                store.assert_items({})
            """,
        )
