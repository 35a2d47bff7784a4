"""Handlers that catch a violation and do not name it; see `forms`."""

from __future__ import annotations

from typing import Dict

FORMS: Dict[str, str] = {
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
    "handler that raises again, or leaves the loop around it": """
        for _ in range(1):
            try:
                fetch()
            except Exception:
                if self is not None:
                    break
                raise
    """,
    "handler that leaves the loop around it, in the else of its own": """
        for _ in range(1):
            try:
                fetch()
            except Exception:
                for _ in ():
                    break
                else:
                    continue
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
