"""How long an item lives."""

from __future__ import annotations

from tests.server.servers import ServerTest

THIRTY_DAYS = 2592000


class ExpiryTest(ServerTest):
    """Seconds, dates, and numbers that are neither."""

    def test_item_is_gone_after_its_seconds(self) -> None:
        """One that is stored at the beginning of a second lives for all of them."""
        self.now = 1000.0
        self.store(b"k", b"v", 10)
        self.advance(9.99)
        self.holds(b"k", b"v")
        self.advance(0.01)
        self.holds(b"k", None)

    def test_server_counts_whole_seconds(self) -> None:
        """One that is stored late in a second, for one second, lives for less than that."""
        self.now = 1000.9
        self.store(b"k", b"v", 1)
        self.holds(b"k", b"v")
        self.advance(0.1)
        self.holds(b"k", None)

    def test_thirty_days_are_seconds_and_more_is_a_date(self) -> None:
        """One second more is a date in January 1970, and long over; it is STORED all the same."""
        self.store(b"k", b"v", THIRTY_DAYS)
        self.holds(b"k", b"v")
        self.store(b"k", b"v", THIRTY_DAYS + 1)
        self.holds(b"k", None)

    def test_date_is_a_time_of_the_server(self) -> None:
        """At exactly its date the item is gone."""
        self.now = 1800000000.5
        self.advance(0)
        self.store(b"k", b"v", 1800000002)
        self.advance(1)
        self.holds(b"k", b"v")
        self.advance(0.5)
        self.holds(b"k", None)

    def test_date_that_is_over(self) -> None:
        """STORED, and gone."""
        self.store(b"k", b"v", int(self.now) - 30)
        self.holds(b"k", None)
        self.store(b"k", b"v", int(self.now) + 30)
        self.holds(b"k", b"v")

    def test_negative_is_gone_and_so_is_the_old_value(self) -> None:
        """STORED; ADD then finds nothing."""
        self.store(b"k", b"old")
        self.store(b"k", b"new", -1)
        self.holds(b"k", None)
        self.answers(b"add k 0 0 3\r\nown\r\n", b"STORED\r\n")
        self.holds(b"k", b"own")

    def test_number_is_cut_to_32_bits(self) -> None:
        """Beyond 2**31 it is negative, at 2**32 it is 0 again: never."""
        for exptime, value in ((2**31 - 1, b"v"), (2**31, None), (2**32, b"v"), (2**33, b"v")):
            with self.subTest(exptime=exptime):
                self.store(b"k", b"v", exptime)
                self.holds(b"k", value)
        for exptime, value in ((-(2**31), None), (-(2**32), b"v"), (-(2**63), b"v")):
            with self.subTest(exptime=exptime):
                self.store(b"k", b"v", exptime)
                self.holds(b"k", value)

    def test_number_beyond_64_bits_is_an_error(self) -> None:
        """2**63 is; the data is then read as a command."""
        bad = b"CLIENT_ERROR bad command line format\r\nERROR\r\n"
        self.answers(b"set k 0 %d 1\r\nv\r\n" % 2**63, bad)
        self.answers(b"set k 0 %d 1\r\nv\r\n" % (-(2**63) - 1), bad)

    def test_fraction_is_an_error(self) -> None:
        """Two of them: the data is read as a command."""
        bad = b"CLIENT_ERROR bad command line format\r\nERROR\r\n"
        self.answers(b"set k 0 1.5 1\r\nv\r\n", bad)

    def test_touch_gives_another_expiry(self) -> None:
        """From now on, not from when it was stored."""
        self.now = 1000.0
        self.store(b"k", b"v", 10)
        self.answers(b"touch none 10\r\n", b"NOT_FOUND\r\n")
        self.answers(b"touch k 20\r\n", b"TOUCHED\r\n")
        self.advance(19)
        self.holds(b"k", b"v")
        self.answers(b"touch k 20\r\n", b"TOUCHED\r\n")
        self.advance(19)
        self.holds(b"k", b"v")
        self.advance(1)
        self.holds(b"k", None)

    def test_touch_with_0_is_for_ever(self) -> None:
        """As a SET with 0."""
        self.store(b"k", b"v", 10)
        self.answers(b"touch k 0\r\n", b"TOUCHED\r\n")
        self.advance(10**9)
        self.holds(b"k", b"v")

    def test_touch_with_a_negative_time_removes(self) -> None:
        """TOUCHED, and gone."""
        self.store(b"k", b"v")
        self.answers(b"touch k -1\r\n", b"TOUCHED\r\n")
        self.holds(b"k", None)

    def test_gat_gives_the_value_and_another_expiry(self) -> None:
        """The value comes even where the new expiry is over."""
        self.store(b"k", b"v", 10, flags=3)
        self.answers(b"gat 20 k none\r\n", b"VALUE k 3 1\r\nv\r\nEND\r\n")
        self.answers(b"gats 20 k none\r\n", b"VALUE k 3 1 1\r\nv\r\nEND\r\n")
        self.answers(b"gat -1 k\r\n", b"VALUE k 3 1\r\nv\r\nEND\r\n")
        self.answers(b"gat 20 k\r\n", b"END\r\n")

    def test_cas_of_an_item_that_has_just_expired_finds_none(self) -> None:
        """NOT_FOUND, not EXISTS."""
        self.store(b"k", b"v", 5)
        self.advance(5)
        self.answers(b"cas k 0 0 1 1\r\nw\r\n", b"NOT_FOUND\r\n")

    def test_appending_keeps_the_expiry(self) -> None:
        """And counting, too."""
        self.now = 1000.0
        self.store(b"k", b"1", 10)
        self.answers(b"append k 9 0 1\r\n0\r\n", b"STORED\r\n")
        self.answers(b"incr k 90\r\n", b"100\r\n")
        self.advance(9)
        self.holds(b"k", b"100")
        self.advance(1)
        self.holds(b"k", None)


