"""What is the test itself: its method, however it is wrapped, and what is nested in that."""

from __future__ import annotations

import functools
import unittest
from functools import partial, partialmethod
from typing import Any, Callable, List

from tests.violations.written import fetch, run
from tripwire import SwallowedViolationError, TripwireTestCase


def caught() -> None:
    """Stand for an application that names what only a test may: it is not in the test."""
    try:
        fetch()
    except AssertionError:
        return


def decorated(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate without `functools.wraps`."""

    def wrapper(*args: Any) -> Any:
        return function(*args)

    return wrapper


def decorated_well(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate with it."""

    @functools.wraps(function)
    def wrapper(*args: Any) -> Any:
        return function(*args)

    return wrapper


def tolerant(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate with a function that catches what the test lets pass, as nobody should."""

    @functools.wraps(function)
    def wrapper(self: Any) -> None:
        try:
            function(self)
        except AssertionError:
            return

    return wrapper


class Decorated:
    """Decorate with an object."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def __get__(self, case: Any, owner: Any = None) -> Any:
        """Give what is called; as a function does, itself where there is no instance."""
        return self if case is None else partial(self.function, case)


def nested(case: TripwireTestCase, *_: Any) -> None:
    """Be a test: catch a violation in a nested function, and name it `AssertionError`."""

    def catch() -> None:
        try:
            fetch()
        except AssertionError:
            return

    with case.sandbox():
        catch()


def incomplete(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate with a function whose closure has a variable without a value."""
    missing = True

    def wrapper(*args: Any) -> Any:
        return function(*args) if args else missing  # noqa: F821 - that is the case in point

    del missing
    return wrapper


def held_otherwise(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate with a function that holds another kind of object."""
    held = staticmethod(function)

    def wrapper(*args: Any) -> Any:
        return held.__func__(*args)

    return wrapper


def recursive(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate with a function that refers to itself."""

    def wrapper(*args: Any, again: bool = True) -> Any:
        return wrapper(*args, again=False) if again else function(*args)

    return wrapper


class TestCodeTest(unittest.TestCase):
    """A test's own `try` is the test's, whatever stands between it and unittest."""

    def check(self, test: Any, *, is_own: bool = True, **names: Any) -> None:
        """Run a test method, which catches a violation as the test or as somebody else."""
        result = run(type("Inner", (TripwireTestCase,), {"test": test, **names}))
        self.assertEqual(result.errors, [])
        self.assertEqual([kind(text) for _, text in result.failures], [] if is_own else [FINDING])

    def test_wrapped_tests_are_tests(self) -> None:
        """By functions, with `wraps` and without, by objects, by `partialmethod`."""
        wrappers: List[Callable[..., Any]] = [
            decorated,
            decorated_well,
            Decorated,
            incomplete,
            recursive,
            held_otherwise,
            partialmethod,
            lambda function: partialmethod(function, 1),
            lambda function: decorated(decorated(function)),
            lambda function: decorated(decorated_well(function)),
            lambda function: decorated_well(decorated(function)),
            lambda function: partialmethod(decorated(function)),
            lambda function: decorated(partial(function)),
        ]
        for number, wrapper in enumerate(wrappers):
            with self.subTest(number=number):
                self.check(wrapper(nested))

    def test_functions_of_other_names_in_a_closure_are_not_the_test(self) -> None:
        """Neither what a test refers to, nor what a decorator holds beside the test."""
        helper = caught

        def test(self: Any) -> None:
            with self.sandbox():
                helper()

        self.check(test, is_own=False)

        def calling(before: Callable[[], Any]) -> Callable[..., Any]:
            def wrapper(self: Any) -> None:
                with self.sandbox():
                    before()
                test(self)

            return wrapper

        self.check(calling(caught), is_own=False)

    def test_decorator_is_above_the_test(self) -> None:
        """What the test failed with is another's, who has to name it."""

        def test(self: Any) -> None:
            fetch()

        self.check(tolerant(test), is_own=False)

    def test_method_of_a_base_that_the_test_extends_is_the_test(self) -> None:
        """Which it calls by `super()`."""

        class Base(TripwireTestCase):
            def setUp(self) -> None:
                super().setUp()
                sandbox = self.sandbox()
                self.addCleanup(sandbox.close)
                sandbox.__enter__()

            def test(self) -> None:
                try:
                    fetch()
                except AssertionError:
                    return

        class Extended(Base):
            def test(self) -> None:
                super().test()

        for case in (Base, Extended):
            self.assertEqual(run(case).failures, [])

    def test_attribute_that_is_no_function_has_no_code(self) -> None:
        """What it calls is not the test's."""

        class Calling:
            def __call__(self) -> None:
                caught()

        self.check(Calling(), is_own=False)


FINDING = SwallowedViolationError.__name__


def kind(text: str) -> str:
    """The last exception of a traceback."""
    lines = [line for line in text.splitlines() if line.startswith(("tripwire.", "Assertion"))]
    return lines[-1].partition(":")[0].rpartition(".")[2]
