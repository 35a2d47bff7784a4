"""A finalizer that opens and closes sandboxes while one opens or closes, at every line of that.

It runs where garbage is collected, which is anywhere. A trace function runs it on one line of
tripwire after the other, in a process of its own.

SPECIFICATION 16.
"""

from __future__ import annotations

import unittest
from typing import Any, Callable, List
from unittest import mock

from pymemcache.client.base import Client

from tests.scopes.test_fault_lines import PRELUDE
from tests.support.cases import SERVER, ByHandTestCase, by_hand
from tests.support.platform import needs_processes
from tests.support.scripts import run_script
from tripwire import Sandbox

SCRIPT = (
    PRELUDE
    + """
class Own(Client):
    sock = None

    def get(self, key):
        return super().get(key)

class Finalizing(Injector):
    def line(self, frame, event, argument):
        if event == "line":
            self.lines += 1
            if self.lines == self.at:
                sys.settrace(None)
                self.place = f"{frame.f_code.co_filename}:{frame.f_lineno}"
                self.error()
        return self.line

kept = []

def use(verifier):
    verifier.plugins["memcache"].expect("GET", key="k", returns=b"v", times=3)
    for each in (client, HashClient([("localhost", 11211)]), Own(("localhost", 11211))):
        assert each.get("k") == b"v"

def opens_and_closes():
    verifier = plugin().verifier
    with verifier.sandbox():
        use(verifier)
    verifier.verify_all()

def opens():
    kept.append(plugin().verifier.sandbox())
    kept[-1].__enter__()

def closes():
    while kept:
        kept.pop().close()

def begins_a_test():
    with strict():
        pass

def scenario():
    with plugin().verifier.sandbox():
        pass

def each_line(finalizer, before):
    at, reached = 0, "first"
    while reached:
        at += 1
        before()
        injector = Finalizing(at, finalizer)
        sys.settrace(injector)
        try:
            scenario()
        finally:
            sys.settrace(None)
        reached = injector.place
        for sandbox in kept:
            use(sandbox.verifier)
        closes()
        assert [list(vars(kind).items()) for kind in kinds] == found, reached
        opens_and_closes()
    return at

kinds = Client, HashClient, Own
found = [list(vars(kind).items()) for kind in kinds]
opens_and_closes()
print(
    each_line(opens_and_closes, int),
    each_line(opens, int),
    each_line(closes, opens),
    each_line(begins_a_test, int),
)
"""
)


@needs_processes
class EachLineTest(unittest.TestCase):
    """One kind of finalizer after the other, one line after the other."""

    def test_sandboxes_are_whole_and_classes_restored(self) -> None:
        """The sandbox that the finalizer opens, and the one that opens or closes around it."""
        run = run_script(SCRIPT)
        self.assertEqual(run.returncode, 0, run.stdout)
        self.assertGreater(min(map(int, run.stdout.split())), 100)


HOOKS: List[Callable[[], Any]] = []


class Hooked(type):
    """Has something run when an attribute of its class is taken off again."""

    def __setattr__(cls, name: str, value: Any) -> None:
        """Set it, and run what waits."""
        super().__setattr__(name, value)
        if value is None and HOOKS:
            HOOKS.pop()()


class TakingOffTest(ByHandTestCase):
    """The same at one line: what was put on a class comes off."""

    def setUp(self) -> None:
        """Make a class that has something to put back."""
        super().setUp()
        base: Any = Client
        self.kind: Any = Hooked("Kind", (base,), {"sock": None})
        self.addCleanup(HOOKS.clear)

    def patch_of_another_plugin(self) -> mock.Mock:
        """Put on after those of the verifier's first plugin."""
        patch = mock.Mock(spec_set=("install", "remove"))
        plugin = mock.Mock(patches=(patch,))
        plugin.name = "other"
        self.verifier.register(plugin)
        return patch

    def test_sandbox_that_opens_meanwhile_is_whole(self) -> None:
        """All that has come off is put on for it."""
        verifier, memcache = by_hand()
        memcache.mock_command("GET", returns=b"v", times=2)
        sandbox: Sandbox = verifier.sandbox()
        HOOKS.append(sandbox.__enter__)
        with self.verifier.sandbox():
            self.assertEqual(len(HOOKS), 1)
        self.assertEqual(HOOKS, [])
        for client in (self.client, self.kind(SERVER)):
            self.assertEqual(client.get("k"), b"v")
        sandbox.close()
        self.assertIsNone(vars(self.kind)["sock"])

    def test_patch_of_any_plugin_is_on_for_a_sandbox_that_opens_meanwhile(self) -> None:
        """It is put on for it again, after it has come off."""
        patch = self.patch_of_another_plugin()
        sandbox = self.verifier.sandbox()
        patch.remove.side_effect = sandbox.__enter__
        with self.verifier.sandbox():
            self.assertEqual(len(patch.mock_calls), 1)
        self.assertEqual(patch.mock_calls[1:], [mock.call.remove(), *[mock.call.install()] * 2])
        patch.remove.side_effect = None
        sandbox.close()
        self.assertEqual(patch.mock_calls[-1], mock.call.remove())

    def test_call_before_any_sandbox_is_open_goes_to_the_server(self) -> None:
        """The commands are patched by then; whose sandbox opens is not yet known."""
        network: Any = mock.Mock()
        network.socket.return_value.recv.return_value = b"END\r\n"
        client = Client("/run/memcached", socket_module=network)
        self.patch_of_another_plugin().install.side_effect = lambda: client.get("k")
        with self.verifier.sandbox():
            network.socket.return_value.sendall.assert_called_once_with(b"get k\r\n")
        self.assertEqual(self.verifier.interactions, ())

    def test_sandbox_that_opens_and_closes_meanwhile_takes_all_off(self) -> None:
        """Which is then done already."""

        def opens_and_closes() -> None:
            with by_hand().verifier.sandbox():
                """Nothing happens in it."""

        HOOKS.append(opens_and_closes)
        with self.verifier.sandbox():
            self.assertIsNotNone(vars(self.kind)["sock"])
        self.assertEqual(HOOKS, [])
        self.assertIsNone(vars(self.kind)["sock"])
