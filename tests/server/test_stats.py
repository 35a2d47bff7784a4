"""STATS: what is counted, and how it is told."""

from __future__ import annotations

from typing import Dict

from tests.server.servers import ComparedTest
from tripwire.plugins._memcache.server import Server, UnknownCommand

KEPT = (
    *("cmd_get", "cmd_set", "cmd_flush", "cmd_touch", "get_hits", "get_misses", "get_expired"),
    *("delete_misses", "delete_hits", "incr_misses", "incr_hits", "decr_misses", "decr_hits"),
    *("cas_misses", "cas_hits", "cas_badval", "touch_hits", "touch_misses", "store_too_large"),
    *("total_items", "curr_items", "bytes", "limit_maxbytes", "version"),
)
"""What both servers count, and count alike."""


def read(answer: bytes) -> Dict[str, str]:
    """Return the names and values of an answer."""
    lines = answer.decode().splitlines()
    return {line.split(" ")[1]: line.split(" ")[2] for line in lines if line.startswith("STAT")}


class CountersTest(ComparedTest):
    """What is counted, on servers that have held nothing before."""

    def compare(self) -> None:
        """Compare the counters of both."""
        ours = read(self.server.answer(b"stats\r\n"))
        real = read(self.compared.answer(b"stats\r\n"))
        for name in KEPT:
            self.assertEqual((name, ours[name]), (name, real[name]))

    def test_counters_count(self) -> None:
        """Each command, and what came of it."""
        self.answers(b"stats reset\r\n", b"RESET\r\n")
        for request in (
            *(b"get k\r\n", b"set k 0 0 2\r\n10\r\n", b"get k k\r\n", b"add k 0 0 1\r\n1\r\n"),
            *(b"incr k 1\r\n", b"incr k 100\r\n", b"incr none 1\r\n", b"decr k 1\r\n"),
            *(b"decr none 1\r\n", b"append k 0 0 1\r\nx\r\n", b"incr k 1\r\n", b"touch k 0\r\n"),
            *(b"touch none 0\r\n", b"gat 0 k none\r\n", b"cas k 0 0 1 0\r\n1\r\n"),
            *(b"cas none 0 0 1 0\r\n1\r\n", b"delete none\r\n", b"set l 3 0 1\r\nv\r\n"),
            # The real one counts an item that has expired until somebody asks for it.
            *(b"touch l -1\r\nget l\r\n", b"set l 3 -1 1\r\nv\r\ndelete l\r\n"),
            *(b"set l 3 0 1\r\nv\r\n", b"delete k\r\n", b"set k 0 0 2\r\n10\r\n"),
            *(b"get k\r\n", b"set b 0 0 1048517\r\n%b\r\n" % (b"x" * 1048517)),
            *(b"delete k noreply\r\n", b"prepend none 0 0 1\r\nv\r\n", b"incr l 1\r\n"),
        ):
            with self.subTest(request=request[:30]):
                self.assertEqual(self.server.answer(request), self.compared.answer(request))
                self.compare()
        self.answers(b"flush_all\r\nget l\r\n", b"OK\r\nEND\r\n")
        self.compare()
        self.answers(b"stats reset now\r\n", b"RESET\r\n")
        self.compare()


class StatsTest(ComparedTest):
    """The rest of STATS: time, settings, and what is held by size."""

    def test_cas_is_counted(self) -> None:
        """The one that stores."""
        self.server.answer(b"set k 0 0 1\r\n1\r\ncas k 0 0 1 1\r\n2\r\n")
        self.assertEqual(read(self.server.answer(b"stats\r\n"))["cas_hits"], "1")

    def test_time_is_the_servers(self) -> None:
        """In seconds since 1970, and since it was made."""
        server = Server(lambda: self.now)
        self.now = int(self.now) + 5.5
        stats = read(server.answer(b"stats\r\n"))
        self.assertEqual(stats["time"], str(int(self.now)))
        self.assertEqual(stats["uptime"], "5")

    def test_names_and_their_order_are_those_of_the_real_one(self) -> None:
        """Some are left out: what is not known is not told."""
        real = list(read(self.compared.answer(b"stats\r\n")))
        ours = list(read(self.server.answer(b"stats\r\n")))
        self.assertEqual(ours, [name for name in real if name in ours])
        known = read(self.compared.answer(b"stats settings\r\n"))
        self.assertLess(set(read(self.server.answer(b"stats settings\r\n"))), set(known))

    def test_settings(self) -> None:
        """Those that mean something here; the limit can be changed."""
        self.server.answer(b"cache_memlimit 100\r\n")
        stats = read(self.server.answer(b"stats settings\r\n"))
        self.assertEqual(stats["maxbytes"], str(100 * 2**20))
        self.assertEqual(stats["item_size_max"], str(2**20))
        self.assertEqual(
            read(self.server.answer(b"stats\r\n"))["limit_maxbytes"], stats["maxbytes"]
        )

    def test_kinds_that_memcached_does_not_know_are_an_error(self) -> None:
        """Those that it knows, and nothing here does, are refused by name."""
        self.answers(b"stats nonsense\r\n", b"ERROR\r\n")
        for kind in (b"slabs", b"sizes", b"conns", b"detail"):
            with self.assertRaises(UnknownCommand):
                self.server.answer(b"stats %b on\r\n" % kind)

    def test_items_are_counted_by_size(self) -> None:
        """In the classes that memcached sorts them into."""
        for size in (0, 36, 37, 700, 300000, 600000):
            self.store(b"k%d" % size, b"x" * size)
        ours = read(self.server.answer(b"stats items\r\n"))
        real = read(self.compared.answer(b"stats items\r\n"))
        self.assertEqual(ours, {name: real.get(name) for name in ours})
        self.assertEqual(len(ours), 10)

    def test_cachedump_lists_the_keys_of_a_class(self) -> None:
        """The newest first, with the length of the value and the time at which it goes."""
        self.store(b"a", b"1")
        self.store(b"b", b"12")
        self.store(b"long", b"x" * 100)
        self.store(b"a", b"123")
        a, b = b"ITEM a [3 b; 0 s]\r\n", b"ITEM b [2 b; 0 s]\r\n"
        self.answers(b"stats cachedump 1 0\r\n", a + b + b"END\r\n")
        self.answers(b"stats cachedump 1 1\r\n", a + b"END\r\n")
        self.answers(b"stats cachedump 4 9\r\n", b"ITEM long [100 b; 0 s]\r\nEND\r\n")
        self.answers(b"stats cachedump 9 9\r\n", b"END\r\n")
        self.advance(0)
        self.store(b"c", b"1", 60)
        answer = b"ITEM c [1 b; %d s]\r\nEND\r\n" % (int(self.now) + 60)
        self.answers(b"stats cachedump 1 1\r\n", answer)

    def test_cachedump_needs_a_class_and_a_number(self) -> None:
        """0 means all of them."""
        self.answers(b"stats cachedump 1\r\n", b"CLIENT_ERROR bad command line\r\n")
        self.answers(b"stats cachedump x 1\r\n", b"CLIENT_ERROR bad command line format\r\n")
        self.answers(b"stats cachedump 1 x\r\n", b"CLIENT_ERROR bad command line format\r\n")
        self.answers(b"stats cachedump 64 1\r\n", b"CLIENT_ERROR Illegal slab id\r\n")
