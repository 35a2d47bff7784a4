"""Facts to text: what assertions and verification found, and what happened in the sandbox."""

from __future__ import annotations

import os
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple, Type

from tripwire import errors
from tripwire._mocks import Mock, equal
from tripwire._plugin import Plugin
from tripwire._repr import difference, short
from tripwire._timeline import Interaction, Location
from tripwire._violations import Violation

LIMIT = 50
"""How many findings of a kind are printed; the rest are counted."""

Unused = Sequence[Tuple[Plugin, Tuple[Mock, ...]]]

# --- verification ---------------------------------------------------------------------------------

_KINDS: Mapping[Tuple[bool, bool, bool], Type[errors.VerificationError]] = {
    # swallowed, unasserted, unused
    (True, False, False): errors.SwallowedViolationError,
    (False, True, False): errors.UnassertedInteractionsError,
    (False, False, True): errors.UnusedMocksError,
    (True, True, False): errors.SwallowedAndUnassertedError,
    (True, False, True): errors.SwallowedAndUnusedError,
    (False, True, True): errors.UnassertedAndUnusedError,
    (True, True, True): errors.SwallowedUnassertedAndUnusedError,
}


def verification(
    violations: Tuple[Violation, ...],
    unasserted: Tuple[Interaction, ...],
    unused: Unused,
    timeline: Sequence[Interaction],
) -> Optional[errors.VerificationError]:
    """The one error for all findings; None where there is none."""
    mocks = tuple(mock for _, of_plugin in unused for mock in of_plugin)
    kind = _KINDS.get((bool(violations), bool(unasserted), bool(mocks)))
    if kind is None:
        return None
    sections = []
    if violations:
        sections.append(swallowed(violations))
    if unasserted:
        sections.append(not_asserted(unasserted, len(timeline)))
    for plugin, of_plugin in unused:
        if of_plugin:
            sections.append(not_used(plugin, of_plugin, timeline))
    return kind("\n\n".join(sections), unasserted=unasserted, unused=mocks, violations=violations)


def not_asserted(open_ones: Sequence[Interaction], total: int) -> str:
    """The report of interactions that no assertion named: the lines that would."""
    names = _names(open_ones)
    were = "was" if len(open_ones) == 1 else "were"
    head = (
        f"{len(open_ones)} of {_count(total, f'{names} interaction')} {were} not asserted. "
        "In order, after the sandbox:"
    )
    return _blocks(head, (to_paste(interaction) for interaction in open_ones[:LIMIT]), open_ones)


def to_paste(interaction: Interaction) -> List[str]:
    """The line that asserts an interaction, and comments on where it came from."""
    paste = interaction.plugin.paste(interaction)
    thread = "" if interaction.thread == "MainThread" else f", in thread {interaction.thread}"
    sent = f"sent to {server_text(interaction.server)} from {where(interaction.location)}{thread}"
    return [paste.line, *(f"    # {comment}" for comment in (*paste.comments, sent))]


def not_used(plugin: Plugin, mocks: Sequence[Mock], timeline: Sequence[Interaction]) -> str:
    """The report of required mocks that did not answer all their calls."""
    were = "was" if len(mocks) == 1 else "were"
    head = f"{_count(len(mocks), f'required {plugin.name} mock')} {were} not used:"
    blocks = ([mock_text(mock), *_why_unused(plugin, mock, timeline)] for mock in mocks[:LIMIT])
    return _blocks(head, blocks, mocks)


def _why_unused(plugin: Plugin, mock: Mock, timeline: Sequence[Interaction]) -> Iterable[str]:
    yield f"    # registered at {where(mock.location)}"
    if mock.times is not None and mock.times > 1:
        yield f"    # answered {mock.times - mock.left} of its {mock.times} calls"
    for note in plugin.instead(mock):
        yield f"    # {note}"
    if "key" in mock.fields:
        for interaction in _of_same_key(mock, timeline)[:3]:
            yield f"    # {interaction.command} of that key came from {where(interaction.location)}"


def _of_same_key(mock: Mock, timeline: Sequence[Interaction]) -> List[Interaction]:
    return [
        interaction
        for interaction in timeline
        if interaction.command != mock.command
        and equal(mock.fields["key"], interaction.fields.get("key"))
    ]


