"""Whether two values are equal: the question of every mock, assertion and reply.

It is `expected == actual`, with the expected value on the left so that matchers work, and stricter:
what is read in a test as another value (`True` and `1`, `b"a"` and `bytearray(b"a")`) is another
value here, too, however deep in containers it stands.
"""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict
from enum import Enum
from types import BuiltinFunctionType, FunctionType
from typing import (
    AbstractSet,
    Any,
    Callable,
    Dict,
    Iterable,
    List,
    Mapping,
    Optional,
    Protocol,
    Sequence,
    Tuple,
)

SCALARS = frozenset(
    {type(None), bool, int, float, complex, str, bytes, bytearray, memoryview},
)
"""The types of which two that differ are never equal; a subclass of one equals what it equals."""

VIEWS: Tuple[type, ...] = (type({}.keys()), type({}.values()))
"""The views of a dict that hold its keys, or its values, in their order."""

_Pair = Tuple[Any, Any]
_Same = Callable[[Any, Any], bool]


def equal(expected: Any, actual: Any) -> bool:
    """Whether two values are equal, asked of the expected one, so that matchers work.

    Values of two built-in scalar types differ. list, tuple, dict and set, and their subclasses
    that leave `==` as it is, are compared element by element. Where `==` gives one truth value for
    each element (arrays), the types, shapes and dtypes have to be the same and all elements equal.
    A comparison that raises (bytes with text under `python -bb`) has not found them equal.
    """
    kind = type(expected)
    if kind is type(actual) and kind in SCALARS:
        return expected is actual or bool(expected == actual)
    return _equal(expected, actual, _agree)


class Facts(Protocol):
    """What is known of a call, to be compared with what is expected of it."""

    @property
    def fields(self) -> Mapping[str, Any]:
        """Its arguments."""
        ...

    def pair(self, name: str, expected: Any) -> _Pair:
        """What an expected value comes to for this call, and what it is compared with."""
        ...


def fits(facts: Facts, expected: Mapping[str, Any]) -> bool:
    """Whether a call is as it is expected in everything that is named."""
    for name, value in expected.items():  # noqa: SIM110  # a generator takes twice as long
        if not equal(*facts.pair(name, value)):
            return False
    return True


def keys_equal(expected: Any, actual: Sequence[Any]) -> bool:
    """Whether the keys of a call are the expected ones: in their order, but for a set of them.

    Args:
        expected: a list, tuple or view of keys; a set; or a matcher.
        actual: the keys in the order of the request.
    """
    if isinstance(expected, (set, frozenset)):
        try:
            return equal(expected, set(actual))
        except Exception:  # A key that is not hashable, or `python -bb`.
            return False
    kind: Any = type(expected)
    if kind in VIEWS or kind.__eq__ is tuple.__eq__:
        expected = list(expected)
    return equal(expected, list(actual))


def alike(first: Any, second: Any) -> bool:
    """As `equal`, of two values of which the second may be a copy that went through bytes.

    Two objects whose class has no `==` of its own are alike if their types are the same: no copy
    of such an object equals it. So are two NaNs, which equal nothing.
    """
    kind = type(first)
    if kind is type(second) and kind in SCALARS:
        return _agree_or_of_one_type(first, second)
    return _same_bytes(first, second) or _equal(first, second, _agree_or_of_one_type)


# --- element by element ---------------------------------------------------------------------------


class _DifferentError(Exception):
    """Two containers differ before their elements are compared."""


def _equal(expected: Any, actual: Any, same: _Same) -> bool:
    # A list of what is left to compare, in the place of recursion: nothing is too deep for it. And
    # two containers that were met before are compared already, or will be: cycles end.
    waiting: List[_Pair] = [(expected, actual)]
    met = set()
    apart: Dict[_Pair, Any] = {}  # What `_elements` said of two types: there are few, often met.
    try:
        while waiting:
            pair = expected, actual = waiting.pop()
            if expected is actual:
                continue
            kinds = type(expected), type(actual)
            if kinds not in apart:
                apart[kinds] = _elements(*kinds)
            elements = apart[kinds]
            if elements is None:
                if not same(*pair):
                    return False
            elif (id(expected), id(actual)) not in met:
                met.add((id(expected), id(actual)))
                waiting.extend(elements(expected, actual))
    except Exception:
        return False
    return True


