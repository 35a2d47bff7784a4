"""A violation that the code under test swallows fails the test, and the report names who did.

SPECIFICATION 24.
"""

from __future__ import annotations

import unittest
from functools import partial
from typing import Any, Callable, Dict, Type

from pymemcache.client.base import Client, PooledClient
from pymemcache.client.hash import HashClient
from pymemcache.client.retrying import RetryingClient

from tests.support.cases import CLIENT, SERVER
from tests.support.platform import needs_event_loop, needs_threads
from tests.support.swallowing import (
    ELSEWHERE,
    KINDS,
    WAYS,
    Call,
    Catcher,
    except_exception,
    findings,
    impossible,
    retrying,
    task,
    unmocked,
)
from tripwire import TripwireTestCase, UnmockedInteractionError, Violation, ViolationError


def ask(call: Call) -> None:
    """Code that leaves the swallowing to its client."""
    call()


CLIENTS: Dict[str, Any] = {
    "_fetch_cmd": Client(SERVER, ignore_exc=True),
    "get": PooledClient(SERVER, ignore_exc=True),
    "_safely_run_func": HashClient([SERVER], ignore_exc=True),
}
"""Clients that ignore errors, by the function that does."""


class SwallowedTest(unittest.TestCase):
    """Whatever catches it, it is reported."""

    def check(self, violation: Violation, kind: Type[ViolationError], catcher: Catcher) -> None:
        """Compare a finding with what it must say."""
        self.assertIs(violation.error, kind)
        assert violation.caught_by is not None
        self.assertEqual(violation.caught_by.function, catcher.function)
        self.assertTrue(violation.caught_by.filename.endswith(catcher.file), violation.caught_by)

    def check_all(self, ways: Dict[Callable[[Call], None], Catcher]) -> None:
        """Try every kind in some ways: one finding each, with the function that caught it."""
        for way, catcher in ways.items():
            for kind, error in KINDS.items():
                with self.subTest(way=way.__name__, kind=kind.__name__):
                    violations = findings(partial(kind, swallow=way, client=CLIENT))
                    self.assertEqual(len(violations), 1)
                    self.check(violations[0], error, catcher)
                    self.assertEqual(violations[0].lost, way is task)
                    self.assertEqual(violations[0].times, 3 if way is retrying else 1)

    def test_every_way_to_swallow_every_kind_is_reported_with_its_catcher(self) -> None:
        """The table."""
        self.check_all(WAYS)

    @needs_threads
    @needs_event_loop
    def test_threads_and_tasks_are_reported_with_their_catchers(self) -> None:
        """The table of what happens elsewhere."""
        self.check_all(ELSEWHERE)

    def test_clients_that_ignore_errors_are_named_with_who_called_them(self) -> None:
        """The client's own handler is the catcher; the application's line is there beside it."""
        for function, client in CLIENTS.items():
            # The handler of `Client` itself catches no impossible reply.
            for kind in (unmocked, impossible) if function != "_fetch_cmd" else (unmocked,):
                with self.subTest(client=type(client).__name__, kind=kind.__name__):
                    (violation,) = findings(partial(kind, swallow=ask, client=client))
                    assert violation.caught_by is not None
                    assert violation.location is not None
                    self.assertIn("pymemcache", violation.caught_by.filename)
                    self.assertEqual(violation.caught_by.function, function)
                    self.assertTrue(violation.location.filename.endswith("swallowing.py"))
                    self.assertEqual(violation.location.function, "<lambda>")

    def test_repeats_of_a_retrying_client_are_one_finding(self) -> None:
        """Its own attempts are counted; who catches the last one is named."""
        client = RetryingClient(CLIENT, attempts=4)
        (violation,) = findings(lambda case: unmocked(case, except_exception, client))
        self.check(violation, UnmockedInteractionError, Catcher("except_exception"))
        self.assertEqual(violation.times, 4)

    def test_calls_that_differ_are_findings_of_their_own(self) -> None:
        """Another key, another command or another line is another finding."""

        def get(key: str) -> None:
            except_exception(lambda: CLIENT.get(key))

        def body(case: TripwireTestCase) -> None:
            with case.sandbox():
                for key in ("a", "b", "a"):
                    get(key)
                except_exception(lambda: CLIENT.delete("a"))
                except_exception(lambda: CLIENT.delete("a"))

        self.assertEqual(
            [(violation.command, violation.times) for violation in findings(body)],
            [("GET", 2), ("GET", 1), ("DELETE", 1), ("DELETE", 1)],
        )

    def test_violation_without_a_traceback_is_reported_without_a_catcher(self) -> None:
        """Code that takes the traceback off hides itself, not the violation."""

        def strip(call: Call) -> None:
            try:
                call()
            except Exception as error:
                error.with_traceback(None)

        (violation,) = findings(lambda case: unmocked(case, strip, CLIENT))
        self.assertIsNone(violation.caught_by)
