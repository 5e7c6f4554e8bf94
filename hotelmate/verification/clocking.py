"""Every beginning and end of a shift has its event, and staff are on duty as the last one says."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from hotelmate.database import Reading
from hotelmate.events.catalogue import ClockAction, ClockStatusUpdated
from hotelmate.models import Hotel, Shift, Staff
from hotelmate.verification.findings import Hole, HoleKind
from hotelmate.verification.recorded import data_field, events_by_subject, stream


@dataclass(frozen=True, slots=True)
class Mark:
    """Somebody's clock at a time, as a shift or an event (`source`) has it."""

    staff_id: int
    at: datetime
    action: ClockAction
    source: str

    @property
    def place(self) -> tuple[int, datetime]:
        """Where it comes among all: a person's shifts never overlap, so nor do their events."""
        return self.staff_id, self.at


@dataclass(slots=True)
class LastTold:
    """What a person's last events say."""

    seq: int = 0
    is_on_duty: bool = False
    times: dict[ClockAction, datetime] = field(default_factory=dict)


class Clocking:
    """Compares a hotel's shifts and staff with its events."""

    def __init__(self, reading: Reading, hotel: Hotel, *, unreadable: Collection[int]) -> None:
        self._reading = reading
        self._hotel = hotel
        self._unreadable = unreadable
        self._last: dict[int, LastTold] = {}
        self._in_a_shift: set[int] = set()

    def holes(self) -> Iterator[Hole]:
        """Go through all of it."""
        yield from self._compare_shifts()
        for staff in self._reading.execute(
            select(Staff).where(col(Staff.hotel_id) == self._hotel.id).order_by(col(Staff.id))
        ).scalars():
            yield from self._compare(staff)

    def _compare_shifts(self) -> Iterator[Hole]:
        shifts, events = self._marks_of_shifts(), self._marks_of_events()
        shift, event = next(shifts, None), next(events, None)
        while shift is not None or event is not None:
            if shift and event and (shift.place, shift.action) == (event.place, event.action):
                shift, event = next(shifts, None), next(events, None)
            elif event is None or (shift and shift.place <= event.place):
                assert shift is not None  # noqa: S101 - one of them is there
                yield self._hole(HoleKind.CHANGE_UNRECORDED, f"{_of(shift)} of {shift.source} has no event")
                shift = next(shifts, None)
            else:
                yield self._hole(HoleKind.STATE_DIFFERS, f"{_of(event)} of {event.source} is in no shift")
                event = next(events, None)

    def _compare(self, staff: Staff) -> Iterator[Hole]:
        if staff.is_on_duty != (staff.id in self._in_a_shift):
            differs = "on duty without a shift" if staff.is_on_duty else "off duty in an open shift"
            yield self._hole(HoleKind.STATE_DIFFERS, f"staff {staff.id} is {differs}")
        last = self._last.get(staff.id)
        if last is None:
            return
        told = {
            "is_on_duty": last.is_on_duty,
            "last_clock_in": last.times.get(ClockAction.CLOCK_IN, staff.last_clock_in),
            "last_clock_out": last.times.get(ClockAction.CLOCK_OUT, staff.last_clock_out),
        }
        for name, value in told.items():
            if getattr(staff, name) != value:
                says = f"{name} of staff {staff.id} is not what events up to {last.seq} say"
                yield self._hole(HoleKind.STATE_DIFFERS, says)

    def _marks_of_shifts(self) -> Iterator[Mark]:
        statement = (
            select(Shift.id, Shift.staff_id, Shift.clock_in, Shift.clock_out)  # type: ignore[call-overload]  # columns
            .join(Staff, col(Staff.id) == col(Shift.staff_id))
            .where(col(Staff.hotel_id) == self._hotel.id)
            .order_by(col(Shift.staff_id), col(Shift.id))
        )
        for shift_id, staff_id, clock_in, clock_out in stream(self._reading, statement):
            if self._must_be_recorded(clock_in):
                yield Mark(staff_id, clock_in, ClockAction.CLOCK_IN, f"shift {shift_id}")
            if clock_out is None:
                self._in_a_shift.add(staff_id)
            elif self._must_be_recorded(clock_out):
                yield Mark(staff_id, clock_out, ClockAction.CLOCK_OUT, f"shift {shift_id}")

    def _marks_of_events(self) -> Iterator[Mark]:
        staff_id = data_field(self._reading, "staff_id").as_integer()
        kinds = [ClockStatusUpdated]
        by_subject = events_by_subject(
            self._reading, self._hotel.id, kinds, staff_id, leaving_out=self._unreadable
        )
        for _, event in by_subject:
            data = event.data
            assert isinstance(data, ClockStatusUpdated)  # noqa: S101 - the only kind asked for
            last = self._last.setdefault(data.staff_id, LastTold())
            last.seq, last.is_on_duty = event.seq, data.is_on_duty
            last.times[data.action] = data.clock_time
            if self._must_be_recorded(data.clock_time):
                yield Mark(data.staff_id, data.clock_time, data.action, f"event {event.seq}")

    def _must_be_recorded(self, at: datetime) -> bool:
        return at > self._hotel.log_complete_after

    def _hole(self, kind: HoleKind, says: str) -> Hole:
        return Hole(kind, self._hotel.slug, says)


def _of(mark: Mark) -> str:
    return f"{mark.action} at {mark.at.isoformat()} by staff {mark.staff_id}"
