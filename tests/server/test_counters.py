"""INCR and DECR."""

from __future__ import annotations

from tests.server.servers import ServerTest

MOST = 2**64 - 1
NOT_NUMERIC = b"CLIENT_ERROR cannot increment or decrement non-numeric value\r\n"
BAD_AMOUNT = b"CLIENT_ERROR invalid numeric delta argument\r\n"


class CountingTest(ServerTest):
    """Numbers as text."""

    def test_numbers_are_what_c_takes_for_one(self) -> None:
        """Spaces and zeros before it, and anything behind it after white space."""
        for value, answer in (
            *((b"5", b"6"), (b" 5", b"6"), (b"5 ", b"6"), (b"007", b"8"), (b"+7", b"8")),
            *((b"5\r\n", b"6"), (b"9 7", b"10"), (b"5\0x", b"6"), (b"\t5\tx", b"6")),
            *((b"0" * 30 + b"7", b"8"), (b"-18446744073709551615", b"2")),
        ):
            with self.subTest(value=value):
                self.store(b"k", value)
                self.answers(b"incr k 1\r\n", answer + b"\r\n")

    def test_anything_else_is_no_number_and_stays(self) -> None:
        """Empty, negative, fractions, exponents, letters, more than 64 bits."""
        many = b"%d" % 2**64
        for value in (b"", b"-1", b"5.0", b"1e3", b"five", b"5x", many, b"9" * 30, b"-" + many):
            with self.subTest(value=value):
                self.store(b"k", value)
                self.answers(b"incr k 1\r\n", NOT_NUMERIC)
                self.answers(b"decr k 1\r\n", NOT_NUMERIC)
                self.holds(b"k", value)

    def test_no_number_is_looked_for_in_what_is_held_in_pieces(self) -> None:
        """From half a mebibyte on, key and overhead included; flags take four bytes more."""
        for flags, longest in ((0, 2**19 - 60), (1, 2**19 - 64)):
            with self.subTest(flags=flags):
                self.store(b"k", b"5 " + b"x" * (longest - 2), flags=flags)
                self.answers(b"incr k 1\r\n", b"6\r\n")
                self.store(b"k", b"5 " + b"x" * (longest - 1), flags=flags)
                self.answers(b"incr k 1\r\n", NOT_NUMERIC)

    def test_amount_is_of_64_bits(self) -> None:
        """Anything else is rejected before the key is looked up."""
        self.store(b"k", b"0")
        self.answers(b"incr k 0\r\n", b"0\r\n")
        self.answers(b"incr k %d\r\n" % MOST, b"%d\r\n" % MOST)
        for amount in (b"-1", b"%d" % 2**64, b"1.5", b"x"):
            for key in (b"k", b"none"):
                with self.subTest(amount=amount, key=key):
                    self.answers(b"incr %b %b\r\n" % (key, amount), BAD_AMOUNT)
                    self.answers(b"decr %b %b\r\n" % (key, amount), BAD_AMOUNT)
                    self.answers(b"incr %b %b noreply\r\n" % (key, amount), b"")

    def test_incr_wraps_and_decr_stops(self) -> None:
        """At 2**64, and at 0."""
        self.store(b"k", b"%d" % MOST)
        self.answers(b"incr k 1\r\n", b"0\r\n")
        self.answers(b"incr k 5\r\n", b"5\r\n")
        self.answers(b"decr k 6\r\n", b"0\r\n")

    def test_stored_length_never_shrinks(self) -> None:
        """Spaces fill it up; what is appended later comes behind them."""
        self.store(b"k", b"10")
        self.answers(b"decr k 1\r\n", b"9\r\n")
        self.holds(b"k", b"9 ")
        self.answers(b"append k 0 0 1\r\n!\r\n", b"STORED\r\n")
        self.holds(b"k", b"9 !")
        self.store(b"k", b"%d" % MOST)
        self.answers(b"incr k 1\r\n", b"0\r\n")
        self.holds(b"k", b"0" + b" " * 19)

    def test_longer_number_makes_the_value_longer(self) -> None:
        """And what stood behind the number is gone."""
        self.store(b"k", b"9 7")
        self.answers(b"incr k 1\r\n", b"10\r\n")
        self.holds(b"k", b"10 ")
        self.answers(b"incr k 9990\r\n", b"10000\r\n")
        self.holds(b"k", b"10000")

    def test_flags_stay_and_the_token_changes(self) -> None:
        """Whether the value gets longer or not."""
        self.store(b"k", b"9", flags=7)
        self.answers(b"incr k 0\r\n", b"9\r\n")
        self.answers(b"gets k\r\n", b"VALUE k 7 1 2\r\n9\r\nEND\r\n")
        self.answers(b"incr k 1\r\n", b"10\r\n")
        self.answers(b"gets k\r\n", b"VALUE k 7 2 3\r\n10\r\nEND\r\n")

    def test_missing_key_is_not_created(self) -> None:
        """NOT_FOUND; with noreply, in silence."""
        self.answers(b"incr k 1\r\ndecr k 1\r\nincr k 1 noreply\r\n", b"NOT_FOUND\r\n" * 2)
        self.holds(b"k", None)
        self.assertEqual(self.server.items.held, set())

    def test_noreply_counts_in_silence(self) -> None:
        """Also where it cannot."""
        self.store(b"k", b"1")
        self.answers(b"incr k 5 noreply\r\ndecr k 2 noreply\r\n", b"")
        self.holds(b"k", b"4")
        self.store(b"k", b"x")
        self.answers(b"incr k 5 noreply\r\n", b"")
