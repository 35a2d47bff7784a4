"""What the installed pymemcache has, found by trying; a test that needs more is skipped."""

from __future__ import annotations

import unittest

from pymemcache.client.base import Client

needs_raw_command = unittest.skipUnless(
    hasattr(Client, "raw_command"), "this pymemcache has no raw_command"
)
