"""What is said where there is no verifier: outside of any test, and in another process."""

from __future__ import annotations

from typing import Callable, NoReturn, Tuple

from tripwire.errors import NoActiveVerifierError


def no_verifier(what: str) -> NoActiveVerifierError:
    """The error for a caller that asks for the current test's verifier where there is none."""
    return NoActiveVerifierError(
        "no test is running here.\n"
        f"Use {what} in a test of a TripwireTestCase, or inside of\n"
        "`with tripwire.strict():`. Elsewhere, build a StrictVerifier, and a\n"
        "plugin on it."
    )


class Inert:
    """What a verifier or a plugin is in another process: nothing, and says so."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):
            raise AttributeError(name)
        self._refuse()

    def __getitem__(self, key: object) -> NoReturn:
        """What `in` and a loop come to as well."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise NoActiveVerifierError(
            f"this {self._what} was pickled in another process.\n"
            "It is a record that a test had one, and can neither mock nor assert."
        )


class InertCopies:
    """A base of what cannot be sent to another process: an `Inert` record is sent in its place.

    A parallel runner pickles the test case of a failing subTest, with all that the test keeps.
    `_pickled_as` is what the record calls it.
    """

    _pickled_as = ""

    def __reduce__(self) -> Tuple[Callable[[str], Inert], Tuple[str]]:
        return Inert, (self._pickled_as,)
