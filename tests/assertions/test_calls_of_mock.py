"""`assert_calls`: all that is open, by the calls of `unittest.mock`.

SPECIFICATION 19a.
"""

from __future__ import annotations

import sys
from typing import Any, List
from unittest.mock import ANY, call, patch

from pymemcache.client.base import Client

from tests.support.cases import SERVER, ByHandTestCase
from tests.support.reporting import ReportTestCase
from tests.support.versions import needs_raw_command
from tripwire import AssertionInsideSandboxError, InteractionMismatchError


class CallsCase(ByHandTestCase):
    """A verifier by hand whose calls a store answers."""

    def setUp(self) -> None:
        """Open the store."""
        super().setUp()
        self.memcache.store()

    def make(self, *calls: Any) -> None:
        """Make calls, in a sandbox of their own."""
        with self.verifier.sandbox():
            for name, args, kwargs in calls:
                getattr(self.client, name)(*args, **kwargs)

    def refuses(self, *calls: Any) -> InteractionMismatchError:
        """Assert that calls do not match, and that nothing is asserted by that."""
        open_ones = [each for each in self.verifier.interactions if not each.asserted]
        with self.assertRaises(InteractionMismatchError) as caught:
            self.memcache.assert_calls(*calls)
        self.assertEqual(list(caught.exception.remaining), open_ones)
        self.assertFalse(any(each.asserted for each in open_ones))
        return caught.exception


class InOrderTest(CallsCase):
    """These are all open interactions, in order."""

    def test_calls_as_the_code_makes_them(self) -> None:
        """Each argument by its place or by its name."""
        made = (
            call.get("a"),
            call.set("a", b"1", expire=60),
            call.set("a", b"1", 60, True),
            call.get_many(["a", "b"]),
            call.incr(key="n", value=2),
            call.gets("a", b"", b"0"),
            call.flush_all(),
            call.stats("settings"),
            call.stats(),
            call.version(),
        )
        self.make(*made)
        self.memcache.assert_calls(*made)
        self.make(call.set("a", b"1", 60))
        self.memcache.assert_calls(call.set("a", value=b"1", expire=60, noreply=True, flags=None))
        self.verifier.verify_all()

    @needs_raw_command
    def test_raw_command(self) -> None:
        """One of its arguments has the name of an argument of ours."""
        made = call.raw_command("version"), call.raw_command(command="version")
        self.make(*made)
        self.memcache.assert_calls(*made)
        self.verifier.verify_all()

    def test_any_case_and_either_name(self) -> None:
        """As in all assertions."""
        self.make(call.get_many(["a"]))
        self.memcache.assert_calls(call.GET_MULTI(["a"]))

    def test_nothing(self) -> None:
        """No calls are all that is open, if nothing is."""
        self.memcache.assert_calls()
        self.make(call.get("a"))
        self.refuses()
        self.memcache.assert_calls(call.get("a"))
        self.memcache.assert_calls()

    def test_what_is_asserted_already_does_not_count(self) -> None:
        """Only what is open does."""
        self.make(call.get("a"), call.get("b"), call.get("c"))
        self.memcache.assert_get("GET", "a")
        self.memcache.assert_calls(call.get("b"), call.get("c"))
        self.verifier.verify_all()

    def test_all_or_none(self) -> None:
        """One that differs, one too few, one too many, another order."""
        self.make(call.get("a"), call.get("b"))
        for wrong, actual in (
            ([call.get("a"), call.get("c")], 1),
            ([call.get("a")], 1),
            ([call.get("a"), call.get("b"), call.get("b")], None),
            ([call.get("b"), call.get("a")], 0),
            ([call.gets("a"), call.get("b")], 0),
        ):
            with self.subTest(wrong):
                error = self.refuses(*wrong)
                made = self.verifier.interactions
                self.assertIs(error.actual, None if actual is None else made[actual])
                self.assertEqual(len(error.expected), len(wrong))
        self.memcache.assert_calls(call.get("a"), call.get("b"))

    def test_whole_call_counts(self) -> None:
        """What is left out has to be left out; what never reaches the server does not matter."""
        self.make(call.set("a", b"1", 60, noreply=False))
        self.refuses(call.set("a", b"1"))
        self.refuses(call.set("a", b"1", 60))
        self.refuses(call.set("a", b"1", 60, noreply=False, flags=0))
        self.memcache.assert_calls(call.set("a", b"1", 60, noreply=False))
        self.make(call.get("a", default=b""))
        self.memcache.assert_calls(call.get("a"))
        self.make(call.get("a", default=b""))
        self.refuses(call.get("a", b"0"))
        self.memcache.assert_calls(call.get("a", ANY))

    def test_matchers(self) -> None:
        """They stand for any argument."""
        self.make(call.set("a", b"1", 57))
        self.memcache.assert_calls(call.set("a", b"1", expire=ANY))

    def test_inside_the_sandbox(self) -> None:
        """It comes too early."""
        with self.verifier.sandbox(), self.assertRaises(AssertionInsideSandboxError):
            self.memcache.assert_calls()


