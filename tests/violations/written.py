"""Tests and applications written as text, in files that only `linecache` knows."""

from __future__ import annotations

import linecache
import textwrap
import unittest
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, Dict, Iterator, List, Optional

from pymemcache.client.base import Client

import tripwire
from tripwire import SwallowedViolationError, TripwireTestCase, Violation

CLIENT = Client(("localhost", 11211))


def fetch(key: str = "k") -> Any:
    """What the application does: nobody mocked it."""
    return CLIENT.get(key)


@contextmanager
def files(**texts: str) -> Iterator[None]:
    """Let Python know the lines of some files, as it does those of a doctest."""
    names = [f"<written>/{name}.py" for name in texts]
    for name, text in zip(names, texts.values()):
        linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    try:
        yield
    finally:
        for name in names:
            del linecache.cache[name]


def module(name: str, text: str, **names: Any) -> Dict[str, Any]:
    """Run a text as a module of a name, and give what it defines."""
    known = {"__name__": name, "fetch": fetch, "tripwire": tripwire, "unittest": unittest, **names}
    exec(compile(text, f"<written>/{name}.py", "exec"), known)
    return known


def run(case: type) -> unittest.TestResult:
    """Run the one test of a class."""
    result = unittest.TestResult()
    case("test").run(result)
    return result


def swallowed(test: str, app: str = "", *, with_source: bool = True) -> List[Violation]:
    """The violations that a test finds: a text that defines `class Test` with a method `test`.

    `app` is the text of an application, which the test knows by that name.
    """
    found: List[Violation] = []
    texts = {"written_app": textwrap.dedent(app), "written_test": textwrap.dedent(test)}
    with files(**texts if with_source else {}):
        application = module("written_app", texts["written_app"])
        names = module(
            "written_test",
            texts["written_test"],
            app=SimpleNamespace(**application),
            TripwireTestCase=TripwireTestCase,
        )
        result = run(noting(names["Test"], found))
    others = "".join(text for _, text in result.errors + result.failures)
    unittest.TestCase().assertTrue(found or not others, others)
    return found


def noting(case: type, found: List[Violation]) -> type:
    """Derive a class from a test's, that notes the violations which its verification finds."""

    def tear_down(self: Any) -> None:
        try:
            case.tearDown(self)  # type: ignore[attr-defined]  # every test case has one
        except SwallowedViolationError as error:
            found.extend(error.violations)
            raise

    return type(case.__name__, (case,), {"tearDown": tear_down})


def one(found: List[Violation]) -> Optional[Violation]:
    """The only violation, or None where there is none."""
    (violation,) = found or [None]  # type: ignore[list-item]  # None stands for none
    return violation
