"""What explains that a store holds something else, or that nobody asked for what it holds.

SPECIFICATION 31, 33, 34
"""

from __future__ import annotations

from tests.support.reporting import ReportTestCase


class FlagsTest(ReportTestCase):
    """Flags are compared where they are written out."""

    def test_line_that_is_offered_goes_on_asserting_them(self) -> None:
        """Pasted, it passes, and takes no check out of the test."""
        source = """
            store = tripwire.memcache.store()
            with tripwire:
                client.set("k", b"v", flags=9)
                client.set("n", b"w", flags=9)
        """
        wrong = '{"k": tripwire.Item(b"v", flags=0), "n": b"w"}'
        right = "{'k': tripwire.Item(b'v', flags=9), 'n': b'w'}"
        self.assert_report(
            f"{source}    store.assert_items({wrong})",
            f"""
            StoreMismatchError: The store holds something else:

                'k'
                    flags: expected 0
                           but was  9
                    # put there by SET from test_app.py:3 in <module>

            What it holds is:

                store.assert_items({right})
            """,
        )
        self.run_strict(f"{source}    store.assert_items({right})")


class ValuesTest(ReportTestCase):
    """As what a value is compared."""

    def test_what_the_test_put_there_is_bytes(self) -> None:
        """Nobody knows whose serde would read it; a client can be had to write it."""
        self.assert_report(
            """
            store = tripwire.memcache.store({"cart": b'{"tea": 1}', "n": 41})
            store.assert_items({"cart": {"tea": 1}, "n": 42})
            """,
            """
            StoreMismatchError: The store holds something else:

                'cart'
                    value: expected {'tea': 1} (dict)
                           but was  b'{"tea": 1}' (bytes)
                    # store() and put() hold bytes, so it is compared as bytes; to have it written by a serde:
                    # with store.off_the_record(): client.set(...)
                    # put there by store from test_app.py:1 in <module>
                'n'
                    value: expected 42
                           but was  b'41'
                    # store() and put() hold bytes, so it is compared as bytes; to have it written by a serde:
                    # with store.off_the_record(): client.set(...)
                    # put there by store from test_app.py:1 in <module>

            What it holds is:

                store.assert_items({'cart': b'{"tea": 1}', 'n': b'41'})
            """,  # noqa: E501  # lines stay whole
        )

    def test_advice_is_good(self) -> None:
        """What a client stores off the record is compared as its serde reads it."""
        self.run_strict(
            """
            from pymemcache.serde import pickle_serde
            client = Client(("localhost", 11211), serde=pickle_serde)
            store = tripwire.memcache.store()
            with store.off_the_record():
                client.set("cart", {"tea": 1})
            store.assert_items({"cart": {"tea": 1}})
            """
        )

    def test_what_the_code_stored_is_read_by_its_serde(self) -> None:
        """Its bytes are not what it is compared with."""
        self.assert_report(
            """
            from pymemcache.serde import pickle_serde
            store = tripwire.memcache.store()
            with tripwire:
                Client(("localhost", 11211), serde=pickle_serde).set("cart", {"tea": 1})
            store.assert_items({"cart": b"{'tea': 1}"})
            """,
            """
            StoreMismatchError: The store holds something else:

                'cart'
                    value: expected b"{'tea': 1}" (bytes)
                           but was  {'tea': 1} (dict)
                    # what the code stored is compared as its client's serde reads it; bytes where it cannot
                    # put there by SET from test_app.py:4 in <module>

            What it holds is:

                store.assert_items({'cart': {'tea': 1}})
            """,  # noqa: E501  # lines stay whole
        )

    def test_what_cannot_be_put_there(self) -> None:
        """There is another way to have it there."""
        self.assert_report(
            """
            tripwire.memcache.store({"cart": {"tea": 1}})
            """,
            """
            TypeError: a server holds bytes (or str, or int, for their bytes), not dict: give what your serializer makes of it, or have your client store it: `with store.off_the_record(): client.set(...)`
            """,  # noqa: E501  # lines stay whole
        )


