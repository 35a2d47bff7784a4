"""The shop's cache, through Django's own PyMemcacheCache: nothing of Django is replaced."""

from __future__ import annotations

import unittest

from django.conf import settings
from django.test import SimpleTestCase

import tripwire

from app import count_view, forget, price, start_over, warm_up

settings.configure(
    CACHES={
        "default": {
            "BACKEND": "django.core.cache.backends.memcached.PyMemcacheCache",
            "LOCATION": "cache.internal:11211",
        }
    }
)


class ShopCacheTest(tripwire.TripwireTestCase, SimpleTestCase):
    """Each function of the module, and the commands it comes down to."""

    def test_known_price_is_not_looked_up(self) -> None:
        """A hit is one GET, under the key that Django makes of ours."""
        self.memcache.mock_command("GET", returns=1999)
        with self.sandbox():
            cents = price("tea", look_up=self.fail)
        self.assertEqual(cents, 1999)
        self.memcache.assert_get(command="GET", key=":1:price:tea")

    def test_unknown_price_is_looked_up_and_cached(self) -> None:
        """After a miss Django adds the value and reads back what is there now."""
        self.memcache.mock_command("GET", returns=tripwire.MISS)
        self.memcache.mock_command("ADD", returns=True)
        self.memcache.mock_command("GET", returns=1999)
        with self.sandbox():
            cents = price("tea", look_up=lambda: 1999)
        self.assertEqual(cents, 1999)
        self.memcache.assert_get(command="GET", key=":1:price:tea")
        self.memcache.assert_set(command="ADD", key=":1:price:tea", value=1999, expire=300)
        self.memcache.assert_get(command="GET", key=":1:price:tea")

    def test_warming_up_reports_what_was_refused(self) -> None:
        """The keys come back as the application wrote them, not as Django does."""
        self.memcache.mock_command("SET_MANY", returns=[":1:price:tea"])
        with self.sandbox():
            refused = warm_up({"tea": 1999, "cup": 450})
        self.assertEqual(refused, ["price:tea"])
        self.memcache.assert_set_many(
            command="SET_MANY", values={":1:price:tea": 1999, ":1:price:cup": 450}, expire=300
        )

    def test_forgetting_deletes_each_price(self) -> None:
        """Many keys are one DELETE each in pymemcache's HashClient, which Django uses."""
        self.memcache.mock_command("DELETE", returns=True, times=2)
        with self.sandbox():
            forget(["tea", "cup"])
        self.memcache.assert_delete(command="DELETE", key=":1:price:tea")
        self.memcache.assert_delete(command="DELETE", key=":1:price:cup")

    def test_view_is_counted_on_the_server(self) -> None:
        """A counter that exists takes one INCR."""
        self.memcache.mock_command("INCR", returns=8)
        with self.sandbox():
            views = count_view("tea")
        self.assertEqual(views, 8)
        self.memcache.assert_incr(command="INCR", key=":1:views:tea", value=1)

    def test_first_view_starts_the_counter(self) -> None:
        """A counter that is missing is set to one, and never expires."""
        self.memcache.mock_command("INCR", returns=tripwire.MISS)
        self.memcache.mock_command("SET", returns=True)
        with self.sandbox():
            views = count_view("tea")
        self.assertEqual(views, 1)
        self.memcache.assert_incr(command="INCR", key=":1:views:tea")
        self.memcache.assert_set(command="SET", key=":1:views:tea", value=1)

    def test_starting_over_empties_the_server(self) -> None:
        """Clearing Django's cache is FLUSH_ALL: everything on the server goes, whoever wrote it."""
        self.memcache.mock_command("FLUSH_ALL", returns=True)
        with self.sandbox():
            start_over()
        self.memcache.assert_command("FLUSH_ALL", server=("cache.internal", 11211))


if __name__ == "__main__":
    unittest.main()
