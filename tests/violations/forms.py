"""Forms of handlers: the same catch in as many ways of writing it as there are.

Each text is the body of a function that knows `self` (a test case), `fetch` (which violates) and
`X` (the class that is named).
"""

from __future__ import annotations

import sys
import textwrap
from typing import Dict, Tuple

IMPORTS = """
import asyncio, contextlib, functools, threading
from contextlib import AsyncExitStack, ExitStack, contextmanager, suppress
"""

NAMING: Dict[str, str] = {
    "try": """
        try:
            fetch()
        except X:
            pass
    """,
    "try on one line": """
        try: fetch()
        except X: pass
    """,
    "try with a name": """
        try:
            fetch()
        except X as error:
            str(error)
    """,
    "try with a tuple": """
        try:
            fetch()
        except (KeyError, X, ValueError):
            pass
    """,
    "try with a tuple in a name": """
        errors = (KeyError, X)
        try:
            fetch()
        except errors:
            pass
    """,
    "try with a starred tuple": """
        errors = (KeyError, X)
        try:
            fetch()
        except (*errors, LookupError):
            pass
    """,
    "try with an attribute": """
        class errors:
            mine = X
        try:
            fetch()
        except errors.mine:
            pass
    """,
    "try with else and finally": """
        try:
            fetch()
        except X:
            pass
        else:
            raise ValueError
        finally:
            str()
    """,
    "second clause": """
        try:
            fetch()
        except (KeyError, OSError):
            pass
        except X:
            pass
        except BaseException:
            pass
    """,
    "handler that returns": """
        try:
            return fetch()
        except X:
            return None
    """,
    "handler that translates": """
        try:
            try:
                fetch()
            except X as error:
                raise LookupError from error
        except LookupError:
            pass
    """,
    "outer try, inner that does not match": """
        try:
            try:
                fetch()
            except KeyError:
                pass
        except X:
            pass
    """,
    "outer try, inner that raises again": """
        try:
            try:
                fetch()
            except Exception:
                str()
                raise
        except X:
            pass
    """,
    "outer try, inner that raises again either way": """
        try:
            try:
                fetch()
            except Exception as error:
                if str(error):
                    raise
                else:
                    raise
        except X:
            pass
    """,
    "outer try, inner that raises its name again": """
        try:
            try:
                fetch()
            except Exception as error:
                raise error
        except X:
            pass
    """,
    "inner try, outer of everything": """
        try:
            try:
                fetch()
            except X:
                pass
        except Exception:
            pass
    """,
    "outer try with a finally in between": """
        try:
            try:
                fetch()
            finally:
                for each in "ab":
                    break
        except X:
            pass
    """,
    "outer try with a function in a finally": """
        try:
            try:
                fetch()
            finally:
                def later():
                    return 1
        except X:
            pass
    """,
    "raised in a handler": """
        try:
            try:
                raise KeyError
            except Exception:
                fetch()
        except X:
            pass
    """,
    "raised in an else": """
        try:
            try:
                str()
            except Exception:
                raise ValueError
            else:
                fetch()
        except X:
            pass
    """,
    "raised in a finally": """
        try:
            try:
                str()
            except Exception:
                raise ValueError
            finally:
                fetch()
        except X:
            pass
    """,
    "loops": """
        for each in "ab":
            while True:
                try:
                    fetch()
                except X:
                    break
    """,
    "branches": """
        if self is None:
            pass
        elif self:
            try:
                fetch()
            except X:
                pass
    """,
    "call over several lines": """
        try:
            str(
                "a",
                fetch(
                    "k"
                ),
            )
        except (
            KeyError,
            X,
        ):
            pass
    """,
    "decorator inside": """
        try:
            @functools.partial(lambda function: fetch())
            def decorated():
                try:
                    pass
                except Exception:
                    pass
        except X:
            pass
    """,
    "decorated function": """
        @functools.lru_cache()
        @functools.lru_cache(
            maxsize=1,
        )
        def decorated():
            try:
                fetch()
            except X:
                pass
        decorated()
    """,
    "class body": """
        class Inner:
            try:
                fetch()
            except X:
                pass
    """,
    "method of a nested class": """
        class Inner:
            def get(self):
                try:
                    fetch()
                except X:
                    pass
        Inner().get()
    """,
    "lambda inside": """
        call = lambda: fetch()
        try:
            call()
        except X:
            pass
    """,
    "comprehension inside": """
        try:
            [fetch() for each in "ab"]
        except X:
            pass
    """,
    "generator": """
        def keys():
            try:
                yield fetch()
            except X:
                yield None
        list(keys())
    """,
    "generator into which it is thrown": """
        def keys():
            try:
                yield
            except X:
                yield None
        generator = keys()
        next(generator)
        try:
            fetch()
        except X as error:
            generator.throw(error)
    """,
    "thread body": """
        def work():
            try:
                fetch()
            except X:
                pass
        worker = threading.Thread(target=work)
        worker.start()
        worker.join()
    """,
    "coroutine": """
        async def work():
            try:
                fetch()
            except X:
                pass
        asyncio.run(work())
    """,
    "awaited coroutine": """
        async def work():
            await asyncio.sleep(0)
            fetch()
        async def main():
            try:
                await work()
            except X:
                pass
        asyncio.run(main())
    """,
    "awaited task": """
        async def work():
            fetch()
        async def main():
            try:
                await asyncio.ensure_future(work())
            except X:
                pass
            await asyncio.sleep(0)
        asyncio.run(main())
    """,
    "coroutine that ends by another exception": """
        async def main():
            try:
                fetch()
            except X:
                pass
            try:
                raise KeyError
            finally:
                await asyncio.sleep(0)
        with suppress(KeyError):
            asyncio.run(main())
    """,
    "coroutine that is cancelled later": """
        async def work():
            try:
                fetch()
            except X:
                pass
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                raise
        async def main():
            task = asyncio.ensure_future(work())
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
        asyncio.run(main())
    """,
    "async with": """
        class manager:
            async def __aenter__(self): pass
            async def __aexit__(self, *about): pass
        async def main():
            try:
                async with manager():
                    async for each in each_of():
                        fetch()
            except X:
                pass
        async def each_of():
            yield 1
        asyncio.run(main())
    """,
    "suppress": """
        with suppress(X):
            fetch()
    """,
    "suppress on one line": """
        with suppress(X): fetch()
    """,
    "suppress of several": """
        with suppress(KeyError, X):
            fetch()
    """,
    "suppress of a starred tuple": """
        errors = (KeyError, X)
        with suppress(*errors):
            fetch()
    """,
    "suppress by its module": """
        with contextlib.suppress(X):
            fetch()
    """,
    "suppress of a branch": """
        with suppress(X) if self else contextlib.nullcontext():
            fetch()
    """,
    "suppress in a name": """
        ignoring = suppress(X)
        with ignoring:
            fetch()
    """,
    "suppress before another": """
        with suppress(X), contextlib.nullcontext():
            fetch()
    """,
    "suppress after another": """
        with contextlib.nullcontext(), suppress(X):
            fetch()
    """,
    "suppress outside of one that does not match": """
        with suppress(X):
            with suppress(KeyError):
                fetch()
    """,
    "suppress over several lines": """
        with suppress(
            KeyError,
            X,
        ):
            fetch(
                "k"
            )
    """,
    "raised by the next item": """
        with suppress(X), contextlib.nullcontext(
            fetch()
        ):
            raise ValueError
    """,
    "raised when entered": """
        class Session:
            def __enter__(self): fetch()
            def __exit__(self, *about): pass
        with suppress(X), Session():
            raise ValueError
    """,
    "raised when left": """
        class Session:
            def __enter__(self): pass
            def __exit__(self, *about): fetch()
        with suppress(X):
            with Session():
                pass
    """,
    "exit stack": """
        with ExitStack() as stack:
            stack.enter_context(suppress(X))
            fetch()
    """,
    "exit stack that has a name already": """
        stack = ExitStack()
        stack.enter_context(suppress(KeyError))
        stack.push(suppress(X))
        with stack:
            fetch()
    """,
    "async exit stack": """
        async def main():
            async with AsyncExitStack() as stack:
                stack.enter_context(suppress(X))
                fetch()
        asyncio.run(main())
    """,
    "manager that was told the class": """
        class Expecting:
            def __init__(self, kind): self.kind = kind
            def __enter__(self): pass
            def __exit__(self, kind, error, traceback): return isinstance(error, self.kind)
        with Expecting(kind=X):
            fetch()
    """,
    "context manager by contextlib": """
        @contextmanager
        def ignoring():
            try:
                yield
            except X:
                pass
        with ignoring():
            fetch()
    """,
    "context manager by contextlib with an argument": """
        @contextmanager
        def ignoring(*errors):
            with suppress(*errors):
                yield
        with ignoring(X):
            fetch()
    """,
    "context manager as a decorator": """
        @contextmanager
        def ignoring():
            try:
                yield
            except X:
                pass
        ignoring()(fetch)()
    """,
    "manager that lets it pass": """
        @contextmanager
        def passing():
            try:
                yield
            finally:
                str()
        try:
            with passing():
                fetch()
        except X:
            pass
    """,
    "other speakers of exceptions": """
        from unittest import mock
        try:
            with mock.patch.dict({}), mock.patch("sys.argv", side_effect=Exception):
                fetch()
        except X:
            pass
    """,
    "subTest around": """
        with self.subTest(error=Exception):
            try:
                fetch()
            except X:
                pass
    """,
    "assertRaises": """
        with self.assertRaises(X):
            fetch()
    """,
    "assertRaises of several": """
        with self.assertRaises((KeyError, X)):
            fetch()
    """,
    "assertRaises as a call": """
        self.assertRaises(X, fetch)
    """,
    "assertRaises by keyword": """
        with self.assertRaises(expected_exception=X):
            fetch()
    """,
    "assertRaisesRegex": """
        with self.assertRaisesRegex(X, "GET"):
            fetch()
    """,
    "assertRaisesRegex as a call": """
        self.assertRaisesRegex(X, "GET", fetch)
    """,
    "assertRaises in an exit stack": """
        with ExitStack() as stack:
            stack.enter_context(self.assertRaises(X))
            fetch()
    """,
    "assertRaises in a context manager": """
        @contextmanager
        def expecting():
            with self.assertRaises(X):
                yield
        with expecting():
            fetch()
    """,
    "assertRaises of what was kept": """
        async def work():
            fetch()
        async def main():
            return await asyncio.gather(work(), return_exceptions=True)
        (error,) = asyncio.run(main())
        with self.assertRaises(X):
            raise error
    """,
    "assertRaises of a future's": """
        from concurrent.futures import ThreadPoolExecutor
        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(fetch)
        self.assertRaises(X, future.result)
    """,
}
"""Each catches what is named `X`."""

