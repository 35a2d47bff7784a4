"""Facts to text: what assertions and verification found."""

from __future__ import annotations

from typing import (
    Any,
    Callable,
    Iterable,
    Iterator,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Sequence,
    Tuple,
    Type,
)

from tripwire import errors
from tripwire._assertions import Differing, Wanted
from tripwire._matching import equal
from tripwire._mocks import Mock
from tripwire._plugin import Plugin
from tripwire._swallowed.violations import Violation
from tripwire._timeline import AtOnce, Interaction, Misplaced
from tripwire.report.parts import blocks, count, mock_text, were, where
from tripwire.report.pasting import Pasting, comments
from tripwire.report.values import difference

LIMIT, VIOLATIONS = 50, 10
"""How many findings of a kind are printed, and how many violations, the rest being counted."""

_SEARCHED = 1_000
"""How many interactions are searched for what explains a finding."""


class Findings(NamedTuple):
    """What verification has found.

    Attributes beside those of the errors: `was_read` (somebody read the interactions), `forgotten`
    (the error for an `in_any_order()` that nobody entered).
    """

    violations: Tuple[Violation, ...] = ()
    unasserted: Tuple[Interaction, ...] = ()
    misplaced: Tuple[Misplaced, ...] = ()
    unused: Sequence[Tuple[Plugin, Tuple[Mock, ...]]] = ()
    was_read: bool = False
    forgotten: Optional[errors.NotEnteredError] = None

    def causes(self) -> Findings:
        """What is no consequence of the rest, where a test fails anyhow."""
        return Findings(self.violations)


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
    findings: Findings, to_paste: Callable[[], Pasting], hints: Callable[[], Iterable[str]] = tuple
) -> Optional[errors.VerificationError]:
    """The one error for all findings; None where there is none, and then nothing else is asked."""
    mocks: Tuple[Mock, ...] = ()
    for _, of_plugin in findings.unused:
        mocks += of_plugin
    violations, unasserted = findings.violations, findings.unasserted
    if not (violations or unasserted or findings.misplaced or mocks):
        return None
    unasserted += tuple(each.interaction for each in findings.misplaced)
    kind = _KINDS[bool(violations), bool(unasserted), bool(mocks)]
    text = "\n\n".join([*_sections(findings, to_paste()), *hints()])
    return kind(text, unasserted=unasserted, unused=mocks, violations=violations)


def _sections(findings: Findings, pasting: Pasting) -> Iterator[str]:
    if findings.violations:
        yield swallowed(findings.violations)
    if findings.unasserted:
        plugins = [plugin for plugin, _ in findings.unused]
        yield not_asserted(findings.unasserted, pasting, plugins)
        if findings.was_read:
            yield _READ
    if findings.misplaced:
        yield out_of_order(findings.misplaced)
    for plugin, of_plugin in findings.unused:
        if of_plugin:
            yield not_used(plugin, of_plugin, pasting.timeline)


_READ = "verifier.interactions was read, which asserts nothing."


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
        yield "and nobody raised it again. If the test expects it, raise it inside"
        yield "assertRaises."
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
    open_ones: Sequence[Interaction], pasting: Pasting, plugins: Sequence[Plugin] = ()
) -> str:
    """The report of interactions that no assertion named: the lines that would."""
    number = len(open_ones)
    interactions = count(len(pasting.timeline), f"{_names(pasting.timeline)} interaction")
    lines = pasting.lines(open_ones, LIMIT, plugins)
    at_once = [each for each in (plugin.at_once(open_ones) for plugin in plugins) if each]
    for each in at_once:
        pasting.need(each.imports)
    return _section(
        f"{number} of {interactions} {were(number)} not asserted. In order, after the sandbox:",
        lines,
        *(part for each in at_once for part in _at_once(each, number)),
        pasting.hints(open_ones),
    )


def _at_once(those: AtOnce, number: int) -> Iterator[Sequence[str]]:
    which = "all" if those.number == number else str(those.number)
    yield f"Or {which} of them at once, {those.what}:"
    yield [f"    {line}" for line in those.lines]


def out_of_order(misplaced: Sequence[Misplaced]) -> str:
    """The report of expectations that answered after those that were registered later."""
    number, kind = len(misplaced), misplaced[0].interaction.kind
    shown = (_misplaced_block(each) for each in misplaced[:LIMIT])
    return _section(
        f"{count(number, 'expected call')} came too late, and {were(number)} not asserted:",
        blocks(shown, number, LIMIT),
        [
            "Expectations are met in the order in which they are registered. Where that does not",
            f"matter, register them in `with tripwire.{kind}.in_any_order():`.",
        ],
        [_THREADS] if len({each.thread for pair in misplaced for each in pair}) > 1 else (),
    )


_THREADS = "Several threads sent them, so their order may change from run to run."


def _misplaced_block(late: Misplaced) -> Iterator[str]:
    yield from _expected(late.interaction)
    yield "    # after another had answered that was registered later:"
    yield from _expected(late.after)


def _expected(interaction: Interaction) -> Iterator[str]:
    mock = interaction.expectation
    yield mock_text(mock)
    yield f"    # registered at {where(mock.location)}"
    yield f"    # answered the call at {where(interaction.location)}"


