"""Expectations are met in the order of their registration; the verification judges it.

SPECIFICATION 6.
"""

from __future__ import annotations

import threading
from typing import Any, Callable, List

import tripwire
from tests.support.cases import CLIENT, ByHandTestCase, run
from tests.support.platform import needs_threads
from tests.support.reporting import ReportTestCase
from tripwire import Interaction, NotEnteredError, TripwireTestCase, UnassertedInteractionsError


class OrderCase(ByHandTestCase):
    """A verifier by hand, and expectations of keys."""

    def expect(self, *keys: str, **options: Any) -> None:
        """Expect a GET of each key, in this order."""
        for key in keys:
            self.memcache.expect("GET", returns=b"", key=key, **options)

    def get(self, keys: str) -> None:
        """Get the keys, one after the other."""
        with self.verifier.sandbox():
            for key in keys:
                self.client.get(key)

    def late(self) -> List[Interaction]:
        """What the verification reports as unasserted."""
        try:
            self.verifier.verify_all()
        except UnassertedInteractionsError as error:
            return list(error.unasserted)
        return []

    def late_keys(self) -> str:
        """The keys of it."""
        return "".join(each.fields["key"] for each in self.late())


class OrderTest(OrderCase):
    """What came after something that was registered later is not asserted."""

    def test_order_of_registration(self) -> None:
        """All of them are asserted."""
        self.expect(*"abc")
        self.get("abc")
        self.assertEqual(self.late(), [])

    def test_one_that_came_too_late(self) -> None:
        """Each that did is reported, and the others are not."""
        for calls, late in ("acb", "b"), ("cab", "ab"), ("cba", "ba"), ("bac", "a"):
            with self.subTest(calls):
                self.expect(*"abc")
                self.get(calls)
                found = self.late()
                self.assertEqual("".join(each.fields["key"] for each in found), late)
                self.assertEqual([each.asserted for each in found], [False] * len(found))

    def test_across_commands_and_sandboxes(self) -> None:
        """There is one order."""
        self.memcache.expect("SET", returns=True, key="price", value=b"20")
        self.memcache.expect("DELETE", returns=True, key="lock")
        with self.verifier.sandbox():
            self.client.delete("lock")
        with self.verifier.sandbox():
            self.client.set("price", b"20")
        (late,) = self.late()
        self.assertEqual(late.command, "SET")

    def test_mocks_have_no_place_in_it(self) -> None:
        """They are asserted one by one, in an order of their own."""
        self.expect("a")
        self.memcache.mock_command("GET", returns=b"", key="m")
        self.expect("b")
        self.get("mab")
        self.memcache.assert_get("GET", "m")
        self.assertEqual(self.late(), [])

    def test_several_times(self) -> None:
        """All calls of one expectation come before those of the next."""
        self.expect("a", times=2)
        self.expect("b")
        self.get("aba")
        self.assertEqual(self.late_keys(), "a")

    def test_any_number_of_times(self) -> None:
        """Such an expectation has no place in the order."""
        self.expect("a", times=None)
        self.expect("b", "c")
        self.get("abaca")
        self.assertEqual(self.late(), [])

    def test_optional_one(self) -> None:
        """It need not be met; where it is, its place counts."""
        self.expect("a", required=False)
        self.expect("b")
        self.get("b")
        self.assertEqual(self.late(), [])
        self.get("a")
        self.assertEqual(self.late_keys(), "a")

    def test_exception_is_an_answer(self) -> None:
        """An expected failure has a place, too."""
        self.memcache.expect("GET", raises=ConnectionRefusedError, key="a")
        self.expect("b")
        self.get("b")
        self.assertRaises(ConnectionRefusedError, self.get, "a")
        self.assertEqual(self.late_keys(), "a")

    def test_equal_ones_are_met_in_order_whatever_happens(self) -> None:
        """The oldest answers first."""
        self.expect(*"aaa")
        self.get("aaa")
        self.assertEqual(self.late(), [])


class InAnyOrderTest(OrderCase):
    """`in_any_order()` around the registration, or around the calls."""

    def test_registered_inside(self) -> None:
        """They have no place, and the others keep theirs."""
        self.expect("a")
        with self.memcache.in_any_order():
            self.expect(*"xy")
        self.expect("b")
        self.get("yabx")
        self.assertEqual(self.late(), [])

    def test_met_inside(self) -> None:
        """Only what is met inside of it."""
        self.expect(*"abc")
        with self.verifier.in_any_order():
            self.get("cb")
        self.get("a")
        self.assertEqual(self.late(), [])

    def test_order_counts_outside(self) -> None:
        """Also after a block within a block, and after one that was left by an exception."""
        with self.memcache.in_any_order(), self.memcache.in_any_order():
            pass
        with self.assertRaises(ZeroDivisionError), self.memcache.in_any_order():
            raise ZeroDivisionError
        self.expect(*"ab")
        self.get("ba")
        self.assertEqual(self.late_keys(), "a")

    def test_never_entered(self) -> None:
        """It is said at the next assertion of any kind, or at the end; each is said once."""
        store = self.memcache.store()
        assertions: List[Callable[[], object]] = [
            self.memcache.assert_no_calls,
            self.memcache.assert_calls,
            self.verifier.verify_all,
            lambda: store.assert_items({}),
        ]
        for assertion in assertions:
            self.memcache.in_any_order()
            self.verifier.in_any_order()
            self.assertRaises(NotEnteredError, assertion)
            assertion()

    def test_never_entered_and_something_found(self) -> None:
        """What was found is the cause of the error; it is not lost."""
        self.expect("a")
        self.memcache.in_any_order()
        with self.assertRaises(NotEnteredError) as caught:
            self.verifier.verify_all()
        self.assertIsInstance(caught.exception.__cause__, tripwire.UnusedMocksError)

    def test_failed_test_has_other_worries(self) -> None:
        """What it has not come to is a consequence."""

        class ShopTest(TripwireTestCase):
            """Fails."""

            def test(self) -> None:
                """Fail before the block is entered, and between two calls."""
                self.memcache.in_any_order()
                self.memcache.expect("GET", returns=b"", key="a")
                self.memcache.expect("GET", returns=b"", key="b")
                with self.sandbox():
                    CLIENT.get("b")
                    CLIENT.get("a")
                self.fail("for another reason")

        result = run(ShopTest)
        self.assertEqual((len(result.failures), result.errors), (1, []))
        self.assertIn("for another reason", result.failures[0][1])


