"""What a test says about memcached itself: a store, outages, what others do meanwhile."""

from __future__ import annotations

from typing import Any, Callable, ContextManager, Mapping, Optional, Type, Union

from tripwire.plugins._memcache.answers import Answers
from tripwire.plugins._memcache.clock import Clock
from tripwire.plugins._memcache.commands import held_by_clients, installed
from tripwire.plugins._memcache.holding import held, item_of, name_of
from tripwire.plugins._memcache.store import Store

Raises = Union[BaseException, Type[BaseException], None]


class World:
    """The part of `MemcachePlugin` that is about the servers, and not about single calls.

    Attributes: `answers` (who answers the calls of the test, or of the round).
    """

    answers: Answers

    def store(
        self,
        items: Optional[Mapping[Any, Any]] = None,
        *,
        clock: Optional[Callable[[], float]] = None,
        required: bool = True,
        max_item_size: int = 2**20,
    ) -> Store:
        """From now on, have memcached answer what no mock answers: in memory, true to the byte.

        Args:
            items: what is there to begin with: keys, each with bytes, a `str` of ASCII, an `int`
                (its digits), or an `Item`. Each goes to the first server that is asked for it.
            clock: gives the time in seconds since 1970, for the store to follow; `time.time` is
                looked up anew each time. Without one its clock stands until `store.advance`.
            required: whether an item that the test put there, and that no command has named, is
                reported as an unused mock.
            max_item_size: memcached's option -I, in bytes.

        Raises:
            ValueError: this test, or this round, has a store; or no server could hold that.
            TypeError: neither could it hold that, or `clock` cannot be called.
        """
        if type(max_item_size) is not int or max_item_size < 1024:
            raise ValueError(f"max_item_size must be 1024 bytes or more, not {max_item_size!r}")
        seeds = {key: item_of(value) for key, value in (items or {}).items()}
        # All of them before there is a store, so that what is refused leaves none.
        for key, item in seeds.items():
            held(name_of(key), item, max_item_size)
        checked = Clock(clock)
        store = self.answers.open_store(checked, max_item_size, required)
        for key, item in seeds.items():
            store.put_as(key, item, "store")
        return store

    def outage(
        self,
        error: Union[BaseException, Type[BaseException]] = ConnectionRefusedError,
        server: Any = None,
    ) -> ContextManager[None]:
        """Have every command that no mock answers fail meanwhile, in all threads.

        Those calls are interactions that assert themselves.

        Args:
            error: the exception that happens on the wire, or a class of one.
            server: the address of the one server that is out; None for all of them.

        Raises `TypeError` where `error` is no exception, or cannot be built without arguments.
        """
        made = exception_of(error)
        again = error if isinstance(error, type) else lambda: made.with_traceback(None)
        address = held_by_clients(server) if type(server) is str else server
        return self.answers.outages.during(again, address)

    def meanwhile(self, command: str, function: Callable[[], Any], **fields: Any) -> None:
        """Have a function run before the next such command that the store answers, once.

        It stands for another process that was faster, so it runs off the record, with a client of
        its own. If it is never run, it is an unused mock.

        Args:
            command: the command's name, such as `"CAS"`, in any case.
            function: called without arguments. What it raises is a violation, a `MeanwhileError`.
            **fields: values that the call's fields must equal, as for `mock_command`.

        Raises:
            ValueError: no such command, or there is no store.
            TypeError: `function` cannot be called, or the command has no such field.
        """
        found = installed().named(command)
        if not callable(function):
            raise TypeError(f"meanwhile takes a function, not {function!r}")
        found.check_fields(fields)
        self.answers.before(found, function, fields)


def exception_of(raises: Any) -> BaseException:
    """An exception, or one of a class. `TypeError` where it is neither, or cannot be built."""
    if isinstance(raises, BaseException):
        return raises
    if not (isinstance(raises, type) and issubclass(raises, BaseException)):
        raise TypeError(f"raises must be an exception or a class of one, not {raises!r}")
    try:
        built = raises()
    except Exception as error:
        raise TypeError(
            f"raises={raises.__name__} cannot be built without arguments ({error}); "
            f"give an instance: raises={raises.__name__}(...)"
        ) from error
    if not isinstance(built, BaseException):
        raise TypeError(f"raises={raises.__name__} builds {built!r}, which is no exception")
    return built
