"""A store in every form of a strict test.

SPECIFICATION 27, 29
"""

from __future__ import annotations

import asyncio
import doctest
import pickle
import unittest
from typing import Any, List

import tripwire
from tests.support.cases import CLIENT, by_hand, run
from tests.support.platform import needs_event_loop
from tripwire import (
    MeanwhileError,
    OutOfStepError,
    StoreMismatchError,
    TripwireTestCase,
    ViolationError,
)


class InTestCase(TripwireTestCase):
    """A `TripwireTestCase`; each test has a store of its own."""

    def test_one(self) -> None:
        """Through `self.memcache`."""
        store = self.memcache.store()
        with self.sandbox():
            CLIENT.set("k", b"1")
        store.assert_items({"k": b"1"})

    def test_other(self) -> None:
        """Nothing is left of the other test's."""
        store = tripwire.memcache.store()
        with tripwire.sandbox():
            self.assertIsNone(CLIENT.get("k"))
        self.assertEqual(len(store), 0)
        self.memcache.assert_get("GET", "k")


@needs_event_loop
class AsyncTest(TripwireTestCase, unittest.IsolatedAsyncioTestCase):
    """Its tasks and threads share the store."""

    async def test_tasks_share_the_store(self) -> None:
        """Also those that run in threads."""
        store = self.memcache.store({"n": 0})
        async with self.sandbox():
            loop = asyncio.get_running_loop()
            calls = [loop.run_in_executor(None, CLIENT.incr, "n", 1) for _ in range(5)]
            await asyncio.gather(*calls)
        store.assert_items({"n": b"5"})


class FormsTest(unittest.TestCase):
    """Whichever way a strict test is begun."""

    def test_block(self) -> None:
        """`with tripwire.strict()`."""
        with tripwire.strict() as verifier:
            store = tripwire.memcache.store()
            with verifier.sandbox():
                CLIENT.set("k", b"1")
            store.assert_items({"k": b"1"})

    def test_function(self) -> None:
        """`@tripwire.strict`, which verifies."""

        @tripwire.strict
        def forgets() -> None:
            tripwire.memcache.store()
            with tripwire.sandbox():
                CLIENT.set("k", b"1")

        self.assertRaises(tripwire.UnassertedInteractionsError, forgets)

    def test_by_hand(self) -> None:
        """`verify_all()` verifies."""
        verifier, memcache = by_hand()
        memcache.store({"k": b"v"})
        self.assertRaises(tripwire.UnusedMocksError, verifier.verify_all)

    def test_doctest(self) -> None:
        """With the values shown as they are."""
        printed: List[str] = []
        test = doctest.DocTestParser().get_doctest(
            DOCTEST, {"tripwire": tripwire, "client": CLIENT}, "store", None, 0
        )
        failed, attempted = doctest.DocTestRunner(verbose=False).run(test, out=printed.append)
        self.assertEqual((failed, attempted), (0, 4), "".join(printed))

    def test_test_method_fails_by_a_mismatch(self) -> None:
        """It is a failure, and the open interactions are a consequence."""

        class Wrong(TripwireTestCase):
            """Says something else than there is."""

            def test_it(self) -> None:
                """One failure."""
                store = self.memcache.store()
                with self.sandbox():
                    CLIENT.set("k", b"1")
                store.assert_items({"k": b"2"})

        result = run(Wrong)
        self.assertEqual((len(result.failures), result.errors), (1, []))
        self.assertIn("StoreMismatchError", result.failures[0][1])


DOCTEST = """
>>> with tripwire.strict() as verifier:
...     store = tripwire.memcache.store({"visits": 7})
...     with verifier.sandbox():
...         client.incr("visits", 1)
...     store.assert_items({"visits": b"8"})
8
>>> store
<Store: 1 item on 1 server>
>>> store.items()
{'visits': Item(b'8')}
>>> tripwire.Item("a", 60, 1)
Item('a', expire=60, flags=1)
"""


class ItemTest(unittest.TestCase):
    """`tripwire.Item(value, expire=0, flags=0)`."""

    def test_items_are_equal_where_all_of_them_is(self) -> None:
        """What is left out is 0 there, and a copy has left it out as well."""
        item = tripwire.Item(b"v")
        self.assertEqual(item, tripwire.Item(b"v", expire=0, flags=0))
        self.assertNotEqual(tripwire.Item(b"v", expire=30, flags=2), tripwire.Item(b"v", expire=30))
        again = pickle.loads(pickle.dumps(item))
        with tripwire.strict() as verifier:
            store = tripwire.memcache.store()
            with verifier.sandbox():
                CLIENT.set("k", b"v", flags=2)
            store.assert_items({"k": again})


class ErrorsTest(unittest.TestCase):
    """What a store finds is a failure in unittest's sense."""

    def test_families(self) -> None:
        """Assertion errors, two of them violations; each survives pickling."""
        error: Any
        for error in (StoreMismatchError, OutOfStepError, MeanwhileError):
            with self.subTest(error):
                self.assertTrue(issubclass(error, AssertionError))
                self.assertEqual(issubclass(error, ViolationError), error is not StoreMismatchError)
                again = pickle.loads(pickle.dumps(error("text")))
                self.assertEqual((type(again), str(again)), (error, "text"))
