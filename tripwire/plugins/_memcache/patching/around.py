"""The patch of the clients around others: `HashClient`, which calls one client after another."""

from __future__ import annotations

from functools import partial
from types import FunctionType
from typing import Any, Callable, Dict, Optional, Tuple

from tripwire.plugins._memcache.commands import AROUND, clients_around
from tripwire.plugins._memcache.patching import stand_ins
from tripwire.plugins._memcache.patching.class_patch import Patches
from tripwire.plugins._memcache.patching.interception import interception
from tripwire.plugins._memcache.patching.stand_ins import Function


class AroundClients:
    """Has what such a client calls belong to the sandbox in which the client was called.

    On while any sandbox holds it. A guard has no use for it: it refuses every call alike.

    Args:
        holding: makes what stands for a method of such a client.
    """

    def __init__(self, holding: Callable[[Function], Function]) -> None:
        self._build = partial(stand_ins.make, holding)
        self._patches = Patches()
        self._covered: Optional[Tuple[type, ...]] = None

    def install(self) -> None:
        """Replace the methods that call several commands; again, those of classes that are new."""
        found = clients_around()
        # Once: a second time it would be put over what others have put there since.
        if self._covered is not found:
            for kind in found:
                self._cover(kind)
            self._covered = found

    def remove(self) -> None:
        """Put everything back as it was found."""
        self._covered = None
        for patch in list(self._patches.values()):
            patch.take_off()
        # A finalizer may have opened a sandbox in the middle of this.
        self._covered = None

    def _cover(self, kind: Any) -> None:
        patch = self._patches[kind]
        if not patch.put_again():
            names = AROUND[kind.__qualname__]
            for name in names:
                if type(vars(kind).get(name)) is FunctionType:
                    patch.put(name, self._build)
            patch.remember(names)


def around() -> AroundClients:
    """The one such patch of the process."""
    # `setdefault` is atomic, as for the other patch.
    return _only.get(None) or _only.setdefault(None, AroundClients(interception().holding))


_only: Dict[None, AroundClients] = {}
