"""What a call of memcached is compared by, beside its fields, and what may explain a difference."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Mapping, Sequence, Tuple

from tripwire._matching import equal
from tripwire.report.values import short

NO_ARGUMENTS = ("server", "key_prefix")
"""What is compared where it is given, and is no argument of a call."""


class Compared:
    """A call, or the interaction that it is, as mocks and assertions see it."""

    __slots__ = ()

    fields: Dict[str, Any]
    server: Any
    request: bytes

    @property
    def prefix(self) -> Any:
        """What the client puts in front of its keys."""
        raise NotImplementedError

    @property
    def noreply(self) -> bool:
        """Whether the request tells the server not to answer."""
        raise NotImplementedError

    @property
    def usual_noreply(self) -> Any:
        """What `noreply` comes to where the caller says nothing of it."""
        raise NotImplementedError

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
        return bool(noreply) if isinstance(noreply, int) else noreply

    # --- usual mistakes ---------------------------------------------------------------------------

    def remarks(self, expected: Mapping[str, Any]) -> Sequence[str]:
        """What may explain that it is another than the expected one: a sentence each."""
        found: List[str] = []
        for name, value in expected.items():
            if name in self.fields and not equal(value, self.fields[name]):
                found += self._remarks(name, value)
        return found

    def _remarks(self, name: str, value: Any) -> Iterator[str]:
        if name == "key" and self._is_prefixed(value):
            yield (
                f"The client adds the prefix itself: key={short(self.fields[name])}, "
                f"key_prefix={short(self.prefix)}"
            )
        if name == "value" and type(value) is bytes and self._sent(value):
            yield (
                "These bytes are what was sent. The value is asserted as it was given to the\n"
                "client, before its serde."
            )

    def _is_prefixed(self, key: Any) -> bool:
        own = self.fields["key"]
        if not self.prefix or type(key) not in (str, bytes) or type(own) not in (str, bytes):
            return False
        return bool(_as_bytes(key) == self.prefix + _as_bytes(own))

    def _sent(self, value: bytes) -> bool:
        # The length and the bytes, so that nothing is found in the middle of something else.
        return b" %d" % len(value) in self.request and value + b"\r\n" in self.request


def _as_bytes(key: Any) -> bytes:
    return key if type(key) is bytes else str(key).encode("utf-8", "surrogatepass")
