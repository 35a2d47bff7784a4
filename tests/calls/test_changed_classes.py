"""What others do to the classes, in any order beside sandboxes and guards, and what is left of it.

SPECIFICATION 10, 16.
"""

from __future__ import annotations

import functools
import itertools
import unittest
from typing import Any, Callable, Dict, List
from unittest import mock

from pymemcache.client.base import Client
from pymemcache.client.hash import HashClient

import tripwire
from tests.support.cases import SERVER, by_hand
from tests.support.hiding import BASE, Answering
from tripwire import UnmockedInteractionError


class Own(BASE):  # type: ignore[misc]  # its base is anything
    """A subclass that was made before any test."""

    def get(self, key: Any) -> Any:
        """As the client does."""
        return super().get(key)


KINDS: List[Any] = [Client, HashClient, Own]


def wrapped(found: Any) -> Any:
    """Wrap a function as a decorator does."""

    @functools.wraps(found)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return found(*args, **kwargs)

    return wrapper


class ChangedTest(unittest.TestCase):
    """Whatever others do, calls are answered in the sandboxes, and the classes are theirs again."""

    def setUp(self) -> None:
        """See that all classes end as they were."""
        self.client: Any = Client(SERVER)
        for kind in KINDS:
            self.addCleanup(self.assert_as_found, kind, list(vars(kind).items()))

    def assert_as_found(self, kind: Any, found: Any) -> None:
        """A class has the same attributes, in the same order."""
        self.assertEqual(list(vars(kind).items()), found)

    def get(self, *clients: Any) -> None:
        """A call of each client in a sandbox."""
        verifier, memcache = by_hand()
        memcache.mock_command("GET", returns=b"v", times=len(clients))
        with verifier.sandbox():
            for client in clients:
                self.assertEqual(client.get("k"), b"v")

    def test_wrapper_that_is_put_on_between_two_sandboxes(self) -> None:
        """Inside of the first, before the second one opens in it; it is taken off afterwards."""
        for kind, name in ((Client, "get"), (HashClient, "get_many"), (Own, "get")):
            found = vars(kind)[name]
            with self.subTest(kind=kind), by_hand().verifier.sandbox():
                setattr(kind, name, wrapped(vars(kind)[name]))
                self.get(self.client, HashClient([SERVER]), Own(SERVER))
            setattr(kind, name, vars(kind)[name].__wrapped__)
            self.assertIs(vars(kind)[name], found)

    def test_patch_that_has_put_back_what_it_had_found(self) -> None:
        """Started at one moment and stopped at another: nothing of ours is left in the end."""
        moments = "before", "on guard", "in a sandbox", "on guard again", "after"
        for (kind, name), (start, stop) in itertools.product(
            ((Client, "get"), (Client, "sock"), (HashClient, "get_many"), (Own, "get")),
            itertools.combinations(moments, 2),
        ):
            patch = mock.patch.object(kind, name, create=True)
            steps: Dict[str, Callable[[], Any]] = {start: patch.start, stop: patch.stop}
            with self.subTest(kind=kind, name=name, start=start, stop=stop):
                self.check_steps(steps)

    def check_steps(self, steps: Dict[str, Callable[[], Any]]) -> None:
        """Do something at two moments around a sandbox, and then have one where all is done."""
        steps.get("before", int)()
        with tripwire.strict() as verifier:
            steps.get("on guard", int)()
            with verifier.sandbox():
                steps.get("in a sandbox", int)()
            steps.get("on guard again", int)()
        steps.get("after", int)()
        self.get(self.client, HashClient([SERVER]), Own(SERVER))

    def test_patch_that_is_stopped_on_guard_leaves_the_next_sandbox_whole(self) -> None:
        """Of a command, and of the socket, which is put on where nothing was."""
        for name in ("get", "sock"):
            patch = mock.patch.object(Client, name, create=True)
            patch.start()
            with self.subTest(name), tripwire.strict():
                patch.stop()
                self.get(self.client)
                self.get(self.client)

    def test_socket_that_is_deleted_in_a_sandbox_is_put_on_with_the_next_call(self) -> None:
        """As a patch does it that was started before."""
        verifier, memcache = by_hand()
        memcache.mock_command("GET", returns=b"v")
        with mock.patch.object(Client, "sock", None, create=True) as patch:
            sandbox = verifier.sandbox()
            sandbox.__enter__()
            self.assertIsNone(patch)
        self.assertNotIn("sock", vars(Client))
        self.assertEqual(self.client.get("k"), b"v")
        sandbox.close()

    def test_object_that_has_something_for_every_name_may_be_put_on(self) -> None:
        """So it always wraps another, as `mock.call` says."""
        patch = mock.patch.object(Client, "get", mock.call)
        with by_hand().verifier.sandbox():
            patch.start()
        self.assertIs(vars(Client)["get"], mock.call)
        patch.stop()
        self.get(self.client)

    def test_method_that_was_a_mock_at_first_is_held_later(self) -> None:
        """Of a subclass, of which there is no more to see than that it has as much as before."""
        with mock.patch.object(Own, "get"):
            self.get(self.client)
        found = vars(Own)["get"]
        with by_hand().verifier.sandbox():
            self.assertIsNot(vars(Own)["get"], found)

    def test_attribute_that_becomes_a_command_is_one(self) -> None:
        """On a subclass, by another name."""

        class Changing(BASE):  # type: ignore[misc]  # its base is anything
            fetch: Any = None

        self.get(Changing(SERVER))
        Changing.fetch = BASE.get
        verifier, memcache = by_hand()
        memcache.mock_command("GET", returns=b"v")
        with verifier.sandbox():
            self.assertEqual(Changing(SERVER).fetch("k"), b"v")

    def test_command_that_is_deleted_and_added_again(self) -> None:
        """It is gone in between, and otherwise like any."""
        kind: Any = type("Kind", (BASE,), {"get": BASE.get})
        self.get(kind(SERVER))
        found = vars(kind)["get"]
        del kind.get
        self.get(kind(SERVER))
        self.assertNotIn("get", vars(kind))
        kind.get = found
        self.get(kind(SERVER))
        self.assertIs(vars(kind)["get"], found)

    def test_hook_of_subclasses_hears_of_all(self) -> None:
        """Of those that are made in a sandbox, too; it has no say in what we do there."""
        heard: List[Any] = []
        hook = classmethod(heard.append)
        self.addCleanup(delattr, Client, "__init_subclass__")
        BASE.__init_subclass__ = hook
        kinds = [type("Before", (BASE,), {})]
        verifier, memcache = by_hand()
        memcache.mock_command("GET", returns=b"v")
        with verifier.sandbox():
            kinds.append(type("Inside", (BASE,), {"sock": None}))
            self.assertEqual(kinds[-1](SERVER).get("k"), b"v")
        kinds.append(type("After", (BASE,), {}))
        self.assertEqual(heard, kinds)
        self.assertIs(vars(Client)["__init_subclass__"], hook)

    def test_way_to_its_connection_that_others_give_a_client_is_no_way_round(self) -> None:
        """However the class looks up what it has; between two sandboxes that know it otherwise."""
        conn = Answering(b"VALUE k 0 1\r\nv\r\nEND\r\n")
        self.client.sock = conn
        self.get(self.client)
        self.addCleanup(delattr, Client, "__getattribute__")
        BASE.__getattribute__ = _getting_from_itself
        self.get(self.client)
        with by_hand().verifier.sandbox(), self.assertRaises(UnmockedInteractionError):
            self.client._fetch_cmd(b"get", ["k"], False)  # noqa: SLF001  # what must not connect
        self.assertEqual(conn.requests, [])
        self.assertIs(vars(Client)["__getattribute__"], _getting_from_itself)
        self.assertIs(self.client.sock, conn)


def _getting_from_itself(client: Any, name: str) -> Any:
    """What an object has before what its class has."""
    own = object.__getattribute__(client, "__dict__")
    return own[name] if name in own else object.__getattribute__(client, name)
