"""Classes of clients that have a `sock` of their own, and a connection to give them."""

from __future__ import annotations

import threading
from typing import Any, Callable, Dict, List

from pymemcache.client.base import Client

BASE: Any = Client
"""`Client` as anything: a type checker that knows its `sock` would refuse another."""


class Answering:
    """A connected socket that answers the same to everything.

    Attributes: `requests`, what was sent.
    """

    def __init__(self, answer: bytes) -> None:
        self.requests: List[bytes] = []
        self._answer = answer

    def sendall(self, request: bytes) -> None:
        """Note a request."""
        self.requests.append(request)

    def recv(self, size: int) -> bytes:
        """Answer."""
        return self._answer

    def close(self) -> None:
        """There is nothing to close."""


def plain() -> Any:
    """A subclass with nothing of its own."""

    class Plain(BASE):  # type: ignore[misc]  # its base is anything
        pass

    return Plain


def with_attribute() -> Any:
    """A `sock` on the class, as a default."""

    class Attribute(BASE):  # type: ignore[misc]  # its base is anything
        sock = None

    return Attribute


def with_property() -> Any:
    """A `sock` of each thread."""

    class Property(BASE):  # type: ignore[misc]  # its base is anything
        local = threading.local()

        @property
        def sock(self) -> Any:
            return self.local.sock

        @sock.setter
        def sock(self, value: Any) -> None:
            self.local.sock = value

    return Property


def with_slot() -> Any:
    """A `sock` in a slot."""

    class Slot(BASE):  # type: ignore[misc]  # its base is anything
        __slots__ = ("sock",)

    return Slot


def with_mixin() -> Any:
    """A `sock` from a class that is no client."""

    class Mixin:
        sock = None

    class Mixed(Mixin, BASE):  # type: ignore[misc]  # its base is anything
        pass

    return Mixed


def with_descriptor() -> Any:
    """A `sock` that computes a default, and lets each client have one of its own."""

    class Default:
        def __get__(self, client: Any, owner: Any) -> Any:
            return None

    class Described(BASE):  # type: ignore[misc]  # its base is anything
        sock = Default()

    return Described


def with_access() -> Any:
    """Ways of its own to give and to take every attribute, past any descriptor."""

    class Access(Client):  # type: ignore[misc]  # pymemcache ships no types
        def __getattribute__(self, name: str) -> Any:
            own = object.__getattribute__(self, "__dict__")
            return own[name] if name in own else object.__getattribute__(self, name)

        def __setattr__(self, name: str, value: Any) -> None:
            own: Any = vars(self)
            own[name] = value

    return Access


def below() -> Any:
    """A subclass of one of those."""
    kind: Any = with_property()

    class Below(kind):  # type: ignore[misc]  # its base is computed
        pass

    return Below


HIDING: Dict[str, Callable[[], Any]] = {
    "nothing": plain,
    "attribute": with_attribute,
    "property": with_property,
    "slot": with_slot,
    "mixin": with_mixin,
    "descriptor": with_descriptor,
    "access": with_access,
    "below": below,
}
