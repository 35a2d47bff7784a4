"""The text of an order that fails: who did what, one column for each worker."""

from __future__ import annotations

import textwrap
from typing import Iterator, List, NamedTuple, Sequence

WIDTH = 79
"""The longest line, but for what an exception says."""

ROWS = 60
"""How many rows are shown; of more than that, the first and the last."""

_MARGIN = 7
_NARROW, _GAP = 29, 2
_COLUMNS = 4
_LINES = 3


class Row(NamedTuple):
    """What one worker did: its letter, a text, and whether it is counted."""

    worker: str
    text: str
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
        f'Order "{shortened(schedule, WIDTH - 40)}" fails{_after(orders)}:',
        "",
        *_table(workers, rows),
        "",
        *(f"    {line}".rstrip() for line in failure),
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


def shortened(text: str, width: int) -> str:
    """A text on one line, its middle left out where it is too long."""
    if len(text) <= width:
        return text
    start = (width - 3) * 2 // 3
    return f"{text[:start]}...{text[start + 3 - width :]}"


def exception_lines(error: BaseException) -> List[str]:
    """What an exception is and says, at most ten lines of it."""
    try:
        text = str(error)
    except Exception:
        text = "(its text cannot be shown)"
    name = type(error).__name__
    lines = (f"{name}: {text}" if text else name).splitlines()
    shown = [shortened(line, WIDTH - 4) for line in lines[:10]]
    return [*shown, "..."] if len(lines) > 10 else shown


# --- the table ------------------------------------------------------------------------------------


def _table(workers: Sequence[str], rows: Sequence[Row]) -> List[str]:
    if len(workers) > _COLUMNS:
        return list(_list(rows))
    pitch = _pitch(workers, rows)
    heads = "".join(letter.ljust(pitch) for letter in workers)
    return [f"{'':{_MARGIN}}{heads}".rstrip(), *_columns(workers, rows, pitch)]


def _pitch(workers: Sequence[str], rows: Sequence[Row]) -> int:
    widest = max((len(row.text) for row in rows), default=0) + _GAP
    return min(max(widest, _NARROW), (WIDTH - _MARGIN) // len(workers))


def _columns(workers: Sequence[str], rows: Sequence[Row], pitch: int) -> Iterator[str]:
    places = {letter: place * pitch for place, letter in enumerate(workers)}
    for number, row in _counted(rows):
        indent = " " * places[row.worker]
        for line_number, line in enumerate(_wrapped(row.text, pitch - _GAP)):
            margin = "" if line_number else number
            yield f"{margin:>5}  {indent}{line}".rstrip()


def _list(rows: Sequence[Row]) -> Iterator[str]:
    for number, row in _counted(rows):
        text = shortened(row.text, WIDTH - _MARGIN - 3)
        yield f"{number:>5}  {row.worker}  {text}".rstrip()


def _counted(rows: Sequence[Row]) -> Iterator[tuple[str, Row]]:
    numbers = []
    number = 0
    for row in rows:
        number += row.numbered
        numbers.append(str(number) if row.numbered else "")
    pairs = list(zip(numbers, rows))
    left_out = len(pairs) - ROWS
    if left_out <= 0:
        yield from pairs
        return
    half = ROWS // 2
    yield from pairs[:half]
    yield "", Row(rows[0].worker, f"... {left_out:,} more ...", False)
    yield from pairs[-half:]


def _wrapped(text: str, width: int) -> List[str]:
    lines = textwrap.wrap(text, width, subsequent_indent="  ", break_on_hyphens=False) or [""]
    if len(lines) <= _LINES:
        return lines
    last = shortened(" ".join(line.strip() for line in lines[_LINES - 1 :]), width - 2)
    return [*lines[: _LINES - 1], f"  {last}"]
