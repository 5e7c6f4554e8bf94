"""What became of each change: in the log, at the subscribers, and at Pusher."""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlmodel import col, select

from hotelmate.database import Reading
from hotelmate.models import EventRecord, Hotel
from tests.durability.followers import Notes
from tests.durability.writers import Ledger

_SHOWN = 20


@dataclass(frozen=True)
class Recorded:
    """An event of the log; `text` is its writer's."""

    seq: int
    event_id: int
    text: str
    at: datetime


Log = Mapping[str, Sequence[Recorded]]
"""The events of each hotel, in order."""


@dataclass
class Verdict:
    """What was found. Only the faults matter; the rest says what they were looked for in."""

    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    seconds: float = 0
    events: int = 0
    attempted: int = 0
    acknowledged: int = 0
    subscribers: int = 0
    connections: int = 0
    requests: int = 0
    repeats: int = 0
    lost: int = 0
    doubled: int = 0
    reordered: int = 0
    holes: int = 0
    longest_gap_to_a_subscriber: float = 0
    longest_gap_to_pusher: float = 0
    faults: list[str] = field(default_factory=list)

    def judge_log(self, log: Log, heads: Mapping[str, int], ledger: Ledger) -> None:
        """Hold the log to what clients were told: each acknowledged change is in it once."""
        self.events = sum(len(events) for events in log.values())
        self.attempted = len(ledger.attempted)
        self.acknowledged = len(ledger.acknowledged)
        for hotel, events in log.items():
            self._judge_order(
                f"the log of {hotel}", [event.seq for event in events], range(1, heads[hotel] + 1)
            )
        times = Counter(event.text for events in log.values() for event in events)
        for text in ledger.acknowledged - times.keys():
            self._blame("lost", f"{text} was acknowledged and is not in the log")
        for text in (text for text, count in times.items() if count > 1):
            self._blame("doubled", f"{text} is in the log {times[text]} times")
        for text in times.keys() - set(ledger.attempted):
            self._blame("doubled", f"{text} is in the log and nobody has asked for it")
        self.faults += ledger.surprises

    def judge_subscriber(self, log: Sequence[Recorded], notes: Notes) -> None:
        """Hold what a subscriber has heard to the log: each event once, in order."""
        self.subscribers += 1
        self.connections += notes.connections
        self._judge_order(notes.name, [arrival.seq for arrival in notes.arrivals], range(1, len(log) + 1))
        said = {event.seq: (event.event_id, event.text) for event in log}
        for arrival in notes.arrivals:
            if said.get(arrival.seq) != (arrival.event_id, arrival.text):
                self._blame("lost", f"{notes.name} heard another event as {arrival.seq}: {arrival}")
            self.longest_gap_to_a_subscriber = max(
                self.longest_gap_to_a_subscriber, arrival.seconds_after_it_happened
            )
        self.faults += notes.surprises

    def judge_pusher(self, log: Log, requests: Iterable[Mapping[str, Any]], *, clocks_apart: float) -> None:
        """Hold what Pusher's endpoint took to the log: each event, in order when only first arrivals count.

        Args:
            log: what was recorded.
            requests: what the endpoint was sent, in order, each with the time `at` by its clock.
            clocks_apart: how much more the wall clock shows than the endpoint's.
        """
        first: dict[str, list[int]] = {f"hotel-{hotel}": [] for hotel in log}
        known = {f"hotel-{hotel}": {event.seq: event for event in events} for hotel, events in log.items()}
        for request in requests:
            self.requests += 1
            if request["status"] != 200:
                self.faults.append(f"Pusher's endpoint refused a request with {request['status']}")
            for message in request["batch"]:
                channel, meta = message["channel"], json.loads(message["data"])["meta"]
                event = known[channel].get(meta["seq"])
                if event is None or event.event_id != meta["event_id"]:
                    self._blame("lost", f"Pusher was sent another event as {meta} on {channel}")
                elif meta["seq"] in first[channel]:
                    self.repeats += 1
                else:
                    first[channel].append(meta["seq"])
                    gap = request["at"] + clocks_apart - event.at.timestamp()
                    self.longest_gap_to_pusher = max(self.longest_gap_to_pusher, gap)
        for hotel, events in log.items():
            self._judge_order(
                f"Pusher, for {hotel}", first[f"hotel-{hotel}"], [event.seq for event in events]
            )

    def add_holes(self, holes: Sequence[str]) -> None:
        """Add what `hotelmate verify` has found, which looks for the same from its own side."""
        self.holes = len(holes)
        self.faults += holes

    def _judge_order(self, who: str, heard: Sequence[int], expected: Collection[int]) -> None:
        times = Counter(heard)
        for seq in (seq for seq in expected if seq not in times):
            self._blame("lost", f"{who}: {seq} is missing")
        for seq in (seq for seq, count in times.items() if count > 1 or seq not in expected):
            self._blame("doubled", f"{who}: {seq} came {times[seq]} times")
        for before, after in pairwise(heard):
            if after < before:
                self._blame("reordered", f"{who}: {after} came after {before}")

    def _blame(self, kind: str, what: str) -> None:
        setattr(self, kind, getattr(self, kind) + 1)
        self.faults.append(f"{kind}: {what}")

    def __str__(self) -> str:
        kills = ", ".join(f"{count} {kind}" for kind, count in sorted(self.kills.items()))
        lines = [
            f"durability, seed {self.seed}, {self.seconds:.0f} s",
            f"kills         {self.kills.total()} ({kills})",
            f"mutations     {self.attempted} attempted, {self.acknowledged} acknowledged",
            f"events        {self.events} in the log",
            f"delivered     to {self.subscribers} subscribers over {self.connections} connections;"
            f" to Pusher in {self.requests} requests, {self.repeats} events again",
            f"lost          {self.lost}",
            f"doubled       {self.doubled}",
            f"reordered     {self.reordered}",
            f"verify        {self.holes} holes",
            f"longest gap   {self.longest_gap_to_a_subscriber:.1f} s to a subscriber,"
            f" {self.longest_gap_to_pusher:.1f} s to Pusher",
            *self.faults[:_SHOWN],
        ]
        return "\n".join(lines)


def read_log(reading: Reading) -> tuple[dict[str, list[Recorded]], dict[str, int]]:
    """Return each hotel's log, and the number that its count has come to."""
    heads = dict(reading.exec(select(Hotel.slug, Hotel.seq)).all())
    rows = reading.exec(
        select(Hotel.slug, EventRecord)
        .where(Hotel.id == EventRecord.hotel_id)
        .order_by(col(EventRecord.hotel_id), col(EventRecord.seq))
    )
    log: dict[str, list[Recorded]] = {slug: [] for slug in heads}
    for slug, row in rows:
        log[slug].append(Recorded(row.seq, row.id, _text(row.data), row.occurred_at))
    return log, heads


def _text(data: str) -> str:
    """The one text of a writer's in an event's data."""
    (text,) = set(re.findall(r"[a-z]+-[0-9]+;", data))
    return str(text)
