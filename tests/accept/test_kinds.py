"""All kinds of tests: of both classes and functions, async ones, in loops and mixins.

SPECIFICATION 46, 47, 48.
"""

from __future__ import annotations

import textwrap
from typing import Any, Callable, List
from unittest import mock

from tests.accept.running import HEAD, Trial, TrialTestCase

MOCKS = (
    'self.memcache.mock_command("GET", returns=tripwire.MISS, key="k")',
    'self.memcache.mock_command("SET", returns=True, key="k")',
)
ASSERTIONS = (
    'self.memcache.assert_get(command="GET", key="k")',
    'self.memcache.assert_set(command="SET", key="k", value=b"v", expire=60)',
)
IN_MODULE = [line.replace("self.", "tripwire.") for line in (*MOCKS, *ASSERTIONS)]

DIFFER = "the passes through the `with` of a sandbox differ in what they lack"


def source(text: str) -> str:
    """A class of strict tests with this body."""
    body = textwrap.indent(textwrap.dedent(text), " " * 4)
    return f"class ShopTest(tripwire.TripwireTestCase):\n{body}"


class StrictTest(TrialTestCase):
    """`strict()`, as a decorator and around a block."""

    def test_decorated(self) -> None:
        """A method of a plain test case: lines name the module; with parentheses, and async."""
        for decorator, word in (("strict", "def"), ("strict()", "def"), ("strict", "async def")):
            with self.subTest(decorator=decorator, word=word):
                base = "IsolatedAsyncioTestCase" if "async" in word else "TestCase"
                trial = Trial(
                    self,
                    f"""
                    class ShopTest(unittest.{base}):
                        @tripwire.{decorator}
                        {word} test_it(self):
                            with tripwire:
                                load("k")
                    """,
                )
                self.assert_written(trial, *IN_MODULE)
                self.assertIn("    ShopTest.test_it\n", trial.summary)

    def test_block(self) -> None:
        """Its lines stand inside of it."""
        trial = Trial(
            self,
            """
            class ShopTest(unittest.TestCase):
                def test_it(self):
                    with tripwire.strict() as verifier:
                        with verifier.sandbox():
                            load("k")
            """,
        )
        self.assert_written(trial, *IN_MODULE)

    def test_block_that_begins_in_the_with_of_its_sandbox(self) -> None:
        """Lines around that `with` would stand outside of the test."""
        trial = Trial(
            self,
            """
            class ShopTest(unittest.TestCase):
                def test_it(self):
                    with tripwire.strict() as verifier, verifier.sandbox():
                        load("k")
            """,
        )
        self.assert_left_alone(
            trial, "the sandbox has no `with` of its own, and the block may begin in that"
        )

    def test_decorated_with_something_beside_its_sandbox(self) -> None:
        """The test is the whole function, so the lines stand inside of it wherever that ends."""
        trial = Trial(
            self,
            """
            class ShopTest(unittest.TestCase):
                @tripwire.strict
                def test_it(self):
                    with self.subTest(), tripwire:
                        load("k")
            """,
        )
        self.assert_written(trial, *IN_MODULE)

    def test_block_around_a_helper(self) -> None:
        """The helper is not the test."""
        trial = Trial(
            self,
            """
            def helper():
                with tripwire:
                    load("k")

            class ShopTest(unittest.TestCase):
                def test_it(self):
                    with tripwire.strict():
                        helper()
            """,
        )
        self.assert_left_alone(trial, "the sandbox was not opened in the test's own function")

    def test_block_that_fails(self) -> None:
        """Its exception stays what it is."""
        trial = Trial(
            self,
            """
            class ShopTest(unittest.TestCase):
                def test_it(self):
                    with tripwire.strict():
                        with tripwire:
                            load("k")
                        self.fail("so")
            """,
        )
        text = self.assert_left_alone(trial, "it fails in another way, too")
        self.assertTrue(text.rstrip().endswith("AssertionError: so"))


class AsyncTest(TrialTestCase):
    """Async tests."""

    def test_async_with(self) -> None:
        """And a plain one in the same class; what a task sent is in the test's thread."""
        trial = Trial(
            self,
            """
            import asyncio

            class ShopTest(tripwire.TripwireTestCase, unittest.IsolatedAsyncioTestCase):
                async def test_it(self):
                    async def work():
                        load("k")

                    async with self.sandbox():
                        await asyncio.gather(work())

                async def test_plain_with(self):
                    with tripwire:
                        load("k")
            """,
        )
        self.assert_written(trial, *MOCKS, *ASSERTIONS, *MOCKS, *ASSERTIONS)


