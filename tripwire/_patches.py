"""Patches: on while anything holds them, off when nobody does."""

from __future__ import annotations

import os
import threading
from typing import Any, Dict, List, Optional, Protocol, Set


class Patch(Protocol):
    """Something that is put on while anything needs it, and taken off afterwards."""

    def install(self) -> None:
        """Put it on; called again while it is on, put it on what is new."""
        ...

    def remove(self) -> Optional[bool]:
        """Take off what is on; nothing where nothing is. True where it has to stay on for now."""
        ...


_held: Dict[Patch, Set[Any]] = {}
_lock = threading.RLock()


def hold(patch: Patch, owner: Any) -> None:
    """Have a patch on for as long as its owner, or another, holds it."""
    with _lock:
        _held.setdefault(patch, set()).add(owner)
        patch.install()


def release(owner: Any) -> None:
    """Let go of all that an owner holds; what nobody holds any more is taken off."""
    with _lock:
        if _held:
            _release(owner)


def _release(owner: Any) -> None:
    raised: List[BaseException] = []
    for patch, owners in list(_held.items()):
        is_ours = owner in owners
        owners.discard(owner)
        if not owners:
            try:
                _remove(patch)
            except BaseException as error:
                # The others are removed all the same. An owner that did not hold the patch is not
                # told that a removal which failed before has failed again.
                if is_ours or not isinstance(error, Exception):
                    raised.append(error)
    if raised:
        raise raised[0]


def _remove(patch: Patch) -> None:
    # Let go last: the next release retries a removal that failed, or that was put off because
    # calls are in progress.
    if patch.remove() is not True:
        # A finalizer that ran in the middle of this may have released it, too, or hold it now.
        for owner in _held.pop(patch, ()):
            hold(patch, owner)


def _after_fork() -> None:  # pragma: no cover - runs in children, which coverage does not see
    # Another thread of the parent may have held the lock, and nobody releases it in the child.
    global _lock  # noqa: PLW0603 - a lock cannot be made free again, only replaced
    _lock = threading.RLock()


if hasattr(os, "register_at_fork"):  # pragma: no branch - not on Windows
    os.register_at_fork(after_in_child=_after_fork)
