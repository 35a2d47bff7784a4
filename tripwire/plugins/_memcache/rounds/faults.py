"""What can befall one command between its client and its server, and how it is answered then.

Each fault is what a client meets on the wire: a socket error, or bytes; what its caller gets is
pymemcache's own work. `request lost` and `answer lost` are one timeout to the caller, and differ in
what the server did.
"""

from __future__ import annotations

import errno
import os
from threading import RLock
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Union

from tripwire._sweeps.faulty import Fault, Met
from tripwire._time.waiting import refuse_endless
from tripwire.plugins._memcache.answers import Answers
from tripwire.plugins._memcache.rounds.labels import label_of, name_of
from tripwire.plugins._memcache.server.protocol import Command as Step
from tripwire.plugins._memcache.server.protocol import UnknownCommand, split
from tripwire.plugins._memcache.store.holding import key_of
from tripwire.plugins._memcache.store.serving import silence
from tripwire.plugins._memcache.wire import Answer, Call

DOWN = "down"
REQUEST_LOST = "request lost"
ANSWER_LOST = "answer lost"
ANSWER_CUT = "answer cut"
SERVER_ERROR = "server error"
EVICTED = "evicted"

FAULTS = (DOWN, REQUEST_LOST, ANSWER_LOST, ANSWER_CUT, SERVER_ERROR, EVICTED)
"""All faults that a sweep tries: the ways in which one command can fail."""

OUT_OF_MEMORY = b"SERVER_ERROR out of memory storing object\r\n"

_WRITES = frozenset(
    {b"set", b"add", b"replace", b"append", b"prepend", b"cas", b"incr", b"decr"}
    | {b"delete", b"touch", b"flush_all"}
)
_BY_LINES = (REQUEST_LOST, SERVER_ERROR)
"""The faults that can befall some lines of a batch and not others."""

_WHOLE = ("",)
"""The details of a fault that befalls a call as a whole: one without a key."""

_NEVER: Tuple[str, ...] = ()
"""The details of a fault that cannot befall a call."""


class Asked(NamedTuple):
    """A call, as far as faults are concerned.

    Attributes: `call`, `steps` (of its request; none where no store would know it), `keys` (those
    that it names, each once).
    """

    call: Call
    steps: Sequence[Step]
    keys: Sequence[bytes]

    @property
    def silent(self) -> bool:
        """Whether its client waits for no answer."""
        return bool(self.steps) and all(step.noreply or step.verb == b"quit" for step in self.steps)

    @property
    def writes(self) -> bool:
        """Whether it is there to change something."""
        return any(step.verb in _WRITES for step in self.steps)

    @property
    def several(self) -> bool:
        """Whether it is a batch: several lines, of which some can be applied and others not."""
        return len(self.steps) > 1 and self.writes

    @property
    def met(self) -> Met:
        """What the rounds of one sweep are compared by, and what a report shows of it."""
        call = self.call
        label = label_of(call, self.steps)
        return Met(
            label,
            name_of(label, self.steps),
            (call.command.name, *[(step.verb, step.keys) for step in self.steps], call.server),
            call.location,
            {},
        )


