"""Facts to text: what is raised at the call, and what is wrong with a test."""

from __future__ import annotations

from typing import Any, Iterable, List, Mapping, Optional, Sequence

from tripwire._mocks import Mock
from tripwire._timeline import Location
from tripwire.report.parts import call_facts, mock_text, where
from tripwire.report.values import safe_str, short

# --- at the call ----------------------------------------------------------------------------------


def bound_early(name: str, server: Any, location: Location) -> str:
    """A command was called by a method that was bound before it was replaced."""
    return _call(
        f"memcache.{name}(...) was called through a method taken before the\n"
        "sandbox opened, so no mock can answer it.",
        call_facts((), server, location),
        "Look the method up when it is called: client.get(key) in the\n"
        "function, not fetch = client.get at import.",
    )


def private_call(name: str, server: Any, location: Location) -> str:
    """Something that is no command asked a client for its socket."""
    return _call(
        f"memcache: {name} wanted the connection, and is no command,\nso no mock can answer it.",
        call_facts((), server, location),
        "Only the public commands of pymemcache's Client can be mocked: call\none of them.",
    )


_REASONS = {
    "outside": (
        "outside any sandbox.",
        "Call it inside `with self.sandbox():` or `with tripwire:`. Where a\n"
        "test is meant to reach a real memcached, set\n"
        "allow_real_memcached = True on its class.",
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


def not_active(
    reason: str,
    name: str,
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    server: Any,
    location: Location,
    thread: Optional[str] = None,
) -> str:
    """A command was called where no sandbox is open for it."""
    what, advice = _REASONS[reason]
    given = [short(value) for value in args]
    given += [f"{keyword}={short(value)}" for keyword, value in kwargs.items()]
    return _call(
        f"memcache.{name}(...) was called {what}",
        [
            *call_facts((f"arguments: {', '.join(given)}",) if given else (), server, location),
            *((f"    thread: {thread}",) if thread else ()),
        ],
        advice,
    )


def impossible(command: str, reply: Any, possible: str) -> str:
    """A mock was given a reply that no call of its command could get."""
    return _call(f"{command} can never return {short(reply)}.", _gives(possible), _ALLOW)


def impossible_now(
    mock: Mock, possible: str, facts: Iterable[str], server: Any, location: Location
) -> str:
    """A mock has a reply that this very call could not get."""
    return _call(
        f"This {mock.command} could not return {short(mock.returns)}.",
        [
            *_gives(possible),
            "",
            *call_facts(facts, server, location),
            "",
            "The mock:",
            f"    {mock_text(mock)}",
            f"        registered at {where(mock.location)}",
        ],
        _ALLOW,
    )


def _gives(possible: str) -> List[str]:
    return ["The real client gives:", f"    {possible}"]


_ALLOW = (
    "To mock it all the same, set impossible_replies = 'allow' on the\n"
    "test's class, or give it to MemcachePlugin or strict()."
)


def _call(what: str, facts: Sequence[str], advice: str) -> str:
    return "\n".join([what, "", *facts, "", advice])


def not_sent(command: str, error: Optional[BaseException]) -> str:
    """A call of a command ended before the wire."""
    if error is None:
        return f"a call of {command} sent nothing"
    why = f"{type(error).__name__}: {safe_str(error)}"
    cut = why if len(why) <= 100 else f"{why[:97]}..."
    return f"a call of {command} was rejected before it was sent:\n    {cut}"


# --- what is wrong with a test --------------------------------------------------------------------


def nothing_to_return(command: str) -> str:
    """A mock has neither a reply nor an exception."""
    return f"mock_command({command!r}) needs returns=... or raises=..."


def reply_left_open(command: str) -> str:
    """The `...` of an offered line was left in it."""
    return f"put the reply in the place of the dots: mock_command({command!r}, returns=...)"


def no_miss(command: str) -> str:
    """`MISS` for a command that knows none."""
    return f"{command} has no MISS: a server always has an answer to it; give the reply itself"


def unknown_field(command: str, name: str, fields: Sequence[str]) -> str:
    """A field that the command does not have."""
    return f"{command} has no field {name!r}; its fields are: {', '.join(fields) or 'none'}"


def missing_fields(helper: str, command: str, missing: Sequence[str]) -> str:
    """Required fields were left out."""
    wanted = ", ".join(f"{name}=..." for name in missing)
    return f"{helper}({command!r}) lacks required fields of the command: {wanted}"


def wrong_helper(helper: str, command: str, right: str) -> str:
    """A helper was given a command of another family."""
    return f"{helper} does not assert {command}; use {right}(command={command!r}, ...)"
