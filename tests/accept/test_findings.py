"""Tests with which something else is wrong, or which are noted in another way.

SPECIFICATION 46, 48.
"""

from __future__ import annotations

import textwrap

from tests.accept.running import HEAD, Trial, TrialTestCase

LACKING = 'with self.sandbox():\n    load("k")\n'
"""A test that lacks everything."""

CAREFUL = """\
self.memcache.mock_command("GET", returns=b"v")
with self.sandbox():
    load("k")
"""
"""A test that lacks an assertion."""

GET = 'self.memcache.assert_get(command="GET", key="k")'

OTHER = "it fails in another way, too"


class OtherFindingsTest(TrialTestCase):
    """Then nothing is written: what else is wrong comes first."""

    def test_failure(self) -> None:
        """What is missing is a consequence; a call without a mock is not."""
        text = self.assert_left_alone(self.trial(CAREFUL + "self.fail('so')"), OTHER, says=False)
        self.assertIn("AssertionError: so", text)
        self.assertNotIn("assert_get", text)
        text = self.assert_left_alone(self.trial(LACKING + "self.fail('so')"), OTHER)
        self.assertIn("AssertionError: so", text)
        self.assertIn("UnmockedInteractionError: No mock answered 2 calls", text)
        self.assertNotIn("assert_get", text)

    def test_failure_after_the_verification(self) -> None:
        """In a cleanup, which comes after `tearDown`."""
        body = "self.addCleanup(self.fail, 'so')\n" + CAREFUL
        text = self.assert_left_alone(self.trial(body), OTHER, says=False)
        self.assertIn("AssertionError: so", text)

    def test_unused_mock(self) -> None:
        """All of it is in one report, as ever."""
        body = "self.memcache.mock_command('INCR', returns=1)\n" + CAREFUL
        text = self.assert_left_alone(self.trial(body), "it has other findings")
        self.assertIn("UnassertedAndUnusedError: 1 of 1 memcache interaction", text)
        self.assertIn("1 required memcache mock was not used:", text)

    def test_violation(self) -> None:
        """One that was swallowed."""
        body = CAREFUL + "try:\n    client.get('k')\nexcept Exception:\n    pass\n"
        text = self.assert_left_alone(self.trial(body), "it has other findings")
        self.assertIn("1 violation was swallowed:", text)

    def test_expectations_out_of_order(self) -> None:
        """A line more would not put them right."""
        body = (
            "self.memcache.expect('DELETE', key='k', returns=True)\n"
            "self.memcache.expect('GET', key='k', returns=b'v')\n"
            "with self.sandbox():\n    load('k')\n    client.delete('k')\n    load('l')\n"
        )
        text = self.assert_left_alone(self.trial(body), "it has other findings")
        self.assertIn("1 expected call came too late, and was not asserted:", text)

    def test_any_order_without_with(self) -> None:
        """It is said first, and what is lacking is its cause."""
        body = CAREFUL + "self.memcache.in_any_order()\n"
        text = self.assert_left_alone(self.trial(body), "it has other findings")
        self.assertIn("NotEnteredError: in_any_order() does nothing by itself", text)

    def test_skip(self) -> None:
        """It may be skipped for what is not there today."""
        trial = self.trial(CAREFUL + "self.skipTest('today')")
        self.assert_left_alone(trial, "it was skipped", says=False)

    def test_expected_failure(self) -> None:
        """It fails as it is meant to, or for what it was not meant to."""
        source = (
            "class ShopTest(tripwire.TripwireTestCase):\n"
            "    @unittest.expectedFailure\n    def test_it(self):\n"
        )
        for body, says in ((CAREFUL + "self.fail('so')", False), (CAREFUL, True)):
            with self.subTest(body=body):
                trial = Trial(self, source + textwrap.indent(body, " " * 8))
                self.assert_left_alone(trial, "it is expected to fail", says)

    def test_failing_subtest(self) -> None:
        """What it leaves open is dropped, as ever; what others lack is not written."""
        body = CAREFUL + "with self.subTest():\n    self.fail('so')\n"
        self.assert_left_alone(self.trial(body), OTHER)

    def test_verify_all(self) -> None:
        """Who calls it may expect what it raises, and gets it."""
        body = CAREFUL + (
            "with self.assertRaises(tripwire.UnassertedInteractionsError):\n"
            "    self.verifier.verify_all()\n"
        )
        trial = self.trial(body)
        outcome = trial.accept()
        self.assertTrue(outcome.green, outcome.failed)
        self.assertEqual((trial.added(), trial.summary), ([], ""))

    def test_green(self) -> None:
        """Nothing is said of it."""
        trial = self.trial(CAREFUL + GET)
        outcome = trial.accept()
        self.assertTrue(outcome.green, outcome.failed)
        self.assertEqual((trial.added(), trial.summary), ([], ""))
        trial = self.trial("pass")
        self.assertTrue(trial.accept().green)


