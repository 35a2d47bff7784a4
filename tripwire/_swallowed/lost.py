"""Whether a violation ended the frame that its traceback begins at, as far as bytecode can tell."""

from __future__ import annotations

import inspect
from opcode import opmap
from types import CodeType, TracebackType
from typing import Container, Optional


def is_lost(head: Optional[TracebackType], failed: Container[int]) -> bool:
    """Whether nobody caught an exception: the frame at the head of its traceback ended with it.

    A frame that caught an exception has gone on since, if only to fail with another one; a frame
    that was ended has not. `failed` are the ids of the frames that what the test failed with went
    through: these have gone on, and a loop may have brought them back to the same instruction.

    - `except_it: try: get() / except Exception: return`: it went on, from `get()` to `return`.
      Caught.
    - `async def a(): get()`, in a task that nobody awaits: it stands at `get()`. Lost.
    - `async def b(): try: get() / finally: await close()`: it went on to close, and then raised
      again what it had (`RERAISE`), and so does a `with`. Lost.
    - `async def c(): try: get() / except Exception: raise`: likewise (`RAISE_VARARGS 0`, a `raise`
      without an exception). Lost.
    - `def d(): try: get() / except A: ... / try: x() / except B: raise`: it ended by a `raise`,
      too, but of *another* exception. One that nobody catches in a plain function goes on to the
      caller, and its traceback begins there; this one begins in `d`. Caught.
    """
    if head is None or id(head.tb_frame) in failed:
        return False
    code, last = head.tb_frame.f_code, head.tb_frame.f_lasti
    return last == head.tb_lasti or (is_coroutine(code) and _raises_again(code, last))


def is_coroutine(code: CodeType) -> bool:
    """Whether it is the code of an `async def`, which a task runs."""
    return bool(code.co_flags & (inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR))


def _raises_again(code: CodeType, at: int) -> bool:
    return code.co_code[at] == _RERAISE or code.co_code[at : at + 2] == _RAISE


_RERAISE = opmap["RERAISE"]
_RAISE = bytes([opmap["RAISE_VARARGS"], 0])