class FlushTest(ServerTest):
    """FLUSH_ALL, now and later."""

    def test_flush_acts_at_once(self) -> None:
        """With no delay, with 0, with a negative one; a SET in the same second survives."""
        for line in (b"flush_all\r\n", b"flush_all 0\r\n", b"flush_all -5\r\n"):
            with self.subTest(line=line):
                self.store(b"k", b"v")
                self.answers(line, b"OK\r\n")
                self.holds(b"k", None)
                self.store(b"k", b"v")
                self.holds(b"k", b"v")

    def test_delayed_flush_takes_what_is_stored_meanwhile(self) -> None:
        """It acts one second early, and what is stored in that second is lost, too."""
        self.now = 1000.5
        self.store(b"early", b"v")
        self.answers(b"flush_all 3\r\n", b"OK\r\n")
        self.advance(1)
        self.store(b"late", b"v")
        self.holds(b"early", b"v")
        self.advance(0.5)
        self.holds(b"early", None)
        self.holds(b"late", None)
        self.store(b"swallowed", b"v")
        self.holds(b"swallowed", None)
        self.advance(0.99)
        self.store(b"swallowed", b"v")
        self.advance(0.01)
        self.holds(b"swallowed", None)
        self.store(b"k", b"v")
        self.advance(10)
        self.holds(b"k", b"v")

    def test_delayed_flush_that_nobody_looked_at(self) -> None:
        """What is stored long after it is not taken by it."""
        self.store(b"k", b"v")
        self.answers(b"flush_all 3\r\n", b"OK\r\n")
        self.advance(100)
        self.store(b"new", b"v")
        self.holds(b"new", b"v")
        self.holds(b"k", None)

    def test_flush_in_one_second_acts_at_once(self) -> None:
        """And swallows what is stored until the next second."""
        self.now = 1000.0
        self.store(b"k", b"v")
        self.answers(b"flush_all 1\r\n", b"OK\r\n")
        self.holds(b"k", None)
        self.advance(0.9)
        self.store(b"k", b"v")
        self.holds(b"k", None)
        self.advance(0.1)
        self.store(b"k", b"v")
        self.holds(b"k", b"v")

    def test_later_delay_replaces_the_one_that_waits(self) -> None:
        """0 flushes now, and the one that waited is forgotten."""
        self.answers(b"flush_all 3\r\n", b"OK\r\n")
        self.answers(b"flush_all 0\r\n", b"OK\r\n")
        self.store(b"k", b"v")
        self.answers(b"flush_all 50\r\n", b"OK\r\n")
        self.answers(b"flush_all 100\r\n", b"OK\r\n")
        self.advance(60)
        self.holds(b"k", b"v")
        self.advance(40)
        self.holds(b"k", None)

    def test_delay_may_be_a_date(self) -> None:
        """One of long ago comes to nothing, one of just now acts at once."""
        self.store(b"k", b"v")
        self.answers(b"flush_all 2592001\r\n", b"OK\r\n")
        self.holds(b"k", b"v")
        self.answers(b"flush_all %d\r\n" % (self.now - 10), b"OK\r\n")
        self.holds(b"k", None)
        self.store(b"k", b"v")
        self.answers(b"flush_all %d\r\n" % (self.now + 10), b"OK\r\n")
        self.holds(b"k", b"v")
        self.advance(10)
        self.holds(b"k", None)

    def test_delay_must_be_a_number(self) -> None:
        """Letters are an error, and `noreply` silences it, whatever is meant."""
        self.store(b"k", b"v")
        self.answers(b"flush_all soon\r\n", b"CLIENT_ERROR invalid exptime argument\r\n")
        self.answers(b"flush_all soon noreply\r\n", b"")
        self.holds(b"k", b"v")
        self.answers(b"flush_all 0 noreply\r\n", b"")
        self.holds(b"k", None)
        self.answers(b"flush_all noreply\r\n", b"")
        self.answers(b"flush_all 0 0 0\r\n", b"ERROR\r\n")

    def test_flush_that_acts_uses_up_a_token(self) -> None:
        """One that waits does not."""
        self.store(b"k", b"v")
        self.answers(b"flush_all\r\nflush_all 100\r\n", b"OK\r\nOK\r\n")
        self.store(b"k", b"v")
        self.answers(b"gets k\r\n", b"VALUE k 0 1 3\r\nv\r\nEND\r\n")
