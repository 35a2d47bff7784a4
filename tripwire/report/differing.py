"""The text of rounds that ought to be the same, and are not."""

from __future__ import annotations

from typing import List, Optional, Sequence, Tuple

from tripwire.report.labels import Label, placed, told_apart

LAST = 8
"""How many of the steps before the difference are shown: the last ones."""

LONGEST = 400
"""How many characters of each differing step are shown; more where these are the same."""

ADVICE = (
    "Which commands are sent, and to which keys and servers, has to be the same in\n"
    "each round; values and expiries may differ. Look for random numbers in keys\n"
    "(that of a session, after a login: patch what makes it), sets, real clocks,\n"
    "and what one round leaves to the next: a module's cache, a client that is made\n"
    "once."
)


def differing(
    what: str,
    before: Sequence[str],
    number: str,
    at_first: Optional[str],
    now: Optional[str],
) -> str:
    """The whole text.

    Args:
        what: what is not the same, as a sentence without its full stop.
        before: the steps before, which were the same; empty where a report does not show them.
        number: what the first differing step is called: `"Command 2"`.
        at_first, now: that step in both rounds; None in the one that was over before it.
    """
    lines: List[str] = []
    if before:
        lines.append("    After these steps:")
        if len(before) > LAST:
            lines.append(f"        ... {len(before) - LAST:,} before ...")
        lines += [f"        {step}" for step in before[-LAST:]]
    lines += [
        f"    {number}, at first: {at_first or 'nothing more'}",
        f"    {number}, now:      {now or 'nothing more'}",
    ]
    text = "\n".join(lines)
    return f"The scenario is not deterministic: {what}.\n\n{text}\n\n{ADVICE}"


def both(at_first: Optional[Label], now: Optional[Label]) -> Tuple[Optional[str], Optional[str]]:
    """Two labels, with their servers where only these differ."""
    there = [each for each in (at_first, now) if each is not None]
    stage = slice(None), lambda text: len(text) <= LONGEST
    texts = iter(told_apart(placed(there), [stage]))
    return at_first and next(texts), now and next(texts)
