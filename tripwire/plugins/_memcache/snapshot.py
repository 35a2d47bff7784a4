"""Copies of what a call was given, so that what its caller does to it later changes no record."""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping

_Memo = Dict[int, Any]


class Keys(List[Any]):  # noqa: PLW1641  # a list has no hash, and this is one
    """The keys of a call in the order of its request; equal to a tuple or a view of the same."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (tuple, type({}.keys()), type({}.values()))):
            other = list(other)
        return super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        return not self == other


class Recording(Iterator[Any]):
    """An iterator of keys that remembers what it gave: pymemcache reads it before we can."""

    def __init__(self, keys: Iterator[Any]) -> None:
        self._keys = keys
        self.given: List[Any] = []

    def __next__(self) -> Any:
        key = next(self._keys)
        self.given.append(key)
        return key

    def __bool__(self) -> bool:
        return bool(self._keys)


def recording(keys: Any) -> Any:
    """The keys themselves, or where they can be read only once, something that remembers them."""
    return Recording(keys) if hasattr(type(keys), "__next__") else keys


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
