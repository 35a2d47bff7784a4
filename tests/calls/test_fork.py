"""Fork: a sandbox does not reach across processes, and the child is told.

SPECIFICATION 15.
"""

from __future__ import annotations

import os
import unittest

from tests.support.platform import needs_processes
from tests.support.scripts import ScriptTestCase

PRELUDE = """
import os, sys
from contextvars import Context
from pymemcache.client.base import Client
from tripwire import MISS, MemcachePlugin, SandboxNotActiveError, StrictVerifier, strict

verifier = StrictVerifier()
memcache = MemcachePlugin(verifier)
client = Client(("localhost", 11211))

def told(call, why):
    try:
        call()
    except SandboxNotActiveError as error:
        return why in str(error)

def in_child(check):
    child = os.fork()
    if not child:
        os._exit(0 if check() else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
"""


@unittest.skipUnless(hasattr(os, "fork"), "this system does not fork")
@needs_processes
class ForkTest(ScriptTestCase):
    """Each in a process of its own, in which no other thread runs: forking beside one is unsafe."""

    prelude = PRELUDE

    def test_child_is_told_and_the_parent_goes_on(self) -> None:
        """With the context of the sandbox, and without one."""
        self.check(
            """
            with verifier.sandbox():
                for run in (lambda call, *args: call(*args)), Context().run:
                    assert in_child(lambda: told(lambda: run(client.get, "k"), "forked child"))
                memcache.expect("GET", key="k", returns=MISS)
                assert client.get("k") is None
            verifier.verify_all()
            """
        )

    def test_child_can_open_a_sandbox_of_its_own(self) -> None:
        """What it mocks there is its own affair."""
        self.check(
            """
            def child():
                own = StrictVerifier()
                MemcachePlugin(own).expect("GET", key="k", returns=b"v", times=2)
                with own.sandbox():
                    found = client.get("k"), Context().run(client.get, "k")
                own.verify_all()
                return found == (b"v", b"v")
            with verifier.sandbox():
                assert in_child(child)
            verifier.verify_all()
            """
        )

    def test_child_of_a_test_is_on_guard(self) -> None:
        """Outside a sandbox, too, nothing of it reaches a server."""
        self.check(
            """
            with strict():
                for run in (lambda call, *args: call(*args)), Context().run:
                    assert in_child(lambda: told(lambda: run(client.get, "k"), "outside any"))
            """
        )

    def test_child_s_own_test_is_the_only_one_there(self) -> None:
        """The parent's, which is over for the child, is not taken for a second one."""
        self.check(
            """
            import threading, tripwire

            def in_thread(function):
                thread = threading.Thread(target=function)
                thread.start()
                thread.join()

            def check():
                seen = []

                @strict
                def test():
                    mine = tripwire.current_verifier()
                    in_thread(lambda: seen.append(tripwire.current_verifier() is mine))

                in_thread(test)
                return seen == [True]

            with strict():
                assert in_child(check)
            """
        )

    def test_child_leaves_the_sandbox_as_it_was_found(self) -> None:
        """A child that ends the parent's block has the real class again."""
        self.check(
            """
            before = list(vars(Client).items())
            with verifier.sandbox():
                child = os.fork()
            if not child:
                os._exit(0 if list(vars(Client).items()) == before else 1)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
            """
        )
