"""The text of a sweep in which rounds went wrong: a table of commands and faults, then each one."""

from __future__ import annotations

import textwrap
from typing import Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from tripwire._timeline import Location
from tripwire.report.labels import WITH_KEYS, Label, placed, told_apart
from tripwire.report.parts import count, where
from tripwire.report.rounds import TWO_LINES, WIDTH
from tripwire.report.values import brief, elided, folded, one_line, safe_lines, safe_str

SHOWN = 20
"""How many rounds that went wrong are told of."""

ROWS = 60
"""How many commands the table shows; of more, those that a fault made go wrong, and the first."""

# In columns: what stands before a label, a cell, the lines on a round; the narrowest labels.
_MARGIN, _GAP, _INDENT, _LEAST = 7, 2, 8, 7
# The most lines of an exception or of places, and of a label.
_LINES, _LABEL_LINES = 10, 3
# In characters: a value that is whole; one that is cut, in a report of many rounds, and whole.
_LONG = 1_000
_WIDTHS = 36, _LONG
_CELLS = {None: "-", True: "ok", False: "FAILS"}


class Line(NamedTuple):
    """A command: its number, what it was, and for each fault whether its rounds went right.

    None where the fault cannot befall it.
    """

    number: int
    label: Label
    cells: Sequence[Optional[bool]]


class Detail(NamedTuple):
    """A line on what happened: as it is told of many rounds, and of one that was run alone."""

    text: str
    whole: str


class Wrong(NamedTuple):
    """A round that went wrong: the argument that runs it alone, what happened, the command."""

    only: str
    lines: Sequence[Detail]
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
    groups = list(_groups(wrong))
    for group in groups[:SHOWN]:
        text += ["", *_block(group, rounds == 1)]
    left_out = sum(map(len, groups[SHOWN:]))
    if left_out:
        text += ["", f"    ... and {left_out} more"]
    return "\n".join(text)


# --- what happened --------------------------------------------------------------------------------


class _Nothing:
    """Stands for an item that is not there."""

    def __repr__(self) -> str:
        return "nothing"


NOTHING = _Nothing()


def details(*lines: str) -> List[Detail]:
    """Lines that are cut where they are too long, and whole where a round was run alone."""
    return [Detail(elided(one_line(line), TWO_LINES), one_line(line)) for line in lines]


def compared(
    what: str, value: object, usual: object, lasts: str = "", usually: str = ""
) -> Iterator[Detail]:
    """What is there, and what is there without a fault, each with how long it lasts."""
    both = (value, lasts), (usual, usually)
    there, usually_there = (f"{brief(one, _LONG)} {life}".rstrip() for one, life in both)
    line = f"{what}{there}, and {usually_there} without a fault"
    if len(line) <= WIDTH - _INDENT:
        yield from details(line)
        return
    indent = " " * (len(what) - len(what.lstrip()))
    for line, (one, life) in zip((f"{what}{{}},", f"{indent}and {{}} without a fault"), both):
        yield Detail(*(line.format(f"{brief(one, width)} {life}".rstrip()) for width in _WIDTHS))


def exception_lines(error: BaseException) -> List[Detail]:
    """What came out of a scenario, in lines; of a failed assertion at most eleven."""
    name = type(error).__name__
    if not isinstance(error, AssertionError):
        return details(f"{name} came out of the scenario", *filter(None, [safe_str(error)]))
    first, *rest = safe_lines(error)
    more = ["..."] if len(rest) > _LINES else []
    return details(f"{name}: {first}" if first else name, *rest[:_LINES], *more)


def _groups(wrong: Sequence[Wrong]) -> Iterable[List[Wrong]]:
    """The rounds of which there is the same to say."""
    groups: Dict[Tuple[Detail, ...], List[Wrong]] = {}
    for each in wrong:
        groups.setdefault(tuple(each.lines), []).append(each)
    return groups.values()


def _block(group: Sequence[Wrong], alone: bool) -> Iterator[str]:
    lines = [each.whole if alone else each.text for each in group[0].lines]
    *heads, head = _heads([_literal(each.only) for each in group])
    yield from heads
    if len(head) + 1 + len(lines[0]) <= WIDTH:
        head = f"{head} {lines.pop(0)}"
    yield head
    for line in lines:
        yield from folded(line, WIDTH, " " * _INDENT)
    places = dict.fromkeys(f"{each.command} from {where(each.location)}" for each in group)
    for place in [*places][:_LINES]:
        yield f"{'':{_INDENT}}{place}"


def _heads(arguments: Sequence[str]) -> Iterator[str]:
    """The arguments that run rounds alone, in as many lines as it takes."""
    told = list(arguments[:SHOWN])
    more = [f", and {len(arguments) - SHOWN} more"] if len(arguments) > SHOWN else []
    line = f"    only={told[0]}"
    for place, argument in enumerate(told[1:], 2):
        joint = " or" if place == len(told) and not more else ","
        if len(line) + len(joint) + len(argument) + len(" ,") > WIDTH:
            yield line + joint
            line = f"{'':{_INDENT}} {argument}"
        else:
            line += f"{joint} {argument}"
    yield "".join([line, *more, ":"])


def _literal(only: str) -> str:
    return repr(only) if '"' in only or "\\" in only else f'"{only}"'


# --- the table ------------------------------------------------------------------------------------


def _table(lines: Sequence[Line], faults: Sequence[str]) -> Iterator[str]:
    heads = [fault.split(" ", 1) for fault in faults]
    widths = [max(len("FAILS"), *map(len, head)) + _GAP for head in heads]
    room = WIDTH - _MARGIN - sum(widths)
    shown = _shown(lines)
    labels = told_apart(
        placed([line.label for line in shown]),
        [
            (WITH_KEYS, lambda text: len(text) <= room),
            (slice(None), lambda text: len(_over_its_cells(text)) <= _LABEL_LINES),
        ],
    )
    first = max([_LEAST, *(len(label) for label in labels if len(label) <= room)]) + _GAP
    for level in range(max(map(len, heads))):
        names = [head[level] if level < len(head) else "" for head in heads]
        yield _row(" " * (_MARGIN + first), names, widths)
    for line, label in zip(shown, labels):
        cells = [_CELLS[cell] for cell in line.cells]
        if len(label) <= room:
            yield _row(f"{line.number:>5}  {label.ljust(first)}", cells, widths)
            continue
        for place, piece in enumerate(_over_its_cells(label)):
            yield f"{'' if place else line.number:>5}  {piece}"
        yield _row(" " * (_MARGIN + first), cells, widths)
    if len(shown) < len(lines):
        yield f"       ... and {count(len(lines) - len(shown), 'more command')}"


def _over_its_cells(label: str) -> List[str]:
    """A label that is too long to stand before its cells."""
    return textwrap.wrap(
        label, WIDTH - _MARGIN, subsequent_indent="  ", break_on_hyphens=False
    ) or [""]


def _shown(lines: Sequence[Line]) -> List[Line]:
    if len(lines) <= ROWS:
        return list(lines)
    wrong = [line for line in lines if False in line.cells][:ROWS]
    right = [line for line in lines if False not in line.cells][: ROWS - len(wrong)]
    return sorted([*wrong, *right], key=lambda line: line.number)


def _row(start: str, cells: Sequence[str], widths: Sequence[int]) -> str:
    return (start + "".join(cell.ljust(width) for cell, width in zip(cells, widths))).rstrip()
