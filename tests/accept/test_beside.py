"""Lines that belong to an assertion that stands there already."""

from __future__ import annotations

from typing import Any, Optional

from tests.accept.accepting import GET, REFUSED, RefusingTestCase, Trial, block, module
from tripwire._accept.facts import Addition, Pass, Place

PLAIN = module("        with self.sandbox():\n            pass\n")


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
        trial.note(
            [
                Pass(
                    place,
                    (),
                    (Addition((GET,), at=Place(place.code, 1, place.variables, place.filename)),),
                )
            ]
        )
        self.assertEqual(trial.announced, f"{REFUSED}no statement of the test begins in line 1.")
