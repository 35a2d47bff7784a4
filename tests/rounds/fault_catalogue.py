"""Pairs of a broken and a mended piece of code, for faults: counters, locks, limits, guards.

Each function takes the plugin of a test and gives a scenario.
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from types import MappingProxyType
from typing import Any, Callable, List, Mapping, NamedTuple, Tuple

from pymemcache.client.base import Client
from pymemcache.exceptions import MemcacheError

from tests.support.cases import SERVER
from tripwire import FAULTS, MemcachePlugin

Scenario = Callable[[], Any]
Made = Callable[[MemcachePlugin], Scenario]

ERRORS: Any = (OSError, MemcacheError)
"""What a caller of pymemcache meets where a server fails."""


class Pair(NamedTuple):
    """The same thing, done wrong and done right; `found` is one of the faults that show it."""

    name: str
    broken: Made
    mended: Made
    found: str
    options: Mapping[str, Any] = MappingProxyType({})


def client() -> Any:
    """A client that waits for answers."""
    return Client(SERVER, default_noreply=False)


# --- counting -------------------------------------------------------------------------------------


def counting(count: Callable[[Any], None]) -> Made:
    """One visit is counted once, or not at all."""

    def made(memcache: MemcachePlugin) -> Scenario:
        def scenario() -> None:
            store = memcache.store({"visits": 7})
            count(client())
            assert store.get("visits") in (None, b"7", b"8"), store.get("visits")

        return scenario

    return made


def count_with_retry(cache: Any) -> None:
    """A timeout does not say whether the server has counted."""
    try:
        cache.incr("visits", 1)
    except ERRORS:
        cache.incr("visits", 1)


def count_or_not(cache: Any) -> None:
    """A visit may be lost; none is counted twice."""
    with suppress(*ERRORS):
        cache.incr("visits", 1)


# --- a limit --------------------------------------------------------------------------------------


def limiting(allowed: Callable[[Any], bool], most: int = 3) -> Made:
    """Five requests, of which so many are allowed at most."""

    def made(memcache: MemcachePlugin) -> Scenario:
        def scenario() -> None:
            memcache.store()
            cache = client()
            assert sum(allowed(cache) for _ in range(5)) <= most

        return scenario

    return made


def limit_by_add_and_incr(cache: Any) -> bool:
    """The counter may be evicted between the two."""
    try:
        cache.add("hits", b"0", expire=60)
        return bool(cache.incr("hits", 1) <= 3)
    except ERRORS:
        return False


def limit_with_a_look(cache: Any) -> bool:
    """A counter that is gone allows nothing, either."""
    try:
        cache.add("hits", b"0", expire=60)
        hits = cache.incr("hits", 1)
    except ERRORS:
        return False
    return hits is not None and hits <= 3


def limit_that_fails_open(cache: Any) -> bool:
    """Who cannot count lets everybody in."""
    try:
        return limit_with_a_look_or_error(cache)
    except ERRORS:
        return True


def limit_that_fails_closed(cache: Any) -> bool:
    """Who cannot count lets nobody in."""
    try:
        return limit_with_a_look_or_error(cache)
    except ERRORS:
        return False


def limit_with_a_look_or_error(cache: Any) -> bool:
    """As a library would have it."""
    cache.add("hits", b"0", expire=60)
    hits = cache.incr("hits", 1)
    return hits is not None and hits <= 3


# --- a lock ---------------------------------------------------------------------------------------


class Worker:
    """Runs a job under a lock; `done` says when."""

    def __init__(self, expire: int) -> None:
        self.done: List[float] = []
        self._expire = expire

    def run(self, cache: Any) -> None:
        """Try three times, with a minute between."""
        for _ in range(3):
            with suppress(*ERRORS):
                if self._job(cache):
                    return
            time.sleep(60)

    def _job(self, cache: Any) -> bool:
        if not cache.add("lock", b"me", expire=self._expire):
            return False
        self.done.append(time.time())
        cache.delete("lock")
        return True


def locking(expire: int) -> Made:
    """A job that runs under a lock runs again, whatever went wrong before."""

    def made(memcache: MemcachePlugin) -> Scenario:
        def scenario() -> None:
            memcache.store()
            worker, cache = Worker(expire), client()
            worker.run(cache)
            once = len(worker.done)
            worker.run(cache)
            assert 1 <= once < len(worker.done), worker.done

        return scenario

    return made


# --- once only ------------------------------------------------------------------------------------


def guarding(is_first: Callable[[Any], bool]) -> Made:
    """A letter is sent once."""

    def made(memcache: MemcachePlugin) -> Scenario:
        def scenario() -> None:
            memcache.store()
            cache = client()
            sent = 0
            try:
                sent += is_first(cache)
            except ERRORS:
                # Whoever asked is told, and asks again.
                sent += is_first(cache)
            assert sent == 1

        return scenario

    return made


def first_by_add(cache: Any) -> bool:
    """Where the answer is lost, the guard stands, and nobody has passed it."""
    return bool(cache.add("sent:42", b"1"))


def first_by_add_and_look(cache: Any) -> bool:
    """Whose guard it is can be read."""
    return bool(cache.add("sent:42", b"token-1")) or cache.get("sent:42") == b"token-1"


# --- a loop with cas ------------------------------------------------------------------------------


def appending(append: Callable[[Any, str], None]) -> Made:
    """A basket has an article once after it was put there."""

    def made(memcache: MemcachePlugin) -> Scenario:
        def scenario() -> None:
            store = memcache.store({"basket": b'["tea"]'})
            cache = client()
            try:
                append(cache, "cup")
            except ERRORS:
                # Whoever put it there is told, and tries again.
                append(cache, "cup")
            assert json.loads(store["basket"]).count("cup") == 1, store["basket"]

        return scenario

    return made


def append_without_a_look(cache: Any, article: str) -> None:
    """It may be there, and the cas may find nothing there at all."""
    found, token = cache.gets("basket")
    value = json.dumps([*json.loads(found or "[]"), article])
    if token is None:
        cache.add("basket", value)
    else:
        cache.cas("basket", value, token)


def append_with_a_look(cache: Any, article: str) -> None:
    """Both are asked for."""
    while True:
        found, token = cache.gets("basket")
        articles = json.loads(found) if found else []
        if article in articles:
            return
        value = json.dumps([*articles, article])
        done = cache.add("basket", value) if token is None else cache.cas("basket", value, token)
        if done:
            return


WITHOUT_EVICTION: Tuple[str, ...] = FAULTS[:-1]

PAIRS = [
    Pair(
        "an INCR that is repeated",
        counting(count_with_retry),
        counting(count_or_not),
        "1 answer lost",
    ),
    Pair(
        "a counter that is evicted between ADD and INCR",
        limiting(limit_by_add_and_incr, 5),
        limiting(limit_with_a_look, 5),
        "2 evicted",
        {"faults": ("down", "evicted", "request lost")},
    ),
    Pair(
        "a rate limit that fails open",
        limiting(limit_that_fails_open),
        limiting(limit_that_fails_closed),
        "1 down",
        {"faults": WITHOUT_EVICTION, "persistent": True},
    ),
    Pair("a lock that is left for ever", locking(0), locking(30), "1 answer lost"),
    Pair(
        "a guard that nobody has passed",
        guarding(first_by_add),
        guarding(first_by_add_and_look),
        "1 answer lost",
    ),
    Pair(
        "a loop with cas that adds twice, or gives up",
        appending(append_without_a_look),
        appending(append_with_a_look),
        "2 answer lost",
    ),
]
