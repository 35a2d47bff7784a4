"""What workers do that others can see: steps, and whether two of them depend on each other."""

from __future__ import annotations

from typing import FrozenSet, Hashable, Tuple, Union

from tripwire.report.labels import NONE, Label, Later, Said, label

BEGINS, GATE, ANSWER = "begins", "gate", "answer"
"""What kind of step: a worker's beginning, a step on its way, an answer on its way back."""


class Step:
    """One step of one worker, as a plugin describes it before it takes place.

    Args:
        text: what a report shows: `GET 'visits'`.
        identity: what must be the same when the order is run again: command, keys, server.
        touches: what it reads or writes, as opaque values: `(server, key)`.
        reads: whether it changes none of that.
        everything: whether it depends on every other step.
        marker: whether it is a `tripwire.step`; these depend on each other.
        kind: `GATE`, or for what is no step of a plugin's, `BEGINS` or `ANSWER`.
        numbered: whether a report counts it.

    `outcome` is what came of it, for the report, once it was answered, and `mark` a word on that.
    """

    __slots__ = (
        "everything",
        "identity",
        "kind",
        "label",
        "mark",
        "marker",
        "minor",
        "numbered",
        "outcome",
        "reads",
        "touches",
    )

    def __init__(
        self,
        text: Union[str, Label],
        *,
        identity: Hashable = None,
        touches: FrozenSet[Hashable] = frozenset(),
        reads: bool = False,
        everything: bool = False,
        marker: bool = False,
        kind: str = GATE,
        numbered: bool = True,
    ) -> None:
        self.label = label(text)
        self.identity = text if identity is None else identity
        self.touches = touches
        self.reads = reads
        self.everything = everything
        self.marker = marker
        self.kind = kind
        self.minor = kind != GATE
        self.numbered = numbered
        self.outcome: Said = NONE
        self.mark = ""

    def __repr__(self) -> str:
        return f"<Step {self.kind} {self.label}>"

    @property
    def told(self) -> Label:
        """What a report shows, with what came of it."""
        return self.label._replace(outcome=self.outcome, mark=self.mark)

    def forget(self) -> None:
        """Its round has passed: keep no value, of which a search would gather thousands."""
        for said in (self.outcome, *[said for _, said in self.label.items]):
            if isinstance(said, Later):
                said.forget()

    def same(self, other: Step) -> bool:
        """Whether this is the same step as one of an earlier round."""
        return self.kind == other.kind and self.identity == other.identity

    def depends(self, other: Step) -> bool:
        """Whether it can make a difference which of two workers' steps comes first."""
        if self.everything or other.everything or (self.marker and other.marker):
            return True
        if self.reads and other.reads:
            return False
        return not self.touches.isdisjoint(other.touches)


Move = Tuple[int, Step]
"""A step, and the number of the worker whose step it is."""

BEGINNING = Step("(begins)", kind=BEGINS)
"""What every worker does first: run up to its first command."""
