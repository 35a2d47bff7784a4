"""What a call of memcached is compared by, beside its fields, and what may explain a difference."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Mapping, Sequence, Tuple

from tripwire._matching import equal
from tripwire.plugins._memcache.replying.call import is_noreply
from tripwire.report.values import short

NO_ARGUMENTS = ("server", "key_prefix")
"""What is compared where it is given, and is no argument of a call."""


class Compared:
    """A call, or the interaction that it is, as mocks and assertions see it.

    Attributes: `fields`, `server`, `request`, `prefix` (what the client puts in front of its keys),
    `usual_noreply` (what `noreply` comes to where the caller says nothing of it).
    """

    __slots__ = ()

    fields: Dict[str, Any]
    server: Any
    request: bytes
    prefix: Any
    usual_noreply: Any

    @property
    def noreply(self) -> bool:
        """Whether the request tells the server not to answer."""
        return is_noreply(self.request)

    def knows(self, name: str) -> bool:
        """Whether there is anything of that name to compare an expected value with."""
        return name in NO_ARGUMENTS or name in self.fields

    def pair(self, name: str, expected: Any) -> Tuple[Any, Any]:
        """What an expected value comes to for this call, and what it is compared with.

        `noreply` may be written out or not: what was sent is what counts.
        """
        if name == "noreply":
            return self._comes_to(expected), self.noreply
        if name == "server":
            return expected, self.server
        if name == "key_prefix":
            return expected, self.prefix
        return expected, self.fields.get(name)

    def _comes_to(self, noreply: Any) -> Any:
        if noreply is None:
            return bool(self.usual_noreply)
        if isinstance(noreply, int):
            return bool(noreply)
        # Another thing that is true, as the client takes it, is what was sent; else a matcher, such
        # as `unittest.mock.ANY`.
        return self.noreply if equal(noreply, self.fields.get("noreply")) else noreply

    # --- usual mistakes ---------------------------------------------------------------------------

    def remarks(self, expected: Mapping[str, Any]) -> Sequence[str]:
        """What may explain that it is another than the expected one: a sentence each."""
        found: List[str] = []
        for name, value in expected.items():
            if name in self.fields and not equal(value, self.fields[name]):
                found += self._remarks(name, value, self.fields[name])
        return found

    def _remarks(self, name: str, expected: Any, actual: Any) -> Iterator[str]:
        if name in ("key", "keys") and self.prefix and self._is_prefixed(expected, actual):
            yield prefix_added(self.prefix)
        if name == "value" and self._is_sent(expected, actual):
            yield "A value is what was given to the client, before its serde."

    def _is_prefixed(self, expected: Any, actual: Any) -> bool:
        if isinstance(expected, (list, tuple)) and isinstance(actual, list):
            pairs = zip(expected, actual)
            return len(expected) == len(actual) > 0 and all(
                self._is_prefixed(*each) for each in pairs
            )
        if type(expected) not in (str, bytes) or type(actual) not in (str, bytes):
            return False
        return bool(_as_bytes(expected) == self.prefix + _as_bytes(actual))

    def _is_sent(self, expected: Any, actual: Any) -> bool:
        """Whether bytes are expected in the place of what they were made of."""
        if type(expected) is not bytes or type(actual) is not bytes:
            return type(expected) is bytes
        # With its length, so that it is not found in the middle of something else.
        return b" %d" % len(expected) in self.request and expected + b"\r\n" in self.request


def prefix_added(prefix: Any) -> str:
    """A key was given with, or without, what its client puts in front of it."""
    return f"The client adds its key_prefix, {short(prefix)}, to the keys by itself."


def _as_bytes(key: Any) -> bytes:
    return key if type(key) is bytes else str(key).encode("utf-8", "surrogatepass")
