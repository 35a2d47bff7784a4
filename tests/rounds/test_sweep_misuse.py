"""What is wrong with a scenario or an argument is said, and a limit is never a pass.

SPECIFICATION 39
"""

from __future__ import annotations

import pickle
import threading
import time
from typing import Any, AsyncIterator, Callable, Dict, Iterator, List

from pymemcache.client.base import Client

from tests.rounds.sweeping import SweepTestCase
from tests.support.cases import SERVER
from tripwire import (
    IncompleteError,
    NotDeterministicError,
    ScenarioError,
    SweepError,
    UnmockedInteractionError,
)


class ArgumentsTest(SweepTestCase):
    """Arguments that are none."""

    def scenario(self) -> None:
        """Two commands."""
        self.memcache.store()
        self.client.get("a")
        self.client.set("b", b"1")

    def test_faults(self) -> None:
        """Several, by their names."""
        self.assertEqual(
            self.refused(ValueError, self.scenario, faults=["down", "gone"]),
            "there is no fault 'gone'; there are: 'down', 'request lost', 'answer lost', "
            "'answer cut', 'server error', 'evicted'",
        )
        self.assertEqual(
            self.refused(TypeError, self.scenario, faults="down"),
            "faults= takes several, in a list: faults=['down']",
        )
        self.assertEqual(
            self.refused(ValueError, self.scenario, faults=[]),
            "faults= is empty, so there is nothing to try",
        )
        self.assertEqual(
            self.refused(TypeError, self.scenario, faults=1),
            "faults= takes several, in a list: faults=[1]",
        )
        self.memcache.sweep(self.scenario, faults=iter(["evicted"]))

    def test_only(self) -> None:
        """A command's number and a fault that can befall it."""
        self.assertEqual(
            self.refused(TypeError, self.scenario, only=2),
            "only= is a command's number and a fault, such as '2 down', not 2",
        )
        self.assertEqual(
            self.refused(ValueError, self.scenario, only="3 down"),
            "only='3 down' does not come to pass in this scenario; its commands have the numbers "
            "1 to 2",
        )
        self.assertEqual(
            self.refused(ValueError, self.scenario, only="1 server error"),
            "only='1 server error' does not come to pass in this scenario; of that command there "
            "are: '1 down', '1 request lost', '1 answer lost', '1 answer cut'",
        )

        def one() -> None:
            self.memcache.store()
            self.client.get("a")

        self.assertTrue(self.refused(ValueError, one, only="x").endswith("; it has one command"))

    def test_raises(self) -> None:
        """Classes of exceptions."""
        self.assertEqual(
            self.refused(TypeError, self.scenario, raises=OSError("no")),
            "raises= takes exception classes, not OSError('no')",
        )
        self.refused(TypeError, self.scenario, raises=[OSError, int])

    def test_limit(self) -> None:
        """A number of rounds; more than that are not a pass."""
        for limit in (0, True, 2.5):
            self.assertEqual(
                self.refused(ValueError, self.scenario, limit=limit),
                f"limit= is a number from 1 on, not {limit!r}",
            )
        self.assertEqual(
            self.refused(IncompleteError, self.scenario, limit=8),
            "limit=8, and there are 9 rounds with a fault: raise the limit, try fewer faults=, or "
            "have a shorter scenario.",
        )
        self.memcache.sweep(self.scenario, limit=9, raises=Exception)

    def test_scenario(self) -> None:
        """A plain function."""

        async def coroutine() -> None:
            """Nobody runs it."""

        self.assertEqual(
            self.refused(TypeError, None), "a scenario is a function without arguments, not None"
        )
        self.assertTrue(
            self.refused(TypeError, coroutine).endswith(
                "is a coroutine function: call asyncio.run() in a plain one"
            )
        )

        def scenario() -> Any:
            return coroutine()

        self.assertEqual(
            self.refused(ScenarioError, scenario),
            "the scenario returned a coroutine that nobody runs: use a plain function, which may "
            "call asyncio.run()",
        )


