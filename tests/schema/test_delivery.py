"""How the Pusher bridge stands, and its dead letters."""

from datetime import UTC, datetime

from hotelmate.models import BridgeCursor, DeadLetter, Hotel
from tests.schema.api import ANNA, BEN, CARLA, Api

DELIVERY = """{ delivery {
    deliveredSeq latestSeq pending oldestPendingSeconds lastError deadLetterCount
    deadLetters {
        event { __typename seq ... on ClockStatusUpdated { firstName } } channel eventName error failedAt
    }
} }"""
FAILED_AT = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_a_hotel_where_nothing_has_happened(api: Api) -> None:
    assert api.data(DELIVERY, ANNA) == {
        "delivery": {
            "deliveredSeq": 0,
            "latestSeq": 0,
            "pending": 0,
            "oldestPendingSeconds": None,
            "lastError": None,
            "deadLetterCount": 0,
            "deadLetters": [],
        }
    }


def test_what_is_pending_and_what_has_failed(api: Api, killarney: Hotel) -> None:
    for caller in (ANNA, BEN, ANNA):
        api.data("mutation { toggleClock { action } }", caller)
    with api.database.transaction() as transaction:
        transaction.add(BridgeCursor(hotel_id=killarney.id, delivered_seq=1, last_error="503 from Pusher"))
        transaction.add(
            DeadLetter(
                hotel_id=killarney.id,
                event_id=api.log()[1].id,
                channel="hotel-killarney",
                event_name="clock-status-updated",
                error="413",
                failed_at=FAILED_AT,
            )
        )
    delivery = api.data(DELIVERY, ANNA)["delivery"]
    assert 0 <= delivery.pop("oldestPendingSeconds") < 60
    assert delivery == {
        "deliveredSeq": 1,
        "latestSeq": 3,
        "pending": 2,
        "lastError": "503 from Pusher",
        "deadLetterCount": 1,
        "deadLetters": [
            {
                "event": {"__typename": "ClockStatusUpdated", "seq": 2, "firstName": "Ben"},
                "channel": "hotel-killarney",
                "eventName": "clock-status-updated",
                "error": "413",
                "failedAt": "2026-01-01T12:00:00+00:00",
            }
        ],
    }
    assert api.data("mutation { retryDeadLetters }", CARLA) == {"retryDeadLetters": 0}
    assert api.data("mutation { retryDeadLetters }", ANNA) == {"retryDeadLetters": 1}
    assert api.data("mutation { retryDeadLetters }", ANNA) == {"retryDeadLetters": 0}


def test_of_many_dead_letters_the_oldest_are_shown_and_all_are_counted(api: Api, killarney: Hotel) -> None:
    for _ in range(2):
        api.data("mutation { toggleClock { action } }", ANNA)
    first, second = api.log()
    with api.database.transaction() as transaction:
        for event, letters in ((second, 300), (first, 201)):
            for number in range(letters):
                transaction.add(
                    DeadLetter(
                        hotel_id=killarney.id,
                        event_id=event.id,
                        channel=f"hotel-{number}",
                        event_name="clock-status-updated",
                        error="413",
                        failed_at=FAILED_AT,
                    )
                )
    delivery = api.data("{ delivery { deadLetterCount deadLetters { event { seq } channel } } }", ANNA)[
        "delivery"
    ]
    assert delivery["deadLetterCount"] == 501
    assert len(delivery["deadLetters"]) == 500
    assert delivery["deadLetters"][0] == {"event": {"seq": 2}, "channel": "hotel-0"}
    assert delivery["deadLetters"][-1] == {"event": {"seq": 1}, "channel": "hotel-199"}
    assert api.data("mutation { retryDeadLetters }", ANNA) == {"retryDeadLetters": 501}