class EnvironmentTest(TrialTestCase):
    """Where nobody would see what was written."""

    def test_ci(self) -> None:
        """The variable is set by most services that run tests."""
        self.assert_left_alone(self.trial(LACKING, {"CI": "true"}), "CI is set in the environment")


class SandboxesTest(TrialTestCase):
    """Sandboxes that are not opened by a `with` of the test's."""

    def test_in_set_up(self) -> None:
        """Others use it, too."""
        trial = Trial(
            self,
            """
            class ShopTest(tripwire.TripwireTestCase):
                def setUp(self):
                    super().setUp()
                    with self.sandbox():
                        load("k")

                def test_it(self):
                    pass
            """,
        )
        reason = "the sandbox was not opened in the test's own function"
        self.assert_left_alone(trial, reason)

    def test_in_a_helper_and_a_decorator(self) -> None:
        """Their lines would be everybody's."""
        head = (
            "import functools\n\ndef helper(self):\n    with self.sandbox():\n        load('k')\n\n"
            "def inside(function):\n    @functools.wraps(function)\n    def wrapper(self):\n"
            "        with self.sandbox():\n            function(self)\n    return wrapper\n\n"
        )
        reason = "the sandbox was not opened in the test's own function"
        self.assert_left_alone(self.trial("helper(self)", head=head), reason)
        source = (
            "class ShopTest(tripwire.TripwireTestCase):\n"
            "    @inside\n    def test_it(self):\n        load('k')\n"
        )
        self.assert_left_alone(Trial(self, source, head=HEAD + head), reason)

    def test_left_by_an_exception(self) -> None:
        """What follows the `with` is not reached by it."""
        body = (
            "with self.assertRaises(ZeroDivisionError):\n    with self.sandbox():\n"
            "        load('k')\n        1 / 0\n"
        )
        self.assert_left_alone(self.trial(body), "the sandbox was left by an exception")

    def test_built_by_hand(self) -> None:
        """A `Sandbox` that its verifier knows nothing of."""
        body = "with tripwire.Sandbox(self.verifier):\n    load('k')\n"
        self.assert_left_alone(self.trial(body), "it happened in a sandbox of another kind")

    def test_beside_each_other(self) -> None:
        """Lines after one might be run while the other one is still open."""
        body = """
            def work():
                with self.sandbox():
                    client.delete("k")
            with self.sandbox():
                thread = threading.Thread(target=work)
                thread.start()
                thread.join()
            """
        trial = self.trial(body, head="import threading\n\n")
        self.assert_left_alone(trial, "several of its sandboxes were open at once")

    def test_several_servers(self) -> None:
        """Each line says which one it is about, as the report does."""
        body = "with self.sandbox():\n    client.get('k')\n    other.get('k')\n"
        self.assert_written(
            self.trial(body, head="other = Client(('other', 11211))\n\n\n"),
            'self.memcache.mock_command("GET", returns=tripwire.MISS, key="k")',
            'self.memcache.mock_command("GET", returns=tripwire.MISS, key="k")',
            'self.memcache.assert_get(command="GET", key="k", server=("localhost", 11211))',
            'self.memcache.assert_get(command="GET", key="k", server=("other", 11211))',
        )

    def test_nested(self) -> None:
        """The outermost one counts."""
        body = "with self.sandbox():\n    with tripwire:\n        client.delete('k')\n"
        self.assert_written(
            self.trial(body),
            'self.memcache.mock_command("DELETE", returns=True, key="k")',
            'self.memcache.assert_delete(command="DELETE", key="k")',
        )
