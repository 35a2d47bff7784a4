"""Libraries over pymemcache run unmodified in a sandbox, with mocks alone.

SPECIFICATION 9.
"""

from __future__ import annotations

import unittest
from typing import Any, List, Tuple
from unittest import mock

from asgiref.sync import ThreadSensitiveContext
from django.core.cache.backends.base import InvalidCacheKey
from django.core.cache.backends.memcached import PyMemcacheCache
from dogpile.cache import make_region
from dogpile.cache.api import NO_VALUE
from limits import parse
from limits.storage import MemcachedStorage
from limits.strategies import FixedWindowRateLimiter
from pymemcache.exceptions import MemcacheServerError

from tests.support.platform import needs_event_loop
from tripwire import MISS, SwallowedViolationError, TripwireTestCase

SERVER = ("cache.internal", 11211)
OTHER = ("other.internal", 11212)
URL, OTHER_URL = "cache.internal:11211", "other.internal:11212"


class DjangoTest(TripwireTestCase):
    """Django's PyMemcacheCache: a HashClient that pickles and waits for answers."""

    def setUp(self) -> None:
        """Build the backend as Django does from its settings."""
        super().setUp()
        self.cache = PyMemcacheCache(URL, {"TIMEOUT": 60})

    def test_get_or_set_adds_after_a_miss(self) -> None:
        """A miss is a default of Django's own, which makes it compute, add, and read back."""
        self.memcache.mock_command("GET", returns=MISS)
        self.memcache.mock_command("ADD", returns=True)
        self.memcache.mock_command("GET", returns=42)
        with self.sandbox():
            self.assertEqual(self.cache.get_or_set("answer", lambda: 42), 42)
        self.memcache.assert_get("GET", ":1:answer", server=SERVER)
        self.memcache.assert_set("ADD", ":1:answer", 42, 60)
        self.memcache.assert_get("GET", ":1:answer", default=42)
        self.assertIn(b"add :1:answer 2 60 2\r\n42\r\n", self.verifier.interactions[1].request)

    def test_get_or_set_of_somebody_quicker(self) -> None:
        """The value that another process has added meanwhile wins."""
        self.memcache.expect("GET", returns=MISS, key=":1:answer")
        self.memcache.expect("ADD", returns=False, key=":1:answer", value=41, expire=60)
        self.memcache.expect("GET", returns=42, key=":1:answer")
        with self.sandbox():
            self.assertEqual(self.cache.get_or_set("answer", 41), 42)

    def test_every_method(self) -> None:
        """What each comes down to on the wire."""
        self.memcache.expect("GET", returns=MISS, key=":1:a")
        self.memcache.expect("SET", returns=True, key=":1:a", value=[1], expire=-1)
        self.memcache.expect("GET_MANY", returns={":1:b": "text"}, keys=[":1:a", ":1:b"])
        self.memcache.expect("SET_MANY", returns=[":1:b"], values={":1:a": 1, ":1:b": 2}, expire=0)
        self.memcache.expect("DELETE", returns=MISS, key=":1:a")
        self.memcache.expect("DELETE", returns=True, key=":1:b")
        self.memcache.expect("TOUCH", returns=True, key=":1:a", expire=5)
        self.memcache.expect("INCR", returns=8, key=":1:n", value=3)
        self.memcache.expect("DECR", returns=7, key=":1:n", value=1)
        self.memcache.expect("INCR", returns=MISS, key=":1:n")
        self.memcache.expect("FLUSH_ALL", returns=True)
        cache = self.cache
        with self.sandbox():
            self.assertEqual(cache.get("a", "default"), "default")
            cache.set("a", [1], timeout=0)
            self.assertEqual(cache.get_many(["a", "b"]), {"b": "text"})
            self.assertEqual(cache.set_many({"a": 1, "b": 2}, timeout=None), ["b"])
            cache.delete_many(["a", "b"])
            self.assertTrue(cache.touch("a", 5))
            self.assertEqual(cache.incr("n", 3), 8)
            self.assertEqual(cache.decr("n"), 7)
            self.assertRaises(ValueError, cache.incr, "n")
            cache.clear()
            cache.close()

    def test_failed_set_deletes_what_was_there(self) -> None:
        """Django's own care for values that are too large, provoked by one reply."""
        self.memcache.expect("SET", returns=False, key=":1:a", value="v", expire=60)
        self.memcache.expect("DELETE", returns=True, key=":1:a")
        with self.sandbox():
            self.cache.set("a", "v")

    def test_key_that_django_rejects_reaches_no_client(self) -> None:
        """It is Django's error, before pymemcache's."""
        with self.sandbox(), self.assertRaises(InvalidCacheKey):
            self.cache.get("a b")
        self.memcache.assert_no_calls()

    def test_unicode_keys_are_sent_as_utf_8(self) -> None:
        """Django allows them in its client."""
        self.memcache.expect("GET", returns=MISS, key=":1:clé")
        with self.sandbox():
            self.assertIsNone(self.cache.get("clé"))
        request = self.verifier.interactions[0].request
        self.assertEqual(request, "get :1:clé\r\n".encode())

    def test_two_servers_share_the_keys(self) -> None:
        """The hashing is pymemcache's, so each key goes where it goes in production."""
        cache = PyMemcacheCache([URL, OTHER_URL], {})
        keys = [f"key{number}" for number in range(8)]
        self.memcache.mock_command("GET_MANY", returns={}, server=SERVER)
        self.memcache.mock_command("GET_MANY", returns={}, server=OTHER)
        with self.sandbox():
            self.assertEqual(cache.get_many(keys), {})
        sent: List[Tuple[Any, Any]] = [
            (each.server, each.fields["keys"]) for each in self.verifier.interactions
        ]
        for server, some in sorted(sent):
            with self.verifier.in_any_order():
                self.memcache.assert_get_many("GET_MANY", some, server=server)
        self.assertEqual(sorted(sent[0][1] + sent[1][1]), [f":1:{key}" for key in keys])


