"""One call, made to a real memcached and made in a sandbox."""

from __future__ import annotations

import functools
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from pymemcache.client.base import Client

from tests.support.cases import by_hand
from tests.support.conformance_cases import ITEMS, NAMES, Case
from tests.support.memcached import Recorder, Server
from tripwire import MISS

LOCAL = {"check_key", "close", "disconnect_all"}
COMMANDS = sorted(
    name
    for name, member in vars(Client).items()
    if callable(member) and not name.startswith("_") and name not in LOCAL
)
"""The commands of the installed client; on purpose not asked of tripwire."""

WITHOUT_MISS = {"raw_command", "stats", "version"}

_FILL = b"".join(
    b"set %s %d 0 %d noreply\r\n%s\r\n" % (key.encode("utf-8"), flags, len(value), value)
    for key, (flags, value) in ITEMS.items()
)


class Sent(NamedTuple):
    """What became of one command of one `Client` that sent something."""

    command: str
    server: Any
    request: bytes
    returned: Any
    error: Optional[BaseException]


class Run(NamedTuple):
    """What became of a call: what its caller got, and what was sent for it."""

    outcome: str
    sent: List[Sent]

    @property
    def on_the_wire(self) -> List[Tuple[str, Any, bytes]]:
        """The commands that were sent, the servers, the bytes."""
        return [one[:3] for one in self.sent]


def spying() -> Any:
    """A `Client` each of whose commands notes what it sent, and how it ended.

    One class for all calls, which says in `log` and `recorder` where: a sandbox looks at every
    subclass that there is.
    """

    def spied(name: str) -> Callable[..., Any]:
        original = getattr(Client, name)

        @functools.wraps(original)
        def method(self: Any, *args: Any, **kwargs: Any) -> Any:
            log, recorder = SPY.log, SPY.recorder
            before = len(recorder.requests)
            self.fault = returned = None
            try:
                returned = original(self, *args, **kwargs)
            except Exception as error:
                self.fault = error
                raise
            finally:
                request = b"".join(recorder.requests[before:])
                if request:
                    log.append(Sent(name, self.server, request, returned, self.fault))
            return returned

        return method

    def raise_errors(self: Any, line: bytes, name: bytes) -> None:
        # What the server complained about, also where the client then ignores it.
        try:
            Client._raise_errors(self, line, name)  # noqa: SLF001  # pymemcache's hook for it
        except Exception as error:
            self.fault = error
            raise

    methods: Dict[str, Any] = {name: spied(name) for name in COMMANDS}
    return type("Client", (Client,), {**methods, "_raise_errors": raise_errors})


SPY = spying()


def outcome(client: Any, call: str, token: bytes) -> str:
    """Make a call; say what its caller gets, types included."""
    try:
        result = eval(f"client.{call}", {**NAMES, "client": client, "token": token})
    except Exception as error:
        kind = type(error)
        return f"raised {kind.__module__}.{kind.__qualname__}: {error}"
    return f"returned {result!r}"


def token_after_reset(server: Server, filled: bool) -> bytes:
    """Empty the server, fill it again where it is to be; return the cas token of `text`."""
    request = b"flush_all\r\n" + (_FILL if filled else b"") + b"gets text\r\n"
    answers = server.ask(request, b"END\r\n")
    values = [line.split() for line in answers if line.startswith(b"VALUE")]
    return values[0][-1] if values else b"1"


def for_real(case: Case, server: Server, token: bytes) -> Run:
    """Make a call to a real server."""
    recorder = Recorder()
    log: List[Sent] = []
    SPY.log, SPY.recorder = log, recorder
    client = case.make(SPY, server.address, socket_module=recorder.module, timeout=10)
    try:
        seen = outcome(client, case.call, token)
        recorder.settle()
    finally:
        recorder.close()
    return Run(seen, log)


def in_sandbox(case: Case, server: Server, token: bytes, sent: List[Sent], miss: bool) -> Run:
    """Make a call in a sandbox, where mocks reply what the real server replied, or `MISS`.

    All that was recorded is asserted and verified.
    """
    verifier, memcache = by_hand()
    for one in sent:
        if one.error is not None:
            memcache.mock_command(one.command, raises=one.error)
        else:
            given = miss and one.command not in WITHOUT_MISS
            memcache.mock_command(one.command, returns=MISS if given else one.returned)
    # Without a socket module there is no connecting at all.
    client = case.make(Client, server.address, socket_module=None, timeout=10)
    with verifier.sandbox():
        seen = outcome(client, case.call, token)
    met = verifier.interactions
    for interaction in met:
        memcache.assert_command(interaction.command, **interaction.fields)
    verifier.verify_all()
    return Run(
        seen, [Sent(each.command.lower(), each.server, each.request, None, None) for each in met]
    )
