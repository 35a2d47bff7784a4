"""The way of one call through the house is the one that CONTRIBUTING.rst shows."""

from __future__ import annotations

import re
import sys
import unittest
from pathlib import Path
from types import FrameType
from typing import Any, List, Tuple

import tripwire
from tests.support.cases import CLIENT, by_hand
from tests.support.project import document

PACKAGE = Path(tripwire.__file__).resolve().parent

Step = Tuple[str, str]
"""A room and one of its functions."""


def shown() -> List[Step]:
    """The steps of the table."""
    section = document("CONTRIBUTING.rst").partition("\nThe way of one call\n")[2]
    table = section.partition("\nCommands\n")[0]
    return re.findall(r"^``(\S+)`` +``(\w+)``  ", table, re.MULTILINE)


def passed() -> List[Step]:
    """The functions that a call passes, each where it is passed first."""
    verifier, memcache = by_hand()
    memcache.mock_command("GET", returns=b"v", times=3)
    steps: List[Step] = []

    # While it runs, nothing traces what it does.
    def note(frame: FrameType, event: str, argument: Any) -> None:  # pragma: no cover
        path = Path(frame.f_code.co_filename)
        if event == "call" and PACKAGE in path.parents:
            room = path.relative_to(PACKAGE).with_suffix("").as_posix()
            step = room.replace("plugins/", ""), frame.f_code.co_name
            # Two objects are made in one room.
            if step not in steps or step[1] == "__init__":
                steps.append(step)

    with verifier.sandbox():
        for profile in (None, note):  # The second one finds known what does not change.
            before = sys.getprofile()
            sys.setprofile(profile)
            try:
                CLIENT.get("k")
            finally:
                sys.setprofile(before)
    for _ in range(2):
        memcache.assert_get("GET", "k")
    return steps


class WayTest(unittest.TestCase):
    """One call of `get`, from the client to the timeline and back."""

    def test_it_is_the_one_that_is_shown(self) -> None:
        """Function by function."""
        self.assertEqual(shown(), passed())

    def test_it_is_short(self) -> None:
        """It goes through few files, and does not jump between them."""
        rooms = [room for room, _ in shown()]
        self.assertLess(len(set(rooms)), 12)
        self.assertLess(sum(one != other for one, other in zip(rooms, rooms[1:])), 21)
