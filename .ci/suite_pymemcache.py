"""Runs pymemcache's integration tests, which are written for another runner, with unittest.

What they ask of that runner is little: parameters, a mark, and `raises`. A module that gives them
stands in for it here.
"""

from __future__ import annotations

import inspect
import itertools
import runpy
import socket
import sys
import types
import unittest
from typing import Any, Callable, Dict, Iterator, List, Sequence, Tuple

import suite_world
from pymemcache.client.base import Client, PooledClient
from pymemcache.client.hash import HashClient

Test = Callable[..., None]
Parameters = Dict[str, Any]


class HashClientSingle(HashClient):  # type: ignore[misc]  # pymemcache ships no types
    """As in their `conftest.py`."""

    def __init__(self, server: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__([server], *args, **kwargs)


HOST, PORT = suite_world.address()

FIXTURES: Dict[str, Sequence[Any]] = {
    "client_class": [Client, PooledClient, HashClientSingle],
    "host": [HOST],
    "port": [PORT],
    "key_prefix": [b"", b"prefix"],
    "socket_module": [socket],
    "tls_host": [HOST],
    "tls_port": [PORT],
    "tls_context": [None],
}
"""As in their `conftest.py`."""


def parametrize(names: str, values: Sequence[Any]) -> Callable[[Test], Test]:
    """Note with which parameters a test is to run."""

    def mark(test: Test) -> Test:
        words = names.split(",")
        rows = values if len(words) > 1 else [(value,) for value in values]
        vars(test)["parameters"] = [dict(zip(words, row)) for row in rows]
        return test

    return mark


def stand_in() -> types.ModuleType:
    """What stands for the runner that they are written for."""
    runner = types.ModuleType("pytest")
    mark = types.SimpleNamespace(
        integration=lambda: lambda test: test,
        parametrize=parametrize,
        skip=unittest.skip,
    )
    vars(runner).update(mark=mark, raises=unittest.TestCase().assertRaises)
    return runner


def runs(test: Test) -> Iterator[Parameters]:
    """The parameters of each run of a test."""
    given: List[Parameters] = vars(test).get("parameters", [{}])
    names = list(inspect.signature(test).parameters)
    asked = [name for name in names if name not in given[0]]
    for parameters in given:
        for values in itertools.product(*(FIXTURES[name] for name in asked)):
            yield {**parameters, **dict(zip(asked, values))}


def methods(path: str) -> Iterator[Tuple[str, Test]]:
    """A method for each run of each test of a file."""
    sys.modules["pytest"] = stand_in()
    for name, test in runpy.run_path(path).items():
        if name.startswith("test_") and name not in suite_world.LEFT_OUT:
            for number, parameters in enumerate(runs(test)):
                yield f"{name}_{number}", method(test, parameters)


def method(test: Test, parameters: Parameters) -> Test:
    """A method that runs a test in a world of its own."""

    def run(case: unittest.TestCase) -> None:
        with suite_world.begin():
            test(**parameters)

    return run


def main() -> int:
    """Run the tests of the file that is named."""
    case = type("Integration", (unittest.TestCase,), dict(methods(sys.argv[1])))
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(case)
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
