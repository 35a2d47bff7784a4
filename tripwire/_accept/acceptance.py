"""What tests lack, gathered in a run and written at its end."""

from __future__ import annotations

import atexit
import os
import sys
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Sequence, Set, Tuple

from tripwire._accept.facts import Pass, Test
from tripwire._accept.plans import Plan, Planner
from tripwire._accept.source import Insert, RefusedError, Source
from tripwire._timeline import Location
from tripwire.report.parts import blocks, count, were, where

SWITCH = "TRIPWIRE_ACCEPT"
"""The environment variable that asks for it: `TRIPWIRE_ACCEPT=1 python -m unittest`."""

LIMIT = 50
"""How many tests a summary lists, the rest being counted."""


class Acceptance:
    """What one process gathers.

    A test that lacks lines is noted when it ends, with every pass through its sandboxes, and so is
    one that lacks none, because its passes may be through the same `with`. Nothing is written
    before the run ends, since a test further on may show that the lines differ from pass to pass.

    Args:
        environ: where `CI` is looked up.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._environ = environ
        self._process = os.getpid()
        self._planner = Planner()
        self._lacking: List[_Lacking] = []
        self._passes: Dict[Any, Set[Any]] = {}

    def note(self, test: Test, passes: Sequence[Pass], reason: str = "") -> str:
        """Note a test, and say what will become of what it lacks; "" where it lacks nothing.

        Args:
            test: the test.
            passes: its passes through sandboxes, in order, also those that lack nothing.
            reason: why nothing can be written, where the caller knows: "it has other findings".
        """
        for each in passes:
            self._passes.setdefault(each.opened.key, set()).add((each.lacks, each.reason))
        if not any(each.lacks for each in passes):
            return ""
        reasons = [reason, self._reason(), *(each.reason for each in passes)]
        lacking = _Lacking(test, tuple(passes), next(filter(None, reasons), ""))
        self._lacking.append(lacking)
        try:
            return _announcement(test, self._plan(lacking, self._planner))
        except RefusedError as refused:
            return f"{SWITCH} writes nothing into this test: {refused.reason}."

    def finish(self) -> str:
        """Write what was noted, and give the summary; "" where nothing was, or it was done."""
        lacking, self._lacking = self._lacking, []
        if not lacking or os.getpid() != self._process:
            return ""
        written: List[_Planned] = []
        refused: List[_Refused] = []
        # Read anew: a file may have changed while its tests ran.
        planner = Planner()
        for each in lacking:
            try:
                written.append(_Planned(each.test, self._plan(each, planner)))
            except RefusedError as error:
                refused.append(_Refused(each.test, each.filename, error))
        for source in {planned.plan.source: None for planned in written}:
            try:
                _write(source, [planned.plan for planned in written])
            except RefusedError as error:
                failed = [planned for planned in written if planned.plan.source is source]
                refused += [_Refused(each.test, source.filename, error) for each in failed]
                written = [planned for planned in written if planned not in failed]
        return _summary(written, refused)

    def finish_at_exit(self) -> None:
        """Have it finished when the process ends, and the summary printed."""
        atexit.register(self._finish_and_print)

    def _finish_and_print(self) -> None:
        summary = self.finish()
        if summary:
            print(f"\n{summary}", file=sys.stderr)

    def _plan(self, lacking: _Lacking, planner: Planner) -> Plan:
        if lacking.reason:
            raise RefusedError(lacking.reason)
        for each in lacking.passes:
            if len(self._passes[each.opened.key]) > 1:
                raise RefusedError(
                    "the passes through the `with` of a sandbox differ in what they lack"
                )
        return planner.plan(lacking.test, lacking.passes)

    def _reason(self) -> str:
        if self._environ.get("CI", "").lower() not in ("", "0", "false"):
            return "CI is set in the environment"
        # Not imported: where it is not there, nobody has started a process with it.
        multiprocessing: Any = sys.modules.get("multiprocessing.process")
        is_child = multiprocessing is not None and multiprocessing.parent_process() is not None
        return "it ran in a child process" if is_child or os.getpid() != self._process else ""


class _Lacking(NamedTuple):
    """A test that lacks something, and why it cannot be written, where that is known."""

    test: Test
    passes: Tuple[Pass, ...]
    reason: str

    @property
    def filename(self) -> str:
        """The file of its first sandbox: the test's own, where lines can be written into it."""
        return self.passes[0].opened.filename


