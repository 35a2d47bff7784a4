"""Lets the module itself be used: `with tripwire:`, and `tripwire.memcache`."""

from __future__ import annotations

import sys
from types import ModuleType, TracebackType
from typing import Optional, Type, cast

from tripwire import _scopes
from tripwire._inert import no_verifier
from tripwire._verifier import AsyncToo, Sandbox, StrictVerifier
from tripwire.plugins.memcache_plugin import MemcachePlugin


def current_verifier() -> StrictVerifier:
    """The verifier of the test that is running. `NoActiveVerifierError` where none is."""
    return _current("tripwire.current_verifier()")


def sandbox() -> Sandbox:
    """A sandbox of the test that is running. `NoActiveVerifierError` where none is."""
    return _current("tripwire.sandbox()").sandbox()


def _current(what: str) -> StrictVerifier:
    verifier = _scopes.current_verifier()
    if verifier is None:
        raise no_verifier(what)
    return cast(StrictVerifier, verifier)


class Module(ModuleType, AsyncToo):
    """The type of the module `tripwire`: a module that is a context manager, with a plugin."""

    @property
    def memcache(self) -> MemcachePlugin:
        """The plugin of the test that is running. `NoActiveVerifierError` where none is."""
        plugin = _current("tripwire.memcache").plugins["memcache"]
        return cast(MemcachePlugin, plugin)

    def __enter__(self) -> StrictVerifier:
        """Open a sandbox of the test that is running, and give its verifier."""
        return _current("`with tripwire:`").sandbox().__enter__()

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        """Close the innermost sandbox of this context; nothing where it is closed already."""
        innermost = _scopes.current_sandbox()
        if isinstance(innermost, Sandbox):
            innermost.__exit__(kind, error, traceback)


def make_usable(name: str) -> None:
    """Give the module of a name the type `Module`."""
    sys.modules[name].__class__ = Module
