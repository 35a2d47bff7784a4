"""Settings with which Django's suite runs its cache tests over `suite_world`."""

from __future__ import annotations

import suite_world

HOST, PORT = suite_world.address()

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "memcached": {
        "BACKEND": "django.core.cache.backends.memcached.PyMemcacheCache",
        "LOCATION": f"{HOST}:{PORT}",
    },
}
DATABASES = {
    "default": {"ENGINE": "django.db.backends.sqlite3"},
    "other": {"ENGINE": "django.db.backends.sqlite3"},
}
SECRET_KEY = "of no use"
USE_TZ = False

# For as long as the process lives: the tests begin when these settings are read.
WORLD = suite_world.begin()
