"""One run from its first test to its exit: what is said, and what becomes of the file."""

from __future__ import annotations

import contextlib
import io
import os
import stat
import subprocess
import sys
import textwrap
import unittest
from pathlib import Path
from unittest import mock

from tests.accept.accepting import GET, MOCK, SET, Trial, module
from tests.support.platform import needs_processes

ROOT = Path(__file__).resolve().parent.parent.parent

PLAIN = module("        with self.sandbox():\n            pass\n")

TWO = PLAIN + "\n    def test_miss(self):\n        with self.sandbox():\n            pass\n"


class TextsTest(unittest.TestCase):
    """What one reads."""

    maxDiff = None

    def assert_text(self, text: str, expected: str, trial: Trial) -> None:
        """It reads like this, whatever the folder is called."""
        folder = os.path.join(trial.path.parent, "")
        self.assertEqual(text.replace(folder, ""), textwrap.dedent(expected).strip("\n"))

    def test_announcement(self) -> None:
        """The lines, and where they will stand."""
        trial = Trial(self, PLAIN)
        trial.lack(GET, SET, mocks=[MOCK])
        self.assert_text(
            trial.announced,
            """
            TRIPWIRE_ACCEPT writes these lines when the run is over;
            until then the test fails.

            Before test_app.py:7 in test_hit:

                self.memcache.mock_command("GET", returns=tripwire.MISS, key="k")

            After test_app.py:8 in test_hit:

                self.memcache.assert_get(command="GET", key="k")
                self.memcache.assert_set(command="SET", key="k", value=b"v")
            """,
            trial,
        )

    def test_refusal(self) -> None:
        """The reason."""
        trial = Trial(self, PLAIN).lack(GET, reason="it has other findings")
        self.assert_text(
            trial.announced,
            "TRIPWIRE_ACCEPT writes nothing into this test: it has other findings.",
            trial,
        )

    def test_summary(self) -> None:
        """What was written, what to do, what was not; its lines are those of the file as it is."""
        source = (
            TWO + "\n    def test_late(self):\n        with self.sandbox():\n            return\n"
        )
        trial = Trial(self, source).lack(GET, SET, mocks=[MOCK])
        trial.lack(GET, test="SessionTest.test_miss").lack(GET, test="SessionTest.test_late")
        trial.finish()
        self.assert_text(
            trial.summary,
            """
            TRIPWIRE_ACCEPT wrote what 2 tests lacked into 1 file:

                test_hit (test_app)
                    1 line at test_app.py:7 in test_hit
                    2 lines at test_app.py:10 in test_hit
                test_miss (test_app)
                    1 line at test_app.py:16 in test_miss

            The lines say what the code did. Read them (git diff): is it what it should do?
            Their values are those of this run. What changes from run to run (a token, the
            time, a random expiry) needs unittest.mock.ANY, or a matcher.
            Then run the tests again, without TRIPWIRE_ACCEPT.

            1 test was left alone:

                test_late (test_app)
                    the sandbox's block can be left by the `return` in line 20
            """,
            trial,
        )

    def test_many_tests(self) -> None:
        """The first fifty are listed."""
        trial = Trial(self, PLAIN)
        for _ in range(60):
            trial.lack(GET)
        trial.finish()
        self.assertEqual(trial.summary.count("test_hit (test_app)"), 50)
        self.assertIn("    ... and 10 more\n", trial.summary)
        trial = Trial(self, PLAIN)
        for _ in range(60):
            trial.lack(GET, reason="so")
        trial.finish()
        self.assertEqual(trial.summary.count("    so\n"), 50)
        self.assertTrue(trial.summary.endswith("    ... and 10 more"))

    def test_nothing_to_say(self) -> None:
        """Nothing was lacking."""
        trial = Trial(self, PLAIN).lack()
        self.assertEqual((trial.announced, trial.finish()), ("", PLAIN.encode()))
        self.assertEqual(trial.summary, "")


