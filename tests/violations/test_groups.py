"""A violation in an exception group: whoever takes the group apart has to name it."""

from __future__ import annotations

import sys
import unittest
from typing import List

from tests.support.platform import need_for, needs_event_loop
from tests.violations.forms import IMPORTS
from tests.violations.written import swallowed
from tripwire import Violation

OURS = "UnmockedInteractionError"

COLLECTOR = """
def collect(fetch, *keys):
    errors = []
    for key in keys:
        try:
            fetch(key)
        except Exception as error:
            errors.append(error)
    if errors:
        raise ExceptionGroup("several", errors)

def careless(fetch):
    try:
        fetch("careless")
    except Exception:
        pass
"""
"""An application that goes on first and tells of its errors later; and one that does not tell."""


@unittest.skipIf(sys.version_info < (3, 11), "exception groups are Python 3.11's")
class GroupsTest(unittest.TestCase):
    """Groups of `TaskGroup` and of an application, inside the sandbox and around it."""

    def found(self, body: str) -> List[Violation]:
        """The violations that a test finds: its body is in a sandbox, unless it opens its own."""
        need_for(body.replace("self.sandboxed()", "asyncio.run(group())"))
        before = "if True:" if "self.sandboxed()" in body else "with self.sandbox():"
        lines = [f"            {line}" for line in body.strip("\n").splitlines()]
        test = [
            IMPORTS,
            "from tripwire import UnmockedInteractionError",
            "async def work(): fetch()",
            "async def group():",
            "    async with asyncio.TaskGroup() as tasks:",
            "        tasks.create_task(work())",
            "class Test(TripwireTestCase):",
            "    def sandboxed(self):",
            "        with self.sandbox():",
            "            asyncio.run(group())",
            "    def test(self):",
            f"        {before}",
            *lines,
        ]
        return swallowed("\n".join(test), COLLECTOR)

    def test_except_star_that_names_it_acknowledges(self) -> None:
        """Of a task group, and of what an application collected; alone or beside other classes."""
        for call in ("asyncio.run(group())", 'app.collect(fetch, "a")', "self.sandboxed()"):
            for named in (OURS, "tripwire.ViolationError", "AssertionError", f"(KeyError, {OURS})"):
                with self.subTest(call=call, named=named):
                    body = f"try:\n    {call}\nexcept* {named}:\n    pass"
                    self.assertEqual(self.found(body), [])

    def test_except_star_that_does_not_name_it_does_not(self) -> None:
        """`Exception`, and a class that is not that of any member."""
        for named in ("Exception", "(Exception, tripwire.SandboxNotActiveError)"):
            for call in ("asyncio.run(group())", 'app.collect(fetch, "a")', "self.sandboxed()"):
                with self.subTest(named=named, call=call):
                    body = f"try:\n    {call}\nexcept* {named}:\n    pass"
                    self.assertEqual(len(self.found(body)), 1)

    def test_class_of_the_group_names_none_of_its_members(self) -> None:
        """However it is caught, inside the sandbox and around it."""
        for call in ("asyncio.run(group())", 'app.collect(fetch, "a")', "self.sandboxed()"):
            for form in (
                "try:\n    {}\nexcept ExceptionGroup:\n    pass",
                "with suppress(ExceptionGroup):\n    {}",
                "with self.assertRaises(ExceptionGroup):\n    {}",
                "with self.assertRaises(Exception):\n    {}",
            ):
                with self.subTest(call=call, form=form):
                    self.assertEqual(len(self.found(form.format(call))), 1)

    def test_member_that_is_raised_again_under_assert_raises_is_named(self) -> None:
        """As one does with what a task group gives."""
        body = """
with self.assertRaises(ExceptionGroup) as caught:
    asyncio.run(group())
for error in caught.exception.exceptions:
    with self.assertRaises(UnmockedInteractionError):
        raise error
"""
        self.assertEqual(self.found(body), [])

    def test_class_that_is_known_to_the_function_alone_is_found(self) -> None:
        """By its name, where the function has not run in a sandbox of its own."""
        body = """
def nested():
    from tripwire import UnmockedInteractionError as Unmocked, ViolationError
    import tripwire as wire
    try:
        asyncio.run(group())
    except* (KeyError, {}):
        pass
nested()
"""
        for named in ("ViolationError", "wire.UnmockedInteractionError"):
            with self.subTest(named=named):
                self.assertEqual(self.found(body.format(named)), [])
        self.assertEqual(len(self.found(body.format("Unmocked"))), 1)

    def test_except_star_does_not_speak_for_what_was_dropped(self) -> None:
        """Only for what may have been in a group."""
        body = f"""
try:
    app.careless(fetch)
    app.collect(fetch, "a")
except* {OURS}:
    pass
"""
        (violation,) = self.found(body)
        self.assertIn("careless", violation.message)

    @needs_event_loop
    def test_except_star_outside_of_the_test_names_nothing_in_it(self) -> None:
        """Nobody can see that it was that group."""
        test = """
def unused():
    try:
        pass
    except* tripwire.UnmockedInteractionError:
        pass
async def work(): fetch()
class Test(TripwireTestCase):
    def test(self):
        async def main():
            await asyncio.gather(work(), return_exceptions=True)
        with self.sandbox():
            asyncio.run(main())
"""
        (violation,) = swallowed(IMPORTS + test)
        self.assertEqual(violation.ended, "task")

    @unittest.skipIf(sys.version_info < (3, 12), "suppress does so from Python 3.12 on")
    def test_suppress_takes_groups_apart(self) -> None:  # pragma: no cover - not on 3.11
        """As `except*` does."""
        body = f"with suppress({OURS}):\n    self.sandboxed()"
        self.assertEqual(self.found(body), [])

    def test_group_that_left_the_sandbox_is_its_catchers(self) -> None:
        """The frame at the head of the group's traceback says who that was."""
        body = f"""
try:
    self.sandboxed()
except* {OURS}:
    try:
        asyncio.run(asyncio.sleep(0))
    except KeyError:
        pass
"""
        self.assertEqual(self.found(body), [])
