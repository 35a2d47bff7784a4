"""What README.rst and REFERENCE.rst show is true: code runs, and reports are what is printed."""

from __future__ import annotations

import doctest
import inspect
import io
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Dict, List

import docutils.core
import docutils.nodes

import tripwire
from tests.support.platform import needs_processes
from tests.support.project import ROOT

README = ROOT / "README.rst"
REFERENCE = ROOT / "REFERENCE.rst"

FIRST_TEST = "test_claim.py"

SWITCH = "TRIPWIRE_ACCEPT"


class Block:
    """One literal block of a document: its language, its name if it has one, and its text."""

    def __init__(self, node: docutils.nodes.Element) -> None:
        self.language = node["classes"][-1]
        self.name = "".join(node["names"])
        self.text = node.astext() + "\n"


def parsed(path: Path, messages: io.StringIO) -> docutils.nodes.document:
    """A document, with whatever docutils has to say about it written to `messages`."""
    return docutils.core.publish_doctree(
        path.read_text(encoding="utf-8"),
        settings_overrides={"report_level": 1, "warning_stream": messages},
    )


def blocks(path: Path) -> List[Block]:
    """All literal blocks of a document, but for its doctests."""
    nodes = parsed(path, io.StringIO()).findall(docutils.nodes.literal_block)
    return [Block(node) for node in nodes]


def texts(path: Path, language: str) -> List[str]:
    """The blocks of a document that are in one language."""
    return [block.text for block in blocks(path) if block.language == language]


def named(path: Path) -> Dict[str, str]:
    """The blocks of a document that have a name."""
    return {block.name: block.text for block in blocks(path) if block.name}


class DocumentsTest(unittest.TestCase):
    """The documents can be rendered."""

    def test_documents_render_without_a_warning(self) -> None:
        """Not even a remark of docutils."""
        for name in "README.rst", "REFERENCE.rst", "CHANGELOG.rst", "CONTRIBUTING.rst":
            with self.subTest(name):
                messages = io.StringIO()
                parsed(ROOT / name, messages)
                self.assertEqual(messages.getvalue(), "")

    def test_readme_is_read_in_ten_minutes(self) -> None:
        """At two hundred words a minute, those of the code included."""
        self.assertLessEqual(len(README.read_text(encoding="utf-8").split()), 2000)


class FolderTestCase(unittest.TestCase):
    """Runs files in an empty folder."""

    maxDiff = None

    def setUp(self) -> None:
        """Make the folder."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def save(self, name: str, text: str) -> Path:
        """Write a file."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def python(self, *arguments: str, **environ: str) -> str:
        """Run Python in the folder; return what it printed."""
        return subprocess.run(
            [sys.executable, "-X", "dev", "-W", "error", *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **environ},
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ).stdout

    def report(self, name: str, source: str) -> str:
        """What a test file says of itself, without what unittest puts around it."""
        self.save(name, source)
        output = self.python("-m", "unittest", name[: -len(".py")])
        _, mark, rest = output.partition("tripwire.errors.")
        return mark + rest.partition("\n\n-----")[0] + "\n"

    def without(self, part: str, source: str) -> str:
        """A text without the one place in which it holds another."""
        self.assertEqual(source.count(part), 1, part)
        return source.replace(part, "")


