"""What reports offer for pasting is pasted, and the test that failed passes.

SPECIFICATION 19.
"""

from __future__ import annotations

import contextlib
import inspect
import subprocess
import sys
import threading
import unittest
import unittest.mock
from typing import Any, Callable, Dict, Iterable, Iterator, List, Tuple

from pymemcache.client.base import Client
from pymemcache.client.hash import HashClient

import tripwire
from tests.support.platform import needs_processes, needs_threads
from tests.support.project import ROOT

Call = Callable[[], object]

LOCAL = {"check_key", "close", "disconnect_all"}

# What is passed for a parameter, whichever command it is of.
ARGUMENTS: Dict[str, Any] = {
    "args": "slabs",
    "cas": b"7",
    "cas_default": b"0",
    "command": "verbosity 1",
    "default": "nothing",
    "delay": 5,
    "end_tokens": b"OK\n",
    "expire": 3600,
    "flags": 3,
    "graceful": True,
    "key": "session:ä",
    "keys": [b"a", "b"],
    "memlimit": 64,
    "noreply": True,
    "value": 5,
    "values": {"a": b"1", b"b": "it's"},
}


def client() -> Client:
    """A client that takes any key and value."""
    return Client(
        ("localhost", 11211), allow_unicode_keys=True, serializer=lambda key, value: (b"...", 1)
    )


def call_of(name: str, parameters: Iterable[inspect.Parameter]) -> Call:
    """A call of a method with an argument for each of the parameters."""
    arguments = [ARGUMENTS[parameter.name] for parameter in parameters]
    return lambda: getattr(client(), name)(*arguments)


def set_of(value: object) -> Call:
    """A call that sets a value."""
    return lambda: client().set("k", value, 60)


def calls() -> Iterator[Tuple[str, Call]]:
    """Of each command a call with what is required, and one with everything it takes."""
    for name, method in vars(Client).items():
        if callable(method) and not name.startswith("_") and name not in LOCAL:
            parameters = list(inspect.signature(method).parameters.values())[1:]
            required = (each for each in parameters if each.default is each.empty)
            yield name, call_of(name, required)
            yield f"{name}, in full", call_of(name, parameters)


def attempt(call: Call, before: Iterable[str] = (), after: Iterable[str] = ()) -> str:
    """What a strict test of a call reports, with lines before and after its sandbox."""
    names = {"tripwire": tripwire, "unittest": unittest}
    try:
        with tripwire.strict():
            for line in before:
                exec(line, names)
            with tripwire.sandbox():
                call()
            for line in after:
                exec(line, names)
    except tripwire.TripwireError as error:
        return str(error)
    return ""


def offered(report: str) -> List[str]:
    """The lines for pasting, without the guide's, which leaves the reply to the reader."""
    lines = [line.strip() for line in report.splitlines()]
    return [
        line
        for line in lines
        if line.startswith("tripwire.memcache.") and not line.endswith("returns=...)")
    ]


class MendingTestCase(unittest.TestCase):
    """Mends the test of a call with nothing but what the reports say."""

    def mend(self, call: Call) -> Tuple[List[str], List[str]]:
        """Paste the mocks until no call is unmocked, and the assertions; both are returned."""
        mocks: List[str] = []
        report = attempt(call)
        while "was called but no mock was registered." in report:
            mocks += offered(report)
            report = attempt(call, mocks)
        self.assertRegex(report, r"^\d+ of \d+ memcache interactions? (was|were) not asserted\.")
        assertions = offered(report)
        self.assertEqual(attempt(call, mocks, assertions), "")
        return mocks, assertions


class CommandsTest(MendingTestCase):
    """Of every command, whatever kind of report it is that offers a line."""

    def test_every_command(self) -> None:
        """The mock of the first report and the assertion of the second make the test pass."""
        seen = list(calls())
        self.assertGreater(len(seen), 40)
        for name, call in seen:
            with self.subTest(name):
                mocks, assertions = self.mend(call)
                self.assertEqual((len(mocks), len(assertions)), (1, 1))

    def test_line_of_the_guide(self) -> None:
        """The third line of the first report is a mock when the reply is put in."""
        for name, call in calls():
            with self.subTest(name):
                line = attempt(call).splitlines()[2].strip()
                (mock,), assertions = self.mend(call)
                reply = mock.partition("returns=")[2].partition(", ")[0].rstrip(")")
                self.assertEqual(attempt(call, [line.replace("=...", f"={reply}")], assertions), "")

    def test_swallowed_violation(self) -> None:
        """The report of a swallowed violation offers the same mock."""

        def swallowing() -> None:
            with contextlib.suppress(Exception):
                call()

        for name, call in calls():
            with self.subTest(name):
                report = attempt(swallowing)
                self.assertIn("1 violation was swallowed:", report)
                mocks, _ = self.mend(call)
                self.assertEqual(offered(report), mocks)

    def test_mismatch(self) -> None:
        """The line of the next interaction takes the place of the wrong assertion."""
        wrong = "tripwire.memcache.assert_get('GET', 'another')"
        in_any_order = f"with tripwire.memcache.in_any_order(): {wrong}"
        for name, call in calls():
            mocks, assertions = self.mend(call)
            for assertion in (wrong, in_any_order, "tripwire.memcache.assert_no_calls()"):
                with self.subTest(name, assertion=assertion):
                    report = attempt(call, mocks, [assertion])
                    self.assertEqual(offered(report), assertions)

    def test_open_interactions_of_a_mismatch(self) -> None:
        """What else is open follows in its order."""

        def several() -> None:
            client().get("a")
            client().touch("b", 60)
            client().delete("c", noreply=False)

        mocks, assertions = self.mend(several)
        report = attempt(several, mocks, ["tripwire.memcache.assert_get('GET', 'b')"])
        self.assertEqual(offered(report), assertions)


