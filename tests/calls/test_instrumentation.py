"""Instrumentation that wraps the class, before or during a sandbox, works as in production.

The wrappers here are made as OpenTelemetry's and wrapt's are: they look whether something is
wrapped already, they bind as descriptors, they are taken off by `__wrapped__`.
"""

from __future__ import annotations

import functools
import inspect
import itertools
import pickle
import socket
import types
import unittest
from typing import Any, Callable, Dict, List, Tuple
from unittest import mock

from pymemcache.client.base import Client

import tripwire
from tests.support.cases import SERVER
from tests.support.conformance import COMMANDS
from tests.support.hiding import Answering
from tests.support.platform import needs_sockets
from tripwire import MemcachePlugin, StrictVerifier

REPLACED = [*COMMANDS, "_connect"]


class Wrapper:
    """A descriptor that wraps a function, as wrapt's `FunctionWrapper` does.

    It says that it is a function, and knows the object that it is bound to.
    """

    def __init__(self, wrapped: Any, seen: List[Any], client: Any = None) -> None:
        self.__wrapped__ = wrapped
        self._seen = seen
        self._client = client

    __class__: Any = property(lambda self: types.FunctionType)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__wrapped__, name)

    def __get__(self, client: Any, owner: Any) -> Any:
        return type(self)(self.__wrapped__.__get__(client, owner), self._seen, client)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Note a call, and make it."""
        self._seen.append((self._client, args, kwargs))
        return self.__wrapped__(*args, **kwargs)


def descriptor(wrapped: Any, seen: List[Any]) -> Any:
    """Wrap as wrapt does."""
    return Wrapper(wrapped, seen)


def decorator(wrapped: Any, seen: List[Any]) -> Any:
    """Wrap as a decorator does."""

    @functools.wraps(wrapped)
    def wrapper(client: Any, *args: Any, **kwargs: Any) -> Any:
        seen.append((client, args, kwargs))
        return wrapped(client, *args, **kwargs)

    return wrapper


def plain(wrapped: Any, seen: List[Any]) -> Any:
    """Wrap without a trace of what is below."""

    def wrapper(client: Any, *args: Any, **kwargs: Any) -> Any:
        seen.append((client, args, kwargs))
        return wrapped(client, *args, **kwargs)

    return wrapper


KINDS: Dict[str, Callable[[Any, List[Any]], Any]] = {
    "descriptor": descriptor,
    "decorator": decorator,
    "plain": plain,
}


class LooksTest(unittest.TestCase):
    """Whatever code asks of a method, what stands for it answers as the method does."""

    def looks(self) -> Dict[str, Tuple[Any, ...]]:
        """Ask each method on the class."""
        return {
            name: (
                type(method),
                inspect.signature(method),
                inspect.getfullargspec(method),
                inspect.unwrap(method) is method,
                hasattr(method, "__wrapped__"),
                method.__name__,
                method.__qualname__,
                method.__module__,
                method.__doc__,
                method.__annotations__,
                method.__defaults__,
                method.__kwdefaults__,
                inspect.signature(getattr(Client(SERVER), name)),
            )
            for name, method in vars(Client).items()
            if name in REPLACED
        }

    def test_looks_are_those_of_the_method(self) -> None:
        """In a sandbox and on guard."""
        before = self.looks()
        self.assertEqual(len(before), len(REPLACED))
        with tripwire.strict() as verifier:
            self.assertEqual(self.looks(), before)
            with verifier.sandbox():
                self.assertEqual(self.looks(), before)

    def test_methods_can_be_pickled(self) -> None:
        """By their names, as any function of a class."""
        with tripwire.strict():
            self.assertIs(pickle.loads(pickle.dumps(Client.get)), Client.get)

    def test_wrong_arguments_raise_what_they_raise(self) -> None:
        """The message is that of the method."""
        wrong: Any = Client
        calls: Tuple[Callable[[], Any], ...] = (
            wrong.get,
            lambda: wrong(SERVER).get(),
            lambda: wrong(SERVER).get("k", 1, 2),
            lambda: wrong(SERVER).set("k", value=1, key="k"),
        )
        for call in calls:
            with self.assertRaises(TypeError) as real:
                call()
            raised = self.assertRaises(TypeError)
            with tripwire.strict() as verifier, verifier.sandbox(), raised as ours:
                call()
            self.assertEqual(str(ours.exception), str(real.exception))

    def test_client_that_is_given_by_name_reaches_nothing(self) -> None:
        """`Client.get(self=client, key="k")` is a call like any."""
        verifier = StrictVerifier()
        MemcachePlugin(verifier)
        with verifier.sandbox(), self.assertRaises(tripwire.UnmockedInteractionError):
            Client.get(self=Client(SERVER), key="k")


def take_off(name: str, kind: type) -> None:
    """Take a wrapper off as OpenTelemetry does: what says that it is one, and what it wraps."""
    found = getattr(Client, name)
    assert isinstance(found, kind)
    setattr(Client, name, vars(Client)[name].__wrapped__)


class Proxy(Wrapper):
    """A wrapper that says what it is."""

    __class__: Any = property(lambda self: Proxy)


class WrappingTest(unittest.TestCase):
    """A wrapper that is put on, and what becomes of it."""

    def setUp(self) -> None:
        """See that the class is as it was in the end."""
        self.seen: List[Any] = []
        self.client: Any = Client(SERVER)
        self.original = vars(Client)["get"]
        self.addCleanup(setattr, Client, "get", self.original)

    def instrument(self, kind: Callable[[Any, List[Any]], Any]) -> Any:
        """Wrap `get` unless it is wrapped already, as OpenTelemetry's instrumentors do."""
        found = vars(Client)["get"]
        self.assertFalse(hasattr(found, "__wrapped__"))
        wrapper = kind(found, self.seen)
        setattr(Client, "get", wrapper)  # noqa: B010  # a checker knows no such assignment
        return wrapper

    def get_in_a_sandbox(self) -> None:
        """One call that is answered, once."""
        with tripwire.strict() as verifier:
            tripwire.memcache.expect("GET", key="k", returns=b"mocked")
            with verifier.sandbox():
                self.assertEqual(self.client.get("k"), b"mocked")

    def get_for_real(self) -> None:
        """One call over a connection."""
        self.client.sock = Answering(b"VALUE k 0 1\r\nv\r\nEND\r\n")
        self.assertEqual(self.client.get("k"), b"v")

    def seen_now(self) -> int:
        """How many calls the wrapper has seen since it was asked last; each with its client."""
        calls, self.seen[:] = list(self.seen), []
        self.assertEqual(calls, [(self.client, ("k",), {})] * len(calls))
        return len(calls)

    def test_wrapper_from_before(self) -> None:
        """It sees each call once, and is found on the class afterwards."""
        for name, kind in KINDS.items():
            with self.subTest(name):
                wrapper = self.instrument(kind)
                self.get_in_a_sandbox()
                self.assertEqual(self.seen_now(), 1)
                self.assertIs(vars(Client)["get"], wrapper)
                self.get_for_real()
                self.assertEqual(self.seen_now(), 1)
                setattr(Client, "get", self.original)  # noqa: B010  # as above

    def test_wrapper_from_inside_stays_on(self) -> None:
        """It sees calls inside, outside, and in the sandboxes that follow, each once."""
        for name, kind in KINDS.items():
            with self.subTest(name):
                with tripwire.strict() as verifier:
                    wrapper = self.instrument(kind)
                    tripwire.memcache.expect("GET", key="k", returns=b"mocked", times=2)
                    with verifier.sandbox():
                        self.assertEqual(self.client.get("k"), b"mocked")
                        self.assertEqual(self.seen_now(), 1)
                        self.assertEqual(self.client.get("k"), b"mocked")
                        self.assertEqual(self.seen_now(), 1)
                self.assertIs(vars(Client)["get"], wrapper)
                self.get_for_real()
                self.assertEqual(self.seen_now(), 1)
                for _ in range(2):
                    self.get_in_a_sandbox()
                    self.assertEqual(self.seen_now(), 1)
                    self.assertIs(vars(Client)["get"], wrapper)
                setattr(Client, "get", self.original)  # noqa: B010  # as above

    def test_wrapper_from_inside_is_taken_off_later(self) -> None:
        """In the same test, after it, or in the next one: then the method is left."""
        with tripwire.strict():
            wrapper = self.instrument(decorator)
            setattr(Client, "get", wrapper.__wrapped__)  # noqa: B010  # as above
        self.assertIs(vars(Client)["get"], self.original)
        with tripwire.strict():
            wrapper = self.instrument(decorator)
        with tripwire.strict():
            setattr(Client, "get", wrapper.__wrapped__)  # noqa: B010  # as above
        self.assertIs(vars(Client)["get"], self.original)
        with tripwire.strict():
            wrapper = self.instrument(decorator)
        setattr(Client, "get", wrapper.__wrapped__)  # noqa: B010  # as above
        self.get_for_real()
        self.get_in_a_sandbox()
        self.assertEqual(self.seen, [])

    def test_wrapper_that_is_taken_off_elsewhere_than_it_was_put_on(self) -> None:
        """Before, inside and after a sandbox: from then on it is gone, and the class as it was."""
        for (made, kind), at in itertools.product(
            ((Proxy, Proxy), (decorator, types.FunctionType)), itertools.combinations(range(5), 2)
        ):
            now = vars(Client)
            steps: List[Callable[[], Any]] = [
                lambda: setattr(Client, "get", made(now["get"], self.seen)),  # noqa: B023  # as below
                lambda: take_off("get", kind),  # noqa: B023  # of this very turn
            ]
            with self.subTest(made=made, at=at):
                self.check_steps(dict(zip(at, steps)))

    def test_wrapper_from_before_answers_as_itself(self) -> None:
        """Called on the class, and asked for what it has; one that has no wrapped function, too."""
        setattr(Client, "get", Proxy(self.original, self.seen))  # noqa: B010  # as above
        found: Any = vars(Client)["get"]
        found.version = 7
        with tripwire.strict() as verifier, verifier.sandbox():
            tripwire.memcache.expect("GET", key="k", returns=b"mocked")
            method: Any = vars(Client)["get"]
            self.assertEqual((method.version, method.__name__), (7, "get"))
            self.assertEqual(method(self.client, "k"), b"mocked")
        self.assertEqual(len(self.seen), 1)

    def check_steps(self, steps: Dict[int, Callable[[], Any]]) -> None:
        """Do something before, between and after two calls in two sandboxes; see who saw what."""
        moment = iter(range(5))

        def step() -> None:
            steps.get(next(moment), int)()
            self.seen.clear()

        def fetch() -> None:
            tripwire.memcache.expect("GET", key="k", returns=b"mocked")
            self.assertEqual(self.client.get("k"), b"mocked")
            on, off = sorted(steps)
            self.assertEqual(len(self.seen), on <= now[0] < off)

        now = [0]
        step()
        for _ in range(2):
            with tripwire.strict() as verifier, verifier.sandbox():
                fetch()
                now[0] += 1
                step()
                fetch()
            now[0] += 1
            step()
        self.assertIs(vars(Client)["get"], self.original)
        self.get_for_real()
        self.assertEqual(self.seen, [])

    def test_wrapper_that_repeats_sends_each_time(self) -> None:
        """Each attempt takes a mock and is an interaction; one from before, and one from inside."""

        def retrying(wrapped: Any, seen: List[Any]) -> Any:
            @functools.wraps(wrapped)
            def retry(client: Any, *args: Any) -> Any:
                try:
                    return wrapped(client, *args)
                except ConnectionError:
                    return wrapped(client, *args)

            return retry

        with tripwire.strict():
            self.instrument(retrying)
        with tripwire.strict() as verifier:
            tripwire.memcache.expect("GET", key="k", raises=ConnectionResetError)
            tripwire.memcache.expect("GET", key="k", returns=b"second")
            with verifier.sandbox():
                self.assertEqual(self.client.get("k"), b"second")
            self.assertEqual(len(verifier.interactions), 2)

    def test_serializer_that_calls_the_same_command_is_no_wrapper(self) -> None:
        """It makes a call of its own, under a wrapper, too."""
        self.addCleanup(setattr, Client, "set", vars(Client)["set"])
        with tripwire.strict():
            setattr(Client, "set", plain(vars(Client)["set"], self.seen))  # noqa: B010  # as above

        class Nosy:
            def serialize(self, key: Any, value: Any) -> Tuple[bytes, int]:
                if key == b"outer":
                    client.set("inner", b"1", noreply=False)
                return value, 0

        client = Client(SERVER, serde=Nosy())
        with tripwire.strict() as verifier:
            tripwire.memcache.expect("SET", key="inner", value=b"1", returns=False)
            tripwire.memcache.expect("SET", key="outer", value=b"2", returns=True)
            with verifier.sandbox():
                self.assertTrue(client.set("outer", b"2", noreply=False))

    def test_patch_that_is_left_stays_on(self) -> None:
        """Whatever it is: a mock that is started inside and stopped much later."""
        patch = mock.patch.object(Client, "get", return_value=b"patched")
        with tripwire.strict():
            patch.start()
        self.assertEqual(self.client.get("k"), b"patched")
        self.get_for_nobody()
        patch.stop()
        self.get_for_real()
        self.get_in_a_sandbox()

    def get_for_nobody(self) -> None:
        """In a sandbox it is the mock that answers."""
        with tripwire.strict() as verifier, verifier.sandbox():
            self.assertEqual(self.client.get("k"), b"patched")

    @needs_sockets
    def test_socket_that_others_put_on_stays_on(self) -> None:
        """Also where nothing was before."""
        patch = mock.patch.object(Client, "sock", None)
        with tripwire.strict():
            patch.start()
        self.assertIsNone(vars(Client)["sock"])
        patch.stop()
        ours, theirs = socket.socketpair()
        with ours, theirs:
            self.client.sock = ours
            self.assertIs(self.client.sock, ours)
            self.get_in_a_sandbox()
            self.assertIs(self.client.sock, ours)
        # It had put back ours, which has gone with the next sandbox.
        self.assertNotIn("sock", vars(Client))
