"""Attributes that are put on a class for a while, beside what others put there."""

from __future__ import annotations

from typing import Any, Dict

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

    def take_off(self) -> None:
        """Put back what was found, except where others have put something in our place since."""
        # A finalizer that runs in the middle of this, and calls the cache, may do it as well.
        for name in reversed(list(self._found)):
            found = self._found.get(name, ABSENT)
            now = self._now.get(name, ABSENT)
            if now is ABSENT or now is self._put.get(name, _NEVER_PUT):
                if found is not ABSENT:
                    setattr(self._owner, name, found)
                elif now is not ABSENT:
                    delattr(self._owner, name)
            elif stand_ins.is_stand_in(now):
                # They have taken off theirs, and put back what they had found.
                setattr(self._owner, name, stand_ins.below(now))
            # Deleted last: the next removal retries what was interrupted here.
            self._found.pop(name, None)
