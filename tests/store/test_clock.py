"""The clock of a store stands until the test moves it.

SPECIFICATION 31
"""

from __future__ import annotations

import datetime
import time
from typing import Any
from unittest import mock

from tests.support.cases import CLIENT, ByHandTestCase, ClientTestCase, by_hand, run
from tests.support.reporting import ReportTestCase
from tripwire import Item, TripwireTestCase


class StandingClockTest(ClientTestCase):
    """`store.advance(seconds)`."""

    def test_item_is_there_until_its_time_is_over(self) -> None:
        """To the second."""
        store = self.memcache.store()
        with self.sandbox():
            self.client.set("k", b"v", expire=3600)
            store.advance(3599)
            self.assertEqual(self.client.get("k"), b"v")
            store.advance(1)
            self.assertIsNone(self.client.get("k"))
        store.assert_items({})

    def test_flush_with_a_delay_waits_for_the_clock(self) -> None:
        """As memcached does, to one tick before its end."""
        store = self.memcache.store({"k": b"v"})
        with self.sandbox():
            self.client.flush_all(delay=10)
            store.advance(8)
            self.assertEqual(self.client.get("k"), b"v")
            store.advance(1)
            self.assertIsNone(self.client.get("k"))
        self.memcache.assert_command("FLUSH_ALL", delay=10)
        store.assert_items({})

    def test_clock_begins_at_a_whole_second(self) -> None:
        """So that half a second ends no second, whenever a test begins."""
        with mock.patch("time.time", return_value=1_000_000.9):
            store = self.memcache.store({"k": Item(b"v", expire=1)}, required=False)
        self.assertEqual(store.clock(), 1_000_000)
        store.advance(0.5)
        self.assertIn("k", store)
        store.advance(0.5)
        self.assertNotIn("k", store)

    def test_item_of_the_test_ages_before_anyone_asks_for_it(self) -> None:
        """Its time begins when it is put there."""
        store = self.memcache.store({"k": Item(b"v", expire=60)})
        store.advance(59)
        self.assertEqual(store.items(), {"k": Item(b"v", expire=1)})
        store.advance(1)
        self.assertEqual(store.items(), {})
        with self.sandbox():
            self.assertIsNone(self.client.get("k"))
        store.assert_items({})

    def test_item_may_be_over_from_the_beginning(self) -> None:
        """With a negative expiry; and one with a date lives until then."""
        date = int(time.time()) + 100 * 24 * 3600
        store = self.memcache.store(
            {"over": Item(b"v", expire=-1), "date": Item(b"v", expire=date)}, required=False
        )
        self.assertEqual(list(store), ["date"])
        store.advance(101 * 24 * 3600)
        self.assertEqual(list(store), [])

    def test_only_seconds_move_it(self) -> None:
        """Forward, and by a number."""
        store = self.memcache.store()
        wrong: Any
        for wrong, error, text in (
            (-1, ValueError, "0 seconds or more, not by -1"),
            (float("inf"), ValueError, "not by inf"),
            (float("nan"), ValueError, "not by nan"),
            ("60", TypeError, "a number, not str"),
            (True, TypeError, "a number, not bool"),
            (datetime.timedelta(1), TypeError, r"total_seconds\(\)"),
        ):
            with self.subTest(wrong), self.assertRaisesRegex(error, text):
                store.advance(wrong)

    def test_clocks_of_time_are_not_touched(self) -> None:
        """The store's clock is its own."""
        store = self.memcache.store()
        before = time.time()
        store.advance(1_000_000)
        self.assertLess(time.time(), before + 1_000)


class FollowingClockTest(ByHandTestCase):
    """`store(clock=...)`."""

    def test_any_callable_is_followed(self) -> None:
        """The test moves that."""
        now = [1_000_000.0]
        store = self.memcache.store(clock=lambda: now[0])
        with self.verifier.sandbox():
            self.client.set("k", b"v", expire=60)
            now[0] += 60
            self.assertIsNone(self.client.get("k"))
        store.assert_items({})

    def test_time_is_looked_up_anew(self) -> None:
        """What replaces `time.time` later moves the store, and what stood there first does, too."""
        found = time.time
        with mock.patch("time.time", return_value=found() + 1_000):
            for given in (found, time.time):
                _, memcache = by_hand()
                store = memcache.store({"k": Item(b"v", expire=60)}, clock=given)
                self.assertIn("k", store)
                with mock.patch("time.time", return_value=found() + 2_000):
                    self.assertNotIn("k", store)

    def test_clock_that_is_followed_is_not_moved(self) -> None:
        """`advance` says which one to move."""
        store = self.memcache.store(clock=time.time)
        with self.assertRaisesRegex(ValueError, "follows the clock that it was given"):
            store.advance(1)

    def test_clock_has_to_be_callable(self) -> None:
        """A number is no clock."""
        with self.assertRaisesRegex(TypeError, "clock must be a function"):
            self.memcache.store(clock=5)  # type: ignore[arg-type]  # the claim

    def test_clock_has_to_give_a_number(self) -> None:
        """Told at once: a client with `ignore_exc` would make a miss of it in each call."""
        wrong: Any
        for wrong, name in (
            (datetime.datetime.now, r"its \.timestamp\(\), not datetime"),
            (lambda: None, "since 1970, not NoneType"),
            (lambda: "0", "not str"),
        ):
            with self.assertRaisesRegex(TypeError, f"^clock must give the time as a .*{name}$"):
                self.memcache.store(clock=wrong)
        self.memcache.store(clock=lambda: 7)


