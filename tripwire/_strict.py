"""One strict test: around a block, around a function, and inside `TripwireTestCase`."""

from __future__ import annotations

import functools
import inspect
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Callable, List, Optional, Sequence, Tuple, Type, TypeVar, Union, overload
from unittest import SkipTest

from tripwire import _ambient
from tripwire._swallowed import Evidence
from tripwire._verifier import Inert, StrictVerifier
from tripwire._visible import visible
from tripwire.errors import VerificationError
from tripwire.plugins.memcache_plugin import MemcachePlugin

Function = TypeVar("Function", bound=Callable[..., Any])


class StrictTest:
    """A verifier, its plugin and its guard, from the beginning of one test to its end."""

    memcache: MemcachePlugin

    def __init__(
        self, *, allow_real_memcached: bool, impossible_replies: str, by_hand: bool = False
    ) -> None:
        self.verifier = StrictVerifier()
        self.verifier.watched = True
        self.watch = _ambient.Watch(self.verifier, guarded=not allow_real_memcached)
        self.failures: List[BaseException] = []
        self.is_set_up = False
        self.in_part = False
        self.by_hand = by_hand
        self._impossible_replies = impossible_replies

    def guard(self) -> None:
        """Build the plugin, and let nothing pass from now on; nothing where that was done."""
        if "memcache" in vars(self):
            return
        self.memcache = MemcachePlugin(self.verifier, impossible_replies=self._impossible_replies)
        self.watch.guard(self.verifier.patches())

    def verify(
        self,
        functions: Callable[[], Sequence[Any]] = tuple,
        name: Optional[str] = None,
        expected_failure: bool = False,
    ) -> None:
        """Close what is open and verify, knowing the code of the test and how it failed.

        Of a test that failed, only the violations count: the rest is a consequence.
        """
        self.close_sandboxes()
        evidence = Evidence(
            functions, name, failures=tuple(self.failures), expected_failure=expected_failure
        )
        self.verifier.verify(evidence, causes_only=bool(self.failures))

    def close_sandboxes(self) -> None:
        """Close the sandboxes that are still open, the innermost first."""
        for sandbox in reversed(_ambient.open_sandboxes(self.verifier)):
            sandbox.close()

    def end(self) -> None:
        """Give everything back, whatever happened; nothing where that was done."""
        self.close_sandboxes()
        self.watch.end()
        self.verifier.forget()
        self.failures.clear()

    def __reduce__(self) -> Tuple[Callable[[str], Inert], Tuple[str]]:
        """A test case in another process has no test."""
        return Inert, ("test",)


def ending(end: Callable[[], None]) -> ExitStack:
    """A stack that ends a test. `end` does nothing where that was done."""
    undo = ExitStack()
    undo.callback(end)
    # Again, in case something (Ctrl-C) interrupts the first.
    undo.callback(end)
    return undo


class Strict:
    """What `strict()` gives: a context manager, and a decorator."""

    def __init__(self, allow_real_memcached: bool, impossible_replies: str) -> None:
        self._allow_real_memcached = allow_real_memcached
        self._impossible_replies = impossible_replies
        self._functions: Tuple[Any, ...] = ()
        self._tests: List[Tuple[StrictTest, ExitStack]] = []

    def __enter__(self) -> StrictVerifier:
        """Begin a strict test, and give its verifier."""
        test = StrictTest(
            allow_real_memcached=self._allow_real_memcached,
            impossible_replies=self._impossible_replies,
        )
        undo = ending(test.end)
        try:
            test.watch.begin()
            test.guard()
            test.verifier.trust_callers()
            self._tests.append((test, undo))
            return test.verifier
        except BaseException:
            undo.close()
            raise

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        """Verify. An exception of the block stays what it is; violations become its cause.

        Of a skipped test they are raised instead: nobody looks for the cause of a skip. A generator
        that is closed around the block has not failed.
        """
        try:
            with self._tests[-1][1]:
                test, _ = self._tests.pop()
                if error is not None and not isinstance(error, GeneratorExit):
                    test.failures.append(error)
                test.verify(lambda: self._functions)
        except BaseException as finding:
            found = isinstance(finding, VerificationError)
            if error is None or (found and isinstance(error, (SkipTest, GeneratorExit))):
                raise
            if found:
                # Past any `__setattr__` of its class: a frozen dataclass's refuses.
                BaseException.__setattr__(_root(error), "__cause__", finding)

    async def __aenter__(self) -> StrictVerifier:
        """As `__enter__`."""
        return self.__enter__()

    async def __aexit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        """As `__exit__`."""
        self.__exit__(kind, error, traceback)

    def __call__(self, function: Function) -> Function:
        """Make each call of a plain or async function one strict test."""
        _refuse_to_decorate(function)

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            with self._around(function):
                return _finished(function(*args, **kwargs), function)

        @functools.wraps(function)
        async def call_async(*args: Any, **kwargs: Any) -> Any:
            with self._around(function):
                return await function(*args, **kwargs)

        wrapper: Any = call_async if inspect.iscoroutinefunction(function) else call
        return wrapper  # type: ignore[no-any-return]  # functools.wraps keeps what it was

    def _around(self, function: Callable[..., Any]) -> Strict:
        one = Strict(self._allow_real_memcached, self._impossible_replies)
        one._functions = (function,)
        return one


@overload
def strict(function: Function) -> Function: ...


@overload
def strict(*, allow_real_memcached: bool = False, impossible_replies: str = "refuse") -> Strict: ...


def strict(
    function: Optional[Callable[..., Any]] = None,
    *,
    allow_real_memcached: bool = False,
    impossible_replies: str = "refuse",
) -> Union[Strict, Callable[..., Any]]:
    """Make one strict test of a block or of a function, for doctests and for other runners.

    `with tripwire.strict() as verifier:`, `@tripwire.strict` and `@tripwire.strict()`, the latter
    two on plain and async functions. Inside, `tripwire.memcache` is the test's plugin; at the end
    it is verified.

    >>> import tripwire
    >>> from pymemcache.client.base import Client
    >>> with tripwire.strict() as verifier:
    ...     tripwire.memcache.expect("DELETE", returns=True, key="session:abc")
    ...     with verifier.sandbox():
    ...         Client(("localhost", 11211)).delete("session:abc", noreply=False)
    True

    Args:
        function: what `@tripwire.strict` decorates.
        allow_real_memcached: whether calls outside a sandbox may reach a real server.
        impossible_replies: as in `MemcachePlugin`.

    Raises:
        VerificationError: at the end, what verification found. An exception of the block itself is
            never replaced: what else was found becomes the root of its causes.
        TypeError: what is decorated is a class or a generator function.
        ImportError: pymemcache is not installed.
    """
    test = Strict(allow_real_memcached, impossible_replies)
    return test if function is None else test(function)


def _refuse_to_decorate(function: Any) -> None:
    lazy = inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function)
    if lazy or isinstance(function, type) or not callable(function):
        raise TypeError(f"strict() decorates plain and async functions, not {function!r}")


def _finished(result: Any, function: Any) -> Any:
    """What a function returned, unless that has still to run, after the test would be over."""
    if inspect.iscoroutine(result):
        result.close()
        raise TypeError(
            f"strict() cannot await what {function!r} returns: decorate the async function itself"
        )
    return result


def _root(error: BaseException) -> BaseException:
    """The last of the exceptions that are printed above this one."""
    *_, last = visible(error)
    return last
