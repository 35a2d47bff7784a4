"""Interactions with memcached."""

from __future__ import annotations

from tripwire._timeline import Interaction, Paste
from tripwire.plugins._memcache import paste
from tripwire.plugins._memcache.commands import NAME, installed
from tripwire.plugins._memcache.comparing import Compared
from tripwire.plugins._memcache.wire import Answer, Call


class MemcacheInteraction(Compared, Interaction):
    """An interaction with memcached. `by_store`: whether a store answered it."""

    __slots__ = ("by_store", "prefix", "usual_noreply")

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
        self.expectation = None
        self.by_store = answer.by_store
        self.prefix = call.prefix
        self.usual_noreply = call.usual_noreply

    def paste(self, with_server: bool = False) -> Paste:
        """The line of a test that asserts it, strictly."""
        more = {"server": self.server} if with_server else {}
        if self.prefix:
            more["key_prefix"] = self.prefix
        return paste.assertion(installed().named(self.command), self.fields, more)