class BlocksTest(FolderTestCase):
    """No block is there that nothing looks at."""

    def test_every_block_is_of_a_kind_that_is_tested(self) -> None:
        """Python is run, text is compared, and what a shell gets is made of known commands."""
        every = [*blocks(README), *blocks(REFERENCE)]
        self.assertEqual({block.language for block in every}, {"python", "sh", "text"})
        self.assertEqual(
            [block.name for block in every if block.language == "text"],
            [
                "without noreply",
                "without the assertion",
                "with the table first",
                "an order that loses a visit",
                "without the mock",
                "with a mock too many",
                "with another assertion",
                "when it is accepted",
                "with an hour too little",
                "with a lock that everybody gets",
            ],
        )

    @needs_processes
    def test_python_files_pass(self) -> None:
        """Each is saved to a file, and unittest finds and runs all of a document."""
        for path, count in (README, 7), (REFERENCE, 10):
            with self.subTest(path.name):
                sources = texts(path, "python")
                self.assertEqual(len(sources), count)
                for number, text in enumerate(sources):
                    self.save(f"test_{path.stem}_{number}.py", text)
                output = self.python(
                    "-m", "unittest", "discover", "--verbose", "--pattern", f"test_{path.stem}_*"
                )
                self.assertRegex(output, r"\n\nOK\n$")
                for number, text in enumerate(sources):
                    # One block calls its test itself, since it is about other runners.
                    if "\nclass " in text:
                        self.assertIn(f"(test_{path.stem}_{number}.", output)

    def test_doctests_pass(self) -> None:
        """The documents are doctests themselves."""
        for path, count in (README, 0), (REFERENCE, 9):
            with self.subTest(path.name):
                failed, attempted = doctest.testfile(str(path), module_relative=False)
                self.assertEqual((failed, attempted), (0, count))

    def test_commands_exist(self) -> None:
        """The targets of make, and the name and extra of the distribution."""
        targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
        to_begin, in_a_checkout, to_accept = texts(README, "sh")
        self.assertEqual(to_accept, f"{SWITCH}=1 python -m unittest\n")
        for target in re.findall(r"^make (\w+)", in_a_checkout, re.MULTILINE):
            self.assertIn(target, targets)
        self.assertEqual(
            to_begin, "pip install 'python-tripwire[pymemcache]'\npython -m unittest\n"
        )
        self.assertEqual(texts(REFERENCE, "sh"), [])


@needs_processes
class FirstTestTest(FolderTestCase):
    """The reports are what the first test prints when it is broken as the text says."""

    def setUp(self) -> None:
        """Take the test, and its parts, out of the README."""
        super().setUp()
        self.first = named(README)[FIRST_TEST]
        (self.assertion,) = re.findall(r" +self\.memcache\.assert_set\((?:.|\n)*\)\n", self.first)
        (self.mock,) = re.findall(r" +self\.memcache\.mock_command\(.*\)\n", self.first)
        (self.sandbox,) = re.findall(r" +with self\.sandbox\(\):\n", self.first)

    def test_first_test_passes(self) -> None:
        """As it stands."""
        self.assertEqual(self.report(FIRST_TEST, self.first), "\n")

    def test_without_noreply(self) -> None:
        """The lock is added without it; the README shows how the report begins."""
        call, _, rest = self.first.partition("\n\n\nclass ")
        source = f"{self.without(', noreply=False', call)}\n\n\nclass {rest}"
        shown = named(README)["without noreply"]
        self.assertTrue(self.report(FIRST_TEST, source).startswith(shown))

    def test_without_the_assertion(self) -> None:
        """The assertion is taken out."""
        source = self.without(self.assertion, self.first)
        self.assertEqual(self.report(FIRST_TEST, source), named(README)["without the assertion"])

    def test_without_the_mock(self) -> None:
        """The mock is taken out."""
        source = self.without(self.mock, self.first)
        self.assertEqual(self.report(FIRST_TEST, source), named(REFERENCE)["without the mock"])

    def test_with_a_mock_too_many(self) -> None:
        """One is put before the sandbox."""
        mock = '        self.memcache.mock_command("DELETE", returns=True)\n'
        self.assertIn(mock.strip(), REFERENCE.read_text(encoding="utf-8"))
        source = self.first.replace(self.sandbox, mock + self.sandbox)
        self.assertEqual(self.report(FIRST_TEST, source), named(REFERENCE)["with a mock too many"])

    def test_with_another_assertion(self) -> None:
        """It names another field than the call had."""
        other = self.assertion.replace("expire=60", "expire=600")
        source = self.first.replace(self.assertion, other)
        shown = named(REFERENCE)["with another assertion"]
        self.assertEqual(self.report(FIRST_TEST, source), shown)

    def test_with_tripwire_accept(self) -> None:
        """The assertion is taken out, and is there again."""
        path = self.save(FIRST_TEST, self.without(self.assertion, self.first))
        output = self.python("-m", "unittest", **{SWITCH: "1"}, CI="")
        self.assertEqual(output.rpartition(")\n\n")[2], named(REFERENCE)["when it is accepted"])
        self.assertEqual(path.read_text(encoding="utf-8"), self.first)
        self.assertRegex(self.python("-m", "unittest"), r"\n\nOK\n$")


