"""A real memcached of one's own, and a socket module that notes what is sent to it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import unittest
from types import ModuleType
from typing import Any, List, Optional, Tuple, Type

HINT = "no memcached on this machine; to run this test: apt-get install memcached"
REQUIRED = "TRIPWIRE_REQUIRE_MEMCACHED"
"""An environment variable: where it is 1, a test that needs a memcached fails without one."""

Address = Tuple[str, int]


class Server:
    """A memcached on a free port of the loopback interface, with a connection to control it."""

    def __init__(self, *options: str) -> None:
        program = find()
        self.address: Address = ("127.0.0.1", _free_port())
        host, port = self.address
        # With -vv it says when it listens, so that nobody has to wait and try.
        command = [program, "-vv", "-U", "0", "-l", host, "-p", str(port), "-u", "root", *options]
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        said = self._process.stderr or ()
        if not any(b"server listening" in line for line in said):
            self._end()
            raise RuntimeError(f"memcached did not start: {' '.join(command)}")
        self._control = socket.create_connection(self.address, timeout=10)
        self._answers = self._control.makefile("rb")
        # From now on it is to keep silent, since nobody reads what it says.
        self.ask(b"verbosity 0\r\n", b"OK\r\n")

    def ask(self, request: bytes, last: bytes) -> List[bytes]:
        """Send a request over the control connection; return the lines before the last one."""
        self._control.sendall(request)
        return list(iter(self._answers.readline, last))

    def stop(self) -> None:
        """End the server; nothing but cleaning up where it has ended."""
        self._answers.close()
        self._control.close()
        # It has nothing to lose, and asked politely it takes a second.
        self._process.kill()
        self._end()

    def _end(self) -> None:
        self._process.communicate()


def start(test: Type[unittest.TestCase], *options: str) -> Server:
    """Start a server that is stopped when the tests of a class are over; `find` says when not."""
    server = Server(*options)
    test.addClassCleanup(server.stop)
    return server


def find() -> str:
    """Where memcached is. `SkipTest` where it is nowhere, or a failure where it is required."""
    program: Optional[str] = shutil.which("memcached")
    if program is not None:
        return program
    if os.environ.get(REQUIRED) == "1":
        raise AssertionError(HINT)
    raise unittest.SkipTest(HINT)


def _free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        return port


class Recorder:
    """What the clients of one `socket_module` send.

    Attributes: `module` (for a client's `socket_module`), `requests` (each `sendall`, in order).
    """

    def __init__(self) -> None:
        self.requests: List[bytes] = []
        self._sockets: List[socket.socket] = []
        self.module = ModuleType("recording_socket")
        vars(self.module).update(vars(socket), socket=self._socket)

    def _socket(self, *args: Any) -> socket.socket:
        made = _RecordingSocket(*args)
        made.requests = self.requests
        self._sockets.append(made)
        return made

    @property
    def connections(self) -> int:
        """How many sockets were made."""
        return len(self._sockets)

    def settle(self) -> None:
        """Wait until the server has read all that was sent over the connections that are open."""
        for made in self._sockets:
            if made.fileno() >= 0:
                # What is sent with noreply is not answered; what is sent after it is.
                socket.socket.sendall(made, b"version\r\n")
                with made.makefile("rb") as answers:
                    any(line.startswith(b"VERSION") for line in answers)

    def close(self) -> None:
        """Close the connections."""
        for made in self._sockets:
            made.close()


class _RecordingSocket(socket.socket):
    requests: List[bytes]

    def sendall(self, data: Any, flags: int = 0) -> None:
        self.requests.append(bytes(data))
        super().sendall(data, flags)