class InAnyOrderTest(CallsCase):
    """Inside `in_any_order()`."""

    def test_any_order(self) -> None:
        """All of them still."""
        self.make(call.get("a"), call.get("b"), call.get("c"))
        with self.memcache.in_any_order():
            self.refuses(call.get("c"), call.get("a"))
            self.refuses(call.get("c"), call.get("a"), call.get("a"))
            self.refuses(call.get("c"), call.get("a"), call.get("b"), call.get("b"))
            self.memcache.assert_calls(call.get("c"), call.get("a"), call.get("b"))
        self.verifier.verify_all()

    def test_matchers_take_what_the_others_leave(self) -> None:
        """Those that need exactly one value come first, in containers, too."""
        ring: List[Any] = []
        ring.append(ring)
        for exact, loose in (
            (call.get("a"), call.get(ANY)),
            (call.get_many(["a", "b"]), call.get_many([ANY, "b"])),
            (call.set_many({"a": b"1"}), call.set_many({"a": ANY})),
        ):
            with self.subTest(exact), self.memcache.in_any_order():
                self.make(exact, exact)
                self.memcache.assert_calls(loose, exact)
        with self.memcache.in_any_order():
            ringing = Client(SERVER, serializer=lambda key, value: (b"ring", 1))
            with self.verifier.sandbox():
                ringing.set("r", ring)
            self.refuses(call.set("r", [ring]), call.set("r", object()))
        self.memcache.assert_command("SET", key="r", value=ANY)


class ReportsTest(ReportTestCase):
    """What is read where the calls are others."""

    def test_another_call(self) -> None:
        """Which one it is, what it met, and what differs."""
        self.assert_report(
            """
            from unittest.mock import call
            tripwire.memcache.store()
            with tripwire:
                client.get("a")
                client.set("a", b"2", 60, noreply=False)
                client.get("b")
            tripwire.memcache.assert_calls(call.get("a"), call.set("a", b"2", 60), call.get("b"))
            """,
            """
            InteractionMismatchError: Call 2 of 3, call.set('a', b'2', 60), is not this interaction:

                tripwire.memcache.assert_set(command='SET', key='a', value=b'2', expire=60, noreply=False)
                    # sent to localhost:11211 from test_app.py:5 in <module>

            It differs in:

                noreply: expected True
                         but was  False
                (left out, and compared all the same: noreply)

            Open as well, in order:

                tripwire.memcache.assert_get(command='GET', key='b')
                    # sent to localhost:11211 from test_app.py:6 in <module>
            """,  # noqa: E501  # lines to paste stay whole
        )

    def test_more_calls_than_were_asserted(self) -> None:
        """The lines that would assert them."""
        self.assert_report(
            """
            from unittest.mock import call
            tripwire.memcache.store()
            with tripwire:
                client.get("a")
                client.get("b")
            tripwire.memcache.assert_calls(call.get("a"))
            """,
            """
            InteractionMismatchError: 1 call was asserted, and there are more. In order:

                tripwire.memcache.assert_get(command='GET', key='b')
                    # sent to localhost:11211 from test_app.py:5 in <module>
            """,
        )

    def test_fewer_calls_than_were_asserted(self) -> None:
        """And why the one that is missing was not sent."""
        self.assert_report(
            """
            from unittest.mock import call
            tripwire.memcache.store()
            with tripwire:
                client.get("a")
                client.get_many([])
            tripwire.memcache.assert_calls(call.get("a"), call.get_many([]))
            """,
            """
            InteractionMismatchError: Call 2 of 2, call.get_many([]), is too many: no interaction is left.
                # a call of GET_MANY sent nothing
            """,  # noqa: E501  # a report, line by line
        )


class WrongCallsTest(ReportTestCase):
    """What is no call of a command."""

    def test_anything_else(self) -> None:
        """A text, a tuple that looks like one, a call that names no command."""
        for wrong in ("'GET'", "('get', ('a',), {})", "call('a')", "call.get('a').decode()"):
            with self.subTest(wrong):
                report = self.report(
                    f"""
                    from unittest.mock import call
                    tripwire.memcache.assert_calls({wrong})
                    """
                )
                self.assertTrue(report.startswith("TypeError: "), report)

    def test_without_unittest_mock(self) -> None:
        """Where it is not loaded, nothing is a call of it, and nothing a mock of it."""
        with patch.dict(sys.modules):
            del sys.modules["unittest.mock"]
            self.assertTrue(
                self.report("tripwire.memcache.assert_calls('GET')").startswith("TypeError: ")
            )
            report = self.report("tripwire.memcache.assert_get('GET', 'a')")
        self.assertIn("nothing was sent.", report)