@needs_processes
class TripsTest(FolderTestCase):
    """So are those of the tests of a store, of faults and of orders."""

    def block(self, path: Path, part: str) -> str:
        """The one block of Python that holds a text."""
        (source,) = [text for text in texts(path, "python") if part in text]
        return source

    def test_with_an_hour_too_little(self) -> None:
        """The clock of the second test stops a second before the session's end."""
        source = self.block(REFERENCE, "test_session_ends").replace(
            "advance(3600)", "advance(3599)"
        )
        source = self.without('            self.assertIsNone(load_session("abc"))\n', source)
        shown = named(REFERENCE)["with an hour too little"]
        self.assertEqual(self.report("test_store.py", source), shown)

    def test_with_the_table_first(self) -> None:
        """The two lines of the change of a price are turned around; the report begins as shown."""
        delete = '    CLIENT.delete(f"price:{item}")\n'
        write = "    PRICES[item] = price\n"
        source = self.block(README, delete + write).replace(delete + write, write + delete)
        shown = named(README)["with the table first"]
        self.assertTrue(self.report("test_price.py", source).startswith(shown))

    def test_with_an_order_that_loses_a_visit(self) -> None:
        """The counter is read, and written back."""
        source = self.block(README, "def count_visit")
        source = source.replace(
            'cache.incr("visits", 1)', 'cache.set("visits", int(cache.get("visits")) + 1)'
        )
        shown = named(README)["an order that loses a visit"]
        self.assertEqual(self.report("test_visits.py", source), shown)

    def test_with_a_lock_that_everybody_gets(self) -> None:
        """The lock is added without waiting for the answer."""
        source = self.block(REFERENCE, "while not client.add")
        source = source.replace("expire=60, noreply=False", "expire=60")
        shown = named(REFERENCE)["with a lock that everybody gets"]
        self.assertEqual(self.report("test_stock.py", source), shown)


class CompletenessTest(unittest.TestCase):
    """Nothing public is left out."""

    def setUp(self) -> None:
        """Read both documents."""
        self.text = "".join(path.read_text(encoding="utf-8") for path in (README, REFERENCE))

    def test_every_public_name_is_explained(self) -> None:
        """What the front door has, but for what is only ever met as an attribute."""
        names = set(tripwire.__all__) - {"Location", "Sandbox", "Violation"}
        for name in sorted(names | {"mock_command", "expect", "in_any_order", "verify_all"}):
            with self.subTest(name):
                self.assertRegex(self.text, rf"\b{name}\b")

    def test_signatures_are_those_of_the_code(self) -> None:
        """Each helper is shown with its parameters and defaults."""
        for name, member in inspect.getmembers(tripwire.MemcachePlugin, inspect.isfunction):
            if name.startswith("assert_"):
                parameters = list(inspect.signature(member).parameters.values())[1:]
                shown = [
                    each.name if each.default is each.empty else f"{each.name}={each.default!r}"
                    for each in parameters
                    if each.kind is each.POSITIONAL_OR_KEYWORD
                ]
                with self.subTest(name):
                    self.assertIn(f"``{name}({', '.join(shown)}", self.text)
