"""Calls of many threads, and of finalizers, that outlast their sandbox."""

from __future__ import annotations

import gc
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from types import ModuleType
from typing import Any, Callable, Tuple

from pymemcache.client.base import Client

from tests.support.cases import SERVER, by_hand


class Garbage:
    """Something that only the garbage collector takes away, and that calls the cache then."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self._itself = self
        self._call = call

    def __del__(self) -> None:
        # Not in the thread that closes the sandbox: what calls there while it closes is told so.
        in_main = threading.current_thread() is threading.main_thread()
        if not in_main:  # pragma: no branch - it is chance in which thread the collector runs
            with suppress(ConnectionRefusedError):
                self._call()


class Watched:
    """Clients of one sandbox that may not connect in the middle of a call that began in it."""

    def __init__(self, sandbox: Any) -> None:
        self._sandbox = sandbox
        self._began = threading.local()
        self._network = ModuleType("refusing")
        vars(self._network).update(vars(socket), getaddrinfo=self._refuse)

    def client(self) -> Any:
        """Build one."""
        return Client(SERVER, serializer=self._serialize, socket_module=self._network)

    def _serialize(self, key: bytes, value: bytes) -> Tuple[bytes, int]:
        self._began.inside = self._sandbox.is_open
        # A turn of a loop is where the interpreter switches threads.
        for _ in range(20):
            pass
        return value, 0

    def _refuse(self, *address: Any) -> None:
        assert not self._began.inside
        raise ConnectionRefusedError


def outlasting(pool: ThreadPoolExecutor, threads: int) -> None:
    """Close a sandbox in the middle of the calls of all threads, and of their finalizers.

    What has begun in it does not go on to connect; what begins afterwards does, to nobody.
    """
    ready = threading.Barrier(threads + 1)
    verifier, memcache = by_hand()
    memcache.expect("SET", key="k", value=b"v", returns=True, times=None, required=False)
    sandbox = verifier.sandbox()
    watched = Watched(sandbox)

    def work(number: int) -> None:
        call = partial(watched.client().set, "k", b"v", noreply=False)
        ready.wait()
        with suppress(ConnectionRefusedError):
            while True:
                Garbage(call)
                assert call() is True

    with sandbox:
        futures = [pool.submit(work, number) for number in range(threads)]
        ready.wait()
    for future in futures:
        future.result()
    gc.collect()
    # A thread that has nothing more to do may still be in a finalizer.
    for _ in range(threads):
        pool.submit(ready.wait)
    ready.wait()
    verifier.verify_all()
