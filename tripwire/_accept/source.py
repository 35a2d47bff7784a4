r"""One file of source: its bytes, its code, and lines that are put between its lines.

Lines end at `\r\n`, `\r` and `\n` alone, as for Python itself: a form feed or U+2028 in a string
ends none. That is why the bytes are split here, and not the text.
"""

from __future__ import annotations

import ast
import dis
import io
import os
import re
import stat
import tokenize
from types import CodeType
from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Tuple

from tripwire._parsing import compiled, first_line, parse


class RefusedError(Exception):
    """Nothing can be written.

    Args:
        reason: why, as the end of a sentence; with `{}` for the line, if there is one.
        line: the line of the file that it speaks of.
    """

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason, line)
        self._reason = reason
        self._line = line

    @property
    def reason(self) -> str:
        """Why, of the file as it was read."""
        return self.reason_after(())

    def reason_after(self, inserts: Iterable[Insert]) -> str:
        """Why, of the file with lines put into it, above the one that the reason speaks of."""
        if not self._line:
            return self._reason
        above = sum(len(each.lines) for each in inserts if each.row < self._line)
        return self._reason.format(self._line + above)


class Insert(NamedTuple):
    """Lines that are to be put into a file.

    Attributes:
        row: how many lines of the file stand before them.
        follows: whether they belong to what stands before them, or to what stands after them.
        indent: what stands in front of each of them.
        lines: the lines, with it.
    """

    row: int
    follows: bool
    indent: str
    lines: Tuple[str, ...]

    @property
    def order(self) -> Tuple[int, bool, int]:
        """Where in the file; in one row, first what follows a statement, of these the innermost."""
        return self.row, not self.follows, -len(self.indent) if self.follows else 0


class Source:
    """A file as it is on the disk. `RefusedError` where it cannot be read as Python."""

    def __init__(self, filename: str) -> None:
        self.filename = filename
        try:
            with open(filename, "rb") as file:
                self.data = file.read()
            self.tree: ast.AST = parse(self.data)
            self._module = compiled(self.data, filename)
            self._lines = self.data.splitlines(keepends=True)
            # The first two lines alone say which encoding it is (PEP 263).
            head = [line.rstrip(b"\r\n") + b"\n" for line in self._lines[:2]]
            self._encoding, _ = tokenize.detect_encoding(iter(head).__next__)
            self._ends, self._comments = self._read_tokens()
        except (OSError, SyntaxError, ValueError, tokenize.TokenError) as error:
            raise RefusedError(f"its source cannot be read: {error}") from None

    def _read_tokens(self) -> Tuple[List[int], Dict[int, int]]:
        """The rows where statements end, and those of comments with how far they are indented."""
        ends: List[int] = []
        comments: Dict[int, int] = {}
        text = re.sub("\r\n?", "\n", self.data.decode(self._encoding))
        for token in tokenize.generate_tokens(io.StringIO(text, newline="\n").readline):
            if token.type == tokenize.NEWLINE:
                ends.append(token.start[0])
            elif token.type == tokenize.COMMENT and token.line.lstrip().startswith("#"):
                comments[token.start[0]] = len(self.indent(token.start[0]).expandtabs())
        return ends, comments

    # --- code -------------------------------------------------------------------------------------

    def path(self, code: CodeType) -> List[Tuple[CodeType, ast.AST]]:
        """The code with its node, and those around it, outermost first; classes are left out.

        `RefusedError` where the file does not hold this code, lines and all.
        """
        found = _path(self._module, code)
        if found is None:
            raise RefusedError("the file has changed since it was imported")
        functions = {(first_line(node), node.name): node for node in _functions(self.tree)}
        nodes = [(each, functions.get((each.co_firstlineno, each.co_name))) for each in found[1:]]
        return [(found[0], self.tree), *((each, node) for each, node in nodes if node is not None)]

    # --- places -----------------------------------------------------------------------------------

    def indent(self, line: int) -> str:
        """What stands in front of a line (they count from 1)."""
        space = self._lines[line - 1][: -len(self._lines[line - 1].lstrip(b" \t\f")) or None]
        # What stands before a form feed does not count.
        return space.rpartition(b"\f")[2].decode("ascii")

    def unit(self, function: Any) -> str:
        """By how much the body of a function is indented."""
        body = self.indent(function.body[0].lineno)
        head = self.indent(function.lineno) if hasattr(function, "lineno") else body
        return body[len(head) :] if body.startswith(head) and body != head else " " * 4

    def begins_line(self, node: ast.stmt) -> bool:
        """Whether nothing stands before a statement on its line."""
        line = self._lines[node.lineno - 1]
        return not line[: node.col_offset].strip()

    def after(self, node: ast.stmt) -> int:
        """The row after a statement, and after the comments that belong to its block."""
        row = self.end(node)
        own = len(self.indent(node.lineno).expandtabs())
        for line in range(row + 1, len(self._lines) + 1):
            if self._comments.get(line, 0) > own:
                row = line
            elif self._lines[line - 1].strip():
                break
        return row

    def before(self, node: ast.stmt) -> int:
        """The row before a statement, and before the comments that stand right above it."""
        row = node.lineno - 1
        own = len(self.indent(node.lineno).expandtabs())
        while self._comments.get(row) == own:
            row -= 1
        return row

    def end(self, node: ast.stmt) -> int:
        """The last line of a statement, with an empty one that a backslash joins to it."""
        last = node.end_lineno or node.lineno
        return next((row for row in self._ends if row >= last), last)

    # --- writing ----------------------------------------------------------------------------------

    def with_lines(self, inserts: Iterable[Insert]) -> bytes:
        """The file with lines put into it. `RefusedError` where that is no Python."""
        rows: Dict[int, List[str]] = {}
        for insert in sorted(inserts, key=lambda each: each.order):
            rows.setdefault(insert.row, []).extend(insert.lines)
        parts = list(self._lines)
        for row in sorted(rows, reverse=True):
            parts.insert(row, self._chunk(row, rows[row]))
        data = b"".join(parts)
        try:
            compiled(data, self.filename)
        except (SyntaxError, ValueError) as error:
            raise RefusedError(f"the lines would not compile: {error}") from None
        return data

    def _chunk(self, row: int, lines: List[str]) -> bytes:
        above = self._lines[:row]
        end = next(filter(None, map(_line_end, reversed(above))), b"\n")
        # A character that the encoding lacks stands in a string literal, where an escape is right.
        encoding = self._encoding.replace("utf-8-sig", "utf-8")
        encoded = [line.encode(encoding, "backslashreplace") for line in lines]
        if above and not _line_end(above[-1]):
            return end + end.join(encoded)
        return b"".join(line + end for line in encoded)

    def replace(self, data: bytes) -> None:
        """Write the file in one step, if it is what was read. `RefusedError` where that fails."""
        path = os.path.realpath(self.filename)
        try:
            with open(path, "rb") as file:
                if file.read() != self.data:
                    raise RefusedError("the file has just changed")
            if not os.access(path, os.W_OK):
                raise RefusedError("the file cannot be written")
            _replace(path, data)
        except OSError as error:
            raise RefusedError(f"the file cannot be written: {error}") from None


