"""The source of a function: where its code was defined, and the blocks around a line of it."""

from __future__ import annotations

import ast
import linecache
from functools import lru_cache
from types import CodeType
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple, Union

from tripwire._parsing import first_line, leaving, parse

Definition = Union[ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module]
Definitions = Dict[Tuple[str, int], Definition]
"""Definitions by the name and the first line that their code has."""

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
"""What has code, and so frames, of its own."""


class Sources:
    """The sources that one verification reads; each file is looked for once."""

    __slots__ = ("_files",)

    def __init__(self) -> None:
        self._files: Dict[str, Definitions] = {}

    def function(self, code: CodeType, module: Dict[str, Any]) -> Optional[Definition]:
        """The definition that a code object comes from; None where there is no source."""
        filename = code.co_filename
        if filename not in self._files:
            self._files[filename] = _definitions_of(filename, module)
        is_module = code.co_name == "<module>"
        where = ("<module>", 0) if is_module else (code.co_name, code.co_firstlineno)
        return self._files[filename].get(where)


def lines_of(filename: str, module: Dict[str, Any]) -> List[str]:
    """The lines of a file, as far as Python knows them."""
    try:
        return linecache.getlines(filename, module)
    except Exception:  # a loader that fails, a test that replaces what reads files
        return []


def _definitions_of(filename: str, module: Dict[str, Any]) -> Definitions:
    try:
        return _definitions("".join(lines_of(filename, module)))
    except Exception:  # no Python, or too deep to be parsed
        return {}


@lru_cache(maxsize=4)
def _definitions(source: str) -> Definitions:
    """The definitions of a file."""
    tree: ast.Module = parse(source)
    found: Definitions = {("<module>", 0): tree}
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found[node.name, first_line(node)] = node
    return found


# --- the blocks around a line ---------------------------------------------------------------------


def around(body: Sequence[ast.stmt], line: int) -> Iterator[Tuple[ast.stmt, str]]:
    """The statements around a line, and in which part of each it is; the outermost first."""
    for statement in body:
        if _covers([statement], line) and not isinstance(statement, _SCOPES):
            for part, inner in _parts(statement):
                if inner and _covers(inner, line):
                    yield statement, part
                    yield from around(inner, line)
                    return
            yield statement, "head"
            return


def _parts(statement: ast.stmt) -> Iterator[Tuple[str, List[ast.stmt]]]:
    for part in ("body", "orelse", "finalbody"):
        yield part, getattr(statement, part, [])
    for part in ("handlers", "cases"):
        yield from ((part, inner.body) for inner in getattr(statement, part, ()))


def _covers(body: Sequence[ast.stmt], line: int) -> bool:
    return first_line(body[0]) <= line <= (body[-1].end_lineno or 0)


def own_nodes(body: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """All nodes of a function in the order of the source, without what is nested in it."""
    for node in body:
        yield node
        if not isinstance(node, _SCOPES):
            yield from own_nodes([*ast.iter_child_nodes(node)])


def raises_again(body: Sequence[ast.stmt]) -> bool:
    """Whether a handler lets its exception pass, whatever happens in it."""
    last = body[-1]
    if any(leaving(body, ENDING)):
        return False
    if isinstance(last, ast.If):
        return bool(last.orelse) and raises_again(last.body) and raises_again(last.orelse)
    return isinstance(last, ast.Raise) and last.exc is None


ENDING = (ast.Return, ast.Break, ast.Continue)
"""By these, a handler or a `finally` ends an exception: it leaves for elsewhere."""
