"""Expressions as text, laid out as ruff and black would: 88 columns, double quotes.

For the expressions that assertions and mocks are made of: calls, literals, containers, names.
Anything else is written by `ast.unparse`, on one line.
"""

from __future__ import annotations

import ast
import unicodedata
from typing import Any, Callable, Iterable, List, Mapping, NamedTuple, Sequence, Tuple

WIDTH = 88
"""The columns of a line."""

_TAB = 4
"""The columns of a tab, as ruff counts them."""


def lay_out(node: ast.expr, indent: str, unit: str) -> List[str]:
    """The lines of an expression that is a statement.

    Args:
        node: the expression.
        indent: what stands in front of each line.
        unit: what one more level is indented by, where the expression is broken.
    """
    return _lines(node, indent, unit, "", "")


def _lines(node: ast.expr, indent: str, unit: str, before: str, after: str) -> List[str]:
    line = f"{indent}{before}{flat(node)}{after}"
    if columns(line) <= WIDTH:
        return [line]
    if _is_chain(node):
        *others, last = _operands(node)
        first = f"{before}{others[0]}"
        return [indent + each for each in (first, *others[1:], last + after)]
    brackets = _brackets(node)
    if not brackets.members:
        return [line]
    inside = indent + unit
    first, last = indent + before + brackets.opening, indent + brackets.closing + after
    members = inside + ", ".join(label + flat(member) for label, member in brackets.members)
    if isinstance(node, ast.Call) and columns(members) <= WIDTH:
        return [first, members, last]
    broken = [
        line
        for label, member in brackets.members
        for line in _lines(member, inside, unit, label, brackets.comma)
    ]
    return [first, *broken, last]


def columns(line: str) -> int:
    """How many columns a line takes."""
    if line.isascii():
        return len(line) + (_TAB - 1) * line.count("\t")
    return sum(map(_columns, line))


def _columns(char: str) -> int:
    # https://www.unicode.org/reports/tr11/ has characters that take two, combining ones take none.
    if char == "\t":
        return _TAB
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


# --- one line -------------------------------------------------------------------------------------


def flat(node: ast.expr) -> str:
    """An expression on one line."""
    if isinstance(node, ast.Constant):
        return _constant(node)
    if _is_chain(node):
        return " ".join(_operands(node))
    brackets = _brackets(node)
    if not brackets.opening:
        return ast.unparse(node)
    members = ", ".join(label + flat(member) for label, member in brackets.members)
    alone = isinstance(node, ast.Tuple) and len(brackets.members) == 1
    return f"{brackets.opening}{members}{',' if alone else ''}{brackets.closing}"


# The operators of flags and of complex numbers.
_OPERATORS: Mapping[type, str] = {ast.Add: "+", ast.Sub: "-", ast.BitOr: "|"}


def _is_chain(node: Any) -> bool:
    """Whether it is `a | b | c`: one operator, and no brackets needed."""
    if not isinstance(node, ast.BinOp) or type(node.op) not in _OPERATORS:
        return False
    left, right = node.left, node.right
    if isinstance(right, _WEAKER):
        return False
    return not isinstance(left, _WEAKER) or (
        _is_chain(left) and type(getattr(left, "op", None)) is type(node.op)
    )


_WEAKER = (ast.BinOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Lambda)


def _operands(node: Any) -> List[str]:
    """The operands of such a chain, each but the first with its operator."""
    if not _is_chain(node):
        return [flat(node)]
    return [*_operands(node.left), f"{_OPERATORS[type(node.op)]} {flat(node.right)}"]


def _constant(node: ast.Constant) -> str:
    value: Any = node.value
    if isinstance(value, str):
        return _quoted("", repr(value))
    if isinstance(value, bytes):
        return _quoted("b", repr(value)[1:])
    # ruff and black write 1e20 for 1e+20.
    return ast.unparse(node).replace("e+", "e")


def _quoted(prefix: str, text: str) -> str:
    # Single quotes where they need fewer backslashes: ruff and black leave these as they are.
    quote, inside = text[0], text[1:-1]
    plain = inside.replace("\\'", "'") if quote == "'" else inside
    if plain.count('"') > plain.count("'"):
        return f"{prefix}'{_escaped(plain, chr(39))}'"
    return f'{prefix}"{_escaped(plain, chr(34))}"'


def _escaped(plain: str, quote: str) -> str:
    return plain.replace(quote, f"\\{quote}")


# --- brackets -------------------------------------------------------------------------------------


class _Brackets(NamedTuple):
    """An expression as its brackets, and each member with what stands in front of it."""

    opening: str
    members: Sequence[Tuple[str, ast.expr]]
    closing: str
    comma: str = ","


_NONE = _Brackets("", (), "")


def _brackets(node: ast.expr) -> _Brackets:
    kind = _KINDS.get(type(node))
    return _NONE if kind is None else kind(node)


def _call(node: Any) -> _Brackets:
    if any(each.arg is None for each in node.keywords):
        return _NONE
    members = [*_plain(node.args), *((f"{each.arg}=", each.value) for each in node.keywords)]
    return _Brackets(f"{flat(node.func)}(", members, ")")


def _list(node: Any) -> _Brackets:
    return _Brackets("[", _plain(node.elts), "]")


def _tuple(node: Any) -> _Brackets:
    return _Brackets("(", _plain(node.elts), ")")


def _set(node: Any) -> _Brackets:
    return _Brackets("{", _plain(node.elts), "}")


def _dict(node: Any) -> _Brackets:
    if None in node.keys:
        return _NONE
    pairs = [(f"{flat(key)}: ", value) for key, value in zip(node.keys, node.values)]
    return _Brackets("{", pairs, "}")


def _plain(nodes: Iterable[ast.expr]) -> List[Tuple[str, ast.expr]]:
    return [("", node) for node in nodes]


_KINDS: Mapping[type, Callable[[Any], _Brackets]] = {
    ast.Call: _call,
    ast.List: _list,
    ast.Tuple: _tuple,
    ast.Set: _set,
    ast.Dict: _dict,
}