class PassesTest(TrialTestCase):
    """Several passes through one `with`."""

    def test_loops_and_subtests_that_lack_the_same(self) -> None:
        """The lines are written once."""
        for around in ("for _ in 'ab':", "for name in 'ab':\n    with self.subTest(name):"):
            with self.subTest(around):
                space = " " * 4 * (1 + around.count("with"))
                body = f"{around}\n{space}with self.sandbox():\n{space}    client.delete('k')\n"
                self.assert_written(
                    self.trial(body),
                    'self.memcache.mock_command("DELETE", returns=True, key="k")',
                    'self.memcache.assert_delete(command="DELETE", key="k")',
                )

    def test_loop_with_an_assertion(self) -> None:
        """What an earlier pass lacks after it, and what a later one lacks, is the same."""
        body = (
            "for _ in 'ab':\n    with self.sandbox():\n"
            "        load('k')\n        client.delete('k')\n"
            "    self.memcache.assert_{}\n"
        )
        for asserted, rest in (("get('GET', 'k')", 1), ("delete('DELETE', 'k')", 0)):
            with self.subTest(asserted):
                trial = self.trial(body.format(asserted))
                delete = 'self.memcache.assert_delete(command="DELETE", key="k")'
                missing = [ASSERTIONS[1], delete] if rest else ASSERTIONS
                self.assert_written(
                    trial,
                    *MOCKS,
                    'self.memcache.mock_command("DELETE", returns=True, key="k")',
                    *missing,
                )

    def test_passes_that_differ(self) -> None:
        """One cannot know which is right."""
        body = "for key in 'ab':\n    with self.sandbox():\n        client.delete(key)\n"
        self.assert_left_alone(self.trial(body), DIFFER)

    def test_mixin(self) -> None:
        """A test of two classes, one of which lacks nothing: its lines would be everybody's."""
        text = """
            class Mixin:
                key = "k"

                def test_it(self):
                    with self.sandbox():
                        client.delete(self.key)

            class FirstTest(Mixin, tripwire.TripwireTestCase):
                pass

            class SecondTest(Mixin, tripwire.TripwireTestCase):
                {}
            """
        self.assert_written(
            Trial(self, text.format("pass")),
            'self.memcache.mock_command("DELETE", returns=True, key="k")',
            'self.memcache.assert_delete(command="DELETE", key="k")',
        )
        trial = Trial(self, text.format("key = 'other'"))
        trial.accept()
        self.assertEqual(trial.added(), [])
        self.assertEqual(trial.summary.count(DIFFER), 2, trial.summary)
        expecting = (
            "def setUp(self):\n                    super().setUp()\n"
            "                    self.memcache.expect('DELETE', key='k', returns=True)"
        )
        trial = Trial(self, text.format(expecting))
        trial.accept()
        self.assertEqual(trial.added(), [])
        self.assertEqual(trial.summary.count(DIFFER), 1, trial.summary)

    def test_inherited_test(self) -> None:
        """The method of a base that calls its own base is the test; that one's `with` is not."""
        trial = Trial(
            self,
            """
            class Base(tripwire.TripwireTestCase):
                def test_it(self):
                    pass

            class ShopTest(Base):
                def test_it(self):
                    super().test_it()
                    with self.sandbox():
                        load("k")
            """,
        )
        self.assert_written(trial, *MOCKS, *ASSERTIONS)


class MethodsTest(TrialTestCase):
    """Methods, however they are made."""

    def test_two_tests(self) -> None:
        """Of one class: each gets its own."""
        text = "def test_{}(self):\n    with self.sandbox():\n        load('k')\n\n"
        trial = Trial(self, source(text.format("it") + text.format("again")))
        self.assert_written(trial, *MOCKS, *ASSERTIONS, *MOCKS, *ASSERTIONS)
        self.assertIn("wrote what 2 tests lacked into 1 file", trial.summary)

    def test_decorated(self) -> None:
        """By what says what it wraps, and by what does not."""
        head = (
            "from unittest import mock\n\ndef forward(function):\n    def wrapper(self):\n"
            "        return function(self)\n    return wrapper\n\n"
        )
        text = "@{}\ndef test_it(self{}):\n    with self.sandbox():\n        load('k')\n"
        for decorator, more in (("mock.patch('os.sep')", ", sep"), ("forward", "")):
            with self.subTest(decorator):
                trial = Trial(self, source(text.format(decorator, more)), head=HEAD + head)
                self.assert_written(trial, *MOCKS, *ASSERTIONS)

    def test_static(self) -> None:
        """It has no test case at hand."""
        trial = Trial(
            self,
            source("@staticmethod\ndef test_it():\n    with tripwire:\n        load('k')\n"),
        )
        self.assert_written(trial, *IN_MODULE)

    def test_class_method(self) -> None:
        """Its first parameter is the class, which has no plugins."""
        trial = Trial(
            self,
            source("@classmethod\ndef test_it(cls):\n    with tripwire:\n        load('k')\n"),
        )
        self.assert_written(trial, *IN_MODULE)

    def test_no_function(self) -> None:
        """An object with a method of its own."""
        trial = Trial(
            self,
            """
            class Method:
                def __get__(self, case, kind):
                    return self.run

                def run(self):
                    with tripwire:
                        load("k")

            class ShopTest(tripwire.TripwireTestCase):
                test_it = Method()
            """,
        )
        self.assert_left_alone(trial, "its method is no function")


def by_hand(case: Any) -> List[str]:
    """What a runner that calls the parts of a test one by one gets to hear."""
    return said(case.setUp, case.test_it, case.tearDown, case.doCleanups)


def said(*parts: Callable[[], Any]) -> List[str]:
    """What some functions raise."""
    texts = []
    for part in parts:
        try:
            part()
        except AssertionError as error:
            texts.append(str(error))
    return texts


class PartsTest(TrialTestCase):
    """Runners of other kinds."""

    def test_debug(self) -> None:
        """It raises what was found, in the end."""
        trial = self.trial("with self.sandbox():\n    load('k')\n")
        self.assert_said(trial, lambda case: said(case.debug))

    def test_parts_one_by_one(self) -> None:
        """`tearDown` is the last that is heard."""
        trial = self.trial("with self.sandbox():\n    load('k')\n")
        self.assert_said(trial, by_hand)

    def assert_said(self, trial: Trial, run: Callable[[Any], List[str]]) -> None:
        """A runner hears of it once, and the lines are written."""
        heard: List[str] = []

        def run_all(suite: Any, result: Any) -> None:
            for each in suite:
                for case in each:
                    heard.extend(run(case))

        with mock.patch("unittest.TestSuite.run", run_all):
            trial.accept()
        self.assertEqual(len(heard), 1)
        self.assertIn("TRIPWIRE_ACCEPT writes these lines", heard[0])
        self.assertEqual(trial.added(), [*MOCKS, *ASSERTIONS])
