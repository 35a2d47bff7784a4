"""A value and the bytes that a server holds for it, by the serializer and deserializer of a client.

What a serializer writes is what the server would hold. Where there is none, or one that does
nothing, bytes are looked for that the deserializer reads as the value.
"""

from __future__ import annotations

import json
import pickle
from functools import lru_cache
from typing import Any, Dict, Iterator, NamedTuple, Optional, Tuple

from tripwire._matching import alike
from tripwire.plugins._memcache.commands import client_of
from tripwire.plugins._memcache.replying.reply import Raw, Refusal
from tripwire.report.values import safe_str, short

Stored = Tuple[bytes, int]
"""What a server holds under a key: bytes, and flags."""

_RAW = (
    "Raw(b'...', flags=0) in the place of the value says what the server\n"
    "holds, and the client reads that."
)

_NOTHING = (
    "returns=MISS says that the server holds nothing; of several keys, leave\n"
    "out those that it does not hold.\n"
)


def advice(value: Any) -> str:
    """What to do about a value that the client could not return."""
    return f"{_NOTHING}{_RAW}" if value is None else _RAW


class _Library(NamedTuple):
    client: Any
    serialize: Any
    deserialize: Any


@lru_cache(None)
def library() -> _Library:
    """What pymemcache itself has: its client, and what it does where it is given no serde."""
    from pymemcache.client.base import Client
    from pymemcache.serde import LegacyWrappingSerde

    own = LegacyWrappingSerde
    return _Library(Client, own._default_serialize, own._default_deserialize)


def is_raw(client: Any) -> bool:
    """Whether the client gives values as memcached has them: it has no deserializer."""
    return getattr(client.serde.deserialize, "__func__", None) is library().deserialize


def reads_its_own_way(client: Any) -> bool:
    """Whether the client's class makes values of an answer in a way of its own.

    pymemcache lets a subclass override `_extract_value` for that; `_fetch_cmd` comes before it.
    """
    kind: Any = type(client)
    own = client_of(kind)
    # `Client.get` can be called with anything as its `self`.
    if own is None:
        return True
    return kind._extract_value is not own._extract_value or kind._fetch_cmd is not own._fetch_cmd


def stored(client: Any, name: bytes, key: Any, value: Any) -> Optional[Stored]:
    """What the server holds where the client reads this value; None where nobody can say.

    Args:
        client: whose serde it is.
        name: the key as it is on the wire, prefix and all: what a serializer is given.
        key: the key as the caller spelled it: what a deserializer is given.
        value: what the client is to return for it.

    Raises:
        Refusal: there is no such thing.
    """
    if type(value) is Raw:
        return value.value, value.flags
    if is_raw(client):
        if isinstance(value, bytes):
            return value, 0
        raise Refusal(f"{_like(value)} (it has no deserializer)", advice(value))
    return Serde(client, name, key).stored(value)


def _like(value: Any) -> str:
    like = value.encode("utf8", "replace") if type(value) is str else b""
    return f"bytes such as {like!r:.20}" if like else "bytes"


