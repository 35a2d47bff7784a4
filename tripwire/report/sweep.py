"""The text of a sweep in which rounds went wrong: a table of commands and faults, then each one."""

from __future__ import annotations

from typing import Iterator, List, NamedTuple, Optional, Sequence

from tripwire._timeline import Location
from tripwire.report.parts import count, where
from tripwire.report.rounds import WIDTH, shortened
from tripwire.report.values import one_line, safe_str

SHOWN = 20
"""How many rounds that went wrong are told of."""

ROWS = 60
"""How many commands the table shows; of more, those that a fault made go wrong, and the first."""

_MARGIN = 7
_GAP = 2
_LINES = 10
_CELLS = {None: "-", True: "ok", False: "FAILS"}


class Line(NamedTuple):
    """A command: its number, what it was, and for each fault whether its rounds went right.

    None where the fault cannot befall it.
    """

    number: int
    label: str
    cells: Sequence[Optional[bool]]


class Wrong(NamedTuple):
    """A round that went wrong: the argument that runs it alone, what happened, the command."""

    only: str
    lines: Sequence[str]
    command: str
    location: Location


def failed_rounds(
    *,
    rounds: int,
    lasting: bool,
    lines: Sequence[Line],
    faults: Sequence[str],
    wrong: Sequence[Wrong],
) -> str:
    """The whole text.

    Args:
        rounds: how many rounds there were with a fault.
        lasting: whether their faults lasted.
        lines: the commands.
        faults: the columns.
        wrong: the rounds that went wrong.
    """
    fault = "a fault that lasts" if lasting else "a fault"
    text = [f"{len(wrong)} of {count(rounds, 'round')} with {fault} went wrong:", ""]
    text += _table(lines, faults)
    for each in wrong[:SHOWN]:
        text += ["", *_block(each)]
    if len(wrong) > SHOWN:
        text += ["", f"    ... and {len(wrong) - SHOWN} more"]
    return "\n".join(text)


def exception_lines(error: BaseException) -> List[str]:
    """What came out of a scenario, in lines; of a failed assertion at most eleven."""
    name = type(error).__name__
    if not isinstance(error, AssertionError):
        return [f"{name} came out of the scenario", *filter(None, [safe_str(error)])]
    try:
        first, *rest = str(error).splitlines() or [""]
    except Exception:
        first, rest = safe_str(error), []
    more = ["..."] if len(rest) > _LINES else []
    return [f"{name}: {first}" if first else name, *rest[:_LINES], *more]


def _block(wrong: Wrong) -> Iterator[str]:
    first, *rest = map(one_line, wrong.lines)
    head = f"    only={_literal(wrong.only)}:"
    if len(head) + 1 + len(first) > WIDTH:
        yield head
        rest = [first, *rest]
    else:
        yield f"{head} {first}"
    for line in rest:
        yield f"        {shortened(line, WIDTH - 8)}".rstrip()
    yield f"        {wrong.command.split(' ')[0]} from {where(wrong.location)}"


def _literal(only: str) -> str:
    return repr(only) if '"' in only or "\\" in only else f'"{only}"'


# --- the table ------------------------------------------------------------------------------------


def _table(lines: Sequence[Line], faults: Sequence[str]) -> Iterator[str]:
    heads = [fault.split(" ", 1) for fault in faults]
    widths = [max(len("FAILS"), *map(len, head)) + _GAP for head in heads]
    room = WIDTH - _MARGIN - sum(widths)
    shown = _shown(lines)
    labels = [shortened(line.label, room) for line in shown]
    first = max(map(len, labels)) + _GAP
    for level in range(max(map(len, heads))):
        names = [head[level] if level < len(head) else "" for head in heads]
        yield _row(" " * (_MARGIN + first), names, widths)
    for line, label in zip(shown, labels):
        cells = [_CELLS[cell] for cell in line.cells]
        yield _row(f"{line.number:>5}  {label.ljust(first)}", cells, widths)
    if len(shown) < len(lines):
        yield f"       ... and {count(len(lines) - len(shown), 'more command')}"


def _shown(lines: Sequence[Line]) -> List[Line]:
    if len(lines) <= ROWS:
        return list(lines)
    wrong = [line for line in lines if False in line.cells][:ROWS]
    right = [line for line in lines if False not in line.cells][: ROWS - len(wrong)]
    return sorted([*wrong, *right])


def _row(start: str, cells: Sequence[str], widths: Sequence[int]) -> str:
    return (start + "".join(cell.ljust(width) for cell, width in zip(cells, widths))).rstrip()
