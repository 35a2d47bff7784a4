"""Facts to text: what is raised at a call of memcached."""

from __future__ import annotations

from itertools import islice
from typing import Any, Iterator, List, Mapping, Optional, Sequence, Tuple

from tripwire._matching import equal
from tripwire._mocks import Mock
from tripwire._scopes import older_thread_text, was_started_earlier
from tripwire._timeline import Location
from tripwire.plugins._memcache.asserting.paste import facts, mock_of
from tripwire.plugins._memcache.wire import Call
from tripwire.report.parts import call_facts, mock_text, where
from tripwire.report.values import difference, safe_lines, safe_str, short


def bound_early(name: str, server: Any, location: Location) -> str:
    """A command was called by a method that was bound before it was replaced."""
    return _message(
        f"memcache.{name}(...) was called through a method taken before the\n"
        "sandbox opened, so no mock can answer it.",
        call_facts((), server, location),
        "Look the method up when it is called: client.get(key) in the\n"
        "function, not fetch = client.get at import.",
    )


def private_call(name: str, server: Any, location: Location) -> str:
    """Something other than a command asked a client for its socket."""
    return _message(
        f"memcache: {name} wanted the connection, and is no command,\nso no mock can answer it.",
        call_facts((), server, location),
        "Only the public commands of pymemcache's Client can be mocked: call\none of them.",
    )


def shared_client(call: Call, worker: Optional[str], other: str) -> str:
    """Two workers were inside one client."""
    return "\n".join(
        [
            f"worker {worker} called memcache.{call.command.name}(...) while worker {other}",
            "was inside the same client, which is not made for threads. Give each",
            "a client of its own, or all of them a PooledClient, or a HashClient",
            "with use_pooling=True.",
            "",
            *_facts(call),
        ]
    )


def stranger(call: Call, thread: str, is_older: bool) -> str:
    """A thread that is no worker's called in a round; `is_older`: it was there before."""
    if is_older:
        return _message(
            f"memcache.{call.command.name}(...) was called by the thread {thread!r}, which was\n"
            "there before the interleaving began, and is no worker's.",
            _facts(call),
            "End it where it was begun: the test that starts a thread, or an\n"
            "earlier one that left it running, stops and joins it.",
        )
    return _message(
        f"memcache.{call.command.name}(...) was called by the thread {thread!r}, which is no\n"
        "worker's, so that its order cannot be chosen.",
        _facts(call),
        "Have the workers do it themselves: put something in the place of the\n"
        "executor that calls functions at once, or make it a worker.",
    )


# By the `reason` of `_scopes.Absent`: what was wrong with a call, and what to do about it.
_REASONS = {
    "outside": (
        "outside any sandbox.",
        "Call it inside `with self.sandbox():` or `with tripwire:`. Where a\n"
        "test is meant to reach a real memcached, set allow_real_memcached = True\n"
        "on its class, or give it to strict().",
    ),
    "setting up": (
        "in setUp,\noutside any sandbox.",
        "What setUp arranges needs a store, and leaves no trace in the test:\n"
        "    self.store = self.memcache.store()\n"
        "    with self.store.off_the_record():\n"
        "        ...\n"
        "What is under test belongs in the sandbox of the test. Where a test is\n"
        "meant to reach a real memcached, set allow_real_memcached = True on its\n"
        "class.",
    ),
    "late": (
        "after its sandbox had closed.",
        "Wait for the thread or task that calls it before the sandbox closes;\n"
        "open another sandbox for what a cleanup calls.",
    ),
    "over": (
        "after its test had ended,\nwhile another test has memcached intercepted.",
        "Wait for the thread or task that calls it before its own test ends.",
    ),
    "several": (
        "in a thread that belongs to\nnone of the sandboxes that are open.",
        "Start the thread's work in a copy of the context, so that it is clear\n"
        "which sandbox is meant: contextvars.copy_context().run(function).",
    ),
    "forked": (
        "in a forked child process,\nand a sandbox does not reach across processes.",
        "Mock what the child does in the child itself.",
    ),
    "foreign": (
        "outside its own sandboxes,\nwhile another test has memcached intercepted.",
        "A test that reaches a real memcached cannot run while another mocks it.",
    ),
}


