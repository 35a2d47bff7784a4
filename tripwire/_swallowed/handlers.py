"""Which handler caught an exception, and which classes it names: read from the source.

The traceback of a caught exception begins at the frame that caught it, and at the line in it that
was running. The handler is the innermost `try` or `with` around that line that takes the exception.
Nothing is run to find out: classes are looked up by their names, attributes and tuples, as they
stand in an `except` or as an argument in a `with`.
"""

from __future__ import annotations

import ast
import re
from contextlib import suppress
from inspect import CO_OPTIMIZED
from itertools import chain
from types import CodeType, FrameType
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Tuple

from tripwire._parsing import leaving
from tripwire._swallowed.source import (
    ENDING,
    Definition,
    Sources,
    around,
    lines_of,
    own_nodes,
    raises_again,
)

Classes = Tuple[type, ...]
With = (ast.With, ast.AsyncWith)
TryStar: Any = getattr(ast, "TryStar", ())  # `except*` is Python 3.11's (PEP 654)


class Handler(NamedTuple):
    """What caught an exception.

    Attributes: `lineno` (of its `except`, its `with`, or the statement by which its `finally`
    left), `classes` (those that it names and that match; a bare `except` names none), `keeps`
    (whether it gave the exception a name, by which it may have put it into a group).
    """

    lineno: int
    classes: Classes = ()
    keeps: bool = False


class Reading(NamedTuple):
    """What the source says about who caught an exception in one frame.

    Attributes: `is_known` (False where there is no source, or where it does not tell), `handler`
    (None where nothing around the line names a class that matches), `managers` (the lines of the
    `with`s around it that name no classes: what their `__exit__` does nobody can read).
    """

    is_known: bool
    handler: Optional[Handler] = None
    managers: Tuple[int, ...] = ()


UNKNOWN = Reading(is_known=False)


class Names(NamedTuple):
    """Where the names of a handler are looked up."""

    own: Mapping[str, Any]
    others: Mapping[str, Any]
    builtins: Mapping[str, Any]
    locals: Tuple[str, ...] = ()

    @classmethod
    def of(cls, frame: FrameType) -> Names:
        """Those that a frame sees."""
        code = frame.f_code
        local = (*code.co_varnames, *code.co_cellvars, *code.co_freevars)
        own: Mapping[str, Any] = frame.f_locals
        if frame.f_back is not None and not code.co_flags & CO_OPTIMIZED:
            # The body of a class does not say what it sees of the function around it.
            around_it = frame.f_back.f_locals
            own = {**{n: around_it[n] for n in code.co_freevars if n in around_it}, **own}
        return cls(own, frame.f_globals, frame.f_builtins, local)


def read(
    sources: Sources, frame: FrameType, line: int, raised: BaseException, member: BaseException
) -> Reading:
    """What caught an exception that was raised at a line of a frame.

    `member` is the exception that is asked about: `raised` itself, or what it holds as a group.
    """
    code = frame.f_code
    if code.co_name.startswith("<") and code.co_name != "<module>":
        return Reading(is_known=True)  # a lambda or a comprehension: no statements
    function = sources.function(code, frame.f_globals)
    if function is None:
        return UNKNOWN
    return _Reader(function, line, Names.of(frame), raised, member).read()


def group_clauses(sources: Sources, code: CodeType, module: Dict[str, Any]) -> Iterator[ast.expr]:
    """What the `except*` clauses of a function name."""
    # Most files have none, and need no parsing.
    if any(_STAR.match(line) for line in lines_of(code.co_filename, module)):
        function = sources.function(code, module)
        for node in own_nodes(function.body) if function is not None else ():
            clauses = getattr(node, "handlers", ()) if isinstance(node, TryStar) else ()
            yield from (clause.type for clause in clauses)


_STAR = re.compile(r"\s*except\s*\*")


