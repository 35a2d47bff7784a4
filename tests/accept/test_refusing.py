"""Where one cannot know what is right, nothing is written, and the reason is given."""

from __future__ import annotations

import io
import os
import textwrap
import unittest
from typing import Any, Optional
from unittest import mock

from tests.accept.trial import GET, SET, Trial, module, opened
from tripwire.accept.facts import Addition, Pass, Place

PLAIN = module("        with self.sandbox():\n            pass\n")
REFUSED = "TRIPWIRE_ACCEPT writes nothing into this test: "


def block(text: str) -> str:
    """A test with this body."""
    return module(textwrap.indent(textwrap.dedent(text), " " * 8))


class RefusingTestCase(unittest.TestCase):
    """Compares the reason, twice, and the file."""

    def refuse(self, source: str, reason: str, *lines: str, **how: Any) -> Trial:
        """Nothing is written, and the reason is said at the test and at the end."""
        trial = Trial(self, source).lack(*(lines or (GET,)), **how)
        self.assertEqual(trial.announced, f"{REFUSED}{reason}.")
        return self.left_alone(trial, reason)

    def left_alone(self, trial: Trial, reason: str, number: int = 1) -> Trial:
        """The file is as it was, and the summary has the reason."""
        before = trial.path.read_bytes()
        self.assertEqual(trial.finish(), before)
        tests = "1 test was" if number == 1 else f"{number} tests were"
        self.assertTrue(trial.summary.startswith(f"{tests} left alone:\n\n"), trial.summary)
        self.assertEqual(trial.summary.count(f"        {reason}"), number, trial.summary)
        return trial


class SandboxTest(RefusingTestCase):
    """Sandboxes without a `with` of the test's."""

    def test_opened_in_a_helper(self) -> None:
        """A method that other tests may use."""
        source = module(
            "        self.load()\n\n"
            "    def load(self):\n        with self.sandbox():\n            pass\n"
        )
        self.refuse(source, "the sandbox was not opened in the test's own function")

    def test_opened_in_another_file(self) -> None:
        """Even at the same line, in a function of the same name."""
        trial = Trial(self, PLAIN)
        other = Trial(self, PLAIN)
        places, _ = other.run()
        trial.note([Pass(places[0], assertions=(Addition((GET,)),))])
        self.assertEqual(
            trial.announced, f"{REFUSED}the sandbox was not opened in the test's own function."
        )

    def test_opened_by_a_decorator(self) -> None:
        """The `with` stands in the wrapper."""
        source = (
            "import functools\nfrom tests.accept.trial import Case, sandbox\n\n"
            "def inside(function):\n"
            "    @functools.wraps(function)\n"
            "    def wrapper(self):\n"
            "        with self.sandbox():\n            function(self)\n"
            "    return wrapper\n\n"
            "class SessionTest(Case):\n    @inside\n    def test_hit(self):\n        pass\n"
        )
        self.refuse(source, "the sandbox was not opened in the test's own function")

    def test_opened_without_a_with(self) -> None:
        """It is open for longer than one can see."""
        source = block("self.sandbox().__enter__()")
        self.refuse(source, "the sandbox was not opened by a `with`")

    def test_opened_by_a_stack(self) -> None:
        """Which closes it when it likes."""
        source = block(
            """
            import contextlib
            with contextlib.ExitStack() as stack:
                stack.enter_context(self.sandbox())
            """
        )
        self.refuse(source, "the sandbox was not opened in the test's own function")

    def test_block_that_can_be_left_early(self) -> None:
        """Then what follows it may never run."""
        for word, body in {
            "return": "with self.sandbox():\n    if self:\n        return\n",
            "raise": "with self.sandbox():\n    pass\n    if not self:\n        raise ValueError\n",
            "break": "while True:\n    with self.sandbox():\n        break\n",
            "continue": "for a in 'a':\n    with self.sandbox():\n        try:\n            pass\n"
            "        finally:\n            continue\n",
        }.items():
            line = block(body).partition(f" {word}")[0].count("\n") + 1
            with self.subTest(word):
                self.refuse(
                    block(body), f"the sandbox's block can be left by the `{word}` in line {line}"
                )

    def test_break_in_the_else_of_an_inner_loop(self) -> None:
        """It leaves the outer loop."""
        source = block(
            """
            while True:
                with self.sandbox():
                    for each in "a":
                        pass
                    else:
                        break
            """
        )
        self.refuse(source, "the sandbox's block can be left by the `break` in line 13")

    def test_left_by_an_exception(self) -> None:
        """The caller knows."""
        trial = Trial(self, PLAIN)
        places, _ = trial.run()
        reason = "the sandbox was left by an exception"
        trial.note([Pass(places[0], assertions=(Addition((GET,)),), reason=reason)])
        self.assertEqual(trial.announced, f"{REFUSED}{reason}.")
        self.left_alone(trial, reason)

    def test_other_findings(self) -> None:
        """The caller knows those as well."""
        trial = Trial(self, PLAIN).lack(GET, reason="it has other findings")
        self.assertEqual(trial.announced, f"{REFUSED}it has other findings.")
        self.left_alone(trial, "it has other findings")