def not_used(plugin: Plugin, mocks: Sequence[Mock], timeline: Sequence[Interaction]) -> str:
    """The report of required mocks that did not answer all their calls."""
    searched = timeline[-_SEARCHED:]
    shown = ([mock_text(mock), *_why_unused(plugin, mock, searched)] for mock in mocks[:LIMIT])
    return _section(
        f"{count(len(mocks), f'required {plugin.name} mock')} {were(len(mocks))} not used:",
        blocks(shown, len(mocks), LIMIT),
        f"Take out what the code does not need{_or_allow(mocks)}.",
    )


def _or_allow(mocks: Sequence[Mock]) -> str:
    """What else may be done with mocks that were not used, if anything."""
    demanding = [mock for mock in mocks if mock.always_required]
    if len(demanding) == len(mocks):
        return ""
    names = dict.fromkeys(mock.spelled.partition("(")[0] for mock in demanding)
    do = "does" if len(names) == 1 else "do"
    unless = f"\n({' and '.join(names)} {do} not take it)" if names else ""
    return f", or register it with required=False{unless}"


def _why_unused(plugin: Plugin, mock: Mock, timeline: Sequence[Interaction]) -> Iterator[str]:
    yield f"    # registered at {where(mock.location)}"
    if mock.times is not None and mock.answered is not None:
        used = f"{mock.times - mock.left} of its {mock.times} calls"
        yield f"    # answered {used}, the last one at {where(mock.answered)}"
    yield from comments(plugin.unused(mock, timeline))
    if "key" in mock.fields and not mock.spelled:
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
    wanted: Wanted,
    candidates: Sequence[Interaction],
    pasting: Pasting,
    any_order: bool,
    unsent: Sequence[str],
) -> str:
    """The next interaction is another: which, what differs, and what else is still open."""
    if not candidates:
        notes = unsent or ([] if pasting.timeline else [_NO_CLIENT])
        head = f"No {wanted.command} is left to assert: {_done(pasting.timeline)}."
        return "\n".join([head, *comments(notes)])
    if any_order:
        head, met = f"No open interaction is this {wanted.command}. The nearest:", None
    else:
        head, met = f"The next interaction is not this {wanted.command}:", candidates[0]
    return _nearest(head, wanted, met, candidates, pasting)


def _done(timeline: Sequence[Interaction]) -> str:
    """What became of all that was sent."""
    late = sum(not interaction.asserted for interaction in timeline)
    if late:
        return (
            f"{late} of {len(timeline)} {were(late)} not asserted in time;\n"
            "the test was verified before this, or a subTest that sent something has failed"
        )
    return f"all {len(timeline)} are asserted already" if timeline else "nothing was sent"


_NO_CLIENT = "If the code was given a mock in the place of a client, nothing of it is sent."


def not_all(differing: Differing, number: int, pasting: Pasting, unsent: Sequence[str]) -> str:
    """The open interactions are not the asserted ones: which is the first that is another."""
    place, wanted, candidates = differing
    if wanted is None:
        head = f"{count(number, 'call')} {were(number)} asserted, and there are more. In order:"
        return _section(head, pasting.lines(candidates), pasting.hints(candidates))
    which = f"Call {place + 1} of {number}, {wanted.spelled},"
    if not candidates:
        return "\n".join([f"{which} is too many: no interaction is left.", *comments(unsent)])
    return _nearest(f"{which} is not this interaction:", wanted, candidates[0], candidates, pasting)


def _nearest(
    head: str,
    wanted: Wanted,
    met: Optional[Interaction],
    candidates: Sequence[Interaction],
    pasting: Pasting,
) -> str:
    """One interaction and where it differs from an assertion; without one, the most similar."""
    if met is None:
        met = min(candidates[:_SEARCHED], key=lambda each: len(_differing(wanted, each)))
    others = [each for each in candidates if each is not met]
    nearest, rest = pasting.lines([met]), pasting.lines(others)
    return _section(
        head,
        nearest,
        "It differs in:",
        _differences(wanted, met),
        "Open as well, in order:" if rest else "",
        rest,
        pasting.hints(candidates),
    )


def _differing(wanted: Wanted, met: Interaction) -> List[Tuple[str, Any, Any]]:
    other = met.command not in wanted.names
    pairs = [
        (name, *met.pair(name, value)) for name, value in wanted.fields.items() if met.knows(name)
    ]
    differing = [("command", wanted.command, met.command)] if other else []
    return differing + [pair for pair in pairs if not equal(*pair[1:])]


def _differences(wanted: Wanted, met: Interaction) -> Iterator[str]:
    differing = _differing(wanted, met)
    for each in differing:
        yield from (f"    {line}" for line in difference(*each))
    left_out = [name for name, _, _ in differing if name in wanted.filled]
    if left_out:
        yield f"    (left out, and compared all the same: {', '.join(left_out)})"
    yield from (f"    {line}" for each in met.remarks(wanted.fields) for line in each.splitlines())


def some_calls(name: str, met: Sequence[Interaction], pasting: Pasting) -> str:
    """There were calls where none was asserted."""
    return _section(
        f"No {name} interaction was to take place, and {len(met)} did:",
        pasting.lines(met),
        pasting.hints(met),
    )


def _names(interactions: Sequence[Interaction]) -> str:
    names = dict.fromkeys(interaction.kind for interaction in interactions)
    return " and ".join(names)


def _section(*parts: Iterable[str]) -> str:
    """Paragraphs, each a text or lines of text; what is empty is left out."""
    texts = (part if isinstance(part, str) else "\n".join(part) for part in parts)
    return "\n\n".join(text.rstrip() for text in texts if text)
