"""One round of an interleaving, as its scenario and a plugin see it."""

from __future__ import annotations

import inspect
import threading
from typing import Any, Callable, Dict, FrozenSet, Hashable, List, NoReturn, Optional, Tuple

from tripwire._orders.crew import Crew
from tripwire._orders.schedules import WORKERS, letter
from tripwire._orders.shift import Chooser, Locate, Shift
from tripwire._orders.steps import Step
from tripwire._orders.workers import Worker
from tripwire._time.waiting import Time, keepers
from tripwire.errors import ScenarioError
from tripwire.report.labels import Said


class Scheduler:
    """What a plugin's round asks when it meets a call of a worker's.

    For each step of a call, in the thread that makes it: `gate`, apply it, `answered`. Nobody else
    moves from when `gate` returns until `answered` is called, or the thread waits in another way.
    A step without an answer of its own (a key in a batch, a request that asks for none) goes
    without `answered`; its `outcome` may be set instead. A lock that a plugin holds meanwhile has
    to be one that was made outside of the round: others hand the turn over.

    `time` is what the round goes by, there once its clock is known. `starting` and `returned` are
    called when the scenario calls `together`, and when that has come to its end in any way.
    """

    time: Time
    starting: Callable[[], None] = staticmethod(lambda: None)
    returned: Callable[[], None] = staticmethod(lambda: None)

    def __init__(
        self, order: Chooser, crew: Crew, locate: Locate, long: FrozenSet[Hashable]
    ) -> None:
        self.order = order
        self.shift: Optional[Shift] = None
        self.misuse: Optional[Exception] = None
        self._crew = crew
        self._locate = locate
        self._long = long
        self._scenario = threading.get_ident()
        # The users of each thing by its id, which nothing else can have as long as it is kept.
        self._inside: Dict[int, Tuple[Any, List[int]]] = {}

    # --- what a plugin asks -----------------------------------------------------------------------

    def gate(self, step: Step, goes_on: bool = False) -> None:
        """Wait until it is the turn of a step; nothing in a thread that is no worker's.

        One that `goes_on` with a batch does not count towards a livelock: a batch has an end.
        """
        worker = self._worker()
        if worker is not None:
            worker.gate(step, goes_on=goes_on)

    def answered(self, step: Step, outcome: Said, answer: Optional[Said] = None) -> None:
        """The step was applied, and its answer is on its way: `outcome` is its text.

        A worker that meets the same `answer` again and again gives way to the others; without one
        it is the outcome that counts. Waits until it is the answer's turn; in a thread that is no
        worker's it does nothing.
        """
        worker = self._worker()
        if worker is not None:
            worker.answered(step, outcome, outcome if answer is None else answer)

    def worker(self) -> Optional[str]:
        """The letter of the worker that calls: `"A"`; None where no worker does."""
        worker = self._worker()
        return None if worker is None else letter(worker.number)

    def stranger(self) -> Optional[Tuple[str, bool]]:
        """The thread that calls, if it is neither a worker's nor the scenario's.

        Its name, and whether it is older than the call of `interleave`.
        """
        if self._worker() is not None or threading.get_ident() == self._scenario:
            return None
        return threading.current_thread().name, self._crew.strangers.knows_this()

    def enter(self, thing: Any) -> Optional[str]:
        """Note that a worker uses what is not made for threads; the letter of another that does.

        To be undone by `leave`, whatever happens meanwhile.
        """
        worker = self._worker()
        if worker is None:
            return None
        _, users = self._inside.setdefault(id(thing), (thing, []))
        other = next((user for user in users if user != worker.number), None)
        users.append(worker.number)
        return None if other is None else letter(other)

    def leave(self, thing: Any) -> None:
        """Undo `enter`."""
        worker = self._worker()
        if worker is not None:
            self._inside[id(thing)][1].remove(worker.number)

    def refuse(self, error: Exception) -> NoReturn:
        """Raise what is wrong with the scenario itself; it ends the call, whoever catches it."""
        self.misuse = error
        raise error

    def _worker(self) -> Optional[Worker]:
        keeper = keepers.get(threading.get_ident())
        mine = isinstance(keeper, Worker) and keeper.shift is self.shift
        return keeper if mine else None  # type: ignore[return-value] # it is a Worker

    # --- what the scenario calls ------------------------------------------------------------------

    def together(self, *workers: Callable[[], Any]) -> List[Any]:
        """Run functions side by side; a list of what they return.

        Raises:
            BaseException: what one of them raised, the first one, but a skip only where nobody
                fails; the others run to their ends.
            TypeError: there are none, or one cannot be a worker.
            ScenarioError: it is called a second time, or by a worker.
            RuntimeError: the system does not start so many threads.
        """
        self._refuse(workers)
        try:
            self._crew.hands(len(workers))
        except RuntimeError as error:
            # Threads that the system does not start have no order that could be told.
            self.refuse(error)
        self.starting()
        self.shift = Shift(self.order, self._crew, self.time, self._locate, self._long)
        try:
            results = self.shift.run(workers)
        finally:
            self.returned()
        for result in results:
            if inspect.iscoroutine(result):
                result.close()
                self.refuse(TypeError(_coroutine(result)))
        return results

    def _refuse(self, workers: Tuple[Any, ...]) -> None:
        if isinstance(keepers.get(threading.get_ident()), Worker):
            self.refuse(ScenarioError("together() was called by a worker: it cannot be nested"))
        if self.shift is not None:
            self.refuse(ScenarioError("together() was called twice in one scenario"))
        if not 0 < len(workers) <= WORKERS:
            self.refuse(
                TypeError(f"together() takes 1 to {WORKERS} workers, {len(workers)} were given")
            )
        for worker in workers:
            if not callable(worker):
                self.refuse(TypeError(f"a worker is a function without arguments, not {worker!r}"))
            if inspect.iscoroutinefunction(worker):
                self.refuse(TypeError(_coroutine(worker)))
            if inspect.isgeneratorfunction(worker) or inspect.isasyncgenfunction(worker):
                self.refuse(
                    TypeError(
                        f"{_name(worker)} is a generator function: nothing of it would run; "
                        "give a plain function that runs through it"
                    )
                )


def _name(function: Any) -> str:
    return getattr(function, "__name__", repr(function))


def _coroutine(one: Any) -> str:
    # A coroutine has the name of its function, which that of a lambda around it would hide.
    name = _name(one)
    return (
        f"a worker runs in a thread, and {name} gives a coroutine: "
        f"use lambda: asyncio.run({name}())"
    )
