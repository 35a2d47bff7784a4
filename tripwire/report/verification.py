"""Facts to text: what assertions and verification found."""

from __future__ import annotations

from typing import (
    Any,
    Callable,
    Dict,
    Iterable,
    Iterator,
    List,
    Mapping,
    Optional,
    Sequence,
    Tuple,
    Type,
)

from tripwire import errors
from tripwire._matching import equal
from tripwire._mocks import Mock
from tripwire._plugin import Plugin
from tripwire._swallowed.violations import Violation
from tripwire._timeline import AtOnce, Interaction
from tripwire.report.parts import blocks, count, mock_text, server_text, were, where
from tripwire.report.values import difference, one_line

LIMIT, VIOLATIONS, OTHERS = 50, 10, 10
"""How many are printed, the rest being counted: findings, violations, other interactions."""

_SEARCHED = 1_000

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
    hints: Callable[[], Sequence[str]],
) -> Optional[errors.VerificationError]:
    """The one error for all findings; None where there is none."""
    mocks: Tuple[Mock, ...] = ()
    for _, of_plugin in unused:
        mocks += of_plugin
    if not (violations or unasserted or mocks):
        return None
    kind = _KINDS[bool(violations), bool(unasserted), bool(mocks)]
    sections = []
    if violations:
        sections.append(swallowed(violations))
    if unasserted:
        plugins = [plugin for plugin, _ in unused]
        sections.append(not_asserted(unasserted, len(timeline), plugins))
    for plugin, of_plugin in unused:
        if of_plugin:
            sections.append(not_used(plugin, of_plugin, timeline))
    sections += hints()
    return kind("\n\n".join(sections), unasserted=unasserted, unused=mocks, violations=violations)


def swallowed(violations: Sequence[Violation]) -> str:
    """The report of violations that somebody caught."""
    shown = map(_swallowed_block, violations[:VIOLATIONS])
    return _section(
        f"{count(len(violations), 'violation')} {were(len(violations))} swallowed:",
        blocks(shown, len(violations), VIOLATIONS),
    )


def _swallowed_block(violation: Violation) -> Iterator[str]:
    times = "" if violation.times == 1 else f", {violation.times} times"
    yield f"{violation.error.__name__}{times}"
    yield from _who_caught(violation)
    if violation.location is not None and violation.location != violation.caught_by:
        yield f"called from {where(violation.location)}"
    yield ""
    yield from (f"    {line}" for line in violation.message.splitlines())
    yield ""


def _who_caught(violation: Violation) -> Iterator[str]:
    if violation.caught_by is None:
        yield "caught by someone who took its traceback off"
        return
    place = where(violation.caught_by)
    verb, what_it_ended = _ENDED[violation.ended]
    yield f"{verb} {place}{what_it_ended}"
    if violation.ended in ("task", "job"):
        yield "and nobody raised it again. If the test expects it, raise it inside assertRaises."
    if violation.ended == "call":
        yield "as it does finalizers and callbacks, and ignored it"
    if violation.in_test:
        yield from (f"    {line}" for line in [violation.handler] if line)
        yield f"If the test expects it, name it there: {violation.error.__name__}."


_ENDED = {
    "": ("caught by", ""),
    "task": ("got no further than", ": it ended a task,"),
    "job": ("caught by", ": it ended what ran there,"),
    "call": ("got no further than", ": Python itself had called that,"),
}


def not_asserted(
    open_ones: Sequence[Interaction], total: int, plugins: Sequence[Plugin] = ()
) -> str:
    """The report of interactions that no assertion named: the lines that would."""
    number = len(open_ones)
    interactions = count(total, f"{_names(open_ones)} interaction")
    lines = _to_paste(open_ones, LIMIT)
    at_once = [each for each in (plugin.at_once(open_ones) for plugin in plugins) if each]
    return _section(
        f"{number} of {interactions} {were(number)} not asserted. In order, after the sandbox:",
        lines,
        *(part for each in at_once for part in _at_once(each, number)),
        _hints([*lines, *(line for each in at_once for line in each.lines)], open_ones),
    )


def _at_once(those: AtOnce, number: int) -> Iterator[Sequence[str]]:
    which = "all" if those.number == number else str(those.number)
    yield f"Or {which} of them at once, {those.what}:"
    yield [f"    {line}" for line in those.lines]


