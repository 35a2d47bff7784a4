"""What is read when an assertion met another interaction, or none."""

from __future__ import annotations

from tests.support.reporting import ReportTestCase


class NextInteractionTest(ReportTestCase):
    """The next interaction, what differs from the assertion, and what else is open."""

    def test_only_the_fields_that_differ_are_shown(self) -> None:
        """The key was right, so nothing is said of it."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("SET", returns=True)
            tripwire.memcache.mock_command("GET", returns=b"1")
            tripwire.memcache.mock_command("DELETE", returns=True)
            with tripwire:
                client.set("session:abc", b"user:42", expire=3600)
                client.get("session:abc")
                client.delete("session:old")
            tripwire.memcache.assert_set("SET", "session:abc", b"user:42", server=("a", 1))
            """,
            """
            InteractionMismatchError: The next interaction is not this SET:

                tripwire.memcache.assert_set(command='SET', key='session:abc', value=b'user:42', expire=3600)
                    # sent to localhost:11211 from test_app.py:5 in <module>

            It differs in:

                expire: expected 0
                        but was  3600
                server: expected ('a', 1)
                        but was  ('localhost', 11211)

            Open as well, in order:

                tripwire.memcache.assert_get(command='GET', key='session:abc')
                    # sent to localhost:11211 from test_app.py:6 in <module>
                tripwire.memcache.assert_delete(command='DELETE', key='session:old')
                    # sent to localhost:11211 from test_app.py:7 in <module>
            """,  # noqa: E501  # lines to paste stay whole
        )

    def test_another_command(self) -> None:
        """The command comes first; of the fields, those that the other has too."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("GET", returns=b"1")
            with tripwire:
                client.get("a")
            tripwire.memcache.assert_set("SET", "b", b"")
            """,
            """
            InteractionMismatchError: The next interaction is not this SET:

                tripwire.memcache.assert_get(command='GET', key='a')
                    # sent to localhost:11211 from test_app.py:3 in <module>

            It differs in:

                command: expected 'SET'
                         but was  'GET'
                key: expected 'b'
                     but was  'a'
            """,
        )

    def test_value_that_cannot_be_pasted(self) -> None:
        """The hint for `ANY` closes the report."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("CAS", returns=True)
            with tripwire:
                Client(("a", 1), serializer=lambda key, value: (b"42", 1)).cas("k", float("nan"), 7)
            tripwire.memcache.assert_cas("CAS", "k", 1, 7)
            """,
            """
            InteractionMismatchError: The next interaction is not this CAS:

                tripwire.memcache.assert_cas(command='CAS', key='k', value=unittest.mock.ANY, cas=7)
                    # value: nan
                    # sent to a:1 from test_app.py:3 in <module>

            It differs in:

                value: expected 1
                       but was  nan

            unittest.mock.ANY stands for what cannot be pasted: import unittest.mock
            """,
        )

    def test_nothing_was_sent(self) -> None:
        """What the client rejected is told, since the code under test may have hidden it."""
        self.assert_report(
            """
            with tripwire:
                client.get_many([])
                try:
                    client.get("a key")
                except Exception:
                    pass
            tripwire.memcache.assert_get("GET", "a key")
            """,
            """
            InteractionMismatchError: No GET is left to assert: nothing was sent.
                # a call of GET was rejected before it was sent:
                #     MemcacheIllegalInputError: Key contains whitespace: b'a key'
            """,
        )

    def test_all_are_asserted_already(self) -> None:
        """One assertion too many."""
        self.assert_report(
            """
            tripwire.memcache.expect("GET", returns=b"", key="k", times=2)
            with tripwire:
                client.get("k")
                client.get("k")
            tripwire.memcache.assert_get("GET", "k")
            """,
            """
            InteractionMismatchError: No GET is left to assert: all 2 are asserted already.
            """,
        )

    def test_verified_already(self) -> None:
        """It was reported, and is not asserted by that; nor is what a failed subTest sent."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("GET", returns=b"", times=2)
            with tripwire:
                client.get("a")
                client.get("b")
            tripwire.memcache.assert_get("GET", "a")
            try:
                tripwire.current_verifier().verify_all()
            except tripwire.UnassertedInteractionsError:
                pass
            tripwire.memcache.assert_get("GET", "b")
            """,
            """
            InteractionMismatchError: No GET is left to assert: 1 of 2 was not asserted in time;
            the test was verified before this, or a subTest that sent something has failed.
            """,
        )

    def test_rejected_call_is_cut_at_a_hundred_characters(self) -> None:
        """What it was rejected with may hold a whole value."""
        for length, said in ((88, "x" * 88), (89, "x" * 85 + "...")):
            with self.subTest(length=length):
                report = self.report(
                    f"""
                    def serializer(key, value):
                        raise ValueError("x" * {length})

                    with tripwire:
                        try:
                            Client(("a", 1), serializer=serializer).set("k", 1)
                        except ValueError:
                            pass
                    tripwire.memcache.assert_set("SET", "k", 1)
                    """
                )
                self.assertTrue(report.endswith(f"ValueError: {said}"), report)

    def test_other_open_ones_are_limited(self) -> None:
        """Ten are enough to see where one is."""
        for number, rest in (
            (10_000, "\n    ... and 9989 more"),
            (12, "\n    ... and 1 more"),
            (11, ""),
        ):
            with self.subTest(number=number):
                report = self.report(
                    f"""
                    tripwire.memcache.mock_command("GET", returns=b"", times=None)
                    with tripwire:
                        for number in range({number}):
                            client.get(str(number))
                    tripwire.memcache.assert_get("GET", "1")
                    """
                )
                self.assertEqual(report.count("assert_get"), 11)
                self.assertEqual("".join(report.partition("\n    ... ")[1:]), rest)


class AnyOrderTest(ReportTestCase):
    """In any order, the open interaction is shown that differs in the least."""

    def test_nearest_is_shown(self) -> None:
        """One field of the second interaction differs, and three of the first."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("SET", returns=True, times=2)
            with tripwire:
                client.set("a", b"1", 60)
                client.set("b", b"2")
            with tripwire.memcache.in_any_order():
                tripwire.memcache.assert_set("SET", "b", b"3")
            """,
            """
            InteractionMismatchError: No open interaction is this SET. The nearest:

                tripwire.memcache.assert_set(command='SET', key='b', value=b'2')
                    # sent to localhost:11211 from test_app.py:4 in <module>

            It differs in:

                value: expected b'3'
                       but was  b'2'

            Open as well, in order:

                tripwire.memcache.assert_set(command='SET', key='a', value=b'1', expire=60)
                    # sent to localhost:11211 from test_app.py:3 in <module>
            """,
        )

    def test_nearest_is_sought_among_a_thousand(self) -> None:
        """Nobody reads more, and a report is not to take long."""
        for before, nearest in ((999, "set"), (1000, "get")):
            with self.subTest(before=before):
                report = self.report(
                    f"""
                    tripwire.memcache.mock_command("GET", returns=b"", times=None)
                    tripwire.memcache.mock_command("SET", returns=True)
                    with tripwire:
                        for number in range({before}):
                            client.get("other")
                        client.set("k", b"1")
                    with tripwire.memcache.in_any_order():
                        tripwire.memcache.assert_set("SET", "k", b"2")
                    """
                )
                self.assertIn(f"The nearest:\n\n    tripwire.memcache.assert_{nearest}(", report)
