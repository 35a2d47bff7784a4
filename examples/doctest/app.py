"""Feature flags in memcached, documented by examples that run without one."""

from __future__ import annotations

from pymemcache.client.base import Client


def is_enabled(client: Client, flag: str) -> bool:
    """Say whether a flag is on; one that nobody set is off.

    >>> from tripwire import MISS, MemcachePlugin, StrictVerifier
    >>> verifier = StrictVerifier()
    >>> memcache = MemcachePlugin(verifier)
    >>> memcache.mock_command("GET", returns=b"on", key="flag:dark-mode")
    >>> memcache.mock_command("GET", returns=MISS, key="flag:teleport")
    >>> client = Client(("localhost", 11211))
    >>> with verifier.sandbox():
    ...     is_enabled(client, "dark-mode")
    ...     is_enabled(client, "teleport")
    True
    False

    What was asked is asserted, and the verifier looks for anything left over:

    >>> memcache.assert_get(command="GET", key="flag:dark-mode")
    >>> memcache.assert_get(command="GET", key="flag:teleport")
    >>> verifier.verify_all()
    """
    value: bytes | None = client.get(f"flag:{flag}")
    return value == b"on"


def switch(client: Client, flag: str, on: bool) -> None:
    """Switch a flag on or off, for good.

    >>> from tripwire import MemcachePlugin, StrictVerifier
    >>> verifier = StrictVerifier()
    >>> memcache = MemcachePlugin(verifier)
    >>> memcache.mock_command("SET", returns=True)
    >>> with verifier.sandbox():
    ...     switch(Client(("localhost", 11211)), "dark-mode", on=True)
    >>> memcache.assert_set(command="SET", key="flag:dark-mode", value=b"on", expire=0)
    >>> verifier.verify_all()
    """
    client.set(f"flag:{flag}", b"on" if on else b"off")