class FileTest(unittest.TestCase):
    """What becomes of the file itself."""

    def test_permissions(self) -> None:
        """They are kept."""
        trial = Trial(self, PLAIN).lack(GET)
        trial.path.chmod(0o751)
        self.assertNotEqual(trial.finish(), PLAIN.encode())
        self.assertEqual(stat.S_IMODE(trial.path.stat().st_mode), 0o751)

    def test_nothing_is_left_beside_it(self) -> None:
        """The file is replaced in one step."""
        trial = Trial(self, PLAIN).lack(GET)
        before = trial.path.stat().st_ino
        trial.finish()
        self.assertNotEqual(trial.path.stat().st_ino, before)
        names = {path.name for path in trial.path.parent.iterdir()} - {"__pycache__"}
        self.assertEqual(names, {"test_app.py"})

    def test_link(self) -> None:
        """It stays one, and what it points to is written."""
        trial = Trial(self, PLAIN).lack(GET)
        real = trial.path.with_name("real.py")
        trial.path.rename(real)
        trial.path.symlink_to(real)
        self.assertIn(b"assert_get", trial.finish())
        self.assertTrue(trial.path.is_symlink())
        self.assertEqual(real.read_bytes(), trial.path.read_bytes())

    def test_second_run(self) -> None:
        """The lines are there; they are not written again, and none of them is changed."""
        trial = Trial(self, PLAIN).lack(GET)
        once = trial.finish()
        again = Trial(self, once).lack(SET)
        twice = again.finish()
        lines = twice.splitlines()
        self.assertEqual([line for line in once.splitlines() if line not in lines], [])
        self.assertEqual(len(lines), len(once.splitlines()) + 1)


SCRIPT = """
import os
import sys
from tests.accept.accepting import GET, MOCK, Trial, opened
from tripwire._accept.acceptance import Acceptance
from tripwire._accept.facts import Addition, Pass, Place, Test
import tripwire
acceptance = Acceptance({})
acceptance.finish_at_exit()

def child(acceptance):
    # By value: where a process is started anew, it has an acceptance of its own.
    print(Acceptance({}).note(Test("it", child.__code__, False), [Pass(place(), (MOCK,))]))

def place():
    return Place.of(sys._getframe())
"""


class ExitTest(unittest.TestCase):
    """The end of a process."""

    def test_printing(self) -> None:
        """What is called at the exit prints the summary, once."""
        trial = Trial(self, PLAIN).lack(GET)
        with mock.patch("atexit.register") as register:
            trial.acceptance.finish_at_exit()
        (at_exit,) = register.call_args.args
        printed = io.StringIO()
        with contextlib.redirect_stderr(printed):
            at_exit()
            at_exit()
        self.assertEqual(printed.getvalue().count("\nTRIPWIRE_ACCEPT wrote what 1 test lacked"), 1)

    def run_script(self, body: str) -> subprocess.CompletedProcess[str]:
        """Run a file whose tests lack something."""
        trial = Trial(self, "")
        trial.path.write_text(SCRIPT + textwrap.dedent(body))
        self.path = trial.path
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.run(
            [sys.executable, str(trial.path)],
            capture_output=True,
            check=False,
            text=True,
            env=environment,
        )

    @needs_processes
    def test_summary_at_the_exit(self) -> None:
        """On the standard error stream, after all else; the code of a whole file can be a test."""
        run = self.run_script(
            """
            from tests.accept.accepting import sandbox
            with sandbox():
                pass
            test = Test("it", sys._getframe().f_code, False)
            acceptance.note(test, [Pass(opened[0], (), (Addition((GET,)),))])
            print("over", file=sys.stderr)
            """
        )
        self.assertTrue(run.stderr.startswith("over\n\nTRIPWIRE_ACCEPT wrote what 1 test lacked"))
        line = '    pass\ntripwire.memcache.assert_get(command="GET", key="k")\n'
        self.assertIn(line, self.path.read_text())

    @needs_processes
    def test_nothing_at_the_exit(self) -> None:
        """Where nothing was lacking."""
        self.assertEqual(self.run_script("").stderr, "")

    @needs_processes
    def test_child_process(self) -> None:
        """Its tests get the reason."""
        run = self.run_script(
            """
            import multiprocessing
            if __name__ == "__main__":
                process = multiprocessing.get_context("spawn").Process(target=child, args=(None,))
                process.start()
                process.join()
            """
        )
        self.assertEqual(
            (run.stdout, run.stderr),
            ("TRIPWIRE_ACCEPT writes nothing into this test: it ran in a child process.\n", ""),
        )

    @unittest.skipUnless(hasattr(os, "fork"), "needs fork")
    @needs_processes
    def test_forked_process(self) -> None:
        """Its tests get the reason, too, and what its parent noted is the parent's to write."""
        run = self.run_script(
            """
            from tests.accept.accepting import sandbox
            with sandbox():
                pass
            test = Test("it", sys._getframe().f_code, False)
            passes = [Pass(opened[0], (), (Addition((GET,)),))]
            acceptance.note(test, passes)
            child = os.fork()
            if not child:
                print(acceptance.note(test, passes), acceptance.finish(), flush=True)
                os._exit(0)
            os.waitpid(child, 0)
            """
        )
        self.assertEqual(
            run.stdout,
            "TRIPWIRE_ACCEPT writes nothing into this test: it ran in a child process. \n",
        )
        self.assertIn("TRIPWIRE_ACCEPT wrote what 1 test lacked", run.stderr)
