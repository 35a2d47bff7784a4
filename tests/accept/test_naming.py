"""What lines name is spelled as it is bound where they stand."""

from __future__ import annotations

import unittest
from typing import Optional

from tests.accept.accepting import Trial

REFUSED = "TRIPWIRE_ACCEPT writes nothing into this test: "


class NamingTestCase(unittest.TestCase):
    """Compares one line."""

    def spelled(
        self, text: str, head: str = "", body: str = "", wrong: Optional[str] = None
    ) -> str:
        """How the only argument of a call is spelled in a function, after a body."""
        source = (
            f"import tripwire\nfrom tests.accept.accepting import Case, sandbox\n{head}\n\n"
            f"class SessionTest(Case):\n    def test_hit(self):\n        {body or 'pass'}\n"
            "        with self.sandbox():\n            pass\n"
        )
        trial = Trial(self, source).lack(f"tripwire.memcache.expect({text})")
        after = trial.finish().decode()
        if wrong is not None:
            self.assertEqual(trial.announced, f"{REFUSED}{wrong}.")
            self.assertEqual(after, source)
            return ""
        self.assertTrue(after.startswith(source), trial.announced)
        trial.calls()
        return "".join(line.strip() for line in after[len(source) :].splitlines())[21:-1]

    def refused(self, text: str, reason: str, head: str = "", body: str = "") -> None:
        """Nothing is written."""
        self.spelled(text, head, body, wrong=reason)


class ModulesTest(NamingTestCase):
    """Names that the module has."""

    def test_spellings(self) -> None:
        """Whatever it imported, in the manner that it uses."""
        for text, head, expected in (
            ("tripwire.MISS", "", "tripwire.MISS"),
            ("tripwire.MISS", "from tripwire import MISS", "MISS"),
            ("tripwire.MISS", "from tripwire import MISS as GONE", "GONE"),
            ("unittest.mock.ANY", "import unittest.mock", "unittest.mock.ANY"),
            ("unittest.mock.ANY", "from unittest import mock", "mock.ANY"),
            ("unittest.mock.ANY", "from unittest import mock as m", "m.ANY"),
            ("unittest.mock.ANY", "from unittest.mock import ANY", "ANY"),
            ("unittest.mock.ANY", "import unittest.mock as um", "um.ANY"),
            ("datetime.date(2024, 2, 29)", "import datetime", "datetime.date(2024, 2, 29)"),
            ("datetime.date(2024, 2, 29)", "import datetime as dt", "dt.date(2024, 2, 29)"),
            ("datetime.date(2024, 2, 29)", "from datetime import date", "date(2024, 2, 29)"),
            ("datetime.timezone.utc", "from datetime import timezone", "timezone.utc"),
            ("datetime.timezone.utc", "import datetime", "datetime.timezone.utc"),
            ("http.HTTPStatus.OK", "from http import HTTPStatus", "HTTPStatus.OK"),
            ("[re.I, {re.M: 1}]", "import re", "[re.I, {re.M: 1}]"),
            ("re.compile('a').flags", "import re", "re.compile('a').flags"),
        ):
            with self.subTest(text, head=head):
                self.assertEqual(self.spelled(text, head), expected)
                self.assertEqual(self.spelled(f"k={text}", head), f"k={expected}")

    def test_names_that_are_not_there(self) -> None:
        """The reason says what to import."""
        for text, head, module in (
            ("unittest.mock.ANY", "", "unittest.mock"),
            ("unittest.mock.ANY", "import unittest", "unittest.mock"),
            ("datetime.date(2024, 2, 29)", "from datetime import datetime", "datetime"),
            ("datetime.date(2024, 2, 29)", "datetime = None", "datetime"),
        ):
            with self.subTest(text, head=head):
                self.refused(text, f"the name {module} is not bound there: import it", head)

    def test_equal_values_are_not_the_same_thing(self) -> None:
        """A number that happens to be equal has another meaning."""
        self.assertEqual(self.spelled("socket.AF_INET", "import socket"), "socket.AF_INET")
        text = self.spelled("socket.SOL_TCP", "import socket\nSIX = socket.SOL_TCP")
        self.assertEqual(text, "socket.SOL_TCP")
        text = self.spelled("socket.SOL_TCP", "from socket import SOL_TCP")
        self.assertEqual(text, "SOL_TCP")

    def test_built_in_names(self) -> None:
        """Unless they are something else there."""
        self.assertEqual(self.spelled("frozenset({1})"), "frozenset({1})")
        self.refused("set()", "set is something else there", "set = list")
        self.refused("set()", "set is something else there", "", "set = list")

    def test_nonsense(self) -> None:
        """What is nowhere is not written."""
        self.refused("nowhere.at.all", "there is no module for nowhere.at.all")
        self.refused("datetime.nothing", "there is no datetime.nothing", "import datetime")
        self.refused("nothing", "nothing is something else there")


