"""Files that are not what they were, and environments where nobody would read what is written."""

from __future__ import annotations

import errno
import io
import os
import unittest
import warnings
from typing import Any
from unittest import mock

from tests.accept.accepting import GET, REFUSED, RefusingTestCase, Trial, module
from tripwire._accept.facts import Addition, Pass, Place
from tripwire._accepting import is_asked_for

PLAIN = module("        with self.sandbox():\n            pass\n")


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

    def test_doubtful_style(self) -> None:
        """What Python warns of was said when the file was imported."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            trial = Trial(self, PLAIN.replace("pass", "'\\d'"))
        self.assertIn(b"assert_get", trial.lack(GET).finish())

    def test_gone(self) -> None:
        """Or never there, as with a doctest."""
        trial = Trial(self, PLAIN)
        places, _ = trial.run()
        trial.path.unlink()
        trial.note([Pass(places[0], (), (Addition((GET,)),))])
        self.assertEqual(
            trial.announced,
            f"{REFUSED}its source cannot be read: [Errno {errno.ENOENT}] "
            f"No such file or directory: '{trial.path}'.",
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
        self.left_alone(trial, f"the file cannot be written: [Errno {errno.EEXIST}] File exists")

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
            with self.subTest(environ):
                self.assertIs(is_asked_for(environ), on)


class PlaceTest(unittest.TestCase):
    """A place is kept without its frame."""

    def test_relative_file(self) -> None:
        """It is found after the working directory has changed."""
        scope: Any = {"Place": Place}
        exec(compile("import sys\nplace = Place.of(sys._getframe())", "some.py", "exec"), scope)
        self.assertEqual(scope["place"].filename, os.path.abspath("some.py"))
        self.assertEqual(scope["place"].line, 2)
