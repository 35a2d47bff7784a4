"""Lines to paste: they assert the interactions of a test; and what one has to know to use them."""

from __future__ import annotations

from typing import Any, Dict, Iterable, Iterator, List, Mapping, Sequence, Set, Tuple

from tripwire._matching import equal
from tripwire._plugin import Plugin
from tripwire._timeline import Interaction, Location
from tripwire.report.parts import blocks, server_text, where
from tripwire.report.values import one_line, short

OTHERS = 10
"""How many other interactions are printed, the rest being counted."""

ANY = "unittest.mock"
"""The module that has to be imported for `unittest.mock.ANY`."""

_offered: Dict[Tuple[str, int, str, Location], Mapping[str, Any]] = {}
"""The fields of what was offered for a test, when it last ran in this process."""


class Pasting:
    """The lines of one report. Attributes: `timeline`.

    Args:
        timeline: all interactions of the test.
        test: its name, by which it is known when it runs again; empty where it has none.
    """

    def __init__(self, timeline: Sequence[Interaction], test: str = "") -> None:
        self.timeline = timeline
        self._test = test
        self._places = {id(each): place for place, each in enumerate(timeline)}
        self._imports: Set[str] = set()
        self._several_servers = any(not equal(timeline[0].server, each.server) for each in timeline)

    def lines(
        self,
        interactions: Sequence[Interaction],
        limit: int = OTHERS,
        plugins: Sequence[Plugin] = (),
    ) -> List[str]:
        """The lines that assert interactions, with comments on what they cannot say.

        `plugins` may know why nothing else has asserted them.
        """
        shown = (
            [*self._block(each), *comments(_why_open(each, plugins))]
            for each in interactions[:limit]
        )
        return blocks(shown, len(interactions), limit)

    def need(self, imports: Iterable[str]) -> None:
        """Have the hints speak of the imports of other lines, too."""
        self._imports.update(imports)

    def hints(self, interactions: Sequence[Interaction]) -> List[str]:
        """What one has to know to paste the lines that were given."""
        hints = needs(self._imports)
        if len({interaction.thread for interaction in interactions}) > 1:
            hints += [_THREADS, f"`with tripwire.{interactions[0].kind}.in_any_order():`."]
        return hints

    def _block(self, interaction: Interaction) -> List[str]:
        paste = interaction.paste(self._several_servers)
        self.need(paste.imports)
        thread = "" if interaction.thread == "MainThread" else f", in thread {interaction.thread}"
        sent = f"sent to {server_text(interaction.server)} from {where(interaction.location)}"
        remarks = [*paste.comments, *self._changed(interaction), one_line(sent + thread)]
        return [paste.line, *comments(remarks)]

    def _changed(self, interaction: Interaction) -> Iterator[str]:
        """What was another value when the same test last ran: it cannot be asserted as it is."""
        if not self._test:
            return
        place = self._places[id(interaction)]
        known = self._test, place, interaction.command, interaction.location
        before, now = _offered.get(known, {}), interaction.fields
        for name in now:
            if name in before and not equal(before[name], now[name]):
                yield (
                    f"{name} changes from run to run: it was {short(before[name])}. "
                    f"Give {name} a matcher, such as {ANY}.ANY"
                )
        _offered[known] = now


def needs(imports: Iterable[str]) -> List[str]:
    """What has to be imported for lines that need these modules: a sentence each."""
    modules = set(imports)
    hints = [f"{ANY}.ANY stands for what cannot be pasted: import {ANY}"] if ANY in modules else []
    others = sorted(modules - {ANY})
    return [*hints, f"The lines need: import {', '.join(others)}"] if others else hints


_THREADS = "Several threads sent them, so their order may change. If it does, assert them in"


def _why_open(interaction: Interaction, plugins: Iterable[Plugin]) -> List[str]:
    return [why for plugin in plugins for why in plugin.why_open(interaction)]


def comments(texts: Iterable[str]) -> Iterator[str]:
    """Texts as comments below a line."""
    return (f"    # {line}" for text in texts for line in text.splitlines())
