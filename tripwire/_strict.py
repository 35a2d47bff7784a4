"""`strict()`: one strict test around a block or a function."""

from __future__ import annotations

import functools
import inspect
import sys
from contextlib import closing
from functools import partial
from types import TracebackType
from typing import Any, Callable, Dict, Optional, Tuple, Type, TypeVar, Union, overload
from unittest import SkipTest

from tripwire._scopes import TestScope, current_test
from tripwire._swallowed.testcode import opening
from tripwire._swallowed.violations import Evidence
from tripwire._swallowed.visible import cut_links, set_link, visible
from tripwire._test import StrictTest
from tripwire._verifier import AsyncToo, StrictVerifier
from tripwire.errors import TripwireError, VerificationError, ViolationError
from tripwire.plugins.memcache_plugin import MemcachePlugin

# unittest leaves the frames of modules with this name out of the tracebacks that it prints.
__unittest = True

_FINDINGS = (VerificationError, ViolationError)
"""What verification raises: a violation only for a mock that `TRIPWIRE_ACCEPT` is to write."""

_QUIET = (SkipTest, GeneratorExit)
"""Where nobody would see a finding as a cause: that of a skip, or of a closed generator."""

Function = TypeVar("Function", bound=Callable[..., Any])


class Strict(AsyncToo):
    """What `strict()` gives: a context manager, and a decorator."""

    def __init__(self, allow_real_memcached: bool, **options: Any) -> None:
        self._allow_real_memcached = allow_real_memcached
        self._options = options
        self._functions: Tuple[Any, ...] = ()
        self._tests: Dict[Optional[TestScope[Any]], StrictTest[MemcachePlugin]] = {}
        self._latest: StrictTest[MemcachePlugin]

    def __enter__(self) -> StrictVerifier:
        """Begin a strict test, and give its verifier."""
        test = StrictTest(
            partial(MemcachePlugin, **self._options),
            self._name,
            guarded=not self._allow_real_memcached,
        )
        test.scope.is_named = bool(self._functions)
        try:
            self._tests[test.scope] = self._latest = test
            test.begin()
            test.guard()
            test.verifier.state.opened(opening(sys._getframe()))
            return test.verifier
        except BaseException:
            test.close()
            raise

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        """Verify. An exception of the block stays what it is; violations become its cause."""
        try:
            # Threads may share one object, so the test that ends is this context's. An async
            # fixture leaves in another context than it entered; there, the latest one is meant.
            # Why it is closed twice, `tripwire._test` says.
            with closing(self._tests.get(current_test.get(), self._latest)) as test, closing(test):
                self._verify(test, error)
        except _FINDINGS as found:
            _tell(found, error)
        except BaseException:
            if error is None:
                raise

    def _verify(self, test: StrictTest[MemcachePlugin], error: Optional[BaseException]) -> None:
        del self._tests[test.scope]
        # A generator that is closed around the block has not failed.
        if error is not None and not isinstance(error, GeneratorExit):
            test.failures.append(error)
            test.explain(error)
            if isinstance(error, TripwireError):
                test.plugin.callsites.end_at_the_caller(error)
        test.verify(lambda: Evidence(lambda: self._functions))

    def _name(self) -> str:
        names = [str(function.__qualname__) for function in self._functions]
        return names[0] if names else "a strict() block"

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
        one = Strict(self._allow_real_memcached, **self._options)
        one._functions = (function,)
        return one


@overload
def strict(function: Function) -> Function: ...


@overload
def strict(
    *,
    allow_real_memcached: bool = False,
    impossible_replies: str = "refuse",
    strict_fields: bool = False,
) -> Strict: ...


def strict(
    function: Optional[Callable[..., Any]] = None,
    *,
    allow_real_memcached: bool = False,
    impossible_replies: str = "refuse",
    strict_fields: bool = False,
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
        strict_fields: as in `MemcachePlugin`.

    Raises:
        VerificationError: at the end, what verification found. An exception of the block itself is
            never replaced: what else was found becomes the root of its causes.
        TypeError: what is decorated is a class or a generator function.
        ImportError: pymemcache is not installed.
    """
    test = Strict(
        allow_real_memcached, impossible_replies=impossible_replies, strict_fields=strict_fields
    )
    return test if function is None else test(function)


def _refuse_to_decorate(function: Any) -> None:
    lazy = inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function)
    if lazy or isinstance(function, type) or not callable(function):
        raise TypeError(f"strict() decorates plain and async functions, not {function!r}")


def _finished(result: Any, function: Any) -> Any:
    """What a function returned; refused where it is a coroutine, to be run after the test."""
    if inspect.iscoroutine(result):
        result.close()
        raise TypeError(
            f"strict() cannot await what {function!r} returns: decorate the async function itself"
        )
    return result


def _tell(found: BaseException, error: Optional[BaseException]) -> None:
    """Raise a finding, or make it the cause of what the block has raised."""
    if error is None or isinstance(error, _QUIET):
        # No line of tripwire's tells the reader of a report anything.
        raise found.with_traceback(None)
    _attach(found, error)


def _attach(found: BaseException, error: BaseException) -> None:
    """Make a finding the cause of the last of the exceptions that are printed above an error."""
    above = list(visible(error))
    cut_links(found, above)
    set_link(above[-1], "__cause__", found)
