"""What is read when rounds with a fault went wrong, and what it offers to run one alone.

SPECIFICATION 38
"""

from __future__ import annotations

import ast
import re
import socket
from typing import Any

from pymemcache.client.base import Client
from pymemcache.exceptions import MemcacheError

from tests.rounds.sweeping import SweepTestCase
from tests.support.cases import SERVER
from tests.support.reporting import ReportTestCase
from tripwire import SweepError

PRICE = """
table = {}

def price():
    try:
        found = client.get("price:7")
    except (OSError, MemcacheError):
        found = None
    return int(found or table[7])

def change_price(value):
    table[7] = value
    client.set("price:7", b"%d" % value, noreply=False)

def scenario():
    tripwire.memcache.store({"price:7": b"10"})
    table[7] = 10
    price()
    try:
        change_price(20)
    except OSError:
        pass
    assert price() == table[7], f"{price()} is not {table[7]}"
"""

BATCHES = """
LONG = "a" * 100

def scenario():
    store = tripwire.memcache.store({LONG: 1, "b": 2, 'quo"te': 3})
    found = client.get_many([LONG, "b", 'quo"te', "c"])
    if len(found) < 3:
        raise KeyError(found)
    try:
        client.set_many({LONG: b"x", 'quo"te': b"y"}, noreply=False)
    except OSError:
        raise ValueError("long " * 40) from None
    except MemcacheError:
        unittest.TestCase().assertEqual("\\n".join("abcdefghijkl"), "")
"""

RETURNING = """
def scenario():
    store = tripwire.memcache.store({"n": 1})
    try:
        return client.incr("n", 1)
    except (OSError, MemcacheError):
        return list(range(100))
"""

MANY = """
def scenario():
    tripwire.memcache.store()
    for number in range(70):
        try:
            client.set(f"k{number}", b"v", noreply=False)
        except OSError:
            if number > 44:
                raise
"""

WAITING = """
import threading

def scenario():
    tripwire.memcache.store()
    try:
        client.get("k")
    except OSError:
        threading.Event().wait()
"""

NAMELESS = """
class Odd(AssertionError):
    def __str__(self):
        raise ZeroDivisionError

def scenario():
    tripwire.memcache.store()
    try:
        client.get("k")
    except OSError:
        raise Odd from None
    except MemcacheError:
        assert False
"""


