"""More handlers that name a violation; see `forms`."""

from __future__ import annotations

from typing import Dict

NAMING_MORE: Dict[str, str] = {
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
