"""Missing assertions: which lines are written, and where.

SPECIFICATION 46.
"""

from __future__ import annotations

import textwrap

from tests.accept.running import TrialTestCase

GET = 'self.memcache.assert_get(command="GET", key="k")'
SET = 'self.memcache.assert_set(command="SET", key="k", value=b"v", expire=60)'
MISS = """\
self.memcache.mock_command("GET", returns=tripwire.MISS)
self.memcache.mock_command("SET", returns=True)
"""


class PlacesTest(TrialTestCase):
    """After the sandbox, after the last assertion, before the next one."""

    def assert_after(self, body: str, *expected: str) -> None:
        """The test becomes this, after a miss of a GET and a SET has been mocked."""
        trial = self.trial(MISS + textwrap.dedent(body))
        lines = [line for line in expected if line in (GET, SET)]
        new = [line for line in lines if line not in textwrap.dedent(body)]
        self.assert_written(trial, *new)
        test = trial.path.read_text().partition("returns=True)\n")[2]
        self.assertEqual([line.strip() for line in test.splitlines()], list(expected))

    def test_after_the_sandbox(self) -> None:
        """Where nothing is asserted."""
        self.assert_after(
            """
            with self.sandbox():
                load("k")
            self.assertTrue(True)
            """,
            "",
            "with self.sandbox():",
            'load("k")',
            GET,
            SET,
            "self.assertTrue(True)",
        )

    def test_after_the_last_assertion(self) -> None:
        """What follows it."""
        self.assert_after(
            f"""
            with self.sandbox():
                load("k")
            {GET}
            self.assertTrue(True)
            """,
            "",
            "with self.sandbox():",
            'load("k")',
            GET,
            SET,
            "self.assertTrue(True)",
        )

    def test_before_the_assertion_of_a_later_one(self) -> None:
        """What it passes over; it is settled, and the test goes on."""
        self.assert_after(
            f"""
            with self.sandbox():
                load("k")
            self.assertTrue(True)
            {SET}
            """,
            "",
            "with self.sandbox():",
            'load("k")',
            "self.assertTrue(True)",
            GET,
            SET,
        )

    def test_several_sandboxes(self) -> None:
        """Each gets its own, in an order in which they match."""
        trial = self.trial(
            """
            self.memcache.mock_command("DELETE", returns=True, times=4)
            with self.sandbox():
                client.delete("a")
                client.delete("b")
            with tripwire:
                client.delete("c")
                client.delete("d")
            self.memcache.assert_delete("DELETE", "a")
            self.memcache.assert_delete("DELETE", "d")
            """
        )
        self.assert_written(
            trial,
            'self.memcache.assert_delete(command="DELETE", key="b")',
            'self.memcache.assert_delete(command="DELETE", key="c")',
        )
        trial = self.trial(
            """
            self.memcache.mock_command("DELETE", returns=True, times=2)
            with self.sandbox():
                client.delete("a")
            self.assertTrue(True)
            with self.sandbox():
                client.delete("b")
            self.memcache.assert_delete("DELETE", "b")
            """
        )
        self.assert_written(trial, 'self.memcache.assert_delete(command="DELETE", key="a")')
        self.assertIn('key="a")\n        self.assertTrue', trial.path.read_text())

    def test_mismatch_that_nothing_explains(self) -> None:
        """It is raised as ever, and the test fails in another way, too."""
        text = self.assert_left_alone(
            self.trial(
                MISS
                + textwrap.dedent(
                    """
                    with self.sandbox():
                        load("k")
                    self.memcache.assert_get("GET", "other")
                    """
                )
            ),
            "it fails in another way, too",
            says=False,
        )
        self.assertIn("The next interaction is not this GET:", text)

    def test_in_any_order(self) -> None:
        """There, no interaction is passed over; what is left follows the last that matched."""
        trial = self.trial(
            """
            self.memcache.mock_command("DELETE", returns=True, times=2)
            with self.sandbox():
                client.delete("a")
                client.delete("b")
            with self.memcache.in_any_order():
                self.memcache.assert_delete("DELETE", "b")
            """
        )
        self.assert_written(trial, 'self.memcache.assert_delete(command="DELETE", key="a")')

    def test_after_what_is_held(self) -> None:
        """`assert_items` is an assertion, too."""
        trial = self.trial(
            """
            store = self.memcache.store()
            with self.sandbox():
                client.incr("n", 1)
                client.set("k", b"v")
            store.assert_items({"k": b"v"})
            """
        )
        self.assert_written(trial, 'self.memcache.assert_incr(command="INCR", key="n", value=1)')
        self.assertTrue(trial.path.read_text().endswith("value=1)\n"))

    def test_several_threads(self) -> None:
        """Their order may change, so it is not asserted."""
        trial = self.trial(
            """
            self.memcache.mock_command("DELETE", returns=True, times=2)
            with self.sandbox():
                threads = [threading.Thread(target=client.delete, args=(key,)) for key in "ab"]
                for thread in threads:
                    thread.start()
                    thread.join()
            """,
            head="import threading\n\n",
        )
        self.assert_written(
            trial,
            "with self.memcache.in_any_order():",
            'self.memcache.assert_delete(command="DELETE", key="a")',
            'self.memcache.assert_delete(command="DELETE", key="b")',
        )

    def test_asserted_by_a_thread(self) -> None:
        """One that begins with the assertion, so that no line of the test made it."""
        trial = self.trial(
            """
            self.memcache.mock_command("DELETE", returns=True, times=2)
            with self.sandbox():
                client.delete("a")
                client.delete("b")
            _thread.start_new_thread(self.memcache.assert_delete, ("DELETE", "a"))
            while not self.verifier.interactions[0].asserted:
                time.sleep(0.001)
            time.sleep(0.01)
            """,
            head="import _thread, time\n\n",
        )
        reason = "its last assertion stands in another function than the sandbox"
        self.assert_left_alone(trial, reason)

    def test_values(self) -> None:
        """As expressions with names that are bound; one that has none is not written."""
        serde = textwrap.dedent(
            """
            import datetime
            from pymemcache.serde import pickle_serde

            pickling = Client(("localhost", 11211), serde=pickle_serde)

            class Opaque:
                pass

            """
        )
        unsaid = "self.memcache.mock_command('SET', returns=True)\nwith self.sandbox():\n"
        trial = self.trial(unsaid + "    pickling.set('k', Opaque)", head=serde)
        reason = "the value of its SET cannot be written as an expression; paste the report's lines"
        text = self.assert_left_alone(trial, f"{reason}, which take unittest.mock.ANY for it")
        self.assertIn("key='k', value=unittest.mock.ANY)", text)

    def test_default_that_is_no_expression(self) -> None:
        """It never reaches the server and need not be named, so the line does without."""
        trial = self.trial(
            """
            with self.sandbox():
                client.get("k", default=object())
            """
        )
        self.assert_written(
            trial,
            'self.memcache.mock_command("GET", returns=tripwire.MISS, key="k")',
            'self.memcache.assert_get(command="GET", key="k")',
        )


class RoundTest(TrialTestCase):
    """What happens in rounds is not the test's."""

    def test_rounds(self) -> None:
        """It needs no assertions, and what no mock answers there is a violation."""
        self.assert_left_alone(
            self.trial(
                """
                with self.verifier.round() as state:
                    with self.sandbox():
                        with self.assertRaises(tripwire.UnmockedInteractionError):
                            load("k")
                    self.memcache.mock_command("GET", returns=b"v")
                    with self.sandbox():
                        load("k")
                    self.memcache.assert_get("GET", "k")
                with self.sandbox():
                    load("k")
                self.fail("so that it is noted")
                """
            ),
            "it fails in another way, too",
            says=True,
        )
