"""Lines that are malformed, and commands that concern no item."""

from __future__ import annotations

from tests.server.servers import ServerTest
from tripwire.plugins._memcache.server import Server, UnknownCommand, split

BAD_LINE = b"CLIENT_ERROR bad command line format\r\n"
BAD_DATA = b"CLIENT_ERROR bad data chunk\r\n"


class MalformedTest(ServerTest):
    """What memcached says to what it does not understand."""

    def test_number_of_words_has_to_be_right(self) -> None:
        """Too few or too many: ERROR, and noreply is not looked for."""
        for line in (
            *(b"", b"get", b"gets ", b"gat", b"gats", b"touch k", b"touch k 1 2 3"),
            *(b"incr k", b"decr k 1 2 3", b"delete", b"delete k 0 noreply x"),
            *(b"flush_all 0 0 noreply", b"verbosity", b"verbosity 0 0 0", b"cache_memlimit"),
            *(b"set k 0 0", b"set k 0 0 1 x noreply", b"cas k 0 0 1", b"cas k 0 0 1 1 1 noreply"),
        ):
            with self.subTest(line=line):
                self.answers(line + b"\r\n", b"ERROR\r\n")

    def test_further_word_that_is_not_noreply_is_ignored(self) -> None:
        """Where there may be one more."""
        self.answers(b"set k 0 0 1 x\r\n1\r\n", b"STORED\r\n")
        self.answers(b"incr k 1 x\r\n", b"2\r\n")
        self.answers(b"touch k 0 x\r\n", b"TOUCHED\r\n")
        self.answers(b"flush_all 0 x\r\n", b"OK\r\n")

    def test_line_may_end_without_a_carriage_return(self) -> None:
        """And begin with spaces; the data may not."""
        self.answers(b"  set  k 0 0 1\n1\r\nget k\n", b"STORED\r\nVALUE k 0 1\r\n1\r\nEND\r\n")
        self.answers(b"set k 0 0 1\r\n2\n\r\n", BAD_DATA + b"ERROR\r\n")

    def test_verbs_are_case_sensitive(self) -> None:
        """`GET` is no command; it is refused by name."""
        with self.assertRaises(UnknownCommand) as caught:
            self.server.answer(b"GET k\r\n")
        self.assertEqual(caught.exception.verb, b"GET")

    def test_data_of_a_rejected_line_is_read_as_a_command(self) -> None:
        """Mostly it is none; where it is one, it is done."""
        self.store(b"k", b"v")
        self.answers(b"set k x 0 3\r\nfoo\r\n", BAD_LINE + b"ERROR\r\n")
        self.answers(b"set k x 0 8\r\ndelete k\r\n", BAD_LINE + b"DELETED\r\n")

    def test_size_that_is_none(self) -> None:
        """Negative, too many digits, no number; 32 bits of it count."""
        for size in (b"-1", b"%d" % (2**31 - 2), b"9" * 20, b"x", b"1.5"):
            with self.subTest(size=size):
                self.answers(b"set k 0 0 %b\r\nv\r\n" % size, BAD_LINE + b"ERROR\r\n")
        self.answers(b"set k 0 0 %d\r\nv\r\n" % (2**32 + 1), b"STORED\r\n")

    def test_data_of_another_size(self) -> None:
        """What is too much of it is the next command, with noreply without a word before it."""
        self.answers(b"set k 0 0 1\r\nabc\r\n", BAD_DATA + b"ERROR\r\n")
        self.answers(b"set k 0 0 1 noreply\r\nabcde\r\n", b"ERROR\r\n")
        self.holds(b"k", None)

    def test_empty_key_is_rejected_also_with_noreply(self) -> None:
        """A client that sends such a request is out of step from there on."""
        self.answers(b"set  0 0 1\r\nv\r\n", b"ERROR\r\nERROR\r\n")
        self.answers(b"set  0 0 1 noreply\r\nv\r\n", b"ERROR\r\n")
        self.answers(b"incr  1\r\nincr  1 noreply\r\ntouch  0 noreply\r\n", b"ERROR\r\n")
        self.answers(b"delete  noreply\r\n", b"NOT_FOUND\r\n")
        self.answers(b"get \r\ndelete \r\n", b"ERROR\r\nERROR\r\n")

    def test_exptime_has_to_be_a_number(self) -> None:
        """For TOUCH, GAT and GATS."""
        bad = b"CLIENT_ERROR invalid exptime argument\r\n"
        self.answers(b"touch k x\r\ngat 1.5 k\r\ngats  k x\r\n", bad * 3)
        self.answers(b"touch k x noreply\r\n", b"")
        self.answers(b"gat 0\r\ngats 0\r\n", b"END\r\n" * 2)


