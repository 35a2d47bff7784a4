"""What a store can see and change of a server's items, beside its commands."""

from __future__ import annotations

import unittest

from tripwire.plugins._memcache.server import Item, Note, Server


class ItemsTest(unittest.TestCase):
    """Items by their keys."""

    def setUp(self) -> None:
        """Make a server whose clock the test moves."""
        self.now = 1000.0
        self.server = Server(lambda: self.now)
        self.items = self.server.items

    def test_item_tells_what_is_held(self) -> None:
        """Value, flags, the time at which it goes, token."""
        self.server.answer(b"set k 5 60 1\r\nv\r\nset l 0 0 1\r\nw\r\n")
        self.assertEqual(self.items.get(b"k"), Item(b"v", 5, 1060, 1))
        self.assertEqual(self.items.get(b"l"), Item(b"w", 0, 0, 2))
        self.assertIsNone(self.items.get(b"none"))

    def test_items_are_those_alive(self) -> None:
        """In the order in which they were stored."""
        self.server.answer(b"set a 0 0 0\r\n\r\nset b 0 10 0\r\n\r\nset c 0 0 0\r\n\r\n")
        self.server.answer(b"set a 0 0 0\r\n\r\n")
        self.assertEqual([key for key, _ in self.items], [b"b", b"c", b"a"])
        self.now += 10
        self.assertEqual([key for key, _ in self.items], [b"c", b"a"])
        self.server.answer(b"flush_all 2\r\n")
        self.now += 1
        self.assertEqual(list(self.items), [])

    def test_item_that_is_put_is_answered(self) -> None:
        """It has a token of its own, and no command has named it."""
        put = self.items.put(b"k", b"v", 3, self.items.expiry(10))
        self.assertEqual(put, Item(b"v", 3, 1010, 1))
        self.assertEqual(self.server.named, set())
        self.assertEqual(self.server.answer(b"gets k\r\n"), b"VALUE k 3 1 1\r\nv\r\nEND\r\n")
        self.now += 10
        self.assertEqual(self.server.answer(b"get k\r\n"), b"END\r\n")

    def test_item_that_is_removed_is_gone(self) -> None:
        """As when it is evicted."""
        put = self.items.put(b"k", b"v")
        self.assertEqual(self.items.remove(b"k"), put)
        self.assertIsNone(self.items.remove(b"k"))
        self.assertEqual(self.server.answer(b"get k\r\n"), b"END\r\n")

    def test_clear_removes_all(self) -> None:
        """And a flush that waits."""
        self.items.put(b"k", b"v")
        self.server.answer(b"flush_all 5\r\n")
        self.items.clear()
        self.assertIsNone(self.items.get(b"k"))
        self.items.put(b"k", b"v")
        self.now += 10
        self.assertIsNotNone(self.items.get(b"k"))

    def test_keys_are_remembered(self) -> None:
        """Those that were ever held, and those that a command has named."""
        self.items.put(b"put", b"v")
        self.server.answer(b"set k 0 0 1\r\nv\r\nget k\r\nget a b\r\ndelete c\r\nincr d x\r\n")
        self.assertEqual(self.items.held, {b"put", b"k"})
        self.assertEqual(self.server.named, {b"k", b"a", b"b", b"c"})
        self.server.answer(b"get put\r\ndelete put\r\n")
        self.assertIn(b"put", self.server.named)
        self.assertIn(b"put", self.items.held)

    def test_copy_goes_its_own_way(self) -> None:
        """It holds the same, and from there on neither sees what the other does."""
        self.now = 3000000.0
        self.server.answer(b"set k 0 0 1\r\n1\r\nset gone 0 2592001 1\r\nx\r\nget k\r\n")
        copied = self.server.copy()
        self.assertEqual(list(copied.items), list(self.items))
        copied.answer(b"incr k 9\r\nset new 0 0 1\r\nv\r\ndecr k 1\r\ndelete gone\r\n")
        self.assertEqual(copied.answer(b"gets k\r\n"), b"VALUE k 0 2 5\r\n9 \r\nEND\r\n")
        self.assertEqual(self.server.answer(b"gets k\r\n"), b"VALUE k 0 1 1\r\n1\r\nEND\r\n")
        self.assertEqual(self.server.counters["incr_hits"], 0)
        self.assertEqual(self.server.named, {b"k", b"gone"})
        self.assertEqual(self.items.held, {b"k", b"gone"})
        self.assertEqual(self.items.notes, {b"gone": Note.PAST_DATE})
        self.assertEqual(copied.items.notes, {b"gone": Note.PAST_DATE, b"k": Note.PADDED})
        copied.answer(b"flush_all 5\r\n")
        self.now += 10
        self.assertIsNotNone(self.items.get(b"k"))
        self.assertIsNone(copied.items.get(b"k"))

    def test_max_item_size_is_the_servers(self) -> None:
        """As with the option -I, in bytes."""
        server = Server(lambda: self.now, max_item_size=1024)
        self.assertEqual(server.answer(b"set k 0 0 964\r\n%b\r\n" % (b"x" * 964)), b"STORED\r\n")
        self.assertRegex(server.answer(b"set k 0 0 965\r\n%b\r\n" % (b"x" * 965)), b"too large")


class NotesTest(unittest.TestCase):
    """What memcached did to a key that surprises."""

    def setUp(self) -> None:
        """Make a server that can hold next to nothing."""
        self.server = Server(lambda: 3000000.0, max_item_size=100)
        self.notes = self.server.items.notes

    def test_what_is_too_large_is_noted(self) -> None:
        """Where it removed something, or where there never was anything; until it is stored."""
        too_large = b"set k 0 0 50\r\n%b\r\n" % (b"x" * 50)
        self.server.answer(too_large)
        self.assertEqual(self.notes, {b"k": Note.TOO_LARGE})
        self.server.answer(b"set k 0 0 1\r\nv\r\n" + too_large)
        self.assertEqual(self.notes, {b"k": Note.REFUSED_SET})
        self.server.answer(b"set k 0 0 1\r\nv\r\n")
        self.assertEqual(self.notes, {})
        self.server.answer(b"delete k\r\n" + too_large)
        self.assertEqual(self.notes, {})

    def test_what_a_delayed_flush_took_is_noted(self) -> None:
        """What was stored in the second in which it acts, too; not what was over by itself."""
        over = b"set over 0 -1 1\r\nv\r\n"
        self.server.answer(b"flush_all 1\r\nset k 0 0 1\r\nv\r\n%bget k\r\n" % over)
        self.assertEqual(self.notes, {b"k": Note.FLUSHED})

    def test_date_that_is_over_is_noted(self) -> None:
        """Whatever set it; a date to come is not, nor a negative number, which is meant."""
        for exptime, notes in ((2592001, {b"k": Note.PAST_DATE}), (4000000, {}), (-1, {})):
            for verb in (b"set k 0 %d 1\r\nv\r\n", b"touch k %d\r\n", b"gat %d k\r\n"):
                with self.subTest(exptime=exptime, verb=verb):
                    self.server.answer(b"set k 0 0 1\r\nv\r\n")
                    self.server.answer(verb % exptime)
                    self.assertEqual(self.notes, notes)

    def test_padding_is_noted(self) -> None:
        """Where a counter got spaces."""
        self.server.answer(b"set k 0 0 2\r\n11\r\ndecr k 1\r\n")
        self.assertEqual(self.notes, {})
        self.server.answer(b"decr k 1\r\n")
        self.assertEqual(self.notes, {b"k": Note.PADDED})