class PassesTest(RefusingTestCase):
    """Several passes through one `with`."""

    REASON = "the passes through the `with` of a sandbox lack different lines"

    def test_loop(self) -> None:
        """In one test."""
        trial = Trial(self, block("for a in 'ab':\n    with self.sandbox():\n        pass\n"))
        places, _ = trial.run()
        passes = [Pass(place, (), (Addition((line,)),)) for place, line in zip(places, (GET, SET))]
        trial.note(passes)
        self.assertEqual(trial.announced, f"{REFUSED}{self.REASON}.")
        self.left_alone(trial, self.REASON)

    def test_mixin(self) -> None:
        """In two tests: what was announced at the first does not happen."""
        source = PLAIN + "\n\nclass OtherTest(SessionTest):\n    pass\n"
        trial = Trial(self, source).lack(GET)
        self.assertIn("TRIPWIRE_ACCEPT writes these lines", trial.announced)
        trial.lack(SET, test="OtherTest.test_hit")
        self.left_alone(trial, self.REASON, number=2)

    def test_green_pass(self) -> None:
        """A test that lacks nothing would fail with the lines of the other."""
        source = PLAIN + "\n\nclass OtherTest(SessionTest):\n    pass\n"
        trial = Trial(self, source).lack(GET).lack(test="OtherTest.test_hit")
        self.assertEqual(trial.announced, "")
        self.left_alone(trial, self.REASON)

    def test_all_of_a_test_or_nothing(self) -> None:
        """Half of the lines would only make it fail elsewhere."""
        source = block(
            "with self.sandbox():\n    pass\n"
            "with self.sandbox():\n    if not self:\n        return\n"
        )
        self.refuse(source, "the sandbox's block can be left by the `return` in line 11")


