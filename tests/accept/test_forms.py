"""Whatever a file looks like, lines are added to it and nothing else is touched."""

from __future__ import annotations

import unittest
from typing import Any

from tests.accept.accepting import GET, MOCK, SET, Trial, module
from tests.support.platform import needs_event_loop
from tripwire._accept.facts import Addition, Pass

IN_METHOD = 'self.memcache.assert_get(command="GET", key="k")'
SET_IN_METHOD = 'self.memcache.assert_set(command="SET", key="k", value=b"v")'
MOCK_IN_METHOD = 'self.memcache.mock_command("GET", returns=tripwire.MISS, key="k")'

PLAIN = module(
    "        with self.sandbox():\n"
    "            print\n"
    "        # That is all.\n"
    "        self.assertTrue(True)\n"
)


class FormsTestCase(unittest.TestCase):
    """Compares whole files."""

    def check(self, source: Any, *added: Any, lines: Any = (GET,), **how: Any) -> Trial:
        """The file is what it was, with pairs of (what stands before them, new lines)."""
        data = source if isinstance(source, bytes) else source.encode()
        expected = data
        for pair in added:
            before, new = (each if isinstance(each, bytes) else each.encode() for each in pair)
            self.assertEqual(expected.count(before), 1, before)
            expected = expected.replace(before, before + new)
        trial = Trial(self, data).lack(*lines, **how)
        self.assertEqual(trial.finish(), expected, trial.announced)
        compile(expected, "test_app.py", "exec", dont_inherit=True)
        self.assertEqual(trial.acceptance.finish(), "")
        return trial


class PlacesTest(FormsTestCase):
    """After the block, before it, in the order in which they are lacking."""

    def test_after_the_block(self) -> None:
        """At the level of its `with`."""
        trial = self.check(PLAIN, ("            print\n", f"        {IN_METHOD}\n"))
        self.assertEqual(trial.calls(), ["assert_get"])

    def test_several_lines_keep_their_order(self) -> None:
        """They are lacking in the order in which things happened."""
        new = f"        {SET_IN_METHOD}\n        {IN_METHOD}\n"
        self.check(PLAIN, ("            print\n", new), lines=[SET, GET])

    def test_mocks_before_the_block(self) -> None:
        """And assertions after it, in one go."""
        trial = self.check(
            PLAIN,
            ("    def test_hit(self):\n", f"        {MOCK_IN_METHOD}\n"),
            ("            print\n", f"        {IN_METHOD}\n"),
            mocks=[MOCK],
        )
        self.assertEqual(trial.calls(), ["mock_command", "assert_get"])

    def test_mocks_alone(self) -> None:
        """A test may assert what it lacks the mocks of."""
        new = f"        {MOCK_IN_METHOD}\n"
        self.check(PLAIN, ("    def test_hit(self):\n", new), lines=[], mocks=[MOCK])

    def test_comments_of_the_block(self) -> None:
        """What is indented deeper belongs to it; what is not, to what follows."""
        source = module(
            "        with self.sandbox():\n"
            "            print\n"
            "            # Of the block.\n"
            "\n"
            "          # Of the block as well.\n"
            "\n"
            "        # Of what follows.\n"
            "        self.assertTrue(True)\n"
        )
        self.check(source, ("          # Of the block as well.\n", f"        {IN_METHOD}\n"))

    def test_comments_above_the_block(self) -> None:
        """A comment stays right above what it speaks of."""
        source = module(
            "        value = '''\n"
            "        # no comment'''\n"
            "        # The sandbox.\n"
            "        # fmt: skip\n"
            "        with self.sandbox():\n"
            "            len(value)\n"
        )
        new = f"        {MOCK_IN_METHOD}\n"
        self.check(source, ("# no comment'''\n", new), lines=[], mocks=[MOCK])

    def test_text_that_looks_like_a_comment_above_the_block(self) -> None:
        """The end of a string is no comment."""
        source = module(
            "        value = '''\n        # no comment\n        # '''; value += ''\n"
            "        with self.sandbox():\n            len(value)\n"
        )
        new = f"        {MOCK_IN_METHOD}\n"
        self.check(source, ("# '''; value += ''\n", new), lines=[], mocks=[MOCK])

    def test_several_threads(self) -> None:
        """Their lines stand inside of `in_any_order()`."""
        new = (
            "        with self.memcache.in_any_order():\n"
            f"            {IN_METHOD}\n            {SET_IN_METHOD}\n"
        )
        trial = self.check(PLAIN, ("            print\n", new), lines=[GET, SET], any_order=True)
        self.assertEqual(trial.calls(), ["assert_get", "assert_set"])

    def test_one_line_of_several_threads(self) -> None:
        """It needs no order."""
        new = f"        {IN_METHOD}\n"
        self.check(PLAIN, ("            print\n", new), any_order=True)

    def test_long_lines_are_broken(self) -> None:
        """As ruff and black would."""
        line = f"tripwire.memcache.assert_set(command='SET', key={'k' * 40!r}, value=b'v')"
        new = (
            "        self.memcache.assert_set(\n"
            f'            command="SET", key="{"k" * 40}", value=b"v"\n'
            "        )\n"
        )
        self.check(PLAIN, ("            print\n", new), lines=[line])

    def test_two_blocks_that_end_together(self) -> None:
        """The lines of the inner one come first."""
        source = module(
            "        with self.sandbox():\n"
            "            with self.sandbox():\n"
            "                print\n"
            "        return None\n"
        )
        new = f"            {IN_METHOD}\n        {IN_METHOD}\n"
        self.check(source, ("                print\n", new))

    def test_two_blocks_one_after_the_other(self) -> None:
        """What follows the first stands before what precedes the second."""
        source = module(
            "        with self.sandbox():\n            1\n"
            "        with self.sandbox():\n            2\n"
        )
        self.check(
            source,
            ("test_hit(self):\n", f"        {MOCK_IN_METHOD}\n"),
            ("            1\n", f"        {IN_METHOD}\n        {MOCK_IN_METHOD}\n"),
            ("            2\n", f"        {IN_METHOD}\n"),
            mocks=[MOCK],
        )

    def test_one_of_two_blocks(self) -> None:
        """What lacks nothing is left as it is."""
        source = module(
            "        with self.sandbox():\n            1\n"
            "        with self.sandbox():\n            2\n"
        )
        trial = Trial(self, source)
        first, second = trial.run()[0]
        trial.note([Pass(first), Pass(second, (), (Addition((GET,)),))])
        self.assertEqual(trial.finish(), f"{source}        {IN_METHOD}\n".encode())


