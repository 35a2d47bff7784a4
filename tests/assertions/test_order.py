"""Assertions take the interactions in order, after the sandbox; what the timeline holds.

SPECIFICATION 20, 21, 22.
"""

from __future__ import annotations

import inspect
import threading
from typing import Callable, List, Tuple

import tripwire
from tests.support.cases import SERVER, ClientTestCase, by_hand
from tests.support.platform import needs_threads
from tripwire import (
    AssertionInsideSandboxError,
    InteractionMismatchError,
)


class OrderCase(ClientTestCase):
    """A strict test that can get and set some keys."""

    def get(self, *keys: str) -> None:
        """Get keys, one after the other, in a sandbox."""
        self.memcache.mock_command("GET", returns=b"v", times=len(keys))
        with self.sandbox():
            for key in keys:
                self.client.get(key)

    def open_keys(self) -> List[str]:
        """Return the keys of the interactions that no assertion has named."""
        return [met.fields["key"] for met in self.verifier.interactions if not met.asserted]


class InOrderTest(OrderCase):
    """An assertion is about the next interaction."""

    def test_next_interaction_has_to_match(self) -> None:
        """A later one does not count, though it is the asserted one."""
        self.get("a", "b")
        with self.assertRaises(InteractionMismatchError) as caught:
            self.memcache.assert_get("GET", "b")
        self.assertEqual(caught.exception.expected, {"key": "b"})
        self.assertIs(caught.exception.actual, self.verifier.interactions[0])
        self.assertEqual(caught.exception.remaining, self.verifier.interactions)
        self.memcache.assert_get("GET", "a")
        self.memcache.assert_get("GET", "b")

    def test_order_goes_across_commands_and_sandboxes(self) -> None:
        """There is one timeline."""
        self.memcache.mock_command("SET", returns=True)
        self.get("a")
        with self.sandbox():
            self.client.set("b", b"v")
        self.get("c")
        with self.assertRaises(InteractionMismatchError):
            self.memcache.assert_set("SET", "b", b"v")
        self.memcache.assert_get("GET", "a")
        self.memcache.assert_set("SET", "b", b"v")
        self.memcache.assert_get("GET", "c")

    def test_mismatch_leaves_the_interaction_open(self) -> None:
        """A test that goes on after it still has to assert it."""
        self.get("a")
        for command, key in (("GET", "b"), ("GETS", "a"), ("DELETE", "a")):
            with self.assertRaises(InteractionMismatchError):
                self.memcache.assert_get(command, key)
            self.assertEqual(self.open_keys(), ["a"])
        with self.assertRaises(tripwire.UnassertedInteractionsError):
            self.verifier.verify_all()

    def test_assertion_without_an_interaction_is_a_mismatch(self) -> None:
        """Whether there never was one, or all are asserted."""
        for _ in range(2):
            with self.assertRaises(InteractionMismatchError) as caught:
                self.memcache.assert_get("GET", "a")
            self.assertIsNone(caught.exception.actual)
            self.assertEqual(caught.exception.remaining, ())
            self.get("a")
            self.memcache.assert_get("GET", "a")

    def test_interaction_is_asserted_once(self) -> None:
        """Asserting twice what happened once is a mismatch."""
        self.get("a")
        self.memcache.assert_get("GET", "a")
        self.assertRaises(InteractionMismatchError, self.memcache.assert_get, "GET", "a")

    def test_mismatch_is_a_failure(self) -> None:
        """In unittest's sense, and one of tripwire's."""
        self.assertTrue(issubclass(InteractionMismatchError, AssertionError))
        self.assertTrue(issubclass(InteractionMismatchError, tripwire.TripwireError))


class InAnyOrderTest(OrderCase):
    """`in_any_order()` lets assertions match whatever is open."""

    def test_any_open_interaction_may_match(self) -> None:
        """All of them, in the end."""
        self.get("a", "b", "c")
        with self.verifier.in_any_order():
            for key in "bca":
                self.memcache.assert_get("GET", key)

    def test_plugin_has_it_too(self) -> None:
        """For where the verifier is not at hand."""
        self.get("a", "b")
        with tripwire.memcache.in_any_order():
            self.memcache.assert_get("GET", "b")
            self.memcache.assert_get("GET", "a")

    def test_oldest_that_matches_is_taken(self) -> None:
        """Of several that are alike."""
        self.get("a", "b", "a")
        with self.verifier.in_any_order():
            self.memcache.assert_get("GET", "a")
        self.assertEqual(self.open_keys(), ["b", "a"])
        self.memcache.assert_get("GET", "b")
        self.memcache.assert_get("GET", "a")

    def test_what_no_open_interaction_matches_is_a_mismatch(self) -> None:
        """And all of them stay open."""
        self.get("a", "b")
        with self.verifier.in_any_order():
            self.assertRaises(InteractionMismatchError, self.memcache.assert_get, "GET", "c")
            self.assertEqual(self.open_keys(), ["a", "b"])
            self.memcache.assert_get("GET", "b")
            self.assertRaises(InteractionMismatchError, self.memcache.assert_get, "GET", "b")
        self.memcache.assert_get("GET", "a")

    def test_order_counts_again_afterwards(self) -> None:
        """Also when the block was left by an exception, and when blocks are nested."""
        self.get("a", "b")
        with self.assertRaises(ZeroDivisionError), self.verifier.in_any_order():
            raise ZeroDivisionError
        self.assertRaises(InteractionMismatchError, self.memcache.assert_get, "GET", "b")
        with self.verifier.in_any_order():
            with self.verifier.in_any_order():
                pass
            self.memcache.assert_get("GET", "b")
        self.memcache.assert_get("GET", "a")


