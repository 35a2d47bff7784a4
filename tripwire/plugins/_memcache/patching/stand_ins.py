"""Functions that stand for what is found on a class, look like it, and call it."""

from __future__ import annotations

import inspect
from contextlib import suppress
from types import FunctionType, MethodType
from typing import Any, Callable, MutableMapping, Set
from weakref import WeakKeyDictionary

Function = Callable[..., Any]

_FOUND: MutableMapping[Any, Any] = WeakKeyDictionary()
"""What each stand-in stands for. Not an attribute of it, because `functools.wraps` copies those."""

_KINDS: Set[type] = set()
"""The types of all stand-ins: others are not looked for in `_FOUND`, as they may have no hash."""

_SIGNATURES: MutableMapping[Any, inspect.Signature] = WeakKeyDictionary()
"""Of the functions that were stood for: it takes a while to find one."""


def make(build: Callable[[Function], Any], found: Any) -> Function:
    """Build what stands for something that was found on a class.

    `build` is given the original, callable with the client first, and gives a function that takes
    `*args` and `**kwargs` alone.
    """
    found = below(found)
    made: Any = build(_callable(found))
    inner = _wrapped_by(found)
    _look_like(made, found)
    if type(found) is FunctionType:
        if callable(inner):
            made.__wrapped__ = make(build, inner)
    elif callable(inner):
        made = _Wrapper(made, found, make(build, inner))
    return note(made, found)  # type: ignore[no-any-return]  # as good as what it was given


def note(made: Any, found: Any) -> Any:
    """Remember what something of ours stands for, so that it is known as a stand-in."""
    _FOUND[made] = found
    _KINDS.add(type(made))
    return made


def is_stand_in(found: Any) -> bool:
    """Whether something that was found on a class is a stand-in of ours."""
    return type(found) in _KINDS and found in _FOUND


def below(found: Any) -> Any:
    """What a stand-in stands for; anything else is what it is.

    Somebody may have kept a stand-in and put it back, as a `mock.patch` does that is started inside
    a sandbox and stopped outside.
    """
    return _FOUND[found] if is_stand_in(found) else found


def let_go(wrapper: Any) -> None:
    """Have what others have put around a stand-in say that it is around the original.

    Whoever takes their wrapper off later leaves the class as it was then.
    """
    # Not for ever: there are objects that have something for every name.
    for _ in range(20):
        inner = _wrapped_by(wrapper)
        if inner is None:
            break
        if is_stand_in(inner):
            with suppress(AttributeError, TypeError):
                wrapper.__wrapped__ = below(inner)
        wrapper = inner


def _wrapped_by(found: Any) -> Any:
    return getattr(found, "__wrapped__", None)


def _look_like(made: Any, found: Any) -> None:
    """Have a stand-in answer as the original does, whatever code asks of a method.

    There is a `__wrapped__` only where the original has one: instrumentation takes it for a sign of
    its own work. The defaults are for show: a function that takes `*args` and `**kwargs` alone
    never uses them.
    """
    for name in ("__module__", "__name__", "__qualname__", "__doc__", "__annotations__"):
        if hasattr(found, name):
            setattr(made, name, getattr(found, name))
    if type(found) is FunctionType:
        vars(made).update(vars(found))
        made.__defaults__, made.__kwdefaults__ = found.__defaults__, found.__kwdefaults__
        signature = _SIGNATURES.get(found)
        if signature is None:
            signature = _SIGNATURES[found] = inspect.signature(found)
        made.__signature__ = signature


class _Wrapper:
    """Stands for a wrapper that is an object, as those of wrapt are, and says that it is one.

    So whoever takes that off finds it, and what is left on the class stands for what was below.
    """

    def __init__(self, function: Function, found: Any, inner: Function) -> None:
        self._function = function
        self._found = found
        self.__wrapped__ = inner

    @property  # type: ignore[misc]  # what it says of itself is not what it is
    def __class__(self) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride] # as above
        return type(self._found)

    def __get__(self, client: Any, owner: Any = None) -> Any:
        return self if client is None else MethodType(self._function, client)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._function(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._found, name)


# --- what may be found on the class: three kinds of callables -------------------------------------


def _callable(found: Any) -> Function:
    """What was found, as a function that takes the client first."""
    # Not by `isinstance`: the wrappers of wrapt say that they are functions, and are descriptors.
    if type(found) is FunctionType:
        return found
    return _binding(found) if hasattr(found, "__get__") else _not_binding(found)


def _binding(found: Any) -> Function:
    """Of a descriptor, such as a `staticmethod` or a wrapper: what it gives for this client."""
    return lambda client, *args, **kwargs: found.__get__(client, type(client))(*args, **kwargs)


def _not_binding(found: Any) -> Function:
    """Of a callable that is no descriptor, such as a mock: called without the client."""
    return lambda client, *args, **kwargs: found(*args, **kwargs)
