"""Clients that ask over HTTP, each one thing at a time on a connection that stays open."""

import select
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import Self

from bench.load.subscribers import Stalled

_PATIENCE_SECONDS = 30.0
_HEAD_ENDS = b"\r\n\r\n"


class Client:
    """One connection, and the one request that it makes again and again."""

    def __init__(self, port: int, request: bytes) -> None:
        """Connect."""
        self._port = port
        self._request = request
        self.connect()

    def connect(self) -> None:
        """Open a connection."""
        self._heard = b""
        self.connection = socket.create_connection(("127.0.0.1", self._port))
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def reconnect(self) -> None:
        """Open another: a server closes those that have been silent for seconds."""
        self.connection.close()
        self.connect()

    def ask(self) -> None:
        """Send the request."""
        self.connection.send(self._request)

    def hear(self) -> bool:
        """Take what has come, and return whether that is the whole answer.

        Raises:
            Stalled: the connection was closed, or the answer is not what was asked for.
        """
        heard = self.connection.recv(65536)
        if not heard:
            raise Stalled("the server closed a connection")
        self._heard += heard
        head, ends, body = self._heard.partition(_HEAD_ENDS)
        if not ends or len(body) < _content_length(head):
            return False
        if b" 200 " not in head[:20] or b'"errors"' in body:
            raise Stalled(f"the server answered {self._heard[-1000:]!r}")
        self._heard = b""
        return True

    def wait(self) -> None:
        """Wait for the whole answer."""
        while not self.hear():
            pass


class Clients:
    """Several clients in one thread."""

    def __init__(self, clients: Sequence[Client]) -> None:
        """Take clients that are connected."""
        self._everybody = clients
        self._watch()

    @classmethod
    @contextmanager
    def connected(cls, port: int, requests: Sequence[bytes]) -> Iterator[Self]:
        """Connect a client for each request, and leave with the block."""
        connected = cls([Client(port, request) for request in requests])
        try:
            yield connected
        finally:
            connected.close()

    def ask_for(self, seconds: float) -> list[float]:
        """Have each ask as soon as it was answered, for so long; return how long the answers took."""
        self._reconnect()
        until = perf_counter() + seconds
        asked_at = {}
        for descriptor, client in self._clients.items():
            asked_at[descriptor] = perf_counter()
            client.ask()
        took: list[float] = []
        waiting = len(self._clients)
        while waiting:
            for descriptor, client in self._answered():
                now = perf_counter()
                took.append(now - asked_at[descriptor])
                if now < until:
                    asked_at[descriptor] = now
                    client.ask()
                else:
                    waiting -= 1
        return took

    def ask_at(self, rate: float, seconds: float) -> list[float]:
        """Have whoever is free ask, so often a second; return how long after its time each answer came."""
        self._reconnect()
        started = perf_counter()
        times = [started + number / rate for number in range(int(rate * seconds))]
        idle = list(self._clients)
        due: dict[int, float] = {}
        took: list[float] = []
        while len(took) < len(times):
            following = len(took) + len(due)
            pause = _PATIENCE_SECONDS
            if idle and following < len(times):
                pause = max(0.0, times[following] - perf_counter())
                if not pause:
                    descriptor = idle.pop(0)
                    due[descriptor] = times[following]
                    self._clients[descriptor].ask()
                    continue
            for descriptor, _ in self._answered(pause):
                took.append(perf_counter() - due.pop(descriptor))
                idle.append(descriptor)
        return took

    def close(self) -> None:
        """Leave."""
        self._epoll.close()
        for client in self._everybody:
            client.connection.close()

    def _watch(self) -> None:
        self._clients = {each.connection.fileno(): each for each in self._everybody}
        self._epoll = select.epoll()
        for descriptor in self._clients:
            self._epoll.register(descriptor, select.EPOLLIN)

    def _reconnect(self) -> None:
        self._epoll.close()
        for client in self._everybody:
            client.reconnect()
        self._watch()

    def _answered(self, seconds: float = _PATIENCE_SECONDS) -> Iterator[tuple[int, Client]]:
        ready = self._epoll.poll(seconds)
        if not ready and seconds >= _PATIENCE_SECONDS:
            raise Stalled("no answer came")
        for descriptor, _ in ready:
            client = self._clients[descriptor]
            if client.hear():
                yield descriptor, client


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise Stalled(f"an answer without a length: {head!r}")
