"""Whatever is asked for, in whatever order, comes out as the contract says, and the log tells just that."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from hotelmate.database import Database
from tests.invariants.contract import STEPS, House, Refused, Told
from tests.invariants.hotels import LIVES, MIDNIGHT, NOWHERE, ROOMS, SEED, LiveHotel, outcome, stay

_STEPS_IN_A_LIFE = 40


class Life(RuleBasedStateMachine):
    """A hotel from its opening on, and beside it the house as the contract has it."""

    references = Bundle("references")

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.hotel = LiveHotel(database, staff=2)
        self.house = House(ROOMS)
        self.at = MIDNIGHT
        self.told: list[Told] = []

    @initialize(target=references)
    def nobody_has_booked(self) -> str:
        return NOWHERE

    @rule(
        target=references,
        room_type=st.sampled_from(sorted({*ROOMS.values()})),
        days_ahead=st.integers(0, 2),
        nights=st.integers(1, 3),
    )
    def book(self, room_type: str, days_ahead: int, nights: int) -> str:
        arrival = self.at.date() + timedelta(days=days_ahead)
        reference = self.hotel.book(room_type, arrival, nights, at=self.at)
        self._expect(self.house.book(reference, stay(room_type, arrival, nights)))
        return reference

    @rule(name=st.sampled_from(sorted(STEPS)), reference=references, of=st.integers(0, 1))
    def step(self, name: str, reference: str, of: int) -> None:
        self._both(
            partial(self.hotel.step, name, self.hotel.staff[of], reference, at=self.at),
            partial(self.house.step, name, reference, self.at.date()),
        )

    @rule(reference=references, room=st.sampled_from(sorted(ROOMS)))
    def assign(self, reference: str, room: str) -> None:
        self._both(
            partial(self.hotel.assign, self.hotel.staff[0], reference, room, at=self.at),
            partial(self.house.assign, reference, room),
        )

    @rule(
        target=references,
        room=st.sampled_from(sorted(ROOMS)),
        nights=st.integers(1, 3),
        has_arrived=st.booleans(),
    )
    def bring_in(self, room: str, nights: int, has_arrived: bool) -> str:
        """Somebody books and is given a room: few come so far by chance."""
        reference = self.book(ROOMS[room], 0, nights)
        self.assign(reference, room)
        self.step("confirm", reference, 0)
        if has_arrived:
            self.step("check_in", reference, 0)
        return reference

    @precondition(lambda self: self._lodged())
    @rule(
        target=references,
        place=st.integers(0, 99),
        ends=st.booleans(),
        is_over=st.booleans(),
        before_arrival=st.sampled_from(("cancel", "no_show")),
        nights=st.integers(1, 3),
    )
    def want_the_room_of_another(
        self, place: int, ends: bool, is_over: bool, before_arrival: str, nights: int
    ) -> str:
        """Somebody asks for the room of a stay that has ended, or of one that should have."""
        lodged = self._lodged()
        reference = lodged[place % len(lodged)]
        other = self.house.stays[reference]
        if is_over:
            self.at = max(self.at, datetime.combine(other.departure, MIDNIGHT.timetz()))
        if ends:
            self.step("check_out" if other.status == "CHECKED_IN" else before_arrival, reference, 0)
        assert other.room is not None
        return self.bring_in(other.room, nights, True)

    @rule(action=st.sampled_from(("clock_in", "clock_out", "toggle")), of=st.integers(0, 1))
    def clock(self, action: str, of: int) -> None:
        actor = self.hotel.staff[of]
        self._both(
            partial(self.hotel.clock, actor, action, at=self.at),
            partial(self.house.clock, actor.staff_id, action),
        )

    @rule(hours=st.integers(1, 60))
    def wait(self, hours: int) -> None:
        self.at += timedelta(hours=hours)

    def _lodged(self) -> list[str]:
        """The stays that have a room and are not over."""
        return [
            reference
            for reference, stay in self.house.stays.items()
            if stay.room is not None and stay.status in {"PENDING_PAYMENT", "CONFIRMED", "CHECKED_IN"}
        ]

    def teardown(self) -> None:
        assert self.hotel.log() == self.told
        self.hotel.check(self.house)

    def _both(self, ask: Callable[[], object], contract: Callable[[], list[Told]]) -> None:
        """Have the contract decide, then see the operation decide the same."""
        expected, told = None, []
        try:
            told = contract()
        except Refused as refused:
            expected = refused.code, refused.field
        assert outcome(ask) == expected
        self._expect(told)

    def _expect(self, told: Sequence[Told]) -> None:
        assert self.hotel.log(after=len(self.told)) == told
        self.told += told


def test_a_hotel_lives_by_the_contract(database: Database) -> None:
    print(f"seed {SEED}")
    run_state_machine_as_test(
        seed(SEED)(partial(Life, database)),
        settings=settings(
            max_examples=LIVES,
            stateful_step_count=_STEPS_IN_A_LIFE,
            database=None,
            deadline=None,
            # A failing life is told as it was: to find the shortest takes minutes.
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
