"""What is read of a violation that was swallowed: the handler, and what to do."""

from __future__ import annotations

import sys
import textwrap
import unittest

from tests.support.platform import need_for
from tests.violations.forms import IMPORTS, NAMELESS, NAMING
from tests.violations.written import files, module, run
from tripwire import TripwireTestCase

ASSERTED = (8, "fetch()") if sys.version_info < (3, 10) else (7, "with self.assertRaises(X):")


class TextsTest(unittest.TestCase):
    """The head of the report, up to the violation's own text."""

    maxDiff = None

    def head(self, form: str, app: str = "def unused(): pass") -> str:
        """The report of a test that has a form in its sandbox, and an application beside it."""
        need_for(form)
        form, app = textwrap.dedent(form).strip("\n"), textwrap.dedent(app).strip("\n")
        test = (
            f"{IMPORTS.strip()}\n"
            f"X = Exception\n"
            "class Test(TripwireTestCase):\n"
            "    def test(self):\n"
            "        with self.sandbox():\n"
            f"{textwrap.indent(form, ' ' * 12)}\n"
        )
        with files(app=app, test=test):
            names = module("app", app)
            case = module("test", test, **{**names, "TripwireTestCase": TripwireTestCase})["Test"]
            ((_, text),) = run(case).failures
        block = text.partition("1 violation was swallowed:\n\n")[2]
        return textwrap.dedent(block.partition("\n    called from")[0].partition("\n\n")[0])

    def test_handler_of_the_application(self) -> None:
        """The line of its `except`, and the function."""
        app = """
            def page(fetch):
                try:
                    return fetch()
                except (KeyError, Exception):
                    return None
        """
        self.assertEqual(
            self.head("page(fetch)", app),
            "UnmockedInteractionError\ncaught by <written>/app.py:4 in page",
        )

    def test_handlers_of_the_test(self) -> None:
        """The line, its text, and what to write instead."""
        for form, line, text in (
            (NAMING["try"], 9, "except X:"),
            (NAMING["suppress on one line"], 7, "with suppress(X): fetch()"),
            (NAMING["suppress over several lines"], 7, "with suppress("),
            # While a `with` ends, Python 3.9 is on the last line of its block.
            (NAMING["assertRaises"], *ASSERTED),
            (NAMING["assertRaises as a call"], 7, "self.assertRaises(X, fetch)"),
            (NAMELESS["bare except"], 9, "except:"),
            (NAMELESS["finally that returns"], 10, "return"),
            (NAMELESS["manager that swallows"], 10, "with Quiet():"),
        ):
            with self.subTest(text=text):
                self.assertEqual(
                    self.head(form),
                    "UnmockedInteractionError\n"
                    f"caught by <written>/test.py:{line} in test\n"
                    f"    {text}\n"
                    "If the test expects it, name it there: UnmockedInteractionError.",
                )

    def test_one_of_several_managers(self) -> None:
        """Which of them cannot be told: the line that was running is named."""
        form = """
            class Quiet:
                def __enter__(self): pass
                def __exit__(self, *about): return True
            with Quiet():
                with contextlib.nullcontext():
                    fetch()
        """
        self.assertEqual(
            self.head(form), "UnmockedInteractionError\ncaught by <written>/test.py:12 in test"
        )

    def test_task_that_it_ended(self) -> None:
        """What to do about what nobody raised again."""
        self.assertEqual(
            self.head(NAMELESS["gather"]),
            "UnmockedInteractionError\n"
            "got no further than <written>/test.py:8 in work: it ended a task,\n"
            "and nobody raised it again. If the test expects it, raise it inside\nassertRaises.",
        )

    def test_thread_that_it_ended(self) -> None:
        """Where its future was not asked, or was asked without raising."""
        head, _, advice = self.head(NAMELESS["exception of a future"]).partition("\nand ")
        self.assertRegex(
            head,
            r"^UnmockedInteractionError\ncaught by .*thread\.py:\d+ in run:"
            " it ended what ran there,$",
        )
        self.assertEqual(
            advice,
            "nobody raised it again. If the test expects it, raise it inside\nassertRaises.",
        )

    def test_finalizer_that_it_ended(self) -> None:
        """No task: Python called it."""
        self.assertEqual(
            self.head(NAMELESS["finalizer"]),
            "UnmockedInteractionError\n"
            "got no further than <written>/test.py:11 in __del__: Python itself had called that,\n"
            "as it does finalizers and callbacks, and ignored it",
        )
