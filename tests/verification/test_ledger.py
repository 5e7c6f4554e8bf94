"""What receivers wrote down is held against the log: lost, twice, out of order."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest

from hotelmate.database import Database
from hotelmate.events.catalogue import OfferDeleted
from hotelmate.events.cursor import Cursor
from hotelmate.events.log import Event
from hotelmate.models import BridgeCursor, DeadLetter, Hotel
from hotelmate.verification.findings import Hole
from hotelmate.verification.numbers import Numbers
from hotelmate.verification.verify import verify
from tests.bridge.helpers import LEGACY, record

NOW = datetime.now(UTC)
GONE = OfferDeleted(offer_id=99, offer_title="Gone", was_active=True)


@pytest.fixture
def events(sqlite_database: Database, killarney: Hotel) -> list[Event]:
    """Ten events, of which Pusher has been told eight and refused the third."""
    recorded = record(sqlite_database, killarney, *[GONE] * 10)
    with sqlite_database.transaction() as transaction:
        letter = {"channel": "hotel-killarney", "event_name": "offer-deleted", "error": "413"}
        dead = DeadLetter(hotel_id=killarney.id, event_id=recorded[2].id, failed_at=NOW, **letter)
        transaction.add_all([BridgeCursor(hotel_id=killarney.id, delivered_seq=8), dead])
    return recorded


def held_against(database: Database, lines: Iterable[dict[str, Any] | str]) -> list[tuple[str, str]]:
    """The holes that a ledger shows."""
    texts = [(line if isinstance(line, str) else json.dumps(line)).encode() + b"\n" for line in lines]
    with database.reading() as reading:
        found = verify(reading, LEGACY, ledger_lines=texts, progress=lambda _done, _total: None)
        return [(hole.kind.value, hole.says) for hole in found if isinstance(hole, Hole)]


def screen(events: Iterable[Event]) -> list[dict[str, Any]]:
    return [{"receiver": "screen", "cursor": event.cursor} for event in events]


def pusher(events: Iterable[Event], channel: str = "hotel-killarney") -> list[dict[str, Any]]:
    return [{"receiver": "pusher", "channel": channel, "cursor": event.cursor} for event in events]


def test_what_was_received_once_and_in_order_is_no_hole(
    sqlite_database: Database, events: list[Event]
) -> None:
    told = [*events[:2], *events[3:8]]
    assert held_against(sqlite_database, [*screen(events), *pusher(told)]) == []
    assert held_against(sqlite_database, screen(events[4:])) == [], "it began with the fifth"


def test_each_event_that_a_subscriber_missed_is_named(sqlite_database: Database, events: list[Event]) -> None:
    kept = [event for event in events if event.seq not in {4, 7, 10}]
    assert held_against(sqlite_database, screen(kept)) == [
        ("lost", f"event {seq} never came to screen") for seq in (4, 7, 10)
    ]


def test_what_came_twice_or_too_early_to_a_subscriber_is_named(
    sqlite_database: Database, events: list[Event]
) -> None:
    order = [events[place] for place in (0, 1, 3, 2, 4, 4, 5, 6, 7, 8, 9)]
    assert held_against(sqlite_database, screen(order)) == [
        ("out_of_order", "event 3 came to screen after event 4, in line 4"),
        ("doubled", "event 5 came to screen again in line 6"),
    ]


def test_a_subscriber_says_from_where_to_where_and_what_it_was_to_get(
    sqlite_database: Database, events: list[Event]
) -> None:
    bounds = {"receiver": "screen", "after": events[1].cursor, "until": events[5].cursor}
    assert held_against(sqlite_database, [bounds, *screen(events[3:5])]) == [
        ("lost", "event 3 never came to screen"),
        ("lost", "event 6 never came to screen"),
    ]
    assert held_against(sqlite_database, [{**bounds, "types": ["OfferCreated"]}]) == []
    assert len(held_against(sqlite_database, [{**bounds, "types": ["OfferDeleted"]}])) == 4


def test_pusher_may_get_an_event_again_and_must_get_each_in_order(
    sqlite_database: Database, events: list[Event]
) -> None:
    again = [events[place] for place in (0, 1, 0, 1, 3, 4, 5, 6, 7, 6, 7)]
    assert held_against(sqlite_database, pusher(again)) == []
    early = [events[place] for place in (0, 3, 1, 4, 5, 6)]
    assert held_against(sqlite_database, pusher(early)) == [
        ("out_of_order", "event 2 came to pusher after event 4, in line 3"),
        ("lost", "event 8 never came to pusher on hotel-killarney"),
    ]


def test_pusher_must_get_the_events_of_every_hotel(
    sqlite_database: Database, events: list[Event], dublin: Hotel
) -> None:
    record(sqlite_database, dublin, GONE)
    with sqlite_database.transaction() as transaction:
        transaction.add(BridgeCursor(hotel_id=dublin.id, delivered_seq=1))
    told = pusher([*events[:2], *events[3:8]])
    assert held_against(sqlite_database, told) == [("lost", "event 1 never came to pusher on hotel-dublin")]
    only = {"receiver": "pusher", "channels": ["hotel-killarney"]}
    assert held_against(sqlite_database, [only, *told]) == []


def test_lines_that_cannot_be_held_against_anything_are_named(
    sqlite_database: Database, killarney: Hotel, events: list[Event]
) -> None:
    elsewhere, ahead = Cursor("0ther000", 3), Cursor(killarney.epoch, 11)
    lines: list[dict[str, Any] | str] = [
        *screen(events),
        "not JSON",
        {"cursor": events[0].cursor},
        {"receiver": "screen", "cursor": "no cursor"},
        {"receiver": "screen", "cursor": str(elsewhere)},
        {"receiver": "screen", "cursor": str(ahead)},
        {"receiver": "pusher", "cursor": events[0].cursor, "channel": "news"},
    ]
    holes = held_against(sqlite_database, lines)
    assert [kind for kind, _ in holes[:6]] == ["ledger_unreadable"] * 6
    for (_, says), (line, word) in zip(
        holes,
        [
            (11, "JSON"),
            (12, "receiver"),
            (13, "no cursor"),
            (14, "history"),
            (15, "not in the log"),
            (16, "news"),
        ],
        strict=False,
    ):
        assert f"line {line} of the ledger" in says
        assert word in says


def test_numbers_are_remembered_near_and_far() -> None:
    numbers = Numbers()
    far = [0, 1, 7, 8, 65_535, 65_536, 2**31]
    assert [numbers.add(number) for number in far] == [True] * 7
    assert [numbers.add(number) for number in far] == [False] * 7
    assert [number in numbers for number in (*far, 2, 9, 65_537, 2**32)] == [True] * 7 + [False] * 4
