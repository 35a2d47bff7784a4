"""What our faults do to a `HashClient` is undone, because it may outlive the test.

A `HashClient` leaves out a node whose connection failed, for a second or a minute of real time
(`HashClient._safely_run_func`). Django shares one for a whole thread, so a fault that one test
mocks would make the next tests miss.
"""

from __future__ import annotations

import copy
from types import FrameType
from typing import Any, Dict, List, NamedTuple, Optional

from tripwire._callsite import stack


class _Noted(NamedTuple):
    """A client, and what it thought of its nodes before a fault reached it."""

    client: Any
    clients: Dict[Any, Any]
    failed: Dict[Any, Any]
    dead: Dict[Any, Any]
    checked: float
    in_use: Optional[List[Any]]


class Nodes:
    """The clients that a fault of ours has reached, as they were before."""

    def __init__(self) -> None:
        self._noted: Dict[int, _Noted] = {}

    def note(self, frame: Optional[FrameType]) -> None:
        """Before a fault is raised: note every `HashClient` among the callers of a frame."""
        from pymemcache.client.hash import HashClient

        for caller in stack(frame):
            # The first argument is what a method is called on.
            names = caller.f_code.co_varnames
            client = caller.f_locals.get(names[0]) if caller.f_code.co_argcount else None
            if isinstance(client, HashClient) and id(client) not in self._noted:
                self._noted[id(client)] = _as_it_is(client)

    def put_back(self) -> None:
        """Have those clients think of their nodes what they thought before."""
        while self._noted:
            _, noted = self._noted.popitem()
            _put_back(noted)


def _as_it_is(client: Any) -> _Noted:
    in_use = _nodes_of(client.hasher)
    return _Noted(
        client,
        dict(client.clients),
        copy.deepcopy(client._failed_clients),
        dict(client._dead_clients),
        client._last_dead_check_time,
        None if in_use is None else list(in_use),
    )


def _nodes_of(hasher: Any) -> Optional[List[Any]]:
    """The list in which a hasher keeps its nodes, where it does so, and in their order."""
    nodes = getattr(hasher, "__dict__", {}).get("nodes")
    return nodes if isinstance(nodes, list) else None


def _put_back(noted: _Noted) -> None:
    client = noted.client
    hasher, key_of = client.hasher, client._make_client_key
    # A hasher may be somebody's own, of which only these two methods are known.
    for server in client._dead_clients.keys() - noted.dead.keys():
        hasher.add_node(key_of(server))
    for server in noted.dead.keys() - client._dead_clients.keys():
        hasher.remove_node(key_of(server))
    # What the application has added since is its own affair.
    client.clients = {**client.clients, **noted.clients}
    client._failed_clients = noted.failed
    client._dead_clients = noted.dead
    client._last_dead_check_time = noted.checked
    nodes = _nodes_of(hasher)
    if nodes is not None and noted.in_use is not None:
        nodes[:] = [*noted.in_use, *(node for node in nodes if node not in noted.in_use)]
