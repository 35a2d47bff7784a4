"""A violation that left the sandbox: who is outside has seen it, but the test has to name it."""

from __future__ import annotations

import _thread
import textwrap
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any, Callable, Iterator, List

import tripwire
from tests.support.platform import need_for, needs_threads
from tests.violations.forms import IMPORTS, NAMELESS, NAMING
from tests.violations.written import fetch, one, run, swallowed
from tripwire import MemcachePlugin, StrictVerifier, SwallowedViolationError, Violation


def around(form: str, named: str) -> str:
    """The text of a test with a form around its sandbox."""
    body = textwrap.indent(textwrap.dedent(form).strip("\n"), " " * 8)
    return (
        f"{IMPORTS}class Test(TripwireTestCase):\n"
        "    def test(self):\n"
        f"        X = {named}\n"
        "        def sandboxed(key):\n"
        "            with self.sandbox():\n"
        "                fetch(key)\n"
        f"{body.replace('fetch', 'violate')}\n"
    ).replace("X = ", "violate = lambda key='k': sandboxed(key)\n        X = ")


class AroundTest(unittest.TestCase):
    """A handler of the test's around its sandbox."""

    def test_handler_around_the_sandbox_has_to_name_it(self) -> None:
        """In all the forms that there are."""
        for name, form in NAMING.items():
            for named in ("tripwire.UnmockedInteractionError", "AssertionError", "Exception"):
                with self.subTest(form=name, named=named):
                    need_for(form)
                    found = swallowed(around(form, named))
                    self.assertEqual(bool(found), named == "Exception")

    def test_handler_around_the_sandbox_that_names_nothing_is_a_finding(self) -> None:
        """Likewise."""
        for name, form in NAMELESS.items():
            with self.subTest(form=name):
                need_for(form)
                self.assertTrue(swallowed(around(form, "KeyError")))

    def test_forgotten_sandbox_under_a_handler_is_a_finding(self) -> None:
        """Outside any sandbox the test is on guard."""
        for name, form in NAMELESS.items():
            if name == "handler that names another of ours":
                continue  # it names this one
            text = textwrap.indent(textwrap.dedent(form).strip("\n"), " " * 8)
            with self.subTest(form=name):
                need_for(form)
                found = swallowed(
                    f"{IMPORTS}class Test(TripwireTestCase):\n    def test(self):\n{text}\n"
                )
                self.assertEqual([each.error for each in found], [tripwire.SandboxNotActiveError])


def dispatch(handler: Callable[[], Any]) -> None:
    """An application's dispatcher, which nothing brings down."""
    try:
        handler()
    except AssertionError:
        return


class NestedTest(unittest.TestCase):
    """A sandbox that is opened inside another one of the same test."""

    def found(self, body: Callable[[StrictVerifier], None]) -> List[Violation]:
        """The violations that a strict test finds."""

        @tripwire.strict
        def test() -> None:
            body(tripwire.current_verifier())

        try:
            test()
        except SwallowedViolationError as error:
            return [*error.violations]
        return []

    def test_dispatcher_above_a_nested_sandbox_is_the_applications(self) -> None:
        """Whoever opens one in a handler that it calls."""

        def body(verifier: StrictVerifier) -> None:
            def handler() -> None:
                with verifier.sandbox():
                    fetch()

            with verifier.sandbox():
                dispatch(handler)

        (violation,) = self.found(body)
        assert violation.caught_by is not None
        self.assertEqual(violation.caught_by.function, "dispatch")

    @needs_threads
    def test_dispatcher_in_a_thread_is_the_applications_too(self) -> None:
        """A thread has no context that says that its sandbox is a nested one."""

        def body(verifier: StrictVerifier) -> None:
            with verifier.sandbox(), ThreadPoolExecutor(1) as pool:
                pool.submit(dispatch, lambda: open_and_fetch(verifier)).result()

        self.assertEqual(len(self.found(body)), 1)

    def test_dispatcher_on_the_stack_of_another_tests_sandbox_is_not_that_tests(self) -> None:
        """A strict test inside a handler; what it fails with is its own affair."""

        def body(verifier: StrictVerifier) -> None:
            with verifier.sandbox():
                dispatch(tripwire.strict(fetch))
                dispatch(lambda: dispatch(fetch))

        self.assertEqual([each.times for each in self.found(body)], [1])

    @needs_threads
    def test_helpers_that_open_side_by_side_may_catch(self) -> None:
        """Each in its own thread: the sandbox of the other is not around it."""

        def body(verifier: StrictVerifier) -> None:
            with ThreadPoolExecutor(1) as pool, verifier.sandbox():
                pool.submit(open_and_catch, verifier).result()

        self.assertEqual(self.found(body), [])

    def test_helper_that_opens_a_nested_one_has_to_name_a_class_of_ours(self) -> None:
        """`AssertionError` is the test's alone."""

        def body(verifier: StrictVerifier) -> None:
            with verifier.sandbox():
                open_and_catch(verifier)

        self.assertEqual(len(self.found(body)), 1)


