"""An exception on any line of entering and leaving: the class is restored, the first one is kept.

A trace function raises on one line of tripwire after the other, as Ctrl-C may. It runs in a process
of its own, as coverage traces, too. Left out are the first line of an `__exit__`, where nothing of
ours has begun yet, and the lines of `with` statements, at whose ends a trace function can raise,
and the interpreter by itself does not.

SPECIFICATION 16.
"""

from __future__ import annotations

import unittest

from tests.support.platform import needs_processes
from tests.support.scripts import run_script

PRELUDE = """
import linecache, os, sys, unittest
import tripwire
from pymemcache.client.base import Client
from pymemcache.client.hash import HashClient
from tripwire import MISS, MemcachePlugin, StrictVerifier, TripwireTestCase, strict

TRIPWIRE = os.path.dirname(tripwire.__file__)
client = Client(("localhost", 11211))

class Fault(Exception):
    pass

def is_with(filename, lineno, known={}):
    if (filename, lineno) not in known:
        text = linecache.getline(filename, lineno).strip()
        known[filename, lineno] = text.startswith(("with ", "async with "))
    return known[filename, lineno]

class Injector:
    def __init__(self, at=0, error=Fault):
        self.at, self.error, self.lines, self.place = at, error, 0, ""

    def __call__(self, frame, event, argument):
        if frame.f_code.co_filename.startswith(TRIPWIRE):
            return self.skip if frame.f_code.co_name == "__exit__" else self.line

    def skip(self, frame, event, argument):
        return self.line

    def line(self, frame, event, argument):
        if event == "line" and not is_with(frame.f_code.co_filename, frame.f_lineno):
            self.lines += 1
            if self.lines == self.at:
                sys.settrace(None)
                self.place = f"{frame.f_code.co_filename}:{frame.f_lineno}"
                raise self.error("injected")
        return self.line

def plugin():
    return MemcachePlugin(StrictVerifier())
"""

SCENARIOS = {
    "sandbox": """
def scenario():
    verifier = plugin().verifier
    with verifier.sandbox():
        pass
    verifier.verify_all()
""",
    "method that is another than the last time": """
def scenario():
    found = Client.get
    Client.get = lambda client, key: found(client, key)
    try:
        with plugin().verifier.sandbox():
            pass
    finally:
        Client.get = found
""",
    "failing body": """
def scenario():
    sandbox = plugin().verifier.sandbox()
    with sandbox:
        reached.append(sandbox)
        raise LookupError
""",
    "call": """
def scenario():
    memcache = plugin()
    memcache.mock_command("GET", returns=b"v")
    with memcache.verifier.sandbox():
        client.get("k")
""",
    "sandbox closed inside a call": """
class Closing:
    def serialize(self, key, value):
        sandbox.close()
        return value, 0

def scenario():
    global sandbox
    memcache = plugin()
    memcache.mock_command("SET", returns=True)
    sandbox = memcache.verifier.sandbox()
    with sandbox:
        Client(("localhost", 11211), serde=Closing()).set("k", b"v")
""",
    "sandbox closed inside a call of several servers": """
class Closing:
    def serialize(self, key, value):
        sandbox.close()
        return value, 0

def scenario():
    global sandbox
    memcache = plugin()
    memcache.mock_command("SET_MANY", returns=[], times=2)
    sandbox = memcache.verifier.sandbox()
    nodes = [("localhost", 11211), ("localhost", 11212)]
    with sandbox:
        HashClient(nodes, serde=Closing()).set_many(dict.fromkeys("abcdef", b"v"))
""",
    "nested sandboxes": """
def scenario():
    one, other = plugin().verifier, plugin().verifier
    with one.sandbox():
        with other.sandbox(), one.sandbox():
            pass
""",
    "strict": """
def scenario():
    with strict():
        with tripwire:
            pass
""",
    "failing strict": """
def scenario():
    with strict() as verifier:
        reached.append(verifier)
        raise LookupError
""",
    "test case": """
class Test(TripwireTestCase):
    def test(self):
        with self.sandbox():
            pass

def scenario():
    result = unittest.TestResult()
    Test("test").run(result)
    for _, text in result.failures + result.errors:
        assert "injected" in text, text
""",
    "sandbox left open": """
class Test(TripwireTestCase):
    def test(self):
        self.sandbox().__enter__()

def scenario():
    Test("test").debug()
""",
}

EACH_LINE = """
def run(injector):
    reached.clear()
    sys.settrace(injector)
    try:
        scenario()
    except BaseException as error:
        return error
    finally:
        sys.settrace(None)

def clean():
    # What comes after goes as if nothing had happened.
    memcache = plugin()
    memcache.expect("GET", key="k", returns=MISS)
    with memcache.verifier.sandbox():
        assert list(vars(Client).items()) != before
        client.get("k")
    memcache.verifier.verify_all()
    assert list(vars(Client).items()) == before

reached = []
before, around = list(vars(Client).items()), list(vars(HashClient).items())
for _ in range(2):  # What is found the same a second time is put on in one go.
    run(Injector())
counting = Injector()
run(counting)
for at in range(1, counting.lines + 1):
    injector = Injector(at, KeyboardInterrupt if at % 2 else Fault)
    raised = run(injector)
    assert injector.place, at
    assert list(vars(Client).items()) == before, injector.place
    assert list(vars(HashClient).items()) == around, injector.place
    assert not reached or type(raised) is LookupError, (injector.place, raised)
    clean()
print(counting.lines)
"""


@needs_processes
class FaultsTest(unittest.TestCase):
    """One scenario after the other, one line after the other, a Ctrl-C or an exception at each."""

    def test_class_is_restored_whatever_is_raised_wherever(self) -> None:
        """And the exception of a body is never replaced."""
        for name, scenario in SCENARIOS.items():
            with self.subTest(name):
                run = run_script(PRELUDE + scenario + EACH_LINE)
                self.assertEqual(run.returncode, 0, run.stdout)
                self.assertGreater(int(run.stdout), 100)
