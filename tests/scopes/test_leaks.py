"""When a test is over, nothing of it is kept: no verifier, no client, no frame, no patch.

SPECIFICATION 16.
"""

from __future__ import annotations

import gc
import unittest
import weakref
from contextlib import suppress
from typing import Any, List

from pymemcache.client.base import Client

import tripwire
from tests.support.cases import SERVER, by_hand
from tests.support.hiding import BASE
from tests.support.platform import needs_event_loop
from tripwire import StrictVerifier, SwallowedViolationError, TripwireTestCase

REPEATS = 100
"""How often each of the ten tests below is run."""


class Local:
    """Lives as long as the frame that has it as a local variable."""


ALIVE: List[weakref.ref[Any]] = []
"""What the tests below were made of."""


def watch(*things: Any) -> None:
    """Remember things, and keep none of them alive."""
    ALIVE.extend(map(weakref.ref, things))


def careless(client: Any) -> None:
    """What the application does: it swallows."""
    local = Local()
    watch(local)
    with suppress(Exception):
        client.get("k")


def alive() -> List[Any]:
    """What is still there of all that was remembered; it is forgotten with that."""
    gc.collect()
    things = [reference() for reference in ALIVE]
    ALIVE.clear()
    return [thing for thing in things if thing is not None]


class Holder:
    """Keeps the tests below from being discovered."""

    class Tests(TripwireTestCase):
        """Ten tests that end in every way."""

        def setUp(self) -> None:
            """Watch what is built."""
            super().setUp()
            watch(self.verifier, self.memcache)
            self.client = Client(SERVER)
            watch(self.client)
            self.addCleanup(delattr, self, "client")

        def test_passes(self) -> None:
            """Nothing to find."""
            self.memcache.mock_command("GET", returns=b"v")
            with self.sandbox():
                self.client.get("k")
            self.memcache.assert_get("GET", "k")

        def test_unasserted(self) -> None:
            """An interaction is left."""
            local = Local()
            watch(local)
            self.memcache.mock_command("GET", returns=b"v")
            with tripwire.sandbox():
                self.client.get("k")

        def test_unused(self) -> None:
            """A mock is left."""
            self.memcache.mock_command("GET", returns=b"v")

        def test_unmocked(self) -> None:
            """It fails itself."""
            local = Local()
            watch(local)
            with self.sandbox():
                self.client.get("k")

        def test_swallowed(self) -> None:
            """A violation is found."""
            with self.sandbox():
                careless(self.client)

        def test_outside(self) -> None:
            """So is one outside."""
            careless(self.client)

        def test_expected(self) -> None:
            """A violation is expected."""
            with self.sandbox():
                self.assertRaises(AssertionError, self.client.get, "k")

        def test_error(self) -> None:
            """It fails, for a reason."""
            with self.sandbox():
                careless(self.client)
                raise LookupError

        def test_subtests(self) -> None:
            """Two failures."""
            for key in "ab":
                with self.subTest(key=key), self.sandbox():
                    self.client.get(key)

        def test_open_sandbox(self) -> None:
            """The sandbox is closed for it."""
            self.sandbox().__enter__()
            careless(self.client)


class LeaksTest(unittest.TestCase):
    """Weak references to what was used, when all that should hold it is gone."""

    def test_thousand_tests_leave_nothing(self) -> None:
        """Also while their result is kept, with the test cases that failed."""
        before = list(vars(Client).items())
        loader = unittest.defaultTestLoader
        suite = unittest.TestSuite(
            loader.loadTestsFromTestCase(Holder.Tests) for _ in range(REPEATS)
        )
        result = unittest.TestResult()
        suite.run(result)
        self.assertEqual(result.testsRun, 10 * REPEATS)
        self.assertEqual((len(result.failures), len(result.errors)), (9 * REPEATS, REPEATS))
        self.assertGreater(len(ALIVE), 30 * REPEATS)
        self.assertEqual(alive(), [])
        self.assertEqual(list(vars(Client).items()), before)

    @needs_event_loop
    def test_async_tests_leave_nothing(self) -> None:
        """Their contexts live as long as their test cases, and hold nothing of ours."""

        class Async(TripwireTestCase, unittest.IsolatedAsyncioTestCase):
            async def test(self) -> None:
                client = Client(SERVER)
                watch(self.verifier, client)
                async with self.sandbox():
                    careless(client)

        result = unittest.TestResult()
        cases = [Async("test") for _ in range(10)]
        for case in cases:
            case.run(result)
        self.assertEqual(len(result.failures), 10)
        self.assertEqual(alive(), [])

    def test_classes_of_clients_are_let_go(self) -> None:
        """However many are made, with methods that name their class, and used in sandboxes."""
        kinds: List[Any] = []
        for _ in range(3):

            class Own(BASE):  # type: ignore[misc]  # its base is anything
                def get(self, key: Any) -> Any:
                    return super().get(key)

            with tripwire.strict() as verifier:
                tripwire.memcache.expect("GET", key="k", returns=b"v", times=2)
                for _ in range(2):
                    with verifier.sandbox():
                        self.assertEqual(Own(SERVER).get("k"), b"v")
            kinds.append(weakref.ref(Own))
            del Own
        gc.collect()
        self.assertEqual([kind() for kind in kinds], [None] * 3)

    def test_verification_lets_go_though_the_verifier_is_kept(self) -> None:
        """Of the frames and clients of violations; also though the findings are kept."""
        verifier, _ = by_hand()

        def use() -> None:
            local = Local()
            client = Client(SERVER)
            watch(local, client)
            with verifier.sandbox():
                careless(client)
                with suppress(AssertionError):
                    client.get("k")

        use()
        with self.assertRaises(SwallowedViolationError) as caught:
            verifier.verify_all()
        self.assertEqual(len(caught.exception.violations), 1)
        self.assertEqual(alive(), [])

    def test_verifier_of_a_test_that_is_over_lets_go(self) -> None:
        """Whoever kept it; what it is late for it does not keep either."""
        kept: List[StrictVerifier] = []

        @tripwire.strict
        def test() -> None:
            local = Local()
            watch(local)
            kept.append(tripwire.current_verifier())

        test()
        self.assertEqual(len(kept), 1)
        self.assertEqual(alive(), [])
