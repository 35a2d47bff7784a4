"""What README.rst shows is true: each block of code runs, and each report is what is printed."""

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

FIRST_TEST = "test_session.py"

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


class DocumentsTest(unittest.TestCase):
    """The documents can be rendered."""

    def test_documents_render_without_a_warning(self) -> None:
        """Not even a remark of docutils."""
        for name in "README.rst", "CHANGELOG.rst", "CONTRIBUTING.rst":
            with self.subTest(name):
                messages = io.StringIO()
                parsed(ROOT / name, messages)
                self.assertEqual(messages.getvalue(), "")


class ReadmeTestCase(unittest.TestCase):
    """Reads the blocks, and runs files of them in an empty folder."""

    maxDiff = None

    def setUp(self) -> None:
        """Make the folder."""
        messages = io.StringIO()
        nodes = parsed(README, messages).findall(docutils.nodes.literal_block)
        self.blocks = [Block(node) for node in nodes]
        self.named: Dict[str, str] = {block.name: block.text for block in self.blocks}
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def texts(self, language: str) -> List[str]:
        """All blocks of a language."""
        return [block.text for block in self.blocks if block.language == language]

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


class BlocksTest(ReadmeTestCase):
    """No block is there that nothing looks at."""

    def test_every_block_is_of_a_kind_that_is_tested(self) -> None:
        """Python is run, text is compared, and what a shell gets is made of known commands."""
        self.assertEqual({block.language for block in self.blocks}, {"python", "sh", "text"})
        self.assertEqual(
            {block.name for block in self.blocks if block.language == "text"},
            {
                "without the assertion",
                "without the mock",
                "with a mock too many",
                "with an hour too little",
                "with the table first",
                "an order that loses a visit",
                "when it is accepted",
            },
        )

    @needs_processes
    def test_python_files_pass(self) -> None:
        """Each is saved to a file, and unittest finds and runs them all."""
        blocks = self.texts("python")
        self.assertEqual(blocks[0], self.named[FIRST_TEST])
        for number, text in enumerate(blocks):
            name = f"test_{number}.py" if number else FIRST_TEST
            (self.folder / name).write_text(text, encoding="utf-8")
        output = self.python("-m", "unittest", "--verbose")
        self.assertRegex(output, r"\n\nOK\n$")
        for number, text in enumerate(blocks):
            # One block calls its test itself, since it is about other runners.
            if "\nclass " in text:
                name = f"test_{number}" if number else "test_session"
                self.assertIn(f"({name}.", output)
        self.assertEqual(len(blocks), 13)

    def test_doctests_pass(self) -> None:
        """The README is a doctest itself."""
        failed, attempted = doctest.testfile(str(README), module_relative=False)
        self.assertEqual((failed, attempted), (0, 9))

    def test_commands_exist(self) -> None:
        """The targets of make, and the name and extra of the distribution."""
        targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
        in_a_checkout, to_install, to_accept = self.texts("sh")
        self.assertEqual(to_accept, f"{SWITCH}=1 python -m unittest\n")
        for target in re.findall(r"^make (\w+)", in_a_checkout, re.MULTILINE):
            self.assertIn(target, targets)
        self.assertEqual(to_install, "pip install 'python-tripwire[pymemcache]'\n")


