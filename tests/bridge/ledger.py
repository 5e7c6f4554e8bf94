"""Compare what a server has recorded with what a Pusher endpoint has received."""

from collections.abc import Collection, Iterable
from pathlib import Path

from sqlmodel import select

from hotelmate.database import Database
from hotelmate.models import EventRecord, Hotel
from tests.bridge.pusher_endpoint import Received


def recorded(data_dir: Path) -> dict[str, dict[int, int]]:
    """Return the ids of the events in a server's log, by hotel and number."""
    database = Database(f"sqlite:///{data_dir / 'hotelmate.sqlite3'}")
    with database.reading() as reading:
        rows = reading.exec(
            select(Hotel.slug, EventRecord.seq, EventRecord.id).where(Hotel.id == EventRecord.hotel_id)
        ).all()
    database.close()
    ledger: dict[str, dict[int, int]] = {}
    for slug, seq, event_id in rows:
        ledger.setdefault(slug, {})[seq] = event_id
    return ledger


def assert_all_arrived(
    data_dir: Path, received: Iterable[Received], *, apart_from: Collection[int] = ()
) -> None:
    """Hold every hotel to: each event arrived, in order, and every repeat says the same.

    Args:
        data_dir: the server's.
        received: in the order of arrival.
        apart_from: numbers of killarney's events whose place in the order does not count.
    """
    arrived: dict[str, dict[int, Received]] = {}
    for message in received:
        of_hotel = arrived.setdefault(message.channel.removeprefix("hotel-"), {})
        first = of_hotel.setdefault(message.seq, message)
        assert message == first, "a repeat says the same as the first"
    ledger = recorded(data_dir)
    assert arrived.keys() == ledger.keys()
    for slug, ids in ledger.items():
        of_hotel = arrived[slug]
        assert {seq: message.payload["meta"]["event_id"] for seq, message in of_hotel.items()} == ids
        in_order = [seq for seq in of_hotel if slug != "killarney" or seq not in apart_from]
        assert in_order == sorted(in_order), f"{slug} is out of order"
