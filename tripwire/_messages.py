"""Facts to text: what is wrong with a test."""

from __future__ import annotations


def second_plugin(name: str) -> str:
    """A verifier was given a second plugin of one name."""
    return (
        f"this verifier has a {name} plugin already, and can have only one:\n"
        "use it, or build another StrictVerifier"
    )


def assertion_inside() -> str:
    """An assertion came too early."""
    return (
        "the sandbox is still open.\n"
        "Assert after the `with` block, or register the call with expect(), which asserts\n"
        "it too."
    )


def inert(what: str) -> str:
    """A verifier or plugin that came out of a pickle was used."""
    return (
        f"this {what} was pickled in another process.\n"
        "It is a record that a test had one, and can neither mock nor assert."
    )


def no_verifier(what: str) -> str:
    """The current test was asked for where there is none."""
    return (
        "no test is running here.\n"
        f"Use {what} in a test of a TripwireTestCase, or inside of\n"
        "`with tripwire.strict():`. Elsewhere, build a StrictVerifier, and a\n"
        "MemcachePlugin on it."
    )


def forgotten_setup(case: str) -> str:
    """A test case overrides `setUp` and does not call the inherited one."""
    return (
        f"{case}.setUp() did not call super().setUp().\n"
        "So this test has no verifier. Call it first thing in setUp."
    )
