"""Which class is the client: found by what it is, whatever stands at its name just now."""

from __future__ import annotations

from tests.support.platform import needs_processes
from tests.support.scripts import ScriptTestCase

PRELUDE = """
import importlib, sys
from unittest import mock
from pymemcache.client import base
from pymemcache.client.base import Client, PooledClient
from pymemcache.client.hash import HashClient
import tripwire
from tripwire import MemcachePlugin, StrictVerifier, UnmockedInteractionError

ADDRESS = ("127.0.0.1", 1)
FOUND = {}

def refused(client):
    verifier = StrictVerifier()
    memcache = MemcachePlugin(verifier)
    memcache.expect("GET", key="k", default=None, returns=b"mocked")
    with verifier.sandbox():
        assert client.get("k") == b"mocked"
        try:
            client.get("unmocked")
        except UnmockedInteractionError as error:
            assert error.fields == {"key": "unmocked", "default": None}, error.fields
        else:
            raise AssertionError("it was not refused")
    verifier.verify_all()

def check(*clients):
    for kind in {kind for client in clients for kind in type(client).__mro__}:
        FOUND[kind] = list(vars(kind).items())
    for client in clients:
        refused(client)
    for kind, found in FOUND.items():
        assert list(vars(kind).items()) == found, kind
"""


@needs_processes
class FirstUseTest(ScriptTestCase):
    """What stands there at the first use is not the client for ever: a process for each."""

    prelude = PRELUDE

    def test_mock_of_the_class(self) -> None:
        """Of the client alone, and of the pool as well, with and without a specification."""
        for make in ("mock.DEFAULT", "mock.create_autospec(Client)", "object()", "None"):
            for names in ("Client=MADE", "Client=MADE, PooledClient=MADE"):
                with self.subTest(make=make, names=names):
                    self.check(
                        f"""
                        with mock.patch.multiple(base, {names.replace("MADE", make)}):
                            check(Client(ADDRESS), PooledClient(ADDRESS))
                        check(Client(ADDRESS), PooledClient(ADDRESS), HashClient([ADDRESS]))
                        """
                    )

    def test_wrapper_and_subclass(self) -> None:
        """As instrumentation puts them there, in the place of the class."""
        self.check(
            """
            class Traced(Client):
                pass

            def traced(*args):
                return Client(*args)

            for stands_there in (Traced, traced):
                with mock.patch.object(base, "Client", stands_there):
                    check(Client(ADDRESS), PooledClient(ADDRESS), Traced(ADDRESS))
                    check(base.Client(ADDRESS))
            """
        )

    def test_client_class_of_the_pools_is_another(self) -> None:
        """It is a subclass, and the class itself is intercepted all the same."""
        self.check(
            """
            class Own(Client):
                pass

            PooledClient.client_class = HashClient.client_class = Own
            check(Client(ADDRESS), PooledClient(ADDRESS), HashClient([ADDRESS]))
            """
        )

    def test_class_of_another_name(self) -> None:
        """It is known by its methods, before the first use and afterwards."""
        self.check(
            """
            Client.__name__ = Client.__qualname__ = "TracedClient"
            check(Client(ADDRESS), PooledClient(ADDRESS))
            Client.__module__ = "tracing"
            base.Client = mock.Mock()
            check(Client(ADDRESS), PooledClient(ADDRESS))
            """
        )

    def test_mocked_method(self) -> None:
        """The table of commands is that of the method and not of its mock."""
        self.check(
            """
            for name in ("get", "get_many"):
                with mock.patch.object(Client, name):
                    MemcachePlugin(StrictVerifier())
            check(Client(ADDRESS))
            verifier = StrictVerifier()
            memcache = MemcachePlugin(verifier)
            memcache.mock_command("GET_MULTI", keys=["k"], returns={"k": b"v"})
            with verifier.sandbox():
                assert Client(ADDRESS).get_many(["k"]) == {"k": b"v"}
            memcache.assert_get_many("GET_MANY", ["k"])
            """
        )

    def test_module_is_reloaded(self) -> None:
        """Clients of the class that was there before, and of the one that is there now."""
        self.check(
            """
            old = Client(ADDRESS)
            check(old)
            importlib.reload(base)
            assert base.Client is not Client
            check(old, base.Client(ADDRESS), base.PooledClient(ADDRESS), HashClient([ADDRESS]))
            importlib.reload(base)
            check(old, base.Client(ADDRESS), PooledClient(ADDRESS))
            """
        )

    def test_module_is_reloaded_before_the_first_use(self) -> None:
        """While a mock stands at its name, too."""
        self.check(
            """
            importlib.reload(base)
            new = base.Client(ADDRESS)
            with mock.patch.object(base, "Client"):
                check(Client(ADDRESS), new)
            """
        )

    def test_module_is_imported_anew(self) -> None:
        """As test suites do that take modules out of `sys.modules`."""
        self.check(
            """
            check(Client(ADDRESS))
            del sys.modules["pymemcache.client.base"]
            from pymemcache.client.base import Client as New
            assert New is not Client
            check(Client(ADDRESS), New(ADDRESS))
            """
        )

    def test_sandbox_inside_of_another_looks_again(self) -> None:
        """What was reloaded under the guard of a test is intercepted from the next sandbox on."""
        self.check(
            """
            with tripwire.strict() as verifier:
                importlib.reload(base)
                found = list(vars(base.Client).items())
                tripwire.memcache.expect("GET", key="k", returns=b"v")
                with verifier.sandbox():
                    assert base.Client(ADDRESS).get("k") == b"v"
                refused(base.Client(ADDRESS))
            assert list(vars(base.Client).items()) == found
            """
        )
