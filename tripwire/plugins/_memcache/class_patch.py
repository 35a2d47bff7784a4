"""Attributes that are put on a class for a while, beside what others put there."""

from __future__ import annotations

from typing import Any, Dict, Tuple

from tripwire.plugins._memcache import stand_ins

ABSENT: Any = object()
"""For what a class does not have itself."""

_NEVER_PUT = object()


class ClassPatch:
    """What was put on one class, and what was found in its place."""

    def __init__(self, owner: type) -> None:
        self._owner = owner
        # A view of what the class has itself, which follows every change.
        self._now = vars(owner)
        self._found: Dict[str, Any] = {}
        self._put: Dict[str, Any] = {}

    def is_on(self, name: str) -> bool:
        """Whether what is on the class under a name is what was put there."""
        return self._now.get(name, ABSENT) is self._put.get(name, _NEVER_PUT)

    def put(self, name: str, ours: Any) -> None:
        """Put something in the place of what is there, which is not ours."""
        # Noted before it is done, so that an exception in between loses nothing.
        self._found[name] = self._now.get(name, ABSENT)
        self._put[name] = ours
        setattr(self._owner, name, ours)

    def put_again(self, known: Dict[str, Tuple[Any, Any]]) -> bool:
        """Put what was put the last time, wherever what is there is what was found then.

        Gives True where that was so everywhere.
        """
        owner, get, found, put = self._owner, self._now.get, self._found, self._put
        number = 0
        for name, (before, ours) in known.items():
            if get(name, ABSENT) is before:
                # Noted before it is done, so that an exception in between loses nothing.
                found[name] = before
                put[name] = ours
                setattr(owner, name, ours)
                number += 1
        return number == len(known)

    def take_off(self) -> None:
        """Put back what was found, except where others have put something in our place since."""
        # A finalizer that runs in the middle of this, and calls the cache, may do it as well.
        owner, put, get = self._owner, self._put, self._now.get
        for name in reversed(list(self._found)):
            found, now = self._found.get(name, ABSENT), get(name, ABSENT)
            if now is ABSENT or now is put.get(name, _NEVER_PUT):
                if found is not ABSENT:
                    setattr(owner, name, found)
                elif now is not ABSENT:
                    delattr(owner, name)
            elif stand_ins.is_stand_in(now):
                # They have taken off theirs, and put back what they had found.
                setattr(owner, name, stand_ins.below(now))
            else:
                stand_ins.let_go(now)
        # Forgotten last: the next removal repeats what was interrupted here, which changes nothing
        # that was done.
        self._found.clear()