class _Reader(NamedTuple):
    """One reading: the handlers around one line."""

    function: Definition
    line: int
    names: Names
    raised: BaseException
    member: BaseException

    def read(self) -> Reading:
        managers: List[int] = []
        for block, part in reversed([*around(self.function.body, self.line)]):
            reading = self._block(block, part, managers)
            if reading is not None:
                return reading
        return Reading(is_known=True, managers=(*managers,))

    def _block(self, block: ast.stmt, part: str, managers: List[int]) -> Optional[Reading]:
        if isinstance(block, With):
            return self._with(block, part, managers)
        if isinstance(block, (ast.Try, TryStar)):
            reading = self._clauses(block) if part == "body" else None
            return reading or (self._finally(block) if part != "finalbody" else None)
        return None

    def _clauses(self, block: Any) -> Optional[Reading]:
        # In a group, `except*` looks at each member.
        error = self.member if isinstance(block, TryStar) else self.raised
        for clause in block.handlers:
            classes = _classes(clause.type, self.names) if clause.type is not None else ()
            if classes is None:
                return UNKNOWN
            caught_as = (*matching(classes, error),)
            if caught_as or clause.type is None:
                if raises_again(clause.body):
                    return None
                return _caught(Handler(clause.lineno, caught_as, clause.name is not None))
        return None

    def _finally(self, block: Any) -> Optional[Reading]:
        translating = (node for node in block.finalbody if isinstance(node, ast.Raise))
        left_by = next(chain(leaving(block.finalbody, ENDING), translating), None)
        return _caught(Handler(left_by.lineno)) if left_by is not None else None

    def _with(self, block: Any, part: str, managers: List[int]) -> Optional[Reading]:
        items = block.items
        if part != "body":
            # It was raised by an item, which those before it are around.
            reached = [at for at, item in enumerate(items) if item.context_expr.lineno <= self.line]
            items = items[: reached[-1]] if reached else ()
        for item in reversed(items):
            if self._swallows_nothing(item.context_expr):
                continue
            classes = self._manager(item)
            if classes is None:
                return UNKNOWN
            caught_as = (*matching(classes, self.raised), *matching(classes, self.member))
            if caught_as:
                return _caught(Handler(item.context_expr.lineno, caught_as))
            if not classes:
                managers.append(item.context_expr.lineno)
        return None

    def _swallows_nothing(self, expression: ast.expr) -> bool:
        # `patch(..., side_effect=KeyError)` and `subTest(error=KeyError)` speak of exceptions, too;
        # a sandbox does not.
        called = expression.func if isinstance(expression, ast.Call) else expression
        value = _value_or_none(called, self.names)
        modules = (str(getattr(each, "__module__", "")) for each in (value, type(value)))
        return getattr(value, "__name__", "") == "subTest" or any(
            module.startswith(("unittest.mock", "tripwire.")) for module in modules
        )

    def _manager(self, item: ast.withitem) -> Optional[Classes]:
        """The classes that a context manager was told: None where nobody can tell."""
        expression = item.context_expr
        calls = [node for node in ast.walk(expression) if isinstance(node, ast.Call)]
        if not calls:
            # `ignoring = suppress(KeyError)`, and later `with ignoring:`.
            kept = _value_or_none(expression, self.names)
            if isinstance(kept, suppress):
                return flat(getattr(kept, "_exceptions", ()))
        found: List[type] = []
        for call in [*calls, *self._entered(item)]:
            classes = _arguments(call, self.names)
            if classes is None:
                return None
            found.extend(classes)
        return (*found,)

    def _entered(self, item: ast.withitem) -> Iterator[ast.Call]:
        # What an `ExitStack` was given: `stack.enter_context(suppress(KeyError))`.
        stack = ast.dump(item.optional_vars or item.context_expr).replace("Store()", "Load()")
        for node in own_nodes(self.function.body):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in _ENTERING
                and node.lineno <= self.line
                and ast.dump(node.func.value) == stack
            ):
                yield from (given for given in node.args if isinstance(given, ast.Call))


_ENTERING = ("enter_context", "enter_async_context", "push", "push_async_exit")


def _caught(handler: Handler) -> Reading:
    return Reading(is_known=True, handler=handler)


# --- the classes that a handler names -------------------------------------------------------------


def matching(classes: Classes, error: BaseException) -> Iterator[type]:
    """Those of some classes that an exception is caught as."""
    # As `except` does it: by inheritance, whatever `__instancecheck__` says.
    return (each for each in classes if each in type(error).__mro__)


def _classes(expression: Optional[ast.expr], names: Names) -> Optional[Classes]:
    """The exceptions that an expression stands for; None where nobody can tell."""
    value = _value_or_none(expression, names)
    # `except ():` is known to name none.
    return () if value == () else flat(value) or None


def named_like(expression: ast.expr, names: Names, member: BaseException) -> Iterator[type]:
    """As `matching`; what cannot be looked up stands for the class that is called so."""
    if isinstance(expression, ast.Tuple):
        for each in expression.elts:
            yield from named_like(each, names, member)
        return
    classes = _classes(expression, names)
    called = getattr(expression, "attr", getattr(expression, "id", None))
    for kind in type(member).__mro__:
        if kind.__name__ == called if classes is None else kind in classes:
            yield kind


def _arguments(call: ast.Call, names: Names) -> Optional[Classes]:
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    found = [flat(_value_or_none(each, names)) for each in given]
    if not all(found) and _value_or_none(call.func, names) is suppress:
        return None
    return tuple(each for classes in found for each in classes)


def flat(value: Any) -> Classes:
    """The exceptions in what may stand in an `except`: a class, or a tuple of them."""
    if isinstance(value, tuple):
        return tuple(each for inner in value for each in flat(inner))
    is_exception = isinstance(value, type) and issubclass(value, BaseException)
    return (value,) if is_exception else ()


def _value_or_none(expression: Optional[ast.expr], names: Names) -> Any:
    try:
        return _value(expression, names)
    except Exception:  # what code of others raises when one of its attributes is asked for
        return None


def _value(expression: Optional[ast.expr], names: Names) -> Any:
    if isinstance(expression, ast.Name):
        return _look_up(expression.id, names)
    if isinstance(expression, ast.Attribute):
        return getattr(_value(expression.value, names), expression.attr)
    if isinstance(expression, ast.Starred):
        return tuple(_value(expression.value, names))
    if isinstance(expression, ast.Tuple):
        return tuple(_value(each, names) for each in expression.elts)
    raise LookupError(expression)


def _look_up(name: str, names: Names) -> Any:
    for known in (names.own, names.others, names.builtins):
        if name in known:
            return known[name]
        if name in names.locals:
            break  # a local that is gone: something else of that name is not it
    raise LookupError(name)
