"""The guide's own code, as methods of a `TripwireTestCase` and as plain strict functions.

SPECIFICATION G1, G2, G3, G4, 8.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any, Dict

from pymemcache.client.base import Client

import tripwire
from tests.support.platform import needs_processes
from tripwire.plugins.memcache_plugin import MemcachePlugin

SETUP = """
import tripwire

def test_session_cache():
    tripwire.memcache.mock_command("GET", returns=b"user:42")

    with tripwire:
        from pymemcache.client.base import Client
        client = Client(("localhost", 11211))
        value = client.get("session:abc")

    assert value == b"user:42"

    tripwire.memcache.assert_get(command="GET", key="session:abc")
"""

QUEUES = """
def test_multiple_gets():
    tripwire.memcache.mock_command("GET", returns=b"first")
    tripwire.memcache.mock_command("GET", returns=b"second")

    with tripwire:
        from pymemcache.client.base import Client
        client = Client(("localhost", 11211))
        v1 = client.get("key1")
        v2 = client.get("key2")

    assert v1 == b"first"
    assert v2 == b"second"

    tripwire.memcache.assert_get(command="GET", key="key1")
    tripwire.memcache.assert_get(command="GET", key="key2")
"""

ERRORS = """
import tripwire

def test_memcache_connection_error():
    tripwire.memcache.mock_command(
        "GET",
        returns=None,
        raises=ConnectionError("memcached unreachable"),
    )

    with tripwire:
        from pymemcache.client.base import Client
        client = Client(("localhost", 11211))
        with unittest.TestCase().assertRaises(ConnectionError):
            client.get("mykey")

    tripwire.memcache.assert_get(command="GET", key="mykey")
"""

APP = '''
"""User profile caching with memcache."""



def get_user_profile(client, user_id):
    """Fetch user profile from memcache, return None on miss."""
    cached = client.get(f"profile:{user_id}")
    if cached is not None:
        return cached.decode("utf-8")
    return None


def cache_user_profile(client, user_id, profile_json, ttl=300):
    """Store user profile in memcache with TTL."""
    client.set(f"profile:{user_id}", profile_json.encode("utf-8"), expire=ttl)
'''

TEST_APP = '''
"""Test memcache user profile caching using tripwire memcache_mock."""

import tripwire

from .app import cache_user_profile, get_user_profile


def test_cache_hit():
    tripwire.memcache.mock_command("GET", returns=b'{"name": "Alice"}')

    with tripwire:
        from pymemcache.client.base import Client
        client = Client(("localhost", 11211))
        result = get_user_profile(client, "42")

    assert result == '{"name": "Alice"}'

    tripwire.memcache.assert_get(command="GET", key="profile:42")


def test_cache_write():
    tripwire.memcache.mock_command("SET", returns=True)

    with tripwire:
        from pymemcache.client.base import Client
        client = Client(("localhost", 11211))
        cache_user_profile(client, "42", '{"name": "Alice"}', ttl=600)

    tripwire.memcache.assert_set(
        command="SET",
        key="profile:42",
        value=b'{"name": "Alice"}',
        expire=600,
    )
'''

ONE_FILE = {"setup": SETUP, "queues": QUEUES, "errors": ERRORS}

RUN_AND_LOOK = """
import sys, unittest
program = unittest.main(module=None, argv=["python -m unittest", "discover", "-v"], exit=False)
print(sorted(name for name in sys.modules if "pytest" in name), file=sys.stderr)
sys.exit(not program.result.wasSuccessful())
"""


def as_methods(block: str) -> str:
    """Move a block's functions into the methods of one test case."""
    lines = block.replace("():\n    tripwire", "(self):\n    tripwire").splitlines(keepends=True)
    start = next(number for number, line in enumerate(lines) if line.startswith("def test_"))
    methods = ["    " + line if line.strip() else line for line in lines[start:]]
    return "".join([*lines[:start], "class GuideTest(tripwire.TripwireTestCase):\n", *methods])


def as_strict_functions(block: str) -> str:
    """Decorate a block's functions."""
    return block.replace("def test_", "@tripwire.strict\ndef test_")


def execute(source: str) -> Dict[str, Any]:
    """Run source as a module that has imported what the guide takes for granted."""
    namespace: Dict[str, Any] = {"tripwire": tripwire, "unittest": unittest, "__name__": "guide"}
    exec(source, namespace)
    return namespace


