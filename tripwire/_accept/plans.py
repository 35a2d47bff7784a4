"""What a test lacks, as lines for its file."""

from __future__ import annotations

import ast
from types import CodeType
from typing import Any, Dict, List, NamedTuple, Sequence, Tuple

from tripwire._accept.facts import Addition, Pass, Test
from tripwire._accept.layout import flat, lay_out
from tripwire._accept.names import Names
from tripwire._accept.places import opened_by, refuse_beside_another, refuse_early_leave, statement
from tripwire._accept.source import Insert, RefusedError, Source

_ELSEWHERE = "the sandbox was not opened in the test's own function"


class Plan(NamedTuple):
    """The lines of one test, in the order of its passes, and the file they go into."""

    source: Source
    inserts: Tuple[Insert, ...]


class Planner:
    """Makes plans, reading each file once."""

    def __init__(self) -> None:
        self._sources: Dict[str, Source] = {}

    def plan(self, test: Test, passes: Sequence[Pass]) -> Plan:
        """The plan of a test that lacks something. `RefusedError` where a part of it cannot be."""
        inserts: List[Insert] = []
        lacking = [each for each in passes if each.lacks]
        if any(each.opened.code.co_filename != test.code.co_filename for each in lacking):
            # Not even read: it may be anybody's.
            raise RefusedError(_ELSEWHERE)
        for each in lacking:
            new = _OnePass(self._source(each.opened.filename), test, each).inserts()
            # Another pass through the same `with` lacks the same, or all of it is refused.
            inserts += [insert for insert in new if insert not in inserts]
        # All are in the test's own function, so they are in one file.
        source = self._source(lacking[0].opened.filename)
        source.with_lines(inserts)
        return Plan(source, tuple(inserts))

    def _source(self, filename: str) -> Source:
        if filename not in self._sources:
            self._sources[filename] = Source(filename)
        return self._sources[filename]


class _OnePass:
    """The lines of one pass."""

    def __init__(self, source: Source, test: Test, one: Pass) -> None:
        self._source, self._one = source, one
        self._path = source.path(one.opened.code)
        number = _index(self._path, test.code)
        self._method = number if test.has_case else 0
        self._function = self._path[-1][1]
        self._with = opened_by(self._function, one.opened.line)
        if test.is_block:
            refuse_beside_another(self._with)
        refuse_early_leave(self._with)

    def inserts(self) -> List[Insert]:
        """What is to be put into the file. `RefusedError` where something cannot."""
        mocks = Addition(self._one.mocks, follows=False)
        additions = [mocks, *self._one.assertions] if mocks.lines else self._one.assertions
        return [self._insert(each, self._place(each)) for each in additions]

    def _place(self, addition: Addition) -> ast.stmt:
        at = addition.at
        if at is None:
            return self._with
        if at.key[:-1] != self._one.opened.key[:-1]:
            raise RefusedError("its last assertion stands in another function than the sandbox")
        return statement(self._source, self._function, at.line, self._with)

    def _insert(self, addition: Addition, node: ast.stmt) -> Insert:
        source, follows = self._source, addition.follows
        row = source.after(node) if follows else source.before(node)
        indent, unit = source.indent(node.lineno), source.unit(self._function)
        names = Names(self._path, self._one.opened.variables, node.lineno, self._method)
        calls = [names.call(text) for text in addition.lines]
        if addition.any_order and len(calls) > 1:
            head = f"{indent}with {flat(names.beside(calls[0], 'in_any_order'))}:"
            lines = [head, *_laid_out(calls, indent + unit, unit)]
        else:
            lines = _laid_out(calls, indent, unit)
        return Insert(row, follows, indent, tuple(lines))


def _laid_out(calls: Sequence[ast.Call], indent: str, unit: str) -> List[str]:
    return [line for call in calls for line in lay_out(call, indent, unit)]


def _index(path: Sequence[Tuple[CodeType, Any]], code: CodeType) -> int:
    """Which of the functions around a sandbox is the test."""
    for number, (each, _) in enumerate(path):
        if (each.co_name, each.co_firstlineno) == (code.co_name, code.co_firstlineno):
            return number
    raise RefusedError(_ELSEWHERE)
