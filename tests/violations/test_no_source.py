"""Where nobody can tell which handler it was, one in the test has named it."""

from __future__ import annotations

import linecache
import textwrap
import threading
import unittest
import warnings
from typing import Any, List
from unittest import mock

from tests.support.platform import needs_event_loop, needs_threads
from tests.violations.forms import IMPORTS, NAMELESS, NAMING, in_place
from tests.violations.written import fetch, files, module, run, swallowed
from tripwire import TripwireTestCase, Violation


class NoSourceTest(unittest.TestCase):
    """Files that are gone, that are no Python, and handlers that nobody can read."""

    def found(self, handler: str, place: str = "test", app: str = "") -> List[Violation]:
        """The violations that a test finds that has a handler."""
        form = f"try:\n    fetch()\n{handler}\n    pass"
        texts = in_place(form, place)
        return swallowed(texts["test"] % "KeyError", texts["app"] + app)

    def test_without_a_source_the_test_has_named_what_it_caught(self) -> None:
        """And nobody else has."""
        for forms in (NAMING, NAMELESS):
            for name in ("try", "suppress", "bare except", "finally that returns", "class body"):
                for place in ("test", "nested function", "application"):
                    with self.subTest(form=name, place=place):
                        if name in forms:
                            texts = in_place(forms[name], place)
                            found = swallowed(
                                texts["test"] % "AssertionError", texts["app"], with_source=False
                            )
                            self.assertEqual(bool(found), place == "application")

    def test_without_a_source_assert_raises_still_says_what_it_expected(self) -> None:
        """The line that it stands on has no text then."""
        test = in_place("self.assertRaises(X, fetch)", "test")["test"]
        self.assertEqual(swallowed(test % "AssertionError", with_source=False), [])
        (violation,) = swallowed(test % "Exception", with_source=False)
        self.assertEqual((violation.handler, violation.in_test), ("", True))

    @needs_event_loop
    def test_without_a_source_a_task_that_ended_is_still_lost(self) -> None:
        """The bytecode says so."""
        texts = in_place(NAMELESS["gather"], "test")
        (violation,) = swallowed(texts["test"] % "KeyError", with_source=False)
        self.assertEqual((violation.lost, violation.ended), (True, "task"))

    def test_without_a_source_a_function_that_failed_later_had_caught_it(self) -> None:
        """Also where a loop had brought it back to the same instruction."""
        app = """
            def page(read):
                for key in "ab":
                    try:
                        read(key)
                    except AssertionError:
                        pass
        """
        test = """
            class Test(TripwireTestCase):
                def read(self, key):
                    if key == "b":
                        raise ValueError
                    fetch(key)
                def test(self):
                    with self.sandbox():
                        app.page(self.read)
        """
        (violation,) = swallowed(test, app, with_source=False)
        assert violation.caught_by is not None
        self.assertEqual((violation.caught_by.function, violation.lost), ("page", False))

    def test_handler_that_cannot_be_looked_up_has_named_it_in_the_test(self) -> None:
        """A call, a subscript, a name that is gone, an attribute that fails."""
        app = """
class Failing:
    asked = 0
    def __getattr__(self, name):
        self.asked += 1
        if self.asked == 1:
            return AssertionError
        raise OSError("asked again")
failing = Failing()
"""
        for handler in (
            "except tuple([Exception]):",
            "except [Exception][0]:",
            "except (KeyError, (lambda: Exception)()):",
            "except (*[Exception], KeyError):",
        ):
            with self.subTest(handler=handler):
                self.assertEqual(self.found(handler), [])
                self.assertEqual(len(self.found(handler, "application")), 1)
        test = IMPORTS + textwrap.dedent(
            """
            class Test(TripwireTestCase):
                def test(self):
                    with self.sandbox():
                        try:
                            fetch()
                        except app.failing.error:
                            pass
                        %s
            """
        )
        self.assertEqual(swallowed(test % "", app), [])
        gone = """
            class Test(TripwireTestCase):
                def test(self):
                    KeyError_ = AssertionError
                    with self.sandbox():
                        try:
                            fetch()
                        except KeyError_:
                            del KeyError_
        """
        self.assertEqual(swallowed(gone), [])

    def test_suppress_of_what_cannot_be_looked_up_has_named_it_in_the_test(self) -> None:
        """As `except` of it has."""
        body = """
            from contextlib import suppress
            class Test(TripwireTestCase):
                def test(self):
                    with self.sandbox(), suppress(*[Exception]):
                        fetch()
        """
        self.assertEqual(swallowed(body), [])
        empty = body.replace("suppress(*[Exception])", "suppress(), suppress(Exception)")
        self.assertEqual(len(swallowed(empty)), 1)

    def test_empty_tuple_names_nothing(self) -> None:
        """It catches nothing, either."""
        self.assertEqual(len(self.found("except ():\n    pass\nexcept Exception:")), 1)

    def test_file_that_is_no_python_is_no_source(self) -> None:
        """Or is another by now, shorter, or with another function on that line."""
        text = textwrap.dedent(in_place(NAMING["try"], "test")["test"] % "Exception")
        for now in (
            "def (",
            "\0",
            "",
            "x = 1\n",
            "\n" * 100,
            text.replace("def test", "def other"),
        ):
            with self.subTest(now=now[:20]):
                with files(changed=text):
                    case = module("changed", text, TripwireTestCase=TripwireTestCase)["Test"]
                with files(changed=now):
                    result = run(case)
                self.assertEqual(result.failures + result.errors, [])

    def test_file_that_cannot_be_asked_for_is_no_source(self) -> None:
        """A test that replaces what reads files goes on without."""
        texts = in_place(NAMING["try"], "test")
        with mock.patch.object(linecache, "getlines", side_effect=TypeError):
            self.assertEqual(swallowed(texts["test"] % "Exception"), [])

    def test_source_that_other_lines_were_put_into_is_not_believed(self) -> None:
        """Nothing on that line could have caught it, and it was caught."""
        text = IMPORTS + textwrap.dedent(
            """
            class Test(TripwireTestCase):
                def test(self):
                    with self.sandbox():
                        try:
                            fetch()
                        except Exception:
                            pass
            """
        )
        with files(changed=text):
            case = module("changed", text, TripwireTestCase=TripwireTestCase)["Test"]
        with files(changed=text.replace("        try:\n", "        str()\n", 1).split("except")[0]):
            result = run(case)
        self.assertEqual(result.failures + result.errors, [])

    def test_warnings_about_a_source_are_not_given_again(self) -> None:
        """They were when it was imported."""
        text = in_place("try:\n    fetch('\\d')\nexcept X:\n    pass", "test")["test"]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            code = compile(text % "Exception", "<written>/warning.py", "exec")
        names: Any = {"fetch": fetch, "TripwireTestCase": TripwireTestCase}
        exec(code, names)
        with files(warning=text % "Exception"), warnings.catch_warnings():
            warnings.simplefilter("error")
            result = run(names["Test"])
        self.assertEqual(len(result.failures), 1, result.errors)

    @needs_threads
    def test_threads_may_verify_at_once(self) -> None:
        """Parsing goes one by one."""
        texts = in_place(NAMING["try"], "test")["test"] % "Exception"
        found: List[int] = []

        def work(number: int) -> None:
            name = f"thread{number}"
            with files(**{name: texts}):
                case = module(name, texts, TripwireTestCase=TripwireTestCase)["Test"]
                found.append(len(run(case).failures))

        threads = [threading.Thread(target=work, args=(each,)) for each in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(found, [1] * 8)