class AssertionsTest(RefusingTestCase):
    """Lines that belong to an assertion that stands there."""

    def beside(self, source: str, reason: Optional[str] = None, number: int = 0, **how: Any) -> str:
        """The file after a line was put beside an assertion; or the reason."""
        trial = Trial(self, source)
        places, assertions = trial.run()
        addition = Addition((GET,), at=assertions[number], **how)
        trial.note([Pass(places[0], (), (addition,))])
        if reason is not None:
            self.assertEqual(trial.announced, f"{REFUSED}{reason}.")
            self.left_alone(trial, reason)
        return trial.finish().decode()

    def test_after_the_last_that_matched(self) -> None:
        """However many lines it takes."""
        source = block(
            "with self.sandbox():\n    pass\nself.memcache.assert_set(\n    'SET', 'k', 'v'\n)\n#\n"
        )
        new = '        self.memcache.assert_get(command="GET", key="k")\n'
        self.assertEqual(self.beside(source), source.replace("        )\n", f"        )\n{new}"))

    def test_before_the_one_that_did_not_match(self) -> None:
        """And before its comment."""
        source = block("with self.sandbox():\n    pass\n# Then:\nself.memcache.assert_set('SET')\n")
        new = '        self.memcache.assert_get(command="GET", key="k")\n'
        self.assertEqual(
            self.beside(source, follows=False), source.replace("        #", f"{new}        #")
        )

    def test_inside_of_a_block(self) -> None:
        """Where the assertion is, there is what follows it."""
        for head in ("with self.subTest():", "if self:", "try:"):
            source = block(
                f"with self.sandbox():\n    pass\n{head}\n    self.memcache.assert_set('SET')\n"
                + ("finally:\n    pass\n" if head == "try:" else "")
            )
            new = '            self.memcache.assert_get(command="GET", key="k")\n'
            with self.subTest(head):
                self.assertEqual(
                    self.beside(source), source.replace("('SET')\n", f"('SET')\n{new}")
                )

    def test_inside_of_a_handler(self) -> None:
        """Of a `try`."""
        source = block(
            "with self.sandbox():\n    pass\ntry:\n    int('')\nexcept ValueError:\n"
            "    self.memcache.assert_set('SET')\n"
        )
        new = '            self.memcache.assert_get(command="GET", key="k")\n'
        self.assertEqual(self.beside(source), source + new)

    def test_block_on_one_line(self) -> None:
        """The lines stand outside of it."""
        source = block(
            "with self.sandbox():\n    pass\nwith self.memcache.in_any_order(): "
            "self.memcache.assert_set('SET')\n"
        )
        new = '        self.memcache.assert_get(command="GET", key="k")\n'
        self.assertEqual(self.beside(source), source + new)

    def test_loop_around_both(self) -> None:
        """Each pass through the sandbox comes by."""
        source = block(
            "for a in 'a':\n    with self.sandbox():\n        pass\n"
            "    self.memcache.assert_set('SET')\n"
        )
        new = '            self.memcache.assert_get(command="GET", key="k")\n'
        self.assertEqual(self.beside(source), source + new)

    def test_loop_around_the_assertion(self) -> None:
        """The lines would be asserted at each pass."""
        source = block(
            "with self.sandbox():\n    pass\nfor a in 'ab':\n    self.memcache.assert_set('SET')\n"
        )
        self.beside(source, "the assertion in line 10 stands in a loop", number=1)

    def test_head_of_a_block(self) -> None:
        """There is no place after it."""
        source = block("with self.sandbox():\n    pass\nif self.memcache.assert_set():\n    pass\n")
        self.beside(source, "no statement of the test begins in line 9")

    def test_several_statements_on_a_line(self) -> None:
        """Only one place is right, and it is inside of the line."""
        for line in (
            "self.memcache.assert_set(); pass",
            "pass; self.memcache.assert_set()",
            "if not self: pass\nelse: self.memcache.assert_set()",
        ):
            source = block(f"with self.sandbox():\n    pass\n{line}\n")
            number = source.count("\n")
            with self.subTest(line):
                self.beside(source, f"line {number} holds more than the assertion")

    def test_assertion_in_a_helper(self) -> None:
        """Others may call it."""
        source = module(
            "        with self.sandbox():\n            pass\n        self.check()\n\n"
            "    def check(self):\n        self.memcache.assert_set()\n"
        )
        self.beside(source, "its last assertion stands in another function than the sandbox")

    def test_line_without_a_statement(self) -> None:
        """Whatever the caller says."""
        trial = Trial(self, PLAIN)
        (place,), _ = trial.run()
        trial.note([Pass(place, (), (Addition((GET,), at=place._replace(line=1)),))])
        self.assertEqual(trial.announced, f"{REFUSED}no statement of the test begins in line 1.")


