"""Interactions with memcached."""

from __future__ import annotations

from tripwire._timeline import Interaction, Paste
from tripwire.plugins._memcache import paste
from tripwire.plugins._memcache.commands import NAME, installed
from tripwire.plugins._memcache.wire import Answer, Call


class MemcacheInteraction(Interaction):
    """An interaction with memcached. `by_store`: whether a store answered it."""

    __slots__ = ("by_store",)

    kind = NAME

    def __init__(self, call: Call, answer: Answer) -> None:
        # Not by the constructor above, because there is one of these for every call.
        self.command = call.command.name
        self.fields = call.fields
        self.server = call.server
        self.request = call.request
        self.location = call.location
        self.thread = call.thread
        self.asserted = answer.asserted
        self.by_store = answer.by_store

    def paste(self) -> Paste:
        """The line of a test that asserts it, strictly."""
        return paste.assertion(installed().named(self.command), self.fields)
