"""What a command was, on one line: whole where there is room, and in what order it gets shorter.

A text that was shortened cannot be shortened again without losing what was left of it. So a label
keeps its words apart until it is known how much room there is: values go first, then keys lose
their middles; a command, and what a plugin wants to have kept, stay.
"""

from __future__ import annotations

from itertools import chain
from typing import (
    Callable,
    Dict,
    Hashable,
    Iterable,
    List,
    NamedTuple,
    Optional,
    Sequence,
    Set,
    Tuple,
    Union,
)

from tripwire.report.values import brief, elided

SHOWN = 30
"""How much of a value is shown where there is room, in characters."""

# Where there is less room: of a value, of keys, of a command without keys.
_LESS = 12
_KEYS = (40, 24, 16)
_COMMANDS = (90, 68, 40)
_NO_ROOM = "..."


class Words(NamedTuple):
    """A text, and what is said in its place where it is too long."""

    text: str
    less: str


def words(value: object) -> Words:
    """A value."""
    text = brief(value, SHOWN)
    return Words(text, text if len(text) <= _LESS else brief(value, _LESS))


def same(text: str) -> Words:
    """A text that is not shortened."""
    return Words(text, text)


NONE = same("")


class Later:
    """A value that code of the application makes, which is asked once a report needs it.

    Most rounds pass, and that code may count how often it is called. Two are equal where their
    `key` is.
    """

    __slots__ = ("_find", "_key", "_words")

    def __init__(self, key: Hashable, find: Callable[[], object]) -> None:
        self._key = key
        self._find = find
        self._words: Optional[Words] = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Later) and other._key == self._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def text(self) -> str:
        """As `Words.text`."""
        return self._found().text

    @property
    def less(self) -> str:
        """As `Words.less`."""
        return self._found().less

    def forget(self) -> None:
        """Keep nothing of it: what was not asked for is not shown any more."""
        self._key, self._words = None, self._words or same(_NO_ROOM)
        # Nobody calls it, as the words are there.
        self._find = str

    def _found(self) -> Words:
        if self._words is None:
            self._words = words(self._find())
        return self._words


Said = Union[Words, Later]


class Label(NamedTuple):
    """A command, or a step of one.

    Attributes: `command`; `items` (its keys, each with what is stored there); `more` (words that
    stay, whatever room there is); `detail` (one that goes first); `place` (the server: said where
    the same keys go to others, too); `outcome` (what came of it) and `mark` (a word on that).
    """

    command: str
    items: Tuple[Tuple[str, Said], ...] = ()
    more: Tuple[str, ...] = ()
    detail: str = ""
    place: str = ""
    outcome: Said = NONE
    mark: str = ""

    def __str__(self) -> str:
        return forms(self)[0]


def label(text: Union[str, Label]) -> Label:
    """A label that is nothing but a text."""
    return text if isinstance(text, Label) else Label(text)


def placed(labels: Sequence[Label]) -> List[Label]:
    """Those whose keys are met on several servers say which of these they went to."""
    places: Dict[Tuple[str, ...], Set[str]] = {}
    for each in labels:
        for subject in _subjects(each):
            places.setdefault(subject, set()).add(each.place)
    return [
        each._replace(more=(*each.more, f"on {each.place}"))
        if each.place and any(len(places[subject]) > 1 for subject in _subjects(each))
        else each
        for each in labels
    ]


def _subjects(each: Label) -> List[Tuple[str, ...]]:
    return [(key,) for key, _ in each.items] or [(each.command, *each.more)]


# --- shorter and shorter --------------------------------------------------------------------------

WITH_DETAIL, WHOLE, WITH_KEYS = slice(0, 1), slice(1, 2), slice(0, 5)
"""Of the forms of a label: the longest, the same without its detail, those with its keys whole."""


def forms(each: Label) -> List[str]:
    """All forms of a label, the longest first."""
    keys = [key for key, _ in each.items]
    texts = [value.text for _, value in each.items]
    less = [value.less for _, value in each.items]
    none = [value.less and _NO_ROOM for _, value in each.items]
    long, short = each.outcome.text, each.outcome.less
    found = [
        _form(each, _items(keys, texts), long, each.detail),
        _form(each, _items(keys, texts), long),
        _form(each, _items(keys, less), long),
        _form(each, _items(keys, less), short),
        _form(each, _items(keys, none), short),
    ]
    for width in _COMMANDS if not keys else ():
        found.append(_form(each._replace(command=_elided(each.command, width)), (), short))
    for width in _KEYS if keys else ():
        found.append(_form(each, _items([_elided(key, width) for key in keys], none), short))
    if len(keys) > 2:
        left_out = f"... {len(keys) - 2:,} more ..."
        for width in (max(map(len, keys)), *_KEYS):
            ends = [_elided(keys[0], width), left_out, _elided(keys[-1], width)]
            found.append(_form(each, ends, short))
    return found


def _items(keys: Iterable[str], values: Iterable[str]) -> List[str]:
    return [f"{key} {value}".rstrip() for key, value in zip(keys, values)]


def _form(each: Label, items: Sequence[str], outcome: str, detail: str = "") -> str:
    given = " ".join(filter(None, [each.command, ", ".join(items), detail, *each.more]))
    came = " ".join(filter(None, [outcome, each.mark]))
    return f"{given}: {came}" if came else given


def _elided(text: str, width: int) -> str:
    # As much of either end: both may tell it from another.
    return elided(text, width, start=1 / 2)


Stage = Tuple[slice, Callable[[str], bool]]
"""Forms of a label, and whether there is room for one."""


def told_apart(labels: Sequence[Label], stages: Sequence[Stage]) -> List[str]:
    """The first form of each label that there is room for, in the end the shortest.

    Where two that differ would read the same, a later stage is tried; beyond the last, they are
    whole.
    """
    # What is shown, and what it stands for, in full.
    shown: Dict[str, str] = {}
    rest = {str(each): each for each in labels}
    for number, (which, fits) in enumerate(stages, 1):
        is_last = number == len(stages)
        texts = {full: _first(forms(each)[which], fits, is_last) for full, each in rest.items()}
        taken = list(chain(shown.values(), texts.values()))
        clear = {full: text for full, text in texts.items() if text and taken.count(text) == 1}
        shown.update(clear)
        rest = {full: each for full, each in rest.items() if full not in clear}
    return [shown.get(str(each), str(each)) for each in labels]


def _first(texts: Sequence[str], fits: Callable[[str], bool], is_last: bool) -> str:
    return next(filter(fits, texts), texts[-1] if is_last else "")