class ScenarioTest(SweepTestCase):
    """Scenarios that cannot be swept."""

    def test_what_was_made_outside(self) -> None:
        """Neither a store nor a mock of the test answers in a round, and the violation says so."""
        remark = "outside of\nthe scenario answer nothing in it: make them inside."

        def said() -> str:
            with self.assertRaises(UnmockedInteractionError) as caught:
                self.memcache.sweep(lambda: self.client.get("k"))
            return str(caught.exception)

        self.assertNotIn(remark, said())
        self.memcache.mock_command("GET", returns=b"v", required=False)
        self.assertIn(remark, said())

    def test_no_command(self) -> None:
        """There is nothing that could fail."""
        self.assertEqual(
            self.refused(ScenarioError, lambda: None),
            "the scenario met no command, so there is no fault to try",
        )

    def test_nobody_answers(self) -> None:
        """As in any test: a violation that says what to register."""
        with self.assertRaises(UnmockedInteractionError):
            self.memcache.sweep(lambda: self.client.get("k"))

    def test_second_store(self) -> None:
        """One round has one."""

        def scenario() -> None:
            self.memcache.store()
            self.memcache.store()

        self.assertIn("there is a store already", self.refused(ValueError, scenario))

    def test_nested(self) -> None:
        """Whoever catches it."""

        def inner() -> None:
            self.memcache.store()
            self.client.get("k")

        def scenario() -> None:
            inner()
            self.memcache.sweep(inner)

        self.assertEqual(
            self.refused(ScenarioError, scenario),
            "rounds cannot be nested: this scenario is part of another one",
        )

    def test_waits_for_ever(self) -> None:
        """Without a fault."""

        def scenario() -> None:
            self.memcache.store()
            self.client.get("k")
            lock = threading.Lock()
            lock.acquire()
            lock.acquire()

        self.assertEqual(
            self.refused(ScenarioError, scenario),
            "the scenario waits for what nobody can do any more, without a fault",
        )

    def test_goes_on_and_on(self) -> None:
        """Without a fault: nobody opens the lock, and the sleeps take no time."""

        def scenario() -> None:
            self.memcache.store({"lock": b"1"})
            while not self.client.add("lock", b"1"):
                time.sleep(0.1)

        self.assertEqual(
            self.refused(ScenarioError, scenario),
            "the scenario goes on and on: it has had 10,000 commands, without a fault",
        )

    def test_interrupted(self) -> None:
        """Ctrl-C ends the call, in a round with a fault too."""

        def scenario() -> None:
            self.memcache.store()
            try:
                self.client.get("k")
            except OSError:
                raise KeyboardInterrupt from None

        self.assertRaises(KeyboardInterrupt, self.memcache.sweep, scenario)


