"""Facts to text: a call that no mock answered, and why none did."""

from __future__ import annotations

from itertools import islice
from typing import Any, Iterable, Iterator, List, Mapping, NamedTuple, Sequence

from tripwire._mocks import Mock, equal
from tripwire._timeline import Location
from tripwire.report.parts import call_facts, mock_text, where
from tripwire.report.values import difference

NEAREST = 3
"""How many mocks that did not answer a call are explained."""

_SEARCHED = 1_000


class Unanswered(NamedTuple):
    """A call that has reached the wire.

    Attributes: `names` (of its command, and of the aliases whose mocks could have answered it),
    `fields`, `server` and `location`.
    """

    names: Sequence[str]
    fields: Mapping[str, Any]
    server: Any
    location: Location


def unmocked(
    call: Unanswered, facts: Iterable[str], offer: Sequence[str], mocks: Sequence[Mock]
) -> str:
    """The text: the call by its `facts`, the mocks that did not answer it, one that would."""
    name = call.names[0]
    lines = [
        f"memcache.{name}(...) was called but no mock was registered.",
        "Register a mock with:",
        f"    tripwire.memcache.mock_command('{name}', returns=...)",
        "",
        *call_facts(facts, call.server, call.location),
    ]
    nearest = _nearest(call, mocks)
    if nearest:
        lines += ["", "The nearest mocks, and why they did not answer it:"]
    for mock in nearest:
        lines += [f"    {mock_text(mock)}", f"        registered at {where(mock.location)}"]
        lines += [f"        {reason}" for reason in _why_not(mock, call)]
    lines += ["", "For this call alone:", *(f"    {line}" for line in offer)]
    return "\n".join(lines)


def _nearest(call: Unanswered, mocks: Sequence[Mock]) -> List[Mock]:
    """Of the latest mocks those still waiting, those used up, those of others; oldest first."""
    latest = list(islice(reversed(mocks), _SEARCHED))
    own = [mock for mock in latest if mock.command in call.names]
    ranked = [mock for mock in own if not _used_up(mock)]
    ranked += [mock for mock in own if _used_up(mock)]
    ranked += [mock for mock in latest if _same_key_elsewhere(mock, call)]
    return sorted(ranked[:NEAREST], key=lambda mock: mock.number)


def _used_up(mock: Mock) -> bool:
    return mock.times is not None and mock.left == 0


def _same_key_elsewhere(mock: Mock, call: Unanswered) -> bool:
    if mock.command in call.names or mock.answered is not None:
        return False
    return "key" not in mock.fields or equal(mock.fields["key"], call.fields.get("key"))


def _why_not(mock: Mock, call: Unanswered) -> Iterator[str]:
    if mock.command not in call.names:
        yield f"belongs to another command, {mock.command}"
        return
    if _used_up(mock):
        by = f"the call at {where(mock.answered)}" if mock.answered else "another thread"
        yield f"used up by {by}"
        return
    met = {**call.fields, "server": call.server}
    wrong = [name for name in mock.fields if not equal(mock.fields[name], met.get(name))]
    yield "waits, but not for this call" + (f"'s {' and '.join(wrong)}:" if wrong else "")
    for name in wrong:
        yield from (f"    {line}" for line in difference(name, mock.fields[name], met.get(name)))
