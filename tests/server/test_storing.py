"""SET and its relatives: when they store, what they keep, what they refuse."""

from __future__ import annotations

from tests.server.servers import ServerTest

LARGEST = 1048517
"""Bytes of key and value together, with flags 0."""

TOO_LARGE = b"SERVER_ERROR object too large for cache\r\n"
BAD_LINE = b"CLIENT_ERROR bad command line format\r\n"


def store(verb: bytes, key: bytes, value: bytes, flags: int = 0, rest: bytes = b"") -> bytes:
    """Return the request that stores a value."""
    return b"%b %b %d 0 %d%b\r\n%b\r\n" % (verb, key, flags, len(value), rest, value)


class StoringTest(ServerTest):
    """When a value is stored."""

    def test_set_stores_always_add_and_replace_where_they_may(self) -> None:
        """ADD where there is nothing, REPLACE where there is something."""
        self.answers(store(b"replace", b"k", b"1"), b"NOT_STORED\r\n")
        self.answers(store(b"add", b"k", b"2", 5), b"STORED\r\n")
        self.answers(store(b"add", b"k", b"3"), b"NOT_STORED\r\n")
        self.holds(b"k", b"2", 5)
        self.answers(store(b"replace", b"k", b"4"), b"STORED\r\n")
        self.answers(store(b"set", b"k", b"5", 6), b"STORED\r\n")
        self.holds(b"k", b"5", 6)

    def test_append_and_prepend_keep_flags_and_take_a_new_token(self) -> None:
        """Those of the request are ignored; nothing is created."""
        self.answers(store(b"append", b"k", b"x"), b"NOT_STORED\r\n")
        self.answers(store(b"prepend", b"k", b"x"), b"NOT_STORED\r\n")
        self.store(b"k", b"b", flags=5)
        self.answers(store(b"append", b"k", b"c", 9), b"STORED\r\n")
        self.answers(store(b"prepend", b"k", b"a", 9), b"STORED\r\n")
        self.answers(b"gets k\r\n", b"VALUE k 5 3 3\r\nabc\r\nEND\r\n")

    def test_cas_stores_with_the_token_of_the_item_alone(self) -> None:
        """EXISTS for any other, 0 as well; NOT_FOUND where there is nothing."""
        self.answers(store(b"cas", b"k", b"x", rest=b" 1"), b"NOT_FOUND\r\n")
        self.store(b"k", b"1")
        for token in (0, 2**64 - 1):
            self.answers(store(b"cas", b"k", b"x", rest=b" %d" % token), b"EXISTS\r\n")
        # From here on the tokens of the real one are others.
        self.real = None
        self.answers(store(b"cas", b"k", b"2", rest=b" 2"), b"EXISTS\r\n")
        self.answers(store(b"cas", b"k", b"2", rest=b" 1"), b"STORED\r\n")
        self.answers(b"gets k\r\n", b"VALUE k 0 1 2\r\n2\r\nEND\r\n")

    def test_cas_token_is_a_number_of_64_bits(self) -> None:
        """Anything else is an error, and the data is read as a command."""
        for token in (b"-1", b"%d" % 2**64, b"x"):
            with self.subTest(token=token):
                self.answers(store(b"cas", b"k", b"x", rest=b" " + token), BAD_LINE + b"ERROR\r\n")

    def test_one_counter_gives_all_tokens(self) -> None:
        """It starts at 1; what only touches takes none."""
        self.store(b"a", b"1")
        self.store(b"b", b"1")
        self.answers(b"touch a 100\r\n", b"TOUCHED\r\n")
        self.answers(b"gats 0 a b\r\n", b"VALUE a 0 1 1\r\n1\r\nVALUE b 0 1 2\r\n1\r\nEND\r\n")
        self.answers(b"incr a 1\r\n", b"2\r\n")
        self.answers(store(b"replace", b"b", b"2"), b"STORED\r\n")
        self.answers(b"gets a b\r\n", b"VALUE a 0 1 3\r\n2\r\nVALUE b 0 1 4\r\n2\r\nEND\r\n")

    def test_value_is_any_bytes(self) -> None:
        """The ends of lines, and commands, too."""
        for value in (b"", b"\r\n", b"END\r\n", b"a\r\nget k\r\n", b"\0\xff"):
            with self.subTest(value=value):
                self.store(b"k", value)
                self.holds(b"k", value)

    def test_flags_are_32_bits(self) -> None:
        """2**32 is taken, and is 0; negative ones, and 2**64, are not taken."""
        for flags, held in ((2**32 - 1, 2**32 - 1), (2**32, 0), (2**32 + 5, 5)):
            with self.subTest(flags=flags):
                self.store(b"k", b"v", flags=flags)
                self.holds(b"k", b"v", held)
        for flags in (-1, 2**64):
            with self.subTest(flags=flags):
                self.answers(store(b"set", b"k", b"v", flags), BAD_LINE + b"ERROR\r\n")

    def test_noreply_is_silent_about_what_becomes_of_it(self) -> None:
        """Stored or not, found or not."""
        for verb in (b"set", b"add", b"replace", b"append", b"prepend"):
            self.answers(store(verb, b"k", b"v", rest=b" noreply"), b"")
        self.answers(store(b"cas", b"k", b"v", rest=b" 0 noreply"), b"")
        self.answers(store(b"cas", b"none", b"v", rest=b" 0 noreply"), b"")
        self.holds(b"k", b"vvv")


