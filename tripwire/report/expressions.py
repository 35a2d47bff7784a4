"""A value as Python that evaluates to an equal one."""

from __future__ import annotations

import dataclasses
import enum
import functools
import operator
import sys
from typing import Any, Callable, Dict, Iterable, Mapping, NamedTuple, Optional, Set, Tuple

from tripwire._matching import equal
from tripwire._parsing import literal
from tripwire.report.values import DEPTH, PASTED, whole


class Expression(NamedTuple):
    """Python that evaluates to an equal value of the same type.

    Attributes: `text` (with full names: `datetime.date(2024, 2, 29)`) and `imports` (the modules
    that it needs to be imported, in alphabetical order).
    """

    text: str
    imports: Tuple[str, ...]


def expression(value: Any) -> Optional[Expression]:
    """A value as an expression, where there is a short one: at most `PASTED` characters.

    Literals, and calls for what the standard library makes, for members of enumerations, and for
    named tuples and dataclasses of modules, in containers, too. Each is evaluated, and what comes
    out compared with the value, before it is given to anyone.
    """
    try:
        writer = _Writer()
        found = Expression(writer.write(value), tuple(sorted(writer.imports)))
        return found if len(found.text) <= PASTED and _same(_evaluate(found), value) else None
    except Exception:
        # Anything can go wrong in a repr, a comparison or a constructor of somebody's.
        return None


def _evaluate(found: Expression) -> Any:
    roots = (name.partition(".")[0] for name in found.imports)
    return eval(found.text, {root: sys.modules[root] for root in roots})


# --- writing --------------------------------------------------------------------------------------


class _NoExpressionError(Exception):
    """There is none, or it would be too long."""


class _Writer:
    """Writes one value, and notes what has to be imported for it."""

    def __init__(self) -> None:
        self.imports: Set[str] = set()
        self._left = PASTED
        self._depth = 0

    def write(self, value: Any) -> str:
        """The expression. `_NoExpressionError`, or what the value itself raises."""
        self._depth += 1
        if self._depth > DEPTH:
            raise _NoExpressionError
        text = self._way(type(value))(self, value)
        self._depth -= 1
        return text

    def all(self, values: Iterable[Any]) -> str:
        """Expressions, separated by commas."""
        return ", ".join(map(self.write, values))

    def whole(self, value: Any) -> str:
        """The repr, as long as there is room for it."""
        text = whole(value, self._left)
        if text is None:
            raise _NoExpressionError
        # Containers are left at the first member too many, instead of being written to the end.
        self._left -= len(text)
        return text

    def reference(self, kind: Any) -> str:
        """A class by its full name."""
        name = kind.__qualname__
        module = _PUBLIC.get(kind.__module__, kind.__module__)
        if operator.attrgetter(name)(sys.modules[module]) is not kind:
            raise _NoExpressionError
        if module == "builtins":
            return str(name)
        self.imports.add(module)
        return f"{module}.{name}"

    def _way(self, kind: type) -> Callable[[_Writer, Any], str]:
        known = _WAYS.get(kind)
        if known is not None:
            return known
        name = f"{_PUBLIC.get(kind.__module__, kind.__module__)}.{kind.__qualname__}"
        if name in _MADE_BY:
            return _MADE_BY[name]
        if name in _REPRS:
            return _by_repr
        return next((way for fits, way in _KINDS if fits(kind)), _literal)


def _scalar(writer: _Writer, value: Any) -> str:
    return writer.whole(value)


def _float(writer: _Writer, value: float) -> str:
    text = writer.whole(value)
    return text if text.lstrip("-")[0].isdigit() else f"float({text!r})"


def _literal(writer: _Writer, value: Any) -> str:
    """Of any other type: its repr, where that is a literal (a subclass of `str`)."""
    text = writer.whole(value)
    literal(text)
    return text


def _tuple(writer: _Writer, value: Tuple[Any, ...]) -> str:
    return f"({writer.all(value)}{',' if len(value) == 1 else ''})"


def _list(writer: _Writer, value: Iterable[Any]) -> str:
    return f"[{writer.all(value)}]"


def _dict(writer: _Writer, value: Dict[Any, Any]) -> str:
    pairs = (f"{writer.write(key)}: {writer.write(item)}" for key, item in value.items())
    return f"{{{', '.join(pairs)}}}"


def _set(writer: _Writer, value: Set[Any]) -> str:
    return f"{{{writer.all(value)}}}" if value else "set()"


def _frozenset(writer: _Writer, value: Any) -> str:
    return f"frozenset({_set(writer, value) if value else ''})"


_WAYS: Mapping[type, Callable[[_Writer, Any], str]] = {
    bool: _scalar,
    bytearray: _scalar,
    bytes: _scalar,
    complex: _scalar,
    int: _scalar,
    range: _scalar,
    str: _scalar,
    type(None): _scalar,
    float: _float,
    tuple: _tuple,
    list: _list,
    dict: _dict,
    set: _set,
    frozenset: _frozenset,
}


# --- the standard library -------------------------------------------------------------------------

# By name, because importing all of these to compare types would be a waste in most tests.

_PUBLIC: Mapping[str, str] = {"pathlib._local": "pathlib"}
"""Modules by the names under which people import what is in them."""

