"""A scenario that is none is told so, clearly: SPECIFICATION 40, 45."""

from __future__ import annotations

import datetime
import random
import threading
import time
from typing import Any, AsyncIterator, Callable, Iterator, Type

from tests.orders.cases import OrdersTestCase, client, count_visit, count_well
from tripwire import IncompleteError, NotDeterministicError, ScenarioError

FAR_FROM_HERE = threading.Lock()


async def coroutine() -> None:
    """What is no worker."""


def generator() -> Iterator[None]:
    """Nor this."""
    yield  # pragma: no cover - nothing of it runs


async def agenerator() -> AsyncIterator[None]:
    """Nor this."""
    yield  # pragma: no cover - nothing of it runs


class MisuseTest(OrdersTestCase):
    """None of it is a failure, none of it passes."""

    def refused(self, kind: Type[Exception], scenario: Any, *words: str, **options: Any) -> str:
        """The text of what a call is refused with."""
        with self.assertRaises(kind) as caught:
            self.memcache.interleave(scenario, **options)
        self.assertNotIsInstance(caught.exception, AssertionError)
        text = str(caught.exception)
        for word in words:
            self.assertIn(word, text)
        return text

    def with_store(self, *workers: Any, times: int = 1) -> Callable[[Any], None]:
        """A scenario that calls `together` so many times."""

        def scenario(together: Any) -> None:
            self.memcache.store({"visits": 0})
            for _ in range(times):
                together(*workers)

        return scenario

    def test_no_store(self) -> None:
        """It says what to call, and where."""
        text = self.refused(
            ScenarioError, lambda together: together(count_visit), "self.memcache.store()"
        )
        self.assertNotIn("outside", text)

    def test_store_that_was_made_outside(self) -> None:
        """It is not the rounds'."""
        self.memcache.store(required=False)
        self.refused(
            ScenarioError,
            lambda together: together(count_visit),
            "self.memcache.store()",
            "made outside",
        )

    def test_nobody_can_swallow_that(self) -> None:
        """The scenario neither."""

        def scenario(together: Any) -> None:
            try:
                together(count_visit)
            except Exception:
                return

        self.refused(ScenarioError, scenario, "self.memcache.store()")

    def test_store_with_a_clock(self) -> None:
        """All clocks of a round are its store's."""

        def scenario(together: Any) -> None:
            self.memcache.store(clock=time.time)
            together(count_visit)

        self.refused(ScenarioError, scenario, "clock=")

    def test_together_never_or_twice(self) -> None:
        """Once."""
        self.refused(ScenarioError, self.with_store(times=0), "did not call together()")
        self.refused(ScenarioError, self.with_store(count_well, times=2), "called twice")

    def test_together_in_a_worker(self) -> None:
        """It cannot be nested."""

        def scenario(together: Any) -> None:
            self.memcache.store()
            together(lambda: together(count_well))

        self.refused(ScenarioError, scenario, "nested")

    def test_interleave_in_a_round(self) -> None:
        """Nor can that."""

        def scenario(together: Any) -> None:
            self.memcache.interleave(scenario)

        self.refused(ScenarioError, scenario, "nested")

    def test_workers_that_are_none(self) -> None:
        """What cannot be called, and what gives a coroutine or a generator."""
        self.refused(TypeError, self.with_store(), "1 to 26 workers")
        self.refused(TypeError, self.with_store("count"), "'count'")
        self.refused(TypeError, self.with_store(coroutine), "asyncio.run(coroutine())")
        for worker in (generator, agenerator):
            self.refused(TypeError, self.with_store(worker), f"{worker.__name__} is a generator")

    def test_scenarios_that_are_none(self) -> None:
        """Likewise."""
        self.refused(TypeError, "scenario", "'scenario'")
        self.refused(TypeError, coroutine, "is a coroutine function")
        self.refused(ScenarioError, lambda _: coroutine(), "a coroutine that nobody runs")

    def test_options_that_are_none(self) -> None:
        """Each by its name."""
        scenario = self.with_store(count_well)
        self.refused(ValueError, scenario, "only=", only="a1")
        self.refused(ValueError, scenario, "preemptions=", preemptions=-1)
        self.refused(ValueError, scenario, "limit=", limit=0)

    def test_only_that_does_not_come_to_pass(self) -> None:
        """What came instead is said."""
        self.refused(
            ValueError,
            self.with_store(count_well, count_well),
            "'aAAbB' does not come to pass",
            "'aAbB'",
            only="aAAbB",
        )

    def test_limit_that_is_reached(self) -> None:
        """It says how far the search came."""
        text = self.refused(
            IncompleteError, self.with_store(count_well, count_well), "limit=8", limit=8
        )
        self.assertIn("preemptions=", text)

    def test_a_lock_of_a_module(self) -> None:
        """It was made before, so that it is not ours: where it is waited for is said."""

        def work() -> None:
            with FAR_FROM_HERE:
                count_visit()

        self.refused(
            IncompleteError, self.with_store(work, work), "tests/orders/test_bad_scenarios.py:"
        )


class DeterminismTest(OrdersTestCase):
    """What is another one each time is said to be that."""

    def refused(self, key: Callable[[], Any]) -> NotDeterministicError:
        """What a scenario is refused with whose workers ask for other keys each time."""

        def scenario(together: Any) -> None:
            self.memcache.store()
            together(*[lambda: client().get(f"k:{key()}")] * 2)

        with self.assertRaises(NotDeterministicError) as caught:
            self.memcache.interleave(scenario)
        return caught.exception

    def test_random_numbers(self) -> None:
        """Both steps are shown."""
        error = self.refused(random.random)
        assert error.expected and error.met
        self.assertTrue(error.expected.startswith("A: GET 'k:0."))
        self.assertTrue(error.met.startswith("A: GET 'k:0."))
        self.assertNotEqual(error.expected, error.met)

    def test_real_clocks(self) -> None:
        """`datetime` does not ask `time`."""
        self.refused(lambda: datetime.datetime.now().timestamp())

    def test_what_one_round_leaves_to_the_next(self) -> None:
        """A module's own cache."""
        left = []

        def key() -> int:
            left.append(1)
            return len(left)

        self.refused(key)

    def test_time_is_none_of_it(self) -> None:
        """That is the store's."""

        def scenario(together: Any) -> None:
            self.memcache.store()
            together(*[lambda: client().get(f"k:{time.time()}:{time.time_ns()}")] * 2)

        self.memcache.interleave(scenario)
