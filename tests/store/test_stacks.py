"""Whatever stands on pymemcache runs over a store, with nothing mocked.

SPECIFICATION 29, 30
"""

from __future__ import annotations

from typing import Any
from unittest import mock

from django.core.cache.backends.memcached import PyMemcacheCache
from dogpile.cache import make_region
from limits import parse
from limits.storage import MemcachedStorage
from limits.strategies import FixedWindowRateLimiter
from pymemcache.client.base import Client, PooledClient
from pymemcache.client.hash import HashClient
from pymemcache.client.retrying import RetryingClient

from tests.support.cases import SERVER
from tripwire import Item, TripwireTestCase

NODES = [("a.internal", 11211), ("b.internal", 11211), ("c.internal", 11211)]
URL = "cache.internal:11211"


class ClientsTest(TripwireTestCase):
    """pymemcache's own clients."""

    def test_hash_client_over_three_nodes(self) -> None:
        """Each key is on the node that it is hashed to; without that node it is missed."""
        store = self.memcache.store()
        cluster = HashClient(NODES, retry_attempts=0, ignore_exc=True)
        values = {f"k{number}": b"%d" % number for number in range(30)}
        with self.sandbox():
            self.assertEqual(cluster.set_many(values), [])
            self.assertEqual(cluster.get_many(list(values)), values)
            held = [store.items(server=node) for node in NODES]
            self.assertTrue(all(held))
            with self.memcache.outage(server=NODES[1]):
                self.assertIsNone(cluster.get(next(iter(held[1]))))
                self.assertEqual(cluster.get(next(iter(held[0]))), next(iter(held[0].values()))[0])
                self.assertIsNone(cluster.get(next(iter(held[1]))))
        self.assertEqual(sum(map(len, held)), 30)
        store.assert_items(values)

    def test_item_is_on_the_node_that_is_asked_for_it(self) -> None:
        """The test need not know where keys are hashed to; a failover misses."""
        store = self.memcache.store({"front-page": b"news"})
        cluster = HashClient(NODES, retry_attempts=0, ignore_exc=True)
        with self.sandbox():
            self.assertEqual(cluster.get("front-page"), b"news")
            (node,) = [node for node in NODES if store.items(server=node)]
            with self.memcache.outage(server=node):
                self.assertIsNone(cluster.get("front-page"))
                self.assertIsNone(cluster.get("front-page"))
        store.assert_items({"front-page": b"news"})

    def test_pooled_client(self) -> None:
        """Whichever client of the pool answers, the server is one."""
        store = self.memcache.store()
        client = PooledClient(SERVER, max_pool_size=2, default_noreply=False)
        with self.sandbox():
            self.assertTrue(client.set("k", b"v", expire=60))
            self.assertEqual(client.get("k"), b"v")
        store.assert_items({"k": Item(b"v", expire=60)})

    def test_retrying_client(self) -> None:
        """A retry after an outage finds what is there."""
        store = self.memcache.store({"k": b"v"})
        client = RetryingClient(Client(SERVER), attempts=3)
        outage = self.memcache.outage()

        def recover(call: Any) -> None:
            if len(self.verifier.interactions) == 2:
                outage.__exit__(None, None, None)

        self.verifier.gates.append(recover)
        with self.sandbox():
            outage.__enter__()
            self.assertEqual(client.get("k"), b"v")
        self.assertEqual(len(self.verifier.interactions), 3)
        store.assert_items({"k": b"v"})


class DjangoTest(TripwireTestCase):
    """Django's PyMemcacheCache."""

    def test_values_live_as_long_as_django_says(self) -> None:
        """Pickled, under its prefixed keys, and seen as they were given."""
        store = self.memcache.store()
        cache = PyMemcacheCache(URL, {"TIMEOUT": 300})
        with self.sandbox():
            self.assertEqual(cache.get_or_set("price", lambda: {"eur": 20}, 60), {"eur": 20})
            cache.set_many({"a": [1], "n": 1}, timeout=None)
            self.assertEqual(cache.incr("n", 4), 5)
            cache.delete("a")
            self.assertFalse(cache.touch("a"))
            store.advance(59)
            self.assertEqual(cache.get("price"), {"eur": 20})
            store.advance(1)
            self.assertIsNone(cache.get("price"))
        store.assert_items({":1:n": 5})

    def test_cache_is_filled_off_the_record(self) -> None:
        """By Django itself, so that the test need not know how it pickles."""
        store = self.memcache.store()
        cache = PyMemcacheCache(URL, {})
        with store.off_the_record():
            cache.set("user", ("Ada", 36))
        with self.sandbox():
            self.assertEqual(cache.get("user"), ("Ada", 36))
        store.assert_items({":1:user": Item(("Ada", 36), expire=300)})


class LibrariesTest(TripwireTestCase):
    """dogpile.cache and limits."""

    def test_dogpile_creates_a_value_again_when_its_time_is_over(self) -> None:
        """Memcached's own expiry, and not the region's."""
        store = self.memcache.store()
        arguments = {"url": [URL], "memcached_expire_time": 90}
        region: Any = make_region().configure("dogpile.cache.pymemcache", arguments=arguments)
        create = mock.Mock(side_effect=["first", "second"])
        with self.sandbox():
            for expected in ("first", "first", "second"):
                self.assertEqual(region.get_or_create("k", create), expected)
                store.advance(45)
        self.assertEqual(store["k"].payload, "second")
        store.assert_items({"k": Item(mock.ANY, expire=45)})

    def test_dogpile_lock_is_given_back(self) -> None:
        """Its ADD and DELETE leave nothing behind."""
        store = self.memcache.store()
        region: Any = make_region().configure(
            "dogpile.cache.pymemcache",
            arguments={"url": URL, "distributed_lock": True, "lock_timeout": 5},
        )
        with self.sandbox():
            self.assertEqual(region.get_or_create("k", lambda: "created"), "created")
        store.assert_items({"k": mock.ANY})

    def test_window_of_limits_ends(self) -> None:
        """Two hits a minute, and two in the next."""
        store = self.memcache.store()
        limiter = FixedWindowRateLimiter(MemcachedStorage(f"memcached://{URL}"))
        limit = parse("2/minute")
        with self.sandbox():
            hits = [limiter.hit(limit, "user") for _ in range(3)]
            store.advance(60)
            hits += [limiter.hit(limit, "user") for _ in range(3)]
        self.assertEqual(hits, [True, True, False] * 2)
        key = next(str(key) for key in store if "/expires" not in str(key))
        store.assert_items(
            {key: Item(b"3", expire=60), f"{key}/expires": Item(mock.ANY, expire=60)}
        )
