"""memcached itself, in memory. It imports nothing of tripwire."""

from tripwire.plugins._memcache.server.items import Item, Items, Note
from tripwire.plugins._memcache.server.protocol import Command, UnknownCommand, rejected, split
from tripwire.plugins._memcache.server.server import Server

__all__ = ["Command", "Item", "Items", "Note", "Server", "UnknownCommand", "rejected", "split"]
