"""Somebody who leaves the staff is gone at once, and what they did stays."""

from datetime import timedelta

import pytest

from hotelmate.database import Database
from hotelmate.errors import NotFound, Refused
from hotelmate.events import log
from hotelmate.events.catalogue import ClockAction, ClockStatusUpdated
from hotelmate.identity import sessions
from hotelmate.identity.actors import StaffActor
from hotelmate.identity.rates import Rates
from hotelmate.identity.rights import SessionEnded
from hotelmate.models import Hotel
from hotelmate.resolvers.accounts import WrongCredentials, log_in
from hotelmate.resolvers.administration.staff import (
    NotRemoved,
    Removed,
    issue_token,
    remove_staff,
    restore_staff,
    set_password,
    staff_of,
)
from hotelmate.resolvers.clocking import (
    NotOnTheStaff,
    clock_in,
    clock_out,
    shift_page,
    staff_by_id,
    staff_page,
    toggle_clock,
)
from tests.resolvers.steps import AT, change, look, refused

HOUR = timedelta(hours=1)
DAYS = timedelta(days=30)


def listed(database: Database, actor: StaffActor) -> list[str]:
    page = look(database, staff_page, actor, on_duty=None, first=10, after=None)
    return [staff.first_name for staff in page.rows]


def try_password(database: Database) -> None:
    allowance = Rates({}, key="").of_address(None)
    log_in(database, "anna", "demo", allowance=allowance, lifetime=HOUR, at=AT)


def test_who_is_removed_is_clocked_out_and_gone_but_not_what_they_did(
    database: Database, killarney: Hotel, anna: StaffActor, ben: StaffActor
) -> None:
    change(database, clock_in, anna, at=AT)
    removed = change(database, remove_staff, "anna", at=AT + HOUR)
    assert removed.clocked_out
    assert listed(database, ben) == ["Ben"]
    [shift] = look(
        database, shift_page, ben, staff_id=anna.staff_id, since=AT, until=None, first=10, after=None
    ).rows
    assert (shift.clock_in, shift.clock_out) == (AT, AT + HOUR)
    assert look(database, staff_by_id, [anna.staff_id])[anna.staff_id].first_name == "Anna"
    last = look(database, log.read, killarney.id, after=0, limit=10)[-1]
    assert isinstance(last.data, ClockStatusUpdated)
    assert (last.data.action, last.data.staff_id) == (ClockAction.CLOCK_OUT, anna.staff_id)
    assert [(user.username, user.is_active) for user, _ in look(database, staff_of, "killarney")] == [
        ("anna", False),
        ("ben", True),
    ]


def test_every_session_of_who_is_removed_ends_and_nobody_elses(
    database: Database, anna: StaffActor, ben: StaffActor
) -> None:
    told: list[object] = []
    tokens = [change(database, issue_token, "anna", lifetime=DAYS, at=AT)[0] for _ in range(2)]
    bens, _ = change(database, issue_token, "ben", lifetime=DAYS, at=AT)
    ended = [look(database, sessions.find, token, at=AT) for token in tokens]
    database.on_commit(told.extend)
    removed = change(database, remove_staff, "anna", at=AT)
    assert removed.sessions_ended >= len(tokens)
    assert not removed.clocked_out
    for token, session in zip(tokens, ended, strict=True):
        assert look(database, sessions.find, token, at=AT) is None
        assert session is not None
        assert SessionEnded(session.session_id) in told
    assert look(database, sessions.find, bens, at=AT) is not None
    assert change(database, remove_staff, "anna", at=AT) == Removed(sessions_ended=0, clocked_out=False)


def test_nobody_logs_in_as_who_was_removed_until_they_are_taken_back(
    database: Database, anna: StaffActor, ben: StaffActor
) -> None:
    with refused(database, NotRemoved):
        change(database, restore_staff, "anna")
    change(database, remove_staff, "anna", at=AT)
    with pytest.raises(WrongCredentials):
        try_password(database)
    for operation in (
        lambda: change(database, issue_token, "anna", lifetime=HOUR, at=AT),
        lambda: change(database, set_password, "anna", "another password"),
    ):
        with pytest.raises(NotFound, match="hotelmate staff restore anna"):
            operation()
    change(database, restore_staff, "anna")
    try_password(database)
    assert listed(database, ben) == ["Anna", "Ben"]


def test_who_was_removed_after_the_session_was_looked_up_does_not_clock(
    database: Database, anna: StaffActor
) -> None:
    change(database, remove_staff, "anna", at=AT)
    for clock in (clock_in, clock_out, toggle_clock):
        with refused(database, NotOnTheStaff):
            change(database, clock, anna, at=AT + HOUR)


def test_who_is_nobody_cannot_be_removed(database: Database) -> None:
    for operation in (
        lambda: change(database, remove_staff, "erik", at=AT),
        lambda: change(database, restore_staff, "erik"),
    ):
        with pytest.raises(Refused, match="erik"):
            operation()
