"""The migrations make the tables that the models describe, and keep the data of every earlier revision."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, insert, text
from sqlmodel import SQLModel

from hotelmate import migrations
from hotelmate.database import Database, take_turn
from hotelmate.events import log
from hotelmate.events.catalogue import OfferDeleted
from hotelmate.migrations import steps
from hotelmate.models import (
    AuditAction,
    AuditActor,
    AuditEntry,
    BridgeCursor,
    DeadLetter,
    Hotel,
    IdempotencyRecord,
    Shift,
    Staff,
)
from tests.databases import Rows, rows_of, tables_of

NOW = datetime.now(UTC)
REVISIONS = [
    script.revision for script in reversed(list(ScriptDirectory.from_config(steps.config()).walk_revisions()))
]


def test_the_files_name_the_revisions_in_their_order() -> None:
    folder = Path(migrations.__file__).parent / "versions"
    assert [path.stem.partition("_")[0] for path in sorted(folder.glob("[0-9]*.py"))] == REVISIONS
    assert migrations.newest() == REVISIONS[-1]


@pytest.fixture(scope="module")
def filled(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of the newest revision with rows in every table."""
    path = tmp_path_factory.mktemp("filled") / "hotelmate.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{path}")
    with database.transaction() as transaction:
        hotel = take_turn(transaction, 1)
        data = OfferDeleted(offer_id=99, offer_title="Gone", was_active=True)
        events = [log.record(transaction, hotel, data, at=NOW) for _ in range(3)]
        letter = {"hotel_id": 1, "channel": "hotel-killarney", "event_name": "offer-deleted", "error": "400"}
        transaction.add_all(
            [
                BridgeCursor(hotel_id=1, delivered_seq=2, lease_token=7, last_error="503"),
                DeadLetter(event_id=events[0].id, failed_at=NOW, **letter),
                Shift(staff_id=1, clock_in=NOW - timedelta(hours=2), clock_out=NOW),
                Shift(staff_id=2, clock_in=NOW),
                AuditEntry(
                    hotel_id=1,
                    occurred_at=NOW,
                    action=AuditAction.LOG_IN_FAILED,
                    actor=AuditActor.ANONYMOUS,
                    subject="anna",
                    address="192.0.2.7",
                ),
                IdempotencyRecord(
                    key_hash="a" * 64, fingerprint="b" * 64, outcomes='{"":{"value":1}}', created_at=NOW
                ),
            ]
        )
    database.close()
    return path


@pytest.mark.parametrize("revision", REVISIONS)
def test_an_upgrade_keeps_what_was_there_at_any_earlier_revision(
    revision: str, filled: Path, tmp_path: Path, empty_database: Database
) -> None:
    before = rows_at(revision, filled, tmp_path)
    assert [table for table, rows in before.items() if not rows] == []
    migrations.upgrade(empty_database, revision)
    put(empty_database.engine, before)
    migrations.upgrade(empty_database)
    after = rows_of(empty_database.engine)
    for table, rows in before.items():
        kept = [{column: row[column] for column in rows[0] if column in row} for row in after[table]]
        assert kept == [{column: row[column] for column in kept[0]} for row in rows], table
    with empty_database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []


def test_a_log_of_before_is_complete_from_the_upgrade_on(empty_database: Database) -> None:
    migrations.upgrade(empty_database, "0001")
    with empty_database.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO hotel (slug, name, is_active, sort_order, timezone, seq, epoch)"
                " VALUES ('cork', 'Hotel Cork', true, 0, 'UTC', 0, 'ab12cd34')"
            )
        )
    migrations.upgrade(empty_database)
    with empty_database.reading() as reading:
        hotel = reading.get_one(Hotel, 1)
        assert NOW <= hotel.log_complete_after <= datetime.now(UTC)


def test_images_keep_the_url_as_wide_as_a_page_that_used_to_be_guessed(
    filled: Path, tmp_path: Path, empty_database: Database
) -> None:
    ours, theirs = f"https://hotels.example/media/{'a' * 64}", "https://pictures.example/a.jpg"
    before = rows_at("0002", filled, tmp_path)
    killarney, dublin = before["hotel_settings"]
    killarney |= {"hero_image": f"{ours}.jpg", "landing_page_image": theirs}
    dublin |= {"hero_image": None, "landing_page_image": f"{ours}.png"}
    migrations.upgrade(empty_database, "0002")
    put(empty_database.engine, before)
    migrations.upgrade(empty_database)
    page_urls = [
        (settings["hero_image_page_url"], settings["landing_page_image_page_url"])
        for settings in rows_of(empty_database.engine)["hotel_settings"]
    ]
    assert page_urls == [(f"{ours}-1920.webp", None), (None, f"{ours}-1920.webp")]


def test_an_id_of_the_audit_is_not_given_out_again_after_an_upgrade(empty_database: Database) -> None:
    migrations.upgrade(empty_database, "0006")
    entry = (
        "INSERT INTO audit_entry (occurred_at, action, actor)"
        " VALUES ('2026-01-01 00:00:00', 'LOG_IN_FAILED', 'ANONYMOUS') RETURNING id"
    )
    with empty_database.engine.begin() as connection:
        given_out = [connection.execute(text(entry)).scalar_one() for _ in range(3)]
        connection.execute(text("DELETE FROM audit_entry"))
    migrations.upgrade(empty_database)
    with empty_database.engine.begin() as connection:
        assert connection.execute(text(entry)).scalar_one() == given_out[-1] + 1


def test_event_ids_go_beyond_32_bits(database: Database, killarney: Hotel) -> None:
    beyond = 2**31 + 1
    if database.is_sqlite:
        move = f"INSERT INTO sqlite_sequence (name, seq) VALUES ('event', {beyond - 1})"
    else:
        move = f"SELECT setval('event_id_seq', {beyond}, false)"
    with database.transaction() as transaction:
        transaction.execute(text(move))
        data = OfferDeleted(offer_id=99, offer_title="Gone", was_active=True)
        assert log.record(transaction, take_turn(transaction, killarney.id), data, at=NOW).id == beyond


def test_a_migrated_database_has_the_tables_of_the_models(database: Database) -> None:
    assert migrations.current(database) == migrations.newest()
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []


def test_upgrading_a_second_time_changes_nothing(database: Database) -> None:
    migrations.upgrade(database)
    assert migrations.current(database) == migrations.newest()
    with database.reading() as reading:
        assert reading.get_one(Staff, 1).first_name == "Anna"


def rows_at(revision: str, filled: Path, folder: Path) -> Rows:
    """What a database of a revision holds: all of the newest one's that there was a place for then."""
    path = folder / "then.sqlite3"
    path.write_bytes(filled.read_bytes())
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        command.downgrade(steps.config(connection), revision)
    rows = rows_of(engine)
    engine.dispose()
    return rows


def put(engine: Engine, rows: Rows) -> None:
    with engine.begin() as connection:
        for table in tables_of(connection):
            connection.execute(insert(table), list(rows[table.name]))
