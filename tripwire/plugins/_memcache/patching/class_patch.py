"""Attributes that are put on a class for a while, beside what others put there."""

from __future__ import annotations

from contextlib import suppress
from operator import is_, itemgetter
from typing import Any, Callable, Dict, Iterable, Mapping, Optional, Tuple

from tripwire.plugins._memcache.patching import stand_ins

ABSENT: Any = object()
"""For what a class does not have itself."""

_NEVER_PUT = object()


class ClassPatch:
    """What is put on one class for a while, and what was found in its place.

    It remembers both while it is off, because what is found is nearly always what was found the
    last time.
    """

    def __init__(self, owner: type) -> None:
        self._owner = owner
        # A view of what the class has itself, which follows every change.
        self._now = vars(owner)
        self._found: Dict[str, Any] = {}
        self._put: Dict[str, Any] = {}
        self._known: Dict[str, Tuple[Any, Any]] = {}
        self._usual: Optional[_Usual] = None
        self._is_on = False

    def put_again(self) -> bool:
        """Put on what `remember` has kept, where all that is there is what was found then.

        Otherwise, forget what was on, unless it still is, and give False.
        """
        if self._is_on:
            return False
        # Noted before it is done, so that an exception in between loses nothing.
        self._is_on = True
        # In a variable here and below: a finalizer may have it forgotten in between.
        usual = self._usual
        if usual is not None and usual.put_on():
            return True
        self._known = {name: (found, self._put[name]) for name, found in self._found.items()}
        self._found, self._put, self._usual = {}, {}, None
        return False

    def put(self, name: str, make: Callable[[Any], Any]) -> None:
        """Put what is made of what is there in its place, unless ours is there."""
        now = self._now.get(name, ABSENT)
        if now is self._put.get(name, _NEVER_PUT):
            return
        # Somebody may have kept an older one of ours and put it back, or have wrapped one.
        found = stand_ins.below(now)
        stand_ins.let_go(found)
        before, ours = self._known.get(name, (_NEVER_PUT, None))
        if found is not before:
            ours = make(found)
            self._known[name] = found, ours
        # Noted before it is done, as above.
        self._is_on, self._usual = True, None
        self._put[name] = ours
        self._found[name] = found
        setattr(self._owner, name, ours)

    def remember(self, names: Iterable[str], *lacking: str) -> None:
        """Keep what is on now for the next time, if it is on under all these names.

        `lacking` are further names that the class must not have by then, if it has not now.
        """
        if self._put.keys() >= set(names):
            self._usual = _Usual(self._owner, self._found, self._put, lacking)

    def is_whole(self) -> bool:
        """Whether all that was put on together is on, and known to be."""
        usual = self._usual
        return usual is not None and usual.is_put()

    def take_off(self) -> None:
        """Put back what was found, except where others have put something in our place since."""
        if not self._is_on:
            return
        # A finalizer that runs in the middle of this, and calls the cache, may do it as well.
        usual = self._usual
        if usual is None or not usual.take_off():
            for name, found in list(self._found.items()):
                self._take_off(name, found)
        # Last: the next removal repeats what was interrupted here, which changes nothing that was
        # done.
        self._is_on = False

    def _take_off(self, name: str, found: Any) -> None:
        now = self._now.get(name, ABSENT)
        if now is not self._put[name]:
            if not stand_ins.is_stand_in(now):
                # It is theirs, or they have deleted it.
                stand_ins.let_go(now)
                return
            # They have taken off theirs, and put back what they had found.
            found = stand_ins.below(now)
        if found is ABSENT:
            _delete(self._owner, (name,))
        else:
            setattr(self._owner, name, found)


class _Usual:
    """What a class has while a patch is off, and while it is on: compared and put in one go."""

    def __init__(
        self, owner: type, found: Dict[str, Any], put: Dict[str, Any], lacking: Iterable[str]
    ) -> None:
        self._owner = owner
        self._found = {name: value for name, value in found.items() if value is not ABSENT}
        self._added = [name for name in found if name not in self._found]
        self._lacking = [*self._added, *(name for name in lacking if name not in found)]
        self._put = put
        self._is_found, self.is_put = _has(owner, self._found), _has(owner, put)

    def put_on(self) -> bool:
        """Put all on; nothing, and give False, where something else is there than was found."""
        if any(map(vars(self._owner).__contains__, self._lacking)) or not self._is_found():
            return False
        for name, ours in self._put.items():
            setattr(self._owner, name, ours)
        return True

    def take_off(self) -> bool:
        """Take all off; nothing, and give False, where something else is there than was put."""
        if not self.is_put():
            return False
        for name, found in self._found.items():
            setattr(self._owner, name, found)
        _delete(self._owner, self._added)
        return True


def _delete(owner: type, names: Iterable[str]) -> None:
    # A finalizer that runs in the middle of this may have done it all.
    with suppress(AttributeError):
        for name in names:
            delattr(owner, name)


def _has(owner: type, wanted: Mapping[str, Any]) -> Callable[[], bool]:
    """What tells whether a class has exactly these attributes itself."""
    # More than one name, because of a single one `itemgetter` gives no tuple.
    names, values, now = itemgetter("__doc__", *wanted), (*wanted.values(),), vars(owner)

    def has() -> bool:
        try:
            return all(map(is_, names(now)[1:], values))
        except KeyError:
            return False

    return has


class Patches(Dict[type, ClassPatch]):
    """A patch for each class, which is made when it is asked for."""

    def __missing__(self, owner: type) -> ClassPatch:
        # A finalizer that runs in the middle of this may have made one.
        return self.setdefault(owner, ClassPatch(owner))
