"""What is read when a call was not allowed: no sandbox, a way round, an impossible reply."""

from __future__ import annotations

import re
import textwrap

from pymemcache.client.base import Client

from tests.support.cases import SERVER, run
from tests.support.reporting import ReportTestCase
from tripwire import TripwireTestCase


class NotActiveTest(ReportTestCase):
    """A call that no sandbox is open for: what it was, and what to do."""

    def test_outside_any_sandbox(self) -> None:
        """The guard of the test stopped it."""
        self.assert_report(
            """
            client.set("k", b"v", expire=60)
            """,
            """
            SandboxNotActiveError: memcache.SET(...) was called outside any sandbox.

            The call:
                arguments: 'k', b'v', expire=60
                server: localhost:11211
                from: test_app.py:1 in <module>

            Call it inside `with self.sandbox():` or `with tripwire:`. Where a
            test is meant to reach a real memcached, set allow_real_memcached = True
            on its class, or give it to strict().
            """,
        )

    def test_in_set_up(self) -> None:
        """A sandbox there would ask for mocks and assertions; a store is what arranging needs."""

        class FixtureTest(TripwireTestCase):
            """Empties the cache before each test."""

            def setUp(self) -> None:
                """Call it."""
                super().setUp()
                client.flush_all()

            def test_it(self) -> None:
                """Is not reached."""

        class CleanupTest(TripwireTestCase):
            """Empties it after each test."""

            def test_it(self) -> None:
                """Call it later."""
                self.addCleanup(client.flush_all)

        client = Client(SERVER)
        (_, text), *_ = run(FixtureTest).failures
        *_, said = text.partition("SandboxNotActiveError: ")
        expected = """
            memcache.FLUSH_ALL(...) was called in setUp,
            outside any sandbox.

            The call:
                server: localhost:11211
                from: tests/reports/test_violations.py:N in setUp

            What setUp arranges needs a store, and leaves no trace in the test:
                self.store = self.memcache.store()
                with self.store.off_the_record():
                    ...
            What is under test belongs in the sandbox of the test. Where a test is
            meant to reach a real memcached, set allow_real_memcached = True on its
            class.
            """
        said = re.sub(r"(?<=test_violations.py):\d+", ":N", said.strip())
        self.assertEqual(said, textwrap.dedent(expected).strip())
        (_, text), *_ = run(CleanupTest).failures
        self.assertIn("was called outside any sandbox.\n", text)

    def test_after_its_sandbox(self) -> None:
        """A context that outlived the sandbox calls."""
        self.assert_report(
            """
            import contextvars
            with tripwire:
                context = contextvars.copy_context()
            context.run(client.version)
            """,
            """
            SandboxNotActiveError: memcache.VERSION(...) was called after its sandbox had closed.

            The call:
                server: localhost:11211
                from: test_app.py:4 in <module>

            Wait for the thread or task that calls it before the sandbox closes;
            open another sandbox for what a cleanup calls.
            """,
        )

    def test_several_sandboxes(self) -> None:
        """A thread without a context of its own cannot know which one is meant."""
        self.assert_report(
            """
            import threading
            def work():
                try:
                    client.get("k")
                except tripwire.SandboxNotActiveError as error:
                    errors.append(error)

            errors = []
            first, second = StrictVerifier(), StrictVerifier()
            MemcachePlugin(first)
            MemcachePlugin(second)
            outer, inner = first.sandbox(), second.sandbox()
            outer.__enter__()
            threads = [
                threading.Thread(target=inner.__enter__),
                threading.Thread(target=work, name="worker"),
            ]
            for thread in threads:
                thread.start()
                thread.join()
            inner.close()
            outer.close()
            raise errors[0]
            """,
            """
            SandboxNotActiveError: memcache.GET(...) was called in a thread that belongs to
            none of the sandboxes that are open.

            The call:
                arguments: 'k'
                server: localhost:11211
                from: test_app.py:4 in work
                thread: worker

            Start the thread's work in a copy of the context, so that it is clear
            which sandbox is meant: contextvars.copy_context().run(function).
            """,
        )

    def test_beside_a_test_that_mocks(self) -> None:
        """A test that may reach a real memcached cannot, while another has it intercepted."""
        self.assert_report(
            """
            import threading
            other = StrictVerifier()
            MemcachePlugin(other)
            opened, done = threading.Event(), threading.Event()
            def work():
                with other.sandbox():
                    opened.set()
                    done.wait()

            thread = threading.Thread(target=work)
            thread.start()
            opened.wait()
            try:
                with tripwire.strict(allow_real_memcached=True):
                    client.get("k")
            finally:
                done.set()
                thread.join()
            """,
            """
            SandboxNotActiveError: memcache.GET(...) was called outside its own sandboxes,
            while another test has memcached intercepted.

            The call:
                arguments: 'k'
                server: localhost:11211
                from: test_app.py:15 in <module>

            A test that reaches a real memcached cannot run while another mocks it.
            """,
        )

    def test_forked_child(self) -> None:
        """The child has its parent's sandbox, and must not use it."""
        self.assert_report(
            """
            import os
            read, write = os.pipe()
            with tripwire:
                child = os.fork()
                if not child:
                    try:
                        client.get("k")
                    except BaseException as error:
                        os.write(write, str(error).encode())
                    finally:
                        os._exit(0)
            os.waitpid(child, 0)
            text = os.read(read, 10_000).decode()
            os.close(read)
            os.close(write)
            raise tripwire.SandboxNotActiveError(text)
            """,
            """
            SandboxNotActiveError: memcache.GET(...) was called in a forked child process,
            and a sandbox does not reach across processes.

            The call:
                arguments: 'k'
                server: localhost:11211
                from: test_app.py:7 in <module>

            Mock what the child does in the child itself.
            """,
        )