class BytesTest(FormsTestCase):
    """Encodings, line ends, indentation."""

    def test_line_ends(self) -> None:
        """As the line above has them."""
        for end in ("\r\n", "\r"):
            with self.subTest(repr(end)):
                source = PLAIN.replace("\n", end)
                self.check(source, (f"            print{end}", f"        {IN_METHOD}{end}"))

    def test_mixed_line_ends(self) -> None:
        """Each stays what it is."""
        source = PLAIN.replace("print\n", "print\r\n")
        self.check(source, ("            print\r\n", f"        {IN_METHOD}\r\n"))

    def test_no_line_end_at_the_end(self) -> None:
        """There is none afterwards."""
        source = module("        with self.sandbox():\n            print")
        new = f"\n        {SET_IN_METHOD}\n        {IN_METHOD}"
        self.check(source, ("            print", new), lines=[SET, GET])

    def test_no_line_end_after_a_one_line_block(self) -> None:
        """The line end is that of another line."""
        source = module("        with self.sandbox(): print").replace("\n", "\r\n")
        self.check(source, ("self.sandbox(): print", f"\r\n        {IN_METHOD}"))

    def test_tabs(self) -> None:
        """Lines that are broken are indented by one more."""
        source = PLAIN.replace("    ", "\t")
        line = f"tripwire.memcache.assert_set(command='SET', key={'k' * 40!r}, value=b'v')"
        new = (
            "\t\tself.memcache.assert_set(\n"
            f'\t\t\tcommand="SET", key="{"k" * 40}", value=b"v"\n'
            "\t\t)\n"
        )
        self.check(source, ("\t\t\tprint\n", new), lines=[line])

    def test_two_spaces(self) -> None:
        """By as much as the file indents."""
        source = PLAIN.replace("    ", "  ")
        new = f"    with self.memcache.in_any_order():\n      {IN_METHOD}\n      {SET_IN_METHOD}\n"
        self.check(source, ("      print\n", new), lines=[GET, SET], any_order=True)

    def test_form_feeds_and_other_separators(self) -> None:
        """They end no line."""
        source = PLAIN.replace("print\n", "'\x0b\x0c\x1c\x85\u2028'\n\x0c\n")
        source = source.replace("        with", "\x0c        with")
        self.check(source, ("\u2028'\n", f"        {IN_METHOD}\n"))

    def test_encodings(self) -> None:
        """Of the file, for what is written too."""
        line = "tripwire.memcache.assert_get(command='GET', key='ü')"
        new = '        self.memcache.assert_get(command="GET", key="ü")\n'
        for encoding in ("latin-1", "utf-8", "utf-8-sig", "shift_jis_2004", "iso2022_jp_2004"):
            with self.subTest(encoding):
                cookie = "" if encoding == "utf-8-sig" else f"# -*- coding: {encoding} -*-\n"
                source = (cookie + PLAIN + "# ü\n").encode(encoding)
                bare = encoding.replace("-sig", "")
                self.check(source, (b"            print\n", new.encode(bare)), lines=[line])

    def test_encoding_in_the_second_line(self) -> None:
        """As PEP 263 has it, whatever ends the lines."""
        line = "tripwire.memcache.assert_get(command='GET', key='ü')"
        new = '        self.memcache.assert_get(command="GET", key="ü")'
        for end in ("\n", "\r\n", "\r"):
            with self.subTest(repr(end)):
                text = ("#!/usr/bin/python\n# coding: latin-1\n" + PLAIN + "# ü\n").replace(
                    "\n", end
                )
                source = text.encode("latin-1")
                self.check(
                    source,
                    (f"            print{end}".encode(), f"{new}{end}".encode("latin-1")),
                    lines=[line],
                )

    def test_word_that_is_no_encoding(self) -> None:
        """In a file whose lines end at carriage returns, the first line is not the whole file."""
        source = PLAIN.replace("\n", "\r").encode() + b"# coding: latin-1\r"
        self.check(source, (b"            print\r", f"        {IN_METHOD}\r".encode()))

    def test_characters_that_the_encoding_lacks(self) -> None:
        """They are written with backslashes."""
        source = b"# coding: ascii\n" + PLAIN.encode()
        new = '        self.memcache.assert_get(command="GET", key="\\xfc\\u6f22")\n'
        line = "tripwire.memcache.assert_get(command='GET', key='ü漢')"
        self.check(source, (b"            print\n", new), lines=[line])

    def test_backslash_at_the_end_of_the_block(self) -> None:
        """The line after it belongs to the block."""
        source = module("        with self.sandbox():\n            print \\\n\n        pass\n")
        self.check(source, ("print \\\n\n", f"        {IN_METHOD}\n"))