class NotDeterministicTest(SweepTestCase):
    """Rounds that begin in different ways."""

    maxDiff = None

    def test_two_rounds_without_a_fault(self) -> None:
        """Other keys, more commands, fewer."""
        rounds: List[int] = []

        def scenario() -> None:
            rounds.append(1)
            self.memcache.store()
            self.client.get("k")
            self.client.get(f"k{len(rounds)}")

        self.assertEqual(
            self.refused(NotDeterministicError, scenario),
            "The scenario is not deterministic: two rounds without a fault differ.\n"
            "\n"
            "    Command 2, at first: GET 'k1'\n"
            "    Command 2, now:      GET 'k2'\n"
            "\n"
            "Which commands are sent, and to which keys and servers, has to be the same in\n"
            "each round; values and expiries may differ. Look for random numbers in keys\n"
            "(that of a session, after a login: patch what makes it), sets, real clocks,\n"
            "and what one round leaves to the next: a module's cache, a client that is made\n"
            "once.",
        )

        def more() -> None:
            rounds.append(1)
            self.memcache.store()
            for _ in rounds:
                self.client.get("k")

        rounds.clear()
        with self.assertRaises(NotDeterministicError) as caught:
            self.memcache.sweep(more)
        self.assertEqual((caught.exception.expected, caught.exception.met), (None, "GET 'k'"))

    def test_of_many_keys_the_first_and_the_last(self) -> None:
        """All of them where these are the same."""
        for place, words in ((999, "GET_MANY 'k0', ... 998 more ..., 'new'\n"), (500, "'new'")):
            keys = [f"k{number}" for number in range(1000)]

            def scenario(keys: List[str] = keys, place: int = place) -> None:
                self.memcache.store()
                self.client.get_many(keys)
                keys[place] = "new"

            self.assertIn(words, self.refused(NotDeterministicError, scenario))

    def test_another_server(self) -> None:
        """It is named, since nothing else differs."""
        rounds: List[int] = []

        def scenario() -> None:
            rounds.append(1)
            self.memcache.store()
            Client(("localhost", len(rounds))).get("k")

        said = self.refused(NotDeterministicError, scenario)
        self.assertIn("at first: GET 'k' on localhost:1\n", said)
        self.assertIn("now:      GET 'k' on localhost:2\n", said)

    def test_values_and_expiry_may_differ(self) -> None:
        """Tokens and jitter do."""
        rounds: List[int] = []

        def scenario() -> None:
            rounds.append(1)
            self.memcache.store()
            self.client.set("k", b"%d" % len(rounds), expire=60 + len(rounds))

        self.memcache.sweep(scenario, raises=Exception)

    def test_round_with_a_fault(self) -> None:
        """It begins with another server."""
        rounds: List[int] = []

        def scenario() -> None:
            rounds.append(1)
            self.memcache.store()
            Client(("other", 11211) if len(rounds) == 3 else SERVER).get("k")

        with self.assertRaises(NotDeterministicError) as caught:
            self.memcache.sweep(scenario)
        self.assertIn("the round of '1 down' begins in another way.", str(caught.exception))

        def raises() -> None:
            rounds.append(1)
            self.memcache.store()
            if len(rounds) == 3:
                raise ZeroDivisionError
            self.client.get("k")

        rounds.clear()
        with self.assertRaises(NotDeterministicError) as caught:
            self.memcache.sweep(raises)
        self.assertIsInstance(caught.exception.__cause__, ZeroDivisionError)

    def test_fault_that_could_befall_and_did_not(self) -> None:
        """The item was not there this time."""
        rounds: List[int] = []

        def scenario() -> None:
            rounds.append(1)
            self.memcache.store({"k": 1} if len(rounds) < 3 else {})
            self.client.get("k")

        self.assertEqual(
            self.refused(NotDeterministicError, scenario, faults=["evicted"]),
            "The scenario is not deterministic: '1 evicted' could befall it, and then did not. "
            "Look for random numbers, and for items that are held in some rounds only.",
        )


class ErrorTest(SweepTestCase):
    """`SweepError`."""

    def test_survives_pickling(self) -> None:
        """Text and type; the facts do not travel."""

        def scenario() -> Any:
            self.memcache.store()
            self.client.get("k")

        error = self.error(scenario)
        self.assertEqual((error.rounds, len(error.failures)), (4, 4))
        self.assertIs(error.__cause__, error.failures[0].error)
        again = pickle.loads(pickle.dumps(error))
        self.assertIs(type(again), SweepError)
        self.assertEqual(str(again), str(error))
        self.assertEqual((again.rounds, again.failures), (0, ()))


class UnrunTest(SweepTestCase):
    """What is returned and never run."""

    def test_generator(self) -> None:
        """Is no scenario."""

        async def asynchronous() -> AsyncIterator[None]:
            yield  # pragma: no cover - never run

        def scenario() -> Iterator[None]:
            return (None for _ in ())

        scenarios: Dict[str, Callable[[], Any]] = {
            "generator": scenario,
            "async_generator": asynchronous,
        }
        for kind, unrun in scenarios.items():
            with self.subTest(kind):
                self.assertRegex(self.refused(ScenarioError, unrun), f"returned a {kind} that")
