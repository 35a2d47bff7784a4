"""What happens as time goes by: the same as in a real memcached, second by second."""

from __future__ import annotations

import re
import threading
import time
import unittest
from typing import Dict, List, Optional, Tuple

from tests.server.servers import Real, start
from tests.support.platform import needs_threads
from tripwire.plugins._memcache.server import Server

GET = b"get a b c d e f g\r\n"


def stored(*keys: bytes, exptime: int = 0) -> bytes:
    """Return the request that stores these keys."""
    return b"".join([b"set %b 0 %d 1\r\nv\r\n" % (key, exptime) for key in keys])


# What is sent in each second. `{0}` stands for the time of the first one, `{1}` for a second later.
STORIES: Dict[str, List[bytes]] = {
    "an item that expires": [
        stored(b"a", exptime=1) + stored(b"b", exptime=2) + stored(b"c", b"d", b"e") + GET,
        GET + b"touch c 1\r\ngat 2 d\r\ncas a 0 0 1 1\r\nw\r\nappend b 0 9 1\r\nw\r\n" + GET,
        GET + b"add b 0 1 1\r\nw\r\nreplace a 0 0 1\r\nw\r\n" + GET,
        GET,
        GET,
    ],
    "a date": [
        b"set a 0 {1} 1\r\nv\r\nset b 0 {2} 1\r\nv\r\nset c 0 {0} 1\r\nv\r\n" + GET,
        GET + stored(b"d") + b"touch d {3}\r\n" + GET,
        GET,
        GET,
    ],
    "a flush in three seconds": [
        stored(b"a") + b"flush_all 3\r\n" + stored(b"b") + GET,
        stored(b"c") + GET,
        stored(b"d") + GET + stored(b"e") + GET,
        GET + stored(b"f") + GET,
        GET,
    ],
    "a flush in one second": [
        stored(b"a") + b"flush_all 1\r\n" + GET + stored(b"b") + GET,
        GET + stored(b"c") + GET,
        GET,
    ],
    "a flush at a date": [
        stored(b"a") + b"flush_all {2}\r\n" + GET,
        GET + stored(b"b") + GET,
        GET + stored(b"c") + GET,
        GET,
    ],
    "a flush that is replaced by a later one": [
        stored(b"a") + b"flush_all 2\r\nflush_all 3\r\n" + GET,
        GET + stored(b"b") + GET,
        GET + stored(b"c") + GET,
        GET + stored(b"d") + GET,
    ],
    "a flush that is cancelled": [
        stored(b"a") + b"flush_all 2\r\nflush_all\r\n" + GET + stored(b"b") + GET,
        GET + stored(b"c") + GET,
        GET,
    ],
}


ATTEMPTS = 10
"""How often a story is begun anew because the machine was too slow to tell it in time."""


def tell(story: List[bytes], real: Real) -> Optional[List[Tuple[bytes, bytes]]]:
    """Send what a story has for each second to both; return what both answered.

    None where a second went by before its part was told, on a machine that is busy.
    """
    first = now = real.stat(b"time")
    server = Server(lambda: now)
    answers = []
    for number, request in enumerate(story, 1):
        # From the beginning of a second there is plenty of time.
        while real.stat(b"time") < first + number:
            time.sleep(0.01)
        now = first + number
        said = re.sub(rb"\{(\d)\}", lambda date: b"%d" % (first + 1 + int(date[1])), request)
        answers.append((server.answer(said), real.answer(said)))
        if real.stat(b"time") != now:  # pragma: no cover - on a machine that is busy
            return None
    return answers


@needs_threads
class RealTimeTest(unittest.TestCase):
    """Each story has a memcached of its own, and all of them run at the same time."""

    def test_time_passes_as_in_a_real_memcached(self) -> None:
        """In each second of each story."""
        told: Dict[str, List[Tuple[bytes, bytes]]] = {}

        def run(name: str) -> None:
            attempts = (tell(STORIES[name], start(type(self))) for _ in range(ATTEMPTS))
            told[name] = next(filter(None, attempts), [])

        threads = [threading.Thread(target=run, args=(name,)) for name in STORIES]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for name, story in STORIES.items():
            self.assertEqual(len(told[name]), len(story), name)
            for second, (answer, expected) in enumerate(told[name]):
                self.assertEqual(answer, expected, f"{name}, second {second}")
