"""Which verifier a strict test gets: usually a plain one.

With `TRIPWIRE_ACCEPT` set, it gets one that has the lines written that the test lacks. The rooms
behind that read and write Python, which takes a while to import, so they are imported only where
the variable is set when tripwire is imported.
"""

from __future__ import annotations

import os
from functools import partial
from typing import Callable, Mapping

from tripwire._verifier import StrictVerifier


def _plain(name: Callable[[], str]) -> StrictVerifier:
    return StrictVerifier()


def is_asked_for(environ: Mapping[str, str]) -> bool:
    """Whether an environment asks for missing lines to be written."""
    return environ.get("TRIPWIRE_ACCEPT", "") not in ("", "0")


new_verifier: Callable[[Callable[[], str]], StrictVerifier] = _plain
"""Makes the verifier of a test, given what gives the test's name."""

if is_asked_for(os.environ):  # pragma: no cover
    # Tested in processes of their own, which coverage does not see.
    from tripwire._accept.acceptance import Acceptance
    from tripwire._accept.verifier import AcceptingVerifier

    _acceptance = Acceptance()
    _acceptance.finish_at_exit()
    new_verifier = partial(AcceptingVerifier, _acceptance)
