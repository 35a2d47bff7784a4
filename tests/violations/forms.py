"""Forms of handlers: the same catch in as many ways of writing it as there are.

Each text is the body of a function that knows `self` (a test case), `fetch` (which violates) and
`X` (the class that is named).
"""

from __future__ import annotations

import sys
import textwrap
from typing import Dict, Tuple

from tests.violations.nameless import FORMS
from tests.violations.naming import NAMING as FIRST
from tests.violations.naming_more import NAMING_MORE

IMPORTS = """
import asyncio, contextlib, functools, threading
from contextlib import AsyncExitStack, ExitStack, contextmanager, suppress
"""

NAMING: Dict[str, str] = {**FIRST, **NAMING_MORE}
"""Each catches what is named `X`."""

NAMELESS: Dict[str, str] = dict(FORMS)
"""Each catches everything, and names nothing that it catches."""

SINCE: Dict[Tuple[int, int], Dict[str, Dict[str, str]]] = {
    (3, 10): {
        "naming": {
            "match": """
                match self:
                    case None:
                        pass
                    case _:
                        try:
                            fetch()
                        except X:
                            pass
            """,
            "with in parentheses": """
                with (
                    contextlib.nullcontext() as nothing,
                    suppress(X),
                ):
                    fetch()
            """,
        },
        "nameless": {},
    },
    (3, 11): {
        "naming": {
            "except*": """
                try:
                    fetch()
                except* (KeyError, X):
                    pass
            """,
        },
        "nameless": {
            "except* Exception": """
                try:
                    fetch()
                except* Exception:
                    pass
            """,
            "except of a group": """
                try:
                    async def main():
                        async with asyncio.TaskGroup() as group:
                            group.create_task(work())
                    async def work():
                        fetch()
                    asyncio.run(main())
                except ExceptionGroup:
                    pass
            """,
            "assertRaises of a group": """
                async def main():
                    async with asyncio.TaskGroup() as group:
                        group.create_task(work())
                async def work():
                    fetch()
                with self.assertRaises(ExceptionGroup):
                    asyncio.run(main())
            """,
        },
    },
}
"""Forms that Python has not always had."""

for version, tables in SINCE.items():
    NAMING.update(tables["naming"] if sys.version_info >= version else {})
    NAMELESS.update(tables["nameless"] if sys.version_info >= version else {})


def in_place(form: str, place: str) -> Dict[str, str]:
    """The texts of a test and of its application that have a form in a place."""
    body = textwrap.dedent(form).strip("\n")
    called = f"{IMPORTS}def handle(self, X):\n{textwrap.indent(body, '    ')}\n"
    calls = {
        "test": textwrap.indent(body, " " * 12),
        "nested function": textwrap.indent(
            f"def handle(self, X):\n{textwrap.indent(body, '    ')}\nhandle(self, X)", " " * 12
        ),
        "helper of the test's file": f"{' ' * 12}handle(self, X)",
        "application": f"{' ' * 12}app.handle(self, X)",
    }
    test = f"{IMPORTS}class Test(TripwireTestCase):\n    def test(self):\n        X = %s\n"
    test += f"        with self.sandbox():\n{calls[place]}\n"
    return {"test": f"{called}{test}", "app": called}