class _Planned(NamedTuple):
    test: Test
    plan: Plan


class _Refused(NamedTuple):
    test: Test
    filename: str
    error: RefusedError


def _write(source: Source, plans: Sequence[Plan]) -> None:
    source.replace(source.with_lines(_all_inserts(source, plans)))


def _all_inserts(source: Source, plans: Sequence[Plan]) -> List[Insert]:
    """What goes into one file, in its order; what several tests share, once."""
    inserts = [insert for plan in plans if plan.source is source for insert in plan.inserts]
    return sorted(dict.fromkeys(inserts), key=lambda each: each.order)


# --- texts ----------------------------------------------------------------------------------------


def _announcement(test: Test, plan: Plan) -> str:
    parts = [f"{SWITCH} writes these lines when the run is over;\nuntil then the test fails."]
    for insert in plan.inserts:
        line = insert.row if insert.follows else insert.row + 1
        place = where(Location(plan.source.filename, line, test.code.co_name))
        parts.append(f"{'After' if insert.follows else 'Before'} {place}:")
        parts.append("\n".join(f"    {line[len(insert.indent) :]}" for line in insert.lines))
    return "\n\n".join(parts)


def _summary(written: Sequence[_Planned], refused: Sequence[_Refused]) -> str:
    parts = []
    if written:
        files = {planned.plan.source.filename for planned in written}
        parts += [
            f"{SWITCH} wrote what {count(len(written), 'test')} lacked into "
            f"{count(len(files), 'file')}:",
            "\n".join(blocks(_written(written[:LIMIT], written), len(written), LIMIT)),
            "The lines say what the code did. Read them (git diff): is it what it should do?\n"
            "Their values are those of this run. What changes from run to run (a token, the\n"
            "time, a random expiry) needs unittest.mock.ANY, or a matcher.\n"
            f"Then run the tests again, without {SWITCH}.",
        ]
    if refused:
        number = len(refused)
        of_files = {
            source.filename: inserts for source, inserts in _inserts_by_source(written).items()
        }
        shown = (
            [each.test.name, f"    {each.error.reason_after(of_files.get(each.filename, ()))}"]
            for each in refused[:LIMIT]
        )
        parts += [
            f"{count(number, 'test')} {were(number)} left alone:",
            "\n".join(blocks(shown, number, LIMIT)),
        ]
    return "\n\n".join(parts)


def _written(shown: Sequence[_Planned], all_of_them: Sequence[_Planned]) -> Iterator[List[str]]:
    """For each test its name, and where its lines stand now."""
    inserts_by_source = _inserts_by_source(all_of_them)
    lines = {source: _lines_now(inserts) for source, inserts in inserts_by_source.items()}
    for test, (source, inserts) in shown:
        places = (
            (insert, Location(source.filename, lines[source][insert], test.code.co_name))
            for insert in inserts
        )
        yield [
            test.name,
            *(f"    {count(len(each.lines), 'line')} at {where(place)}" for each, place in places),
        ]


def _inserts_by_source(written: Sequence[_Planned]) -> Dict[Source, List[Insert]]:
    plans = [planned.plan for planned in written]
    return {
        source: _all_inserts(source, plans) for source in dict.fromkeys(p.source for p in plans)
    }


def _lines_now(inserts: Sequence[Insert]) -> Dict[Insert, int]:
    """At which line each begins once all are in their file."""
    now: Dict[Insert, int] = {}
    above = 0
    for insert in inserts:
        now[insert] = insert.row + above + 1
        above += len(insert.lines)
    return now
