"""Logging in gives a token that opens the house until the session ends."""

from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlmodel import select

from hotelmate.database import Database
from hotelmate.errors import BadUserInput, RateLimited, Unauthenticated
from hotelmate.identity import passwords, sessions
from hotelmate.identity.actors import Anonymous, StaffActor
from hotelmate.identity.passwords import hash_password, needs_rehash, verify_password
from hotelmate.identity.rates import Action, Rates
from hotelmate.identity.rights import SessionEnded
from hotelmate.models import LoginSession, User
from hotelmate.resolvers.accounts import LoggedIn, WrongCredentials, log_in, log_out
from tests.resolvers.steps import AT, change, look, refused

HOUR = timedelta(hours=1)
FREE = Rates({}, key="test").of_address(None)


def as_anna(database: Database, password: str = "demo") -> LoggedIn:
    return log_in(database, "anna", password, allowance=FREE, lifetime=HOUR, at=AT)


def set_hash(database: Database, password_hash: str) -> None:
    with database.transaction() as transaction:
        user = transaction.exec(select(User).where(User.username == "anna")).one()
        user.password_hash = password_hash


def session_count(database: Database) -> int:
    with database.reading() as reading:
        return len(reading.exec(select(LoginSession)).all())


def test_logging_in_begins_a_session_that_lasts_its_time(database: Database, anna: StaffActor) -> None:
    session = as_anna(database)
    assert (session.staff.id, session.expires_at) == (
        anna.staff_id,
        datetime(2040, 6, 15, 10, 30, tzinfo=UTC),
    )
    actor = look(database, sessions.find, session.token, at=AT)
    assert actor is not None
    assert (actor.staff_id, actor.hotel_id, actor.expires_at) == (
        anna.staff_id,
        anna.hotel_id,
        AT + HOUR,
    )


def test_a_wrong_name_and_a_wrong_password_are_refused_in_the_same_words(database: Database) -> None:
    for username, password in [
        ("anna", "wrong"),
        ("nobody", "demo"),
        ("Anna", "demo"),
        ("anna", ""),
        ("", ""),
    ]:
        with pytest.raises(WrongCredentials) as raised:
            log_in(database, username, password, allowance=FREE, lifetime=HOUR, at=AT)
        assert (raised.value.code, raised.value.message) == (
            "UNAUTHENTICATED",
            "The user name or the password is wrong.",
        )
    assert session_count(database) == 3


def test_a_user_who_is_not_active_is_refused_like_a_wrong_password(database: Database) -> None:
    with database.transaction() as transaction:
        transaction.exec(select(User).where(User.username == "anna")).one().is_active = False
    with pytest.raises(WrongCredentials):
        as_anna(database)
    assert session_count(database) == 3


def test_a_name_that_nobody_can_have_is_bad_input(database: Database) -> None:
    for name in ["\0", "\ud800", "a" * 151]:
        with refused(database, BadUserInput, field="username"):
            log_in(database, name, "demo", allowance=FREE, lifetime=HOUR, at=AT)


def test_a_password_that_nobody_can_have_is_bad_input(database: Database) -> None:
    for password in ["\0", "\ud800", "a" * 1001]:
        with refused(database, BadUserInput, field="password"):
            as_anna(database, password)


def test_a_password_that_is_kept_in_an_old_way_is_kept_in_todays_after_a_log_in(database: Database) -> None:
    set_hash(database, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("demo"))
    as_anna(database)
    with database.reading() as reading:
        kept = reading.exec(select(User.password_hash).where(User.username == "anna")).one()
    assert not needs_rehash(kept)
    assert verify_password("demo", kept)


def test_a_password_that_is_changed_while_it_is_checked_is_wrong(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify = passwords.verify_password

    def verify_while_it_changes(password: str, kept: str | None) -> bool:
        set_hash(database, hash_password("another"))
        return verify(password, kept)

    monkeypatch.setattr(passwords, "verify_password", verify_while_it_changes)
    with pytest.raises(WrongCredentials):
        as_anna(database)
    assert session_count(database) == 3


def test_logging_out_ends_this_session_and_no_other(database: Database) -> None:
    announced: list[object] = []
    database.on_commit(announced.extend)
    session, other = as_anna(database), as_anna(database)
    actor = look(database, sessions.find, session.token, at=AT)
    assert actor is not None
    change(database, log_out, actor)
    assert look(database, sessions.find, session.token, at=AT) is None
    assert look(database, sessions.find, other.token, at=AT) is not None
    assert announced == [SessionEnded(actor.session_id)]


def test_only_staff_can_log_out(database: Database) -> None:
    with refused(database, Unauthenticated):
        change(database, log_out, Anonymous())


def test_one_attempt_too_many_is_not_looked_at_though_it_is_right(sqlite_database: Database) -> None:
    allowance = Rates({Action.LOG_IN: "1/hour"}, key="test").of_address("192.0.2.1")
    with pytest.raises(WrongCredentials):
        log_in(sqlite_database, "anna", "guess", allowance=allowance, lifetime=HOUR, at=AT)
    with pytest.raises(RateLimited):
        log_in(sqlite_database, "anna", "demo", allowance=allowance, lifetime=HOUR, at=AT)
