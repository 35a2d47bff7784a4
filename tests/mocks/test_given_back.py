"""A mock whose reply was refused gives its answer back, whatever other threads do meanwhile.

SPECIFICATION 7.
"""

from __future__ import annotations

import sys
import threading
from types import FrameType
from typing import Any, Callable, List

from tests.support.cases import SERVER, ByHandTestCase
from tests.support.platform import needs_threads
from tripwire import ImpossibleReplyMetError


def before(name: str, action: Callable[[], Any], call: Callable[[], Any]) -> Any:
    """Call something, and do something where a method of a class first begins in it.

    By a profile function, since coverage needs the trace function for itself; it sees nothing of
    what is done there.
    """
    todo = [action]

    def profile(frame: FrameType, event: str, argument: Any) -> None:  # pragma: no cover
        if event == "call" and _is(frame, name) and todo:
            todo.pop()()

    sys.setprofile(profile)
    try:
        return call()
    finally:
        sys.setprofile(None)


def _is(frame: FrameType, name: str) -> bool:  # pragma: no cover
    return f"{type(frame.f_locals.get('self')).__name__}.{frame.f_code.co_name}" == name


class Text:
    """A serde by which the reply of a text is possible."""

    def serialize(self, key: bytes, value: str) -> Any:
        """A text as bytes."""
        return value.encode(), 1

    def deserialize(self, key: bytes, value: bytes, flags: int) -> str:
        """A text again."""
        return value.decode()


class GivenBackTest(ByHandTestCase):
    """Two calls of one mock with two answers, of which one is refused."""

    @needs_threads
    def test_answer_that_is_given_back_while_the_last_one_is_taken_is_not_lost(self) -> None:
        """The one thread has seen the mock used up, and not yet taken it out of its queue."""
        self.memcache.mock_command("GET", returns="text", times=2)
        reader: Any = type(self.client)(SERVER, serde=Text())
        seen_used_up, given_back = threading.Event(), threading.Event()
        read: List[str] = []

        def wait() -> None:  # pragma: no cover
            seen_used_up.set()
            given_back.wait(10)

        def take_the_last() -> None:
            read.append(before("_Queue.remove", wait, lambda: reader.get("k")))

        thread = threading.Thread(target=take_the_last)

        def begin() -> None:  # pragma: no cover
            thread.start()
            seen_used_up.wait(10)

        with self.verifier.sandbox():
            with self.assertRaises(ImpossibleReplyMetError):
                before("Mock.give_back", begin, lambda: self.client.get("k"))
            given_back.set()
            thread.join()
            read.append(reader.get("k"))
        self.assertEqual(read, ["text", "text"])
