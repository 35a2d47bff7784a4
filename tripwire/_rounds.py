"""What a sweep and an interleaving check alike: their numbers, and that they are not nested."""

from __future__ import annotations

import inspect
import threading
from typing import Any

from tripwire._time.waiting import keepers
from tripwire.errors import ScenarioError


def check_scenario(scenario: Any, what: str) -> None:
    """Refuse, with a `TypeError`, what is no plain function; `what` says what it has to be."""
    if not callable(scenario):
        raise TypeError(f"a scenario is {what}, not {scenario!r}")
    if inspect.iscoroutinefunction(scenario):
        raise TypeError(
            f"a scenario is a plain function, and {scenario!r} is a coroutine function: "
            "call asyncio.run() in a plain one"
        )


def refuse_unrun(value: Any) -> None:
    """Refuse what a scenario returned if it still has to be run: nobody would see it fail."""
    if inspect.iscoroutine(value) or inspect.isgenerator(value):
        value.close()
        raise ScenarioError(
            f"the scenario returned a {type(value).__name__} that nobody runs: use a plain "
            "function, which may call asyncio.run()"
        )


def check_number(name: str, value: Any, least: int) -> None:
    """Refuse an argument that is no whole number from `least` on, with a `ValueError`."""
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ValueError(f"{name}= is a number from {least} on, not {value!r}")


def refuse_nested() -> None:
    """Refuse to run rounds within a round: each would take the other's steps for its own."""
    if threading.get_ident() in keepers:
        raise ScenarioError("rounds cannot be nested: this scenario is part of another one")
