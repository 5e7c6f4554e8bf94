"""Many subscribers in one thread: connected, subscribed, and then read without being understood."""

import select
import socket
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Self

from bench.load.frames import MARK
from bench.load.greetings import Greeting

SIGN_OF_LIFE_SECONDS = 8.0
"""GraphQL's sockets are pinged when they have been silent for 20 s, and a ping would be counted."""

_TAKEN_AT_ONCE = 512
BUFFER = bytearray(1 << 18)
# So many greet at a time: a thousand at once would be a measurement of its own.
_GREETING_AT_ONCE = 100
_GREETING_SECONDS = 30.0


class Stalled(Exception):
    """What the load waits for has not come."""


class Subscriber:
    """One connection."""

    def __init__(self, port: int, greeting: Greeting) -> None:
        """Connect, and begin to greet."""
        self.connection = socket.create_connection(("127.0.0.1", port))
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._steps = list(greeting.steps)
        self._sign_of_life = greeting.sign_of_life
        self._heard = b""
        self.connection.send(self._steps[0].says)

    def go_on(self) -> bool:
        """Take what has come, say what is next, and return whether all is said and answered."""
        heard = self.connection.recv(65536)
        if not heard:
            raise Stalled(f"the server closed a connection after {self._heard[-500:]!r}")
        self._heard += heard
        while self._steps and self._steps[0].expects in self._heard:
            _, _, self._heard = self._heard.partition(self._steps.pop(0).expects)
            while self._steps:
                self.connection.send(self._steps[0].says)
                if self._steps[0].expects:
                    break
                del self._steps[0]
        return not self._steps

    def show_life(self) -> None:
        """Say something, lest the server take the client for dead."""
        if self._sign_of_life:
            self.connection.send(self._sign_of_life)


class Subscribers:
    """Connections on which only the server speaks; `received` counts the marks in what it says."""

    def __init__(self, subscribers: Sequence[Subscriber]) -> None:
        """Take subscribers that have greeted."""
        self.received = 0
        self.received_bytes = 0
        self._subscribers = subscribers
        connections = [each.connection for each in subscribers]
        self._received_by = dict.fromkeys((each.fileno() for each in connections), 0)
        self._take = {each.fileno(): each.recv_into for each in connections}
        self._epoll = select.epoll()
        for each in connections:
            self._epoll.register(each.fileno(), select.EPOLLIN)

    @classmethod
    @contextmanager
    def connected(
        cls, port: int, greetings: Iterable[Greeting], *, meanwhile: Sequence[Self] = ()
    ) -> Iterator[Self]:
        """Connect and subscribe them all, and leave with the block; `meanwhile` others show that they live.

        Raises:
            Stalled: not all came through in time.
        """
        subscribers = _greet_all(port, list(greetings), meanwhile)
        connected = cls(subscribers)
        try:
            yield connected
        finally:
            connected.close()

    def __len__(self) -> int:
        return len(self._subscribers)

    def take(self, timeout_seconds: float) -> int:
        """Wait for something to come, take it, and return how many bytes it was.

        Raises:
            Stalled: a connection was closed.
        """
        before = self.received_bytes
        received_by, take = self._received_by, self._take
        for descriptor, _ in self._epoll.poll(timeout_seconds, _TAKEN_AT_ONCE):
            size = take[descriptor](BUFFER)
            if not size:
                raise Stalled("the server closed a connection")
            marks = BUFFER.count(MARK, 0, size)
            received_by[descriptor] += marks
            self.received += marks
            self.received_bytes += size
        return self.received_bytes - before

    def take_until_quiet(self, quiet_seconds: float) -> None:
        """Take what comes until nothing has come for a while."""
        while self.take(quiet_seconds):
            pass

    def counts(self) -> list[int]:
        """How many marks each has been sent."""
        return list(self._received_by.values())

    def show_life(self) -> None:
        """Have each say something, lest the server take it for dead."""
        for subscriber in self._subscribers:
            subscriber.show_life()

    def close(self) -> None:
        """Leave."""
        self._epoll.close()
        for subscriber in self._subscribers:
            subscriber.connection.close()


def _greet_all(
    port: int, greetings: Sequence[Greeting], meanwhile: Sequence[Subscribers]
) -> list[Subscriber]:
    epoll = select.epoll()
    waiting = iter(greetings)
    under_way: dict[int, Subscriber] = {}
    through: list[Subscriber] = []
    heard_at = signed_at = monotonic()
    while len(through) < len(greetings):
        while len(under_way) < _GREETING_AT_ONCE and (following := next(waiting, None)) is not None:
            subscriber = Subscriber(port, following)
            under_way[subscriber.connection.fileno()] = subscriber
            epoll.register(subscriber.connection.fileno(), select.EPOLLIN)
        for descriptor, _ in epoll.poll(1):
            heard_at = monotonic()
            if under_way[descriptor].go_on():
                epoll.unregister(descriptor)
                through.append(under_way.pop(descriptor))
        if monotonic() - heard_at > _GREETING_SECONDS:
            raise Stalled(f"{len(through)} of {len(greetings)} subscribers came through")
        if monotonic() - signed_at > SIGN_OF_LIFE_SECONDS:
            signed_at = monotonic()
            everybody: list[Subscriber | Subscribers] = [*through, *meanwhile]
            for living in everybody:
                living.show_life()
    epoll.close()
    return through
