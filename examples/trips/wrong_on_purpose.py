"""Three tests that are wrong on purpose: `make demo` shows how each of them trips."""

from __future__ import annotations

from pymemcache.client.base import Client

import tripwire

from app import load_session, save_session


class SessionTest(tripwire.TripwireTestCase):
    """Every test here fails, and is meant to."""

    def setUp(self) -> None:
        """Build a client as production does."""
        super().setUp()
        self.client = Client(("localhost", 11211))

    def test_forgotten_assertion(self) -> None:
        """The session is written, but nobody looks at what was written."""
        self.memcache.mock_command("SET", returns=True)
        with self.sandbox():
            save_session(self.client, "abc", "alice")

    def test_mock_never_used(self) -> None:
        """The write is expected to be followed by a delete that the code never sends."""
        self.memcache.mock_command("SET", returns=True)
        self.memcache.mock_command("DELETE", returns=True)
        with self.sandbox():
            save_session(self.client, "abc", "alice")
        self.memcache.assert_set(command="SET", key="session:abc", value=b"alice", expire=3600)

    def test_call_nobody_mocked(self) -> None:
        """The code reads, and nobody said what memcached has."""
        with self.sandbox():
            self.assertIsNone(load_session(self.client, "abc"))