class OtherCommandsTest(ServerTest):
    """What concerns the server itself."""

    def test_version(self) -> None:
        """That of the memcached which all this was compared with; what follows is ignored."""
        self.assertEqual(self.server.answer(b"version\r\n"), b"VERSION 1.6.18\r\n")
        self.assertEqual(self.server.answer(b"version now\r\n"), b"VERSION 1.6.18\r\n")

    def test_verbosity(self) -> None:
        """Any number is OK."""
        self.answers(b"verbosity 1\r\nverbosity 0\r\nverbosity 0 noreply\r\n", b"OK\r\n" * 2)
        self.answers(b"verbosity x\r\nverbosity -1\r\n", BAD_LINE * 2)
        self.answers(b"verbosity noreply\r\n", b"")

    def test_cache_memlimit(self) -> None:
        """In megabytes, at least 8, at most 10**9."""
        self.answers(b"cache_memlimit 64\r\n", b"OK\r\n")
        self.answers(b"cache_memlimit 64 noreply\r\n", b"")
        small = b"MEMLIMIT_TOO_SMALL cannot set maxbytes to less than 8m\r\n"
        self.answers(b"cache_memlimit 0\r\ncache_memlimit %d\r\n" % 2**32, small * 2)
        large = b"MEMLIMIT_ADJUST_FAILED input value is megabytes not bytes\r\n"
        self.answers(b"cache_memlimit %d\r\n" % (10**9 + 1), large)
        self.answers(b"cache_memlimit x\r\ncache_memlimit -1\r\n", b"ERROR\r\n" * 2)

    def test_quit_closes(self) -> None:
        """What is sent after it is not done."""
        self.assertEqual(self.server.answer(b"quit\r\nset k 0 0 1\r\nv\r\n"), b"")
        self.assertEqual([each.closes for each in split(b"version\r\nquit\r\n")], [False, True])
        self.assertNotIn(b"k", self.server.items.held)

    def test_shutdown_closes_and_all_is_gone(self) -> None:
        """As with a server that was started with -A; there are two ways, and no third."""
        for line in (b"shutdown\r\n", b"shutdown graceful\r\n"):
            with self.subTest(line=line):
                self.server.items.put(b"k", b"v")
                self.assertEqual(self.server.answer(line), b"")
                self.assertTrue(split(line)[-1].closes)
                self.assertEqual(list(self.server.items), [])
        refused = b"shutdown now\r\n"
        answer = self.server.answer(refused)
        self.assertEqual(answer, b"CLIENT_ERROR invalid shutdown mode\r\n")
        self.assertFalse(split(refused)[-1].closes)

    def test_unknown_command_does_nothing_at_all(self) -> None:
        """Nor do those beside it; after a rejected line, it is what memcached says it is."""
        with self.assertRaises(UnknownCommand) as caught:
            self.server.answer(b"set k 0 0 1\r\nv\r\nmg k v\r\n")
        self.assertEqual((caught.exception.verb, self.server.items.held), (b"mg", set()))
        answer = Server(lambda: 0.0).answer(b"set k x 0 1\r\nv\r\nmg k v\r\n")
        self.assertEqual(answer, BAD_LINE + b"ERROR\r\n" * 2)