class NoWayRoundTest(ReportTestCase):
    """Whoever tries to get at the connection in another way is told which way there is."""

    def test_method_bound_before_the_sandbox(self) -> None:
        """Taken at import, it never met the replacement."""
        self.assert_report(
            """
            verifier = StrictVerifier()
            MemcachePlugin(verifier)
            with tripwire.strict(allow_real_memcached=True):
                pass
            with verifier.sandbox():
                bound_early("k")
            """,
            """
            UnmockedInteractionError: memcache.GET(...) was called through a method taken before the
            sandbox opened, so no mock can answer it.

            The call:
                server: localhost:11211
                from: test_app.py:6 in <module>

            Look the method up when it is called: client.get(key) in the
            function, not fetch = client.get at import.
            """,
        )

    def test_private_call(self) -> None:
        """A subclass that sends for itself is no command."""
        self.assert_report(
            """
            with tripwire:
                client._misc_cmd([b"verbosity 1\\r\\n"], b"verbosity", False)
            """,
            """
            UnmockedInteractionError: memcache: _misc_cmd wanted the connection, and is no command,
            so no mock can answer it.

            The call:
                server: localhost:11211
                from: test_app.py:2 in <module>

            Only the public commands of pymemcache's Client can be mocked: call
            one of them.
            """,
        )


class ImpossibleReplyTest(ReportTestCase):
    """A reply that cannot be: what the real client would have given instead."""

    def test_of_any_call(self) -> None:
        """Refused where the mock is registered."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("INCR", returns=b"5")
            """,
            """
            ImpossibleReplyError: INCR can never return b'5'.

            The real client gives:
                an int from 0 to 2**64 - 1, or None

            To mock it all the same, set impossible_replies = 'allow' on the
            test's class, or give it to MemcachePlugin or strict().
            """,
        )

    def test_of_this_call(self) -> None:
        """Refused where the call is made: here, no server was asked to answer."""
        self.assert_report(
            """
            tripwire.memcache.mock_command("ADD", returns=False)
            with tripwire:
                client.add("lock", b"me", noreply=True)
            """,
            """
            ImpossibleReplyMetError: This ADD could not return False.

            The real client gives:
                True, as the request says noreply; noreply=False gets an answer

            The call:
                key: 'lock'
                value: b'me'
                noreply: True
                server: localhost:11211
                from: test_app.py:3 in <module>

            The mock:
                mock_command('ADD', returns=False)
                    registered at test_app.py:1 in <module>

            To mock it all the same, set impossible_replies = 'allow' on the
            test's class, or give it to MemcachePlugin or strict().
            """,
        )

    def test_text_where_memcached_gives_bytes(self) -> None:
        """The bytes are shown that it would have been."""
        report = self.report(
            """
            tripwire.memcache.mock_command("GET", returns="user:42")
            with tripwire:
                client.get("session:abc")
            """
        )
        self.assertIn(
            """
The real client gives:
    bytes such as b'user:42' (it has no deserializer), or the default
""",
            report,
        )
