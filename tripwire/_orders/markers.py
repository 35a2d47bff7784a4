"""`tripwire.step`: by itself, so that `import tripwire` need not load what runs workers."""

from __future__ import annotations

import threading

from tripwire._time.waiting import keepers


def step(what: str) -> None:
    """A step of a worker's that the orders of an interleaving are to tell apart.

    For what stands in for a database in a test, and is shared by workers: called before each read
    and each write, it has `interleave` try what comes in between. All such steps depend on each
    other. Anywhere else it does nothing.

    Args:
        what: a few words for the report: `"UPDATE price"`.
    """
    keeper = keepers.get(threading.get_ident())
    if keeper is not None:
        keeper.marks(str(what))