class FilesTest(RefusingTestCase):
    """Files that are not what they were."""

    def test_changed_before_the_test_ended(self) -> None:
        """The lines may be others now."""
        for change in (
            lambda text: text.replace("pass", "print"),
            lambda text: f"\n{text}",
            lambda text: text.replace("():\n            pass", "():\n\n            pass"),
            lambda text: "",
        ):
            trial = Trial(self, PLAIN)
            places, _ = trial.run()
            trial.path.write_text(change(PLAIN))
            trial.note([Pass(places[0], (), (Addition((GET,)),))])
            reason = "the file has changed since it was imported"
            self.assertEqual(trial.announced, f"{REFUSED}{reason}.")
            self.left_alone(trial, reason)

    def test_changed_elsewhere(self) -> None:
        """The test is still there."""
        trial = Trial(self, PLAIN).lack(GET)
        trial.path.write_text(f"{PLAIN}# more\n")
        self.assertTrue(trial.finish().endswith(b'key="k")\n# more\n'))

    def test_changed_after_the_test_ended(self) -> None:
        """What was announced does not happen."""
        trial = Trial(self, PLAIN).lack(GET)
        trial.path.write_text(PLAIN.replace("pass", "print"))
        self.left_alone(trial, "the file has changed since it was imported")

    def test_gone(self) -> None:
        """Or never there, as with a doctest."""
        trial = Trial(self, PLAIN)
        places, _ = trial.run()
        trial.path.unlink()
        trial.note([Pass(places[0], (), (Addition((GET,)),))])
        self.assertEqual(
            trial.announced,
            f"{REFUSED}its source cannot be read: [Errno 2] No such file or directory: "
            f"'{trial.path}'.",
        )

    def test_no_python_any_more(self) -> None:
        """Somebody is just editing it."""
        for text in (b"(", b"\xff", b"# coding: x\n"):
            trial = Trial(self, PLAIN)
            places, _ = trial.run()
            trial.path.write_bytes(text)
            trial.note([Pass(places[0], (), (Addition((GET,)),))])
            self.assertIn(f"{REFUSED}its source cannot be read: ", trial.announced)

    def test_lines_that_do_not_compile(self) -> None:
        """A name that the encoding lacks cannot be escaped."""
        source = f"# coding: ascii\nimport sys\n{PLAIN}"
        line = "tripwire.memcache.assert_get(kéy='k')"
        trial = Trial(self, source).lack(line)
        self.assertIn(f"{REFUSED}the lines would not compile: ", trial.announced)

    def test_file_that_cannot_be_written(self) -> None:
        """Permissions are kept to, also where the folder could be written."""
        trial = Trial(self, PLAIN).lack(GET)
        with mock.patch("os.access", return_value=False):
            self.left_alone(trial, "the file cannot be written")

    def test_changed_at_the_last_moment(self) -> None:
        """Between two looks at it."""
        trial = Trial(self, PLAIN).lack(GET)
        data = [PLAIN.encode(), f"{PLAIN}#".encode()]
        with mock.patch("builtins.open", side_effect=lambda *_: io.BytesIO(data.pop(0))):
            summary = trial.acceptance.finish()
        self.assertIn("        the file has just changed", summary)

    def test_failure_at_the_last_step(self) -> None:
        """Nothing of ours stays."""
        trial = Trial(self, PLAIN).lack(GET)
        with mock.patch("os.replace", side_effect=OSError("no")):
            self.left_alone(trial, "the file cannot be written: no")
        self.assertEqual([path.name for path in trial.path.parent.glob("*.tmp")], [])

    def test_folder_that_cannot_be_written(self) -> None:
        """A file of ours is in the way."""
        trial = Trial(self, PLAIN).lack(GET)
        (trial.path.parent / f"test_app.py.{os.getpid()}.tmp").touch()
        self.left_alone(trial, "the file cannot be written: [Errno 17] File exists")

    def test_one_file_of_two(self) -> None:
        """What happens to one is nothing to the other."""
        trial = Trial(self, PLAIN).lack(GET)
        other = Trial(self, PLAIN)
        other.acceptance = trial.acceptance
        other.lack(GET)
        (trial.path.parent / f"test_app.py.{os.getpid()}.tmp").touch()
        self.assertEqual(trial.finish(), PLAIN.encode())
        self.assertNotEqual(other.path.read_text(), PLAIN)
        self.assertIn("1 test was left alone", trial.summary)
        self.assertIn("wrote what 1 test lacked", trial.summary)


class EnvironmentTest(RefusingTestCase):
    """Where nobody would read what is written."""

    def test_ci(self) -> None:
        """Whatever it is set to, but for nothing and false."""
        for value, refused in {
            "1": True,
            "true": True,
            "": False,
            "0": False,
            "False": False,
        }.items():
            trial = Trial(self, PLAIN, {"CI": value}).lack(GET)
            with self.subTest(value):
                self.assertEqual("CI is set in the environment" in trial.announced, refused)


class SwitchTest(unittest.TestCase):
    """What the environment asks for."""

    def test_switch(self) -> None:
        """Anything but nothing and 0."""
        for environ, on in (
            ({}, False),
            ({"TRIPWIRE_ACCEPT": ""}, False),
            ({"TRIPWIRE_ACCEPT": "0"}, False),
            ({"TRIPWIRE_ACCEPT": "1"}, True),
        ):
            self.assertIs(Trial(self, PLAIN, environ).acceptance.is_on, on)
        del opened[:]


class PlaceTest(unittest.TestCase):
    """A place is kept without its frame."""

    def test_relative_file(self) -> None:
        """It is found after the working directory has changed."""
        scope: Any = {"Place": Place}
        exec(compile("import sys\nplace = Place.of(sys._getframe())", "some.py", "exec"), scope)
        self.assertEqual(scope["place"].filename, os.path.abspath("some.py"))
        self.assertEqual(scope["place"].line, 2)
