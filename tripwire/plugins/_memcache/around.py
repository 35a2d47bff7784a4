"""The patch of the clients around others: `HashClient`, which calls one client after another."""

from __future__ import annotations

from functools import partial
from types import FunctionType
from typing import Any, Callable, Dict

from tripwire.plugins._memcache import stand_ins
from tripwire.plugins._memcache.class_patch import Patches
from tripwire.plugins._memcache.commands import AROUND, clients_around
from tripwire.plugins._memcache.interception import interception
from tripwire.plugins._memcache.stand_ins import Function


class AroundClients:
    """Has what such a client calls belong to the sandbox in which the client was called.

    On while any sandbox holds it. A guard has no use for it: it refuses every call alike.

    Args:
        holding: makes what stands for a method of such a client.
    """

    def __init__(self, holding: Callable[[Function], Function]) -> None:
        self._build = partial(stand_ins.make, holding)
        self._patches = Patches()

    def install(self) -> None:
        """Replace the methods that call several commands; again, those of classes that are new."""
        for kind in clients_around():
            self._cover(kind)

    def remove(self) -> None:
        """Put everything back as it was found."""
        for patch in list(self._patches.values()):
            patch.take_off()

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
