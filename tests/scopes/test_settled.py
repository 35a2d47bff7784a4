"""A violation that the test itself caught, or failed with, is settled.

SPECIFICATION 24.
"""

from __future__ import annotations

import contextlib
import functools
import unittest
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any, Callable, Dict, Iterator, Type

import tripwire
from tests.support.cases import CLIENT, by_hand, run
from tests.support.swallowing import Group
from tripwire import (
    StrictVerifier,
    SwallowedViolationError,
    TripwireTestCase,
    UnmockedInteractionError,
)


def fetch() -> Any:
    """What the application does: nobody mocked it."""
    return CLIENT.get("k")


def careless() -> None:
    """What the application does elsewhere: it swallows."""
    with contextlib.suppress(Exception):
        fetch()


def decorated(function: Callable[[Any], None]) -> Callable[[Any], None]:
    """Decorate as well-behaved decorators do."""

    @functools.wraps(function)
    def wrapper(self: Any) -> None:
        function(self)

    return wrapper


def grouping() -> None:
    """What an application does that goes on first: it collects its errors."""
    errors = []
    try:
        fetch()
    except Exception as error:
        errors.append(error)
    raise Group(Group(*errors))


def quiet(application: Callable[[], Any]) -> None:
    """Swallow whatever comes."""
    with contextlib.suppress(Exception):
        application()