class DeletingTest(ServerTest):
    """DELETE."""

    def test_delete_removes(self) -> None:
        """Once; a time of 0 is taken, as it was long ago, any other is not."""
        self.store(b"k", b"v")
        self.answers(
            b"delete k 10\r\n",
            b"CLIENT_ERROR bad command line format.  Usage: delete <key> [noreply]\r\n",
        )
        self.answers(b"delete k 10 noreply\r\n", b"")
        self.holds(b"k", b"v")
        self.answers(b"delete k 0\r\ndelete k\r\n", b"DELETED\r\nNOT_FOUND\r\n")
        self.store(b"k", b"v")
        self.answers(b"delete k noreply\r\ndelete k 0 noreply\r\n", b"")
        self.holds(b"k", None)
        self.answers(b"delete\r\n", b"ERROR\r\n")


class SizeTest(ServerTest):
    """What is too large (-I 1m)."""

    def test_largest_item(self) -> None:
        """Its key counts, and flags other than 0 take 4 bytes."""
        for flags, room in ((0, LARGEST), (1, LARGEST - 4)):
            for key in (b"k", b"k" * 250):
                with self.subTest(flags=flags, key=key):
                    value = b"x" * (room - len(key))
                    self.store(key, value, flags=flags)
                    self.answers(store(b"set", key, value + b"x", flags), TOO_LARGE)

    def test_set_that_is_refused_removes_the_old_value(self) -> None:
        """With noreply, too, in silence."""
        for rest, answer in ((b"", TOO_LARGE), (b" noreply", b"")):
            with self.subTest(rest=rest):
                self.store(b"k", b"old")
                self.answers(store(b"set", b"k", b"x" * LARGEST, rest=rest), answer)
                self.holds(b"k", None)

    def test_others_that_are_refused_leave_it(self) -> None:
        """And CAS of a missing key is too large, before it is not found."""
        large = b"x" * LARGEST
        self.store(b"k", b"old")
        for verb in (b"add", b"replace", b"append", b"prepend"):
            with self.subTest(verb=verb):
                self.answers(store(verb, b"k", large), TOO_LARGE)
        self.answers(store(b"cas", b"k", large, rest=b" 1"), TOO_LARGE)
        self.answers(store(b"cas", b"none", large, rest=b" 1"), TOO_LARGE)
        self.holds(b"k", b"old")

    def test_append_whose_sum_is_too_large_is_not_stored(self) -> None:
        """The old value stays."""
        half = b"x" * (LARGEST // 2)
        self.store(b"key", half)
        self.answers(store(b"append", b"key", half), b"NOT_STORED\r\n")
        self.answers(store(b"prepend", b"key", half[2:]), b"STORED\r\n")


class KeyTest(ServerTest):
    """What a key may be."""

    def test_longest_key(self) -> None:
        """250 bytes; a longer one is an error, and so is its data."""
        self.store(b"k" * 250, b"v")
        self.holds(b"k" * 250, b"v")
        long = b"k" * 251
        self.answers(store(b"set", long, b"v"), BAD_LINE + b"ERROR\r\n")
        for line in (b"get %b", b"gat 0 %b", b"delete %b", b"touch %b 0", b"incr %b 1"):
            with self.subTest(line=line):
                self.answers(line % long + b"\r\n", BAD_LINE)
        self.answers(b"get %b %b\r\n" % (b"k" * 250, long), BAD_LINE)
        self.answers(b"gat -1 %b %b\r\n" % (b"k" * 250, long), BAD_LINE)
        self.holds(b"k" * 250, None)

    def test_key_that_is_asked_for_twice_comes_twice(self) -> None:
        """In the order of the request; what is missing is left out."""
        self.store(b"a", b"1")
        self.store(b"b", b"2")
        one, two = b"VALUE a 0 1\r\n1\r\n", b"VALUE b 0 1\r\n2\r\n"
        self.answers(b"get b a none b\r\n", two + one + two + b"END\r\n")

    def test_nothing_but_a_space_ends_a_key(self) -> None:
        """And a NUL, which ends the whole line."""
        self.store(b"a\tb\r\xff", b"v")
        self.holds(b"a\tb\r\xff", b"v")
        self.store(b"a", b"v")
        self.answers(b"get a\0b\r\n", b"VALUE a 0 1\r\nv\r\nEND\r\n")
        self.answers(store(b"set", b"x\0y", b"v"), b"ERROR\r\nERROR\r\n")