class ExpiryTest(ReportTestCase):
    """How long an item is there."""

    def test_expire_that_is_left_out_is_for_ever(self) -> None:
        """That is said where it differs, and not where the test has written it out."""
        self.assert_report(
            """
            store = tripwire.memcache.store()
            with tripwire:
                client.set_many({"a": b"v", "b": b"v", "c": b"v"}, expire=352)
            ANY = unittest.mock.ANY
            store.assert_items({"a": ANY, "b": tripwire.Item(b"v"), "c": tripwire.Item(ANY, 0)})
            """,
            """
            StoreMismatchError: The store holds something else:

                'a'
                    expire: expected 0
                            but was  352
                    # without expire= an item is there for ever: tripwire.Item(..., expire=352)
                    # put there by SET_MANY from test_app.py:3 in <module>
                'b'
                    expire: expected 0
                            but was  352
                    # without expire= an item is there for ever: tripwire.Item(..., expire=352)
                    # put there by SET_MANY from test_app.py:3 in <module>
                'c'
                    expire: expected 0
                            but was  352
                    # put there by SET_MANY from test_app.py:3 in <module>

            What it holds is:

                store.assert_items({
                    'a': tripwire.Item(b'v', expire=352),
                    'b': tripwire.Item(b'v', expire=352),
                    'c': tripwire.Item(b'v', expire=352),
                })
            """,
        )

    def test_clock_that_went_back(self) -> None:
        """The patch that it follows has ended before the assertion."""
        self.assert_report(
            """
            now = [1_000_033.5]
            store = tripwire.memcache.store(clock=lambda: now[0])
            with tripwire:
                client.set("k", b"v", expire=604800)
            now[0] = 1_000_000
            store.assert_items({"k": tripwire.Item(b"v", expire=604800)})
            """,
            """
            StoreMismatchError: The store holds something else:

                'k'
                    expire: expected 604800
                            but was  604833
                    # put there by SET from test_app.py:4 in <module>

            What it holds is:

                store.assert_items({'k': tripwire.Item(b'v', expire=604833)})

            The clock that the store follows has gone back 33 s since it was last used:
            assert while it is patched.
            """,
        )

    def test_clock_that_went_on(self) -> None:
        """It explains nothing."""
        report = self.report(
            """
            now = [1_000_000.5]
            store = tripwire.memcache.store({"k": 1}, clock=lambda: now[0])
            now[0] += 1
            store.assert_items({})
            """
        )
        self.assertNotIn("gone back", report)


class KeysTest(ReportTestCase):
    """Keys are those that the server has."""

    def test_prefix_of_a_client_is_part_of_them(self) -> None:
        """Whether an item of the test lacks it, or an assertion."""
        self.assert_report(
            """
            store = tripwire.memcache.store({"cart:ada": b"1", "cart:bob": b"2"})
            shop = Client(("localhost", 11211), key_prefix="shop:")
            tripwire.memcache.expect("GET", key="cart:bob", returns=b"3")
            tripwire.memcache.expect("STATS", args=("slabs",), returns={})
            with tripwire:
                client.get("cart:bob")
                shop.get("cart:ada")
                shop.get_many(["cart:ada", "cart:eve"])
                client.stats("slabs")
            tripwire.memcache.assert_get("GET", "cart:ada")
            tripwire.memcache.assert_get_many("GET_MANY", ["cart:ada", "cart:eve"])
            """,
            """
            UnusedMocksError: 2 required memcache mocks were not used:

                store({'cart:ada': b'1'})
                    # registered at test_app.py:1 in <module>
                    # GET of 'shop:cart:ada' came from test_app.py:7 in <module>
                    # GET_MANY of 'shop:cart:ada' came from test_app.py:8 in <module>
                    # The client adds its key_prefix, b'shop:', to the keys by itself.
                store({'cart:bob': b'2'})
                    # registered at test_app.py:1 in <module>
                    # GET of that key came from test_app.py:6 in <module>

            Take out what the code does not need, or register it with required=False.
            """,
        )

    def test_assertion_without_the_prefix(self) -> None:
        """What is not there is there with it."""
        self.assert_report(
            """
            store = tripwire.memcache.store()
            with tripwire:
                Client(("localhost", 11211), key_prefix="shop:").set("n", b"x")
            store.assert_items({"n": b"x"})
            """,
            """
            StoreMismatchError: The store holds something else:

                'n' is not there: expected b'x', for ever
                    # The client adds its key_prefix, b'shop:', to the keys by itself.
                'shop:n' was not expected: it holds b'x', for ever
                    # put there by SET from test_app.py:3 in <module>

            What it holds is:

                store.assert_items({'shop:n': b'x'})
            """,
        )

    def test_command_that_the_store_does_not_know_names_none(self) -> None:
        """A mock has answered it."""
        report = self.report(
            """
            tripwire.memcache.store({"k": 1})
            tripwire.memcache.mock_command("RAW_COMMAND", returns=b"OK")
            with tripwire:
                client.stats("slabs")
            tripwire.memcache.assert_command("RAW_COMMAND", command_="lru mode flat")
            """
        )
        self.assertNotIn("came from", report)