@needs_event_loop
class DjangoAsyncTest(TripwireTestCase, unittest.IsolatedAsyncioTestCase):
    """The asynchronous methods, which Django runs in a thread."""

    async def test_methods_that_are_awaited(self) -> None:
        """Their calls belong to the sandbox of the test."""
        cache = PyMemcacheCache(URL, {"TIMEOUT": 60})
        self.memcache.expect("GET", returns=MISS, key=":1:a")
        self.memcache.expect("ADD", returns=True, key=":1:a", value=1, expire=60)
        self.memcache.expect("GET", returns=1, key=":1:a")
        # The thread ends with the block; Django's own would be there for as long as the process is.
        async with ThreadSensitiveContext(), self.sandbox():
            self.assertEqual(await cache.aget_or_set("a", 1), 1)


class DogpileTest(TripwireTestCase):
    """dogpile.cache's region over its pymemcache backend."""

    def setUp(self) -> None:
        """Configure a region as its users do."""
        super().setUp()
        arguments = {"url": [URL], "memcached_expire_time": 90}
        self.region: Any = make_region().configure(
            "dogpile.cache.pymemcache", expiration_time=60, arguments=arguments
        )

    def test_value_is_created_after_a_miss(self) -> None:
        """It is read, created, and set with the backend's own expiry."""
        self.memcache.mock_command("GET", returns=MISS, times=None)
        self.memcache.expect("SET", returns=True, key="k", value=mock.ANY, expire=90)
        with self.sandbox():
            self.assertEqual(self.region.get_or_create("k", lambda: "created"), "created")
        first, *_, last = self.verifier.interactions
        self.assertEqual(last.fields["value"].payload, "created")
        self.assertEqual((first.command, first.server), ("GET", SERVER))
        for _ in self.verifier.interactions[:-1]:
            self.memcache.assert_get("GET", "k")

    def test_value_that_was_created_is_found(self) -> None:
        """What the region set is what a later one gets."""
        self.memcache.expect("SET", returns=True, key="k", value=mock.ANY, expire=90)
        with self.sandbox():
            self.region.set("k", "value")
        self.memcache.expect("GET", returns=self.verifier.interactions[0].fields["value"], key="k")
        with self.sandbox():
            self.assertEqual(self.region.get_or_create("k", self.fail), "value")

    def test_methods_of_many_keys(self) -> None:
        """A miss of some is no value of some."""
        self.memcache.expect("GET_MANY", returns=MISS, keys=["a", "b"])
        self.memcache.expect("DELETE", returns=MISS, key="a")
        self.memcache.expect("DELETE", returns=True, key="b")
        with self.sandbox():
            self.assertEqual(self.region.get_multi(["a", "b"]), [NO_VALUE, NO_VALUE])
            self.region.delete_multi(["a", "b"])

    def test_distributed_lock(self) -> None:
        """The lock is an ADD that waits for its answer, and a DELETE."""
        region = make_region().configure(
            "dogpile.cache.pymemcache",
            arguments={"url": URL, "distributed_lock": True, "lock_timeout": 5},
        )
        self.memcache.mock_command("GET", returns=MISS, times=None)
        self.memcache.expect("ADD", returns=True, key="_lockk", value=1, expire=5)
        self.memcache.expect("SET", returns=True, key="k", value=mock.ANY)
        self.memcache.expect("DELETE", returns=True, key="_lockk")
        with self.sandbox():
            self.assertEqual(region.get_or_create("k", lambda: "created"), "created")
        gets = [each for each in self.verifier.interactions if each.command == "GET"]
        for each in gets:
            self.memcache.assert_get("GET", each.fields["key"])


