"""What is read when a violation was swallowed: who caught it, and what the test did not see.

SPECIFICATION 24.
"""

from __future__ import annotations

from tests.support.reporting import ReportTestCase


class SwallowedTest(ReportTestCase):
    """Who caught it comes first, and then the whole text that the test should have seen."""

    def who(self, source: str) -> str:
        """The head of a report: what was swallowed, and by whom."""
        head, _, _ = self.report(source).partition("\n\n        memcache.GET(...) was called but")
        return head

    def test_pymemcache_itself_caught_it(self) -> None:
        """The line of the application that called into it is named as well."""
        self.assertEqual(
            self.who(
                """
                def load():
                    return Client(("a", 1), ignore_exc=True).get("k")

                with tripwire:
                    load()
                """
            ),
            """SwallowedViolationError: 1 violation was swallowed:

    UnmockedInteractionError
    caught by pymemcache/client/base.py:000 in _fetch_cmd
    called from test_app.py:2 in load""",
        )

    def test_repeats_are_counted(self) -> None:
        """A retry loop has one finding."""
        self.assertEqual(
            self.who(
                """
                def load():
                    for attempt in range(3):
                        try:
                            return client.get("k")
                        except Exception:
                            pass

                with tripwire:
                    load()
                """
            ),
            """SwallowedViolationError: 1 violation was swallowed:

    UnmockedInteractionError, 3 times
    caught by test_app.py:4 in load""",
        )

    def test_nobody_caught_it(self) -> None:
        """A task ended with it that was never awaited."""
        self.assertEqual(
            self.who(
                """
                import asyncio
                async def load():
                    client.get("k")

                async def main():
                    task = asyncio.ensure_future(load())
                    await asyncio.wait([task])
                    task.exception()

                with tripwire:
                    asyncio.run(main())
                """
            ),
            """SwallowedViolationError: 1 violation was swallowed:

    UnmockedInteractionError
    got no further than test_app.py:3 in load: it ended a task,
    and nobody raised it again. If the test expects it, raise it inside
    assertRaises.""",
        )

    def test_last_of_the_repeats_says_who_caught_it(self) -> None:
        """What was caught at first and is lost in the end is lost."""
        self.assertEqual(
            self.who(
                """
                import asyncio
                async def load():
                    client.get("k")

                async def page():
                    try:
                        await load()
                    except AssertionError:
                        pass
                    task = asyncio.ensure_future(load())
                    await asyncio.wait([task])
                    task.exception()

                with tripwire:
                    asyncio.run(page())
                """
            ),
            """SwallowedViolationError: 1 violation was swallowed:

    UnmockedInteractionError, 2 times
    got no further than test_app.py:3 in load: it ended a task,
    and nobody raised it again. If the test expects it, raise it inside
    assertRaises.""",
        )

    def test_function_that_ends_with_another_exception_has_caught_it(self) -> None:
        """Also where it lets that one pass that it handled."""
        self.assertEqual(
            self.who(
                """
                def load():
                    try:
                        client.get("k")
                    except AssertionError:
                        pass
                    try:
                        {}["missing"]
                    except LookupError:
                        raise

                def page():
                    try:
                        load()
                    except LookupError:
                        pass

                with tripwire:
                    page()
                """
            ),
            """SwallowedViolationError: 1 violation was swallowed:

    UnmockedInteractionError
    caught by test_app.py:3 in load""",
        )

    def test_traceback_was_taken_off(self) -> None:
        """Who did that cannot be known."""
        self.assertEqual(
            self.who(
                """
                def load():
                    try:
                        client.get("k")
                    except Exception as error:
                        error.__traceback__ = None

                with tripwire:
                    load()
                """
            ),
            """SwallowedViolationError: 1 violation was swallowed:

    UnmockedInteractionError
    caught by someone who took its traceback off
    called from test_app.py:3 in load""",
        )

    def test_ten_thousand_do_not_print_ten_thousand_blocks(self) -> None:
        """The first ten are shown, and the rest counted."""
        report = self.report(
            """
            def load(key):
                try:
                    return client.get(key)
                except Exception:
                    pass

            with tripwire:
                for number in range(10_000):
                    load(str(number))
            """
        )
        self.assertIn("10000 violations were swallowed:", report)
        self.assertEqual(report.count("UnmockedInteractionError"), 10)
        self.assertTrue(report.endswith("\n    ... and 9990 more"))
