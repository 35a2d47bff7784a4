"""What a sweep and an interleaving check alike: their numbers, and that they are not nested."""

from __future__ import annotations

import threading
from typing import Any

from tripwire._time.waiting import keepers
from tripwire.errors import ScenarioError


def check_number(name: str, value: Any, least: int) -> None:
    """Refuse an argument that is no whole number from `least` on, with a `ValueError`."""
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ValueError(f"{name}= is a number from {least} on, not {value!r}")


def refuse_nested() -> None:
    """Refuse to run rounds within a round: each would take the other's steps for its own."""
    if threading.get_ident() in keepers:
        raise ScenarioError("rounds cannot be nested: this scenario is part of another one")