class SyntaxTest(FormsTestCase):
    """Whatever stands around a sandbox."""

    def test_with_on_one_line(self) -> None:
        """Several statements included."""
        source = module("        with self.sandbox(): 1; 2\n        pass\n")
        self.check(source, ("1; 2\n", f"        {IN_METHOD}\n"))

    def test_with_over_several_lines(self) -> None:
        """Whichever of them opened the sandbox."""
        for head in (
            "with open(\n            __file__\n        ) as file, self.sandbox(\n        ):\n",
            "with self.sandbox(), open(\n            __file__\n        ) as file:\n",
            "with self.sandbox() as it, \\\n                open(__file__):\n",
        ):
            with self.subTest(head):
                source = module(f"        {head}            1\n        pass\n")
                self.check(
                    source,
                    ("test_hit(self):\n", f"        {MOCK_IN_METHOD}\n"),
                    ("            1\n", f"        {IN_METHOD}\n"),
                    mocks=[MOCK],
                )

    @needs_event_loop
    def test_async_tests(self) -> None:
        """With either kind of `with`."""
        for word in ("with", "async with"):
            with self.subTest(word):
                source = module(f"        {word} self.sandbox():\n            1\n")
                source = source.replace("    def test", "    async def test")
                self.check(source, ("            1\n", f"        {IN_METHOD}\n"))

    def test_decorators(self) -> None:
        """The code begins with the first of them."""
        source = PLAIN.replace(
            "    def test_hit",
            "    @mock.patch(\n        'os.sep'\n    )\n"
            "    @mock.patch('os.linesep')\n    def test_hit",
        ).replace("(self)", "(self, *patches)")
        source = "from unittest import mock\n" + source
        self.check(source, ("            print\n", f"        {IN_METHOD}\n"))

    def test_nested_function(self) -> None:
        """The first parameter of the method is known inside of it."""
        source = module(
            "        def load():\n"
            "            with self.sandbox():\n                1\n"
            "        load()\n"
        )
        self.check(source, ("                1\n", f"            {IN_METHOD}\n"))

    @needs_event_loop
    def test_nested_function_that_does_not_use_the_test_case(self) -> None:
        """It is there all the same."""
        source = module(
            "        async def load():\n"
            "            with sandbox():\n                1\n"
            "        return load()\n"
        )
        self.check(source, ("                1\n", f"            {IN_METHOD}\n"))

    def test_loops_whose_passes_lack_the_same(self) -> None:
        """The lines are written once."""
        source = module(
            "        for number in range(2):\n"
            "            with self.subTest(number), self.sandbox():\n                1\n"
        )
        self.check(source, ("                1\n", f"            {IN_METHOD}\n"))

    def test_early_ends_of_something_else(self) -> None:
        """Of nested functions and inner loops."""
        source = module(
            "        with self.sandbox():\n"
            "            def load():\n"
            "                return lambda: 1\n"
            "            for each in (load, load):\n"
            "                if each is None:\n"
            "                    continue\n"
            "                break\n"
            "            while True:\n"
            "                break\n"
        )
        trial = Trial(self, source).lack(GET)
        self.assertEqual(trial.finish(), f"{source}        {IN_METHOD}\n".encode())

    def test_static_method(self) -> None:
        """It knows no test case."""
        source = PLAIN.replace("    def", "    @staticmethod\n    def").replace("(self)", "()")
        source = source.replace("self.sandbox", "sandbox").replace("self.assertTrue", "bool")
        new = f"        tripwire.{IN_METHOD.partition('.')[2]}\n"
        self.check(source, ("            print\n", new))

    def test_function_of_a_module(self) -> None:
        """As with `strict()`."""
        source = (
            "import tripwire\nfrom tests.accept.accepting import sandbox\n\n\n"
            "def test_hit():\n    with sandbox():\n        1\n"
        )
        new = f"    tripwire.{IN_METHOD.partition('.')[2]}\n"
        self.check(source, ("        1\n", new), test="test_hit")

    def test_mixin(self) -> None:
        """Two classes lack the same, once."""
        source = module("        with self.sandbox():\n            1\n")
        source += "\n\nclass OtherTest(SessionTest):\n    pass\n"
        trial = Trial(self, source)
        trial.lack(GET).lack(GET, test="OtherTest.test_hit")
        expected = source.replace("            1\n", f"            1\n        {IN_METHOD}\n")
        self.assertEqual(trial.finish().decode(), expected)

    def test_two_tests_of_a_class(self) -> None:
        """Each gets its own."""
        source = module(
            "        with self.sandbox():\n            1\n\n"
            "    def test_miss(self):\n        with self.sandbox():\n            2\n"
        )
        trial = Trial(self, source)
        trial.lack(GET, test="SessionTest.test_miss").lack(SET, SET)
        expected = source.replace("            2\n", f"            2\n        {IN_METHOD}\n")
        new = f"        {SET_IN_METHOD}\n"
        expected = expected.replace("            1\n", f"            1\n{new}{new}")
        self.assertEqual(trial.finish().decode(), expected)
        self.assertEqual(trial.calls(), ["assert_set", "assert_set"])
        self.assertEqual(trial.calls("SessionTest.test_miss"), ["assert_get"])
