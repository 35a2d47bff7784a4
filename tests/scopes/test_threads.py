"""Threads: which sandbox and which test a call belongs to, and what if that is unclear.

SPECIFICATION 15.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import unittest
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from contextvars import Context, copy_context
from typing import Any, Callable
from unittest import mock

from pymemcache.client.base import Client

import tripwire
from tests.support.cases import CLIENT, by_hand
from tests.support.platform import needs_processes, needs_threads
from tests.support.project import ROOT
from tests.support.stress import THREADS, rounds
from tripwire import (
    NoActiveVerifierError,
    SandboxNotActiveError,
    SwallowedViolationError,
    TripwireTestCase,
)

ROUNDS = 40


def fetch() -> Any:
    """What the application does."""
    return CLIENT.get("k")


def careless() -> None:
    """What the application does elsewhere: it swallows."""
    with suppress(AssertionError):
        fetch()


def in_thread(call: Callable[[], Any]) -> Any:
    """Run in a plain thread, which has no context of its own; give or raise what came out."""
    outcome: Future[Any] = Future()

    def work() -> None:
        try:
            outcome.set_result(call())
        except BaseException as error:
            outcome.set_exception(error)

    thread = threading.Thread(target=work, name="worker")
    thread.start()
    thread.join()
    return outcome.result()


class OneSandboxTest(unittest.TestCase):
    """A thread without a context uses the one sandbox that is open."""

    def setUp(self) -> None:
        """Build a verifier with a mock for two calls."""
        self.memcache = by_hand().memcache
        self.verifier = self.memcache.verifier
        self.memcache.mock_command("GET", returns=b"v", times=2)

    @needs_threads
    def test_plain_thread_is_mocked_and_recorded(self) -> None:
        """With the name of the thread."""
        with self.verifier.sandbox():
            self.assertEqual(in_thread(fetch), b"v")
            self.assertEqual(fetch(), b"v")
        self.assertEqual(self.verifier.interactions[0].thread, "worker")
        self.memcache.assert_get("GET", "k")
        self.memcache.assert_get("GET", "k")
        self.verifier.verify_all()

    @needs_threads
    def test_pool_is_mocked_and_recorded(self) -> None:
        """Its threads may be older than the sandbox."""
        with ThreadPoolExecutor(1) as pool:
            pool.submit(str).result()
            with self.verifier.sandbox():
                self.assertEqual(list(pool.map(lambda _: fetch(), "ab")), [b"v", b"v"])
        self.assertEqual(len(self.verifier.interactions), 2)

    @needs_threads
    def test_inner_sandbox_is_meant(self) -> None:
        """Of sandboxes that nest, the inner one answers a thread too."""
        outer = by_hand().verifier
        with outer.sandbox(), self.verifier.sandbox(), self.verifier.sandbox():
            self.assertEqual(in_thread(fetch), b"v")
        self.assertEqual(outer.interactions, ())

    def test_sandbox_of_the_test_is_meant_where_the_context_knows_only_the_test(self) -> None:
        """It was opened in another, as by a `setUp` that an async body does not see."""
        with tripwire.strict() as verifier:
            sandbox, context = verifier.sandbox(), copy_context()
            tripwire.memcache.expect("GET", key="k", returns=b"v")
            with self.verifier.sandbox():
                context.run(sandbox.__enter__)
            self.assertEqual(fetch(), b"v")
            context.run(sandbox.__exit__, None, None, None)

    @needs_threads
    def test_thread_can_open_and_use_the_sandbox_of_the_test(self) -> None:
        """The module and the test are found from a worker, too."""
        case = self

        class Inner(TripwireTestCase):
            def test(self) -> None:
                def work() -> None:
                    tripwire.memcache.mock_command("GET", returns=b"v")
                    with tripwire.sandbox():
                        fetch()
                    case.assertIs(tripwire.current_verifier(), self.verifier)
                    tripwire.memcache.assert_get("GET", "k")

                in_thread(work)

        result = unittest.TestResult()
        Inner("test").run(result)
        self.assertEqual(result.failures + result.errors, [])


@needs_threads
class SeveralSandboxesTest(unittest.TestCase):
    """Where it is unclear which one is meant, nobody guesses."""

    def test_thread_without_a_context_is_told_and_every_test_knows(self) -> None:
        """It may be anyone's, so it is a violation of each."""
        verifiers = [by_hand().verifier for _ in range(2)]
        sandboxes = [verifier.sandbox() for verifier in verifiers]
        for sandbox in sandboxes:
            # Not nested: each in a context of its own.
            Context().run(sandbox.__enter__)

        with self.assertRaisesRegex(SandboxNotActiveError, "none of the sandboxes"):
            in_thread(lambda: CLIENT.get("other"))
        in_thread(careless)
        for sandbox in sandboxes:
            sandbox.__exit__(None, None, None)
        for verifier in verifiers:
            with self.assertRaises(SwallowedViolationError) as caught:
                verifier.verify_all()
            self.assertEqual(len(caught.exception.violations), 1)

    def test_thread_without_a_test_of_its_own_has_none_of_two(self) -> None:
        """`tripwire.memcache` says so, too."""
        with tripwire.strict() as mine:
            strict, context = tripwire.strict(), Context()
            other = context.run(strict.__enter__)
            self.addCleanup(context.run, strict.__exit__, None, None, None)
            self.assertIs(tripwire.current_verifier(), mine)
            self.assertIsNot(mine, other)
            with self.assertRaises(NoActiveVerifierError):
                in_thread(tripwire.current_verifier)

    def test_two_tests_at_once_do_not_see_each_other(self) -> None:
        """Each in its own thread, both sandboxes open at the same time."""
        both = threading.Barrier(2)
        case = self

        class Inner(TripwireTestCase):
            def test(self) -> None:
                own = threading.current_thread().name.encode()
                self.memcache.mock_command("GET", returns=own)
                with self.sandbox():
                    both.wait()
                    case.assertEqual(fetch(), own)
                    both.wait()
                self.memcache.assert_get("GET", "k")
                case.assertEqual(len(self.verifier.interactions), 1)

        results = [unittest.TestResult() for _ in range(2)]
        threads = [threading.Thread(target=Inner("test").run, args=(each,)) for each in results]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for result in results:
            self.assertEqual((result.testsRun, result.failures + result.errors), (1, []))


