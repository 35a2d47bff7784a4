"""User profiles, kept in memcached so that the database is asked less often."""

from __future__ import annotations

from pymemcache.client.base import Client


def get_user_profile(client: Client, user_id: str) -> str | None:
    """Return the profile as JSON text, or None where none is cached."""
    cached: bytes | None = client.get(f"profile:{user_id}")
    return None if cached is None else cached.decode()


def cache_user_profile(client: Client, user_id: str, profile_json: str, ttl: int = 300) -> None:
    """Keep the profile for so many seconds."""
    client.set(f"profile:{user_id}", profile_json.encode(), expire=ttl)