def _elements(expected: type, actual: type) -> Optional[Callable[[Any, Any], Iterable[_Pair]]]:
    """How two values of these types are taken apart; None where only they can say."""
    if expected in SCALARS:
        return None
    for kind, elements in _CONTAINERS.items():
        if issubclass(expected, kind) and issubclass(actual, kind):
            plain = _compares_as(expected, kind) and _compares_as(actual, kind)
            return elements if plain else None
    both_sets = issubclass(expected, _SETS) and issubclass(actual, _SETS)
    return _of_sets if both_sets else None


def _compares_as(kind: Any, container: type) -> bool:
    # A subclass with an `==` of its own is a matcher, and has the last word.
    return kind.__eq__ in (container.__eq__, OrderedDict.__eq__)


def _of_sequences(expected: Sequence[Any], actual: Sequence[Any]) -> Iterable[_Pair]:
    if len(expected) != len(actual):
        raise _DifferentError
    # Where all are scalars, the interpreter compares thousands in the time of a few.
    scalars = SCALARS.issuperset(map(type, expected))
    if scalars and [*map(type, expected)] == [*map(type, actual)] and [*expected] == [*actual]:
        return ()
    return zip(expected, actual)


def _of_dicts(expected: Dict[Any, Any], actual: Dict[Any, Any]) -> Iterable[_Pair]:
    if len(expected) != len(actual):
        raise _DifferentError
    if isinstance(expected, OrderedDict) and isinstance(actual, OrderedDict):
        return zip(expected.items(), actual.items())
    # What a subclass makes of looking up (Django's MultiValueDict) is not what it holds.
    found = {key: (key, value) for key, value in dict.items(actual)}
    return [(item, found[item[0]]) for item in dict.items(expected)]


def _of_sets(expected: AbstractSet[Any], actual: AbstractSet[Any]) -> Iterable[_Pair]:
    if len(expected) != len(actual):
        raise _DifferentError
    found = {each: each for each in actual}
    return [(each, found[each]) for each in expected]


_CONTAINERS: Dict[type, Callable[[Any, Any], Iterable[_Pair]]] = {
    list: _of_sequences,
    tuple: _of_sequences,
    dict: _of_dicts,
}
_SETS = (set, frozenset)


# --- one value ------------------------------------------------------------------------------------


def _agree(expected: Any, actual: Any) -> bool:
    kinds = {type(expected), type(actual)}
    if len(kinds) > 1 and kinds <= SCALARS:
        return False
    answer = expected == actual
    if getattr(answer, "shape", ()):
        # An array's: a truth value for each element. Arrays of one element would pass as that.
        return (
            type(expected) is type(actual)
            and bool(expected.shape == actual.shape)
            and bool(getattr(expected, "dtype", None) == getattr(actual, "dtype", None))
            and _all(answer)
        )
    return bool(answer)


def _all(answer: Any) -> bool:
    # `all()` of a table may give a row (pandas), so it takes one for each dimension; one too many
    # changes nothing.
    for _ in answer.shape:
        answer = answer.all()
    return bool(answer)


def _agree_or_of_one_type(first: Any, second: Any) -> bool:
    kind: Any = type(first)
    untouched: Any = object.__eq__
    if _agree(first, second):
        return True
    if isinstance(first, float) and isinstance(second, float) and first != first:
        return second != second
    return (
        kind is type(second)
        and kind.__eq__ is untouched
        # Of these there is one each, also after a way through bytes.
        and not issubclass(kind, (type, Enum, FunctionType, BuiltinFunctionType))
    )


# --- large built-in values ------------------------------------------------------------------------


class _Pickler(pickle.Pickler):
    """Pickles what is built in, and nothing that could have an `==` or a state of its own."""

    def reducer_override(self, value: Any) -> Any:
        raise pickle.PicklingError(type(value))


def _same_bytes(first: Any, second: Any) -> bool:
    """Whether two values are one and the same in bytes: a cheap first try for large ones.

    Equal bytes are equal values of equal types (two NaNs, too). Others say nothing: the order of a
    dict is in them.
    """
    if type(first) not in _CONTAINERS or type(first) is not type(second):
        return False
    written = _bytes(first)
    return written is not None and written == _bytes(second)


def _bytes(value: Any) -> Optional[bytes]:
    written = io.BytesIO()
    pickler = _Pickler(written, 5)
    # Without references to what was written before, which depend on how a value was made.
    pickler.fast = True
    try:
        pickler.dump(value)
    except Exception:  # A cycle, something deep, something that is not built in.
        return None
    return written.getvalue()