class SweepTextTest(ReportTestCase):
    """Pinned whole."""

    def assert_swept(self, scenario: str, options: str, expected: str) -> None:
        """Compare the text of a sweep of a scenario."""
        source = "from pymemcache.exceptions import MemcacheError\n" + scenario
        # The exception has this name from Python 3.10 on.
        expected = expected.replace("TimeoutError", socket.timeout.__name__)
        self.assert_report(f"{source}\ntripwire.memcache.sweep(scenario{options})", expected)

    def test_table_and_failures(self) -> None:
        """Commands and faults, then each round that went wrong, with what came out of it."""
        self.assert_swept(
            PRICE,
            "",
            """
            SweepError: 4 of 16 rounds with a fault went wrong:

                                        down   request  answer  answer  server  evicted
                                               lost     lost    cut     error
                1  GET 'price:7'        ok     ok       ok      ok      -       ok
                2  SET 'price:7' b'20'  FAILS  FAILS    ok      FAILS   FAILS   ok
                3  GET 'price:7'        ok     ok       ok      ok      -       ok

                only="2 down" or "2 request lost": AssertionError: 10 is not 20
                    raised at test_app.py:24 in scenario
                    SET from test_app.py:14 in change_price

                only="2 answer cut": MemcacheUnexpectedCloseError came out of the scenario
                    SET from test_app.py:14 in change_price

                only="2 server error": MemcacheServerError came out of the scenario
                    SET from test_app.py:14 in change_price
            """,
        )

    def test_one_round_alone(self) -> None:
        """Nothing is said of the other commands."""
        self.assert_swept(
            PRICE,
            ", only='2 answer cut'",
            """
            SweepError: 1 of 1 round with a fault went wrong:

                                        answer
                                        cut
                2  SET 'price:7' b'20'  FAILS

                only="2 answer cut": MemcacheUnexpectedCloseError came out of the scenario
                    SET from test_app.py:14 in change_price
            """,
        )

    def test_long_values_and_texts(self) -> None:
        """Lines stay within 79 columns, but for an argument, which is whole."""
        long = "a" * 100
        self.assert_swept(
            BATCHES,
            ", faults=['evicted', 'answer cut']",
            f"""
            SweepError: 5 of 7 rounds with a fault went wrong:

                            answer  evicted
                            cut
                1  GET_MANY 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
                     aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'b', 'quo"te', 'c'
                            FAILS   FAILS
                2  SET_MANY 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
                     aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' b'x', 'quo"te' b'y'
                            FAILS   ok

                only="1 answer cut": MemcacheUnexpectedCloseError came out of the scenario
                    GET_MANY from test_app.py:7 in scenario

                only="1 evicted '{long}'":
                    KeyError came out of the scenario
                    {{'b': b'2', 'quo"te': b'3'}}
                    raised at test_app.py:9 in scenario
                    GET_MANY from test_app.py:7 in scenario

                only="1 evicted 'b'": KeyError came out of the scenario
                    {{'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
                      aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa': b'1', 'quo"te': b'3'}}
                    raised at test_app.py:9 in scenario
                    GET_MANY from test_app.py:7 in scenario

                only='1 evicted \\'quo"te\\'': KeyError came out of the scenario
                    {{'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
                      aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa': b'1', 'b': b'2'}}
                    raised at test_app.py:9 in scenario
                    GET_MANY from test_app.py:7 in scenario

                only="2 answer cut":
                    AssertionError: 'a\\nb\\nc\\nd\\ne\\nf\\ng\\nh\\ni\\nj\\nk\\nl' != ''
                    - a
                    - b
                    - c
                    - d
                    - e
                    - f
                    - g
                    - h
                    - i
                    - j
                    ...
                    raised at test_app.py:15 in scenario
                    SET_MANY from test_app.py:11 in scenario
            """,
        )

    def test_fault_that_lasts(self) -> None:
        """The first line says so."""
        self.assert_swept(
            BATCHES,
            ", faults=['request lost'], persistent=True",
            """
            SweepError: 3 of 3 rounds with a fault that lasts went wrong:

                            request
                            lost
                1  GET_MANY 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
                     aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'b', 'quo"te', 'c'
                            FAILS
                2  SET_MANY 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
                     aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' b'x', 'quo"te' b'y'
                            FAILS

                only="1 request lost": TimeoutError came out of the scenario
                    GET_MANY from test_app.py:7 in scenario

                only="2 request lost" or '2 request lost \\'quo"te\\'':
                    ValueError came out of the scenario
                    long long long long long long long long long long long long long long
                      long long long ...g long long long long long long long long
                    raised at test_app.py:13 in scenario
                    SET_MANY from test_app.py:11 in scenario
            """,
        )

    def test_what_was_returned_and_left(self) -> None:
        """In the place of an exception."""
        self.assert_swept(
            RETURNING,
            ", stale=False",
            """
            SweepError: 6 of 6 rounds with a fault went wrong:

                             down   request  answer  answer  server  evicted
                                    lost     lost    cut     error
                1  INCR 'n'  FAILS  FAILS    FAILS   FAILS   FAILS   FAILS

                only="1 down", "1 request lost" or "1 server error":
                    returned [0, 1, 2, ... 97 more],
                    and 2 without a fault
                    stale=False forbids what is left of 'n' on localhost:11211:
                        b'1' for ever, and b'2' for ever without a fault
                    INCR from test_app.py:6 in scenario

                only="1 answer lost" or "1 answer cut": returned [0, 1, 2, ... 97 more],
                    and 2 without a fault
                    INCR from test_app.py:6 in scenario

                only="1 evicted": returned None, and 2 without a fault
                    INCR from test_app.py:6 in scenario
            """,
        )

    def test_many_commands(self) -> None:
        """The table shows sixty, and twenty failures are told of."""
        rows = [
            *(f"{number:>5}  SET 'k{number - 1}' b'v'".ljust(23) + "ok" for number in range(1, 36)),
            *(f"{number:>5}  SET 'k{number - 1}' b'v'  FAILS" for number in range(46, 71)),
        ]
        expected = [
            "SweepError: 25 of 70 rounds with a fault went wrong:",
            "",
            "                       down",
            *rows,
            "       ... and 10 more commands",
            "",
            '    only="46 down", "47 down", "48 down", "49 down", "50 down", "51 down",',
            '         "52 down", "53 down", "54 down", "55 down", "56 down", "57 down",',
            '         "58 down", "59 down", "60 down", "61 down", "62 down", "63 down",',
            '         "64 down", "65 down", and 5 more:',
            "        ConnectionResetError came out of the scenario",
            "        SET from test_app.py:7 in scenario",
        ]
        self.assert_swept(MANY, ", faults=['down']", "\n".join(expected))

    def test_waiting_for_ever(self) -> None:
        """In the words of the one who waits."""
        self.assert_swept(
            WAITING,
            ", faults=['down']",
            """
            SweepError: 1 of 1 round with a fault went wrong:

                            down
                1  GET 'k'  FAILS

                only="1 down": the scenario waits for what nobody can do any more
                    at test_app.py:10 in scenario
                    GET from test_app.py:8 in scenario
            """,
        )

    def test_exceptions_without_a_text(self) -> None:
        """Or with one that cannot be had."""
        self.assert_swept(
            NAMELESS,
            ", faults=['answer cut', 'down']",
            """
            SweepError: 2 of 2 rounds with a fault went wrong:

                            down   answer
                                   cut
                1  GET 'k'  FAILS  FAILS

                only="1 down": Odd: <Odd whose repr raised ZeroDivisionError>
                    raised at test_app.py:12 in scenario
                    GET from test_app.py:10 in scenario

                only="1 answer cut": AssertionError
                    raised at test_app.py:14 in scenario
                    GET from test_app.py:10 in scenario
            """,
        )


