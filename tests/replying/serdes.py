"""Serializers and deserializers of every kind that people write, good ones and bad ones."""

from __future__ import annotations

import base64
import json
import pickle
import zlib
from typing import Any, Dict, List, NamedTuple, Tuple

from pymemcache import serde
from pymemcache.client.base import Client


class Safe(str):
    """Text that says that it is safe."""


class Json:
    """JSON both ways."""

    def serialize(self, key: Any, value: Any) -> Tuple[Any, int]:
        """Write."""
        return json.dumps(value), 1

    def deserialize(self, key: Any, value: bytes, flags: int) -> Any:
        """Read."""
        return json.loads(value)


class ReadsOnly(Json):
    """Refuses to write."""

    def serialize(self, key: Any, value: Any) -> Tuple[Any, int]:
        """Write nothing."""
        raise NotImplementedError


class ReadsOnlyAsItIs(Json):
    """Does not care about writing."""

    def serialize(self, key: Any, value: Any) -> Tuple[Any, int]:
        """Give back what it was given."""
        return value, 0


class ReadsOnlyConstant(Json):
    """Writes always the same."""

    def serialize(self, key: Any, value: Any) -> Tuple[Any, int]:
        """Write null."""
        return b"null", 0


class ReadsOnlyZipped(ReadsOnly):
    """Reads a format of its own."""

    def deserialize(self, key: Any, value: bytes, flags: int) -> Any:
        """Read."""
        return json.loads(zlib.decompress(value))


class WritesOnly(Json):
    """Does not read."""

    def deserialize(self, key: Any, value: bytes, flags: int) -> Any:
        """Give the bytes."""
        return value


class WritesOnlyPickled(WritesOnly):
    """Does not read, and writes bytes as it writes anything."""

    def serialize(self, key: Any, value: Any) -> Tuple[Any, int]:
        """Write."""
        return base64.b64encode(pickle.dumps(value)), 1


class Zipped:
    """Takes bytes only."""

    def serialize(self, key: Any, value: Any) -> Tuple[Any, int]:
        """Write."""
        return zlib.compress(value), 8

    def deserialize(self, key: Any, value: bytes, flags: int) -> Any:
        """Read."""
        return zlib.decompress(value)


class Texts:
    """Takes text only, and leaves it to the client to encode it."""

    def serialize(self, key: Any, value: Any) -> Tuple[Any, int]:
        """Write."""
        if not isinstance(value, str):
            raise TypeError("text only")
        return value, 0

    def deserialize(self, key: Any, value: bytes, flags: int) -> Any:
        """Read."""
        return value.decode()


class Dicts(Json):
    """Takes dicts only, and does not read them as such."""

    def serialize(self, key: Any, value: Any) -> Tuple[Any, int]:
        """Write."""
        return json.dumps(sorted(value.items())), 1


class Documented:
    """The example in pymemcache's documentation, which was written for Python 2."""

    def serialize(self, key: Any, value: Any) -> Tuple[Any, int]:
        """Write."""
        if isinstance(value, str):
            return value, 1
        return json.dumps(value), 2

    def deserialize(self, key: Any, value: bytes, flags: int) -> Any:
        """Read."""
        if flags == 1:
            return value
        return json.loads(value)


class Answered(NamedTuple):
    """What a worker answered, and when."""

    result: Any


class AsksAndReads(Json):
    """Writes questions as JSON, and reads answers, which others write."""

    def deserialize(self, key: Any, value: bytes, flags: int) -> Any:
        """Read an answer."""
        return Answered(json.loads(value))


class Wraps(Json):
    """Writes an envelope, and reads what others write without one."""

    def serialize(self, key: Any, value: Any) -> Tuple[Any, int]:
        """Write."""
        return json.dumps({"by": "me", "what": value}), 1


class Raises(Json):
    """Cannot read what it writes."""

    def deserialize(self, key: Any, value: bytes, flags: int) -> Any:
        """Fail."""
        raise LookupError("no such format")


class WrongFlag:
    """Says of pickled values that they are bytes."""

    def serialize(self, key: Any, value: Any) -> Tuple[Any, int]:
        """Write."""
        return pickle.dumps(value), 0

    def deserialize(self, key: Any, value: bytes, flags: int) -> Any:
        """Read."""
        return pickle.loads(value) if flags & 1 else value


class Flags:
    """Writes flags that memcached does not take."""

    def __init__(self, flags: Any) -> None:
        self.flags = flags

    def serialize(self, key: Any, value: Any) -> Tuple[Any, Any]:
        """Write."""
        return b"%d" % value, self.flags

    def deserialize(self, key: Any, value: bytes, flags: int) -> Any:
        """Read."""
        return int(value)


class Keyed(Json):
    """Remembers which key it was given."""

    def __init__(self) -> None:
        self.keys: List[Any] = []

    def serialize(self, key: Any, value: Any) -> Tuple[Any, int]:
        """Write."""
        self.keys.append(key)
        return super().serialize(key, value)

    def deserialize(self, key: Any, value: bytes, flags: int) -> Any:
        """Read."""
        self.keys.append(key)
        return super().deserialize(key, value, flags)


def reading(read: Any) -> Dict[str, Any]:
    """Give the options of a client with a deserializer alone."""
    return {"deserializer": lambda key, value, flags: read(value)}


def writing(write: Any) -> Dict[str, Any]:
    """Give the options of a client with a serializer alone."""
    return {"serializer": lambda key, value: (write(value), 1)}


def compressed(longer_than: int) -> Any:
    """Give the compressing serde that pymemcache has since 4.0; before, one that pickles."""
    known = hasattr(serde, "CompressedSerde")
    return serde.CompressedSerde(min_compress_len=longer_than) if known else serde.PickleSerde()


PICKLE = {"serde": serde.pickle_serde}
JSON = {"serde": Json()}
BOTH_WAYS: Dict[str, Dict[str, Any]] = {
    "pickle": PICKLE,
    "old pickle": {"serde": serde.PickleSerde(0)},
    "functions": {
        "serializer": serde.python_memcache_serializer,
        "deserializer": serde.python_memcache_deserializer,
    },
    "deserializer alone": {"deserializer": serde.python_memcache_deserializer},
    "compressed": {"serde": compressed(30)},
    "pickle.loads alone": reading(pickle.loads),
}
"""Clients that return anything that can be pickled."""

JSONS: Dict[str, Dict[str, Any]] = {
    "class": JSON,
    "functions": {
        "serializer": lambda key, value: (json.dumps(value).encode(), 0),
        "deserializer": lambda key, value, flags: json.loads(value),
    },
    "deserializer alone": reading(json.loads),
    "reads only": {"serde": ReadsOnly()},
    "reads only, as it is": {"serde": ReadsOnlyAsItIs()},
}
"""Clients that return what JSON can say."""


def _extract(client: Any, *args: Any) -> Any:
    key, value, rest = Client._extract_value(client, *args)  # noqa: SLF001  # meant for subclasses
    return key, ("extracted", value), rest


class Extracting(Client):  # type: ignore[misc]  # pymemcache ships no types
    """Makes values of what it reads in a way of its own, as pymemcache allows it to."""

    _extract_value: Any = _extract


def _fetch(client: Any, *args: Any, **kwargs: Any) -> Any:
    found = Client._fetch_cmd(client, *args, **kwargs)  # noqa: SLF001  # as such a subclass does it
    return {key: ("fetched", value) for key, value in found.items()}


class Fetching(Client):  # type: ignore[misc]  # pymemcache ships no types
    """Reads in a way of its own."""

    _fetch_cmd: Any = _fetch