def swallowed(violations: Sequence[Violation]) -> str:
    """The report of violations that somebody caught."""
    head = (
        f"{_count(len(violations), 'violation')} did not reach the test: the code under test "
        "swallowed what tripwire raised."
    )
    return _blocks(head, map(_swallowed_block, violations[:LIMIT]), violations)


def _swallowed_block(violation: Violation) -> List[str]:
    if violation.caught_by is None:
        caught = "caught by someone who took its traceback off"
    elif violation.lost:
        caught = f"got no further than {where(violation.caught_by)}: nobody awaited or joined it"
    else:
        caught = f"caught by {where(violation.caught_by)}"
        if violation.location is not None and violation.location != violation.caught_by:
            caught += f", called from {where(violation.location)}"
    lines = [f"{violation.error.__name__}, {caught}"]
    if violation.times > 1:
        lines.append(f"    ({violation.times} times)")
    return lines + [f"    {line}".rstrip() for line in violation.message.splitlines()]


# --- assertions -----------------------------------------------------------------------------------


def mismatch(
    command: str,
    expected: Mapping[str, Any],
    candidates: Sequence[Interaction],
    total: int,
    any_order: bool,
) -> str:
    """The next interaction is another: what differs, and what is still open."""
    if not candidates:
        done = f"all {total} are asserted already" if total else "nothing was sent"
        return f"{command} was asserted, but no interaction is left to assert: {done}."
    if any_order:
        head = [f"{command} was asserted, and none of the open interactions is that:"]
        head += [f"    {name}={short(value)}" for name, value in expected.items()]
    else:
        first = candidates[0]
        sent = f"sent to {server_text(first.server)} from {where(first.location)}"
        head = [f"{command} was asserted, but the next interaction differs: {sent}"]
        head += _differences(command, expected, first)
    return _blocks(
        "\n".join([*head, "", "Still open, in order:"]),
        map(to_paste, candidates[:LIMIT]),
        candidates,
    )


def _differences(command: str, expected: Mapping[str, Any], actual: Interaction) -> Iterable[str]:
    if actual.command != command:
        yield f"    command: expected {command}, was {actual.command}"
    for name, value in expected.items():
        if name == "server":
            met = actual.server
        elif name in actual.fields:
            met = actual.fields[name]
        else:
            continue
        if not equal(value, met):
            yield from (f"    {line}" for line in difference(name, value, met))


def some_calls(name: str, met: Sequence[Interaction]) -> str:
    """There were calls where none was asserted."""
    head = f"No {name} calls were asserted, but {_count(len(met), 'interaction')} took place:"
    return _blocks(head, map(to_paste, met[:LIMIT]), met)


# --- mocks, places, servers -----------------------------------------------------------------------


def mock_text(mock: Mock) -> str:
    """The call that registered a mock, in short."""
    arguments = [repr(mock.command)]
    arguments += [f"{name}={short(value)}" for name, value in mock.fields.items()]
    arguments.append(
        f"returns={short(mock.returns)}" if mock.raises is None else f"raises={short(mock.raises)}"
    )
    if mock.times != 1:
        arguments.append(f"times={mock.times}")
    return f"tripwire.memcache.{'expect' if mock.expected else 'mock_command'}" + (
        f"({', '.join(arguments)})"
    )


def where(location: Location) -> str:
    """A place as `file:line in function`, the file relative to the working directory below it."""
    filename = location.filename
    below = os.path.join(os.getcwd(), "")
    if filename.startswith(below):
        filename = filename[len(below) :]
    return f"{filename}:{location.lineno} in {location.function}"


def server_text(server: Any) -> str:
    """A server as people write it: `host:port`, or the path of a socket."""
    if isinstance(server, tuple) and len(server) == 2:
        return f"{server[0]}:{server[1]}"
    return server if isinstance(server, str) else short(server)


def _names(interactions: Sequence[Interaction]) -> str:
    names: Dict[str, None] = {interaction.plugin.name: None for interaction in interactions}
    return " and ".join(names)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _blocks(head: str, blocks: Iterable[Sequence[str]], all_of_them: Sequence[Any]) -> str:
    lines = [head, ""]
    for block in blocks:
        lines += [f"    {line}" if line else "" for line in block]
    if len(all_of_them) > LIMIT:
        lines.append(f"    ... and {len(all_of_them) - LIMIT} more")
    return "\n".join(lines)
