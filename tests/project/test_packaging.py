"""What an installer and a packager see: metadata, extras, and how little an import loads."""

from __future__ import annotations

import configparser
import importlib
import importlib.metadata
import subprocess
import sys
import unittest
from pathlib import Path
from unittest import mock

import tripwire
from tests.support.platform import needs_processes
from tests.support.project import ROOT

IMPORTED_BY_TRIPWIRE = """
import sys, unittest
before = set(sys.modules)
import tripwire
print(*sorted({name.partition(".")[0] for name in set(sys.modules) - before}))
"""

WITHOUT_PYMEMCACHE = """
import sys
sys.modules["pymemcache"] = None
import tripwire
from tripwire.plugins.memcache_plugin import MemcachePlugin
verifier = tripwire.StrictVerifier()
try:
    MemcachePlugin(verifier)
except ImportError as error:
    print(error)
"""

PATCHED_AT_FIRST = """
from unittest import mock
from pymemcache.client.base import Client
import tripwire
with mock.patch("pymemcache.client.base.Client"), tripwire.strict():
    pass
with tripwire.strict() as verifier:
    tripwire.memcache.expect("GET", key="k", returns=b"v")
    with verifier.sandbox():
        print(Client(("localhost", 11211)).get("k"))
"""


def output_of(program: str) -> str:
    """Run a program in an interpreter of its own, and return what it printed."""
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", program]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


class SetupTest(unittest.TestCase):
    """setup.cfg says everything, and what is installed agrees with it."""

    def setUp(self) -> None:
        """Read the file and the installed metadata."""
        self.config = configparser.ConfigParser(interpolation=None)
        self.config.read(ROOT / "setup.cfg", encoding="utf-8")
        self.installed = importlib.metadata.metadata("python-tripwire")

    def extra(self, name: str) -> list[str]:
        """Return the requirements of an extra."""
        return self.config["options.extras_require"][name].strip().splitlines()

    def test_setup_py_has_two_lines(self) -> None:
        """Nothing is decided in code."""
        lines = (ROOT / "setup.py").read_text(encoding="utf-8").splitlines()
        self.assertEqual(lines, ["from setuptools import setup", "setup()"])
        self.assertFalse((ROOT / "pyproject.toml").exists())

    def test_name_version_and_licence(self) -> None:
        """The version is a literal, so that it can be read without importing anything."""
        metadata = self.config["metadata"]
        self.assertEqual(metadata["name"], "python-tripwire")
        self.assertEqual(metadata["license"], "MIT")
        self.assertRegex(metadata["version"], r"^\d+\.\d+\.\d+$")
        self.assertEqual(self.installed["Name"], metadata["name"])
        self.assertEqual(self.installed["Version"], metadata["version"])
        self.assertEqual(tripwire.__version__, metadata["version"])

    def test_pythons_are_3_9_to_3_14(self) -> None:
        """The oldest is enforced, and each is declared."""
        self.assertEqual(self.installed["Requires-Python"], ">=3.9")
        prefix = "Programming Language :: Python :: 3."
        classifiers = self.installed.get_all("Classifier") or []
        self.assertEqual(
            [line[len(prefix) :] for line in classifiers if line.startswith(prefix)],
            ["9", "10", "11", "12", "13", "14"],
        )

    def test_only_the_extras_require_anything(self) -> None:
        """Without an extra nothing else is installed, and pymemcache comes with its own."""
        self.assertEqual(self.extra("pymemcache"), ["pymemcache>=3.5,<5"])
        self.assertNotIn("install_requires", self.config["options"])
        requirements = importlib.metadata.requires("python-tripwire") or []
        self.assertTrue(requirements)
        self.assertEqual([line for line in requirements if "extra ==" not in line], [])
        self.assertEqual(self.installed.get_all("Provides-Extra"), ["pymemcache", "test", "dev"])

    def test_no_requirement_is_pytest(self) -> None:
        """Not in any extra, nor as a plugin of it."""
        requirements = importlib.metadata.requires("python-tripwire") or []
        self.assertFalse([line for line in requirements if "pytest" in line.lower()])

    def test_types_are_shipped(self) -> None:
        """The marker lies in the package, and is packaged."""
        self.assertEqual(self.config["options.package_data"]["tripwire"], "py.typed")
        self.assertTrue(Path(tripwire.__file__).with_name("py.typed").is_file())


@needs_processes
class ImportTest(unittest.TestCase):
    """Importing tripwire is cheap, and needs nothing."""

    def test_import_loads_neither_pymemcache_nor_the_network_nor_pytest(self) -> None:
        """What unittest has not loaded already, and a test may not need, is left alone."""
        loaded = set(output_of(IMPORTED_BY_TRIPWIRE).split())
        self.assertIn("tripwire", loaded)
        heavy = {"asyncio", "socket", "pymemcache", "pytest", "_pytest"}
        self.assertEqual(loaded & heavy, set())

    def test_plugin_without_pymemcache_names_the_extra(self) -> None:
        """The import works where pymemcache is missing; building a plugin says what to install."""
        self.assertIn("python-tripwire[pymemcache]", output_of(WITHOUT_PYMEMCACHE))


@needs_processes
class PatchedTest(unittest.TestCase):
    """tripwire used for the first time while somebody else has his hands on pymemcache."""

    def test_class_is_found_behind_a_mock(self) -> None:
        """And intercepted when the mock is gone."""
        self.assertEqual(output_of(PATCHED_AT_FIRST), "b'v'\n")


class WithoutPymemcacheTest(unittest.TestCase):
    """tripwire imported anew where pymemcache cannot be."""

    def test_plugin_names_the_extra(self) -> None:
        """In a process that goes on, as an interactive one does."""
        with mock.patch.dict(sys.modules):
            for name in [name for name in sys.modules if name.partition(".")[0] == "tripwire"]:
                del sys.modules[name]
            sys.modules["pymemcache.client.base"] = None  # type: ignore[assignment]  # "not there"
            anew = importlib.import_module("tripwire")
            with self.assertRaisesRegex(ImportError, r"python-tripwire\[pymemcache\]"):
                anew.MemcachePlugin(anew.StrictVerifier())
