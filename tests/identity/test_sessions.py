"""A session's token opens the house until it expires or is ended, and is kept nowhere."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from hotelmate.database import Database
from hotelmate.identity import sessions
from hotelmate.identity.actors import StaffActor
from hotelmate.identity.rights import SessionEnded
from hotelmate.models import Hotel, LoginSession, Staff, User

AT = datetime(2040, 6, 15, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def anna(database: Database) -> Staff:
    with database.reading() as reading:
        return reading.exec(select(Staff).where(Staff.first_name == "Anna")).one()


def start(database: Database, staff: Staff, *, at: datetime = AT, token: str | None = None) -> str:
    with database.transaction() as transaction:
        return sessions.start(transaction, staff, lifetime=HOUR, at=at, token=token)[0]


def find(database: Database, token: str, *, at: datetime = AT) -> StaffActor | None:
    with database.reading() as reading:
        return sessions.find(reading, token, at=at)


def kept(database: Database) -> list[LoginSession]:
    with database.reading() as reading:
        return list(reading.exec(select(LoginSession).order_by("id")))


def test_a_token_names_its_staff_member(database: Database, killarney: Hotel, anna: Staff) -> None:
    token = start(database, anna)
    [*_, session] = kept(database)
    assert find(database, token) == StaffActor(
        session_id=session.id,
        staff_id=anna.id,
        user_id=anna.user_id,
        hotel_id=killarney.id,
        expires_at=datetime(2040, 6, 15, 10, 30, tzinfo=UTC),
    )


def test_tokens_are_random_and_kept_only_as_hashes(database: Database, anna: Staff) -> None:
    tokens = {start(database, anna) for _ in range(10)}
    assert len(tokens) == 10
    assert min(len(token) for token in tokens) == 43
    everything_kept = repr([session.model_dump() for session in kept(database)])
    assert not any(token in everything_kept for token in tokens)


def test_a_token_that_must_be_known_beforehand_can_be_given(database: Database, anna: Staff) -> None:
    assert start(database, anna, token="demo-again") == "demo-again"
    assert find(database, "demo-again") is not None


def test_a_session_works_until_the_very_moment_at_which_it_expires(database: Database, anna: Staff) -> None:
    token = start(database, anna)
    assert find(database, token, at=AT + HOUR - timedelta(microseconds=1)) is not None
    assert find(database, token, at=AT + HOUR) is None


def test_what_is_no_token_names_nobody(database: Database, anna: Staff) -> None:
    token = start(database, anna)
    for wrong in ("", token[:-1], token.swapcase(), "\0", "\ud800", kept(database)[-1].token_hash):
        assert find(database, wrong) is None


def test_an_ended_session_opens_nothing_and_tells_that_it_ended(database: Database, anna: Staff) -> None:
    announced: list[object] = []
    database.on_commit(announced.extend)
    token, other = start(database, anna), start(database, anna)
    actor = find(database, token)
    assert actor is not None
    with database.transaction() as transaction:
        sessions.end(transaction, actor.session_id)
    assert find(database, token) is None
    assert find(database, other) is not None
    assert announced == [SessionEnded(actor.session_id)]


def test_the_sessions_of_a_user_who_is_not_active_open_nothing(database: Database, anna: Staff) -> None:
    token = start(database, anna)
    with database.transaction() as transaction:
        transaction.get_one(User, anna.user_id).is_active = False
    assert find(database, token) is None


def test_sessions_that_have_expired_are_removed_when_another_begins(database: Database, anna: Staff) -> None:
    # The demo's sessions expired years before; each of these lasts an hour.
    start(database, anna)
    assert len(kept(database)) == 1
    start(database, anna, at=AT + HOUR)
    assert len(kept(database)) == 2
    start(database, anna, at=AT + HOUR + timedelta(microseconds=1))
    assert len(kept(database)) == 2


def test_a_sessions_id_is_never_given_again(database: Database, anna: Staff) -> None:
    first = find(database, start(database, anna))
    assert first is not None
    with database.transaction() as transaction:
        sessions.end(transaction, first.session_id)
    second = find(database, start(database, anna))
    assert second is not None
    assert second.session_id > first.session_id
