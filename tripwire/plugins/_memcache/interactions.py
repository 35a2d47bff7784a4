"""Interactions with memcached."""

from __future__ import annotations

from typing import Any

from tripwire._timeline import Interaction, Paste
from tripwire.plugins._memcache import paste
from tripwire.plugins._memcache.commands import NAME, installed
from tripwire.plugins._memcache.comparing import Compared
from tripwire.plugins._memcache.wire import END_OF_LINE, Answer, Call, says_noreply


class MemcacheInteraction(Compared, Interaction):
    """An interaction with memcached.

    Attributes: `by_store` (whether a store answered it).
    """

    __slots__ = ("_prefix", "_usual_noreply", "by_store")

    kind = NAME

    def __init__(self, by_store: bool, prefix: Any, usual_noreply: Any, *facts: Any) -> None:
        super().__init__(*facts)
        self.by_store = by_store
        self._prefix = prefix
        self._usual_noreply = usual_noreply

    @property
    def prefix(self) -> Any:
        """What the client put in front of its keys."""
        return self._prefix

    @property
    def usual_noreply(self) -> Any:
        """What `noreply` comes to where the caller says nothing of it."""
        return self._usual_noreply

    @property
    def noreply(self) -> bool:
        """Whether the request told the server not to answer."""
        return says_noreply(self.request.partition(END_OF_LINE)[0].split(b" "))

    def paste(self, with_server: bool = False) -> Paste:
        """The line of a test that asserts it, strictly."""
        more = {"server": self.server} if with_server else {}
        if self.prefix:
            more["key_prefix"] = self.prefix
        return paste.assertion(installed().named(self.command), self.fields, more)


def interaction_of(call: Call, answer: Answer) -> MemcacheInteraction:
    """The interaction that an answered call is."""
    return MemcacheInteraction(
        answer.by_store,
        call.prefix,
        call.usual_noreply,
        call.command.name,
        call.fields,
        call.server,
        call.request,
        call.location,
        call.thread,
        answer.asserted,
    )
