"""A hotel as the contract has it, typed by hand from schema.graphql and LEGACY.md; nothing of ours is used.

It knows what each step needs, what refuses it, and what the log has to say of it afterwards.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

Told = tuple[str, Mapping[str, object]]
"""An event: its kind, and what of its content the contract determines."""

STEPS: Mapping[str, tuple[frozenset[str], str]] = {
    "confirm": (frozenset({"PENDING_PAYMENT"}), "CONFIRMED"),
    "check_in": (frozenset({"CONFIRMED"}), "CHECKED_IN"),
    "check_out": (frozenset({"CHECKED_IN"}), "CHECKED_OUT"),
    "cancel": (frozenset({"PENDING_PAYMENT", "CONFIRMED"}), "CANCELLED"),
    "no_show": (frozenset({"CONFIRMED"}), "NO_SHOW"),
}
"""From which statuses a step leads to which."""

_NEEDS_NO_ROOM_ANY_MORE = frozenset({"CANCELLED", "NO_SHOW"})
_BEFORE_THE_STAY = frozenset({"PENDING_PAYMENT", "CONFIRMED"})


class Refused(Exception):
    """The contract does not allow the step; says with which code, and about which field."""

    def __init__(self, code: str, field: str | None = None) -> None:
        super().__init__(code, field)
        self.code = code
        self.field = field


@dataclass
class Stay:
    """A booking, up to but not including the departure's night."""

    room_type: str
    arrival: date
    departure: date
    status: str = "PENDING_PAYMENT"
    room: str | None = None
    left_on: date | None = None

    def nights(self) -> Iterator[date]:
        """The nights for which nobody else may have its room."""
        if self.room is None or self.status in _NEEDS_NO_ROOM_ANY_MORE:
            return
        until = self.departure if self.left_on is None else min(self.departure, self.left_on)
        night = self.arrival
        while night < until:
            yield night
            night += timedelta(days=1)


@dataclass
class House:
    """A hotel: its rooms with their types, its stays by reference, and who is on duty."""

    rooms: Mapping[str, str]
    stays: dict[str, Stay] = field(default_factory=dict)
    on_duty: set[int] = field(default_factory=set)

    def book(self, reference: str, stay: Stay) -> list[Told]:
        """A stay is requested; whether a room is free shows later."""
        self.stays[reference] = stay
        return [("BookingCreated", {"booking_id": reference, "status": "PENDING_PAYMENT"})]

    def step(self, name: str, reference: str, today: date) -> list[Told]:
        """A booking's status moves on."""
        stay, (allowed, status) = self._stay(reference), STEPS[name]
        if stay.status not in allowed:
            raise Refused("CONFLICT")
        told: list[Told] = []
        about = {"booking_id": reference}
        if name == "check_in":
            if stay.room is None or stay.room in self._occupied():
                raise Refused("CONFLICT")
            told.append(("BookingCheckedIn", {**about, "room_number": stay.room}))
        if name == "check_out":
            stay.left_on = today
            told.append(("BookingCheckedOut", {**about, "room_number": stay.room}))
        changed = {**about, "status": status, "previous_status": stay.status}
        stay.status = status
        return [*told, ("BookingStatusChanged", changed)]

    def assign(self, reference: str, room: str) -> list[Told]:
        """A booking is given a room of its type that is free for all its nights."""
        stay = self._stay(reference)
        if stay.status not in _BEFORE_THE_STAY:
            raise Refused("CONFLICT")
        if self.rooms[room] != stay.room_type:
            raise Refused("BAD_USER_INPUT", "roomId")
        wanted = Stay(stay.room_type, stay.arrival, stay.departure, room=room)
        if stay.room == room or self.taken(room, but_for=reference) & {*wanted.nights()}:
            raise Refused("CONFLICT")
        stay.room = room
        about = {"booking_id": reference, "room_number": room, "room_type": stay.room_type}
        return [("BookingRoomAssigned", about)]

    def clock(self, staff_id: int, action: str) -> list[Told]:
        """Somebody clocks in or out, or the other of the two than last."""
        is_on_duty = staff_id in self.on_duty
        if action == "toggle":
            action = "clock_out" if is_on_duty else "clock_in"
        if is_on_duty == (action == "clock_in"):
            raise Refused("CONFLICT")
        self.on_duty ^= {staff_id}
        about = {"staff_id": staff_id, "is_on_duty": action == "clock_in", "action": action}
        return [("ClockStatusUpdated", about)]

    def taken(self, room: str, *, but_for: str | None = None) -> set[date]:
        """Return the nights for which stays hold a room; no two may have one in common."""
        nights: set[date] = set()
        for reference, stay in self.stays.items():
            if stay.room == room and reference != but_for:
                held = {*stay.nights()}
                assert not held & nights, f"room {room} is held twice"
                nights |= held
        return nights

    def _occupied(self) -> set[str | None]:
        return {stay.room for stay in self.stays.values() if stay.status == "CHECKED_IN"}

    def _stay(self, reference: str) -> Stay:
        if reference not in self.stays:
            raise Refused("NOT_FOUND")
        return self.stays[reference]
