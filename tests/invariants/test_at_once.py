"""Whatever many ask for at once comes out as if they had asked one after the other: as the log has it."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

from hotelmate.database import Database
from tests.invariants.contract import STEPS, House, Told
from tests.invariants.hotels import LIVES, MIDNIGHT, ROOMS, SEED, LiveHotel, outcome, stay
from tests.resolvers.steps import at_once

_CALLERS = 4
_WISHES = 12
_STAYS = 5

Wish = tuple[str, Callable[[], None]]
"""What somebody will ask for, and its name as far as the log tells it apart."""

_STEP_TO = {status: name for name, (_, status) in STEPS.items()}


def test_what_many_do_at_once_is_what_the_log_tells(database: Database) -> None:
    print(f"seed {SEED}")
    for life in range(LIVES):
        chance = random.Random(f"{SEED} {life}")
        hotel = LiveHotel(database, staff=2)
        house = House(ROOMS)
        references = _book(hotel, house, chance)
        log_begins = len(references)
        wishes = [[_wish(hotel, references, chance) for _ in range(_WISHES)] for _ in range(_CALLERS)]
        done: Counter[str] = Counter()
        for of_caller in at_once(*(partial(_fulfilled, of_caller) for of_caller in wishes)):
            assert isinstance(of_caller, Counter), of_caller
            done += of_caller
        assert _replayed(house, hotel.log(after=log_begins)) == done
        hotel.check(house)


def _replayed(house: House, log: Sequence[Told]) -> Counter[str]:
    """Have the house go through what the log tells, each step of which the contract has to allow."""
    done: Counter[str] = Counter()
    told = 0
    while told < len(log):
        name, carry_out = _step_of(house, log[told])
        done[name] += 1
        # Of one step everything is told before anything of the next.
        expected = carry_out()
        assert list(log[told : told + len(expected)]) == expected
        told += len(expected)
    return done


def _step_of(house: House, told: Told) -> tuple[str, Callable[[], list[Told]]]:
    """Return which step an event is the first of, and what carries it out in the house."""
    kind, content = told
    today = MIDNIGHT.date()
    reference = str(content.get("booking_id"))
    match kind:
        case "ClockStatusUpdated":
            return "clock", partial(house.clock, int(str(content["staff_id"])), str(content["action"]))
        case "BookingRoomAssigned":
            return "assign", partial(house.assign, reference, str(content["room_number"]))
        case "BookingCheckedIn":
            name = "check_in"
        case "BookingCheckedOut":
            name = "check_out"
        case _:
            name = _STEP_TO[str(content["status"])]
    return name, partial(house.step, name, reference, today)


def _book(hotel: LiveHotel, house: House, chance: random.Random) -> Sequence[str]:
    references = []
    for _ in range(_STAYS):
        room_type = chance.choice(sorted({*ROOMS.values()}))
        arrival, nights = MIDNIGHT.date() + timedelta(days=chance.randrange(3)), chance.randrange(1, 4)
        references.append(hotel.book(room_type, arrival, nights, at=MIDNIGHT))
        house.book(references[-1], stay(room_type, arrival, nights))
    return references


def _wish(hotel: LiveHotel, references: Sequence[str], chance: random.Random) -> Wish:
    actor, reference = chance.choice(hotel.staff), chance.choice(references)
    name = chance.choice((*("confirm",) * 3, *("assign",) * 6, *("check_in",) * 3, "clock", *STEPS))
    if name == "assign":
        return name, partial(hotel.assign, actor, reference, chance.choice(sorted(ROOMS)), at=MIDNIGHT)
    if name == "clock":
        action = chance.choice(("clock_in", "clock_out", "toggle"))
        return name, partial(hotel.clock, actor, action, at=MIDNIGHT)
    return name, partial(hotel.step, name, actor, reference, at=MIDNIGHT)


def _fulfilled(wishes: Sequence[Wish]) -> Counter[str]:
    """Ask for one after the other, and count what is not refused."""
    return Counter(name for name, ask in wishes if outcome(ask) is None)
