"""Runs a real client method against a socket of ours: what would be sent, what would come back.

The request is pymemcache's own, byte for byte. The answer is that of a memcached without a single
item, so that the real method runs to its end, its checks after the wire included; what it returns
then is what a miss looks like to this very call.
"""

from __future__ import annotations

from contextvars import ContextVar
from threading import current_thread
from types import FrameType
from typing import TYPE_CHECKING, Any, Callable, Dict, Optional, Tuple

from tripwire._mocks import Mock
from tripwire._timeline import Interaction
from tripwire.plugins._memcache.commands import Command
from tripwire.plugins._memcache.replies import MISS
from tripwire.plugins._memcache.snapshot import COPIES, Keys, Recording, recording, snapshot
from tripwire.plugins._memcache.verdicts import Call, is_hashable

if TYPE_CHECKING:
    from tripwire.plugins.memcache_plugin import MemcachePlugin

in_progress: ContextVar[Optional[Wire]] = ContextVar("tripwire_memcache_wire", default=None)

# What memcached answers when it holds nothing, by the first word of the request: the protocol text,
# https://github.com/memcached/memcached/blob/master/doc/protocol.txt
EMPTY = {
    b"get": b"END\r\n",
    b"gets": b"END\r\n",
    b"gat": b"END\r\n",
    b"gats": b"END\r\n",
    b"stats": b"END\r\n",
    b"set": b"STORED\r\n",
    b"add": b"STORED\r\n",
    b"replace": b"NOT_STORED\r\n",
    b"append": b"NOT_STORED\r\n",
    b"prepend": b"NOT_STORED\r\n",
    b"cas": b"NOT_FOUND\r\n",
    b"delete": b"NOT_FOUND\r\n",
    b"incr": b"NOT_FOUND\r\n",
    b"decr": b"NOT_FOUND\r\n",
    b"touch": b"NOT_FOUND\r\n",
    b"cache_memlimit": b"OK\r\n",
    b"flush_all": b"OK\r\n",
    b"version": b"VERSION 0\r\n",
    # The server closes the connection.
    b"shutdown": b"",
    b"quit": b"",
}


class _Unwound(BaseException):
    """Leaves a method that waits for an answer which an empty server does not have."""


class Wire(Call):
    """One call on its way: the socket that the client's method meets, and what became of it."""

    mock: Optional[Mock] = None
    interaction: Optional[Interaction] = None
    answer: Optional[bytes] = None

    def __init__(
        self,
        plugin: MemcachePlugin,
        command: Command,
        client: Any,
        args: Tuple[Any, ...],
        kwargs: Dict[str, Any],
        caller: Optional[FrameType],
    ) -> None:
        self.plugin = plugin
        self.command = command
        self.client = client
        self.args = args
        self.kwargs = kwargs
        self.caller = caller

    def run(self, method: Callable[..., Any]) -> Any:
        """Call the client's own method; return what the mock says its caller gets."""
        if self.command.takes_keys:
            self._record_keys()
        outer = in_progress.get()
        in_progress.set(self)
        try:
            outcome = method(self.client, *self.args, **self.kwargs)
        except _Unwound:
            outcome = None
        except BaseException as error:
            if not self.request:
                self.plugin.not_sent(self.command, error)
            raise
        finally:
            in_progress.set(outer)
        mock = self.mock
        if mock is None:
            if not self.request:
                self.plugin.not_sent(self.command, None)
            return outcome
        if mock.raises is not None or mock.returns is MISS or self.answer is not None:
            return outcome
        return snapshot(mock.returns)

    # --- the socket -----------------------------------------------------------------------------

    def sendall(self, request: bytes) -> None:
        """Take the request: here the call reaches the wire, takes its mock and is recorded.

        A second request of one call belongs to the first one's interaction, unless that one failed.
        A request of no bytes (`set_many({})`) is none.
        """
        if not request:
            return
        if self.interaction is not None and not self.failed:
            self.interaction.request += request
            return
        self.request = request
        plugin = self.plugin
        self.fields = fields = self._fields()
        location = plugin.callsites.locate(self.caller)
        server = getattr(self.client, "server", None)
        mock = plugin.take(self.command, fields, server, location)
        if mock.raises is None and mock.returns is not MISS:
            self.answer = self._undeliverable(mock.returns, fields)
            if self.answer is None:
                plugin.judge(mock, self, self.command, location)
        # Only now: whoever swallows a refusal is not given what was refused.
        self.mock = mock
        self.interaction = interaction = Interaction(
            plugin,
            self.command.name,
            fields,
            server,
            request,
            location,
            current_thread().name,
            mock.expected,
        )
        plugin.verifier.record(interaction)
        if mock.raises is not None:
            raise mock.raises.with_traceback(None)

    def recv(self, size: int) -> bytes:
        """Answer as a server that holds nothing."""
        if self.answer is not None:
            return self.answer
        if self.command.method == "raw_command":
            return self.answer_end
        try:
            return EMPTY[self.request[:32].split(None, 1)[0]]
        except KeyError:
            raise _Unwound from None

    def close(self) -> None:
        """As a socket's: pymemcache closes it after an error. There is nothing to close."""

    # --------------------------------------------------------------------------------------------

    @property
    def failed(self) -> bool:
        """Whether the mock raised on the wire."""
        return self.mock is not None and self.mock.raises is not None

    def _record_keys(self) -> None:
        # An iterator of keys remembers what it gives, since pymemcache reads it before we can.
        place = self.command.fields.index("keys")
        if "keys" in self.kwargs:
            self.kwargs["keys"] = recording(self.kwargs["keys"])
        elif place < len(self.args):
            before, keys, after = self.args[:place], self.args[place], self.args[place + 1 :]
            self.args = (*before, recording(keys), *after)

    def _undeliverable(self, reply: Any, fields: Dict[str, Any]) -> Optional[bytes]:
        """The answer that makes pymemcache fail on a hit, where it would.

        It reads the keys a second time to map the answer back to them, which gives a `KeyError` for
        an iterator, and puts them into a dict, which fails for one that is not hashable.
        """
        if not (self.command.takes_keys and type(reply) is dict and reply):
            return None
        once = isinstance(self.command.bind(self.args, self.kwargs)["keys"], Recording)
        verb, *sent = self.request.split()
        # The keys come last: `gats` has an expiry before them.
        for key, name in zip(fields["keys"], sent[-len(fields["keys"]) :]):
            if once or (not is_hashable(key) and key in list(reply)):
                cas = b" 0" if verb in (b"gets", b"gats") else b""
                return b"VALUE " + name + b" 0 0" + cas + b"\r\n\r\nEND\r\n"
        return None

    def _fields(self) -> Dict[str, Any]:
        fields = self.command.bind(self.args, self.kwargs)
        if self.command.takes_keys:
            keys = fields["keys"]
            fields["keys"] = Keys(keys.given if isinstance(keys, Recording) else keys)
        for name, value in fields.items():
            if type(value) in COPIES:
                fields[name] = snapshot(value)
        return fields
