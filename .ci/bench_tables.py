"""What `bench.py` measured, as tables: against the figures to reach, and side by side."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Dict, List, NamedTuple, Tuple

from bench_cases import HELD, LENGTHS, LONGEST

BEGIN, END = ".. speed-table-begin", ".. speed-table-end"
COLUMNS = ("tripwire", "autospec", "stub", "null socket", "bare")
STORE = (("get", "get, a hit"), ("stored set", "stored set"), ("incr", "incr"))
"""What is measured over a store, and what it is compared with."""
SLOW_TO_IMPORT = {"asyncio", "pymemcache", "socket"}

Best = Dict[Tuple[str, str], float]
"""The least that was measured, in seconds or bytes, by what it is of and whose it is."""


class Figure(NamedTuple):
    """Something to reach: what it is, how much it is, and how much it may be."""

    what: str
    value: float
    at_most: float


def figures(best: Best, imported: Iterable[str]) -> List[Figure]:
    """What was measured, against what it may be."""

    def ratio(what: str, rival: str, to: str = "") -> float:
        return best[what, "tripwire"] / best[to or what, rival]

    each = [best[f"one of {length:,}", "tripwire"] for length in LENGTHS]
    longest = best[f"one of {LONGEST:,}", "tripwire"]
    return [
        Figure("whole test, to autospec's", ratio("whole test", "autospec"), 0.05),
        Figure("get, to autospec's", ratio("get", "autospec"), 0.8),
        Figure("set, to autospec's", ratio("set", "autospec"), 0.8),
        Figure("get, to a hit over a null socket", ratio("get", "null socket", "get, a hit"), 2.2),
        Figure("get of 10,000 pickled, to a null socket", ratio("get, a list", "null socket"), 5),
        Figure("get, to a miss over a null socket", ratio("get", "null socket"), 2.5),
        Figure("set, to one over a null socket", ratio("set", "null socket"), 2.5),
        *(
            Figure(
                f"{what} over {held:,} items, to one over a null socket",
                ratio(f"{what} over {held:,}", "null socket", null),
                3,
            )
            for what, null in STORE
            for held in HELD
        ),
        Figure("empty test, to one of unittest's", ratio("empty test", "bare"), 9),
        Figure("mock_command, to a bare call", ratio("mock_command", "bare", "call"), 30),
        Figure("assertion, to a bare call", ratio("assertion", "bare", "call"), 30),
        Figure("interaction, 200 to 20,000: worst to best", max(each) / min(each), 1.15),
        Figure("interaction, one of 200,000 to one of 20,000", longest / each[-1], 1.25),
        Figure(
            "verification, 20,000 to 200 interactions",
            ratio("verification of 20,000", "tripwire", "verification of 200"),
            1.15,
        ),
        Figure(
            "a round of two workers with two commands each, in milliseconds",
            best["round of two workers", "tripwire"] * 1e3,
            0.5,
        ),
        Figure(
            "rounds of three workers on keys of their own",
            best["rounds on own keys", "tripwire"],
            2,
        ),
        Figure("import over unittest's, in milliseconds", best["import", "tripwire"] * 1e3, 10),
        Figure(
            f"of {', '.join(sorted(SLOW_TO_IMPORT))}: imported by it",
            len(SLOW_TO_IMPORT.intersection(imported)),
            0,
        ),
    ]


def report(best: Best, imported: Iterable[str]) -> str:
    """The machine and the tables, as reStructuredText."""
    reached: List[Sequence[str]] = [
        (what, f"{value:.3g}", f"{at_most:g}", "yes" if value <= at_most else "no")
        for what, value, at_most in figures(best, imported)
    ]
    return "\n\n".join(
        (
            f"Measured with {machine()}.",
            table(("figure", "measured", "at most", "reached"), reached),
            "The same in microseconds, and memory in bytes:",
            table(("measured", *COLUMNS), side_by_side(best)),
        )
    )


def machine() -> str:
    """What it was measured on."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{python} and pymemcache {metadata.version('pymemcache')} on {os.cpu_count()} CPUs"


def side_by_side(best: Best) -> List[Sequence[str]]:
    """All that was measured, the rivals beside each other."""
    rows: List[Sequence[str]] = []
    for what in dict.fromkeys(what for what, _ in best):
        unit = 1.0 if what.startswith(("memory", "rounds")) else 1e6
        values = (best.get((what, who)) for who in COLUMNS)
        rows.append((what, *("" if value is None else text(value * unit) for value in values)))
    return rows


def text(value: float) -> str:
    """A number with three significant digits, or all those before the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A simple table."""
    widths = [max(map(len, column)) for column in zip(head, *rows)]
    rule = "  ".join("=" * width for width in widths)
    head, *rows = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
        for row in (head, *rows)
    )
    return "\n".join((rule, head, rule, *rows, rule))


def write(document: Path, tables: str) -> None:
    """Put the tables between the marks in a document. `SystemExit` where they are not."""
    content = document.read_text(encoding="utf-8") if document.exists() else ""
    before, begin, rest = content.partition(BEGIN + "\n")
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{document.name} has no lines {BEGIN!r} and {END!r} to write between")
    document.write_text(f"{before}{begin}\n{tables}\n\n{end}{after}", encoding="utf-8")
