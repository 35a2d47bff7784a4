"""The sandbox does what the real client does with a real memcached, call by call.

SPECIFICATION 4, 7, 11, 12.
"""

from __future__ import annotations

import sys
import unittest
from typing import ClassVar

from pymemcache.client.base import Client
from pymemcache.exceptions import MemcacheError

from tests.support import memcached
from tests.support.cases import by_hand
from tests.support.conformance import (
    COMMANDS,
    Sent,
    for_real,
    in_sandbox,
    outcome,
    token_after_reset,
)
from tests.support.conformance_cases import AFTER_THE_WIRE, CASES, OUT_OF_STEP, SETTINGS, Case
from tripwire import MISS, OutOfStepError


class ConformanceTest(unittest.TestCase):
    """Each case is made to a real memcached, and in a sandbox."""

    maxDiff = None
    server: ClassVar[memcached.Server]

    @classmethod
    def setUpClass(cls) -> None:
        """Start a real memcached."""
        cls.server = memcached.start(cls)

    def compare(self, *, filled: bool, miss: bool) -> None:
        """Make all calls on a server that holds something or nothing, with replies or misses."""
        for case in (each for each in CASES if str(each) not in OUT_OF_STEP):
            with self.subTest(str(case)):
                token = token_after_reset(self.server, filled)
                real = for_real(case, self.server, token)
                ours = in_sandbox(case, self.server, token, real.sent, miss)
                self.assertEqual(ours.outcome, real.outcome)
                self.assertEqual(ours.on_the_wire, real.on_the_wire)

    def test_replies_and_faults_of_a_full_server(self) -> None:
        """Outcome, requests and exceptions are the same, and no real reply is refused."""
        self.compare(filled=True, miss=False)

    def test_replies_and_faults_of_an_empty_server(self) -> None:
        """The same where nothing is found."""
        self.compare(filled=False, miss=False)

    def test_miss_is_what_an_empty_server_gives(self) -> None:
        """With MISS for every reply, the outcome is that of a real empty server."""
        self.compare(filled=False, miss=True)

    def test_call_that_leaves_the_connection_out_of_step_is_a_violation(self) -> None:
        """A real client takes the answer for that of its next command; here nobody gets so far."""
        cases = [case for case in CASES if str(case) in OUT_OF_STEP]
        self.assertEqual(len(cases), len(OUT_OF_STEP))
        for case in cases:
            command = case.call.partition("(")[0]
            always = None if command == "decr" else True
            for reply in (always, MISS):
                with self.subTest(str(case), reply=reply):
                    token = token_after_reset(self.server, filled=True)
                    client = case.make(Client, self.server.address, timeout=10)
                    outcome(client, case.call, token)
                    with self.assertRaises(MemcacheError):
                        client.get("number")
                    client.close()
                    verifier, memcache = by_hand()
                    memcache.mock_command(command, returns=reply)
                    client = case.make(Client, self.server.address, socket_module=None)
                    with verifier.sandbox(), self.assertRaises(OutOfStepError):
                        eval(f"client.{case.call}", {"client": client})
                    self.assertEqual(verifier.interactions, ())

    def test_faults_after_the_wire_need_no_mock_that_raises(self) -> None:
        """Given a hit, pymemcache fails here as it does on a real one: iterators, bytearrays."""
        for name in ("waiting", "ignore_exc", "prefix", "pooled", "pooled, ignore_exc"):
            for call, reply in AFTER_THE_WIRE:
                case = Case(name, SETTINGS[name], call)
                with self.subTest(str(case)):
                    token = token_after_reset(self.server, filled=True)
                    real = for_real(case, self.server, token)
                    mocks = [Sent(call.partition("(")[0], None, b"", reply, None)]
                    ours = in_sandbox(case, self.server, token, mocks, miss=False)
                    self.assertEqual(ours.outcome, real.outcome)
                    self.assertEqual(ours.on_the_wire, real.on_the_wire)

    def test_cases_are_many_and_of_every_command(self) -> None:
        """The comparison is not of a few chosen calls."""
        text = f"{len(CASES)} conformance cases, on a full and on an empty server"
        print(f"\n{text}", file=sys.stderr)
        self.assertGreaterEqual(len(CASES), 1000)
        called = {case.call.partition("(")[0] for case in CASES}
        self.assertEqual(set(COMMANDS) - called, set())


class ShutdownTest(unittest.TestCase):
    """A server that may be shut down by its clients."""

    def test_shutdown_ends_a_real_server_and_nothing_in_a_sandbox(self) -> None:
        """The real server hangs up, as it does when it ends; in the sandbox it looks the same."""
        for setting in ("as it is", "pooled", "retrying"):
            for call in ("shutdown()", "shutdown(graceful=True)"):
                with self.subTest(setting=setting, call=call):
                    server = memcached.start(type(self), "-A")
                    case = Case(setting, SETTINGS[setting], call)
                    real = for_real(case, server, b"")
                    self.assertEqual(real.outcome, "returned None")
                    for miss in (False, True):
                        ours = in_sandbox(case, server, b"", real.sent, miss)
                        self.assertEqual(ours, real)
