"""A round that failed, as facts for its report."""

from __future__ import annotations

from typing import Iterator, List, NamedTuple, Optional, Sequence, Tuple, Type, Union

from tripwire import errors
from tripwire._orders.schedules import letter, schedule
from tripwire._orders.shift import DEADLOCK, LIVELOCK, WAKES, Shift
from tripwire._orders.steps import ANSWER, Move
from tripwire._orders.workers import STEPS
from tripwire._timeline import Location
from tripwire.report.labels import Label, label
from tripwire.report.parts import where
from tripwire.report.rounds import Row, exception_lines, failed_order


class Failure(NamedTuple):
    """A round that failed: its moves, with what, and where; `orders` were tried before it.

    `place` is None where no line of the application raised that. `orders` is -1 where this one
    alone was asked for; `call` is the line that does so.
    """

    moves: Sequence[Move]
    shift: Shift
    error: BaseException
    place: Optional[Location]
    orders: int
    call: str


def described(failure: Failure) -> errors.InterleavingError:
    """The error that tells of it."""
    rows = list(_rows(failure))
    letters = schedule(failure.moves)
    workers = [letter(worker.number) for worker in failure.shift.workers]
    text = failed_order(
        schedule=letters,
        orders=failure.orders,
        workers=workers,
        rows=rows,
        failure=_lines(failure),
        call=failure.call,
    )
    return _kind(failure.shift.reason)(
        text,
        schedule=letters,
        orders=max(failure.orders, 0),
        steps=tuple((row.worker, str(row.label)) for row in rows),
    )


def _kind(reason: str) -> Type[errors.InterleavingError]:
    if reason == DEADLOCK:
        return errors.DeadlockError
    return errors.LivelockError if reason == LIVELOCK else errors.InterleavingError


def _lines(failure: Failure) -> List[str]:
    shift = failure.shift
    places = [(letter(number), where(place)) for number, place in sorted(shift.places.items())]
    if shift.reason == DEADLOCK:
        waits = (f"    {who} waits at {place}" for who, place in places)
        return ["Deadlock: nobody can go on.", *waits]
    if shift.reason == LIVELOCK:
        goes_on = (f"    {who} goes on at {place}" for who, place in places)
        return [f"Livelock: more than {STEPS:,} steps of one worker.", *goes_on]
    lines = exception_lines(failure.error)
    if failure.place is not None:
        # A text of several lines may be indented itself, so the place stands apart from it.
        lines += ["", where(failure.place)] if len(lines) > 1 else [f"    {where(failure.place)}"]
    return lines


def _rows(failure: Failure) -> Iterator[Row]:
    last = -1
    for worker, text, numbered in _told(failure):
        # That a sleeper wakes goes without saying where nobody did anything meanwhile.
        if worker != last or not (isinstance(text, str) and text.startswith(WAKES)):
            yield Row(letter(worker), label(text), numbered)
        last = worker


def _told(failure: Failure) -> Iterator[Tuple[int, Union[str, Label], bool]]:
    notes = list(failure.shift.notes)
    for place, (worker, step) in _visible(failure.moves):
        while notes and notes[0].place <= place:
            note = notes.pop(0)
            yield note.worker, note.text, False
        yield worker, step.told, step.numbered and not step.minor
    for note in notes:
        yield note.worker, note.text, False


def steps_of(moves: Sequence[Move]) -> Iterator[str]:
    """Moves as lines: who did what, and what came of it."""
    for _, (worker, step) in _visible(moves):
        yield f"{letter(worker)}: {step.told}"


def _visible(moves: Sequence[Move]) -> Iterator[Tuple[int, Move]]:
    """The moves that are told, with their places: an answer only where somebody came before it."""
    before = None
    for place, (worker, step) in enumerate(moves):
        if step.kind != ANSWER or worker != before:
            yield place, (worker, step)
        before = worker
