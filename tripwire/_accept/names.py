"""By which names things can be reached at a line of a test.

What the lines name is given in full (`unittest.mock.ANY`, `datetime.date`), and looked for in what
the names of the function and its module stand for when it is run, so that aliases are found.
"""

from __future__ import annotations

import ast
import builtins
import sys
from types import CodeType, ModuleType
from typing import Any, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple

from tripwire._accept.source import RefusedError
from tripwire._parsing import parse

_UNBOUND: Any = object()
_MISSING: Any = object()


class Names:
    """The names at one line.

    Args:
        path: the module and the functions around the line, as `Source.path` gives them.
        variables: the module's names with what they stand for.
        line: names that the function imports further down do not count.
        method: which of the path is a method whose first parameter is a test case; 0 where none is.
    """

    def __init__(
        self,
        path: Sequence[Tuple[CodeType, ast.AST]],
        variables: Dict[str, Any],
        line: int,
        method: int = 0,
    ) -> None:
        self._variables = variables
        functions = [_Function(code, node, line) for code, node in path[1:]]
        # The innermost first, as Python looks for them.
        self._functions = functions[::-1]
        self._imports = set(_modules(path[0][1])).union(*(each.modules for each in functions))
        self._case = _first_parameter(functions[method - 1 :]) if method else None

    # --- what is written --------------------------------------------------------------------------

    def call(self, text: str) -> ast.Call:
        """A call like `tripwire.memcache.expect(...)` in names that are bound here.

        `RefusedError` where something cannot be reached.
        """
        call = _read(text)
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
            raise RefusedError(f"it is no call of a method: {text}")
        return ast.Call(
            func=ast.Attribute(self.receiver(call.func.value), call.func.attr, ast.Load()),
            args=[_Spelling(self).visit(each) for each in call.args],
            keywords=[_Spelling(self).visit(each) for each in call.keywords],
        )

    def beside(self, call: ast.Call, method: str) -> ast.Call:
        """A call of another method of the same object, without arguments."""
        owner = getattr(call.func, "value", call.func)
        return ast.Call(func=ast.Attribute(owner, method, ast.Load()), args=[], keywords=[])

    def receiver(self, node: ast.expr) -> ast.expr:
        """The object that is called: an attribute of the test case, else of the module."""
        module, attributes = _split(ast.unparse(node))
        if not module:
            raise RefusedError(f"there is no module for {attributes[0]}")
        if self._case is not None:
            return _expression(self._case, attributes)
        return _expression(self._spelled_module(module), attributes)

    def spelled(self, full_name: str) -> ast.expr:
        """What a thing, given by its full name, is called here."""
        module, attributes = _split(full_name)
        if not module:
            if self._value(full_name) is not getattr(builtins, full_name, _MISSING):
                raise RefusedError(f"{full_name} is something else there")
            return _expression(full_name, [])
        value = getattr(sys.modules[module], attributes[0], _MISSING)
        if value is _MISSING:
            raise RefusedError(f"there is no {full_name}")
        direct = self._direct(value, attributes[0])
        if direct is not None:
            return _expression(direct, attributes[1:])
        return _expression(self._spelled_module(module), attributes)

    # --- what names stand for ---------------------------------------------------------------------

    def _direct(self, value: Any, own_name: str) -> Optional[str]:
        names = [own_name]
        if type(value) not in _SHARED:
            names += self._names()
        return next((name for name in names if self._value(name) is value), None)

    def _spelled_module(self, module: str) -> str:
        value = sys.modules[module]
        for name in (module, *self._names()):
            if self._value(name) is value:
                return name
        root = module.partition(".")[0]
        # `import unittest` alone does not say that there will be a `unittest.mock`.
        if module in self._imports and self._value(root) is sys.modules[root]:
            return module
        raise RefusedError(f"the name {module} is not bound there: import it")

    def _names(self) -> Iterator[str]:
        for function in self._functions:
            yield from function.names
        yield from list(self._variables)

    def _value(self, name: str) -> Any:
        for function in self._functions:
            if name in function.names:
                return function.imported(name, self._variables.get("__package__"))
        return self._variables.get(name, getattr(builtins, name, _UNBOUND))


def _first_parameter(functions: Sequence[_Function]) -> Optional[str]:
    """The first parameter of a method, if it stands for the same in a function inside of it."""
    method, inner = functions[0], functions[1:]
    name = method.first_parameter
    hidden = name in method.rebound or any(name in function.names for function in inner)
    return None if hidden else name


