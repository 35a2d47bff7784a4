"""A module of tests on the disk, run, accepted and read again.

Its tests use `Case` and `sandbox` of this file in the place of the real ones: they note from where
they were called, which is all that accepting wants to know of them.
"""

from __future__ import annotations

import asyncio
import importlib.util
import inspect
import itertools
import sys
import tempfile
import textwrap
import unittest
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import FrameType, ModuleType, TracebackType
from typing import Any, List, Mapping, Optional, Sequence, Tuple, Type

from tripwire._accept.acceptance import Acceptance
from tripwire._accept.facts import Addition, Pass, Place, Test
from tripwire.report.expressions import Expression

REFUSED = "TRIPWIRE_ACCEPT writes nothing into this test: "
"""How a refusal begins."""

GET = "tripwire.memcache.assert_get(command='GET', key='k')"
SET = "tripwire.memcache.assert_set(command='SET', key='k', value=b'v')"
MOCK = "tripwire.memcache.mock_command('GET', returns=tripwire.MISS, key='k')"

opened: List[Place] = []
"""Where the sandboxes of the test that runs were opened."""

asserted: List[Tuple[str, Place]] = []
"""What was called on a test's `memcache`, and where."""

_numbers = itertools.count()


def caller() -> FrameType:
    """The frame that called who asks."""
    frame = inspect.currentframe()
    assert frame is not None and frame.f_back is not None and frame.f_back.f_back is not None
    return frame.f_back.f_back


class sandbox:
    """Opens nothing, and notes where."""

    def __enter__(self) -> None:
        """Note it."""
        opened.append(Place.of(caller()))

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        """Nothing to close."""

    async def __aenter__(self) -> None:
        """Note it."""
        opened.append(Place.of(caller()))

    async def __aexit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        """Nothing to close."""


class Recorder:
    """Takes any call, and notes where it came from."""

    def __getattr__(self, name: str) -> Any:
        """A method."""
        if name == "in_any_order":
            return lambda: self

        def method(*args: Any, **fields: Any) -> None:
            asserted.append((name, Place.of(caller())))

        return method

    def __enter__(self) -> Recorder:
        """Inside it, the order does not matter."""
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing to do."""


class Case(unittest.TestCase):
    """A test case with a plugin."""

    memcache = Recorder()
    sandbox = sandbox


class Trial:
    """One module.

    Args:
        case: the test that it belongs to.
        source: the module: bytes, or text, which is written as UTF-8.
        environ: the environment, which says nothing unless given.
    """

    def __init__(
        self, case: unittest.TestCase, source: Any, environ: Optional[Mapping[str, str]] = None
    ) -> None:
        folder = tempfile.TemporaryDirectory()
        case.addCleanup(folder.cleanup)
        self.path = Path(folder.name).resolve() / "test_app.py"
        self.path.write_bytes(source if isinstance(source, bytes) else source.encode())
        self.acceptance = Acceptance({} if environ is None else environ)
        self.module = self.load()
        case.addCleanup(sys.modules.pop, self.module.__name__)
        self.announced = ""
        self.summary = ""

    def load(self) -> ModuleType:
        """Import the module as it is now."""
        name = f"test_app_{next(_numbers)}"
        loader = SourceFileLoader(name, str(self.path))
        spec = importlib.util.spec_from_loader(name, loader)
        assert spec is not None
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        loader.exec_module(module)
        return module

    def run(self, name: str = "SessionTest.test_hit") -> Tuple[List[Place], List[Place]]:
        """Run a test; where its sandboxes were opened, and where it asserted something."""
        opened.clear()
        asserted.clear()
        function, arguments = self._function(name)
        result = function(*arguments)
        if inspect.iscoroutine(result):
            asyncio.run(result)
        return list(opened), [place for _, place in asserted]

    def test(self, name: str = "SessionTest.test_hit") -> Test:
        """What accepting is told about a test."""
        function, arguments = self._function(name)
        code = inspect.unwrap(function).__code__
        return Test(f"{name.rpartition('.')[2]} (test_app)", code, bool(arguments))

    def _function(self, name: str) -> Tuple[Any, Tuple[Any, ...]]:
        owner, _, method = name.rpartition(".")
        if not owner:
            return getattr(self.module, name), ()
        kind = getattr(self.module, owner)
        case = kind(method)
        static = isinstance(inspect.getattr_static(kind, method), staticmethod)
        return getattr(kind, method), () if static else (case,)

    def lack(
        self,
        *lines: str,
        test: str = "SessionTest.test_hit",
        mocks: Sequence[str] = (),
        reason: str = "",
        **addition: Any,
    ) -> Trial:
        """Run a test and note that each pass lacks these lines."""
        places, _ = self.run(test)
        additions = (Addition(lines, **addition),) if lines else ()
        passes = [Pass(place, tuple(mocks), additions) for place in places]
        return self.note(passes, test=test, reason=reason)

    def note(
        self, passes: Sequence[Pass], test: str = "SessionTest.test_hit", reason: str = ""
    ) -> Trial:
        """Note the passes of a test."""
        self.announced = self.acceptance.note(self.test(test), passes, reason)
        return self

    def finish(self) -> bytes:
        """End the run; the file as it is then."""
        self.summary = self.acceptance.finish()
        return self.path.read_bytes()

    def calls(self, test: str = "SessionTest.test_hit") -> List[str]:
        """What the test calls on its `memcache`, as the file is now."""
        self.module = self.load()
        self.run(test)
        del sys.modules[self.module.__name__]
        return [name for name, _ in asserted]


def module(body: str, head: str = "") -> str:
    """A module with one test, whose body is indented by eight spaces already."""
    return (
        "import tripwire\n"
        "from tests.accept.accepting import Case, sandbox\n"
        f"{head}\n\n"
        "class SessionTest(Case):\n"
        "    def test_hit(self):\n"
        f"{body}"
    )


def block(text: str) -> str:
    """A test with this body."""
    return module(textwrap.indent(textwrap.dedent(text), " " * 8))


class RefusingTestCase(unittest.TestCase):
    """Compares the reason, twice, and the file."""

    def refuse(self, source: str, reason: str, *lines: str, **how: Any) -> Trial:
        """Nothing is written, and the reason is said at the test and at the end."""
        trial = Trial(self, source).lack(*(lines or (GET,)), **how)
        self.assertEqual(trial.announced, f"{REFUSED}{reason}.")
        return self.left_alone(trial, reason)

    def left_alone(self, trial: Trial, reason: str, number: int = 1) -> Trial:
        """The file is as it was, and the summary has the reason."""
        before = trial.path.read_bytes()
        self.assertEqual(trial.finish(), before)
        tests = "1 test was" if number == 1 else f"{number} tests were"
        self.assertTrue(trial.summary.startswith(f"{tests} left alone:\n\n"), trial.summary)
        self.assertEqual(trial.summary.count(f"        {reason}"), number, trial.summary)
        return trial


def evaluated(found: Expression) -> Any:
    """What an expression gives where nothing but its imports are there."""
    names = {}
    for module in found.imports:
        names[module.partition(".")[0]] = __import__(module)
    return eval(found.text, names)
