"""What of an exception can be seen: what is printed with it, and where it has been."""

from __future__ import annotations

from types import FrameType
from typing import Collection, Iterable, Iterator, List, Optional, Set
from unittest import SkipTest


def visible(top: BaseException) -> Iterator[BaseException]:
    """An exception and all that its printed traceback shows: causes, contexts, group members."""
    seen: Set[int] = set()
    waiting: List[Optional[BaseException]] = [top]
    while waiting:
        error = waiting.pop()
        if error is None or id(error) in seen:
            continue
        seen.add(id(error))
        yield error
        waiting.extend(_inner(error))
        if error.__cause__ is not None or not error.__suppress_context__:
            waiting.append(error.__cause__ or error.__context__)


def cut_links(error: BaseException, others: Collection[BaseException]) -> None:
    """Cut what leads from an exception to others, so that it can become a cause of theirs.

    It was raised while they were handled, so it leads to them; unittest of Python 3.9 would follow
    such a circle for ever.
    """
    known = {id(other) for other in others}
    waiting: List[Optional[BaseException]] = [error]
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in known:
            continue
        known.add(id(each))
        for link in ("__cause__", "__context__"):
            if any(getattr(each, link) is other for other in others):
                set_link(each, link, None)
        waiting += [each.__cause__, each.__context__]


def set_link(error: BaseException, link: str, to: Optional[BaseException]) -> None:
    """Set the `__cause__` or the `__context__` of an exception, whatever its class says to it.

    A frozen dataclass refuses in its `__setattr__`, and a property of the class takes nothing.
    """
    vars(BaseException)[link].__set__(error, to)


def printed(top: BaseException, prints: bool) -> Iterable[BaseException]:
    """The exceptions that unittest shows of one that ended a test.

    Of a skip, and of an expected failure (`prints` is False), that one alone: what is above it is
    not printed.
    """
    return visible(top) if prints and not isinstance(top, SkipTest) else [top]


def members(top: BaseException) -> Iterator[BaseException]:
    """An exception, and what it holds if it is an exception group (PEP 654)."""
    seen: Set[int] = set()
    waiting = [top]
    while waiting:
        error = waiting.pop()
        if id(error) not in seen:
            seen.add(id(error))
            yield error
            waiting.extend(_inner(error))


def _inner(error: BaseException) -> Iterable[BaseException]:
    # An application's own exception may have such an attribute, too, for something else.
    try:
        inner = getattr(error, "exceptions", ())
    except Exception:
        return ()
    held = inner if isinstance(inner, tuple) else ()
    return [each for each in held if isinstance(each, BaseException)]


def frames_of(error: BaseException) -> Iterator[FrameType]:
    """The frames that an exception has ended, or was caught in."""
    entry = error.__traceback__
    while entry is not None:
        yield entry.tb_frame
        entry = entry.tb_next
