"""Plain functions: what is to be called from here, and may leave nothing that nobody runs."""

from __future__ import annotations

import inspect
from typing import Any, Type

_UNRUN = (inspect.iscoroutine, inspect.isgenerator, inspect.isasyncgen)


def check_plain(taken: str, function: Any, kind: str = "a function") -> None:
    """Refuse, with a `TypeError`, what is no plain function.

    Args:
        taken: the words before what it has to be: `"a scenario is"`.
        function: what was given.
        kind: what it has to be.
    """
    if not callable(function):
        raise TypeError(f"{taken} {kind}, not {function!r}")
    if inspect.iscoroutinefunction(function):
        raise TypeError(
            f"{taken} a plain function, and {function!r} is a coroutine function: "
            "call asyncio.run() in a plain one"
        )


def refuse_unrun(name: str, value: Any, error: Type[Exception]) -> None:
    """Refuse what a function of that name returned if it still has to be run.

    Nobody would see it fail.
    """
    if any(is_one(value) for is_one in _UNRUN):
        # A coroutine that nobody closes warns; an asynchronous generator does not, and has no such
        # method.
        getattr(value, "close", int)()
        raise error(
            f"the {name} returned a {type(value).__name__} that nobody runs: use a plain function, "
            "which may call asyncio.run()"
        )