class Faults:
    """Answers the calls of one round before anyone else does, and has one of them met by a fault.

    Attributes: `met` (all calls, in order), `befell` (whether the fault has come to pass).
    """

    def __init__(self, answers: Answers, fault: Optional[Fault], lasts: bool) -> None:
        self.met: List[Met] = []
        self.befell = False
        self._answers = answers
        self._fault = fault
        self._lasts = lasts
        self._lock = RLock()
        # What a fault that lasts goes on to befall: the calls of its server, or the evicted keys.
        self._server: Any = None
        self._evicted: Tuple[bytes, ...] = ()
        # The clients that have a connection. They are kept, so that no other gets their id.
        self._connected: Dict[int, Any] = {}
        # A batch that is met in its middle, and by what.
        self._middle: Optional[Tuple[Call, Fault]] = None
        self._ways = {
            DOWN: self._down,
            REQUEST_LOST: self._request_lost,
            ANSWER_LOST: self._answer_lost,
            ANSWER_CUT: self._answer_cut,
            SERVER_ERROR: self._server_error,
        }

    # --- what befalls a call ----------------------------------------------------------------------

    def answer(self, call: Call) -> Answer:
        """The answer to a call of the round: by its fault, or else by everyone else."""
        asked = _asked(call)
        with self._lock:
            place = len(self.met)
            refuse_endless(place + 1, "commands")
            self.met.append(asked.met)
            possible = self._possible(asked)
            fault = self._befalling(asked, place + 1, possible)
        if fault is None or fault.name == EVICTED:
            answer = self._usual(asked)
            if not answer.by_store:
                # A mock answers a batch as one call.
                possible = {**possible, **{name: possible[name][:1] for name in _BY_LINES}}
        else:
            answer = self._ways[fault.name](asked, fault)
        self.met[place] = self.met[place]._replace(faults=possible)
        return answer

    def _befalling(
        self, asked: Asked, number: int, possible: Mapping[str, Sequence[str]]
    ) -> Optional[Fault]:
        """The fault that befalls a call, if one does. What is evicted is gone from here on."""
        fault, call = self._fault, asked.call
        if fault is None:
            return None
        if number == fault.number and fault.detail in possible[fault.name]:
            self.befell, self._server = True, call.server
            keys = [key for key in asked.keys if fault.detail in ("", _spelled(key))]
            self._evicted = tuple(keys) if fault.name == EVICTED else ()
        elif self._lasts and self.befell and call.server == self._server:
            fault = fault._replace(detail="")
        else:
            return None
        store = self._answers.store
        if store is not None:
            # A server that cannot be reached holds its items all the same: a client that asks the
            # next one instead does not find them there.
            store.serving.asked(call.server, asked.keys)
        for key in self._evicted:
            self._evict(call, key)
        return fault if possible[fault.name] or self._evicted else None

    def _possible(self, asked: Asked) -> Dict[str, Sequence[str]]:
        """The faults that can befall a call, each with its details: which of the keys."""
        answered = _NEVER if asked.silent else _WHOLE
        keys = [_spelled(key) for key in asked.keys] if asked.several else []
        store = self._answers.store
        held = [
            _spelled(key)
            for key in asked.keys
            if store is not None and store.serving.holds(asked.call.server, key)
        ]
        return {
            DOWN: _WHOLE,
            REQUEST_LOST: ["", *keys[1:]],
            ANSWER_LOST: answered,
            ANSWER_CUT: answered,
            SERVER_ERROR: ["", *keys] if asked.writes else _NEVER,
            EVICTED: held if len(asked.keys) > 1 else _WHOLE[: len(held)],
        }

    # --- each of them -----------------------------------------------------------------------------

    def _usual(self, asked: Asked) -> Answer:
        """What everyone else answers to a call; where nobody does, the violation is raised."""
        client = asked.call.client
        answer = self._answers.answer(asked.call, after=self.answer)
        if answer.refused is None:
            self._connected[id(client)] = client
        return answer

    def _disconnect(self, client: Any) -> bool:
        """Note that a client closes its connection, as after any error; say whether it had one."""
        return self._connected.pop(id(client), None) is not None

    def _down(self, asked: Asked, fault: Fault) -> Answer:
        open_before = self._disconnect(asked.call.client)
        number = errno.ECONNRESET if open_before else errno.ECONNREFUSED
        return Answer(refused=OSError(number, os.strerror(number)))

    def _request_lost(self, asked: Asked, fault: Fault) -> Answer:
        if fault.detail:
            return self._in_the_middle(asked, fault)
        return self._timeout(asked, False)

    def _answer_lost(self, asked: Asked, fault: Fault) -> Answer:
        return self._timeout(asked, self._usual(asked).by_store)

    def _timeout(self, asked: Asked, by_store: bool) -> Answer:
        if not asked.silent:
            self._disconnect(asked.call.client)
        return Answer(lost=silence()("timed out"), by_store=by_store)

    def _answer_cut(self, asked: Asked, fault: Fault) -> Answer:
        whole = self._usual(asked)
        self._disconnect(asked.call.client)
        return Answer(whole.data[: len(whole.data) // 2], by_store=whole.by_store)

    def _server_error(self, asked: Asked, fault: Fault) -> Answer:
        if fault.detail:
            return self._in_the_middle(asked, fault)
        answered = [self._refused(asked.call, step) for step in asked.steps]
        self._disconnect(asked.call.client)
        return Answer(b"".join(answered), lost=silence())

    def _refused(self, call: Call, step: Step) -> bytes:
        """What a server answers that has no memory for a line."""
        if step.verb == b"set":
            # memcached has let the old value go before it looks for the memory of the new one.
            self._evict(call, *step.keys)
        return b"" if step.noreply else OUT_OF_MEMORY

    def _evict(self, call: Call, key: bytes) -> None:
        if self._answers.store is not None:
            self._answers.store.serving.evict(call, key)

    # --- in the middle of a batch -----------------------------------------------------------------

    def _in_the_middle(self, asked: Asked, fault: Fault) -> Answer:
        """Have the store answer a batch; the fault befalls one line of it, or all from one on."""
        self._middle = asked.call, fault
        try:
            answer = self._usual(asked)
        finally:
            self._middle = None
        if not asked.silent:
            self._disconnect(asked.call.client)
        return answer

    def step(self, call: Call, step: Step) -> Union[Answer, bytes, None]:
        """What befalls one step of a request that the store is about to do."""
        met, fault = self._middle or (None, None)
        if fault is None or met is not call or fault.detail not in map(_spelled, step.keys):
            return None
        if fault.name == REQUEST_LOST:
            return Answer(lost=silence()("timed out"))
        return self._refused(call, step)


def _asked(call: Call) -> Asked:
    try:
        steps = split(call.request)
    except UnknownCommand:
        steps = []
    return Asked(call, steps, list(dict.fromkeys(key for step in steps for key in step.keys)))


def _spelled(key: bytes) -> str:
    return repr(key_of(key))