def _replace(path: str, data: bytes) -> None:
    temporary = f"{path}.{os.getpid()}.tmp"
    with open(temporary, "xb") as file:
        file.write(data)
    try:
        os.chmod(temporary, stat.S_IMODE(os.stat(path).st_mode))
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _line_end(line: bytes) -> bytes:
    return line[len(line.rstrip(b"\r\n")) :]


# --- code -----------------------------------------------------------------------------------------


def _functions(tree: ast.AST) -> Iterable[Any]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return (node for node in ast.walk(tree) if isinstance(node, kinds))


def _path(module: CodeType, code: CodeType) -> Optional[List[CodeType]]:
    if _same_code(module, code):
        return [module]
    for nested in _nested(module):
        found = _path(nested, code)
        if found is not None:
            return [module, *found]
    return None


def _nested(code: CodeType) -> List[CodeType]:
    return [each for each in code.co_consts if isinstance(each, CodeType)]


_ATTRIBUTES = (
    "co_name",
    "co_firstlineno",
    "co_argcount",
    "co_posonlyargcount",
    "co_kwonlyargcount",
    "co_flags",
    "co_varnames",
    "co_cellvars",
    "co_freevars",
    "co_names",
    "co_code",
)


def _same_code(one: CodeType, other: CodeType) -> bool:
    """Whether it is the same code on the same lines.

    By its attributes, since `==` of code objects compares no lines before Python 3.12, and on 3.11
    what the interpreter noted in them while they ran.
    """
    return (
        all(getattr(one, name) == getattr(other, name) for name in _ATTRIBUTES)
        and list(dis.findlinestarts(one)) == list(dis.findlinestarts(other))
        and len(one.co_consts) == len(other.co_consts)
        and all(map(_same_constant, one.co_consts, other.co_consts))
    )


def _same_constant(one: Any, other: Any) -> bool:
    if isinstance(one, CodeType) and isinstance(other, CodeType):
        return _same_code(one, other)
    return type(one) is type(other) and bool(one == other)
