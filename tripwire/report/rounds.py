"""The text of an order that fails: who did what, one column for each worker."""

from __future__ import annotations

import re
import textwrap
from typing import Iterator, List, NamedTuple, Sequence, Tuple

from tripwire.report.labels import WHOLE, WITH_DETAIL, Label, Stage, placed, told_apart
from tripwire.report.values import elided, folded, safe_lines

WIDTH = 79
"""The longest line, but for what an exception says."""

ROWS = 60
"""How many rows are shown; of more than that, the first and the last."""

TWO_LINES = 130
"""How many characters are shown of a line that an exception says: about two lines here."""

# What stands before a step, and before a line on what it failed with.
_MARGIN, _BELOW = 7, 4
_NARROW, _GAP = 29, 2
_COLUMNS = 4
_LINES = 3


class Row(NamedTuple):
    """What one worker did: its letter, what it was, and whether it is counted."""

    worker: str
    label: Label
    numbered: bool


def failed_order(
    *,
    schedule: str,
    orders: int,
    workers: Sequence[str],
    rows: Sequence[Row],
    failure: Sequence[str],
    call: str,
) -> str:
    """The whole text.

    Args:
        schedule: the order, in letters.
        orders: how many were tried before it; -1 where it alone was asked for.
        workers: their letters.
        rows: what they did, in order.
        failure: the lines on what it failed with.
        call: what runs this order alone.
    """
    lines = [
        f'Order "{elided(schedule, WIDTH - 40)}" fails{_after(orders)}:',
        "",
        *_table(workers, rows),
        "",
        *(f"{'':{_BELOW}}{line}".rstrip() for line in failure),
        "",
        f"This order alone: {call}",
    ]
    return "\n".join(lines)


def _after(orders: int) -> str:
    if orders < 0:
        return ""
    if orders == 0:
        return ", the first one"
    return f", after {orders:,} order{'s' if orders > 1 else ''}"


def exception_lines(error: BaseException) -> List[str]:
    """What an exception is and says, at most ten lines of it, folded where they are long."""
    name = type(error).__name__
    first, *rest = safe_lines(error)
    lines = [f"{name}: {first}" if first else name, *rest]
    shown = [
        part for line in lines[:10] for part in folded(elided(line, TWO_LINES), WIDTH - _BELOW)
    ]
    return [*shown, "..."] if len(lines) > 10 else shown


# --- the table ------------------------------------------------------------------------------------


_Numbered = Tuple[str, Row]


class _Line(NamedTuple):
    """A row as it is shown: its number, if it has one, its worker, and its text."""

    number: str
    worker: str
    text: str


def _table(workers: Sequence[str], rows: Sequence[Row]) -> List[str]:
    shown = list(_shown(rows))
    shown = [
        (number, row._replace(label=label))
        for (number, row), label in zip(shown, placed([row.label for _, row in shown]))
    ]
    left_out = len(rows) - len(shown)
    if len(workers) > _COLUMNS:
        room = WIDTH - _MARGIN - 3
        return [
            f"{line.number:>5}  {line.worker}  {elided(line.text, room)}".rstrip()
            for line in _lines(shown, left_out, [(slice(None), lambda text: len(text) <= room)])
        ]
    widest = max((len(str(row.label)) for _, row in shown), default=0) + _GAP
    pitch = min(max(widest, _NARROW), (WIDTH - _MARGIN) // len(workers))
    heads = "".join(letter.ljust(pitch) for letter in workers)
    return [f"{'':{_MARGIN}}{heads}".rstrip(), *_columns(workers, shown, left_out, pitch)]


def _columns(
    workers: Sequence[str], shown: Sequence[_Numbered], left_out: int, pitch: int
) -> Iterator[str]:
    places = {letter: place * pitch for place, letter in enumerate(workers)}
    room = pitch - _GAP
    stages: List[Stage] = [
        (WITH_DETAIL, lambda text: len(text) <= room),
        (slice(WHOLE.start, None), lambda text: len(_wrapped(text, room)) <= _LINES),
    ]
    for number, worker, text in _lines(shown, left_out, stages):
        indent = " " * places[worker]
        for line_number, line in enumerate(_wrapped(text, room)):
            margin = "" if line_number else number
            yield f"{margin:>5}  {indent}{line}".rstrip()


def _lines(shown: Sequence[_Numbered], left_out: int, stages: Sequence[Stage]) -> Iterator[_Line]:
    texts = told_apart([row.label for _, row in shown], stages)
    for place, ((number, row), text) in enumerate(zip(shown, texts)):
        if left_out and place == ROWS // 2:
            yield _Line("", shown[0][1].worker, f"... {left_out:,} more ...")
        yield _Line(number, row.worker, text)


def _shown(rows: Sequence[Row]) -> Iterator[_Numbered]:
    number = 0
    for place, row in enumerate(rows):
        number += row.numbered
        if not ROWS // 2 <= place < len(rows) - ROWS // 2 or len(rows) <= ROWS:
            yield str(number) if row.numbered else "", row


def _wrapped(text: str, width: int) -> List[str]:
    # Two words in brackets are one remark: `(ran out)`, `(80 bytes)`.
    text = _REMARK.sub("(\\1\xa0\\2)", text)
    lines = textwrap.wrap(text, width, subsequent_indent="  ", break_on_hyphens=False) or [""]
    return [line.replace("\xa0", " ") for line in lines]


_REMARK = re.compile(r"\((\w+) (\w+)\)")