class OnlyTest(SweepTestCase):
    """What a text offers can be pasted."""

    def test_each_argument_gives_its_failure_again(self) -> None:
        """And no other."""
        long = "\N{SNOWMAN}" * 20

        def scenario() -> None:
            store = self.memcache.store({"n": 7, 'quo"te': 1})
            client: Any = Client(SERVER, default_noreply=False, allow_unicode_keys=True)
            client.get_many(["n", 'quo"te', long])
            try:
                client.incr("n", 1)
            except (OSError, MemcacheError):
                client.incr("n", 1)
            client.set_many({long: b"x", 'quo"te': b"y", "n\\n": b"z"})
            self.assertEqual(store["n"], b"8")

        error = self.error(scenario)
        found = []
        for heads in re.findall(
            r"^    only=(.*?):(?:$| [A-Z])", str(error), re.MULTILINE | re.DOTALL
        ):
            literals = re.findall(r'"[^"]*"|\'(?:[^\'\\]|\\.)*\'', heads)
            found += [ast.literal_eval(argument) for argument in literals]
        self.assertEqual(sorted(found), sorted(each.only for each in error.failures))
        self.assertGreater(len(found), 15)
        for failure in error.failures:
            with self.assertRaises(SweepError) as caught:
                self.memcache.sweep(scenario, only=failure.only)
            (again,) = caught.exception.failures
            self.assertEqual((again.only, again.what), (failure.only, failure.what))
