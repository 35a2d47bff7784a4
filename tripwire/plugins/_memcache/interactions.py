"""Interactions with memcached."""

from __future__ import annotations

from typing import Any

from tripwire._timeline import Interaction, Paste
from tripwire.plugins._memcache import paste
from tripwire.plugins._memcache.commands import NAME, installed
from tripwire.plugins._memcache.wire import Answer, Call


class MemcacheInteraction(Interaction):
    """An interaction with memcached. `by_store`: whether a store answered it."""

    __slots__ = ("by_store",)

    kind = NAME

    def __init__(self, by_store: bool, *facts: Any) -> None:
        super().__init__(*facts)
        self.by_store = by_store

    def paste(self) -> Paste:
        """The line of a test that asserts it, strictly."""
        return paste.assertion(installed().named(self.command), self.fields)


def interaction_of(call: Call, answer: Answer) -> MemcacheInteraction:
    """The interaction that an answered call is."""
    return MemcacheInteraction(
        answer.by_store,
        call.command.name,
        call.fields,
        call.server,
        call.request,
        call.location,
        call.thread,
        answer.asserted,
    )
