"""Facts to text: what is raised at the call, and what is wrong with a test."""

from __future__ import annotations

from typing import Any, Iterable, List, Mapping, Optional, Sequence

from tripwire._mocks import Mock, equal
from tripwire._report import mock_text, server_text, where
from tripwire._repr import difference, short
from tripwire._timeline import Location

NEAREST = 5
"""How many mocks that did not answer a call are explained."""

# --- at the call ----------------------------------------------------------------------------------


def unmocked(
    names: Sequence[str],
    fields: Mapping[str, Any],
    server: Any,
    location: Location,
    mocks: Sequence[Mock],
) -> str:
    """No mock answered: the call, and the nearest mocks with the reason why each did not."""
    lines = [
        f"memcache.{names[0]}(...) was called but no mock was registered.",
        "Register a mock with:",
        f"    tripwire.memcache.mock_command('{names[0]}', returns=...)",
        "",
        "The call:",
        *(f"    {name}: {short(value)}" for name, value in fields.items() if value is not None),
        f"    server: {server_text(server)}",
        f"    from: {where(location)}",
    ]
    nearest = _nearest(names, fields, mocks)
    if nearest:
        lines += ["", "Mocks that did not answer it:"]
        for mock in nearest:
            lines.append(f"    {mock_text(mock)}")
            lines += [f"        {reason}" for reason in _why_not(mock, names, fields, server)]
    return "\n".join(lines)


def _nearest(names: Sequence[str], fields: Mapping[str, Any], mocks: Sequence[Mock]) -> List[Mock]:
    own = [mock for mock in mocks if mock.command in names]
    # The last ones: of those that are used up, they are what the test thinks of.
    chosen = own[-NEAREST:]
    for mock in mocks:
        waiting = mock.command not in names and mock.answered is None
        if waiting and equal(mock.fields.get("key", fields.get("key")), fields.get("key")):
            chosen.append(mock)
    return chosen[:NEAREST]


def _why_not(
    mock: Mock, names: Sequence[str], fields: Mapping[str, Any], server: Any
) -> Iterable[str]:
    place = f"registered at {where(mock.location)}"
    if mock.command not in names:
        yield f"{place}: belongs to another command"
        return
    if mock.times is not None and not mock.left and mock.answered is not None:
        yield f"{place}: used up by the call at {where(mock.answered)}"
        return
    yield f"{place}: waits for another call"
    for name, value in mock.fields.items():
        met = server if name == "server" else fields.get(name)
        if not equal(value, met):
            yield from (f"    {line}" for line in difference(name, value, met))


def bound_early(name: str, server: Any, location: Location) -> str:
    """A command was called by a method that was bound before it was replaced."""
    return (
        f"memcache.{name}(...) was called through a method taken before the sandbox opened, so no "
        "mock can answer it.\n"
        f"    server: {server_text(server)}\n"
        f"    from: {where(location)}\n"
        "Look the method up when it is called: client.get(key), not fetch = client.get at import."
    )


def private_call(name: str, server: Any, location: Location) -> str:
    """Something that is no command asked a client for its socket."""
    return (
        f"memcache: {name} asked for the connection outside any command, so no mock can answer "
        "it.\n"
        f"    server: {server_text(server)}\n"
        f"    from: {where(location)}\n"
        "Only the public commands of pymemcache's Client can be mocked; call one of those."
    )


_REASONS = {
    "outside": (
        "outside any sandbox.",
        "Call it inside `with self.sandbox():`. Where a test is to reach a real memcached, set "
        "allow_real_memcached = True on its class.",
    ),
    "late": (
        "after its sandbox had closed.",
        "Wait for the thread or task that calls it before the sandbox closes.",
    ),
    "several": (
        "in a thread that belongs to none of the sandboxes that are open.",
        "Start the thread's work in a copy of the context (contextvars.copy_context().run), so "
        "that it is clear which sandbox is meant.",
    ),
    "forked": (
        "in a forked child process, and a sandbox does not reach across processes.",
        "Mock what the child does in the child itself.",
    ),
    "foreign": (
        "outside its own sandboxes, while another test has memcached intercepted.",
        "A test that reaches a real memcached cannot run beside one that mocks it.",
    ),
}


def not_active(
    reason: str, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], location: Location
) -> str:
    """A command was called where no sandbox is open for it."""
    given = [short(value) for value in args]
    given += [f"{keyword}={short(value)}" for keyword, value in kwargs.items()]
    what, advice = _REASONS[reason]
    return (
        f"memcache.{name}({', '.join(given)}) was called {what}\n"
        f"    from: {where(location)}\n"
        f"{advice}"
    )


def impossible(command: str, reply: Any, possible: str, location: Optional[Location] = None) -> str:
    """A mock's reply is one that the real client would never have given."""
    lines = [f"{command} can never return {short(reply)}, which a mock of it was given."]
    if location is not None:
        lines = [f"This call of {command} could never return {short(reply)}, as its mock says."]
        lines.append(f"    from: {where(location)}")
    lines += [
        f"    the real client gives: {possible}",
        "To take any reply: MemcachePlugin(verifier, impossible_replies='allow').",
    ]
    return "\n".join(lines)


def not_sent(command: str, error: Optional[BaseException]) -> str:
    """A call of a command ended before the wire."""
    if error is None:
        return f"a call of {command} sent nothing"
    text = f"{type(error).__name__}: {error}"
    return f"a call of {command} was rejected before it was sent: {short(text)[1:-1]}"


# --- what is wrong with a test --------------------------------------------------------------------


def second_plugin(name: str) -> str:
    """A verifier was given a second plugin of one name."""
    return (
        f"this verifier has a {name} plugin already, and can have only one: use it, or build "
        "another StrictVerifier"
    )


def assertion_inside() -> str:
    """An assertion came too early."""
    return (
        "an interaction was asserted while a sandbox of its verifier is open; assert after the "
        "`with` block, or register the call with expect(), which asserts it too"
    )


def nothing_to_return(command: str) -> str:
    """A mock has neither a reply nor an exception."""
    return f"mock_command({command!r}) needs returns=... or raises=..."


def no_miss(command: str) -> str:
    """`MISS` for a command that knows none."""
    return f"{command} has no MISS: a server always has an answer to it; give the reply itself"


def unknown_field(command: str, name: str, fields: Sequence[str]) -> str:
    """A field that the command does not have."""
    return f"{command} has no field {name!r}; its fields are: {', '.join(fields) or 'none'}"


def missing_fields(helper: str, command: str, missing: Sequence[str]) -> str:
    """Required fields were left out."""
    wanted = ", ".join(f"{name}=..." for name in missing)
    return f"{helper}({command!r}) needs all required fields of the command; missing: {wanted}"


def wrong_helper(helper: str, command: str, right: str) -> str:
    """A helper was given a command of another family."""
    return f"{helper} does not assert {command}; use {right}(command={command!r}, ...)"


def inert(what: str) -> str:
    """A verifier or plugin that came out of a pickle was used."""
    return (
        f"this {what} was pickled in another process: it is a record that a test had one, and can "
        "neither mock nor assert"
    )


def no_verifier(what: str) -> str:
    """The current test was asked for where there is none."""
    return (
        f"{what} belongs to the running test, and none is running here. Use it in a test of a "
        "tripwire.TripwireTestCase or in `with tripwire.strict():`; elsewhere, build a "
        "StrictVerifier and a MemcachePlugin on it."
    )


def forgotten_setup(case: str) -> str:
    """A test case overrides `setUp` and does not call the inherited one."""
    return (
        f"{case}.setUp() did not call super().setUp(), so this test has no verifier. Call it "
        "first thing in setUp."
    )