def not_used(plugin: Plugin, mocks: Sequence[Mock], timeline: Sequence[Interaction]) -> str:
    """The report of required mocks that did not answer all their calls."""
    searched = timeline[-_SEARCHED:]
    shown = ([mock_text(mock), *_why_unused(plugin, mock, searched)] for mock in mocks[:LIMIT])
    return _section(
        f"{count(len(mocks), f'required {plugin.name} mock')} {were(len(mocks))} not used:",
        blocks(shown, len(mocks), LIMIT),
        "Take out what the code does not need, or register it with required=False.",
    )


def _why_unused(plugin: Plugin, mock: Mock, timeline: Sequence[Interaction]) -> Iterator[str]:
    yield f"    # registered at {where(mock.location)}"
    if mock.times is not None and mock.answered is not None:
        used = f"{mock.times - mock.left} of its {mock.times} calls"
        yield f"    # answered {used}, the last one at {where(mock.answered)}"
    yield from _comments(plugin.not_sent(mock.command))
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


# --- assertions -----------------------------------------------------------------------------------


def mismatch(
    command: str,
    expected: Mapping[str, Any],
    candidates: Sequence[Interaction],
    total: int,
    any_order: bool,
    unsent: Sequence[str],
) -> str:
    """The next interaction is another: which, what differs, and what else is still open."""
    if not candidates:
        done = f"all {total} are asserted already" if total else "nothing was sent"
        return "\n".join([f"No {command} is left to assert: {done}.", *_comments(unsent)])
    if any_order:
        head = f"No open interaction is this {command}. The nearest:"
        met = min(candidates[:_SEARCHED], key=lambda each: len(_differing(command, expected, each)))
    else:
        head, met = f"The next interaction is not this {command}:", candidates[0]
    others = [each for each in candidates if each is not met]
    nearest, rest = _to_paste([met]), _to_paste(others)
    return _section(
        head,
        nearest,
        "It differs in:",
        _differences(command, expected, met),
        "Open as well, in order:" if rest else "",
        rest,
        _hints([*nearest, *rest], candidates),
    )


def _differing(
    command: str, expected: Mapping[str, Any], met: Interaction
) -> List[Tuple[str, Any, Any]]:
    facts = {**met.fields, "server": met.server}
    differing = [("command", command, met.command)] if command != met.command else []
    return differing + [
        (name, value, facts[name])
        for name, value in expected.items()
        if name in facts and not equal(value, facts[name])
    ]


def _differences(command: str, expected: Mapping[str, Any], met: Interaction) -> List[str]:
    differing = _differing(command, expected, met)
    return [f"    {line}" for each in differing for line in difference(*each)]


def some_calls(name: str, met: Sequence[Interaction]) -> str:
    """There were calls where none was asserted."""
    lines = _to_paste(met)
    return _section(
        f"No {name} interaction was to take place, and {len(met)} did:",
        lines,
        _hints(lines, met),
    )


# --- lines to paste -------------------------------------------------------------------------------


def _to_paste(interactions: Sequence[Interaction], limit: int = OTHERS) -> List[str]:
    """The lines that assert interactions, with comments on what they cannot say."""
    return blocks(map(_paste_block, interactions[:limit]), len(interactions), limit)


def _hints(lines: Sequence[str], interactions: Sequence[Interaction]) -> List[str]:
    """What one has to know to paste those lines."""
    hints = []
    if any("unittest.mock.ANY" in line for line in lines):
        hints.append("unittest.mock.ANY stands for what cannot be pasted: import unittest.mock")
    if len({interaction.thread for interaction in interactions}) > 1:
        hints.append(
            "Several threads sent them, so their order may change. If it does, assert them in"
        )
        hints.append("`with tripwire.memcache.in_any_order():`.")
    return hints


def _paste_block(interaction: Interaction) -> List[str]:
    paste = interaction.paste()
    thread = "" if interaction.thread == "MainThread" else f", in thread {interaction.thread}"
    sent = f"sent to {server_text(interaction.server)} from {where(interaction.location)}"
    return [paste.line, *_comments([*paste.comments, one_line(sent + thread)])]


def _comments(texts: Iterable[str]) -> Iterator[str]:
    return (f"    # {line}" for text in texts for line in text.splitlines())


def _names(interactions: Sequence[Interaction]) -> str:
    names: Dict[str, None] = {interaction.kind: None for interaction in interactions}
    return " and ".join(names)


def _section(*parts: Sequence[str]) -> str:
    """Paragraphs, each a text or lines of text; what is empty is left out."""
    texts = (part if isinstance(part, str) else "\n".join(part) for part in parts if part)
    return "\n\n".join(text.rstrip() for text in texts)
