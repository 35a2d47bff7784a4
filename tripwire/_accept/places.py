"""Where in a function lines belong: the `with` of a sandbox, a statement, and what speaks against.

Each function takes a node of `ast` and a line of the file (they count from 1), and raises
`RefusedError` where lines cannot be put there.
"""

from __future__ import annotations

import ast
from typing import Iterator, List, Optional, Union

from tripwire._accept.source import RefusedError, Source
from tripwire._parsing import LOOPS, leaving

With = Union[ast.With, ast.AsyncWith]

_LEAVING = (ast.Return, ast.Raise, ast.Break, ast.Continue)


def opened_by(function: ast.AST, line: int) -> With:
    """The `with` that has a line in its head."""
    around = [
        node
        for node in ast.walk(function)
        if isinstance(node, (ast.With, ast.AsyncWith)) and node.lineno <= line <= _head_end(node)
    ]
    if not around:
        raise RefusedError("the sandbox was not opened by a `with`")
    return max(around, key=lambda node: node.lineno)


def _head_end(node: With) -> int:
    parts = [part for item in node.items for part in (item.context_expr, item.optional_vars)]
    return max(part.end_lineno or 0 for part in parts if part is not None)


def refuse_beside_another(node: With) -> None:
    """Refuse a `with` of several: one may begin the test, and lines before it would be outside."""
    if len(node.items) > 1:
        raise RefusedError("the sandbox has no `with` of its own, and the block may begin in that")


def refuse_early_leave(node: With) -> None:
    """Refuse a block that can be left before its end: then what follows it may not be run."""
    for first in leaving(node.body, _LEAVING):
        word = type(first).__name__.lower()
        raise RefusedError(
            f"the sandbox's block can be left by the `{word}` in line {{}}", first.lineno
        )


def statement(source: Source, function: ast.AST, line: int, beside: With) -> ast.stmt:
    """The statement that has a line, to put lines before or after it.

    It may stand in no loop that the sandbox's `with`, `beside`, does not stand in. Where it is all
    of a block on the line of its head (`if x: call()`), the whole block is given.
    """
    way = _way_to(function, line)
    if not way or hasattr(way[-1], "body"):
        raise RefusedError("no statement of the test begins in line {}", line)
    if any(isinstance(each, LOOPS) and not _is_in(each, beside) for each in way):
        raise RefusedError("the assertion in line {} stands in a loop", line)
    last = way[-1]
    same = [(each.lineno, each.end_lineno) == (last.lineno, last.end_lineno) for each in way]
    found = way[same.index(True)]
    if not source.begins_line(found) or _neighbours(function, found):
        raise RefusedError("line {} holds more than the assertion", line)
    return found


def _neighbours(function: ast.AST, found: ast.stmt) -> bool:
    """Whether another statement stands on the same line, behind a semicolon."""
    return any(
        isinstance(node, ast.stmt)
        and node.lineno == found.end_lineno
        and node.col_offset > found.col_offset
        and not _is_in(found, node)
        for node in ast.walk(function)
    )


def _way_to(function: ast.AST, line: int) -> List[ast.stmt]:
    """The statements of a function that have a line, the outermost first."""
    way: List[ast.stmt] = []
    inside: Optional[ast.AST] = function
    while inside is not None:
        children = (each for each in _statements(inside) if _has(each, line))
        inside = next(children, None)
        if isinstance(inside, ast.stmt):
            way.append(inside)
    return way


def _statements(node: ast.AST) -> Iterator[ast.stmt]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child
        elif not isinstance(child, ast.expr):
            # Handlers of a `try`, cases of a `match`.
            yield from _statements(child)


def _has(node: ast.stmt, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or 0)


def _is_in(outer: ast.AST, inner: ast.AST) -> bool:
    return any(node is inner for node in ast.walk(outer))