class LateTest(unittest.TestCase):
    """A call that outlived its sandbox."""

    @needs_threads
    def test_late_call_is_a_violation_of_the_test_that_is_not_verified(self) -> None:
        """Raised where anything is still intercepted, and found."""
        verifier = by_hand().verifier
        with verifier.sandbox():
            context = copy_context()
        with by_hand().verifier.sandbox():
            self.assertRaises(SandboxNotActiveError, context.run, CLIENT.get, "other")
            in_thread(lambda: context.run(careless))
        self.assertRaises(SwallowedViolationError, verifier.verify_all)

    def test_late_call_after_verification_is_nobody_s(self) -> None:
        """It is raised all the same, but there is no report left to be in."""
        verifier = by_hand().verifier
        with verifier.sandbox():
            context = copy_context()
        verifier.verify_all()
        with by_hand().verifier.sandbox():
            self.assertRaisesRegex(SandboxNotActiveError, "had closed", context.run, fetch)
        verifier.verify_all()

    def test_late_call_is_real_when_nothing_is_intercepted(self) -> None:
        """The class is as it was found, so nobody can tell."""
        network = mock.Mock()
        network.socket.return_value.recv.return_value = b"END\r\n"
        client = Client("/run/memcached", socket_module=network)
        with by_hand().verifier.sandbox():
            context = copy_context()
        self.assertIsNone(context.run(client.get, "k"))
        network.socket.return_value.sendall.assert_called_once_with(b"get k\r\n")

    @needs_threads
    def test_thread_of_a_test_is_late_until_the_last_cleanup(self) -> None:
        """A plain thread is outside the sandbox; one with the context is late."""

        class Inner(TripwireTestCase):
            def test(self) -> None:
                with self.sandbox():
                    context = copy_context()
                self.addCleanup(self.late, context.run)
                self.addCleanup(self.late, lambda call: CLIENT.get("other"))

            def late(self, run: Callable[[Callable[[], Any]], Any]) -> None:
                with ThreadPoolExecutor(1) as pool:
                    pool.submit(run, fetch)

        result = unittest.TestResult()
        Inner("test").run(result)
        ((_, text),) = result.failures
        self.assertIn("after its sandbox had closed", text)
        self.assertIn("outside any sandbox", text)


class StressTest(unittest.TestCase):
    """Eight threads, each with a test of its own, switching every microsecond."""

    @needs_threads
    def test_no_reply_and_no_interaction_is_in_the_wrong_test(self) -> None:
        """In this process."""
        errors = [error for errors in rounds(range(ROUNDS)) for error in errors]
        self.assertEqual(errors, [])
        self.assertEqual(THREADS, 8)

    @needs_processes
    def test_stress_command_passes_in_development_mode(self) -> None:
        """In a process of its own, as `make stress` runs it."""
        command = [sys.executable, "-X", "dev", "-W", "error", ".ci/stress.py", "2"]
        run = subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.PIPE, text=True)
        self.assertEqual(run.returncode, 0, run.stdout)
        self.assertRegex(run.stdout, r"\n[1-9]\d* rounds, 0 failures\n$")
