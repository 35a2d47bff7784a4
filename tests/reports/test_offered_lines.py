"""What the lines that are offered say beside the fields: imports, servers, prefixes.

SPECIFICATION 19.
"""

from __future__ import annotations

import re
import sys
from typing import Any

from tests.support.reporting import ReportTestCase

PICKLING = """
import datetime, decimal, uuid
from pymemcache.serde import pickle_serde
pickling = Client(("localhost", 11211), serde=pickle_serde, key_prefix="app:")
tripwire.memcache.store()
with tripwire:
"""


class OfferedCase(ReportTestCase):
    """Lines are offered, pasted, and the test passes."""

    def mend(self, source: str) -> str:
        """The report of a test, which passes with the lines of the report and their imports."""
        report = self.report(source)
        lines = re.findall(r"^    (tripwire\.memcache\.assert_.*)$", report, re.MULTILINE)
        imports = re.findall(r"import (.*)$", report, re.MULTILINE)
        self.run_strict("\n".join([source, *(f"import {names}" for names in imports), *lines]))
        return report


class ImportsTest(OfferedCase):
    """Values that the standard library makes."""

    def test_value_with_a_constructor(self) -> None:
        """It is written as a call, and the import is named."""
        report = self.mend(PICKLING + "    pickling.set('k', datetime.date(2024, 2, 29), 60)")
        self.assertEqual(
            report,
            "UnassertedInteractionsError: 1 of 1 memcache interaction was not asserted. "
            "In order, after the sandbox:\n\n"
            "    tripwire.memcache.assert_set(command='SET', key='k', "
            "value=datetime.date(2024, 2, 29), expire=60, key_prefix=b'app:')\n"
            "        # sent to localhost:11211 from test_app.py:6 in <module>\n\n"
            "Or all of them at once, by what the store holds:\n\n"
            "    store.assert_items({'app:k': tripwire.Item(datetime.date(2024, 2, 29), "
            "expire=60)})\n\n"
            "The lines need: import datetime",
        )

    def test_several_modules(self) -> None:
        """One line names them all; `unittest.mock` has one of its own."""
        calls = (
            "    pickling.set('t', datetime.timedelta(hours=1))",
            "    pickling.set_many({'d': decimal.Decimal('1.50'), 'u': uuid.UUID(int=7)})",
            "    pickling.set('o', float('nan'))",
        )
        report = self.mend(PICKLING + "\n".join(calls))
        self.assertTrue(
            report.endswith(
                "unittest.mock.ANY stands for what cannot be pasted: import unittest.mock\n"
                "The lines need: import datetime, decimal, uuid"
            ),
            report,
        )

    def test_mismatch(self) -> None:
        """The same, of what is next and of what is open."""
        calls = (
            "    pickling.get('k')",
            "    pickling.set('t', datetime.timedelta(hours=1))",
            "tripwire.memcache.assert_get('GET', 'l')",
        )
        report = self.report(PICKLING + "\n".join(calls))
        self.assertTrue(report.endswith("The lines need: import datetime"), report)

    def test_mock_of_a_call(self) -> None:
        """It is said below the line."""
        report = self.report(
            """
            import datetime
            with tripwire:
                client.set_many({"k": datetime.date(2024, 2, 29)})
            """
        )
        self.assertTrue(
            report.endswith(
                "    tripwire.memcache.mock_command('SET_MANY', returns=[], "
                "values={'k': datetime.date(2024, 2, 29)})\n"
                "        # it needs: import datetime\n"
                "Or let memcached itself answer, in memory: tripwire.memcache.store()"
            ),
            report,
        )

    def test_optional_field_that_is_compared(self) -> None:
        """`ANY` stands for it, since leaving it out would compare it with its default."""

        class Seconds(int):
            """A number that people read."""

            def __repr__(self) -> str:
                return f"{int(self)} s"

            def __str__(self) -> str:
                return str(int(self))

        self.seconds: Any = Seconds(60)
        sys.modules["test_offered_seconds"] = self  # type: ignore[assignment]  # a way in
        self.addCleanup(sys.modules.pop, "test_offered_seconds")
        report = self.mend(
            "import test_offered_seconds\n"
            "tripwire.memcache.store()\n"
            "with tripwire:\n"
            "    client.set('k', b'v', test_offered_seconds.seconds)\n"
        )
        self.assertIn("value=b'v', expire=unittest.mock.ANY)\n        # expire: 60 s\n", report)


class ServersTest(OfferedCase):
    """The server is said where there is more than one."""

    def test_one_server(self) -> None:
        """It is in the comment anyway."""
        report = self.mend(
            """
tripwire.memcache.store()
with tripwire:
    client.get("a")
    client.get("b")
"""
        )
        self.assertNotIn("server=", report)

    def test_several_servers(self) -> None:
        """In the whole timeline: what is asserted already counts."""
        report = self.mend(
            """
tripwire.memcache.store()
with tripwire:
    Client(("north", 1)).get("a")
    Client("/run/south.sock").get("b")
tripwire.memcache.assert_get("GET", "a")
"""
        )
        self.assertIn("assert_get(command='GET', key='b', server='/run/south.sock')", report)

    def test_prefixes(self) -> None:
        """Where the client has one."""
        report = self.mend(
            """
tripwire.memcache.store()
with tripwire:
    HashClient([("north", 1), ("south", 1)], key_prefix=b"app:").get_many([*"abcdefghij"])
"""
        )
        self.assertIn("server=('north', 1), key_prefix=b'app:')\n", report)

    def test_what_cannot_be_written(self) -> None:
        """It is left out, and told in a comment."""
        report = self.mend(
            """
class Pooled(Client): pass
odd = Pooled(("north", 1))
odd.server = Pooled
tripwire.memcache.mock_command("GET", returns=MISS, times=2)
with tripwire:
    odd.get("a")
    client.get("b")
"""
        )
        self.assertIn("assert_get(command='GET', key='a')\n        # server: <class ", report)
