"""The mutants that `mutants.py` tries: cosmic-ray's, less those that would prove nothing."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cosmic_ray.ast import ast_nodes, get_ast  # type: ignore[import-untyped]  # ships no types
from cosmic_ray.mutating import mutate_code  # type: ignore[import-untyped]  # ships no types
from cosmic_ray.plugins import get_operator  # type: ignore[import-untyped]  # ships no types

ROOT = Path(__file__).resolve().parent.parent

# One partner for each operator: the others fail at once with a TypeError, which proves nothing, or
# cannot be told apart, such as `is None` and `== None`.
OPERATORS = (
    "AddNot",
    "ExceptionReplacer",
    "NumberReplacer",
    "RemoveDecorator",
    "ReplaceAndWithOr",
    "ReplaceBinaryOperator_Add_Sub",
    "ReplaceBinaryOperator_BitAnd_BitOr",
    "ReplaceBinaryOperator_BitOr_BitAnd",
    "ReplaceBinaryOperator_Div_Mul",
    "ReplaceBinaryOperator_FloorDiv_Mul",
    "ReplaceBinaryOperator_Mod_Mul",
    "ReplaceBinaryOperator_Mul_Div",
    "ReplaceBinaryOperator_Sub_Add",
    "ReplaceBreakWithContinue",
    "ReplaceComparisonOperator_Eq_NotEq",
    "ReplaceComparisonOperator_GtE_Gt",
    "ReplaceComparisonOperator_GtE_Lt",
    "ReplaceComparisonOperator_Gt_GtE",
    "ReplaceComparisonOperator_Gt_LtE",
    "ReplaceComparisonOperator_IsNot_Is",
    "ReplaceComparisonOperator_Is_IsNot",
    "ReplaceComparisonOperator_LtE_Gt",
    "ReplaceComparisonOperator_LtE_Lt",
    "ReplaceComparisonOperator_Lt_GtE",
    "ReplaceComparisonOperator_Lt_LtE",
    "ReplaceComparisonOperator_NotEq_Eq",
    "ReplaceContinueWithBreak",
    "ReplaceFalseWithTrue",
    "ReplaceOrWithAnd",
    "ReplaceTrueWithFalse",
    "ReplaceUnaryOperator_Delete_Not",
    "ReplaceUnaryOperator_USub_UAdd",
    "ZeroIterationForLoop",
)


@dataclass(frozen=True)
class Mutant:
    """One change: where it is, what it makes of the line, and the whole module with it."""

    path: str
    line: int
    change: str
    source: str

    @property
    def key(self) -> str:
        """What it is called in the list of the equivalent ones: it outlives a change of lines."""
        return f"{self.path}: {self.change}"

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.change}"


def mutants_of(path: str) -> Iterator[Mutant]:
    """All mutants of a module that are Python, and are not for type checkers only."""
    original = (ROOT / path).read_text(encoding="utf-8")
    lines = original.splitlines()
    nodes = list(ast_nodes(get_ast(original)))
    for name in OPERATORS:
        operator = get_operator(f"core/{name}")()
        places = [start for node in nodes for start, _ in operator.mutation_positions(node)]
        for occurrence, (line, _) in enumerate(places):
            source: Any = mutate_code(original, operator, occurrence)
            if is_python(source) and "TYPE_CHECKING" not in lines[line - 1]:
                yield Mutant(path, line, change(lines, source.splitlines()), source)


def is_python(source: str) -> bool:
    """Whether it compiles: cosmic-ray takes the stars of `f(*a, **b)` for operators."""
    try:
        compile(source, "<mutant>", "exec")
    except SyntaxError:
        return False
    return True


def change(before: Sequence[str], after: Sequence[str]) -> str:
    """What a mutant does, in one line."""
    difference = list(difflib.ndiff(before, after))
    parts = (
        " ".join(line[2:].strip() for line in difference if line.startswith(sign))
        for sign in ("- ", "+ ")
    )
    return " -> ".join(parts).strip()