NAMELESS: Dict[str, str] = {
    "bare except": """
        try:
            fetch()
        except:
            pass
    """,
    "bare except after others": """
        try:
            fetch()
        except (KeyError, tripwire.NoActiveVerifierError):
            pass
        except:
            pass
    """,
    "finally that returns": """
        try:
            fetch()
        finally:
            return
    """,
    "finally that returns if": """
        try:
            fetch()
        except KeyError:
            pass
        finally:
            if self:
                return
    """,
    "finally that breaks": """
        for each in "ab":
            try:
                fetch()
            finally:
                break
    """,
    "finally that continues": """
        for each in "ab":
            try:
                fetch()
            finally:
                continue
    """,
    "finally that breaks out of the else of a loop": """
        for each in "ab":
            try:
                fetch()
            finally:
                for other in "":
                    continue
                else:
                    break
    """,
    "handler that names it, around a finally that leaves": """
        for each in "ab":
            try:
                try:
                    fetch()
                finally:
                    break
            except tripwire.UnmockedInteractionError:
                pass
    """,
    "handler that names it, around one that does not": """
        try:
            try:
                fetch()
            except Exception:
                pass
        except tripwire.UnmockedInteractionError:
            pass
    """,
    "handler that names it, beside": """
        try:
            fetch()
        except Exception:
            pass
        try:
            str()
        except tripwire.UnmockedInteractionError:
            pass
    """,
    "handler that names it, after one that does not": """
        try:
            fetch()
        except Exception:
            pass
        except tripwire.UnmockedInteractionError:
            pass
    """,
    "handler that names it, in a nested function": """
        def unused():
            try:
                pass
            except tripwire.UnmockedInteractionError:
                pass
        try:
            fetch()
        except Exception:
            pass
    """,
    "handler that names another of ours": """
        try:
            fetch()
        except (tripwire.SandboxNotActiveError, Exception):
            pass
    """,
    "handler that raises again, or not": """
        try:
            fetch()
        except Exception:
            if self is None:
                raise
    """,
    "handler that translates": """
        try:
            try:
                fetch()
            except Exception as error:
                raise LookupError from error
        except LookupError:
            pass
    """,
    "finally that translates": """
        try:
            try:
                fetch()
            finally:
                raise LookupError
        except LookupError:
            pass
    """,
    "suppress around suppress": """
        with suppress(tripwire.UnmockedInteractionError), suppress(Exception):
            fetch()
    """,
    "manager that swallows": """
        class Quiet:
            def __enter__(self): pass
            def __exit__(self, *about): return True
        with Quiet():
            fetch()
    """,
    "async manager that swallows": """
        class Quiet:
            async def __aenter__(self): pass
            async def __aexit__(self, *about): return True
        async def main():
            async with Quiet():
                fetch()
            await asyncio.sleep(0)
        asyncio.run(main())
    """,
    "manager that swallows as a decorator": """
        class Quiet(contextlib.ContextDecorator):
            def __enter__(self): pass
            def __exit__(self, *about): return True
        Quiet()(fetch)()
    """,
    "exit stack with a callback": """
        with ExitStack() as stack:
            stack.push(lambda *about: True)
            fetch()
    """,
    "gather": """
        async def work():
            fetch()
        async def main():
            await asyncio.gather(work(), return_exceptions=True)
        asyncio.run(main())
    """,
    "exception of a future": """
        from concurrent.futures import ThreadPoolExecutor
        with ThreadPoolExecutor(1) as pool:
            pool.submit(fetch).exception()
    """,
    "finalizer": """
        import gc, sys
        from unittest import mock
        class Session:
            def __del__(self):
                fetch()
        with mock.patch.object(sys, "unraisablehook", str):
            Session()
            gc.collect()
    """,
    "callback": """
        import sys, weakref
        from unittest import mock
        class Session: pass
        with mock.patch.object(sys, "unraisablehook", str):
            session = Session()
            reference = weakref.ref(session, lambda gone: fetch())
            del session
    """,
    "async generator that nobody closes": """
        async def keys():
            try:
                yield 1
            finally:
                fetch()
        async def main():
            asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
            async for each in keys():
                break
            await asyncio.sleep(0)
        asyncio.run(main())
    """,
    "callback of a loop": """
        async def main():
            loop = asyncio.get_running_loop()
            loop.set_exception_handler(lambda loop, context: None)
            loop.call_soon(fetch)
            await asyncio.sleep(0.001)
        asyncio.run(main())
    """,
    "task that nobody awaits": """
        async def work():
            fetch()
        async def main():
            task = asyncio.ensure_future(work())
            await asyncio.wait([task])
            task.exception()
        asyncio.run(main())
    """,
    "thread that dies": """
        from unittest import mock
        with mock.patch.object(threading, "excepthook", str):
            worker = threading.Thread(target=fetch)
            worker.start()
            worker.join()
    """,
}
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