class BlocksTest(unittest.TestCase):
    """What the guide shows runs as it stands."""

    def test_blocks_pass_as_methods(self) -> None:
        """Nothing changes but the indentation and the `self`."""
        for name, block in ONE_FILE.items():
            with self.subTest(name):
                case = execute(as_methods(block))["GuideTest"]
                result = unittest.TestResult()
                unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
                self.assertEqual((result.testsRun, result.failures, result.errors), (1, [], []))

    def test_blocks_pass_as_strict_functions(self) -> None:
        """Nothing changes but the decorator."""
        for name, block in ONE_FILE.items():
            with self.subTest(name):
                found = execute(as_strict_functions(block))
                tests = [found[name] for name in found if name.startswith("test_")]
                self.assertEqual([test() for test in tests], [None])

    def test_blocks_fail_where_they_are_broken(self) -> None:
        """Without its last assertion, each block fails in either form."""
        for name, block in ONE_FILE.items():
            broken = block[: block.rindex("    tripwire.memcache.assert_get")]
            with self.subTest(name):
                case = execute(as_methods(broken))["GuideTest"]
                result = unittest.TestResult()
                unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
                self.assertEqual((len(result.failures), result.errors), (1, []))
                found = execute(as_strict_functions(broken))
                (test,) = [found[name] for name in found if name.startswith("test_")]
                self.assertRaises(tripwire.UnassertedInteractionsError, test)


@needs_processes
class FullExampleTest(unittest.TestCase):
    """The guide's full example, in files of its own, run as a reader runs it."""

    def run_with(self, test_app: str) -> str:
        """Run the example's tests in a process of their own, and return what was printed."""
        with tempfile.TemporaryDirectory() as scratch:
            package = Path(scratch, "memcache_session")
            package.mkdir()
            (package / "__init__.py").touch()
            (package / "app.py").write_text(APP, encoding="utf-8")
            (package / "test_app.py").write_text(test_app, encoding="utf-8")
            run = subprocess.run(
                [sys.executable, "-X", "dev", "-W", "error", "-c", RUN_AND_LOOK],
                cwd=scratch,
                env={**os.environ, "PYTHONPATH": os.pathsep.join([scratch, *sys.path])},
                check=False,
                stderr=subprocess.PIPE,
                text=True,
            )
        self.assertEqual(run.returncode, 0, run.stderr)
        return run.stderr

    def test_example_passes_as_methods_without_pytest(self) -> None:
        """Discovery finds both tests, they pass, and no module of pytest was loaded meanwhile."""
        printed = self.run_with(as_methods(TEST_APP))
        self.assertIn("Ran 2 tests", printed)
        self.assertEqual(printed.splitlines()[-1], "[]")

    def test_example_passes_as_strict_functions(self) -> None:
        """Plain functions are tests to unittest where they are given to it as such."""
        loader = (
            "\n\ndef load_tests(*ignored):\n"
            "    return unittest.TestSuite(\n"
            "        map(unittest.FunctionTestCase, [test_cache_hit, test_cache_write])\n"
            "    )\n"
        )
        printed = self.run_with("import unittest\n" + as_strict_functions(TEST_APP) + loader)
        self.assertIn("Ran 2 tests", printed)
        self.assertEqual(printed.splitlines()[-1], "[]")


class ManualUseTest(unittest.TestCase):
    """The guide's manual use: a verifier and a plugin built by hand."""

    def test_verifier_and_plugin_are_enough(self) -> None:
        """Nothing has to run around them."""
        verifier = tripwire.StrictVerifier()
        memcache = MemcachePlugin(verifier)
        memcache.mock_command("SET", returns=True)
        memcache.mock_command("GET", returns=b"cached")
        with verifier.sandbox():
            client = Client(("localhost", 11211))
            self.assertIs(client.set("session:abc", b"user:42", expire=3600), True)
            self.assertEqual(client.get("session:abc"), b"cached")
        memcache.assert_set(command="SET", key="session:abc", value=b"user:42", expire=3600)
        memcache.assert_get(command="GET", key="session:abc")
        verifier.verify_all()

    def test_second_plugin_of_a_verifier_is_refused(self) -> None:
        """Each verifier has at most one; another verifier may have its own."""
        verifier = tripwire.StrictVerifier()
        MemcachePlugin(verifier)
        with self.assertRaises(ValueError) as caught:
            MemcachePlugin(verifier)
        self.assertIn("memcache plugin already", str(caught.exception))
        MemcachePlugin(tripwire.StrictVerifier())

    def test_plugin_is_the_front_doors_own(self) -> None:
        """Both import paths give one class."""
        self.assertIs(tripwire.MemcachePlugin, MemcachePlugin)