def open_and_fetch(verifier: StrictVerifier) -> None:
    """Open a sandbox in a helper."""
    with verifier.sandbox():
        fetch()


def open_and_catch(verifier: StrictVerifier) -> None:
    """Open a sandbox in a helper that catches what it opened it for."""
    with verifier.sandbox(), suppress(AssertionError):
        fetch()


class ByHandTest(unittest.TestCase):
    """A verifier that is used by itself knows its test by who opened its sandbox."""

    def setUp(self) -> None:
        """Build it."""
        self.verifier = MemcachePlugin(StrictVerifier()).verifier

    def check(self, *, finds: bool) -> None:
        """Verify."""
        if finds:
            self.assertRaises(SwallowedViolationError, self.verifier.verify_all)
        self.verifier.verify_all()

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Open its sandbox, as a fixture does."""
        with self.verifier.sandbox():
            yield

    def test_function_with_the_sandbox_has_to_name_it(self) -> None:
        """Inside it and around it."""
        with suppress(AssertionError), self.verifier.sandbox(), suppress(AssertionError):
            fetch()
        self.check(finds=False)
        with suppress(Exception), self.verifier.sandbox():
            fetch()
        self.check(finds=True)

    def test_function_with_a_fixture_has_to_name_it(self) -> None:
        """Who called the one that opens it was on the stack."""
        with suppress(AssertionError), self.opened():
            fetch()
        self.check(finds=False)
        with suppress(Exception), self.opened():
            fetch()
        self.check(finds=True)

    def test_others_may_catch_what_left_it(self) -> None:
        """A runner, for one, which runs the test in a thread."""

        def test() -> None:
            with self.verifier.sandbox():
                fetch()

        with ThreadPoolExecutor(1) as pool, suppress(Exception):
            pool.submit(test).result()
        self.check(finds=False)

    @needs_threads
    def test_thread_that_it_ended_has_not_caught_it(self) -> None:
        """Nobody asked its future."""

        def test() -> None:
            with self.verifier.sandbox():
                fetch()

        with ThreadPoolExecutor(1) as pool:
            pool.submit(test).exception()
        self.check(finds=True)

    def test_traceback_that_was_taken_off_outside_says_nothing(self) -> None:
        """So it is found."""
        try:
            with self.opened():
                fetch()
        except AssertionError as error:
            error.__traceback__ = None
        self.check(finds=True)

    @needs_threads
    def test_sandbox_that_no_function_opens_trusts_none(self) -> None:
        """A thread that begins with that call has nothing on its stack."""
        sandbox = self.verifier.sandbox()
        _thread.start_new_thread(sandbox.__enter__, ())
        while not sandbox.is_open:
            time.sleep(0.001)
        with suppress(AssertionError):
            fetch()
        sandbox.close()
        self.check(finds=True)

    def test_unittest_may_catch_what_has_not_left_it(self) -> None:
        """It is in the result, whoever verifies afterwards."""
        verifier = self.verifier

        class Inner(unittest.TestCase):
            def setUp(self) -> None:
                self.addCleanup(verifier.verify_all)
                sandbox = verifier.sandbox()
                self.addCleanup(sandbox.close)
                sandbox.__enter__()

            def test(self) -> None:
                fetch()

        result = run(Inner)
        self.assertEqual((len(result.failures), result.errors), (1, []))

    def test_runner_is_above_the_test(self) -> None:
        """Unittest's frames, and what called them, are nobody's helpers."""
        found = one(
            swallowed(
                """
                class Base(TripwireTestCase):
                    def run(self, result=None):
                        def tolerant(call):
                            try:
                                call()
                            except AssertionError:
                                pass
                        self.tolerant = tolerant
                        return super().run(result)
                class Test(Base):
                    def setUp(self):
                        super().setUp()
                        self.addCleanup(self.sandbox().__exit__, None, None, None)
                        self.sandbox().__enter__()
                    def test(self):
                        self.tolerant(fetch)
                """
            )
        )
        assert found is not None
        assert found.caught_by is not None
        self.assertEqual(found.caught_by.function, "tolerant")