class Serde:
    """A client's serializer and deserializer, for one key."""

    def __init__(self, client: Any, name: bytes, key: Any) -> None:
        self._client = client
        self._name = name
        self._key = key

    def stored(self, value: Any) -> Optional[Stored]:
        """What the server holds where the client reads this value; None where nobody can say."""
        serialize = self._client.serde.serialize
        if getattr(serialize, "__func__", None) is library().serialize:
            return self._found(value)
        try:
            data, flags = serialize(self._name, value)
        except Exception as error:
            return self._found_instead(value, error)
        if data is value and self._writes_nothing():
            return self._found(value)
        try:
            return self._encoded(data, flags)
        except Exception as error:
            raise _not_serialized(value, error) from None

    def _found_instead(self, value: Any, error: Exception) -> Optional[Stored]:
        """What others may have stored, where this serializer failed at the value."""
        if not self._works():
            return self._found(value)
        held = self._candidate(value)
        if held is None:
            raise _not_serialized(value, error) from None
        return held

    def may_return(self, value: Any, got: Any) -> bool:
        """Whether the client may return a value, although `got` came out in its place.

        Of a serde whose two halves are not inverse nobody can say it: one that only reads; one
        that makes of `got`, too, something else of the value's type. One that only writes returns
        bytes as they are.
        """
        if not self._writes(value):
            return self._may_be_found(value)
        if isinstance(value, bytes) and self._hands_on_bytes():
            return True
        try:
            again = self._read(self._sent(got))
        except Exception:
            return False
        return type(again) is type(value) and not alike(got, again)

    # --- the two halves -------------------------------------------------------------------------

    def _sent(self, value: Any) -> Stored:
        return self._encoded(*self._client.serde.serialize(self._name, value))

    def _encoded(self, data: Any, flags: Any) -> Stored:
        """What the client sends of what its serializer gave: pymemcache's `_store_cmd`."""
        encoding = self._client.encoding
        if not isinstance(data, bytes):
            data = str(data).encode(encoding)
        digits = str(flags).encode(encoding)
        if not digits.isdigit() or int(digits) >= 2**32:
            raise ValueError(f"memcached takes no flags {short(flags)}")
        return data, int(digits)

    def _read(self, held: Stored) -> Any:
        return self._client.serde.deserialize(self._key, *held)

    # --- where there is no serializer that would help -------------------------------------------

    def _found(self, value: Any) -> Optional[Stored]:
        """Bytes that the deserializer reads as the value; None where nobody can say.

        Raises `Refusal` where it reads some plain value from such bytes, or gives bytes as they
        are: then it would read this value, too, if there were bytes for it.
        """
        held = self._candidate(value)
        if held is not None:
            return held
        if self._hands_on_bytes() or any(map(self._is_read, _PLAIN)):
            possible = "what its deserializer makes of bytes; of none it makes that"
            raise Refusal(possible, advice(value))
        return None

    def _may_be_found(self, value: Any) -> bool:
        try:
            self._found(value)
        except Refusal:
            return False
        return True

    def _is_read(self, value: Any) -> bool:
        return self._candidate(value) is not None

    def _candidate(self, value: Any) -> Optional[Stored]:
        """Bytes of some common form that the deserializer reads as the value."""
        return next((held for held in _candidates(value) if self._reads_as(value, held)), None)

    def _reads_as(self, value: Any, held: Stored) -> bool:
        try:
            got = self._read(held)
            if alike(value, got):
                return True
            # NaN, and objects that equal only themselves: two readings differ.
            return type(value) is type(got) and not alike(got, self._read(held))
        except Exception:
            return False

    # --- the serde, tried -----------------------------------------------------------------------

    def _writes_nothing(self) -> bool:
        """Whether the serializer gives back what it is given, even a dict."""
        given: Dict[str, str] = {}
        try:
            return self._client.serde.serialize(self._name, given)[0] is given
        except Exception:
            return False

    def _writes(self, value: Any) -> bool:
        """Whether the serializer is one: it makes different bytes of different values."""
        written = set()
        for each in (value, *_PLAIN):
            try:
                written.add(self._sent(each))
            except Exception:  # It may know some of them only.
                continue
        return len(written) > 1 and not self._writes_nothing()

    def _works(self) -> bool:
        """Whether a plain value survives both halves, and not because they do nothing to it."""
        return not self._writes_nothing() and any(map(self._survives, (*_PLAIN, _NOISE)))

    def _survives(self, value: Any) -> bool:
        try:
            held = self._sent(value)
            worked = type(value) is not bytes or held[0] != value
            return worked and alike(value, self._read(held))
        except Exception:
            return False

    def _hands_on_bytes(self) -> bool:
        """Whether the deserializer does nothing, whatever the flags."""
        try:
            return all(self._read((_NOISE, flags)) is _NOISE for flags in _FLAGS)
        except Exception:
            return False


_PLAIN: Tuple[Any, ...] = ("text", "other", 7, [7, "text"], {"text": 7}, None, 0.5)
"""Some of these survive every serde that is made for values of any kind."""

_NOISE = b"\x80\x00as it is"
"""Bytes that no format known to us reads as anything."""

_FLAGS = (0, 1, 2, 4, 8, 16)
"""Those of pymemcache's own serde; the lowest ones are everybody's first."""


def _candidates(value: Any) -> Iterator[Stored]:
    for form in (_as_it_is, _as_text, _as_number, _as_json, pickle.dumps):
        try:
            data = form(value)
        except Exception:  # What cannot be written in one form may be in another.
            continue
        for flags in _FLAGS:
            yield data, flags


def _as_it_is(value: Any) -> bytes:
    return b"".join([value])


def _as_text(value: Any) -> bytes:
    return str(value).encode()


def _as_number(value: Any) -> bytes:
    return b"%d" % value  # True is b"1".


def _as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _not_serialized(value: Any, error: Exception) -> Refusal:
    what = f"{type(error).__name__}: {safe_str(error)}"
    local = "<locals>" in what or "<locals>" in type(value).__qualname__
    return Refusal(
        f"what its serde can store, and that it cannot: {what}",
        f"{_LOCAL}{_RAW}" if local else advice(value),
    )


_LOCAL = "A class inside a function cannot be pickled: move it to the top of\nits module.\n"
