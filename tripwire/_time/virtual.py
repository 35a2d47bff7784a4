"""Time and locks of the threads that run a scenario: put into all modules, and taken out again.

`time.time`, `time.monotonic`, `time.perf_counter`, `time.sleep` and the locks of `threading` are
replaced wherever a module has bound them, under whatever name. A replacement asks who keeps the
time of the thread that calls it; where nobody does, it does what the original does.
`threading.Condition.wait` makes a lock and waits for it, so it is ours with the locks, and so is
what stands on it: Event, Queue, Semaphore, Future, Barrier.
"""

from __future__ import annotations

import sys
import threading
import time
from types import FrameType
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Set, Tuple

from tripwire._time.locks import make_lock, rlock_maker
from tripwire._time.waiting import REAL, keepers

# The import system's own locks are not ours; what asks the operating system to wait has to
# measure how long it really took.
_LEFT_ALONE = frozenset({"_thread", "selectors", "subprocess"})
_REAL_TIME = ("asyncio.", "multiprocessing.", "selectors", "subprocess")


class _Place(NamedTuple):
    names: Dict[str, Any]
    name: str
    original: Any


class _Patch:
    """On while anything needs it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._places: List[_Place] = []
        self._scanned: Set[str] = set()
        self._replacements: Dict[int, Tuple[Any, Any]] = {}

    def __enter__(self) -> None:
        with self._lock:
            self._users += 1
            if self._users == 1:
                self._put_on()

    def __exit__(self, *exception: object) -> None:
        with self._lock:
            self._users -= 1
            if not self._users:
                self._take_off()

    def _put_on(self) -> None:
        pairs = list(_pairs())
        self._replacements = {id(original): (original, ours) for original, ours in pairs}
        for module, names in _modules():
            self._scanned.add(module)
            for name, value in list(names.items()):
                found = self._replacements.get(id(value))
                if found is not None:
                    original, names[name] = found
                    self._places.append(_Place(names, name, original))

    def _take_off(self) -> None:
        originals = {id(ours): original for original, ours in self._replacements.values()}
        # A module that was imported meanwhile may have bound a replacement.
        for module, names in _modules():
            if module not in self._scanned:
                for name, value in list(names.items()):
                    if id(value) in originals:
                        self._places.append(_Place(names, name, originals[id(value)]))
        while self._places:
            names, name, original = self._places.pop()
            if id(names.get(name)) in originals:
                names[name] = original
        self._scanned.clear()
        self._replacements.clear()


virtual = _Patch()
"""Inside `with virtual:`, a thread that has a keeper goes by its time, and makes locks of ours."""


def _modules() -> Iterable[Tuple[str, Dict[str, Any]]]:
    for name, module in list(sys.modules.items()):
        if name in _LEFT_ALONE:
            continue
        try:
            # Not `vars`: a module that is loaded lazily would be loaded by that.
            names = object.__getattribute__(module, "__dict__")
        except AttributeError:
            continue
        if type(names) is dict:
            yield name, names


def _pairs() -> Iterable[Tuple[Any, Any]]:
    for seconds, nanoseconds, ours in (
        (time.time, time.time_ns, lambda keeper: keeper.time.now()),
        (time.monotonic, time.monotonic_ns, lambda keeper: keeper.time.monotonic()),
        (time.perf_counter, time.perf_counter_ns, lambda keeper: keeper.time.perf_counter()),
    ):
        yield seconds, _reading(seconds, ours)
        yield nanoseconds, _reading(nanoseconds, _in_nanoseconds(ours))
    if time.sleep is REAL.sleep:
        # Whoever has put something else there does not want to sleep at all.
        yield time.sleep, _sleeping(time.sleep)
    yield REAL.lock, make_lock
    yield threading.Lock, make_lock
    yield threading.RLock, rlock_maker(threading.RLock)


def _reading(original: Callable[[], Any], ours: Callable[[Any], Any]) -> Callable[[], Any]:
    def read() -> Any:
        keeper = keepers.get(threading.get_ident())
        if keeper is None or _measures(_name(sys._getframe(1))):
            return original()
        return ours(keeper)

    return read


def _in_nanoseconds(ours: Callable[[Any], float]) -> Callable[[Any], int]:
    return lambda keeper: round(ours(keeper) * 1e9)


def _name(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__"))


def _measures(module: str) -> bool:
    return module.startswith(_REAL_TIME)


def _valid(seconds: Any) -> bool:
    # Anything else the real function refuses as Python does.
    return isinstance(seconds, (int, float)) and seconds >= 0


def _sleeping(original: Callable[[Any], None]) -> Callable[[Any], None]:
    def sleep(seconds: Any) -> None:
        keeper = keepers.get(threading.get_ident())
        if keeper is None or not _valid(seconds) or _measures(_name(sys._getframe(1))):
            original(seconds)
        else:
            keeper.sleep(seconds)

    return sleep