_REPRS: Mapping[str, str] = {
    "datetime.date": "",
    "datetime.datetime": "",
    "datetime.time": "",
    "datetime.timedelta": "",
    "datetime.timezone": "",
    "decimal.Decimal": "decimal.",
    "fractions.Fraction": "fractions.",
    "ipaddress.IPv4Address": "ipaddress.",
    "ipaddress.IPv4Interface": "ipaddress.",
    "ipaddress.IPv4Network": "ipaddress.",
    "ipaddress.IPv6Address": "ipaddress.",
    "ipaddress.IPv6Interface": "ipaddress.",
    "ipaddress.IPv6Network": "ipaddress.",
    "pathlib.PosixPath": "pathlib.",
    "pathlib.PurePosixPath": "pathlib.",
    "pathlib.PureWindowsPath": "pathlib.",
    "pathlib.WindowsPath": "pathlib.",
    "re.Pattern": "",
    "uuid.UUID": "uuid.",
    "zoneinfo.ZoneInfo": "",
}
"""Types whose repr is a call of their constructor, and what is missing in front of it."""


def _by_repr(writer: _Writer, value: Any) -> str:
    kind = type(value)
    module = _PUBLIC.get(kind.__module__, kind.__module__)
    writer.imports.add(module)
    zone = getattr(value, "tzinfo", None)
    if zone is not None:
        # It is in the repr of a datetime already, but may need an import of its own.
        writer.write(zone)
    return _REPRS[f"{module}.{kind.__qualname__}"] + writer.whole(value)


def _around_dict(writer: _Writer, value: Any) -> str:
    return f"{writer.reference(type(value))}({_dict(writer, value) if value else ''})"


def _deque(writer: _Writer, value: Any) -> str:
    maxlen = "" if value.maxlen is None else f", maxlen={value.maxlen}"
    return f"{writer.reference(type(value))}({_list(writer, value)}{maxlen})"


def _defaultdict(writer: _Writer, value: Any) -> str:
    made_by = value.default_factory
    factory = "None" if made_by is None else writer.reference(made_by)
    return f"{writer.reference(type(value))}({factory}, {_dict(writer, value)})"


_MADE_BY: Mapping[str, Callable[[_Writer, Any], str]] = {
    "collections.Counter": _around_dict,
    "collections.OrderedDict": _around_dict,
    "collections.defaultdict": _defaultdict,
    "collections.deque": _deque,
}


# --- classes of anybody's -------------------------------------------------------------------------


def _enum(writer: _Writer, value: enum.Enum) -> str:
    kind = type(value)
    reference = writer.reference(kind)
    names = [value.name] if kind.__members__.get(str(value.name)) is value else _flags(value)
    if names and all(name.isidentifier() for name in names):
        return " | ".join(f"{reference}.{name}" for name in names)
    return f"{reference}({writer.write(value.value)})"


def _flags(value: Any) -> Iterable[str]:
    """The names of the single bits of a flag; none where they are not all of it."""
    members = type(value).__members__ if isinstance(value, enum.Flag) else {}
    # An alias is there under a name that is not its own.
    bits = {name: each for name, each in members.items() if name == each.name and _is_bit(each)}
    parts = {name: each for name, each in bits.items() if each.value & value.value}
    complete = parts and functools.reduce(operator.or_, parts.values()) == value
    return list(parts) if complete else []


def _is_bit(flag: enum.Flag) -> bool:
    return flag.value > 0 and flag.value & (flag.value - 1) == 0


def _keywords(writer: _Writer, value: Any, names: Iterable[str]) -> str:
    arguments = (f"{name}={writer.write(getattr(value, name))}" for name in names)
    return f"{writer.reference(type(value))}({', '.join(arguments)})"


def _namedtuple(writer: _Writer, value: Any) -> str:
    return _keywords(writer, value, value._fields)


def _is_namedtuple(kind: Any) -> bool:
    return issubclass(kind, tuple) and hasattr(kind, "_fields")


def _dataclass(writer: _Writer, value: Any) -> str:
    return _keywords(writer, value, [each.name for each in dataclasses.fields(value)])


def _is_simple_dataclass(kind: Any) -> bool:
    # One that does more than to hold its fields might do anything when it is built.
    made = getattr(kind, "__dataclass_params__", None)
    plain = made is not None and made.init and made.eq and not hasattr(kind, "__post_init__")
    return plain and all(each.init for each in dataclasses.fields(kind))


_KINDS: Tuple[Tuple[Callable[[Any], bool], Callable[[_Writer, Any], str]], ...] = (
    (lambda kind: issubclass(kind, enum.Enum), _enum),
    (_is_namedtuple, _namedtuple),
    (_is_simple_dataclass, _dataclass),
)


# --- comparing ------------------------------------------------------------------------------------

_SCALARS = (bool, bytes, complex, float, int, str)


def _same(built: Any, value: Any) -> bool:
    """Whether values are equal, and their types at every depth."""
    if type(built) is not type(value):
        # What is of a subclass of a string's or a number's type equals what that equals.
        kin = type(built) in _SCALARS and isinstance(value, type(built))
        return kin and type(value) not in _SCALARS and equal(built, value)
    if isinstance(value, (set, frozenset)):
        return len(built) == len(value) and all(
            any(_same(each, other) for other in value) for each in built
        )
    if isinstance(value, dict):
        return _same_members(built.items(), value.items()) and equal(built, value)
    if isinstance(value, (list, tuple)):
        return _same_members(built, value)
    return equal(built, value)


def _same_members(built: Iterable[Any], value: Iterable[Any]) -> bool:
    ours, theirs = list(built), list(value)
    return len(ours) == len(theirs) and all(map(_same, ours, theirs))
