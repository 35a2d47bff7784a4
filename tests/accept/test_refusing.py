"""Where one cannot know what is right, nothing is written, and the reason is given."""

from __future__ import annotations

from tests.accept.accepting import (
    GET,
    REFUSED,
    SET,
    RefusingTestCase,
    Trial,
    block,
    module,
)
from tripwire._accept.facts import Addition, Pass

PLAIN = module("        with self.sandbox():\n            pass\n")


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
            "import functools\nfrom tests.accept.accepting import Case, sandbox\n\n"
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

    REASON = "the passes through the `with` of a sandbox differ in what they lack"

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

    def test_pass_that_ended_otherwise(self) -> None:
        """The lines would not be reached by each of them."""
        source = PLAIN + "\n\nclass OtherTest(SessionTest):\n    pass\n"
        trial = Trial(self, source).lack(GET)
        (place,), _ = trial.run("OtherTest.test_hit")
        passed = Pass(place, (), (Addition((GET,)),), "the sandbox was left by an exception")
        trial.note([passed], test="OtherTest.test_hit")
        self.assertEqual(trial.announced, f"{REFUSED}{passed.reason}.")
        self.assertEqual(trial.finish(), source.encode())

    def test_all_of_a_test_or_nothing(self) -> None:
        """Half of the lines would only make it fail elsewhere."""
        source = block(
            "with self.sandbox():\n    pass\n"
            "with self.sandbox():\n    if not self:\n        return\n"
        )
        self.refuse(source, "the sandbox's block can be left by the `return` in line 11")
