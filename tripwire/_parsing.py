"""Reading Python: one thread at a time, without a word about its style; and what leaves a block."""

from __future__ import annotations

import ast
import os
import threading
import warnings
from types import CodeType
from typing import Any, Iterable, Iterator, Tuple, Type, Union

# On 3.11, two threads that parse at once made `ast.parse` fail with a SystemError about its
# recursion depth: https://github.com/python/cpython/issues/106905
_lock = threading.Lock()


def parse(source: Union[str, bytes], mode: str = "exec") -> Any:
    """As `ast.parse`. What is said of an escape sequence was said when the file was imported."""
    with _lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source, mode=mode)


def compiled(source: bytes, filename: str) -> CodeType:
    """The code of a whole file, as Python itself compiles it."""
    with _lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        code: CodeType = compile(source, filename, "exec", dont_inherit=True)
        return code


def first_line(node: Any) -> int:
    """The line where a statement begins, and the code of a definition: at its first decorator."""
    decorators = getattr(node, "decorator_list", [])
    return int(min(each.lineno for each in (*decorators, node)))


def leaving(
    body: Iterable[ast.AST], kinds: Tuple[Type[ast.stmt], ...], in_loop: bool = False
) -> Iterator[ast.stmt]:
    """The statements of these kinds by which a block is left before its end.

    Neither a `break` of a loop inside it does that, nor what stands in a function.
    """
    for node in body:
        if isinstance(node, kinds) and not (in_loop and isinstance(node, _OF_LOOPS)):
            yield node
        if isinstance(node, LOOPS):
            # In its `else`, a `break` is one of the loop around it.
            yield from leaving(node.body, kinds, in_loop=True)
            yield from leaving(node.orelse, kinds, in_loop)
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from leaving(ast.iter_child_nodes(node), kinds, in_loop)


LOOPS = (ast.For, ast.AsyncFor, ast.While)
_OF_LOOPS = (ast.Break, ast.Continue)


def literal(text: str) -> Any:
    """As `ast.literal_eval`."""
    return ast.literal_eval(parse(text.strip(), mode="eval"))


def _after_fork() -> None:  # pragma: no cover - runs in children, which coverage does not see
    # Another thread of the parent may have held the lock, and nobody releases it in the child.
    global _lock  # noqa: PLW0603 - a lock cannot be made free again, only replaced
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):  # pragma: no branch - not on Windows
    os.register_at_fork(after_in_child=_after_fork)
