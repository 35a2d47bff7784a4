"""A round has no serde read what it shows; a report does: SPECIFICATION 38, 45."""

from __future__ import annotations

import gc
import weakref
from typing import Any, List, Tuple

from pymemcache.client.base import Client

from tests.orders.cases import OrdersTestCase, client
from tests.support.cases import SERVER
from tripwire import SweepError


class Counting:
    """What it reads says how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def serialize(self, key: Any, value: int) -> Tuple[bytes, int]:
        """Digits, with flags."""
        return b"%d" % value, 1

    def deserialize(self, key: Any, data: bytes, flags: int) -> str:
        """Digits, and a number that goes up."""
        self.asked += 1
        return f"{int(data)}, read {self.asked}"


class SerdesTest(OrdersTestCase):
    """One that counts its calls counts those of its client."""

    def test_in_every_order(self) -> None:
        """Each worker sees what it sees without a report; that one asks once it is over."""
        read: List[Any] = []
        clients: List[Any] = []

        def worker() -> None:
            cache = client(serde=Counting())
            clients.append(weakref.ref(cache))
            cache.set_many({"n": 7, "m": 8})
            read.append([cache.get("n"), cache.get_many(["n", "m"])])

        def scenario(together: Any) -> None:
            self.memcache.store()
            together(worker, worker)

        expected = ["7, read 1", {"n": "7, read 2", "m": "8, read 3"}]
        self.memcache.interleave(scenario, only="aAAAAAbBBBBB")
        self.assertEqual(read, [expected, expected])
        gc.collect()
        self.assertEqual([each() for each in clients], [None, None])
        del read[:]
        steps = self.steps(worker)
        self.assertEqual(read, [expected])
        self.assertEqual(
            steps,
            [
                "SET_MANY 'n' '7, read 4': STORED",
                "SET_MANY 'm' '8, read 5': STORED",
                "GET 'n': '7, read 1'",
                "GET_MANY 'n': '7, read 6'",
                "GET_MANY 'm': '8, read 7'",
            ],
        )

    def test_a_repetition_is_known_without_it(self) -> None:
        """Whoever reads the same line again and again gives way to the one it waits for."""

        def waits() -> None:
            cache = client(serde=Counting())
            while len(cache.get_many(["n", "m"])) < 2:
                pass

        def scenario(together: Any) -> None:
            self.memcache.store({"n": "1"})
            client(serde=Counting()).set("n", 1)
            together(waits, lambda: client(serde=Counting()).set("m", 2))

        self.memcache.interleave(scenario, preemptions=0)

    def test_a_repetition_is_known_by_what_the_server_says(self) -> None:
        """What is read may look different each time: an object has a new address."""
        fresh: List[Any] = []

        def waits() -> None:
            cache = client(serde=Counting())
            while cache.get("flag") is None:
                fresh.append(cache.get("n"))

        def scenario(together: Any) -> None:
            self.memcache.store()
            client(serde=Counting()).set("n", 1)
            together(waits, lambda: client().set("flag", 1))

        self.memcache.interleave(scenario, preemptions=0)
        self.assertEqual(fresh[:2], ["1, read 1", "1, read 2"])

    def test_rounds_that_have_passed_keep_no_values(self) -> None:
        """A search may have thousands of them."""
        serdes: List[Any] = []
        alive: List[int] = []

        def worker() -> None:
            serde = Counting()
            serdes.append(weakref.ref(serde))
            cache = client(serde=serde)
            cache.set("n", 7)
            cache.get_many(["n", "m"])

        def scenario(together: Any) -> None:
            gc.collect()
            alive.append(sum(each() is not None for each in serdes))
            self.memcache.store()
            together(worker, worker)

        self.memcache.interleave(scenario, preemptions=1)
        self.assertLessEqual(max(alive), 4)

    def test_in_a_sweep(self) -> None:
        """The label of a command that sets something is read where its table is written."""
        serdes: List[Counting] = []

        def scenario() -> None:
            self.memcache.store()
            serdes.append(Counting())
            Client(SERVER, serde=serdes[-1]).set("n", 7, noreply=False)

        with self.assertRaises(SweepError) as caught:
            self.memcache.sweep(scenario)
        self.assertIn("SET 'n' '7, read 1'", str(caught.exception))
        self.assertEqual([serde.asked for serde in serdes[1:]], [0] * (len(serdes) - 1))