class LimitsTest(TripwireTestCase):
    """limits' rate limiter over its MemcachedStorage."""

    def setUp(self) -> None:
        """Build a limiter of two hits a minute."""
        super().setUp()
        storage = MemcachedStorage(f"memcached://{URL}")
        self.limiter = FixedWindowRateLimiter(storage)
        self.limit = parse("2/minute")

    def test_first_hit_starts_the_window(self) -> None:
        """A counter that is missing is added, and its end is written beside it."""
        self.memcache.mock_command("INCR", returns=MISS)
        self.memcache.mock_command("ADD", returns=MISS)
        self.memcache.mock_command("SET", returns=True)
        with self.sandbox():
            self.assertTrue(self.limiter.hit(self.limit, "user"))
        key = self.verifier.interactions[0].fields["key"]
        self.memcache.assert_incr("INCR", key, noreply=False, server=SERVER)
        self.memcache.assert_set("ADD", key, 1, 60, noreply=False)
        self.memcache.assert_set("SET", key + "/expires", mock.ANY, 60, noreply=False)
        self.assertRegex(key, "user/2/1/minute$")

    def test_hit_beyond_the_limit_is_refused(self) -> None:
        """The server counts; the limiter only looks."""
        self.memcache.mock_command("INCR", returns=3)
        with self.sandbox():
            self.assertFalse(self.limiter.hit(self.limit, "user"))
        self.memcache.assert_incr("INCR", self.verifier.interactions[0].fields["key"])

    def test_looking_at_the_window(self) -> None:
        """A hit is bytes, a miss is what limits asked for instead."""
        self.memcache.mock_command("GET", returns=b"2")
        self.memcache.mock_command("GET", returns=MISS)
        with self.sandbox():
            self.assertFalse(self.limiter.test(self.limit, "user"))
            self.assertTrue(self.limiter.test(self.limit, "user"))
        for each in self.verifier.interactions:
            self.memcache.assert_get("GET", each.fields["key"])

    def test_fault_of_the_server_is_what_it_is(self) -> None:
        """`check()` makes one answer of all exceptions; this one it may."""
        storage = MemcachedStorage(f"memcached://{URL}")
        self.memcache.expect("GET", raises=MemcacheServerError("busy"), key="limiter-check")
        with self.sandbox():
            self.assertFalse(storage.check())

    def test_unmocked_call_that_is_swallowed_is_found(self) -> None:
        """`check()` catches that too, and verification names it."""
        storage = MemcachedStorage(f"memcached://{URL}")
        with self.sandbox():
            self.assertFalse(storage.check())
        with self.assertRaisesRegex(SwallowedViolationError, r"memcached\.py:\d+ in check"):
            self.verifier.verify_all()