class FunctionsTest(NamingTestCase):
    """Names that the test's function has."""

    def test_local_imports(self) -> None:
        """They count as those of the module do."""
        for body, expected in (
            ("import unittest.mock", "unittest.mock.ANY"),
            ("from unittest import mock", "mock.ANY"),
            ("from unittest.mock import ANY", "ANY"),
            ("from unittest.mock import ANY as SOME", "SOME"),
            ("import unittest.mock as mock", "mock.ANY"),
        ):
            with self.subTest(body):
                self.assertEqual(self.spelled("unittest.mock.ANY", "", body), expected)

    def test_names_that_mean_something_else(self) -> None:
        """What is bound in the function hides the module's."""
        reason = "the name unittest.mock is not bound there: import it"
        for body in (
            "mock = 1",
            "for mock in (): pass",
            "def mock(): pass",
            "class mock: pass",
            "try: pass\n        except Exception as mock: pass",
            "if self: from unittest import mock",
            "from unittest import mock; mock = 1",
            "if not self: from nowhere import mock",
            "global other; from unittest import case as mock",
        ):
            with self.subTest(body):
                self.refused("unittest.mock.ANY", reason, "from unittest import mock", body)

    def test_import_further_down(self) -> None:
        """It comes too late."""
        source = (
            "import tripwire\nfrom unittest import mock\n"
            "from tests.accept.accepting import Case, sandbox\n"
            "class SessionTest(Case):\n    def test_hit(self):\n"
            "        with self.sandbox():\n            pass\n"
            "        from unittest import mock\n        mock\n"
        )
        trial = Trial(self, source).lack("tripwire.memcache.expect(unittest.mock.ANY)")
        self.assertIn("the name unittest.mock is not bound there", trial.announced)

    def test_relative_imports(self) -> None:
        """From the package of the module."""
        for package, body, expected in (
            ("unittest", "from . import mock", "mock.ANY"),
            ("unittest", "from .mock import ANY", "ANY"),
            ("unittest.below", "from ..mock import ANY", "ANY"),
        ):
            with self.subTest(body):
                head = f"__spec__ = None\n__package__ = {package!r}"
                self.assertEqual(self.spelled("unittest.mock.ANY", head, body), expected)

    def test_enclosing_function(self) -> None:
        """Its names are known inside."""
        source = (
            "from tests.accept.accepting import Case, sandbox\n"
            "class SessionTest(Case):\n    def test_hit(self):\n"
            "        from unittest import mock\n"
            "        def load():\n            with sandbox():\n                pass\n"
            "        load()\n"
        )
        trial = Trial(self, source).lack("tripwire.memcache.expect(unittest.mock.ANY)")
        self.assertIn(b"            self.memcache.expect(mock.ANY)\n", trial.finish())


class ReceiverTest(NamingTestCase):
    """What the calls are made of."""

    def written(self, source: str, test: str = "SessionTest.test_hit") -> str:
        """The line that is written, or the reason."""
        trial = Trial(self, source).lack("tripwire.memcache.expect()", test=test)
        added = trial.finish().decode()[len(source) :].strip()
        return added or trial.announced.replace(REFUSED, "")

    def test_first_parameter(self) -> None:
        """Whatever it is called."""
        source = (
            "from tests.accept.accepting import Case\nclass SessionTest(Case):\n"
            "    def test_hit(this, /):\n        with this.sandbox():\n            pass\n"
        )
        self.assertEqual(self.written(source), "this.memcache.expect()")

    def test_first_parameter_that_was_bound_anew(self) -> None:
        """It is the test case no longer."""
        source = (
            "import tripwire\nfrom tests.accept.accepting import Case, sandbox\n"
            "class SessionTest(Case):\n    def test_hit(self):\n        self = None\n"
            "        with sandbox():\n            pass\n"
        )
        self.assertEqual(self.written(source), "tripwire.memcache.expect()")

    def test_first_parameter_that_is_hidden(self) -> None:
        """By a parameter of a nested function."""
        source = (
            "import tripwire as t\nfrom tests.accept.accepting import Case, sandbox\n"
            "class SessionTest(Case):\n    def test_hit(self):\n"
            "        def load(self):\n            with sandbox():\n                pass\n"
            "        load(None)\n"
        )
        trial = Trial(self, source).lack("tripwire.memcache.expect()")
        new = "                pass\n            t.memcache.expect()\n"
        expected = source.replace("                pass\n", new)
        self.assertEqual(trial.finish().decode(), expected)

    def test_module_of_another_name(self) -> None:
        """Where it is bound at all."""
        source = (
            "{}\nfrom tests.accept.accepting import sandbox\n"
            "def test():\n    with sandbox(): pass\n"
        )
        for head, expected in (
            ("import tripwire", "tripwire.memcache.expect()"),
            ("import tripwire as tw", "tw.memcache.expect()"),
            ("from tripwire import strict", "the name tripwire is not bound there: import it."),
        ):
            with self.subTest(head):
                self.assertEqual(self.written(source.format(head), "test"), expected)

    def test_calls_of_something_else(self) -> None:
        """A mistake of the caller's is a reason like any."""
        source = (
            "from tests.accept.accepting import sandbox\ndef test():\n    with sandbox(): pass\n"
        )
        for text, reason in (
            ("expect()", "it is no call of a method: expect()."),
            ("memcache.expect()", "there is no module for memcache."),
            ("1", "it is no call of a method: 1."),
            ("1 1", "it is no call of a method: 1 1."),
        ):
            trial = Trial(self, source).lack(text, test="test")
            self.assertEqual(trial.announced, REFUSED + reason)