_STOP_IT = (
    "Stop the thread and join it in the test that started it, so that it does\n"
    "not go on in a later one."
)


def not_active(
    reason: str,
    name: str,
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    server: Any,
    location: Location,
    thread: Optional[str],
) -> str:
    """A command was called where no sandbox is open for it."""
    what, advice = _REASONS[reason]
    if was_started_earlier() and reason in ("outside", "several"):
        advice = _STOP_IT
    given = [short(value) for value in args]
    given += [f"{keyword}={short(value)}" for keyword, value in kwargs.items()]
    return _message(
        f"memcache.{name}(...) was called {what}",
        [
            *call_facts((f"arguments: {', '.join(given)}",) if given else (), server, location),
            *((f"    thread: {thread}",) if thread else ()),
        ],
        advice,
    )


def impossible(command: str, reply: Any, possible: str) -> str:
    """A mock was given a reply that no call of its command could get."""
    return _message(f"{command} can never return {short(reply)}.", _gives(possible), _ALLOW)


def impossible_now(mock: Mock, possible: str, advice: str, call: Call) -> str:
    """A mock has a reply that this very call could not get."""
    return _message(
        f"This {mock.command} could not return {short(mock.returns)}.",
        [
            *_gives(possible),
            "",
            *_facts(call),
            "",
            "The mock:",
            f"    {mock_text(mock)}",
            f"        registered at {where(mock.location)}",
            *(("", advice) if advice else ()),
        ],
        _ALLOW,
    )


def _gives(possible: str) -> List[str]:
    return ["The real client gives:", *(f"    {line}" for line in possible.split("\n"))]


_ALLOW = (
    "To mock it all the same, set impossible_replies = 'allow' on the\n"
    "test's class, or give it to MemcachePlugin or strict()."
)


def _message(what: str, details: Sequence[str], advice: str) -> str:
    return "\n".join([what, "", *details, "", advice])


def _facts(call: Call) -> List[str]:
    thread = older_thread_text()
    return [
        *call_facts(facts(call.command, call.fields), call.server, call.location),
        *((f"    thread: {thread}",) if thread else ()),
    ]


def not_sent(command: str, error: Optional[BaseException]) -> str:
    """A call of a command ended before the wire."""
    if error is None:
        return f"a call of {command} sent nothing"
    why = f"{type(error).__name__}: {safe_str(error)}"
    cut = why if len(why) <= 100 else f"{why[:97]}..."
    return f"a call of {command} was rejected before it was sent:\n    {cut}"


# --- a call that a store does not answer as it was meant ------------------------------------------


def unknown_to_store(verb: bytes) -> str:
    """Why a store does not answer a call."""
    return f"The store does not know {verb!r}, so it cannot answer it either."


def out_of_step(call: Call, answer: bytes) -> str:
    """A call that said `noreply` was answered all the same."""
    return _message(
        f"This {call.command.name} said noreply, and memcached answers it all the same.",
        [
            "It answers:",
            f"    {short(answer)}",
            "",
            *_facts(call),
        ],
        "The client does not read that now. In production, its next command would\n"
        "take it for its own answer.",
    )


def meanwhile_raised(mock: Mock, error: BaseException, call: Call) -> str:
    """What was to happen before a call has failed."""
    first, *rest = safe_lines(error)
    what = ": ".join(filter(None, [type(error).__name__, first]))
    head = f"What was to happen meanwhile raised {what}"
    return _message(
        "\n".join([head, *(f"    {line}" if line else "" for line in rest)]),
        [
            f"    {mock_text(mock)}",
            f"        registered at {where(mock.location)}",
            "",
            *_facts(call),
        ],
        "It is the test's own function: the code under test has no part in it.",
    )


