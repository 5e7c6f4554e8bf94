"""Subscribers of which it is noted when each was sent what."""

import re
from collections import deque
from collections.abc import Mapping, Sequence
from time import perf_counter

from bench.load.frames import MARK
from bench.load.subscribers import BUFFER, Stalled, Subscriber, Subscribers

_STAFF_ID = re.compile(rb'"staffId":"(\d+)"')


class Screens(Subscribers):
    """Subscribers to one hotel's clock; the first of them is listened to."""

    def __init__(self, subscribers: Sequence[Subscriber]) -> None:
        """Take subscribers that have greeted."""
        super().__init__(subscribers)
        self._observer = subscribers[0].connection.fileno()
        self.forget()

    def forget(self) -> None:
        """Begin anew: what came before is not of interest."""
        self._observed = bytearray()
        self._arrivals: list[tuple[int, int, float]] = []
        self._sent_before = dict(self._received_by)

    def take(self, timeout_seconds: float) -> int:
        """Do as `Subscribers.take` does, and note it."""
        before = self.received_bytes
        received_by, take, note = self._received_by, self._take, self._arrivals.append
        for descriptor, _ in self._epoll.poll(timeout_seconds):
            size = take[descriptor](BUFFER)
            if not size:
                raise Stalled("the server closed a connection")
            marks = BUFFER.count(MARK, 0, size)
            received_by[descriptor] += marks
            self.received += marks
            self.received_bytes += size
            note((descriptor, received_by[descriptor], perf_counter()))
            if descriptor == self._observer:
                self._observed += BUFFER[:size]
        return self.received_bytes - before

    def latencies(self, caused_at: Mapping[int, Sequence[float]], *, event_marks: int) -> list[float]:
        """Return for each event on each screen how long after its cause it came, in seconds.

        Args:
            caused_at: when each staff member, by id, clocked in or out, in order.
            event_marks: how many marks an event has.
        """
        causes = {staff_id: deque(times) for staff_id, times in caused_at.items()}
        caused = [causes[int(staff_id)].popleft() for staff_id in _STAFF_ID.findall(self._observed)]
        shown = dict.fromkeys(self._received_by, 0)
        took: list[float] = []
        for descriptor, received, at in self._arrivals:
            until = (received - self._sent_before[descriptor]) // event_marks
            took += [at - cause for cause in caused[shown[descriptor] : until]]
            shown[descriptor] = until
        return took
