"""A fault of ours leaves no mark on a `HashClient` that outlives the test.

SPECIFICATION 16.
"""

from __future__ import annotations

import unittest
from functools import partial
from typing import Any, Dict, List

from pymemcache.client.hash import HashClient

import tripwire
from tests.support.cases import by_hand, run
from tripwire import MISS, TripwireTestCase

NODES = [("a", 11211), ("b", 11211), ("c", 11211)]


class Modulo:
    """A hasher of somebody's own, without an attribute that tells its nodes."""

    def __init__(self) -> None:
        self._all: List[Any] = []
        self.add_node, self.remove_node = self._all.append, self._all.remove

    def get_node(self, key: Any) -> Any:
        """Any one will do."""
        return sorted(self._all)[len(key) % len(self._all)] if self._all else None

    @property
    def known(self) -> List[Any]:
        """All nodes, in order."""
        return sorted(self._all)


class Ring(Modulo):
    """One that has such an attribute, and makes it up when it is asked."""

    @property
    def nodes(self) -> List[Any]:
        """All nodes, in order."""
        return self.known


class Listing(Modulo):
    """One that keeps its nodes in a list, and something of its own beside that."""

    def __init__(self) -> None:
        super().__init__()
        self.nodes: List[Any] = []
        self.add_node, self.remove_node = self._add, self._remove

    def _add(self, node: Any) -> None:
        self.nodes.append(node)
        self._all.append(node)

    def _remove(self, node: Any) -> None:
        self.nodes.remove(node)
        self._all.remove(node)


def copied(value: Any) -> Any:
    """A copy of a dictionary, and of the dictionaries in it."""
    return {key: copied(each) for key, each in value.items()} if type(value) is dict else value


def facts(client: Any) -> Dict[str, Any]:
    """What a client thinks of its nodes."""
    own = {name: copied(value) for name, value in vars(client).items() if name != "hasher"}
    hasher = client.hasher
    nodes = hasher.nodes if hasattr(hasher, "nodes") else hasher.known
    return {**own, "nodes": list(nodes), "first": hasher.get_node("k")}


OWN: List[Any] = [Modulo, Ring, Listing]

KINDS: Dict[str, Any] = {
    "plain": lambda: HashClient(NODES),
    "ignoring": lambda: HashClient(NODES, ignore_exc=True),
    "pooled": lambda: HashClient(NODES, use_pooling=True, ignore_exc=True),
    "without retries": lambda: HashClient(NODES, retry_attempts=0, ignore_exc=True),
}
for _own in OWN:
    KINDS[_own.__name__] = partial(
        HashClient, NODES, hasher=_own, retry_attempts=0, ignore_exc=True
    )


def break_node(client: Any, memcache: Any) -> None:
    """Have each command meet a fault, three times over."""
    memcache.mock_command("GET", raises=ConnectionRefusedError, times=None, required=False)
    for _ in range(3):
        with tripwire.sandbox():
            try:
                client.get("k")
            except OSError:
                """A plain client raises it."""


class NodesTest(unittest.TestCase):
    """Failed and dead nodes, and the hasher's, are what they were before the test."""

    def test_fault_in_one_test_is_forgotten_in_the_next(self) -> None:
        """With every kind of client."""
        for name, build in KINDS.items():
            client = build()
            before = facts(client)
            during: List[Any] = []

            class Inner(TripwireTestCase):
                def test(self) -> None:
                    break_node(client, self.memcache)  # noqa: B023 - it runs before the next one
                    during.append(facts(client))  # noqa: B023 - as above
                    self.memcache.assert_get("GET", "k")
                    with self.verifier.in_any_order():
                        for _ in self.verifier.interactions[1:]:
                            self.memcache.assert_get("GET", "k")

            with self.subTest(name):
                self.assertEqual(run(Inner).failures, [])
                self.assertNotEqual(during, [before])
                self.assertEqual(facts(client), before)

    def test_fault_that_another_test_has_left_is_not_ours_to_undo(self) -> None:
        """A node that was marked before the fault stays marked."""
        client = HashClient([("127.0.0.1", 1)], ignore_exc=True, retry_timeout=-1)
        client.get("k")
        before = facts(client)
        with self.assertRaises(tripwire.UnassertedInteractionsError), tripwire.strict():
            break_node(client, tripwire.memcache)
        self.assertEqual(facts(client), before)

    def test_node_that_has_come_back_to_life_is_as_dead_as_it_was(self) -> None:
        """What a client tries again in a test, it tries again in the next one."""
        dead = ("127.0.0.1", 1)
        client = HashClient([dead], retry_attempts=0, ignore_exc=True)
        client.get("k")
        client.add_server(NODES[0])
        before = facts(client)
        self.assertEqual(before["nodes"], ["a:11211"])
        verifier, memcache = by_hand()
        memcache.expect("GET", key="k", raises=OSError, server=NODES[0], times=None, required=False)
        memcache.expect("GET", key="k", returns=MISS, server=dead, times=None, required=False)
        with verifier.sandbox():
            client.get("k")
            client.dead_timeout = -1
            client.get("k")
        client.dead_timeout = before["dead_timeout"]
        self.assertIn("127.0.0.1:1", client.hasher.nodes)
        verifier.verify_all()
        self.assertEqual(facts(client), before)

    def test_server_that_the_test_has_added_stays(self) -> None:
        """It is the application's own doing."""
        client = HashClient(NODES[:1], ignore_exc=True)
        with self.assertRaises(tripwire.UnassertedInteractionsError), tripwire.strict():
            break_node(client, tripwire.memcache)
            client.add_server(NODES[1])
        self.assertEqual(sorted(client.clients), ["a:11211", "b:11211"])
        self.assertEqual(client.hasher.nodes, ["a:11211", "b:11211"])

    def test_verifier_by_hand_puts_back_when_it_verifies(self) -> None:
        """Nobody else tells it that the test is over."""
        client = HashClient(NODES, ignore_exc=True)
        before = facts(client)
        verifier, memcache = by_hand()
        memcache.expect("GET", key="k", raises=OSError)
        with verifier.sandbox():
            client.get("k")
        self.assertNotEqual(facts(client), before)
        verifier.verify_all()
        self.assertEqual(facts(client), before)

    def test_every_round_begins_as_the_first(self) -> None:
        """And the test around it goes on as before."""
        client = HashClient(NODES, ignore_exc=True)
        verifier, memcache = by_hand()
        before = facts(client)
        for _ in range(2):
            with verifier.round():
                self.assertEqual(facts(client), before)
                memcache.mock_command("GET", raises=OSError)
                with verifier.sandbox():
                    client.get("k")
                self.assertNotEqual(facts(client), before)
        self.assertEqual(facts(client), before)
