"""How many events a second reach their subscribers, for contenders that take turns.

The load says how many events to publish, and says so again when most of them have come through: the server
always has something to do, and never more than fits the sockets' buffers. A round ends when its last
event has arrived everywhere, so it counts what was received and nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from time import monotonic, perf_counter, process_time, sleep
from typing import Protocol

from bench.load.subscribers import SIGN_OF_LIFE_SECONDS, Stalled, Subscribers

_PATIENCE_SECONDS = 30.0
_PAUSE_SECONDS = 0.002
# By then an event has reached everybody who is subscribed, even where they are many and the server is slow.
_EVENT_SECONDS = 10.0


class Publisher(Protocol):
    """A server that can be told to have events happen."""

    def publish(self, count: int) -> None:
        """Have so many events happen."""

    def rehearse(self, count: int) -> None:
        """Have so many events happen while some may not be subscribed yet."""

    @property
    def cpu_seconds(self) -> float:
        """How long it has been computing."""


@dataclass(frozen=True, slots=True)
class Round:
    """What came through in one turn, and how busy the two sides were meanwhile, 1 being a whole core."""

    deliveries: int
    seconds: float
    server_busy: float
    load_busy: float

    @property
    def rate(self) -> float:
        """Deliveries a second."""
        return self.deliveries / self.seconds


@dataclass(slots=True)
class Contender:
    """A server, those who are subscribed to it, and the rounds that it has had.

    Each of the `hotels` has its events in turn, and as many of the subscribers as the others. At most
    `in_flight` deliveries are under way, and at least one event is: with 0, one event at a time.
    """

    server: Publisher
    subscribers: Subscribers
    hotels: int = 1
    in_flight: int = 20_000
    frame_bytes: int = 0
    event_marks: int = 0
    rounds: list[Round] = field(default_factory=list)
    _signed_at: float = field(default_factory=monotonic)

    @property
    def rate(self) -> float:
        """Deliveries a second, in the middle one of its rounds."""
        return median(each.rate for each in self.rounds)

    @property
    def server_busy(self) -> float:
        """The share of its core that the server used."""
        return median(each.server_busy for each in self.rounds)

    @property
    def rate_of_cpu(self) -> float:
        """Deliveries for each second that the server computed; says more where others use its core too."""
        return median(each.rate / each.server_busy for each in self.rounds)

    @property
    def load_busy(self) -> float:
        """The share of its core that the load used."""
        return median(each.load_busy for each in self.rounds)

    def go_live(self) -> None:
        """Publish until everybody gets everything, and find out how long an event is and what marks it has.

        Raises:
            Stalled: somebody does not get it.
        """
        deadline = monotonic() + _PATIENCE_SECONDS
        last = 0
        # Twice the same, because an event that comes late can look like two.
        while (marks := self._marks_of_an_event()) != last or marks == 0:
            if monotonic() > deadline:
                raise Stalled("an event is not the same to everybody")
            self._show_life()
            last = marks
        self.event_marks = marks

    def take_turn(self, seconds: float) -> None:
        """Have one round of about that length."""
        self._show_life()
        self.subscribers.take_until_quiet(0.02)
        self.rounds.append(self._round(seconds))

    def _marks_of_an_event(self) -> int:
        """Have each hotel's next event happen; return how many marks everybody was sent, else 0."""
        before, bytes_before = self.subscribers.counts(), self.subscribers.received_bytes
        self.server.rehearse(self.hotels)
        deadline = monotonic() + _EVENT_SECONDS
        while True:
            self.subscribers.take_until_quiet(0.2)
            marks = {now - then for now, then in zip(self.subscribers.counts(), before, strict=True)}
            if 0 not in marks or monotonic() > deadline:
                break
        # Heartbeats that a few may have had do not matter.
        self.frame_bytes = round((self.subscribers.received_bytes - bytes_before) / len(self.subscribers))
        return marks.pop() if len(marks) == 1 else 0

    def _show_life(self) -> None:
        if monotonic() - self._signed_at > SIGN_OF_LIFE_SECONDS:
            self.subscribers.show_life()
            self._signed_at = monotonic()

    def _round(self, seconds: float) -> Round:
        subscribers, server = self.subscribers, self.server
        per_event = len(subscribers) // self.hotels
        event_marks = per_event * self.event_marks
        window = max(1, self.in_flight // per_event)
        more = max(1, window // 2)
        published, base = 0, subscribers.received
        server_before, load_before, started = server.cpu_seconds, process_time(), perf_counter()
        heard_at = until = started + seconds
        while True:
            now = perf_counter()
            arrived = (subscribers.received - base) // event_marks
            if now >= until:
                if arrived >= published:
                    break
            elif published - arrived <= window - more:
                server.publish(more)
                published += more
            # Not at once: several events taken together spare the load time, and the server the waking of it.
            sleep(_PAUSE_SECONDS)
            if subscribers.take(0.1):
                heard_at = now
            elif now - heard_at > _PATIENCE_SECONDS:
                raise Stalled(f"{arrived} of {published} events arrived")
        took = now - started
        if subscribers.received - base != published * event_marks:
            raise Stalled("more came than was published")
        return Round(
            deliveries=published * per_event,
            seconds=took,
            server_busy=(server.cpu_seconds - server_before) / took,
            load_busy=(process_time() - load_before) / took,
        )


def take_turns(contenders: Sequence[Contender], *, rounds: int, seconds: float) -> None:
    """Let each contender have a round, and again, so many times, once all of them are live."""
    for contender in contenders:
        if not contender.event_marks:
            contender.go_live()
    for _ in range(rounds):
        for contender in contenders:
            contender.take_turn(seconds)