class DateTest(ByHandTestCase):
    """An expiry that was written as a date."""

    def test_date_is_compared_within_the_real_time_that_has_passed(self) -> None:
        """The code reads the real clock, and the store's stands."""
        store = self.memcache.store()
        with self.verifier.sandbox(), mock.patch("time.time", return_value=time.time() + 5):
            self.client.set("date", b"v", expire=int(time.time()) + 3600)
            self.client.set("seconds", b"v", expire=3600)
        with mock.patch("time.time", return_value=time.time() + 5):
            store.assert_items({"date": Item(b"v", expire=3600), "seconds": Item(b"v", 3600)})
            for date, seconds in ((3594, 3600), (3620, 3600), (0, 3600), (3600, 3605)):
                with self.subTest(date=date), self.assertRaises(AssertionError):
                    store.assert_items(
                        {"date": Item(b"v", expire=date), "seconds": Item(b"v", seconds)}
                    )
            store.assert_items(
                {"date": Item(b"v", mock.ANY), "seconds": Item(mock.ANY, expire=3600)}
            )

    def test_touch_gives_an_expiry_of_its_own(self) -> None:
        """In seconds again, where the date is forgotten."""
        store = self.memcache.store()
        with self.verifier.sandbox():
            self.client.set("k", b"v", expire=int(time.time()) + 3600)
            self.client.touch("k", 60)
        with mock.patch("time.time", return_value=time.time() + 5):
            self.assertRaises(AssertionError, store.assert_items, {"k": Item(b"v", expire=61)})
            store.assert_items({"k": Item(b"v", expire=60)})


HINT = """\
The clock of the store stands: 'k' was found alive,
although in real time its life was over.
    store.advance(2) moves it; with store(clock=time.time) it follows that."""


class HintTest(ReportTestCase):
    """A test that sleeps is told that the store does not."""

    def test_failure_of_the_test_is_explained(self) -> None:
        """Whatever it is."""

        class Sleeping(TripwireTestCase):
            """Waits for an item to expire."""

            def test_session_ends(self) -> None:
                """It does not."""
                store = self.memcache.store({"k": Item(b"v", expire=2)})
                with mock.patch("time.time", return_value=time.time() + 3):
                    self.assertNotIn("k", store, "it is over")

            def test_session_is_looked_up(self) -> None:
                """The code under test fails itself."""
                store = self.memcache.store({"k": Item(b"v", expire=2)})
                with mock.patch("time.time", return_value=time.time() + 3):
                    self.assertEqual(1 / len([each for each in (store["k"],) if not each]), 0)

        result = run(Sleeping)
        ((_, text),) = result.failures
        self.assertIn(HINT, text)
        self.assertEqual(text.count("stands"), 1)
        # Notes are printed since Python 3.11.
        ((_, text),) = result.errors
        self.assertEqual(HINT in text, hasattr(BaseException, "add_note"))

    def test_call_is_noticed_as_a_look_is(self) -> None:
        """In the report of a verification."""
        text = self.report(
            """
            import time
            memcache = tripwire.memcache
            store = memcache.store()
            with tripwire.sandbox():
                client.set("k", b"v", expire=2)
                later = time.time() + 3
                with unittest.mock.patch("time.time", return_value=later):
                    client.get("k")
            """
        )
        self.assertTrue(text.endswith(HINT), text)

    def test_mismatch_is_explained_by_hand_as_well(self) -> None:
        """Where no test is there to be explained."""
        _verifier, memcache = by_hand()
        store = memcache.store({"k": Item(b"v", expire=2)})
        with mock.patch("time.time", return_value=time.time() + 3):
            self.assertEqual(store.get("k"), b"v")
        with self.assertRaises(AssertionError) as caught:
            store.assert_items({})
        self.assertTrue(str(caught.exception).endswith(HINT), caught.exception)

    def test_item_that_was_advanced_over_needs_no_hint(self) -> None:
        """Nor one that still lives in real time, or for ever."""
        _, memcache = by_hand()
        store = memcache.store({"k": Item(b"v", expire=2), "ever": 1})
        self.assertEqual(store.get("k"), b"v")
        store.advance(3)
        with mock.patch("time.time", return_value=time.time() + 3):
            self.assertIsNone(store.get("k"))
            with store.off_the_record():
                self.assertIsNone(CLIENT.get("k"))
            self.assertEqual(store.get("ever"), b"1")
        self.assertEqual(memcache.hints(), [])