@needs_processes
class TripsTest(ReadmeTestCase):
    """The reports are what the first test prints when it is broken as the text says."""

    def report(self, source: str) -> str:
        """What a file prints between unittest's lines."""
        (self.folder / FIRST_TEST).write_text(source, encoding="utf-8")
        output = self.python(FIRST_TEST)
        _, name, rest = output.partition("tripwire.errors.")
        return name + rest.partition("\n\n-----")[0] + "\n"

    def without(self, part: str, source: str) -> str:
        """A file without the one line that contains a text."""
        (line,) = [line for line in source.splitlines(keepends=True) if part in line]
        return source.replace(line, "")

    def test_first_test_passes(self) -> None:
        """As it stands."""
        self.assertEqual(self.report(self.named[FIRST_TEST]), "\n")

    def test_without_the_assertion(self) -> None:
        """The last line of the test is taken out."""
        source = self.without("assert_get", self.named[FIRST_TEST])
        self.assertEqual(self.report(source), self.named["without the assertion"])

    def test_without_the_mock(self) -> None:
        """The mock is taken out as well."""
        source = self.without("assert_get", self.named[FIRST_TEST])
        source = self.without("mock_command", source)
        self.assertEqual(self.report(source), self.named["without the mock"])

    def test_with_a_mock_too_many(self) -> None:
        """One is put before the sandbox."""
        sandbox = "        with self.sandbox():\n"
        mock = '        self.memcache.mock_command("DELETE", returns=True)\n'
        self.assertIn(mock.strip(), README.read_text(encoding="utf-8"))
        source = self.named[FIRST_TEST].replace(sandbox, mock + sandbox)
        self.assertEqual(self.report(source), self.named["with a mock too many"])

    def test_with_tripwire_accept(self) -> None:
        """The last line of the test is taken out, and is there again."""
        source = self.without("assert_get", self.named[FIRST_TEST])
        path = self.folder / FIRST_TEST
        path.write_text(source, encoding="utf-8")
        output = self.python("-m", "unittest", **{SWITCH: "1"}, CI="")
        self.assertEqual(output.rpartition(")\n\n")[2], self.named["when it is accepted"])
        # It follows the sandbox, and may stand elsewhere in the block.
        now = path.read_text(encoding="utf-8")
        self.assertEqual(sorted(now.splitlines()), sorted(self.named[FIRST_TEST].splitlines()))
        self.assertRegex(self.python("-m", "unittest"), r"\n\nOK\n$")

    def test_with_an_hour_too_little(self) -> None:
        """The clock of the second test stops a second before the session's end."""
        source = self.texts("python")[1].replace("advance(3600)", "advance(3599)")
        source = self.without("assertIsNone", source)
        (self.folder / "test_store.py").write_text(source, encoding="utf-8")
        output = self.python("-m", "unittest", "test_store")
        _, name, rest = output.partition("tripwire.errors.")
        report = name + rest.partition("\n\n-----")[0] + "\n"
        self.assertEqual(report, self.named["with an hour too little"])

    def test_with_the_table_first(self) -> None:
        """The two lines of the third test's change of a price are turned around."""
        delete = '    CLIENT.delete(f"price:{item}")\n'
        write = "    PRICES[item] = price\n"
        source = self.texts("python")[2]
        self.assertEqual(source.count(delete + write), 1)
        source = source.replace(delete + write, write + delete)
        (self.folder / "test_price.py").write_text(source, encoding="utf-8")
        output = self.python("-m", "unittest", "test_price")
        _, name, rest = output.partition("tripwire.errors.")
        report = name + rest.partition("\n\n-----")[0] + "\n"
        self.assertEqual(report, self.named["with the table first"])

    def test_an_order_that_loses_a_visit(self) -> None:
        """The counter is read, and written back."""
        broken = 'cache.set("visits", int(cache.get("visits")) + 1)'
        self.assertIn(broken, README.read_text(encoding="utf-8"))
        source = self.texts("python")[3].replace('cache.incr("visits", 1)', broken)
        (self.folder / "test_visits.py").write_text(source, encoding="utf-8")
        output = self.python("-m", "unittest", "test_visits")
        _, name, rest = output.partition("tripwire.errors.")
        report = name + rest.partition("\n\n-----")[0] + "\n"
        self.assertEqual(report, self.named["an order that loses a visit"])


class CompletenessTest(unittest.TestCase):
    """Nothing public is left out."""

    def test_every_public_name_is_explained(self) -> None:
        """What the front door has, but for what is only ever met as an attribute."""
        text = README.read_text(encoding="utf-8")
        names = set(tripwire.__all__) - {"Location", "Sandbox", "Violation"}
        for name in sorted(names | {"mock_command", "expect", "in_any_order", "verify_all"}):
            with self.subTest(name):
                self.assertRegex(text, rf"\b{name}\b")

    def test_signatures_are_those_of_the_code(self) -> None:
        """Each helper is shown with its parameters and defaults."""
        text = README.read_text(encoding="utf-8")
        for name, member in inspect.getmembers(tripwire.MemcachePlugin, inspect.isfunction):
            if name.startswith("assert_"):
                parameters = list(inspect.signature(member).parameters.values())[1:]
                shown = [
                    each.name if each.default is each.empty else f"{each.name}={each.default!r}"
                    for each in parameters
                    if each.kind is each.POSITIONAL_OR_KEYWORD
                ]
                with self.subTest(name):
                    self.assertIn(f"``{name}({', '.join(shown)}", text)
