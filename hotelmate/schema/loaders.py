"""Load for all rows of a list at once what each of them will ask for.

GraphQL resolves a list depth first: all of the first row before the second. So whoever produces rows
announces them, and the first row to ask loads for all that were announced, in one statement.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Generic, TypeVar

from hotelmate.database import Reading
from hotelmate.models import AuditEntry, Booking, Hotel, Offer, Room, RoomType, Shift, Staff
from hotelmate.resolvers import clocking, hotels, offers, rooms

Value = TypeVar("Value")


class Batch(Generic[Value]):
    """Values by id; those that were announced are fetched together when the first is asked for."""

    def __init__(self, fetch: Callable[[list[int]], Mapping[int, Value]]) -> None:
        self._fetch = fetch
        self._expected: set[int] = set()
        self._held: dict[int, Value] = {}

    def expect(self, ids: Iterable[int]) -> None:
        """Announce ids that may be asked for."""
        self._expected.update(ids)

    def hold(self, values: Mapping[int, Value]) -> None:
        """Keep values that are known already."""
        self._held.update(values)

    def load(self, wanted: int) -> Value:
        """Return the value of one id, which is there: a row that is referred to, or an entry of a row."""
        if wanted not in self._held:
            missing = (self._expected | {wanted}) - self._held.keys()
            self._held.update(self._fetch(sorted(missing)))
            self._expected.clear()
        return self._held[wanted]


class Loaders:
    """What the fields of one operation load, out of one reading."""

    def __init__(self, reading: Reading, at: datetime) -> None:
        self._reading = reading
        self._at = at
        self.hotels = Batch(self._fetch_hotels)
        self.settings = Batch(partial(hotels.settings_by_hotel, reading))
        self.gallery = Batch(partial(hotels.gallery_by_hotel, reading))
        self.room_types_of_hotel = Batch(partial(hotels.room_types_by_hotel, reading))
        self.public_offers = Batch(partial(self._fetch_offers, include_inactive=False))
        self.all_offers = Batch(partial(self._fetch_offers, include_inactive=True))
        self.staff = Batch(self._fetch_staff)
        self.room_types = Batch(self._fetch_room_types)
        self.rooms = Batch(self._fetch_rooms)
        self.occupied = Batch(self._fetch_occupied)

    def expect_hotels(self, rows: Iterable[Hotel]) -> None:
        """Announce what hotels will ask for."""
        held = {row.id: row for row in rows}
        self.hotels.hold(held)
        by_hotel: tuple[Batch[Any], ...] = (
            self.settings,
            self.gallery,
            self.room_types_of_hotel,
            self.public_offers,
            self.all_offers,
        )
        for batch in by_hotel:
            batch.expect(held)

    def expect_staff(self, rows: Iterable[Staff]) -> None:
        """Announce what staff members will ask for."""
        self.hotels.expect(row.hotel_id for row in rows)

    def expect_shifts(self, rows: Iterable[Shift]) -> None:
        """Announce what shifts will ask for."""
        self.staff.expect(row.staff_id for row in rows)

    def expect_audit(self, rows: Iterable[AuditEntry]) -> None:
        """Announce what entries of the audit will ask for."""
        self.staff.expect(row.staff_id for row in rows if row.staff_id is not None)

    def expect_rooms(self, rows: Iterable[Room]) -> None:
        """Announce what rooms will ask for."""
        for row in rows:
            self.room_types.expect([row.room_type_id])
            self.occupied.expect([row.id])

    def expect_bookings(self, rows: Iterable[Booking]) -> None:
        """Announce what bookings will ask for."""
        for row in rows:
            self.hotels.expect([row.hotel_id])
            self.settings.expect([row.hotel_id])
            self.room_types.expect([row.room_type_id])
            self.rooms.expect([] if row.room_id is None else [row.room_id])

    def _fetch_hotels(self, ids: list[int]) -> dict[int, Hotel]:
        fetched = hotels.hotels_by_id(self._reading, ids)
        self.expect_hotels(fetched.values())
        return fetched

    def _fetch_offers(self, ids: list[int], *, include_inactive: bool) -> dict[int, list[Offer]]:
        rows = [self.hotels.load(hotel_id) for hotel_id in ids]
        return offers.offers_by_hotel(self._reading, rows, include_inactive=include_inactive, at=self._at)

    def _fetch_staff(self, ids: list[int]) -> dict[int, Staff]:
        fetched = clocking.staff_by_id(self._reading, ids)
        self.expect_staff(fetched.values())
        return fetched

    def _fetch_room_types(self, ids: list[int]) -> dict[int, RoomType]:
        return hotels.room_types_by_id(self._reading, ids)

    def _fetch_rooms(self, ids: list[int]) -> dict[int, Room]:
        fetched = hotels.rooms_by_id(self._reading, ids)
        self.expect_rooms(fetched.values())
        return fetched

    def _fetch_occupied(self, ids: list[int]) -> dict[int, bool]:
        occupied = rooms.occupied_rooms(self._reading, ids)
        return {room_id: room_id in occupied for room_id in ids}
