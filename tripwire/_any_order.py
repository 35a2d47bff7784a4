"""`in_any_order()`: whether the order counts, and who has forgotten the `with`."""

from __future__ import annotations

from types import TracebackType
from typing import List, Optional, Type

from tripwire._callsite import registered
from tripwire.errors import NotEnteredError
from tripwire.report.parts import where


class Order:
    """Whether the order counts for one verifier now."""

    def __init__(self) -> None:
        self.blocks = 0
        self.not_entered: List[AnyOrder] = []

    @property
    def counts(self) -> bool:
        """Whether no block of `in_any_order()` is being run."""
        return not self.blocks

    def forgotten(self) -> Optional[NotEnteredError]:
        """The error for the first `in_any_order()` that nobody entered; all are forgotten."""
        if not self.not_entered:
            return None
        error = NotEnteredError(
            "in_any_order() does nothing by itself, and it was called at\n"
            f"    {where(self.not_entered[0].location)}\n"
            "Write `with` before it, and put what it is about into its block."
        )
        self.not_entered.clear()
        return error


class AnyOrder:
    """What `in_any_order()` gives: a context manager. Attributes: `location`, who called it."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self.location = registered()
        order.not_entered.append(self)

    def __enter__(self) -> None:
        """Let the order count no longer."""
        # Not by `remove`: in a second `with` of the same it is no longer there.
        self._order.not_entered = [each for each in self._order.not_entered if each is not self]
        self._order.blocks += 1

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        """Let the order count again, unless there is another block around."""
        self._order.blocks -= 1
