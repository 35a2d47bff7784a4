"""Copies of what a call was given, so that what its caller does to it later changes no record."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Tuple

from tripwire._matching import VIEWS, keys_equal

_Memo = Dict[int, Any]


class Keys(List[Any]):  # noqa: PLW1641  # a list has no hash, and this is one
    """The keys of a call in the order of its request.

    Equal to the same keys in any form that has an order, and to a set of them, which has none.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return keys_equal(other, self)

    def __ne__(self, other: object) -> bool:
        return not self == other


_WITHOUT_EQUALITY_OF_KEYS = tuple(
    kind.__eq__ for kind in (object, dict, OrderedDict, deque, *VIEWS)
)
"""The `==` of what holds keys in an order, and does not equal a list of them."""


def as_keys(keys: Any) -> Any:
    """The keys that a test expects, in a form that can be read any number of times.

    Lists, tuples, sets and matchers are what they are, and of any other iterable a list is made.
    """
    kind: Any = type(keys)
    # Of a mapping the keys are read, also where it has an `==` of its own, as a Counter has.
    is_iterable = hasattr(keys, "__iter__") and kind.__eq__ in _WITHOUT_EQUALITY_OF_KEYS
    return list(keys) if is_iterable or isinstance(keys, Mapping) else keys


class Recording:
    """Keys that remember what they gave, since pymemcache reads them before we can.

    They may be readable only once, whatever they are: an iterator, or an object that gives the
    same iterator each time.
    """

    def __init__(self, keys: Any) -> None:
        self._keys = keys
        self._first: Optional[List[Any]] = None

    def __iter__(self) -> Iterator[Any]:
        reading: List[Any] = []
        if self._first is None:
            self._first = reading
        for key in self._keys:
            reading.append(key)
            yield key

    def __bool__(self) -> bool:
        return bool(self._keys)

    @property
    def given(self) -> List[Any]:
        """The keys, as they were given at the first reading."""
        return self._first or []


_READ_AGAIN: Tuple[type, ...] = (list, tuple, dict, set, frozenset, *VIEWS)


def recording(keys: Any) -> Any:
    """The keys themselves, or where they may be readable only once, what remembers them."""
    return keys if type(keys) in _READ_AGAIN else Recording(keys)


def as_dict(values: Any) -> Any:
    """Of a mapping of any type a dict, read as pymemcache reads it; anything else as it is."""
    if type(values) in COPIES or not hasattr(values, "items"):
        return values
    return dict(values.items())


def snapshot(value: Any) -> Any:
    """A copy of built-in containers and bytearrays, recursively; anything else as it is.

    What is nested too deep to be copied is kept by reference.
    """
    if type(value) not in COPIES:
        return value
    try:
        return _copy(value, {})
    except RecursionError:
        return value


def _copy(value: Any, memo: _Memo) -> Any:
    copy = COPIES.get(type(value))
    if copy is None:
        return value
    if id(value) not in memo:
        # For a tuple that holds itself; lists and dicts put their copy here before they go on.
        memo[id(value)] = value
        memo[id(value)] = copy(value, memo)
    return memo[id(value)]


def _each(values: Iterable[Any], memo: _Memo) -> Iterator[Any]:
    return (_copy(value, memo) for value in values)


def _copy_list(value: List[Any], memo: _Memo) -> List[Any]:
    copied: List[Any] = []
    memo[id(value)] = copied
    copied.extend(_each(value, memo))
    return copied


def _copy_dict(value: Mapping[Any, Any], memo: _Memo) -> Dict[Any, Any]:
    copied: Dict[Any, Any] = {}
    memo[id(value)] = copied
    for key, member in value.items():
        copied[_copy(key, memo)] = _copy(member, memo)
    return copied


COPIES: Dict[type, Callable[[Any, _Memo], Any]] = {
    list: _copy_list,
    dict: _copy_dict,
    tuple: lambda value, memo: tuple(_each(value, memo)),
    set: lambda value, memo: set(value),
    frozenset: lambda value, memo: value,
    bytearray: lambda value, memo: bytearray(value),
}
"""How a built-in container is copied. What is hashable cannot hold one that changes."""