class ThreadsTest(ReportTestCase):
    """Calls of several threads."""

    def test_threads_are_told(self) -> None:
        """Their order may change, so the report says what to do."""
        self.assert_report(
            """
            import threading
            tripwire.memcache.expect("GET", returns=b"", key="a")
            tripwire.memcache.expect("GET", returns=b"", key="b")
            with tripwire:
                client.get("b")
                worker = threading.Thread(target=lambda: client.get("a"))
                worker.start()
                worker.join()
            """,
            """
            UnassertedInteractionsError: 1 expected call came too late, and was not asserted:

                expect('GET', returns=b'', key='a')
                    # registered at test_app.py:2 in <module>
                    # answered the call at test_app.py:6 in <lambda>
                    # after another had answered that was registered later:
                expect('GET', returns=b'', key='b')
                    # registered at test_app.py:3 in <module>
                    # answered the call at test_app.py:5 in <module>

            Expectations are met in the order in which they are registered. Where that does not
            matter, register them in `with tripwire.memcache.in_any_order():`.

            Several threads sent them, so their order may change from run to run.
            """,
        )

    def test_both_kinds_of_unasserted_interactions(self) -> None:
        """One that nobody asserted, and one that came too late: one error, and both are in it."""
        with self.assertRaises(UnassertedInteractionsError) as caught:
            self.run_strict(
                """
                tripwire.memcache.expect("GET", returns=b"", key="a")
                tripwire.memcache.expect("GET", returns=b"", key="b")
                tripwire.memcache.mock_command("GET", returns=b"", key="m")
                with tripwire:
                    for key in "bma":
                        client.get(key)
                """
            )
        keys = [each.fields["key"] for each in caught.exception.unasserted]
        self.assertEqual(keys, ["m", "a"])
        self.assertIn("1 of 3 memcache interactions was not asserted.", str(caught.exception))


class PartsTest(OrderCase):
    """Subtests, rounds, and more than one verification."""

    def test_what_was_reported_is_not_reported_again(self) -> None:
        """And the order goes on where it was."""
        self.expect(*"abcd")
        self.get("ba")
        self.assertEqual(self.late_keys(), "a")
        self.assertEqual(self.late(), [])
        self.get("dc")
        self.assertEqual(self.late_keys(), "c")

    def test_failed_subtest_takes_its_calls_with_it(self) -> None:
        """What it left behind does not make others late, whether it was verified or not."""
        for verified in (False, True):
            with self.subTest(verified=verified):

                class ShopTest(TripwireTestCase):
                    """Has a subtest that fails."""

                    def get(self, keys: str) -> None:
                        """Get the keys."""
                        with self.sandbox():
                            for key in keys:
                                CLIENT.get(key)

                    def test(self, verified: bool = verified) -> None:
                        """Meet the second and the first one in two subtests, then the third."""
                        for key in "abc":
                            self.memcache.expect("GET", returns=b"", key=key)
                        with self.subTest("fails"):
                            self.get("b")
                            if verified:
                                self.verifier.verify_all()
                            self.assertEqual(1, 2)
                        with self.subTest("passes"):
                            self.get("a")
                        self.get("c")

                result = run(ShopTest)
                self.assertEqual(len(result.failures), 1)
                self.assertEqual(result.errors, [])

    def test_late_call_of_a_failed_subtest(self) -> None:
        """It is a consequence."""

        class ShopTest(TripwireTestCase):
            """Has a subtest that fails."""

            def test(self) -> None:
                """Meet two in the wrong order, and fail."""
                for key in "ab":
                    self.memcache.expect("GET", returns=b"", key=key)
                with self.subTest("fails"):
                    with self.sandbox():
                        CLIENT.get("b")
                        CLIENT.get("a")
                    self.fail("on purpose")

        result = run(ShopTest)
        self.assertEqual(len(result.failures), 1)
        self.assertIn("on purpose", result.failures[0][1])

    def test_round_has_an_order_of_its_own(self) -> None:
        """What is met in it makes nothing late outside, and the other way round."""
        self.expect(*"ab")
        self.get("a")
        with self.verifier.round():
            self.expect(*"xy")
            self.get("yx")
            self.assertEqual(self.late_keys(), "x")
        self.get("b")
        self.assertEqual(self.late(), [])

    @needs_threads
    def test_threads_that_record_meanwhile(self) -> None:
        """All calls are judged, none twice."""
        self.expect(*["a"] * 200)
        with self.verifier.sandbox():
            threads = [threading.Thread(target=self._get_many) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.assertEqual(len(self.verifier.interactions), 200)
        self.assertTrue(all(each.asserted for each in self.verifier.interactions))

    def _get_many(self) -> None:
        for _ in range(50):
            CLIENT.get("a")