class CaughtByTheTestTest(unittest.TestCase):
    """What the test catches is its own business."""

    def check(self, case: Type[TripwireTestCase]) -> None:
        """Run a class of tests all of which must pass."""
        result = run(case)
        self.assertGreater(result.testsRun, 0)
        self.assertEqual(result.failures + result.errors, [])

    def test_what_the_test_expects_with_unittest_is_settled(self) -> None:
        """`assertRaises` and `assertRaisesRegex`, as context managers and as calls."""

        class Inner(TripwireTestCase):
            def test_context_manager_inside(self) -> None:
                with self.sandbox(), self.assertRaises(UnmockedInteractionError):
                    fetch()

            def test_context_manager_outside(self) -> None:
                with self.assertRaises(UnmockedInteractionError), self.sandbox():
                    fetch()

            def test_call(self) -> None:
                with self.sandbox():
                    self.assertRaises(AssertionError, fetch)

            def test_regex(self) -> None:
                with self.sandbox(), self.assertRaisesRegex(AssertionError, "GET"):
                    fetch()

            def test_regex_as_call(self) -> None:
                with self.sandbox():
                    self.assertRaisesRegex(UnmockedInteractionError, "GET", fetch)

            def test_outside_any_sandbox(self) -> None:
                self.assertRaises(tripwire.SandboxNotActiveError, fetch)

        self.check(Inner)

    def test_what_the_test_function_catches_is_settled(self) -> None:
        """The function, those nested in it, and through its decorators."""

        class Inner(TripwireTestCase):
            def test_try(self) -> None:
                with self.sandbox(), contextlib.suppress(UnmockedInteractionError):
                    fetch()

            def test_nested_function(self) -> None:
                def attempt() -> str:
                    try:
                        return str(fetch())
                    except UnmockedInteractionError:
                        return "caught"

                with self.sandbox():
                    self.assertEqual([attempt() for each in "ab"], ["caught"] * 2)

            def test_method_of_a_nested_class(self) -> None:
                class Service:
                    def get(self) -> None:
                        with contextlib.suppress(AssertionError):
                            fetch()

                with self.sandbox():
                    Service().get()

            @decorated
            def test_decorated(self) -> None:
                with self.sandbox(), contextlib.suppress(UnmockedInteractionError):
                    fetch()

        self.check(Inner)

    def test_what_was_on_the_stack_when_the_sandbox_opened_may_catch(self) -> None:
        """A helper that opens one, also as a generator; and who called it."""

        class Inner(TripwireTestCase):
            def attempt(self) -> None:
                with self.sandbox(), contextlib.suppress(UnmockedInteractionError):
                    fetch()

            def test_helper(self) -> None:
                self.attempt()

        self.check(Inner)
        verifier, _ = by_hand()

        @contextlib.contextmanager
        def opened() -> Iterator[None]:
            with verifier.sandbox():
                yield

        with opened(), contextlib.suppress(UnmockedInteractionError):
            fetch()
        verifier.verify_all()

    def test_what_left_the_sandbox_is_settled_whoever_catches_it(self) -> None:
        """Alone, or in a group; but for the test, which has to name it."""
        for application in (fetch, grouping):
            with self.subTest(application=application.__name__):
                verifier, _ = by_hand()
                # What is caught inside is not.
                with verifier.sandbox():
                    quiet(application)
                self.assertRaises(SwallowedViolationError, verifier.verify_all)
                self.runner(verifier, application)
                verifier.verify_all()

    def runner(self, verifier: StrictVerifier, application: Callable[[], Any]) -> None:
        """Run a test in a thread of its own, and take what it fails with, whatever that is."""

        def test() -> None:
            with verifier.sandbox():
                application()

        with contextlib.suppress(Exception), ThreadPoolExecutor(1) as pool:
            pool.submit(test).result()

    def test_what_left_an_inner_sandbox_is_not(self) -> None:
        """Around that stands the application, until it has left the outermost one."""
        verifier, _ = by_hand()

        def application() -> None:
            with verifier.sandbox():
                fetch()

        with verifier.sandbox():
            quiet(application)
        self.assertRaises(SwallowedViolationError, verifier.verify_all)
        self.runner(verifier, application)
        verifier.verify_all()

    def test_strict_functions_and_blocks_may_catch(self) -> None:
        """They are tests too."""

        @tripwire.strict
        def function() -> None:
            with tripwire.sandbox(), contextlib.suppress(UnmockedInteractionError):
                fetch()

        function()
        with tripwire.strict() as verifier, verifier.sandbox():
            self.assertRaises(UnmockedInteractionError, fetch)
        with tripwire.strict(), contextlib.suppress(tripwire.SandboxNotActiveError):
            fetch()

    def test_repeats_of_what_the_test_caught_are_settled_too(self) -> None:
        """A retry loop swallows all but the last."""

        class Inner(TripwireTestCase):
            def test(self) -> None:
                with self.sandbox():
                    for attempt in (careless, careless, fetch):
                        with contextlib.suppress(UnmockedInteractionError):
                            attempt()

        self.check(Inner)

        @tripwire.strict
        def elsewhere() -> None:
            with tripwire.sandbox():
                careless()
                with contextlib.suppress(UnmockedInteractionError):
                    # The same command and key, but another place: that is no repeat.
                    CLIENT.get("k")

        with self.assertRaises(SwallowedViolationError) as caught:
            elsewhere()
        self.assertEqual(len(caught.exception.violations), 1)

    def test_file_of_the_test_is_no_excuse(self) -> None:
        """The test's own file, and code that equals the test's, swallow like any other."""
        source = "def test(self):\n    try: self.call()\n    except Exception: pass\n"
        test, twin = [self.compiled(source, name) for name in ("test_app.py", "app.py")]

        class Inner(TripwireTestCase):
            def call(self) -> None:
                with self.sandbox():
                    twin(SimpleNamespace(call=fetch))

            def test_same_file(self) -> None:
                with self.sandbox():
                    careless()

        Inner.test = test  # type: ignore[attr-defined]  # a test with code from elsewhere
        result = run(Inner)
        self.assertEqual(len(result.failures), 2)
        self.assertIn("app.py:2 in test", result.failures[0][1])
        self.assertIn("in careless", result.failures[1][1])

    def compiled(self, source: str, filename: str) -> Callable[[Any], None]:
        """Compile the one function of a source."""
        names: Dict[str, Any] = {}
        exec(compile(source, filename, "exec"), names)
        return names["test"]  # type: ignore[no-any-return]  # exec tells no types


class VerifiedTest(unittest.TestCase):
    """What verification has reported is over."""

    def test_finding_is_reported_once(self) -> None:
        """The second verification finds nothing."""
        verifier, _ = by_hand()
        with verifier.sandbox():
            careless()
        self.assertRaises(SwallowedViolationError, verifier.verify_all)
        verifier.verify_all()

    def test_sandbox_that_stays_open_goes_on_remembering(self) -> None:
        """What happens in it after one verification is for the next."""
        verifier, _ = by_hand()
        with verifier.sandbox():
            verifier.verify_all()
            careless()
            with contextlib.suppress(UnmockedInteractionError):
                CLIENT.get("k")
        with self.assertRaises(SwallowedViolationError) as caught:
            verifier.verify_all()
        self.assertEqual(len(caught.exception.violations), 1)
