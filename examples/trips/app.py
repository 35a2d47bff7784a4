"""A session store in memcached."""

from __future__ import annotations

from pymemcache.client.base import Client


def save_session(client: Client, session: str, user: str) -> None:
    """Remember for an hour whose session this is."""
    client.set(f"session:{session}", user.encode(), expire=3600)


def load_session(client: Client, session: str) -> str | None:
    """Return whose session this is, or None where nobody knows."""
    user: bytes | None = client.get(f"session:{session}")
    return None if user is None else user.decode()