class InsideTest(OrderCase):
    """An assertion while the sandbox is open comes too early."""

    def test_every_assertion_inside_is_an_error(self) -> None:
        """It is no failure: the test itself is wrong."""
        memcache = self.memcache
        memcache.mock_command("GET", returns=b"v")
        assertions: Tuple[Callable[[], None], ...] = (
            lambda: memcache.assert_get("GET", "k"),
            lambda: memcache.assert_command("GET", key="k"),
            memcache.assert_no_calls,
        )
        with self.sandbox():
            self.client.get("k")
            for assertion in assertions:
                with self.assertRaises(AssertionInsideSandboxError) as caught:
                    assertion()
                self.assertNotIsInstance(caught.exception, AssertionError)
                self.assertRegex(str(caught.exception), r"after the\s`with` block.*expect\(\)")
        memcache.assert_get("GET", "k")

    def test_outer_of_two_nested_sandboxes_is_open_too(self) -> None:
        """Leaving the inner one is not enough."""
        self.memcache.mock_command("GET", returns=b"v")
        with self.sandbox():
            with self.sandbox():
                self.client.get("k")
            with self.assertRaises(AssertionInsideSandboxError):
                self.memcache.assert_get("GET", "k")
        self.memcache.assert_get("GET", "k")

    def test_sandbox_of_another_verifier_does_not_matter(self) -> None:
        """Each verifier speaks of its own."""
        other, _ = by_hand()
        self.get("k")
        with other.sandbox():
            self.memcache.assert_get("GET", "k")


class NoCallsTest(OrderCase):
    """`assert_no_calls` says that nothing reached memcached."""

    def test_it_needs_no_mock_and_no_sandbox(self) -> None:
        """Nothing is nothing."""
        self.memcache.assert_no_calls()
        with self.sandbox():
            self.assertEqual(self.client.get_many([]), {})
        self.memcache.assert_no_calls()

    def test_any_interaction_is_a_mismatch(self) -> None:
        """One that was asserted too: it is about what happened, not about what is open."""
        self.get("a", "b")
        self.memcache.assert_get("GET", "a")
        self.memcache.assert_get("GET", "b")
        with self.assertRaises(InteractionMismatchError) as caught:
            self.memcache.assert_no_calls()
        self.assertIs(caught.exception.actual, self.verifier.interactions[0])
        self.assertEqual(caught.exception.remaining, self.verifier.interactions)

    def test_unmocked_call_is_no_interaction(self) -> None:
        """It did not reach memcached, either."""
        with self.sandbox():
            self.assertRaises(tripwire.UnmockedInteractionError, self.client.get, "k")
        self.memcache.assert_no_calls()


class InteractionsTest(OrderCase):
    """`verifier.interactions` is the timeline as a tuple."""

    def test_attributes_tell_what_happened(self) -> None:
        """The command, its fields, where it went, what was sent, where it came from."""
        self.memcache.mock_command("SET", returns=True)
        with self.sandbox():
            line = inspect.stack()[0].lineno + 1
            self.client.set("k", b"v", expire=5)
        (met,) = self.verifier.interactions
        self.assertEqual(met.command, "SET")
        self.assertEqual(
            met.fields,
            {"key": "k", "value": b"v", "expire": 5, "noreply": None, "flags": None},
        )
        self.assertEqual(met.server, SERVER)
        self.assertEqual(met.request, b"set k 0 5 1 noreply\r\nv\r\n")
        self.assertEqual(
            met.location, tripwire.Location(__file__, line, "test_attributes_tell_what_happened")
        )
        self.assertEqual(met.thread, threading.current_thread().name)
        self.assertIs(met.asserted, False)
        self.memcache.assert_set("SET", "k", b"v", 5)
        self.assertIs(met.asserted, True)

    def test_they_are_in_the_order_in_which_they_happened(self) -> None:
        """Asserted or not; the tuple does not grow by itself."""
        self.get("a", "b")
        before = self.verifier.interactions
        self.get("c")
        self.assertEqual([met.fields["key"] for met in before], ["a", "b"])
        self.assertEqual([met.fields["key"] for met in self.verifier.interactions], [*"abc"])
        self.assertIsInstance(before, tuple)
        with self.verifier.in_any_order():
            for key in "cab":
                self.memcache.assert_get("GET", key)
        self.assertEqual([met.fields["key"] for met in self.verifier.interactions], [*"abc"])

    @needs_threads
    def test_thread_is_the_one_that_called(self) -> None:
        """By its name."""
        self.memcache.mock_command("GET", returns=b"v")
        with self.sandbox():
            worker = threading.Thread(target=self.client.get, args=("k",), name="worker-7")
            worker.start()
            worker.join()
        self.assertEqual(self.verifier.interactions[0].thread, "worker-7")
        self.memcache.assert_get("GET", "k")

    def test_command_is_the_one_that_was_called(self) -> None:
        """An alias that was asserted or that answered changes no record."""
        self.memcache.mock_command("GET_MULTI", returns={})
        with self.sandbox():
            self.client.get_many(["k"])
        self.memcache.assert_get_many("GET_MULTI", ["k"])
        self.assertEqual(self.verifier.interactions[0].command, "GET_MANY")