# Two names may have one object of these types (1, "", None) and still mean different things.
_SHARED = {bool, bytes, float, int, str, tuple, type(None), frozenset}


class _Function:
    """The names of one function."""

    def __init__(self, code: CodeType, node: Any, line: int) -> None:
        self.names = {*code.co_varnames, *code.co_cellvars}
        parameters = [*node.args.posonlyargs, *node.args.args]
        self.first_parameter: Optional[str] = parameters[0].arg if parameters else None
        self.rebound = set(_rebound(node.body))
        own = [each for each in node.body if each.lineno < line]
        self._own_imports = dict(_imports(own))
        # An import inside an `if` or a `try` may not have been run.
        self._others = set(dict(_imports(_below(node.body))))
        self._others |= self.rebound | set(_strings_of(node.args, ("arg",)))
        self.modules = set(_modules(ast.Module(own, [])))

    def imported(self, name: str, package: Any) -> Any:
        """What a name stands for if nothing but an import binds it, before the line."""
        if name in self._others or name not in self._own_imports:
            return _UNBOUND
        statement, alias = self._own_imports[name]
        if isinstance(statement, ast.Import):
            module = alias.name if alias.asname else alias.name.partition(".")[0]
            return sys.modules.get(module, _UNBOUND)
        module = _absolute(statement, package)
        submodule = sys.modules.get(f"{module}.{alias.name}", _UNBOUND)
        return getattr(sys.modules.get(module), alias.name, submodule)


# --- reading a function ---------------------------------------------------------------------------


def _absolute(statement: ast.ImportFrom, package: Any) -> str:
    """The module that a statement imports from."""
    if not statement.level:
        return str(statement.module)
    above = str(package).rsplit(".", statement.level - 1)[0]
    return f"{above}.{statement.module}" if statement.module else above


def _imports(statements: Iterable[ast.AST]) -> Iterator[Tuple[str, Any]]:
    """Names with the statement that imports them, and what it calls them."""
    for statement in statements:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            for alias in statement.names:
                bound = alias.asname or alias.name.partition(".")[0]
                yield bound, (statement, alias)


def _below(statements: Iterable[ast.stmt]) -> Iterator[ast.AST]:
    """What stands inside of statements."""
    return (
        node
        for each in statements
        for child in ast.iter_child_nodes(each)
        for node in ast.walk(child)
    )


def _rebound(statements: Iterable[ast.stmt]) -> Iterator[str]:
    """Names that something else than an import binds."""
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                yield node.id
        # Functions, classes, handlers, patterns.
        yield from _strings_of(statement, ("name", "rest"))


def _strings_of(tree: ast.AST, fields: Sequence[str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.alias):
            values = (getattr(node, field, None) for field in fields)
            yield from (value for value in values if isinstance(value, str))


def _modules(tree: ast.AST) -> Iterator[str]:
    """The modules that `import` statements name, those inside of functions left out."""
    waiting: List[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        waiting += [each for each in ast.iter_child_nodes(node) if not _is_scope(each)]


def _is_scope(node: ast.AST) -> bool:
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef))


# --- names in full --------------------------------------------------------------------------------


class _Spelling(ast.NodeTransformer):
    """Puts names that are bound in the place of full ones."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._names.spelled(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        text = ast.unparse(node)
        if all(part.isidentifier() for part in text.split(".")):
            return self._names.spelled(text)
        return self.generic_visit(node)


def _read(text: str) -> Any:
    try:
        return parse(text, mode="eval").body
    except SyntaxError:
        raise RefusedError(f"it is no call of a method: {text}") from None


def _split(full_name: str) -> Tuple[str, List[str]]:
    """The module of a full name, "" for a built-in one, and what follows it."""
    parts = full_name.split(".")
    for end in range(len(parts) - 1, 0, -1):
        module = ".".join(parts[:end])
        if isinstance(sys.modules.get(module), ModuleType):
            return module, parts[end:]
    if len(parts) > 1:
        raise RefusedError(f"there is no module for {full_name}")
    return "", parts


def _expression(root: str, attributes: Sequence[str]) -> ast.expr:
    node: ast.expr = parse(".".join([root, *attributes]), mode="eval").body
    return node
