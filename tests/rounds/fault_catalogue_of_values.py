"""Pairs of a broken and a mended piece of code, for faults: values that are stale or torn."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Callable, Dict, Optional

from tests.rounds.fault_catalogue import ERRORS, Made, Pair, Scenario, client
from tripwire import MemcachePlugin

# --- a price, and a copy of it --------------------------------------------------------------------

Change = Callable[[Any, Dict[str, Any], bytes], None]
Read = Callable[[Any, Dict[str, Any]], bytes]


def pricing(change: Change, read: Read) -> Made:
    """Who looks at a price after it was changed sees the new one."""

    def made(memcache: MemcachePlugin) -> Scenario:
        def scenario() -> None:
            memcache.store()
            cache, table = client(), {"price": b"10", "version": 1}
            read(cache, table)
            change(cache, table, b"20")
            seen = read(cache, table)
            assert seen == b"20", seen

        return scenario

    return made


def fetched(cache: Any, key: str) -> Optional[bytes]:
    """What is cached; nothing where that cannot be known."""
    try:
        found: Optional[bytes] = cache.get(key)
    except ERRORS:
        return None
    return found


def read_price(cache: Any, table: Dict[str, Any], key: str = "price") -> bytes:
    """From the cache, else from the table."""
    found = fetched(cache, key)
    if found is None:
        found = table["price"]
        with suppress(*ERRORS):
            cache.set(key, found)
    return bytes(found)


def change_and_invalidate(cache: Any, table: Dict[str, Any], price: bytes) -> None:
    """An invalidation that fails is taken for one that is not needed."""
    table["price"] = price
    with suppress(*ERRORS):
        cache.delete("price")


def change_and_forget(cache: Any, table: Dict[str, Any], price: bytes) -> None:
    """Nobody waits for the answer, so nobody learns of a loss."""
    table["price"] = price
    try:
        cache.delete("price", noreply=True)
    except ERRORS:
        cache.delete("price")


def change_and_write(cache: Any, table: Dict[str, Any], price: bytes) -> None:
    """What the table has and the cache has not."""
    table["price"] = price
    with suppress(*ERRORS):
        cache.set("price", price)


def change_and_write_or_delete(cache: Any, table: Dict[str, Any], price: bytes) -> None:
    """Where it cannot be written it is taken away."""
    table["price"] = price
    try:
        cache.set("price", price)
    except ERRORS:
        cache.delete("price")


def change_and_insist(cache: Any, table: Dict[str, Any], price: bytes) -> None:
    """A fault that does not last is outlasted."""
    table["price"] = price
    try:
        cache.delete("price")
    except ERRORS:
        cache.delete("price")


def change_version(cache: Any, table: Dict[str, Any], price: bytes) -> None:
    """The key of the old copy is asked for no more."""
    table.update(price=price, version=table["version"] + 1)


def read_version(cache: Any, table: Dict[str, Any]) -> bytes:
    """Each version has a key of its own."""
    return read_price(cache, table, f"price:{table['version']}")


# --- errors of the wrong family -------------------------------------------------------------------


def reading(read: Callable[[Any], bytes]) -> Made:
    """A page is shown whatever the cache does."""

    def made(memcache: MemcachePlugin) -> Scenario:
        def scenario() -> bytes:
            memcache.store({"page": b"hello"})
            return read(client())

        return scenario

    return made


def read_or_connection_error(cache: Any) -> bytes:
    """A timeout is no ConnectionError, and a cut answer is no OSError."""
    try:
        found = cache.get("page")
    except ConnectionError:
        found = None
    return bytes(found or b"hello")


def read_or_os_error(cache: Any) -> bytes:
    """What the server says is no OSError."""
    try:
        found = cache.get("page")
    except OSError:
        found = None
    return bytes(found or b"hello")


def read_or_any_error(cache: Any) -> bytes:
    """Both families."""
    return bytes(fetched(cache, "page") or b"hello")


# --- batches --------------------------------------------------------------------------------------


def transferring(write: Callable[[Any], None], read: Callable[[Any], int]) -> Made:
    """Two accounts have a hundred together."""

    def made(memcache: MemcachePlugin) -> Scenario:
        def scenario() -> None:
            memcache.store({"ada": 60, "bob": 40, "both": b"60 40"})
            cache = client()
            with suppress(*ERRORS):
                write(cache)
            total = read(cache)
            assert total in (0, 100), total

        return scenario

    return made


def write_two(cache: Any) -> None:
    """A batch is not applied as one."""
    cache.set_many({"ada": b"50", "bob": b"50"})


def read_two(cache: Any) -> int:
    """Nothing, where one of them is not there."""
    try:
        found = cache.get_many(["ada", "bob"])
    except ERRORS:
        return 0
    return sum(map(int, found.values())) if len(found) == 2 else 0


def write_one(cache: Any) -> None:
    """What belongs together has one key."""
    cache.set("both", b"50 50")


def read_one(cache: Any) -> int:
    """Nothing, where it is not there."""
    return sum(map(int, (fetched(cache, "both") or b"").split()))


def summing(total: Callable[[Any], int]) -> Made:
    """Of the scores that are there."""

    def made(memcache: MemcachePlugin) -> Scenario:
        def scenario() -> None:
            memcache.store({"ada": 1, "bob": 2})
            assert total(client()) <= 3

        return scenario

    return made


def total_of_both(cache: Any) -> int:
    """One that is gone is a KeyError."""
    try:
        found = cache.get_many(["ada", "bob"])
    except ERRORS:
        return 0
    return int(found["ada"]) + int(found["bob"])


def total_of_what_is_there(cache: Any) -> int:
    """Nothing is taken for granted."""
    try:
        return sum(map(int, cache.get_many(["ada", "bob"]).values()))
    except ERRORS:
        return 0


# --- what an error is taken for -------------------------------------------------------------------


def looking_up(look: Callable[[Any, Dict[str, bytes]], bytes]) -> Made:
    """A user who is in the table is found, on a second look at the latest."""

    def made(memcache: MemcachePlugin) -> Scenario:
        def scenario() -> None:
            memcache.store({"user:1": b"Ada"})
            cache, table = client(), {"user:1": b"Ada"}
            look(cache, table)
            seen = look(cache, table)
            assert seen == b"Ada", seen

        return scenario

    return made


def look_and_cache_nobody(cache: Any, table: Dict[str, bytes]) -> bytes:
    """An error is not an answer."""
    try:
        found = cache.get("user:1")
        found = table.get("user:1", b"nobody") if found is None else found
    except ERRORS:
        found = b"nobody"
        cache.set("user:1", found)
    return bytes(found)


def look_and_cache_answers(cache: Any, table: Dict[str, bytes]) -> bytes:
    """What the table says is one."""
    return bytes(fetched(cache, "user:1") or table.get("user:1", b"nobody"))


def visiting(visit: Callable[[Any], None]) -> Made:
    """A session is what it was, or is gone, but is not empty."""

    def made(memcache: MemcachePlugin) -> Scenario:
        def scenario() -> None:
            memcache.store({"session:abc": b"cart=3"})
            visit(client())

        return scenario

    return made


def visit_and_begin_anew(cache: Any) -> None:
    """A session that cannot be read is taken for one that is not there."""
    if fetched(cache, "session:abc") is None:
        cache.set("session:abc", b"")


def visit_and_leave_it(cache: Any) -> None:
    """ADD begins one only where there is none; here a visit that reads begins none at all."""
    fetched(cache, "session:abc")


INSISTING = pricing(change_and_insist, read_price)

PAIRS = [
    Pair(
        "a swallowed invalidation", pricing(change_and_invalidate, read_price), INSISTING, "3 down"
    ),
    Pair(
        "an invalidation without an answer",
        pricing(change_and_forget, read_price),
        INSISTING,
        "3 request lost",
    ),
    Pair(
        "a write that fails over an old value",
        pricing(change_and_write, read_price),
        pricing(change_and_write_or_delete, read_price),
        "3 request lost",
    ),
    Pair(
        "an invalidation that cannot be outlasted",
        INSISTING,
        pricing(change_version, read_version),
        "3 down",
        {"persistent": True},
    ),
    Pair(
        "only some errors, 1",
        reading(read_or_connection_error),
        reading(read_or_any_error),
        "1 request lost",
    ),
    Pair(
        "only some errors, 2", reading(read_or_os_error), reading(read_or_any_error), "1 answer cut"
    ),
    Pair(
        "half a batch",
        transferring(write_two, read_two),
        transferring(write_one, read_one),
        "1 request lost 'bob'",
    ),
    Pair(
        "a batch with a gap",
        summing(total_of_both),
        summing(total_of_what_is_there),
        "1 evicted 'bob'",
    ),
    Pair(
        "an error that is cached as an answer",
        looking_up(look_and_cache_nobody),
        looking_up(look_and_cache_answers),
        "1 answer lost",
    ),
    Pair(
        "a session that is lost on a cut answer",
        visiting(visit_and_begin_anew),
        visiting(visit_and_leave_it),
        "1 answer cut",
        {"stale": False},
    ),
]
