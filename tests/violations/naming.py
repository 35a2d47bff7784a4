"""Handlers that name a violation, each as the body of a function; see `forms`."""

from __future__ import annotations

from typing import Dict

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
    "outer try, inner that leaves a loop of its own and raises again": """
        try:
            try:
                fetch()
            except Exception:
                for each in range(3):
                    if each:
                        break
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
}
