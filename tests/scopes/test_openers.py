"""Whoever opens a sandbox is the test, or its helper, and may catch what happens in it.

SPECIFICATION 24.
"""

from __future__ import annotations

import asyncio
import inspect
import unittest
from contextlib import suppress
from typing import Any, Callable, List

import tripwire
from tests.support.cases import CLIENT
from tests.support.platform import needs_event_loop
from tripwire import ViolationError

MADE: List[str] = []
"""The calls that were made."""


def violate() -> None:
    """Make a call that nobody mocked."""
    MADE.append("k")
    CLIENT.get("k")


# Functions of the module, because what is nested in a test may catch what it likes anyway.


def in_a_sandbox() -> None:
    """Open a sandbox of the test that is running."""
    with tripwire.sandbox(), suppress(ViolationError):
        violate()


def in_the_module() -> None:
    """Open one by the module."""
    with tripwire, suppress(ViolationError):  # type: ignore[attr-defined]  # a module, to the checker
        violate()


def in_strict() -> None:
    """Make a test of one's own."""
    with tripwire.strict(), suppress(ViolationError):
        violate()


async def in_an_async_sandbox() -> None:
    """Open a sandbox of the test that is running."""
    async with tripwire.sandbox():
        with suppress(ViolationError):
            violate()


async def in_the_async_module() -> None:
    """Open one by the module."""
    async with tripwire:  # type: ignore[attr-defined]  # a module, to the checker
        with suppress(ViolationError):
            violate()


async def in_async_strict() -> None:
    """Make a test of one's own."""
    async with tripwire.strict():
        with suppress(ViolationError):
            violate()


HELPERS: List[Callable[[], Any]] = [
    in_a_sandbox,
    in_the_module,
    in_strict,
    in_an_async_sandbox,
    in_the_async_module,
    in_async_strict,
]


@needs_event_loop
class OpenersTest(unittest.TestCase):
    """Each way to open, in a helper that catches."""

    def test_helper_that_opens_may_catch(self) -> None:
        """The frame that opens is trusted, not only those that called it."""
        for helper in HELPERS:
            with self.subTest(helper=helper.__name__):
                MADE.clear()
                self.check(helper)
                self.assertEqual(MADE, ["k"])

    def check(self, helper: Callable[[], Any]) -> None:
        """Run a helper in a strict test, which must pass."""

        @tripwire.strict
        def test() -> None:
            if inspect.iscoroutinefunction(helper):
                asyncio.run(helper())
            else:
                helper()

        test()
