"""What a test says about memcached itself: a store, outages, what others do meanwhile."""

from __future__ import annotations

from typing import Any, Callable, ContextManager, Iterable, Mapping, Optional, Type, Union

from tripwire._callsite import registered
from tripwire._plain import check_plain
from tripwire._sweeps.judge import AnyOf
from tripwire._verifier import StrictVerifier
from tripwire.plugins._memcache.answers import Answers
from tripwire.plugins._memcache.commands import address_of, installed
from tripwire.plugins._memcache.rounds import orders, sweeping
from tripwire.plugins._memcache.rounds.faults import FAULTS
from tripwire.plugins._memcache.store.clock import Clock
from tripwire.plugins._memcache.store.holding import held, items_of, name_of
from tripwire.plugins._memcache.store.store import Store

Raises = Union[BaseException, Type[BaseException], None]


class World:
    """The part of `MemcachePlugin` that is about the servers, and not about single calls.

    Attributes: `verifier`; `answers` (who answers the calls of the test, or of the round).
    """

    answers: Answers
    verifier: StrictVerifier

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
                (its digits), or an `Item`. Each goes to the first server that is asked for it. What
                a serde writes is put there by a client, in `with store.off_the_record():`.
            clock: gives the time in seconds since 1970, for the store to follow; `time.time` is
                looked up anew each time. Without one its clock stands until `store.advance`.
            required: whether an item that the test put there, and that no command has named, is
                reported as an unused mock.
            max_item_size: memcached's option -I, in bytes.

        Raises:
            ValueError: this test, or this round, has a store; or no server could hold that.
            TypeError: neither could it hold that, or `items` is no dict of keys and values, or
                `clock` cannot be called, or gives no number.
        """
        if type(max_item_size) is not int or max_item_size < 1024:
            raise ValueError(f"max_item_size must be 1024 bytes or more, not {max_item_size!r}")
        seeds = items_of({} if items is None else items)
        # All items are checked before there is a store: a refused one leaves none behind.
        for key, item in seeds.items():
            held(name_of(key), item, max_item_size)
        store = self.answers.open_store(Clock(clock), max_item_size, required)
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
            error: the exception that happens on the wire, or a class of one. Of a class each call
                gets a new one, whose text names the call unless the class has a constructor of its
                own.
            server: the address of the one server that is out; None for all of them.

        Raises:
            TypeError: `error` is no exception, or cannot be built without arguments; or `server` is
                no address.
        """
        exception_of(error, "error")
        address = None if server is None else address_of(server)
        return self.answers.outages.during(error, address, registered())

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
            TypeError: `function` cannot be called, or is a coroutine function, or the command has
                no such field.
        """
        found = installed().named(command)
        check_plain("meanwhile takes", function)
        found.check_fields(fields)
        self.answers.meanwhile(found, function, fields)

    def sweep(
        self,
        scenario: Callable[[], Any],
        *,
        faults: Iterable[str] = FAULTS,
        raises: AnyOf = (),
        only: Optional[str] = None,
        persistent: bool = False,
        stale: bool = True,
        limit: int = 1000,
    ) -> None:
        """Run a scenario again for each of its commands and each fault that can befall it.

        Each run is a round: a strict test in small, in a sandbox, with queues, a store and a time
        of its own; interactions need no assertion there, and mocks need not be used. Two rounds
        without a fault come first. A round goes wrong if the scenario raises anything, returns
        something else than without a fault (where both of these returned the same), or swallows a
        violation. In a round the clocks of `time` and `time.sleep` go by the store's clock, so that
        waiting takes no real time; `asyncio.sleep` does.

        Args:
            scenario: called without arguments: it makes a store, acts, asserts, and may return
                something.
            faults: which of `tripwire.FAULTS` are tried: `"down"` (the server cannot be reached),
                `"request lost"` and `"answer lost"` (a timeout, before or after the server did its
                work), `"answer cut"` (the connection ends within the answer), `"server error"` (it
                is out of memory), `"evicted"` (an item is gone before the command).
            raises: an exception class, or several, that may come out where there is a fault. They
                allow no violation, and a failed assertion only where `AssertionError` is named.
            only: run one of these rounds alone, as a report names it: `"2 answer lost"`.
            persistent: whether a fault lasts, on its server, from its command on.
            stale: whether a round may end with an item that is neither as it is without a fault
                nor gone: its value and flags, on its server.
            limit: how many rounds with a fault there may be.

        Raises:
            SweepError: rounds went wrong; each of them is in its `failures`.
            IncompleteError: there are more rounds than the limit.
            NotDeterministicError: rounds do not begin with the same commands.
            ScenarioError: the scenario meets no command, or is part of another one.
            ValueError, TypeError: no such fault, an `only` that does not come to pass, and the
                like. What the scenario raises without a fault is raised as it is.
        """
        sweeping.sweep(
            self,
            scenario,
            faults=faults,
            raises=raises,
            only=only,
            persistent=persistent,
            stale=stale,
            limit=limit,
        )

    def interleave(
        self,
        scenario: Callable[..., Any],
        *,
        only: Optional[str] = None,
        preemptions: Optional[int] = None,
        limit: int = 10_000,
    ) -> None:
        """Run a scenario once for each order of its workers' commands that can make a difference.

        Each run has a store, mocks, a timeline and a clock of its own; nothing of it is left in the
        test around it. Workers run in threads, one at a time, each in a copy of the context. Time
        passes only when all of them wait.

        Args:
            scenario: a function that takes `together`. It arranges (`store()`), calls
                `together(*workers)` once, which runs the functions side by side and gives a list
                of their results, and asserts.
            only: run this order alone: `"aAbBBA"`, as a report gives it.
            preemptions: try the orders with at most so many interruptions of workers, no others.
            limit: how many rounds may be run.

        Raises:
            InterleavingError: an order fails, the one with the fewest interruptions; a
                `DeadlockError` or a `LivelockError` where it has no end.
            IncompleteError: the limit was reached, or workers waited for something real.
            NotDeterministicError: the same order did not lead to the same steps.
            ScenarioError: no store, or one with a `clock=`; `together` was not called once; a
                command came from a thread that is no worker's.
            TypeError, ValueError: an argument is not as described, or `only` does not come to pass.
        """
        orders.interleave(self, scenario, only, preemptions, limit)


def exception_of(raises: Any, name: str = "raises") -> BaseException:
    """An exception, or one of a class. `TypeError` where it is neither, or cannot be built.

    `name` is what the argument is called.
    """
    if isinstance(raises, BaseException):
        return raises
    if not (isinstance(raises, type) and issubclass(raises, BaseException)):
        raise TypeError(f"{name} must be an exception or a class of one, not {raises!r}")
    try:
        built = raises()
    except Exception as error:
        raise TypeError(
            f"{name}={raises.__name__} cannot be built without arguments ({error}); "
            f"give an instance: {name}={raises.__name__}(...)"
        ) from error
    if not isinstance(built, BaseException):
        raise TypeError(f"{name}={raises.__name__} builds {built!r}, which is no exception")
    return built
