"""A session is looked up once in some seconds, and forgotten the moment it ends."""

from datetime import UTC, datetime, timedelta

import pytest

from hotelmate.database import Database
from hotelmate.identity import known_sessions, sessions
from hotelmate.identity.actors import Anonymous, GuestActor, StaffActor
from hotelmate.identity.known_sessions import KnownSessions
from hotelmate.identity.rights import SessionEnded

AT = datetime(2026, 3, 1, tzinfo=UTC)
ANNA = StaffActor(session_id=1, staff_id=1, user_id=1, hotel_id=1, expires_at=AT + timedelta(hours=1))


@pytest.fixture
def known(sqlite_database: Database) -> KnownSessions:
    return KnownSessions(sqlite_database)


def test_whoever_was_looked_up_is_known_by_the_same_credentials_only(known: KnownSessions) -> None:
    known.keep("Token a", ANNA)
    assert known.get("Token a", at=AT) == ANNA
    assert known.get("Token b", at=AT) is None


def test_guests_and_strangers_are_looked_up_each_time(known: KnownSessions) -> None:
    known.keep("GuestToken g", GuestActor("BK-2026-0001", 1, "nonce"))
    known.keep("Token x", Anonymous())
    assert known.get("GuestToken g", at=AT) is None
    assert known.get("Token x", at=AT) is None


def test_nobody_is_known_for_longer_than_some_seconds(
    known: KnownSessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_sessions, "KNOWN_SECONDS", -1.0)
    known.keep("Token a", ANNA)
    assert known.get("Token a", at=AT) is None


def test_nobody_is_known_beyond_the_sessions_own_end(known: KnownSessions) -> None:
    known.keep("Token a", ANNA)
    assert known.get("Token a", at=AT + timedelta(hours=1)) is None


def test_a_session_that_ends_is_forgotten_before_the_transaction_returns(
    sqlite_database: Database, known: KnownSessions
) -> None:
    now = datetime.now(UTC)
    with sqlite_database.reading() as reading:
        anna = sessions.find(reading, "demo-anna", at=now)
        ben = sessions.find(reading, "demo-ben", at=now)
    assert anna is not None
    assert ben is not None
    known.keep("Token demo-anna", anna)
    known.keep("Bearer demo-anna", anna)
    known.keep("Token demo-ben", ben)
    with sqlite_database.transaction() as transaction:
        sessions.end(transaction, anna.session_id)
    assert known.get("Token demo-anna", at=now) is None
    assert known.get("Bearer demo-anna", at=now) is None
    assert known.get("Token demo-ben", at=now) == ben


def test_a_session_that_ended_while_it_was_looked_up_is_not_kept(known: KnownSessions) -> None:
    known.end(SessionEnded(1))
    known.keep("Token a", ANNA)
    assert known.get("Token a", at=AT) is None


def test_of_many_sessions_the_ones_kept_last_are_known(
    known: KnownSessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_sessions, "_MOST_KNOWN", 2)
    for credentials in ("Token a", "Token b", "Token c"):
        known.keep(credentials, ANNA)
    assert [known.get(credentials, at=AT) for credentials in ("Token a", "Token b", "Token c")] == [
        None,
        ANNA,
        ANNA,
    ]