class ValuesTest(MendingTestCase):
    """Whatever the values are."""

    def test_value_without_a_literal(self) -> None:
        """`unittest.mock.ANY` takes its place; the rest is asserted as it was."""
        values: Tuple[object, ...]
        values = object(), 10**300, float("nan"), "x" * 1000, [object()], {1: {2: object()}}
        for value in values:
            with self.subTest(type(value)):
                _, (line,) = self.mend(set_of(value))
                self.assertEqual(
                    line,
                    "tripwire.memcache.assert_set(command='SET', key='k', "
                    "value=unittest.mock.ANY, expire=60)",
                )

    def test_value_with_a_literal(self) -> None:
        """What Python reads back as an equal value is pasted as it is."""
        values: Tuple[object, ...]
        values = "it's\n\u2028", b"\x00\r\n", -1.5, None, True, [1, (2,), {3}], {"a": ()}
        for value in values:
            with self.subTest(value=value):
                _, (line,) = self.mend(set_of(value))
                self.assertIn(f"value={value!r}, expire=60)", line)

    def test_key_of_two_hundred_characters_is_pasted(self) -> None:
        """With its quotes. A longer one is not."""
        for length, pasted in ((198, repr("x" * 198)), (199, "unittest.mock.ANY")):
            with self.subTest(length=length):

                def call(key: str = "x" * length) -> Any:
                    return client().get(key)

                _, assertions = self.mend(call)
                line = f"tripwire.memcache.assert_get(command='GET', key={pasted})"
                self.assertEqual(assertions, [line])

    def test_key_without_a_literal(self) -> None:
        """The mock is not narrowed then, and the key is not asserted."""

        class Key(str):
            """A key as some applications have it."""

            def __repr__(self) -> str:
                return f"Key({self!s})"

        mocks, assertions = self.mend(lambda: client().get(Key("k")))
        self.assertEqual(mocks, ["tripwire.memcache.mock_command('GET', returns=tripwire.MISS)"])
        self.assertEqual(
            assertions,
            ["tripwire.memcache.assert_get(command='GET', key=unittest.mock.ANY)"],
        )

    def test_optional_field_without_a_literal(self) -> None:
        """It is left out."""
        _, assertions = self.mend(lambda: client().get("k", default=object()))
        self.assertEqual(assertions, ["tripwire.memcache.assert_get(command='GET', key='k')"])
        _, assertions = self.mend(lambda: client().gets("k", object(), b"7"))
        self.assertEqual(
            assertions,
            ["tripwire.memcache.assert_get(command='GETS', key='k', cas_default=b'7')"],
        )

    def test_defaults_are_left_out(self) -> None:
        """Of what the helper takes anyway, nothing is said."""
        for call, line in (
            (
                lambda: client().set_many({"k": b"v"}),
                "set_many(command='SET_MANY', values={'k': b'v'})",
            ),
            (lambda: client().set("k", b"v"), "set(command='SET', key='k', value=b'v')"),
            (lambda: client().touch("k"), "touch(command='TOUCH', key='k')"),
            (lambda: client().incr("k", 1), "incr(command='INCR', key='k', value=1)"),
            (
                lambda: client().cas("k", b"v", b"1"),
                "cas(command='CAS', key='k', value=b'v', cas=b'1')",
            ),
        ):
            with self.subTest(line):
                _, assertions = self.mend(call)
                self.assertEqual(assertions, [f"tripwire.memcache.assert_{line}"])


class SeveralTest(MendingTestCase):
    """However many clients, servers and threads there are."""

    def test_several_servers(self) -> None:
        """A hash client spreads its keys."""
        cluster = HashClient([("a", 1), ("b", 2), ("c", 3)])
        _, assertions = self.mend(lambda: cluster.set_many(dict.fromkeys("abcdefgh", b"")))
        self.assertGreater(len(assertions), 1)

    def test_aliases(self) -> None:
        """The hash client's get_multi ends as GET_MANY of each node."""
        cluster = HashClient([("a", 1), ("b", 2)])
        mocks, assertions = self.mend(lambda: cluster.get_multi(list("abcdefgh")))
        self.assertEqual(len(mocks), 2)
        self.assertEqual(len(assertions), 2)

    @needs_threads
    def test_several_threads(self) -> None:
        """Each command is found, whoever sent it."""

        def work() -> None:
            for key in "abc":
                thread = threading.Thread(target=client().get, args=(key,))
                thread.start()
                thread.join()

        mocks = ["tripwire.memcache.mock_command('GET', returns=b'', times=3)"]
        report = attempt(work, mocks)
        self.assertIn("`with tripwire.memcache.in_any_order():`", report)
        assertions = offered(report)
        self.assertEqual(attempt(work, mocks, assertions), "")
        in_any_order = [
            f"with tripwire.memcache.in_any_order(): {line}" for line in reversed(assertions)
        ]
        self.assertEqual(attempt(work, mocks, in_any_order), "")


@needs_processes
class BytesWarningTest(unittest.TestCase):
    """Bytes and text that meet are no error of tripwire's."""

    def test_reports_under_bb(self) -> None:
        """`python -bb` raises wherever bytes are compared with text."""
        tests = [f"tests.reports.test_{part}" for part in ("mismatch", "unmocked", "values")]
        tests += [f"{__name__}.{case.__name__}" for case in (CommandsTest, ValuesTest)]
        command = [sys.executable, "-bb", "-X", "dev", "-W", "error", "-m", "unittest", *tests]
        run = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stderr)