# --- a call that no mock answered, and why none did ---------------------------------------------

NEAREST = 3
"""How many mocks that did not answer a call are explained."""

_SEARCHED = 1_000
"""How many of the latest mocks are searched for the nearest ones."""


LEFT_OUTSIDE = (
    "Each round has mocks and a store of its own, and the ones that were made outside of\n"
    "the scenario answer nothing in it: make them inside."
)
"""Why a round does not know what its test has registered."""


def unmocked(call: Call, mocks: Sequence[Mock], why: str = "") -> str:
    """A call that no mock answered: what it is, which did not answer it, and one that would.

    `why` says why a store does not answer it.
    """
    name = call.command.name
    lines = [
        f"memcache.{name}(...) was called but no mock was registered.",
        "Register a mock with:",
        f"    tripwire.memcache.mock_command('{name}', returns=...)",
        "",
        *_facts(call),
        *(("", why) if why else ()),
    ]
    nearest = _nearest(call, mocks)
    if nearest:
        lines += ["", "The nearest mocks, and why they did not answer it:"]
    for mock, wrong in nearest:
        lines += [f"    {mock_text(mock)}", f"        registered at {where(mock.location)}"]
        lines += [f"        {reason}" for reason in _why_not(mock, wrong, call)]
    offer = mock_of(call.command, call.fields)
    lines += ["", "For this call alone:", *(f"    {line}" for line in offer)]
    if not mocks and not why:
        lines.append("Or let memcached itself answer, in memory: tripwire.memcache.store()")
    return "\n".join(lines)


_Near = Tuple[Mock, List[str]]
"""A mock that did not answer a call, and which of its fields the call does not have."""


def _nearest(call: Call, mocks: Sequence[Mock]) -> List[_Near]:
    """Of the latest mocks those that differ least from the call; oldest first.

    Two of them wait, where so many do; the third may be used up, where it is nearer than what else
    waits. Those of other commands come last.
    """
    latest = list(islice(reversed(mocks), _SEARCHED))
    own = [(mock, _wrong(mock, call)) for mock in latest if mock.command in call.command.names]
    own.sort(key=_distance)
    waiting = [near for near in own if not near[0].used_up]
    used_up = [near for near in own if near[0].used_up]
    ranked = waiting[: NEAREST - 1]
    ranked += sorted([*waiting[NEAREST - 1 :], *used_up], key=_distance)
    ranked += [(mock, []) for mock in latest if _same_key_elsewhere(mock, call)]
    return sorted(ranked[:NEAREST], key=lambda near: near[0].number)


def _wrong(mock: Mock, call: Call) -> List[str]:
    return [name for name in mock.fields if not equal(*call.pair(name, mock.fields[name]))]


def _distance(near: _Near) -> Tuple[bool, int]:
    """A mock for the key of the call is nearer than any for another one."""
    _, wrong = near
    return "key" in wrong, len(wrong)


def _same_key_elsewhere(mock: Mock, call: Call) -> bool:
    if mock.command in call.command.names or mock.answered is not None:
        return False
    return "key" not in mock.fields or equal(mock.fields["key"], call.fields.get("key"))


def _why_not(mock: Mock, wrong: Sequence[str], call: Call) -> Iterator[str]:
    if mock.command not in call.command.names:
        yield f"belongs to another command, {mock.command}"
        return
    if mock.used_up:
        by = f"the call at {where(mock.answered)}" if mock.answered else "another thread"
        yield f"used up by {by}"
        return
    yield "waits, but not for this call" + (f"'s {' and '.join(wrong)}:" if wrong else "")
    for name in wrong:
        yield from (f"    {line}" for line in difference(name, *call.pair(name, mock.fields[name])))
    for remark in call.remarks(mock.fields):
        yield from (f"    {line}" for line in remark.splitlines())
