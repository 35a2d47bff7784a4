"""What the statements that are measured run with: tripwire, its rivals, and what they are made of.

A situation is a context manager that is told how often a statement is going to run, and gives the
names that it runs with. Entering and leaving it is not measured.
"""

from __future__ import annotations

import unittest
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Callable, Dict, List, Tuple
from unittest import mock

from pymemcache import serde
from pymemcache.client import base

from tripwire import MemcachePlugin, StrictVerifier, TripwireTestCase

Names = Dict[str, Any]
Situation = Callable[[int], "AbstractContextManager[Names]"]

CLIENT = "pymemcache.client.base.Client"
SERVER = ("localhost", 11211)
KEY = "session:abc"


class Bare:
    """The least that a call in Python can be."""

    def method(self, a: object, b: object, c: object) -> None:
        """Take three keywords, and do nothing."""


class NullSocket:
    """Drops what it is given, and always gives the same answer."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer

    def sendall(self, request: bytes) -> None:
        """As a socket's."""

    def recv(self, size: int) -> bytes:
        """As a socket's."""
        return self.answer


class InPieces(NullSocket):
    """Gives its answer in pieces, as a socket does."""

    def __init__(self, answer: bytes) -> None:
        super().__init__(answer)
        self.left = b""

    def sendall(self, request: bytes) -> None:
        """Begin anew."""
        self.left = self.answer

    def recv(self, size: int) -> bytes:
        """As a socket's."""
        piece, self.left = self.left[:size], self.left[size:]
        return piece


class Stub:
    """The floor, as written by hand: notes the calls, and gives what it was told to."""

    def __init__(self) -> None:
        self.calls: List[Tuple[Any, ...]] = []
        self.got = b"user:42"
        self.stored = True

    def get(self, key: str) -> bytes:
        """As the client's."""
        self.calls.append(("get", key))
        return self.got

    def set(self, key: str, value: bytes, expire: int = 0) -> bool:
        """As the client's."""
        self.calls.append(("set", key, value, expire))
        return self.stored


class Empty(unittest.TestCase):
    """A test that does nothing."""

    def test(self) -> None:
        """Nothing."""


class EmptyTripwire(TripwireTestCase):
    """A strict test that does nothing."""

    def test(self) -> None:
        """Nothing."""


# --- situations -----------------------------------------------------------------------------------


def given(**names: Any) -> Situation:
    """Names, and nothing that has to be built anew."""

    @contextmanager
    def situation(times: int) -> Iterator[Names]:
        yield names

    return situation


def null(answer: bytes) -> Situation:
    """A client that is connected to a null socket."""
    client: Any = base.Client(SERVER)
    client.sock = NullSocket(answer)
    return given(client=client)


LIST = list(range(10_000))
"""What is pickled to measure the reply of a large value."""


@contextmanager
def pickled_null(times: int) -> Iterator[Names]:
    """A client with a pickling serde, connected to a null socket that holds a list."""
    client: Any = base.Client(SERVER, serde=serde.pickle_serde)
    data, flags = serde.pickle_serde.serialize(KEY, LIST)
    answer = b"VALUE %b %d %d\r\n%b\r\nEND\r\n" % (KEY.encode(), flags, len(data), data)
    client.sock = InPieces(answer)
    yield {"client": client}


@contextmanager
def pickled(times: int) -> Iterator[Names]:
    """Such a client in a sandbox, and a mock that returns the list."""
    verifier = StrictVerifier()
    memcache = MemcachePlugin(verifier)
    memcache.mock_command("GET", returns=LIST, required=False, times=None)
    with verifier.sandbox():
        yield {"client": base.Client(SERVER, serde=serde.pickle_serde)}


@contextmanager
def stubbed(times: int) -> Iterator[Names]:
    """A stub that was called once."""
    client = Stub()
    client.get(KEY)
    yield {"client": client, "equal": unittest.TestCase().assertEqual}


@contextmanager
def specced(times: int) -> Iterator[Names]:
    """An instance of the patched class that was called once."""
    with mock.patch(CLIENT, autospec=True) as patched:
        patched.return_value.get.return_value = b"user:42"
        patched.return_value.set.return_value = True
        client = base.Client(SERVER)
        client.get(KEY)
        yield {"client": client}


@contextmanager
def intercepted(times: int) -> Iterator[Names]:
    """A real client in a sandbox."""
    verifier = StrictVerifier()
    memcache = MemcachePlugin(verifier)
    memcache.mock_command("GET", returns=b"user:42", required=False, times=None)
    memcache.mock_command("SET", returns=True, required=False, times=None)
    with verifier.sandbox():
        yield {"client": base.Client(SERVER), "verifier": verifier, "memcache": memcache}


def served(held: int) -> Situation:
    """A real client over a store that holds so many items."""

    @contextmanager
    def situation(times: int) -> Iterator[Names]:
        verifier = StrictVerifier()
        memcache = MemcachePlugin(verifier)
        store = memcache.store(required=False)
        client = base.Client(SERVER)
        with store.off_the_record():
            client.set_many({f"key:{number}": b"user:42" for number in range(held)})
            client.set_many({KEY: b"user:42", "n": b"1"})
        with verifier.sandbox():
            yield {"client": client}

    return situation


@contextmanager
def registering(times: int) -> Iterator[Names]:
    """A plugin."""
    yield {"memcache": MemcachePlugin(StrictVerifier())}


@contextmanager
def called(times: int) -> Iterator[Names]:
    """A plugin after the calls."""
    with intercepted(times) as names:
        for _ in range(times):
            names["client"].get(KEY)
    yield names


def asserted(length: int) -> Situation:
    """A verifier all of whose interactions were asserted."""

    @contextmanager
    def situation(times: int) -> Iterator[Names]:
        with called(length) as names:
            for _ in range(length):
                names["memcache"].assert_get("GET", KEY)
            yield names

    return situation


def interleaved(*keys: str) -> int:
    """Run a worker for each key, in every order; return how many rounds that took.

    Two workers have two commands each, more of them have three.
    """
    verifier = StrictVerifier()
    memcache = MemcachePlugin(verifier)
    clients: List[Any] = [base.Client(SERVER) for _ in keys]
    rounds: List[None] = []

    def worker(client: Any, key: str) -> Callable[[], None]:
        def count() -> None:
            for _ in range(2 if len(keys) == 2 else 3):
                client.incr(key, 1)

        return count

    def scenario(together: Callable[..., List[Any]]) -> None:
        rounds.append(None)
        memcache.store(dict.fromkeys(keys, 0))
        together(*[worker(client, key) for client, key in zip(clients, keys)])

    memcache.interleave(scenario)
    return len(rounds)


SITUATIONS = {"tripwire": intercepted, "autospec": specced, "stub": stubbed}
"""The situations with a client to call `get` on, by who is measured."""