class LeftOpenTest(ReportTestCase):
    """What `assert_items` leaves open, it says why."""

    def test_reasons(self) -> None:
        """A key that no server ever held, or none at all; what a mock has answered has none."""
        self.assert_report(
            """
            store = tripwire.memcache.store()
            tripwire.memcache.mock_command("GET", returns=b"v")
            with tripwire:
                client.get("mocked")
                client.get("miss")
                client.set("k", b"v")
                client.get_many(["k", "a", "b", "c", "d", "a"])
                client.flush_all()
            store.assert_items({})
            """,
            """
            UnassertedInteractionsError: 4 of 5 memcache interactions were not asserted. In order, after the sandbox:

                tripwire.memcache.assert_get(command='GET', key='mocked')
                    # sent to localhost:11211 from test_app.py:4 in <module>
                tripwire.memcache.assert_get(command='GET', key='miss')
                    # sent to localhost:11211 from test_app.py:5 in <module>
                    # store.assert_items leaves this open: no server ever held 'miss'
                tripwire.memcache.assert_get_many(command='GET_MANY', keys=['k', 'a', 'b', 'c', 'd', 'a'])
                    # sent to localhost:11211 from test_app.py:7 in <module>
                    # store.assert_items leaves this open: no server ever held 'a', 'b', 'c' and 1 more
                tripwire.memcache.assert_command(command='FLUSH_ALL')
                    # sent to localhost:11211 from test_app.py:8 in <module>
                    # store.assert_items leaves this open: it names no key
            """,  # noqa: E501  # lines to paste stay whole
        )

    def test_what_memcached_has_rejected_stays_open(self) -> None:
        """Though it names a key."""
        self.assert_report(
            """
            store = tripwire.memcache.store()
            with tripwire:
                HashClient(["localhost"], ignore_exc=True).set("k", b"v", flags=-1, noreply=False)
            store.assert_items({})
            """,
            """
            UnassertedInteractionsError: 1 of 1 memcache interaction was not asserted. In order, after the sandbox:

                tripwire.memcache.assert_set(command='SET', key='k', value=b'v', noreply=False, flags=-1)
                    # sent to localhost:11211 from test_app.py:3 in <module>
                    # store.assert_items leaves this open: memcached has rejected it
            """,  # noqa: E501  # lines to paste stay whole
        )


class UnusedItemsTest(ReportTestCase):
    """Items that no command named."""

    def test_who_says_that_they_may_be(self) -> None:
        """The store, for all of them: `put` takes no `required=`."""
        self.assert_report(
            """
            store = tripwire.memcache.store({"a": 1})
            store.put("b", 2, expire=60)
            """,
            """
            UnusedMocksError: 2 required memcache mocks were not used:

                store({'a': 1})
                    # registered at test_app.py:1 in <module>
                store.put('b', Item(2, expire=60))
                    # registered at test_app.py:2 in <module>
                    # store(required=False) says that it may be

            Take out what the code does not need, or register it with required=False
            (store.put does not take it).
            """,
        )


class MeanwhileTest(ReportTestCase):
    """What was to happen meanwhile, and did not."""

    def test_no_such_command(self) -> None:
        """It is told which one it waited for; there is no `required=` to take."""
        self.assert_report(
            """
            def other_worker():
                pass
            tripwire.memcache.store()
            tripwire.memcache.meanwhile("CAS", other_worker)
            """,
            """
            UnusedMocksError: 1 required memcache mock was not used:

                meanwhile('CAS', other_worker)
                    # registered at test_app.py:4 in <module>
                    # no CAS was answered by the store after it was registered

            Take out what the code does not need.
            """,
        )
